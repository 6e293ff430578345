"""Interpolation of a few planes at a time, whose neighbours are weighed where they lie in the cache."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from accel.nn.resampling import lengths, linear, nearest
from accel_numpy._blocks import blocks
from accel_numpy._summation import addition

__all__ = ["interpolate"]

Array: TypeAlias = npt.NDArray[Any]
Asked: TypeAlias = tuple[int, int, float | None, bool]
"""Lengths of an axis before and after, the factor between them and whether corners are aligned."""


@lru_cache(maxsize=128)
def _chosen(asked: Asked) -> Array:
    return np.asarray(nearest(*asked[:3]), dtype=np.intp)


@lru_cache(maxsize=128)
def _neighbours(asked: Asked, dtype: Any) -> tuple[Array, Array, Array, Array]:
    """Give the places of both neighbours of each sample, and their shares."""
    sample = linear(*asked)
    above = np.asarray(sample.share, dtype=dtype)
    places = (np.asarray(each, dtype=np.intp) for each in (sample.lower, sample.upper))
    lower, upper = places
    return lower, upper, dtype.type(1) - above, above


def _taken(x: Array, places: Array, axis: int, to: Array | None = None) -> Array:
    # The mode is that which writes into another array without a copy; all places are inside.
    return np.take(x, places, axis=axis, out=to, mode="clip")


# The composition makes four arrays of the size of the result for each axis.
def interpolate(
    x: Any,
    /,
    *,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool = False,
) -> Any:
    wanted = lengths(x.shape[2:], size, scale_factor)
    counts = tuple(count for count, _ in wanted)
    out = np.empty((*x.shape[:2], *counts), dtype=x.dtype)
    planes, to = x.reshape(-1, *x.shape[2:]), out.reshape(-1, *counts)
    # The last axis first: there neighbours are gathered one by one, and afterwards whole rows.
    axes: list[tuple[int, Asked]] = [
        (axis, (x.shape[axis + 1], count, scale, align_corners))
        for axis, (count, scale) in reversed([*enumerate(wanted, start=1)])
        if count != x.shape[axis + 1]
    ]
    dtype = x.dtype if mode == "nearest" else addition(x.dtype)
    each = max(math.prod(x.shape[2:]), math.prod(counts)) * dtype.itemsize
    for part in blocks(len(planes), each):
        found = planes[part]
        if mode == "nearest":
            for axis, asked in axes:
                found = _taken(found, _chosen(asked), axis)
        else:
            found = found.astype(dtype, copy=False)
            for axis, asked in axes:
                lower, upper, below, above = _neighbours(asked, dtype)
                shape = (-1, *(1,) * (found.ndim - axis - 1))
                first, second = _taken(found, lower, axis), _taken(found, upper, axis)
                first *= below.reshape(shape)
                second *= above.reshape(shape)
                first += second
                found = first
        to[part] = found
    return out
