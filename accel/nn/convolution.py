"""Convolutions over one, two and three axes, and their transposes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import accel as xp
import accel.nn.window as window
import accel.requirement as requirement
from accel.dispatch import op
from accel.dtype import name_of
from accel.errors import ShapeError
from accel.typing import A

__all__ = [
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
]


def _fitting(
    count: int, x: Any, weight: Any, bias: Any, groups: Any, inward: bool
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Refuse dtypes and channels that do not fit, and give the lengths of the axes that the kernel goes over, and its own."""
    requirement.floating(x=x, weight=weight, bias=bias)
    requirement.alike(x=x, weight=weight, bias=bias)
    requirement.dimensions(count + 2, count + 2, x=x, weight=weight)
    requirement.dimensions(1, 1, bias=bias)
    requirement.size(1, groups=groups)
    shape, kernel = tuple(x.shape), tuple(weight.shape)
    _channels(shape, kernel, None if bias is None else bias.shape[0], groups, inward)
    return shape[2:], kernel[2:]


@lru_cache(maxsize=512)
def _channels(
    x: tuple[int, ...], weight: tuple[int, ...], bias: int | None, groups: int, inward: bool
) -> None:
    """Refuse channels that do not fit, by the shapes of the arrays."""
    if 0 in weight:
        raise ShapeError(f"weight has shape {weight}, and a kernel needs an element at least.")
    channels, first = x[1], weight[0]
    if channels % groups or (not inward and first % groups):
        which = f"x has {channels} channels" if channels % groups else f"weight makes {first}"
        raise ShapeError(f"{groups} groups share the channels evenly, and {which}; take a divisor of that.")
    taken = first if inward else weight[1] * groups
    if taken != channels:
        raise ShapeError(
            f"weight of shape {weight} takes {taken} channels in {groups} groups, and x of shape {x} has {channels}."
        )
    made = weight[1] * groups if inward else first
    if bias is not None and bias != made:
        raise ShapeError(
            f"bias has {bias} elements, one for each channel that weight makes, which are {made}."
        )


def _convolvable(count: int) -> Callable[..., None]:
    def requires(
        x: Any,
        weight: Any,
        bias: Any = None,
        *,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: Any = 1,
    ) -> None:
        spatial, kernel = _fitting(count, x, weight, bias, groups, False)
        window.convolved(spatial, kernel, stride=stride, padding=padding, dilation=dilation)

    return requires


def _transposable(count: int) -> Callable[..., None]:
    def requires(
        x: Any,
        weight: Any,
        bias: Any = None,
        *,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        dilation: Any = 1,
        groups: Any = 1,
    ) -> None:
        spatial, kernel = _fitting(count, x, weight, bias, groups, True)
        window.transposed(
            spatial, kernel, stride=stride, padding=padding, output_padding=output_padding, dilation=dilation
        )

    return requires


def _widened(*arrays: Any) -> list[Any]:
    """Give arrays of one dtype in the one that is computed in."""
    if name_of(arrays[0].dtype) not in ("float16", "bfloat16"):
        return list(arrays)
    return [None if x is None else xp.astype(x, xp.float32) for x in arrays]


def _summed(
    x: Any,
    kernels: list[Any],
    places: list[tuple[slice, ...]],
    lengths: tuple[int, ...],
    bias: Any,
    dtype: Any,
) -> Any:
    """Add the products of some matrices (groups, out, in) with what they lie on."""
    groups, out, _ = kernels[0].shape
    total: Any = None
    for matrix, place in zip(kernels, places, strict=True):
        under = xp.reshape(x[(..., *place)], (x.shape[0], groups, x.shape[1] // groups, math.prod(lengths)))
        part = xp.matmul(matrix, under)
        total = part if total is None else xp.add(total, part)
    total = xp.reshape(total, (x.shape[0], groups * out, *lengths))
    if bias is not None:
        total = xp.add(total, xp.reshape(bias, (-1, *(1,) * len(lengths))))
    return xp.astype(total, dtype, copy=False)


def _convolution(
    x: A, weight: A, bias: A | None, *, stride: Any, padding: Any, dilation: Any, groups: int
) -> A:
    over = window.convolved(x.shape[2:], weight.shape[2:], stride=stride, padding=padding, dilation=dilation)
    given, kernel, added = _widened(x, weight, bias)
    shape = (groups, kernel.shape[0] // groups, kernel.shape[1])
    taps = list(over.taps())
    kernels = [xp.reshape(kernel[(..., *tap)], shape) for tap in taps]
    places = [over.under(tap) for tap in taps]
    found: A = _summed(over.padded(given, 0.0), kernels, places, over.lengths, added, x.dtype)
    return found


def _spread(x: Any, axis: int, step: int) -> Any:
    """Put zeros between the elements along an axis, so that they come to lie so many steps apart."""
    length = x.shape[axis]
    if step == 1 or length == 1:
        return x
    x = xp.expand_dims(x, axis=axis + 1)
    shape = (*x.shape[: axis + 1], step - 1, *x.shape[axis + 2 :])
    x = xp.concat([x, xp.zeros(shape, dtype=x.dtype, device=xp.device(x))], axis=axis + 1)
    x = xp.reshape(x, (*x.shape[:axis], length * step, *x.shape[axis + 2 :]))
    return x[(*(slice(None),) * axis, slice((length - 1) * step + 1), ...)]


def _transposition(
    x: A,
    weight: A,
    bias: A | None,
    *,
    stride: Any,
    padding: Any,
    output_padding: Any,
    dilation: Any,
    groups: int,
) -> A:
    over = window.transposed(
        x.shape[2:],
        weight.shape[2:],
        stride=stride,
        padding=padding,
        output_padding=output_padding,
        dilation=dilation,
    )
    given, kernel, added = _widened(x, weight, bias)
    lengths = over.spatial
    # A convolution over an array with zeros between its elements, whose first tap lies on an element of the result that
    # comes before the padding is taken away.
    starts, pads = [], []
    for axis, (length, step) in enumerate(zip(over.lengths, over.stride, strict=True)):
        given = _spread(given, axis + 2, step)
        reach, before = (over.kernel[axis] - 1) * over.dilation[axis], over.padding[axis][0]
        spread = (length - 1) * step + 1
        pads.append((max(0, reach - before), max(0, lengths[axis] + before - spread)))
        starts.append(before + pads[-1][0])
    around = window.Windows(over.spatial, over.kernel, over.stride, over.dilation, tuple(pads), lengths)
    shape = (groups, kernel.shape[0] // groups, kernel.shape[1])
    kernels, places = [], []
    for tap in over.taps():
        kernels.append(xp.matrix_transpose(xp.reshape(kernel[(..., *tap)], shape)))
        firsts = [s - t * d for s, t, d in zip(starts, tap, over.dilation, strict=True)]
        places.append(tuple(slice(f, f + n) for f, n in zip(firsts, lengths, strict=True)))
    found: A = _summed(around.padded(given, 0.0), kernels, places, lengths, added, x.dtype)
    return found


@op(
    dtypes="real floating-point",
    same="conditioned",
    bound="(K + 2) * eps * conv(abs(x), abs(weight), abs(bias))",
    requires=_convolvable(1),
    checks=("nan",),
)
def conv1d(
    x: A,
    weight: A,
    /,
    bias: A | None = None,
    *,
    stride: int | Sequence[int] = 1,
    padding: str | int | Sequence[int | Sequence[int]] = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> A:
    """Sums of products of a kernel with the windows that it lies on, over one axis.

    Parameters
    ----------
    x : array, shape (N, C, L), real floating-point dtype
        N arrays of C channels.
    weight : array, shape (O, I, K), dtype of x
        A kernel for each of O channels of the result, over the I = C / groups channels of its group; it is not turned round, so that the
        operation is a cross-correlation.
    bias : array, optional, shape (O,), dtype of x
        Added to each channel of the result.
    stride : int or tuple of 1 int, default 1
        Steps from one window to the next.
    padding : int, tuple of 1 int, tuple of 1 pair, "same" or "valid", default 0
        Zeros that are thought before and after L: "valid" means none, and "same" as many as keep the lengths, the larger half
        behind, which wants a stride of 1.
    dilation : int or tuple of 1 int, default 1
        Steps from one element of the kernel to the next.
    groups : int, default 1
        Parts into which the channels are cut, and which do not mix: the o-th part of the result is made of the o-th part of x.

    Returns
    -------
    array, shape (N, O, L'), dtype of x, device of x
        Along each axis ``floor((length + padding before and after - dilation * (kernel - 1) - 1) / stride) + 1`` numbers.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        The arrays are not all of one real floating-point dtype.
    ShapeError
        The numbers of dimensions or channels do not fit, groups do not divide the channels, the kernel is larger than the padded
        array or there is none, or a stride, dilation or padding is too small.
    ArgumentError
        ``padding`` is none of the forms above, or "same" beside a stride.

    See Also
    --------
    accel.nn.conv_transpose1d

    Notes
    -----
    Accuracy: within ``(K + 2) * eps * conv(abs(x), abs(weight), abs(bias))`` of the true result, for sums of K products and the
    same convolution of the absolute values. 16-bit dtypes are computed in float32 and rounded once. An element of x that is infinite
    or nan makes the results of its windows so; of several groups it may make results of other groups nan.
    Cost: O(size of the result * K), no device synchronisation; safe under ``jax.jit``. NumPy and CuPy copy the windows of a few
    rows at a time; `accel.matmul_precision` sets the precision of the products.

    References
    ----------
    V. Dumoulin, F. Visin, A guide to convolution arithmetic for deep learning, arXiv:1603.07285 (2016).

    Examples
    --------
    >>> import numpy, accel
    >>> x, weight = numpy.asarray([[[1.0, 2.0, 3.0, 4.0]]]), numpy.asarray([[[1.0, 1.0]]])
    >>> accel.nn.conv1d(x, weight)
    array([[[3., 5., 7.]]])
    """
    return _convolution(x, weight, bias, stride=stride, padding=padding, dilation=dilation, groups=groups)


@op(
    dtypes="real floating-point",
    same="conditioned",
    bound="(K + 2) * eps * conv(abs(x), abs(weight), abs(bias))",
    requires=_convolvable(2),
    checks=("nan",),
)
def conv2d(
    x: A,
    weight: A,
    /,
    bias: A | None = None,
    *,
    stride: int | Sequence[int] = 1,
    padding: str | int | Sequence[int | Sequence[int]] = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> A:
    """Sums of products of a kernel with the windows that it lies on, over two axes.

    Parameters
    ----------
    x : array, shape (N, C, H, W), real floating-point dtype
        N arrays of C channels.
    weight : array, shape (O, I, KH, KW), dtype of x
        A kernel for each of O channels of the result, over the I = C / groups channels of its group; it is not turned round, so that the
        operation is a cross-correlation.
    bias : array, optional, shape (O,), dtype of x
        Added to each channel of the result.
    stride : int or tuple of 2 ints, default 1
        Steps from one window to the next.
    padding : int, tuple of 2 ints, tuple of 2 pairs, "same" or "valid", default 0
        Zeros that are thought before and after H and W: "valid" means none, and "same" as many as keep the lengths, the larger half
        behind, which wants a stride of 1.
    dilation : int or tuple of 2 ints, default 1
        Steps from one element of the kernel to the next.
    groups : int, default 1
        Parts into which the channels are cut, and which do not mix: the o-th part of the result is made of the o-th part of x.

    Returns
    -------
    array, shape (N, O, H', W'), dtype of x, device of x
        Along each axis ``floor((length + padding before and after - dilation * (kernel - 1) - 1) / stride) + 1`` numbers.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        The arrays are not all of one real floating-point dtype.
    ShapeError
        The numbers of dimensions or channels do not fit, groups do not divide the channels, the kernel is larger than the padded
        array or there is none, or a stride, dilation or padding is too small.
    ArgumentError
        ``padding`` is none of the forms above, or "same" beside a stride.

    See Also
    --------
    accel.nn.conv_transpose2d

    Notes
    -----
    Accuracy: within ``(K + 2) * eps * conv(abs(x), abs(weight), abs(bias))`` of the true result, for sums of K products and the
    same convolution of the absolute values. 16-bit dtypes are computed in float32 and rounded once. An element of x that is infinite
    or nan makes the results of its windows so; of several groups it may make results of other groups nan.
    Cost: O(size of the result * K), no device synchronisation; safe under ``jax.jit``. NumPy and CuPy copy the windows of a few
    rows at a time; `accel.matmul_precision` sets the precision of the products.

    References
    ----------
    V. Dumoulin, F. Visin, A guide to convolution arithmetic for deep learning, arXiv:1603.07285 (2016).

    Examples
    --------
    >>> import numpy, accel
    >>> x, weight = numpy.ones((1, 1, 2, 3)), numpy.ones((1, 1, 2, 2))
    >>> accel.nn.conv2d(x, weight)
    array([[[[4., 4.]]]])
    """
    return _convolution(x, weight, bias, stride=stride, padding=padding, dilation=dilation, groups=groups)


@op(
    dtypes="real floating-point",
    same="conditioned",
    bound="(K + 2) * eps * conv(abs(x), abs(weight), abs(bias))",
    requires=_convolvable(3),
    checks=("nan",),
)
def conv3d(
    x: A,
    weight: A,
    /,
    bias: A | None = None,
    *,
    stride: int | Sequence[int] = 1,
    padding: str | int | Sequence[int | Sequence[int]] = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> A:
    """Sums of products of a kernel with the windows that it lies on, over three axes.

    Parameters
    ----------
    x : array, shape (N, C, D, H, W), real floating-point dtype
        N arrays of C channels.
    weight : array, shape (O, I, KD, KH, KW), dtype of x
        A kernel for each of O channels of the result, over the I = C / groups channels of its group; it is not turned round, so that the
        operation is a cross-correlation.
    bias : array, optional, shape (O,), dtype of x
        Added to each channel of the result.
    stride : int or tuple of 3 ints, default 1
        Steps from one window to the next.
    padding : int, tuple of 3 ints, tuple of 3 pairs, "same" or "valid", default 0
        Zeros that are thought before and after D, H and W: "valid" means none, and "same" as many as keep the lengths, the larger half
        behind, which wants a stride of 1.
    dilation : int or tuple of 3 ints, default 1
        Steps from one element of the kernel to the next.
    groups : int, default 1
        Parts into which the channels are cut, and which do not mix: the o-th part of the result is made of the o-th part of x.

    Returns
    -------
    array, shape (N, O, D', H', W'), dtype of x, device of x
        Along each axis ``floor((length + padding before and after - dilation * (kernel - 1) - 1) / stride) + 1`` numbers.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        The arrays are not all of one real floating-point dtype.
    ShapeError
        The numbers of dimensions or channels do not fit, groups do not divide the channels, the kernel is larger than the padded
        array or there is none, or a stride, dilation or padding is too small.
    ArgumentError
        ``padding`` is none of the forms above, or "same" beside a stride.

    See Also
    --------
    accel.nn.conv_transpose3d

    Notes
    -----
    Accuracy: within ``(K + 2) * eps * conv(abs(x), abs(weight), abs(bias))`` of the true result, for sums of K products and the
    same convolution of the absolute values. 16-bit dtypes are computed in float32 and rounded once. An element of x that is infinite
    or nan makes the results of its windows so; of several groups it may make results of other groups nan.
    Cost: O(size of the result * K), no device synchronisation; safe under ``jax.jit``. NumPy and CuPy copy the windows of a few
    rows at a time; `accel.matmul_precision` sets the precision of the products.

    References
    ----------
    V. Dumoulin, F. Visin, A guide to convolution arithmetic for deep learning, arXiv:1603.07285 (2016).

    Examples
    --------
    >>> import numpy, accel
    >>> x, weight = numpy.ones((1, 1, 2, 2, 3)), numpy.ones((1, 1, 2, 2, 2))
    >>> accel.nn.conv3d(x, weight)
    array([[[[[8., 8.]]]]])
    """
    return _convolution(x, weight, bias, stride=stride, padding=padding, dilation=dilation, groups=groups)


@op(
    dtypes="real floating-point",
    same="conditioned",
    bound="(K + 2) * eps * conv_transpose(abs(x), abs(weight), abs(bias))",
    requires=_transposable(1),
    checks=("nan",),
)
def conv_transpose1d(
    x: A,
    weight: A,
    /,
    bias: A | None = None,
    *,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int | Sequence[int]] = 0,
    output_padding: int | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> A:
    """Sums of kernels laid down at the elements, each as large as its element, over one axis.

    It is the transpose of the linear map that `accel.nn.conv1d` is with the same weight, and so its gradient.

    Parameters
    ----------
    x : array, shape (N, C, L), real floating-point dtype
        N arrays of C channels.
    weight : array, shape (C, J, K), dtype of x
        For each channel of x a kernel for each of the J = O / groups channels of its group of the result.
    bias : array, optional, shape (O,), dtype of x
        Added to each channel of the result.
    stride : int or tuple of 1 int, default 1
        Steps in the result from one kernel to the next.
    padding : int, tuple of 1 int or tuple of 1 pair, default 0
        Elements of the result that are left out at the ends of each axis.
    output_padding : int or tuple of 1 int, default 0
        Elements that the result has more behind each axis, fewer than the stride or the dilation.
    dilation : int or tuple of 1 int, default 1
        Steps from one element of the kernel to the next.
    groups : int, default 1
        Parts into which the channels are cut, and which do not mix.

    Returns
    -------
    array, shape (N, O, L'), dtype of x, device of x
        Along each axis ``(length - 1) * stride - padding before and after + dilation * (kernel - 1) + output_padding + 1`` numbers.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        The arrays are not all of one real floating-point dtype.
    ShapeError
        The numbers of dimensions or channels do not fit, groups do not divide the channels, padding leaves nothing, an axis has no
        elements, or a stride, dilation or padding is too small.
    ArgumentError
        ``padding`` is none of the forms above, or ``output_padding`` too large.

    See Also
    --------
    accel.nn.conv1d

    Notes
    -----
    Accuracy: within ``(K + 2) * eps * conv_transpose(abs(x), abs(weight), abs(bias))`` of the true result, where K is the number
    of elements in a kernel for one channel of the result, and the scale is made of the absolute values. 16-bit dtypes are computed
    in float32 and rounded once. Where an element of weight is infinite or nan, so is some of the result, not everywhere the same.
    Cost: O(size of x * size of a kernel * O / groups), no device synchronisation; safe under ``jax.jit``.

    References
    ----------
    V. Dumoulin, F. Visin, A guide to convolution arithmetic for deep learning, arXiv:1603.07285 (2016).

    Examples
    --------
    >>> import numpy, accel
    >>> x, weight = numpy.asarray([[[1.0, 2.0]]]), numpy.asarray([[[1.0, 10.0]]])
    >>> accel.nn.conv_transpose1d(x, weight, stride=2)
    array([[[ 1., 10.,  2., 20.]]])
    """
    return _transposition(
        x,
        weight,
        bias,
        stride=stride,
        padding=padding,
        output_padding=output_padding,
        dilation=dilation,
        groups=groups,
    )


@op(
    dtypes="real floating-point",
    same="conditioned",
    bound="(K + 2) * eps * conv_transpose(abs(x), abs(weight), abs(bias))",
    requires=_transposable(2),
    checks=("nan",),
)
def conv_transpose2d(
    x: A,
    weight: A,
    /,
    bias: A | None = None,
    *,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int | Sequence[int]] = 0,
    output_padding: int | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> A:
    """Sums of kernels laid down at the elements, each as large as its element, over two axes.

    It is the transpose of the linear map that `accel.nn.conv2d` is with the same weight, and so its gradient.

    Parameters
    ----------
    x : array, shape (N, C, H, W), real floating-point dtype
        N arrays of C channels.
    weight : array, shape (C, J, KH, KW), dtype of x
        For each channel of x a kernel for each of the J = O / groups channels of its group of the result.
    bias : array, optional, shape (O,), dtype of x
        Added to each channel of the result.
    stride : int or tuple of 2 ints, default 1
        Steps in the result from one kernel to the next.
    padding : int, tuple of 2 ints or tuple of 2 pairs, default 0
        Elements of the result that are left out at the ends of each axis.
    output_padding : int or tuple of 2 ints, default 0
        Elements that the result has more behind each axis, fewer than the stride or the dilation.
    dilation : int or tuple of 2 ints, default 1
        Steps from one element of the kernel to the next.
    groups : int, default 1
        Parts into which the channels are cut, and which do not mix.

    Returns
    -------
    array, shape (N, O, H', W'), dtype of x, device of x
        Along each axis ``(length - 1) * stride - padding before and after + dilation * (kernel - 1) + output_padding + 1`` numbers.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        The arrays are not all of one real floating-point dtype.
    ShapeError
        The numbers of dimensions or channels do not fit, groups do not divide the channels, padding leaves nothing, an axis has no
        elements, or a stride, dilation or padding is too small.
    ArgumentError
        ``padding`` is none of the forms above, or ``output_padding`` too large.

    See Also
    --------
    accel.nn.conv2d

    Notes
    -----
    Accuracy: within ``(K + 2) * eps * conv_transpose(abs(x), abs(weight), abs(bias))`` of the true result, where K is the number
    of elements in a kernel for one channel of the result, and the scale is made of the absolute values. 16-bit dtypes are computed
    in float32 and rounded once. Where an element of weight is infinite or nan, so is some of the result, not everywhere the same.
    Cost: O(size of x * size of a kernel * O / groups), no device synchronisation; safe under ``jax.jit``.

    References
    ----------
    V. Dumoulin, F. Visin, A guide to convolution arithmetic for deep learning, arXiv:1603.07285 (2016).

    Examples
    --------
    >>> import numpy, accel
    >>> x, weight = numpy.asarray([[[[1.0, 2.0]]]]), numpy.ones((1, 1, 2, 2))
    >>> accel.nn.conv_transpose2d(x, weight)
    array([[[[1., 3., 2.],
             [1., 3., 2.]]]])
    """
    return _transposition(
        x,
        weight,
        bias,
        stride=stride,
        padding=padding,
        output_padding=output_padding,
        dilation=dilation,
        groups=groups,
    )


@op(
    dtypes="real floating-point",
    same="conditioned",
    bound="(K + 2) * eps * conv_transpose(abs(x), abs(weight), abs(bias))",
    requires=_transposable(3),
    checks=("nan",),
)
def conv_transpose3d(
    x: A,
    weight: A,
    /,
    bias: A | None = None,
    *,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int | Sequence[int]] = 0,
    output_padding: int | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> A:
    """Sums of kernels laid down at the elements, each as large as its element, over three axes.

    It is the transpose of the linear map that `accel.nn.conv3d` is with the same weight, and so its gradient.

    Parameters
    ----------
    x : array, shape (N, C, D, H, W), real floating-point dtype
        N arrays of C channels.
    weight : array, shape (C, J, KD, KH, KW), dtype of x
        For each channel of x a kernel for each of the J = O / groups channels of its group of the result.
    bias : array, optional, shape (O,), dtype of x
        Added to each channel of the result.
    stride : int or tuple of 3 ints, default 1
        Steps in the result from one kernel to the next.
    padding : int, tuple of 3 ints or tuple of 3 pairs, default 0
        Elements of the result that are left out at the ends of each axis.
    output_padding : int or tuple of 3 ints, default 0
        Elements that the result has more behind each axis, fewer than the stride or the dilation.
    dilation : int or tuple of 3 ints, default 1
        Steps from one element of the kernel to the next.
    groups : int, default 1
        Parts into which the channels are cut, and which do not mix.

    Returns
    -------
    array, shape (N, O, D', H', W'), dtype of x, device of x
        Along each axis ``(length - 1) * stride - padding before and after + dilation * (kernel - 1) + output_padding + 1`` numbers.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        The arrays are not all of one real floating-point dtype.
    ShapeError
        The numbers of dimensions or channels do not fit, groups do not divide the channels, padding leaves nothing, an axis has no
        elements, or a stride, dilation or padding is too small.
    ArgumentError
        ``padding`` is none of the forms above, or ``output_padding`` too large.

    See Also
    --------
    accel.nn.conv3d

    Notes
    -----
    Accuracy: within ``(K + 2) * eps * conv_transpose(abs(x), abs(weight), abs(bias))`` of the true result, where K is the number
    of elements in a kernel for one channel of the result, and the scale is made of the absolute values. 16-bit dtypes are computed
    in float32 and rounded once. Where an element of weight is infinite or nan, so is some of the result, not everywhere the same.
    Cost: O(size of x * size of a kernel * O / groups), no device synchronisation; safe under ``jax.jit``.

    References
    ----------
    V. Dumoulin, F. Visin, A guide to convolution arithmetic for deep learning, arXiv:1603.07285 (2016).

    Examples
    --------
    >>> import numpy, accel
    >>> x, weight = numpy.asarray([[[[[1.0, 2.0]]]]]), numpy.ones((1, 1, 1, 1, 2))
    >>> accel.nn.conv_transpose3d(x, weight)
    array([[[[[1., 3., 2.]]]]])
    """
    return _transposition(
        x,
        weight,
        bias,
        stride=stride,
        padding=padding,
        output_padding=output_padding,
        dilation=dilation,
        groups=groups,
    )
