"""Columns of quantisation and of products with quantised weights."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn

import accel
from accel.dispatch import Spec, specs
from accel.errors import ArgumentError, AxisError, DTypeError, ShapeError
from accel.testing.cases import Case
from accel.testing.columns.table import column
from accel.testing.condition import Array, Words, conditioned, wide
from accel.testing.strategies import arrays, dtypes, tame, wild

FLOATS = ("float32", "float64", "float16", "bfloat16")
X = np.asarray([[1.0, -127.0, 3.0, 0.25], [0.0, 0.5, 0.0, 2.0]])
INTEGERS = np.asarray([[1, -127, 3, 0], [0, 5, 0, 2]], dtype=np.int8)
PACKED = np.asarray([[0x18, 0xF7], [0x88, 0x3A]], dtype=np.uint8)
ROWS = np.asarray([[0.5], [2.0]])
GROUPS = np.asarray([[0.5, 1.0], [2.0, 4.0]])


@column(
    "nn.quantise_int8",
    example=lambda: Case((X,)),
    refuses=lambda: [
        ("integers", Case((INTEGERS,)), DTypeError),
        ("no elements", Case((X[:, :0],)), ShapeError),
        ("axis too large", Case((X,), {"axis": 2}), AxisError),
        ("axis twice", Case((X,), {"axis": (0, -2)}), ArgumentError),
        ("no axis", Case((X[0, 0, ...],)), ShapeError),
    ],
)
def eight_bits(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes(FLOATS))
    shape = draw(st.sampled_from([(2, 3), (7,), (2, 3, 2), (0, 3)]))
    values = draw(st.sampled_from([tame(dtype), wild(dtype, finite=True), wild(dtype)]))
    axis = draw(st.sampled_from([-1, None, 0, (0, -1)] if len(shape) > 1 and 0 not in shape else [-1]))
    asked: dict[str, Any] = {} if axis == -1 and draw(st.booleans()) else {"axis": axis}
    return Case((draw(arrays(dtype, shape, values)),), asked)


@column(
    "nn.quantise_int4",
    example=lambda: Case((X,), {"group_size": 2}),
    refuses=lambda: [
        ("integers", Case((INTEGERS,), {"group_size": 2}), DTypeError),
        ("group that does not divide", Case((X,)), ShapeError),
        ("odd length", Case((X[:, :3],), {"group_size": 2}), ShapeError),
        ("odd group", Case((X[:, :3],), {"group_size": 3}), ArgumentError),
        ("group of zero", Case((X,), {"group_size": 0}), ShapeError),
        ("group that is a float", Case((X,), {"group_size": 2.0}), ArgumentError),
        ("no elements", Case((X[:, :0],), {"group_size": 2}), ShapeError),
        ("no axis", Case((X[0, 0, ...],), {"group_size": 2}), ShapeError),
    ],
)
def four_bits(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes(FLOATS))
    shape, group = draw(st.sampled_from([((2, 4), 2), ((8,), 4), ((2, 1, 64), 32), ((0, 4), 4)]))
    values = draw(st.sampled_from([tame(dtype), wild(dtype, finite=True), wild(dtype)]))
    return Case((draw(arrays(dtype, shape, values)),), {} if group == 32 else {"group_size": group})


def _weight(draw: DrawFn, rows: int, length: int) -> tuple[Array, Array]:
    """Draw integers of one kind or the other, and their scales."""
    dtype = draw(dtypes(FLOATS))
    if draw(st.booleans()):
        values = draw(arrays("int8", (rows, length), st.integers(-127, 127)))
        return values, draw(arrays(dtype, (rows, 1), tame(dtype)))
    values = draw(arrays("uint8", (rows, length // 2), st.integers(0, 255)))
    return values, draw(arrays(dtype, (rows, length // 4), tame(dtype)))


@column(
    "nn.dequantise",
    example=lambda: Case((INTEGERS, ROWS)),
    refuses=lambda: [
        ("other integers", Case((INTEGERS.astype(np.int16), ROWS)), DTypeError),
        ("scale of integers", Case((INTEGERS, INTEGERS[:, :1])), DTypeError),
        ("dtype of integers", Case((INTEGERS, ROWS), {"dtype": accel.int32}), DTypeError),
        ("scale of fewer dimensions", Case((INTEGERS, ROWS[:, 0])), ShapeError),
        ("scale of other lengths", Case((INTEGERS, ROWS[:1].repeat(3, 0))), ShapeError),
        ("groups that do not divide", Case((PACKED, np.ones((2, 3)))), ShapeError),
        ("groups of other rows", Case((PACKED, np.ones((1, 2)))), ShapeError),
    ],
)
def numbers(draw: DrawFn, spec: Spec) -> Case:
    values, scale = _weight(draw, draw(st.sampled_from([2, 1, 0])), 8)
    asked = {"dtype": getattr(accel, draw(dtypes(FLOATS)))} if draw(st.booleans()) else {}
    return Case((values, scale), asked)


def _product(case: Case, y: Array) -> Words:
    x, values, scale = case.args
    restored = specs["nn.dequantise"].function
    return {
        "K": x.shape[-1],
        "matmul": lambda a, b: a @ b.swapaxes(-1, -2),
        "w": restored(values, wide(scale)),
        "x": wide(x),
    }


@column(
    "nn.quantised_matmul",
    check=conditioned,
    words=_product,
    example=lambda: Case((X, INTEGERS, ROWS)),
    refuses=lambda: [
        ("integers", Case((INTEGERS, INTEGERS, ROWS)), DTypeError),
        ("other integers", Case((X, INTEGERS.astype(np.int16), ROWS)), DTypeError),
        ("numbers in place of integers", Case((X, X, ROWS)), DTypeError),
        ("scale of integers", Case((X, INTEGERS, INTEGERS[:, :1])), DTypeError),
        ("rows of another length", Case((X[:, :3], INTEGERS, ROWS)), ShapeError),
        ("packed rows of another length", Case((X[:, :2], PACKED, GROUPS)), ShapeError),
        ("values of one dimension", Case((X, INTEGERS[0], ROWS)), ShapeError),
        ("scale of each column", Case((X, INTEGERS, np.ones((1, 4)))), ShapeError),
        ("groups that do not divide", Case((X, PACKED, np.ones((2, 3)))), ShapeError),
        ("number", Case((X[0, 0, ...], INTEGERS, ROWS)), ShapeError),
    ],
)
def products(draw: DrawFn, spec: Spec) -> Case:
    values, scale = _weight(draw, draw(st.sampled_from([3, 1, 0])), 8)
    dtype = draw(dtypes(FLOATS))
    shape = draw(st.sampled_from([(2, 8), (8,), (2, 1, 8), (0, 8)]))
    return Case((draw(arrays(dtype, shape, tame(dtype))), values, scale))
