"""Rearrangement: arrays built of the elements of others, repeated, framed or cut into windows."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any, Literal

import accel as xp
import accel.requirement as requirement
from accel.dispatch import op
from accel.dtype import name_of
from accel.errors import ArgumentError, DTypeError, ShapeError
from accel.typing import A, Scalar

__all__ = ["block_diag", "kron", "pad", "sliding_window_view"]

MODES = ("constant", "edge", "reflect", "symmetric", "wrap")


def _blocks(*arrays: Any) -> None:
    for i, x in enumerate(arrays):
        requirement.dimensions(2, 2, **{f"arrays[{i}]": x})


@op(dtypes="any", same="exact", requires=_blocks)
def block_diag(*arrays: A) -> A:
    """Matrix with the given matrices along its diagonal and zeros elsewhere.

    Parameters
    ----------
    *arrays : array, shape (M, N), any dtype
        Blocks, from the upper left to the lower right. A block may have no rows or no columns.

    Returns
    -------
    array, shape (sum of the M, sum of the N), dtype result_type(*arrays), device of the first array
        The blocks, each to the right of and below the one before.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend, or there is none; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    ShapeError
        A block is not a matrix.

    Notes
    -----
    Accuracy: exact.
    Cost: O(size of the result), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        extra.block_diag(int32([[1]]), float32([[2.0]])) -> float64([[1.0, 0.0], [0.0, 2.0]])  # mixed kinds

    References
    ----------
    SciPy documentation, ``scipy.linalg.block_diag``, which also takes vectors and numbers.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.extra.block_diag(numpy.asarray([[1, 2]]), numpy.asarray([[3], [4]]))
    array([[1, 2, 0],
           [0, 0, 3],
           [0, 0, 4]])
    """
    dtype, width, before = xp.result_type(*arrays), sum(x.shape[1] for x in arrays), 0
    rows = []
    for x in arrays:
        high, wide = x.shape
        x = xp.astype(x, dtype, copy=False)
        place = xp.device(x)
        left = xp.zeros((high, before), dtype=dtype, device=place)
        right = xp.zeros((high, width - before - wide), dtype=dtype, device=place)
        rows.append(xp.concat([left, x, right], axis=1))
        before += wide
    return xp.concat(rows, axis=0)


@op(dtypes="numeric", same="exact")
def kron(x1: A, x2: A, /) -> A:
    """Kronecker product: each element of one array multiplied with the whole of another.

    Parameters
    ----------
    x1, x2 : array, any shapes, numeric dtype
        Factors. The one with fewer axes gets axes of length 1 in front.

    Returns
    -------
    array, shape the product of the shapes axis by axis, dtype result_type(x1, x2), device of x1
        Element ``[i * x2.shape[0] + k, j * x2.shape[1] + l, ...]`` is ``x1[i, j, ...] * x2[k, l, ...]``.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.

    Notes
    -----
    Accuracy: exact, as `multiply`: each element is one product, rounded once; integers wrap.
    Cost: O(size of the result), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        extra.kron(int8([100]), int8([2, 1])) -> int8([-56, 100])  # integers wrap
        extra.kron(float64(2.0), float64([1.0, 3.0])) -> float64([2.0, 6.0])  # a 0-d factor

    References
    ----------
    C. F. Van Loan, The ubiquitous Kronecker product, J. Comput. Appl. Math. 123 (2000).

    Examples
    --------
    >>> import numpy, accel
    >>> accel.extra.kron(numpy.asarray([1, 10]), numpy.asarray([5, 6, 7]))
    array([ 5,  6,  7, 50, 60, 70])
    """
    count = max(x1.ndim, x2.ndim)
    outer = (1,) * (count - x1.ndim) + tuple(x1.shape)
    inner = (1,) * (count - x2.ndim) + tuple(x2.shape)
    x1 = xp.reshape(x1, tuple(n for length in outer for n in (length, 1)))
    x2 = xp.reshape(x2, tuple(n for length in inner for n in (1, length)))
    return xp.reshape(xp.multiply(x1, x2), tuple(a * b for a, b in zip(outer, inner, strict=True)))


def widths(x: Any, pad_width: Any) -> tuple[tuple[int, int], ...]:
    """Give the numbers of elements before and after each axis of an array."""
    if type(pad_width) is int and pad_width >= 0:
        return ((pad_width, pad_width),) * x.ndim
    if isinstance(pad_width, tuple | list):
        if len(pad_width) == 2 and not any(isinstance(each, tuple | list) for each in pad_width):
            pad_width = [pad_width]
        pairs = [each if isinstance(each, tuple | list) else (each,) for each in pad_width]
    else:
        pairs = [(pad_width,)]
    if len(pairs) == 1:
        pairs = pairs * x.ndim
    if len(pairs) != x.ndim:
        raise ShapeError(
            f"pad_width has {len(pairs)} pairs, and x has {x.ndim} axes; write one pair, or one for each axis."
        )
    found = []
    for pair in pairs:
        if not 1 <= len(pair) <= 2:
            raise ArgumentError(
                f"pad_width is an int, a pair (before, after), or a pair for each axis, got {pad_width!r}."
            )
        requirement.size(pad_width=pair[0])
        requirement.size(pad_width=pair[-1])
        if pair[0] is None or pair[-1] is None:
            raise ArgumentError(f"pad_width is made of ints, got {pad_width!r}.")
        found.append((operator.index(pair[0]), operator.index(pair[-1])))
    return tuple(found)


def _padded(x: Any, /, pad_width: Any, *, mode: Any = "constant", constant_values: Any = 0) -> None:
    requirement.choice(*MODES, mode=mode)
    for axis, (before, after) in enumerate(widths(x, pad_width)):
        if mode != "constant" and (before or after) and x.shape[axis] == 0:
            raise ShapeError(
                f"mode={mode!r} repeats elements of x, and axis {axis} has none; x has shape {tuple(x.shape)}."
            )
    fits("constant_values", constant_values, x)
    requirement.dimensions(
        0, 0, constant_values=constant_values if hasattr(constant_values, "ndim") else None
    )


KINDS = {bool: 0, int: 1, float: 2, complex: 3}


def fits(name: str, value: Any, x: Any) -> None:
    """Refuse a number or an array whose kind is above that of x: a float for an array of integers, a complex number for one of floats."""
    dtype = getattr(value, "dtype", None)
    order = KINDS.get(type(value)) if dtype is None else kind(dtype)
    if dtype is None and order == 1 and value in (0, 1):
        order = 0
    if order is None:
        raise ArgumentError(f"{name} is a number or an array, got {value!r}.")
    if order > kind(x.dtype):
        got = f"the Python {type(value).__name__} {value!r}" if dtype is None else name_of(dtype)
        raise DTypeError(
            f"{name} is {got}, and x is {name_of(x.dtype)}, whose kind it does not fit; cast one of them with accel.astype first."
        )


_kinds: dict[Any, int] = {}


def kind(dtype: Any) -> int:
    """Give the place of a dtype in the order bool, integers, real and complex floating-point numbers."""
    try:
        return _kinds[dtype]
    except KeyError:
        name = name_of(dtype)
        found = 0 if name == "bool" else 1 if "int" in name else 3 if name.startswith("complex") else 2
        return _kinds.setdefault(dtype, found)


def positions(length: int, before: int, after: int, mode: str, device: Any) -> Any:
    """Give for each place of a padded axis the place of the element that stands there."""
    places = xp.arange(-before, length + after, dtype=xp.int64, device=device)
    if mode == "edge" or length == 1:
        return xp.clip(places, 0, length - 1)
    if mode == "wrap":
        return xp.remainder(places, length)
    # Back and forth: the way there and back is one period.
    period = 2 * length - (2 if mode == "reflect" else 0)
    places = xp.remainder(places, period)
    back = period - places if mode == "reflect" else period - 1 - places
    return xp.minimum(places, back)


@op(dtypes="any", same="exact", requires=_padded)
def pad(
    x: A,
    /,
    pad_width: int | Sequence[int] | Sequence[Sequence[int]],
    *,
    mode: Literal["constant", "edge", "reflect", "symmetric", "wrap"] = "constant",
    constant_values: A | Scalar = 0,
) -> A:
    """Array with a frame of further elements around it.

    Parameters
    ----------
    x : array, any shape, any dtype
        What to frame.
    pad_width : int, pair of ints, or sequence of pairs
        How many elements to put before and after: one number for both ends of all axes, ``(before, after)`` for all axes, or such a
        pair for each axis.
    mode : {"constant", "edge", "reflect", "symmetric", "wrap"}, default "constant"
        What to put there: ``constant_values``; the element at the edge; the elements mirrored at the one at the edge, which is not
        repeated, or mirrored at the edge itself; those of the other end.
    constant_values : number or 0-d array, default 0
        The number that the frame is made of. Cast to the dtype of x, as `astype` does.

    Returns
    -------
    array, dtype of x, device of x
        Each axis is longer by the two widths.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    ShapeError
        A width is negative, there are not as many pairs as axes, or the mode repeats elements of an axis that has none.
    DTypeError
        ``constant_values`` is of a kind above that of x, as a float is above integers.
    ArgumentError
        ``mode`` is not one of the five, or ``pad_width`` or ``constant_values`` is no number.
    OverflowError
        ``constant_values`` is a Python integer that the dtype of x cannot hold.

    Notes
    -----
    Accuracy: exact.
    Cost: O(size of the result), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        extra.pad(int64([1, 2, 3]), 1) -> int64([0, 1, 2, 3, 0])  # constant
        extra.pad(int64([1, 2, 3]), (4, 0), mode="reflect") -> int64([1, 2, 3, 2, 1, 2, 3])  # longer than the axis, reflected
        extra.pad(int64([1, 2]), (3, 0), mode="symmetric") -> int64([2, 2, 1, 1, 2])  # longer than the axis, symmetric
        extra.pad(int64([5]), 2, mode="reflect") -> int64([5, 5, 5, 5, 5])  # one element to reflect
        extra.pad(int64(3), 2) -> int64(3)  # 0-d array
        extra.pad(int64([1]), 1, constant_values=0.5) -> raises DTypeError  # a float among integers
        extra.pad(uint8([1]), 1, constant_values=300) -> raises OverflowError  # Python integer out of range

    References
    ----------
    NumPy documentation, ``numpy.pad``.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.extra.pad(numpy.asarray([1, 2, 3]), (2, 1), mode="reflect")
    array([3, 2, 1, 2, 3, 2])
    """
    frame, place = widths(x, pad_width), xp.device(x)
    if mode == "constant":
        value = filling(constant_values, x)
        for axis, ends in enumerate(frame):
            parts = [x]
            for length, at in zip(ends, (0, 2), strict=True):
                shape = tuple(length if a == axis else n for a, n in enumerate(x.shape))
                parts.insert(at, xp.broadcast_to(value, shape))
            x = xp.concat(parts, axis=axis)
        return x
    for axis, (before, after) in enumerate(frame):
        if before or after:
            x = xp.take(x, positions(x.shape[axis], before, after, mode, place), axis=axis)
    return x


def filling(value: Any, x: Any) -> Any:
    """Give a number or an array in the dtype of x."""
    if hasattr(value, "dtype"):
        return xp.astype(value, x.dtype, copy=False)
    if kind(x.dtype) == 0:
        value = bool(value)
    return xp.full((), value, dtype=x.dtype, device=xp.device(x))


def _windows(x: Any, /, window_shape: Any, *, axis: Any = None) -> None:
    along(x, window_shape, axis)


def along(x: Any, window_shape: Any, axis: Any) -> tuple[tuple[int, int], ...]:
    """Give each axis that windows slide along, and how long they are there."""
    lengths = tuple(window_shape) if isinstance(window_shape, tuple | list) else (window_shape,)
    for length in lengths:
        if length is None:
            raise ArgumentError(f"window_shape is made of ints, got {window_shape!r}.")
        requirement.size(window_shape=length)
    if axis is None:
        found = tuple(range(x.ndim))
    else:
        several = axis if isinstance(axis, tuple | list) else (axis,)
        found = tuple(requirement.axis(x, each) for each in several)
    if len(lengths) != len(found):
        raise ShapeError(
            f"window_shape has {len(lengths)} lengths for {len(found)} axes; write one for each axis, or name the axes with axis."
        )
    pairs = tuple((a, operator.index(n)) for a, n in zip(found, lengths, strict=True))
    room = list(x.shape)
    for a, n in pairs:
        if n > room[a]:
            raise ShapeError(
                f"a window of length {n} does not fit axis {a} of x, which has shape {tuple(x.shape)}."
            )
        room[a] -= n - 1
    return pairs


@op(dtypes="any", same="exact", requires=_windows)
def sliding_window_view(
    x: A, /, window_shape: int | Sequence[int], *, axis: int | Sequence[int] | None = None
) -> A:
    """All windows of some length that fit along the axes of an array.

    Parameters
    ----------
    x : array, any shape, any dtype
        What to cut windows of.
    window_shape : int or sequence of ints
        Length of the windows along each of the axes.
    axis : int, sequence of ints or None, default None
        Axes to slide along; None means all of them. An axis may be named again, for windows of windows.

    Returns
    -------
    array, shape of x less the lengths of the windows plus 1, then window_shape, dtype of x, device of x
        Element ``[i, ..., k, ...]`` is ``x[i + k, ...]``. It may share memory with x, in which the windows overlap; write to neither.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    ShapeError
        A length is negative or larger than the axis, or there are not as many lengths as axes.
    ArgumentError
        ``window_shape`` or ``axis`` is no int.

    Notes
    -----
    Accuracy: exact.
    Cost: O(1) on NumPy, which gives a view that cannot be written to, and CuPy, else O(size of the result); no device synchronisation;
    safe under ``jax.jit``.

    Settled by accel::

        extra.sliding_window_view(int64([1, 2, 3]), 0) -> int64([[], [], [], []])  # windows without elements
        extra.sliding_window_view(int64([1, 2, 3]), 4) -> raises ShapeError  # a window longer than the axis

    References
    ----------
    NumPy documentation, ``numpy.lib.stride_tricks.sliding_window_view``.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.extra.sliding_window_view(numpy.asarray([1, 2, 3, 4]), 3)
    array([[1, 2, 3],
           [2, 3, 4]])
    """
    for a, length in along(x, window_shape, axis):
        first = xp.arange(x.shape[a] - length + 1, dtype=xp.int64, device=xp.device(x))
        inside = xp.arange(length, dtype=xp.int64, device=xp.device(x))
        places = xp.add(xp.expand_dims(first, axis=1), xp.expand_dims(inside, axis=0))
        shape = (*x.shape[:a], first.shape[0], length, *x.shape[a + 1 :])
        x = xp.moveaxis(
            xp.reshape(xp.take(x, xp.reshape(places, (-1,)), axis=a), shape), a + 1, len(shape) - 1
        )
    return x
