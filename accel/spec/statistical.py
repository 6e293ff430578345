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


@op(dtypes="numeric", same="conditioned", bound="k * eps * abs(y)", checks=("casts",))
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
    CastError
        Inside `accel.checked`: ``dtype`` cannot hold an element.

    Notes
    -----
    Accuracy: integers exact; the k-th real product y within ``k * eps * abs(y)``, unless an
    intermediate product over- or underflows. Sixteen bits are multiplied in float32, and each
    result is rounded once.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Special cases::

        cumulative_prod(floats([1.0, nan, 2.0])) -> floats([1.0, nan, nan])  # nan from there on

    Settled by accel::

        cumulative_prod(int8([100, 100])) -> int64([100, 10000])  # small integers are multiplied in int64
        cumulative_prod(uint8([200, 200])) -> uint64([200, 40000])  # small unsigned integers in uint64
        cumulative_prod(int64([4611686018427387904, 2])) ->
            int64([4611686018427387904, lowest])  # too large for the dtype: wraps
        cumulative_prod(bool([True, False])) -> int64([1, 0])  # booleans
        cumulative_prod(floats([]), include_initial=True) -> floats([1.0])  # no elements
        cumulative_prod(float64(1.0)) -> raises AxisError  # 0-d array

    Examples
    --------
    >>> import numpy, accel
    >>> accel.cumulative_prod(numpy.asarray([1, 2, 3, 4]))
    array([ 1,  2,  6, 24])
    >>> accel.cumulative_prod(numpy.asarray([1.0, 2.0, 3.0]), include_initial=True)
    array([1., 1., 2., 6.])
    """
    ...


@op(
    dtypes="numeric",
    same="conditioned",
    bound="(64 + k / 512) * eps * cumulative_sum(abs(x))",
    checks=("casts",),
)
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
    CastError
        Inside `accel.checked`: ``dtype`` cannot hold an element.

    Notes
    -----
    Accuracy: integers exact; the k-th sum within ``(64 + k / 512) * eps * cumulative_sum(abs(x))``,
    in an order of addition left to the backend. Sixteen bits are added in float32, and each result
    is rounded once.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Special cases::

        cumulative_sum(floats([1.0, nan, 2.0])) -> floats([1.0, nan, nan])  # nan from there on

    Settled by accel::

        cumulative_sum(int64([1, 2]), include_initial=True) -> int64([0, 1, 3])  # the initial value included
        cumulative_sum(int8([100, 100])) -> int64([100, 200])  # small integers are added in int64
        cumulative_sum(uint8([200, 200])) -> uint64([200, 400])  # small unsigned integers in uint64
        cumulative_sum(int64([highest, 1])) -> int64([highest, lowest])  # too large for the dtype: wraps
        cumulative_sum(bool([True, True])) -> int64([1, 2])  # booleans
        cumulative_sum(floats([]), include_initial=True) -> floats([0.0])  # no elements
        cumulative_sum(float64(1.0)) -> raises AxisError  # 0-d array

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

        max(floats([1.0, nan])) -> floats(nan)  # nan among the elements

    Settled by accel::

        max(floats([-0.0, 0.0])) -> either(floats(0.0), floats(-0.0))  # -0 and 0 among the elements: either zero
        max(floats([-inf, -inf])) -> floats(-inf)  # infinities alone
        max(complexes([1.0, 0.0])) -> raises DTypeError  # complex numbers
        max(float64([])) -> raises ArgumentError  # no elements

    Examples
    --------
    >>> import numpy, accel
    >>> accel.max(numpy.asarray([[1.0, 5.0], [4.0, 2.0]]), axis=0)
    array([4., 5.])
    """
    ...


@op(dtypes="floating-point", same="conditioned", bound="(64 + n / 512) * eps * mean(abs(x))")
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
    Accuracy: within ``(64 + n / 512) * eps * mean(abs(x))`` for the mean of n elements, in an order
    of addition left to the backend; inf where their sum overflows. Sixteen bits are added in
    float32 and rounded once, where the result is made.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Special cases::

        mean(floats([])) -> floats(nan)  # no elements
        mean(floats([1.0, nan])) -> floats(nan)  # nan among the elements

    Settled by accel::

        mean(integers([1, 2])) -> float64(1.5)  # integers: the mean in the default floating-point dtype
        mean(int32([2147483647, 2147483647])) -> float64(2147483647.0)  # the largest integers do not overflow
        mean(bool([True, False])) -> float64(0.5)  # booleans
        mean(floats([inf, -inf])) -> floats(nan)  # both infinities
        mean(float32([3e38, 3e38])) -> float32(inf)  # a sum too large for the dtype

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

        min(floats([1.0, nan])) -> floats(nan)  # nan among the elements

    Settled by accel::

        min(floats([-0.0, 0.0])) -> either(floats(0.0), floats(-0.0))  # -0 and 0 among the elements: either zero
        min(floats([inf, inf])) -> floats(inf)  # infinities alone
        min(complexes([1.0, 0.0])) -> raises DTypeError  # complex numbers
        min(float64([])) -> raises ArgumentError  # no elements

    Examples
    --------
    >>> import numpy, accel
    >>> accel.min(numpy.asarray([[1.0, 5.0], [4.0, 2.0]]), axis=0)
    array([1., 2.])
    """
    ...


@op(dtypes="numeric", same="conditioned", bound="n * eps * abs(y)", checks=("casts",))
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
    CastError
        Inside `accel.checked`: ``dtype`` cannot hold an element.

    Notes
    -----
    Accuracy: integers exact; the product y of n elements within ``n * eps * abs(y)``, unless an
    intermediate product over- or underflows. Sixteen bits are multiplied in float32 and rounded
    once, where the result is made.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Special cases::

        prod(floats([])) -> floats(1.0)  # no elements
        prod(floats([1.0, nan])) -> floats(nan)  # nan among the elements
        prod(floats([0.0, inf])) -> floats(nan)  # 0 and an infinity

    Settled by accel::

        prod(int8([100, 100])) -> int64(10000)  # small integers are multiplied in int64
        prod(uint8([200, 200])) -> uint64(40000)  # small unsigned integers in uint64
        prod(int64([4611686018427387904, 2])) -> int64(lowest)  # too large for the dtype: wraps
        prod(bool([True, True])) -> int64(1)  # booleans
        prod(floats([-0.0, 1.0])) -> floats(-0.0)  # sign of zero
        prod(complex64([1.0]), dtype=float32) -> raises DTypeError  # complex numbers into a real dtype

    Examples
    --------
    >>> import numpy, accel
    >>> accel.prod(numpy.asarray([[1.0, 3.0], [2.0, 6.0]]), axis=1)
    array([ 3., 12.])
    """
    ...


@op(
    dtypes="real floating-point",
    same="conditioned",
    bound="(64 + n / 512) * eps * (v + (64 + n / 512) * eps * sum(x**2) / (n - correction))",
)
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
    Accuracy: the square of the result is within ``(64 + n / 512) * eps * (v + (64 + n / 512) * eps
    * sum(x**2) / (n - correction))``, where v is the exact variance of the n elements, in an order
    of addition left to the backend. Sixteen bits are added in float32 and rounded once, where the
    result is made.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Special cases::

        std(floats([1.0, nan])) -> floats(nan)  # nan among the elements
        std(floats([2.0]), correction=1) -> floats(nan)  # n - correction is 0
        std(floats([2.0]), correction=2) -> floats(nan)  # n - correction is negative
        std(floats([])) -> floats(nan)  # no elements

    Settled by accel::

        std(floats([1.0, inf])) -> floats(nan)  # infinity among the elements
        std(integers([1, 3])) -> float64(1.0)  # integers: in the default floating-point dtype
        std(bool([True, True])) -> float64(0.0)  # booleans
        std(complexes([1.0, 0.0])) -> raises DTypeError  # complex numbers

    Examples
    --------
    >>> import numpy, accel
    >>> accel.std(numpy.asarray([[1.0, 3.0], [2.0, 6.0]]), axis=1)
    array([1., 2.])
    >>> accel.std(numpy.asarray([[1.0, 3.0], [2.0, 6.0]]), axis=1, correction=1)
    array([1.41421356, 2.82842712])
    """
    ...


@op(dtypes="numeric", same="conditioned", bound="(64 + n / 512) * eps * sum(abs(x))", checks=("casts",))
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
    CastError
        Inside `accel.checked`: ``dtype`` cannot hold an element.

    Notes
    -----
    Accuracy: integers exact; the sum of n floating-point numbers within ``(64 + n / 512) * eps *
    sum(abs(x))``, in an order of addition left to the backend. Sixteen bits are added in float32
    and rounded once, where the result is made.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Special cases::

        sum(floats([])) -> floats(0.0)  # no elements
        sum(floats([1.0, nan])) -> floats(nan)  # nan among the elements
        sum(floats([inf, -inf])) -> floats(nan)  # both infinities

    Settled by accel::

        sum(int8([100, 100])) -> int64(200)  # small integers are added in int64
        sum(uint8([200, 200])) -> uint64(400)  # small unsigned integers in uint64
        sum(int64([highest, 1])) -> int64(lowest)  # too large for the dtype: wraps
        sum(bool([True, True])) -> int64(2)  # booleans
        sum(floats([-0.0, -0.0])) -> either(floats(0.0), floats(-0.0))  # negative zeros alone: either zero
        sum(complex64([1.0]), dtype=float32) -> raises DTypeError  # complex numbers into a real dtype

    Examples
    --------
    >>> import numpy, accel
    >>> accel.sum(numpy.asarray([[1.0, 3.0], [2.0, 6.0]]), axis=1)
    array([4., 8.])
    >>> accel.sum(numpy.asarray([[1, 2], [3, 4]]), axis=0, keepdims=True)
    array([[4, 6]])
    """
    ...


@op(
    dtypes="real floating-point",
    same="conditioned",
    bound="(64 + n / 512) * eps * (v + (64 + n / 512) * eps * sum(x**2) / (n - correction))",
)
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
    Accuracy: within ``(64 + n / 512) * eps * (v + (64 + n / 512) * eps * sum(x**2) / (n -
    correction))``, where v is the exact variance of the n elements, in an order of addition left to
    the backend. Sixteen bits are added in float32 and rounded once, where the result is made.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Special cases::

        var(floats([1.0, nan])) -> floats(nan)  # nan among the elements
        var(floats([2.0]), correction=1) -> floats(nan)  # n - correction is 0
        var(floats([2.0]), correction=2) -> floats(nan)  # n - correction is negative
        var(floats([])) -> floats(nan)  # no elements

    Settled by accel::

        var(floats([1.0, inf])) -> floats(nan)  # infinity among the elements
        var(integers([1, 3])) -> float64(1.0)  # integers: in the default floating-point dtype
        var(bool([True, True])) -> float64(0.0)  # booleans
        var(complexes([1.0, 0.0])) -> raises DTypeError  # complex numbers

    Examples
    --------
    >>> import numpy, accel
    >>> accel.var(numpy.asarray([[1.0, 3.0], [2.0, 6.0]]), axis=1)
    array([1., 4.])
    >>> accel.var(numpy.asarray([[1.0, 3.0], [2.0, 6.0]]), axis=1, correction=1)
    array([2., 8.])
    """
    ...
