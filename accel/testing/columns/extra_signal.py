"""Columns of `accel.extra.signal`."""

from __future__ import annotations

import math
from typing import Any

import hypothesis.strategies as st
import numpy as np
import numpy.typing as npt
from hypothesis.strategies import DrawFn

from accel.dispatch import Spec
from accel.errors import ArgumentError, AxisError, DTypeError, ShapeError
from accel.extra.signal import MODES, points
from accel.testing.cases import Case
from accel.testing.columns.table import column
from accel.testing.condition import conditioned, wide
from accel.testing.strategies import COMPLEX, NUMERIC, REAL, arrays, companions, dtypes, shapes, tame, wild

Array = npt.NDArray[Any]

X = np.asarray([0.5, -1.0, 3.0, 2.0, 0.0])
P = np.sort(X)
C = X + 1j


def _neighbours(case: Case, y: Array) -> dict[str, Any]:
    """Give the values at the points before and after."""
    x, points, values = (wide(each) for each in case.args)
    if (period := case.kwargs.get("period")) is not None:
        most = float(np.max(np.abs(values), initial=0.0))
        # A position that is reduced, and points that are, are off by some eps of the period; what that makes is the slope times it.
        where = np.sort(np.remainder(points, period))
        gaps = np.diff(np.append(where, where[0] + period))
        least = float(np.min(np.where(gaps > 0, gaps, np.inf), initial=np.inf))
        size = max(float(np.max(np.abs(x), initial=0.0)), float(np.max(np.abs(points))), period)
        return {"f0": np.full(x.shape, most * (1 + size / least)), "f1": np.full(x.shape, most)}
    after = np.clip(np.searchsorted(points, x, side="right"), 1, max(points.size - 1, 1))
    ends = [abs(case.kwargs.get(name) or 0) for name in ("left", "right")]
    above = np.minimum(after, points.size - 1)
    return {"f0": np.abs(values[after - 1]), "f1": np.abs(values[above]) + max(ends)}


@column(
    "extra.interp",
    check=conditioned,
    words=_neighbours,
    example=lambda: Case((X, P, X)),
    refuses=lambda: [
        ("complex", Case((C, P, X)), DTypeError),
        ("complex points", Case((X, C, X)), DTypeError),
        ("booleans", Case((X, P, X > 0)), DTypeError),
        ("no points", Case((X, P[:0], X[:0])), ShapeError),
        ("values of another length", Case((X, P, X[:2])), ShapeError),
        ("matrix of points", Case((X, P[None], X[None])), ShapeError),
        ("several ends", Case((X, P, X), {"left": X}), ShapeError),
        ("period of zero", Case((X, P, X), {"period": 0.0}), ArgumentError),
        ("period of nan", Case((X, P, X), {"period": math.nan}), ArgumentError),
    ],
)
def interpolations(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes((*REAL, "bfloat16")))
    x = draw(arrays(dtype, draw(shapes()), tame(dtype) if draw(st.booleans()) else wild(dtype)))
    n = draw(st.sampled_from([4, 2, 1]))
    held = "float32" if dtype in ("float16", "bfloat16") else dtype
    # Far enough apart that a position says what it says in any dtype.
    points = (np.cumsum(draw(arrays("int8", (n,), st.integers(1, 4)))) - 6 * (dtype[0] != "u")).astype(held)
    kind = draw(dtypes((dtype, "float64", "complex64")) if dtype != "bfloat16" else st.just("bfloat16"))
    values = draw(arrays(kind, (n,), tame(kind)))
    asked: dict[str, Any] = draw(st.sampled_from([{}, {}, {"left": 7}, {"right": -7.0, "left": 2.5}]))
    if not asked and draw(st.integers(0, 2)) == 2:
        x = draw(arrays(dtype, x.shape, tame(dtype)))
        asked = {"period": 8.0}
        points = np.sort(draw(st.permutations(range(8)))[:n]).astype(held)
    return Case((x, points.astype(x.dtype) if held != dtype else points, values), asked)


def _products(case: Case, y: Array) -> dict[str, Any]:
    """Give how many terms a sum has, or what transforms make of it, and how large it may be."""
    axis = case.kwargs.get("axis", -1)
    mode = case.kwargs.get("mode", case.facts["mode"])
    a, v = (wide(x) if x.ndim == 1 else np.moveaxis(wide(x), axis, -1) for x in case.args)
    if case.facts["turned"]:
        v = v[..., ::-1]
    n, k = a.shape[-1], v.shape[-1]
    method = case.kwargs.get("method", "auto")
    by_transform = y.dtype.kind in "fcV" and (method == "fft" or (method == "auto" and min(n, k) >= 64))
    stack = np.broadcast_shapes(a.shape[:-1], v.shape[:-1])
    rows = [np.broadcast_to(x, (*stack, x.shape[-1])).reshape(math.prod(stack), -1) for x in (a, v)]
    if by_transform:
        size = np.stack(
            [
                np.full(y_length(n, k, mode), np.linalg.norm(p) * np.linalg.norm(q))
                for p, q in zip(*rows, strict=True)
            ]
        )
        terms = 16 * math.log2(2 * points(max(n, k), min(n, k)))
    else:
        full = np.stack([np.convolve(np.abs(p), np.abs(q)) for p, q in zip(*rows, strict=True)])
        late = case.facts["turned"] and k > n
        short = min(n, k)
        first = {"full": 0, "valid": short - 1, "same": short // 2 if late else (short - 1) // 2}[mode]
        size = full[:, first : first + y_length(n, k, mode)]
        terms = float(short)
    size = size.reshape(*stack, -1)
    if len(stack):
        size = np.moveaxis(size, -1, axis if axis < 0 else axis - size.ndim)
    return {"terms": terms, "size": size}


def y_length(n: int, k: int, mode: str) -> int:
    """Give how many sums a mode has."""
    return {"full": n + k - 1, "valid": abs(n - k) + 1, "same": max(n, k)}[mode]


@column(
    "extra.convolve",
    "extra.correlate",
    check=conditioned,
    words=_products,
    example=lambda: Case((X, P)),
    refuses=lambda: [
        ("booleans", Case((X > 0, X > 0)), DTypeError),
        ("no elements", Case((X[:0], X)), ShapeError),
        ("no taps", Case((X, X[:0])), ShapeError),
        ("no axis", Case((np.asarray(1.0), X)), ShapeError),
        ("mode unknown", Case((X, X), {"mode": "half"}), ArgumentError),
        ("method unknown", Case((X, X), {"method": "slow"}), ArgumentError),
        ("axis too large", Case((X, X), {"axis": 1}), AxisError),
        ("stacks that differ", Case((np.ones((2, 3)), np.ones((3, 3)))), ShapeError),
    ],
)
def convolutions(draw: DrawFn, spec: Spec) -> Case:
    one, two = draw(companions((*NUMERIC, "bfloat16")))
    along = draw(st.sampled_from([-1, -1, 0]))
    shape, other = draw(
        st.sampled_from(
            [
                ((7,), (3,)),
                ((3,), (7,)),
                ((4,), (4,)),
                ((2, 7), (3,)),
                ((2, 4), (1, 3)),
                ((2, 4), (2, 4)),
                ((1,), (6,)),
            ]
        )
    )
    if along == 0 and len(shape) == 2:
        shape = shape[::-1]
        other = other[::-1]
    long = draw(st.integers(0, 7)) == 7 and len(shape) == 1
    if long:
        shape, other = draw(st.sampled_from([((200,), (70,)), ((64,), (300,))]))
    if long and one in ("bfloat16", "float16"):
        one = two = "float32"
    if long:
        rng = np.random.default_rng(draw(st.integers(0, 99)))
        a, v = (
            (
                rng.integers(-9, 9, s) * (1 + 1j * (d in COMPLEX)) if d in COMPLEX else rng.integers(0, 9, s)
            ).astype(d)
            for d, s in ((one, shape), (two, other))
        )
    else:
        a, v = (draw(arrays(d, s, tame(d))) for d, s in ((one, shape), (two, other)))
    asked: dict[str, Any] = {} if along == -1 else {"axis": along}
    mode = draw(st.sampled_from((None, *MODES)))
    if mode is not None:
        asked["mode"] = mode
    method = draw(st.sampled_from((None, "direct", "fft", "auto")))
    if method is not None:
        asked["method"] = method
    turned = spec.name == "extra.correlate"
    return Case((a, v), asked, {"turned": turned, "mode": "valid" if turned else "full"})
