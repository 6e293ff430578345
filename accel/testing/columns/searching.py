"""Columns of the searching functions."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn

from accel.dispatch import Spec
from accel.testing.cases import Case
from accel.testing.columns.table import column
from accel.testing.strategies import (
    ANY,
    REAL,
    arrays,
    axes,
    broadcastable,
    companions,
    dtypes,
    scalars,
    shapes,
)


@st.composite
def keep(draw: DrawFn) -> dict[str, Any]:
    """Draw a keepdims argument, or none."""
    return draw(st.sampled_from([{}, {"keepdims": True}, {"keepdims": False}]))


@column("argmax", "argmin")
def position(draw: DrawFn, spec: Spec) -> Case:
    x = draw(arrays(draw(dtypes(REAL)), draw(shapes(empty=False))))
    along = draw(axes(x.ndim, several=False))
    return Case((x,), {**({} if along is None else {"axis": along}), **draw(keep())})


@column("count_nonzero")
def count_nonzero(draw: DrawFn, spec: Spec) -> Case:
    x = draw(arrays(draw(dtypes(ANY)), draw(shapes())))
    return Case((x,), {"axis": draw(axes(x.ndim)), **draw(keep())})


@column("nonzero")
def nonzero(draw: DrawFn, spec: Spec) -> Case:
    return Case((draw(arrays(draw(dtypes(ANY)), draw(shapes(1)))),))


@column("searchsorted")
def searchsorted(draw: DrawFn, spec: Spec) -> Case:
    one, two = draw(companions(REAL))
    x = draw(arrays(one, (draw(st.sampled_from([0, 1, 5, 5])),)))
    asked: dict[str, Any] = draw(st.sampled_from([{}, {"side": "left"}, {"side": "right"}]))
    order = np.argsort(x, stable=True)
    if draw(st.integers(0, 3)) == 3:
        asked = {**asked, "sorter": order}
    else:
        x = x[order]
    if draw(st.integers(0, 3)) == 3:
        return Case((x, draw(scalars(one))), asked)
    sought = draw(arrays(two, draw(shapes())))
    if one == two and x.size and draw(st.booleans()):
        sought = np.where(draw(arrays("bool", sought.shape)), x[draw(st.integers(0, x.size - 1))], sought)
    return Case((x, sought), asked)


@column("where")
def where(draw: DrawFn, spec: Spec) -> Case:
    one, two = draw(companions(ANY))
    condition, first, second = draw(broadcastable(3))
    x1: Any = draw(arrays(one, first))
    x2: Any = draw(arrays(two, second))
    kind = draw(st.integers(0, 4))
    if kind == 3:
        x1 = draw(scalars(two))
    if kind == 4:
        x2 = draw(scalars(one))
    return Case((draw(arrays("bool", condition)), x1, x2))
