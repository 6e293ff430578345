"""Layers in as few passes as NumPy allows."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from accel_numpy._searching import are_integers
from accel_numpy._summation import addition

__all__ = ["embedding", "linear", "one_hot"]

Array: TypeAlias = npt.NDArray[Any]


# The composition multiplies the matrices of a stack one by one, and adds the bias to a copy.
def linear(x: Array, weight: Array, /, bias: Any = None) -> Array:
    if 0 < x.size == x.shape[-1] and x.dtype.char in "fd" and weight.dtype == x.dtype:
        # One row, as of one token: BLAS has a function of its own for it, and little else is to be done.
        line: Array = weight.dot(x.reshape(-1))
        if bias is None or bias.dtype == x.dtype:
            if bias is not None:
                line += bias
            return line.reshape(x.shape[:-1] + line.shape)
    dtype = np.result_type(x, weight) if bias is None else np.result_type(x, weight, bias)
    working = addition(dtype)
    shape = (*x.shape[:-1], weight.shape[0])
    rows = x.reshape(math.prod(x.shape[:-1]), x.shape[-1])
    y: Array = np.matmul(rows.astype(working, copy=False), weight.astype(working, copy=False).T)
    if bias is not None:
        y += bias.astype(working, copy=False)
    return y.astype(dtype, copy=False).reshape(shape)


# The composition asks for the backend once more.
def embedding(indices: Array, weight: Array, /) -> Array:
    are_integers(indices, "embedding")
    found: Array = weight.take(indices, axis=0)
    return found


# The composition compares each index with each class.
def one_hot(indices: Array, num_classes: int, /, *, dtype: Any = None, axis: int = -1) -> Array:
    out = np.zeros((indices.size, num_classes), dtype=dtype)
    flat = indices.reshape(-1)
    (rows,) = np.nonzero((flat >= 0) & (flat < num_classes))
    out[rows, flat[rows].astype(np.intp)] = 1
    out = out.reshape(*indices.shape, num_classes)
    return out if axis in (-1, indices.ndim) else np.ascontiguousarray(np.moveaxis(out, -1, axis))
