"""Sampling on NumPy: numbers made block by block as their bits are, and rejection that goes on with what waits."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import numpy as np
import numpy.typing as npt

import accel.random.rejection as rejection
import accel.random.threefry as threefry
import accel.registry as registry
from accel.composition import composed, unchecked
from accel.dispatch import specs
from accel.random.demand import lengths
from accel_numpy.random._keys import fold_in
from accel_numpy.random._threefry import BLOCK, drawn
from accel_numpy.random._variate import Variates

Array = npt.NDArray[Any]


_HALF = np.asarray(32, np.uint64)


def _words(x0: Array, x1: Array, room: Array) -> Array:
    """Give one word of 32 or 64 bits for each counter, by the size of the room that it may take."""
    if room.itemsize < 8:
        return np.bitwise_xor(x0, x1, out=x0)
    np.copyto(room, x0)
    np.left_shift(room, _HALF, room)
    return np.bitwise_or(room, x1, out=room)


# The composition makes arrays as large as the result for each of its hundred steps.
def bits(key: Array, shape: Any = (), dtype: Any = None) -> Array:
    whole, wanted = lengths(shape), np.dtype(np.uint32 if dtype is None else dtype)
    out = np.empty(math.prod(whole), wanted)
    for part, x0, x1 in drawn(key, out.size):
        word = _words(x0, x1, out[part])
        if wanted.itemsize < 8:
            np.copyto(out[part], word, casting="unsafe")
    return out.reshape(whole)


@cache
def _composed() -> Callable[..., Array]:
    return composed(specs["random.uniform"], registry.load("numpy"))


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
        return _composed()(key, whole, wanted, minval, maxval)
    out: Array = np.empty(math.prod(whole), wanted)
    unsigned, spare, one = _FORMATS[wanted.itemsize]
    low, high = wanted.type(minval), wanted.type(maxval)
    unit, span = low == 0.0 and high == 1.0, high - low
    for part, x0, x1 in drawn(key, out.size):
        y = out[part]
        word = _words(x0, x1, y.view(unsigned))
        np.right_shift(word, spare, word)
        np.bitwise_or(word, one, word)
        np.subtract(word.view(wanted), wanted.type(1), y)
        if not unit:
            np.multiply(y, span, y)
            np.add(y, low, y)
            np.maximum(y, low, out=y)
    return out.reshape(whole)


def _variates(kind: str, key: Array, shape: Any, dtype: Any) -> Array:
    whole, wanted = lengths(shape), np.dtype(np.float64 if dtype is None else dtype)
    held = "float64" if wanted == np.float64 else "float32"
    out = np.empty(math.prod(whole), wanted)
    block = min(out.size, BLOCK)
    make = getattr(Variates(held, block), kind)
    room = np.empty(block, np.uint64 if held == "float64" else np.uint32)
    narrow = np.empty(block if wanted.itemsize == 2 else 0, np.float32)
    for part, x0, x1 in drawn(key, out.size):
        word = _words(x0, x1, room[: x0.size])
        if narrow.size:
            make(word, narrow[: x0.size])
            np.copyto(out[part], narrow[: x0.size], casting="unsafe")
        else:
            make(word, out[part])
    return out.reshape(whole)


# As `bits`.
def normal(key: Array, shape: Any = (), dtype: Any = None) -> Array:
    return _variates("gauss", key, shape, dtype)


# As `bits`.
def exponential(key: Array, shape: Any = (), dtype: Any = None) -> Array:
    return _variates("waiting", key, shape, dtype)


def _loop(
    proposal: rejection.Proposal, key: Array, rounds: int, shape: tuple[int, ...], word: Any, *parameters: Any
) -> Array:
    """Make the first round for all elements, and each other one for those that wait."""

    def all_words(each: Array) -> Array:
        return bits(each, math.prod(shape), word.name)

    flat = [np.broadcast_to(each, shape).reshape(-1) for each in parameters]
    value, good = proposal(all_words, fold_in(key, 0), *flat)
    left = np.flatnonzero(~good)
    for number in range(1, rounds):
        if not left.size:
            break
        places = left.astype(np.uint64)

        def words(each: Array, places: Any = places) -> Any:
            pair = threefry.at(each, places)
            return threefry.wide(pair) if word.name == "uint64" else threefry.words(pair)

        again, good = proposal(words, fold_in(key, number), *(each[left] for each in flat))
        value[left] = again
        left = left[~good]
    whole: Array = value.reshape(shape)
    return whole


_gamma = unchecked(partial(rejection.gamma, _loop))
_beta = unchecked(partial(rejection.beta, _loop))
_poisson = unchecked(partial(rejection.poisson, _loop))


# The composition makes every round for every element.
def gamma(key: Array, a: Any, shape: Any = None, dtype: Any = None) -> Any:
    return _gamma(key, a, shape, np.float64 if dtype is None else dtype)


# As `gamma`.
def beta(key: Array, a: Any, b: Any, shape: Any = None, dtype: Any = None) -> Any:
    return _beta(key, a, b, shape, np.float64 if dtype is None else dtype)


# As `gamma`.
def poisson(key: Array, lam: Any, shape: Any = None, dtype: Any = None) -> Any:
    return _poisson(key, lam, shape, np.int64 if dtype is None else dtype)
