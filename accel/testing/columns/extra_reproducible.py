"""Columns of the reproducible sums."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn

from accel.dispatch import Spec
from accel.errors import ArgumentError, AxisError, DTypeError, ShapeError
from accel.testing.cases import Case
from accel.testing.columns.table import column
from accel.testing.strategies import arrays, axes, dtypes, tame, wild

X = np.asarray([[1e16, 1.0, -1e16], [0.1, 0.2, 0.3]])


@column(
    "extra.reproducible_sum",
    example=lambda: Case((X,)),
    refuses=lambda: [
        ("integers", Case((np.asarray([1, 2]),)), DTypeError),
        ("complex", Case((X * 1j,)), DTypeError),
        ("axis too large", Case((X,), {"axis": 2}), AxisError),
        ("axis twice", Case((X,), {"axis": (0, -2)}), ArgumentError),
        ("axis half", Case((X,), {"axis": 0.5}), ArgumentError),
    ],
)
def reproducible_sum(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes("real floating-point"))
    shape = draw(st.sampled_from([(), (0,), (1,), (7,), (33,), (3, 5), (2, 0, 3)]))
    values = tame(dtype, least=2**-7) if draw(st.booleans()) else wild(dtype, finite=draw(st.booleans()))
    x = draw(arrays(dtype, shape, values))
    asked: dict[str, Any] = {"axis": draw(axes(x.ndim)), "keepdims": draw(st.booleans())}
    return Case((x,), {} if draw(st.booleans()) else asked)


@column(
    "extra.reproducible_vecdot",
    example=lambda: Case((X, X)),
    refuses=lambda: [
        ("integers", Case((np.asarray([1, 2]), np.asarray([1, 2]))), DTypeError),
        ("two dtypes", Case((X, X.astype("float32"))), DTypeError),
        ("lengths", Case((X, X[:, :2])), ShapeError),
        ("stacks", Case((np.ones((2, 3)), np.ones((4, 3)))), ShapeError),
        ("no axis", Case((np.asarray(1.0), np.asarray(1.0))), ShapeError),
        ("axis too small", Case((X, X), {"axis": -3}), AxisError),
        ("axis from the first", Case((X, X), {"axis": 0}), AxisError),
    ],
)
def reproducible_vecdot(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes("real floating-point"))
    values = tame(dtype, least=2**-7) if draw(st.booleans()) else wild(dtype, finite=True)
    one, two = draw(st.sampled_from([((5,), (5,)), ((0,), (0,)), ((2, 9), (9,)), ((2, 1, 4), (3, 4))]))
    return Case((draw(arrays(dtype, one, values)), draw(arrays(dtype, two, values))))
