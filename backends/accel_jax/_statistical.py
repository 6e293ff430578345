"""Reductions: sums, means and extremes, in NumPy's dtypes."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from accel.errors import AxisError, DTypeError
from accel_jax._accurate import root
from accel_jax._elementwise import divide
from accel_jax._manipulation import axes_of, axis_of, promoted
from accel_jax._promotion import FLOATS, NARROW, WIDE, cast, dtype_of, floating
from accel_jax._searching import ordered
from accel_jax._x64 import wide

__all__ = [
    "all",
    "any",
    "converted",
    "cumulative_prod",
    "cumulative_sum",
    "diff",
    "max",
    "mean",
    "min",
    "prod",
    "std",
    "sum",
    "total",
    "var",
]

_KEPT = FLOATS - WIDE


def total(x: Any, dtype: Any) -> np.dtype[Any]:
    """Give the dtype of sums and products: that of x, but 64 bits for integers."""
    if dtype is not None:
        return dtype_of(dtype)
    if x.dtype.kind in "bi":
        return np.dtype(np.int64)
    return np.dtype(np.uint64) if x.dtype.kind == "u" else dtype_of(x)


def converted(x: Any, dtype: Any) -> Any:
    """Cast, but never drop an imaginary part."""
    if x.dtype.kind == "c" and dtype.kind not in "cb":
        raise DTypeError(
            f"A cast from {x.dtype} to {dtype} would drop the imaginary part; take real(x) or abs(x) first."
        )
    return cast(x, dtype)


def _working(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Give the dtype in which numbers of a dtype are added and multiplied: sixteen bits would lose too much on the way."""
    return np.dtype(np.float32) if dtype in FLOATS and dtype.itemsize == 2 else dtype


def _line(name: str, x: Any, axis: int | None) -> int:
    if x.ndim == 0 or (axis is None and x.ndim != 1):
        raise AxisError(f"{name} needs an axis for an array of {x.ndim} axes; it goes along one.")
    return axis_of(0 if axis is None else axis, x.ndim)


# jnp.cumulative_sum takes 0-d arrays apart otherwise, promotes small integers by JAX's table and adds in 16 bits.
@wide(keeps=_KEPT, static=("axis", "dtype", "include_initial"))
def cumulative_sum(
    x: Any, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False
) -> Any:
    wanted = total(x, dtype)
    line = _line("cumulative_sum", x, axis)
    x = cast(converted(x, wanted), _working(wanted))
    return cast(jnp.cumulative_sum(x, axis=line, dtype=x.dtype, include_initial=include_initial), wanted)


# jnp.cumulative_prod keeps small integers, which then wrap, and multiplies in 16 bits.
@wide(keeps=_KEPT, static=("axis", "dtype", "include_initial"))
def cumulative_prod(
    x: Any, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False
) -> Any:
    wanted = total(x, dtype)
    line = _line("cumulative_prod", x, axis)
    x = cast(converted(x, wanted), _working(wanted))
    return cast(jnp.cumulative_prod(x, axis=line, dtype=x.dtype, include_initial=include_initial), wanted)


@wide(keeps=NARROW, static=("axis", "keepdims"))
def max(x: Any, /, *, axis: Any = None, keepdims: bool = False) -> Any:
    return jnp.max(ordered("max", x), axis=axis, keepdims=keepdims)


@wide(keeps=NARROW, static=("axis", "keepdims"))
def min(x: Any, /, *, axis: Any = None, keepdims: bool = False) -> Any:
    return jnp.min(ordered("min", x), axis=axis, keepdims=keepdims)


def _count(x: Any, axis: Any) -> int:
    return math.prod(x.shape) if axis is None else math.prod(x.shape[i] for i in axes_of(axis, x.ndim))


# jnp.mean averages integers in 32 bits and divides through the reciprocal.
@wide(keeps=_KEPT, static=("axis", "keepdims"))
def mean(x: Any, /, *, axis: Any = None, keepdims: bool = False) -> Any:
    dtype = floating("mean", x.dtype)
    working = _working(dtype)
    summed = jnp.sum(lax.convert_element_type(x, working), axis=axis, keepdims=keepdims)
    return lax.convert_element_type(
        divide(summed, jnp.asarray(np.asarray(_count(x, axis), dtype=working))), dtype
    )


# JAX multiplies sixteen bits in float32, but rounds between the stages of a long product.
@wide(keeps=_KEPT, static=("axis", "dtype", "keepdims"))
def prod(x: Any, /, *, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Any:
    wanted = total(x, dtype)
    x = cast(converted(x, wanted), _working(wanted))
    return cast(jnp.prod(x, axis=axis, dtype=x.dtype, keepdims=keepdims), wanted)


# As prod.
@wide(keeps=_KEPT, static=("axis", "dtype", "keepdims"))
def sum(x: Any, /, *, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Any:
    wanted = total(x, dtype)
    x = cast(converted(x, wanted), _working(wanted))
    return cast(jnp.sum(x, axis=axis, dtype=x.dtype, keepdims=keepdims), wanted)


# jnp.var averages integers in 32 bits and rounds to 16 bits on the way; with a correction that leaves no degrees of freedom
# the result is nan here.
@wide(keeps=_KEPT, static=("axis", "correction", "keepdims"))
def var(x: Any, /, *, axis: Any = None, correction: float = 0.0, keepdims: bool = False) -> Any:
    dtype = floating("var", ordered("var", x).dtype)
    x = lax.convert_element_type(x, _working(dtype))
    out = cast(jnp.var(x, axis=axis, correction=correction, keepdims=keepdims), dtype)
    return out if _count(x, axis) - correction > 0 else jnp.full_like(out, jnp.nan)


# As var; and of numbers that are all the same JAX's slope is nan.
@wide(keeps=_KEPT, static=("axis", "correction", "keepdims"))
def std(x: Any, /, *, axis: Any = None, correction: float = 0.0, keepdims: bool = False) -> Any:
    dtype = floating("std", ordered("std", x).dtype)
    x = lax.convert_element_type(x, _working(dtype))
    out = cast(root(jnp.var(x, axis=axis, correction=correction, keepdims=keepdims)), dtype)
    return out if _count(x, axis) - correction > 0 else jnp.full_like(out, jnp.nan)


# jnp.all and jnp.any look at the real part of a complex number alone.
@wide(keeps=NARROW, static=("axis", "keepdims"))
def all(x: Any, /, *, axis: Any = None, keepdims: bool = False) -> Any:
    return jnp.all(cast(x, np.dtype(bool)), axis=axis, keepdims=keepdims)


# As for all.
@wide(keeps=NARROW, static=("axis", "keepdims"))
def any(x: Any, /, *, axis: Any = None, keepdims: bool = False) -> Any:
    return jnp.any(cast(x, np.dtype(bool)), axis=axis, keepdims=keepdims)


# jnp.diff promotes what is prepended and appended by JAX's table.
@wide(keeps=NARROW, static=("axis", "n"))
def diff(x: Any, /, *, axis: int = -1, n: int = 1, prepend: Any = None, append: Any = None) -> Any:
    given = [a for a in (x, prepend, append) if a is not None]
    fitted = iter(promoted(*given))
    x, prepend, append = (None if a is None else next(fitted) for a in (x, prepend, append))
    return jnp.diff(x, n=n, axis=axis, prepend=prepend, append=append)
