"""Units in the last place: how far two floating-point numbers lie apart, counted in numbers of their dtype."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["distance", "parts", "smallest"]

Array: TypeAlias = npt.NDArray[Any]


def smallest(dtype: str) -> float:
    """Give the magnitude below which accel promises nothing: devices flush what is near the subnormal numbers."""
    return 4 * float(np.finfo(dtype).smallest_normal)


def parts(x: Array) -> Array:
    """Give the real and imaginary parts of a complex array along a last axis, any other array as it is."""
    if x.dtype.kind != "c":
        return x
    return np.stack([np.real(x), np.imag(x)], axis=-1)


def _order(x: Array) -> Array:
    """Number the floats of a dtype in their order, as unsigned integers; both zeros have one number."""
    bits = 8 * x.dtype.itemsize
    whole = np.ascontiguousarray(x).view(f"uint{bits}").reshape(x.shape).astype(np.uint64)
    top = np.uint64(1 << (bits - 1))
    return np.where(whole >= top, top - (whole - top), top + whole)


def distance(a: Array, b: Array) -> Array:
    """Give how many floats of the dtype lie between two, and inf where one alone is nan."""
    one, two = _order(a), _order(b)
    apart = (np.maximum(one, two) - np.minimum(one, two)).astype(np.float64)
    nan_one, nan_two = np.isnan(a), np.isnan(b)
    return np.where(nan_one & nan_two, 0.0, np.where(nan_one | nan_two, np.inf, apart))
