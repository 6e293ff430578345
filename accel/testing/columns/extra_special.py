"""Columns of the special functions."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
from hypothesis import assume
from hypothesis.strategies import DrawFn, SearchStrategy

from accel.dispatch import Spec
from accel.errors import ArgumentError, AxisError, DTypeError, ShapeError
from accel.testing.agreement import within
from accel.testing.cases import Case
from accel.testing.columns.table import Refusal, column
from accel.testing.condition import Array, conditioned, wide
from accel.testing.strategies import arrays, broadcastable, dtypes, shapes, tame, wild
from accel.testing.ulp import eps

X = np.asarray([[0.5, 0.25], [0.125, 0.75]])

CORES = {
    "extra.erf": (-6, 6),
    "extra.erfc": (-6, 28),
    "extra.erfinv": (-1, 1),
    "extra.expit": (-90, 40),
    "extra.i0": (-100, 100),
    "extra.i1": (-100, 100),
    "extra.logit": (0, 1),
    "extra.softplus": (-90, 40),
}
"""Where each function bends; the gamma function's have several such places."""


def _values(name: str, dtype: str) -> SearchStrategy[Any]:
    """Draw any values, and many of those for which the function is defined and no straight line."""
    cores = [CORES[name]] if name in CORES else [(0, 3), (0, 40), (-8, 0)]
    width: Any = 32 if dtype == "bfloat16" else np.finfo(dtype).bits
    middle = [
        st.floats(low, high, width=width, allow_subnormal=False).filter(lambda x: x == 0 or abs(x) > 1e-4)
        for low, high in cores
    ]
    return st.one_of(wild(dtype), *middle)


def _refused() -> list[Refusal]:
    return [
        ("integers", Case((np.asarray([1, 2]),)), DTypeError),
        ("booleans", Case((X > 0,)), DTypeError),
        ("complex numbers", Case((X + 0j,)), DTypeError),
    ]


@column(
    "extra.erf", "extra.erfc", "extra.erfinv", "extra.expit", "extra.i0", "extra.i1", "extra.logit", "extra.softplus",
    example=lambda: Case((X,)), refuses=_refused,
)  # fmt: skip
def bounded(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes("real floating-point"))
    return Case((draw(arrays(dtype, draw(shapes()), _values(spec.name, dtype))),))


def _scaled(case: Case, expected: Array) -> Array:
    """Give the distance of two results of the gamma function's kin: in eps of what the specs measure them by."""
    x, y = wide(case.args[0]), np.abs(wide(expected))
    below = np.minimum(x, 0)
    least = 2 * (np.abs(below) if case.kwargs.get("of") is None else np.log1p(-below))
    return np.asarray(8 * eps(expected.dtype.name) * np.maximum(y, least))


@column("extra.gammaln", check=within(_scaled), example=lambda: Case((X,)), refuses=_refused)
def gamma(draw: DrawFn, spec: Spec) -> Case:
    return bounded(draw, spec)


def _logarithmic(case: Case, expected: Array) -> Array:
    return _scaled(Case(case.args, {"of": "log"}), expected)


@column("extra.digamma", check=within(_logarithmic), example=lambda: Case((X,)), refuses=_refused)
def slope(draw: DrawFn, spec: Spec) -> Case:
    return bounded(draw, spec)


def _operands(draw: DrawFn, values: Any) -> tuple[Any, Any]:
    """Draw two arrays of one dtype that broadcast, or an array and a number in either order."""
    dtype = draw(dtypes("real floating-point"))
    first, second = draw(broadcastable(2))
    kind = draw(st.sampled_from(("both", "both", "left", "right")))
    number = draw(st.sampled_from((0.0, 0.5, 1.0, 3.0)))
    one = draw(arrays(dtype, first, values(dtype))) if kind != "right" else number
    two = draw(arrays(dtype, second, values(dtype))) if kind != "left" else number
    return one, two


def _refused_pairs() -> list[Refusal]:
    return [
        ("integers", Case((np.asarray([1, 2]), np.asarray([0.5, 0.5]))), DTypeError),
        ("complex numbers", Case((X, X + 0j)), DTypeError),
        ("shapes apart", Case((X, X[:, :1].repeat(3, axis=1))), ShapeError),
    ]


@column("extra.xlogy", example=lambda: Case((X, X)), refuses=_refused_pairs)
def product(draw: DrawFn, spec: Spec) -> Case:
    return Case(_operands(draw, lambda dtype: st.one_of(wild(dtype), tame(dtype))))


@column(
    "extra.betaln",
    check=conditioned,
    words=lambda case, y: {"y": np.abs(wide(y))},
    example=lambda: Case((X, X)),
    refuses=_refused_pairs,
)
def pairs(draw: DrawFn, spec: Spec) -> Case:
    def values(dtype: str) -> SearchStrategy[Any]:
        # Beyond this the sum of both is out of the range of some dtype.
        most = {"float16": 1e4, "float64": 1e300}.get(dtype, 1e30)
        return st.one_of(tame(dtype, most=100, least=1 / 128), wild(dtype)).map(
            lambda x: abs(x) if abs(x) < most else x
        )

    return Case(_operands(draw, values))


def _sizes(case: Case, y: Array) -> dict[str, Any]:
    """Give the words of the formula: how many elements there are along the axes."""
    x, along = case.args[0], case.kwargs.get("axis")
    if x.size == 0:
        return {"n": 1, "y": 0.0}
    return {"n": x.size // np.max(wide(x), axis=along).size, "y": np.abs(wide(y))}


@column(
    "extra.logsumexp",
    check=conditioned,
    words=_sizes,
    example=lambda: Case((X,)),
    refuses=lambda: [
        *_refused(),
        ("mask of numbers", Case((X,), {"where": X}), DTypeError),
        ("no elements", Case((X[:, :0],)), ShapeError),
        ("no elements along the axis", Case((X[:0],), {"axis": 0}), ShapeError),
        ("axis too large", Case((X,), {"axis": 2}), AxisError),
        ("axis twice", Case((X,), {"axis": (0, -2)}), ArgumentError),
    ],
)
def sums(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes("real floating-point"))
    x = draw(arrays(dtype, draw(shapes()), tame(dtype) if draw(st.booleans()) else wild(dtype)))
    along: Any = draw(st.sampled_from([None, *range(-x.ndim, x.ndim), tuple(range(x.ndim))]))
    taken = range(x.ndim) if along is None else along if isinstance(along, tuple) else (along,)
    assume(all(x.shape[a] for a in taken))
    asked: dict[str, Any] = {} if along is None else {"axis": along}
    if draw(st.booleans()):
        asked["keepdims"] = True
    if draw(st.integers(0, 3)) == 0:
        asked["where"] = draw(arrays("bool", x.shape))
    return Case((x,), asked)
