"""Columns of the functions that make probabilities of scores."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
from hypothesis import assume
from hypothesis.strategies import DrawFn

from accel.dispatch import Spec
from accel.errors import ArgumentError, AxisError, DTypeError, ShapeError
from accel.testing.cases import Case
from accel.testing.columns.table import column
from accel.testing.condition import Array, conditioned, wide
from accel.testing.strategies import arrays, dtypes, shapes, tame, wild

X = np.asarray([[0.5, -1.0], [2.0, 0.0]])


def _widths(case: Case, y: Array) -> dict[str, Any]:
    """Give the words of the formulas: how many elements there are along the axes, and how far the finite ones lie apart."""
    x = wide(case.args[0])
    along = case.kwargs.get("axis", -1)
    if x.size == 0:
        return {"n": 0, "width": 0.0, "y": np.abs(wide(y))}
    n = x.size / np.max(x, axis=along, keepdims=True).size
    return {
        "n": n,
        "width": np.max(x, axis=along, keepdims=True) - np.min(x, axis=along, keepdims=True),
        "y": np.abs(wide(y)),
    }


@column(
    "nn.log_softmax",
    "nn.softmax",
    check=conditioned,
    words=_widths,
    example=lambda: Case((X,)),
    refuses=lambda: [
        ("integers", Case((np.asarray([1, 2]),)), DTypeError),
        ("mask of numbers", Case((X,), {"where": X}), DTypeError),
        ("mask of another shape", Case((X,), {"where": X[:, :1, None] > 0}), ShapeError),
        ("no elements", Case((X[:, :0],)), ShapeError),
        ("axis too large", Case((X,), {"axis": 2}), AxisError),
        ("axis twice", Case((X,), {"axis": (0, -2)}), ArgumentError),
    ],
)
def probabilities(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes("real floating-point"))
    x = draw(arrays(dtype, draw(shapes(1)), tame(dtype) if draw(st.booleans()) else wild(dtype)))
    single = [a for a in range(-x.ndim, x.ndim) if x.shape[a]]
    several = [None, (-1, 0)] if x.size and x.ndim > 1 else [None] if x.size else []
    assume(single)
    along = draw(st.sampled_from([*single, *single, *several]))
    asked: dict[str, Any] = {} if along == -1 and draw(st.booleans()) else {"axis": along}
    if draw(st.booleans()):
        shape = tuple(1 if draw(st.integers(0, 3)) == 0 else n for n in x.shape)
        asked["where"] = draw(arrays("bool", shape))
    return Case((x,), asked)
