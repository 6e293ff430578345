"""A chain of batched products, written as one einsum."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from workloads.workload import Functions, Workload

__all__ = ["WORKLOADS"]

CHAIN = "bij,bjk,bkl->bil"


@dataclass(frozen=True)
class EinsumChain(Workload):
    batch: int = 16
    side: int = 64
    name = "einsum chain"

    def small(self) -> Workload:
        return EinsumChain(3, 5)

    @property
    def size(self) -> str:
        return f"{CHAIN}, {self.batch} of {self.side} x {self.side}"

    def inputs(self, draw: np.random.Generator) -> tuple[Any, ...]:
        return tuple(draw.standard_normal((self.batch, self.side, self.side), np.float32) for _ in range(3))

    def reference(self, x: Any, y: Any, z: Any) -> Any:
        return x @ y @ z

    def accel(self, xp: Any) -> Callable[..., Any] | None:
        op = getattr(xp.extra, "einsum", None)
        return op and (lambda x, y, z: op(CHAIN, x, y, z))

    def numpy(self) -> Functions:
        def tuned(x: Any, y: Any, z: Any) -> Any:
            return (x @ y) @ z

        return {
            "NumPy": lambda x, y, z: np.einsum(CHAIN, x, y, z),
            "NumPy, einsum optimize": lambda x, y, z: np.einsum(CHAIN, x, y, z, optimize=True),
            "NumPy, tuned: two products": tuned,
        }

    def keras(self, ops: Any) -> Functions:
        return {"": lambda x, y, z: ops.einsum(CHAIN, x, y, z)}

    def jax(self) -> Functions:
        import jax.numpy as jnp

        return {
            "jax.numpy": lambda x, y, z: jnp.einsum(CHAIN, x, y, z),
            "jax.numpy, two products": lambda x, y, z: (x @ y) @ z,
        }

    def torch(self) -> Functions:
        import torch  # pyright: ignore[reportMissingImports]

        return {"": lambda x, y, z: torch.einsum(CHAIN, x, y, z)}


WORKLOADS = (EinsumChain(),)
