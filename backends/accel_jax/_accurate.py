"""Real functions whose error in JAX exceeds accel's promise, made of exp, log and exactly rounded operations."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

__all__ = [
    "acosh",
    "atanh",
    "cosh",
    "end",
    "exp",
    "expm1",
    "frexp",
    "kept",
    "ldexp",
    "log1p",
    "root",
    "sinh",
    "tanh",
]


@jax.custom_jvp
def kept(x: Any) -> Any:
    """Give x, with its derivative, but hide how it was made: XLA would turn (1 + x) - 1 into x, and a * b + c into one rounding."""
    bits = lax.bitcast_convert_type(x, np.dtype(f"int{8 * x.dtype.itemsize}"))
    # The product of two neighbours is even, so its last bit is none: an identity that no algebra of floating
    # point knows.
    return lax.bitcast_convert_type(bits ^ ((bits * (bits + 1)) & 1), x.dtype)


def _kept_derived(primals: Any, tangents: Any) -> Any:
    return kept(*primals), tangents[0]


kept.defjvp(_kept_derived)


@jax.custom_jvp
def root(x: Any) -> Any:
    """Give square roots of sums of squares: where all of them are 0 so is the slope, the middle one of those on all sides of the kink."""
    return jnp.sqrt(x)


def _root_derived(primals: Any, tangents: Any) -> Any:
    y = root(*primals)
    return y, jnp.where(y == 0, 0, tangents[0] / (2 * _nonzero(y)))


root.defjvp(_root_derived)


_FLOATS: dict[int, tuple[Any, int, int]] = {
    4: (np.dtype(np.int32), 23, 127),
    8: (np.dtype(np.int64), 52, 1023),
}
"""Bytes of a float -> the integers of its size, how many digits it has behind the first, and what is added to its power of two."""


def frexp(x: Any) -> tuple[Any, Any]:
    """Split positive normal numbers into numbers from 1/2 to below 1 and powers of two, which jnp.frexp makes integers of."""
    integer, digits, bias = _FLOATS[x.dtype.itemsize]
    power = (lax.bitcast_convert_type(x, integer) >> digits) - (bias - 1)
    e = lax.convert_element_type(power, x.dtype)
    # In two steps, as the power that brings the largest numbers below 1 is no normal number.
    half = (-power) >> 1
    m = x * _power(half, x.dtype) * _power(-power - half, x.dtype)
    return m, lax.stop_gradient(e)


def ldexp(x: Any, e: Any) -> Any:
    """Multiply by powers of two that are normal numbers."""
    integer, _, _ = _FLOATS[x.dtype.itemsize]
    return x * _power(lax.convert_element_type(e, integer), x.dtype)


def _power(e: Any, dtype: Any) -> Any:
    integer, digits, bias = _FLOATS[dtype.itemsize]
    return lax.bitcast_convert_type((e + integer.type(bias)) << integer.type(digits), dtype)


def _accurate(slope: Callable[[Any, Any], Any]) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
    """Give a function its derivative, made of x and f(x), and take 16-bit numbers through float32."""

    def decorate(body: Callable[[Any], Any]) -> Callable[[Any], Any]:
        value = jax.custom_jvp(body)

        def derived(primals: Any, tangents: Any) -> Any:
            y = value(*primals)
            return y, slope(primals[0], y) * tangents[0]

        value.defjvp(derived)

        def call(x: Any) -> Any:
            if x.dtype.itemsize == 2:
                return lax.convert_element_type(value(lax.convert_element_type(x, np.float32)), x.dtype)
            return value(x)

        return call

    return decorate


def _nonzero(x: Any) -> Any:
    return jnp.where(x == 0, jnp.ones_like(x), x)


# 5 ulp in float32 just below the end of the range. There one factor e is split off; x - 1 is exact.
@_accurate(lambda x, y: y)
def exp(x: Any) -> Any:
    if x.dtype == np.float64:
        return jnp.exp(x)
    near = x > 88
    return jnp.exp(jnp.where(near, x - 1, x)) * jnp.where(near, np.float32(math.e), np.float32(1))


# 112 ulp in float64. What the sum 1 + x loses is known exactly, and log(u + lost) is log(u) + lost / u.
@_accurate(lambda x, y: 1 / (1 + x))
def log1p(x: Any) -> Any:
    u = kept(1 + x)
    lost = jnp.where(x > 1, 1 - (u - x), x - (u - 1))
    return jnp.where(
        u == 1, x, jnp.where((u == 0) | (u == jnp.inf), jnp.log(u), jnp.log(u) + lost / _nonzero(u))
    )


# 4 ulp and more; the error of exp is put back by its own logarithm.
@_accurate(lambda x, y: y + 1)
def expm1(x: Any) -> Any:
    u = kept(exp(x))
    m = u - 1
    middle = m + u * (x - kept(jnp.log(jnp.where(u > 0, u, jnp.ones_like(u)))))
    return jnp.where(u == 1, x, jnp.where((m == -1) | jnp.isinf(u), m, middle))


def end(x: Any) -> float:
    """Give the bound beyond which exp(x) may overflow where exp(x / 2) does not."""
    return 700.0 if x.dtype == np.float64 else 80.0


def _half_exp(x: Any) -> Any:
    # exp(x) / 2 where exp(x) may overflow. What is split off is log(2), rounded up to so few digits that the
    # difference is exact.
    digits = 40 if x.dtype == np.float64 else 17
    part = math.ceil(math.log(2) * 2**digits) / 2**digits
    factor = 1 + math.expm1(part - math.log(2))
    return exp(x - jnp.full_like(x, part)) * jnp.full_like(x, factor)


def _cosh_of(x: Any, y: Any) -> Any:
    return cosh(x)


# 495 ulp in float64, 24 in float32.
@_accurate(lambda x, y: sinh(x))
def cosh(x: Any) -> Any:
    a = jnp.abs(x)
    e = exp(a)
    return jnp.where(a > end(x), _half_exp(a), 0.5 * e + 0.5 / e)


# 495 ulp in float64, 24 in float32.
@_accurate(_cosh_of)
def sinh(x: Any) -> Any:
    a = jnp.abs(x)
    t = expm1(jnp.minimum(a, jnp.full_like(a, 2)))
    e = exp(a)
    large = jnp.where(a > end(x), _half_exp(a), 0.5 * e - 0.5 / e)
    return jnp.copysign(jnp.where(a < 1, 0.5 * (t + t / (t + 1)), large), x)


# 6 ulp in float64.
@_accurate(lambda x, y: (1 - y) * (1 + y))
def tanh(x: Any) -> Any:
    a = jnp.abs(x)
    t = expm1(jnp.minimum(2 * a, jnp.full_like(a, 50)))
    return jnp.copysign(
        jnp.where(a > 22, jnp.ones_like(a), jnp.where(a > 0.55, 1 - 2 / (t + 2), t / (t + 2))), x
    )


# 124 ulp in float64.
@_accurate(lambda x, y: 1 / ((1 - x) * (1 + x)))
def atanh(x: Any) -> Any:
    a = jnp.abs(x)
    return jnp.copysign(0.5 * log1p(2 * a / (1 - a)), x)


# 4.1 ulp in float32, near 1.1. There x - 1 is exact.
@_accurate(lambda x, y: 1 / jnp.sqrt((x - 1) * (x + 1)))
def acosh(x: Any) -> Any:
    t = x - 1
    near = log1p(t + jnp.sqrt(t * (t + 2)))
    far = jnp.log(x) + jnp.full_like(x, math.log(2))
    return jnp.where(x < 1, jnp.full_like(x, math.nan), jnp.where(x > 2.0**28, far, near))
