"""Segments on NumPy: its ufuncs write at positions as fast as a loop in C can, if both arrays are vectors."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from accel.extra.segments import highest, lowest
from accel_numpy._blocks import CACHE, blocks
from accel_numpy._summation import addition

__all__ = ["gathered", "segment_max", "segment_mean", "segment_min", "segment_prod", "segment_sum"]

Array: TypeAlias = npt.NDArray[Any]


# The composition sorts.
def segment_max(data: Array, segment_ids: Array, /, *, num_segments: int | None = None) -> Array:
    return _combined(np.maximum, data, segment_ids, num_segments, lowest(data.dtype))[0]


# As segment_max.
def segment_mean(data: Array, segment_ids: Array, /, *, num_segments: int | None = None) -> Array:
    total, ids = _combined(np.add, data, segment_ids, num_segments, 0, addition(data.dtype))
    count = np.bincount(ids, minlength=total.shape[0]).astype(total.dtype)
    with np.errstate(invalid="ignore"):
        total /= count.reshape(-1, *(1,) * (data.ndim - 1))
    return total.astype(data.dtype, copy=False)


# As segment_max.
def segment_min(data: Array, segment_ids: Array, /, *, num_segments: int | None = None) -> Array:
    return _combined(np.minimum, data, segment_ids, num_segments, highest(data.dtype))[0]


# As segment_max.
def segment_prod(data: Array, segment_ids: Array, /, *, num_segments: int | None = None) -> Array:
    found, _ = _combined(np.multiply, data, segment_ids, num_segments, 1, addition(data.dtype))
    return found.astype(data.dtype, copy=False)


# As segment_max.
def segment_sum(data: Array, segment_ids: Array, /, *, num_segments: int | None = None) -> Array:
    found, _ = _combined(np.add, data, segment_ids, num_segments, 0, addition(data.dtype))
    return found.astype(data.dtype, copy=False)


def _combined(
    ufunc: np.ufunc,
    data: Array,
    segment_ids: Array,
    num_segments: int | None,
    empty: Any,
    dtype: Any = None,
) -> tuple[Array, Array]:
    """Combine the rows of each segment, and give the numbers of the rows that are in one."""
    ids = np.ascontiguousarray(segment_ids)
    largest = int(ids.max(initial=0)) + 1 if num_segments is None and ids.size else 0
    number = max(largest, 0) if num_segments is None else num_segments
    # Without their signs negative numbers are beyond all others.
    if ids.size and ids.view(f"u{ids.dtype.itemsize}").max() >= number:
        inside = np.logical_and(ids >= 0, ids < number)
        ids, data = ids[inside], data[inside]
    ids = ids.astype(np.intp, copy=False)
    out = np.full((number, *data.shape[1:]), empty, dtype=data.dtype if dtype is None else dtype)
    gathered(ufunc, out, ids, data)
    return out, ids


def gathered(ufunc: np.ufunc, out: Array, rows: Array, data: Array) -> None:
    """Combine rows of a contiguous array with data, at positions that may be there several times."""
    if data.ndim == 1:
        ufunc.at(out, rows, data.astype(out.dtype, copy=False))
        return
    width = math.prod(data.shape[1:])
    if width == 0:
        return
    if width >= WIDE and len(out) <= 1 << 16:
        _sorted(ufunc, out.reshape(len(out), width), rows.astype(np.uint16), data.reshape(len(data), width))
        return
    flat, columns = out.reshape(-1), np.arange(width)
    for part in blocks(data.shape[0], 8 * width):
        places = (rows[part, None] * width + columns).reshape(-1)
        ufunc.at(flat, places, data[part].reshape(-1).astype(out.dtype, copy=False))


WIDE = 16
"""Elements of a row from which it is faster to bring equal positions together, as long as they have 16 bits, which are sorted in O(n)."""


def _sorted(ufunc: np.ufunc, out: Array, rows: Array, data: Array) -> None:
    """Combine rows with data, of which a block at a time is brought into the order of its positions."""
    for part in blocks(len(data), data.shape[1] * out.itemsize, 4 * CACHE):
        order = np.argsort(rows[part], kind="stable")
        places = rows[part][order]
        starts = np.flatnonzero(np.concatenate([[True], places[1:] != places[:-1]]))
        sides = data[part].take(order, axis=0).astype(out.dtype, copy=False)
        found = ufunc.reduceat(sides, starts, axis=0, dtype=out.dtype)
        places = places[starts]
        out[places] = ufunc(out[places], found)
