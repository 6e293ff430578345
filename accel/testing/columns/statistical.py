"""Columns of the statistical functions."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
import numpy.typing as npt
from hypothesis.strategies import DrawFn, SearchStrategy

from accel.dispatch import Spec
from accel.testing.agreement import exact, within
from accel.testing.cases import Case
from accel.testing.columns.searching import keep
from accel.testing.columns.table import column
from accel.testing.strategies import (
    BOOLEAN,
    COMPLEX,
    INTEGER,
    NUMERIC,
    REAL,
    arrays,
    axes,
    dtype_of,
    dtypes,
    shapes,
    tame,
    wild,
)

Array = npt.NDArray[Any]


@st.composite
def addends(draw: DrawFn, dtype: str, *, most: int = 8) -> Any:
    """Draw elements whose sums and products stay in range, and now and then an infinity or nan."""
    if dtype in INTEGER + BOOLEAN:
        return draw(wild(dtype))
    if dtype not in COMPLEX and draw(st.integers(0, 9)) == 9:
        return draw(st.sampled_from([float("inf"), float("-inf"), float("nan"), -0.0]))
    return draw(tame(dtype, most=most, least=1 / most))


def _elements(dtype: str, most: int = 8) -> SearchStrategy[Any]:
    return tame(dtype, most=most, least=1 / most) if dtype in COMPLEX else addends(dtype, most=most)


@st.composite
def accumulated(draw: DrawFn, dtype: str) -> dict[str, Any]:
    """Draw a dtype argument to accumulate in, of the same kind or above, or none."""
    kinds = [INTEGER, ("float32", "float64"), COMPLEX]
    own = next(
        (
            n
            for n, kind in enumerate([INTEGER + BOOLEAN, ("float16", "float32", "float64"), COMPLEX])
            if dtype in kind
        )
    )
    if draw(st.integers(0, 2)) < 2:
        return {}
    pool = tuple(name for kind in kinds[own : own + 2] for name in kind)
    return {"dtype": dtype_of(draw(dtypes(pool)))}


def _count(case: Case) -> int:
    x = case.args[0]
    asked = case.kwargs.get("axis")
    if asked is None:
        return int(x.size)
    chosen = asked if isinstance(asked, tuple) else (asked,)
    return int(np.prod([x.shape[a] for a in chosen], dtype=int))


def _sizes(x: Array) -> Array:
    """Give the finite magnitudes, in float64."""
    wide = x.astype(np.complex128 if x.dtype.kind == "c" else np.float64)
    sizes: Array = np.abs(np.where(np.isfinite(wide), wide, 0))
    return sizes


def _eps(expected: Array) -> float:
    return float(np.finfo(expected.dtype).eps)


def _sum_bound(case: Case, expected: Array) -> Any:
    # n * eps * sum(abs(x)) on each side.
    summed = np.sum(
        _sizes(case.args[0]), axis=case.kwargs.get("axis"), keepdims=case.kwargs.get("keepdims", False)
    )
    return 2 * (_count(case) + 1) * _eps(expected) * summed


def _mean_bound(case: Case, expected: Array) -> Any:
    return _sum_bound(case, expected) / max(_count(case), 1)


def _prod_bound(case: Case, expected: Array) -> Any:
    # n * eps on each side; a complex product has four roundings in place of one.
    roundings = 4 if expected.dtype.kind == "c" else 1
    return 2 * roundings * (_count(case) + 1) * _eps(expected) * _sizes(expected)


@column("sum", check=within(_sum_bound))
def total(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes(NUMERIC))
    x = draw(arrays(dtype, draw(shapes()), _elements(dtype)))
    return Case((x,), {"axis": draw(axes(x.ndim)), **draw(keep()), **draw(accumulated(dtype))})


@column("prod", check=within(_prod_bound))
def product(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes(NUMERIC))
    x = draw(arrays(dtype, draw(shapes()), _elements(dtype, most=2)))
    return Case((x,), {"axis": draw(axes(x.ndim)), **draw(keep()), **draw(accumulated(dtype))})


@column("mean", check=within(_mean_bound))
def mean(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes(NUMERIC + BOOLEAN))
    x = draw(arrays(dtype, draw(shapes()), _elements(dtype)))
    return Case((x,), {"axis": draw(axes(x.ndim)), **draw(keep())})


def _var_bound(case: Case, expected: Array) -> Any:
    """Work out the bound of the spec for the variance, twice: once for each side."""
    x = case.args[0].astype(np.float64)
    finite = np.where(np.isfinite(x), x, 0)
    asked, kept = case.kwargs.get("axis"), case.kwargs.get("keepdims", False)
    count, left = _count(case), _count(case) - case.kwargs.get("correction", 0.0)
    if left <= 0:
        return 0.0
    eps = _eps(expected)
    exactly = np.var(finite, axis=asked, keepdims=kept) * count / left
    squares = np.sum(finite**2, axis=asked, keepdims=kept)
    return 2 * (count + 4) * eps * (exactly + count * eps * squares / left)


def _spread_check(spec: Spec, case: Case, expected: Array, got: Array) -> None:
    if spec.name == "std":
        expected, got = (np.square(v.astype(np.float64)).astype(v.dtype) for v in (expected, got))
    within(_var_bound)(spec, case, expected, got)


@column("std", "var", check=_spread_check)
def spread(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes(REAL + BOOLEAN))
    values = _elements(dtype) if dtype not in INTEGER else st.integers(0, 100)
    x = draw(arrays(dtype, draw(shapes()), values))
    asked: dict[str, Any] = draw(
        st.sampled_from(
            [{}, {"correction": 1}, {"correction": 0.0}, {"correction": 1.5}, {"correction": 2.0}]
        )
    )
    return Case((x,), {"axis": draw(axes(x.ndim)), **draw(keep()), **asked})


# The sign of a zero that is picked out of several is left open.
@column("max", "min", check=exact(zeros=False))
def extreme(draw: DrawFn, spec: Spec) -> Case:
    x = draw(arrays(draw(dtypes(REAL)), draw(shapes(empty=False))))
    return Case((x,), {"axis": draw(axes(x.ndim)), **draw(keep())})


def _cumulative_sum_bound(case: Case, expected: Array) -> Array:
    along = case.kwargs.get("axis", 0)
    sizes = _sizes(case.args[0])
    if case.kwargs.get("include_initial"):
        sizes = np.concatenate([np.zeros(_one(sizes, along)), sizes], axis=along)
    bound: Array = 2 * (sizes.shape[along] + 1) * _eps(expected) * np.cumsum(sizes, axis=along)
    return bound


def _one(x: Array, along: int) -> tuple[int, ...]:
    return tuple(1 if a == along % x.ndim else n for a, n in enumerate(x.shape))


def _cumulative_prod_bound(case: Case, expected: Array) -> Array:
    count = expected.shape[case.kwargs.get("axis", 0)]
    roundings = 4 if expected.dtype.kind == "c" else 1
    bound: Array = 2 * roundings * (count + 1) * _eps(expected) * _sizes(expected)
    return bound


@st.composite
def running(draw: DrawFn, most: int) -> Case:
    dtype = draw(dtypes(NUMERIC))
    x = draw(arrays(dtype, draw(shapes(1)), _elements(dtype, most=most)))
    asked: dict[str, Any] = (
        {} if x.ndim == 1 and draw(st.booleans()) else {"axis": draw(st.integers(-x.ndim, x.ndim - 1))}
    )
    initial = draw(st.sampled_from([{}, {"include_initial": True}, {"include_initial": False}]))
    return Case((x,), {**asked, **initial, **draw(accumulated(dtype))})


@column("cumulative_sum", check=within(_cumulative_sum_bound))
def cumulative_sum(draw: DrawFn, spec: Spec) -> Case:
    return draw(running(8))


@column("cumulative_prod", check=within(_cumulative_prod_bound))
def cumulative_prod(draw: DrawFn, spec: Spec) -> Case:
    return draw(running(2))
