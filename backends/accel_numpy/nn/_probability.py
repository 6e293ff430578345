"""Softmax and its logarithm, block by block in the memory of the result."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from numpy.lib.array_utils import normalize_axis_tuple

from accel_numpy._blocks import CACHE, scratch
from accel_numpy._summation import addition, row_sums, summed

__all__ = ["log_softmax", "softmax"]

Array: TypeAlias = npt.NDArray[Any]
Kernel: TypeAlias = Callable[[Array, Array, Array], None]


LOWEST = {kind: np.finfo(kind).min for kind in "fd"}


# The compositions make a new array for each step. Here the steps go over a few rows at a time, in place.
def softmax(x: Any, /, *, axis: Any = -1, where: Any = None) -> Any:
    return _along(_softmax, x, axis, where)


def log_softmax(x: Any, /, *, axis: Any = -1, where: Any = None) -> Any:
    return _along(_log_softmax, x, axis, where)


# Rows of -inf alone need no choice by a mask: what they begin with changes no other row.
def largest(x: Array) -> Array:
    """Give the largest number of each row, along axis 1, but at least the smallest finite one."""
    top: Array = np.maximum.reduce(x, axis=1, keepdims=True, initial=LOWEST[x.dtype.char])
    return top


def added(x: Array) -> Array:
    """Add the numbers of each row."""
    total: Array = row_sums(x)[:, None] if x.ndim == 2 else summed(x, (1,), True)
    return total


def totals(weights: Array) -> Array:
    """Add the exponentials of each row, of which the largest is 1; where there are none the sum is not 0."""
    total = added(weights)
    return np.maximum(total, 0.5, out=total)


def _softmax(x: Array, out: Array, room: Array) -> None:
    np.subtract(x, largest(x), out=out)
    np.exp(out, out=out)
    total = totals(out)
    out *= np.divide(1, total, out=total)


def _log_softmax(x: Array, out: Array, room: Array) -> None:
    np.subtract(x, largest(x), out=out)
    total = totals(np.exp(out, out=room))
    out -= np.log(total, out=total)


def _along(kernel: Kernel, x: Any, axis: Any, where: Any) -> Any:
    x = np.asarray(x)
    axes = tuple(range(x.ndim)) if axis is None else normalize_axis_tuple(axis, x.ndim)
    if where is not None:
        where = np.broadcast_to(where, x.shape)
    if x.flags.f_contiguous and not x.flags.c_contiguous:
        flipped = tuple(x.ndim - 1 - a for a in axes)
        return _ordered(kernel, x.T, flipped, None if where is None else where.T).T
    return _ordered(kernel, x, axes, where)


def _ordered(kernel: Kernel, x: Array, axes: tuple[int, ...], where: Array | None) -> Array:
    """Run a kernel on an array that had better be in C order."""
    first, last = (min(axes), max(axes) + 1) if axes else (x.ndim, x.ndim)
    if last - first != len(axes):
        # Axes that are not neighbours are brought together; the one copy is the memory of the result.
        rest = tuple(a for a in range(x.ndim) if a not in axes)
        order = (*rest, *sorted(axes))
        found = _ordered(
            kernel,
            x.transpose(order),
            tuple(range(len(rest), x.ndim)),
            None if where is None else where.transpose(order),
        )
        return found.transpose(np.argsort(order))
    if x.flags.c_contiguous:
        out = np.empty_like(x)
    else:
        out = x = np.array(x, order="C")
    shape: tuple[int, ...] = (
        math.prod(x.shape[:first]),
        math.prod(x.shape[first:last]),
        math.prod(x.shape[last:]),
    )
    if shape[2] == 1:
        shape = shape[:2]
    lines = x.reshape(shape), out.reshape(shape)
    if where is not None:
        where = where.reshape(shape)
    work = addition(x.dtype)
    narrow = work != x.dtype
    with np.errstate(all="ignore"):
        for place, (room, more) in rooms(shape, work, kernel is _log_softmax, narrow or where is not None):
            one, two = lines[0][place], lines[1][place]
            if where is not None:
                one = _masked(one, where[place], more)
            elif narrow:
                more[...] = one
                one = more
            if narrow:
                kernel(one, one, room)
                two[...] = one
            else:
                kernel(one, two, room)
    return out


def cut(shape: Any, itemsize: int) -> Iterator[tuple[slice, ...]]:
    """Cut an array of rows along axis 1 into blocks of whole rows that stay in the cache."""
    if 0 in shape:
        return
    inner = shape[2] if len(shape) > 2 else 1
    several = max(1, CACHE // max(shape[1] * inner * itemsize, 1))
    columns = inner if several > 1 else max(256, CACHE // max(shape[1] * itemsize, 1))
    for row in range(0, shape[0], several):
        for column in range(0, inner, columns):
            block = slice(row, row + several), slice(None), slice(column, column + columns)
            yield block[: len(shape)]


def rooms(
    shape: tuple[int, ...], work: np.dtype[Any], *wanted: bool
) -> Iterator[tuple[tuple[slice, ...], list[Any]]]:
    """Give for each block its place, and memory for arrays of its shape where they are wanted."""
    room: Any = None
    nothing: list[Any] = [None] * len(wanted)
    for place in cut(shape, work.itemsize):
        if not any(wanted):
            yield place, nothing
            continue
        own = tuple(min(part.stop or n, n) - (part.start or 0) for part, n in zip(place, shape, strict=True))
        count = math.prod(own)
        if room is None:
            room = scratch(sum(wanted), count, work)
        rows = iter(room)
        yield place, [next(rows)[:count].reshape(own) if each else None for each in wanted]


def _masked(x: Array, counts: Array, limit: Array) -> Array:
    """Make -inf of what does not count."""
    # A choice by a mask takes NumPy five times as long. Where a nan counts it becomes inf, which also makes a row of nan.
    limit[...] = counts
    limit -= 0.5
    limit *= np.inf
    return np.fmin(x, limit, out=limit)
