"""Selection on NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

import accel as xp
from accel.extra.selection import TopK, among_tracers, evaluated, several_of, shared
from accel.lending import constant
from accel_numpy._bfloat16 import by_float32
from accel_numpy._blocks import blocks
from accel_numpy._searching import argsort, where

__all__ = ["apply_where", "argpartition", "argwhere", "nonzero", "partition", "topk"]

Array: TypeAlias = npt.NDArray[Any]

argpartition = by_float32(lambda x, /, kth, *, axis=-1: np.argpartition(x, kth, axis=axis))
partition = by_float32(lambda x, /, kth, *, axis=-1: np.partition(x, kth, axis=axis))


# The composition sorts all; a partition finds the bound of those that are wanted in less time.
@by_float32
def topk(x: Array, /, k: int, *, axis: int = -1, largest: bool = True) -> TopK:
    length = x.shape[axis]
    if length < LONG or not 0 < 4 * k <= length:
        return _sorted(x, k, axis, largest)
    rows = np.moveaxis(x, axis, -1)
    shape = rows.shape[:-1]
    rows = rows.reshape(-1, length)
    values, indices = np.empty((len(rows), k), dtype=x.dtype), np.empty((len(rows), k), dtype=np.int64)
    for part in blocks(len(rows), length * x.itemsize):
        values[part], indices[part] = _best(rows[part], k, largest)
    return TopK(*(np.moveaxis(each.reshape(*shape, k), -1, axis) for each in (values, indices)))


LONG = 100
"""Shorter axes are sorted in the time in which a partition would begin."""


def _sorted(x: Array, k: int, axis: int, largest: bool) -> TopK:
    order = argsort(x, axis=axis, descending=largest)
    indices = order[(slice(None),) * (axis % x.ndim) + (slice(0, k),)]
    return TopK(np.take_along_axis(x, indices, axis), indices)


def _best(x: Array, k: int, largest: bool) -> TopK:
    """Choose from each row of a matrix."""
    length = x.shape[1]
    indices = np.argpartition(x, length - k if largest else k - 1, axis=1)
    bound = np.take_along_axis(x, indices[:, (length - k if largest else k - 1), None], 1)
    if np.any(bound != bound):
        return _sorted(x, k, 1, largest)
    # In their order, in which the sort leaves equal ones.
    indices = np.sort(indices[:, length - k :] if largest else indices[:, :k], axis=1)
    values = np.take_along_axis(x, indices, 1)
    order = argsort(values, axis=1, descending=largest)
    values, indices = np.take_along_axis(values, order, 1), np.take_along_axis(indices, order, 1)
    # Which of more equal elements than there is room for are there, the partition leaves open.
    equal, taken = x == bound, values == bound
    if np.count_nonzero(equal) != np.count_nonzero(taken):
        crowded = np.count_nonzero(equal, axis=1) != np.count_nonzero(taken, axis=1)
        values[crowded], indices[crowded] = _marked(x[crowded], bound[crowded], k, largest)
    return TopK(values, indices)


def _marked(x: Array, bound: Array, k: int, largest: bool) -> TopK:
    """Choose what is beyond the bound of each row, and of what is equal to it the first elements."""
    # A nan is above every number, and no number is below it.
    wanted = ~(x <= bound) if largest else x < bound
    equal = x == bound
    equal &= np.cumsum(equal, axis=1) <= k - np.count_nonzero(wanted, axis=1)[:, None]
    wanted |= equal
    indices = np.flatnonzero(wanted).reshape(-1, k) - x.shape[1] * np.arange(len(x))[:, None]
    values = np.take_along_axis(x, indices, 1)
    order = argsort(values, axis=1, descending=largest)
    return TopK(np.take_along_axis(values, order, 1), np.take_along_axis(indices, order, 1))


# The composition looks for each position.
def nonzero(x: Array, /, *, size: int | None = None, fill_value: int = 0) -> tuple[Array, ...]:
    found = np.nonzero(x)
    return found if size is None else tuple(_sized(each, size, fill_value) for each in found)


# As nonzero.
def argwhere(x: Array, /, *, size: int | None = None, fill_value: int = 0) -> Array:
    return np.stack(nonzero(x, size=size, fill_value=fill_value), axis=1)


def _sized(x: Array, size: int, fill_value: int) -> Array:
    if x.shape[0] >= size:
        return x[:size]
    out = np.full(size, fill_value, dtype=x.dtype)
    out[: x.shape[0]] = x
    return out


# The composition puts an element that counts in the place of those that do not; here the functions get no others.
def apply_where(
    cond: Array,
    args: Any,
    f1: Callable[..., Any],
    f2: Callable[..., Any] | None = None,
    /,
    *,
    fill_value: Any = None,
) -> Array:
    if among_tracers(cond, args):
        cond, args = constant((cond, args))
        traced: Array = xp.extra.apply_where(cond, args, f1, f2, fill_value=fill_value)
        return traced
    cond, *several = shared(cond, several_of(args))
    here = np.flatnonzero(cond)
    one = evaluated(f1, [x.reshape(-1)[here] for x in several])
    if f2 is None:
        there: Any = slice(None)
        two = fill_value
    else:
        there = np.flatnonzero(~cond)
        two = evaluated(f2, [x.reshape(-1)[there] for x in several])
    out = np.empty(cond.size, dtype=where(np.zeros(0, dtype=bool), _none(one), _none(two)).dtype)
    out[there] = two
    out[here] = one
    return out.reshape(cond.shape)


def _none(x: Any) -> Any:
    """Give no elements of an array, or a number as it is; in a choice between the two they have the dtype of the result."""
    return x.reshape(-1)[:0] if isinstance(x, np.ndarray | np.generic) else x
