"""The deviations of NumPy in elementwise functions."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]


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
    return x.dtype.kind in "biu" if isinstance(x, np.ndarray | np.generic) else isinstance(x, int)


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
