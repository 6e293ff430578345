"""Columns of the set functions."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn

from accel.dispatch import Spec
from accel.testing.agreement import exact
from accel.testing.cases import Case
from accel.testing.columns.elementwise import operands
from accel.testing.columns.table import column
from accel.testing.strategies import ANY, COMPLEX, REAL, arrays, dtypes, shapes, tame, wild


@column("isin")
def isin(draw: DrawFn, spec: Spec) -> Case:
    x1, x2 = draw(operands(REAL))
    if (
        isinstance(x1, np.ndarray)
        and isinstance(x2, np.ndarray)
        and x1.dtype == x2.dtype
        and x1.size
        and x2.size
    ):
        x2 = x2.copy()
        x2.flat[0] = x1.flat[-1]
    return Case((x1, x2), draw(st.sampled_from([{}, {"invert": True}, {"invert": False}])))


# Which of two zeros stands for both is left open.
@column("unique_all", "unique_counts", "unique_inverse", "unique_values", check=exact(zeros=False))
def unique(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes(ANY))
    values = tame(dtype, most=2) if dtype in COMPLEX or draw(st.booleans()) else wild(dtype)
    return Case((draw(arrays(dtype, draw(shapes()), values)),))
