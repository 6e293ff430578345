"""Columns of the products of vectors and matrices."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
import numpy.typing as npt
from hypothesis.strategies import DrawFn, SearchStrategy

from accel.dispatch import Spec
from accel.testing.agreement import within
from accel.testing.cases import Case
from accel.testing.columns.table import column
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


def sizes(x: Array) -> Array:
    """Give the magnitudes, in float64."""
    wide: Array = np.abs(x.astype(np.complex128)).astype(np.float64)
    return wide


def _bound(product: Any, count: int, expected: Array) -> Any:
    # K * eps * abs(x1) @ abs(x2) on each side; a complex product has four roundings in place of one.
    roundings = 4 if expected.dtype.kind == "c" else 1
    return 2 * roundings * (count + 1) * float(np.finfo(expected.dtype).eps) * product


def _matmul_bound(case: Case, expected: Array) -> Any:
    x1, x2 = map(sizes, case.args)
    return _bound(np.matmul(x1, x2), x1.shape[-1], expected)


@column("matmul", check=within(_matmul_bound))
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


def _tensordot_bound(case: Case, expected: Array) -> Any:
    x1, x2 = map(sizes, case.args)
    product = np.tensordot(x1, x2, axes=case.kwargs.get("axes", 2))
    return _bound(product, x1.size, expected)


@column("tensordot", check=within(_tensordot_bound))
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


def _vecdot_bound(case: Case, expected: Array) -> Any:
    x1, x2 = map(sizes, case.args)
    along = case.kwargs.get("axis", -1)
    return _bound(np.sum(x1 * x2, axis=along), x1.shape[along], expected)


@column("vecdot", check=within(_vecdot_bound))
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
