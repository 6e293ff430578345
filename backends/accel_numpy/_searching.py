"""The deviations of NumPy in indexing, in searching, in sets and in sorting."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from accel.errors import AxisError, DTypeError
from accel_numpy._elementwise import refuse

Array: TypeAlias = npt.NDArray[Any]


# NumPy takes booleans for indices.
def take(x: Array, indices: Array, /, *, axis: int | None = None) -> Any:
    are_integers(indices, "take")
    return np.take(x, indices, axis=axis)


# NumPy's error for indices that are no integers is about an index, and not about a dtype.
def take_along_axis(x: Array, indices: Array, /, *, axis: int = -1) -> Any:
    are_integers(indices, "take_along_axis")
    return np.take_along_axis(x, indices, axis=axis)


def are_integers(indices: Array, op: str) -> None:
    if indices.dtype.kind not in "iu":
        raise DTypeError(
            f"{op} takes integers for indices, and got {indices.dtype}; cast them with astype, or write x[mask]."
        )


# NumPy makes float64 of a Python scalar and compares in that, and misses the 0.1 of a float32 array; and it orders
# complex numbers.
def searchsorted(x1: Array, x2: Any, /, *, side: Any = "left", sorter: Array | None = None) -> Any:
    refuse("c", "searchsorted", x1, x2)
    if isinstance(x2, int | float):
        x2 = np.asarray(x2, dtype=np.result_type(x1, x2))
    return np.searchsorted(x1, x2, side=side, sorter=sorter)


# NumPy wraps a Python int that does not fit the dtype of the other, and makes float64 of bfloat16 beside a Python float.
def where(condition: Array, x1: Any, x2: Any, /) -> Any:
    if type(x1) is int or type(x2) is int:
        dtype = np.result_type(*(0 if type(x) is int else x for x in (x1, x2)))
        x1, x2 = (np.asarray(x, dtype=dtype) if type(x) is int else x for x in (x1, x2))
    elif type(x2) is float and getattr(x1, "dtype", _FLOAT).kind == "V":
        x2 = np.asarray(x2, dtype=np.asarray(x1).dtype)
    elif type(x1) is float and getattr(x2, "dtype", _FLOAT).kind == "V":
        x1 = np.asarray(x1, dtype=np.asarray(x2).dtype)
    return np.where(condition, x1, x2)


_FLOAT = np.dtype(np.float64)


# NumPy's own is unsorted since 2.3 (numpy/numpy#26018).
def unique_values(x: Array, /) -> Array:
    return np.unique(x, equal_nan=False)


# NumPy has no descending order, is unstable unless asked, takes a 0-d array for a vector, and orders complex numbers.
def argsort(x: Array, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Array:
    refuse("c", "argsort", x)
    has_axis(x, "argsort")
    if not descending:
        return np.argsort(x, axis=axis, stable=True)
    order: Array = np.flip(np.argsort(np.flip(x, axis), axis=axis, stable=True), axis)
    last: int = x.shape[axis] - 1
    return np.subtract(last, order)


# As `argsort`; unstable it is up to ten times faster, which is why a long array is stable only where the order of equal
# elements shows: in that of -0.0 and 0.0.
def sort(x: Array, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Array:
    refuse("c", "sort", x)
    has_axis(x, "sort")
    needed = x.size < 1000 or _shows_order(x)
    if not descending:
        return np.sort(x, axis=axis, stable=needed)
    return np.flip(np.sort(np.flip(x, axis), axis=axis, stable=needed), axis).copy()


def _shows_order(x: Array) -> bool:
    if x.dtype.kind == "f":
        return bool(np.any(np.signbit(x) & (x == 0)))
    return x.dtype.kind not in "biu"


def has_axis(x: Array, op: str) -> None:
    if x.ndim == 0:
        raise AxisError(f"{op} works along an axis, and got a 0-d array, which has none.")
