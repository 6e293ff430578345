"""Sums whose error does not grow with their length.

NumPy adds pairwise along the axis whose elements lie closest together, and one by one along every other. Here the others are cut
into blocks of 64, the sums of the blocks into blocks again, so that no element takes part in more than 64 additions for each
factor of 64 in the length. Sixteen bits are added in float32 and rounded once.
"""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

__all__ = ["ONES", "SHORT", "addition", "count", "row_sums", "running", "summed"]

Array: TypeAlias = npt.NDArray[Any]
Axis: TypeAlias = int | tuple[int, ...] | None

_reduce: Any = np.add.reduce  # whose types take no bool for keepdims

BLOCK = 64
FEW = 128
"""So many additions may follow one another: they are off by half an eps each, and the promise begins at 64 eps."""


def addition(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Give the dtype in which numbers of a floating-point dtype are added and multiplied."""
    return np.dtype(np.float32) if dtype.itemsize == 2 and dtype.kind in "fV" else dtype


def count(x: Any, axis: Axis) -> int:
    """Count the elements that a reduction takes together."""
    return x.size if axis is None else math.prod(x.shape[a] for a in normalize_axis_tuple(axis, x.ndim))


def summed(x: Any, axis: Axis, keepdims: bool, dtype: Any = None) -> Any:
    """Add floating-point numbers along some axes, in a dtype that may be another than theirs."""
    if x.size <= FEW or (axis is None and x.flags.forc):
        return _reduce(x, axis=axis, dtype=dtype, keepdims=keepdims)
    axes = tuple(range(x.ndim)) if axis is None else normalize_axis_tuple(axis, x.ndim)
    if not _serial(x, axes):
        return _reduce(x, axis=axes, dtype=dtype, keepdims=keepdims)
    out = x
    for each in sorted(axes, key=lambda a: abs(x.strides[a])):
        out = _along(out, each, dtype)
    if keepdims:
        return out
    return out.reshape([n for a, n in enumerate(x.shape) if a not in axes])[()]


def _serial(x: Array, axes: tuple[int, ...]) -> bool:
    """Tell whether NumPy would make more than a few additions one after the other."""
    extent = math.prod(x.shape[a] for a in axes)
    if extent <= FEW or x.size == 0:
        return False
    order = sorted((abs(stride), a) for a, stride in enumerate(x.strides) if x.shape[a] > 1)
    pairwise, following = 1, 0
    for stride, a in order:
        if a not in axes or stride == 0 or (pairwise > 1 and stride != following):
            break
        pairwise *= x.shape[a]
        following = stride * x.shape[a]
    return bool(extent // pairwise > (FEW if pairwise == 1 else BLOCK))


def _along(x: Array, axis: int, dtype: Any) -> Array:
    extent = x.shape[axis]
    if extent <= BLOCK or not _serial(x, (axis,)):
        return np.add.reduce(x, axis=axis, dtype=dtype, keepdims=True)
    blocks, rest = divmod(extent, BLOCK)
    before: tuple[slice, ...] = (slice(None),) * axis
    whole = x[(*before, slice(blocks * BLOCK))]
    whole = whole.reshape(*x.shape[:axis], blocks, BLOCK, *x.shape[axis + 1 :])
    out = _along(np.add.reduce(whole, axis=axis + 1, dtype=dtype), axis, dtype)
    if rest:
        out += np.add.reduce(x[(*before, slice(blocks * BLOCK, None))], axis=axis, dtype=dtype, keepdims=True)
    return out


SHORT = 1024
"""So many numbers BLAS may add: in sixteen or more sums side by side, each of which is short."""

ONES = {kind: np.ones(SHORT, dtype=kind) for kind in "fd"}


def row_sums(x: Array, y: Array | None = None) -> Any:
    """Give the sum of each row of a matrix, or of the products of its numbers with others, as BLAS adds short pieces.

    That takes a quarter of the time of `summed`, and both dtypes of a BLAS: float32 and float64.
    """
    n = x.shape[1]
    if n <= SHORT:
        return x @ ONES[x.dtype.char][:n] if y is None else np.vecdot(x, y)
    whole = n - n % SHORT
    pieces = x[:, :whole].reshape(-1, SHORT)
    total = row_sums(pieces, None if y is None else y[:, :whole].reshape(-1, SHORT))
    total = np.add.reduce(total.reshape(len(x), -1), axis=1)
    if whole < n:
        total += row_sums(x[:, whole:], None if y is None else y[:, whole:])
    return total


def running(x: Array, axis: int, dtype: Any) -> Array:
    """Add floating-point numbers to those before them along an axis."""
    axis = normalize_axis_index(axis, x.ndim)
    if x.shape[axis] <= FEW:
        return np.add.accumulate(x, axis=axis, dtype=dtype)
    out = np.empty_like(x, dtype=dtype)
    _run(x.swapaxes(axis, -1), out.swapaxes(axis, -1))
    return out


def _run(x: Array, out: Array) -> None:
    """Write the running sums along the last axis into another array."""
    extent = x.shape[-1]
    if extent <= BLOCK:
        np.add.accumulate(x, axis=-1, dtype=out.dtype, out=out)
        return
    blocks, rest = divmod(extent, BLOCK)
    cut = blocks * BLOCK
    shape = (*x.shape[:-1], blocks, BLOCK)
    inside = out[..., :cut].reshape(shape)
    np.add.accumulate(x[..., :cut].reshape(shape), axis=-1, dtype=out.dtype, out=inside)
    before = np.empty((*x.shape[:-1], blocks), dtype=out.dtype)
    _run(inside[..., -1], before)
    inside[..., 1:, :] += before[..., :-1, None]
    if rest:
        np.add.accumulate(x[..., cut:], axis=-1, dtype=out.dtype, out=out[..., cut:])
        out[..., cut:] += before[..., -1:]
