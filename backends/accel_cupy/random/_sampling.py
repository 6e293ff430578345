"""Sampling on CuPy: one launch for bits, uniform, normal and exponential numbers, and rejection that goes on with what waits."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import cupy as cp

import accel.random.rejection as rejection
import accel.random.threefry as threefry
import accel.registry as registry
from accel.composition import composed, unchecked
from accel.dispatch import specs
from accel.dtype import name_of
from accel.random.demand import lengths
from accel_cupy.random._kernels import kernel
from accel_cupy.random._keys import fold_in


# The composition launches a hundred kernels.
def bits(key: Any, shape: Any = (), dtype: Any = None) -> Any:
    wanted = cp.dtype(cp.uint32 if dtype is None else dtype)
    return kernel("bits64" if wanted.itemsize == 8 else "bits32")(key, cp.empty(lengths(shape), wanted))


@cache
def _uniform() -> Callable[..., Any]:
    return composed(specs["random.uniform"], registry.load("cupy"))


# As `bits`.
def uniform(key: Any, shape: Any = (), dtype: Any = None, minval: Any = 0.0, maxval: Any = 1.0) -> Any:
    wanted = cp.float64 if dtype is None else dtype
    if not (
        type(minval) in (int, float) and type(maxval) in (int, float) and minval == 0.0 and maxval == 1.0
    ):
        return _uniform()(key, shape, wanted, minval, maxval)
    size = {"bfloat16": "8", "float16": "16", "float32": "32", "float64": "64"}[name_of(wanted)]
    return _drawn(f"uniform{size}", key, shape, wanted)


def _drawn(name: str, key: Any, shape: Any, wanted: Any) -> Any:
    held = cp.float64 if name.endswith("64") else cp.float32
    return kernel(name)(key, cp.empty(lengths(shape), held)).astype(wanted, copy=False)


# As `bits`.
def normal(key: Any, shape: Any = (), dtype: Any = None) -> Any:
    wanted = cp.float64 if dtype is None else dtype
    return _drawn("normal64" if name_of(wanted) == "float64" else "normal32", key, shape, wanted)


# As `bits`.
def exponential(key: Any, shape: Any = (), dtype: Any = None) -> Any:
    wanted = cp.float64 if dtype is None else dtype
    return _drawn("exponential64" if name_of(wanted) == "float64" else "exponential32", key, shape, wanted)


def _loop(
    proposal: rejection.Proposal, key: Any, rounds: int, shape: tuple[int, ...], word: Any, *parameters: Any
) -> Any:
    """Make the first round for all elements, and each other one for those that wait."""

    def all_words(each: Any) -> Any:
        return bits(each, math.prod(shape), word.name)

    flat = [cp.broadcast_to(each, shape).reshape(-1) for each in parameters]
    value, good = proposal(all_words, fold_in(key, 0), *flat)
    left = cp.flatnonzero(~good)
    for number in range(1, rounds):
        if not left.size:
            break
        places = left.astype(cp.uint64)

        def words(each: Any, places: Any = places) -> Any:
            pair = threefry.at(each, places)
            return threefry.wide(pair) if word.name == "uint64" else threefry.words(pair)

        again, good = proposal(words, fold_in(key, number), *(each[left] for each in flat))
        value[left] = again
        left = left[~good]
    return value.reshape(shape)


_gamma = unchecked(partial(rejection.gamma, _loop))
_beta = unchecked(partial(rejection.beta, _loop))
_poisson = unchecked(partial(rejection.poisson, _loop))


# The composition makes every round for every element.
def gamma(key: Any, a: Any, shape: Any = None, dtype: Any = None) -> Any:
    return _gamma(key, a, shape, cp.float64 if dtype is None else dtype)


# As `gamma`.
def beta(key: Any, a: Any, b: Any, shape: Any = None, dtype: Any = None) -> Any:
    return _beta(key, a, b, shape, cp.float64 if dtype is None else dtype)


# As `gamma`.
def poisson(key: Any, lam: Any, shape: Any = None, dtype: Any = None) -> Any:
    return _poisson(key, lam, shape, cp.int64 if dtype is None else dtype)
