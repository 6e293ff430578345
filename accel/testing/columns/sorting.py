"""Columns of the sorting functions."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
import numpy.typing as npt
from hypothesis.strategies import DrawFn

from accel.dispatch import Spec
from accel.testing.agreement import exact
from accel.testing.cases import Case
from accel.testing.columns.table import column
from accel.testing.strategies import REAL, arrays, axis, dtypes, shapes, tame, wild


def _as_asked(spec: Spec, case: Case, expected: npt.NDArray[Any], got: npt.NDArray[Any]) -> None:
    """Compare bit for bit; unstable orders, which leave equal elements open, by the values that they give."""
    if case.kwargs.get("stable", True):
        exact()(spec, case, expected, got)
        return
    along = case.kwargs.get("axis", -1)
    if spec.name == "argsort":
        exact()(spec, case, np.sort(expected, axis=along), np.sort(got, axis=along))
        expected, got = (np.take_along_axis(case.args[0], order, along) for order in (expected, got))
    exact(zeros=False)(spec, case, expected, got)


@column("argsort", "sort", check=_as_asked)
def order(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes(REAL))
    values = tame(dtype, most=2) if draw(st.booleans()) else wild(dtype)
    x = draw(arrays(dtype, draw(shapes(1)), values))
    asked: dict[str, Any] = draw(
        st.sampled_from([{}, {"descending": True}, {"descending": False}, {"stable": False}])
    )
    if draw(st.booleans()):
        asked = {**asked, "axis": draw(axis(x.ndim))}
    return Case((x,), asked)
