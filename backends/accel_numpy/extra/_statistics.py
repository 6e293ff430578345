"""Statistics: quantiles by selection instead of sorting, and reductions in one pass."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

import accel.extra.statistics as statistics
from accel_numpy._bfloat16 import by_float32

Array: TypeAlias = npt.NDArray[Any]
Axis: TypeAlias = int | tuple[int, ...] | None

_least: Any = np.fmin.reduce  # whose types take no bool for keepdims
_most: Any = np.fmax.reduce


def _lines(x: Array, axis: Axis) -> Any:
    """Give a copy with the elements along some axes in one last axis; 16 bits in float32, whose order they have."""
    lines = statistics.lines(x, axis)
    dtype = lines.dtype
    if dtype.kind not in "fV":
        return lines.astype(np.float64)
    return np.array(lines, dtype=np.float32 if dtype.itemsize == 2 else dtype, order="C")


def _selected(x: Array, axis: Axis, places: set[int]) -> tuple[Array, Array]:
    """Put what sorting would put into some places there, and tell where an element is nan, which would come last."""
    ordered = _lines(x, axis)
    last = ordered.shape[-1] - 1
    if ordered.size:
        ordered.partition(sorted({*places, last}), axis=-1)
    return ordered, np.isnan(ordered[..., last])


def _finished(x: Array, axis: Axis, found: Any, lost: Array, before: int, keepdims: bool) -> Any:
    if lost.any():
        found = np.where(lost, np.nan, found)
    found = statistics.unreduced(x, axis, before, found, keepdims)
    return found.astype(x.dtype) if x.dtype.kind in "fV" and found.dtype != x.dtype else found


# The composition sorts.
def median(x: Any, /, *, axis: Axis = None, keepdims: bool = False) -> Any:
    n = statistics.count(x, axis)
    low, high = (n - 1) // 2, n // 2
    ordered, lost = _selected(x, axis, {low, high})
    found = ordered[..., low]
    if high != low:
        with np.errstate(invalid="ignore"):
            found = found * 0.5 + ordered[..., high] * 0.5
    return _finished(x, axis, found, lost, 0, keepdims)


# As median.
def quantile(x: Any, q: Any, /, *, axis: Axis = None, method: str = "linear", keepdims: bool = False) -> Any:
    n = statistics.count(x, axis)
    if not hasattr(q, "dtype"):
        low, high, part = statistics.place(float(q), n, method)
        ordered, lost = _selected(x, axis, {low, high})
        found = _between(ordered[..., low], ordered[..., high], ordered.dtype.type(part))
        return _finished(x, axis, found, lost, 0, keepdims)
    q = np.asarray(q)
    if q.dtype.itemsize == 2:
        q = q.astype(np.float32)
    low, high, part, outside = statistics.places(q, n, method)
    ordered, lost = _selected(x, axis, {*low.ravel().tolist(), *high.ravel().tolist()})
    rows = ordered.ndim - 1
    first = np.moveaxis(ordered, -1, 0)
    part = part.astype(ordered.dtype).reshape(q.shape + (1,) * rows)
    found = _between(first[low], first[high], part)
    lost = lost | outside.reshape(part.shape)
    return _finished(x, axis, found, lost, q.ndim, keepdims)


def _between(low: Any, high: Any, part: Any) -> Any:
    """Give the composition's numbers between two, with the same bits."""
    if np.ndim(part) == 0 and part == 0:
        return low
    with np.errstate(invalid="ignore"):
        half = low * 0.5
        found = np.minimum((half + (high * 0.5 - half) * part) * 2.0, high)
        stays = (low == high) | ((low == -np.inf) & (high < np.inf)) | (part == 0)
    return np.where(stays, low, found)


# As median.
def percentile(
    x: Any, q: Any, /, *, axis: Axis = None, method: str = "linear", keepdims: bool = False
) -> Any:
    return quantile(x, statistics.hundredth(q), axis=axis, method=method, keepdims=keepdims)


# The composition takes four passes; fmin and fmax pass over nan by themselves.
@by_float32
def nanmin(x: Any, /, *, axis: Axis = None, keepdims: bool = False) -> Any:
    return _least(x, axis=axis, keepdims=keepdims)


# As nanmin.
@by_float32
def nanmax(x: Any, /, *, axis: Axis = None, keepdims: bool = False) -> Any:
    return _most(x, axis=axis, keepdims=keepdims)
