"""Finding, counting, choosing and ordering elements."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from accel.errors import AxisError, DTypeError

from accel_jax._manipulation import promoted
from accel_jax._promotion import KNOWN, NARROW, REALS, INTEGERS, result_type
from accel_jax._x64 import wide

__all__ = [
    "argmax",
    "argmin",
    "argsort",
    "count_nonzero",
    "isin",
    "nonzero",
    "ordered",
    "searchsorted",
    "sort",
    "unique_all",
    "unique_counts",
    "unique_inverse",
    "unique_values",
    "where",
]

_INDEX = np.dtype(np.int64)


def ordered(name: str, x: Any) -> Any:
    """Refuse complex numbers, which have no order."""
    if jnp.issubdtype(x.dtype, jnp.complexfloating):
        raise DTypeError(f"{name} is not defined for {x.dtype}, which has no order; take real(x) or abs(x) first.")
    return x


def _index(x: Any) -> Any:
    return lax.convert_element_type(x, _INDEX)


@wide
def argmax(x: Any, /, *, axis: int | None = None, keepdims: bool = False) -> Any:
    return _index(jnp.argmax(ordered("argmax", x), axis=axis, keepdims=keepdims))


@wide
def argmin(x: Any, /, *, axis: int | None = None, keepdims: bool = False) -> Any:
    return _index(jnp.argmin(ordered("argmin", x), axis=axis, keepdims=keepdims))


@wide
def count_nonzero(x: Any, /, *, axis: Any = None, keepdims: bool = False) -> Any:
    return _index(jnp.count_nonzero(x, axis=axis, keepdims=keepdims))


@wide
def nonzero(x: Any, /) -> Any:
    if x.ndim == 0:
        raise AxisError("nonzero needs at least one axis; got a 0-d array.")
    return tuple(map(_index, jnp.nonzero(x)))


# jnp.searchsorted gives int32 indices and promotes by JAX's table.
@wide
def searchsorted(x1: Any, x2: Any, /, *, side: str = "left", sorter: Any = None) -> Any:
    ordered("searchsorted", x1)
    dtype = result_type(x1, x2)
    values = lax.convert_element_type(x2, dtype) if isinstance(x2, jax.Array) else jnp.asarray(np.asarray(x2, dtype=dtype))
    ordered("searchsorted", values)
    return _index(jnp.searchsorted(lax.convert_element_type(x1, dtype), values, side=side, sorter=sorter))


def _choice(x: Any, dtype: Any) -> Any:
    return lax.convert_element_type(x, dtype) if isinstance(x, jax.Array) else jnp.asarray(np.asarray(x, dtype=dtype))


# jnp.where narrows Python scalars and promotes by JAX's table.
@wide
def where(condition: Any, x1: Any, x2: Any, /) -> Any:
    dtype = result_type(x1, x2)
    truth = condition if condition.dtype == bool else condition != 0
    return jnp.where(truth, _choice(x1, dtype), _choice(x2, dtype))


# Between mixed dtypes jnp.isin promotes by JAX's table.
@wide
def isin(x1: Any, x2: Any, /, *, invert: bool = False) -> Any:
    dtype = result_type(x1, x2)
    return jnp.isin(_choice(x1, dtype), _choice(x2, dtype), invert=invert)


@wide
def unique_all(x: Any, /) -> Any:
    found = jnp.unique_all(ordered("unique_all", x))
    return type(found)(found.values, *map(_index, found[1:]))


@wide
def unique_counts(x: Any, /) -> Any:
    found = jnp.unique_counts(ordered("unique_counts", x))
    return type(found)(found.values, _index(found.counts))


@wide
def unique_inverse(x: Any, /) -> Any:
    found = jnp.unique_inverse(ordered("unique_inverse", x))
    return type(found)(found.values, _index(found.inverse_indices))


@wide
def unique_values(x: Any, /) -> Any:
    return jnp.unique_values(ordered("unique_values", x))


def _lined(name: str, x: Any) -> Any:
    if x.ndim == 0:
        raise AxisError(f"{name} needs at least one axis; got a 0-d array.")
    return ordered(name, x)


@wide
def argsort(x: Any, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Any:
    return _index(jnp.argsort(_lined("argsort", x), axis=axis, descending=descending, stable=stable))


@wide(keeps=NARROW)
def sort(x: Any, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Any:
    return jnp.sort(_lined("sort", x), axis=axis, descending=descending, stable=stable)
