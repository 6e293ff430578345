"""Segments: the elements of an array put together by the number of the segment that each belongs to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import accel as xp
import accel.requirement as requirement
from accel.composition import widened
from accel.dispatch import op
from accel.errors import ShapeError
from accel.typing import A

__all__ = ["segment_max", "segment_mean", "segment_min", "segment_prod", "segment_sum"]


def _segmented(kind: Callable[..., None]) -> Callable[..., None]:
    """Make the requirement of the ops here, whose data are of some kind of dtypes."""

    def require(data: Any, segment_ids: Any, /, *, num_segments: Any = None) -> None:
        kind(data=data)
        requirement.integral(segment_ids=segment_ids)
        requirement.dimensions(1, data=data)
        requirement.dimensions(1, 1, segment_ids=segment_ids)
        if segment_ids.shape[0] != data.shape[0]:
            raise ShapeError(
                f"segment_ids has {segment_ids.shape[0]} elements, and data has {data.shape[0]} rows; each row has one."
            )
        requirement.size(num_segments=num_segments)
        requirement.settled("num_segments", num_segments, segment_ids)

    return require


def counted(segment_ids: Any, num_segments: int | None) -> int:
    """Give the number of segments, one more than the largest number of one where nothing else is asked for."""
    if num_segments is not None:
        return num_segments
    return max(int(xp.max(segment_ids)) + 1, 0) if segment_ids.shape[0] else 0


def runs(values: Any, ids: Any, combine: Callable[[Any, Any], Any]) -> Any:
    """Combine each row with those before it whose number is the same, where equal numbers stand together.

    The number of steps is the logarithm of the number of rows: after each of them twice as many rows are in.
    """
    reach, count = 1, ids.shape[0]
    while reach < count:
        same = xp.reshape(xp.equal(ids[:-reach], ids[reach:]), (-1,) + (1,) * (values.ndim - 1))
        joined = xp.where(same, combine(values[:-reach, ...], values[reach:, ...]), values[reach:, ...])
        values = xp.concat([values[:reach, ...], joined], axis=0)
        reach *= 2
    return values


def _combined(
    data: Any,
    segment_ids: Any,
    num_segments: int | None,
    combine: Callable[[Any, Any], Any],
    empty: Any,
) -> tuple[Any, Any]:
    """Combine the rows of each segment, and count them."""
    number = counted(segment_ids, num_segments)
    ids = xp.astype(segment_ids, xp.int64, copy=False)
    wanted = xp.arange(number, dtype=xp.int64, device=xp.device(data))
    if data.shape[0] == 0:
        shape = (number, *data.shape[1:])
        count = xp.zeros_like(wanted)
        return xp.full(shape, empty, dtype=data.dtype, device=xp.device(data)), count
    order = xp.argsort(ids, stable=True)
    ids = xp.take(ids, order)
    values = runs(xp.take(data, order, axis=0), ids, combine)
    first = xp.searchsorted(ids, wanted, side="left")
    last = xp.searchsorted(ids, wanted, side="right")
    count = xp.subtract(last, first)
    found = xp.take(values, xp.maximum(xp.subtract(last, 1), 0), axis=0)
    some = xp.reshape(xp.greater(count, 0), (-1,) + (1,) * (data.ndim - 1))
    return xp.where(some, found, empty), count


def lowest(dtype: Any) -> int | float:
    """Give the number below all others of a dtype."""
    return -xp.inf if xp.isdtype(dtype, "real floating") else int(xp.iinfo(dtype).min)


def highest(dtype: Any) -> int | float:
    """Give the number above all others of a dtype."""
    return xp.inf if xp.isdtype(dtype, "real floating") else int(xp.iinfo(dtype).max)


@op(
    dtypes="real-valued",
    same="exact",
    requires=_segmented(requirement.ordered),
    checks=("segments", "nan"),
    compiles="num_segments",
)
def segment_max(data: A, segment_ids: A, /, *, num_segments: int | None = None) -> A:
    """Largest of the elements of each segment.

    Parameters
    ----------
    data : array, shape (N, ...), real-valued dtype
        Rows to put together.
    segment_ids : array, shape (N,), integer dtype
        Number of the segment of each row, in any order. Rows with a number outside of ``[0, num_segments)`` are left out.
    num_segments : int or None, default None
        How many segments there are. None means one more than the largest number, which waits for the device and cannot be traced.

    Returns
    -------
    array, shape (num_segments, ...), dtype of data, device of data
        Row i is the largest of the rows whose number is i, element by element; nan if one of them is; where there is none, -inf or
        the smallest integer of the dtype.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    DTypeError
        ``data`` is complex or boolean, or ``segment_ids`` are not integers.
    ShapeError
        ``segment_ids`` has not one element for each row, or ``num_segments`` is negative.
    ArgumentError
        ``num_segments`` is no int.
    UnsupportedError
        ``num_segments`` is None and the arrays are being traced.
    OutOfBoundsError
        Inside `accel.checked`: a number is outside of ``[0, num_segments)``.

    Notes
    -----
    Accuracy: exact, the same bits on every backend; which zero stands for zeros of both signs is left open.
    Cost: O(size) where the library scatters, O(size log(N)) where it sorts; no device synchronisation if ``num_segments`` is given; safe
    under ``jax.jit`` then.

    Settled by accel::

        extra.segment_max(float64([1.0, 5.0, 2.0]), int64([0, 2, 0]), num_segments=3) ->
            float64([2.0, -inf, 5.0])  # empty segment
        extra.segment_max(int8([1]), int64([0]), num_segments=2) -> int8([1, -128])  # empty segment of integers
        extra.segment_max(float64([1.0, nan]), int64([0, 0]), num_segments=1) -> float64([nan])  # nan stays
        extra.segment_max(float64([1.0, 2.0]), int64([0, 7]), num_segments=1) ->
            float64([1.0]); checked raises OutOfBoundsError  # number out of bounds
        extra.segment_max(float64([1.0, 2.0]), int64([0, -1]), num_segments=1) ->
            float64([1.0]); checked raises OutOfBoundsError  # negative number

    References
    ----------
    G. E. Blelloch, Vector Models for Data-Parallel Computing, MIT Press 1990, chapter 1 (segmented scans). JAX documentation,
    ``jax.ops.segment_max``.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.extra.segment_max(numpy.asarray([3.0, 1.0, 4.0]), numpy.asarray([0, 1, 0]))
    array([4., 1.])
    """
    return _combined(data, segment_ids, num_segments, xp.maximum, lowest(data.dtype))[0]


@op(
    dtypes="real floating-point",
    same="conditioned",
    bound="(n + 1) * eps * mean(abs(data))",
    requires=_segmented(requirement.floating),
    checks=("segments",),
    compiles="num_segments",
)
def segment_mean(data: A, segment_ids: A, /, *, num_segments: int | None = None) -> A:
    """Mean of the elements of each segment.

    Parameters
    ----------
    data : array, shape (N, ...), real floating-point dtype
        Rows to put together.
    segment_ids : array, shape (N,), integer dtype
        Number of the segment of each row, in any order. Rows with a number outside of ``[0, num_segments)`` are left out.
    num_segments : int or None, default None
        How many segments there are. None means one more than the largest number, which waits for the device and cannot be traced.

    Returns
    -------
    array, shape (num_segments, ...), dtype of data, device of data
        Row i is the mean of the rows whose number is i; nan where there is none.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    DTypeError
        ``data`` is not of a real floating-point dtype, or ``segment_ids`` are not integers.
    ShapeError
        ``segment_ids`` has not one element for each row, or ``num_segments`` is negative.
    ArgumentError
        ``num_segments`` is no int.
    UnsupportedError
        ``num_segments`` is None and the arrays are being traced.
    OutOfBoundsError
        Inside `accel.checked`: a number is outside of ``[0, num_segments)``.

    Notes
    -----
    Accuracy: within ``(n + 1) * eps * mean(abs(data))`` of the true mean of the n elements. 16 bits are added in float32 and rounded once.
    Cost: as `segment_sum`, and a division.

    Settled by accel::

        extra.segment_mean(float64([1.0, 3.0]), int64([1, 1]), num_segments=2) -> float64([nan, 2.0])  # empty segment

    References
    ----------
    G. E. Blelloch, Vector Models for Data-Parallel Computing, MIT Press 1990, chapter 1 (segmented scans).

    Examples
    --------
    >>> import numpy, accel
    >>> accel.extra.segment_mean(numpy.asarray([3.0, 1.0, 4.0]), numpy.asarray([0, 1, 0]))
    array([3.5, 1. ])
    """
    total, count = _combined(widened(data), segment_ids, num_segments, xp.add, 0)
    count = xp.astype(xp.reshape(count, (-1,) + (1,) * (data.ndim - 1)), total.dtype)
    none = xp.equal(count, 0)
    mean = xp.divide(total, xp.where(none, 1, count))
    return xp.astype(xp.where(none, xp.nan, mean), data.dtype, copy=False)


@op(
    dtypes="real-valued",
    same="exact",
    requires=_segmented(requirement.ordered),
    checks=("segments", "nan"),
    compiles="num_segments",
)
def segment_min(data: A, segment_ids: A, /, *, num_segments: int | None = None) -> A:
    """Smallest of the elements of each segment.

    Parameters
    ----------
    data : array, shape (N, ...), real-valued dtype
        Rows to put together.
    segment_ids : array, shape (N,), integer dtype
        Number of the segment of each row, in any order. Rows with a number outside of ``[0, num_segments)`` are left out.
    num_segments : int or None, default None
        How many segments there are. None means one more than the largest number, which waits for the device and cannot be traced.

    Returns
    -------
    array, shape (num_segments, ...), dtype of data, device of data
        Row i is the smallest of the rows whose number is i, element by element; nan if one of them is; where there is none, inf or
        the largest integer of the dtype.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    DTypeError
        ``data`` is complex or boolean, or ``segment_ids`` are not integers.
    ShapeError
        ``segment_ids`` has not one element for each row, or ``num_segments`` is negative.
    ArgumentError
        ``num_segments`` is no int.
    UnsupportedError
        ``num_segments`` is None and the arrays are being traced.
    OutOfBoundsError
        Inside `accel.checked`: a number is outside of ``[0, num_segments)``.

    Notes
    -----
    Accuracy: exact, the same bits on every backend; which zero stands for zeros of both signs is left open.
    Cost: as `segment_max`.

    Settled by accel::

        extra.segment_min(float64([1.0, 5.0, 2.0]), int64([0, 2, 0]), num_segments=3) ->
            float64([1.0, inf, 5.0])  # empty segment
        extra.segment_min(uint8([1]), int64([0]), num_segments=2) -> uint8([1, 255])  # empty segment of integers

    References
    ----------
    G. E. Blelloch, Vector Models for Data-Parallel Computing, MIT Press 1990, chapter 1 (segmented scans). JAX documentation,
    ``jax.ops.segment_min``.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.extra.segment_min(numpy.asarray([3.0, 1.0, 4.0]), numpy.asarray([0, 1, 0]))
    array([3., 1.])
    """
    return _combined(data, segment_ids, num_segments, xp.minimum, highest(data.dtype))[0]


@op(
    dtypes="numeric",
    same="conditioned",
    bound="n * eps * abs(y)",
    requires=_segmented(requirement.numeric),
    checks=("segments", "nan"),
    compiles="num_segments",
)
def segment_prod(data: A, segment_ids: A, /, *, num_segments: int | None = None) -> A:
    """Product of the elements of each segment.

    Parameters
    ----------
    data : array, shape (N, ...), numeric dtype
        Rows to put together.
    segment_ids : array, shape (N,), integer dtype
        Number of the segment of each row, in any order. Rows with a number outside of ``[0, num_segments)`` are left out.
    num_segments : int or None, default None
        How many segments there are. None means one more than the largest number, which waits for the device and cannot be traced.

    Returns
    -------
    array, shape (num_segments, ...), dtype of data, device of data
        Row i is the product of the rows whose number is i; 1 where there is none. Integers wrap.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    DTypeError
        ``data`` is boolean, or ``segment_ids`` are not integers.
    ShapeError
        ``segment_ids`` has not one element for each row, or ``num_segments`` is negative.
    ArgumentError
        ``num_segments`` is no int.
    UnsupportedError
        ``num_segments`` is None and the arrays are being traced.
    OutOfBoundsError
        Inside `accel.checked`: a number is outside of ``[0, num_segments)``.

    Notes
    -----
    Accuracy: within ``n * eps * abs(y)`` of the true product ``y`` of the n elements, where no product of some of them overflows or
    underflows; integers are exact. 16 bits are multiplied in float32 and rounded once.
    Cost: as `segment_sum`.

    Settled by accel::

        extra.segment_prod(float64([2.0, 3.0]), int64([1, 1]), num_segments=2) -> float64([1.0, 6.0])  # empty segment
        extra.segment_prod(int8([100, 2]), int64([0, 0]), num_segments=1) -> int8([-56])  # integers wrap

    References
    ----------
    G. E. Blelloch, Vector Models for Data-Parallel Computing, MIT Press 1990, chapter 1 (segmented scans). JAX documentation,
    ``jax.ops.segment_prod``.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.extra.segment_prod(numpy.asarray([3.0, 2.0, 4.0]), numpy.asarray([0, 1, 0]))
    array([12.,  2.])
    """
    found, _ = _combined(widened(data), segment_ids, num_segments, xp.multiply, 1)
    return xp.astype(found, data.dtype, copy=False)


@op(
    dtypes="numeric",
    same="conditioned",
    bound="n * eps * sum(abs(data))",
    requires=_segmented(requirement.numeric),
    checks=("segments", "nan"),
    compiles="num_segments",
)
def segment_sum(data: A, segment_ids: A, /, *, num_segments: int | None = None) -> A:
    """Sum of the elements of each segment.

    Parameters
    ----------
    data : array, shape (N, ...), numeric dtype
        Rows to put together.
    segment_ids : array, shape (N,), integer dtype
        Number of the segment of each row, in any order. Rows with a number outside of ``[0, num_segments)`` are left out.
    num_segments : int or None, default None
        How many segments there are. None means one more than the largest number, which waits for the device and cannot be traced.

    Returns
    -------
    array, shape (num_segments, ...), dtype of data, device of data
        Row i is the sum of the rows whose number is i; 0 where there is none. Integers keep their dtype and wrap.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    DTypeError
        ``data`` is boolean, or ``segment_ids`` are not integers.
    ShapeError
        ``segment_ids`` has not one element for each row, or ``num_segments`` is negative.
    ArgumentError
        ``num_segments`` is no int.
    UnsupportedError
        ``num_segments`` is None and the arrays are being traced.
    OutOfBoundsError
        Inside `accel.checked`: a number is outside of ``[0, num_segments)``.

    Notes
    -----
    Accuracy: within ``n * eps * sum(abs(data))`` of the true sum of the n elements, in whatever order a device adds them; integers are
    exact. 16 bits are added in float32 and rounded once.
    Cost: O(size) where the library scatters, O(size log(N)) where it sorts; no device synchronisation if ``num_segments`` is given; safe
    under ``jax.jit`` then.

    Settled by accel::

        extra.segment_sum(float64([1.0, 5.0, 2.0]), int64([0, 2, 0]), num_segments=3) ->
            float64([3.0, 0.0, 5.0])  # empty segment
        extra.segment_sum(int8([100, 100]), int64([0, 0]), num_segments=1) -> int8([-56])  # integers wrap
        extra.segment_sum(float64([1.0, 2.0, 4.0]), int64([0, 7, -1]), num_segments=1) ->
            float64([1.0]); checked raises OutOfBoundsError  # number out of bounds

    References
    ----------
    G. E. Blelloch, Vector Models for Data-Parallel Computing, MIT Press 1990, chapter 1 (segmented scans). JAX documentation,
    ``jax.ops.segment_sum``. N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd edition, SIAM 2002, chapter 4 (the bound).

    Examples
    --------
    >>> import numpy, accel
    >>> accel.extra.segment_sum(numpy.asarray([3.0, 1.0, 4.0]), numpy.asarray([0, 1, 0]))
    array([7., 1.])
    """
    found, _ = _combined(widened(data), segment_ids, num_segments, xp.add, 0)
    return xp.astype(found, data.dtype, copy=False)
