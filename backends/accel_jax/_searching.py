"""Finding, counting, choosing and ordering elements."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from accel.errors import AxisError, DTypeError
from accel_jax._manipulation import promoted
from accel_jax._promotion import NARROW, SCALARS, result_type, scalar
from accel_jax._x64 import at_home, wide

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
        raise DTypeError(
            f"{name} is not defined for {x.dtype}, which has no order; take real(x) or abs(x) first."
        )
    return x


def _index(x: Any) -> Any:
    return lax.convert_element_type(x, _INDEX)


@wide(static=("axis", "keepdims"))
def argmax(x: Any, /, *, axis: int | None = None, keepdims: bool = False) -> Any:
    return _index(jnp.argmax(ordered("argmax", x), axis=axis, keepdims=keepdims))


@wide(static=("axis", "keepdims"))
def argmin(x: Any, /, *, axis: int | None = None, keepdims: bool = False) -> Any:
    return _index(jnp.argmin(ordered("argmin", x), axis=axis, keepdims=keepdims))


@wide(static=("axis", "keepdims"))
def count_nonzero(x: Any, /, *, axis: Any = None, keepdims: bool = False) -> Any:
    return _index(jnp.count_nonzero(x, axis=axis, keepdims=keepdims))


@wide
def nonzero(x: Any, /) -> Any:
    if x.ndim == 0:
        raise AxisError("nonzero needs at least one axis; got a 0-d array.")
    return tuple(map(_index, jnp.nonzero(x)))


@wide(static=("side",))
def _searchsorted(x1: Any, x2: Any, sorter: Any, /, *, side: str) -> Any:
    x1, x2 = promoted(ordered("searchsorted", x1), ordered("searchsorted", x2))
    return _index(jnp.searchsorted(x1, x2, side=side, sorter=sorter))


# jnp.searchsorted gives int32 indices, narrows Python scalars and promotes by JAX's table.
def searchsorted(x1: Any, x2: Any, /, *, side: str = "left", sorter: Any = None) -> Any:
    return _searchsorted(*_pair(x1, x2), sorter, side=side)


def _pair(x1: Any, x2: Any) -> tuple[Any, Any]:
    """Give a Python scalar of two operands as an array of the dtype that NumPy gives it beside the other."""
    if type(x1) not in SCALARS and type(x2) not in SCALARS:
        return x1, x2
    dtype = result_type(x1, x2)
    return scalar(x1, dtype) if type(x1) in SCALARS else x1, scalar(x2, dtype) if type(x2) in SCALARS else x2


@wide(keeps=NARROW, static=())
def _where(condition: Any, x1: Any, x2: Any, /) -> Any:
    return jnp.where(condition if condition.dtype.kind == "b" else condition != 0, *promoted(x1, x2))


# jnp.where narrows Python scalars and promotes by JAX's table.
def where(condition: Any, x1: Any, x2: Any, /) -> Any:
    return _where(condition, *_pair(x1, x2))


@wide(keeps=NARROW, static=("invert",))
def _isin(x1: Any, x2: Any, /, *, invert: bool) -> Any:
    x1, x2 = promoted(x1, x2)
    return jnp.isin(x1, x2, invert=invert)


# jnp.isin narrows Python scalars and promotes by JAX's table. An integer that the dtype beside it cannot hold is found nowhere.
def isin(x1: Any, x2: Any, /, *, invert: bool = False) -> Any:
    for number, array in ((x1, x2), (x2, x1)):
        if type(number) is int and array.dtype.kind in "iu" and not _fits(number, array.dtype):
            return _filled(x1 if array is x1 else np.zeros(()), array, invert)
    return _isin(*_pair(x1, x2), invert=invert)


@at_home
def _filled(x: Any, beside: Any, value: bool) -> Any:
    return jnp.full_like(x, value, dtype=bool)


def _fits(number: int, dtype: np.dtype[Any]) -> bool:
    limits = np.iinfo(dtype)
    return bool(limits.min <= number <= limits.max)


# jnp.take takes booleans for indices.
@wide(keeps=NARROW)
def take(x: Any, indices: Any, /, *, axis: int | None = None) -> Any:
    if indices.dtype.kind not in "iu":
        raise DTypeError(
            f"take got indices of {indices.dtype}; write astype(indices, int64), or x[mask] for a mask."
        )
    return jnp.take(x, indices, axis=axis)


@wide
def unique_all(x: Any, /) -> Any:
    found = jnp.unique_all(x)
    return type(found)(found.values, *map(_index, found[1:]))


@wide
def unique_counts(x: Any, /) -> Any:
    found = jnp.unique_counts(x)
    return type(found)(found.values, _index(found.counts))


@wide
def unique_inverse(x: Any, /) -> Any:
    found = jnp.unique_inverse(x)
    return type(found)(found.values, _index(found.inverse_indices))


@wide
def unique_values(x: Any, /) -> Any:
    return jnp.unique_values(x)


def _lined(name: str, x: Any) -> Any:
    if x.ndim == 0:
        raise AxisError(f"{name} needs at least one axis; got a 0-d array.")
    return ordered(name, x)


# Without stable=True JAX may order equal elements in any way.
@wide(static=("axis", "descending", "stable"))
def argsort(x: Any, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Any:
    return _index(jnp.argsort(_lined("argsort", x), axis=axis, descending=descending, stable=True))


# As for argsort: zeros of either sign are equal. In descending order JAX turns equal elements round.
@wide(keeps=NARROW, static=("axis", "descending", "stable"))
def sort(x: Any, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Any:
    x = _lined("sort", x)
    if not descending:
        return jnp.sort(x, axis=axis, stable=True)
    return jnp.flip(jnp.sort(jnp.flip(x, axis), axis=axis, stable=True), axis)
