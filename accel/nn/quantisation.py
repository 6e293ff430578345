"""Quantisation: numbers as small integers with scales, and matrix products with such weights."""

from __future__ import annotations

from typing import Any, NamedTuple

import accel as xp
import accel.requirement as requirement
from accel.dispatch import op
from accel.dtype import name_of
from accel.errors import ArgumentError, DTypeError, ShapeError
from accel.typing import A, Array, DTypeLike

__all__ = ["Quantised", "dequantise", "quantise_int4", "quantise_int8", "quantised_matmul"]


class Quantised(NamedTuple):
    """Integers and their scales.

    Attributes
    ----------
    values : array
        Of dtype int8, one integer in each element; or of dtype uint8, two four-bit integers in each.
    scale : array
        What the integers are multiplied by.
    """

    values: Any
    scale: Any


def _scalable(x: Any, *, axis: Any = -1) -> None:
    requirement.floating(x=x)
    requirement.dimensions(1, x=x)
    requirement.filled(x, requirement.axes(x, axis))


def _groupable(x: Any, *, group_size: Any = 32) -> None:
    requirement.floating(x=x)
    requirement.dimensions(1, x=x)
    requirement.size(2, group_size=group_size)
    length = x.shape[-1]
    if group_size % 2:
        raise ArgumentError(f"group_size is even, as two integers share a byte, got {group_size}.")
    if length % group_size or not length:
        raise ShapeError(
            f"group_size divides the last axis of x, which has length {length}, got {group_size}; pad x with zeros or take a divisor."
        )


def _restorable(values: Any, scale: Any, *, dtype: Any = None) -> None:
    """Refuse integers and scales that do not belong together."""
    requirement.floating(scale=scale)
    _kinds(values, scale)
    requirement.floating_dtype(dtype=dtype)
    if name_of(values.dtype) == "uint8":
        return
    if values.ndim != scale.ndim or any(
        n not in (1, m) for n, m in zip(scale.shape, values.shape, strict=True)
    ):
        raise ShapeError(
            f"scale of shape {tuple(scale.shape)} goes with values of as many dimensions, each of length 1 or theirs; values has "
            f"shape {tuple(values.shape)}."
        )


def _kinds(values: Any, scale: Any) -> None:
    """Refuse values of other dtypes than quantisation gives, and packed ones whose groups do not come out."""
    dtype = name_of(values.dtype)
    if dtype not in ("int8", "uint8"):
        raise DTypeError(f"values is {dtype}, and int8 or, of packed four-bit integers, uint8 is taken.")
    if dtype == "int8":
        return
    requirement.dimensions(1, values=values)
    if (
        scale.ndim != values.ndim
        or tuple(scale.shape[:-1]) != tuple(values.shape[:-1])
        or not scale.shape[-1]
        or values.shape[-1] % scale.shape[-1]
    ):
        raise ShapeError(
            f"scale of packed four-bit integers has one number for each group of the last axis, and otherwise the shape of values, "
            f"which is {tuple(values.shape)}; got {tuple(scale.shape)}."
        )


def _multipliable(x: Any, values: Any, scale: Any) -> None:
    requirement.floating(x=x, scale=scale)
    requirement.dimensions(1, x=x)
    requirement.dimensions(2, 2, values=values)
    _kinds(values, scale)
    packed = name_of(values.dtype) == "uint8"
    if not packed and tuple(scale.shape) != (values.shape[0], 1):
        raise ShapeError(
            f"scale has one number for each row of values, so shape {(values.shape[0], 1)}, got {tuple(scale.shape)}; quantise "
            f"along the last axis."
        )
    length = values.shape[1] * (2 if packed else 1)
    if x.shape[-1] != length:
        raise ShapeError(
            f"The last axis of x has length {x.shape[-1]}, and the rows of values hold {length} integers; they are summed over together."
        )


def _working(*arrays: Any) -> Any:
    """Give the dtype that is computed in: float32, or float64 where an array is of that."""
    return xp.float64 if any(name_of(x.dtype) == "float64" for x in arrays) else xp.float32


def _scales(x: Any, axis: Any, most: int) -> tuple[Any, Any]:
    """Give the numbers with one scale for each slice along the axes, and the scales: nan where a number is not finite."""
    x = xp.astype(x, _working(x), copy=False)
    top = xp.max(xp.abs(x), axis=axis, keepdims=True)
    # A scale below the normal numbers would be flushed on some devices; what it would stand for is rounded to zero.
    small = xp.less(top, 128.0 * float(xp.finfo(x.dtype).smallest_normal))
    scale = xp.divide(xp.where(small, float(most), top), float(most))
    return x, xp.where(xp.isfinite(top), scale, xp.nan)


def _rounded(x: Any, scale: Any) -> Any:
    """Divide and round to whole numbers; what belongs to a scale of nan becomes 0."""
    held = xp.isfinite(scale)
    whole = xp.round(xp.divide(x, xp.where(held, scale, 1.0)))
    small = xp.logical_and(xp.isfinite(x), held)
    return xp.where(small, whole, 0.0)


@op(dtypes="real floating-point", same="exact", requires=_scalable, checks=("finite",))
def quantise_int8(x: Array, /, *, axis: int | tuple[int, ...] | None = -1) -> Quantised:
    """Nearest multiples of one scale for each channel, as integers from -127 to 127 and the scales.

    Parameters
    ----------
    x : array, at least one axis, real floating-point dtype
        Numbers, such as the weight of a layer.
    axis : int or tuple of ints or None, default -1
        Axes along which all numbers share a scale; None means all. For a weight of shape (N, K), whose rows make the channels of the
        result, that is the last one.

    Returns
    -------
    Quantised
        ``values`` of shape x and dtype int8, and ``scale`` with length 1 along the axes, of dtype float64 where x is, else float32;
        both on the device of x.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is not of a real floating-point dtype.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    ShapeError
        There is no number along the axes.
    ArgumentError
        ``axis`` names one axis twice.

    See Also
    --------
    accel.nn.dequantise, accel.nn.quantise_int4, accel.nn.quantised_matmul

    Notes
    -----
    Accuracy: exact, the same bits on every backend: the scale is ``max(abs(x)) / 127``, rounded once, and a value ``x / scale``, rounded
    to the nearest integer and to the even one of two, so that ``values * scale`` is off by half a scale at most, but for roundings.
    Where all numbers are smaller than 128 times the smallest normal one, the values are 0 and the scale is 1.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        nn.quantise_int8(float32([[1.0, -127.0], [0.0, 0.0]])) -> (int8([[1, -127], [0, 0]]), float32([[1.0], [1.0]]))  # zeros
        nn.quantise_int8(float32([127.0, 0.5, 1.5, -2.5])) -> (int8([127, 0, 2, -2]), float32([1.0]))  # halves go to even
        nn.quantise_int8(float32([[nan, 1.0], [2.0, inf]])) -> (int8([[0, 0], [0, 0]]), float32([[nan], [nan]]))  # not finite; checked raises CastError

    References
    ----------
    B. Jacob et al., Quantization and training of neural networks for efficient integer-arithmetic-only inference, CVPR 2018.

    Examples
    --------
    >>> import numpy, accel
    >>> values, scale = accel.nn.quantise_int8(numpy.asarray([[1.0, -2.0], [0.0, 254.0]]))
    >>> values
    array([[  64, -127],
           [   0,  127]], dtype=int8)
    """
    given, scale = _scales(x, axis, 127)
    return Quantised(xp.astype(_rounded(given, scale), xp.int8), scale)


@op(dtypes="real floating-point", same="exact", requires=_groupable, checks=("finite",))
def quantise_int4(x: Array, /, *, group_size: int = 32) -> Quantised:
    """Nearest multiples of one scale for each group, as integers from -7 to 7 that share bytes.

    Parameters
    ----------
    x : array, at least one axis, real floating-point dtype
        Numbers, such as the weight of a layer of shape (N, K), whose rows make the channels of the result.
    group_size : int, default 32
        Neighbours along the last axis that share a scale; even, and a divisor of its length K.

    Returns
    -------
    Quantised
        ``values`` of shape (..., K / 2) and dtype uint8, and ``scale`` of shape (..., K / group_size), of dtype float64 where x is, else
        float32; both on the device of x. A byte is ``low + 8 + 16 * (high + 8)`` for the integers ``low`` and ``high`` of an even place
        and the next.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is not of a real floating-point dtype.
    ShapeError
        ``x`` has no axis, or ``group_size`` does not divide its length or is less than 2.
    ArgumentError
        ``group_size`` is odd or no int.

    See Also
    --------
    accel.nn.dequantise, accel.nn.quantise_int8, accel.nn.quantised_matmul

    Notes
    -----
    Accuracy: exact, the same bits on every backend: the scale is ``max(abs(x)) / 7``, rounded once, and an integer ``x / scale``, rounded
    to the nearest and to the even one of two. Where all numbers of a group are smaller than 128 times the smallest normal one, the
    integers are 0 and the scale is 1.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        nn.quantise_int4(float32([7.0, -1.0, 0.5, 1.5]), group_size=4) -> (uint8([127, 168]), float32([1.0]))  # halves go to even
        nn.quantise_int4(float32([0.0, 0.0, nan, 1.0]), group_size=2) -> (uint8([136, 136]), float32([1.0, nan]))  # zeros, and not finite; checked raises CastError

    References
    ----------
    T. Dettmers, L. Zettlemoyer, The case for 4-bit precision: k-bit inference scaling laws, ICML 2023.

    Examples
    --------
    >>> import numpy, accel
    >>> values, scale = accel.nn.quantise_int4(numpy.asarray([7.0, -7.0, 3.0, 0.0]), group_size=2)
    >>> accel.nn.dequantise(values, scale)
    array([ 7., -7.,  3.,  0.])
    """
    shape = tuple(x.shape)
    given = xp.reshape(x, (*shape[:-1], shape[-1] // group_size, group_size))
    groups, scale = _scales(given, -1, 7)
    digits = xp.reshape(xp.add(_rounded(groups, scale), 8.0), (*shape[:-1], shape[-1] // 2, 2))
    # Whole numbers below 256 are exact in every dtype that is computed in.
    packed = xp.add(digits[..., 0], xp.multiply(digits[..., 1], 16.0))
    return Quantised(xp.astype(packed, xp.uint8), scale[..., 0])


def _unpacked(values: A, dtype: Any) -> A:
    """Give the integers in bytes, in some dtype: along the last axis there are twice as many."""
    low, high = xp.bitwise_and(values, 15), xp.bitwise_right_shift(values, 4)
    both = xp.astype(xp.stack([low, high], axis=-1), dtype)
    return xp.subtract(xp.reshape(both, (*values.shape[:-1], 2 * values.shape[-1])), 8.0)


def _restored(values: A, scale: A) -> A:
    """Multiply integers by their scales, in the dtype of those."""
    if name_of(values.dtype) == "int8":
        return xp.multiply(xp.astype(values, scale.dtype), scale)
    digits = _unpacked(values, scale.dtype)
    groups = xp.reshape(digits, (*scale.shape, digits.shape[-1] // scale.shape[-1]))
    return xp.reshape(xp.multiply(groups, xp.expand_dims(scale, axis=-1)), digits.shape)


@op(dtypes="integer", same="exact", requires=_restorable)
def dequantise(values: A, scale: A, /, *, dtype: DTypeLike | None = None) -> A:
    """Numbers that quantised ones stand for: integers times their scales.

    Parameters
    ----------
    values : array, dtype int8 or uint8
        Integers, or packed four-bit integers, as `accel.nn.quantise_int8` and `accel.nn.quantise_int4` give them.
    scale : array, real floating-point dtype
        Their scales: as many axes as ``values``, along which it has the same length or 1; or one for each group of packed integers.
    dtype : dtype, optional
        The dtype of the result, a real floating-point one; by default that of ``scale``.

    Returns
    -------
    array, dtype asked for, device of values
        The products; of packed integers the last axis is twice as long as that of ``values``.

    Raises
    ------
    UnknownArrayError
        ``values`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``values`` is neither int8 nor uint8, or ``scale`` or ``dtype`` not of a real floating-point dtype.
    ShapeError
        The shapes do not belong together.

    See Also
    --------
    accel.nn.quantise_int8, accel.nn.quantise_int4

    Notes
    -----
    Accuracy: exact, the same bits on every backend: a product is rounded once to the dtype of ``scale``, but float32 at least, and once
    more to ``dtype``.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    References
    ----------
    B. Jacob et al., Quantization and training of neural networks for efficient integer-arithmetic-only inference, CVPR 2018.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nn.dequantise(numpy.asarray([[2, -3]], dtype=numpy.int8), numpy.asarray([[0.5]]))
    array([[ 1. , -1.5]])
    """
    found = _restored(values, xp.astype(scale, _working(scale), copy=False))
    return xp.astype(found, scale.dtype if dtype is None else dtype, copy=False)


@op(
    dtypes="real floating-point",
    same="conditioned",
    bound="(K + 4) * eps * matmul(abs(x), abs(w))",
    requires=_multipliable,
    checks=("nan",),
)
def quantised_matmul(x: A, values: A, scale: A, /) -> A:
    """Products of rows with the rows of a quantised weight.

    Parameters
    ----------
    x : array, shape (..., K), real floating-point dtype
        Rows.
    values : array, shape (N, K), dtype int8, or shape (N, K / 2), dtype uint8
        The integers of a weight, or packed four-bit integers, as `accel.nn.quantise_int8` and `accel.nn.quantise_int4` give them.
    scale : array, shape (N, 1) or, of packed integers, (N, K / group_size), real floating-point dtype
        Their scales.

    Returns
    -------
    array, shape (..., N), dtype of x, device of x
        ``matmul(x, matrix_transpose(dequantise(values, scale)))``.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` or ``scale`` is not of a real floating-point dtype, or ``values`` neither int8 nor uint8.
    ShapeError
        The shapes do not belong together.

    See Also
    --------
    accel.nn.quantise_int8, accel.nn.quantise_int4

    Notes
    -----
    Accuracy: within ``(K + 4) * eps * matmul(abs(x), abs(w))`` of the true product with the transposed numbers ``w`` that the integers
    and scales stand for. It is computed in float32, or float64 where ``x`` or ``scale`` is of that, and rounded to the dtype of ``x``.
    Cost: O(size of x * N), no device synchronisation; safe under ``jax.jit``. NumPy and CuPy turn a few rows of the weight at a time
    into floating-point numbers.

    References
    ----------
    E. Frantar, S. Ashkboos, T. Hoefler, D. Alistarh, GPTQ: accurate post-training quantization for generative pre-trained transformers,
    ICLR 2023.

    Examples
    --------
    >>> import numpy, accel
    >>> values, scale = accel.nn.quantise_int8(numpy.asarray([[1.0, 127.0], [127.0, 0.0]]))
    >>> accel.nn.quantised_matmul(numpy.asarray([1.0, 2.0]), values, scale)
    array([255., 127.])
    """
    dtype, working = x.dtype, _working(x, scale)
    x, size = xp.astype(x, working, copy=False), xp.astype(scale, working, copy=False)
    if name_of(values.dtype) == "int8":
        # One scale for each sum: it is multiplied once.
        whole = xp.matmul(x, xp.matrix_transpose(xp.astype(values, working)))
        return xp.astype(xp.multiply(whole, xp.squeeze(size, axis=1)), dtype, copy=False)
    return xp.astype(xp.matmul(x, xp.matrix_transpose(_restored(values, size))), dtype, copy=False)
