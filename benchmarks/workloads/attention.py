"""Scaled dot-product attention of several heads."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from workloads.workload import Functions, Workload

__all__ = ["WORKLOADS"]


@dataclass(frozen=True)
class Attention(Workload):
    batch: int = 4
    heads: int = 8
    steps: int = 256
    features: int = 64
    name = "attention"

    def small(self) -> Workload:
        return Attention(2, 3, 17, 8)

    @property
    def size(self) -> str:
        return f"Batch {self.batch}, {self.heads} heads, {self.steps} steps, {self.features} features"

    def inputs(self, draw: np.random.Generator) -> tuple[Any, ...]:
        shape = self.batch, self.heads, self.steps, self.features
        return tuple(draw.standard_normal(shape, np.float32) for _ in range(3))

    def reference(self, query: Any, key: Any, value: Any) -> Any:
        scores = query @ key.swapaxes(-1, -2) / math.sqrt(self.features)
        weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
        return weights / weights.sum(axis=-1, keepdims=True) @ value

    def accel(self, xp: Any) -> Callable[..., Any] | None:
        return getattr(xp.nn, "scaled_dot_product_attention", None)

    def numpy(self) -> Functions:
        scale = np.float32(1 / math.sqrt(self.features))

        def plain(query: Any, key: Any, value: Any) -> Any:
            scores = query @ key.swapaxes(-1, -2) * scale
            scores -= scores.max(axis=-1, keepdims=True)
            np.exp(scores, out=scores)
            scores /= scores.sum(axis=-1, keepdims=True)
            return scores @ value

        def tuned(query: Any, key: Any, value: Any) -> Any:
            out = np.empty_like(query)
            queries, keys, values, results = (
                each.reshape(-1, *each.shape[-2:]) for each in (query, key, value, out)
            )
            steps = query.shape[-2]
            scores = np.empty((steps, steps), query.dtype)
            scaled = np.empty(query.shape[-2:], query.dtype)
            ones = np.ones(steps, query.dtype)
            # One head at a time, keys along the first axis: a maximum down the columns is faster than one along the rows.
            for q, k, v, to in zip(queries, keys, values, results, strict=True):
                np.multiply(q, scale, out=scaled)
                np.matmul(k, scaled.T, out=scores)
                np.subtract(scores, np.maximum.reduce(scores, axis=0), out=scores)
                np.exp(scores, out=scores)
                np.matmul(scores.T, v, out=to)
                to /= (ones @ scores)[:, None]
            return out

        return {"NumPy": plain, "NumPy, tuned: head by head, in place": tuned}

    def keras(self, ops: Any) -> Functions:
        def written(query: Any, key: Any, value: Any) -> Any:
            # keras wants the heads behind the steps.
            out = ops.dot_product_attention(*(ops.swapaxes(each, 1, 2) for each in (query, key, value)))
            return ops.swapaxes(out, 1, 2)

        return {"": written}

    def jax(self) -> Functions:
        import jax
        import jax.numpy as jnp

        scale = 1 / math.sqrt(self.features)

        def written(query: Any, key: Any, value: Any) -> Any:
            weights = jax.nn.softmax(query @ jnp.swapaxes(key, -1, -2) * scale, axis=-1)
            return weights @ value

        def given(query: Any, key: Any, value: Any) -> Any:
            out = jax.nn.dot_product_attention(*(jnp.swapaxes(each, 1, 2) for each in (query, key, value)))
            return jnp.swapaxes(out, 1, 2)

        return {"jax.numpy": written, "jax.nn": given}

    def torch(self) -> Functions:
        import torch  # pyright: ignore[reportMissingImports]

        return {"": torch.nn.functional.scaled_dot_product_attention}


WORKLOADS = (Attention(),)
