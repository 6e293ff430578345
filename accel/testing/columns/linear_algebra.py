"""Columns of the products of vectors and matrices."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy.typing as npt
from hypothesis.strategies import DrawFn, SearchStrategy

from accel.dispatch import Spec
from accel.testing.cases import Case
from accel.testing.columns.table import column
from accel.testing.condition import conditioned
from accel.testing.strategies import (
    ANY,
    BOOLEAN,
    FLOATING,
    INTEGER,
    NUMERIC,
    arrays,
    companions,
    dtypes,
    shapes,
    tame,
    wild,
)

Array = npt.NDArray[Any]


def factors(dtype: str) -> SearchStrategy[Any]:
    """Draw finite factors whose products stay in range; integers of any size, as their products wrap."""
    return wild(dtype) if dtype in INTEGER + BOOLEAN else tame(dtype)


@column("matmul", check=conditioned)
def matmul(draw: DrawFn, spec: Spec) -> Case:
    one, two = draw(companions(ANY if draw(st.integers(0, 3)) == 3 else NUMERIC))
    m, k, n = (draw(st.sampled_from([3, 2, 1, 0])) for _ in range(3))
    first, second = draw(st.sampled_from([((), ()), ((2,), ()), ((), (2,)), ((2, 1), (1, 3)), ((2,), (2,))]))
    shape1 = (k,) if draw(st.integers(0, 4)) == 4 else (*first, m, k)
    shape2 = (k,) if draw(st.integers(0, 4)) == 4 else (*second, k, n)
    return Case((draw(arrays(one, shape1, factors(one))), draw(arrays(two, shape2, factors(two)))))


@column("matrix_transpose")
def matrix_transpose(draw: DrawFn, spec: Spec) -> Case:
    return Case((draw(arrays(draw(dtypes(ANY)), draw(shapes(2)))),))


@column("tensordot", check=conditioned)
def tensordot(draw: DrawFn, spec: Spec) -> Case:
    one, two = draw(companions(NUMERIC))
    count = draw(st.integers(0, 2))
    shared = tuple(draw(st.integers(0, 3)) for _ in range(count))
    left = tuple(draw(st.integers(1, 2)) for _ in range(draw(st.integers(0, 2))))
    right = tuple(draw(st.integers(1, 2)) for _ in range(draw(st.integers(0, 2))))
    x1 = draw(arrays(one, left + shared, factors(one)))
    if draw(st.booleans()):
        x2 = draw(arrays(two, shared + right, factors(two)))
        return Case((x1, x2), {} if count == 2 and draw(st.booleans()) else {"axes": count})
    x2 = draw(arrays(two, right + shared, factors(two)))
    here = tuple(range(x1.ndim - count, x1.ndim))
    there = tuple(range(x2.ndim - count, x2.ndim))
    order = draw(st.permutations(range(count)))
    return Case((x1, x2), {"axes": (tuple(here[i] for i in order), tuple(there[i] for i in order))})


@column("vecdot", check=conditioned)
def vecdot(draw: DrawFn, spec: Spec) -> Case:
    one, two = draw(companions(FLOATING if draw(st.booleans()) else NUMERIC))
    shape = draw(shapes(1))
    along = draw(st.integers(-len(shape), -1))
    other = list(shape)
    if len(shape) > 1 and draw(st.booleans()):
        other[along - 1 if along > -len(shape) else -1] = 1
        other[along] = shape[along]
    x1, x2 = draw(arrays(one, shape, factors(one))), draw(arrays(two, tuple(other), factors(two)))
    return Case((x1, x2), {} if along == -1 and draw(st.booleans()) else {"axis": along})
