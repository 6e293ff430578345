"""Selection on JAX."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

import accel as xp
from accel.extra.selection import TopK, evaluated, several_of, shared
from accel_jax._promotion import NARROW
from accel_jax._x64 import wide

__all__ = ["apply_where", "topk"]

_EXACT = ("float16", "bfloat16", "float32", "int8", "int16", "uint8", "uint16")
"""Dtypes whose numbers float32 holds, for which XLA has a quick choice on the CPU."""


# The composition sorts all. XLA's own choice takes 0 for more than -0, and tells nan apart by their signs.
def topk(x: Any, /, k: int, *, axis: int = -1, largest: bool = True) -> Any:
    return _topk(x, k=k, axis=axis, largest=largest)


@wide(static=("k", "axis", "largest"))
def _topk(x: Any, /, *, k: int, axis: int, largest: bool) -> Any:
    rows = jnp.moveaxis(x, axis, -1)
    if x.dtype.name in _EXACT and 0 < k < rows.shape[-1] and rows.size:
        order = lax.platform_dependent(
            rows, cpu=lambda rows: _quick(rows, k, largest), default=lambda rows: _sorted(rows, k, largest)
        )
    else:
        order = _sorted(rows, k, largest)
    values = jnp.take_along_axis(rows, order, -1)
    return TopK(jnp.moveaxis(values, -1, axis), jnp.moveaxis(order, -1, axis))


def _sorted(rows: Any, k: int, largest: bool) -> Any:
    order = jnp.argsort(rows, axis=-1, descending=largest, stable=True)[..., :k]
    return lax.convert_element_type(order, np.int64)


def _quick(rows: Any, k: int, largest: bool) -> Any:
    key = lax.stop_gradient(lax.convert_element_type(rows, np.float32))
    absent, key = jnp.isnan(key), jnp.where(key == 0, np.float32(0), key if largest else -key)
    nan = np.float32(np.nan) if largest else np.copysign(np.float32(np.nan), np.float32(-1))
    return lax.convert_element_type(lax.top_k(jnp.where(absent, nan, key), k)[1], np.int64)


# The composition would be compiled anew for each function; and no gradient goes to the element that stands for others.
def apply_where(
    cond: Any,
    args: Any,
    f1: Callable[..., Any],
    f2: Callable[..., Any] | None = None,
    /,
    *,
    fill_value: Any = None,
) -> Any:
    cond, *several = shared(cond, several_of(args))
    one = evaluated(f1, _seen(cond, several))
    if f2 is None:
        return xp.where(cond, one, fill_value)
    return xp.where(cond, one, evaluated(f2, _seen(xp.logical_not(cond), several)))


def _seen(cond: Any, args: list[Any]) -> list[Any]:
    if 0 in cond.shape:
        return args
    return [_hidden(cond, x) for x in args]


@wide(keeps=NARROW, static=())
def _hidden(cond: Any, x: Any, /) -> Any:
    first = x.reshape(-1)[jnp.argmax(cond.reshape(-1))]
    return jnp.where(cond, x, lax.stop_gradient(first))
