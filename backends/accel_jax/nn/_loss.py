"""Losses on JAX."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from accel_jax._promotion import FLOATS, WIDE
from accel_jax._x64 import wide
from accel_jax.nn._activation import working
from accel_jax.nn._probability import finfo, total

__all__ = ["binary_cross_entropy_with_logits", "cross_entropy"]

_KEPT = FLOATS - WIDE


def _reduced(terms: Any, reduction: str, count: Any, dtype: Any) -> Any:
    if reduction != "none":
        terms = jnp.sum(terms)
    if reduction == "mean":
        terms = terms / jnp.asarray(count, dtype=terms.dtype)
    return lax.convert_element_type(terms, dtype)


def _product(x: Any, weight: Any) -> Any:
    """Multiply; an infinity that has weight 0 adds nothing."""
    return jnp.where(jnp.isinf(x) & (weight == 0), 0, x) * weight


# The composition takes logarithms and exponentials that are exact beyond the ends where these are used, and twice as slow.
@wide(static=("axis", "ignore_index", "reduction", "label_smoothing"))
def _cross_entropy(
    x: Any,
    target: Any,
    weight: Any,
    /,
    *,
    axis: int,
    ignore_index: int,
    reduction: str,
    label_smoothing: float,
) -> Any:
    along, w = axis % x.ndim, working(x)
    classes = w.shape[along]
    top = lax.stop_gradient(jnp.max(w, axis=along, keepdims=True, initial=finfo(w.dtype).min))
    scores = w - top
    log_total = jnp.log(total(jnp.exp(scores), along))
    shares = None if weight is None else working(weight)
    column = None if shares is None else jnp.reshape(shares, (-1, *(1 for _ in range(x.ndim - along - 1))))
    if target.dtype.kind not in "iu":
        wanted = working(target)
        if label_smoothing:
            wanted = wanted * (1 - label_smoothing) + label_smoothing / classes
        terms = _product(log_total - scores, wanted)
        terms = jnp.sum(terms if column is None else _product(terms, column), axis=along)
        return _reduced(terms, reduction, math.prod(terms.shape), x.dtype)
    # Python integers beyond the dtype of the labels equal none of them.
    info = np.iinfo(target.dtype)
    known = info.min <= ignore_index <= info.max
    counted = target != ignore_index if known else jnp.ones_like(target, dtype=bool)
    inside = (target >= 0) & (target <= min(classes - 1, info.max))
    places = jnp.where(counted & inside, target, 0)
    found = jnp.squeeze(jnp.take_along_axis(scores, jnp.expand_dims(places, along), along), along)
    terms = jnp.squeeze(log_total, along) - jnp.where(inside, found, jnp.nan)
    owned = counted.astype(w.dtype)
    if shares is not None:
        owned = jnp.where(counted, shares[places], 0)
        terms = _product(terms, owned)
    if label_smoothing:
        spread = log_total - scores
        spread = jnp.sum(spread if column is None else _product(spread, column), axis=along)
        rest = (
            jnp.where(jnp.isnan(terms), terms, 0) if label_smoothing == 1 else terms * (1 - label_smoothing)
        )
        terms = rest + spread * (label_smoothing / classes)
    return _reduced(jnp.where(counted, terms, 0), reduction, jnp.sum(owned), x.dtype)


def cross_entropy(
    x: Any,
    target: Any,
    /,
    *,
    axis: int = -1,
    weight: Any = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    return _cross_entropy(
        x,
        target,
        weight,
        axis=axis,
        ignore_index=ignore_index,
        reduction=reduction,
        label_smoothing=label_smoothing,
    )


# As cross_entropy.
@wide(static=("reduction",))
def _binary(x: Any, target: Any, weight: Any, pos_weight: Any, /, *, reduction: str) -> Any:
    w, wanted = working(x), working(target)
    size = jnp.where(w < 0, -w, w)
    rest = jnp.log1p(jnp.exp(-size))
    first, second = 1 - wanted, wanted
    if pos_weight is not None:
        second = _product(second, working(pos_weight))
        rest = rest * (first + second)
    terms = rest + _product(size, jnp.where(w < 0, second, first))
    if weight is not None:
        terms = _product(terms, working(weight))
    return _reduced(terms, reduction, math.prod(x.shape), x.dtype)


def binary_cross_entropy_with_logits(
    x: Any, target: Any, /, *, weight: Any = None, pos_weight: Any = None, reduction: str = "mean"
) -> Any:
    return _binary(x, target, weight, pos_weight, reduction=reduction)
