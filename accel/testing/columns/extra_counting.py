"""Columns of `accel.extra.counting`."""

from __future__ import annotations

import math
from typing import Any

import hypothesis.strategies as st
import numpy as np
import numpy.typing as npt
from hypothesis.strategies import DrawFn

from accel.dispatch import Spec
from accel.errors import ArgumentError, DTypeError, ShapeError
from accel.testing.agreement import exact, near
from accel.testing.cases import Case
from accel.testing.columns.table import column
from accel.testing.condition import allowed, conditioned, wide
from accel.testing.strategies import REAL, arrays, dtypes, shapes, tame, wild

Array = npt.NDArray[Any]

X = np.asarray([0.5, -1.0, 3.0, 2.0, 0.0])
N = np.asarray([0, 2, 1, 2, 5])
C = X + 1j


def _whole(x: Array) -> list[int]:
    return [int(n) for n in x]


def _weights(case: Case, y: Array) -> dict[str, Any]:
    """Give how many elements each count has, and the sum of their absolute weights."""
    x, weights = _whole(case.args[0]), case.kwargs.get("weights")
    n, size = np.zeros(y.shape), np.zeros(y.shape)
    for i, place in enumerate(x):
        if 0 <= place < y.size:
            n[place] += 1
            size[place] += 1 if weights is None else abs(float(wide(weights)[i]))
    return {"n": n, "sum": lambda _: size, "weights": np.zeros(())}


@st.composite
def _weighted(draw: DrawFn, shape: tuple[int, ...], *, positive: bool = False) -> dict[str, Any]:
    if draw(st.integers(0, 2)) < 2:
        return {}
    dtype = draw(dtypes((*REAL, "bfloat16")))
    values = tame(dtype)
    x = draw(arrays(dtype, shape, values))
    return {"weights": np.asarray(np.abs(x)) if positive and x.dtype.kind != "V" else x}


@column(
    "extra.bincount",
    check=conditioned,
    words=_weights,
    example=lambda: Case((N,), {"length": 6}),
    refuses=lambda: [
        ("floats", Case((X,)), DTypeError),
        ("booleans", Case((X > 0,)), DTypeError),
        ("complex weights", Case((N,), {"weights": C}), DTypeError),
        ("matrix", Case((N[None],)), ShapeError),
        ("weights of another length", Case((N,), {"weights": X[:2]}), ShapeError),
        ("length below zero", Case((N,), {"length": -1}), ShapeError),
        ("least length below zero", Case((N,), {"minlength": -1}), ShapeError),
        ("half length", Case((N,), {"length": 1.5}), ArgumentError),
        ("both lengths", Case((N,), {"length": 6, "minlength": 6}), ArgumentError),
    ],
)
def occurrences(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes("integer"))
    low = 0 if dtype.startswith("u") else -2
    shape = draw(st.sampled_from([(7,), (1,), (0,)]))
    asked: dict[str, Any] = draw(
        st.sampled_from([{"length": 5}, {"length": 5}, {}, {"minlength": 5}, {"length": 0}])
    )
    values: Any = st.integers(low, 8)
    if "length" in asked and draw(st.integers(0, 3)) == 3:
        values = wild(dtype)
    x = draw(arrays(dtype, shape, values))
    return Case((x,), {**asked, **draw(_weighted(shape))})


@column(
    "extra.digitize",
    example=lambda: Case((X, np.asarray([0.0, 1.0, 2.0]))),
    refuses=lambda: [
        ("complex", Case((C, X)), DTypeError),
        ("complex edges", Case((X, C)), DTypeError),
        ("booleans", Case((X > 0, X)), DTypeError),
        ("matrix of edges", Case((X, X[None])), ShapeError),
    ],
)
def bins(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes((*REAL, "bfloat16")))
    x = draw(arrays(dtype, draw(shapes()), tame(dtype) if draw(st.booleans()) else wild(dtype)))
    values = tame(dtype) if draw(st.booleans()) else wild(dtype, finite=True)
    edges = draw(arrays(dtype, draw(st.sampled_from([(4,), (1,), (0,)])), values))
    edges = np.sort(edges.astype(np.float32)).astype(edges.dtype) if dtype == "bfloat16" else np.sort(edges)
    if draw(st.booleans()):
        edges = edges[::-1].copy()
    return Case((x, edges), draw(st.sampled_from([{}, {"right": True}])))


def _sizes(case: Case, y: Array) -> dict[str, Any]:
    """Give how many elements each bin has, and what they count together, as `y` does."""
    x = wide(case.args[0])
    finite = np.isfinite(case.args[0].astype(np.float64))
    weights = case.kwargs.get("weights")
    edges = case.facts["edges"]
    with np.errstate(invalid="ignore"):
        place = np.searchsorted(edges, x.ravel(), side="right") - 1
        place = np.where(x.ravel() == edges[-1], edges.size - 2, place)
    n, size = np.zeros(y.shape), np.zeros(y.shape)
    for at, here, weight in zip(
        place,
        finite.ravel(),
        np.ones(x.size) if weights is None else np.abs(wide(weights)).ravel(),
        strict=True,
    ):
        if here and 0 <= at < y.size:
            n[at] += 1
            size[at] += weight
    if case.kwargs.get("density"):
        # Of a share both the sum of the bin and that of all are off.
        total = float(size.sum())
        with np.errstate(divide="ignore", invalid="ignore"):
            size = np.nan_to_num(size / total / np.diff(edges), nan=0.0, posinf=0.0, neginf=0.0)
        n = np.full(y.shape, n.sum())
    return {"n": n, "size": size}


def _histogram_check(spec: Spec, case: Case, expected: Any, got: Any) -> None:
    exact()(spec, case, expected[1], got[1])
    known = Case(case.args, case.kwargs, {"edges": expected[1].astype(np.float64)})
    if expected[0].dtype.kind == "f":
        near(expected[0], got[0], 2 * allowed(spec, known, expected[0]))
    else:
        exact()(spec, case, expected[0], got[0])


@column(
    "extra.histogram",
    check=_histogram_check,
    words=_sizes,
    example=lambda: Case((X, 4)),
    refuses=lambda: [
        ("complex", Case((C,)), DTypeError),
        ("booleans", Case((X > 0,)), DTypeError),
        ("complex weights", Case((X,), {"weights": C}), DTypeError),
        ("no bins", Case((X, 0)), ShapeError),
        ("one edge", Case((X, X[:1])), ShapeError),
        ("half a bin", Case((X, 1.5)), ArgumentError),
        ("matrix of edges", Case((X, X[None])), ShapeError),
        ("range backwards", Case((X,), {"range": (1.0, 0.0)}), ArgumentError),
        ("range without end", Case((X,), {"range": (0.0, math.inf)}), ArgumentError),
        ("range of nan", Case((X,), {"range": (0.0, math.nan)}), ArgumentError),
        ("range of three", Case((X,), {"range": (0.0, 1.0, 2.0)}), ArgumentError),
        ("range with edges", Case((X, np.sort(X)), {"range": (0.0, 1.0)}), ArgumentError),
        ("weights of another shape", Case((X,), {"weights": X[:2]}), ShapeError),
    ],
)
def counts(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes((*REAL, "bfloat16")))
    shape = draw(st.sampled_from([(7,), (2, 3), (), (0,)]))
    small = draw(st.integers(0, 3)) < 3
    x = draw(arrays(dtype, shape, tame(dtype) if small else wild(dtype)))
    asked: dict[str, Any] = draw(_weighted(shape, positive=True))
    if draw(st.integers(0, 3)) == 3 and small:
        asked["density"] = True
    which = draw(st.sampled_from(["number", "range", "edges"]))
    if which == "edges":
        kind = draw(dtypes((dtype, "float64")) if dtype != "bfloat16" else st.just("float32"))
        edges = np.sort(draw(arrays(kind, (4,), tame(kind))))
        return Case((x, edges), asked)
    if which == "range":
        asked["range"] = draw(st.sampled_from([(-2.0, 3.0), (0, 1), (0.1, 0.7), (1.0, 1.0)]))
    return Case((x, draw(st.sampled_from([3, 1, 7]))), asked)
