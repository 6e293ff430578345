"""Columns of `accel.extra.updating`."""

from __future__ import annotations

import math
from typing import Any

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn

from accel.dispatch import Spec
from accel.errors import ArgumentError, DTypeError, OutOfBoundsError, ShapeError, UnknownArrayError
from accel.extra.index import items, places, shape_of
from accel.extra.updating import OPERATIONS
from accel.testing.cases import Case
from accel.testing.columns.linear_algebra import factors
from accel.testing.columns.table import Refusal, column
from accel.testing.condition import Array, conditioned
from accel.testing.strategies import (
    ANY,
    COMPLEX,
    INTEGER,
    NUMERIC,
    REAL_FLOATING,
    arrays,
    dtypes,
    scalars,
    shapes,
    wild,
)

X = np.asarray([[0.5, -1.0, 3.0], [2.0, 0.0, 1.0]])
INTS = np.asarray([1, 2, 3])
AT = np.asarray([1, 0, 1])


def _index(*values: Any) -> list[Refusal]:
    """List wrong indices, of calls with some arguments behind the index."""
    return [
        ("too many axes", Case((X, (0, 0, 0), *values)), ShapeError),
        ("number out of bounds", Case((X, 2, *values)), OutOfBoundsError),
        ("negative number out of bounds", Case((X, (0, -4), *values)), OutOfBoundsError),
        ("half a position", Case((X, 0.5, *values)), ArgumentError),
        ("truth", Case((X, True, *values)), ArgumentError),
        ("list", Case((X, [0, 1], *values)), UnknownArrayError),
        ("positions of numbers", Case((X, X[0], *values)), DTypeError),
        ("mask of another shape", Case((X, X[:, :2] > 0, *values)), ShapeError),
        ("arrays that do not broadcast", Case((X, (AT, AT[:2]), *values)), ShapeError),
        ("two ellipses", Case((X, (..., 0, ...), *values)), ArgumentError),
        ("slice of halves", Case((X, slice(0.5, 1), *values)), ArgumentError),
        ("slice without a step", Case((X, slice(0, 1, 0), *values)), ArgumentError),
    ]


VALUES: list[Refusal] = [
    ("values of another shape", Case((X, 0, X)), ShapeError),
    ("values that do not fit beside a mask", Case((X, X > 0, X)), ShapeError),
    ("float among integers", Case((INTS, 0, 0.5)), DTypeError),
    ("complex among floats", Case((X, 0, X[0] + 1j)), DTypeError),
    ("number out of range", Case((INTS.astype("uint8"), 0, 300)), OverflowError),
    ("text", Case((X, 0, "0")), UnknownArrayError),
]


@st.composite
def _slices(draw: DrawFn, length: int) -> slice:
    bound = st.one_of(st.none(), st.integers(-length - 1, length + 1))
    return slice(draw(bound), draw(bound), draw(st.sampled_from([None, 1, 2, -1, -2])))


@st.composite
def indices(draw: DrawFn, shape: tuple[int, ...], *, masks: bool) -> Any:
    """Draw an index: a mask, ints and slices alone, or with arrays among them; some positions are out of bounds."""
    kind = draw(st.integers(0, 5))
    if kind == 0 and masks and shape:
        axes = draw(st.integers(1, len(shape)))
        mask = draw(arrays("bool", shape[:axes]))
        return draw(st.sampled_from([mask, (mask, ...)]))
    parts: list[Any] = []
    spread = draw(st.sampled_from([(3,), (2, 2), (), (0,)]))
    for length in shape[: draw(st.integers(0, len(shape)))]:
        what = draw(st.integers(0, 4 if kind > 2 else 2))
        if what > 2:
            name = draw(st.sampled_from(["int64", "int32"]))
            near = st.integers(-length, max(length - 1, 0))
            lengths = draw(st.sampled_from([spread, spread, spread[1:], (1,) * len(spread)]))
            parts.append(draw(arrays(name, lengths, st.one_of(near, near, near, st.integers(-9, 9)))))
        elif what == 2 and length:
            parts.append(draw(st.integers(-length, length - 1)))
        else:
            parts.append(draw(_slices(length)))
    if draw(st.integers(0, 3)) == 3:
        parts.insert(draw(st.integers(0, len(parts))), None)
    if draw(st.booleans()):
        parts.insert(len(parts), ...)
    return parts[0] if len(parts) == 1 else tuple(parts)


def _picked(x: Array, index: Any) -> tuple[int, ...]:
    """Give the shape of what an index picks, wherever its positions are."""
    found = items(index, x)
    shape = shape_of(found, x.shape)
    if shape is not None:
        return shape
    mask = next(item.what for item in found if item.kind == "mask")
    return (int(np.count_nonzero(mask)), *x.shape[mask.ndim :])


@st.composite
def _new(draw: DrawFn, x: Array, index: Any, dtype: str, values: Any) -> Any:
    """Draw values of a shape that broadcasts to that of what an index picks."""
    if draw(st.integers(0, 3)) == 0 and dtype != "bfloat16" and values is None:
        return draw(scalars(dtype))
    shape = _picked(x, index)
    if draw(st.booleans()):
        shape = shape[draw(st.integers(0, len(shape))) :]
    return draw(arrays(dtype, shape, values))


def _dtype_below(draw: DrawFn, dtype: str) -> str:
    """Draw the dtype of values that fit an array: mostly its own."""
    lower = {
        "float64": ["float32", "int64"],
        "float32": ["float64", "bool"],
        "int64": ["int32"],
        "complex64": ["float64"],
    }
    return draw(st.sampled_from([dtype, dtype, dtype, *lower.get(dtype, [])]))


@column("extra.get_at", example=lambda: Case((X, (slice(None), AT))), refuses=_index)
def gotten(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes((*ANY, "bfloat16")))
    x = draw(arrays(dtype, draw(shapes(0, 3))))
    options: dict[str, Any] = {}
    if draw(st.booleans()):
        options["fill_value"] = draw(arrays(dtype, ())) if dtype == "bfloat16" else draw(scalars(dtype))
    return Case((x, draw(indices(x.shape, masks=False))), options)


@column(
    "extra.set_at", example=lambda: Case((X, (slice(None), AT), X)), refuses=lambda: [*_index(1.0), *VALUES]
)
def put(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes((*ANY, "bfloat16")))
    x = draw(arrays(dtype, draw(shapes(0, 3))))
    index = draw(indices(x.shape, masks=True))
    # A cast from wider floats may overflow; those of integers wrap.
    other = _dtype_below(draw, dtype)
    values = None if other == dtype else wild(other) if other in (*INTEGER, "bool") else factors(other)
    return Case((x, index, draw(_new(x, index, other, values))))


def _sizes(case: Case, y: Array) -> dict[str, Any]:
    """Count the values that go to each element, and give the magnitude that their rounding errors are measured by."""
    x, index, values = case.args
    by = case.kwargs.get("by", "add")
    kind: Any = np.complex128 if x.dtype.kind == "c" else np.float64
    old, new = np.abs(x.astype(kind)), np.abs(np.asarray(values).astype(kind))
    at, spread = _flat(x.shape, index, new)
    n = np.bincount(at, minlength=x.size)[: x.size].reshape(x.shape) if x.size else np.zeros(x.shape)
    size = np.abs(np.asarray(y).astype(kind))
    if by in ("add", "subtract"):
        total = old.reshape(-1).copy()
        np.add.at(total, at, spread)
        size = total.reshape(x.shape)
    if by in ("max", "min"):
        size = np.zeros(x.shape)
    return {"n": n, "size": np.where(n > 0, size, 0.0)}


def _flat(shape: tuple[int, ...], index: Any, values: Array) -> tuple[Array, Array]:
    """Give where in an array flattened an index points to, and the value that goes to each place."""
    blank = np.zeros(shape)
    found = items(index, blank)
    where = places(found, blank)
    inside = np.ones(where.flat.shape, bool) if where.inside is None else where.inside
    spread = np.broadcast_to(values, where.flat.shape)
    if math.prod(shape) == 0:
        inside = np.zeros_like(inside)
    return where.flat[inside], spread[inside]


@column(
    "extra.update_at",
    check=conditioned,
    words=_sizes,
    example=lambda: Case((X, (slice(None), AT), X)),
    refuses=lambda: [
        *_index(1.0),
        *VALUES,
        ("unknown operation", Case((X, 0, 1.0), {"by": "set"}), ArgumentError),
        ("booleans added", Case((X > 0, 0, True)), DTypeError),
        ("largest of complex numbers", Case((X + 1j, 0, 1.0), {"by": "max"}), DTypeError),
        ("integers divided", Case((INTS, 0, 2), {"by": "divide"}), DTypeError),
    ],
)
def combined(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes((*NUMERIC, "bfloat16")))
    by = draw(st.sampled_from(OPERATIONS))
    if (dtype in COMPLEX and by in ("max", "min")) or (dtype in INTEGER and by == "divide"):
        by = "multiply"
    floats = (*REAL_FLOATING, *COMPLEX, "bfloat16")
    near = (
        factors(dtype)
        if dtype in INTEGER
        else st.sampled_from([1.0, -2.0, 3.0, 0.5, 1.25])
        if dtype in floats
        else None
    )
    x = draw(arrays(dtype, draw(shapes(0, 3)), near))
    index = draw(indices(x.shape, masks=True))
    return Case((x, index, draw(_new(x, index, dtype, near))), {"by": by})
