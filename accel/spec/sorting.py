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

        nan                        -> last; first if descending
        0, -0                      -> equal, in the order they had
        equal elements, descending -> in the order they had too

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

        nan   -> last; first if descending
        0, -0 -> equal, in the order they had

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
