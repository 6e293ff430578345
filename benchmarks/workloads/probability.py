"""Softmax and log-sum-exp over the rows of a matrix."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from workloads.workload import Functions, Workload

__all__ = ["WORKLOADS"]

ROWS = 64
"""Rows of a block: with 1024 columns of float32, 256 KiB."""


@dataclass(frozen=True)
class Softmax(Workload):
    rows: int = 1024
    columns: int = 1024
    name = "softmax"

    def small(self) -> Workload:
        return Softmax(70, 33)

    @property
    def size(self) -> str:
        return f"({self.rows}, {self.columns}), along the rows"

    def inputs(self, draw: np.random.Generator) -> tuple[Any, ...]:
        return (draw.standard_normal((self.rows, self.columns), np.float32),)

    def reference(self, x: Any) -> Any:
        weights = np.exp(x - x.max(axis=-1, keepdims=True))
        return weights / weights.sum(axis=-1, keepdims=True)

    def accel(self, xp: Any) -> Callable[..., Any] | None:
        return getattr(xp.nn, "softmax", None)

    def numpy(self) -> Functions:
        def plain(x: Any) -> Any:
            weights = np.exp(x - x.max(axis=-1, keepdims=True))
            weights /= weights.sum(axis=-1, keepdims=True)
            return weights

        def tuned(x: Any) -> Any:
            out = np.empty_like(x)
            ones = np.ones(x.shape[-1], x.dtype)
            for start in range(0, len(x), ROWS):
                block, to = x[start : start + ROWS], out[start : start + ROWS]
                np.subtract(block, np.maximum.reduce(block, axis=-1, keepdims=True), out=to)
                np.exp(to, out=to)
                # A sum along short rows is faster as a product with ones.
                np.multiply(to, (1 / (to @ ones))[:, None], out=to)
            return out

        return {"NumPy": plain, "NumPy, tuned: blocks, in place": tuned}

    def scipy(self) -> Functions:
        from scipy.special import softmax

        return {"scipy.special": lambda x: softmax(x, axis=-1)}

    def keras(self, ops: Any) -> Functions:
        return {"": ops.softmax}

    def jax(self) -> Functions:
        import jax

        return {"jax.nn": jax.nn.softmax}

    def torch(self) -> Functions:
        import torch  # pyright: ignore[reportMissingImports]

        return {"": lambda x: torch.softmax(x, -1)}


@dataclass(frozen=True)
class Logsumexp(Workload):
    rows: int = 1024
    columns: int = 1024
    name = "logsumexp"

    def small(self) -> Workload:
        return Logsumexp(70, 33)

    @property
    def size(self) -> str:
        return f"({self.rows}, {self.columns}), along the rows"

    def inputs(self, draw: np.random.Generator) -> tuple[Any, ...]:
        return (draw.standard_normal((self.rows, self.columns), np.float32),)

    def reference(self, x: Any) -> Any:
        top = x.max(axis=-1)
        return top + np.log(np.exp(x - top[:, None]).sum(axis=-1))

    def accel(self, xp: Any) -> Callable[..., Any] | None:
        op = getattr(xp.nn, "logsumexp", None) or getattr(xp.extra, "logsumexp", None)
        return op and (lambda x: op(x, axis=-1))

    def numpy(self) -> Functions:
        def plain(x: Any) -> Any:
            top = x.max(axis=-1)
            return top + np.log(np.exp(x - top[:, None]).sum(axis=-1))

        def tuned(x: Any) -> Any:
            top = np.maximum.reduce(x, axis=-1, keepdims=True)
            out = np.empty(len(x), x.dtype)
            room = np.empty((ROWS, x.shape[-1]), x.dtype)
            ones = np.ones(x.shape[-1], x.dtype)
            for start in range(0, len(x), ROWS):
                block, to = x[start : start + ROWS], out[start : start + ROWS]
                weights = room[: len(block)]
                np.subtract(block, top[start : start + ROWS], out=weights)
                np.exp(weights, out=weights)
                np.matmul(weights, ones, out=to)
            np.log(out, out=out)
            out += top[:, 0]
            return out

        return {"NumPy": plain, "NumPy, tuned: blocks, in place": tuned}

    def scipy(self) -> Functions:
        from scipy.special import logsumexp

        return {"scipy.special": lambda x: logsumexp(x, axis=-1)}

    def keras(self, ops: Any) -> Functions:
        return {"": lambda x: ops.logsumexp(x, axis=-1)}

    def jax(self) -> Functions:
        import jax

        return {"jax.nn": lambda x: jax.nn.logsumexp(x, axis=-1)}

    def torch(self) -> Functions:
        import torch  # pyright: ignore[reportMissingImports]

        return {"": lambda x: torch.logsumexp(x, -1)}


WORKLOADS = (Softmax(), Logsumexp())
