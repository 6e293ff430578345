"""Activations on JAX: one compiled function each, in float32 for 16 bits, with derivatives that are finite wherever the function is."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from accel.nn.activation import FAR, GELU_CUBE, GELU_SLOPE, SELU_ALPHA, SELU_SCALE
from accel_jax._elementwise import divide
from accel_jax._promotion import FLOATS, WIDE, opaque
from accel_jax._x64 import wide
from accel_jax.extra._special import logistic

__all__ = [
    "celu",
    "elu",
    "gelu",
    "glu",
    "hard_sigmoid",
    "hard_silu",
    "hard_tanh",
    "leaky_relu",
    "log_sigmoid",
    "mish",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "softsign",
]

_KEPT = FLOATS - WIDE


def working(x: Any) -> Any:
    """Give 16-bit numbers in float32."""
    return lax.convert_element_type(x, np.float32) if x.dtype.itemsize == 2 else x


def _rounded(body: Callable[..., Any]) -> Callable[..., Any]:
    """Compute in float32 what has 16 bits, and round once."""

    def call(x: Any, **options: Any) -> Any:
        return lax.convert_element_type(body(working(x), **options), x.dtype)

    return call


def _magnitude(x: Any) -> Any:
    return jnp.where(x < 0, -x, x)


# jax.nn.relu may give -0.0.
@wide(keeps=_KEPT, static=())
def relu(x: Any, /) -> Any:
    return jnp.where(x <= 0, 0, x)


# As relu; and jax.nn.relu6 has the slope 1/2 at 0 and at 6.
@wide(keeps=_KEPT, static=())
def relu6(x: Any, /) -> Any:
    return jnp.where(x <= 0, 0, jnp.where(x >= 6, 6, x))


# jax.nn.leaky_relu rounds the slope to 16 bits.
@wide(keeps=_KEPT, static=("negative_slope",))
def leaky_relu(x: Any, /, *, negative_slope: float = 0.01) -> Any:
    return _rounded(lambda w: jnp.where(w > 0, w, w * negative_slope))(x)


# jax.nn has these functions without 32 bits inside for 16.
@wide(keeps=_KEPT, static=("alpha",))
def elu(x: Any, /, *, alpha: float = 1.0) -> Any:
    return _rounded(lambda w: jnp.where(w > 0, w, jnp.expm1(jnp.where(w > 0, 0, w)) * alpha))(x)


@wide(keeps=_KEPT, static=("alpha",))
def celu(x: Any, /, *, alpha: float = 1.0) -> Any:
    return _rounded(lambda w: jnp.where(w > 0, w, jnp.expm1(jnp.where(w > 0, 0, w) / alpha) * alpha))(x)


@wide(keeps=_KEPT, static=())
def selu(x: Any, /) -> Any:
    def body(w: Any) -> Any:
        below = jnp.expm1(jnp.where(w > 0, 0, w)) * (SELU_SCALE * SELU_ALPHA)
        return jnp.where(w > 0, w * SELU_SCALE, below)

    return _rounded(body)(x)


# jax.nn.gelu gives nan for -inf.
@wide(keeps=_KEPT, static=("approximate",))
def gelu(x: Any, /, *, approximate: bool = False) -> Any:
    return _rounded(_gelu_tanh if approximate else _gelu)(x)


def _gelu(x: Any) -> Any:
    # Beyond 64 the curvature would be 0 times infinity.
    return (0.5 * jnp.maximum(x, -64)) * lax.erfc(jnp.clip(x, -64, 64) * -math.sqrt(0.5))


def _gelu_tanh(x: Any) -> Any:
    # Of larger numbers the square could be infinite; the tangent is 1 long before.
    a = jnp.clip(x, -64, 64)
    slope = GELU_SLOPE / 2 + (GELU_CUBE * GELU_SLOPE / 2) * (a * a)
    return jnp.maximum(x, -64) * (0.5 + 0.5 * jnp.tanh(a * slope))


# jax.nn.silu gives nan for -inf.
@wide(keeps=_KEPT, static=())
def silu(x: Any, /) -> Any:
    return _rounded(lambda w: jnp.maximum(w, -1024) * logistic(w))(x)


# jax.nn.mish takes a logarithm and a tangent of it.
@wide(keeps=_KEPT, static=())
def mish(x: Any, /) -> Any:
    return _rounded(_mish)(x)


def _mish(x: Any) -> Any:
    a = jnp.maximum(x, -1024)
    far = a < -FAR
    # With exp(-a) on the right neither the tangent of softplus nor a derivative of it leaves the range.
    left = a <= 0
    e = jnp.exp(jnp.where(far, a + FAR, jnp.where(left, a, -a)))
    n = jnp.where(left, e * (e + 2), 1 + 2 * e)
    return jnp.where(far, a * e * math.exp(-FAR), a * (n / (n + jnp.where(left, 2, 2 * e * e))))


# jax.nn's, but in 32 bits for 16, and its slope of large numbers has no digit left.
@wide(keeps=_KEPT, static=())
def sigmoid(x: Any, /) -> Any:
    return _rounded(logistic)(x)


@wide(keeps=_KEPT, static=())
def log_sigmoid(x: Any, /) -> Any:
    return _rounded(lambda w: jnp.where(w < 0, w, -0.0) - jnp.log1p(jnp.exp(-_magnitude(w))))(x)


# jax.nn's have other slopes where the lines meet, and round 16 bits after each step.
@wide(keeps=_KEPT, static=())
def hard_sigmoid(x: Any, /) -> Any:
    return _rounded(lambda w: _lines(w + 3))(x)


def _lines(w: Any) -> Any:
    inner = jnp.where(w <= 0, 0, jnp.where(w >= 6, 6, w))
    return divide(inner, opaque(jnp.full_like(inner, 6)))


@wide(keeps=_KEPT, static=())
def hard_silu(x: Any, /) -> Any:
    def body(w: Any) -> Any:
        a = jnp.maximum(w, -3)
        return a * _lines(a + 3)

    return _rounded(body)(x)


@wide(keeps=_KEPT, static=("min_val", "max_val"))
def hard_tanh(x: Any, /, *, min_val: float = -1.0, max_val: float = 1.0) -> Any:
    return jnp.where(x <= min_val, min_val, jnp.where(x >= max_val, max_val, x))


# jax.nn.soft_sign gives nan for infinities.
@wide(keeps=_KEPT, static=())
def softsign(x: Any, /) -> Any:
    def body(w: Any) -> Any:
        a = jnp.clip(w, -(2.0**60), 2.0**60)
        return divide(a, _magnitude(a) + 1)

    return _rounded(body)(x)


# jax.nn.glu makes nan of an infinity and a gate that is all but closed.
@wide(keeps=_KEPT, static=("axis",))
def glu(x: Any, /, *, axis: int = -1) -> Any:
    a, gate = jnp.split(working(x), 2, axis)
    return lax.convert_element_type(_logistic_product(a, gate), x.dtype)


def _logistic_product(a: Any, u: Any) -> Any:
    far = u < -FAR
    e = jnp.exp(jnp.where(far, u + FAR, -u))
    return jnp.where(far, a * e * math.exp(-FAR), a / (1 + e))
