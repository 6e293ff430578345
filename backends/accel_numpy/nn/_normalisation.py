"""Normalisation in blocks of rows, each of which is read once and changed where it lies in the cache."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from accel_numpy._blocks import blocks
from accel_numpy._silence import SILENT
from accel_numpy._summation import ONES, SHORT, addition, row_sums, summed

__all__ = ["batch_norm", "batch_norm_train", "group_norm", "layer_norm", "rms_norm"]

Array: TypeAlias = npt.NDArray[Any]


def _promoted(*arrays: Any) -> np.dtype[Any]:
    return np.result_type(*(x for x in arrays if x is not None))


def _lines(x: Array, axis: Any) -> tuple[Array, tuple[int, ...], Callable[[Array], Array]]:
    """Give an array as rows along some axes, those axes, and what brings rows back into its shape."""
    axes = tuple(sorted(normalize_axis_tuple(axis, x.ndim)))
    n = math.prod(x.shape[a] for a in axes)
    last = tuple(range(x.ndim - len(axes), x.ndim))
    if axes == last:
        return x.reshape(-1, n), axes, lambda rows: rows.reshape(x.shape)
    moved = np.moveaxis(x, axes, last)

    def back(rows: Array) -> Array:
        return np.ascontiguousarray(np.moveaxis(rows.reshape(moved.shape), last, axes))

    return moved.reshape(-1, n), axes, back


def _by_blocks(rows: Array, dtype: np.dtype[Any], change: Callable[[Array, Array, slice], None]) -> Array:
    """Make an array of rows block by block; ``change`` writes what becomes of some rows into a place of the working dtype."""
    working = addition(dtype)
    out = np.empty(rows.shape, dtype=dtype)
    cut = list(blocks(len(rows), rows.shape[1] * working.itemsize))
    rest = (
        None
        if not cut or working == dtype == rows.dtype
        else np.empty((cut[0].stop, rows.shape[1]), dtype=working)
    )
    with np.errstate(all="ignore"):
        for part in cut:
            if rest is None:
                change(rows[part], out[part], part)
                continue
            to = rest[: part.stop - part.start]
            change(rows[part].astype(working, copy=False), to, part)
            out[part] = to
    return out


def _mean(x: Array) -> Any:
    """Give the mean of each row."""
    total = row_sums(x)
    total /= x.shape[1]
    return total


def _mean_square(x: Array) -> Any:
    """Give the mean of the squares of each row."""
    total = row_sums(x, x)
    total /= x.shape[1]
    return total


def _inverse(square: Array, eps: float) -> Array:
    """Turn variances into the reciprocals of the roots, in place, and give them as a column."""
    square += eps
    np.sqrt(square, out=square)
    np.divide(1, square, out=square)
    return square[:, None]


def _centred(x: Array, to: Array, eps: float) -> None:
    np.subtract(x, _mean(x)[:, None], out=to)
    to *= _inverse(_mean_square(to), eps)


def _one(x: Array, axis: Any, eps: float, weight: Any, bias: Any = None) -> bool:
    """Tell whether an array is one plain row, as that of one token, of which the preparations would take the time."""
    dtype = x.dtype
    return (
        x.ndim > 0
        and 0 < x.size == x.shape[-1] <= ROW
        and (axis == -1 or axis == x.ndim - 1)
        and dtype.char in "fd"
        and eps > 0
        and (weight is None or weight.dtype == dtype)
        and (bias is None or bias.dtype == dtype)
    )


ROW = 8192
"""So many numbers NumPy adds as exactly as the blocks of `row_sums` are added, and one processor has near it."""


# NumPy is faster on vectors of one shape than on arrays and vectors that it has to bring together.
def _layer_norm(row: Array, weight: Any, bias: Any, eps: float) -> Array:
    """Normalise one row."""
    n = row.size
    total = row.dot(ONES[row.dtype.char][:n]) if n <= SHORT else np.add.reduce(row)
    y: Array = row - total / n
    y *= 1 / math.sqrt(y.dot(y) / n + eps)
    if weight is not None:
        y *= weight
    if bias is not None:
        y += bias
    return y


def _rms_norm(row: Array, weight: Any, eps: float) -> Array:
    """Normalise one row by the root of its mean square."""
    y: Array = row * (1 / math.sqrt(row.dot(row) / row.size + eps))
    if weight is not None:
        y *= weight
    return y


# The composition makes an array in each of its nine steps.
def layer_norm(
    x: Array, /, weight: Any = None, bias: Any = None, *, axis: Any = -1, eps: float = 1e-5
) -> Array:
    if _one(x, axis, eps, weight, bias):
        return SILENT.copy().run(_layer_norm, x.reshape(-1), weight, bias, eps).reshape(x.shape)
    dtype = _promoted(x, weight, bias)
    rows, _, back = _lines(x, axis)
    working = addition(dtype)
    weight, bias = (None if a is None else a.reshape(-1).astype(working, copy=False) for a in (weight, bias))

    def change(part: Array, to: Array, _: slice) -> None:
        _centred(part, to, eps)
        if weight is not None:
            to *= weight
        if bias is not None:
            to += bias

    return back(_by_blocks(rows, dtype, change))


# As layer_norm.
def rms_norm(x: Array, /, weight: Any = None, *, axis: Any = -1, eps: float = 1e-6) -> Array:
    if _one(x, axis, eps, weight):
        return SILENT.copy().run(_rms_norm, x.reshape(-1), weight, eps).reshape(x.shape)
    dtype = _promoted(x, weight)
    rows, _, back = _lines(x, axis)
    weight = None if weight is None else weight.reshape(-1).astype(addition(dtype), copy=False)

    def change(part: Array, to: Array, _: slice) -> None:
        np.multiply(part, _inverse(_mean_square(part), eps), out=to)
        if weight is not None:
            to *= weight

    return back(_by_blocks(rows, dtype, change))


# As layer_norm.
def group_norm(
    x: Array, num_groups: int, /, weight: Any = None, bias: Any = None, *, eps: float = 1e-5
) -> Array:
    dtype = _promoted(x, weight, bias)
    working = addition(dtype)
    channels = x.shape[1] // num_groups
    rows = x.reshape(x.shape[0] * num_groups, -1) if x.size else x.reshape(0, 1)
    factors = [
        None if a is None else a.reshape(num_groups, channels, 1).astype(working, copy=False)
        for a in (weight, bias)
    ]

    def change(part: Array, to: Array, place: slice) -> None:
        _centred(part, to, eps)
        by_channel = to.reshape(len(to), channels, -1)
        groups = np.arange(place.start, place.stop) % num_groups
        if factors[0] is not None:
            by_channel *= factors[0][groups]
        if factors[1] is not None:
            by_channel += factors[1][groups]

    return _by_blocks(rows, dtype, change).reshape(x.shape)


class _Channels:
    """An array as rows of one channel each, or of one sample each where few numbers of a channel lie side by side."""

    def __init__(self, x: Array, axis: int) -> None:
        along = normalize_axis_index(axis, x.ndim)
        self.count = x.shape[along]
        self.before, self.after = math.prod(x.shape[:along]), math.prod(x.shape[along + 1 :])
        self.by_channel = self.after >= 16
        shape = (self.count, self.after) if self.by_channel else (1, self.count * self.after)
        self.rows = x.reshape(self.before * shape[0], shape[1])

    def beside(self, values: Array) -> Callable[[slice], Array]:
        """Give a function that finds what one number for each channel is beside some rows."""
        if self.by_channel:
            column = np.tile(values, self.before)[:, None]
            return lambda place: column[place]
        row = np.repeat(values, self.after)[None]
        return lambda place: row

    def mean(self, dtype: np.dtype[Any], centre: Array | None = None) -> Array:
        """Give the mean of each channel, or of the squares of the distances from a centre."""
        total: Array
        apart = None if centre is None else self.beside(centre)
        each = np.zeros(self.rows.shape[0 if self.by_channel else 1], dtype=dtype)
        for place in blocks(len(self.rows), self.rows.shape[1] * dtype.itemsize):
            part = self.rows[place].astype(dtype, copy=False)
            if apart is not None:
                part = part - apart(place)
            if self.by_channel:
                each[place] = _mean(part) if apart is None else _mean_square(part)
            else:
                each += summed(part if apart is None else np.square(part, out=part), 0, False)
        if self.by_channel:
            total = summed(each.reshape(self.before, self.count), 0, False)
            total /= self.before
        else:
            total = summed(each.reshape(self.count, self.after), 1, False)
            total /= self.before * self.after
        return total


# The composition reads the numbers four times; here they are multiplied and added to in one.
def batch_norm(
    x: Array,
    mean: Array,
    var: Array,
    /,
    weight: Any = None,
    bias: Any = None,
    *,
    axis: int = 1,
    eps: float = 1e-5,
) -> Array:
    dtype = _promoted(x, mean, var, weight, bias)
    working = addition(dtype)
    mean, var = mean.astype(working, copy=False), var.astype(working, copy=False)
    weight, bias = (None if a is None else a.astype(working, copy=False) for a in (weight, bias))
    with np.errstate(all="ignore"):
        scale = np.sqrt(var + var.dtype.type(eps))
        scale = (1 if weight is None else weight) / scale
        shift = -mean * scale if bias is None else bias - mean * scale
    channels = _Channels(x, axis)
    factor, added = channels.beside(scale), channels.beside(shift)

    def change(part: Array, to: Array, place: slice) -> None:
        np.multiply(part, factor(place), out=to)
        to += added(place)

    return _by_blocks(channels.rows, dtype, change).reshape(x.shape)


# As layer_norm.
def batch_norm_train(
    x: Array, /, weight: Any = None, bias: Any = None, *, axis: int = 1, eps: float = 1e-5
) -> tuple[Array, Array, Array]:
    dtype = _promoted(x, weight, bias)
    working = addition(dtype)
    channels = _Channels(x, axis)
    with np.errstate(all="ignore"):
        mean = channels.mean(working)
        var = channels.mean(working, mean)
        scale = 1 / np.sqrt(var + working.type(eps))
        if weight is not None:
            scale = scale * weight.astype(working, copy=False)
    centre, factor = channels.beside(mean), channels.beside(scale)
    added = None if bias is None else channels.beside(bias.astype(working, copy=False))

    def change(part: Array, to: Array, place: slice) -> None:
        np.subtract(part, centre(place), out=to)
        to *= factor(place)
        if added is not None:
            to += added(place)

    return _by_blocks(channels.rows, dtype, change).reshape(x.shape), mean, var
