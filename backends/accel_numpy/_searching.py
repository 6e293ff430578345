"""The deviations of NumPy in searching, in sets and in sorting."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from accel.errors import AxisError

Array: TypeAlias = npt.NDArray[Any]


# NumPy makes float64 of a Python scalar and compares in that, and misses the 0.1 of a float32 array.
def searchsorted(x1: Array, x2: Any, /, *, side: Any = "left", sorter: Array | None = None) -> Any:
    if isinstance(x2, int | float):
        x2 = np.asarray(x2, dtype=np.result_type(x1, x2))
    return np.searchsorted(x1, x2, side=side, sorter=sorter)


# NumPy's own is unsorted since 2.3 (numpy/numpy#26018).
def unique_values(x: Array, /) -> Array:
    return np.unique(x, equal_nan=False)


# NumPy has no descending order, is unstable unless asked, and takes a 0-d array for a vector.
def argsort(x: Array, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Array:
    has_axis(x, "argsort")
    if not descending:
        return np.argsort(x, axis=axis, stable=True)
    order: Array = np.flip(np.argsort(np.flip(x, axis), axis=axis, stable=True), axis)
    last: int = x.shape[axis] - 1
    return np.subtract(last, order)


# NumPy has no descending order and is unstable unless asked; it is up to ten times faster so, which is why a long
# array asks for it only where the order of equal elements shows: in that of -0.0 and 0.0.
def sort(x: Array, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Array:
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
