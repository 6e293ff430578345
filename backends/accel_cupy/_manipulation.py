"""Manipulation and searching of positions: what CuPy does with numbers only, or not at all."""

from __future__ import annotations

from operator import index
from typing import Any

import cupy as cp

from accel.errors import ArgumentError, AxisError, DTypeError, ShapeError

__all__ = [
    "broadcast_arrays",
    "broadcast_to",
    "concat",
    "meshgrid",
    "repeat",
    "reshape",
    "take",
    "take_along_axis",
    "unstack",
]


# A tuple whatever CuPy's version returns.
def broadcast_arrays(*arrays: Any) -> tuple[Any, ...]:
    return tuple(cp.broadcast_arrays(*arrays))


# As broadcast_arrays; and NumPy takes a number for a vector of one.
def meshgrid(*arrays: Any, indexing: str = "xy") -> tuple[Any, ...]:
    if any(x.ndim > 1 for x in arrays):
        raise ShapeError(f"meshgrid takes vectors, got shapes {', '.join(str(x.shape) for x in arrays)}.")
    return tuple(cp.meshgrid(*map(cp.atleast_1d, arrays), indexing=indexing))


# CuPy takes negative sizes and gives an array that cannot exist.
def broadcast_to(x: Any, /, shape: Any) -> Any:
    if any(size < 0 for size in shape):
        raise ShapeError(f"broadcast_to got shape {tuple(shape)}; a size cannot be negative.")
    return cp.broadcast_to(x, shape)


# CuPy cuts an axis of 0.5 to 0, and has another error for arrays without axes.
def concat(arrays: Any, /, *, axis: Any = 0) -> Any:
    if axis is not None and any(x.ndim == 0 for x in arrays):
        raise ShapeError("concat got an array without axes; write axis=None, or stack.")
    along: Any = None if axis is None else index(axis)
    return cp.concat(arrays, axis=along)


# CuPy reads an array of counts on the host, one transfer for each call; here only their total is waited for, since it is the shape.
def repeat(x: Any, repeats: Any, /, *, axis: int | None = None) -> Any:
    if not isinstance(repeats, cp.ndarray):
        return cp.repeat(x, repeats, axis)
    if axis is None:
        x, axis = x.reshape(-1), 0
    if not -x.ndim <= axis < x.ndim:
        raise AxisError(f"repeat got axis {axis} for an array of {x.ndim} dimensions.")
    length = x.shape[axis]
    if repeats.ndim > 1 or repeats.size not in (1, length):
        raise ShapeError(
            f"repeat got {repeats.size} counts for {length} elements; give one count, or one for each."
        )
    ends = cp.cumsum(cp.broadcast_to(repeats.reshape(-1), (length,)), dtype=cp.int64)
    total = int(ends[-1]) if length else 0
    return cp.take(x, cp.searchsorted(ends, cp.arange(total), side="right"), axis=axis)


# CuPy calls the shape newshape.
def reshape(x: Any, /, shape: Any, *, copy: bool | None = None) -> Any:
    return cp.reshape(x, shape, copy=copy)


# CuPy leaves it to the C++ compiler to refuse indices that are no integers.
def take(x: Any, indices: Any, /, *, axis: int | None = None) -> Any:
    return cp.take(x, _whole("take", indices), axis)


# As take; and CuPy has no default for axis.
def take_along_axis(x: Any, indices: Any, /, *, axis: int = -1) -> Any:
    return cp.take_along_axis(x, _whole("take_along_axis", indices), axis)


def _whole(name: str, indices: Any) -> Any:
    if indices.dtype.kind not in "iu":
        raise DTypeError(
            f"{name} got indices of {indices.dtype}; write astype(indices, int64), or x[mask] for a mask."
        )
    return indices


# CuPy has none.
def unstack(x: Any, /, *, axis: int = 0) -> tuple[Any, ...]:
    if x.ndim == 0:
        raise ArgumentError("unstack got an array without dimensions; there is nothing to take apart.")
    return tuple(cp.moveaxis(x, axis, 0))
