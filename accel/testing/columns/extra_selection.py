"""Columns of `accel.extra.selection`."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn

import accel as xp
from accel.dispatch import Spec
from accel.errors import ArgumentError, AxisError, DTypeError, ShapeError, UnknownArrayError
from accel.testing.agreement import exact
from accel.testing.cases import Case
from accel.testing.columns.table import Refusal, column
from accel.testing.condition import Array
from accel.testing.strategies import (
    ANY,
    COMPLEX,
    REAL,
    REAL_FLOATING,
    arrays,
    axis,
    broadcastable,
    dtypes,
    scalars,
    shapes,
    tame,
    wild,
)

X = np.asarray([[0.5, -1.0, 3.0], [2.0, 0.0, 1.0]])
MASK = np.asarray([[True, False, True], [False, False, True]])

UNORDERED: list[Refusal] = [
    ("complex", Case((X + 1j, 1)), DTypeError),
    ("booleans", Case((MASK, 1)), DTypeError),
    ("no axis", Case((np.asarray(1.0), 0)), ShapeError),
    ("axis too large", Case((X, 1), {"axis": 2}), AxisError),
    ("half an element", Case((X, 0.5)), ArgumentError),
]


@st.composite
def _values(draw: DrawFn, least: int) -> Array:
    """Draw an array with an order; many elements are equal in some."""
    dtype = draw(dtypes((*REAL, "bfloat16")))
    found: Array = draw(
        arrays(dtype, draw(shapes(least)), tame(dtype, most=2) if draw(st.booleans()) else wild(dtype))
    )
    return found


@column(
    "extra.topk",
    example=lambda: Case((X, 2)),
    refuses=lambda: [
        *UNORDERED,
        ("more than there are", Case((X, 4)), ShapeError),
        ("negative number", Case((X, -1)), ShapeError),
    ],
)
def largest(draw: DrawFn, spec: Spec) -> Case:
    x = draw(_values(1))
    a = draw(axis(x.ndim))
    k = min(x.shape[a], draw(st.sampled_from([2, 1, 3, 7, 0])))
    return Case((x, k), {"axis": a, **draw(st.sampled_from([{}, {"largest": False}]))})


def _divided(spec: Spec, case: Case, expected: Array, got: Array) -> None:
    """Compare the element in the place, and those on each side of it in order, in which the order is left open."""
    x, kth = case.args
    along = case.kwargs.get("axis", -1)
    if spec.name == "extra.argpartition":
        every = np.broadcast_to(
            np.arange(x.shape[along]).reshape(-1, *(1,) * (x.ndim - 1 - along % x.ndim)), x.shape
        )
        exact()(spec, case, every, np.sort(got, axis=along))
        expected, got = (np.take_along_axis(x, order, along) for order in (expected, got))
    kth %= x.shape[along]
    for part in (slice(0, kth), slice(kth, kth + 1), slice(kth + 1, None)):
        cut = (slice(None),) * (along % x.ndim) + (part,)
        one, two = (
            np.sort(side[cut].astype(np.float64 if x.dtype.kind in "fV" else x.dtype), axis=along)
            for side in (expected, got)
        )
        exact(zeros=False)(spec, case, one, two)


@column(
    "extra.argpartition",
    "extra.partition",
    check=_divided,
    example=lambda: Case((X, 1)),
    refuses=lambda: [
        *UNORDERED,
        ("place beyond the axis", Case((X, 3)), ShapeError),
        ("place before the axis", Case((X, -4)), ShapeError),
    ],
)
def divided(draw: DrawFn, spec: Spec) -> Case:
    x = draw(_values(1).filter(lambda x: any(x.shape)))
    a = draw(axis(x.ndim).filter(lambda a: x.shape[a] > 0))
    return Case((x, draw(st.integers(-x.shape[a], x.shape[a] - 1))), {"axis": a})


SIZES = st.sampled_from([None, 2, 0, 5])


@column(
    "extra.argwhere",
    "extra.nonzero",
    example=lambda: Case((X,), {"size": 4}),
    refuses=lambda: [
        ("negative size", Case((X,), {"size": -1}), ShapeError),
        ("half a size", Case((X,), {"size": 0.5}), ArgumentError),
        ("half a filling", Case((X,), {"size": 2, "fill_value": 0.5}), ArgumentError),
        ("no axis", Case((np.asarray(1.0),), {"size": 2}), ShapeError),
    ],
)
def nonzero(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes((*ANY, "bfloat16")))
    values = tame(dtype, most=1) if draw(st.booleans()) else wild(dtype)
    options = {"size": draw(SIZES)}
    if draw(st.booleans()):
        options["fill_value"] = draw(st.sampled_from([-1, 9]))
    return Case((draw(arrays(dtype, draw(shapes(1)), values)),), options)


# Which of two zeros stands for both is left open.
@column(
    "extra.unique_all",
    "extra.unique_counts",
    "extra.unique_inverse",
    "extra.unique_values",
    check=exact(zeros=False),
    example=lambda: Case((X,), {"size": 4}),
    refuses=lambda: [
        ("negative size", Case((X,), {"size": -1}), ShapeError),
        ("half a size", Case((X,), {"size": 0.5}), ArgumentError),
        ("float among integers", Case((np.asarray([1, 2]),), {"size": 3, "fill_value": 0.5}), DTypeError),
        ("text for a filling", Case((X,), {"size": 2, "fill_value": "0"}), ArgumentError),
    ],
)
def unique(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes(ANY))
    values = tame(dtype, most=2) if dtype in COMPLEX or draw(st.booleans()) else wild(dtype)
    size = draw(SIZES)
    options: dict[str, Any] = {"size": size}
    if size is not None and draw(st.booleans()):
        options["fill_value"] = draw(scalars(dtype))
    return Case((draw(arrays(dtype, draw(shapes()), values)),), options)


def root(x: Any) -> Any:
    return xp.sqrt(x)


def ratio(x: Any, y: Any) -> Any:
    return xp.divide(x, y)


def negative(x: Any) -> Any:
    return xp.negative(x)


def difference(x: Any, y: Any) -> Any:
    return xp.subtract(x, y)


def first(x: Any) -> Any:
    return x[:1]


@column(
    "extra.apply_where",
    example=lambda: Case((MASK, X, root), {"fill_value": 0.0}),
    refuses=lambda: [
        ("condition of numbers", Case((X, X, root), {"fill_value": 0.0}), DTypeError),
        ("no function", Case((MASK, X, 1.0), {"fill_value": 0.0}), ArgumentError),
        ("nothing for the rest", Case((MASK, X, root)), ArgumentError),
        ("both for the rest", Case((MASK, X, root, root), {"fill_value": 0.0}), ArgumentError),
        ("list of numbers", Case((MASK, ([1.0, 2.0],), root), {"fill_value": 0.0}), UnknownArrayError),
        ("no arguments", Case((MASK, (), root), {"fill_value": 0.0}), ArgumentError),
        ("shapes that do not fit", Case((MASK, np.ones(4), root), {"fill_value": 0.0}), ShapeError),
        ("function that drops elements", Case((MASK, X, first), {"fill_value": 0.0}), ShapeError),
    ],
)
def applied(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes((*REAL_FLOATING, "bfloat16")))
    mask, one, two = draw(broadcastable(3))
    cond = draw(arrays("bool", mask))
    x, y = draw(arrays(dtype, one, tame(dtype))), draw(arrays(dtype, two, tame(dtype)))
    kind = draw(st.integers(0, 3))
    if kind == 0:
        return Case((cond, x, root), {"fill_value": draw(st.sampled_from([0.0, 1]))})
    if kind == 1:
        return Case((cond, (x, y), ratio), {"fill_value": draw(arrays(dtype, ()))})
    if kind == 2:
        return Case((cond, (x,), root, negative))
    return Case((cond, (x, y), ratio, difference))
