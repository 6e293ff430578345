"""The Gaussian error linear unit in both of its forms."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from workloads.workload import Functions, Workload

__all__ = ["WORKLOADS"]

BLOCK = 65536
"""Elements of a block: 256 KiB of float32."""
SLOPE = math.sqrt(2 / math.pi)
CUBIC = 0.044715


@dataclass(frozen=True)
class _Gelu(Workload):
    rows: int = 1024
    columns: int = 3072

    @property
    def size(self) -> str:
        return f"({self.rows}, {self.columns})"

    def inputs(self, draw: np.random.Generator) -> tuple[Any, ...]:
        return (draw.standard_normal((self.rows, self.columns), np.float32),)


@dataclass(frozen=True)
class GeluTanh(_Gelu):
    name = "gelu, tanh form"

    def small(self) -> Workload:
        return GeluTanh(7, 33)

    def reference(self, x: Any) -> Any:
        return 0.5 * x * (1 + np.tanh(SLOPE * (x + CUBIC * x**3)))

    def accel(self, xp: Any) -> Callable[..., Any] | None:
        op = getattr(xp.nn, "gelu", None)
        return op and (lambda x: op(x, approximate=True))

    def numpy(self) -> Functions:
        def plain(x: Any) -> Any:
            return 0.5 * x * (1 + np.tanh(SLOPE * (x + CUBIC * (x * x * x))))

        def tuned(x: Any) -> Any:
            out = np.empty_like(x)
            flat, to = x.reshape(-1), out.reshape(-1)
            for start in range(0, flat.size, BLOCK):
                block, part = flat[start : start + BLOCK], to[start : start + BLOCK]
                np.multiply(block, block, out=part)
                part *= SLOPE * CUBIC
                part += SLOPE
                part *= block
                np.tanh(part, out=part)
                part += 1
                part *= block
                part *= 0.5
            return out

        def by_exp(x: Any) -> Any:
            out = np.empty_like(x)
            flat, to = x.reshape(-1), out.reshape(-1)
            with np.errstate(over="ignore"):
                for start in range(0, flat.size, BLOCK):
                    block, part = flat[start : start + BLOCK], to[start : start + BLOCK]
                    np.multiply(block, block, out=part)
                    part *= -2 * SLOPE * CUBIC
                    part -= 2 * SLOPE
                    part *= block
                    np.exp(part, out=part)
                    part += 1
                    np.divide(block, part, out=part)
            return out

        return {
            "NumPy": plain,
            "NumPy, tuned: blocks, in place": tuned,
            "NumPy, tuned: blocks, as a sigmoid": by_exp,
        }

    def keras(self, ops: Any) -> Functions:
        return {"": lambda x: ops.gelu(x, approximate=True)}

    def jax(self) -> Functions:
        import jax
        import jax.numpy as jnp

        return {
            "jax.nn": lambda x: jax.nn.gelu(x, approximate=True),
            "jax.numpy": lambda x: 0.5 * x * (1 + jnp.tanh(SLOPE * (x + CUBIC * (x * x * x)))),
        }

    def torch(self) -> Functions:
        import torch  # pyright: ignore[reportMissingImports]

        return {"": lambda x: torch.nn.functional.gelu(x, approximate="tanh")}


@dataclass(frozen=True)
class GeluExact(_Gelu):
    name = "gelu, exact form"

    def small(self) -> Workload:
        return GeluExact(7, 33)

    def reference(self, x: Any) -> Any:
        return np.asarray([0.5 * v * math.erfc(-v / math.sqrt(2)) for v in x.reshape(-1).tolist()]).reshape(
            x.shape
        )

    def accel(self, xp: Any) -> Callable[..., Any] | None:
        op = getattr(xp.nn, "gelu", None)
        return op and (lambda x: op(x, approximate=False))

    def numpy(self) -> Functions:
        def tuned(x: Any) -> Any:
            # erfc(z) = t * exp(P(t) - z * z), t = 1 / (1 + z / 2), for z >= 0 (W. H. Press et al., Numerical Recipes, erfcc).
            out = np.empty_like(x)
            flat, to = x.reshape(-1), out.reshape(-1)
            room = np.empty((2, min(BLOCK, flat.size)), x.dtype)
            for start in range(0, flat.size, BLOCK):
                block, part = flat[start : start + BLOCK], to[start : start + BLOCK]
                z, t = room[:, : block.size]
                np.abs(block, out=z)
                np.multiply(z, 0.5 * math.sqrt(0.5), out=t)
                t += 1
                np.divide(1, t, out=t)
                np.multiply(t, TAIL[0], out=part)
                for coefficient in TAIL[1:-1]:
                    part += coefficient
                    part *= t
                part += TAIL[-1]
                z *= z
                z *= 0.5
                part -= z
                np.exp(part, out=part)
                part *= t
                # x * (1 - tail / 2) for positive x, x * tail / 2 for negative: max(x, 0) - |x| * tail / 2
                part *= 0.5
                np.abs(block, out=z)
                part *= z
                np.maximum(block, 0, out=z)
                np.subtract(z, part, out=part)
            return out

        return {"NumPy, tuned: blocks, in place": tuned}

    def scipy(self) -> Functions:
        from scipy.special import erf, ndtr

        def blocks(x: Any) -> Any:
            out = np.empty_like(x)
            flat, to = x.reshape(-1), out.reshape(-1)
            for start in range(0, flat.size, BLOCK):
                block, part = flat[start : start + BLOCK], to[start : start + BLOCK]
                ndtr(block, out=part)
                part *= block
            return out

        return {
            "NumPy and scipy.special.erf": lambda x: 0.5 * x * (1 + erf(x * np.float32(math.sqrt(0.5)))),
            "SciPy, tuned: ndtr, blocks": blocks,
        }

    def keras(self, ops: Any) -> Functions:
        return {"": lambda x: ops.gelu(x, approximate=False)}

    def jax(self) -> Functions:
        import jax

        return {
            "jax.nn": lambda x: jax.nn.gelu(x, approximate=False),
            "jax.lax": lambda x: 0.5 * x * (1 + jax.lax.erf(x * math.sqrt(0.5))),
        }

    def torch(self) -> Functions:
        import torch  # pyright: ignore[reportMissingImports]

        return {"": torch.nn.functional.gelu}


TAIL = (
    0.17087277,
    -0.82215223,
    1.48851587,
    -1.13520398,
    0.27886807,
    -0.18628806,
    0.09678418,
    0.37409196,
    1.00002368,
    -1.26551223,
)
"""Of W. H. Press et al., Numerical Recipes in C, 2nd edition, section 6.2: the error is 1.2e-7 of the complement at most."""

WORKLOADS = (GeluTanh(), GeluExact())
