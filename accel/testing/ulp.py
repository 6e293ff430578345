"""Units in the last place: how far two floating-point numbers lie apart, counted in numbers of their dtype."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["FORMATS", "PARTS", "distance", "eps", "is_complex", "is_floating", "parts", "smallest"]

Array: TypeAlias = npt.NDArray[Any]

FORMATS = {"float16": (5, 10), "bfloat16": (8, 7), "float32": (8, 23), "float64": (11, 52)}
"""Name of a dtype -> bits of the exponent and of the fraction; ``np.finfo`` does not know bfloat16."""

PARTS = {"complex64": "float32", "complex128": "float64"}
"""Complex dtype -> the dtype of its parts."""


def is_complex(dtype: str) -> bool:
    """Tell whether a dtype of that name is complex."""
    return dtype in PARTS


def is_floating(dtype: str) -> bool:
    """Tell whether a dtype of that name holds floating-point numbers, real or complex."""
    return dtype in FORMATS or dtype in PARTS


def eps(dtype: str) -> float:
    """Give the distance from 1 to the next number of a dtype, or of the parts of a complex one.

    >>> eps("bfloat16")
    0.0078125
    """
    _, fraction = FORMATS[PARTS.get(dtype, dtype)]
    return math.ldexp(1.0, -fraction)


def smallest(dtype: str) -> float:
    """Give the magnitude below which accel promises nothing: devices flush what is near the subnormal numbers."""
    exponent, _ = FORMATS[PARTS.get(dtype, dtype)]
    return 4 * math.ldexp(1.0, 2 - (1 << (exponent - 1)))


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
    """Give how many floats of the dtype lie between two, and inf where one alone is nan.

    The arrays are real, of one dtype in the machine's byte order, and of one shape; the result is float64.

    >>> one = np.ones(2, dtype="float32")
    >>> distance(one, np.nextafter(one, np.float32(2)))
    array([1., 1.])
    """
    one, two = _order(a), _order(b)
    apart = (np.maximum(one, two) - np.minimum(one, two)).astype(np.float64)
    nan_one, nan_two = np.isnan(a), np.isnan(b)
    return np.where(nan_one & nan_two, 0.0, np.where(nan_one | nan_two, np.inf, apart))
