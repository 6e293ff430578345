"""Columns of layers."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn

import accel
from accel.dispatch import Spec
from accel.errors import ArgumentError, AxisError, DTypeError, ShapeError
from accel.testing.cases import Case
from accel.testing.columns.table import column
from accel.testing.condition import Array, conditioned, wide
from accel.testing.strategies import arrays, companions, dtypes, shapes, tame, wild

X = np.asarray([[0.5, -1.0, 3.0], [2.0, 0.0, 0.25]])
W = np.asarray([[1.0, 2.0, -0.5], [0.0, 1.0, 4.0]])
I = np.asarray([1, 0, 1])  # noqa: E741
FLOATS = ("float16", "float32", "float64")


def _key(seed: int) -> Any:
    return np.asarray([0, seed], dtype=np.uint32)


@column(
    "nn.dropout",
    example=lambda: Case((X, 0.5, _key(0))),
    refuses=lambda: [
        ("integers", Case((I, 0.5, _key(0))), DTypeError),
        ("rate of one", Case((X, 1.0, _key(0))), ArgumentError),
        ("negative rate", Case((X, -0.25, _key(0))), ArgumentError),
        ("rate of nan", Case((X, float("nan"), _key(0))), ArgumentError),
        ("rate of text", Case((X, "half", _key(0))), ArgumentError),
        ("key of floats", Case((X, 0.5, X[0, :2])), DTypeError),
        ("several keys", Case((X, 0.5, np.stack([_key(0), _key(1)]))), ShapeError),
    ],
)
def droppings(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes("real floating-point"))
    x = draw(arrays(dtype, draw(shapes()), wild(dtype) if draw(st.booleans()) else tame(dtype)))
    rate = draw(st.sampled_from((0, 0.0, 0.5, 0.1, 1 - 2**-40)))
    return Case((x, rate, _key(draw(st.integers(0, 3)))))


@column(
    "nn.embedding",
    example=lambda: Case((I, W)),
    refuses=lambda: [
        ("floats", Case((X, W)), DTypeError),
        ("vector", Case((I, W[0])), ShapeError),
        ("no rows", Case((I, W[:0])), ShapeError),
    ],
)
def rows(draw: DrawFn, spec: Spec) -> Case:
    count = draw(st.integers(1, 4))
    weight = draw(arrays(dtypes("numeric"), (count, draw(st.sampled_from((3, 1, 0))))))
    dtype = draw(dtypes("integer"))
    low = 0 if dtype.startswith("u") else -count
    return Case((draw(arrays(dtype, draw(shapes(0, 3)), st.integers(low, count - 1))), weight))


def _products(case: Case, y: Array) -> dict[str, Any]:
    x, weight = (wide(a) for a in case.args[:2])
    bias = wide(case.args[2]) if len(case.args) > 2 else np.zeros(())
    return {"K": x.shape[-1], "x": x, "weight": weight, "bias": bias}


@column(
    "nn.linear",
    check=conditioned,
    words=_products,
    example=lambda: Case((X, W, W[:, 0])),
    refuses=lambda: [
        ("integers", Case((I, W)), DTypeError),
        ("integer weight", Case((X, I.reshape(1, 3))), DTypeError),
        ("features", Case((X, W[:, :2])), ShapeError),
        ("0-d", Case((np.asarray(1.0), W)), ShapeError),
        ("weight of three axes", Case((X, W[None])), ShapeError),
        ("weight of one axis", Case((X, W[0])), ShapeError),
        ("bias of another shape", Case((X, W, W[0])), ShapeError),
    ],
)
def products(draw: DrawFn, spec: Spec) -> Case:
    dtype, other = draw(companions(FLOATS))
    shape = draw(shapes(1))
    out = draw(st.sampled_from((3, 1, 0)))
    x = draw(arrays(dtype, shape, tame(dtype)))
    weight = draw(arrays(other, (out, shape[-1]), tame(other)))
    bias = [draw(arrays(other, (out,), tame(other)))] if draw(st.booleans()) else []
    return Case((x, weight, *bias))


@column(
    "nn.one_hot",
    example=lambda: Case((I, 3)),
    refuses=lambda: [
        ("floats", Case((X, 3)), DTypeError),
        ("negative number of classes", Case((I, -1)), ShapeError),
        ("half a class", Case((I, 0.5)), ArgumentError),
        ("axis too large", Case((I, 3), {"axis": 2}), AxisError),
        ("axis half", Case((I, 3), {"axis": 0.5}), ArgumentError),
    ],
)
def vectors(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes("integer"))
    info: Any = np.iinfo(dtype)
    near = st.integers(max(int(info.min), -2), 4)
    x = draw(arrays(dtype, draw(shapes(0, 3)), st.one_of(near, wild(dtype))))
    asked: dict[str, Any] = {}
    if draw(st.booleans()):
        asked["axis"] = draw(st.integers(-x.ndim - 1, x.ndim))
    if draw(st.booleans()):
        asked["dtype"] = getattr(accel, draw(st.sampled_from(("float32", "int64", "bool", "float16"))))
    return Case((x, draw(st.sampled_from((3, 1, 0, 300)))), asked)
