"""Rotary embedding of positions, with tables of cosines and sines."""

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
        return f"Batch {self.batch}, {self.heads} heads, {self.steps} steps, {self.features} features, with tables"

    def inputs(self, draw: np.random.Generator) -> tuple[Any, ...]:
        half = self.features // 2
        angles = np.arange(self.steps)[:, None] * 10_000.0 ** (-np.arange(half) / half)
        x = draw.standard_normal((self.batch, self.heads, self.steps, self.features), np.float32)
        return x, np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)

    def reference(self, x: Any, cos: Any, sin: Any) -> Any:
        first, second = np.split(x, 2, axis=-1)
        return np.concatenate([first * cos - second * sin, second * cos + first * sin], axis=-1)

    def accel(self, xp: Any) -> Callable[..., Any] | None:
        op = getattr(xp.nn, "rotary_embedding", None)
        return op and (lambda x, cos, sin: op(x, cos=cos, sin=sin))

    def numpy(self) -> Functions:
        def tuned(x: Any, cos: Any, sin: Any) -> Any:
            out = np.empty_like(x)
            half = x.shape[-1] // 2
            sources, targets = (each.reshape(-1, *each.shape[-2:]) for each in (x, out))
            # Both halves at once, with tables as wide as the features; what belongs to the other half is a second product.
            wide = np.concatenate([cos, cos], axis=-1)
            other = np.concatenate([-sin, sin], axis=-1)
            room = np.empty(x.shape[-2:], x.dtype)
            for source, to in zip(sources, targets, strict=True):
                np.multiply(source, wide, out=to)
                np.multiply(source[:, half:], other[:, :half], out=room[:, :half])
                np.multiply(source[:, :half], other[:, half:], out=room[:, half:])
                to += room
            return out

        return {"NumPy": self.reference, "NumPy, tuned: blocks, in place": tuned}

    def keras(self, ops: Any) -> Functions:
        def written(x: Any, cos: Any, sin: Any) -> Any:
            first, second = ops.split(x, 2, axis=-1)
            return ops.concatenate([first * cos - second * sin, second * cos + first * sin], axis=-1)

        return {"": written}

    def jax(self) -> Functions:
        import jax.numpy as jnp

        def written(x: Any, cos: Any, sin: Any) -> Any:
            first, second = jnp.split(x, 2, axis=-1)
            return jnp.concatenate([first * cos - second * sin, second * cos + first * sin], axis=-1)

        return {"jax.numpy": written}

    def torch(self) -> Functions:
        import torch  # pyright: ignore[reportMissingImports]

        def written(x: Any, cos: Any, sin: Any) -> Any:
            first, second = x.chunk(2, -1)
            return torch.cat([first * cos - second * sin, second * cos + first * sin], -1)

        return {"": written}


WORKLOADS = (Rotary(),)
