"""Selection: the largest elements, those that are not zero, those that differ, and those to which a function applies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

import accel as xp
import accel.registry as registry
import accel.requirement as requirement
from accel.dispatch import op
from accel.errors import ArgumentError, MixedBackendsError, ShapeError, UnknownArrayError
from accel.extra.rearrangement import fits
from accel.lending import mixes
from accel.typing import A, Scalar

__all__ = [
    "TopK",
    "UniqueAll",
    "UniqueCounts",
    "UniqueInverse",
    "apply_where",
    "argpartition",
    "argwhere",
    "nonzero",
    "partition",
    "topk",
    "unique_all",
    "unique_counts",
    "unique_inverse",
    "unique_values",
]


class TopK(NamedTuple):
    """The largest or smallest elements, and where they stand."""

    values: Any
    indices: Any


class UniqueAll(NamedTuple):
    """The different values, where each stands first, which one each element is, and how many there are of each."""

    values: Any
    indices: Any
    inverse_indices: Any
    counts: Any


class UniqueCounts(NamedTuple):
    """The different values, and how many there are of each."""

    values: Any
    counts: Any


class UniqueInverse(NamedTuple):
    """The different values, and which one each element is."""

    values: Any
    inverse_indices: Any


# The largest and the smallest


def _ranked(x: Any, /, k: Any, *, axis: Any = -1, largest: Any = True) -> None:
    requirement.ordered(x=x)
    requirement.dimensions(1, x=x)
    found = requirement.axis(x, axis)
    if k is None:
        raise ArgumentError("k is an int, got None.")
    requirement.size(k=k)
    if k > x.shape[found]:
        raise ShapeError(f"k is {k}, and axis {found} of x has {x.shape[found]} elements; k is at most that.")


@op(dtypes="real-valued", same="exact", requires=_ranked)
def topk(x: A, /, k: int, *, axis: int = -1, largest: bool = True) -> tuple[A, A]:
    """The k largest or smallest elements along an axis, in order, and where they stand.

    Parameters
    ----------
    x : array, shape (..., N, ...), real-valued dtype
        Values to choose from.
    k : int
        How many, from 0 to N.
    axis : int, default -1
        Axis of length N to choose along, counted from the last if negative.
    largest : bool, default True
        Whether the largest are wanted, from the largest down; else the smallest, from the smallest up.

    Returns
    -------
    values : array, shape (..., k, ...), dtype of x, device of x
        The elements, in the order of `sort`: nan is above every number, so that it comes first among the largest.
    indices : array, shape (..., k, ...), dtype int64, device of x
        Their places along the axis; of equal elements the one with the lower index comes first.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    ShapeError
        ``k`` is negative or larger than the axis, or ``x`` has no axis.
    DTypeError
        ``x`` is complex or boolean.
    ArgumentError
        ``k`` is no int.

    Notes
    -----
    Accuracy: exact, the same bits and the same indices on every backend.
    Cost: O(size) comparisons on NumPy and O(k log(k)) more, O(size log(N)) where the library sorts; no device synchronisation; safe
    under ``jax.jit``.

    Settled by accel::

        extra.topk(floats([1.0, 3.0, 3.0]), 2) -> (floats([3.0, 3.0]), int64([1, 2]))  # ties: the lower index first
        extra.topk(floats([1.0, nan, 3.0]), 2) -> (floats([nan, 3.0]), int64([1, 2]))  # nan is above every number
        extra.topk(floats([nan, 1.0]), 2, largest=False) -> (floats([1.0, nan]), int64([1, 0]))  # nan is last among the smallest
        extra.topk(floats([-0.0, 0.0]), 1) -> (floats([-0.0]), int64([0]))  # zeros of either sign are equal
        extra.topk(uint8([0, 255]), 1, largest=False) -> (uint8([0]), int64([0]))  # unsigned integers

    References
    ----------
    R. W. Floyd, R. L. Rivest, Expected time bounds for selection, Comm. ACM 18 (1975). PyTorch documentation, ``torch.topk``.

    Examples
    --------
    >>> import numpy, accel
    >>> values, indices = accel.extra.topk(numpy.asarray([3, 9, 4, 9]), 3)
    >>> values, indices
    (array([9, 9, 4]), array([1, 3, 2]))
    """
    along = axis % x.ndim
    order: Any = xp.argsort(x, axis=along, descending=largest, stable=True)
    indices = order[(slice(None),) * along + (slice(0, k), ...)]
    return TopK(xp.take_along_axis(x, indices, axis=along), indices)


def _divided(x: Any, /, kth: Any, *, axis: Any = -1) -> None:
    requirement.ordered(x=x)
    requirement.dimensions(1, x=x)
    found = requirement.axis(x, axis)
    if isinstance(kth, bool) or not hasattr(kth, "__index__"):
        raise ArgumentError(f"kth is an int, got {kth!r}.")
    if not -x.shape[found] <= kth < x.shape[found]:
        raise ShapeError(f"kth is {kth}, and axis {found} of x has {x.shape[found]} elements.")


@op(dtypes="real-valued", same="exact", requires=_divided)
def argpartition(x: A, /, kth: int, *, axis: int = -1) -> A:
    """Indices that put smaller elements before the one that belongs in a place, and larger ones behind.

    Parameters
    ----------
    x : array, shape (..., N, ...), real-valued dtype
        Values to divide.
    kth : int
        The place that gets the element that it would have if all were sorted; in ``[-N, N)``, counted from the last if negative.
    axis : int, default -1
        Axis of length N to divide along, counted from the last if negative.

    Returns
    -------
    array, shape of x, dtype int64, device of x
        A permutation of 0 to N-1 along the axis; ``take_along_axis(x, indices, axis=axis)`` is divided as by `partition`.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    ShapeError
        ``kth`` is outside of ``[-N, N)``, or ``x`` has no axis.
    DTypeError
        ``x`` is complex or boolean.
    ArgumentError
        ``kth`` is no int.

    Notes
    -----
    Accuracy: exact. The order of the elements before and behind place kth is left open, and with it which of equal elements is there.
    Cost: O(size) comparisons on NumPy, O(size log(N)) where the library sorts; no device synchronisation; safe under ``jax.jit``.

    References
    ----------
    C. A. R. Hoare, Algorithm 65: find, Comm. ACM 4 (1961). NumPy documentation, ``numpy.argpartition``.

    Examples
    --------
    >>> import numpy, accel
    >>> indices = accel.extra.argpartition(numpy.asarray([30, 10, 20]), 0)
    >>> int(indices[0])
    1
    """
    return xp.argsort(x, axis=axis)


@op(dtypes="real-valued", same="exact", requires=_divided)
def partition(x: A, /, kth: int, *, axis: int = -1) -> A:
    """Elements with smaller ones before the one that belongs in a place, and larger ones behind.

    Parameters
    ----------
    x : array, shape (..., N, ...), real-valued dtype
        Values to divide.
    kth : int
        The place that gets the element that it would have if all were sorted; in ``[-N, N)``, counted from the last if negative.
    axis : int, default -1
        Axis of length N to divide along, counted from the last if negative.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        The elements; no one before place kth is larger than the one there, and no one behind it is smaller. nan is above every number.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    ShapeError
        ``kth`` is outside of ``[-N, N)``, or ``x`` has no axis.
    DTypeError
        ``x`` is complex or boolean.
    ArgumentError
        ``kth`` is no int.

    Notes
    -----
    Accuracy: exact. The order of the elements before and behind place kth is left open.
    Cost: O(size) comparisons on NumPy, O(size log(N)) where the library sorts; no device synchronisation; safe under ``jax.jit``.

    References
    ----------
    C. A. R. Hoare, Algorithm 65: find, Comm. ACM 4 (1961). NumPy documentation, ``numpy.partition``.

    Examples
    --------
    >>> import numpy, accel
    >>> int(accel.extra.partition(numpy.asarray([30, 10, 20]), 1)[1])
    20
    """
    return xp.sort(x, axis=axis)


# What is not zero


def _found(x: Any, /, *, size: Any = None, fill_value: Any = 0) -> None:
    requirement.dimensions(1, x=x)
    requirement.size(size=size)
    if isinstance(fill_value, bool) or not hasattr(fill_value, "__index__"):
        raise ArgumentError(f"fill_value is an int, got {fill_value!r}.")
    requirement.settled("size", size, x)


def places(marks: Any, size: int, beyond: int) -> Any:
    """Give where the first true elements of a vector stand, and ``beyond`` for those that there are not."""
    device = xp.device(marks)
    if marks.shape[0] == 0:
        return xp.full((size,), beyond, dtype=xp.int64, device=device)
    before = xp.cumulative_sum(xp.astype(marks, xp.int64), dtype=xp.int64)
    wanted = xp.arange(1, size + 1, dtype=xp.int64, device=device)
    found = xp.searchsorted(before, wanted, side="left")
    return xp.where(xp.less(found, marks.shape[0]), found, beyond)


def _coordinates(x: Any, size: int, fill_value: int) -> list[Any]:
    """Give the indices of the first elements that are not zero, axis by axis."""
    flat = places(xp.reshape(xp.not_equal(x, xp.zeros_like(x)), (-1,)), size, -1)
    none, found, step = xp.less(flat, 0), [], 1
    for length in reversed(x.shape):
        here = xp.remainder(xp.floor_divide(flat, max(step, 1)), max(length, 1))
        found.append(xp.where(none, fill_value, here))
        step *= length
    return found[::-1]


@op(dtypes="any", same="exact", requires=_found, compiles="size")
def argwhere(x: A, /, *, size: int | None = None, fill_value: int = 0) -> A:
    """Indices of the non-zero elements, one row for each of them.

    Parameters
    ----------
    x : array, at least one axis, any dtype
        Values; of booleans the true ones are found.
    size : int or None, default None
        How many rows the result has. None means as many as there are elements, which waits for the device and cannot be traced.
    fill_value : int, default 0
        What stands in the rows beyond the last element.

    Returns
    -------
    array, shape (size, x.ndim), dtype int64, device of x
        Indices of the elements, in row-major order; where there are more than ``size`` of them, the first ones.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    ShapeError
        ``size`` is negative, or ``x`` has no axis.
    ArgumentError
        ``size`` or ``fill_value`` is no int.
    UnsupportedError
        ``size`` is None and ``x`` is being traced.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(x.size), no device synchronisation if ``size`` is given; safe under ``jax.jit`` then.

    References
    ----------
    NumPy documentation, ``numpy.argwhere``; JAX documentation, ``jax.numpy.argwhere`` (``size`` and ``fill_value``).

    Examples
    --------
    >>> import numpy, accel
    >>> accel.extra.argwhere(numpy.asarray([[0, 5], [6, 0]]), size=3, fill_value=-1)
    array([[ 0,  1],
           [ 1,  0],
           [-1, -1]])
    """
    found = xp.nonzero(x) if size is None else _coordinates(x, size, fill_value)
    return xp.stack(found, axis=1)


@op(dtypes="any", same="exact", requires=_found, compiles="size")
def nonzero(x: A, /, *, size: int | None = None, fill_value: int = 0) -> tuple[A, ...]:
    """Indices of the non-zero elements, one array for each axis, of a length that is asked for.

    Parameters
    ----------
    x : array, at least one axis, any dtype
        Values; of booleans the true ones are found.
    size : int or None, default None
        Length of the result. None means as many as there are elements, which waits for the device and cannot be traced.
    fill_value : int, default 0
        What stands behind the last element.

    Returns
    -------
    tuple of x.ndim arrays, each of shape (size,), dtype int64, device of x
        Indices of the elements along each axis, in row-major order; where there are more than ``size`` of them, of the first ones.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    ShapeError
        ``size`` is negative, or ``x`` has no axis.
    ArgumentError
        ``size`` or ``fill_value`` is no int.
    UnsupportedError
        ``size`` is None and ``x`` is being traced.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(x.size), no device synchronisation if ``size`` is given; safe under ``jax.jit`` then.

    Settled by accel::

        extra.nonzero(floats([nan, -0.0, inf]), size=2) -> (int64([0, 2]),)  # nan counts, -0 does not
        extra.nonzero(int64([5, 0, 6]), size=1) -> (int64([0]),)  # more elements than the size
        extra.nonzero(int64([0, 6]), size=3, fill_value=-1) -> (int64([1, -1, -1]),)  # fewer elements than the size

    References
    ----------
    NumPy documentation, ``numpy.nonzero``; JAX documentation, ``jax.numpy.nonzero`` (``size`` and ``fill_value``).

    Examples
    --------
    >>> import numpy, accel
    >>> accel.extra.nonzero(numpy.asarray([[0, 5], [6, 0]]), size=3)
    (array([0, 1, 0]), array([1, 0, 0]))
    """
    return tuple(xp.nonzero(x) if size is None else _coordinates(x, size, fill_value))


# What differs


def _unique(x: Any, /, *, size: Any = None, fill_value: Any = None) -> None:
    requirement.size(size=size)
    requirement.settled("size", size, x)
    if fill_value is not None:
        if hasattr(fill_value, "dtype"):
            raise ArgumentError("fill_value is a Python number, got an array; write fill_value=float(...).")
        fits("fill_value", fill_value, x)


def _distinct(x: Any, size: int, fill_value: Any) -> tuple[Any, Any, Any, Any]:
    """Give the first different values in order, where each stands first, the number of each element, and how many there are of each."""
    device, flat = xp.device(x), xp.reshape(x, (-1,))
    length = flat.shape[0]
    if length == 0:
        none = xp.zeros((size,), dtype=xp.int64, device=device)
        values = xp.full((size,), fill_value or 0, dtype=x.dtype, device=device)
        return values, none, xp.zeros(x.shape, dtype=xp.int64, device=device), none
    order = _order(flat)
    ordered = xp.take(flat, order)
    new = xp.concat([xp.ones_like(ordered[:1], dtype=xp.bool), xp.not_equal(ordered[1:], ordered[:-1])])
    starts = places(new, size + 1, length)
    counts = xp.subtract(starts[1:], starts[:-1])
    some = xp.less(starts[:-1], length)
    first = xp.where(some, starts[:-1], 0)
    values = xp.take(ordered, first)
    if fill_value is not None:
        values = xp.where(some, values, xp.full((), fill_value, dtype=x.dtype, device=device))
    indices = xp.where(some, xp.take(order, first), 0)
    number = xp.subtract(xp.cumulative_sum(xp.astype(new, xp.int64), dtype=xp.int64), 1)
    inverse = xp.reshape(xp.take(number, xp.argsort(order)), x.shape)
    return values, indices, inverse, counts


def _order(x: Any) -> Any:
    """Give the order of a vector: complex numbers by real parts, then imaginary ones; of booleans False comes first."""
    if xp.isdtype(x.dtype, "bool"):
        return xp.argsort(xp.astype(x, xp.uint8), stable=True)
    if not xp.isdtype(x.dtype, "complex floating"):
        return xp.argsort(x, stable=True)
    order = xp.argsort(xp.imag(x), stable=True)
    return xp.take(order, xp.argsort(xp.take(xp.real(x), order), stable=True))


@op(dtypes="any", same="exact", requires=_unique, compiles="size")
def unique_all(x: A, /, *, size: int | None = None, fill_value: Scalar | None = None) -> tuple[A, A, A, A]:
    """Different values, where each stands first, which one each element is, and how many there are.

    Parameters
    ----------
    x : array, any shape, any dtype
        Values.
    size : int or None, default None
        How many values there are to be. None means as many as there are, which waits for the device and cannot be traced.
    fill_value : number or None, default None
        What stands behind the last value; None repeats the first one.

    Returns
    -------
    values : array, shape (size,), dtype of x, device of x
        The different values in ascending order; where there are more than ``size`` of them, the first ones. Each nan is one.
    indices : array, shape (size,), dtype int64
        Where each stands first in x flattened; 0 behind the last.
    inverse_indices : array, shape of x, dtype int64
        The place in ``values`` of each element of x; ``size`` or more where its value was left out.
    counts : array, shape (size,), dtype int64
        How many there are of each value; 0 behind the last.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    ShapeError
        ``size`` is negative.
    DTypeError
        ``fill_value`` is of a kind above that of x, as a float is above integers.
    ArgumentError
        ``size`` is no int or ``fill_value`` no number.
    UnsupportedError
        ``size`` is None and ``x`` is being traced.

    Notes
    -----
    Accuracy: exact; which zero stands for zeros of both signs is left open.
    Cost: O(size log(size)) comparisons, no device synchronisation if ``size`` is given; safe under ``jax.jit`` then.

    References
    ----------
    Array API standard 2025.12, ``unique_all``; JAX documentation, ``jax.numpy.unique`` (``size`` and ``fill_value``).

    Examples
    --------
    >>> import numpy, accel
    >>> found = accel.extra.unique_all(numpy.asarray([5, 3, 5]), size=3, fill_value=0)
    >>> found.values, found.indices, found.inverse_indices, found.counts
    (array([3, 5, 0]), array([1, 0, 0]), array([1, 0, 1]), array([1, 2, 0]))
    """
    return UniqueAll(*(xp.unique_all(x) if size is None else _distinct(x, size, fill_value)))


@op(dtypes="any", same="exact", requires=_unique, compiles="size")
def unique_counts(x: A, /, *, size: int | None = None, fill_value: Scalar | None = None) -> tuple[A, A]:
    """Different values of an array, and how many there are of each.

    Parameters
    ----------
    x : array, any shape, any dtype
        Values.
    size : int or None, default None
        How many values there are to be. None means as many as there are, which waits for the device and cannot be traced.
    fill_value : number or None, default None
        What stands behind the last value; None repeats the first one.

    Returns
    -------
    values : array, shape (size,), dtype of x, device of x
        The different values in ascending order; where there are more than ``size`` of them, the first ones. Each nan is one.
    counts : array, shape (size,), dtype int64
        How many there are of each value; 0 behind the last.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    ShapeError
        ``size`` is negative.
    DTypeError
        ``fill_value`` is of a kind above that of x, as a float is above integers.
    ArgumentError
        ``size`` is no int or ``fill_value`` no number.
    UnsupportedError
        ``size`` is None and ``x`` is being traced.

    Notes
    -----
    Accuracy: exact; which zero stands for zeros of both signs is left open.
    Cost: as `unique_all`.

    References
    ----------
    Array API standard 2025.12, ``unique_counts``; JAX documentation, ``jax.numpy.unique`` (``size`` and ``fill_value``).

    Examples
    --------
    >>> import numpy, accel
    >>> found = accel.extra.unique_counts(numpy.asarray([5, 3, 5]), size=3)
    >>> found.values, found.counts
    (array([3, 5, 3]), array([1, 2, 0]))
    """
    if size is None:
        return UniqueCounts(*xp.unique_counts(x))
    values, _, _, counts = _distinct(x, size, fill_value)
    return UniqueCounts(values, counts)


@op(dtypes="any", same="exact", requires=_unique, compiles="size")
def unique_inverse(x: A, /, *, size: int | None = None, fill_value: Scalar | None = None) -> tuple[A, A]:
    """Different values of an array, and which one each element is.

    Parameters
    ----------
    x : array, any shape, any dtype
        Values.
    size : int or None, default None
        How many values there are to be. None means as many as there are, which waits for the device and cannot be traced.
    fill_value : number or None, default None
        What stands behind the last value; None repeats the first one.

    Returns
    -------
    values : array, shape (size,), dtype of x, device of x
        The different values in ascending order; where there are more than ``size`` of them, the first ones. Each nan is one.
    inverse_indices : array, shape of x, dtype int64
        The place in ``values`` of each element of x; ``size`` or more where its value was left out.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    ShapeError
        ``size`` is negative.
    DTypeError
        ``fill_value`` is of a kind above that of x, as a float is above integers.
    ArgumentError
        ``size`` is no int or ``fill_value`` no number.
    UnsupportedError
        ``size`` is None and ``x`` is being traced.

    Notes
    -----
    Accuracy: exact; which zero stands for zeros of both signs is left open.
    Cost: as `unique_all`.

    References
    ----------
    Array API standard 2025.12, ``unique_inverse``; JAX documentation, ``jax.numpy.unique`` (``size`` and ``fill_value``).

    Examples
    --------
    >>> import numpy, accel
    >>> found = accel.extra.unique_inverse(numpy.asarray([5, 3, 5]), size=2)
    >>> found.values, found.inverse_indices
    (array([3, 5]), array([1, 0, 1]))
    """
    if size is None:
        return UniqueInverse(*xp.unique_inverse(x))
    values, _, inverse, _ = _distinct(x, size, fill_value)
    return UniqueInverse(values, inverse)


@op(dtypes="any", same="exact", requires=_unique, compiles="size")
def unique_values(x: A, /, *, size: int | None = None, fill_value: Scalar | None = None) -> A:
    """Different values of an array, in ascending order.

    Parameters
    ----------
    x : array, any shape, any dtype
        Values.
    size : int or None, default None
        How many values there are to be. None means as many as there are, which waits for the device and cannot be traced.
    fill_value : number or None, default None
        What stands behind the last value; None repeats the first one.

    Returns
    -------
    array, shape (size,), dtype of x, device of x
        The different values in ascending order; where there are more than ``size`` of them, the first ones. Each nan is one.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    ShapeError
        ``size`` is negative.
    DTypeError
        ``fill_value`` is of a kind above that of x, as a float is above integers.
    ArgumentError
        ``size`` is no int or ``fill_value`` no number.
    UnsupportedError
        ``size`` is None and ``x`` is being traced.

    Notes
    -----
    Accuracy: exact; which zero stands for zeros of both signs is left open.
    Cost: as `unique_all`.

    Settled by accel::

        extra.unique_values(int64([5, 3, 5]), size=1) -> int64([3])  # more values than the size
        extra.unique_values(int64([5, 3, 5]), size=4) -> int64([3, 5, 3, 3])  # fewer values than the size
        extra.unique_values(float64([]), size=2) -> float64([0.0, 0.0])  # no values
        extra.unique_values(floats([nan, 1.0, nan]), size=4, fill_value=7) -> floats([1.0, nan, nan, 7.0])  # each nan is one

    References
    ----------
    Array API standard 2025.12, ``unique_values``; JAX documentation, ``jax.numpy.unique`` (``size`` and ``fill_value``).

    Examples
    --------
    >>> import numpy, accel
    >>> accel.extra.unique_values(numpy.asarray([5, 3, 5]), size=3, fill_value=0)
    array([3, 5, 0])
    """
    return xp.unique_values(x) if size is None else _distinct(x, size, fill_value)[0]


# That to which a function applies

Arguments: TypeAlias = Any
"""An array, or a tuple of arrays of one backend."""


def _applied(cond: Any, args: Any, f1: Any, f2: Any = None, /, *, fill_value: Any = None) -> None:
    requirement.boolean(cond=cond)
    if not callable(f1) or not (f2 is None or callable(f2)):
        raise ArgumentError(
            f"f1 and f2 are functions, got {type(f1).__name__} and {type(f2).__name__}; write lambda x: ..."
        )
    if (f2 is None) == (fill_value is None):
        raise ArgumentError(
            "one of f2 and fill_value says what stands where cond is false; give one of the two."
        )
    home = registry.owner(type(cond))
    several = several_of(args)
    if not several:
        raise ArgumentError("args is an array or a tuple of arrays, got none.")
    for i, x in enumerate(several):
        found = registry.owner(type(x))
        if found is None:
            raise UnknownArrayError(
                f"args[{i}] is {type(x).__name__}, not an array; write accel.asarray(args[{i}])."
            )
        if home is not None and found is not home and mixes((type(cond), type(x))) is None:
            raise MixedBackendsError(
                f"cond holds {home.name}, args[{i}] holds {found.name}, and accel never moves data by itself; "
                f"write accel.to_device(args[{i}], like=cond)."
            )


def among_tracers(cond: Any, args: Any) -> bool:
    """Tell whether captured arrays stand beside those of a compiler, which then is the one to apply functions."""
    return mixes(map(type, (cond, *several_of(args)))) is not None


def several_of(args: Any) -> tuple[Any, ...]:
    """Give the arrays of the argument of `apply_where`."""
    return tuple(args) if isinstance(args, tuple | list) else (args,)


def shared(cond: Any, args: Any) -> tuple[Any, ...]:
    """Broadcast a condition and the arguments of a function together."""
    try:
        return tuple(xp.broadcast_arrays(cond, *args))
    except ValueError as error:
        shapes = ", ".join(str(tuple(x.shape)) for x in args)
        raise ShapeError(
            f"cond has shape {tuple(cond.shape)} and args have {shapes}, which do not broadcast together."
        ) from error


@op(dtypes="boolean", same="exact", requires=_applied)
def apply_where(
    cond: A,
    args: Arguments,
    f1: Callable[..., Any],
    f2: Callable[..., Any] | None = None,
    /,
    *,
    fill_value: A | Scalar | None = None,
) -> A:
    """One function of the elements where a condition holds, and another one or a number elsewhere.

    Parameters
    ----------
    cond : array, any shape, bool
        Where ``f1`` applies.
    args : array or tuple of arrays, shapes that broadcast with cond
        Arguments of the functions.
    f1 : callable
        Takes as many arrays as ``args`` has, of one shape, and gives an array of that shape, element by element. It sees elements
        alone where ``cond`` holds: on NumPy a vector of them, elsewhere arrays in which one of them stands in place of the others.
    f2 : callable or None, default None
        The same for the elements where ``cond`` does not hold.
    fill_value : number or 0-d array, optional
        What stands there instead, without ``f2``.

    Returns
    -------
    array, shape that cond and args broadcast to, device of cond
        Results of ``f1`` and of ``f2`` or ``fill_value``, in the dtype of both together; a Python number follows ``f1``.

    Raises
    ------
    UnknownArrayError
        ``cond`` or one of ``args`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    DTypeError
        ``cond`` is not boolean.
    ShapeError
        The arrays do not broadcast together, or a function gives another shape than it gets.
    ArgumentError
        ``f1`` or ``f2`` is no function, or of ``f2`` and ``fill_value`` both are given or none.

    Notes
    -----
    Accuracy: that of the functions.
    Cost: that of the functions. On NumPy each is computed for its own elements alone; elsewhere for all, with no device synchronisation
    but what the functions make themselves; safe under ``jax.jit`` if they are. Gradients of ``f1`` reach elements alone where ``cond``
    holds, so that none is nan because of a hidden element.

    References
    ----------
    array-api-extra documentation, ``apply_where``. The second selection inside: JAX documentation, "Gradients contain NaN where using
    where".

    Examples
    --------
    >>> import numpy, accel
    >>> x = numpy.asarray([4.0, 0.0, -1.0])
    >>> accel.extra.apply_where(x > 0, x, accel.sqrt, fill_value=-1.0)
    array([ 2., -1., -1.])
    """
    cond, *several = shared(cond, several_of(args))
    one = evaluated(f1, seen(cond, several))
    if f2 is None:
        assert fill_value is not None, "one of the two is asked for"
        return xp.where(cond, one, fill_value)
    return xp.where(cond, one, evaluated(f2, seen(xp.logical_not(cond), several)))


def seen(cond: Any, args: list[Any]) -> list[Any]:
    """Put an element for which the condition holds in the place of those for which it does not."""
    if 0 in cond.shape:
        return args
    first = xp.reshape(xp.argmax(xp.astype(xp.reshape(cond, (-1,)), xp.uint8)), (1,))
    return [xp.where(cond, x, xp.reshape(xp.take(xp.reshape(x, (-1,)), first), ())) for x in args]


def evaluated(function: Callable[..., Any], args: list[Any]) -> Any:
    """Call a function of elements, and see that it gives as many as it gets."""
    result = function(*args)
    if not hasattr(result, "shape"):
        return xp.full(args[0].shape, result, device=xp.device(args[0]))
    if tuple(result.shape) != tuple(args[0].shape):
        raise ShapeError(
            f"{getattr(function, '__name__', 'the function')} got arrays of shape {tuple(args[0].shape)} and gave one of shape "
            f"{tuple(result.shape)}; it has to work element by element."
        )
    return result
