"""Statistical functions: one number for all the elements along some axes."""

from __future__ import annotations

from accel.dispatch import op
from accel.typing import A, DTypeLike

__all__ = [
    "cumulative_prod",
    "cumulative_sum",
    "max",
    "mean",
    "min",
    "prod",
    "std",
    "sum",
    "var",
]


@op(dtypes="numeric", same="conditioned")
def cumulative_prod(
    x: A, /, *, axis: int | None = None, dtype: DTypeLike | None = None, include_initial: bool = False
) -> A:
    """Product of each element with all those before it along an axis.

    Parameters
    ----------
    x : array, at least one axis, numeric dtype
        Numbers.
    axis : int or None, default None
        Axis to go along, counted from the last if negative; None is enough where ``x`` has one
        axis.
    dtype : dtype or None, default None
        Dtype of the result, to which ``x`` is cast before it is multiplied. None keeps that of
        ``x``, but takes int64 for bool and smaller signed integers and uint64 for smaller unsigned
        ones.
    include_initial : bool, default False
        Begin with one, the product of no elements, so that the axis grows by one.

    Returns
    -------
    array, shape of x or with the axis longer by one, dtype as above, device of x
        Products of the elements so far, the last of them included.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes, ``x`` has no axis, or several while
        ``axis`` is None.

    Notes
    -----
    Accuracy: integers exact; the k-th real product is within k * eps of the true one, relative,
    unless an intermediate product over- or underflows.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Special cases::

        nan -> nan from there on

    Settled by accel::

        integers too large for the dtype -> wrap

    Examples
    --------
    >>> import numpy, accel
    >>> accel.cumulative_prod(numpy.asarray([1, 2, 3, 4]))
    array([ 1,  2,  6, 24])
    >>> accel.cumulative_prod(numpy.asarray([1.0, 2.0, 3.0]), include_initial=True)
    array([1., 1., 2., 6.])
    """
    ...


@op(dtypes="numeric", same="conditioned")
def cumulative_sum(
    x: A, /, *, axis: int | None = None, dtype: DTypeLike | None = None, include_initial: bool = False
) -> A:
    """Sum of each element and all those before it along an axis.

    Parameters
    ----------
    x : array, at least one axis, numeric dtype
        Numbers.
    axis : int or None, default None
        Axis to go along, counted from the last if negative; None is enough where ``x`` has one
        axis.
    dtype : dtype or None, default None
        Dtype of the result, to which ``x`` is cast before it is added. None keeps that of ``x``,
        but takes int64 for bool and smaller signed integers and uint64 for smaller unsigned ones.
    include_initial : bool, default False
        Begin with zero, the sum of no elements, so that the axis grows by one.

    Returns
    -------
    array, shape of x or with the axis longer by one, dtype as above, device of x
        Sums of the elements so far, the last of them included.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes, ``x`` has no axis, or several while
        ``axis`` is None.

    Notes
    -----
    Accuracy: integers exact; the k-th float sum is off by at most k * eps times the sum of the k
    magnitudes, in an order of addition left to the backend.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Special cases::

        nan -> nan from there on

    Settled by accel::

        integers too large for the dtype -> wrap

    Examples
    --------
    >>> import numpy, accel
    >>> accel.cumulative_sum(numpy.asarray([1, 2, 3, 4]))
    array([ 1,  3,  6, 10])
    >>> accel.cumulative_sum(numpy.asarray([1.0, 2.0, 3.0]), include_initial=True)
    array([0., 1., 3., 6.])
    """
    ...


@op(dtypes="real-valued", same="exact")
def max(x: A, /, *, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> A:
    """Largest element along some axes.

    Parameters
    ----------
    x : array, any shape, real-valued dtype
        Values.
    axis : int, tuple of int or None, default None
        Axes to reduce, counted from the last if negative; None takes all of them.
    keepdims : bool, default False
        Keep each reduced axis with size 1, so that the result broadcasts against ``x``.

    Returns
    -------
    array, shape of x without the axes, dtype of x, device of x
        Largest elements, in the unit of ``x``.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    DTypeError
        ``x`` is complex, and complex numbers have no order.
    ArgumentError
        There is no element to choose from.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Special cases::

        nan among the elements -> nan

    Settled by accel::

        0 and -0 among the elements -> either zero

    Examples
    --------
    >>> import numpy, accel
    >>> accel.max(numpy.asarray([[1.0, 5.0], [4.0, 2.0]]), axis=0)
    array([4., 5.])
    """
    ...


@op(dtypes="floating-point", same="conditioned")
def mean(x: A, /, *, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> A:
    """Arithmetic mean along some axes.

    Parameters
    ----------
    x : array, any shape, floating-point dtype
        Numbers.
    axis : int, tuple of int or None, default None
        Axes to average over, counted from the last if negative; None takes all of them.
    keepdims : bool, default False
        Keep each reduced axis with size 1, so that the result broadcasts against ``x``.

    Returns
    -------
    array, shape of x without the axes, dtype of x, device of x
        Means, in the unit of ``x``.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.

    Notes
    -----
    Accuracy: off by at most n * eps times the mean magnitude of the n elements, in an order of
    addition left to the backend; inf where their sum overflows.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Special cases::

        no elements            -> nan
        nan among the elements -> nan

    Settled by accel::

        integers and booleans -> the mean in the default floating-point dtype

    Examples
    --------
    >>> import numpy, accel
    >>> accel.mean(numpy.asarray([[1.0, 3.0], [2.0, 6.0]]), axis=1)
    array([2., 4.])
    """
    ...


@op(dtypes="real-valued", same="exact")
def min(x: A, /, *, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> A:
    """Smallest element along some axes.

    Parameters
    ----------
    x : array, any shape, real-valued dtype
        Values.
    axis : int, tuple of int or None, default None
        Axes to reduce, counted from the last if negative; None takes all of them.
    keepdims : bool, default False
        Keep each reduced axis with size 1, so that the result broadcasts against ``x``.

    Returns
    -------
    array, shape of x without the axes, dtype of x, device of x
        Smallest elements, in the unit of ``x``.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    DTypeError
        ``x`` is complex, and complex numbers have no order.
    ArgumentError
        There is no element to choose from.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Special cases::

        nan among the elements -> nan

    Settled by accel::

        0 and -0 among the elements -> either zero

    Examples
    --------
    >>> import numpy, accel
    >>> accel.min(numpy.asarray([[1.0, 5.0], [4.0, 2.0]]), axis=0)
    array([1., 2.])
    """
    ...


@op(dtypes="numeric", same="conditioned")
def prod(
    x: A,
    /,
    *,
    axis: int | tuple[int, ...] | None = None,
    dtype: DTypeLike | None = None,
    keepdims: bool = False,
) -> A:
    """Product of the elements along some axes.

    Parameters
    ----------
    x : array, any shape, numeric dtype
        Factors.
    axis : int, tuple of int or None, default None
        Axes to multiply over, counted from the last if negative; None takes all of them.
    dtype : dtype or None, default None
        Dtype of the result, to which ``x`` is cast before it is multiplied. None keeps that of
        ``x``, but takes int64 for bool and smaller signed integers and uint64 for smaller unsigned
        ones.
    keepdims : bool, default False
        Keep each reduced axis with size 1, so that the result broadcasts against ``x``.

    Returns
    -------
    array, shape of x without the axes, dtype as above, device of x
        Products.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.

    Notes
    -----
    Accuracy: integers exact; real products of n elements are within n * eps of the true one,
    relative, unless an intermediate product over- or underflows.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Special cases::

        no elements                    -> 1
        nan among the elements         -> nan
        0 and +-inf among the elements -> nan

    Settled by accel::

        integers too large for the dtype -> wrap

    Examples
    --------
    >>> import numpy, accel
    >>> accel.prod(numpy.asarray([[1.0, 3.0], [2.0, 6.0]]), axis=1)
    array([ 3., 12.])
    """
    ...


@op(dtypes="real floating-point", same="conditioned")
def std(
    x: A,
    /,
    *,
    axis: int | tuple[int, ...] | None = None,
    correction: int | float = 0.0,
    keepdims: bool = False,
) -> A:
    """Standard deviation along some axes.

    Parameters
    ----------
    x : array, any shape, real floating-point dtype
        Numbers.
    axis : int, tuple of int or None, default None
        Axes to reduce, counted from the last if negative; None takes all of them.
    correction : int or float, default 0.0
        Number to take from n, the number of elements, in the divisor: 0 for a whole population, 1
        for a sample of one (Bessel).
    keepdims : bool, default False
        Keep each reduced axis with size 1, so that the result broadcasts against ``x``.

    Returns
    -------
    array, shape of x without the axes, dtype of x, device of x
        Standard deviations, in the unit of ``x``.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    DTypeError
        ``x`` is complex.

    Notes
    -----
    Accuracy: the square of the result is off by at most
    ``(n + 4) * eps * (v + n * eps * sum(x**2) / (n - correction))``, where v is the exact variance,
    in an order of addition left to the backend.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Special cases::

        nan among the elements -> nan
        n - correction <= 0    -> nan

    Settled by accel::

        infinity among the elements -> nan
        integers and booleans       -> in the default floating-point dtype

    Examples
    --------
    >>> import numpy, accel
    >>> accel.std(numpy.asarray([[1.0, 3.0], [2.0, 6.0]]), axis=1)
    array([1., 2.])
    >>> accel.std(numpy.asarray([[1.0, 3.0], [2.0, 6.0]]), axis=1, correction=1)
    array([1.41421356, 2.82842712])
    """
    ...


@op(dtypes="numeric", same="conditioned")
def sum(
    x: A,
    /,
    *,
    axis: int | tuple[int, ...] | None = None,
    dtype: DTypeLike | None = None,
    keepdims: bool = False,
) -> A:
    """Sum of the elements along some axes.

    Parameters
    ----------
    x : array, any shape, numeric dtype
        Terms, in the same unit.
    axis : int, tuple of int or None, default None
        Axes to add over, counted from the last if negative; None takes all of them.
    dtype : dtype or None, default None
        Dtype of the result, to which ``x`` is cast before it is added. None keeps that of ``x``,
        but takes int64 for bool and smaller signed integers and uint64 for smaller unsigned ones.
    keepdims : bool, default False
        Keep each reduced axis with size 1, so that the result broadcasts against ``x``.

    Returns
    -------
    array, shape of x without the axes, dtype as above, device of x
        Sums, in the unit of ``x``.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.

    Notes
    -----
    Accuracy: integers exact; float sums are off by at most n * eps times the sum of the n
    magnitudes, in an order of addition left to the backend.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Special cases::

        no elements -> 0
        nan among the elements -> nan
        inf and -inf among the elements -> nan

    Settled by accel::

        integers too large for the dtype -> wrap

    Examples
    --------
    >>> import numpy, accel
    >>> accel.sum(numpy.asarray([[1.0, 3.0], [2.0, 6.0]]), axis=1)
    array([4., 8.])
    >>> accel.sum(numpy.asarray([[1, 2], [3, 4]]), axis=0, keepdims=True)
    array([[4, 6]])
    """
    ...


@op(dtypes="real floating-point", same="conditioned")
def var(
    x: A,
    /,
    *,
    axis: int | tuple[int, ...] | None = None,
    correction: int | float = 0.0,
    keepdims: bool = False,
) -> A:
    """Variance along some axes.

    Parameters
    ----------
    x : array, any shape, real floating-point dtype
        Numbers.
    axis : int, tuple of int or None, default None
        Axes to reduce, counted from the last if negative; None takes all of them.
    correction : int or float, default 0.0
        Number to take from n, the number of elements, in the divisor: 0 for a whole population, 1
        for a sample of one (Bessel).
    keepdims : bool, default False
        Keep each reduced axis with size 1, so that the result broadcasts against ``x``.

    Returns
    -------
    array, shape of x without the axes, dtype of x, device of x
        Variances, in the square of the unit of ``x``.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    DTypeError
        ``x`` is complex.

    Notes
    -----
    Accuracy: off by at most ``(n + 4) * eps * (v + n * eps * sum(x**2) / (n - correction))``, where
    v is the exact variance, in an order of addition left to the backend.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Special cases::

        nan among the elements -> nan
        n - correction <= 0    -> nan

    Settled by accel::

        infinity among the elements -> nan
        integers and booleans       -> in the default floating-point dtype

    Examples
    --------
    >>> import numpy, accel
    >>> accel.var(numpy.asarray([[1.0, 3.0], [2.0, 6.0]]), axis=1)
    array([1., 4.])
    >>> accel.var(numpy.asarray([[1.0, 3.0], [2.0, 6.0]]), axis=1, correction=1)
    array([2., 8.])
    """
    ...
