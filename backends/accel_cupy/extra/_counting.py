"""Counting on CuPy: elements are added to their bins with atomic operations, where the composition sorts."""

from __future__ import annotations

from typing import Any

import cupy as cp

import accel.extra.counting as counting
from accel_cupy.extra._segments import segment_sum

__all__ = ["bincount", "histogram"]


# cupy.bincount refuses negative numbers, for which it waits.
def bincount(x: Any, /, *, weights: Any = None, minlength: int = 0, length: int | None = None) -> Any:
    if length is None:
        length = max((int(cp.max(x)) if x.size else -1) + 1, minlength)
    inside = (x >= 0) & (x < length)
    return _sums(cp.where(inside, x, 0).astype(cp.int64), inside, weights, length)


def _sums(places: Any, inside: Any, weights: Any, length: int) -> Any:
    """Add what belongs to each place; of what is not inside no place is asked."""
    if weights is None:
        weights = cp.ones(places.shape, dtype=cp.int64)
    elif weights.dtype.kind in "iu":
        weights = weights.astype(cp.float64)
    return segment_sum(weights, cp.where(inside, places, -1), num_segments=length)


# cupy.histogram waits for the edges, and rounds what it compares.
def histogram(
    x: Any, bins: Any = 10, /, *, range: Any = None, weights: Any = None, density: bool = False
) -> tuple[Any, Any]:
    x, edges = counting.prepared(x, bins, range)
    n = edges.shape[0] - 1
    places = counting.placed(x, edges)
    inside = (x >= edges[0]) & (x <= edges[-1])
    counts = _sums(places, inside, None if weights is None else weights.reshape(-1), n)
    return counting.densities(counts, edges, weights is not None) if density else counts, edges
