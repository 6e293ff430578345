"""Columns of normalisation."""

from __future__ import annotations

import math
from typing import Any

import hypothesis.strategies as st
import numpy as np
from hypothesis import assume
from hypothesis.strategies import DrawFn

from accel.dispatch import Spec
from accel.errors import ArgumentError, AxisError, DTypeError, ShapeError
from accel.testing.agreement import near
from accel.testing.cases import Case
from accel.testing.columns.table import column
from accel.testing.condition import Array, allowed, conditioned, wide
from accel.testing.strategies import arrays, companions, shapes, tame, wild

X = np.asarray([[0.5, -1.0, 3.0], [2.0, 0.0, 0.25]])
W = np.asarray([1.0, 2.0, -0.5])
B = np.asarray([0.0, 1.0, -1.0])
INTS = np.asarray([[1, 2, 3]])
FLOATS = ("float16", "float32", "float64")


def _parameter(case: Case, position: int, name: str, shape: tuple[int, ...], default: float) -> Array:
    """Give an optional argument in a shape that broadcasts, and a number where it is absent."""
    x = case.args[position] if len(case.args) > position else case.kwargs.get(name)
    return np.full((), default) if x is None else wide(x).reshape(shape)


def _statistics(case: Case, groups: Array, axes: tuple[int, ...], eps: float) -> dict[str, Any]:
    n = math.prod(groups.shape[a] for a in axes)
    if groups.size == 0:
        return {"n": n, "z": np.zeros(groups.shape), "level": 0.0, "spread": np.ones(groups.shape)}
    mean, var = (f(groups, axis=axes, keepdims=True) for f in (np.mean, np.var))
    # Where all numbers are the same and eps is 0 there is nothing to divide by; any result passes.
    spread = np.sqrt(var + eps)
    with np.errstate(all="ignore"):
        z = np.where(spread == 0, 0.0, (groups - mean) / spread)
        level = np.mean(np.abs(groups), axis=axes, keepdims=True)
        spread = np.where(spread == 0, 1e-300, spread)
    return {"n": n, "z": z, "level": level, "spread": np.broadcast_to(spread, groups.shape)}


def _axes(x: Array, case: Case, default: int = -1) -> tuple[int, ...]:
    asked = case.kwargs.get("axis", default)
    return tuple(sorted(a % x.ndim for a in (asked if isinstance(asked, tuple) else (asked,))))


def _layers(case: Case, y: Array) -> dict[str, Any]:
    """Give the words of the formulas for numbers that are normalised along axes."""
    x = wide(case.args[0])
    axes = _axes(x, case)
    beside = tuple(n if a in axes else 1 for a, n in enumerate(x.shape))
    words = _statistics(case, x, axes, case.kwargs.get("eps", 1e-5))
    weight, bias = (_parameter(case, i, name, beside, 2.0 - i) for i, name in ((1, "weight"), (2, "bias")))
    return {**words, "weight": weight, "bias": bias}


def _groups(case: Case, y: Array) -> dict[str, Any]:
    x, count = wide(case.args[0]), case.args[1]
    grouped = x.reshape((x.shape[0], count, -1)) if x.size else np.zeros((0, count, 1))
    words = _statistics(case, grouped, (2,), case.kwargs.get("eps", 1e-5))
    words["n"] = math.prod(x.shape[1:]) // count
    words["z"] = words["z"].reshape(x.shape)
    words["spread"] = words["spread"].reshape(x.shape)
    words["level"] = np.broadcast_to(words["level"], grouped.shape).reshape(x.shape)
    beside = (1, x.shape[1], *(1,) * (x.ndim - 2))
    weight, bias = (_parameter(case, i, name, beside, 3.0 - i) for i, name in ((2, "weight"), (3, "bias")))
    return {**words, "weight": weight, "bias": bias}


def _batches(case: Case, y: Array) -> dict[str, Any]:
    x = wide(case.args[0])
    (along,) = _axes(x, case, 1)
    beside = tuple(n if a == along else 1 for a, n in enumerate(x.shape))
    others = tuple(a for a in range(x.ndim) if a != along)
    words = _statistics(case, x, others, case.kwargs.get("eps", 1e-5))
    weight, bias = (_parameter(case, i, name, beside, 2.0 - i) for i, name in ((1, "weight"), (2, "bias")))
    return {**words, "weight": weight, "bias": bias}


def _known(case: Case, y: Array) -> dict[str, Any]:
    x = wide(case.args[0])
    (along,) = _axes(x, case, 1)
    beside = tuple(n if a == along else 1 for a, n in enumerate(x.shape))
    mean, var = (wide(a).reshape(beside) for a in case.args[1:3])
    weight, bias = (_parameter(case, i, name, beside, 4.0 - i) for i, name in ((3, "weight"), (4, "bias")))
    scale = np.abs(weight) / np.sqrt(var + case.kwargs.get("eps", 1e-5))
    return {"x": x, "mean": mean, "scale": scale, "bias": bias}


def _squares(case: Case, y: Array) -> dict[str, Any]:
    x = wide(case.args[0])
    return {"n": math.prod(x.shape[a] for a in _axes(x, case)), "y": np.abs(wide(y))}


def _with_statistics(spec: Spec, case: Case, expected: Any, got: Any) -> None:
    """Compare normalised numbers by the bound of the spec, and mean and variance by those of their own ops."""
    x = wide(case.args[0])
    (along,) = _axes(x, case, 1)
    others = tuple(a for a in range(x.ndim) if a != along)
    near(expected[0], got[0], 2 * allowed(spec, case, expected[0]))
    n = math.prod(x.shape[a] for a in others)
    unit = 2 * (64 + n / 512) * np.finfo(expected[1].dtype).eps
    level, square = (np.mean(np.abs(x) ** k, axis=others) for k in (1, 2))
    near(expected[1], got[1], unit * level)
    near(expected[2], got[2], unit * (wide(expected[2]) + unit * square))


def _values(draw: DrawFn, dtype: str, shape: tuple[int, ...]) -> Array:
    """Draw numbers: small ones, also far from zero beside their differences, or with those that are not finite."""
    kind = draw(st.sampled_from(("tame", "tame", "far", "strange")))
    drawn: Array = draw(arrays(dtype, shape, tame(dtype)))
    if kind == "far":
        return np.asarray(drawn + drawn.dtype.type(1000))
    if kind == "strange" and drawn.size:
        drawn.flat[draw(st.integers(0, drawn.size - 1))] = draw(st.sampled_from((np.nan, np.inf, -np.inf)))
    return drawn


def _weights(draw: DrawFn, dtype: str, shape: tuple[int, ...], most: int = 2) -> list[Any]:
    count = draw(st.integers(0, most))
    return [draw(arrays(dtype, shape, tame(dtype))) for _ in range(count)]


def _options(draw: DrawFn) -> dict[str, Any]:
    return {"eps": 0.125} if draw(st.integers(0, 3)) == 3 else {}


def _normalised(draw: DrawFn, most: int) -> Case:
    dtype, other = draw(companions(FLOATS))
    shape = draw(shapes(1))
    x = _values(draw, dtype, shape)
    asked = _options(draw)
    axes: tuple[int, ...] = (-1,)
    if draw(st.booleans()):
        axes = draw(st.sampled_from([(a,) for a in range(x.ndim)] + [(0, -1)] * (x.ndim > 1)))
        asked["axis"] = axes[0] if len(axes) == 1 else axes
    found = sorted(a % x.ndim for a in axes)
    assume(all(shape[a] for a in found))
    return Case((x, *_weights(draw, other, tuple(shape[a] for a in found), most)), asked)


def _refused(*, most: int) -> list[Any]:
    second = [("bias of another shape", Case((X, W, B[:2])), ShapeError)] if most > 1 else []
    return [
        *second,
        ("integers", Case((INTS,)), DTypeError),
        ("no elements", Case((X[:, :0],)), ShapeError),
        ("0-d", Case((np.asarray(1.0),)), AxisError),
        ("axis too large", Case((X,), {"axis": 2}), AxisError),
        ("axis twice", Case((X,), {"axis": (0, -2)}), ArgumentError),
        ("weight of another shape", Case((X, W[:2])), ShapeError),
        ("integer weight", Case((X, INTS[0])), DTypeError),
        ("negative eps", Case((X,), {"eps": -1.0}), ArgumentError),
        ("eps of text", Case((X,), {"eps": "small"}), ArgumentError),
    ]


@column(
    "nn.layer_norm",
    check=conditioned,
    words=_layers,
    example=lambda: Case((X, W, B)),
    refuses=lambda: _refused(most=2),
)
def layers(draw: DrawFn, spec: Spec) -> Case:
    return _normalised(draw, 2)


@column(
    "nn.rms_norm",
    check=conditioned,
    words=_squares,
    example=lambda: Case((X, W)),
    refuses=lambda: _refused(most=1),
)
def squares(draw: DrawFn, spec: Spec) -> Case:
    return _normalised(draw, 1)


@column(
    "nn.group_norm",
    check=conditioned,
    words=_groups,
    example=lambda: Case((X, 1, W, B)),
    refuses=lambda: [
        ("integers", Case((INTS, 1)), DTypeError),
        ("groups that do not divide", Case((X, 2)), ShapeError),
        ("no groups", Case((X, 0)), ShapeError),
        ("half a group", Case((X, 0.5)), ArgumentError),
        ("vector", Case((X[0], 1)), ShapeError),
        ("no elements", Case((np.ones((2, 3, 0)), 3)), ShapeError),
        ("weight of another shape", Case((X, 3, W[:1])), ShapeError),
        ("bias of another shape", Case((X, 3, W, B[:1])), ShapeError),
        ("negative eps", Case((X, 1), {"eps": -1.0}), ArgumentError),
    ],
)
def groups(draw: DrawFn, spec: Spec) -> Case:
    dtype, other = draw(companions(FLOATS))
    shape = draw(st.sampled_from(((2, 4), (1, 4, 3), (2, 6, 2, 2), (0, 2, 3), (3, 1))))
    x = _values(draw, dtype, shape)
    count = draw(st.sampled_from([n for n in range(1, shape[1] + 1) if shape[1] % n == 0]))
    return Case((x, count, *_weights(draw, other, (shape[1],))), _options(draw))


@column(
    "nn.batch_norm",
    check=conditioned,
    words=_known,
    example=lambda: Case((X, B, np.abs(W))),
    refuses=lambda: [
        ("integers", Case((INTS, B, W)), DTypeError),
        ("mean of another shape", Case((X, B[:1], W)), ShapeError),
        ("variance of another shape", Case((X, B, W[:1])), ShapeError),
        ("weight of another shape", Case((X, B, W, W[:1])), ShapeError),
        ("bias of another shape", Case((X, B, W, W, W[:1])), ShapeError),
        ("vector", Case((X[0], B, W)), AxisError),
        ("axis too large", Case((X, B, W), {"axis": 2}), AxisError),
        ("negative eps", Case((X, B, W), {"eps": -1.0}), ArgumentError),
    ],
)
def known(draw: DrawFn, spec: Spec) -> Case:
    dtype, other = draw(companions(FLOATS))
    shape = draw(shapes(1))
    x = draw(arrays(dtype, shape, tame(dtype) if draw(st.booleans()) else wild(dtype, finite=True)))
    if np.any(np.abs(wide(x)) > 1e30):
        x = draw(arrays(dtype, shape, tame(dtype)))
    asked = _options(draw)
    along = draw(st.integers(0, x.ndim - 1)) if x.ndim == 1 or draw(st.booleans()) else 1
    if along != 1:
        asked["axis"] = along
    channels = (shape[along],)
    mean = draw(arrays(other, channels, tame(other)))
    var = np.abs(draw(arrays(other, channels, tame(other))))
    return Case((x, mean, var, *_weights(draw, other, channels)), asked)


@column(
    "nn.batch_norm_train",
    check=_with_statistics,
    words=_batches,
    example=lambda: Case((X, W, B)),
    refuses=lambda: [
        ("integers", Case((INTS,)), DTypeError),
        ("vector", Case((X[0],)), AxisError),
        ("no elements", Case((X[:0],)), ShapeError),
        ("weight of another shape", Case((X, W[:1])), ShapeError),
        ("bias of another shape", Case((X, W, B[:1])), ShapeError),
        ("axis too large", Case((X,), {"axis": 2}), AxisError),
        ("negative eps", Case((X,), {"eps": -1.0}), ArgumentError),
    ],
)
def batches(draw: DrawFn, spec: Spec) -> Case:
    dtype, other = draw(companions(FLOATS))
    shape = draw(st.sampled_from(((2, 3), (4, 2, 3), (3, 0), (7,), (2, 3, 2, 2))))
    x = _values(draw, dtype, shape)
    asked = _options(draw)
    along = draw(st.integers(0, x.ndim - 1)) if x.ndim == 1 or draw(st.booleans()) else 1
    assume(all(n for a, n in enumerate(shape) if a != along))
    if along != 1:
        asked["axis"] = along
    return Case((x, *_weights(draw, other, (shape[along],))), asked)
