"""Columns of `accel.nn.position`."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn

from accel.dispatch import Spec
from accel.errors import ArgumentError, DTypeError, ShapeError
from accel.testing.cases import Case
from accel.testing.columns.table import column
from accel.testing.condition import Array, conditioned, wide
from accel.testing.strategies import arrays, dtypes, tame

X = np.asarray([[0.5, -1.0, 3.0, 2.0], [2.0, 0.0, 0.25, 1.0]])
P = np.asarray([3, 100_000])
HALF = X[:, :2]


def _pairs(case: Case, y: Array) -> dict[str, Any]:
    x = wide(case.args[0])
    half = x.shape[-1] // 2
    if case.kwargs.get("interleaved"):
        partner = x.reshape((*x.shape[:-1], half, 2))[..., ::-1].reshape(x.shape)
    else:
        partner = np.roll(x, half, axis=-1)
    return {"x": x, "partner": partner}


@column(
    "nn.rotary_embedding",
    check=conditioned,
    words=_pairs,
    example=lambda: Case((X, P)),
    refuses=lambda: [
        ("integers", Case((P.reshape(1, 2),)), DTypeError),
        ("float positions", Case((X, X[:, 0])), DTypeError),
        ("odd features", Case((X[:, :3],)), ShapeError),
        ("vector", Case((X[0],)), ShapeError),
        ("positions of another shape", Case((X, P[[0, 1, 1]])), ShapeError),
        ("cosines alone", Case((X,), {"cos": HALF}), ArgumentError),
        ("positions and cosines", Case((X, P), {"cos": HALF, "sin": HALF}), ArgumentError),
        ("cosines of another shape", Case((X,), {"cos": X, "sin": X}), ShapeError),
        ("base of zero", Case((X,), {"base": 0}), ArgumentError),
    ],
)
def turns(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes("real floating-point"))
    shape = draw(st.sampled_from(((3, 4), (2, 3, 4), (1, 2, 2, 2), (0, 4), (2, 0))))
    x = draw(arrays(dtype, shape, tame(dtype)))
    asked: dict[str, Any] = {}
    if draw(st.booleans()):
        asked["interleaved"] = True
    kind = draw(st.sampled_from(("none", "places", "places", "table")))
    if kind == "table":
        half = (shape[-2], shape[-1] // 2)
        small = tame(dtype, most=1)
        return Case(
            (x,), {**asked, "cos": draw(arrays(dtype, half, small)), "sin": draw(arrays(dtype, half, small))}
        )
    if draw(st.booleans()):
        asked["base"] = draw(st.sampled_from((500_000.0, 2, 0.5)))
    if kind == "none":
        return Case((x,), asked)
    whole = draw(st.sampled_from(("int64", "int32", "uint8", "uint32")))
    low = 0 if whole.startswith("u") else -(2**31) + 1
    high = 255 if whole == "uint8" else 2**31 - 1
    near = st.integers(max(low, -9), min(high, 9))
    places = shape[-2:-1] if draw(st.booleans()) else (*shape[:-2], 1)
    return Case((x, draw(arrays(whole, places, st.one_of(near, st.integers(low, high))))), asked)
