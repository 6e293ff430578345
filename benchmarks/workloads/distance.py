"""Distances between points, and one step of k-means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from workloads.workload import Functions, Workload

__all__ = ["WORKLOADS"]


@dataclass(frozen=True)
class Pairwise(Workload):
    points: int = 1000
    features: int = 64
    name = "pairwise distances"

    def small(self) -> Workload:
        return Pairwise(31, 5)

    @property
    def size(self) -> str:
        return f"({self.points}, {self.features}) and ({self.points}, {self.features}), Euclidean"

    def inputs(self, draw: np.random.Generator) -> tuple[Any, ...]:
        return tuple(draw.standard_normal((self.points, self.features), np.float32) for _ in range(2))

    def reference(self, x: Any, y: Any) -> Any:
        return np.asarray([np.sqrt(((row - y) ** 2).sum(axis=-1)) for row in x])

    def accel(self, xp: Any) -> Callable[..., Any] | None:
        def written(x: Any, y: Any) -> Any:
            # The squares of both lengths are two more features: the product alone gives the squared distances.
            xx, yy = xp.vecdot(x, x)[:, None], xp.vecdot(y, y)[:, None]
            left = xp.concat([-2 * x, xx, xp.ones_like(xx)], axis=1)
            right = xp.concat([y, xp.ones_like(yy), yy], axis=1)
            return xp.sqrt(xp.maximum(xp.matmul(left, xp.matrix_transpose(right)), 0.0))

        return written

    def numpy(self) -> Functions:
        def plain(x: Any, y: Any) -> Any:
            squares = (x * x).sum(axis=-1)[:, None] + (y * y).sum(axis=-1)
            return np.sqrt(np.maximum(squares - 2 * (x @ y.T), 0))

        def tuned(x: Any, y: Any) -> Any:
            # The squares of both lengths are two more features: the product alone gives the squared distances.
            n, features = x.shape
            left = np.empty((n, features + 2), x.dtype)
            np.multiply(x, -2, out=left[:, :-2])
            np.vecdot(x, x, out=left[:, -2])
            left[:, -1] = 1
            right = np.empty((len(y), features + 2), y.dtype)
            right[:, :-2] = y
            right[:, -2] = 1
            np.vecdot(y, y, out=right[:, -1])
            out = left @ right.T
            for start in range(0, n, 64):
                to = out[start : start + 64]
                np.maximum(to, 0, out=to)
                np.sqrt(to, out=to)
            return out

        return {"NumPy": plain, "NumPy, tuned: one product, in place": tuned}

    def scipy(self) -> Functions:
        from scipy.spatial.distance import cdist

        return {"scipy.spatial": cdist}

    def keras(self, ops: Any) -> Functions:
        def written(x: Any, y: Any) -> Any:
            squares = ops.sum(x * x, axis=-1)[:, None] + ops.sum(y * y, axis=-1)
            return ops.sqrt(ops.maximum(squares - 2 * ops.matmul(x, ops.transpose(y)), 0))

        return {"": written}

    def jax(self) -> Functions:
        import jax.numpy as jnp

        def written(x: Any, y: Any) -> Any:
            squares = jnp.sum(x * x, axis=-1)[:, None] + jnp.sum(y * y, axis=-1)
            return jnp.sqrt(jnp.maximum(squares - 2 * (x @ y.T), 0))

        def product(x: Any, y: Any) -> Any:
            xx, yy = (jnp.sum(each * each, axis=-1, keepdims=True) for each in (x, y))
            left = jnp.concatenate([-2 * x, xx, jnp.ones_like(xx)], axis=1)
            right = jnp.concatenate([y, jnp.ones_like(yy), yy], axis=1)
            return jnp.sqrt(jnp.maximum(left @ right.T, 0))

        return {"jax.numpy": written, "jax.numpy, one product": product}

    def torch(self) -> Functions:
        import torch  # pyright: ignore[reportMissingImports]

        return {"": torch.cdist}


@dataclass(frozen=True)
class KMeans(Workload):
    points: int = 10_000
    features: int = 32
    clusters: int = 64
    name = "k-means step"

    def small(self) -> Workload:
        return KMeans(200, 5, 4)

    @property
    def size(self) -> str:
        return f"{self.points:,} points, {self.features} features, {self.clusters} clusters"

    def inputs(self, draw: np.random.Generator) -> tuple[Any, ...]:
        points = draw.standard_normal((self.points, self.features), np.float32)
        # Centres that are points: no cluster is empty, and none is decided by the last digit.
        return points, points[: self.clusters].copy()

    def reference(self, points: Any, centres: Any) -> Any:
        squares = ((points[:, None, :] - centres) ** 2).sum(axis=-1)
        labels = squares.argmin(axis=-1)
        return np.stack([points[labels == each].mean(axis=0) for each in range(len(centres))])

    def accel(self, xp: Any) -> Callable[..., Any] | None:
        if not hasattr(xp.extra, "segment_sum") or not hasattr(xp.extra, "bincount"):
            return None

        def written(points: Any, centres: Any) -> Any:
            # A constant feature takes the squares of the centres into the product.
            left = xp.concat([points, xp.full_like(points[:, :1], -0.5)], axis=1)
            right = xp.concat([centres, xp.vecdot(centres, centres)[:, None]], axis=1)
            labels = xp.argmax(xp.matmul(left, xp.matrix_transpose(right)), axis=-1)
            sums = xp.extra.segment_sum(points, labels, num_segments=centres.shape[0])
            counts = xp.extra.bincount(labels, length=centres.shape[0])
            return sums / xp.astype(xp.maximum(counts, 1), points.dtype)[:, None]

        return written

    def numpy(self) -> Functions:
        def plain(points: Any, centres: Any) -> Any:
            squares = (points**2).sum(axis=1)[:, None] - 2 * (points @ centres.T) + (centres**2).sum(axis=1)
            labels = squares.argmin(axis=1)
            sums = np.zeros_like(centres)
            np.add.at(sums, labels, points)
            counts = np.bincount(labels, minlength=len(centres))
            return sums / np.maximum(counts, 1).astype(points.dtype)[:, None]

        def tuned(points: Any, centres: Any) -> Any:
            labels = nearest(points, centres)
            member = np.zeros((len(centres), len(points)), points.dtype)
            member[labels, np.arange(len(points))] = 1
            counts = np.bincount(labels, minlength=len(centres))
            return member @ points / np.maximum(counts, 1).astype(points.dtype)[:, None]

        return {"NumPy": plain, "NumPy, tuned: blocks, sums as a product": tuned}

    def scipy(self) -> Functions:
        from scipy.sparse import csr_array

        def sparse(points: Any, centres: Any) -> Any:
            labels = nearest(points, centres)
            member = csr_array(
                (np.ones(len(points), points.dtype), labels, np.arange(len(points) + 1)),
                shape=(len(points), len(centres)),
            )
            counts = np.bincount(labels, minlength=len(centres))
            return member.T @ points / np.maximum(counts, 1).astype(points.dtype)[:, None]

        return {"SciPy, tuned: sums as a sparse product": sparse}

    def keras(self, ops: Any) -> Functions:
        def written(points: Any, centres: Any) -> Any:
            scores = ops.matmul(points, ops.transpose(centres)) - 0.5 * ops.sum(centres * centres, axis=-1)
            labels = ops.argmax(scores, axis=-1)
            sums = ops.segment_sum(points, labels, num_segments=centres.shape[0])
            counts = ops.bincount(labels, minlength=centres.shape[0])
            return sums / ops.cast(ops.maximum(counts, 1), "float32")[:, None]

        return {"": written}

    def jax(self) -> Functions:
        import jax
        import jax.numpy as jnp

        def written(points: Any, centres: Any) -> Any:
            labels = jnp.argmax(points @ centres.T - 0.5 * jnp.sum(centres * centres, axis=-1), axis=-1)
            sums = jax.ops.segment_sum(points, labels, num_segments=centres.shape[0])
            counts = jnp.bincount(labels, length=centres.shape[0])
            return sums / jnp.maximum(counts, 1)[:, None]

        def product(points: Any, centres: Any) -> Any:
            labels = jnp.argmax(points @ centres.T - 0.5 * jnp.sum(centres * centres, axis=-1), axis=-1)
            member = jax.nn.one_hot(labels, centres.shape[0], dtype=points.dtype)
            return member.T @ points / jnp.maximum(jnp.sum(member, axis=0), 1)[:, None]

        return {"jax.numpy, segment_sum": written, "jax.numpy, product": product}

    def torch(self) -> Functions:
        import torch  # pyright: ignore[reportMissingImports]

        def written(points: Any, centres: Any) -> Any:
            labels = (points @ centres.T - 0.5 * (centres * centres).sum(-1)).argmax(-1)
            sums = torch.zeros_like(centres).index_add_(0, labels, points)
            counts = torch.bincount(labels, minlength=len(centres))
            return sums / counts.clamp(min=1)[:, None]

        return {"": written}


def nearest(points: Any, centres: Any) -> Any:
    """Find the nearest centre of each point, in blocks of points."""
    half = np.vecdot(centres, centres)
    half *= 0.5
    turned = np.ascontiguousarray(centres.T)
    labels = np.empty(len(points), np.intp)
    room = np.empty((1000, len(centres)), points.dtype)
    for start in range(0, len(points), 1000):
        block = points[start : start + 1000]
        scores = room[: len(block)]
        np.matmul(block, turned, out=scores)
        scores -= half
        scores.argmax(axis=1, out=labels[start : start + 1000])
    return labels


WORKLOADS = (Pairwise(), KMeans())
