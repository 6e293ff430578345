"""Indexing functions: elements picked by arrays of positions."""

from __future__ import annotations

from accel.dispatch import op
from accel.typing import A

__all__ = [
    "take",
    "take_along_axis",
]


@op(dtypes="any", same="exact", checks=("bounds",))
def take(x: A, indices: A, /, *, axis: int | None = None) -> A:
    """Elements at the given positions along one axis.

    Parameters
    ----------
    x : array, shape (..., S, ...)
        Values of any dtype, with at least one axis.
    indices : array, shape (L,)
        Positions, integers in ``[-S, S)``; negative ones count from the end.
    axis : int or None, default None
        Axis of length S to pick along; negative numbers count from the last axis. None is for
        one-dimensional ``x``; other libraries refuse it for more axes, accel flattens them first.

    Returns
    -------
    array, shape (..., L, ...), dtype and device of ``x``
        ``x[..., indices[i], ...]`` at position i of ``axis``. Never a view of ``x``.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    DTypeError
        ``indices`` are not integers.
    OutOfBoundsError
        Inside `accel.checked`: a position is outside ``[-S, S)``.

    Notes
    -----
    Accuracy: exact.
    Cost: O(size of the result), no device synchronisation; safe under
    ``jax.jit``.

    Settled by accel::

        take(floats([1.0, 2.0]), int64([-1, -2])) -> floats([2.0, 1.0])  # negative positions count from the end
        take(float64([1.0, 2.0]), uint8([1])) -> float64([2.0])  # positions of any integer dtype
        take(float64([[1.0, 2.0], [3.0, 4.0]]), int64([3])) ->
            float64([4.0])  # several axes and none named: flattened
        take(float64([1.0, 2.0]), int64([5])) ->
            left open: some element or a fill value, by the device; to see it one would have to wait for
            the device; checked raises OutOfBoundsError  # position out of bounds
        take(float64([1.0, 2.0]), bool([True])) -> raises DTypeError  # booleans as positions

    Examples
    --------
    >>> import numpy, accel
    >>> x = numpy.asarray([[1, 2, 3], [4, 5, 6]])
    >>> accel.take(x, numpy.asarray([2, 0]), axis=1)
    array([[3, 1],
           [6, 4]])
    """
    ...


@op(dtypes="any", same="exact", checks=("bounds",))
def take_along_axis(x: A, indices: A, /, *, axis: int = -1) -> A:
    """Elements at positions of their own for each vector along one axis, as `argsort` gives them.

    Parameters
    ----------
    x : array, shape (..., S, ...)
        Values of any dtype.
    indices : array, shape (..., L, ...)
        Positions, integers in ``[-S, S)``; negative ones count from the end. As many axes as ``x``;
        all but ``axis`` broadcast against those of ``x``.
    axis : int, default -1
        Axis of length S to pick along; negative numbers count from the last axis.

    Returns
    -------
    array, shape broadcast(x, indices) but with L along ``axis``, dtype and device of ``x``
        The picked elements. Never a view of ``x``.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    ShapeError
        ``indices`` has another number of axes than ``x``, or the other axes do not broadcast.
    DTypeError
        ``indices`` are not integers.
    OutOfBoundsError
        Inside `accel.checked`: a position is outside ``[-S, S)``.

    Notes
    -----
    Accuracy: exact.
    Cost: O(size of the result), no device synchronisation; safe under
    ``jax.jit``.

    Settled by accel::

        take_along_axis(floats([1.0, 2.0]), int64([-1, -2])) ->
            floats([2.0, 1.0])  # negative positions count from the end
        take_along_axis(float64([1.0, 2.0]), int64([5])) ->
            left open: some element or a fill value, by the device; to see it one would have to wait for
            the device; checked raises OutOfBoundsError  # position out of bounds
        take_along_axis(float64([1.0, 2.0]), bool([True])) -> raises DTypeError  # booleans as positions

    Examples
    --------
    >>> import numpy, accel
    >>> x = numpy.asarray([[30, 10, 20], [5, 6, 4]])
    >>> accel.take_along_axis(x, numpy.asarray([[1, 2, 0], [2, 0, 1]]))
    array([[10, 20, 30],
           [ 4,  5,  6]])
    """
    ...
