"""Attention in blocks of queries and keys whose scores stay in the cache."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from accel.dispatch import specs
from accel.nn.attention import Sight
from accel_numpy._blocks import CACHE
from accel_numpy._silence import SILENT
from accel_numpy._summation import addition

__all__ = ["scaled_dot_product_attention"]

Array: TypeAlias = npt.NDArray[Any]

ROOM = 2 * CACHE
"""Bytes for the scores that are worked on at once: products of larger blocks are faster."""

LONG = 512
"""How many keys are taken together at most."""

SMALL = {"f": 40.0, "d": 300.0}
"""Scores up to so much need no maximum taken away: neither they nor their sums leave the range, upwards or downwards."""


# The composition makes new arrays for each step. Here a block of scores is made, turned into weights and summed in one place, keys
# along the first axis, where maxima are faster, and sums are products with ones.
def scaled_dot_product_attention(
    query: Array,
    key: Array,
    value: Array,
    /,
    *,
    mask: Any = None,
    causal: bool = False,
    scale: float | None = None,
    window: Any = None,
) -> Array:
    if query.shape[-2] == 1 and mask is None and window is None:
        one = SILENT.copy().run(_one, query, key, value, scale)
        if one is not None:
            return one
    dtype = np.result_type(query, key, value)
    working = addition(dtype)
    *lead, heads, length, dim = query.shape
    shared, keys = key.shape[-3:-1]
    features = value.shape[-1]
    out = np.empty((*lead, heads, length, features), dtype=dtype)
    if 0 in query.shape or 0 in key.shape:
        out[...] = 0
        return out
    factor = 1 / math.sqrt(dim) if scale is None else float(scale)
    stacks = math.prod(lead) * shared
    q = query.reshape(stacks, heads // shared, length, dim)
    k, v = (_rows(x.reshape(stacks, keys, x.shape[-1]), working) for x in (key, value))
    limit = float(np.finfo(working).max) / 8
    with np.errstate(all="ignore"):
        reach = _longest(q, working) * _longest(k, working) * abs(factor)
        tall = _longest(v, working) * keys
        if not (reach < limit and tall < limit):
            body: Callable[..., Array] = specs["nn.scaled_dot_product_attention"].function
            return body(query, key, value, mask=mask, causal=causal, scale=scale, window=window)
        bare = mask is None or mask.dtype == bool
        small = SMALL[working.char]
        plain = bare and reach < small and tall < limit / math.exp(small)
        sight = Sight.of(query, key, causal, window)
        covers = None if mask is None else _covers(mask, (*lead, heads), shared)
        _attend(q, k, v, out.reshape(stacks, heads // shared, length, features), sight, covers, factor, plain)
    return out


def _one(query: Array, key: Array, value: Array, scale: float | None) -> Array | None:
    """Give the means for one query that sees every key, as when a text is written; nothing where numbers leave the range."""
    dtype = query.dtype
    if not (dtype.char in "fd" and key.dtype == dtype == value.dtype and query.size and key.size):
        return None
    *lead, heads, _, dim = query.shape
    shared = key.shape[-3]
    asked = query * (1 / math.sqrt(dim) if scale is None else float(scale))
    if heads != shared:
        asked = asked.reshape(*lead, shared, heads // shared, dim)
    scores = np.matmul(asked, key.swapaxes(-1, -2))
    scores -= np.maximum.reduce(scores, axis=-1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= np.add.reduce(scores, axis=-1, keepdims=True)
    held: Array = np.matmul(scores, value)
    # What is not finite in the scores makes nan of the weights, but for -inf, whose weight is 0 as it should be; and a product is the
    # fastest way to look for what is not finite, or so large that the long way can do no harm.
    line = held.reshape(-1)
    if not math.isfinite(line.dot(line)):
        return None
    return held if heads == shared else held.reshape(*lead, heads, 1, value.shape[-1])


def _rows(x: Array, dtype: Any) -> Array:
    """Give an array whose rows BLAS can read."""
    x = x.astype(dtype, copy=False)
    return x if x.strides[-1] == x.itemsize else np.ascontiguousarray(x)


def _longest(x: Array, dtype: Any) -> float:
    """Give the length of the longest row."""
    if x.shape[-1] == 0:
        return 0.0
    x = x.astype(dtype, copy=False)
    return math.sqrt(np.max(np.vecdot(x, x)))


def _covers(mask: Array, front: tuple[int, ...], shared: int) -> Callable[[slice], Array]:
    """Give a function that finds the masks of some stacks of heads, keys before queries: (stacks, heads of one, keys, queries)."""
    if math.prod(mask.shape[:-2]) == 1:
        only = mask.reshape(1, 1, *mask.shape[-2:]) if mask.ndim > 1 else mask.reshape(1, 1, 1, -1)
        return lambda stacks: only
    whole = np.broadcast_to(mask, (*front, *mask.shape[-2:]))
    whole = whole.reshape(*front[:-1], shared, front[-1] // shared, *mask.shape[-2:])
    places = whole.shape[:-3]
    return lambda stacks: np.stack(
        [whole[np.unravel_index(i, places)] for i in range(stacks.start, stacks.stop)]
    )


def _attend(
    q: Array,
    k: Array,
    v: Array,
    out: Array,
    sight: Sight,
    covers: Callable[[slice], Array] | None,
    factor: float,
    plain: bool,
) -> None:
    """Write the means for queries (stacks, heads of one, length, dim), whose keys are (stacks, keys, dim)."""
    stacks, group, length, dim = q.shape
    dtype = k.dtype
    largest = np.finfo(dtype).max
    most = ROOM // dtype.itemsize
    wide = min(sight.keys, LONG)
    tall = min(length, max(most // (wide * group), 16))
    deep = min(stacks, max(most // (wide * group * tall), 1))
    scaled = np.empty((deep, group, tall, dim), dtype=dtype)
    room = np.empty(deep * wide * group * tall, dtype=dtype)
    ones = np.ones(wide, dtype=dtype)
    for start in range(0, stacks, deep):
        stack = slice(start, min(start + deep, stacks))
        count = stack.stop - stack.start
        mask = None if covers is None else covers(stack)
        for low in range(0, length, tall):
            high = min(low + tall, length)
            columns = group * (high - low)
            asked = scaled.reshape(-1)[: count * columns * dim].reshape(count, group, high - low, dim)
            np.multiply(q[stack, :, low:high], dtype.type(factor), out=asked, casting="same_kind")
            turned = asked.reshape(count, columns, dim).swapaxes(-1, -2)
            held: Any = None
            top: Any = None
            total: Any = None
            for first, behind in sight.steps(low, high, wide):
                n = behind - first
                scores = room[: count * n * columns].reshape(count, n, columns)
                np.matmul(k[stack, first:behind], turned, out=scores)
                hidden = None
                if mask is not None:
                    part = mask[..., low:high, :] if mask.shape[-2] > 1 else mask
                    part = part[..., first:behind] if mask.shape[-1] > 1 else part
                    part = np.moveaxis(part, -1, 1)
                    split = scores.reshape(count, n, group, high - low)
                    if mask.dtype == bool:
                        hidden = ~part
                    else:
                        np.add(split, part, out=split, casting="same_kind")
                        np.minimum(split, largest, out=split)
                if not sight.whole(low, high, first, behind):
                    near = _hidden(sight, low, high, first, behind)
                    hidden = near if hidden is None else hidden | near
                if plain:
                    np.exp(scores, out=scores)
                    if hidden is not None:
                        np.copyto(scores.reshape(count, n, group, high - low), 0, where=hidden)
                    before = None
                else:
                    if hidden is not None:
                        np.copyto(scores.reshape(count, n, group, high - low), -np.inf, where=hidden)
                    above = np.maximum.reduce(scores, axis=-2, keepdims=True)
                    if top is not None:
                        np.maximum(above, top, out=above)
                    level = np.where(above == -np.inf, 0, above)
                    np.subtract(scores, level, out=scores)
                    np.exp(scores, out=scores)
                    before = None if top is None else np.exp(top - level)
                    top = above
                sums = np.matmul(ones[:n], scores)
                weighted = scores.swapaxes(-1, -2)
                if held is None:
                    held, total = np.matmul(weighted, v[stack, first:behind]), sums
                    continue
                if before is not None:
                    total *= before[:, 0]
                    held *= before.swapaxes(-1, -2)
                total += sums
                held += np.matmul(weighted, v[stack, first:behind])
            to = out[stack, :, low:high]
            if held is None:
                to[...] = 0
                continue
            if not plain or mask is not None or not sight.everything:
                total[total == 0] = 1
            held /= total[..., None]
            to[...] = held.reshape(to.shape)


def _hidden(sight: Sight, low: int, high: int, first: int, behind: int) -> Array:
    """Tell which of a run of queries does not see which of a run of keys, keys first."""
    keys = np.arange(first, behind)[:, None, None]
    places = np.arange(low, high) + sight.offset
    before = None if sight.left is None else keys < places - sight.left
    if sight.right is None:
        return np.zeros((behind - first, 1, high - low), dtype=bool) if before is None else before
    after = keys > places + sight.right
    return after if before is None else np.logical_or(before, after, out=after)
