"""Column of interpolation."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn

from accel.dispatch import Spec, specs
from accel.errors import ArgumentError, DTypeError, ShapeError
from accel.testing.agreement import exact
from accel.testing.cases import Case
from accel.testing.columns.table import column
from accel.testing.condition import Array, Words, conditioned, wide
from accel.testing.strategies import arrays, dtypes, tame, wild

X = np.arange(12.0).reshape(1, 2, 6)
MODES = {3: "linear", 4: "bilinear", 5: "trilinear"}

SIZES: list[tuple[tuple[int, ...], dict[str, Any]]] = [
    ((2, 3, 4), {"size": 6}),
    ((1, 2, 5), {"scale_factor": 1.5}),
    ((2, 1, 4, 3), {"size": (2, 7)}),
    ((1, 2, 3, 4), {"scale_factor": 2}),
    ((2, 2, 6, 5), {"scale_factor": (0.5, 2.0)}),
    ((0, 2, 3, 3), {"size": 2}),
    ((1, 2, 2, 3, 4), {"size": (4, 3, 2)}),
    ((1, 1, 3, 3), {"size": 1}),
]
"""Shapes and sizes: few, as each one is compiled for."""


def _scale(case: Case, y: Array) -> Words:
    body = specs["nn.interpolate"].function
    return {"interpolate": lambda x: body(x, **case.kwargs), "x": wide(case.args[0])}


def _close(spec: Spec, case: Case, expected: Any, got: Any) -> None:
    (exact() if case.kwargs.get("mode", "nearest") == "nearest" else conditioned)(spec, case, expected, got)


@column(
    "nn.interpolate",
    check=_close,
    words=_scale,
    example=lambda: Case((X,), {"size": 4, "mode": "linear"}),
    refuses=lambda: [
        ("integers", Case((X.astype(np.int32),), {"size": 4}), DTypeError),
        ("too few dimensions", Case((X[0],), {"size": 4}), ShapeError),
        ("too many dimensions", Case((np.ones((1,) * 6),), {"size": 4}), ShapeError),
        ("no elements along an axis", Case((X[..., :0],), {"size": 4}), ShapeError),
        ("neither size nor factor", Case((X,)), ArgumentError),
        ("size and factor", Case((X,), {"size": 4, "scale_factor": 2}), ArgumentError),
        ("size of zero", Case((X,), {"size": 0}), ShapeError),
        ("sizes of too many axes", Case((X,), {"size": (4, 4)}), ArgumentError),
        ("size that is a float", Case((X,), {"size": 4.0}), ArgumentError),
        ("factor that leaves nothing", Case((X,), {"scale_factor": 0.1}), ShapeError),
        ("negative factor", Case((X,), {"scale_factor": -1.0}), ArgumentError),
        ("factor of nan", Case((X,), {"scale_factor": np.nan}), ArgumentError),
        ("factors of too many axes", Case((X,), {"scale_factor": (2.0, 2.0)}), ArgumentError),
        ("unknown mode", Case((X,), {"size": 4, "mode": "cubic"}), ArgumentError),
        ("mode of two axes", Case((X,), {"size": 4, "mode": "bilinear"}), ArgumentError),
        ("corners of nearest", Case((X,), {"size": 4, "align_corners": True}), ArgumentError),
    ],
)
def samples(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes(("float32", "float64", "float16", "bfloat16")))
    shape, options = draw(st.sampled_from(SIZES))
    asked = dict(options)
    if draw(st.booleans()):
        return Case((draw(arrays(dtype, shape, wild(dtype))),), asked)
    asked["mode"] = MODES[len(shape)]
    if draw(st.booleans()):
        asked["align_corners"] = True
    return Case((draw(arrays(dtype, shape, tame(dtype))),), asked)
