"""The sign convention of factorisations: the largest entry of each vector is real and positive."""

from __future__ import annotations

from typing import Any

import cupy as cp

__all__ = ["phase", "unit"]


def unit(z: Any) -> Any:
    """Give z / abs(z), and 1 where z is zero."""
    size = cp.abs(z)
    return cp.where(size == 0, 1, z / cp.where(size == 0, 1, size))


def phase(vectors: Any, axis: int) -> Any:
    """Give the unit number of the leading entry of each vector along an axis, which stays with length one.

    Entries that a vector has twice, up to their sign, differ between libraries in the last bit; so the first one that comes within
    1 % of the largest leads.
    """
    if vectors.size == 0:
        return cp.ones_like(cp.sum(vectors, axis=axis, keepdims=True))
    size = cp.abs(vectors)
    # Of bool there is no first in CUB's argmax where the layout is Fortran's.
    near = (size >= 0.99 * cp.max(size, axis=axis, keepdims=True)).astype(cp.int8)
    leading = cp.argmax(near, axis=axis, keepdims=True)
    return unit(cp.take_along_axis(vectors, leading, axis))
