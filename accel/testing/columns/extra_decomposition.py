"""Columns of `accel.extra.decomposition`: matrices of known condition; factors by what they multiply to."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
import numpy.typing as npt
from hypothesis.strategies import DrawFn

from accel.dispatch import Spec
from accel.errors import ArgumentError, DTypeError, ShapeError
from accel.testing.agreement import near
from accel.testing.cases import Case
from accel.testing.columns.linalg import (
    FLOATS,
    STACKS,
    adjoint,
    entries,
    hermitian,
    oblong,
    regular,
    tall_or_wide,
)
from accel.testing.columns.table import column
from accel.testing.condition import allowed, condition, norm, summing, wide
from accel.testing.strategies import companions, dtypes

Array = npt.NDArray[Any]

M = np.asarray([[2.0, 1.0], [1.0, 3.0]])
B = np.asarray([1.0, 2.0])
HALF = M.astype(np.float16)
STACK = np.ones((3, 2, 2))


def _misfits(*before: Any, **asked: Any) -> list[tuple[str, Case, type[Exception]]]:
    """List right-hand sides that do not fit a matrix of two rows."""
    return [
        ("16 bits", Case((*before, B.astype(np.float16)), asked), DTypeError),
        ("booleans", Case((*before, B > 1), asked), DTypeError),
        ("rows that differ", Case((*before, np.ones(3)), asked), ShapeError),
        ("right-hand side without axes", Case((*before, np.asarray(1.0)), asked), ShapeError),
    ]


@st.composite
def _sides(draw: DrawFn, dtype: str, stack: tuple[int, ...], n: int) -> Array:
    """Draw right-hand sides for a stack of matrices."""
    over = draw(st.sampled_from([(), stack]))
    return draw(entries(dtype, draw(st.sampled_from([(n,), (*over, n, 2), (*over, n, 1), (*over, n, 0)]))))


def _as_columns(case: Case, y: Array, side: int = 1) -> Array:
    y = wide(y)
    return y[..., None] if case.args[side].ndim == 1 else y


def _like(case: Case, bound: Array, side: int = 1) -> Array:
    return bound[..., 0] if case.args[side].ndim == 1 else bound


# Triangular systems


def _triangle(case: Case) -> Array:
    """Give the matrix that is meant, of which one triangle alone counts."""
    a = case.args[0].astype(np.complex128 if case.args[0].dtype.kind == "c" else np.float64)
    a = np.tril(a) if case.kwargs.get("lower") else np.triu(a)
    if case.kwargs.get("unit_diagonal"):
        rows = np.arange(a.shape[-1])
        a[..., rows, rows] = 1
    trans = case.kwargs.get("trans", "N")
    return a if trans == "N" else adjoint(a) if trans == "C" else np.swapaxes(a, -1, -2)


def _substitution(case: Case, y: Array) -> dict[str, Any]:
    return {
        "M": case.args[0].shape[-1],
        "a": _triangle(case),
        "inv": np.linalg.inv,
        "y": _as_columns(case, y),
    }


def _substitution_check(spec: Spec, case: Case, expected: Array, got: Array) -> None:
    broken = case.facts.get("broken", np.zeros(case.args[0].shape[:-2], dtype=bool))
    stack = np.broadcast_shapes(case.args[0].shape[:-2], _as_columns(case, expected).shape[:-2])
    lost = np.broadcast_to(broken, stack)
    if expected.size:
        for result in (expected, got):
            each = result[..., None] if case.args[1].ndim == 1 else result
            assert not np.isfinite(each[lost]).all(axis=(-2, -1)).any(), (
                "a zero on the diagonal gives a finite solution"
            )
    if lost.any():
        return
    near(expected, got, 2 * _like(case, np.asarray(allowed(spec, case, expected))))


@column(
    "extra.solve_triangular",
    check=_substitution_check,
    words=_substitution,
    example=lambda: Case((M, B)),
    refuses=lambda: [
        ("16 bits of the matrix", Case((HALF, B)), DTypeError),
        ("oblong", Case((np.ones((2, 3)), B)), ShapeError),
        ("vector", Case((B, B)), ShapeError),
        ("form unknown", Case((M, B), {"trans": "H"}), ArgumentError),
        ("stacks that differ", Case((STACK, np.ones((2, 2, 2)))), ShapeError),
        *_misfits(M),
    ],
)
def triangles(draw: DrawFn, spec: Spec) -> Case:
    one, two = draw(companions(FLOATS))
    a = draw(regular(one))
    if draw(st.integers(0, 3)) == 3:
        # Rows of very different sizes do no harm.
        a = (a * np.exp2(np.arange(a.shape[-1]) * 4.0)[:, None]).astype(one)
    asked: dict[str, Any] = draw(st.sampled_from([{}, {"lower": True}]))
    asked = {**asked, **draw(st.sampled_from([{}, {"trans": "T"}, {"trans": "C"}]))}
    broken = np.zeros(a.shape[:-2], dtype=bool)
    n = a.shape[-1]
    if draw(st.integers(0, 3)) == 3:
        asked["unit_diagonal"] = True
        a = (a / (4 * n + 4)).astype(one)
    elif draw(st.integers(0, 4)) == 4 and a.size:
        a[..., 0, 0] = 0
        broken[...] = True
    b = draw(_sides(two, a.shape[:-2], n))
    if broken.any() and b.size:
        b[...] = 1
    if draw(st.integers(0, 3)) == 3 and n > 1:
        # What is not read may be anything.
        where = np.triu_indices(n, 1) if asked.get("lower") else np.tril_indices(n, -1)
        a[(..., *where)] = np.nan
    return Case((a, b), asked, {"broken": broken})


def _solution(a: Array, case: Case, y: Array) -> dict[str, Any]:
    return {"M": a.shape[-1], "a": a, "cond": condition, "norm": norm, "y": _as_columns(case, y)}


def _of_factor(case: Case) -> Array:
    """Give the matrix of a Cholesky factor."""
    c = wide(case.args[0])
    if case.kwargs.get("upper"):
        c = adjoint(c)
    c = np.tril(c)
    return c @ adjoint(c)


def _of_factors(case: Case) -> Array:
    """Give a matrix of two triangular factors, but for the order of its rows."""
    lower, upper = _factors(wide(case.args[0][0]))
    return lower @ upper


def _solution_check(spec: Spec, case: Case, expected: Array, got: Array) -> None:
    bound = np.asarray(allowed(spec, case, expected)) if expected.size else np.zeros(())
    near(expected, got, 2 * np.max(bound, initial=0.0))


@column(
    "extra.cho_solve",
    check=_solution_check,
    words=lambda case, y: _solution(_of_factor(case), case, y),
    example=lambda: Case((np.linalg.cholesky(M), B)),
    refuses=lambda: [
        ("16 bits of the matrix", Case((HALF, B)), DTypeError),
        ("oblong", Case((np.ones((2, 3)), B)), ShapeError),
        ("vector", Case((B, B)), ShapeError),
        *_misfits(M),
    ],
)
def definite(draw: DrawFn, spec: Spec) -> Case:
    one, two = draw(companions(FLOATS))
    x = draw(hermitian(one))
    x = wide(x) @ adjoint(wide(x)) + np.eye(x.shape[-1])
    c = np.linalg.cholesky(x)
    upper = draw(st.booleans())
    given = (adjoint(c) if upper else c).astype(one)
    b = draw(_sides(two, given.shape[:-2], given.shape[-1]))
    return Case((given, b), {"upper": True} if upper else {})


# LU


def _factors(lu: Array) -> tuple[Array, Array]:
    """Give both triangular factors."""
    m, n = lu.shape[-2:]
    k = min(m, n)
    lower = np.tril(lu[..., :, :k], -1) + np.eye(m, k)
    return lower, np.triu(lu[..., :k, :])


def _exchanged(a: Array, pivots: Array) -> Array:
    """Give the matrices with their rows exchanged."""
    flat = np.array(a).reshape(-1, *a.shape[-2:])
    for matrix, rows in zip(flat, pivots.reshape(flat.shape[0], -1), strict=True):
        for i, other in enumerate(rows):
            matrix[[i, other]] = matrix[[other, i]]
    return flat.reshape(a.shape)


def _parts(case: Case, y: Array) -> dict[str, Any]:
    lower, upper = _factors(wide(y))
    return {"M": y.shape[-2], "N": y.shape[-1], "lower": lower, "upper": upper, "norm": norm}


def _factor_check(spec: Spec, case: Case, expected: Any, got: Any) -> None:
    a = wide(case.args[0])
    for lu, pivots in (expected, got):
        if lu.size == 0:
            continue
        lower, upper = _factors(wide(lu))
        bound = np.asarray(allowed(spec, case, lu))[..., None, None]
        near(_exchanged(a, pivots), lower @ upper, bound)
        assert (_size(lower) <= 1 + 8 * summing(lu.dtype)).all() or a.dtype.kind == "c", (
            "a pivot is not the largest element"
        )
        assert (pivots >= np.arange(pivots.shape[-1])).all(), "a row was exchanged with one that was done"
    # Backends may differ where two candidates come within rounding errors of each other.
    if not _close_pivots(case.args[0]):
        np.testing.assert_array_equal(expected[1], got[1])


def _size(x: Array) -> Array:
    return np.abs(np.real(x)) + np.abs(np.imag(x)) if x.dtype.kind == "c" else np.abs(x)


def _close_pivots(a: Array) -> bool:
    """Tell whether somewhere two candidates for a pivot, of which one was computed, are nearly as large."""
    for matrix in wide(a).reshape(-1, *a.shape[-2:]) if a.size else ():
        left = matrix.copy()
        for k in range(min(left.shape)):
            size = _size(left[k:, k])
            top = np.max(size)
            near_top = np.flatnonzero(size >= top * (1 - 1e-3) - 1e-5)
            if k and near_top.size > 1:
                return True
            if size.size == 0 or top == 0:
                continue
            if k and top < 1e-3:
                return True
            at = k + int(np.argmax(size))
            left[[k, at]] = left[[at, k]]
            left[k + 1 :] -= np.outer(left[k + 1 :, k] / left[k, k], left[k])
    return False


@column(
    "extra.lu_factor",
    check=_factor_check,
    words=_parts,
    example=lambda: Case((M,)),
    refuses=lambda: [
        ("16 bits", Case((HALF,)), DTypeError),
        ("booleans", Case((M > 1,)), DTypeError),
        ("vector", Case((B,)), ShapeError),
    ],
)
def factors(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes(FLOATS))
    a = draw(oblong(dtype)) if draw(st.booleans()) else draw(regular(dtype))[..., ::-1, :].copy()
    return Case((a,))


@column(
    "extra.lu_solve",
    check=_solution_check,
    words=lambda case, y: _solution(_of_factors(case), case, y),
    example=lambda: Case(((np.asarray([[4.0, 4.0], [0.25, 1.0]]), np.asarray([1, 1])), B)),
    refuses=lambda: [
        ("16 bits of the factors", Case(((HALF, np.asarray([0, 1])), B)), DTypeError),
        ("oblong", Case(((np.ones((2, 3)), np.asarray([0, 1])), B)), ShapeError),
        ("pivots that are none", Case(((M, B), B)), DTypeError),
        ("pivots of another length", Case(((M, np.asarray([0])), B)), ShapeError),
        ("one array", Case(((M,), B)), ArgumentError),
        ("form unknown", Case(((M, np.asarray([0, 1])), B), {"trans": "H"}), ArgumentError),
        *_misfits((M, np.asarray([0, 1]))),
    ],
)
def factored(draw: DrawFn, spec: Spec) -> Case:
    one, two = draw(companions(FLOATS))
    n, stack = draw(st.sampled_from([2, 3, 1, 4])), draw(st.sampled_from(STACKS))
    lower = np.tril(wide(draw(entries(one, (*stack, n, n)))), -1)
    upper = np.triu(wide(draw(regular(one, n, stack))))
    lu = (lower + upper).astype(one)
    pivots = np.zeros((*stack, n), dtype=np.int32)
    for i in range(n):
        pivots[..., i] = draw(st.integers(i, n - 1))
    asked: dict[str, Any] = draw(st.sampled_from([{}, {"trans": "T"}, {"trans": "C"}]))
    return Case(((lu, pivots), draw(_sides(two, stack, n))), asked)


# Least squares


def _least(case: Case, y: Array) -> dict[str, Any]:
    a = wide(case.args[0])
    eps = float(np.finfo(y.dtype).eps)
    y = _as_columns(case, y)
    values = np.linalg.svdvals(a)
    counts = values > case.kwargs.get("rcond", max(a.shape[-2:]) * eps) * values[..., :1]
    kept = np.where(counts, values, np.inf)
    b = wide(case.args[1])
    b = b[:, None] if b.ndim == 1 else b

    def cond(_: Array) -> Array:
        with np.errstate(invalid="ignore"):
            return np.where(counts.any(-1), values[..., 0] / np.min(kept, axis=-1), 1.0)

    return {
        "M": a.shape[-2],
        "N": a.shape[-1],
        "a": a,
        "cond": cond,
        "norm": lambda x: np.maximum(norm(x), 1e-30),
        "r": b - a @ y,
        "y": y,
    }


def _least_check(spec: Spec, case: Case, expected: Any, got: Any) -> None:
    x, residuals, rank, values = expected
    a = wide(case.args[0])
    if x.size:
        near(x, got[0], 2 * np.max(np.asarray(allowed(spec, case, x)), initial=0.0))
    room = 16 * max(a.shape[-2:]) * summing(values.dtype)
    near(values, got[3], room * np.max(norm(a), initial=0.0))
    np.testing.assert_array_equal(rank, got[2])
    b = np.max(np.abs(wide(case.args[1])), initial=0.0) * a.shape[-2]
    off = np.max(np.asarray(allowed(spec, case, x)), initial=0.0) * np.max(norm(a), initial=0.0) + room * b
    near(residuals, got[1], 2 * off * (b + off))


@column(
    "extra.lstsq",
    check=_least_check,
    words=_least,
    example=lambda: Case((M, B)),
    refuses=lambda: [
        ("16 bits of the matrix", Case((HALF, B)), DTypeError),
        ("vector", Case((B, B)), ShapeError),
        ("no columns", Case((M[:, :0], B)), ShapeError),
        ("cut-off below zero", Case((M, B), {"rcond": -1.0}), ArgumentError),
        ("stacks that differ", Case((STACK, np.ones((2, 2, 2)))), ShapeError),
        *_misfits(M),
    ],
)
def squares(draw: DrawFn, spec: Spec) -> Case:
    one, two = draw(companions(FLOATS))
    a = draw(tall_or_wide(one))
    rtol: float | None = None
    if draw(st.integers(0, 3)) == 3 and a.shape[-2] > 1:
        a[..., 0, :] = 0
        rtol = 1e-2
    b = draw(_sides(two, a.shape[:-2], a.shape[-2]))
    return Case((a, b), {} if rtol is None else {"rcond": rtol})


# The exponential


def _series(a: Array) -> Array:
    """Give the exponential of each matrix by squaring sums of its series, in 64 bits."""
    size = float(np.max(np.sum(np.abs(a), axis=-2), initial=0.0))
    halvings = max(0, int(np.ceil(np.log2(max(size, 1e-300)))) + 4)
    a = a / 2.0**halvings
    found = term = np.broadcast_to(np.eye(a.shape[-1]), a.shape).astype(a.dtype)
    for k in range(1, 20):
        term = term @ a / k
        found = found + term
    for _ in range(halvings):
        found = found @ found
    return found


def exponential_condition(a: Array) -> Array:
    """Give the relative condition of the exponential of each matrix: the norm of its derivative, as a matrix of M**2 rows."""
    m = a.shape[-1]
    if m == 0:
        return np.ones(a.shape[:-2])
    found = []
    for matrix in a.reshape(-1, m, m):
        stack = np.zeros((m * m, 2 * m, 2 * m), dtype=a.dtype)
        stack[:, :m, :m] = stack[:, m:, m:] = matrix
        stack[:, :m, m:] = np.eye(m * m).reshape(m * m, m, m)
        whole = _series(stack)
        slope = whole[:, :m, m:].reshape(m * m, m * m)
        found.append(np.linalg.norm(slope, 2) * np.linalg.norm(matrix) / np.linalg.norm(whole[0, :m, :m]))
    return np.asarray(found).reshape(a.shape[:-2])


def _exponent(case: Case, y: Array) -> dict[str, Any]:
    a = wide(case.args[0])
    return {"M": a.shape[-1], "a": a, "cond": exponential_condition, "norm": norm, "y": wide(y)}


def _exponential_check(spec: Spec, case: Case, expected: Array, got: Array) -> None:
    if case.facts.get("broken"):
        assert np.isnan(expected).all()
        assert np.isnan(got).all()
        return
    near(expected, got, 2 * np.asarray(allowed(spec, case, expected))[..., None, None])


@column(
    "extra.expm",
    check=_exponential_check,
    words=_exponent,
    example=lambda: Case((M,)),
    refuses=lambda: [
        ("16 bits", Case((HALF,)), DTypeError),
        ("booleans", Case((M > 1,)), DTypeError),
        ("oblong", Case((np.ones((2, 3)),)), ShapeError),
        ("vector", Case((B,)), ShapeError),
    ],
)
def exponents(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes(FLOATS))
    n, stack = draw(st.sampled_from([2, 3, 1, 4, 0])), draw(st.sampled_from(STACKS))
    most = draw(st.sampled_from([1, 8]))
    a = draw(entries(dtype, (*stack, n, n))) * most
    a = a.astype(dtype)
    if draw(st.integers(0, 5)) == 5 and a.size:
        a[...] = draw(st.sampled_from([np.nan, np.inf]))
        return Case((a,), {}, {"broken": True})
    return Case((a,))
