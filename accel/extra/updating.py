"""Updating: an array with some elements changed, as a new array."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Literal

import accel as xp
import accel.registry as registry
import accel.requirement as requirement
from accel.composition import widened
from accel.dispatch import op
from accel.errors import ShapeError, UnknownArrayError
from accel.extra.index import (
    Item,
    broadcasts,
    items,
    lone_mask,
    places,
    refuse_traced_masks,
    shape_of,
)
from accel.extra.rearrangement import filling, fits
from accel.extra.segments import runs
from accel.typing import A, Index, Scalar

__all__ = ["At", "Place", "at", "get_at", "set_at", "update_at"]

Operation = Literal["add", "divide", "max", "min", "multiply", "subtract"]
OPERATIONS = ("add", "divide", "max", "min", "multiply", "subtract")


class At(Generic[A]):
    """An array that waits for an index in brackets.

    Parameters
    ----------
    x : array
        The array.
    copy : bool
        False lets the updates write to the array itself.
    """

    __slots__ = ("_copy", "_x")

    def __init__(self, x: A, copy: bool) -> None:
        self._x = x
        self._copy = copy

    def __getitem__(self, index: Index) -> Place[A]:
        return Place(self._x, index, self._copy)

    def __repr__(self) -> str:
        return f"accel.extra.at({self._x!r})"


class Place(Generic[A]):
    """The elements of an array that an index picks.

    Parameters
    ----------
    x : array
        The array.
    index : int, slice, ellipsis, None, array, or tuple of them
        What stood in the brackets.
    copy : bool
        False lets the updates write to the array itself.
    """

    __slots__ = ("_copy", "_index", "_x")

    def __init__(self, x: A, index: Index, copy: bool) -> None:
        self._x = x
        self._index = index
        self._copy = copy

    def __repr__(self) -> str:
        return f"accel.extra.at({self._x!r})[{self._index!r}]"

    def get(self, *, fill_value: Any = None) -> A:
        """Give the elements, as `accel.extra.get_at`."""
        return get_at(self._x, self._index, fill_value=fill_value)

    def set(self, values: A | Scalar, /) -> A:
        """Give the array with other elements there, as `accel.extra.set_at`."""
        return set_at(self._x, self._index, values, copy=self._copy)

    def add(self, values: A | Scalar, /) -> A:
        """Give the array with something added there, as `accel.extra.update_at`."""
        return update_at(self._x, self._index, values, by="add", copy=self._copy)

    def subtract(self, values: A | Scalar, /) -> A:
        """Give the array with something subtracted there, as `accel.extra.update_at`."""
        return update_at(self._x, self._index, values, by="subtract", copy=self._copy)

    def multiply(self, values: A | Scalar, /) -> A:
        """Give the array with the elements there multiplied, as `accel.extra.update_at`."""
        return update_at(self._x, self._index, values, by="multiply", copy=self._copy)

    def divide(self, values: A | Scalar, /) -> A:
        """Give the array with the elements there divided, as `accel.extra.update_at`."""
        return update_at(self._x, self._index, values, by="divide", copy=self._copy)

    def min(self, values: A | Scalar, /) -> A:
        """Give the array with the smaller of two elements there, as `accel.extra.update_at`."""
        return update_at(self._x, self._index, values, by="min", copy=self._copy)

    def max(self, values: A | Scalar, /) -> A:
        """Give the array with the larger of two elements there, as `accel.extra.update_at`."""
        return update_at(self._x, self._index, values, by="max", copy=self._copy)


def at(x: A, /, *, copy: bool = True) -> At[A]:
    """Pick elements of an array by an index, to get them or to make an array in which they are others.

    ``at(x)[index].set(values)`` is what ``x[index] = values`` would make of x, as a new array: x itself stays as it is on every backend.
    ``add``, ``subtract``, ``multiply``, ``divide``, ``min`` and ``max`` combine the elements with values, and ``get`` gives them.

    Parameters
    ----------
    x : array
        What to pick from.
    copy : bool, default True
        False lets an update write to x itself, and give it back, where the library's arrays can be written to; x is not to be used
        afterwards. On JAX it changes nothing.

    Returns
    -------
    At
        Something that takes an index in brackets, and then has the methods above.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.

    Examples
    --------
    >>> import numpy, accel
    >>> x = numpy.asarray([1, 2, 3])
    >>> accel.extra.at(x)[1:].add(10), x
    (array([ 1, 12, 13]), array([1, 2, 3]))
    >>> accel.extra.at(x)[numpy.asarray([0, 0])].add(5)
    array([11,  2,  3])
    """
    if registry.owner(type(x)) is None:
        raise UnknownArrayError(
            f"accel.extra.at got {type(x).__name__}, not an array; write accel.asarray(x)."
        )
    return At(x, copy)


def _gotten(x: Any, index: Any, /, *, fill_value: Any = None) -> None:
    found = items(index, x)
    shape_of(found, tuple(x.shape))
    refuse_traced_masks(found, "the shape of what a mask picks depends on its values")
    if fill_value is not None:
        fits("fill_value", fill_value, x)
        if hasattr(fill_value, "ndim"):
            requirement.dimensions(0, 0, fill_value=fill_value)


def _set(x: Any, index: Any, values: Any, /, *, copy: Any = True) -> None:
    found = items(index, x)
    target = shape_of(found, tuple(x.shape))
    fits("values", values, x)
    shape = tuple(getattr(values, "shape", ()))
    if target is not None and not broadcasts(shape, target):
        raise ShapeError(
            f"values has shape {shape}, which does not broadcast to {target}, the shape of x[index]."
        )
    mask = lone_mask(found)
    if target is not None:
        return
    if mask is None:
        refuse_traced_masks(
            found, "a mask beside other indices stands for the positions of its true elements"
        )
    else:
        after = tuple(x.shape)[mask.axis + mask.axes :]
        before = tuple(x.shape)[: mask.axis]
        count = shape[-1 - len(after)] if len(shape) > len(after) else 1
        if not broadcasts(shape, (*before, count, *after)):
            raise ShapeError(
                f"values has shape {shape}, which does not broadcast to {before} + (number of true elements,) + {after}."
            )


def _updated(x: Any, index: Any, values: Any, /, *, by: Any = "add", copy: Any = True) -> None:
    requirement.choice(*OPERATIONS, by=by)
    if by in ("max", "min"):
        requirement.ordered(x=x)
    elif by == "divide":
        requirement.inexact(x=x)
    else:
        requirement.numeric(x=x)
    _set(x, index, values)


@op(dtypes="any", same="exact", requires=_gotten, checks=("positions",))
def get_at(x: A, index: Index, /, *, fill_value: A | Scalar | None = None) -> A:
    """Elements that an index picks, with one meaning for positions that there are not.

    Parameters
    ----------
    x : array, any shape, any dtype
        What to pick from.
    index : int, slice, ellipsis, None, array, or tuple of them
        As in ``x[index]``; arrays are of integers, or masks. Negative positions count from the end.
    fill_value : number or 0-d array, optional
        What stands for positions out of bounds. None takes the element at the nearest one that there is.

    Returns
    -------
    array, shape of ``x[index]``, dtype of x, device of x
        The elements. It may share memory with x; write to neither.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend, or the index holds a list; see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    OutOfBoundsError
        An int is out of bounds; inside `accel.checked`: an element of an array is.
    ShapeError
        The index is about more axes than ``x`` has, its arrays do not broadcast, or a mask has another shape than the axes it stands for.
    DTypeError
        An array of the index is neither of integers nor boolean, or ``fill_value`` is of a kind above that of x.
    ArgumentError
        The index holds something else.
    UnsupportedError
        The index holds a mask that is being traced.

    Notes
    -----
    Accuracy: exact.
    Cost: O(size of the result), no device synchronisation unless the index holds a mask; safe under ``jax.jit`` then.

    Settled by accel::

        extra.get_at(float64([1.0, 2.0]), int64([0, -1, 5, -9])) ->
            float64([1.0, 2.0, 2.0, 1.0]); checked raises OutOfBoundsError  # positions out of bounds
        extra.get_at(float64([1.0, 2.0]), int64([0, -1, 5, -9]), fill_value=nan) ->
            float64([1.0, 2.0, nan, nan]); checked raises OutOfBoundsError  # and something to stand for them
        extra.get_at(float64([1.0, 2.0]), 2) -> raises OutOfBoundsError  # a number out of bounds

    References
    ----------
    Array API standard 2025.12, "Indexing"; NumPy documentation, "Advanced indexing"; JAX documentation, ``jax.numpy.ndarray.at``.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.extra.get_at(numpy.asarray([1, 2, 3]), numpy.asarray([2, 7]), fill_value=-1)
    array([ 3, -1])
    """
    found = items(index, x)
    where = places(found, x)
    filler = None if fill_value is None else filling(fill_value, x)
    if 0 in x.shape:
        blank = xp.zeros((), dtype=x.dtype, device=xp.device(x)) if filler is None else filler
        return xp.broadcast_to(blank, where.flat.shape)
    flat = xp.take(xp.reshape(x, (-1,)), xp.reshape(where.flat, (-1,)), axis=0)
    picked = xp.reshape(flat, where.flat.shape)
    return picked if filler is None or where.inside is None else xp.where(where.inside, picked, filler)


@op(dtypes="any", same="exact", requires=_set, checks=("positions",))
def set_at(x: A, index: Index, values: A | Scalar, /, *, copy: bool = True) -> A:
    """Array with other elements where an index points to; the array given stays as it is.

    Parameters
    ----------
    x : array, any shape, any dtype
        The elements that stay.
    index : int, slice, ellipsis, None, array, or tuple of them
        As in ``x[index] = values``; arrays are of integers, or masks. Negative positions count from the end.
    values : array or number, shape that broadcasts to that of ``x[index]``
        The new elements. Cast to the dtype of x, as `astype` does; their kind must not be above that of x.
    copy : bool, default True
        False lets the library write to x itself, and give it back; x is not to be used afterwards.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        The elements of x and the new ones. Where the index points to an element several times, the last of its values in row-major
        order is there. Positions out of bounds change nothing.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend, or the index holds a list; see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    OutOfBoundsError
        An int is out of bounds; inside `accel.checked`: an element of an array is.
    ShapeError
        ``values`` does not broadcast to the shape of ``x[index]``, the index is about more axes than ``x`` has, its arrays do not
        broadcast, or a mask has another shape than the axes it stands for.
    DTypeError
        An array of the index is neither of integers nor boolean, or ``values`` is of a kind above that of x, as floats among integers.
    ArgumentError
        The index or ``values`` is something else.
    OverflowError
        ``values`` is a Python integer that the dtype of x cannot hold.
    UnsupportedError
        The index holds, beside other arrays, ints or slices, a mask that is being traced.

    Notes
    -----
    Accuracy: exact, the same on every backend.
    Cost: O(size of x), of which the copy is the most, and a sort of the positions on devices that write in no order; no device
    synchronisation unless a mask stands beside other indices; safe under ``jax.jit`` then.

    Settled by accel::

        extra.set_at(int64([1, 2, 3]), int64([0, 2, 0]), int64([7, 8, 9])) -> int64([9, 2, 8])  # the last of several wins
        extra.set_at(int64([1, 2, 3]), int64([-1, 5]), 0) ->
            int64([1, 2, 0]); checked raises OutOfBoundsError  # positions out of bounds
        extra.set_at(int64([1, 2, 3]), bool([True, False, True]), int64([7, 8])) -> int64([7, 2, 8])  # a mask
        extra.set_at(int64([1, 2, 3]), bool([True, False, True]), int64([7, 8, 9])) ->
            left open: to count the true elements one would have to wait for the device; checked raises ShapeError
            # a mask and another number of values
        extra.set_at(int64([1, 2]), 0, 0.5) -> raises DTypeError  # a float among integers
        extra.set_at(float32([1.0, 2.0]), 0, float64([0.1])) -> raises ShapeError  # one element and a vector
        extra.set_at(float32([1.0, 2.0]), 0, float64(0.5)) -> float32([0.5, 2.0])  # a wider dtype of the same kind
        extra.set_at(uint8([1]), 0, 300) -> raises OverflowError  # Python integer out of range

    References
    ----------
    Array API standard 2025.12, "Indexing"; NumPy documentation, "Assigning values to indexed arrays"; JAX documentation,
    ``jax.numpy.ndarray.at``.

    Examples
    --------
    >>> import numpy, accel
    >>> x = numpy.asarray([1, 2, 3])
    >>> accel.extra.set_at(x, slice(1, None), 0), x
    (array([1, 0, 0]), array([1, 2, 3]))
    """
    return _put(x, items(index, x), values, None, lambda old, new: new)


@op(
    dtypes="numeric",
    same="conditioned",
    bound="(n + 1) * eps * size",
    requires=_updated,
    checks=("positions", "nan"),
)
def update_at(
    x: A,
    index: Index,
    values: A | Scalar,
    /,
    *,
    by: Literal["add", "divide", "max", "min", "multiply", "subtract"] = "add",
    copy: bool = True,
) -> A:
    """Array with the elements that an index points to combined with values; the one given stays as it is.

    Parameters
    ----------
    x : array, any shape, numeric dtype
        The elements.
    index : int, slice, ellipsis, None, array, or tuple of them
        As in ``x[index] += values``; arrays are of integers, or masks. Negative positions count from the end.
    values : array or number, shape that broadcasts to that of ``x[index]``
        What to combine them with. Cast to the dtype of x, as `astype` does; their kind must not be above that of x.
    by : {"add", "divide", "max", "min", "multiply", "subtract"}, default "add"
        How to combine. Complex numbers have no largest, and integers are not divided.
    copy : bool, default True
        False lets the library write to x itself, and give it back; x is not to be used afterwards.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        The elements of x, some of them combined. Where the index points to an element several times, all of its values count.
        Positions out of bounds change nothing. Integers wrap.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend, or the index holds a list; see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    OutOfBoundsError
        An int is out of bounds; inside `accel.checked`: an element of an array is.
    ShapeError
        ``values`` does not broadcast to the shape of ``x[index]``, the index is about more axes than ``x`` has, its arrays do not
        broadcast, or a mask has another shape than the axes it stands for.
    DTypeError
        An array of the index is neither of integers nor boolean, ``values`` is of a kind above that of x, or ``by`` is not for the
        dtype of x.
    ArgumentError
        The index or ``values`` is something else, or ``by`` is none of the six.
    OverflowError
        ``values`` is a Python integer that the dtype of x cannot hold.
    UnsupportedError
        The index holds, beside other arrays, ints or slices, a mask that is being traced.

    Notes
    -----
    Accuracy: within ``(n + 1) * eps * size`` of the true result for an element that n values go to, with no error where n is 0; ``size``
    is the sum of the magnitudes of the element and its values where they are added or subtracted, the magnitude of the result where
    they are multiplied or divided and no product over- or underflows, and 0 for the largest and smallest. Integers are exact. 16 bits
    are combined in float32 and rounded once.
    Cost: O(size of x), of which the copy is the most; no device synchronisation unless a mask stands beside other indices; safe under
    ``jax.jit`` then.

    Settled by accel::

        extra.update_at(int64([1, 2, 3]), int64([0, 2, 0]), int64([7, 8, 9])) -> int64([17, 2, 11])  # several values add up
        extra.update_at(int8([100]), int64([0]), 100) -> int8([-56])  # integers wrap
        extra.update_at(floats([1.0, 2.0]), int64([0]), nan, by="max") -> floats([nan, 2.0])  # nan stays
        extra.update_at(float64([1.0, 2.0]), int64([5]), 1.0) ->
            float64([1.0, 2.0]); checked raises OutOfBoundsError  # position out of bounds
        extra.update_at(uint8([3]), int64([0, 0]), uint8([1, 1]), by="subtract") -> uint8([1])  # unsigned integers
        extra.update_at(int64([4]), 0, 2, by="divide") -> raises DTypeError  # integers divided

    References
    ----------
    NumPy documentation, ``numpy.ufunc.at``; JAX documentation, ``jax.numpy.ndarray.at``. N. J. Higham, Accuracy and Stability of
    Numerical Algorithms, 2nd edition, SIAM 2002, chapters 3 and 4 (the bound).

    Examples
    --------
    >>> import numpy, accel
    >>> x = numpy.asarray([1.0, 2.0])
    >>> accel.extra.update_at(x, numpy.asarray([0, 0]), numpy.asarray([3.0, 5.0]), by="max"), x
    (array([5., 2.]), array([1., 2.]))
    """
    together, combine = COMBINED[by]
    if by in ("max", "min"):
        return _put(x, items(index, x), values, together, combine)
    old = widened(x)
    new = _put(old, items(index, x), values, together, combine)
    return xp.astype(new, x.dtype, copy=False)


COMBINED: dict[str, tuple[Callable[[Any, Any], Any], Callable[[Any, Any], Any]]] = {
    "add": (lambda a, b: xp.add(a, b), lambda a, b: xp.add(a, b)),
    "divide": (lambda a, b: xp.multiply(a, b), lambda a, b: xp.divide(a, b)),
    "max": (lambda a, b: xp.maximum(a, b), lambda a, b: xp.maximum(a, b)),
    "min": (lambda a, b: xp.minimum(a, b), lambda a, b: xp.minimum(a, b)),
    "multiply": (lambda a, b: xp.multiply(a, b), lambda a, b: xp.multiply(a, b)),
    "subtract": (lambda a, b: xp.add(a, b), lambda a, b: xp.subtract(a, b)),
}
"""Operation -> how the values of one element go together, and how the element goes with what comes of them."""


def _put(
    x: Any,
    found: tuple[Item, ...],
    values: Any,
    together: Callable[[Any, Any], Any] | None,
    combine: Callable[[Any, Any], Any],
) -> Any:
    """Bring values to the elements of an index: each element of x looks for its own in the sorted positions."""
    new = filling(values, x)
    mask = lone_mask(found)
    if mask is not None:
        marked, spread = masked(mask, new, x)
        return xp.where(marked, combine(x, spread), x)
    where = places(found, x)
    flat = xp.reshape(where.flat, (-1,))
    if flat.shape[0] == 0 or 0 in x.shape:
        return xp.astype(x, x.dtype)
    if where.inside is not None:
        flat = xp.where(xp.reshape(where.inside, (-1,)), flat, -1)
    new = xp.reshape(xp.broadcast_to(new, where.flat.shape), (-1,))
    order = xp.argsort(flat, stable=True)
    flat, new = xp.take(flat, order), xp.take(new, order)
    if together is not None:
        new = runs(new, flat, together)
    old = xp.reshape(x, (-1,))
    wanted = xp.arange(old.shape[0], dtype=xp.int64, device=xp.device(x))
    last = xp.maximum(xp.subtract(xp.searchsorted(flat, wanted, side="right"), 1), 0)
    hit = xp.equal(xp.take(flat, last), wanted)
    return xp.reshape(xp.where(hit, combine(old, xp.take(new, last)), old), x.shape)


def masked(mask: Item, values: Any, x: Any) -> tuple[Any, Any]:
    """Spread a mask and the values for its true elements, in their order, over the whole of x."""
    shape = tuple(x.shape)
    inside, after = shape[mask.axis : mask.axis + mask.axes], shape[mask.axis + mask.axes :]
    marked = xp.reshape(mask.what, inside + (1,) * len(after))
    spot = values.ndim - 1 - len(after)
    if spot >= 0 and values.shape[spot] != 1:
        # The first true element takes the first of the values, and so on.
        number = xp.cumulative_sum(xp.astype(xp.reshape(mask.what, (-1,)), xp.int64), dtype=xp.int64)
        if values.shape[spot] == 0:
            return xp.zeros_like(marked), xp.zeros((), dtype=x.dtype, device=xp.device(x))
        turn = xp.clip(xp.subtract(number, 1), 0, values.shape[spot] - 1)
        values = xp.take(values, turn, axis=spot)
        values = xp.reshape(values, (*values.shape[:spot], *inside, *values.shape[spot + 1 :]))
    elif spot >= 0:
        one = (1,) * len(inside)
        values = xp.reshape(values, (*values.shape[:spot], *one, *values.shape[spot + 1 :]))
    return marked, values
