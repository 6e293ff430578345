"""Columns of `accel.extra.rearrangement`."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn

from accel.dispatch import Spec
from accel.errors import ArgumentError, AxisError, DTypeError, ShapeError, UnknownArrayError
from accel.extra.rearrangement import MODES
from accel.testing.cases import Case
from accel.testing.columns.elementwise import ROUNDED
from accel.testing.columns.linear_algebra import factors
from accel.testing.columns.table import column
from accel.testing.strategies import ANY, NUMERIC, arrays, companions, dtypes, scalars, shapes

X = np.asarray([[0.5, -1.0, 3.0], [2.0, 0.0, 1.0]])
INTS = np.asarray([1, 2, 3])


@column(
    "extra.block_diag",
    example=lambda: Case((X, X)),
    refuses=lambda: [
        ("vector", Case((X, X[0])), ShapeError),
        ("stack of matrices", Case((X[None],)), ShapeError),
        ("no block", Case(()), UnknownArrayError),
    ],
)
def blocks(draw: DrawFn, spec: Spec) -> Case:
    one, two = draw(companions(ANY))
    sizes = st.sampled_from([(2, 1), (1, 3), (0, 2), (2, 0), (1, 1)])
    names = [one, two, one][: draw(st.integers(1, 3))]
    return Case(tuple(draw(arrays(name, draw(sizes))) for name in names))


@column("extra.kron", check=ROUNDED, example=lambda: Case((X, X[0])))
def products(draw: DrawFn, spec: Spec) -> Case:
    one, two = draw(companions(NUMERIC))
    x1 = draw(arrays(one, draw(shapes(0, 3)), factors(one)))
    return Case((x1, draw(arrays(two, draw(shapes(0, 2)), factors(two)))))


@column(
    "extra.pad",
    example=lambda: Case((X, 1)),
    refuses=lambda: [
        ("negative width", Case((X, (1, -1))), ShapeError),
        ("half a width", Case((X, 0.5)), ArgumentError),
        ("three numbers", Case((X, ((1, 2, 3), (0, 1, 2)))), ArgumentError),
        ("too many pairs", Case((X, ((1, 2), (0, 1), (1, 1)))), ShapeError),
        ("unknown mode", Case((X, 1), {"mode": "mirror"}), ArgumentError),
        ("nothing to repeat", Case((X[:0], 1), {"mode": "edge"}), ShapeError),
        ("float among integers", Case((INTS, 1), {"constant_values": 0.5}), DTypeError),
        ("complex among floats", Case((X, 1), {"constant_values": np.asarray(1j)}), DTypeError),
        ("number out of range", Case((INTS.astype("int8"), 1), {"constant_values": 300}), OverflowError),
        ("several numbers", Case((X, 1), {"constant_values": X[0]}), ShapeError),
        ("text", Case((X, 1), {"constant_values": "0"}), UnknownArrayError),
    ],
)
def frames(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes((*ANY, "bfloat16")))
    x = draw(arrays(dtype, draw(shapes())))
    width = st.sampled_from([0, 1, 2, 7])
    mode = draw(st.sampled_from(["constant", *MODES]))
    whole = mode == "constant" or 0 not in x.shape
    form = draw(st.integers(0, 2))
    asked: Any
    if not whole:
        asked = [(0, 0) if n == 0 else (1, 2) for n in x.shape]
    elif form == 0:
        asked = draw(width)
    elif form == 1 or x.ndim > 2:
        asked = (draw(width), draw(width))
    else:
        asked = [(draw(width), draw(width)) for _ in range(x.ndim)] or 1
    options: dict[str, Any] = {} if mode == "constant" and draw(st.booleans()) else {"mode": mode}
    if mode == "constant" and draw(st.booleans()):
        other = draw(st.sampled_from([dtype, dtype, "bool"]))
        array = draw(st.booleans()) or dtype == "bfloat16"
        options["constant_values"] = draw(arrays(other, ()) if array else scalars(dtype))
    return Case((x, asked), options)


@column(
    "extra.sliding_window_view",
    example=lambda: Case((X, (2, 2))),
    refuses=lambda: [
        ("window longer than the axis", Case((X, 4), {"axis": 1}), ShapeError),
        ("windows of windows too long", Case((X, (2, 2, 2)), {"axis": (1, 1, 1)}), ShapeError),
        ("negative length", Case((X, -1), {"axis": 1}), ShapeError),
        ("half a length", Case((X, 1.5), {"axis": 1}), ArgumentError),
        ("one length for two axes", Case((X, 2)), ShapeError),
        ("axis too large", Case((X, 2), {"axis": 2}), AxisError),
    ],
)
def windows(draw: DrawFn, spec: Spec) -> Case:
    x = draw(arrays(draw(dtypes((*ANY, "bfloat16"))), draw(shapes())))
    if draw(st.booleans()) or not x.ndim:
        lengths = tuple(draw(st.integers(0, min(n, 2))) for n in x.shape)
        return Case((x, lengths[0] if len(lengths) == 1 else lengths))
    a = draw(st.integers(-x.ndim, x.ndim - 1))
    if x.shape[a] > 2 and draw(st.booleans()):
        return Case((x, (2, 2)), {"axis": (a, a)})
    return Case((x, draw(st.integers(0, min(x.shape[a], 3)))), {"axis": a})
