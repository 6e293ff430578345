"""Workloads: whole computations, written for each library as its users write them, checked, timed and weighed side by side.

`python -m workloads` (in `benchmarks/`) measures all of them and writes the page; `nox -s workloads` does it in an environment of its own.
"""

from __future__ import annotations

from workloads import (
    activation,
    attention,
    contraction,
    convolution,
    distance,
    loss,
    network,
    normalisation,
    position,
    probability,
    quantisation,
    sampling,
)
from workloads.workload import Workload

__all__ = ["ALL", "Workload", "named"]

ALL: tuple[Workload, ...] = tuple(
    workload
    for chapter in (
        probability,
        normalisation,
        activation,
        attention,
        distance,
        network,
        convolution,
        contraction,
        position,
        loss,
        quantisation,
        sampling,
    )
    for workload in chapter.WORKLOADS
)
"""Every workload, in the order of the page."""


def named(name: str) -> Workload:
    """Find a workload."""
    return next(each for each in ALL if each.name == name)
