"""Columns of the losses."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
from hypothesis import assume
from hypothesis.strategies import DrawFn

from accel.dispatch import Spec
from accel.errors import ArgumentError, AxisError, DTypeError, ShapeError
from accel.testing.cases import Case
from accel.testing.columns.table import Refusal, column
from accel.testing.condition import Array, conditioned, wide
from accel.testing.strategies import arrays, dtypes, shapes, tame, wild

X = np.asarray([[0.5, -1.0, 2.0], [2.0, 0.0, -3.0]])
LABELS = np.asarray([2, 0])
SHARES = np.asarray([[0.5, 0.25, 0.25], [0.0, 0.0, 1.0]])


def _scale(terms: Array, case: Case, counted: Any = None) -> Any:
    """Bring the magnitudes of the terms together as the result is."""
    how = case.kwargs.get("reduction", "mean")
    if how == "none":
        return terms
    total = np.sum(terms)
    count = terms.size if counted is None else counted
    if how == "batchmean":
        count = case.args[0].shape[0]
    return total if how == "sum" else total / max(count, 1e-300)


def _rows(case: Case, y: Array) -> dict[str, Any]:
    """Give the words of the formula of scores: how far they lie apart, weighted."""
    x, target = wide(case.args[0]), case.args[1]
    along = case.kwargs.get("axis", -1)
    weight = case.kwargs.get("weight")
    most = 1.0 if weight is None or not weight.size else np.max(np.abs(wide(weight)))
    terms = (1 + np.max(x, axis=along) - np.min(x, axis=along)) * most
    if target.dtype.kind == "f":
        return {"n": x.size, "scale": _scale(terms * (1 + np.sum(np.abs(wide(target)), axis=along)), case)}
    counted = (target != case.kwargs.get("ignore_index", -100)) & (target >= 0) & (target < x.shape[along])
    owned = counted if weight is None else np.where(counted, wide(weight)[np.where(counted, target, 0)], 0)
    return {"n": x.size, "scale": _scale(terms * counted, case, np.abs(np.sum(owned)))}


def _logarithms(case: Case, y: Array) -> dict[str, Any]:
    x, target = wide(case.args[0]), case.args[1]
    along = case.kwargs.get("axis", -1)
    weight = case.kwargs.get("weight")
    most = 1.0 if weight is None or not weight.size else np.max(np.abs(wide(weight)))
    counted = (target != case.kwargs.get("ignore_index", -100)) & (target >= 0) & (target < x.shape[along])
    places = np.where(counted, target, 0)
    terms = np.abs(np.take_along_axis(x, np.expand_dims(places, along), along).squeeze(along)) * most
    owned = counted if weight is None else np.where(counted, wide(weight)[places], 0)
    return {"n": x.size, "scale": _scale(terms * counted, case, np.abs(np.sum(owned)))}


def _refused(**options: Any) -> list[Refusal]:
    """List what every loss of labels refuses."""
    return [
        ("integer scores", Case((LABELS[:, None], LABELS), options), DTypeError),
        ("boolean labels", Case((X, LABELS > 0), options), DTypeError),
        ("too many labels", Case((X, np.asarray([0, 1, 2])), options), ShapeError),
        ("labels with the axis of the classes", Case((X, LABELS[:, None]), options), ShapeError),
        ("no classes", Case((X[:, :0], LABELS), options), ShapeError),
        ("axis too large", Case((X, LABELS), {"axis": 2, **options}), AxisError),
        ("weights for other classes", Case((X, LABELS), {"weight": np.ones(2), **options}), ShapeError),
        ("weights of integers", Case((X, LABELS), {"weight": LABELS, **options}), DTypeError),
        ("unknown reduction", Case((X, LABELS), {"reduction": "median", **options}), ArgumentError),
        ("ignored words", Case((X, LABELS), {"ignore_index": "none", **options}), ArgumentError),
    ]


def _values(draw: DrawFn, dtype: str, asked: dict[str, Any]) -> Any:
    """Give a strategy of values: any, but where they are added none of which a few would leave the range of the dtype."""
    if draw(st.booleans()):
        return tame(dtype)
    if asked.get("reduction") == "none" or dtype == "float16":
        return wild(dtype)
    return wild(dtype).map(lambda x: x if not 1e15 < abs(x) < float("inf") else x / abs(x))


def _scored(draw: DrawFn, dtype: str) -> tuple[Array, int, dict[str, Any]]:
    """Draw scores, the axis of the classes, and options."""
    shape = draw(shapes(1))
    along = draw(st.sampled_from([-1, *range(len(shape))]))
    assume(shape[along] > 0)
    asked: dict[str, Any] = {} if along == -1 else {"axis": along}
    if draw(st.booleans()):
        asked["reduction"] = draw(st.sampled_from(["none", "sum", "mean"]))
    if draw(st.booleans()):
        asked["weight"] = np.asarray(np.abs(draw(arrays(dtype, (shape[along],), tame(dtype)))))
    return draw(arrays(dtype, shape, _values(draw, dtype, asked))), along, asked


def _labelled(draw: DrawFn, dtype: str) -> tuple[Array, Array, dict[str, Any]]:
    """Draw scores, labels of which some are ignored and some no class, and options."""
    x, along, asked = _scored(draw, dtype)
    count = x.shape[along]
    rows = np.delete(np.asarray(x.shape), along % x.ndim)
    kind = draw(st.sampled_from(["int64", "int32", "uint8", "int8"]))
    known = st.integers(0, count - 1)
    odd = st.sampled_from([0, count, 100] + ([] if kind == "uint8" else [-1, -100]))
    labels = draw(arrays(kind, tuple(int(n) for n in rows), st.one_of(known, known, known, odd)))
    if draw(st.integers(0, 2)) == 0:
        asked["ignore_index"] = draw(st.sampled_from([0, -1]))
    return x, labels, asked


@column(
    "nn.cross_entropy",
    check=conditioned,
    words=_rows,
    example=lambda: Case((X, LABELS)),
    refuses=lambda: [
        *_refused(),
        ("labels of floats", Case((X, SHARES[:, 0])), ShapeError),
        ("probabilities of another dtype", Case((X, SHARES.astype(np.float32))), DTypeError),
        ("smoothing above 1", Case((X, LABELS), {"label_smoothing": 1.5}), ArgumentError),
        ("smoothing below 0", Case((X, LABELS), {"label_smoothing": -0.1}), ArgumentError),
    ],
)
def categories(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes(spec.dtypes))
    if draw(st.integers(0, 2)) == 0:
        x, _, asked = _scored(draw, dtype)
        target = np.asarray(np.abs(draw(arrays(dtype, x.shape, tame(dtype, most=1)))))
    else:
        x, target, asked = _labelled(draw, dtype)
    smoothing = draw(st.sampled_from([0.0, 0.0, 0.1, 1.0]))
    return Case((x, target), asked | ({"label_smoothing": smoothing} if smoothing else {}))


@column(
    "nn.nll_loss",
    check=conditioned,
    words=_logarithms,
    example=lambda: Case((X, LABELS)),
    refuses=lambda: [*_refused(), ("labels of floats", Case((X, SHARES[:, 0])), DTypeError)],
)
def logarithms(draw: DrawFn, spec: Spec) -> Case:
    x, target, asked = _labelled(draw, draw(dtypes(spec.dtypes)))
    return Case((x, target), asked)


def _unlike(**options: Any) -> list[Refusal]:
    """List what every loss of two arrays of one shape refuses."""
    return [
        ("integers", Case((LABELS, LABELS), options), DTypeError),
        ("two dtypes", Case((X, X.astype(np.float32)), options), DTypeError),
        ("two shapes", Case((X, X[:1]), options), ShapeError),
        ("unknown reduction", Case((X, X), {"reduction": "median", **options}), ArgumentError),
    ]


def _sizes(case: Case, y: Array) -> dict[str, Any]:
    return {"n": case.args[0].size, "y": np.abs(wide(y))}


def _paired(draw: DrawFn, dtype: str) -> tuple[Array, Array, dict[str, Any]]:
    shape = draw(shapes())
    asked = (
        {"reduction": draw(st.sampled_from(["none", "none", "sum", "mean"]))}
        if draw(st.integers(0, 2))
        else {}
    )
    values = _values(draw, dtype, asked)
    return draw(arrays(dtype, shape, values)), draw(arrays(dtype, shape, values)), asked


@column(
    "nn.mae_loss",
    "nn.mse_loss",
    check=conditioned,
    words=_sizes,
    example=lambda: Case((X, SHARES)),
    refuses=_unlike,
)
def distances(draw: DrawFn, spec: Spec) -> Case:
    x, target, asked = _paired(draw, draw(dtypes(spec.dtypes)))
    return Case((x, target), asked)


@column(
    "nn.huber_loss",
    check=conditioned,
    words=_sizes,
    example=lambda: Case((X, SHARES)),
    refuses=lambda: [
        *_unlike(),
        ("delta of 0", Case((X, X), {"delta": 0}), ArgumentError),
        ("delta of no number", Case((X, X), {"delta": float("nan")}), ArgumentError),
    ],
)
def bent(draw: DrawFn, spec: Spec) -> Case:
    case = distances(draw, spec)
    return Case(case.args, case.kwargs | draw(st.sampled_from([{}, {"delta": 0.3}, {"delta": 4}])))


def _divergence(case: Case, y: Array) -> dict[str, Any]:
    x, target = wide(case.args[0]), wide(case.args[1])
    if case.kwargs.get("log_target"):
        logs, shares = target, np.exp(np.minimum(target, 700))
        shares = np.where(np.isneginf(case.args[1]), 0, shares)
    else:
        shares = np.abs(target)
        logs = np.log(np.where(shares > 0, shares, 1))
    return {"n": x.size, "scale": _scale(shares * (np.abs(logs) + np.abs(x) + 1), case)}


@column(
    "nn.kl_div",
    check=conditioned,
    words=_divergence,
    example=lambda: Case((-np.abs(X), SHARES)),
    refuses=lambda: [
        *_unlike(),
        ("mean of no batch", Case((X[0, 0], X[0, 0]), {"reduction": "batchmean"}), ShapeError),
        ("log_target of words", Case((X, X), {"log_target": "yes"}), ArgumentError),
    ],
)
def divergence(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes(spec.dtypes))
    x, target, asked = _paired(draw, dtype)
    if draw(st.booleans()):
        target = np.asarray(np.abs(target))
    if x.ndim and asked.get("reduction") != "none" and draw(st.booleans()):
        asked["reduction"] = "batchmean"
    if draw(st.booleans()):
        asked["log_target"] = True
        target = np.asarray(np.minimum(target, np.asarray(4, dtype=dtype)))
    return Case((x, target), asked)


def _scores(case: Case, y: Array) -> dict[str, Any]:
    x, target = wide(case.args[0]), wide(case.args[1])
    weight, second = (
        wide(w) if w is not None else 1.0 for w in map(case.kwargs.get, ("weight", "pos_weight"))
    )
    rest = np.log1p(np.exp(-np.abs(x)))
    terms = np.abs(1 - target) * (rest + np.maximum(x, 0)) + np.abs(target * second) * (
        rest + np.maximum(-x, 0)
    )
    return {"n": x.size, "scale": _scale(terms * np.abs(weight), case)}


@column(
    "nn.binary_cross_entropy_with_logits",
    check=conditioned,
    words=_scores,
    example=lambda: Case((X, SHARES)),
    refuses=lambda: [
        *_unlike(),
        ("weights of another shape", Case((X, X), {"weight": np.ones(2)}), ShapeError),
        ("weights of another dtype", Case((X, X), {"pos_weight": np.ones(3, np.float32)}), DTypeError),
    ],
)
def scores(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes(spec.dtypes))
    x, _, asked = _paired(draw, dtype)
    # Targets are probabilities; what lies somewhat beyond is taken as the formula has it.
    target = draw(arrays(dtype, x.shape, tame(dtype, most=draw(st.sampled_from([1, 8])))))
    if draw(st.booleans()):
        target = np.asarray(np.abs(target))
    for name in ("weight", "pos_weight"):
        if draw(st.integers(0, 2)) == 0:
            asked[name] = np.asarray(
                np.abs(draw(arrays(dtype, x.shape[draw(st.integers(0, x.ndim)) :], tame(dtype))))
            )
    return Case((x, target), asked)
