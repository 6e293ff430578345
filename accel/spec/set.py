"""Set functions: membership, and the distinct elements of an array."""

from __future__ import annotations

from typing import Generic, NamedTuple

from accel.dispatch import op
from accel.typing import A, Scalar

__all__ = [
    "isin",
    "unique_all",
    "unique_counts",
    "unique_inverse",
    "unique_values",
]


# What the unique functions return on any backend: a named tuple with at least these fields, in this order.
class UniqueAll(NamedTuple, Generic[A]):
    values: A
    indices: A
    inverse_indices: A
    counts: A


class UniqueCounts(NamedTuple, Generic[A]):
    values: A
    counts: A


class UniqueInverse(NamedTuple, Generic[A]):
    values: A
    inverse_indices: A


@op(dtypes="integer", same="exact", checks=("kinds",))
def isin(x1: A | Scalar, x2: A | Scalar, /, *, invert: bool = False) -> A:
    """True where an element occurs in a second array.

    Parameters
    ----------
    x1 : array or number, any shape, integer dtype
        Values to look up.
    x2 : array or number, any shape, integer dtype
        Values to look among. One of the two may be a Python number.
    invert : bool, default False
        Give True for the values that do not occur instead.

    Returns
    -------
    array, shape of x1, dtype bool, device of the arrays
        Truth values.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O((size of x1 + size of x2) * log(size of x2)), no device synchronisation; safe under
    ``jax.jit``.

    Special cases::

        isin(floats([nan, 1.0, -0.0]), floats([nan, 0.0])) ->
            bool([False, False, True])  # nan is never found, zeros are equal

    Settled by accel::

        isin(uint8([44]), 300) -> bool([False])  # Python integer out of range: not found
        isin(int32([16777217]), float32([16777216.0])) -> bool([False])  # mixed kinds: compared by value

    Examples
    --------
    >>> import numpy, accel
    >>> accel.isin(numpy.asarray([1, 2, 5]), numpy.asarray([5, 1, 9]))
    array([ True, False,  True])
    >>> accel.isin(numpy.asarray([1, 2, 5]), 2, invert=True)
    array([ True, False,  True])
    """
    ...


@op(dtypes="any", same="exact", compiles=False)
def unique_all(x: A, /) -> UniqueAll[A]:
    """Distinct elements, their first and inverse indices, and their counts.

    Parameters
    ----------
    x : array, any shape, any dtype
        Values, taken as one flat list in row-major order.

    Returns
    -------
    values : array, shape (k,), dtype of x, device of x
        Distinct elements in ascending order.
    indices : array, shape (k,), dtype int64, device of x
        Index of the first element with that value in ``x`` flattened.
    inverse_indices : array, shape of x, dtype int64, device of x
        Index into ``values`` for each element: ``values[inverse_indices]`` equals ``x``.
    counts : array, shape (k,), dtype int64, device of x
        How often each value occurs in ``x``.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(size * log(size)), one device synchronisation or more.

    The shape of the result depends on the values, so the call waits for the device and cannot be
    traced by ``jax.jit`` and the like.

    The result is a named tuple; on each backend the fields have these names and this order.

    Special cases::

        unique_all(floats([nan, 1.0, nan, 1.0])) ->
            (floats([1.0, nan, nan]), int64([1, 0, 2]), int64([1, 0, 2, 0]), int64([2, 1, 1]))  # each
            nan is distinct and occurs once

    Settled by accel::

        unique_all(floats([0.0, -0.0])) ->
            either((floats([0.0]), int64([0]), int64([0, 0]), int64([2])), (floats([-0.0]), int64([0]),
            int64([0, 0]), int64([2])))  # a zero found with both signs: one value, either of them
        unique_all(integers([3, 1, 2, 1])) ->
            (integers([1, 2, 3]), int64([1, 2, 0]), int64([2, 0, 1, 0]), int64([2, 1, 1]))  # in
            ascending order

    Examples
    --------
    >>> import numpy, accel
    >>> found = accel.unique_all(numpy.asarray([3, 1, 3]))
    >>> found.values
    array([1, 3])
    >>> found.indices
    array([1, 0])
    >>> found.inverse_indices
    array([1, 0, 1])
    >>> found.counts
    array([1, 2])
    """
    ...


@op(dtypes="any", same="exact", compiles=False)
def unique_counts(x: A, /) -> UniqueCounts[A]:
    """Distinct elements, and how often each one occurs.

    Parameters
    ----------
    x : array, any shape, any dtype
        Values, taken as one flat list in row-major order.

    Returns
    -------
    values : array, shape (k,), dtype of x, device of x
        Distinct elements in ascending order.
    counts : array, shape (k,), dtype int64, device of x
        How often each value occurs in ``x``.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(size * log(size)), one device synchronisation or more.

    The shape of the result depends on the values, so the call waits for the device and cannot be
    traced by ``jax.jit`` and the like.

    The result is a named tuple; on each backend the fields have these names and this order.

    Special cases::

        unique_counts(floats([nan, 1.0, nan, 1.0])) ->
            (floats([1.0, nan, nan]), int64([2, 1, 1]))  # each nan is distinct and occurs once

    Settled by accel::

        unique_counts(floats([0.0, -0.0])) ->
            either((floats([0.0]), int64([2])), (floats([-0.0]), int64([2])))  # a zero found with both
            signs: one value, either of them
        unique_counts(integers([3, 1, 2, 1])) -> (integers([1, 2, 3]), int64([2, 1, 1]))  # in ascending order

    Examples
    --------
    >>> import numpy, accel
    >>> found = accel.unique_counts(numpy.asarray([3, 1, 3]))
    >>> found.values
    array([1, 3])
    >>> found.counts
    array([1, 2])
    """
    ...


@op(dtypes="any", same="exact", compiles=False)
def unique_inverse(x: A, /) -> UniqueInverse[A]:
    """Distinct elements, and the indices that rebuild the array from them.

    Parameters
    ----------
    x : array, any shape, any dtype
        Values, taken as one flat list in row-major order.

    Returns
    -------
    values : array, shape (k,), dtype of x, device of x
        Distinct elements in ascending order.
    inverse_indices : array, shape of x, dtype int64, device of x
        Index into ``values`` for each element: ``values[inverse_indices]`` equals ``x``.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(size * log(size)), one device synchronisation or more.

    The shape of the result depends on the values, so the call waits for the device and cannot be
    traced by ``jax.jit`` and the like.

    The result is a named tuple; on each backend the fields have these names and this order.

    Special cases::

        unique_inverse(floats([nan, 1.0, nan, 1.0])) ->
            (floats([1.0, nan, nan]), int64([1, 0, 2, 0]))  # each nan is distinct and occurs once

    Settled by accel::

        unique_inverse(floats([0.0, -0.0])) ->
            either((floats([0.0]), int64([0, 0])), (floats([-0.0]), int64([0, 0])))  # a zero found with
            both signs: one value, either of them
        unique_inverse(integers([3, 1, 2, 1])) -> (integers([1, 2, 3]), int64([2, 0, 1, 0]))  # in ascending order

    Examples
    --------
    >>> import numpy, accel
    >>> found = accel.unique_inverse(numpy.asarray([3, 1, 3]))
    >>> found.values
    array([1, 3])
    >>> found.inverse_indices
    array([1, 0, 1])
    """
    ...


@op(dtypes="any", same="exact", compiles=False)
def unique_values(x: A, /) -> A:
    """Distinct elements in ascending order.

    Parameters
    ----------
    x : array, any shape, any dtype
        Values, taken as one flat list in row-major order.

    Returns
    -------
    array, shape (k,), dtype of x, device of x
        Distinct elements in ascending order.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(size * log(size)), one device synchronisation or more.

    The shape of the result depends on the values, so the call waits for the device and cannot be
    traced by ``jax.jit`` and the like.

    Special cases::

        unique_values(floats([nan, 1.0, nan, 1.0])) -> floats([1.0, nan, nan])  # each nan is distinct and occurs once

    Settled by accel::

        unique_values(complex128([complex(nan, 1.0), complex(1.0, nan)]))
            -> left open: the libraries order complex numbers with a nan part in their own ways  # complex nan
        unique_values(floats([0.0, -0.0])) ->
            either(floats([0.0]), floats([-0.0]))  # a zero found with both signs: one value, either of
            them
        unique_values(integers([3, 1, 2, 1])) -> integers([1, 2, 3])  # in ascending order

    Examples
    --------
    >>> import numpy, accel
    >>> accel.unique_values(numpy.asarray([[3, 1], [3, 2]]))
    array([1, 2, 3])
    """
    ...
