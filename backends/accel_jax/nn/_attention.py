"""Attention as one compiled function, which goes through long sequences of queries in blocks."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from accel.nn.attention import Sight
from accel_jax._precision import precise
from accel_jax._promotion import FLOATS, WIDE, cast, opaque, result_type

__all__ = ["scaled_dot_product_attention"]

PIECES = 4
"""Where queries see no later keys, the first quarter of them is spared three quarters of the keys, and so on."""


def most() -> int:
    """Give how many scores are made at once where they need not be more: on a CPU few, which are faster too."""
    return 2**22 if jax.default_backend() == "cpu" else 2**26


def _top(x: Any, axis: Any) -> Any:
    size = jnp.where(jnp.isfinite(x), jnp.abs(x), jnp.zeros_like(x))
    return lax.stop_gradient(jnp.max(size, axis=axis, keepdims=True))


def _safe(query: Any, key: Any, scale: float) -> Any:
    """Give queries times the scale, and smaller where a product with a key would leave the range."""
    root = math.sqrt(abs(scale) * query.shape[-1] * 8) / math.sqrt(float(np.finfo(query.dtype).max))
    tall, wide = jnp.sqrt(_top(query, -1)), jnp.sqrt(_top(key, (-2, -1)))
    part = 1 / jnp.maximum(tall * wide[..., None, :, :] * root, 1)
    return query * part * (part * scale)


def _scores(query: Any, key: Any, scale: float) -> Any:
    """Give the products (..., keys) of one query (..., E) and keys (..., keys, E), within the range.

    To look for the largest key, as `_safe` does, would take longer than the products.
    """
    dim, info = query.shape[-1], np.finfo(query.dtype)
    largest, tiny, size = float(info.max), float(info.tiny), 8 * dim * abs(scale)
    most = largest / 8
    tall = lax.stop_gradient(jnp.maximum(jnp.max(jnp.abs(query), axis=-1, keepdims=True), tiny))
    # The reciprocal of the largest numbers would be lost; that of their roots is not.
    part = 1 / jnp.sqrt(tall)
    plain, small = (
        jnp.matmul(key, x[..., None])[..., 0] for x in (query * scale, query * part * part * (1 / (8 * dim)))
    )
    # Products with numbers so small cannot leave the range. They may be lost, which does not count where others are too large.
    finite = jnp.isfinite(small)
    peak = lax.stop_gradient(jnp.max(jnp.where(finite, jnp.abs(small), 0), axis=-1, keepdims=True))
    limit = most * part * part * (1 / size if size else math.inf)
    factor = jnp.minimum(jnp.minimum(tall * min(size, largest), largest), most / jnp.maximum(peak, tiny))
    ordinary = (peak <= limit) & (jnp.abs(plain) <= most)
    return jnp.where(ordinary | ~finite, plain, small * (factor if scale > 0 else -factor))


def _read(x: Any) -> Any:
    """Give the same numbers, which a product on a CPU is to read.

    XLA joins a product with the step that wrote to a cache before, and then copies the cache, three times; with this it writes in place.
    """
    return x * opaque(jnp.ones((), dtype=x.dtype)) if jax.default_backend() == "cpu" else x


def _means(
    query: Any,
    key: Any,
    value: Any,
    mask: Any,
    sight: Sight,
    start: Any = 0,
    first: Any = 0,
    *,
    scale: float | None = None,
) -> Any:
    """Give the means for queries (..., heads of one, length, E) from a place on, of keys (..., keys, E) from a place on.

    The queries are safe; or there is one for each key head, and the scale is still to come.
    """
    *front, group, length, dim = query.shape
    keys = key.shape[-2]
    largest = float(np.finfo(query.dtype).max)
    rows = query.reshape(*front, group * length, dim)
    if scale is None:
        scores = jnp.matmul(rows, jnp.matrix_transpose(key))
    else:
        if mask is not None:
            key, value = _read(key), _read(value)
        scores = _scores(rows[..., 0, :], key, scale)
    scores = scores.reshape(*front, group, length, keys)
    if mask is not None and mask.dtype != bool:
        seen = mask > -jnp.inf
        scores = scores + jnp.where(
            seen, lax.convert_element_type(mask, scores.dtype), jnp.zeros_like(scores)
        )
        scores, mask = jnp.clip(scores, -largest * 0.75, largest * 0.75), seen
    if not sight.everything:
        apart = jnp.arange(keys, dtype=np.int32) + (first - sight.offset)
        apart = apart - (jnp.arange(length, dtype=np.int32) + start)[:, None]
        near = jnp.full(apart.shape, True) if sight.left is None else apart >= -sight.left
        near = near if sight.right is None else near & (apart <= sight.right)
        mask = near if mask is None else mask & near
    if mask is not None:
        scores = jnp.where(mask, scores, -largest)
    top = lax.stop_gradient(jnp.max(scores, axis=-1, keepdims=True))
    weights = jnp.exp(scores - (top + math.log(4 * sight.keys)))
    total = jnp.sum(weights, axis=-1, keepdims=True)
    held = jnp.matmul(weights.reshape(*front, group * length, keys), value)
    held = held.reshape(*front, group, length, value.shape[-1])
    mean = jnp.clip(held / total, -largest, largest)
    return mean if mask is None else jnp.where(top == -largest, jnp.zeros_like(mean), mean)


def _in_blocks(query: Any, key: Any, value: Any, mask: Any, sight: Sight, size: int) -> Any:
    """Do the same for all queries, so many at a time; what the way back needs of a block is made again there."""
    length = query.shape[-2]
    pieces = PIECES if sight.right is not None and length >= PIECES * size else 1
    out = []
    for piece in range(pieces):
        low, high = length * piece // pieces, length * (piece + 1) // pieces
        out.append(_piece(query, key, value, mask, sight, size, low, high))
    return jnp.concatenate(out, axis=-2)


def _in_heads(query: Any, key: Any, value: Any, sight: Sight, size: int) -> Any:
    """Do the same for so many key heads at a time: a product of all queries is faster than many of a few."""
    front = query.shape[:-3]

    @jax.checkpoint
    def some(each: Any) -> Any:
        query, key, value = each
        return _means(query, key, value, None, sight)

    apart = tuple(x.reshape(-1, *x.shape[len(front) :]) for x in (query, key, value))
    y = lax.map(some, apart, batch_size=size)
    return y.reshape(*front, *y.shape[1:])


def _piece(query: Any, key: Any, value: Any, mask: Any, sight: Sight, size: int, low: int, high: int) -> Any:
    size = min(size, high - low)
    least, behind = sight.span(low, high)
    span = behind - least
    if sight.left is not None and sight.right is not None:  # each block sees a band of the same width
        span = min(span, size + sight.left + sight.right)
    if span == 0:
        return jnp.zeros((*query.shape[:-2], high - low, value.shape[-1]), dtype=query.dtype)

    @jax.checkpoint
    def block(start: Any) -> Any:
        first: Any = least
        if span < behind - least:
            first = jnp.clip(start + (sight.offset - (sight.left or 0)), least, behind - span)
        part = mask
        if mask is not None and mask.shape[-2] > 1:
            part = lax.dynamic_slice_in_dim(part, start, size, axis=mask.ndim - 2)
        if mask is not None and mask.shape[-1] > 1:
            part = lax.dynamic_slice_in_dim(part, first, span, axis=mask.ndim - 1)
        return _means(
            lax.dynamic_slice_in_dim(query, start, size, axis=query.ndim - 2),
            lax.dynamic_slice_in_dim(key, first, span, axis=key.ndim - 2),
            lax.dynamic_slice_in_dim(value, first, span, axis=value.ndim - 2),
            part,
            sight,
            start,
            first,
        )

    # The last block ends with the last query, and may begin before the one before it ends.
    starts = [min(start, high - size) for start in range(low, high, size)]
    whole = lax.map(block, jnp.asarray(starts, dtype=np.int32))
    new = high - low - (len(starts) - 1) * size
    parts = [jnp.moveaxis(whole[:-1], 0, -3).reshape(*query.shape[:-2], -1, value.shape[-1])]
    return jnp.concatenate([*parts, whole[-1][..., size - new :, :]], axis=-2)


@precise(keeps=FLOATS - WIDE, static=("causal", "scale", "window"))
def _attention(
    query: Any, key: Any, value: Any, mask: Any, /, *, causal: bool, scale: float | None, window: Any
) -> Any:
    dtype = result_type(query, key, value)
    working = np.dtype(np.float32) if dtype.itemsize == 2 else dtype
    query, key, value = (cast(x, working) for x in (query, key, value))
    *lead, heads, length, dim = query.shape
    shared = key.shape[-3]
    shape = (*lead, heads, length, value.shape[-1])
    if 0 in query.shape or 0 in key.shape:
        return jnp.zeros(shape, dtype=dtype)
    sight = Sight.of(query, key, causal, window)
    factor = 1 / math.sqrt(dim) if scale is None else scale
    query = query.reshape(*lead, shared, heads // shared, length, dim)
    if mask is not None:
        mask = mask.reshape(*(1,) * (len(lead) + 3 - mask.ndim), *mask.shape)
        split = (shared, heads // shared) if mask.shape[-3] == heads else (1, 1)
        mask = mask.reshape(*mask.shape[:-3], *split, *mask.shape[-2:])
    each = math.prod(lead) * heads * sight.keys
    own = heads // shared * length * sight.keys
    if each * length > most() >= 2 * own and mask is None and sight.everything:
        y = _in_heads(_safe(query, key, factor), key, value, sight, max(most() // (16 * own), 1))
    elif each * length > most():
        query = _safe(query, key, factor)
        y = _in_blocks(query, key, value, mask, sight, min(max(most() // (2 * each), 8), length))
    elif heads * length == shared:
        y = _means(query, key, value, mask, sight, scale=factor)
    else:
        y = _means(_safe(query, key, factor), key, value, mask, sight)
    return cast(y.reshape(shape), dtype)


# jax.nn.dot_product_attention wants another layout, leaves rows without keys undefined, and takes twice the time on a CPU. The
# composition, compiled, goes through blocks that a compiler cannot join.
def scaled_dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    /,
    *,
    mask: Any = None,
    causal: bool = False,
    scale: float | None = None,
    window: Any = None,
) -> Any:
    return _attention(query, key, value, mask, causal=causal, scale=scale, window=window)
