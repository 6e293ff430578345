"""A multi-layer perceptron, forwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from workloads.workload import Functions, Workload

__all__ = ["WORKLOADS"]


@dataclass(frozen=True)
class MLP(Workload):
    batch: int = 256
    inner: int = 784
    hidden: int = 512
    outer: int = 10
    name = "MLP"

    def small(self) -> Workload:
        return MLP(9, 20, 12, 3)

    @property
    def size(self) -> str:
        return f"({self.batch}, {self.inner}) to {self.hidden} to {self.outer}, relu between"

    def inputs(self, draw: np.random.Generator) -> tuple[Any, ...]:
        shapes = (
            (self.batch, self.inner),
            (self.inner, self.hidden),
            (self.hidden,),
            (self.hidden, self.outer),
            (self.outer,),
        )
        return tuple(draw.standard_normal(shape, np.float32) for shape in shapes)

    def reference(self, x: Any, w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
        return np.maximum(x @ w1 + b1, 0) @ w2 + b2

    def accel(self, xp: Any) -> Callable[..., Any] | None:
        relu = getattr(xp.nn, "relu", None)
        if relu is None:
            return None
        return lambda x, w1, b1, w2, b2: xp.matmul(relu(xp.matmul(x, w1) + b1), w2) + b2

    def numpy(self) -> Functions:
        def plain(x: Any, w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
            return np.maximum(x @ w1 + b1, 0) @ w2 + b2

        def tuned(x: Any, w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
            hidden = x @ w1
            hidden += b1
            np.maximum(hidden, 0, out=hidden)
            out = hidden @ w2
            out += b2
            return out

        return {"NumPy": plain, "NumPy, tuned: in place": tuned}

    def keras(self, ops: Any) -> Functions:
        return {
            "": lambda x, w1, b1, w2, b2: ops.matmul(ops.relu(ops.matmul(x, w1) + b1), w2) + b2,
        }

    def jax(self) -> Functions:
        import jax

        return {"jax.nn": lambda x, w1, b1, w2, b2: jax.nn.relu(x @ w1 + b1) @ w2 + b2}

    def torch(self) -> Functions:
        import torch  # pyright: ignore[reportMissingImports]

        return {"": lambda x, w1, b1, w2, b2: torch.addmm(b2, torch.relu(torch.addmm(b1, x, w1)), w2)}


WORKLOADS = (MLP(),)
