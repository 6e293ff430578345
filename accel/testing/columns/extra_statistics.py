"""Columns of `accel.extra.statistics`."""

from __future__ import annotations

import math
from typing import Any

import hypothesis.strategies as st
import numpy as np
import numpy.typing as npt
from hypothesis import assume
from hypothesis.strategies import DrawFn

from accel.dispatch import Spec
from accel.errors import ArgumentError, AxisError, DTypeError, ShapeError
from accel.extra.statistics import METHODS
from accel.testing.agreement import exact
from accel.testing.cases import Case
from accel.testing.columns.searching import keep
from accel.testing.columns.statistical import accumulated, addends
from accel.testing.columns.table import column
from accel.testing.condition import conditioned, wide
from accel.testing.strategies import (
    COMPLEX,
    INTEGER,
    NUMERIC,
    REAL,
    arrays,
    axes,
    axis,
    dtypes,
    shapes,
    tame,
    wild,
)

Array = npt.NDArray[Any]

X = np.asarray([[0.5, -1.0, 3.0], [2.0, 0.0, 1.0]])
BOOLS = X > 0.5
C = X + 1j


# Covariances


def _observations(case: Case) -> tuple[Array, Array, Array]:
    """Give the variables, their deviations, and what each observation counts."""
    args = [a if a.ndim > 1 else a[None] for a in map(wide, case.args)]
    x = np.concatenate(args, axis=-2)
    w = np.ones(x.shape[-1])
    for name in ("fweights", "aweights"):
        if case.kwargs.get(name) is not None:
            w = w * wide(case.kwargs[name])
    total = w.sum()
    mean = (x * w).sum(-1, keepdims=True) / total if total else 0 * x[..., :1]
    return x, x - mean, w


def _shaped(case: Case, found: Array) -> Array:
    return found[..., 0, 0] if len(case.args) == 1 and case.args[0].ndim == 1 else found


def _covariance(case: Case, y: Array) -> dict[str, Any]:
    x, apart, w = _observations(case)
    divisor = w.sum()
    taken = 1.0
    if case.kwargs.get("aweights") is not None:
        taken = (w * wide(case.kwargs["aweights"])).sum() / divisor if divisor else 0.0
    divisor = divisor - taken * case.kwargs.get("correction", 1)
    divisor = divisor if divisor > 0 else 1.0

    def products(z: Array) -> Array:
        z = np.abs(z)
        return _shaped(case, (z * w) @ np.swapaxes(z, -1, -2) / divisor)

    return {"N": x.shape[-1], "spread": products(apart), "size": products(x)}


def _correlation(case: Case, y: Array) -> dict[str, Any]:
    x, apart, _ = _observations(case)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (np.abs(x) ** 2).sum(-1) / (np.abs(apart) ** 2).sum(-1)
    ratio = np.where(np.isfinite(ratio), ratio, 0.0)
    size = np.maximum(ratio[..., :, None], ratio[..., None, :])
    return {"N": x.shape[-1], "size": _shaped(case, size), "y": np.abs(wide(y))}


_shapes_of_variables = st.sampled_from([(2, 5), (3, 4), (5,), (2, 2, 4), (2, 1)])


@st.composite
def _variables(draw: DrawFn) -> tuple[Array, ...]:
    dtype = draw(dtypes(NUMERIC))
    shape = draw(_shapes_of_variables)
    x = draw(arrays(dtype, shape, tame(dtype)))
    if draw(st.integers(0, 3)) < 3:
        return (x,)
    other = draw(dtypes((dtype, "float64", "float32")))
    return (x, draw(arrays(other, shape, tame(other))))


@column(
    "extra.cov",
    check=conditioned,
    words=_covariance,
    example=lambda: Case((X,)),
    refuses=lambda: [
        ("number", Case((np.asarray(1.0),)), ShapeError),
        ("other observations", Case((X, X[:, :2])), ShapeError),
        ("weights of another length", Case((X,), {"aweights": X[0, :2]}), ShapeError),
        ("counts that are none", Case((X,), {"fweights": X[0]}), DTypeError),
        ("complex weights", Case((X,), {"aweights": C[0]}), DTypeError),
        ("correction that is none", Case((X,), {"correction": "1"}), ArgumentError),
    ],
)
def covariances(draw: DrawFn, spec: Spec) -> Case:
    given = draw(_variables())
    asked: dict[str, Any] = draw(st.sampled_from([{}, {"correction": 0}, {"correction": 1.5}]))
    n = given[0].shape[-1]
    if draw(st.integers(0, 3)) == 3:
        asked = {**asked, "fweights": draw(arrays("int32", (n,), st.integers(1, 5)))}
    if draw(st.integers(0, 3)) == 3:
        asked = {**asked, "aweights": draw(arrays("float64", (n,), st.floats(0.125, 4)))}
    # Whether a degree of freedom is left must not depend on rounding.
    _, _, w = _observations(Case(given, asked))
    total = w.sum()
    taken = (w * asked["aweights"]).sum() / total if "aweights" in asked else 1.0
    left = total - taken * asked.get("correction", 1)
    assume(left == 0 or abs(left) > 0.01)
    assume(left != 0 or len(asked) < 2)
    return Case(given, asked)


def _coefficients_check(spec: Spec, case: Case, expected: Array, got: Array) -> None:
    # Whether what varies by rounding alone varies at all is left open.
    x, apart, _ = _observations(case)
    with np.errstate(invalid="ignore", divide="ignore"):
        varies = np.abs(apart).max(-1) > 1e-3 * np.abs(x).max(-1)
    both = _shaped(case, varies[..., :, None] & varies[..., None, :])
    conditioned(
        spec, case, np.where(both, expected, 0).astype(got.dtype), np.where(both, got, 0).astype(got.dtype)
    )
    constant = _shaped(case, ~varies[..., :, None] | ~varies[..., None, :])
    assert np.isnan(expected[constant]).all() or not constant.any() or (np.abs(apart).max(-1) > 0).any()


@column(
    "extra.corrcoef",
    check=_coefficients_check,
    words=_correlation,
    example=lambda: Case((X,)),
    refuses=lambda: [
        ("number", Case((np.asarray(1.0),)), ShapeError),
        ("other observations", Case((X, X[:, :2])), ShapeError),
    ],
)
def coefficients(draw: DrawFn, spec: Spec) -> Case:
    return Case(draw(_variables()))


# Quantiles


@st.composite
def _ordered(draw: DrawFn) -> tuple[Array, dict[str, Any]]:
    dtype = draw(dtypes((*REAL, "bfloat16")))
    x = draw(arrays(dtype, draw(shapes(empty=False)), tame(dtype) if draw(st.booleans()) else wild(dtype)))
    return x, {"axis": draw(axes(x.ndim)), **draw(keep())}


def _orders() -> list[tuple[str, Case, type[Exception]]]:
    return [
        ("complex", Case((C,)), DTypeError),
        ("booleans", Case((BOOLS,)), DTypeError),
        ("no elements", Case((X[:, :0],)), ShapeError),
        ("empty axis", Case((X[:, :0],), {"axis": 1}), ShapeError),
        ("axis too large", Case((X,), {"axis": 2}), AxisError),
        ("axis twice", Case((X,), {"axis": (0, -2)}), ArgumentError),
    ]


# The sign of a zero that is picked out of several is left open.
@column(
    "extra.median",
    "extra.nanmedian",
    "extra.nanmin",
    "extra.nanmax",
    check=exact(zeros=False),
    example=lambda: Case((X,)),
    refuses=_orders,
)
def middles(draw: DrawFn, spec: Spec) -> Case:
    x, asked = draw(_ordered())
    if spec.name in ("extra.nanmin", "extra.nanmax") and x.dtype.name == "bfloat16":
        x = x.astype(np.float32)
    return Case((x,), asked)


def _fractions(most: float) -> list[tuple[str, Case, type[Exception]]]:
    return [
        *((what, Case((*case.args, 0.5), case.kwargs), error) for what, case, error in _orders()),
        ("fraction too large", Case((X, most + 0.5)), ArgumentError),
        ("fraction below zero", Case((X, -0.5)), ArgumentError),
        ("fraction that is nan", Case((X, math.nan)), ArgumentError),
        ("fractions of integers", Case((X, np.asarray([0, 1]))), DTypeError),
        ("method unknown", Case((X, 0.5), {"method": "middle"}), ArgumentError),
    ]


@st.composite
def _quantiles(draw: DrawFn, most: float) -> Case:
    x, asked = draw(_ordered())
    q: Any = draw(st.sampled_from([0.5, 0.0, 1.0, 0.25, 0.9, 1 / 3]))
    if draw(st.integers(0, 2)) == 2:
        held = draw(dtypes(("float64", "float32")))
        q = draw(arrays(held, draw(st.sampled_from([(2,), (), (2, 1)])), st.floats(0, 1, width=32)))
        # A product of float32 numbers is exact on the one side or rounded on the other; what comes of rounding is the same.
        q = np.where(np.abs(q) < 1e-30, 0, q).astype(held)
    if draw(st.booleans()):
        asked["method"] = draw(st.sampled_from(METHODS))
    return Case((x, q * most if isinstance(q, float) else np.asarray(q * most).astype(q.dtype)), asked)


@column(
    "extra.quantile",
    "extra.nanquantile",
    check=exact(zeros=False),
    example=lambda: Case((X, 0.25)),
    refuses=lambda: _fractions(1),
)
def quantiles(draw: DrawFn, spec: Spec) -> Case:
    return draw(_quantiles(1))


@column(
    "extra.percentile",
    check=exact(zeros=False),
    example=lambda: Case((X, 25.0)),
    refuses=lambda: _fractions(100),
)
def percentiles(draw: DrawFn, spec: Spec) -> Case:
    case = draw(_quantiles(100))
    q = case.args[1]
    return Case(
        (
            case.args[0],
            min(q, 100.0) if isinstance(q, float) else np.asarray(np.minimum(q, 100)).astype(q.dtype),
        ),
        case.kwargs,
    )


# Reductions that pass over nan


def _axes_of(case: Case) -> tuple[int, ...] | None:
    asked = case.kwargs.get("axis")
    return asked if asked is None or isinstance(asked, tuple) else (asked,)


def _remaining(case: Case, y: Array) -> dict[str, Any]:
    """Give the words of the formulas of sums, without what is nan."""
    x = case.args[0]
    along, kept = _axes_of(case), case.kwargs.get("keepdims", False)
    whole = np.ones(x.shape, dtype=bool) if x.dtype.kind not in "fcV" else ~np.isnan(wide_or(x))
    values = np.where(whole, wide(x), 0)

    def total(each: Array) -> Array:
        return np.asarray(np.sum(each, axis=along, keepdims=kept))

    n = total(whole.astype(np.float64))
    return {
        "mean": lambda each: total(each) / np.maximum(n, 1),
        "n": n,
        "sum": total,
        "x": values,
        "y": np.abs(wide(y)),
    }


def wide_or(x: Array) -> Array:
    """Give the values in a dtype whose nan NumPy finds."""
    return x.astype(np.float32) if x.dtype.kind == "V" else x


def _deviations(case: Case, y: Array) -> dict[str, Any]:
    words = _remaining(case, y)
    x = case.args[0]
    along, kept = _axes_of(case), case.kwargs.get("keepdims", False)
    correction = case.kwargs.get("correction", 0.0)
    whole = np.ones(x.shape, dtype=bool) if x.dtype.kind not in "fcV" else ~np.isnan(wide_or(x))
    n = np.sum(whole, axis=along, keepdims=True)
    mean = np.sum(words["x"], axis=along, keepdims=True) / np.maximum(n, 1)
    apart = np.where(whole, words["x"] - mean, 0)
    left = words["n"] - correction
    # Where nothing is left the result is nan.
    correction = np.where(left > 0, correction, words["n"] - 1)
    v = np.sum(apart**2, axis=along, keepdims=kept) / (words["n"] - correction)
    return {**words, "correction": correction, "v": v}


def _deviation_check(spec: Spec, case: Case, expected: Array, got: Array) -> None:
    if spec.name == "extra.nanstd":
        expected, got = (np.square(v.astype(np.float64)).astype(v.dtype) for v in (expected, got))
    conditioned(spec, case, expected, got)


@st.composite
def _with_nan(draw: DrawFn, dtype: str, most: int = 8) -> Any:
    shape = draw(shapes())
    x = draw(
        arrays(
            dtype,
            shape,
            tame(dtype, most=most, least=1 / most) if dtype in COMPLEX else addends(dtype, most=most),
        )
    )
    if dtype in INTEGER or dtype == "bool" or x.size == 0:
        return x
    lost = draw(arrays("bool", shape))
    return np.where(lost, np.asarray(np.nan, dtype=x.dtype), x)


@column(
    "extra.nansum",
    "extra.nanprod",
    check=conditioned,
    words=_remaining,
    example=lambda: Case((X,)),
    refuses=lambda: [
        ("axis too large", Case((X,), {"axis": 2}), AxisError),
        ("axis twice", Case((X,), {"axis": (0, -2)}), ArgumentError),
    ],
)
def totals(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes(NUMERIC))
    x = draw(_with_nan(dtype, 8 if spec.name == "extra.nansum" else 2))
    return Case((x,), {"axis": draw(axes(x.ndim)), **draw(keep()), **draw(accumulated(dtype))})


@column(
    "extra.nanmean",
    check=conditioned,
    words=_remaining,
    example=lambda: Case((X,)),
    refuses=lambda: [
        ("axis too large", Case((X,), {"axis": 2}), AxisError),
        ("axis twice", Case((X,), {"axis": (0, -2)}), ArgumentError),
    ],
)
def means(draw: DrawFn, spec: Spec) -> Case:
    x = draw(_with_nan(draw(dtypes(NUMERIC))))
    return Case((x,), {"axis": draw(axes(x.ndim)), **draw(keep())})


@column(
    "extra.nanstd",
    "extra.nanvar",
    check=_deviation_check,
    words=_deviations,
    example=lambda: Case((X,)),
    refuses=lambda: [
        ("complex", Case((C,)), DTypeError),
        ("booleans", Case((BOOLS,)), DTypeError),
        ("axis too large", Case((X,), {"axis": 2}), AxisError),
    ],
)
def deviations(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes(REAL))
    x = (
        draw(arrays(dtype, draw(shapes()), st.integers(0, 100)))
        if dtype in INTEGER
        else draw(_with_nan(dtype))
    )
    asked: dict[str, Any] = draw(st.sampled_from([{}, {"correction": 1}, {"correction": 1.5}]))
    return Case((x,), {"axis": draw(axes(x.ndim)), **draw(keep()), **asked})


@column(
    "extra.nanargmin",
    "extra.nanargmax",
    example=lambda: Case((X,)),
    refuses=lambda: [
        ("complex", Case((C,)), DTypeError),
        ("booleans", Case((BOOLS,)), DTypeError),
        ("no elements", Case((X[:, :0],)), ShapeError),
        ("empty axis", Case((X[:, :0],), {"axis": 1}), ShapeError),
        ("axis too large", Case((X,), {"axis": 2}), AxisError),
        ("several axes", Case((X,), {"axis": (0, 1)}), ArgumentError),
    ],
)
def places(draw: DrawFn, spec: Spec) -> Case:
    x = draw(arrays(draw(dtypes(REAL)), draw(shapes(empty=False))))
    asked = None if x.ndim == 0 or draw(st.booleans()) else draw(axis(x.ndim))
    return Case((x,), {"axis": asked, **draw(keep())})
