"""Softmax and its logarithm on JAX."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from accel_jax._promotion import FLOATS, WIDE
from accel_jax._x64 import wide
from accel_jax.nn._activation import working

__all__ = ["log_softmax", "softmax"]

_KEPT = FLOATS - WIDE
finfo: Any = jnp.finfo  # untyped


# Rows of -inf alone need no choice by a mask: the reductions begin with a number that changes no other row.
def shifted(x: Any, axis: Any) -> Any:
    """Subtract from the scores the largest of each row, but at least the smallest finite number; it is a constant to derivatives."""
    least = finfo(x.dtype).min
    return x - lax.stop_gradient(jnp.max(x, axis=axis, keepdims=True, initial=least))


def total(weights: Any, axis: Any) -> Any:
    """Add the exponentials of each row, of which the largest is 1; where there are none the sum is not 0."""
    return jnp.sum(weights, axis=axis, keepdims=True, initial=finfo(weights.dtype).tiny)


@partial(jax.custom_jvp, nondiff_argnums=(1,))
def _softmax(x: Any, axis: Any) -> Any:
    weights = jnp.exp(shifted(x, axis))
    return weights / total(weights, axis)


@_softmax.defjvp
def _softmax_jvp(axis: Any, primals: Any, tangents: Any) -> Any:
    (x,), (t,) = primals, tangents
    y = _softmax(x, axis)
    return y, y * (t - jnp.sum(y * t, axis=axis, keepdims=True))


def _log_softmax(x: Any, axis: Any) -> Any:
    scores = shifted(x, axis)
    return scores - jnp.log(total(jnp.exp(scores), axis))


def _plain(function: Any, name: str) -> Any:
    def body(x: Any, /, *, axis: Any = -1) -> Any:
        return lax.convert_element_type(function(working(x), axis), x.dtype)

    body.__name__ = name
    return wide(body, keeps=_KEPT, static=("axis",))


def _masked(function: Any, name: str) -> Any:
    def body(x: Any, where: Any, /, *, axis: Any = -1) -> Any:
        w = working(x)
        return lax.convert_element_type(function(jnp.where(where, w, -jnp.inf), axis), x.dtype)

    body.__name__ = name
    return wide(body, static=("axis",))


_plain_softmax, _masked_softmax = _plain(_softmax, "softmax"), _masked(_softmax, "softmax")
_plain_log, _masked_log = _plain(_log_softmax, "log_softmax"), _masked(_log_softmax, "log_softmax")


# jax.nn.softmax gives nan where nothing counts, and rounds 16 bits after each step.
def softmax(x: Any, /, *, axis: Any = -1, where: Any = None) -> Any:
    return _plain_softmax(x, axis=axis) if where is None else _masked_softmax(x, where, axis=axis)


# As softmax.
def log_softmax(x: Any, /, *, axis: Any = -1, where: Any = None) -> Any:
    return _plain_log(x, axis=axis) if where is None else _masked_log(x, where, axis=axis)
