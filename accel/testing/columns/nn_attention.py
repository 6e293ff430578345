"""Columns of `accel.nn.attention`."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn

from accel.dispatch import Spec
from accel.errors import ArgumentError, DTypeError, ShapeError
from accel.testing.cases import Case
from accel.testing.columns.table import column
from accel.testing.condition import Array, conditioned, wide
from accel.testing.strategies import arrays, companions, tame

Q = np.asarray([[[0.5, -1.0], [3.0, 2.0]], [[2.0, 0.0], [0.25, 1.0]]])
K = Q[:1]
INTS = np.ones((2, 2, 2), dtype=np.int64)
FLOATS = ("float16", "float32", "float64")


def _seen(case: Case, length: int, keys: int) -> Array:
    """Tell which query may see which key by its place."""
    left, right = window if isinstance(window := case.kwargs.get("window"), tuple) else (window, window)
    if case.kwargs.get("causal"):
        right = 0
    apart = np.arange(keys) - (np.arange(length)[:, None] + keys - length)
    seen = np.ones(apart.shape, dtype=bool)
    if left is not None:
        seen &= apart >= -left
    if right is not None:
        seen &= apart <= right
    return seen


def _weighted(case: Case, y: Array) -> dict[str, Any]:
    """Give the words of the formula, with the weights as the definition has them."""
    query, key, value = (wide(a) for a in case.args)
    if 0 in query.shape or 0 in key.shape:
        return {"E": query.shape[-1], "S": key.shape[-2], "reach": 0.0, "held": np.abs(wide(y))}
    times = query.shape[-3] // key.shape[-3]
    key, value = (np.repeat(a, times, axis=-3) for a in (key, value))
    scale = case.kwargs.get("scale")
    scale = query.shape[-1] ** -0.5 if scale is None else scale
    scores = query @ np.matrix_transpose(key) * scale
    reach = np.max(np.abs(query) @ np.matrix_transpose(np.abs(key)), axis=-1, keepdims=True) * abs(scale)
    seen = np.broadcast_to(_seen(case, query.shape[-2], key.shape[-2]), scores.shape)
    mask = case.kwargs.get("mask")
    if mask is not None and mask.dtype == bool:
        seen = seen & mask
    elif mask is not None:
        scores = scores + wide(mask)
        seen = seen & np.isfinite(mask)
        reach = reach + np.max(np.abs(wide(mask)), initial=0.0)
    top = np.max(np.where(seen, scores, -np.inf), axis=-1, keepdims=True)
    weights = np.where(
        seen, np.exp(np.where(seen, scores - np.where(seen.any(-1, keepdims=True), top, 0), 0)), 0
    )
    weights /= np.maximum(np.sum(weights, axis=-1, keepdims=True), 1e-300)
    return {"E": query.shape[-1], "S": key.shape[-2], "reach": reach, "held": weights @ np.abs(value)}


@column(
    "nn.scaled_dot_product_attention",
    check=conditioned,
    words=_weighted,
    example=lambda: Case((Q, K, K)),
    refuses=lambda: [
        ("integers", Case((INTS, Q, Q)), DTypeError),
        ("matrices", Case((Q[0], Q[0], Q[0])), ShapeError),
        ("heads that do not divide", Case((np.ones((3, 2, 2)), Q, Q)), ShapeError),
        ("no heads of keys", Case((Q, Q[:0], Q[:0])), ShapeError),
        ("features that differ", Case((Q, Q[..., :1], Q)), ShapeError),
        ("no features", Case((Q[..., :0], Q[..., :0], Q)), ShapeError),
        ("lengths of keys and values", Case((Q, Q, Q[:, :1])), ShapeError),
        ("heads of keys and values", Case((Q, Q, K)), ShapeError),
        ("other axes in front", Case((Q[None], Q[[[0, 1], [0, 1]]], Q[[[0, 1], [0, 1]]])), ShapeError),
        ("mask that does not broadcast", Case((Q, Q, Q), {"mask": np.ones((3, 2), dtype=bool)}), ShapeError),
        ("mask of too many axes", Case((Q, Q, Q), {"mask": np.ones((1, 1, 1, 1))}), ShapeError),
        ("mask of integers", Case((Q, Q, Q), {"mask": INTS}), DTypeError),
        ("infinite scale", Case((Q, Q, Q), {"scale": float("inf")}), ArgumentError),
        ("scale of text", Case((Q, Q, Q), {"scale": "large"}), ArgumentError),
        ("negative window", Case((Q, Q, Q), {"window": -1}), ShapeError),
        ("negative end of a window", Case((Q, Q, Q), {"window": (1, -1)}), ShapeError),
        ("window of three", Case((Q, Q, Q), {"window": (1, 1, 1)}), ArgumentError),
        ("window of halves", Case((Q, Q, Q), {"window": 0.5}), ArgumentError),
    ],
)
def attendings(draw: DrawFn, spec: Spec) -> Case:
    dtype, other = draw(companions(FLOATS))
    front = draw(st.sampled_from(((), (2,), (1, 2))))
    heads, shared = draw(st.sampled_from(((1, 1), (4, 2), (2, 2), (2, 1), (0, 1))))
    length, keys = draw(st.sampled_from(((3, 3), (1, 4), (2, 5), (5, 2), (3, 0), (0, 2))))
    dim, last = draw(st.sampled_from(((2, 2), (4, 1), (1, 3), (2, 0))))
    query = draw(arrays(dtype, (*front, heads, length, dim), tame(dtype)))
    key = draw(arrays(dtype, (*front, shared, keys, dim), tame(dtype)))
    value = draw(arrays(other, (*front, shared, keys, last), tame(other)))
    asked: dict[str, Any] = {}
    kind = draw(st.sampled_from(("none", "bool", "added")))
    if kind != "none":
        shape = draw(
            st.sampled_from(
                (
                    (length, keys),
                    (1, keys),
                    (*front, heads, length, 1),
                    (*front, 1, length, keys),
                    (heads, 1, keys),
                )
            )
        )
        what = "bool" if kind == "bool" else dtype
        values = st.booleans() if kind == "bool" else st.one_of(tame(dtype), st.just(-np.inf))
        asked["mask"] = draw(arrays(what, shape, values))
    if draw(st.booleans()):
        asked["causal"] = True
    if draw(st.booleans()):
        asked["window"] = draw(st.sampled_from((0, 1, (2, 1), (None, 1), (0, None))))
    if draw(st.integers(0, 3)) == 3:
        asked["scale"] = draw(st.sampled_from((2.0, -1, 0)))
    return Case((query, key, value), asked)
