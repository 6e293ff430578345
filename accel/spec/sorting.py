"""Sorting functions: elements, or their indices, in order of value."""

from __future__ import annotations

from accel.dispatch import op
from accel.typing import A

__all__ = [
    "argsort",
    "sort",
]


@op(dtypes="real-valued", same="exact")
def argsort(x: A, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> A:
    """Indices that put the elements in order along an axis.

    Parameters
    ----------
    x : array, at least one axis, real-valued dtype
        Values.
    axis : int, default -1
        Axis to sort along, counted from the last if negative.
    descending : bool, default False
        Order from the largest to the smallest instead.
    stable : bool, default True
        Keep the order of equal elements. The sort is stable with False too, so that backends agree.

    Returns
    -------
    array, shape of x, dtype int64, device of x
        Indices along the axis: ``take_along_axis(x, result, axis=axis)`` is in order.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    DTypeError
        ``x`` is complex, and complex numbers have no order.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(size * log(size)), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        argsort(floats([nan, 1.0, -inf, nan])) -> int64([2, 1, 0, 3])  # nan last
        argsort(floats([nan, 1.0, -inf, nan]), descending=True) -> int64([0, 3, 1, 2])  # nan first if descending
        argsort(floats([0.0, -0.0, 0.0, -1.0])) -> int64([3, 0, 1, 2])  # zeros of either sign are equal
        argsort(integers([1, 0, 1, 0])) -> int64([1, 3, 0, 2])  # equal elements keep their order
        argsort(integers([1, 0, 1, 0]), descending=True) -> int64([0, 2, 1, 3])  # equal elements, descending
        argsort(integers([1, 0, 1, 0]), stable=False) -> int64([1, 3, 0, 2])  # stable also if not asked for
        argsort(complexes([1.0, 0.0])) -> raises DTypeError  # complex numbers
        argsort(float64(1.0)) -> raises AxisError  # 0-d array

    Examples
    --------
    >>> import numpy, accel
    >>> accel.argsort(numpy.asarray([[3, 1, 2], [9, 8, 7]]))
    array([[1, 2, 0],
           [2, 1, 0]])
    >>> accel.argsort(numpy.asarray([3, 1, 3]), descending=True)
    array([0, 2, 1])
    """
    ...


@op(dtypes="real-valued", same="exact")
def sort(x: A, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> A:
    """Elements in order along an axis.

    Parameters
    ----------
    x : array, at least one axis, real-valued dtype
        Values; left as they are.
    axis : int, default -1
        Axis to sort along, counted from the last if negative.
    descending : bool, default False
        Order from the largest to the smallest instead.
    stable : bool, default True
        Keep the order of equal elements. The sort is stable with False too, so that backends agree.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        The elements in order, as a new array.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    DTypeError
        ``x`` is complex, and complex numbers have no order.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(size * log(size)), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        sort(floats([nan, 1.0, -inf])) -> floats([-inf, 1.0, nan])  # nan last
        sort(floats([nan, 1.0, -inf]), descending=True) -> floats([nan, 1.0, -inf])  # nan first if descending
        sort(floats([0.0, -0.0, -1.0])) -> floats([-1.0, 0.0, -0.0])  # equal zeros keep their order
        sort(floats([0.0, -0.0, -1.0]), descending=True) -> floats([0.0, -0.0, -1.0])  # equal zeros, descending
        sort(integers([highest, 0, lowest])) -> integers([lowest, 0, highest])  # limits of integers
        sort(integers([highest, 1, lowest]), descending=True) ->
            integers([highest, 1, lowest])  # limits of integers, descending
        sort(complexes([1.0, 0.0])) -> raises DTypeError  # complex numbers
        sort(float64(1.0)) -> raises AxisError  # 0-d array

    Examples
    --------
    >>> import numpy, accel
    >>> accel.sort(numpy.asarray([[3, 1, 2], [9, 8, 7]]))
    array([[1, 2, 3],
           [7, 8, 9]])
    >>> accel.sort(numpy.asarray([3.0, numpy.nan, 1.0]))
    array([ 1.,  3., nan])
    """
    ...
