"""A matrix product with weights of 8 bits, one scale for each channel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from workloads.workload import Functions, Workload

__all__ = ["WORKLOADS"]

CHANNELS = 64
"""Channels of a block: with 1024 features of float32, 256 KiB."""


@dataclass(frozen=True)
class QuantisedMatmul(Workload):
    rows: int = 256
    features: int = 1024
    channels: int = 1024
    name = "int8 product"

    def small(self) -> Workload:
        return QuantisedMatmul(5, 33, 70)

    @property
    def size(self) -> str:
        return f"({self.rows}, {self.features}) of float32 and ({self.channels}, {self.features}) of int8"

    def inputs(self, draw: np.random.Generator) -> tuple[Any, ...]:
        return (
            draw.standard_normal((self.rows, self.features), np.float32),
            draw.integers(-127, 128, (self.channels, self.features), np.int8),
            draw.random((self.channels, 1), np.float32),
        )

    def reference(self, x: Any, values: Any, scale: Any) -> Any:
        return x @ (values * scale).T

    def accel(self, xp: Any) -> Callable[..., Any] | None:
        return getattr(xp.nn, "quantised_matmul", None)

    def numpy(self) -> Functions:
        def plain(x: Any, values: Any, scale: Any) -> Any:
            return x @ (values * scale).T

        def tuned(x: Any, values: Any, scale: Any) -> Any:
            out = np.empty((len(x), len(values)), x.dtype)
            room = np.empty((CHANNELS, x.shape[-1]), x.dtype)
            for start in range(0, len(values), CHANNELS):
                block = values[start : start + CHANNELS]
                weight = room[: len(block)]
                np.multiply(block, scale[start : start + CHANNELS], out=weight)
                np.matmul(x, weight.T, out=out[:, start : start + CHANNELS])
            return out

        def whole(x: Any, values: Any, scale: Any) -> Any:
            out = x @ values.astype(x.dtype).T
            out *= scale[:, 0]
            return out

        return {
            "NumPy": plain,
            "NumPy, tuned: blocks of channels": tuned,
            "NumPy, tuned: scales afterwards": whole,
        }

    def keras(self, ops: Any) -> Functions:
        def written(x: Any, values: Any, scale: Any) -> Any:
            return ops.matmul(x, ops.transpose(ops.cast(values, "float32") * scale))

        return {"": written}

    def jax(self) -> Functions:
        import jax.numpy as jnp

        return {
            "jax.numpy": lambda x, values, scale: x @ (values * scale).T,
            "jax.numpy, scales afterwards": lambda x, values, scale: (
                (x @ values.astype(jnp.float32).T) * scale[:, 0]
            ),
        }

    def torch(self) -> Functions:
        import torch  # pyright: ignore[reportMissingImports]

        return {"": lambda x, values, scale: torch.nn.functional.linear(x, values * scale)}


WORKLOADS = (QuantisedMatmul(),)
