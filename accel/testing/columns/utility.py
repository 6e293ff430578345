"""Columns of the utility functions."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
from hypothesis.strategies import DrawFn

from accel.dispatch import Spec
from accel.testing.cases import Case
from accel.testing.columns.searching import keep
from accel.testing.columns.table import column
from accel.testing.strategies import ANY, NUMERIC, arrays, axes, axis, dtypes, shapes


@column("all", "any")
def test(draw: DrawFn, spec: Spec) -> Case:
    x = draw(arrays(draw(dtypes(ANY)), draw(shapes())))
    return Case((x,), {"axis": draw(axes(x.ndim)), **draw(keep())})


@column("diff")
def diff(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes(NUMERIC))
    x = draw(arrays(dtype, draw(shapes(1))))
    along = draw(axis(x.ndim))
    asked: dict[str, Any] = {"axis": along} if along not in (-1, x.ndim - 1) or draw(st.booleans()) else {}
    if draw(st.booleans()):
        asked["n"] = draw(st.integers(0, 3))
    for name in ("prepend", "append"):
        if draw(st.integers(0, 2)) == 2:
            shape = list(x.shape)
            shape[along] = draw(st.integers(0, 2))
            asked[name] = draw(arrays(dtype, tuple(shape)))
    return Case((x,), asked)
