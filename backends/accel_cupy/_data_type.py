"""Data types: casts that have one meaning on every machine, and facts about dtypes as Python numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cupy as cp
import numpy as np

from accel.errors import DTypeError
from accel_cupy import _device
from accel_cupy._elementwise import saturate

__all__ = ["astype", "can_cast", "finfo", "iinfo", "isdtype"]


# In C++ a float outside the range of an integer has no defined cast; here it saturates and nan is 0, as in XLA. CuPy drops the
# imaginary part with a warning. No `device` in CuPy.
def astype(x: Any, dtype: Any, /, *, copy: bool = True, device: Any = None) -> Any:
    to = cp.dtype(dtype)
    if x.dtype.kind == "c" and to.kind not in "cb":
        raise DTypeError(f"astype cannot turn {x.dtype} into {to}; write real(x), imag(x) or abs(x) first.")
    if device is not None and _device.native(device) != x.device:
        with _device.native(device):
            return astype(_device.move(x, device), to, copy=False)
    if to.kind in "iu" and (x.dtype.kind == "f" or x.dtype.name == "bfloat16"):
        return saturate[to.char](x)
    return x.astype(to, copy=copy)


# CuPy takes a dtype; the standard an array, too.
def can_cast(from_: Any, to: Any, /) -> bool:
    return np.can_cast(_dtype_of(from_), to)


@dataclass(frozen=True)
class FloatLimits:
    """Limits of a floating-point dtype, as Python floats."""

    bits: int
    eps: float
    max: float
    min: float
    smallest_normal: float
    dtype: Any


# NumPy's attributes are NumPy scalars of the dtype itself, and bfloat16 is unknown to it.
def finfo(type: Any, /) -> FloatLimits:
    dtype = _dtype_of(type)
    limits: Any
    if dtype.name == "bfloat16":
        import ml_dtypes

        limits = ml_dtypes.finfo(dtype)  # type: ignore[no-untyped-call, unused-ignore]
    elif dtype.kind in "fc":
        limits = np.finfo(dtype)
    else:
        raise DTypeError(f"finfo describes floating-point dtypes, got {dtype}; write iinfo for integers.")
    return FloatLimits(
        bits=limits.bits,
        eps=float(limits.eps),
        max=float(limits.max),
        min=float(limits.min),
        smallest_normal=float(limits.smallest_normal),
        dtype=cp.dtype(limits.dtype),
    )


@dataclass(frozen=True)
class IntegerLimits:
    """Limits of an integer dtype, as Python integers."""

    bits: int
    max: int
    min: int
    dtype: Any


# NumPy's takes no CuPy array.
def iinfo(type: Any, /) -> IntegerLimits:
    dtype = _dtype_of(type)
    if dtype.kind not in "iu":
        raise DTypeError(f"iinfo describes integer dtypes, got {dtype}; write finfo for floating-point ones.")
    limits = np.iinfo(dtype)
    return IntegerLimits(limits.bits, int(limits.max), int(limits.min), dtype)


# NumPy's does not know bfloat16.
def isdtype(dtype: Any, kind: Any) -> bool:
    if cp.dtype(dtype).name != "bfloat16":
        return np.isdtype(cp.dtype(dtype), kind)
    kinds = kind if isinstance(kind, tuple) else (kind,)
    return any(
        k in ("real floating", "numeric") if isinstance(k, str) else cp.dtype(k) == dtype for k in kinds
    )


def _dtype_of(x: Any) -> Any:
    return x.dtype if isinstance(x, cp.ndarray) else cp.dtype(x)
