"""Linear algebra functions: the products of vectors and matrices that need no extension."""

from __future__ import annotations

from collections.abc import Sequence

from accel.dispatch import op
from accel.typing import A

__all__ = [
    "matmul",
    "matrix_transpose",
    "tensordot",
    "vecdot",
]


@op(dtypes="numeric", same="conditioned", bound="K * eps * (abs(x1) @ abs(x2))")
def matmul(x1: A, x2: A, /) -> A:
    """Matrix product.

    Parameters
    ----------
    x1 : array, shape (..., M, K) or (K,)
        Left factors, numeric. A vector counts as one row.
    x2 : array, shape (..., K, N) or (K,)
        Right factors, numeric. A vector counts as one column. The axes before the last two
        broadcast with those of ``x1``.

    Returns
    -------
    array, shape (..., M, N), dtype result_type(x1, x2), device of ``x1``
        Products; the axis that a vector stood for is dropped, so two vectors give shape ().

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    ShapeError
        An argument has no axis, the inner lengths differ, or the leading axes do not broadcast.
    PrecisionError
        64-bit data are traced by a transform that does not keep their width; work inside
        `accel.x64`.

    Notes
    -----
    Accuracy: floating-point results are within ``K * eps * (abs(x1) @ abs(x2))`` of the exact
    product. float32 keeps its full precision everywhere, unless `accel.matmul_precision` gives some
    of it away; 16 bits are added in float32 and rounded once. Complex factors are not conjugated;
    `vecdot` does that.
    Cost: O(M * K * N) for each pair of matrices, no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        matmul(int8([[100]]), int8([[2]])) -> int8([[-56]])  # integers: exact, too large ones wrap
        matmul(bool([[True, True]]), bool([[True], [False]])) -> bool([[True]])  # booleans: or of ands
        matmul(int32([[1]]), float32([[0.5]])) -> float64([[0.5]])  # mixed kinds
        matmul(float64(1.0), float64([1.0])) -> raises ShapeError  # 0-d array

    Examples
    --------
    >>> import numpy, accel
    >>> x = numpy.asarray([[1.0, 2.0], [3.0, 4.0]])
    >>> accel.matmul(x, numpy.asarray([1.0, 10.0]))
    array([21., 43.])
    """
    ...


@op(dtypes="any", same="exact")
def matrix_transpose(x: A, /) -> A:
    """Transpose of each matrix.

    Parameters
    ----------
    x : array, shape (..., M, N)
        Matrices of any dtype.

    Returns
    -------
    array, shape (..., N, M), dtype and device of ``x``
        Rows and columns exchanged, without conjugation. May share memory with ``x``; write to
        neither.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    ShapeError
        ``x`` has fewer than two axes.

    Notes
    -----
    Accuracy: exact.
    Cost: O(1) where the library has views, otherwise O(size); no device synchronisation; safe under
    ``jax.jit``.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.matrix_transpose(numpy.asarray([[1, 2, 3], [4, 5, 6]]))
    array([[1, 4],
           [2, 5],
           [3, 6]])
    """
    ...


@op(dtypes="numeric", same="conditioned", bound="K * eps * tensordot(abs(x1), abs(x2), axes=axes)")
def tensordot(x1: A, x2: A, /, *, axes: int | tuple[Sequence[int], Sequence[int]] = 2) -> A:
    """Sum of products over chosen axes of two arrays.

    Parameters
    ----------
    x1, x2 : array
        Factors, numeric; the axes summed over have equal lengths and do not broadcast.
    axes : int or tuple of two sequences of int, default 2
        An integer n pairs the last n axes of ``x1`` with the first n of ``x2``, in order; 0 gives
        the outer product. Two sequences name the axes of ``x1`` and the partners in ``x2``;
        negative numbers count from the last axis.

    Returns
    -------
    array, dtype result_type(x1, x2), device of ``x1``
        Shape: the axes of ``x1`` that remain, then those of ``x2``. Never a view of an input.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    AxisError
        An axis does not exist.
    ShapeError
        Paired axes differ in length, or the sequences do.
    PrecisionError
        64-bit data are traced by a transform that does not keep their width; work inside
        `accel.x64`.

    Notes
    -----
    Accuracy: floating-point results are within ``K * eps * tensordot(abs(x1), abs(x2),
    axes=axes)``, K being the number of products in a sum; float32 keeps its full precision
    everywhere, unless `accel.matmul_precision` gives some of it away; 16 bits are added in float32
    and rounded once. Complex factors are not conjugated.
    Cost: that of a `matmul` of the arrays folded to matrices, no device synchronisation; safe under
    ``jax.jit``.

    Settled by accel::

        tensordot(int8([100]), int8([2]), axes=1) -> int8(-56)  # integers: exact, too large ones wrap
        tensordot(bool([True, True]), bool([True, False]), axes=1) -> bool(True)  # booleans: or of ands

    Examples
    --------
    >>> import numpy, accel
    >>> x = numpy.asarray([[1, 2], [3, 4]])
    >>> accel.tensordot(x, x, axes=1)
    array([[ 7, 10],
           [15, 22]])
    >>> accel.tensordot(x, x, axes=((0,), (0,)))
    array([[10, 14],
           [14, 20]])
    """
    ...


@op(dtypes="floating-point", same="conditioned", bound="K * eps * sum(abs(x1) * abs(x2))")
def vecdot(x1: A, x2: A, /, *, axis: int = -1) -> A:
    """Inner product of the vectors that lie along one axis.

    Parameters
    ----------
    x1, x2 : array, shapes (..., K, ...), all other axes broadcast together
        Vectors, floating-point.
    axis : int, default -1
        Axis of the vectors, counted from the last: in ``[-n, -1]``, n being the smaller number of
        axes.

    Returns
    -------
    array, broadcast shape without ``axis``, dtype result_type(x1, x2), device of ``x1``
        Sum over k of ``conj(x1[k]) * x2[k]``: the first argument is conjugated if it is complex.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    AxisError
        ``axis`` is outside its range.
    ShapeError
        The vectors differ in length, or the other axes do not broadcast.
    PrecisionError
        64-bit data are traced by a transform that does not keep their width; work inside
        `accel.x64`.

    Notes
    -----
    Accuracy: within ``K * eps * sum(abs(x1) * abs(x2))``; float32 keeps its full precision
    everywhere, unless `accel.matmul_precision` gives some of it away; 16 bits are added in float32
    and rounded once.
    Cost: O(size of the broadcast arrays), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        vecdot(int8([100]), int8([2])) -> int8(-56)  # integers: exact, too large ones wrap
        vecdot(bool([True, True]), bool([True, False])) -> bool(True)  # booleans: or of ands
        vecdot(complex64([complex(0.0, 2.0)]), complex64([complex(0.0, 2.0)])) ->
            complex64(4.0)  # complex: x1 is conjugated
        vecdot(float64([1.0, 2.0]), float64([1.0])) -> raises ShapeError  # lengths that differ

    Examples
    --------
    >>> import numpy, accel
    >>> x = numpy.asarray([[1.0, 2.0], [3.0, 4.0]])
    >>> accel.vecdot(x, numpy.asarray([1.0, 10.0]))
    array([21., 43.])
    >>> complex(accel.vecdot(numpy.asarray([1.0j]), numpy.asarray([1.0j])))
    (1+0j)
    """
    ...
