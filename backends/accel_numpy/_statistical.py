"""The deviations of NumPy in reductions, cumulations and differences."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from numpy.lib.array_utils import normalize_axis_index

from accel.errors import DTypeError
from accel_numpy._elementwise import refuse
from accel_numpy._searching import has_axis
from accel_numpy._summation import addition, count, running, summed

Array: TypeAlias = npt.NDArray[Any]
Axis: TypeAlias = int | tuple[int, ...] | None

FLOATING = "fcV"
"""Kinds of floating-point dtypes; that of bfloat16, which is another package's, is V."""


# NumPy takes a 0-d array for a vector, and multiplies in 16 bits.
def cumulative_prod(
    x: Array, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False
) -> Array:
    has_axis(x, "cumulative_prod")
    wanted = _wanted("cumulative_prod", x, dtype)
    working = addition(wanted)
    if working == wanted:
        return np.cumulative_prod(x, axis=axis, dtype=dtype, include_initial=include_initial)
    # What has no 16 bits yet is cut to them before it is multiplied.
    given = x.astype(wanted, copy=False).astype(working)
    return np.cumulative_prod(given, axis=axis, include_initial=include_initial).astype(wanted)


# NumPy adds one element after the other, and takes a 0-d array for a vector.
def cumulative_sum(
    x: Array, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False
) -> Array:
    has_axis(x, "cumulative_sum")
    wanted = _wanted("cumulative_sum", x, dtype)
    if wanted.kind not in FLOATING or (axis is None and x.ndim > 1):
        return np.cumulative_sum(x, axis=axis, dtype=dtype, include_initial=include_initial)
    along = normalize_axis_index(0 if axis is None else axis, x.ndim)
    working = addition(wanted)
    given = x.astype(wanted, copy=False).astype(working, copy=False)
    out = running(given, along, working).astype(wanted, copy=False)
    if not include_initial:
        return out
    return np.concat([np.zeros(_first(x, along), dtype=wanted), out], axis=along)


def _first(x: Array, axis: int) -> tuple[int, ...]:
    return tuple(1 if a == axis else n for a, n in enumerate(x.shape))


def _wanted(name: str, x: Any, dtype: Any) -> np.dtype[Any]:
    """Give the dtype of a sum or product, that of integers left to NumPy; an imaginary part is not dropped."""
    wanted: np.dtype[Any] = x.dtype if dtype is None else np.dtype(dtype)
    if x.dtype.kind == "c" and wanted.kind not in "bc":
        raise DTypeError(f"{name} got {x.dtype} and dtype={wanted}; take real(x), imag(x) or abs(x) first.")
    return wanted


# As for `sum`; NumPy also warns where there is nothing to take the mean of.
def mean(x: Any, /, *, axis: Axis = None, keepdims: bool = False) -> Any:
    dtype = x.dtype if x.dtype.kind in FLOATING else np.dtype(np.float64)
    working = addition(dtype)
    total = summed(x if working == dtype else x.astype(working), axis, keepdims, working)
    with np.errstate(invalid="ignore"):
        return np.divide(total, total.dtype.type(count(x, axis))).astype(dtype, copy=False)


# NumPy multiplies in 16 bits.
def prod(x: Any, /, *, axis: Axis = None, dtype: Any = None, keepdims: bool = False) -> Any:
    wanted = _wanted("prod", x, dtype)
    working = addition(wanted)
    if working == wanted:
        return np.prod(x, axis=axis, dtype=dtype, keepdims=keepdims)
    given = x.astype(wanted, copy=False).astype(working)
    return np.prod(given, axis=axis, keepdims=keepdims).astype(wanted)


# NumPy divides by zero, to inf and with a warning, where the correction leaves no degree of freedom, takes complex
# numbers, and adds one after the other along all axes but the last.
def std(x: Array, /, *, axis: Axis = None, correction: float = 0.0, keepdims: bool = False) -> Any:
    refuse("c", "std", x)
    return _rounded(x, np.sqrt(_spread(x, axis, correction, keepdims)))


# NumPy adds one element after the other along all axes but the last, and rounds each sum to 16 bits.
def sum(x: Any, /, *, axis: Axis = None, dtype: Any = None, keepdims: bool = False) -> Any:
    wanted = _wanted("sum", x, dtype)
    if wanted.kind not in FLOATING:
        return np.sum(x, axis=axis, dtype=dtype, keepdims=keepdims)
    working = addition(wanted)
    if working == wanted:
        return summed(x, axis, keepdims, dtype)
    return summed(x.astype(wanted, copy=False).astype(working), axis, keepdims).astype(wanted)


# As `std`.
def var(x: Array, /, *, axis: Axis = None, correction: float = 0.0, keepdims: bool = False) -> Any:
    refuse("c", "var", x)
    return _rounded(x, _spread(x, axis, correction, keepdims))


def _spread(x: Any, axis: Axis, correction: float, keepdims: bool) -> Any:
    """Give the variance in the dtype of the sums that it is made of."""
    n = count(x, axis)
    working = addition(x.dtype if x.dtype.kind in FLOATING else np.dtype(np.float64))
    x = x.astype(working, copy=False)
    if n <= correction:
        return np.full_like(np.any(x, axis=axis, keepdims=keepdims), np.nan, dtype=working)[()]
    with np.errstate(invalid="ignore", over="ignore"):
        apart = np.asarray(x - summed(x, axis, True) / working.type(n))
        np.square(apart, out=apart)
        return summed(apart, axis, keepdims) / working.type(n - correction)


def _rounded(x: Any, value: Any) -> Any:
    return value.astype(x.dtype) if addition(x.dtype) != x.dtype else value


# NumPy takes None for a value to prepend or append.
def diff(
    x: Array, /, *, axis: int = -1, n: int = 1, prepend: Array | None = None, append: Array | None = None
) -> Array:
    ends = {name: end for name, end in (("prepend", prepend), ("append", append)) if end is not None}
    return np.diff(x, n=n, axis=axis, **ends)
