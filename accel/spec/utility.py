"""Utility functions: logical tests of whole axes, and differences of neighbours."""

from __future__ import annotations

from accel.dispatch import op
from accel.typing import A

__all__ = [
    "all",
    "any",
    "diff",
]


@op(dtypes="any", same="exact")
def all(x: A, /, *, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> A:
    """True where every element along some axes is true.

    Parameters
    ----------
    x : array, any shape, any dtype
        Truth values, or numbers that count as true where they are not zero.
    axis : int, tuple of int or None, default None
        Axes to test over, counted from the last if negative; None takes all of them.
    keepdims : bool, default False
        Keep each reduced axis with size 1, so that the result broadcasts against ``x``.

    Returns
    -------
    array, shape of x without the axes, dtype bool, device of x
        Truth values.

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

        no elements -> True
        nan, +-inf  -> count as true
        -0          -> counts as false
        complex     -> counts as true where either part is not zero

    Examples
    --------
    >>> import numpy, accel
    >>> accel.all(numpy.asarray([[True, False], [True, True]]), axis=1)
    array([False,  True])
    """
    ...


@op(dtypes="any", same="exact")
def any(x: A, /, *, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> A:
    """True where at least one element along some axes is true.

    Parameters
    ----------
    x : array, any shape, any dtype
        Truth values, or numbers that count as true where they are not zero.
    axis : int, tuple of int or None, default None
        Axes to test over, counted from the last if negative; None takes all of them.
    keepdims : bool, default False
        Keep each reduced axis with size 1, so that the result broadcasts against ``x``.

    Returns
    -------
    array, shape of x without the axes, dtype bool, device of x
        Truth values.

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

        no elements -> False
        nan, +-inf  -> count as true
        -0          -> counts as false
        complex     -> counts as true where either part is not zero

    Examples
    --------
    >>> import numpy, accel
    >>> accel.any(numpy.asarray([[True, False], [True, True]]), axis=1)
    array([ True,  True])
    """
    ...


@op(dtypes="numeric", same="exact")
def diff(x: A, /, *, axis: int = -1, n: int = 1, prepend: A | None = None, append: A | None = None) -> A:
    """Differences of neighbours along an axis, taken n times.

    Parameters
    ----------
    x : array, at least one axis, numeric dtype
        Numbers.
    axis : int, default -1
        Axis to go along, counted from the last if negative.
    n : int, default 1
        How often to take differences, the second time of the first differences and so on.
    prepend, append : array, shape of x except along the axis, or None, default None
        Values to put before and after ``x`` along the axis first; None puts none.

    Returns
    -------
    array, shape of x with the axis shorter by n, dtype result_type(x, prepend, append), device of x
        Each element less the one before it, ``x[i+1] - x[i]``, in the unit of ``x``. Values put
        before and after count in the length.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    ShapeError
        ``n`` is negative, or ``prepend`` or ``append`` do not fit ``x``.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(n * size), no device synchronisation; safe under ``jax.jit``.

    Special cases::

        n is 0 -> x
        n not below the length of the axis -> no elements

    Settled by accel::

        unsigned integers -> wrap: 1 less 2 becomes the largest value of the dtype

    Examples
    --------
    >>> import numpy, accel
    >>> accel.diff(numpy.asarray([1, 4, 9, 16]))
    array([3, 5, 7])
    >>> accel.diff(numpy.asarray([1, 4, 9, 16]), n=2)
    array([2, 2])
    >>> accel.diff(numpy.asarray([1, 4]), prepend=numpy.asarray([0]))
    array([1, 3])
    """
    ...
