"""The deviations of NumPy in creating arrays."""

from __future__ import annotations

import math
import sys
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from accel.errors import ArgumentError, DTypeError, ShapeError
from accel_numpy._data_type import astype, iinfo

Array: TypeAlias = npt.NDArray[Any]
_INT64 = np.dtype(np.int64)


# NumPy takes booleans for bounds, wraps what does not fit the dtype, and goes beyond int64 as float64 or object.
def arange(start: Any, /, stop: Any = None, step: Any = 1, *, dtype: Any = None, device: Any = None) -> Array:
    if stop is None:
        start, stop = 0, start
    if type(start) is int and type(stop) is int and type(step) is int:
        dtype = _INT64 if dtype is None else dtype
    elif any(isinstance(bound, (bool, np.bool)) for bound in (start, stop, step)):
        raise ArgumentError("arange counts with numbers, and got a bool; write 0 or 1.")
    if dtype is not None:
        dtype = np.dtype(dtype)
        if dtype.kind == "b":
            raise DTypeError("arange makes numbers, and got dtype=bool.")
        if dtype.kind in "iu" and step:
            _fits(dtype, start, stop, step)
    return np.arange(start, stop, step, dtype=dtype, device=device)


def _fits(dtype: np.dtype[Any], start: Any, stop: Any, step: Any) -> None:
    limits = iinfo(dtype)
    if limits.min <= start <= limits.max and limits.min <= stop <= limits.max:
        return
    whole = all(isinstance(bound, int) for bound in (start, stop, step))
    count = -((start - stop) // step) if whole else math.ceil((stop - start) / step)
    first, last = int(start), int(start + (count - 1) * step)
    if count > 0 and not (limits.min <= first <= limits.max and limits.min <= last <= limits.max):
        raise OverflowError(f"The numbers from {start} to {last} do not fit {dtype}; name a wider dtype.")
    if count > sys.maxsize:
        raise ArgumentError(f"An array cannot hold the {count} numbers from {start} to {last}.")


# NumPy takes strings and objects, makes uint64 of an int beyond int64, and casts arrays as `astype` may not.
def asarray(obj: Any, /, *, dtype: Any = None, device: Any = None, copy: bool | None = None) -> Array:
    if dtype is not None and copy is not False and isinstance(obj, np.ndarray | np.generic):
        return astype(np.asarray(obj), dtype, copy=bool(copy), device=device)
    # Read without the dtype first, which would have made numbers of strings and of None.
    array: Array = np.asarray(obj, device=device, copy=copy)
    if dtype is None and _beyond_int64(obj, array):
        raise OverflowError(
            "A Python integer does not fit int64, the default integer dtype; name a dtype that can hold it."
        )
    if not _are_numbers(array, dtype):
        raise DTypeError(
            f"Got {_described(obj)}, which NumPy would store as {array.dtype.name}; "
            "an array holds booleans, integers, floats or complex numbers."
        )
    if dtype is None or array.dtype == dtype:
        return array
    if array.dtype.kind == "c" and np.dtype(dtype).kind not in "bc":
        raise DTypeError(
            f"Got {_described(obj)}, and {np.dtype(dtype)} would drop the imaginary part; take the real part first."
        )
    return np.asarray(obj, dtype=dtype, device=device, copy=copy)


def _are_numbers(array: Array, dtype: Any) -> bool:
    if array.dtype.kind == "O":  # Python ints beyond 64 bits, which some dtypes can hold
        return dtype is not None and all(isinstance(item, int) for item in array.flat)
    return array.dtype.kind in "biufc" or array.dtype.type.__module__ == "ml_dtypes"


def _beyond_int64(obj: Any, array: Array) -> bool:
    """Tell whether Python ints made an array that is not of the default integer dtype; of large ones with -1 NumPy makes floats."""
    if array.dtype.kind == "f" and not (array.dtype == np.float64 and np.any(np.abs(array) >= 2.0**63)):
        return False
    return array.dtype.kind in "uOf" and isinstance(obj, int | list | tuple) and _are_ints(obj)


def _are_ints(obj: Any) -> bool:
    return all(map(_are_ints, obj)) if isinstance(obj, list | tuple) else isinstance(obj, int)


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


# NumPy flattens what is no vector.
def meshgrid(*arrays: Array, indexing: Any = "xy") -> tuple[Array, ...]:
    for x in arrays:
        if x.ndim > 1:
            raise ShapeError(f"meshgrid takes vectors, and got an array of shape {x.shape}.")
    return tuple(np.meshgrid(*arrays, indexing=indexing))


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
