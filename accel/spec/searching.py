"""Searching functions: where in an array a value, an extreme or a non-zero element stands."""

from __future__ import annotations

from typing import Literal

from accel.dispatch import op
from accel.typing import A, Scalar

__all__ = [
    "argmax",
    "argmin",
    "count_nonzero",
    "nonzero",
    "searchsorted",
    "where",
]


@op(dtypes="real-valued", same="exact")
def argmax(x: A, /, *, axis: int | None = None, keepdims: bool = False) -> A:
    """Index of the first largest element along an axis.

    Parameters
    ----------
    x : array, any shape, real-valued dtype
        Values to search.
    axis : int or None, default None
        Axis to search, counted from the last if negative; None searches ``x`` flattened in
        row-major order.
    keepdims : bool, default False
        Keep each reduced axis with size 1, so that the result broadcasts against ``x``.

    Returns
    -------
    array, shape of x without the axis, dtype int64, device of x
        Indices of the largest elements, of the first one where several are equal.

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

        argmax(floats([1.0, nan, inf, nan])) -> int64(1)  # the first nan

    Settled by accel::

        argmax(floats([-0.0, 0.0])) -> int64(0)  # -0 before 0: equal, so the first
        argmax(floats([0.0, -0.0])) -> int64(0)  # 0 before -0: equal, so the first
        argmax(integers([2, 2])) -> int64(0)  # ties
        argmax(complexes([1.0, 0.0])) -> raises DTypeError  # complex numbers
        argmax(float64([])) -> raises ArgumentError  # no elements
        argmax(floats(3.0)) -> int64(0)  # 0-d array

    Examples
    --------
    >>> import numpy, accel
    >>> accel.argmax(numpy.asarray([[3, 9, 9], [4, 1, 1]]), axis=1)
    array([1, 0])
    """
    ...


@op(dtypes="real-valued", same="exact")
def argmin(x: A, /, *, axis: int | None = None, keepdims: bool = False) -> A:
    """Index of the first smallest element along an axis.

    Parameters
    ----------
    x : array, any shape, real-valued dtype
        Values to search.
    axis : int or None, default None
        Axis to search, counted from the last if negative; None searches ``x`` flattened in
        row-major order.
    keepdims : bool, default False
        Keep each reduced axis with size 1, so that the result broadcasts against ``x``.

    Returns
    -------
    array, shape of x without the axis, dtype int64, device of x
        Indices of the smallest elements, of the first one where several are equal.

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

        argmin(floats([1.0, nan, -inf, nan])) -> int64(1)  # the first nan

    Settled by accel::

        argmin(floats([-0.0, 0.0])) -> int64(0)  # -0 before 0: equal, so the first
        argmin(floats([0.0, -0.0])) -> int64(0)  # 0 before -0: equal, so the first
        argmin(integers([2, 2])) -> int64(0)  # ties
        argmin(complexes([1.0, 0.0])) -> raises DTypeError  # complex numbers
        argmin(float64([])) -> raises ArgumentError  # no elements
        argmin(floats(3.0)) -> int64(0)  # 0-d array

    Examples
    --------
    >>> import numpy, accel
    >>> accel.argmin(numpy.asarray([[3, 9, 9], [4, 1, 1]]), axis=1)
    array([0, 1])
    """
    ...


@op(dtypes="any", same="exact")
def count_nonzero(x: A, /, *, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> A:
    """Number of non-zero elements along some axes.

    Parameters
    ----------
    x : array, any shape, any dtype
        Values; of booleans the true ones are counted.
    axis : int, tuple of int or None, default None
        Axes to count over, counted from the last if negative; None takes all of them.
    keepdims : bool, default False
        Keep each reduced axis with size 1, so that the result broadcasts against ``x``.

    Returns
    -------
    array, shape of x without the axes, dtype int64, device of x
        Numbers of elements that are not zero.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Special cases::

        count_nonzero(floats([nan, -0.0, 0.0, inf])) -> int64(2)  # nan counts, -0 does not
        count_nonzero(complexes([complex(0.0, 1.0), complex(-0.0, -0.0)])) -> int64(1)  # complex: either part counts

    Settled by accel::

        count_nonzero(float64([[1.0, 0.0]]), axis=1, keepdims=True) -> int64([[1]])  # reduced axes kept

    Examples
    --------
    >>> import numpy, accel
    >>> accel.count_nonzero(numpy.asarray([[0, 1, 2], [0, 0, 3]]), axis=1)
    array([2, 1])
    """
    ...


@op(dtypes="any", same="exact", compiles=False)
def nonzero(x: A, /) -> tuple[A, ...]:
    """Indices of the non-zero elements, one array for each axis.

    Parameters
    ----------
    x : array, at least one axis, any dtype
        Values; of booleans the true ones are found.

    Returns
    -------
    tuple of x.ndim arrays, each of shape (k,), dtype int64, device of x
        Indices of the k non-zero elements along each axis, in row-major order of the elements.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``x`` has no axis.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(size), one device synchronisation.

    The shape of the result depends on the values, so the call waits for the device and cannot be
    traced by ``jax.jit`` and the like. `where` and `count_nonzero` can.

    Special cases::

        nonzero(floats([nan, -0.0, inf])) -> (int64([0, 2]),)  # nan counts, -0 does not
        nonzero(complexes([complex(0.0, 1.0), complex(-0.0, -0.0)])) -> (int64([0]),)  # complex: either part counts

    Settled by accel::

        nonzero(float64(1.0)) -> raises AxisError  # 0-d array

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nonzero(numpy.asarray([[0, 5], [6, 0]]))
    (array([0, 1]), array([1, 0]))
    """
    ...


@op(dtypes="real-valued", same="exact", checks=("kinds", "bounds"))
def searchsorted(
    x1: A, x2: A | Scalar, /, *, side: Literal["left", "right"] = "left", sorter: A | None = None
) -> A:
    """Index at which each value would be inserted to keep a sorted array sorted.

    Parameters
    ----------
    x1 : array, shape (n,), real-valued dtype
        Values in ascending order, nan last; in any order if ``sorter`` is given.
    x2 : array or number, any shape, real-valued dtype
        Values to place.
    side : {"left", "right"}, default "left"
        Place before (``"left"``) or after (``"right"``) the elements equal to the value.
    sorter : array, shape (n,), integer dtype, or None, default None
        Indices that put ``x1`` in ascending order, as `argsort` gives them; None if it is in order.

    Returns
    -------
    array, shape of x2, dtype int64, device of the arrays
        Indices from 0 to n: ``x1[i-1] < v <= x1[i]`` on the left side, ``x1[i-1] <= v < x1[i]`` on
        the right.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    DTypeError
        An argument is complex, and complex numbers have no order.
    ArgumentError
        ``x1`` does not have exactly one axis, or ``side`` is neither of the two.
    OutOfBoundsError
        Inside `accel.checked`: an element of ``sorter`` is outside ``[-n, n)``.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(log(n)) comparisons for each value, no device synchronisation; safe under ``jax.jit``.

    That ``x1`` is in order is not checked; if it is not, the indices mean nothing.

    Settled by accel::

        searchsorted(floats([1.0, 2.0, nan]), floats([nan, 3.0])) -> int64([2, 2])  # nan is above every number
        searchsorted(floats([1.0, nan, nan]), floats([nan]), side="right") -> int64([3])  # nan equals nan
        searchsorted(floats([-0.0, 0.0]), floats([0.0, -0.0])) -> int64([0, 0])  # zeros of either sign are equal
        searchsorted(int32([1, 16777217]), float32([16777216.0]), side="right") ->
            int64([1])  # mixed kinds: promoted first
        searchsorted(uint8([1, 200]), 300) -> raises OverflowError  # Python integer out of range

    Examples
    --------
    >>> import numpy, accel
    >>> accel.searchsorted(numpy.asarray([1, 3, 3, 7]), numpy.asarray([0, 3, 8]))
    array([0, 1, 4])
    >>> accel.searchsorted(numpy.asarray([1, 3, 3, 7]), numpy.asarray([0, 3, 8]), side="right")
    array([0, 3, 4])
    """
    ...


@op(dtypes="any", same="exact", checks=("kinds",))
def where(condition: A, x1: A | Scalar, x2: A | Scalar, /) -> A:
    """Element of the first array where the condition holds, of the second elsewhere.

    Parameters
    ----------
    condition : array, boolean dtype
        True to take from ``x1``, False to take from ``x2``.
    x1, x2 : array or number, broadcast with condition, any dtype
        Values to choose from. At least one of the two is an array.

    Returns
    -------
    array, broadcast shape, dtype result_type(x1, x2), device of the arrays
        Values of ``x1`` and ``x2``, bit for bit.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    ShapeError
        The shapes do not broadcast together.
    OverflowError
        A Python integer does not fit the dtype of the array beside it.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(size of the result), no device synchronisation; safe under ``jax.jit``.

    Both choices are computed in full before one is taken, so a warning, or a nan in a gradient, may
    come from an element that is not taken.

    Settled by accel::

        where(bool([True, False]), int32([1, 2]), float32([0.5, 0.5])) -> float64([1.0, 0.5])  # mixed kinds
        where(bool([True, False]), floats([nan, 1.0]), floats([0.0, -0.0])) ->
            floats([nan, -0.0])  # nan and the sign of zero are kept
        where(bool([True]), uint8([1]), 300) -> raises OverflowError  # Python integer out of range

    Examples
    --------
    >>> import numpy, accel
    >>> accel.where(numpy.asarray([True, False, True]), numpy.asarray([1.0, 2.0, 3.0]), 0.0)
    array([1., 0., 3.])
    """
    ...
