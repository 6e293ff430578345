"""Columns of the indexing functions; positions are within bounds, others are left open by the specs."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis.strategies import DrawFn

from accel.dispatch import Spec
from accel.testing.cases import Case
from accel.testing.columns.table import column
from accel.testing.strategies import ANY, arrays, axis, dtypes, shapes

INDICES = ("int64", "int64", "int32", "uint8")


@column("take")
def take(draw: DrawFn, spec: Spec) -> Case:
    x = draw(arrays(draw(dtypes(ANY)), draw(shapes(1, empty=False))))
    along = draw(axis(x.ndim))
    length = x.shape[along]
    dtype = draw(st.sampled_from(INDICES))
    least = 0 if dtype == "uint8" else -length
    count = draw(st.sampled_from([0, 1, 3, 7]))
    where = draw(arrays(dtype, (count,), st.integers(least, length - 1)))
    given = {} if x.ndim == 1 and draw(st.booleans()) else {"axis": along}
    return Case((x, where), given)


@column("take_along_axis")
def take_along_axis(draw: DrawFn, spec: Spec) -> Case:
    x = draw(arrays(draw(dtypes(ANY)), draw(shapes(1, empty=False))))
    along = draw(axis(x.ndim))
    length = x.shape[along]
    shape = list(x.shape)
    shape[along] = draw(st.integers(0, 4))
    if x.ndim > 1 and draw(st.booleans()):
        shape[(along + 1) % x.ndim] = 1  # broadcasts
    where = draw(arrays("int64", tuple(shape), st.integers(-length, length - 1)))
    return Case((x, where), {} if along in (-1, x.ndim - 1) and draw(st.booleans()) else {"axis": along})
