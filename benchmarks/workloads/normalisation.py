"""Normalisation of the rows of a matrix, with learnt weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from workloads.workload import Functions, Workload

__all__ = ["WORKLOADS"]

EPSILON = 1e-5
ROWS = 96
"""Rows of a block: with 768 columns of float32, 288 KiB."""


@dataclass(frozen=True)
class LayerNorm(Workload):
    rows: int = 2048
    columns: int = 768
    name = "layer_norm"

    def small(self) -> Workload:
        return LayerNorm(100, 33)

    @property
    def size(self) -> str:
        return f"({self.rows}, {self.columns}), weight and bias"

    def inputs(self, draw: np.random.Generator) -> tuple[Any, ...]:
        shapes = (self.rows, self.columns), (self.columns,), (self.columns,)
        return tuple(draw.standard_normal(shape, np.float32) for shape in shapes)

    def reference(self, x: Any, weight: Any, bias: Any) -> Any:
        centred = x - x.mean(axis=-1, keepdims=True)
        return centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + EPSILON) * weight + bias

    def accel(self, xp: Any) -> Callable[..., Any] | None:
        op = getattr(xp.nn, "layer_norm", None)
        return op and (lambda x, weight, bias: op(x, weight, bias, eps=EPSILON))

    def numpy(self) -> Functions:
        def plain(x: Any, weight: Any, bias: Any) -> Any:
            mean = x.mean(axis=-1, keepdims=True)
            variance = x.var(axis=-1, keepdims=True)
            return (x - mean) / np.sqrt(variance + EPSILON) * weight + bias

        def tuned(x: Any, weight: Any, bias: Any) -> Any:
            out = np.empty_like(x)
            share = np.full(x.shape[-1], 1 / x.shape[-1], x.dtype)
            for start in range(0, len(x), ROWS):
                block, to = x[start : start + ROWS], out[start : start + ROWS]
                np.subtract(block, (block @ share)[:, None], out=to)
                scale = np.vecdot(to, to)
                scale /= x.shape[-1]
                scale += EPSILON
                np.sqrt(scale, out=scale)
                np.divide(1, scale, out=scale)
                to *= scale[:, None]
                to *= weight
                to += bias
            return out

        return {"NumPy": plain, "NumPy, tuned: blocks, in place": tuned}

    def keras(self, ops: Any) -> Functions:
        return {"": lambda x, weight, bias: ops.layer_normalization(x, weight, bias, epsilon=EPSILON)}

    def jax(self) -> Functions:
        import jax
        import jax.numpy as jnp

        def written(x: Any, weight: Any, bias: Any) -> Any:
            mean = jnp.mean(x, axis=-1, keepdims=True)
            variance = jnp.var(x, axis=-1, keepdims=True)
            return (x - mean) * jax.lax.rsqrt(variance + EPSILON) * weight + bias

        def standardized(x: Any, weight: Any, bias: Any) -> Any:
            return jax.nn.standardize(x, axis=-1, epsilon=EPSILON) * weight + bias

        return {"jax.numpy": written, "jax.nn.standardize": standardized}

    def torch(self) -> Functions:
        import torch  # pyright: ignore[reportMissingImports]

        return {
            "": lambda x, weight, bias: torch.nn.functional.layer_norm(
                x, (self.columns,), weight, bias, EPSILON
            )
        }


@dataclass(frozen=True)
class RMSNorm(Workload):
    rows: int = 2048
    columns: int = 768
    name = "rms_norm"

    def small(self) -> Workload:
        return RMSNorm(100, 33)

    @property
    def size(self) -> str:
        return f"({self.rows}, {self.columns}), weight"

    def inputs(self, draw: np.random.Generator) -> tuple[Any, ...]:
        return tuple(
            draw.standard_normal(shape, np.float32) for shape in ((self.rows, self.columns), (self.columns,))
        )

    def reference(self, x: Any, weight: Any) -> Any:
        return x / np.sqrt((x**2).mean(axis=-1, keepdims=True) + EPSILON) * weight

    def accel(self, xp: Any) -> Callable[..., Any] | None:
        op = getattr(xp.nn, "rms_norm", None)
        return op and (lambda x, weight: op(x, weight, eps=EPSILON))

    def numpy(self) -> Functions:
        def plain(x: Any, weight: Any) -> Any:
            return x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + np.float32(EPSILON)) * weight

        def tuned(x: Any, weight: Any) -> Any:
            out = np.empty_like(x)
            scale = np.vecdot(x, x)
            scale /= x.shape[-1]
            scale += EPSILON
            np.sqrt(scale, out=scale)
            np.divide(1, scale, out=scale)
            for start in range(0, len(x), ROWS):
                to = out[start : start + ROWS]
                np.multiply(x[start : start + ROWS], scale[start : start + ROWS, None], out=to)
                to *= weight
            return out

        return {"NumPy": plain, "NumPy, tuned: blocks, in place": tuned}

    def keras(self, ops: Any) -> Functions:
        return {"": lambda x, weight: ops.rms_normalization(x, weight, epsilon=EPSILON)}

    def jax(self) -> Functions:
        import jax
        import jax.numpy as jnp

        def written(x: Any, weight: Any) -> Any:
            return x * jax.lax.rsqrt(jnp.mean(x * x, axis=-1, keepdims=True) + EPSILON) * weight

        return {"jax.numpy": written}

    def torch(self) -> Functions:
        import torch  # pyright: ignore[reportMissingImports]

        return {"": lambda x, weight: torch.nn.functional.rms_norm(x, (self.columns,), weight, EPSILON)}


WORKLOADS = (LayerNorm(), RMSNorm())
