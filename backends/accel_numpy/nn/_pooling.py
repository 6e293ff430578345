"""Pooling one axis after the other, in place, as many planes at a time as the cache holds."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from accel.nn.window import Windows, pooled
from accel_numpy._blocks import CACHE, blocks
from accel_numpy._summation import addition

__all__ = ["avg_pool1d", "avg_pool2d", "avg_pool3d", "max_pool1d", "max_pool2d", "max_pool3d"]

Array: TypeAlias = npt.NDArray[Any]


def _along(
    x: Array, over: Windows, axis: int, run: tuple[int, int], combine: np.ufunc, value: Any, dtype: Any
) -> Array:
    """Combine what a run of windows along one axis lies on."""
    if (over.kernel[axis], over.stride[axis]) == (1, 1) and run == (0, x.shape[axis + 1]):
        return x
    before = (slice(None),) * (axis + 1)
    pairs = [over.inside(axis, tap, *run) for tap in range(over.kernel[axis])]
    count = run[1] - run[0]
    # Taps that lie on the axis in every window come first, so that nothing has to be filled in before.
    pairs.sort(key=lambda pair: pair[0].start - pair[0].stop)
    whole = sum(pair[0] == slice(0, count) for pair in pairs)
    shape = (*x.shape[: axis + 1], count, *x.shape[axis + 2 :])
    if whole == 0:
        out = np.full(shape, value, dtype=dtype)
    elif whole == 1:
        out = x[(*before, pairs[0][1])].astype(dtype)
    else:
        out = combine(x[(*before, pairs[0][1])], x[(*before, pairs[1][1])], dtype=dtype)
    for windows, elements in pairs[min(whole, 2) :]:
        if windows.start < windows.stop:
            place = out[(*before, windows)]
            combine(place, x[(*before, elements)], out=place)
    return out


# The composition pads a copy, and makes an array of the size of the result for each tap.
def _pool(x: Array, over: Windows, combine: np.ufunc, value: Any, counts: Any = None) -> Array:
    dtype = addition(x.dtype) if counts is not None else x.dtype
    planes = x.reshape(-1, *over.spatial)
    out = np.empty((*x.shape[:2], *over.lengths), dtype=x.dtype)
    to = out.reshape(-1, *over.lengths)
    each = math.prod(over.spatial) * dtype.itemsize
    runs = [(part.start, part.stop) for part in blocks(over.lengths[0], each // over.lengths[0])]
    if len(runs) > 1 and each <= 2 * CACHE:
        runs = [(0, over.lengths[0])]
    for part in blocks(len(planes), each):
        for run in runs:
            found = _along(planes[part], over, 0, run, combine, value, dtype)
            for axis in range(1, len(over.kernel)):
                found = _along(found, over, axis, (0, over.lengths[axis]), combine, value, dtype)
            if counts is not None:
                divisor = (
                    counts
                    if np.ndim(counts) == 0
                    else counts[slice(*run) if len(counts) > 1 else slice(None)]
                )
                found = np.divide(found, divisor, dtype=dtype)
            to[part, slice(*run)] = found
    return out


def _lowest(dtype: np.dtype[Any]) -> Any:
    return np.iinfo(dtype).min if dtype.kind in "iu" else -np.inf


def max_pool1d(
    x: Any,
    /,
    kernel_size: Any,
    *,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
) -> Any:
    over = pooled(
        x.shape[2:], kernel_size, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil_mode
    )
    return _pool(x, over, np.maximum, _lowest(x.dtype))


max_pool2d = max_pool3d = max_pool1d


def _counts(over: Windows, dtype: Any) -> Any:
    """Give the number of elements in each window, as one number where all have as many."""
    if all(len(set(counted)) == 1 for counted in over.counted):
        return dtype.type(math.prod(counted[0] for counted in over.counted))
    found: Any = np.ones((1,) * len(over.counted), dtype=dtype)
    for axis, counted in enumerate(over.counted):
        found = found * np.asarray(counted, dtype=dtype).reshape(-1, *(1,) * (len(over.counted) - axis - 1))
    return found


def avg_pool1d(
    x: Any,
    /,
    kernel_size: Any,
    *,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Any:
    over = pooled(
        x.shape[2:],
        kernel_size,
        stride=stride,
        padding=padding,
        ceil_mode=ceil_mode,
        count_include_pad=count_include_pad,
    )
    return _pool(x, over, np.add, 0, _counts(over, addition(x.dtype)))


avg_pool2d = avg_pool3d = avg_pool1d
