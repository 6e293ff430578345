"""Normalisation as compiled functions, whose steps XLA joins."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from accel_jax._manipulation import axes_of, axis_of
from accel_jax._promotion import FLOATS, WIDE, cast, result_type
from accel_jax._x64 import wide

__all__ = ["batch_norm", "batch_norm_train", "group_norm", "layer_norm", "rms_norm"]

_KEPT = FLOATS - WIDE


def _widened(*arrays: Any) -> tuple[Any, ...]:
    """Cast arrays to the dtype in which they are computed with, and give the one to which they promote last."""
    dtype = result_type(*(x for x in arrays if x is not None))
    working = np.dtype(np.float32) if dtype.itemsize == 2 else dtype
    return (*(None if x is None else cast(x, working) for x in arrays), dtype)


def _scaled(x: Any, axes: tuple[int, ...], weight: Any, bias: Any) -> Any:
    shape = tuple(n if a in axes else 1 for a, n in enumerate(x.shape))
    if weight is not None:
        x = x * weight.reshape(shape)
    return x if bias is None else x + bias.reshape(shape)


def _moments(x: Any, axes: tuple[int, ...]) -> tuple[Any, Any, Any]:
    mean = jnp.mean(x, axis=axes, keepdims=True)
    apart = x - mean
    return apart, mean, jnp.mean(apart * apart, axis=axes, keepdims=True)


# The composition, compiled as a whole, takes longer to find what was compiled; and XLA has the root and the reciprocal in one.
@wide(keeps=_KEPT, static=("axis", "eps"))
def layer_norm(x: Any, weight: Any = None, bias: Any = None, /, *, axis: Any = -1, eps: float = 1e-5) -> Any:
    axes = tuple(sorted(axes_of(axis, x.ndim)))
    x, weight, bias, dtype = _widened(x, weight, bias)
    apart, _, var = _moments(x, axes)
    return cast(_scaled(apart * lax.rsqrt(var + eps), axes, weight, bias), dtype)


# As layer_norm.
@wide(keeps=_KEPT, static=("axis", "eps"))
def rms_norm(x: Any, weight: Any = None, /, *, axis: Any = -1, eps: float = 1e-6) -> Any:
    axes = tuple(sorted(axes_of(axis, x.ndim)))
    x, weight, dtype = _widened(x, weight)
    square = jnp.mean(x * x, axis=axes, keepdims=True)
    return cast(_scaled(x * lax.rsqrt(square + eps), axes, weight, None), dtype)


@wide(keeps=_KEPT, static=("num_groups", "eps"))
def _group_norm(x: Any, weight: Any, bias: Any, /, *, num_groups: int, eps: float) -> Any:
    shape = x.shape
    x, weight, bias, dtype = _widened(x, weight, bias)
    groups = x.reshape(shape[0], num_groups, math.prod(shape[1:]) // num_groups)
    apart, _, var = _moments(groups, (2,))
    y = (apart * lax.rsqrt(var + eps)).reshape(shape)
    return cast(_scaled(y, (1,), weight, bias), dtype)


# As layer_norm.
def group_norm(x: Any, num_groups: int, /, weight: Any = None, bias: Any = None, *, eps: float = 1e-5) -> Any:
    return _group_norm(x, weight, bias, num_groups=num_groups, eps=eps)


# As layer_norm.
@wide(keeps=_KEPT, static=("axis", "eps"))
def batch_norm(
    x: Any,
    mean: Any,
    var: Any,
    weight: Any = None,
    bias: Any = None,
    /,
    *,
    axis: int = 1,
    eps: float = 1e-5,
) -> Any:
    axes = (axis_of(axis, x.ndim),)
    x, mean, var, weight, bias, dtype = _widened(x, mean, var, weight, bias)
    factor = lax.rsqrt(var + eps)
    factor = factor if weight is None else factor * weight
    return cast(_scaled(_scaled(x, axes, None, -mean), axes, factor, bias), dtype)


# As layer_norm.
@wide(keeps=_KEPT, static=("axis", "eps"))
def batch_norm_train(
    x: Any, weight: Any = None, bias: Any = None, /, *, axis: int = 1, eps: float = 1e-5
) -> tuple[Any, Any, Any]:
    along = axis_of(axis, x.ndim)
    x, weight, bias, dtype = _widened(x, weight, bias)
    apart, mean, var = _moments(x, tuple(a for a in range(x.ndim) if a != along))
    y = _scaled(apart * lax.rsqrt(var + eps), (along,), weight, bias)
    return cast(y, dtype), mean.reshape(x.shape[along]), var.reshape(x.shape[along])
