"""The sign convention of factorisations: the largest entry of each vector is real and positive."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["phase", "unit"]

Array: TypeAlias = npt.NDArray[Any]


def unit(z: Array) -> Array:
    """Give z / abs(z), and 1 where z is zero."""
    if z.dtype.kind == "f":
        one = z.dtype.type(1)
        return np.asarray(np.where(z < 0, -one, one))
    size = np.abs(z)
    return np.where(size == 0, 1, z / np.where(size == 0, 1, size))


def phase(vectors: Array, axis: int) -> Array:
    """Give the unit number of the leading entry of each vector along an axis, which stays with length one.

    The first entry within 1 % of the largest leads, since those of equal size differ in the last bit.
    """
    if vectors.size == 0:
        return np.ones_like(np.sum(vectors, axis=axis, keepdims=True))
    size = np.abs(vectors)
    leading = np.argmax(size >= 0.99 * np.max(size, axis=axis, keepdims=True), axis=axis, keepdims=True)
    return unit(np.take_along_axis(vectors, leading, axis=axis))
