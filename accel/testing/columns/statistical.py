"""Columns of the statistical functions."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
import numpy.typing as npt
from hypothesis.strategies import DrawFn, SearchStrategy

from accel.dispatch import Spec
from accel.testing.agreement import exact
from accel.testing.cases import Case
from accel.testing.columns.searching import keep
from accel.testing.columns.table import column
from accel.testing.condition import conditioned
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


@column("sum", check=conditioned)
def total(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes(NUMERIC))
    x = draw(arrays(dtype, draw(shapes()), _elements(dtype)))
    return Case((x,), {"axis": draw(axes(x.ndim)), **draw(keep()), **draw(accumulated(dtype))})


@column("prod", check=conditioned)
def product(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes(NUMERIC))
    x = draw(arrays(dtype, draw(shapes()), _elements(dtype, most=2)))
    return Case((x,), {"axis": draw(axes(x.ndim)), **draw(keep()), **draw(accumulated(dtype))})


@column("mean", check=conditioned)
def mean(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes(NUMERIC + BOOLEAN))
    x = draw(arrays(dtype, draw(shapes()), _elements(dtype)))
    return Case((x,), {"axis": draw(axes(x.ndim)), **draw(keep())})


def _spread_check(spec: Spec, case: Case, expected: Array, got: Array) -> None:
    if spec.name == "std":
        expected, got = (np.square(v.astype(np.float64)).astype(v.dtype) for v in (expected, got))
    conditioned(spec, case, expected, got)


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


@st.composite
def running(draw: DrawFn, most: int) -> Case:
    dtype = draw(dtypes(NUMERIC))
    x = draw(arrays(dtype, draw(shapes(1)), _elements(dtype, most=most)))
    asked: dict[str, Any] = (
        {} if x.ndim == 1 and draw(st.booleans()) else {"axis": draw(st.integers(-x.ndim, x.ndim - 1))}
    )
    initial = draw(st.sampled_from([{}, {"include_initial": True}, {"include_initial": False}]))
    return Case((x,), {**asked, **initial, **draw(accumulated(dtype))})


@column("cumulative_sum", check=conditioned)
def cumulative_sum(draw: DrawFn, spec: Spec) -> Case:
    return draw(running(8))


@column("cumulative_prod", check=conditioned)
def cumulative_prod(draw: DrawFn, spec: Spec) -> Case:
    return draw(running(2))
