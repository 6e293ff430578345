"""Segments on JAX: XLA scatters, where the composition sorts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from accel.extra.segments import highest, lowest, runs
from accel_jax._promotion import opaque
from accel_jax._statistical import max as largest
from accel_jax._x64 import wide

__all__ = ["product", "segment_max", "segment_mean", "segment_min", "segment_prod", "segment_sum"]


def _working(x: Any) -> Any:
    """Give 16-bit floats in float32."""
    return (
        lax.convert_element_type(x, np.float32) if x.dtype.itemsize == 2 and x.dtype.kind not in "iu" else x
    )


def _into(data: Any, segment_ids: Any, number: int, empty: Any, by: str) -> Any:
    """Combine the rows of each segment; those of a number that is none of theirs are dropped."""
    if by == "multiply":
        return product(data, _inside(segment_ids, number), number)
    out = jnp.full((number, *data.shape[1:]), empty, dtype=data.dtype)
    return getattr(out.at[segment_ids], by)(data, mode="drop", wrap_negative_indices=False)


def _inside(ids: Any, number: int) -> Any:
    """Give numbers of segments with the first one that there is not in place of all others."""
    if ids.dtype.itemsize < 4:
        ids = lax.convert_element_type(ids, np.int32)
    return jnp.where((ids < 0) | (ids >= number), np.asarray(number, dtype=ids.dtype), ids)


# JAX has no derivative of a scattered product.
@partial(jax.custom_jvp, nondiff_argnums=(2,))
def product(data: Any, ids: Any, number: int) -> Any:
    """Multiply the rows of each segment; those of the number behind the last are dropped."""
    return jnp.ones((number, *data.shape[1:]), dtype=data.dtype).at[ids].multiply(data, mode="drop")


@product.defjvp
def _slope(number: int, primals: Any, tangents: Any) -> Any:
    data, ids = primals
    return jax.jvp(lambda data: _by_runs(data, ids, number), (data,), tangents[:1])


def _by_runs(data: Any, ids: Any, number: int) -> Any:
    order = jnp.argsort(ids, stable=True)
    ids = ids[order]
    found = runs(data[order], ids, jnp.multiply)
    last = jnp.concat([ids[1:] != ids[:-1], jnp.ones_like(ids[:1], dtype=bool)])
    out = jnp.ones((number, *data.shape[1:]), dtype=data.dtype)
    return out.at[jnp.where(last, ids, number)].set(found, mode="drop")


def _scattered(by: str, empty: Callable[[Any], Any]) -> Callable[..., Any]:
    @wide(static=("num_segments",))
    def kernel(data: Any, segment_ids: Any, /, *, num_segments: int) -> Any:
        found = _into(_working(data), segment_ids, num_segments, empty(data.dtype), by)
        return lax.convert_element_type(found, data.dtype)

    return _counted(kernel)


def _counted(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """Count the segments where nobody said how many there are."""

    def call(data: Any, segment_ids: Any, /, *, num_segments: int | None = None) -> Any:
        if num_segments is None:
            num_segments = max(int(largest(segment_ids)) + 1, 0) if segment_ids.shape[0] else 0
        return kernel(data, segment_ids, num_segments=num_segments)

    return call


@_counted
@wide(static=("num_segments",))
def segment_mean(data: Any, segment_ids: Any, /, *, num_segments: int) -> Any:
    total = _into(_working(data), segment_ids, num_segments, 0, "add")
    count = _into(jnp.ones_like(segment_ids, dtype=total.dtype), segment_ids, num_segments, 0, "add")
    count = jnp.broadcast_to(count.reshape(-1, *(1,) * (data.ndim - 1)), total.shape)
    return lax.convert_element_type(lax.div(total, opaque(count)), data.dtype)


segment_max = _scattered("max", lowest)
segment_min = _scattered("min", highest)
segment_prod = _scattered("multiply", lambda _: 1)
segment_sum = _scattered("add", lambda _: 0)
