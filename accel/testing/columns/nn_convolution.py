"""Columns of the convolutions and their transposes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn

from accel.dispatch import Spec, specs
from accel.errors import ArgumentError, DTypeError, ShapeError
from accel.testing.cases import Case
from accel.testing.columns.table import Refusal, column
from accel.testing.condition import Array, Words, conditioned, wide
from accel.testing.strategies import arrays, dtypes, tame

Asked = dict[str, Any]

LAYERS: dict[int, list[tuple[tuple[int, ...], tuple[int, ...], Asked]]] = {
    1: [
        ((2, 2, 5), (3, 2, 3), {}),
        ((1, 4, 7), (4, 2, 2), {"stride": 2, "padding": ((2, 1),), "groups": 2}),
        ((2, 1, 6), (1, 1, 3), {"padding": "same", "dilation": 2}),
        ((0, 2, 4), (2, 2, 1), {"padding": "valid"}),
    ],
    2: [
        ((2, 2, 4, 5), (3, 2, 2, 3), {}),
        ((1, 4, 5, 4), (6, 2, 2, 2), {"stride": (2, 1), "padding": ((0, 1), (2, 0)), "groups": 2}),
        ((2, 3, 4, 4), (3, 1, 3, 3), {"padding": "same", "groups": 3}),
        ((1, 2, 6, 7), (2, 2, 3, 2), {"padding": (1, 2), "dilation": (1, 3), "stride": 2}),
        ((2, 3, 3, 3), (2, 3, 1, 1), {"stride": 1}),
        ((0, 1, 3, 3), (2, 1, 2, 2), {}),
    ],
    3: [
        ((1, 2, 3, 4, 3), (2, 2, 2, 2, 3), {}),
        ((2, 2, 3, 3, 4), (4, 1, 2, 1, 2), {"stride": 2, "padding": 1, "groups": 2}),
        ((1, 1, 3, 4, 3), (2, 1, 2, 2, 2), {"padding": "same", "dilation": (1, 2, 1)}),
    ],
}
"""Number of axes -> shapes of x and weight, and options: few, as each one is compiled for."""

TRANSPOSED: dict[int, list[tuple[tuple[int, ...], tuple[int, ...], Asked]]] = {
    1: [
        ((2, 2, 4), (2, 3, 3), {}),
        ((1, 4, 3), (4, 2, 2), {"stride": 3, "output_padding": 1, "groups": 2}),
        ((2, 1, 5), (1, 2, 3), {"padding": ((2, 3),), "dilation": 2, "output_padding": 1}),
        ((0, 2, 4), (2, 2, 1), {}),
    ],
    2: [
        ((2, 2, 3, 4), (2, 3, 2, 3), {}),
        (
            (1, 4, 3, 2),
            (4, 3, 3, 2),
            {"stride": (2, 1), "padding": (1, 0), "output_padding": (1, 0), "groups": 2},
        ),
        ((2, 3, 3, 3), (3, 1, 3, 3), {"padding": ((3, 1), (0, 2)), "groups": 3}),
        ((1, 2, 2, 3), (2, 1, 2, 2), {"stride": (3, 2), "dilation": (1, 3)}),
        ((0, 1, 3, 3), (1, 2, 2, 2), {}),
    ],
    3: [
        ((1, 2, 2, 3, 2), (2, 2, 2, 1, 3), {}),
        ((2, 2, 2, 2, 3), (2, 2, 2, 2, 2), {"stride": (2, 1, 2), "padding": (1, 0, 1), "groups": 2}),
    ],
}


def _sizes(name: str, scale: str) -> Callable[[Case, Array], Words]:
    """Give the words of the formulas: how many products a sum has, and the same op on absolute values."""
    body = specs[f"nn.{name}"].function

    def words(case: Case, y: Array) -> Words:
        x, weight = (wide(each) for each in case.args[:2])
        bias = case.kwargs.get("bias")
        options = {key: value for key, value in case.kwargs.items() if key != "bias"}
        return {
            "K": weight[0].size if scale == "conv" else math.prod(weight.shape[2:]) * weight.shape[0],
            scale: lambda x, weight, bias: body(x, weight, bias, **options),
            "x": x,
            "weight": weight,
            "bias": np.zeros(y.shape[1]) if bias is None else wide(bias),
        }

    return words


def _refusals(count: int, *, inward: bool) -> list[Refusal]:
    x, weight = np.ones((1, 2, *(4,) * count)), np.ones((2, 2, *(2,) * count))
    bad: list[tuple[str, tuple[Any, ...], Asked, type[Exception]]] = [
        ("integers", (x.astype(np.int32), weight), {}, DTypeError),
        ("integers in weight", (x, weight.astype(np.int32)), {}, DTypeError),
        ("weight of another dtype", (x, weight.astype(np.float32)), {}, DTypeError),
        ("bias of another dtype", (x, weight, np.ones(2, np.float32)), {}, DTypeError),
        ("too few dimensions", (x[0], weight), {}, ShapeError),
        ("weight of too few dimensions", (x, weight[0]), {}, ShapeError),
        ("other channels", (x[:, :1], weight), {}, ShapeError),
        ("groups that do not divide", (x, weight), {"groups": 3}, ShapeError),
        ("no groups", (x, weight), {"groups": 0}, ShapeError),
        ("bias of other channels", (x, weight, np.ones(3)), {}, ShapeError),
        ("bias of two dimensions", (x, weight, np.ones((2, 1))), {}, ShapeError),
        ("no elements along an axis", (x[..., :0], weight), {}, ShapeError),
        ("empty kernel", (x, weight[..., :0]), {}, ShapeError),
        ("stride of zero", (x, weight), {"stride": 0}, ShapeError),
        ("stride that is a float", (x, weight), {"stride": 1.0}, ArgumentError),
        ("strides of too many axes", (x, weight), {"stride": (1,) * (count + 1)}, ArgumentError),
        ("dilation of zero", (x, weight), {"dilation": 0}, ShapeError),
        ("negative padding", (x, weight), {"padding": -1}, ShapeError),
        ("padding in threes", (x, weight), {"padding": ((1, 1, 1),) * count}, ArgumentError),
        ("unknown word for padding", (x, weight), {"padding": "full"}, ArgumentError),
    ]
    if inward:
        bad += [
            ("padding by a word", (x, weight), {"padding": "same"}, ArgumentError),
            (
                "output padding as large as the stride",
                (x, weight),
                {"output_padding": 2, "stride": 2},
                ArgumentError,
            ),
            ("negative output padding", (x, weight), {"output_padding": -1}, ShapeError),
            ("padding that leaves nothing", (x, weight), {"padding": 3}, ShapeError),
        ]
    else:
        bad += [
            ("kernel larger than x", (x[..., :1], weight), {}, ShapeError),
            ("dilated kernel larger than x", (x, weight), {"dilation": 4}, ShapeError),
            ("same length beside a stride", (x, weight), {"padding": "same", "stride": 2}, ArgumentError),
        ]
    return [(what, Case(args, asked), error) for what, args, asked, error in bad]


def _enter(count: int, *, inward: bool) -> None:
    name = f"conv_transpose{count}d" if inward else f"conv{count}d"
    layers = (TRANSPOSED if inward else LAYERS)[count]

    def example() -> Case:
        shape = (2, 2, *(2,) * count)
        return Case((np.arange(2.0 * 3**count).reshape(1, 2, *(3,) * count), np.ones(shape), np.ones(2)))

    @column(
        f"nn.{name}",
        check=conditioned,
        words=_sizes(name, "conv_transpose" if inward else "conv"),
        example=example,
        refuses=lambda: _refusals(count, inward=inward),
    )
    def layer(draw: DrawFn, spec: Spec) -> Case:
        dtype = draw(dtypes(("float32", "float64", "float16", "bfloat16")))
        shape, kernel, options = draw(st.sampled_from(layers))
        asked = dict(options)
        values = tame(dtype)
        # JAX multiplies other groups with zeros.
        if not inward and "groups" not in asked and draw(st.integers(0, 3)) == 3:
            values = st.one_of(values, st.sampled_from([math.inf, -math.inf, math.nan]))
        x = draw(arrays(dtype, shape, values))
        weight = draw(arrays(dtype, kernel, tame(dtype)))
        if draw(st.booleans()):
            asked["bias"] = draw(
                arrays(
                    dtype,
                    (kernel[1 if inward else 0] * (asked.get("groups", 1) if inward else 1),),
                    tame(dtype),
                )
            )
        return Case((x, weight), asked)


for _count in (1, 2, 3):
    _enter(_count, inward=False)
    _enter(_count, inward=True)
