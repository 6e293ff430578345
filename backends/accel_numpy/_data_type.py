"""The deviations of NumPy in casting and describing dtypes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from accel.errors import DTypeError

Array: TypeAlias = npt.NDArray[Any]


# NumPy drops imaginary parts, leaves a nan or a float out of range to the CPU, and refuses its own scalars, which
# its reductions return.
def astype(x: Array, dtype: Any, /, *, copy: bool = True, device: Any = None) -> Array:
    array = np.asarray(x) if device is None else np.asarray(x, device=device)
    wanted = np.dtype(dtype)
    if array.dtype.kind == "c" and wanted.kind not in "bc":
        raise DTypeError(
            f"A cast from {array.dtype} to {wanted} would drop the imaginary part; "
            "cast real(x), imag(x) or abs(x)."
        )
    if wanted.kind in "iu" and array.dtype.kind not in "biu":
        return _saturated(array, wanted)
    return array.astype(wanted, copy=copy)


def _saturated(x: Array, dtype: np.dtype[Any]) -> Array:
    if x.dtype.itemsize < 4:
        x = x.astype(np.float32)  # the 16-bit floats end before the integers do
    limits = _integer_limits(dtype)
    low, high = float(limits.min), 2.0 ** (limits.bits - (limits.min < 0))
    if x.size == 0 or (np.min(x) >= low and np.max(x) < high):
        return x.astype(dtype)
    result = np.where((x >= low) & (x < high), x, 0).astype(dtype)
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
    return _integer_limits(_dtype_of(type))


@cache
def _integer_limits(dtype: np.dtype[Any]) -> IntegerLimits:
    if dtype.kind not in "iu":
        raise DTypeError(
            f"iinfo is about integer dtypes, and got {dtype}; use finfo for floating-point ones."
        )
    native = np.iinfo(dtype)
    return IntegerLimits(bits=native.bits, max=native.max, min=native.min, dtype=dtype)


def _dtype_of(type: Any) -> np.dtype[Any]:
    return np.dtype(type.dtype if isinstance(type, (np.ndarray, np.generic)) else type)


# NumPy raises for dtypes that are not its own; bfloat16 is one.
def isdtype(dtype: Any, kind: Any) -> bool:
    if np.dtype(dtype).type.__module__ != "ml_dtypes":
        return np.isdtype(dtype, kind)
    kinds = kind if isinstance(kind, tuple) else (kind,)
    return any(
        one in ("real floating", "numeric") if isinstance(one, str) else np.dtype(one) == np.dtype(dtype)
        for one in kinds
    )
