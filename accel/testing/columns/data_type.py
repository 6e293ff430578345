"""Columns of the functions about dtypes."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
from hypothesis import assume
from hypothesis.strategies import DrawFn

import accel
from accel.dispatch import Spec
from accel.dtype import KINDS
from accel.testing.cases import Case
from accel.testing.columns.table import column
from accel.testing.strategies import (
    ANY,
    COMPLEX,
    FLOATING,
    INTEGER,
    arrays,
    companions,
    dtype_of,
    dtypes,
    scalars,
    shapes,
)


@column("astype")
def astype(draw: DrawFn, spec: Spec) -> Case:
    one, two = draw(dtypes(ANY)), draw(dtypes(ANY))
    assume(one not in COMPLEX or two in (*COMPLEX, "bool"))
    x = draw(arrays(one, draw(shapes())))
    return Case((x, dtype_of(two)), draw(st.sampled_from([{}, {"copy": True}, {"copy": False}])))


@st.composite
def array_or_dtype(draw: DrawFn, name: str) -> Any:
    """Draw an array of a dtype, or the dtype."""
    return draw(arrays(name, draw(shapes()))) if draw(st.booleans()) else dtype_of(name)


@column("can_cast")
def can_cast(draw: DrawFn, spec: Spec) -> Case:
    one, two = draw(dtypes(ANY)), draw(dtypes(ANY))
    return Case((draw(array_or_dtype(one)), dtype_of(two)))


def _facts(info: Any) -> dict[str, Any]:
    names = ("bits", "eps", "max", "min", "smallest_normal", "dtype")
    found = {name: getattr(info, name) for name in names if hasattr(info, name)}
    return {name: np.dtype(value).name if name == "dtype" else value for name, value in found.items()}


@column("finfo", seen=_facts)
def finfo(draw: DrawFn, spec: Spec) -> Case:
    return Case((draw(array_or_dtype(draw(dtypes(FLOATING)))),))


@column("iinfo", seen=_facts)
def iinfo(draw: DrawFn, spec: Spec) -> Case:
    return Case((draw(array_or_dtype(draw(dtypes(INTEGER)))),))


@column("isdtype")
def isdtype(draw: DrawFn, spec: Spec) -> Case:
    kind = st.one_of(st.sampled_from(KINDS), dtypes(ANY).map(dtype_of))
    asked = draw(st.one_of(kind, st.lists(kind, min_size=1, max_size=3).map(tuple)))
    return Case((dtype_of(draw(dtypes(ANY))), asked))


def _name(dtype: Any) -> str:
    return str(dtype) if isinstance(dtype, type(accel.float32)) else str(np.dtype(dtype).name)


@column("result_type", seen=_name)
def result_type(draw: DrawFn, spec: Spec) -> Case:
    one, two = draw(st.one_of(companions(ANY), st.tuples(dtypes(ANY), dtypes(ANY))))
    given = [draw(array_or_dtype(one))]
    if draw(st.booleans()):
        given.append(draw(array_or_dtype(two)))
    if draw(st.booleans()):
        given.append(draw(scalars(one)))
    return Case(tuple(draw(st.permutations(given))))
