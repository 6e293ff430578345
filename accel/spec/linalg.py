"""Linear algebra extension: factorisations, solutions, norms and products of matrices."""

from __future__ import annotations

from typing import Literal

from accel.dispatch import op
from accel.spec.linear_algebra import matmul, matrix_transpose, tensordot, vecdot
from accel.typing import A, DTypeLike, Scalar

__all__ = [
    "cholesky",
    "cross",
    "det",
    "diagonal",
    "eig",
    "eigh",
    "eigvals",
    "eigvalsh",
    "inv",
    "matmul",
    "matrix_norm",
    "matrix_power",
    "matrix_rank",
    "matrix_transpose",
    "outer",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "svd",
    "svdvals",
    "tensordot",
    "trace",
    "vecdot",
    "vector_norm",
]


@op(
    dtypes="floating-point", same="conditioned", bound="8 * M * eps * cond(x) * norm(y)", checks=("definite",)
)
def cholesky(x: A, /, *, upper: bool = False) -> A:
    """Triangular factor of each positive-definite matrix.

    Parameters
    ----------
    x : array, shape (..., M, M)
        Symmetric or Hermitian positive-definite matrices, floating-point. Only the triangle that
        the factor occupies is read; symmetry is not checked.
    upper : bool, default False
        False gives the lower factor L with ``x = L @ L^H``, True the upper factor U with
        ``x = U^H @ U``.

    Returns
    -------
    array, shape (..., M, M), dtype and device of ``x``
        Factors with a real, positive diagonal and zeros in the other triangle.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    ShapeError
        The matrices are not square.
    PrecisionError
        64-bit data are traced by a transform that does not keep their width; work inside
        `accel.x64`.
    NotPositiveDefiniteError
        Inside `accel.checked`: a matrix is not positive definite.

    Notes
    -----
    Accuracy: the factor y within ``8 * M * eps * cond(x) * norm(y)``; the product of the factors
    differs from ``x`` by at most ``8 * M * eps * norm(x)``.
    Cost: O(M**3) for each matrix, no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        linalg.cholesky(int64([[4, 2], [2, 2]])) ->
            float64([[2.0, 0.0], [1.0, 1.0]])  # integers: in the default float dtype
        linalg.cholesky(float64([[4.0, 99.0], [2.0, 2.0]])) ->
            float64([[2.0, 0.0], [1.0, 1.0]])  # the upper triangle is not read
        linalg.cholesky(float64([[1.0, 2.0], [2.0, 1.0]])) ->
            float64([[nan, nan], [nan, nan]]); checked raises NotPositiveDefiniteError  # not positive
            definite: nan throughout
        linalg.cholesky(float64([[nan, 2.0], [2.0, 1.0]])) ->
            float64([[nan, nan], [nan, nan]])  # nan in the triangle that is read

    Examples
    --------
    >>> import numpy, accel
    >>> accel.linalg.cholesky(numpy.asarray([[4.0, 2.0], [2.0, 5.0]]))
    array([[2., 0.],
           [1., 2.]])
    """
    ...


@op(dtypes="numeric", same="conditioned", bound="2 * eps * (abs(a * d) + abs(b * c))")
def cross(x1: A, x2: A, /, *, axis: int = -1) -> A:
    """Vector product of each pair of vectors of three components.

    Parameters
    ----------
    x1, x2 : array, shapes (..., 3, ...), all other axes broadcast together
        Vectors, numeric, in right-handed coordinates.
    axis : int, default -1
        Axis of length 3, counted from the last: in ``[-n, -1]``, n being the smaller number of
        axes.

    Returns
    -------
    array, shape broadcast(x1, x2), dtype result_type(x1, x2), device of ``x1``
        Vectors perpendicular to both. Never a view of an input.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    AxisError
        ``axis`` is outside its range.
    ShapeError
        A vector does not have three components, or the other axes do not broadcast.
    PrecisionError
        64-bit data are traced by a transform that does not keep their width; work inside
        `accel.x64`.

    Notes
    -----
    Accuracy: each component ``a * d - b * c`` within ``2 * eps * (abs(a * d) + abs(b * c))``.
    Complex vectors are not conjugated.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        linalg.cross(int8([100, 0, 0]), int8([0, 2, 0])) -> int8([0, 0, -56])  # integers: exact, too large ones wrap

    Examples
    --------
    >>> import numpy, accel
    >>> accel.linalg.cross(numpy.asarray([1, 0, 0]), numpy.asarray([0, 1, 0]))
    array([0, 0, 1])
    """
    ...


@op(dtypes="floating-point", same="conditioned", bound="8 * M * eps * cond(x) * abs(y)")
def det(x: A, /) -> A:
    """Determinant of each square matrix.

    Parameters
    ----------
    x : array, shape (..., M, M)
        Square matrices, floating-point.

    Returns
    -------
    array, shape (...), dtype and device of ``x``
        Determinants; 1 for matrices without rows.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    ShapeError
        The matrices are not square.
    PrecisionError
        64-bit data are traced by a transform that does not keep their width; work inside
        `accel.x64`.

    Notes
    -----
    Accuracy: the determinant y within ``8 * M * eps * cond(x) * abs(y)``, as that of a
    factorisation with pivots. Large and small determinants leave the range of the dtype; `slogdet`
    does not.
    Cost: O(M**3) for each matrix, no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        linalg.det(int64([[1, 2], [3, 4]])) -> float64(-2.0)  # integers: in the default float dtype
        linalg.det(float64([[nan, 1.0], [1.0, 1.0]])) -> float64(nan)  # nan anywhere
        linalg.det(float64([[1.0, 2.0], [2.0, 4.0]])) ->
            either(float64(0.0), float64(-0.0))  # singular: 0, or of the size of the rounding errors
        linalg.det(float64([], shape=(0, 0))) -> float64(1.0)  # no rows

    Examples
    --------
    >>> import numpy, accel
    >>> float(accel.linalg.det(numpy.asarray([[2.0, 0.0], [1.0, 3.0]])))
    6.0
    """
    ...


@op(dtypes="any", same="exact")
def diagonal(x: A, /, *, offset: int = 0) -> A:
    """One diagonal of each matrix.

    Parameters
    ----------
    x : array, shape (..., M, N)
        Matrices of any dtype.
    offset : int, default 0
        Which diagonal: 0 is the main one, positive numbers lie above it, negative ones below.

    Returns
    -------
    array, shape (..., L), dtype and device of ``x``
        Elements from top left to bottom right; L is 0 for a diagonal outside the matrix. May share
        memory with ``x``; write to neither.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    ShapeError
        ``x`` has fewer than two axes.

    Notes
    -----
    Accuracy: exact.
    Cost: O(1) where the library has views, otherwise O(L) for each matrix; no device
    synchronisation; safe under ``jax.jit``.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.linalg.diagonal(numpy.asarray([[1, 2, 3], [4, 5, 6]]), offset=1)
    array([2, 6])
    """
    ...


@op(dtypes="floating-point", same="conditioned", bound="8 * M * eps * cond(eigenvectors) * norm(x)")
def eig(x: A, /) -> tuple[A, A]:
    """Eigenvalues and eigenvectors of each square matrix.

    Parameters
    ----------
    x : array, shape (..., M, M)
        Square matrices, floating-point. `eigh` is faster and more accurate for symmetric and
        Hermitian ones.

    Returns
    -------
    eigenvalues : array, shape (..., M), complex dtype of the precision of ``x``, device of ``x``
        Each as often as its multiplicity, in an order that is left open.
    eigenvectors : array, shape (..., M, M), dtype and device of ``eigenvalues``
        Column i is a vector v of length 1 with ``x @ v = eigenvalues[i] * v``. The two are fields
        of a named tuple.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    ShapeError
        The matrices are not square.
    UnsupportedError
        The backend has no such solver on this device; `accel.to_device` takes the data to one that
        has.
    PrecisionError
        64-bit data are traced by a transform that does not keep their width; work inside
        `accel.x64`.

    Notes
    -----
    Accuracy: exact for a matrix that differs from ``x`` by at most ``8 * M * eps * norm(x)``; so
    the eigenvalues are within ``8 * M * eps * cond(eigenvectors) * norm(x)`` as far as ``x`` has
    independent eigenvectors. Those of a defective matrix are linearly dependent up to rounding.
    Cost: O(M**3) for each matrix. The iteration may synchronise the device.

    Settled by accel::

        linalg.eig(float64([[0.0, 1.0], [-1.0, 0.0]])) -> left open: LAPACK's order  # order of the eigenvalues
        linalg.eig(float64([[4.0]])) ->
            (complex128([4.0]), complex128([[1.0]]))  # signs: the first of the largest entries is real,
            positive
        linalg.eig(int64([[2]])) -> (complex128([2.0]), complex128([[1.0]]))  # integers: in the default float dtype
        linalg.eig(float64([[nan, 1.0], [1.0, 1.0]])) ->
            (nonfinite(complex128([nan, nan])), nonfinite(complex128([[nan, nan], [nan, nan]])))  # nan:
            throughout

    Examples
    --------
    >>> import numpy, accel
    >>> x = numpy.asarray([[2.0, 1.0], [0.0, 3.0]])
    >>> values, vectors = accel.linalg.eig(x)
    >>> bool(numpy.allclose(x @ vectors, vectors * values))
    True
    """
    ...


@op(dtypes="floating-point", same="conditioned", bound="8 * M * eps * norm(x)")
def eigh(x: A, /) -> tuple[A, A]:
    """Eigenvalues and eigenvectors of each symmetric or Hermitian matrix.

    Parameters
    ----------
    x : array, shape (..., M, M)
        Symmetric or Hermitian matrices, floating-point. Only the lower triangle is read; symmetry
        is not checked.

    Returns
    -------
    eigenvalues : array, shape (..., M), real dtype of the precision of ``x``, device of ``x``
        In ascending order.
    eigenvectors : array, shape (..., M, M), dtype and device of ``x``
        Column i belongs to ``eigenvalues[..., i]``; the columns are orthonormal. The two are fields
        of a named tuple.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    ShapeError
        The matrices are not square.
    PrecisionError
        64-bit data are traced by a transform that does not keep their width; work inside
        `accel.x64`.

    Notes
    -----
    Accuracy: eigenvalues within ``8 * M * eps * norm(x)``; eigenvectors within the same, divided by
    the distance to the next eigenvalue. For equal eigenvalues only the space that the columns span
    is determined.
    Cost: O(M**3) for each matrix, no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        linalg.eigh(float64([[1.0, 0.0], [0.0, 1.0]]))[1]
            -> left open: any basis of their space will do  # vectors of equal eigenvalues
        linalg.eigh(float64([[1.0, 2.0], [2.0, 1.0]])) ->
            (float64([-1.0, 3.0]), float64([[0.7071067811865476, 0.7071067811865476],
            [-0.7071067811865476, 0.7071067811865476]]))  # signs: the first of the largest entries is
            positive
        linalg.eigh(float64([[nan, 2.0], [2.0, 1.0]])) ->
            (float64([nan, nan]), float64([[nan, nan], [nan, nan]]))  # nan: throughout
        linalg.eigh(float64([[inf, 2.0], [2.0, 1.0]])) ->
            (float64([nan, nan]), float64([[nan, nan], [nan, nan]]))  # infinity: nan throughout
        linalg.eigh(int64([[2]])) -> (float64([2.0]), float64([[1.0]]))  # integers: in the default float dtype

    Examples
    --------
    >>> import numpy, accel
    >>> values, vectors = accel.linalg.eigh(numpy.asarray([[2.0, 0.0], [0.0, 1.0]]))
    >>> values
    array([1., 2.])
    >>> vectors
    array([[0., 1.],
           [1., 0.]])
    """
    ...


@op(dtypes="floating-point", same="conditioned", bound="8 * M * eps * cond(eigenvectors) * norm(x)")
def eigvals(x: A, /) -> A:
    """Eigenvalues of each square matrix.

    Parameters
    ----------
    x : array, shape (..., M, M)
        Square matrices, floating-point. `eigvalsh` is faster and more accurate for symmetric and
        Hermitian ones.

    Returns
    -------
    array, shape (..., M), complex dtype of the precision of ``x``, device of ``x``
        Each as often as its multiplicity, in an order that is left open.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    ShapeError
        The matrices are not square.
    UnsupportedError
        The backend has no such solver on this device; `accel.to_device` takes the data to one that
        has.
    PrecisionError
        64-bit data are traced by a transform that does not keep their width; work inside
        `accel.x64`.

    Notes
    -----
    Accuracy: within ``8 * M * eps * cond(eigenvectors) * norm(x)``, as far as ``x`` has independent
    eigenvectors; exact for a matrix that differs from ``x`` by at most ``8 * M * eps * norm(x)``.
    Cost: O(M**3) for each matrix. The iteration may synchronise the device.

    Settled by accel::

        linalg.eigvals(float64([[nan, 1.0], [1.0, 1.0]])) -> nonfinite(complex128([nan, nan]))  # nan: throughout
        linalg.eigvals(float64([[inf, 1.0], [1.0, 1.0]])) -> nonfinite(complex128([nan, nan]))  # infinity: throughout
        linalg.eigvals(int64([[2]])) -> complex128([2.0])  # integers: in the default float dtype

    Examples
    --------
    >>> import numpy, accel
    >>> values = accel.linalg.eigvals(numpy.asarray([[2.0, 1.0], [0.0, 3.0]]))
    >>> numpy.round(numpy.sort(values.real), 6)
    array([2., 3.])
    """
    ...


@op(dtypes="floating-point", same="conditioned", bound="8 * M * eps * norm(x)")
def eigvalsh(x: A, /) -> A:
    """Eigenvalues of each symmetric or Hermitian matrix.

    Parameters
    ----------
    x : array, shape (..., M, M)
        Symmetric or Hermitian matrices, floating-point. Only the lower triangle is read; symmetry
        is not checked.

    Returns
    -------
    array, shape (..., M), real dtype of the precision of ``x``, device of ``x``
        In ascending order.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    ShapeError
        The matrices are not square.
    PrecisionError
        64-bit data are traced by a transform that does not keep their width; work inside
        `accel.x64`.

    Notes
    -----
    Accuracy: within ``8 * M * eps * norm(x)``.
    Cost: O(M**3) for each matrix, no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        linalg.eigvalsh(float64([[nan, 1.0], [1.0, 1.0]])) -> float64([nan, nan])  # nan: throughout
        linalg.eigvalsh(float64([[inf, 1.0], [1.0, 1.0]])) -> float64([nan, nan])  # infinity: nan throughout
        linalg.eigvalsh(float64([[1.0, 99.0], [0.0, 2.0]])) -> float64([1.0, 2.0])  # the upper triangle is not read
        linalg.eigvalsh(int64([[2]])) -> float64([2.0])  # integers: in the default float dtype

    Examples
    --------
    >>> import numpy, accel
    >>> values = accel.linalg.eigvalsh(numpy.asarray([[2.0, 1.0], [1.0, 2.0]]))
    >>> numpy.round(values, 6)
    array([1., 3.])
    """
    ...


@op(
    dtypes="floating-point", same="conditioned", bound="8 * M * eps * cond(x) * norm(y)", checks=("singular",)
)
def inv(x: A, /) -> A:
    """Inverse of each square matrix.

    Parameters
    ----------
    x : array, shape (..., M, M)
        Square matrices, floating-point.

    Returns
    -------
    array, shape (..., M, M), dtype and device of ``x``
        Matrices whose product with those of ``x``, from either side, is the identity.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    ShapeError
        The matrices are not square.
    PrecisionError
        64-bit data are traced by a transform that does not keep their width; work inside
        `accel.x64`.
    SingularMatrixError
        Inside `accel.checked`: a matrix has no inverse within the precision of its dtype.

    Notes
    -----
    Accuracy: the inverse y within ``8 * M * eps * cond(x) * norm(y)``. `solve` is more accurate and
    cheaper where the inverse would only be multiplied.
    Cost: O(M**3) for each matrix, no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        linalg.inv(float64([[0.0, 0.0], [0.0, 0.0]])) ->
            nonfinite(float64([[nan, nan], [nan, nan]])); checked raises SingularMatrixError  # singular: not
            finite
        linalg.inv(int64([[2]])) -> float64([[0.5]])  # integers: in the default float dtype

    Examples
    --------
    >>> import numpy, accel
    >>> accel.linalg.inv(numpy.asarray([[2.0, 0.0], [0.0, 4.0]]))
    array([[0.5 , 0.  ],
           [0.  , 0.25]])
    """
    ...


@op(dtypes="floating-point", same="conditioned", bound="8 * M * N * eps * norm(x)")
def matrix_norm(
    x: A, /, *, keepdims: bool = False, ord: int | float | Literal["fro", "nuc"] | None = "fro"
) -> A:
    """Norm of each matrix.

    Parameters
    ----------
    x : array, shape (..., M, N)
        Matrices, floating-point.
    keepdims : bool, default False
        True keeps the last two axes, with length 1.
    ord : int, float, 'fro', 'nuc' or None, default 'fro'
        Which norm. ``'fro'`` and None: root of the sum of squared magnitudes. ``'nuc'``: sum of the
        singular values. 2 and -2: largest and smallest singular value. 1 and -1: largest and
        smallest sum of magnitudes in a column. inf and -inf: the same in a row. The negative orders
        are no norms in the sense of mathematics.

    Returns
    -------
    array, shape (...) or (..., 1, 1), real dtype of the precision of ``x``, device of ``x``
        Norms, not negative.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    ShapeError
        ``x`` has fewer than two axes.
    ArgumentError
        ``ord`` names no norm.
    PrecisionError
        64-bit data are traced by a transform that does not keep their width; work inside
        `accel.x64`.

    Notes
    -----
    Accuracy: within ``8 * M * N * eps * norm(x)``. Magnitudes are not scaled before they are
    squared, so those beyond the root of the largest number overflow to infinity.
    Cost: O(M * N) for each matrix, O(M * N * min(M, N)) for ``'nuc'``, 2 and -2; no device
    synchronisation; safe under ``jax.jit``.

    Settled by accel::

        linalg.matrix_norm(float64([[nan, 1.0], [1.0, 1.0]])) -> float64(nan)  # nan
        linalg.matrix_norm(int64([[3, 4]])) -> float64(5.0)  # integers: in the default float dtype

    Examples
    --------
    >>> import numpy, accel
    >>> x = numpy.asarray([[3.0, 4.0], [0.0, 0.0]])
    >>> float(accel.linalg.matrix_norm(x))
    5.0
    >>> float(accel.linalg.matrix_norm(x, ord=1))
    4.0
    """
    ...


@op(
    dtypes="floating-point",
    same="conditioned",
    bound="8 * M * abs(n) * eps * cond(x) * norm(b)**abs(n)",
    checks=("singular",),
)
def matrix_power(x: A, n: int, /) -> A:
    """Each square matrix multiplied by itself a number of times.

    Parameters
    ----------
    x : array, shape (..., M, M)
        Square matrices, floating-point.
    n : int
        Number of factors. 0 gives identity matrices, a negative number the powers of the inverses.

    Returns
    -------
    array, shape (..., M, M), dtype and device of ``x``
        The powers.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    ShapeError
        The matrices are not square.
    ArgumentError
        ``n`` is not an integer.
    PrecisionError
        64-bit data are traced by a transform that does not keep their width; work inside
        `accel.x64`.
    SingularMatrixError
        Inside `accel.checked`: ``n`` is negative and a matrix has no inverse within the precision of its dtype.

    Notes
    -----
    Accuracy: within ``8 * M * abs(n) * eps * cond(x) * norm(b)**abs(n)``, where b is ``x`` and
    cond(x) does not count, or the inverse of ``x`` for a negative n.
    Cost: O(M**3 * log(abs(n))) for each matrix, no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        linalg.matrix_power(int8([[100]]), 2) -> int8([[16]])  # integers, n >= 0: exact, too large ones wrap
        linalg.matrix_power(int64([[2]]), -1) -> float64([[0.5]])  # integers, n < 0: in the default float dtype
        linalg.matrix_power(float64([[0.0]]), -1) -> nonfinite(float64([[nan]]))  # singular, n < 0: not finite

    Examples
    --------
    >>> import numpy, accel
    >>> accel.linalg.matrix_power(numpy.asarray([[1.0, 1.0], [0.0, 1.0]]), 5)
    array([[1., 5.],
           [0., 1.]])
    """
    ...


@op(dtypes="floating-point", same="conditioned", bound="0")
def matrix_rank(x: A, /, *, rtol: A | Scalar | None = None) -> A:
    """Number of singular values of each matrix that count as non-zero.

    Parameters
    ----------
    x : array, shape (..., M, N)
        Matrices, floating-point.
    rtol : float, array of shape (...) or None, default None
        A singular value counts if it is larger than ``rtol`` times the largest one of its matrix.
        None is ``max(M, N) * eps``.

    Returns
    -------
    array, shape (...), dtype int64, device of ``x``
        Ranks.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    ShapeError
        ``rtol`` does not broadcast with the stack of matrices.
    PrecisionError
        64-bit data are traced by a transform that does not keep their width; work inside
        `accel.x64`.

    Notes
    -----
    Accuracy: exact, unless a singular value lies within its rounding error of the threshold.
    Cost: O(M * N * min(M, N)) for each matrix, no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        linalg.matrix_rank(float64([[1.0, 0.0], [0.0, 1e-17]])) -> int64(1)
            # small, but not beside a larger singular value
        linalg.matrix_rank(float64([[nan, 1.0], [1.0, 1.0]])) -> int64(0)  # nan
        linalg.matrix_rank(float64([], shape=(0, 0))) -> int64(0)  # no rows
        linalg.matrix_rank(int64([[1, 2], [2, 4]])) -> int64(1)  # integers: in the default float dtype

    Examples
    --------
    >>> import numpy, accel
    >>> int(accel.linalg.matrix_rank(numpy.asarray([[1.0, 2.0], [2.0, 4.0]])))
    1
    """
    ...


@op(dtypes="numeric", same="exact")
def outer(x1: A, x2: A, /) -> A:
    """Product of every element of one vector with every element of another.

    Parameters
    ----------
    x1 : array, shape (M,)
        Factors that change from row to row, numeric.
    x2 : array, shape (N,)
        Factors that change from column to column, numeric.

    Returns
    -------
    array, shape (M, N), dtype result_type(x1, x2), device of ``x1``
        ``x1[i] * x2[j]``, without conjugation.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    ShapeError
        An argument does not have exactly one axis.

    Notes
    -----
    Accuracy: exact for real dtypes, one rounded product for each element; complex products within
    ``2 * eps`` of the magnitude.
    Cost: O(M * N), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        linalg.outer(int8([100]), int8([2])) -> int8([[-56]])  # integers: exact, too large ones wrap

    Examples
    --------
    >>> import numpy, accel
    >>> accel.linalg.outer(numpy.asarray([1, 2]), numpy.asarray([1, 10, 100]))
    array([[  1,  10, 100],
           [  2,  20, 200]])
    """
    ...


@op(dtypes="floating-point", same="conditioned", bound="8 * max(M, N) * eps * cond(x) * norm(y)")
def pinv(x: A, /, *, rtol: A | Scalar | None = None) -> A:
    """Moore-Penrose pseudo-inverse of each matrix.

    Parameters
    ----------
    x : array, shape (..., M, N)
        Matrices, floating-point.
    rtol : float, array of shape (...) or None, default None
        Singular values of at most ``rtol`` times the largest one of their matrix are taken as 0.
        None is ``max(M, N) * eps``.

    Returns
    -------
    array, shape (..., N, M), dtype and device of ``x``
        Matrices that give, multiplied with a right-hand side, the shortest of its least-squares
        solutions.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    ShapeError
        ``x`` has fewer than two axes, or ``rtol`` does not broadcast with the stack of matrices.
    PrecisionError
        64-bit data are traced by a transform that does not keep their width; work inside
        `accel.x64`.

    Notes
    -----
    Accuracy: the pseudo-inverse y within ``8 * max(M, N) * eps * cond(x) * norm(y)``, where cond(x)
    is the ratio of the largest singular value to the smallest one that counts. The default of
    ``rtol`` is the same on every backend.
    Cost: O(M * N * min(M, N)) for each matrix, no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        linalg.pinv(float64([[nan, 1.0], [1.0, 1.0]])) -> float64([[nan, nan], [nan, nan]])  # nan: throughout
        linalg.pinv(float64([[1e-300]])) -> float64([[1e+300]])  # small, but not beside a larger singular value
        linalg.pinv(int64([[2]])) -> float64([[0.5]])  # integers: in the default float dtype

    Examples
    --------
    >>> import numpy, accel
    >>> x = numpy.asarray([[2.0, 0.0], [0.0, 4.0], [0.0, 0.0]])
    >>> numpy.round(accel.linalg.pinv(x) @ x, 6)
    array([[1., 0.],
           [0., 1.]])
    """
    ...


@op(dtypes="floating-point", same="conditioned", bound="8 * max(M, N) * eps * cond(x) * norm(y)")
def qr(x: A, /, *, mode: Literal["reduced", "complete"] = "reduced") -> tuple[A, A]:
    """Orthonormal and upper-triangular factor of each matrix.

    Parameters
    ----------
    x : array, shape (..., M, N)
        Matrices of full column rank, floating-point; the rank is not checked.
    mode : {'reduced', 'complete'}, default 'reduced'
        ``'reduced'`` keeps K = min(M, N) columns of Q and rows of R, ``'complete'`` has K = M.

    Returns
    -------
    Q : array, shape (..., M, K), dtype and device of ``x``
        Orthonormal columns.
    R : array, shape (..., K, N), dtype and device of ``x``
        Upper triangles with ``x = Q @ R``. The two are fields of a named tuple.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    ShapeError
        ``x`` has fewer than two axes.
    ArgumentError
        ``mode`` is neither of the two.
    PrecisionError
        64-bit data are traced by a transform that does not keep their width; work inside
        `accel.x64`.

    Notes
    -----
    Accuracy: ``Q @ R`` differs from ``x`` by at most ``8 * max(M, N) * eps * norm(x)``, and ``Q^H @
    Q`` from the identity by as much, relative. R, and Q where ``x`` has full rank and no more
    columns than rows, are within ``8 * max(M, N) * eps * cond(x) * norm(y)``, y being the exact
    factor. Columns of Q beyond min(M, N) complete the basis in a way that is left open.
    Cost: O(M * N * min(M, N)) for each matrix, no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        linalg.qr(float64([[-3.0], [4.0]])) ->
            (float64([[-0.6], [0.8]]), float64([[5.0]]))  # signs: the diagonal of R is not negative
        linalg.qr(int64([[2]])) -> (float64([[1.0]]), float64([[2.0]]))  # integers: in the default float dtype

    Examples
    --------
    >>> import numpy, accel
    >>> x = numpy.asarray([[3.0, 1.0], [4.0, 2.0]])
    >>> q, r = accel.linalg.qr(x)
    >>> numpy.round(accel.linalg.diagonal(r), 6)
    array([5. , 0.4])
    >>> bool(numpy.allclose(q @ r, x))
    True
    """
    ...


@op(dtypes="floating-point", same="conditioned", bound="8 * M * eps * (cond(x) + abs(y))")
def slogdet(x: A, /) -> tuple[A, A]:
    """Sign and logarithm of the magnitude of each determinant, for those that `det` cannot hold.

    Parameters
    ----------
    x : array, shape (..., M, M)
        Square matrices, floating-point.

    Returns
    -------
    sign : array, shape (...), dtype and device of ``x``
        -1, 0 or 1; for complex matrices 0 or a number of magnitude 1.
    logabsdet : array, shape (...), real dtype of the precision of ``x``, device of ``x``
        Natural logarithm, such that the determinant is ``sign * exp(logabsdet)``. The two are
        fields of a named tuple.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    ShapeError
        The matrices are not square.
    PrecisionError
        64-bit data are traced by a transform that does not keep their width; work inside
        `accel.x64`.

    Notes
    -----
    Accuracy: the logarithm y within ``8 * M * eps * (cond(x) + abs(y))``, as that of a
    factorisation with pivots; the sign likewise, and exact for real dtypes as far as that is less
    than 1.
    Cost: O(M**3) for each matrix, no device synchronisation; safe under ``jax.jit``.

    Special cases::

        linalg.slogdet(float64([[0.0, 0.0], [0.0, 0.0]])) -> (float64(0.0), float64(-inf))  # determinant 0
        linalg.slogdet(float64([], shape=(0, 0))) -> (float64(1.0), float64(0.0))  # no rows

    Settled by accel::

        linalg.slogdet(float64([[nan, 1.0], [1.0, 1.0]])) -> (float64(nan), float64(nan))  # nan
        linalg.slogdet(int64([[2]])) ->
            (float64(1.0), float64(0.6931471805599453))  # integers: in the default float dtype

    Examples
    --------
    >>> import numpy, accel
    >>> sign, logabsdet = accel.linalg.slogdet(numpy.asarray([[-1.0, 0.0], [0.0, 1.0]]))
    >>> float(sign), float(logabsdet)
    (-1.0, 0.0)
    """
    ...


@op(
    dtypes="floating-point",
    same="conditioned",
    bound="8 * M * eps * cond(x1) * norm(y)",
    checks=("singular",),
)
def solve(x1: A, x2: A, /) -> A:
    """Solution of each square system of linear equations.

    Parameters
    ----------
    x1 : array, shape (..., M, M)
        Coefficients, floating-point.
    x2 : array, shape (M,) or (..., M, K)
        Right-hand sides, floating-point. One axis means one right-hand side for all systems; with
        more axes, each column is one, and the axes before the last two broadcast with those of
        ``x1``.

    Returns
    -------
    array, shape (..., M) or (..., M, K), dtype result_type(x1, x2), device of ``x1``
        y with ``x1 @ y = x2``.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    ShapeError
        The matrices are not square, or the right-hand sides do not fit them.
    PrecisionError
        64-bit data are traced by a transform that does not keep their width; work inside
        `accel.x64`.
    SingularMatrixError
        Inside `accel.checked`: a matrix has no inverse within the precision of its dtype.

    Notes
    -----
    Accuracy: the solution y within ``8 * M * eps * cond(x1) * norm(y)``; exact for coefficients
    that differ from ``x1`` by at most ``8 * M * eps * norm(x1)``.
    Cost: O(M**3 + M**2 * K) for each system, no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        linalg.solve(float64([[0.0]]), float64([1.0])) ->
            nonfinite(float64([nan])); checked raises SingularMatrixError  # singular: not finite
        linalg.solve(int64([[2]]), int64([1])) -> float64([0.5])  # integers: in the default float dtype

    Examples
    --------
    >>> import numpy, accel
    >>> accel.linalg.solve(numpy.asarray([[2.0, 0.0], [1.0, 4.0]]), numpy.asarray([2.0, 9.0]))
    array([1., 2.])
    """
    ...


@op(dtypes="floating-point", same="conditioned", bound="8 * max(M, N) * eps * norm(x)")
def svd(x: A, /, *, full_matrices: bool = True) -> tuple[A, A, A]:
    """Singular value decomposition of each matrix.

    Parameters
    ----------
    x : array, shape (..., M, N)
        Matrices, floating-point.
    full_matrices : bool, default True
        True makes U and Vh square. False keeps K = min(M, N) columns of U and rows of Vh.

    Returns
    -------
    U : array, shape (..., M, M) or (..., M, K), dtype and device of ``x``
        Orthonormal columns, the left singular vectors.
    S : array, shape (..., K), real dtype of the precision of ``x``, device of ``x``
        Singular values, not negative, in descending order.
    Vh : array, shape (..., N, N) or (..., K, N), dtype and device of ``x``
        Orthonormal rows, the conjugated right singular vectors; ``x`` is the product of U, the
        diagonal matrix of S, and Vh. The three are fields of a named tuple.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    ShapeError
        ``x`` has fewer than two axes.
    PrecisionError
        64-bit data are traced by a transform that does not keep their width; work inside
        `accel.x64`.

    Notes
    -----
    Accuracy: singular values within ``8 * max(M, N) * eps * norm(x)``; singular vectors within the
    same, divided by the distance to the next singular value. For equal singular values only the
    space that the vectors span is determined; vectors beyond K complete the basis in a way that is
    left open.
    Cost: O(M * N * min(M, N)) for each matrix, no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        linalg.svd(float64([[-3.0], [4.0]]), full_matrices=False) ->
            (float64([[-0.6], [0.8]]), float64([5.0]), float64([[1.0]]))  # signs: the first of the
            largest entries of a column of U is positive
        linalg.svd(float64([[nan]])) -> (float64([[nan]]), float64([nan]), float64([[nan]]))  # nan: throughout
        linalg.svd(int64([[2]])) ->
            (float64([[1.0]]), float64([2.0]), float64([[1.0]]))  # integers: in the default float dtype

    Examples
    --------
    >>> import numpy, accel
    >>> x = numpy.asarray([[3.0, 0.0], [0.0, -2.0], [0.0, 0.0]])
    >>> u, s, vh = accel.linalg.svd(x, full_matrices=False)
    >>> numpy.round(s, 6)
    array([3., 2.])
    >>> bool(numpy.allclose((u * s) @ vh, x))
    True
    """
    ...


@op(dtypes="floating-point", same="conditioned", bound="8 * max(M, N) * eps * norm(x)")
def svdvals(x: A, /) -> A:
    """Singular values of each matrix, largest first.

    Parameters
    ----------
    x : array, shape (..., M, N)
        Matrices, floating-point.

    Returns
    -------
    array, shape (..., min(M, N)), real dtype of the precision of ``x``, device of ``x``
        Singular values, not negative, in descending order.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    ShapeError
        ``x`` has fewer than two axes.
    PrecisionError
        64-bit data are traced by a transform that does not keep their width; work inside
        `accel.x64`.

    Notes
    -----
    Accuracy: within ``8 * max(M, N) * eps * norm(x)``.
    Cost: O(M * N * min(M, N)) for each matrix, no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        linalg.svdvals(float64([[nan, 1.0], [1.0, 1.0]])) -> float64([nan, nan])  # nan: throughout
        linalg.svdvals(float64([[inf, 1.0], [1.0, 1.0]])) -> float64([nan, nan])  # infinity: nan throughout
        linalg.svdvals(int64([[-2]])) -> float64([2.0])  # integers: in the default float dtype

    Examples
    --------
    >>> import numpy, accel
    >>> numpy.round(accel.linalg.svdvals(numpy.asarray([[3.0, 0.0], [0.0, -2.0]])), 6)
    array([3., 2.])
    """
    ...


@op(dtypes="numeric", same="conditioned", bound="L * eps * sum(abs(diagonal(x)))", checks=("casts",))
def trace(x: A, /, *, offset: int = 0, dtype: DTypeLike | None = None) -> A:
    """Sum of one diagonal of each matrix.

    Parameters
    ----------
    x : array, shape (..., M, N)
        Matrices, numeric.
    offset : int, default 0
        Which diagonal: 0 is the main one, positive numbers lie above it, negative ones below.
    dtype : dtype or None, default None
        Elements are cast to it before they are added. None is the dtype of ``x``; integers narrower
        than 64 bits are added as int64, or uint64 if they are unsigned.

    Returns
    -------
    array, shape (...), dtype as above, device of ``x``
        Sums; 0 for a diagonal outside the matrix.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    ShapeError
        ``x`` has fewer than two axes.
    DTypeError
        ``x`` is complex and ``dtype`` is real.
    PrecisionError
        64-bit data are traced by a transform that does not keep their width; work inside
        `accel.x64`.
    CastError
        Inside `accel.checked`: ``dtype`` cannot hold an element.

    Notes
    -----
    Accuracy: within ``L * eps * sum(abs(diagonal(x)))``, L being the length of the diagonal.
    Cost: O(L) for each matrix, no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        linalg.trace(int8([[100, 0], [0, 100]])) -> int64(200)  # small integers are added in int64
        linalg.trace(int64([[highest, 0], [0, 1]])) -> int64(lowest)  # too large for the dtype: wraps

    Examples
    --------
    >>> import numpy, accel
    >>> int(accel.linalg.trace(numpy.asarray([[1, 2, 3], [4, 5, 6]])))
    6
    """
    ...


@op(dtypes="floating-point", same="conditioned", bound="(64 + n / 512) * eps * y / min(1, abs(ord))")
def vector_norm(
    x: A, /, *, axis: int | tuple[int, ...] | None = None, keepdims: bool = False, ord: int | float = 2
) -> A:
    """Norm of the vectors that lie along the given axes.

    Parameters
    ----------
    x : array, shape (...)
        Vectors, floating-point.
    axis : int, tuple of int or None, default None
        Axes that hold the components of one vector; negative numbers count from the last axis. None
        takes the whole array as one vector.
    keepdims : bool, default False
        True keeps these axes, with length 1.
    ord : int or float, default 2
        p for the p-th root of the sum of the p-th powers of the magnitudes: 2 is the Euclidean
        length, 1 the sum. inf and -inf are the largest and the smallest magnitude, 0 counts the
        components that are not 0. Orders below 1 are no norms in the sense of mathematics.

    Returns
    -------
    array, shape (...) without these axes, real dtype of the precision of ``x``, device of ``x``
        Norms, not negative, in the unit of ``x``.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    PrecisionError
        64-bit data are traced by a transform that does not keep their width; work inside
        `accel.x64`.

    Notes
    -----
    Accuracy: the norm y of n components within ``(64 + n / 512) * eps * y / min(1, abs(ord))``;
    exact for inf, -inf and 0. Magnitudes are not scaled, so those whose p-th power is out of range
    overflow to infinity.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        linalg.vector_norm(floats([nan, 1.0])) -> floats(nan)  # nan among the components
        linalg.vector_norm(float64([nan, 0.0]), ord=0) ->
            float64(1.0)  # nan counts in the number of components that are not 0
        linalg.vector_norm(int64([3, 4])) -> float64(5.0)  # integers: in the default float dtype
        linalg.vector_norm(float64([1e200, 1e200])) ->
            left open: a square too large for the dtype gives inf, or the norm where the library scales
            first  # squares that overflow

    Examples
    --------
    >>> import numpy, accel
    >>> accel.linalg.vector_norm(numpy.asarray([[3.0, 4.0], [6.0, 8.0]]), axis=1)
    array([ 5., 10.])
    """
    ...
