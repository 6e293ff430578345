"""The deviations of the NumPy backend, in the order of the spec: ops that NumPy gives another meaning."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from numpy.lib.array_utils import normalize_axis_tuple

from accel.errors import AxisError, DTypeError, ShapeError

Array: TypeAlias = npt.NDArray[Any]
Axis: TypeAlias = int | tuple[int, ...] | None

# Creation


# NumPy takes strings and objects, makes uint64 of an int beyond int64, and casts arrays as `astype` may not.
def asarray(obj: Any, /, *, dtype: Any = None, device: Any = None, copy: bool | None = None) -> Array:
    if dtype is not None and copy is not False and isinstance(obj, np.ndarray | np.generic):
        return astype(np.asarray(obj), dtype, copy=bool(copy), device=device)
    array: Array = np.asarray(obj, dtype=dtype, device=device, copy=copy)
    if dtype is None and array.dtype in (np.uint64, np.object_) and _beyond_int64(obj):
        raise OverflowError(
            "A Python integer does not fit int64, the default integer dtype; name a dtype that can hold it."
        )
    if array.dtype.kind not in "biufc" and array.dtype.type.__module__ != "ml_dtypes":
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


# Data type


# NumPy drops imaginary parts, leaves it to the CPU what a nan or a float out of range becomes, and refuses the
# scalars that its reductions return.
def astype(x: Array, dtype: Any, /, *, copy: bool = True, device: Any = None) -> Array:
    array = np.asarray(x, device=device)
    wanted = np.dtype(dtype)
    if array.dtype.kind == "c" and wanted.kind not in "bc":
        raise DTypeError(
            f"A cast from {array.dtype} to {wanted} would drop the imaginary part; "
            "cast real(x), imag(x) or abs(x)."
        )
    if wanted.kind in "iu" and array.dtype.kind not in "biu":
        return _saturated(array, wanted)
    return np.astype(array, wanted, copy=copy)


def _saturated(x: Array, dtype: np.dtype[Any]) -> Array:
    if x.dtype.itemsize < 4:
        x = x.astype(np.float32)  # the 16-bit floats end before the integers do
    limits = np.iinfo(dtype)
    low, high = float(limits.min), 2.0 ** (limits.bits - (limits.min < 0))
    inside = (x >= low) & (x < high)
    if inside.all():
        return x.astype(dtype)
    result = np.where(inside, x, 0).astype(dtype)
    result[x >= high] = limits.max
    result[x < low] = limits.min
    return result


@dataclass(frozen=True)
class FloatLimits:
    bits: int
    eps: float
    max: float
    min: float
    smallest_normal: float
    dtype: np.dtype[Any]


@dataclass(frozen=True)
class IntegerLimits:
    bits: int
    max: int
    min: int
    dtype: np.dtype[Any]


# NumPy takes no arrays, and gives the limits as its own scalars.
def finfo(type: Any, /) -> FloatLimits:
    return _float_limits(_dtype_of(type))


@cache
def _float_limits(dtype: np.dtype[Any]) -> FloatLimits:
    native: Any
    if dtype.type.__module__ == "ml_dtypes":
        import ml_dtypes

        native = ml_dtypes.finfo(dtype)  # type: ignore[no-untyped-call, unused-ignore]
    elif dtype.kind in "fc":
        native = np.finfo(dtype)
    else:
        raise DTypeError(f"finfo is about floating-point dtypes, and got {dtype}; use iinfo for integers.")
    return FloatLimits(
        bits=int(native.bits),
        eps=float(native.eps),
        max=float(native.max),
        min=float(native.min),
        smallest_normal=float(native.smallest_normal),
        dtype=np.dtype(native.dtype),
    )


# NumPy takes no arrays.
def iinfo(type: Any, /) -> IntegerLimits:
    dtype = _dtype_of(type)
    if dtype.kind not in "iu":
        raise DTypeError(
            f"iinfo is about integer dtypes, and got {dtype}; use finfo for floating-point ones."
        )
    native = np.iinfo(dtype)
    return IntegerLimits(bits=native.bits, max=native.max, min=native.min, dtype=dtype)


def _dtype_of(type: Any) -> np.dtype[Any]:
    return np.dtype(type.dtype if isinstance(type, np.ndarray | np.generic) else type)


# NumPy raises for dtypes that are not its own; bfloat16 is one.
def isdtype(dtype: Any, kind: Any) -> bool:
    if np.dtype(dtype).type.__module__ != "ml_dtypes":
        return np.isdtype(dtype, kind)
    kinds = kind if isinstance(kind, tuple) else (kind,)
    return any(
        one in ("real floating", "numeric") if isinstance(one, str) else np.dtype(one) == np.dtype(dtype)
        for one in kinds
    )


# Elementwise


# NumPy takes a single bound by keyword only, and raises for a Python int that does not fit the dtype of x.
def clip(x: Array, /, min: Any = None, max: Any = None) -> Array:
    if x.dtype.kind in "iu":
        min, max = _fitted(min, x.dtype), _fitted(max, x.dtype)
    return np.clip(x, min=min, max=max)


def _fitted(bound: Any, dtype: np.dtype[Any]) -> Any:
    if not isinstance(bound, int):
        return bound
    limits = np.iinfo(dtype)
    return limits.min if bound < limits.min else limits.max if bound > limits.max else bound


# NumPy gives nan in both parts of most complex numbers with an infinite real part, and -0.0 for one of -0.0.
def expm1(x: Any, /) -> Any:
    if x.dtype.kind != "c":
        return np.expm1(x)
    finite = np.isfinite(x.real)
    result: Any = np.asarray(np.expm1(x if finite.all() else np.where(finite, x, 0)))
    result.real += 0.0
    return result if finite.all() else np.where(finite, result, np.exp(np.where(finite, 0, x)) - 1)


# NumPy pairs `//` with fmod, so inf // 2 is nan and -1 // inf is -1; the standard prefers floor(x1 / x2).
def floor_divide(x1: Any, x2: Any, /) -> Any:
    infinite = np.isinf(x1) | np.isinf(x2)
    if not infinite.any():
        return np.floor_divide(x1, x2)
    with np.errstate(invalid="ignore"):
        finite = np.floor_divide(x1, x2)
    return np.where(infinite, np.divide(x1, x2), finite)


# NumPy raises if one exponent of an integer power is negative; here the reciprocal is cut to an integer.
def pow(x1: Any, x2: Any, /) -> Any:
    try:
        return np.pow(x1, x2)
    except ValueError:
        dtype = np.result_type(x1, x2)
        if dtype.kind != "i" or not np.any(np.less(x2, 0)):
            raise
        base, exponent = np.asarray(x1, dtype=dtype), np.asarray(x2, dtype=dtype)
        below = exponent < 0
        unit = np.where(exponent & 1, base, base * base)
        reciprocal = np.where(np.abs(base) == 1, unit, 0)
        return np.where(below, reciprocal, np.pow(base, np.where(below, 0, exponent)))


# NumPy gives an infinite complex number the sign of its axis; x / abs(x), as the standard has it, is nan.
def sign(x: Array, /) -> Array:
    if x.dtype.kind != "c":
        return np.sign(x)
    infinite = np.isinf(x)
    return np.where(infinite, complex(np.nan, np.nan), np.sign(x)) if infinite.any() else np.sign(x)


# NumPy gives the imaginary part the sign of sin(2 * imag(x)) where the real part is infinite.
def tanh(x: Any, /) -> Any:
    if x.dtype.kind != "c":
        return np.tanh(x)
    infinite = np.isinf(x.real)
    if not infinite.any():
        return np.tanh(x)
    result: Any = np.asarray(np.tanh(np.where(infinite, 0, x)))
    result.real[infinite] = np.copysign(1, x.real[infinite])
    result.imag[infinite] = np.copysign(0, x.imag[infinite])
    return result


# Searching


# NumPy makes float64 of a Python scalar and compares in that, and misses the 0.1 of a float32 array.
def searchsorted(x1: Array, x2: Any, /, *, side: Any = "left", sorter: Array | None = None) -> Any:
    if isinstance(x2, int | float):
        x2 = np.asarray(x2, dtype=np.result_type(x1, x2))
    return np.searchsorted(x1, x2, side=side, sorter=sorter)


# Set


# NumPy's own is unsorted since 2.3 (numpy/numpy#26018).
def unique_values(x: Array, /) -> Array:
    return np.unique(x, equal_nan=False)


# Sorting


# NumPy has no descending order, is unstable unless asked, and takes a 0-d array for a vector.
def argsort(x: Array, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Array:
    _has_axis(x, "argsort")
    if not descending:
        return np.argsort(x, axis=axis, stable=True)
    order: Array = np.flip(np.argsort(np.flip(x, axis), axis=axis, stable=True), axis)
    last: int = x.shape[axis] - 1
    return np.subtract(last, order)


# NumPy has no descending order and is unstable unless asked, which shows in the order of -0.0 and 0.0.
def sort(x: Array, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Array:
    _has_axis(x, "sort")
    if not descending:
        return np.sort(x, axis=axis, stable=True)
    return np.flip(np.sort(np.flip(x, axis), axis=axis, stable=True), axis).copy()


def _has_axis(x: Array, op: str) -> None:
    if x.ndim == 0:
        raise AxisError(f"{op} works along an axis, and got a 0-d array, which has none.")


# Statistical


# NumPy takes a 0-d array for a vector.
def cumulative_prod(
    x: Array, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False
) -> Array:
    _has_axis(x, "cumulative_prod")
    return np.cumulative_prod(x, axis=axis, dtype=dtype, include_initial=include_initial)


# As `cumulative_prod`.
def cumulative_sum(
    x: Array, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False
) -> Array:
    _has_axis(x, "cumulative_sum")
    return np.cumulative_sum(x, axis=axis, dtype=dtype, include_initial=include_initial)


# NumPy divides by zero, to inf and with a warning, where the correction leaves no degree of freedom.
def std(x: Array, /, *, axis: Axis = None, correction: float = 0.0, keepdims: bool = False) -> Any:
    return _spread(np.std, x, axis, correction, keepdims)


# As `std`.
def var(x: Array, /, *, axis: Axis = None, correction: float = 0.0, keepdims: bool = False) -> Any:
    return _spread(np.var, x, axis, correction, keepdims)


def _spread(native: Callable[..., Any], x: Any, axis: Axis, correction: float, keepdims: bool) -> Any:
    axes = range(x.ndim) if axis is None else normalize_axis_tuple(axis, x.ndim)
    if math.prod(x.shape[one] for one in axes) > correction:
        return native(x, axis=axis, correction=correction, keepdims=keepdims)
    left = np.any(x, axis=axis, keepdims=keepdims)
    return np.full(left.shape, np.nan, dtype=np.float64 if x.dtype.kind in "biu" else x.real.dtype)


# Utility


# NumPy takes None for a value to prepend or append.
def diff(
    x: Array, /, *, axis: int = -1, n: int = 1, prepend: Array | None = None, append: Array | None = None
) -> Array:
    ends = {name: end for name, end in (("prepend", prepend), ("append", append)) if end is not None}
    return np.diff(x, n=n, axis=axis, **ends)
