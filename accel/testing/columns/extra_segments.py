"""Columns of `accel.extra.segments`."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn

from accel.dispatch import Spec
from accel.errors import ArgumentError, DTypeError, ShapeError
from accel.testing.agreement import exact
from accel.testing.cases import Case
from accel.testing.columns.table import column
from accel.testing.condition import Array, conditioned, wide
from accel.testing.strategies import (
    FLOATING,
    INTEGER,
    NUMERIC,
    REAL,
    REAL_FLOATING,
    arrays,
    dtypes,
    tame,
    wild,
)

DATA = np.asarray([[0.5, -1.0], [2.0, 0.0], [1.5, 4.0]])
IDS = np.asarray([1, 0, 1])
SHAPES = ((7,), (3, 2), (0,), (2, 0, 3), (1,), (3, 2, 2))


def _example() -> Case:
    return Case((DATA, IDS), {"num_segments": 3})


def _refuses(*kinds: tuple[str, Case, type[Exception]]) -> list[tuple[str, Case, type[Exception]]]:
    return [
        ("numbers that are no integers", Case((DATA, DATA[:, 0])), DTypeError),
        ("a number for each element", Case((DATA, np.asarray([[0, 1], [1, 0], [0, 0]]))), ShapeError),
        ("too few numbers", Case((DATA, IDS[:2])), ShapeError),
        ("no rows", Case((np.asarray(1.0), IDS)), ShapeError),
        ("negative number of segments", Case((DATA, IDS), {"num_segments": -1}), ShapeError),
        ("half a segment", Case((DATA, IDS), {"num_segments": 1.5}), ArgumentError),
        ("booleans", Case((DATA > 0, IDS)), DTypeError),
        *kinds,
    ]


COMPLEX = ("complex", Case((DATA + 1j, IDS)), DTypeError)


def _segmented(draw: DrawFn, dtype: str, values: Any) -> Case:
    data = draw(arrays(dtype, draw(st.sampled_from(SHAPES)), values))
    number = draw(st.sampled_from([3, 1, 4, 0, None]))
    low, most = -1 if number is not None else 0, 4 if number is None else number
    kind = draw(st.sampled_from(["int64", "int32", "uint8", "int8"]))
    ids = draw(arrays(kind, data.shape[:1], st.integers(0 if kind == "uint8" else low, most)))
    return Case((data, ids), {} if number is None else {"num_segments": number})


def _totals(case: Case, y: Array, values: Array) -> tuple[Array, Array]:
    """Add the rows of each segment in 64 bits, and count them."""
    ids = case.args[1].astype(np.int64)
    inside = (ids >= 0) & (ids < y.shape[0])
    total = np.zeros(y.shape, dtype=np.float64)
    np.add.at(total, ids[inside], values[inside])
    count = np.bincount(ids[inside], minlength=y.shape[0])[: y.shape[0]]
    return total, np.maximum(count, 1).reshape(-1, *(1,) * (y.ndim - 1))


def _sum_words(case: Case, y: Array) -> dict[str, Any]:
    data = np.abs(wide(case.args[0]))
    total, n = _totals(case, y, data)
    return {
        "data": data,
        "mean": lambda _: total / n,
        "n": n,
        "sum": lambda _: total,
        "y": np.abs(wide(y)),
    }


@column(
    "extra.segment_max",
    "extra.segment_min",
    check=exact(zeros=False),
    example=_example,
    refuses=lambda: _refuses(COMPLEX),
)
def extremes(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes((*REAL, "bfloat16")))
    return _segmented(draw, dtype, tame(dtype) if draw(st.booleans()) else wild(dtype))


@column(
    "extra.segment_mean",
    check=conditioned,
    words=_sum_words,
    example=_example,
    refuses=lambda: _refuses(COMPLEX, ("integers", Case((IDS, IDS)), DTypeError)),
)
def means(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes((*REAL_FLOATING, "bfloat16")))
    return _segmented(draw, dtype, tame(dtype))


@column(
    "extra.segment_prod",
    "extra.segment_sum",
    check=conditioned,
    words=_sum_words,
    example=_example,
    refuses=_refuses,
)
def sums(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes((*NUMERIC, "bfloat16")))
    most = 3 if spec.name == "extra.segment_prod" and dtype in (*FLOATING, "bfloat16") else 8
    return _segmented(draw, dtype, wild(dtype) if dtype in INTEGER else tame(dtype, most=most))
