"""Sampling on JAX: jax.random's own bits, uniforms and integers, and loops that end when the last number is accepted."""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

import accel.random.rejection as rejection
from accel.composition import composed, unchecked
from accel.random.demand import lengths
from accel_jax import _compile, _creation
from accel_jax._accurate import kept
from accel_jax._x64 import at_home, wide
from accel_jax.random._keys import data, fold_in, own

_FLOAT = np.dtype(np.float64)
_INT = np.dtype(np.int64)
_WORDS = frozenset({np.dtype(np.uint32)})


@cache
def _kernel(body: Callable[..., Any], dtype: Any) -> Callable[..., Any]:
    """Compile the drawing of one dtype; what is narrow goes without the guard of 64-bit data."""
    keeps = _WORDS if np.dtype(dtype).itemsize < 8 else frozenset()
    return wide(partial(body, dtype=dtype), keeps=keeps, static=("shape",))


def _held(dtype: Any) -> Any:
    return np.dtype(np.float64 if np.dtype(dtype) == np.float64 else np.float32)


def _bits(key: Any, /, *, shape: tuple[int, ...], dtype: Any) -> Any:
    with jax.threefry_partitionable(True):
        return jax.random.bits(own(key), shape, dtype)


# JAX's depends on its options.
def bits(key: Any, shape: Any = (), dtype: Any = None) -> Any:
    return _kernel(_bits, np.dtype(np.uint32 if dtype is None else dtype))(data(key), shape=lengths(shape))


def _unit(key: Any, /, *, shape: tuple[int, ...], dtype: Any) -> Any:
    with jax.threefry_partitionable(True):
        return jax.random.uniform(own(key), shape, dtype)


def _between(key: Any, low: Any, high: Any, /, *, shape: tuple[int, ...], dtype: Any) -> Any:
    held = _held(dtype)
    u, low, high = _unit(key, shape=shape, dtype=dtype).astype(held), low.astype(held), high.astype(held)
    return jnp.maximum(kept(u * (high - low)) + low, low).astype(dtype)


# As `bits`; and another interval than that from 0 to 1 is rounded once or twice, as the compiler sees fit.
def uniform(key: Any, shape: Any = (), dtype: Any = None, minval: Any = 0.0, maxval: Any = 1.0) -> Any:
    dtype, shape = np.dtype(_FLOAT if dtype is None else dtype), lengths(shape)
    if type(minval) in (int, float) and type(maxval) in (int, float) and minval == 0.0 and maxval == 1.0:
        return _kernel(_unit, dtype)(data(key), shape=shape)
    low, high = (x if hasattr(x, "dtype") else np.asarray(x, _held(dtype)) for x in (minval, maxval))
    return _kernel(_between, dtype)(data(key), low, high, shape=shape)


def _whole(key: Any, low: Any, high: Any, /, *, shape: tuple[int, ...], dtype: Any) -> Any:
    with jax.threefry_partitionable(True):
        return jax.random.randint(own(key), shape, low, high, dtype)


# As `bits`; and JAX takes no bound beyond the dtype.
def randint(key: Any, shape: Any, minval: Any, maxval: Any, dtype: Any = None) -> Any:
    dtype = np.dtype(_INT if dtype is None else dtype)
    if not hasattr(minval, "dtype") and not hasattr(maxval, "dtype"):
        info = np.iinfo(dtype)
        low, high = max(operator.index(minval), int(info.min)), max(operator.index(maxval), int(info.min))
        if low <= info.max and high <= info.max:
            held = np.dtype(np.int32) if dtype.itemsize < 4 else dtype
            ends = np.asarray(low, held), np.asarray(high, held)
            return _kernel(_whole, dtype)(data(key), *ends, shape=lengths(shape))
    return _op("randint")(data(key), lengths(shape), minval, maxval, dtype)


@cache
def _op(name: str) -> Callable[..., Any]:
    """Give an op as accel composes it, compiled."""
    import accel.registry as registry
    from accel.dispatch import specs

    return composed(specs[f"random.{name}"], registry.load("jax"))


def _number(value: Any, key: Any, dtype: Any) -> Any:
    """Make an array of a number, where the key lies: a function is compiled anew for each number."""
    return value if hasattr(value, "dtype") else _made(key, float(value), dtype)


@at_home
def _made(_key: Any, value: float, dtype: Any) -> Any:
    return _creation.asarray(value, dtype=dtype)


# A number is an input of the compiled function, not a part of it.
def bernoulli(key: Any, p: Any = 0.5, shape: Any = None) -> Any:
    key = data(key)
    return _op("bernoulli")(key, _number(p, key, np.float32), shape)


# As `bernoulli`.
def truncated_normal(key: Any, lower: Any, upper: Any, shape: Any = None, dtype: Any = None) -> Any:
    dtype = np.dtype(_FLOAT if dtype is None else dtype)
    key = data(key)
    low, high = _number(lower, key, _held(dtype)), _number(upper, key, _held(dtype))
    return _op("truncated_normal")(key, low, high, shape, dtype)


def _loop(
    proposal: rejection.Proposal, key: Any, rounds: int, shape: tuple[int, ...], word: Any, *parameters: Any
) -> Any:
    """Make rounds until the last element is accepted."""

    def words(each: Any) -> Any:
        return bits(each, shape, word.name)

    def waits(state: Any) -> Any:
        return (state[0] < rounds) & ~jnp.all(state[2])

    def again(state: Any) -> Any:
        number, value, done = state
        proposed, good = proposal(words, fold_in(key, number), *parameters)
        return number + np.uint32(1), jnp.where(done, value, proposed), done | good

    first, good = proposal(words, fold_in(key, 0), *parameters)
    return lax.while_loop(waits, again, (jnp.asarray(1, np.uint32), first, good))[1]


_gamma_grad: Any = lax.random_gamma_grad  # typed for what it calls


def _gamma_loop(
    proposal: rejection.Proposal, key: Any, rounds: int, shape: tuple[int, ...], word: Any, d: Any, c: Any
) -> Any:
    """Make the rounds of a gamma variable for d + 1/3, with the derivative at a fixed value of the distribution function.

    That of the accepted proposal alone would leave out that another d accepts others. M. Figurnov, S. Mohamed, A. Mnih, Implicit
    reparameterization gradients, NeurIPS 2018.
    """

    @jax.custom_jvp
    def drawn(key: Any, d: Any, c: Any) -> Any:
        return _loop(proposal, key, rounds, shape, word, d, c)

    @drawn.defjvp
    def along(at: Any, tangents: Any) -> Any:
        value = drawn(*at)
        return value, _gamma_grad(at[1] + 1 / 3, value) * tangents[1]

    return drawn(key, d, c)


def _constant_loop(
    proposal: rejection.Proposal, key: Any, rounds: int, shape: tuple[int, ...], word: Any, *parameters: Any
) -> Any:
    """Make the rounds of a whole number, which has no derivative."""
    return _loop(proposal, key, rounds, shape, word, *map(lax.stop_gradient, parameters))


_gamma = _compile.jit(unchecked(partial(rejection.gamma, _gamma_loop)), checked=False)
_beta = _compile.jit(unchecked(partial(rejection.beta, _gamma_loop)), checked=False)
_poisson = _compile.jit(unchecked(partial(rejection.poisson, _constant_loop)), checked=False)


# The composition makes every round for every element.
def gamma(key: Any, a: Any, shape: Any = None, dtype: Any = None) -> Any:
    dtype = np.dtype(_FLOAT if dtype is None else dtype)
    key = data(key)
    return _gamma(key, _number(a, key, _held(dtype)), shape, dtype)


# As `gamma`.
def beta(key: Any, a: Any, b: Any, shape: Any = None, dtype: Any = None) -> Any:
    dtype = np.dtype(_FLOAT if dtype is None else dtype)
    key = data(key)
    return _beta(key, _number(a, key, _held(dtype)), _number(b, key, _held(dtype)), shape, dtype)


# As `gamma`.
def poisson(key: Any, lam: Any, shape: Any = None, dtype: Any = None) -> Any:
    dtype = np.dtype(_INT if dtype is None else dtype)
    key = data(key)
    held = np.float64 if dtype.itemsize == 8 else np.float32
    return _poisson(key, _number(lam, key, held), shape, dtype)
