"""Columns of `accel.random.keys`."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn

from accel.dispatch import Spec
from accel.errors import ArgumentError, DeviceNotFoundError, DTypeError, ShapeError
from accel.testing.cases import Case
from accel.testing.columns.table import Refusal, column
from accel.testing.strategies import arrays

KEY = np.asarray([0, 42], dtype=np.uint32)

secrets = arrays("uint32", (2,), st.integers(0, 2**32 - 1))
"""Any key."""


def no_keys(*args: Any, **kwargs: Any) -> list[Refusal]:
    """List calls of an op with what is no key; the arguments are those that follow it."""
    return [
        ("key of floats", Case((KEY.astype(np.float64), *args), kwargs), DTypeError),
        ("key of int64", Case((KEY.astype(np.int64), *args), kwargs), DTypeError),
        ("key of one word", Case((KEY[:1], *args), kwargs), ShapeError),
        ("several keys", Case((np.stack([KEY, KEY]), *args), kwargs), ShapeError),
    ]


@column(
    "random.key",
    example=lambda: Case((42,)),
    refuses=lambda: [
        ("seed beyond 64 bits", Case((2**64,)), ArgumentError),
        ("seed below 64 bits", Case((-(2**63) - 1,)), ArgumentError),
        ("seed with a fraction", Case((0.5,)), ArgumentError),
        ("seed of truth", Case((True,)), ArgumentError),
        ("no seed", Case((None,)), ArgumentError),
        ("device", Case((0,), {"device": "nonsense"}), DeviceNotFoundError),
    ],
)
def seeds(draw: DrawFn, spec: Spec) -> Case:
    return Case((draw(st.one_of(st.integers(-(2**63), 2**64 - 1), st.integers(-9, 9))),))


@column(
    "random.split",
    example=lambda: Case((KEY,)),
    refuses=lambda: [
        *no_keys(),
        ("negative", Case((KEY, -1)), ShapeError),
        ("half", Case((KEY, 0.5)), ArgumentError),
        ("negative in a shape", Case((KEY, (2, -1))), ShapeError),
    ],
)
def parts(draw: DrawFn, spec: Spec) -> Case:
    more = draw(st.sampled_from([(), (2,), (1,), (5,), (0,), ((2, 3),), ((),)]))
    return Case((draw(secrets), *more))


@column(
    "random.fold_in",
    example=lambda: Case((KEY, 7)),
    refuses=lambda: [
        *no_keys(1),
        ("negative", Case((KEY, -1)), ArgumentError),
        ("beyond 32 bits", Case((KEY, 2**32)), ArgumentError),
        ("fraction", Case((KEY, 0.5)), ArgumentError),
        ("float array", Case((KEY, np.asarray(1.0))), DTypeError),
        ("several numbers", Case((KEY, np.asarray([1, 2]))), ShapeError),
    ],
)
def numbered(draw: DrawFn, spec: Spec) -> Case:
    data: Any = draw(st.one_of(st.integers(0, 2**32 - 1), st.integers(0, 9)))
    if draw(st.booleans()):
        dtype = draw(st.sampled_from(["int64", "uint32", "uint8", "int32"]))
        data = np.asarray(data % (int(np.iinfo(dtype).max) + 1), dtype=dtype)
    return Case((draw(secrets), data))
