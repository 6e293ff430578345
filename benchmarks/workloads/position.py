"""Rotary embedding of positions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from workloads.workload import Functions, Workload

__all__ = ["WORKLOADS"]


@dataclass(frozen=True)
class Rotary(Workload):
    batch: int = 4
    heads: int = 8
    steps: int = 256
    features: int = 64
    name = "rotary embedding"

    def small(self) -> Workload:
        return Rotary(2, 3, 9, 8)

    @property
    def size(self) -> str:
        return f"batch {self.batch}, {self.heads} heads, {self.steps} steps, {self.features} features"

    def inputs(self, draw: np.random.Generator) -> tuple[Any, ...]:
        return (draw.standard_normal((self.batch, self.heads, self.steps, self.features), np.float32),)


WORKLOADS: tuple[Workload, ...] = ()
