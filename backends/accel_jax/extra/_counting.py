"""Counting: elements are added to their bins, instead of sorted."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.core import Tracer

import accel.extra.counting as counting
from accel.errors import ArgumentError
from accel_jax._promotion import REALS, cast
from accel_jax._statistical import max as largest
from accel_jax._x64 import wide

_INT = np.dtype(np.int64)


def _sums(places: Any, weights: Any, length: int) -> Any:
    """Add what belongs to each place; what belongs to none is marked by the length."""
    if weights is None:
        return jnp.zeros((length,), dtype=_INT).at[places].add(1, mode="drop")
    dtype = weights.dtype if weights.dtype in REALS else np.dtype(np.float64)
    working = np.dtype(np.float32) if dtype.itemsize == 2 else dtype
    found = jnp.zeros((length,), dtype=working).at[places].add(cast(weights, working), mode="drop")
    return cast(found, dtype)


@wide(static=("length",))
def _counted(x: Any, weights: Any, /, *, length: int) -> Any:
    inside = (x >= 0) & (x < length) if length <= np.iinfo(x.dtype).max else x >= 0
    return _sums(jnp.where(inside, lax.convert_element_type(x, _INT), length), weights, length)


# The composition sorts, and makes a row for each count where there are weights.
def bincount(x: Any, /, *, weights: Any = None, minlength: int = 0, length: int | None = None) -> Any:
    if length is None:
        if isinstance(x, Tracer):
            raise ArgumentError(
                "bincount is traced, where the shape of a result cannot depend on values; give it length, the number of counts."
            )
        length = max((int(largest(x)) if x.size else -1) + 1, minlength)
    return _counted(x, weights, length=length)


@wide(static=("bins", "range", "density"))
def _even(x: Any, weights: Any, /, *, bins: int, range: Any, density: bool) -> Any:
    return _histogram(x, bins, range, weights, density)


@wide(static=("density",))
def _given(x: Any, bins: Any, weights: Any, /, *, density: bool) -> Any:
    return _histogram(x, bins, None, weights, density)


# As bincount.
def histogram(
    x: Any, bins: Any = 10, /, *, range: Any = None, weights: Any = None, density: bool = False
) -> Any:
    if hasattr(bins, "dtype"):
        return _given(x, bins, weights, density=density)
    return _even(x, weights, bins=bins, range=None if range is None else tuple(range), density=density)


def _histogram(x: Any, bins: Any, range: Any, weights: Any, density: bool) -> Any:
    x, edges = counting.prepared(x, bins, range)
    n = edges.shape[0] - 1
    place = jnp.searchsorted(edges, x, side="right", method="scan_unrolled") - 1
    place = jnp.where(x == edges[-1], n - 1, place)
    inside = (x >= edges[0]) & (x <= edges[-1])
    counts = _sums(jnp.where(inside, place, n), None if weights is None else jnp.ravel(weights), n)
    return counting.densities(counts, edges, weights is not None) if density else counts, edges
