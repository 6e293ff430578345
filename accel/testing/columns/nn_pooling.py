"""Columns of pooling: largest elements and means of windows."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn

from accel.dispatch import Spec, specs
from accel.errors import ArgumentError, DTypeError, ShapeError
from accel.testing.agreement import exact
from accel.testing.cases import Case
from accel.testing.columns.table import Refusal, column
from accel.testing.condition import Array, Words, conditioned, wide
from accel.testing.strategies import arrays, dtypes, tame, wild

Asked = dict[str, Any]

POOLS: dict[int, list[tuple[tuple[int, ...], Any, Asked]]] = {
    1: [
        ((2, 3, 6), 2, {}),
        ((1, 2, 7), (3,), {"stride": 2, "padding": 1}),
        ((2, 1, 7), 4, {"stride": 3, "ceil_mode": True, "padding": (2,)}),
        ((0, 2, 4), 2, {}),
    ],
    2: [
        ((2, 3, 4, 6), 2, {}),
        ((1, 2, 7, 5), (3, 2), {"stride": (2, 1), "padding": (1, 1)}),
        ((2, 2, 5, 6), 3, {"stride": 2, "ceil_mode": True, "padding": 1}),
        ((1, 1, 3, 3), 3, {}),
    ],
    3: [
        ((1, 2, 4, 4, 4), 2, {}),
        ((2, 1, 3, 5, 4), (3, 1, 2), {"stride": 2, "padding": (1, 0, 1), "ceil_mode": True}),
    ],
}
"""Number of axes -> shape, kernel and options: few, as each one is compiled for."""

PARTS: dict[int, list[tuple[tuple[int, ...], Any]]] = {
    1: [((2, 3, 6), 2), ((1, 2, 5), (3,)), ((2, 1, 2), 5)],
    2: [((2, 3, 4, 6), 2), ((1, 2, 5, 3), (3, 1)), ((0, 2, 4, 4), 3)],
    3: [((1, 2, 4, 3, 5), (2, 3, 4)), ((2, 1, 2, 2, 2), 1)],
}


def _shrunk(case: Case) -> tuple[Array, Any, Asked]:
    """Give the absolute values, the kernel and the options of a call."""
    return np.abs(wide(case.args[0])), case.args[1], case.kwargs


def _mean(name: str, word: str) -> Callable[[Case, Array], Words]:
    body = specs[f"nn.{name}"].function

    def words(case: Case, y: Array) -> Words:
        x, size, options = _shrunk(case)
        spatial = x.shape[2:]
        each = size if isinstance(size, tuple) else (size,) * len(spatial)
        if word == "adaptive_avg_pool":
            each = tuple(-(-n // k) + 1 for n, k in zip(spatial, each, strict=True))
        return {"K": math.prod(each), word: lambda x: body(x, size, **options), "x": x}

    return words


def _refusals(count: int, *, mean: bool) -> list[Refusal]:
    x = np.ones((1, 2, *(4,) * count))
    bad: list[tuple[str, tuple[Any, ...], Asked, type[Exception]]] = [
        ("booleans", (x > 0, 2), {}, DTypeError),
        ("complex", (x.astype(np.complex128), 2), {}, DTypeError),
        ("too few dimensions", (x[0], 2), {}, ShapeError),
        ("kernel larger than x", (x, 5), {}, ShapeError),
        ("kernel of zero", (x, 0), {}, ShapeError),
        ("kernel that is a float", (x, 2.0), {}, ArgumentError),
        ("kernel of too many axes", (x, (1,) * (count + 1)), {}, ArgumentError),
        ("stride of zero", (x, 2), {"stride": 0}, ShapeError),
        ("negative padding", (x, 2), {"padding": -1}, ShapeError),
        ("padding of more than half", (x, 2), {"padding": 2}, ArgumentError),
        ("no elements along an axis", (x[..., :0], 1), {}, ShapeError),
        ("mode that is no flag", (x, 2), {"ceil_mode": 1}, ArgumentError),
    ]
    if mean:
        bad.append(("integers", (x.astype(np.int32), 2), {}, DTypeError))
    else:
        bad += [
            ("dilation of zero", (x, 2), {"dilation": 0}, ShapeError),
            ("dilated kernel larger than x", (x, 2), {"dilation": 4}, ShapeError),
        ]
    return [(what, Case(args, asked), error) for what, args, asked, error in bad]


def _cut_refusals(count: int) -> list[Refusal]:
    x = np.ones((1, 2, *(4,) * count))
    return [
        ("booleans", Case((x > 0, 2)), DTypeError),
        ("too few dimensions", Case((x[0], 2)), ShapeError),
        ("parts of zero", Case((x, 0)), ShapeError),
        ("parts of too many axes", Case((x, (1,) * (count + 1))), ArgumentError),
        ("parts that are a float", Case((x, 1.5)), ArgumentError),
        ("no elements along an axis", Case((x[..., :0], 1)), ShapeError),
    ]


def _enter(count: int) -> None:
    x = np.arange(2.0 * 4**count).reshape(1, 2, *(4,) * count)

    @column(
        f"nn.max_pool{count}d",
        check=exact(zeros=False),
        example=lambda: Case((x, 2)),
        refuses=lambda: _refusals(count, mean=False),
    )
    def largest(draw: DrawFn, spec: Spec) -> Case:
        dtype = draw(dtypes(("float32", "float64", "float16", "bfloat16", "int32", "uint8", "int64")))
        shape, kernel, options = draw(st.sampled_from(POOLS[count]))
        if shape[-1] > 5 and draw(st.booleans()):
            options = {**options, "dilation": 2} if kernel != 4 else options
        return Case((draw(arrays(dtype, shape, wild(dtype))), kernel), dict(options))

    @column(
        f"nn.avg_pool{count}d",
        check=conditioned,
        words=_mean(f"avg_pool{count}d", "avg_pool"),
        example=lambda: Case((x, 2)),
        refuses=lambda: _refusals(count, mean=True),
    )
    def mean(draw: DrawFn, spec: Spec) -> Case:
        dtype = draw(dtypes(("float32", "float64", "float16", "bfloat16")))
        shape, kernel, options = draw(st.sampled_from(POOLS[count]))
        if draw(st.booleans()):
            options = {**options, "count_include_pad": False}
        values = tame(dtype)
        if draw(st.integers(0, 3)) == 3:
            values = st.one_of(values, st.sampled_from([math.inf, -math.inf, math.nan]))
        return Case((draw(arrays(dtype, shape, values)), kernel), dict(options))

    @column(
        f"nn.adaptive_max_pool{count}d",
        check=exact(zeros=False),
        example=lambda: Case((x, 2)),
        refuses=lambda: _cut_refusals(count),
    )
    def largest_part(draw: DrawFn, spec: Spec) -> Case:
        dtype = draw(dtypes(("float32", "float64", "float16", "bfloat16", "int32", "uint8")))
        shape, parts = draw(st.sampled_from(PARTS[count]))
        return Case((draw(arrays(dtype, shape, wild(dtype))), parts))

    @column(
        f"nn.adaptive_avg_pool{count}d",
        check=conditioned,
        words=_mean(f"adaptive_avg_pool{count}d", "adaptive_avg_pool"),
        example=lambda: Case((x, 2)),
        refuses=lambda: [*_cut_refusals(count), ("integers", Case((x.astype(np.int32), 2)), DTypeError)],
    )
    def mean_part(draw: DrawFn, spec: Spec) -> Case:
        dtype = draw(dtypes(("float32", "float64", "float16", "bfloat16")))
        shape, parts = draw(st.sampled_from(PARTS[count]))
        return Case((draw(arrays(dtype, shape, tame(dtype))), parts))


for _count in (1, 2, 3):
    _enter(_count)
