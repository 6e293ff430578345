"""Attention in blocks of queries and keys, whose scores are changed in place by one kernel for each step."""

from __future__ import annotations

import math
from typing import Any

import cupy as cp

from accel.nn.attention import Sight
from accel_cupy._precision import precise

__all__ = ["scaled_dot_product_attention"]

SCORES = 2**24
"""How many scores are made at once."""

KEYS = 4096
"""How many keys are taken together at most."""

_size = cp.ReductionKernel(
    "T x", "T y", "isfinite(x) ? abs(x) : (T)0", "max(a, b)", "y = a", "0", "accel_nn_size"
)
_safe = cp.ElementwiseKernel(
    "T x, T tall, T wide, T root, T scale",
    "T y",
    "T part = 1 / max(sqrt(tall) * sqrt(wide) * root, (T)1); y = x * part * (part * scale)",
    "accel_nn_safe",
)
_added = cp.ElementwiseKernel(
    "T score, T mask, T most",
    "T y",
    "y = isinf(mask) && mask < 0 ? mask : min(max(score + mask, -most), most)",
    "accel_nn_added",
)
_hidden = cp.ElementwiseKernel(
    "T score, bool seen, T least", "T y", "y = !seen || score < least ? least : score", "accel_nn_hidden"
)
_weights = cp.ElementwiseKernel(
    "T score, T top, T small", "T y", "y = exp(score - (top + small))", "accel_nn_weights"
)
_kept = cp.ElementwiseKernel(
    "T held, T before, T after, T more", "T y", "y = held * exp(before - after) + more", "accel_nn_kept"
)
_mean = cp.ElementwiseKernel(
    "T held, T total, T top, T largest",
    "T y",
    "T mean = held / total; y = top == -largest ? (T)0 : mean != mean ? mean : min(max(mean, -largest), largest)",
    "accel_nn_mean_of_values",
)


# The composition launches a kernel for each operation, and makes a new array in each.
@precise
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
    dtype = cp.result_type(query, key, value)
    working = cp.dtype(cp.float32) if dtype.itemsize == 2 else dtype
    query = query.astype(working, copy=False)
    key = key.astype(working, copy=False)
    value = value.astype(working, copy=False)
    *lead, heads, length, dim = query.shape
    shared, keys = key.shape[-3:-1]
    out = cp.zeros((*lead, heads, length, value.shape[-1]), dtype=dtype)
    if out.size == 0 or keys == 0:
        return out
    sight, group = Sight.of(query, key, causal, window), heads // shared
    number = working.type
    largest = float(cp.finfo(working).max)
    factor = 1 / math.sqrt(dim) if scale is None else float(scale)
    root = math.sqrt(abs(factor) * dim * 8) / math.sqrt(largest)
    split = query.reshape(*lead, shared, group, length, dim)
    wide = _size(key, axis=(-2, -1), keepdims=True)[..., None]
    tall = cp.max(cp.abs(split), axis=-1, keepdims=True)
    split = _safe(split, tall, wide, number(root), number(factor))
    target = out.reshape(*lead, shared, group, length, -1)
    if mask is not None:
        mask = mask.reshape(*(1,) * (len(lead) + 3 - mask.ndim), *mask.shape)
        parts = (shared, group) if mask.shape[-3] == heads else (1, 1)
        mask = mask.reshape(*mask.shape[:-3], *parts, *mask.shape[-2:])
    small = number(math.log(4 * keys))
    run = min(keys, KEYS)
    size = max(SCORES // (math.prod(lead) * heads * run), 1)
    for low in range(0, length, size):
        high = min(low + size, length)
        asked = split[..., low:high, :].reshape(*lead, shared, group * (high - low), dim)
        top: Any = None
        total: Any = None
        held: Any = None
        for first, behind in sight.steps(low, high, run):
            flat: Any = cp.matmul(asked, cp.swapaxes(key[..., first:behind, :], -1, -2))
            scores = flat.reshape(*lead, shared, group, high - low, behind - first)
            _mask(scores, mask, sight, low, high, first, behind, largest)
            flat = scores.reshape(flat.shape)
            above = cp.max(flat, axis=-1, keepdims=True)
            if top is not None:
                above = cp.maximum(above, top)
            _weights(flat, above, small, flat)
            more, sums = (
                cp.matmul(flat, value[..., first:behind, :]),
                cp.sum(flat, axis=-1, keepdims=True),
            )
            held = more if top is None else _kept(held, top, above, more)
            total = sums if top is None else _kept(total, top, above, sums)
            top = above
        if held is not None:
            mean = _mean(held, total, top, number(largest))
            target[..., low:high, :] = mean.reshape(*lead, shared, group, high - low, -1)
    return out


def _mask(
    scores: Any, mask: Any, sight: Sight, low: int, high: int, first: int, behind: int, largest: float
) -> None:
    """Add the numbers of a mask to some scores, and put the least number where a query does not see a key, in place."""
    number = scores.dtype.type
    seen = None
    if mask is not None:
        part = mask if mask.shape[-2] == 1 else mask[..., low:high, :]
        part = part if mask.shape[-1] == 1 else part[..., first:behind]
        if mask.dtype == cp.bool_:
            seen = part
        else:
            _added(scores, part.astype(scores.dtype, copy=False), number(largest * 0.75), scores)
            seen = cp.asarray(True)
    if not sight.whole(low, high, first, behind):
        apart = cp.arange(first, behind)[None] - cp.arange(low, high)[:, None] - sight.offset
        near = cp.ones(apart.shape, dtype=bool) if sight.left is None else apart >= -sight.left
        if sight.right is not None:
            near &= apart <= sight.right
        seen = near if seen is None else seen & near
    if seen is not None:
        _hidden(scores, seen, number(-largest), scores)
