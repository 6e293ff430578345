"""Cross entropy between scores and labels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from workloads.workload import Functions, Workload

__all__ = ["WORKLOADS"]

ROWS = 64


@dataclass(frozen=True)
class CrossEntropy(Workload):
    rows: int = 4096
    classes: int = 1000
    name = "cross entropy"

    def small(self) -> Workload:
        return CrossEntropy(70, 11)

    @property
    def size(self) -> str:
        return f"({self.rows}, {self.classes}), mean over the rows"

    def inputs(self, draw: np.random.Generator) -> tuple[Any, ...]:
        return (
            draw.standard_normal((self.rows, self.classes), np.float32),
            draw.integers(0, self.classes, self.rows),
        )

    def reference(self, scores: Any, labels: Any) -> Any:
        top = scores.max(axis=-1)
        total = top + np.log(np.exp(scores - top[:, None]).sum(axis=-1))
        return np.mean(total - scores[np.arange(len(labels)), labels])

    def accel(self, xp: Any) -> Callable[..., Any] | None:
        return getattr(xp.nn, "cross_entropy", None)

    def numpy(self) -> Functions:
        def plain(scores: Any, labels: Any) -> Any:
            top = scores.max(axis=-1)
            total = top + np.log(np.exp(scores - top[:, None]).sum(axis=-1))
            return np.mean(total - scores[np.arange(len(labels)), labels])

        def tuned(scores: Any, labels: Any) -> Any:
            rows, classes = scores.shape
            total = np.empty(rows, scores.dtype)
            room = np.empty((ROWS, classes), scores.dtype)
            ones = np.ones(classes, scores.dtype)
            for start in range(0, rows, ROWS):
                block, to = scores[start : start + ROWS], total[start : start + ROWS]
                weights = room[: len(block)]
                top = np.maximum.reduce(block, axis=-1, keepdims=True)
                np.subtract(block, top, out=weights)
                np.exp(weights, out=weights)
                np.matmul(weights, ones, out=to)
                np.log(to, out=to)
                to += top[:, 0]
            total -= scores[np.arange(rows), labels]
            return np.mean(total)

        return {"NumPy": plain, "NumPy, tuned: blocks, in place": tuned}

    def keras(self, ops: Any) -> Functions:
        def written(scores: Any, labels: Any) -> Any:
            return ops.mean(ops.sparse_categorical_crossentropy(labels, scores, from_logits=True))

        return {"": written}

    def jax(self) -> Functions:
        import jax
        import jax.numpy as jnp

        def written(scores: Any, labels: Any) -> Any:
            total = jax.nn.logsumexp(scores, axis=-1)
            return jnp.mean(total - jnp.take_along_axis(scores, labels[:, None], axis=-1)[:, 0])

        return {"jax.nn": written}

    def torch(self) -> Functions:
        import torch  # pyright: ignore[reportMissingImports]

        return {"": torch.nn.functional.cross_entropy}


WORKLOADS = (CrossEntropy(),)
