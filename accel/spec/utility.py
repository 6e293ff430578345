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

    Settled by accel::

        all(float64([])) -> bool(True)    # no elements
        all(floats([nan, inf, -inf])) -> bool(True)    # nan and infinities
        all(floats([-0.0])) -> bool(False)    # negative zero
        all(complexes([complex(0.0, 1.0), complex(nan, 0.0)])) -> bool(True)    # complex
        all(float64([[1.0, 0.0], [2.0, 3.0]]), axis=1, keepdims=True) -> bool([[False], [True]])
            # reduced axes kept
        all(float64(0.0)) -> bool(False)    # no axes

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

    Settled by accel::

        any(float64([])) -> bool(False)    # no elements
        any(floats([nan])) -> bool(True)    # nan
        any(floats([-0.0])) -> bool(False)    # negative zero
        any(complexes([complex(0.0, 1.0)])) -> bool(True)    # complex
        any(float64([tiny / 4]))
            -> left open: a subnormal number is zero where the device flushes it
            # subnormal numbers

    Examples
    --------
    >>> import numpy, accel
    >>> accel.any(numpy.asarray([[True, False], [True, True]]), axis=1)
    array([ True,  True])
    """
    ...


@op(dtypes="numeric", same="exact", checks=("kinds", "nan"))
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

    Settled by accel::

        diff(float64([1.0, 2.0]), n=0) -> float64([1.0, 2.0])    # no differences
        diff(float64([1.0, 2.0]), n=2) -> float64([])    # n not below the length
        diff(uints([2, 1])) -> uints([highest])    # unsigned difference below zero
        diff(ints([lowest, highest])) -> ints([-1])    # integer difference out of range
        diff(floats([inf, inf, -inf])) -> floats([nan, -inf])    # infinities
        diff(bool([True, False, True])) -> bool([True, True])    # booleans
        diff(float64(1.0)) -> raises AxisError    # no axes
        diff(float64([1.0]), n=-1) -> raises ArgumentError    # negative n
        diff(float32([1.0]), prepend=float64([0.0])) -> float64([1.0])    # two dtypes

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
