"""Counting: elements are put into bins in one pass, without sorting them."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

import accel.extra.counting as counting
from accel_numpy._bfloat16 import by_float32
from accel_numpy._blocks import CACHE, blocks

Array: TypeAlias = npt.NDArray[Any]


# The composition sorts, and makes a row for each count where there are weights.
def bincount(x: Array, /, *, weights: Any = None, minlength: int = 0, length: int | None = None) -> Array:
    if length is None:
        top = int(x.max()) if x.size else -1
        length = max(top + 1, minlength)
    wrong = x >= length
    if x.dtype.kind == "i":
        wrong |= x < 0
    if wrong.any():
        x = x[~wrong]
        weights = None if weights is None else weights[~wrong]
    x = x.astype(np.int64, copy=False)
    if weights is None:
        return np.bincount(x, minlength=length)[:length]
    dtype = weights.dtype if weights.dtype.kind in "fV" else np.dtype(np.float64)
    return np.bincount(x, weights.astype(np.float64), minlength=length)[:length].astype(dtype, copy=False)


# The composition searches in both directions, as it may not look at the edges.
@by_float32
def digitize(x: Any, bins: Array, /, *, right: bool = False) -> Any:
    side: Any = "left" if right else "right"
    if len(bins) > 1 and bins[0] > bins[-1]:
        return len(bins) - np.searchsorted(bins[::-1], x, side=side)
    return np.searchsorted(bins, x, side=side)


# As bincount.
def histogram(
    x: Any, bins: Any = 10, /, *, range: Any = None, weights: Any = None, density: bool = False
) -> tuple[Array, Array]:
    x, edges = counting.prepared(x, bins, range)
    even = not hasattr(bins, "dtype")
    lines, wide = edges, x
    if edges.dtype.itemsize == 2:
        lines, wide = edges.astype(np.float32), x.astype(np.float32)
    n = len(edges) - 1
    weights = None if weights is None else np.ravel(weights)
    counts = np.zeros(n, dtype=np.int64 if weights is None else np.float64)
    if not np.isnan(lines[0]):
        for some in blocks(len(wide), wide.itemsize, CACHE // 2):
            part = wide[some]
            held = (part >= lines[0]) & (part <= lines[-1])
            part = part[held]
            place = _guessed(part, lines) if even else np.searchsorted(lines, part, side="right") - 1
            place[part == lines[-1]] = n - 1
            if weights is None:
                counts += np.bincount(place, minlength=n)
            else:
                counts += np.bincount(place, weights[some][held].astype(np.float64), minlength=n)
    if weights is not None and weights.dtype.kind in "fV":
        counts = counts.astype(weights.dtype)
    return counting.densities(counts, edges, weights is not None) if density else counts, edges


def _guessed(x: Array, edges: Array) -> Any:
    """Find bins of one width by dividing, and mend what rounding moved over an edge; edges may come together."""
    n, info = len(edges) - 1, np.finfo(x.dtype)
    width = float(edges[-1]) - float(edges[0])
    # Off by one bin at most, if nothing overflows and rounding moves nothing further.
    near = 16 * n * info.eps < 1 and n * info.tiny < width < info.max / 2
    if not near or not (np.diff(edges) > 0).all():
        return np.searchsorted(edges, x, side="right") - 1
    place = ((x - edges[0]) * x.dtype.type(n / width)).astype(np.int64)
    np.clip(place, 0, n - 1, out=place)
    place -= x < edges[place]
    place += x >= edges[place + 1]
    return place
