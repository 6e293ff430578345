"""The deviations of NumPy in creating arrays."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from accel.errors import DTypeError, ShapeError
from accel_numpy._data_type import astype

Array: TypeAlias = npt.NDArray[Any]


# NumPy takes strings and objects, makes uint64 of an int beyond int64, and casts arrays as `astype` may not.
def asarray(obj: Any, /, *, dtype: Any = None, device: Any = None, copy: bool | None = None) -> Array:
    if dtype is not None and copy is not False and isinstance(obj, np.ndarray | np.generic):
        return astype(np.asarray(obj), dtype, copy=bool(copy), device=device)
    array: Array = np.asarray(obj, dtype=dtype, device=device, copy=copy)
    if array.dtype.kind in "bifc":
        return array
    if dtype is None and _beyond_int64(obj):
        raise OverflowError(
            "A Python integer does not fit int64, the default integer dtype; name a dtype that can hold it."
        )
    if array.dtype.kind != "u" and array.dtype.type.__module__ != "ml_dtypes":
        raise DTypeError(
            f"Got {_described(obj)}, which NumPy would store as {array.dtype.name}; "
            "an array holds booleans, integers, floats or complex numbers."
        )
    return array


def _beyond_int64(obj: Any) -> bool:
    if isinstance(obj, int):
        return not -(2**63) <= obj < 2**63
    return isinstance(obj, list | tuple) and any(_beyond_int64(item) for item in obj)


def _described(obj: Any) -> str:
    text = repr(obj)
    return f"{text if len(text) <= 40 else text[:37] + '...'} of type {type(obj).__name__}"


# NumPy makes uint64 of a Python int beyond int64, and takes fill values that are no numbers.
def full(shape: Any, fill_value: Any, *, dtype: Any = None, device: Any = None) -> Array:
    value = asarray(fill_value, dtype=dtype)
    return np.full(shape, value, dtype=value.dtype, device=device)


# NumPy drops the imaginary part of a complex fill value, and makes INT_MIN of a nan.
def full_like(x: Array, /, fill_value: Any, *, dtype: Any = None, device: Any = None) -> Array:
    value = asarray(fill_value, dtype=x.dtype if dtype is None else dtype)
    return np.full_like(x, value, dtype=value.dtype, device=device)


# NumPy broadcasts a vector to a square matrix first.
def tril(x: Array, /, *, k: int = 0) -> Array:
    return np.tril(_matrix(x, "tril"), k)


# As `tril`.
def triu(x: Array, /, *, k: int = 0) -> Array:
    return np.triu(_matrix(x, "triu"), k)


def _matrix(x: Array, op: str) -> Array:
    if x.ndim < 2:
        raise ShapeError(f"{op} takes arrays of two axes or more, and got one of shape {x.shape}.")
    return x
