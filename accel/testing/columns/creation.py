"""Columns of the creation functions."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
import numpy.typing as npt
from hypothesis import assume
from hypothesis.strategies import DrawFn

from accel.dispatch import Spec
from accel.testing.agreement import near
from accel.testing.cases import Case
from accel.testing.columns.table import column
from accel.testing.strategies import (
    ANY,
    BOOLEAN,
    COMPLEX,
    INTEGER,
    NUMERIC,
    REAL_FLOATING,
    arrays,
    dtype_of,
    dtypes,
    shapes,
    wild,
)

Array = npt.NDArray[Any]


@st.composite
def options(draw: DrawFn, pool: tuple[str, ...] = ANY) -> dict[str, Any]:
    """Draw a dtype argument, or none."""
    name = draw(st.one_of(st.none(), dtypes(pool)))
    return {} if name is None else {"dtype": dtype_of(name)}


def no_values(spec: Spec, case: Case, expected: Any, got: Any) -> None:
    """Accept any values."""


@column("empty", check=no_values)
def empty(draw: DrawFn, spec: Spec) -> Case:
    return filled(draw, spec)


@column("zeros", "ones")
def filled(draw: DrawFn, spec: Spec) -> Case:
    shape = draw(shapes())
    asked: Any = shape[0] if len(shape) == 1 and draw(st.booleans()) else shape
    return Case((asked,), draw(options()))


@column("empty_like", check=no_values)
def empty_like(draw: DrawFn, spec: Spec) -> Case:
    return filled_like(draw, spec)


@column("zeros_like", "ones_like")
def filled_like(draw: DrawFn, spec: Spec) -> Case:
    return Case((draw(arrays(draw(dtypes(ANY)), draw(shapes()))),), draw(options()))


@st.composite
def fills(draw: DrawFn) -> tuple[Any, dict[str, Any]]:
    """Draw a fill value and a dtype of its kind or above, or none."""
    kind = draw(st.sampled_from(["bool", "int64", "float32", "complex64"]))
    value = draw(wild(kind))
    above = {"bool": ANY, "int64": NUMERIC, "float32": REAL_FLOATING[1:] + COMPLEX, "complex64": COMPLEX}[
        kind
    ]
    asked = draw(st.one_of(st.none(), dtypes(above)))
    if asked is None:
        return value, {}
    if asked in INTEGER and kind == "int64":
        value = draw(wild(asked))
    if asked == "float16":
        value = draw(st.integers(-9, 9)) if kind == "int64" else value
    return value, {"dtype": dtype_of(asked)}


@column("full")
def full(draw: DrawFn, spec: Spec) -> Case:
    value, asked = draw(fills())
    return Case((draw(shapes()), value), asked)


@column("full_like")
def full_like(draw: DrawFn, spec: Spec) -> Case:
    value, asked = draw(fills())
    own = (
        asked["dtype"].name
        if asked
        else {bool: "bool", int: "int64", float: "float64", complex: "complex128"}[type(value)]
    )
    keep = draw(st.booleans())
    x = draw(arrays(own if keep or not asked else draw(dtypes(ANY)), draw(shapes())))
    return Case((x, value), {} if keep else asked)


@column("eye")
def eye(draw: DrawFn, spec: Spec) -> Case:
    size = st.integers(0, 4)
    columns = draw(st.one_of(st.none(), size))
    args = (draw(size),) if columns is None else (draw(size), columns)
    return Case(args, {"k": draw(st.integers(-5, 5)), **draw(options())})


@column("arange")
def arange(draw: DrawFn, spec: Spec) -> Case:
    whole = draw(st.booleans())
    number: Any = st.integers(-20, 20) if whole else st.floats(-20, 20, width=16).map(lambda x: round(x, 3))
    start, stop = draw(number), draw(st.one_of(st.none(), number))
    if stop is None:
        assume(abs(start) <= 40)
        return Case(
            (start,), draw(options(NUMERIC if whole else REAL_FLOATING)) if start >= 0 or not whole else {}
        )
    step = draw(st.sampled_from([1, -1, 3, -2] if whole else [1.0, 0.1, -0.1, 0.7, -3.5, 1]))
    pool = NUMERIC if whole and min(start, stop) >= 0 else REAL_FLOATING + ("int64", "int32") * whole
    asked = draw(options(tuple(p for p in pool if p not in COMPLEX)))
    return Case((start, stop, step) if draw(st.booleans()) else (start, stop), asked)


def _linspace_check(spec: Spec, case: Case, expected: Array, got: Array) -> None:
    start, stop = case.args[0], case.args[1]
    eps = float(np.finfo(expected.dtype).eps)
    near(expected, got, 2 * spec.ulp * eps * max(abs(start), abs(stop)))
    if expected.size:
        assert got[0] == expected.dtype.type(start), f"the first number is {got[0]!r}, not {start!r}"
    if expected.size > 1 and case.kwargs.get("endpoint", True):
        assert got[-1] == expected.dtype.type(stop), f"the last number is {got[-1]!r}, not {stop!r}"


@column("linspace", check=_linspace_check)
def linspace(draw: DrawFn, spec: Spec) -> Case:
    asked = draw(options(REAL_FLOATING[1:] + COMPLEX))
    number: Any = st.one_of(st.integers(-100, 100), st.floats(-1e3, 1e3, width=32))
    if (asked and asked["dtype"].name in COMPLEX) or (draw(st.integers(0, 5)) == 5 and not asked):
        number = st.builds(complex, st.floats(-1e3, 1e3, width=32), st.floats(-1e3, 1e3, width=32))
    if draw(st.booleans()):
        asked["endpoint"] = draw(st.booleans())
    return Case((draw(number), draw(number), draw(st.integers(0, 9))), asked)


@column("meshgrid")
def meshgrid(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes(NUMERIC))
    count = draw(st.integers(1, 3))
    given = tuple(draw(arrays(dtype, (draw(st.integers(0, 3)),))) for _ in range(count))
    return Case(given, draw(st.sampled_from([{}, {"indexing": "xy"}, {"indexing": "ij"}])))


@column("tril", "triu")
def triangle(draw: DrawFn, spec: Spec) -> Case:
    x = draw(arrays(draw(dtypes(ANY)), draw(shapes(2))))
    return Case((x,), draw(st.sampled_from([{}, {"k": 0}, {"k": 1}, {"k": -1}, {"k": 3}, {"k": -4}])))


def _nested(x: Array, how: int) -> Any:
    if how == 0 or x.ndim == 0:
        return x.tolist()
    return tuple(x.tolist()) if how == 1 else x.tolist()


@column("asarray")
def asarray(draw: DrawFn, spec: Spec) -> Case:
    if draw(st.booleans()):
        dtype = draw(dtypes(ANY))
        asked: dict[str, Any] = draw(
            st.sampled_from([{}, {"copy": True}, {"copy": None}, {"dtype": dtype_of(dtype)}])
        )
        return Case((draw(arrays(dtype, draw(shapes()))),), asked)
    dtype = draw(dtypes(("bool", "int64", "float64", "complex128")))
    values = _nested(draw(arrays(dtype, draw(shapes(most=3)))), draw(st.integers(0, 2)))
    above = {"bool": BOOLEAN, "int64": ("int64",), "float64": ("float64", "float32"), "complex128": COMPLEX}[
        dtype
    ]
    return Case((values,), draw(st.sampled_from([{}, *({"dtype": dtype_of(name)} for name in above)])))


@column("from_dlpack")
def from_dlpack(draw: DrawFn, spec: Spec) -> Case:
    x = draw(arrays(draw(dtypes(ANY)), draw(shapes())))
    return Case((x,), draw(st.sampled_from([{}, {"copy": None}, {"copy": True}])))
