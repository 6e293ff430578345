"""Sampling on NumPy: numbers made block by block as their bits are, and rejection that goes on with what waits."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

import accel.random.rejection as rejection
import accel.random.threefry as threefry
import accel.random.variate as variate
from accel.composition import unchecked
from accel.random.demand import lengths
from accel_numpy.random._keys import fold_in
from accel_numpy.random._threefry import drawn

Array = npt.NDArray[Any]


# The composition makes arrays as large as the result for each of its hundred steps.
def bits(key: Array, shape: Any = (), dtype: Any = None) -> Array:
    whole, wanted = lengths(shape), np.dtype(np.uint32 if dtype is None else dtype)
    out = np.empty(math.prod(whole), wanted)
    for part, x0, x1 in drawn(key, out.size):
        if wanted.itemsize == 8:
            wide = out[part]
            np.copyto(wide, x0)
            np.left_shift(wide, _HALF, wide)
            np.bitwise_or(wide, x1, wide)
        else:
            np.bitwise_xor(x0, x1, x0)
            np.copyto(out[part], x0, casting="unsafe")
    return out.reshape(whole)


_HALF = np.asarray(32, np.uint64)

_FORMATS: dict[int, tuple[Any, Any, Any]] = {
    4: (np.uint32, np.asarray(9, np.uint32), np.asarray(1, np.float32).view(np.uint32)),
    8: (np.uint64, np.asarray(12, np.uint64), np.asarray(1, np.float64).view(np.uint64)),
}
"""Bytes of a float -> its bits' dtype, how many of them are no digits, and the bits of 1."""


# As `bits`.
def uniform(key: Array, shape: Any = (), dtype: Any = None, minval: Any = 0.0, maxval: Any = 1.0) -> Array:
    whole, wanted = lengths(shape), np.dtype(np.float64 if dtype is None else dtype)
    plain = type(minval) in (int, float) and type(maxval) in (int, float)
    if wanted.itemsize == 2 or not plain:
        return _composed("uniform")(key, whole, wanted, minval, maxval)
    out: Array = np.empty(math.prod(whole), wanted)
    unsigned, spare, one = _FORMATS[wanted.itemsize]
    low, high = wanted.type(minval), wanted.type(maxval)
    unit, span = low == 0.0 and high == 1.0, high - low
    for part, x0, x1 in drawn(key, out.size):
        y = out[part]
        if wanted.itemsize == 4:
            word = np.bitwise_xor(x0, x1, x0)
        else:
            word = y.view(unsigned)
            np.copyto(word, x0)
            np.left_shift(word, _HALF, word)
            np.bitwise_or(word, x1, word)
        np.right_shift(word, spare, word)
        np.bitwise_or(word, one, word)
        np.subtract(word.view(wanted), wanted.type(1), y)
        if not unit:
            np.multiply(y, span, y)
            np.add(y, low, y)
            np.maximum(y, low, out=y)
    return out.reshape(whole)
