"""Decompositions: triangular systems, LU, least squares, the exponential of a matrix."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import accel as xp
import accel.requirement as requirement
from accel.dispatch import op
from accel.dtype import name_of
from accel.errors import ArgumentError, DTypeError, ShapeError
from accel.typing import A

__all__ = ["cho_solve", "expm", "lstsq", "lu_factor", "lu_solve", "solve_triangular"]

BLOCK = 32
"""Systems of so many equations are solved at once; larger ones are cut in two."""

FORMS = ("N", "T", "C")
"""As it is, transposed, transposed and conjugated."""


# What is asked of arguments


def _floating(**arrays: Any) -> None:
    """Refuse what LAPACK has no functions for."""
    requirement.numeric(**arrays)
    for name, x in arrays.items():
        if name_of(x.dtype) in ("float16", "bfloat16"):
            raise DTypeError(
                f"{name} is {name_of(x.dtype)}, and matrices are solved in 32 bits at least; write accel.astype({name}, accel.float32)."
            )


def _square(**arrays: Any) -> None:
    requirement.dimensions(2, **arrays)
    for name, x in arrays.items():
        if x.shape[-1] != x.shape[-2]:
            raise ShapeError(f"{name} has shape {tuple(x.shape)}, and square matrices are taken.")


def _fitting(name: str, a: Any, b: Any) -> None:
    """Refuse right-hand sides that do not fit matrices."""
    requirement.dimensions(1, b=b)
    rows = b.shape[0] if b.ndim == 1 else b.shape[-2]
    stacks = (tuple(a.shape[:-2]), tuple(b.shape[:-2]))
    short = min(map(len, stacks))
    tails = (s[len(s) - short :] for s in stacks)
    if rows != a.shape[-2] or any(m != n and 1 not in (m, n) for m, n in zip(*tails, strict=True)):
        raise ShapeError(
            f"{name} has shape {tuple(a.shape)} and b {tuple(b.shape)}, which do not fit; b has shape (M,) or (..., M, K)."
        )


def _triangular(
    a: Any, b: Any, /, *, lower: Any = False, trans: Any = "N", unit_diagonal: Any = False
) -> None:
    _floating(a=a, b=b)
    _square(a=a)
    requirement.choice(*FORMS, trans=trans)
    _fitting("a", a, b)


def _factored(lu_and_pivots: Any, b: Any, /, *, trans: Any = "N") -> None:
    if len(lu_and_pivots) != 2:
        raise ArgumentError(
            f"lu_and_pivots is the pair that accel.extra.lu_factor gives, got {len(lu_and_pivots)} arrays."
        )
    lu, pivots = lu_and_pivots
    _floating(lu=lu, b=b)
    _square(lu=lu)
    requirement.integral(pivots=pivots)
    requirement.choice(*FORMS, trans=trans)
    if tuple(pivots.shape) != tuple(lu.shape[:-1]):
        raise ShapeError(
            f"pivots has shape {tuple(pivots.shape)} and lu {tuple(lu.shape)}; there is a pivot for each row of each matrix."
        )
    _fitting("lu", lu, b)


def _holesky(c: Any, b: Any, /, *, upper: Any = False) -> None:
    _floating(c=c, b=b)
    _square(c=c)
    _fitting("c", c, b)


def _oblong(a: Any, /) -> None:
    _floating(a=a)
    requirement.dimensions(2, a=a)


def _quadratic(a: Any, /) -> None:
    _floating(a=a)
    _square(a=a)


def _overdetermined(a: Any, b: Any, /, *, rcond: Any = None) -> None:
    _floating(a=a, b=b)
    requirement.dimensions(2, a=a)
    requirement.filled(a, (a.ndim - 2, a.ndim - 1), "a")
    requirement.number(0, math.inf, rcond=rcond)
    _fitting("a", a, b)


def _inexact(*arrays: Any) -> tuple[Any, ...]:
    """Give arrays in the dtype that they have together, float64 for integers."""
    dtype = xp.result_type(*arrays)
    if not xp.isdtype(dtype, ("real floating", "complex floating")):
        dtype = xp.float64
    return tuple(x if x.dtype == dtype else xp.astype(x, dtype) for x in arrays)


def _columns(b: Any) -> Any:
    return xp.expand_dims(b, axis=-1) if b.ndim == 1 else b


def _adjoint(x: Any) -> Any:
    x = xp.matrix_transpose(x)
    return xp.conj(x) if xp.isdtype(x.dtype, "complex floating") else x


# Triangular systems


@op(
    dtypes="floating-point",
    same="conditioned",
    bound="4 * M * eps * (abs(inv(a)) @ (abs(a) @ abs(y)))",
    requires=_triangular,
    checks=("pivots", "nan"),
)
def solve_triangular(
    a: A, b: A, /, *, lower: bool = False, trans: str = "N", unit_diagonal: bool = False
) -> A:
    """Solution of each system of linear equations whose matrix is triangular.

    Parameters
    ----------
    a : array, shape (..., M, M), floating-point dtype
        Triangular matrices; the other triangle is not read.
    b : array, shape (M,) or (..., M, K), floating-point dtype
        Right-hand sides. One axis means one right-hand side for all systems; with more axes, each column is one, and the axes before the
        last two broadcast with those of ``a``.
    lower : bool, default False
        True where the matrices are lower triangular, False where they are upper triangular.
    trans : str, default "N"
        ``"N"`` to solve ``a @ y = b``, ``"T"`` for the transposed matrices, ``"C"`` for the transposed and conjugated ones.
    unit_diagonal : bool, default False
        Take the diagonal as ones, without reading it.

    Returns
    -------
    array, shape (..., M) or (..., M, K), dtype result_type(a, b), device of a
        Solutions. Integers count as float64.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends.
    ShapeError
        The matrices are not square, or the right-hand sides do not fit them.
    DTypeError
        An argument is boolean, or has 16 bits.
    ArgumentError
        ``trans`` is unknown.
    SingularMatrixError
        Inside `accel.checked`: a diagonal has a zero.

    Notes
    -----
    Accuracy: each element of the solution y within that of ``4 * M * eps * (abs(inv(a)) @ (abs(a) @ abs(y)))``, ``a`` being the triangle
    that is meant, transposed where asked: substitution does not depend on how rows are scaled.
    A zero on the diagonal gives a solution that is not finite.
    Cost: O(M**2 * K), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        extra.solve_triangular(float64([[2.0, nan], [1.0, 1.0]]), float64([2.0, 3.0]), lower=True) ->
            float64([1.0, 2.0])  # the other triangle is not read
        extra.solve_triangular(float64([[0.0]]), float64([1.0])) ->
            nonfinite(float64([nan])); checked raises SingularMatrixError  # a zero on the diagonal
        extra.solve_triangular(int64([[2]]), int64([1])) -> float64([0.5])  # integers: in float64
        extra.solve_triangular(float16([[2.0]]), float16([1.0])) -> raises DTypeError  # 16 bits

    References
    ----------
    N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd edition (2002), theorem 8.5.

    Examples
    --------
    >>> import numpy, accel
    >>> a = numpy.asarray([[2.0, 0.0], [1.0, 4.0]])
    >>> accel.extra.solve_triangular(a, numpy.asarray([2.0, 9.0]), lower=True)
    array([1., 2.])
    """
    a, b = _inexact(a, b)
    y = _columns(b)
    if trans != "N":
        a, lower = _adjoint(a) if trans == "C" else xp.matrix_transpose(a), not lower
    a = (xp.tril if lower else xp.triu)(a, k=(-1 if lower else 1) if unit_diagonal else 0)
    if unit_diagonal:
        a = xp.add(a, xp.eye(a.shape[-1], dtype=a.dtype, device=xp.device(a)))
    if lower:
        y = xp.flip(_backward(xp.flip(a, axis=(-2, -1)), xp.flip(y, axis=-2)), axis=-2)
    else:
        y = _backward(a, y)
    return y[..., 0] if b.ndim == 1 else y


def _backward(a: Any, b: Any) -> Any:
    """Solve for upper triangular matrices, in which Gaussian elimination finds nothing to eliminate."""
    n = a.shape[-1]
    if n <= BLOCK:
        return xp.linalg.solve(a, b)
    cut = n // 2
    low = _backward(a[..., cut:, cut:], b[..., cut:, :])
    rest = xp.subtract(b[..., :cut, :], xp.matmul(a[..., :cut, cut:], low))
    high = _backward(a[..., :cut, :cut], rest)
    return xp.concat((high, low), axis=-2)


@op(
    dtypes="floating-point",
    same="conditioned",
    bound="16 * M * eps * cond(a) * norm(y)",
    requires=_holesky,
    checks=("pivots", "nan"),
)
def cho_solve(c: A, b: A, /, *, upper: bool = False) -> A:
    """Solution of each system of linear equations whose matrix is given by its Cholesky factor.

    Parameters
    ----------
    c : array, shape (..., M, M), floating-point dtype
        Factors as `accel.linalg.cholesky` gives them; the other triangle is not read.
    b : array, shape (M,) or (..., M, K), floating-point dtype
        Right-hand sides. One axis means one right-hand side for all systems; with more axes, each column is one, and the axes before the
        last two broadcast with those of ``c``.
    upper : bool, default False
        False where ``c`` holds lower factors, whose product with their adjoints is the matrix, True where it holds upper ones.

    Returns
    -------
    array, shape (..., M) or (..., M, K), dtype result_type(c, b), device of c
        Solutions. Integers count as float64.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends.
    ShapeError
        The matrices are not square, or the right-hand sides do not fit them.
    DTypeError
        An argument is boolean, or has 16 bits.
    SingularMatrixError
        Inside `accel.checked`: a diagonal has a zero.

    Notes
    -----
    Accuracy: the solution y within ``16 * M * eps * cond(a) * norm(y)``, ``a`` being the matrix whose factor is given.
    Cost: O(M**2 * K), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        extra.cho_solve(float64([[2.0, nan], [1.0, 1.0]]), float64([4.0, 4.0])) ->
            float64([0.0, 2.0])  # the other triangle is not read
        extra.cho_solve(float64([[0.0]]), float64([1.0])) ->
            nonfinite(float64([nan])); checked raises SingularMatrixError  # a zero on the diagonal

    References
    ----------
    N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd edition (2002), theorem 10.4.

    Examples
    --------
    >>> import numpy, accel
    >>> c = accel.linalg.cholesky(numpy.asarray([[4.0, 2.0], [2.0, 5.0]]))
    >>> accel.extra.cho_solve(c, numpy.asarray([8.0, 12.0]))
    array([1., 2.])
    """
    first, second = ("C", "N") if upper else ("N", "C")
    y: Any = xp.extra.solve_triangular(c, _columns(b), lower=not upper, trans=first)
    y = xp.extra.solve_triangular(c, y, lower=not upper, trans=second)
    return y[..., 0] if b.ndim == 1 else y


# LU


@op(
    dtypes="floating-point",
    same="conditioned",
    bound="4 * max(M, N) * eps * norm(lower) * norm(upper)",
    requires=_oblong,
    checks=("nan",),
)
def lu_factor(a: A, /) -> tuple[A, A]:
    """Triangular factors of each matrix, and the rows that were exchanged.

    Parameters
    ----------
    a : array, shape (..., M, N), floating-point dtype
        Matrices.

    Returns
    -------
    lu : array, shape (..., M, N), dtype and device of a
        The upper factor with its diagonal, and below it the lower one, whose diagonal of ones is left out. Integers count as float64.
    pivots : array, shape (..., min(M, N)), int32, device of a
        Row i was exchanged with row ``pivots[..., i]``, for i = 0, 1, 2 ... in this order.

    Raises
    ------
    UnknownArrayError
        ``a`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    ShapeError
        ``a`` has fewer than two axes.
    DTypeError
        ``a`` is boolean, or has 16 bits.

    Notes
    -----
    Accuracy: the product of the factors is within ``4 * max(M, N) * eps * norm(lower) * norm(upper)`` of the matrix with its rows
    exchanged.
    The pivot is the largest element left in its column, the first where several are; of complex numbers the sum of the magnitudes of
    both parts counts, as in LAPACK. Where two come within rounding errors of each other, backends may choose differently.
    A singular matrix gets an upper factor with a zero on its diagonal; a matrix with nan or infinities gets factors that are not finite,
    and any rows for pivots.
    Cost: O(M * N * min(M, N)), no device synchronisation; safe under ``jax.jit``. The composed form takes min(M, N) passes.

    Settled by accel::

        extra.lu_factor(float64([[1.0, 2.0], [-1.0, 3.0]])) ->
            (float64([[1.0, 2.0], [-1.0, 5.0]]), int32([0, 1]))  # two pivots as large: the first
        extra.lu_factor(float64([[0.0, 2.0], [4.0, 3.0]])) -> (float64([[4.0, 3.0], [0.0, 2.0]]), int32([1, 1]))  # rows exchanged
        extra.lu_factor(float64([[1.0, 2.0], [1.0, 2.0]])) ->
            (float64([[1.0, 2.0], [1.0, 0.0]]), int32([0, 1]))  # singular: a zero on the diagonal
        extra.lu_factor(complex128([[3.0, 0.0], [complex(2.0, 2.0), 0.0]]))[1] -> int32([1, 1])  # complex: the sum of both parts

    References
    ----------
    N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd edition (2002), theorem 9.3.

    Examples
    --------
    >>> import numpy, accel
    >>> lu, pivots = accel.extra.lu_factor(numpy.asarray([[1.0, 2.0], [4.0, 4.0]]))
    >>> lu
    array([[4.  , 4.  ],
           [0.25, 1.  ]])
    >>> pivots
    array([1, 1], dtype=int32)
    """
    left: Any = _inexact(a)[0]
    m, n = left.shape[-2:]
    rows, places = (xp.arange(k, dtype=xp.int64, device=xp.device(left)) for k in (m, n))
    down = xp.expand_dims(rows, axis=1)
    chosen = []
    for k in range(min(m, n)):
        size = xp.where(xp.greater_equal(rows, k), _size(left[..., :, k]), -1.0)
        pivot = xp.argmax(size, axis=-1, keepdims=True)
        chosen.append(pivot)
        order = xp.where(xp.equal(rows, k), pivot, xp.where(xp.equal(rows, pivot), k, rows))
        left = xp.take_along_axis(left, xp.broadcast_to(xp.expand_dims(order, axis=-1), left.shape), axis=-2)
        head = left[..., k : k + 1, k : k + 1]
        below = xp.greater(down, k)
        share = xp.where(
            below,
            xp.divide(left[..., :, k : k + 1], xp.where(xp.equal(head, 0), xp.ones_like(head), head)),
            0,
        )
        rest = xp.where(xp.greater(places, k), left[..., k : k + 1, :], 0)
        left = xp.where(
            xp.logical_and(below, xp.equal(places, k)), share, xp.subtract(left, xp.multiply(share, rest))
        )
    if not chosen:
        return left, xp.zeros((*left.shape[:-2], 0), dtype=xp.int32, device=xp.device(left))
    return left, xp.astype(xp.concat(chosen, axis=-1), xp.int32)


def _size(x: Any) -> Any:
    """Give what pivots are chosen by."""
    if xp.isdtype(x.dtype, "complex floating"):
        return xp.add(xp.abs(xp.real(x)), xp.abs(xp.imag(x)))
    return xp.abs(x)


@op(
    dtypes="floating-point",
    same="conditioned",
    bound="16 * M * eps * cond(a) * norm(y)",
    requires=_factored,
    checks=("pivots", "nan"),
)
def lu_solve(lu_and_pivots: Sequence[A], b: A, /, *, trans: str = "N") -> A:
    """Solution of each system of linear equations whose matrix is given by its triangular factors.

    Parameters
    ----------
    lu_and_pivots : pair of arrays, shapes (..., M, M) and (..., M)
        What `lu_factor` gives.
    b : array, shape (M,) or (..., M, K), floating-point dtype
        Right-hand sides. One axis means one right-hand side for all systems; with more axes, each column is one, and the axes before the
        last two broadcast with those of the matrices.
    trans : str, default "N"
        ``"N"`` to solve ``a @ y = b``, ``"T"`` for the transposed matrices, ``"C"`` for the transposed and conjugated ones.

    Returns
    -------
    array, shape (..., M) or (..., M, K), dtype result_type(lu, b), device of b
        Solutions. Integers count as float64.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends.
    ShapeError
        The matrices are not square, or pivots or right-hand sides do not fit them.
    DTypeError
        An argument is boolean or has 16 bits, or the pivots are no integers.
    ArgumentError
        ``lu_and_pivots`` is no pair, or ``trans`` is unknown.
    SingularMatrixError
        Inside `accel.checked`: a diagonal has a zero.

    Notes
    -----
    Accuracy: the solution y within ``16 * M * eps * cond(a) * norm(y)``, ``a`` being the matrix whose factors are given.
    Pivots that no row has give solutions without a meaning.
    Cost: O(M**2 * K), no device synchronisation; safe under ``jax.jit``. The composed form takes M passes over the pivots.

    Settled by accel::

        extra.lu_solve((float64([[0.0]]), int32([0])), float64([1.0])) ->
            nonfinite(float64([nan])); checked raises SingularMatrixError  # singular

    References
    ----------
    N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd edition (2002), theorem 9.4.

    Examples
    --------
    >>> import numpy, accel
    >>> factors = accel.extra.lu_factor(numpy.asarray([[2.0, 0.0], [1.0, 4.0]]))
    >>> accel.extra.lu_solve(factors, numpy.asarray([2.0, 9.0]))
    array([1., 2.])
    """
    lu, pivots = lu_and_pivots
    lu, b = _inexact(lu, b)
    order = _order(pivots)
    y = _columns(b)
    stack: Any = xp.broadcast_shapes(tuple(lu.shape[:-2]), tuple(y.shape[:-2]))
    y = xp.broadcast_to(y, (*stack, *y.shape[-2:]))
    if trans == "N":
        y = _rows(y, order)
        y = xp.extra.solve_triangular(lu, y, lower=True, unit_diagonal=True)
        y = xp.extra.solve_triangular(lu, y)
    else:
        y = xp.extra.solve_triangular(lu, y, trans=trans)
        y = xp.extra.solve_triangular(lu, y, lower=True, trans=trans, unit_diagonal=True)
        y = _rows(y, xp.argsort(order, axis=-1))
    return y[..., 0] if b.ndim == 1 else y


def _order(pivots: Any) -> Any:
    """Give the order of rows that exchanges one after the other make."""
    pivots = xp.astype(pivots, xp.int64)
    m = pivots.shape[-1]
    rows = xp.arange(m, dtype=xp.int64, device=xp.device(pivots))
    order = xp.broadcast_to(rows, pivots.shape)
    for k in range(m):
        other = pivots[..., k : k + 1]
        here, there = order[..., k : k + 1], xp.take_along_axis(order, other, axis=-1)
        order = xp.where(xp.equal(rows, k), there, xp.where(xp.equal(rows, other), here, order))
    return order


def _rows(y: Any, order: Any) -> Any:
    """Give rows of matrices in an order."""
    order = xp.broadcast_to(xp.expand_dims(order, axis=-1), y.shape)
    return xp.take_along_axis(y, order, axis=-2)


# Least squares


@op(
    dtypes="floating-point",
    same="conditioned",
    bound="16 * max(M, N) * eps * cond(a) * (norm(y) + cond(a) * norm(r) / norm(a))",
    requires=_overdetermined,
    checks=("nan",),
)
def lstsq(a: A, b: A, /, *, rcond: float | None = None) -> tuple[A, A, A, A]:
    """Least-squares solution of each system of linear equations, the shortest where there are several.

    Parameters
    ----------
    a : array, shape (..., M, N), floating-point dtype
        Coefficients.
    b : array, shape (M,) or (..., M, K), floating-point dtype
        Right-hand sides. One axis means one right-hand side for all systems; with more axes, each column is one, and the axes before the
        last two broadcast with those of ``a``.
    rcond : float, optional
        Singular values up to this times the largest count as zero; by default ``max(M, N) * eps``.

    Returns
    -------
    x : array, shape (..., N) or (..., N, K), dtype result_type(a, b), device of a
        Solutions. Integers count as float64.
    residuals : array, shape (...) or (..., K), real dtype of x
        Sum of the squares of ``b - a @ x`` for each right-hand side.
    rank : array, shape (...), int32
        How many singular values count.
    singular_values : array, shape (..., min(M, N)), real dtype of a
        In descending order.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends.
    ShapeError
        ``a`` has fewer than two axes or no elements, or the right-hand sides do not fit.
    DTypeError
        An argument is boolean, or has 16 bits.
    ArgumentError
        ``rcond`` is negative or no number.

    Notes
    -----
    Accuracy: x within ``16 * max(M, N) * eps * cond(a) * (norm(y) + cond(a) * norm(r) / norm(a))`` of the exact solution y, for the
    residual ``r``, the condition being that of the singular values that count; singular values as `accel.linalg.svdvals`.
    The residuals are there for matrices of any shape and rank, where NumPy leaves them out for some, as a shape that depends on values
    could not be compiled. A matrix with nan or infinities gets nan.
    Derivatives through JAX are those of `accel.linalg.svd`, finite as long as no two singular values are the same.
    Cost: O(M * N * min(M, N)), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        extra.lstsq(float64([[1.0, 0.0]]), float64([2.0]))[0] -> float64([2.0, 0.0])  # the shortest solution
        extra.lstsq(float64([[0.0, 0.0]]), float64([2.0]))[2] -> int32(0)  # a matrix of zeros

    References
    ----------
    G. H. Golub, C. F. Van Loan, Matrix Computations, 4th edition (2013), section 5.5; P.-A. Wedin, Perturbation theory for
    pseudo-inverses, BIT 13 (1973).

    Examples
    --------
    >>> import numpy, accel
    >>> a = numpy.asarray([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]])
    >>> x, residuals, rank, values = accel.extra.lstsq(a, numpy.asarray([1.0, 3.0, 5.0]))
    >>> numpy.round(x, 6)
    array([1., 2.])
    >>> int(rank)
    2
    """
    a, b = _inexact(a, b)
    y = _columns(b)
    factors: Any = xp.linalg.svd(a, full_matrices=False)
    u, values, vh = factors
    cut = max(a.shape[-2:]) * float(xp.finfo(values.dtype).eps) if rcond is None else float(rcond)
    counts = xp.greater(values, xp.multiply(values[..., :1], cut))
    weights = xp.where(counts, xp.divide(1.0, xp.where(counts, values, 1.0)), 0.0)
    weights = xp.expand_dims(weights, axis=-1)
    parts = xp.matmul(_adjoint(u), y)
    parts = xp.multiply(parts, weights if weights.dtype == parts.dtype else xp.astype(weights, parts.dtype))
    x: Any = xp.matmul(_adjoint(vh), parts)
    off = xp.abs(xp.subtract(y, xp.matmul(a, x)))
    residuals: Any = xp.sum(xp.multiply(off, off), axis=-2)
    rank = xp.sum(xp.astype(counts, xp.int32), axis=-1, dtype=xp.int32)
    if b.ndim == 1:
        x, residuals = x[..., 0], residuals[..., 0]
    return x, residuals, rank, values


# The exponential


LIMIT = {"float32": 3.925724783138660, "float64": 5.371920351148152}
"""Up to this norm the quotients of polynomials are exact to the last place (Higham 2005, table 2.3)."""

QUOTIENT = {
    "float32": (17297280.0, 8648640.0, 1995840.0, 277200.0, 25200.0, 1512.0, 56.0, 1.0),
    "float64": (
        *(
            64764752532480000.0,
            32382376266240000.0,
            7771770303897600.0,
            1187353796428800.0,
            129060195264000.0,
        ),
        *(10559470521600.0, 670442572800.0, 33522128640.0, 1323241920.0, 40840800.0, 960960.0, 16380.0),
        *(182.0, 1.0),
    ),
}
"""Coefficients of the numerators of Pade's approximants of degree 7 and 13; the denominators have those of -x."""

SQUARINGS = 32


@op(
    dtypes="floating-point",
    same="conditioned",
    bound="16 * M * eps * (1 + cond(a)) * norm(y)",
    requires=_quadratic,
    checks=("nan",),
)
def expm(a: A, /) -> A:
    """Exponential of each square matrix.

    Parameters
    ----------
    a : array, shape (..., M, M), floating-point dtype
        Square matrices.

    Returns
    -------
    array, shape (..., M, M), dtype and device of a
        The sums of ``a**k / k!`` over all k from 0. Integers count as float64.

    Raises
    ------
    UnknownArrayError
        ``a`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    ShapeError
        The matrices are not square.
    DTypeError
        ``a`` is boolean, or has 16 bits.

    Notes
    -----
    Accuracy: within ``16 * M * eps * (1 + cond(a)) * norm(y)`` of the exact exponential y, where ``cond`` is the condition of the
    exponential, which is at least ``norm(a)``.
    By scaling and squaring with Pade's approximant of degree 13, in 32 bits 7. Matrices of a norm beyond 1e10, as well as those with nan
    or infinities, get nan.
    Cost: O(M**3) for each matrix, times the logarithm of the norm; no device synchronisation; safe under ``jax.jit``. The composed form
    always squares 32 times.

    Settled by accel::

        extra.expm(float64([[0.0, 0.0], [0.0, 0.0]])) -> float64([[1.0, 0.0], [0.0, 1.0]])  # zeros
        extra.expm(float64([[nan]])) -> float64([[nan]])  # nan
        extra.expm(float64([], shape=(0, 0))) -> float64([], shape=(0, 0))  # no rows

    References
    ----------
    N. J. Higham, The scaling and squaring method for the matrix exponential revisited, SIAM Journal on Matrix Analysis and Applications
    26 (2005).

    Examples
    --------
    >>> import numpy, accel
    >>> accel.extra.expm(numpy.zeros((2, 2)))
    array([[1., 0.],
           [0., 1.]])
    """
    (a,) = _inexact(a)
    if a.shape[-1] == 0:
        return a
    single = name_of(a.dtype) in ("float32", "complex64")
    kind = "float32" if single else "float64"
    norm = xp.max(xp.sum(xp.abs(a), axis=-2), axis=-1)
    fine = xp.less_equal(norm, LIMIT[kind] * 2.0**SQUARINGS)
    halvings, scale = xp.zeros_like(norm), xp.ones_like(norm)
    for k in range(SQUARINGS):
        large = xp.greater(norm, LIMIT[kind] * 2.0**k)
        halvings, scale = xp.where(large, k + 1.0, halvings), xp.where(large, 0.5 ** (k + 1), scale)
    scale, whole = (xp.expand_dims(each, axis=(-2, -1)) for each in (scale, fine))
    small = xp.multiply(
        xp.where(whole, a, 0.0), scale if scale.dtype == a.dtype else xp.astype(scale, a.dtype)
    )
    y = pade(small, QUOTIENT[kind])
    for k in range(SQUARINGS):
        goes_on = xp.expand_dims(xp.greater(halvings, float(k)), axis=(-2, -1))
        y = xp.where(goes_on, xp.matmul(y, y), y)
    return xp.where(whole, y, xp.nan)


def pade(a: Any, coefficients: tuple[float, ...]) -> Any:
    """Give the quotient of two polynomials of a matrix that comes closest to its exponential."""
    one = xp.eye(a.shape[-1], dtype=a.dtype, device=xp.device(a))
    square = xp.matmul(a, a)
    powers = [one, square, xp.matmul(square, square)]
    powers.append(xp.matmul(powers[2], square))

    def total(terms: Sequence[float]) -> Any:
        found = xp.multiply(powers[0], terms[0])
        for power, factor in zip(powers[1:], terms[1:], strict=False):
            found = xp.add(found, xp.multiply(power, factor))
        return found

    even, odd = coefficients[0::2], coefficients[1::2]
    if len(even) > len(powers):
        # What is beyond the sixth power is taken out as its multiple.
        v = xp.add(xp.matmul(powers[3], total((0.0, *even[4:]))), total(even[:4]))
        u = xp.add(xp.matmul(powers[3], total((0.0, *odd[4:]))), total(odd[:4]))
    else:
        v, u = total(even), total(odd)
    u = xp.matmul(a, u)
    return xp.linalg.solve(xp.subtract(v, u), xp.add(v, u))
