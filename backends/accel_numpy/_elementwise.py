"""The deviations of NumPy in elementwise functions."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from accel.errors import DTypeError

Array: TypeAlias = npt.NDArray[Any]
_ARRAYS = (np.ndarray, np.generic)  # the class `X | Y` would be made anew for each call


# NumPy orders complex numbers by their real parts, then by their imaginary ones; they have no order, and accel refuses them
# on every backend. A real array is its own real part: that test is the cheapest, and what fails it is looked at.
def ordered(native: Callable[..., Any]) -> Callable[..., Any]:
    name = native.__name__

    def pair(x1: Any, x2: Any, /) -> Any:
        if x1.real is not x1 or x2.real is not x2:
            refuse("c", name, x1, x2)
        return native(x1, x2)

    @wraps(native)
    def single(x: Any, /, **options: Any) -> Any:
        if x.real is not x:
            refuse("c", name, x)
        return native(x, **options)

    pair.__name__ = pair.__qualname__ = name
    return pair if isinstance(native, np.ufunc) else single


def refuse(kinds: str, op: str, *values: Any) -> None:
    """Raise for an array, or a complex Python number, whose dtype is of one of these kinds."""
    for x in values:
        kind = x.dtype.kind if isinstance(x, _ARRAYS) else "c" if type(x) is complex else "none"
        if kind in kinds:
            got = getattr(x, "dtype", "a Python complex")
            fix = "take real(x), imag(x) or abs(x)" if kind == "c" else "cast it with astype"
            raise DTypeError(f"{op} is not defined for {got}; {fix} first.")


# NumPy takes a single bound by keyword only, raises for a Python int that does not fit the dtype of x, and takes
# booleans and complex numbers.
def clip(x: Array, /, min: Any = None, max: Any = None) -> Array:
    refuse("bc", "clip", x, min, max)
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


# NumPy pairs `//` with fmod, so inf // 2 is nan and -1 // inf is -1; the standard prefers floor(x1 / x2)
# (numpy/numpy#23860).
def floor_divide(x1: Any, x2: Any, /) -> Any:
    if _whole(x1) and _whole(x2):
        return np.floor_divide(x1, x2)
    infinite = np.isinf(x1) | np.isinf(x2)
    if not np.count_nonzero(infinite):
        return np.floor_divide(x1, x2)
    with np.errstate(invalid="ignore"):
        finite = np.floor_divide(x1, x2)
    return np.where(infinite, np.divide(x1, x2), finite)


def _whole(x: Any) -> bool:
    return x.dtype.kind in "biu" if isinstance(x, _ARRAYS) else isinstance(x, int)


# NumPy wants Python ints within int64, and their truth is known without that.
def logical(native: Callable[..., Any]) -> Callable[..., Any]:
    def truth(x1: Any, x2: Any, /) -> Any:
        try:
            return native(x1, x2)
        except OverflowError:
            return native(*(bool(x) if type(x) is int else x for x in (x1, x2)))

    truth.__name__ = truth.__qualname__ = native.__name__
    return truth


# NumPy takes log(1 + x) of complex numbers, without a correct digit of the real part for small ones.
def log1p(x: Any, /) -> Any:
    if x.dtype.kind != "c":
        return np.log1p(x)
    result: Any = np.asarray(np.log1p(x))
    near = (np.abs(x.real) <= 0.5) & (np.abs(x.imag) <= 0.5)
    a, b = (np.where(near, part, 0) for part in (x.real, x.imag))
    np.copyto(result.real, np.log1p(a * (2 + a) + b * b) / 2, where=near)
    return result


# In float16 NumPy stays at x1 where x2 is the zero of the other sign; the standard goes to x2.
def nextafter(x1: Any, x2: Any, /) -> Any:
    result = np.nextafter(x1, x2)
    return np.where(x1 == x2, x2, result) if result.dtype == np.float16 else result


# NumPy raises if one exponent of an integer power is negative; here the reciprocal is cut to an integer. And for an
# exponent that is 0.5 throughout it takes the square root, which is -0.0 for -0.0 and nan for -inf; a power is 0.0 and inf.
def pow(x1: Any, x2: Any, /) -> Any:
    if _may_be_root(x1, x2):
        x1 = _without_negative_ends(x1, x2)
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


def _may_be_root(x1: Any, x2: Any) -> bool:
    if type(x2) is float:
        return x2 == 0.5
    if type(x1) is type(x2) is np.ndarray and x1.shape == x2.shape and x2.size != 1 and 0 not in x2.strides:
        return False  # nothing is repeated
    return isinstance(x2, _ARRAYS) and x2.dtype.kind == "f" and bool(np.any(x2 == 0.5))


def _without_negative_ends(x1: Any, x2: Any) -> Any:
    dtype = np.result_type(x1, x2)
    if dtype.kind != "f":
        return x1
    base = np.asarray(x1, dtype=dtype)
    return np.where((x2 == 0.5) & ((base == 0) | (base == -np.inf)), np.abs(base), base)


# NumPy takes integers, and gives 0 for nearly all of them.
def reciprocal(x: Array, /) -> Array:
    if x.dtype.kind in "biu":
        refuse("biu", "reciprocal", x)
    return np.reciprocal(x)


# NumPy makes float16 of booleans.
def round(x: Array, /) -> Array:
    if x.dtype.kind == "b":
        refuse("b", "round", x)
    return np.round(x)


# NumPy gives an infinite complex number the sign of its axis; x / abs(x), as the standard has it, is nan.
def sign(x: Array, /) -> Array:
    if x.dtype.kind != "c":
        return np.sign(x)
    infinite = np.isinf(x)
    return np.where(infinite, complex(np.nan, np.nan), np.sign(x)) if infinite.any() else np.sign(x)


# As tanh, for tan(x) is -i tanh(ix).
def tan(x: Any, /) -> Any:
    if x.dtype.kind != "c":
        return np.tan(x)
    infinite = np.isinf(x.imag)
    if not infinite.any():
        return np.tan(x)
    result: Any = np.asarray(np.tan(np.where(infinite, 0, x)))
    result.real[infinite] = np.copysign(0, x.real[infinite])
    result.imag[infinite] = np.copysign(1, x.imag[infinite])
    return result


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
