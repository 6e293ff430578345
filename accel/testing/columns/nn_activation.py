"""Columns of the activations."""

from __future__ import annotations

import math
from typing import Any

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn, SearchStrategy

from accel.dispatch import Spec
from accel.errors import ArgumentError, AxisError, DTypeError, ShapeError
from accel.testing.agreement import exact, ulps
from accel.testing.cases import Case
from accel.testing.columns.table import Refusal, column
from accel.testing.condition import Array, conditioned, wide
from accel.testing.strategies import arrays, dtypes, shapes, tame, wild

X = np.asarray([[0.5, -1.0], [2.0, -3.0]])


def _values(dtype: str) -> SearchStrategy[Any]:
    """Draw any values, and of those where the curves bend, and where they leave the dtype on the left, many."""
    if dtype == "float16":
        return st.one_of(wild(dtype), tame(dtype, most=16))
    edge = math.log(np.finfo(dtype).smallest_normal)
    width: Any = np.finfo(dtype).bits
    low = st.floats(round(1.1 * edge), round(0.9 * edge), width=width)
    return st.one_of(wild(dtype), tame(dtype, most=32), low)


def _refused(**options: Any) -> list[Refusal]:
    return [
        ("integers", Case((np.asarray([1, 2]),), options), DTypeError),
        ("complex numbers", Case((X + 0j,), options), DTypeError),
        ("booleans", Case((X > 0,), options), DTypeError),
    ]


@column(
    "nn.hard_sigmoid", "nn.hard_silu", "nn.log_sigmoid", "nn.mish", "nn.relu", "nn.relu6", "nn.sigmoid",     "nn.softsign", example=lambda: Case((X,)), refuses=_refused,
)  # fmt: skip
def plain(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes(spec.dtypes))
    return Case((draw(arrays(dtype, draw(shapes()), _values(dtype))),))


@column("nn.selu", check=ulps(zeros=False), example=lambda: Case((X,)), refuses=_refused)
def scaled(draw: DrawFn, spec: Spec) -> Case:
    return plain(draw, spec)


# As of maximum, the sign of a zero is left open where what is above 0 and what is below are put together.
@column(
    "nn.celu",
    "nn.elu",
    check=ulps(zeros=False),
    example=lambda: Case((X,)),
    refuses=lambda: [
        *_refused(alpha=2.0),
        ("alpha of words", Case((X,), {"alpha": "1"}), ArgumentError),
        ("alpha without end", Case((X,), {"alpha": float("inf")}), ArgumentError),
        ("alpha of no number", Case((X,), {"alpha": float("nan")}), ArgumentError),
    ],
)
def exponential(draw: DrawFn, spec: Spec) -> Case:
    case = plain(draw, spec)
    return Case(case.args, draw(st.sampled_from([{}, {"alpha": 0.3}, {"alpha": 2.0}])))


@column(
    "nn.leaky_relu",
    check=exact(zeros=False),
    example=lambda: Case((X,)),
    refuses=lambda: [
        *_refused(),
        ("slope of words", Case((X,), {"negative_slope": "1"}), ArgumentError),
        ("slope without end", Case((X,), {"negative_slope": float("inf")}), ArgumentError),
    ],
)
def sloping(draw: DrawFn, spec: Spec) -> Case:
    case = plain(draw, spec)
    return Case(case.args, draw(st.sampled_from([{}, {"negative_slope": 0.2}, {"negative_slope": -1}])))


@column(
    "nn.hard_tanh",
    example=lambda: Case((X,)),
    refuses=lambda: [
        *_refused(),
        ("limits in disorder", Case((X,), {"min_val": 1.0, "max_val": 0.0}), ArgumentError),
        ("limit of no number", Case((X,), {"max_val": float("nan")}), ArgumentError),
        ("limit of words", Case((X,), {"min_val": "1"}), ArgumentError),
    ],
)
def limited(draw: DrawFn, spec: Spec) -> Case:
    case = plain(draw, spec)
    limits = [{}, {"min_val": 0.1}, {"max_val": 2}, {"min_val": -float("inf"), "max_val": 0.0}]
    return Case(case.args, draw(st.sampled_from(limits)))


def _tiny(y: Array) -> float:
    return float(np.finfo(np.float32 if y.dtype.itemsize == 2 else y.dtype).smallest_normal)


def _slopes(case: Case, y: Array) -> dict[str, Any]:
    """Give the words of the formula: by how much an error of the argument is magnified, and the smallest normal number."""
    x = wide(case.args[0])
    if case.kwargs.get("approximate"):
        return {"scale": np.abs(x), "tiny": _tiny(y)}
    # Far out the result is 0, and the square could be infinite.
    return {"scale": np.abs(wide(y)) * (1 + np.square(np.clip(x, -64, 0))), "tiny": _tiny(y)}


def _sizes(case: Case, y: Array) -> dict[str, Any]:
    return {"tiny": _tiny(y), "x": wide(case.args[0]), "y": wide(y)}


@column("nn.silu", check=conditioned, words=_sizes, example=lambda: Case((X,)), refuses=_refused)
def swish(draw: DrawFn, spec: Spec) -> Case:
    return plain(draw, spec)


@column(
    "nn.gelu",
    check=conditioned,
    words=_slopes,
    example=lambda: Case((X,)),
    refuses=lambda: [
        *_refused(),
        ("a form that there is not", Case((X,), {"approximate": "none"}), ArgumentError),
    ],
)
def gaussian(draw: DrawFn, spec: Spec) -> Case:
    case = plain(draw, spec)
    return Case(case.args, draw(st.sampled_from([{}, {"approximate": True}])))


@column(
    "nn.glu",
    check=conditioned,
    words=lambda case, y: {"y": wide(y)},
    example=lambda: Case((X,)),
    refuses=lambda: [
        *_refused(),
        ("an odd axis", Case((X[:, :1],)), ShapeError),
        ("no axis", Case((X[0, 0],)), AxisError),
        ("axis too large", Case((X,), {"axis": 2}), AxisError),
    ],
)
def gated(draw: DrawFn, spec: Spec) -> Case:
    dtype, shape = draw(dtypes(spec.dtypes)), draw(shapes(1))
    along = draw(st.integers(-len(shape), len(shape) - 1))
    whole = [*shape]
    whole[along] *= 2
    asked = {} if along == -1 and draw(st.booleans()) else {"axis": along}
    return Case((draw(arrays(dtype, tuple(whole), _values(dtype))),), asked)
