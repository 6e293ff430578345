"""Attention: values weighted by how well their keys fit a query."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import accel as xp
import accel.requirement as requirement
from accel.composition import together
from accel.dispatch import op
from accel.dtype import name_of
from accel.errors import ShapeError
from accel.typing import A

__all__ = ["scaled_dot_product_attention"]


def _attending(
    query: Any,
    key: Any,
    value: Any,
    /,
    *,
    mask: Any = None,
    causal: Any = False,
    scale: Any = None,
    window: Any = None,
) -> None:
    arrays = {"query": query, "key": key, "value": value}
    requirement.floating(**arrays)
    requirement.dimensions(3, **arrays)
    for name, x in arrays.items():
        if x.ndim != query.ndim or tuple(x.shape[:-3]) != tuple(query.shape[:-3]):
            raise ShapeError(
                f"{name} has shape {tuple(x.shape)} and query {tuple(query.shape)}; they have the same lengths in front of "
                f"(heads, length, dim)."
            )
    if query.shape[-1] != key.shape[-1]:
        raise ShapeError(f"query has {query.shape[-1]} features and key {key.shape[-1]}; they have as many.")
    requirement.filled(query, (query.ndim - 1,), "query")
    if tuple(key.shape[:-1]) != tuple(value.shape[:-1]):
        raise ShapeError(
            f"key has shape {tuple(key.shape)} and value {tuple(value.shape)}; all but the last lengths are the same."
        )
    requirement.filled(key, (key.ndim - 3,), "key")
    if query.shape[-3] % key.shape[-3]:
        raise ShapeError(
            f"query has {query.shape[-3]} heads, which do not divide among the {key.shape[-3]} heads of key and value."
        )
    if mask is not None and name_of(mask.dtype) != "bool":
        requirement.floating(mask=mask)
    requirement.broadcast((*query.shape[:-1], key.shape[-2]), mask=mask)
    requirement.number(-math.inf, math.inf, closed="neither", scale=scale)
    requirement.sizes(2, window=window)


@dataclass(frozen=True)
class Sight:
    """Which keys a query sees by its place alone.

    Attributes
    ----------
    length, keys : int
        Numbers of queries and keys. The last query stands beside the last key.
    left, right : int or None
        How far before and behind its own place a query sees; None means to the end.
    """

    length: int
    keys: int
    left: int | None
    right: int | None

    @classmethod
    def of(cls, query: Any, key: Any, causal: bool, window: Any) -> Sight:
        """Read the arguments of `scaled_dot_product_attention`."""
        left, right = window if isinstance(window, tuple | list) else (window, window)
        if causal:
            right = 0
        return cls(query.shape[-2], key.shape[-2], left, right)

    @property
    def offset(self) -> int:
        """The place of the first query among the keys."""
        return self.keys - self.length

    @property
    def everything(self) -> bool:
        """Whether each query sees all keys."""
        return self.whole(0, self.length, 0, self.keys)

    def span(self, start: int, stop: int) -> tuple[int, int]:
        """Give the first of the keys that a run of queries sees, and the one behind the last."""
        first = 0 if self.left is None else max(start + self.offset - self.left, 0)
        behind = self.keys if self.right is None else min(stop - 1 + self.offset + self.right + 1, self.keys)
        return first, max(behind, first)

    def whole(self, start: int, stop: int, first: int, behind: int) -> bool:
        """Tell whether each of a run of queries sees each of a run of keys."""
        before = self.left is None or first >= stop - 1 + self.offset - self.left
        return before and (self.right is None or behind - 1 <= start + self.offset + self.right)

    def steps(self, start: int, stop: int, size: int) -> Iterator[tuple[int, int]]:
        """Cut the keys that a run of queries sees into runs of a size."""
        first, behind = self.span(start, stop)
        for each in range(first, behind, size):
            yield each, min(each + size, behind)


SIZE = 512
"""How many queries, and keys, are taken together."""


def _safe(query: Any, key: Any, scale: float) -> Any:
    """Give queries times the scale, and smaller where a product with a key would leave the range."""
    # A key that is not finite must not change the scores of queries that do not see it.
    size = xp.abs(key)
    size = xp.max(xp.where(xp.isfinite(size), size, 0.0), axis=(-2, -1), keepdims=True)
    tall = xp.max(xp.abs(query), axis=-1, keepdims=True)
    # The roots of the largest numbers can be multiplied.
    root = math.sqrt(abs(scale) * query.shape[-1] * 8) / math.sqrt(float(xp.finfo(query.dtype).max))
    excess = xp.maximum(xp.multiply(xp.multiply(xp.sqrt(tall), xp.sqrt(size)), root), 1.0)
    part = xp.divide(xp.ones_like(excess), excess)
    return xp.multiply(xp.multiply(query, part), xp.multiply(part, scale))


def _seen(sight: Sight, start: int, stop: int, first: int, behind: int, device: Any) -> Any:
    """Tell which of a run of queries sees which of a run of keys."""
    places = xp.arange(start + sight.offset, stop + sight.offset, dtype=xp.int32, device=device)
    apart = xp.subtract(
        xp.arange(first, behind, dtype=xp.int32, device=device), xp.expand_dims(places, axis=-1)
    )
    seen = xp.ones_like(apart, dtype=xp.bool)
    if sight.left is not None:
        seen = xp.greater_equal(apart, -sight.left)
    if sight.right is not None:
        seen = xp.logical_and(seen, xp.less_equal(apart, sight.right))
    return seen


def _cut(mask: Any, start: int, stop: int, first: int, behind: int) -> Any:
    """Give the part of a mask for some queries and keys; an axis of length 1 stands for all of them."""
    if mask.shape[-2] != 1:
        mask = mask[..., start:stop, :]
    return mask if mask.shape[-1] == 1 else mask[..., first:behind]


@op(
    dtypes="real floating-point",
    same="conditioned",
    bound="(16 + E + S) * eps * (1 + reach) * held",
    requires=_attending,
    checks=("nan",),
)
def scaled_dot_product_attention(
    query: A,
    key: A,
    value: A,
    /,
    *,
    mask: A | None = None,
    causal: bool = False,
    scale: float | None = None,
    window: int | tuple[int | None, int | None] | None = None,
) -> A:
    """Means of values, weighted by the softmax of the products of a query with their keys.

    Parameters
    ----------
    query : array, shape (..., heads, L, E), real floating-point dtype
        L queries of E features for each head.
    key : array, shape (..., key heads, S, E), real floating-point dtype
        S keys. Where there are fewer heads than of queries, their number divides that of the queries, and so many heads of queries
        that follow one another share one (grouped queries).
    value : array, shape (..., key heads, S, Ev), real floating-point dtype
        What the keys stand for.
    mask : array, optional, shape that broadcasts to (..., heads, L, S), bool or real floating-point dtype
        True where a query may see a key; or numbers that are added to the scores, ``-inf`` where it may not.
    causal : bool, default False
        Whether a query sees no key behind its own place. The last query stands beside the last key, as it does when earlier keys are
        kept from before: query i sees the keys up to ``i + S - L``.
    scale : float, optional
        What the products are multiplied by; ``1 / sqrt(E)`` otherwise.
    window : int or (int, int), optional
        How many keys before and behind its own place a query sees (a sliding window). None in place of one number means all of them.

    Returns
    -------
    array, shape (..., heads, L, Ev), dtype to which those of query, key and value promote, device of query
        The means; 0 where a query sees no key.

    Raises
    ------
    UnknownArrayError
        ``query`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    ShapeError
        Heads do not divide, other lengths do not fit together, or a window is negative.
    DTypeError
        ``query``, ``key`` or ``value`` are not of a real floating-point dtype, or ``mask`` neither of one nor bool.
    ArgumentError
        ``scale`` is no finite number, or ``window`` neither an int nor two of them.

    Notes
    -----
    PyTorch's ``is_causal`` sets the first query beside the first key where their numbers differ.

    Accuracy: within ``(16 + E + S) * eps * (1 + reach) * held`` of the true result. There ``reach`` is the largest sum of
    ``scale * abs(query) * abs(key)`` that a query has, plus the largest finite number of the mask, and ``held`` the mean of
    ``abs(value)`` with the same weights. A query whose products would be too large for the dtype is made smaller, so that nothing
    overflows for finite arguments. 16 bits are computed in float32 and rounded once.
    Cost: O(heads * L * S * (E + Ev)), less the runs of keys that no query sees by its place; memory beside the result grows with L
    and S, not with their product. No device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        nn.scaled_dot_product_attention(float64([[[1.0]]]), float64([[[1.0]]]), float64([[[5.0]]]), mask=bool([[False]]))
            -> float64([[[0.0]]])  # no key seen

    References
    ----------
    A. Vaswani et al., Attention Is All You Need, Advances in Neural Information Processing Systems 30 (2017), equation 1.
    M. Milakov, N. Gimelshein, Online normalizer calculation for softmax, arXiv:1805.02867 (2018).
    T. Dao, D. Y. Fu, S. Ermon, A. Rudra, C. Ré, FlashAttention, Advances in Neural Information Processing Systems 35 (2022).

    Examples
    --------
    >>> import numpy, accel
    >>> q = k = numpy.asarray([[[0.0], [0.0]]])
    >>> accel.nn.scaled_dot_product_attention(q, k, numpy.asarray([[[1.0], [3.0]]]), causal=True)
    array([[[1.],
            [2.]]])
    """
    result: Any = _attended(query, key, value, mask, causal, scale, window)
    return result


def _attended(
    query: Any, key: Any, value: Any, mask: Any, causal: bool, scale: float | None, window: Any
) -> Any:
    query, key, value, dtype = together(query, key, value)
    *lead, heads, length, dim = query.shape
    shape = (*lead, heads, length, value.shape[-1])
    if 0 in query.shape or 0 in key.shape:
        return xp.zeros(shape, dtype=dtype, device=xp.device(query))
    shared = key.shape[-3]
    sight = Sight.of(query, key, causal, window)
    largest = float(xp.finfo(query.dtype).max)
    query = xp.reshape(query, (*lead, shared, heads // shared, length, dim))
    key, value = xp.expand_dims(key, axis=-3), xp.expand_dims(value, axis=-3)
    query = _safe(query, key, 1 / math.sqrt(dim) if scale is None else float(scale))
    key = xp.matrix_transpose(key)
    added = None
    if mask is not None:
        mask = xp.reshape(mask, (*(1,) * (len(lead) + 3 - mask.ndim), *mask.shape))
        split = (shared, heads // shared) if mask.shape[-3] == heads else (1, 1)
        mask = xp.reshape(mask, (*mask.shape[:-3], *split, *mask.shape[-2:]))
        if name_of(mask.dtype) != "bool":
            added = xp.astype(mask, query.dtype, copy=False)
            mask = xp.greater(mask, -xp.inf)
            added = xp.where(mask, added, 0.0)

    # Weights are so small that no sum of values leaves the range.
    small = math.log(4 * sight.keys)
    rows = []
    for start in range(0, length, SIZE):
        stop = min(start + SIZE, length)
        asked = query[..., start:stop, :]
        total = xp.zeros_like(asked[..., :1])
        top = xp.full_like(total, -largest)
        held = xp.zeros((*total.shape[:-1], value.shape[-1]), dtype=query.dtype, device=xp.device(query))
        for first, behind in sight.steps(start, stop, SIZE):
            scores = xp.matmul(asked, key[..., first:behind])
            if added is not None:
                scores = xp.add(scores, _cut(added, start, stop, first, behind))
                scores = xp.clip(scores, -largest * 0.75, largest * 0.75)
            seen = None if mask is None else _cut(mask, start, stop, first, behind)
            if not sight.whole(start, stop, first, behind):
                near = _seen(sight, start, stop, first, behind, xp.device(query))
                seen = near if seen is None else xp.logical_and(seen, near)
            if seen is not None:
                scores = xp.where(seen, scores, -largest)
            above = xp.maximum(top, xp.max(scores, axis=-1, keepdims=True))
            # While no key has been seen the weights are those of all keys; the first that is seen makes them nothing.
            weights = xp.exp(xp.subtract(scores, xp.add(above, small)))
            before = xp.exp(xp.subtract(top, above))
            total = xp.add(xp.multiply(total, before), xp.sum(weights, axis=-1, keepdims=True))
            held = xp.add(xp.multiply(held, before), xp.matmul(weights, value[..., first:behind, :]))
            top = above
        # The mean of the largest numbers may be rounded beyond them.
        mean = xp.clip(xp.divide(held, total), -largest, largest)
        rows.append(xp.where(xp.equal(top, -largest), 0.0, mean))
    return xp.astype(xp.reshape(xp.concat(rows, axis=-2), shape), dtype, copy=False)
