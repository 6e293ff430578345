"""Columns of the linear algebra extension: matrices of known condition; factorisations by what they multiply to."""

from __future__ import annotations

import math
from typing import Any

import hypothesis.strategies as st
import numpy as np
import numpy.typing as npt
from hypothesis.strategies import DrawFn

from accel.dispatch import Spec
from accel.testing.agreement import by_kind, close, exact, near
from accel.testing.cases import Case
from accel.testing.columns.linear_algebra import factors
from accel.testing.columns.table import column
from accel.testing.condition import allowed, conditioned, factor, summing
from accel.testing.strategies import ANY, NUMERIC, arrays, axes, companions, dtype_of, dtypes, shapes, tame

Array = npt.NDArray[Any]

FLOATS = ("float32", "float64", "complex64", "complex128")
"""What the matrix functions are defined for; float16 is not among them in any library."""

STACKS = ((), (), (2,), (0,), (2, 1))


def wide(x: Array) -> Array:
    """Give the values with 64-bit parts."""
    return x.astype(np.complex128 if x.dtype.kind == "c" else np.float64)


def adjoint(x: Array) -> Array:
    """Give the conjugates of the transposed matrices."""
    result: Array = np.conj(np.swapaxes(x, -1, -2))
    return result


def norm(x: Array) -> float:
    """Give the largest magnitude of the finite elements times the length of a side, or 1 where that is less."""
    size = np.abs(np.where(np.isfinite(x), x, 0))
    return max(1.0, float(np.max(size, initial=0)) * max(x.shape[-2:], default=1))


@st.composite
def entries(draw: DrawFn, dtype: str, shape: tuple[int, ...]) -> Array:
    """Draw an array with elements of at most 1."""
    return draw(arrays(dtype, shape, tame(dtype, most=1, least=1 / 64)))


@st.composite
def regular(draw: DrawFn, dtype: str, n: int | None = None, stack: tuple[int, ...] | None = None) -> Array:
    """Draw square matrices whose diagonal dominates, so that their condition is below some tens."""
    n = draw(st.sampled_from([2, 3, 1, 4, 0])) if n is None else n
    stack = draw(st.sampled_from(STACKS)) if stack is None else stack
    x = draw(entries(dtype, (*stack, n, n)))
    result: Array = (x + (2 * n + 1) * np.eye(n)).astype(dtype)
    return result


@st.composite
def hermitian(draw: DrawFn, dtype: str) -> Array:
    n, stack = draw(st.sampled_from([2, 3, 1, 4])), draw(st.sampled_from(STACKS))
    x = draw(entries(dtype, (*stack, n, n)))
    result: Array = ((x + adjoint(x)) / 2).astype(dtype)
    return result


@st.composite
def oblong(draw: DrawFn, dtype: str) -> Array:
    m, n = (draw(st.sampled_from([3, 2, 1, 4])) for _ in range(2))
    return draw(entries(dtype, (*draw(st.sampled_from(STACKS)), m, n)))


@st.composite
def spoiled(draw: DrawFn, x: Array, how: str) -> Case:
    """Make a case of matrices, of which now and then one has no answer; the facts say which."""
    stack = x.shape[:-2]
    broken = np.zeros(stack, dtype=bool)
    if draw(st.integers(0, 4)) == 4 and x.size:
        where = tuple(draw(st.integers(0, n - 1)) for n in stack)
        broken[where] = True
        x = x.copy()
        x[where] = {"nan": np.nan, "zero": 0.0, "negative": -np.eye(x.shape[-1])}[how]
    return Case((x,), {}, {"broken": broken})


def answered(case: Case, *results: Array) -> list[Array]:
    """Take the results of the matrices that have an answer, as one stack; the others must hold something non-finite."""
    broken = np.asarray(case.facts.get("broken", np.zeros(case.args[0].shape[:-2], dtype=bool)))
    if broken.any():
        lost = [r[broken] for r in results]
        assert all(not np.isfinite(matrix).all() for r in lost for matrix in r), (
            f"a matrix without an answer got a finite one: {lost!r}"
        )
    return [r[~broken] for r in results]


def matrices(case: Case) -> Array:
    """Give the matrices that have an answer, as one stack with 64-bit parts."""
    x: Array = wide(case.args[0])
    broken = np.asarray(case.facts.get("broken", np.zeros(x.shape[:-2], dtype=bool)))
    whole: Array = x[~broken]
    return whole


def same_matrices(a: Array, b: Array, bound: float, what: str) -> None:
    """Compare two stacks with an absolute bound."""
    try:
        near(np.asarray(a), np.asarray(b), bound)
    except AssertionError as error:
        raise AssertionError(f"{what}: {error}") from None


def worst_condition(x: Array) -> float:
    return float(np.max(np.linalg.cond(x), initial=1.0)) if x.size else 1.0


def _bound(spec: Spec, x: Array, result: Array, scale: float = 1.0) -> float:
    """Give how far two results may lie apart that are both as close to the exact one as the spec says."""
    m, n = (max(side, 1) for side in x.shape[-2:])
    return 2 * factor(spec, M=m, N=n) * summing(result.dtype) * scale


# Cholesky


def _cholesky_check(spec: Spec, case: Case, expected: Array, got: Array) -> None:
    a, (e, g) = matrices(case), answered(case, expected, got)
    bound = _bound(spec, a, got, worst_condition(a) * norm(e))
    same_matrices(e, g, bound, "the factor")
    factor = adjoint(wide(g)) if case.kwargs.get("upper") else wide(g)
    same_matrices(a, factor @ adjoint(factor), _bound(spec, a, got, norm(a)), "the factor times its adjoint")
    assert np.array_equal(np.triu(factor, 1), np.zeros_like(factor)), "the other triangle is not zero"


@column("linalg.cholesky", check=_cholesky_check)
def cholesky(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes(FLOATS))
    x = draw(hermitian(dtype))
    x = (x @ adjoint(x) + np.eye(x.shape[-1])).astype(dtype)
    x = ((x + adjoint(x)) / 2).astype(dtype)
    case = draw(spoiled(x, "negative"))
    return Case(case.args, draw(st.sampled_from([{}, {"upper": True}, {"upper": False}])), case.facts)


# Products


@column("linalg.cross", check=conditioned)
def cross(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes(NUMERIC))
    along = draw(st.sampled_from([-1, -1, -2]))
    shape = (2, 3) if along == -1 else (3, 2)
    other = draw(st.sampled_from([shape, (3,) if along == -1 else shape, (1, 3) if along == -1 else (3, 1)]))
    given = tuple(draw(arrays(dtype, s, factors(dtype))) for s in (shape, other))
    return Case(given, {} if along == -1 else {"axis": along})


@column("linalg.outer", check=by_kind(exact(), close(8)))
def outer(draw: DrawFn, spec: Spec) -> Case:
    one, two = draw(companions(NUMERIC))
    return Case(tuple(draw(arrays(d, (draw(st.integers(0, 4)),), factors(d))) for d in (one, two)))


@column("linalg.diagonal")
def diagonal(draw: DrawFn, spec: Spec) -> Case:
    x = draw(arrays(draw(dtypes(ANY)), draw(shapes(2))))
    return Case(
        (x,), draw(st.sampled_from([{}, {"offset": 1}, {"offset": -1}, {"offset": 5}, {"offset": -5}]))
    )


@column("linalg.trace", check=conditioned)
def trace(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes(NUMERIC))
    x = draw(arrays(dtype, draw(shapes(2)), factors(dtype)))
    asked: dict[str, Any] = draw(st.sampled_from([{}, {"offset": 1}, {"offset": -1}, {"offset": 3}]))
    if draw(st.integers(0, 3)) == 3:
        wider = {"i": "int64", "u": "uint64", "f": "float64", "c": "complex128"}[x.dtype.kind]
        asked = {**asked, "dtype": dtype_of(wider)}
    return Case((x,), asked)


def _power_check(spec: Spec, case: Case, expected: Array, got: Array) -> None:
    if expected.dtype.kind in "fc":
        near(expected, got, 2 * allowed(spec, case, expected)[..., None, None])
    else:
        exact()(spec, case, expected, got)


@column("linalg.matrix_power", check=_power_check)
def matrix_power(draw: DrawFn, spec: Spec) -> Case:
    return Case((draw(regular(draw(dtypes(FLOATS)))), draw(st.integers(-3, 5))))


# Determinants, inverses and solutions


def _det_check(spec: Spec, case: Case, expected: Array, got: Array) -> None:
    a, (e, g) = matrices(case), answered(case, expected, got)
    same_matrices(
        e,
        g,
        _bound(spec, a, got, worst_condition(a)) * float(np.max(np.abs(e), initial=0)),
        "the determinant",
    )


@column("linalg.det", check=_det_check)
def det(draw: DrawFn, spec: Spec) -> Case:
    return draw(spoiled(draw(regular(draw(dtypes(FLOATS)))), "nan"))


def _slogdet_check(spec: Spec, case: Case, expected: Any, got: Any) -> None:
    a = matrices(case)
    signs, logs = answered(case, expected.sign, got.sign), answered(case, expected.logabsdet, got.logabsdet)
    bound = _bound(spec, a, logs[0], worst_condition(a))
    same_matrices(signs[0], signs[1], bound, "the sign")
    scale = max(1.0, float(np.max(np.abs(logs[0]), initial=0)))
    same_matrices(logs[0], logs[1], bound * scale, "the logarithm")


@column("linalg.slogdet", check=_slogdet_check)
def slogdet(draw: DrawFn, spec: Spec) -> Case:
    return draw(spoiled(draw(regular(draw(dtypes(FLOATS)))), "nan"))


def _inverse_check(spec: Spec, case: Case, expected: Array, got: Array) -> None:
    a, (e, g) = matrices(case), answered(case, expected, got)
    same_matrices(e, g, _bound(spec, a, got, worst_condition(a) * norm(e)), "the inverse")


@column("linalg.inv", check=_inverse_check)
def inv(draw: DrawFn, spec: Spec) -> Case:
    return draw(spoiled(draw(regular(draw(dtypes(FLOATS)))), "zero"))


def _solve_check(spec: Spec, case: Case, expected: Array, got: Array) -> None:
    a = wide(case.args[0])
    bound = _bound(spec, a, got, worst_condition(a) * max(1.0, float(np.max(np.abs(expected), initial=0))))
    same_matrices(expected, got, bound, "the solution")


@column("linalg.solve", check=_solve_check)
def solve(draw: DrawFn, spec: Spec) -> Case:
    one, two = draw(companions(FLOATS))
    x1 = draw(regular(one))
    n = x1.shape[-1]
    stack = draw(st.sampled_from([(), x1.shape[:-2]]))
    shape = draw(st.sampled_from([(n,), (*stack, n, 2), (*stack, n, 1), (*stack, n, 0)]))
    return Case((x1, draw(entries(two, shape))))


@st.composite
def tall_or_wide(draw: DrawFn, dtype: str) -> Array:
    """Draw oblong matrices of full rank and low condition."""
    x = draw(oblong(dtype))
    m, n = x.shape[-2:]
    result: Array = (x + (2 * max(m, n) + 1) * np.eye(m, n)).astype(dtype)
    return result


def _pinv_check(spec: Spec, case: Case, expected: Array, got: Array) -> None:
    a, (e, g) = matrices(case), answered(case, expected, got)
    same_matrices(
        e,
        g,
        _bound(spec, a, got, case.facts.get("condition", worst_condition(a)) ** 2 * norm(e)),
        "the pseudo-inverse",
    )


@column("linalg.pinv", check=_pinv_check)
def pinv(draw: DrawFn, spec: Spec) -> Case:
    x = draw(tall_or_wide(draw(dtypes(FLOATS))))
    asked = draw(st.sampled_from(["default", "scalar", "array", "poor"]))
    if asked == "default":
        return draw(spoiled(x, "nan"))
    if asked == "array":
        part = np.finfo(x.dtype).dtype
        return Case((x,), {"rtol": np.full(x.shape[:-2], 1e-3, dtype=part)})
    if asked == "poor":
        x[..., 0, :] = 0
        return Case((x,), {"rtol": 1e-2}, {"condition": 16.0})
    return Case((x,), {"rtol": 1e-3})


@column("linalg.matrix_rank", check=exact())
def matrix_rank(draw: DrawFn, spec: Spec) -> Case:
    x = draw(tall_or_wide(draw(dtypes(FLOATS))))
    lost = draw(st.integers(0, 2))
    x[..., :lost, :] = 0
    part = np.finfo(x.dtype).dtype
    rtol: Any = draw(st.sampled_from([None, 1e-3, np.full(x.shape[:-2], 1e-3, dtype=part)]))
    return Case((x,), {} if rtol is None else {"rtol": rtol})


# Norms


def _matrix_norm_check(spec: Spec, case: Case, expected: Array, got: Array) -> None:
    stack = case.args[0].shape[:-2]
    conditioned(spec, case, expected.reshape(stack), got.reshape(stack))


@column("linalg.matrix_norm", check=_matrix_norm_check)
def matrix_norm(draw: DrawFn, spec: Spec) -> Case:
    x = draw(oblong(draw(dtypes(FLOATS))))
    asked: dict[str, Any] = draw(st.sampled_from([{}, {"keepdims": True}]))
    order = draw(st.sampled_from(["fro", "nuc", 1, -1, 2, -2, math.inf, -math.inf]))
    return Case((x,), {**asked, **({} if order == "fro" and draw(st.booleans()) else {"ord": order})})


@column("linalg.vector_norm", check=conditioned)
def vector_norm(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes(FLOATS))
    order = draw(st.sampled_from([2, 1, 0, math.inf, -math.inf, 3, 2.5, -1, -2, 0.5]))
    x = draw(arrays(dtype, draw(shapes(empty=order not in (math.inf, -math.inf))), tame(dtype)))
    asked: dict[str, Any] = draw(st.sampled_from([{}, {"keepdims": True}]))
    return Case((x,), {"axis": draw(axes(x.ndim)), **asked, **({} if order == 2 else {"ord": order})})


# Factorisations


def _convention(vectors: Array, room: float) -> None:
    """Check that the leading entry of each column, one within 2 % of its largest, is real and positive."""
    size = np.abs(vectors)
    leads = size >= 0.98 * np.max(size, axis=-2, keepdims=True, initial=0)
    positive = leads & (np.real(vectors) > 0) & (np.abs(np.imag(vectors)) <= room)
    assert positive.any(axis=-2).all(), f"a vector's leading entry is not real and positive: {vectors!r}"


def _orthonormal(vectors: Array, room: float, what: str) -> None:
    product = adjoint(vectors) @ vectors
    same_matrices(
        np.broadcast_to(np.eye(product.shape[-1]), product.shape).astype(product.dtype), product, room, what
    )


def _eigh_check(spec: Spec, case: Case, expected: Any, got: Any) -> None:
    a = matrices(case)
    values = answered(case, expected.eigenvalues, got.eigenvalues)
    vectors = wide(answered(case, got.eigenvectors)[0])
    room = _bound(spec, a, values[0])
    same_matrices(values[0], values[1], room * norm(a), "the eigenvalues")
    _orthonormal(vectors, room, "the products of the eigenvectors")
    again = (vectors * wide(values[1])[..., None, :]) @ adjoint(vectors)
    same_matrices(a, again.astype(a.dtype), room * norm(a), "the matrix made again of its eigenvectors")
    _convention(vectors, room)


@column("linalg.eigh", check=_eigh_check)
def eigh(draw: DrawFn, spec: Spec) -> Case:
    return draw(spoiled(draw(hermitian(draw(dtypes(FLOATS)))), "nan"))


def _values_check(spec: Spec, case: Case, expected: Array, got: Array) -> None:
    a, (e, g) = matrices(case), answered(case, expected, got)
    same_matrices(e, g, _bound(spec, a, g, norm(a)), "the values")


@column("linalg.eigvalsh", check=_values_check)
def eigvalsh(draw: DrawFn, spec: Spec) -> Case:
    return draw(spoiled(draw(hermitian(draw(dtypes(FLOATS)))), "nan"))


def _spectrum(a: Array, values: Array, room: float) -> None:
    """Check eigenvalues in any order: each makes the matrix singular, and together they make its trace."""
    for matrix, found in zip(a, values, strict=True):
        for value in found:
            least = np.linalg.svd(matrix - value * np.eye(len(matrix)), compute_uv=False)[-1]
            assert least <= room, (
                f"{value!r} is no eigenvalue of {matrix!r}: off by {least:.3g}, allowed are {room:.3g}"
            )
        gap = abs(np.trace(matrix) - np.sum(found))
        assert gap <= len(matrix) * room, f"the eigenvalues {found!r} do not sum to the trace of {matrix!r}"


def _eigvals_check(spec: Spec, case: Case, expected: Array, got: Array) -> None:
    a, (g,) = matrices(case), answered(case, got)
    _spectrum(a, wide(g), _bound(spec, a, g, norm(a)))


@st.composite
def square(draw: DrawFn, dtype: str) -> Array:
    n = draw(st.sampled_from([2, 3, 1, 4]))
    return draw(entries(dtype, (*draw(st.sampled_from(STACKS)), n, n)))


@column("linalg.eigvals", check=_eigvals_check)
def eigvals(draw: DrawFn, spec: Spec) -> Case:
    return draw(spoiled(draw(square(draw(dtypes(FLOATS)))), "nan"))


def _eig_check(spec: Spec, case: Case, expected: Any, got: Any) -> None:
    a = matrices(case)
    values, vectors = (wide(r) for r in answered(case, got.eigenvalues, got.eigenvectors))
    room = _bound(spec, a, got.eigenvalues, norm(a))
    _spectrum(a, values, room)
    left, right = a @ vectors, vectors * values[..., None, :]
    same_matrices(left.astype(right.dtype), right, room, "the matrix times its eigenvectors")
    lengths = np.linalg.vector_norm(vectors, axis=-2)
    same_matrices(np.ones_like(lengths), lengths, room, "the lengths of the eigenvectors")


@column("linalg.eig", check=_eig_check)
def eig(draw: DrawFn, spec: Spec) -> Case:
    return draw(spoiled(draw(square(draw(dtypes(FLOATS)))), "nan"))


def _qr_check(spec: Spec, case: Case, expected: Any, got: Any) -> None:
    a = matrices(case)
    q, r = (wide(x) for x in answered(case, got.Q, got.R))
    room = _bound(spec, a, got.Q)
    _orthonormal(q, room, "the products of the columns of Q")
    same_matrices(a, (q @ r).astype(a.dtype), room * norm(a), "Q times R")
    assert np.array_equal(np.tril(r, -1), np.zeros_like(r)), "R is not upper triangular"
    pivots = np.linalg.diagonal(r)
    positive = (np.real(pivots) >= 0) & (np.abs(np.imag(pivots)) <= room * norm(a))
    assert positive.all(), f"R has the diagonal {pivots!r}"


@column("linalg.qr", check=_qr_check)
def qr(draw: DrawFn, spec: Spec) -> Case:
    x = draw(oblong(draw(dtypes(FLOATS))))
    return Case((x,), draw(st.sampled_from([{}, {"mode": "reduced"}, {"mode": "complete"}])))


def _svd_check(spec: Spec, case: Case, expected: Any, got: Any) -> None:
    a = matrices(case)
    values = answered(case, expected.S, got.S)
    u, vh = (wide(x) for x in answered(case, got.U, got.Vh))
    room = _bound(spec, a, values[0])
    same_matrices(values[0], values[1], room * norm(a), "the singular values")
    _orthonormal(u, room, "the products of the columns of U")
    _orthonormal(adjoint(vh), room, "the products of the rows of Vh")
    shared = values[0].shape[-1]
    again = (u[..., :shared] * wide(values[1])[..., None, :]) @ vh[..., :shared, :]
    same_matrices(a, again.astype(a.dtype), room * norm(a), "U times S times Vh")
    _convention(u[..., :shared], room)


@column("linalg.svd", check=_svd_check)
def svd(draw: DrawFn, spec: Spec) -> Case:
    case = draw(spoiled(draw(oblong(draw(dtypes(FLOATS)))), "nan"))
    return Case(
        case.args, draw(st.sampled_from([{}, {"full_matrices": True}, {"full_matrices": False}])), case.facts
    )


@column("linalg.svdvals", check=_values_check)
def svdvals(draw: DrawFn, spec: Spec) -> Case:
    return draw(spoiled(draw(oblong(draw(dtypes(FLOATS)))), "nan"))
