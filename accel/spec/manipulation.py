"""Manipulation functions: the same elements in another shape, order or number."""

from __future__ import annotations

from collections.abc import Sequence

from accel.dispatch import op
from accel.typing import A

__all__ = [
    "broadcast_arrays",
    "broadcast_shapes",
    "broadcast_to",
    "concat",
    "expand_dims",
    "flip",
    "moveaxis",
    "permute_dims",
    "repeat",
    "reshape",
    "roll",
    "squeeze",
    "stack",
    "tile",
    "unstack",
]


@op(dtypes="any", same="exact")
def broadcast_arrays(*arrays: A) -> tuple[A, ...]:
    """Arrays stretched to the shape they broadcast to together.

    Parameters
    ----------
    *arrays : array, shapes that broadcast together
        Arrays of any dtypes.

    Returns
    -------
    tuple of arrays, shape broadcast(arrays), dtype and device of the argument each
        Each array repeated along the axes where its length is 1 or missing. Elements may share
        memory with each other and with the inputs; write to none of them.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    ShapeError
        The shapes do not broadcast together.

    Notes
    -----
    Accuracy: exact; dtypes are not promoted.
    Cost: O(1) for each array where the library has views, otherwise O(size); no device
    synchronisation; safe under ``jax.jit``.

    Settled by accel::

        broadcast_arrays(int64([1]), int64([1, 2])) -> (int64([1, 1]), int64([1, 2]))  # a tuple on every backend

    Examples
    --------
    >>> import numpy, accel
    >>> x, y = accel.broadcast_arrays(numpy.asarray([1, 2, 3]), numpy.asarray([[10], [20]]))
    >>> x
    array([[1, 2, 3],
           [1, 2, 3]])
    >>> y
    array([[10, 10, 10],
           [20, 20, 20]])
    """
    ...


@op(dtypes="any", same="exact")
def broadcast_shapes(*shapes: tuple[int | None, ...]) -> tuple[int | None, ...]:
    """Shape that the given shapes broadcast to together.

    Parameters
    ----------
    *shapes : tuple of int
        Shapes, aligned at their last axis; a length of 1 or a missing axis stretches.

    Returns
    -------
    tuple of int
        The common shape; ``()`` where no shape is given.

    Raises
    ------
    ShapeError
        The shapes do not broadcast together.

    Notes
    -----
    Accuracy: exact.
    Cost: O(number of axes), touches no array and no device; safe under ``jax.jit``.

    Examples
    --------
    >>> import accel
    >>> accel.broadcast_shapes((3,), (4, 1), (1, 1, 3))
    (1, 4, 3)
    """
    ...


@op(dtypes="any", same="exact")
def broadcast_to(x: A, /, shape: tuple[int, ...]) -> A:
    """Array stretched to a shape.

    Parameters
    ----------
    x : array, a shape that broadcasts to ``shape``
        Values of any dtype.
    shape : tuple of int
        Shape to reach; only axes of length 1 and axes in front of the first one can stretch.

    Returns
    -------
    array, shape ``shape``, dtype and device of ``x``
        ``x`` repeated along the stretched axes. Elements may share memory with each other and with
        ``x``; write to neither.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    ShapeError
        ``x`` does not broadcast to ``shape``.

    Notes
    -----
    Accuracy: exact.
    Cost: O(1) where the library has views, otherwise O(size); no device synchronisation; safe under
    ``jax.jit``.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.broadcast_to(numpy.asarray([1, 2, 3]), (2, 3))
    array([[1, 2, 3],
           [1, 2, 3]])
    """
    ...


@op(dtypes="any", same="exact", checks=("kinds",))
def concat(arrays: Sequence[A], /, *, axis: int | None = 0) -> A:
    """Arrays joined along an axis they have.

    Parameters
    ----------
    arrays : list or tuple of arrays, shapes (..., N1, ...), (..., N2, ...), ...
        At least one, equal in shape except along ``axis``.
    axis : int or None, default 0
        Axis to join along; negative numbers count from the last axis. None flattens each array
        first.

    Returns
    -------
    array, shape (..., N1 + N2 + ..., ...), dtype result_type(*arrays), device of the arrays
        The elements in the order of the arguments. Never a view of an input.

    Raises
    ------
    UnknownArrayError
        ``arrays`` is empty, or holds something that is not an array of a known backend.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    ShapeError
        The arrays differ in shape along another axis than ``axis``.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.

    Notes
    -----
    Accuracy: exact, after promotion.
    Cost: O(size of the result), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        concat((int32([1]), float32([0.5]))) -> float64([1.0, 0.5])  # mixed kinds
        concat((uint64([1]), int64([2]))) -> float64([1.0, 2.0])  # uint64 with a signed dtype
        concat((floats([nan]), floats([-0.0]))) -> floats([nan, -0.0])  # nan and the sign of zero are kept

    Examples
    --------
    >>> import numpy, accel
    >>> accel.concat([numpy.asarray([[1, 2]]), numpy.asarray([[3, 4], [5, 6]])])
    array([[1, 2],
           [3, 4],
           [5, 6]])
    """
    ...


@op(dtypes="any", same="exact")
def expand_dims(x: A, /, axis: int | tuple[int, ...]) -> A:
    """Array with new axes of length one.

    Parameters
    ----------
    x : array, N axes
        Values of any dtype.
    axis : int or tuple of int
        Places of the new axes in the result, each once; negative numbers count from the last axis
        of the result.

    Returns
    -------
    array, shape of ``x`` with ones inserted, dtype and device of ``x``
        The same elements. May share memory with ``x``; write to neither.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        A place is outside ``[-M, M)``, M being the number of axes of the result.
    ArgumentError
        A place is named twice.

    Notes
    -----
    Accuracy: exact.
    Cost: O(1) where the library has views, otherwise O(size); no device synchronisation; safe under
    ``jax.jit``.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.expand_dims(numpy.asarray([1, 2, 3]), axis=(0, -1)).shape
    (1, 3, 1)
    """
    ...


@op(dtypes="any", same="exact")
def flip(x: A, /, *, axis: int | tuple[int, ...] | None = None) -> A:
    """Elements in reverse order along the given axes.

    Parameters
    ----------
    x : array, shape (...)
        Values of any dtype.
    axis : int, tuple of int or None, default None
        Axes to reverse; negative numbers count from the last axis. None reverses all of them.

    Returns
    -------
    array, shape (...), dtype and device of ``x``
        The reversed elements. May share memory with ``x``; write to neither.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.

    Notes
    -----
    Accuracy: exact.
    Cost: O(1) where the library has views, otherwise O(size); no device synchronisation; safe under
    ``jax.jit``.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.flip(numpy.asarray([[1, 2, 3], [4, 5, 6]]), axis=1)
    array([[3, 2, 1],
           [6, 5, 4]])
    """
    ...


@op(dtypes="any", same="exact")
def moveaxis(x: A, source: int | tuple[int, ...], destination: int | tuple[int, ...], /) -> A:
    """Array with some axes at new places and the others in their order.

    Parameters
    ----------
    x : array, N axes
        Values of any dtype.
    source : int or tuple of int
        Axes to move, each once; negative numbers count from the last axis.
    destination : int or tuple of int
        Their places in the result, as many as in ``source``, each once; negative numbers count from
        the last axis.

    Returns
    -------
    array, shape of ``x`` in the new order, dtype and device of ``x``
        The same elements. May share memory with ``x``; write to neither.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        An axis is outside ``[-N, N)`` for an array of N axes.
    ArgumentError
        An axis stands twice, or ``source`` and ``destination`` differ in length.

    Notes
    -----
    Accuracy: exact.
    Cost: O(1) where the library has views, otherwise O(size); no device synchronisation; safe under
    ``jax.jit``.

    Settled by accel::

        moveaxis(float64([[1.0]]), 0, 5) -> raises AxisError  # an axis that x does not have

    Examples
    --------
    >>> import numpy, accel
    >>> accel.moveaxis(numpy.zeros((2, 3, 4)), 0, -1).shape
    (3, 4, 2)
    """
    ...


@op(dtypes="any", same="exact")
def permute_dims(x: A, /, axes: tuple[int, ...]) -> A:
    """Array with its axes in a new order.

    Parameters
    ----------
    x : array, N axes
        Values of any dtype.
    axes : tuple of int
        Every axis of ``x`` once, in the order of the result; negative numbers count from the last
        axis.

    Returns
    -------
    array, shape ``x.shape[axes[0]], x.shape[axes[1]], ...``, dtype and device of ``x``
        The same elements. May share memory with ``x``; write to neither.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        An axis is outside ``[-N, N)`` for an array of N axes.
    ArgumentError
        ``axes`` leaves out an axis or names one twice.

    Notes
    -----
    Accuracy: exact.
    Cost: O(1) where the library has views, otherwise O(size); no device synchronisation; safe under
    ``jax.jit``.

    Settled by accel::

        permute_dims(float64([[1.0, 2.0]]), (-1, -2)) -> float64([[1.0], [2.0]])  # negative axes count from the end

    Examples
    --------
    >>> import numpy, accel
    >>> accel.permute_dims(numpy.zeros((2, 3, 4)), (-1, 0, 1)).shape
    (4, 2, 3)
    """
    ...


@op(dtypes="any", same="exact", checks=("counts",))
def repeat(x: A, repeats: A | int, /, *, axis: int | None = None) -> A:
    """Each element several times in a row.

    Parameters
    ----------
    x : array, shape (..., S, ...)
        Values of any dtype.
    repeats : int or array, shape (S,) or (1,)
        How often, not negative: one number for all elements, or an integer array with a number for
        each position along ``axis``.
    axis : int or None, default None
        Axis along which to repeat; negative numbers count from the last axis. None flattens ``x``
        first, and S is its size.

    Returns
    -------
    array, shape (..., R, ...), dtype and device of ``x``
        R is the sum of the numbers of repetitions. Never a view of ``x``.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    ShapeError
        ``repeats`` is a negative integer, or has neither one element nor one for each position;
        inside `accel.checked` also if it is an array with a negative element.

    Notes
    -----
    Accuracy: exact. Negative numbers in an array of repetitions are left open.
    Cost: O(size of the result). An integer needs no device synchronisation and is safe under
    ``jax.jit``; an array makes the shape depend on data, which synchronises the device and cannot
    be traced.

    Settled by accel::

        repeat(float64([1.0, 2.0]), -1) -> raises ShapeError  # a negative number of copies
        repeat(float64([1.0, 2.0]), int64([1, -1])) ->
            left open: an error or a shorter result; to see it one would have to wait for the device;
            checked raises ShapeError  # negative numbers of copies in an array

    Examples
    --------
    >>> import numpy, accel
    >>> accel.repeat(numpy.asarray([1, 2, 3]), 2)
    array([1, 1, 2, 2, 3, 3])
    >>> accel.repeat(numpy.asarray([[1, 2], [3, 4]]), numpy.asarray([2, 1]), axis=0)
    array([[1, 2],
           [1, 2],
           [3, 4]])
    """
    ...


@op(dtypes="any", same="exact")
def reshape(x: A, /, shape: tuple[int, ...], *, copy: bool | None = None) -> A:
    """The same elements, in the same order, in another shape.

    Parameters
    ----------
    x : array
        Values of any dtype.
    shape : tuple of int
        Shape with as many elements as ``x``. One length may be -1, for what the others leave over.
    copy : bool or None, default None
        True always copies, False never does, None copies only where it has to.

    Returns
    -------
    array, shape ``shape``, dtype and device of ``x``
        Elements in row-major order, the last axis running fastest. May share memory with ``x``
        unless ``copy`` is True; write to neither.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    ShapeError
        ``shape`` does not hold the number of elements of ``x``, or has more than one -1.
    ValueError
        ``copy`` is False and a copy is needed.

    Notes
    -----
    Accuracy: exact.
    Cost: O(1) without a copy, otherwise O(size); no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        reshape(float64([]), (-1, 0)) -> raises ShapeError  # no elements leave the open length undetermined

    Examples
    --------
    >>> import numpy, accel
    >>> accel.reshape(numpy.asarray([1, 2, 3, 4, 5, 6]), (2, -1))
    array([[1, 2, 3],
           [4, 5, 6]])
    """
    ...


@op(dtypes="any", same="exact")
def roll(x: A, /, shift: int | tuple[int, ...], *, axis: int | tuple[int, ...] | None = None) -> A:
    """Elements shifted along axes, those that fall off one end coming back at the other.

    Parameters
    ----------
    x : array, shape (...)
        Values of any dtype.
    shift : int or tuple of int
        Number of places, positive towards larger indices; a tuple has one number for each axis.
    axis : int, tuple of int or None, default None
        Axes to shift along; negative numbers count from the last axis. None shifts the flattened
        array and restores the shape.

    Returns
    -------
    array, shape (...), dtype and device of ``x``
        The element at index i moves to ``(i + shift) % S`` along an axis of length S. Never a view
        of ``x``.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.

    Notes
    -----
    Accuracy: exact.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.roll(numpy.asarray([1, 2, 3, 4]), 1)
    array([4, 1, 2, 3])
    >>> accel.roll(numpy.asarray([[1, 2, 3], [4, 5, 6]]), -1, axis=1)
    array([[2, 3, 1],
           [5, 6, 4]])
    """
    ...


@op(dtypes="any", same="exact")
def squeeze(x: A, /, axis: int | tuple[int, ...]) -> A:
    """Array without the given axes of length one.

    Parameters
    ----------
    x : array
        Values of any dtype.
    axis : int or tuple of int
        Axes to drop; negative numbers count from the last axis.

    Returns
    -------
    array, shape of ``x`` without those axes, dtype and device of ``x``
        The same elements. May share memory with ``x``; write to neither.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    ShapeError
        An axis to drop is not of length 1.

    Notes
    -----
    Accuracy: exact. The axes are always named, so the number of axes of the result never depends on
    lengths that happen to be 1.
    Cost: O(1) where the library has views, otherwise O(size); no device synchronisation; safe under
    ``jax.jit``.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.squeeze(numpy.zeros((1, 3, 1)), axis=-1).shape
    (1, 3)
    """
    ...


@op(dtypes="any", same="exact", checks=("kinds",))
def stack(arrays: Sequence[A], /, *, axis: int = 0) -> A:
    """Arrays of one shape joined along a new axis.

    Parameters
    ----------
    arrays : list or tuple of K arrays, shape (...)
        At least one, all of the same shape.
    axis : int, default 0
        Place of the new axis in the result; negative numbers count from the last axis of the
        result.

    Returns
    -------
    array, shape (..., K, ...), dtype result_type(*arrays), device of the arrays
        ``arrays[k]`` at position k of the new axis. Never a view of an input.

    Raises
    ------
    UnknownArrayError
        ``arrays`` is empty, or holds something that is not an array of a known backend.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    ShapeError
        The arrays differ in shape.
    AxisError
        ``axis`` is outside ``[-M, M)``, M being the number of axes of the result.

    Notes
    -----
    Accuracy: exact, after promotion.
    Cost: O(size of the result), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        stack((int32([1]), float32([0.5]))) -> float64([[1.0], [0.5]])  # mixed kinds

    Examples
    --------
    >>> import numpy, accel
    >>> accel.stack([numpy.asarray([1, 2]), numpy.asarray([3, 4])], axis=1)
    array([[1, 3],
           [2, 4]])
    """
    ...


@op(dtypes="any", same="exact")
def tile(x: A, repetitions: tuple[int, ...], /) -> A:
    """Copies of the whole array laid side by side.

    Parameters
    ----------
    x : array, N axes
        Values of any dtype.
    repetitions : tuple of int
        Number of copies along each axis, not negative. The shorter of ``x.shape`` and
        ``repetitions`` is filled up with ones in front.

    Returns
    -------
    array, shape ``x.shape[i] * repetitions[i]`` after filling up, dtype and device of ``x``
        The copies. Never a view of ``x``.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    ShapeError
        A number of copies is negative.

    Notes
    -----
    Accuracy: exact.
    Cost: O(size of the result), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        tile(float64([1.0]), (-1,)) -> raises ShapeError  # a negative number of copies

    Examples
    --------
    >>> import numpy, accel
    >>> accel.tile(numpy.asarray([1, 2]), (2, 2))
    array([[1, 2, 1, 2],
           [1, 2, 1, 2]])
    """
    ...


@op(dtypes="any", same="exact")
def unstack(x: A, /, *, axis: int = 0) -> tuple[A, ...]:
    """Slices of an array along one axis, as a tuple.

    Parameters
    ----------
    x : array, shape (..., K, ...)
        Values of any dtype, with at least one axis.
    axis : int, default 0
        Axis of length K to take apart; negative numbers count from the last axis.

    Returns
    -------
    tuple of K arrays, shape of ``x`` without ``axis``, dtype and device of ``x``
        The slices in order. They may share memory with ``x``; write to none of them.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.

    Notes
    -----
    Accuracy: exact.
    Cost: O(K) calls of the library, and O(size) where it has no views; no device synchronisation;
    safe under ``jax.jit``.

    Examples
    --------
    >>> import numpy, accel
    >>> x, y = accel.unstack(numpy.asarray([[1, 2], [3, 4]]), axis=1)
    >>> y
    array([2, 4])
    """
    ...
