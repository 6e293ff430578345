"""What is known of a dtype."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ml_dtypes
import numpy as np

from accel.errors import DTypeError
from accel_jax._promotion import COMPLEX, FLOATS, INTEGERS, dtype_of

__all__ = ["can_cast", "finfo", "iinfo"]

_finfo: Any = ml_dtypes.finfo  # knows bfloat16, and has no types


@dataclass(frozen=True)
class FloatingPoint:
    """Limits of a floating-point dtype; for a complex one, those of its components."""

    bits: int
    eps: float
    max: float
    min: float
    smallest_normal: float
    dtype: Any


@dataclass(frozen=True)
class Integer:
    """Limits of an integer dtype."""

    bits: int
    max: int
    min: int
    dtype: Any


# jnp.can_cast narrows the dtypes first while 64-bit types are off.
def can_cast(from_: Any, to: Any, /) -> bool:
    return bool(np.can_cast(dtype_of(from_), np.dtype(to)))


# jnp.finfo gives NumPy scalars, where the standard has Python floats.
def finfo(type: Any, /) -> FloatingPoint:
    dtype = dtype_of(type)
    if dtype not in FLOATS:
        raise DTypeError(f"finfo is for floating-point dtypes; got {dtype}.")
    info: Any = np.finfo(dtype) if dtype in COMPLEX else _finfo(dtype)
    return FloatingPoint(
        bits=int(info.bits),
        eps=float(info.eps),
        max=float(info.max),
        min=float(info.min),
        smallest_normal=float(info.smallest_normal),
        dtype=np.dtype(f"float{dtype.itemsize * 4}") if dtype in COMPLEX else dtype,
    )


# jnp.iinfo narrows the dtype first while 64-bit types are off.
def iinfo(type: Any, /) -> Integer:
    dtype = dtype_of(type)
    if dtype not in INTEGERS:
        raise DTypeError(f"iinfo is for integer dtypes; got {dtype}.")
    info = np.iinfo(dtype)
    return Integer(bits=info.bits, max=info.max, min=info.min, dtype=dtype)
