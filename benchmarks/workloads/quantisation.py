"""A matrix product with weights of 8 bits."""

from __future__ import annotations

from workloads.workload import Workload

__all__ = ["WORKLOADS"]

WORKLOADS: tuple[Workload, ...] = ()
