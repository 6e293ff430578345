"""Quantisation a few rows at a time, and products with as much of a weight in floating point as the cache holds."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from numpy.lib.array_utils import normalize_axis_tuple

from accel.nn.quantisation import Quantised
from accel_numpy._blocks import CACHE, blocks

__all__ = ["dequantise", "quantise_int4", "quantise_int8", "quantised_matmul"]

Array: TypeAlias = npt.NDArray[Any]

ROOM = 4 * CACHE
"""Bytes of a weight in floating point: BLAS takes longer for the columns of a result a few at a time."""

FEW = 16
"""Rows of a weight that BLAS wants at least, though they be more than the cache holds."""


def _working(*arrays: Array) -> np.dtype[Any]:
    return np.dtype(np.float64 if any(x.dtype == np.float64 for x in arrays) else np.float32)


def _rounded(rows: Array, most: int, dtype: np.dtype[Any]) -> Iterator[tuple[slice, Array, Array]]:
    """Give some rows at a time in multiples of their scales, which are whole numbers, and the scales."""
    smallest = 128.0 * np.finfo(dtype).smallest_normal
    length = rows.shape[1]
    for part in blocks(len(rows), length * dtype.itemsize):
        x = rows[part].astype(dtype)
        top = np.maximum(np.max(x, axis=1, keepdims=True), -np.min(x, axis=1, keepdims=True))
        finite = np.isfinite(top)
        scale = np.where(top < smallest, dtype.type(most), top) / dtype.type(most)
        np.divide(x, np.where(finite, scale, 1), out=x)
        np.rint(x, out=x)
        if not finite.all():
            x[~finite[:, 0]] = 0
            scale[~finite] = np.nan
        yield part, x, scale


# The composition makes several arrays of the size of x.
def quantise_int8(x: Any, /, *, axis: Any = -1) -> Quantised:
    axes = normalize_axis_tuple(tuple(range(x.ndim)) if axis is None else axis, x.ndim)
    dtype, n = _working(x), math.prod(x.shape[a] for a in axes)
    last = tuple(range(x.ndim - len(axes), x.ndim))
    moved = np.moveaxis(x, axes, last)
    rows = moved.reshape(-1, n)
    values, scale = np.empty(rows.shape, dtype=np.int8), np.empty((len(rows), 1), dtype=dtype)
    for part, whole, size in _rounded(rows, 127, dtype):
        values[part], scale[part] = whole, size
    short = tuple(1 if a in axes else length for a, length in enumerate(x.shape))
    back = np.moveaxis(values.reshape(moved.shape), last, axes)
    return Quantised(np.ascontiguousarray(back), scale.reshape(short))


# As above.
def quantise_int4(x: Any, /, *, group_size: int = 32) -> Quantised:
    dtype, shape = _working(x), x.shape
    rows = x.reshape(-1, group_size)
    values = np.empty((len(rows), group_size // 2), dtype=np.uint8)
    scale = np.empty((len(rows), 1), dtype=dtype)
    for part, whole, size in _rounded(rows, 7, dtype):
        whole += 8
        digits = whole.astype(np.uint8)
        np.multiply(digits[:, 1::2], 16, out=values[part])
        values[part] += digits[:, ::2]
        scale[part] = size
    groups = shape[-1] // group_size
    return Quantised(values.reshape(*shape[:-1], shape[-1] // 2), scale.reshape(*shape[:-1], groups))


def _digits(values: Array) -> tuple[Array, Array]:
    """Give the integers in the low and high halves of bytes."""
    low, high = np.bitwise_and(values, 15).view(np.int8), np.right_shift(values, 4).view(np.int8)
    low -= 8
    high -= 8
    return low, high


# The composition makes several arrays of the size of the result.
def dequantise(values: Any, scale: Any, /, *, dtype: Any = None) -> Any:
    working, wanted = _working(scale), scale.dtype if dtype is None else np.dtype(dtype)
    if values.dtype == np.int8:
        found = np.multiply(values, scale.astype(working, copy=False), dtype=working)
        return found.astype(wanted, copy=False)
    out = np.empty((*values.shape[:-1], 2 * values.shape[-1]), dtype=wanted)
    size = values.shape[-1] // scale.shape[-1]
    rows, sizes, to = values.reshape(-1, size), scale.reshape(-1, 1), out.reshape(-1, size, 2)
    for part in blocks(len(rows), 2 * size * working.itemsize):
        here = sizes[part].astype(working)
        for place, digits in enumerate(_digits(rows[part])):
            to[part, :, place] = np.multiply(digits, here, dtype=working)
    return out


def _weights(values: Array, scale: Array, dtype: np.dtype[Any]) -> Iterator[tuple[slice, Array]]:
    """Give some rows of a weight at a time in floating point: of packed integers first those in the low halves of bytes."""
    packed = values.dtype == np.uint8
    count, length = values.shape[0], values.shape[1] * (2 if packed else 1)
    step = [max(part.stop - part.start, FEW) for part in blocks(count, length * dtype.itemsize, ROOM)][:1]
    room = np.empty((step[0] if step else 0, length), dtype=dtype)
    for first in range(0, count, *step):
        part = slice(first, min(first + step[0], count))
        own = values[part]
        found = room[: len(own)]
        if not packed:
            found[...] = own
            yield part, found
            continue
        halves = found.reshape(len(own), 2, scale.shape[1], -1)
        for place, digits in enumerate(_digits(own)):
            halves[:, place] = digits.reshape(halves[:, place].shape)
        halves *= scale[part, None, :, None]
        yield part, found


# The composition makes the whole weight in floating point.
def quantised_matmul(x: Any, values: Any, scale: Any, /) -> Any:
    dtype, count = _working(x, scale), values.shape[0]
    rows = x.reshape(math.prod(x.shape[:-1]), x.shape[-1]).astype(dtype, copy=False)
    scale = scale.astype(dtype, copy=False)
    if values.dtype == np.uint8:
        rows = np.concatenate([rows[:, ::2], rows[:, 1::2]], axis=1)
    out = np.empty((len(rows), count), dtype=dtype)
    for part, weight in _weights(values, scale, dtype):
        place = out[:, part]
        np.matmul(rows, weight.T, out=place)
        if values.dtype == np.int8:
            place *= scale[part, 0]
    return out.reshape(*x.shape[:-1], count).astype(x.dtype, copy=False)
