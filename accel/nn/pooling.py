"""Pooling: the largest element or the mean of each window, over one, two and three axes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import accel as xp
import accel.nn.window as window
import accel.requirement as requirement
from accel.dispatch import op
from accel.dtype import name_of
from accel.typing import A

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "adaptive_max_pool3d",
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "max_pool1d",
    "max_pool2d",
    "max_pool3d",
]


def _largest(count: int) -> Callable[..., None]:
    def requires(
        x: Any,
        kernel_size: Any,
        *,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        ceil_mode: Any = False,
    ) -> None:
        requirement.ordered(x=x)
        requirement.dimensions(count + 2, count + 2, x=x)
        requirement.flag(ceil_mode=ceil_mode)
        window.pooled(
            tuple(x.shape[2:]),
            kernel_size,
            stride=stride,
            padding=padding,
            dilation=dilation,
            ceil_mode=ceil_mode,
        )

    return requires


def _mean(count: int) -> Callable[..., None]:
    def requires(
        x: Any,
        kernel_size: Any,
        *,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: Any = False,
        count_include_pad: Any = True,
    ) -> None:
        requirement.floating(x=x)
        requirement.dimensions(count + 2, count + 2, x=x)
        requirement.flag(ceil_mode=ceil_mode, count_include_pad=count_include_pad)
        window.pooled(tuple(x.shape[2:]), kernel_size, stride=stride, padding=padding, ceil_mode=ceil_mode)

    return requires


def _cut(count: int, known: Callable[..., None]) -> Callable[..., None]:
    def requires(x: Any, output_size: Any) -> None:
        known(x=x)
        requirement.dimensions(count + 2, count + 2, x=x)
        requirement.sizes(count, 1, output_size=output_size)
        requirement.filled(x, tuple(range(2, count + 2)))

    return requires


def _lowest(x: Any) -> float | int:
    """Give what no element is less than."""
    if xp.isdtype(x.dtype, "integral"):
        return int(xp.iinfo(x.dtype).min)
    return -xp.inf


def _over(x: Any, over: window.Windows, combine: Callable[[Any, Any], Any], value: float) -> Any:
    """Combine the elements of each window, one axis after the other; the value stands for padding."""
    x = over.padded(x, value)
    for axis, taps in enumerate(over.kernel):
        before = (slice(None),) * (axis + 2)
        total = x[(*before, over.along(axis, 0), ...)]
        for tap in range(1, taps):
            total = combine(total, x[(*before, over.along(axis, tap), ...)])
        x = total
    return x


def _max_pool(x: A, kernel_size: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool) -> A:
    over = window.pooled(
        x.shape[2:], kernel_size, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil_mode
    )
    found: A = _over(x, over, xp.maximum, _lowest(x))
    return found


def _widened(x: A) -> A:
    """Give an array in the dtype that is computed in."""
    return xp.astype(x, xp.float32) if name_of(x.dtype) in ("float16", "bfloat16") else x


def _avg_pool(x: A, kernel_size: Any, stride: Any, padding: Any, ceil_mode: bool, include: bool) -> A:
    over = window.pooled(
        x.shape[2:],
        kernel_size,
        stride=stride,
        padding=padding,
        ceil_mode=ceil_mode,
        count_include_pad=include,
    )
    total: A = _over(_widened(x), over, xp.add, 0.0)
    found: A = xp.astype(xp.divide(total, _counts(over, total)), x.dtype, copy=False)
    return found


def _counts(over: window.Windows, total: Any) -> Any:
    """Give the number of elements in each window, as one number where all have as many."""
    number, counts = 1.0, None
    for axis, counted in enumerate(over.counted):
        if len(set(counted)) == 1:
            number *= counted[0]
            continue
        each = xp.asarray(list(map(float, counted)), dtype=total.dtype, device=xp.device(total))
        each = xp.reshape(each, (-1, *(1,) * (len(over.counted) - axis - 1)))
        counts = each if counts is None else xp.multiply(counts, each)
    return number if counts is None else xp.multiply(counts, number)


@lru_cache(maxsize=512)
def _parts(length: int, count: int) -> tuple[tuple[int, int], ...]:
    """Cut an axis into parts that cover it and are as equal as can be; where they are not, neighbours overlap."""
    return tuple((at * length // count, -(-(at + 1) * length // count)) for at in range(count))


def _adapted(x: A, output_size: Any, reduce: Callable[..., Any]) -> A:
    found: Any = x
    for axis, count in enumerate(window.several(x.ndim - 2, output_size), start=2):
        before = (slice(None),) * axis
        parts = [
            reduce(found[(*before, slice(low, high), ...)], axis=axis, keepdims=True)
            for low, high in _parts(found.shape[axis], count)
        ]
        found = xp.concat(parts, axis=axis) if count > 1 else parts[0]
    whole: A = found
    return whole


@op(dtypes="real-valued", same="exact", requires=_largest(1), checks=("nan",))
def max_pool1d(
    x: A,
    /,
    kernel_size: int | Sequence[int],
    *,
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
    ceil_mode: bool = False,
) -> A:
    """Largest element of each window, over one axis.

    Parameters
    ----------
    x : array, shape (N, C, L), real-valued dtype
        N arrays of C channels.
    kernel_size : int or tuple of 1 int
        Elements of a window along L.
    stride : int or tuple of 1 int, optional
        Steps from one window to the next; by default as many as a window has elements.
    padding : int or tuple of 1 int, default 0
        Places before and after L that windows may cover, which are less than every element; at most half of what a window
        reaches over.
    dilation : int or tuple of 1 int, default 1
        Steps from one element of a window to the next.
    ceil_mode : bool, default False
        Whether the last window may reach beyond the end, as long as it begins on x or on the padding before it.

    Returns
    -------
    array, shape (N, C, L'), dtype of x, device of x
        Along each axis ``(length + 2 * padding - dilation * (kernel_size - 1) - 1) / stride + 1`` elements, rounded down, or up
        for ``ceil_mode``.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is boolean or complex.
    ShapeError
        ``x`` has not 3 dimensions, a window is larger than the padded array or there is none, or a number is too small.
    ArgumentError
        An option is neither an int nor as many as there are axes, or the padding too large.

    Notes
    -----
    Accuracy: exact, but for the sign of a zero where a window holds both; nan is larger than every number.
    Cost: O(size of the result * kernel), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        nn.max_pool1d(floats([[[nan, 1.0, 2.0, -inf]]]), 2) -> floats([[[nan, 2.0]]])  # nan is the largest
        nn.max_pool1d(floats([[[-inf, -inf]]]), 2, padding=1) -> floats([[[-inf, -inf]]])  # padding is less than all
        nn.max_pool1d(integers([[[3, 7, 5]]]), 2, stride=1) -> integers([[[7, 7]]])  # integers

    References
    ----------
    K. Jarrett, K. Kavukcuoglu, M. Ranzato, Y. LeCun, What is the best multi-stage architecture for object recognition?, ICCV 2009.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nn.max_pool1d(numpy.asarray([[[1.0, 3.0, 2.0, 0.0]]]), 2)
    array([[[3., 2.]]])
    """
    return _max_pool(x, kernel_size, stride, padding, dilation, ceil_mode)


@op(dtypes="real-valued", same="exact", requires=_largest(2), checks=("nan",))
def max_pool2d(
    x: A,
    /,
    kernel_size: int | Sequence[int],
    *,
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
    ceil_mode: bool = False,
) -> A:
    """Largest element of each window, over two axes.

    Parameters
    ----------
    x : array, shape (N, C, H, W), real-valued dtype
        N arrays of C channels.
    kernel_size : int or tuple of 2 ints
        Elements of a window along H and W.
    stride : int or tuple of 2 ints, optional
        Steps from one window to the next; by default as many as a window has elements.
    padding : int or tuple of 2 ints, default 0
        Places before and after H and W that windows may cover, which are less than every element; at most half of what a window
        reaches over.
    dilation : int or tuple of 2 ints, default 1
        Steps from one element of a window to the next.
    ceil_mode : bool, default False
        Whether the last window may reach beyond the end, as long as it begins on x or on the padding before it.

    Returns
    -------
    array, shape (N, C, H', W'), dtype of x, device of x
        Along each axis ``(length + 2 * padding - dilation * (kernel_size - 1) - 1) / stride + 1`` elements, rounded down, or up
        for ``ceil_mode``.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is boolean or complex.
    ShapeError
        ``x`` has not 4 dimensions, a window is larger than the padded array or there is none, or a number is too small.
    ArgumentError
        An option is neither an int nor as many as there are axes, or the padding too large.

    Notes
    -----
    Accuracy: exact, but for the sign of a zero where a window holds both; nan is larger than every number.
    Cost: O(size of the result * kernel), no device synchronisation; safe under ``jax.jit``.

    References
    ----------
    K. Jarrett, K. Kavukcuoglu, M. Ranzato, Y. LeCun, What is the best multi-stage architecture for object recognition?, ICCV 2009.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nn.max_pool2d(numpy.arange(8.0).reshape(1, 1, 2, 4), 2)
    array([[[[5., 7.]]]])
    """
    return _max_pool(x, kernel_size, stride, padding, dilation, ceil_mode)


@op(dtypes="real-valued", same="exact", requires=_largest(3), checks=("nan",))
def max_pool3d(
    x: A,
    /,
    kernel_size: int | Sequence[int],
    *,
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
    ceil_mode: bool = False,
) -> A:
    """Largest element of each window, over three axes.

    Parameters
    ----------
    x : array, shape (N, C, D, H, W), real-valued dtype
        N arrays of C channels.
    kernel_size : int or tuple of 3 ints
        Elements of a window along D, H and W.
    stride : int or tuple of 3 ints, optional
        Steps from one window to the next; by default as many as a window has elements.
    padding : int or tuple of 3 ints, default 0
        Places before and after D, H and W that windows may cover, which are less than every element; at most half of what a window
        reaches over.
    dilation : int or tuple of 3 ints, default 1
        Steps from one element of a window to the next.
    ceil_mode : bool, default False
        Whether the last window may reach beyond the end, as long as it begins on x or on the padding before it.

    Returns
    -------
    array, shape (N, C, D', H', W'), dtype of x, device of x
        Along each axis ``(length + 2 * padding - dilation * (kernel_size - 1) - 1) / stride + 1`` elements, rounded down, or up
        for ``ceil_mode``.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is boolean or complex.
    ShapeError
        ``x`` has not 5 dimensions, a window is larger than the padded array or there is none, or a number is too small.
    ArgumentError
        An option is neither an int nor as many as there are axes, or the padding too large.

    Notes
    -----
    Accuracy: exact, but for the sign of a zero where a window holds both; nan is larger than every number.
    Cost: O(size of the result * kernel), no device synchronisation; safe under ``jax.jit``.

    References
    ----------
    K. Jarrett, K. Kavukcuoglu, M. Ranzato, Y. LeCun, What is the best multi-stage architecture for object recognition?, ICCV 2009.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nn.max_pool3d(numpy.arange(8.0).reshape(1, 1, 2, 2, 2), 2)
    array([[[[[7.]]]]])
    """
    return _max_pool(x, kernel_size, stride, padding, dilation, ceil_mode)


@op(
    dtypes="real floating-point",
    same="conditioned",
    bound="(K + 2) * eps * avg_pool(abs(x))",
    requires=_mean(1),
    checks=("nan",),
)
def avg_pool1d(
    x: A,
    /,
    kernel_size: int | Sequence[int],
    *,
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> A:
    """Mean of the elements of each window, over one axis.

    Parameters
    ----------
    x : array, shape (N, C, L), real floating-point dtype
        N arrays of C channels.
    kernel_size : int or tuple of 1 int
        Elements of a window along L.
    stride : int or tuple of 1 int, optional
        Steps from one window to the next; by default as many as a window has elements.
    padding : int or tuple of 1 int, default 0
        Zeros that are thought before and after L; at most half of the kernel.
    ceil_mode : bool, default False
        Whether the last window may reach beyond the end, as long as it begins on x or on the padding before it; what lies beyond
        does not count.
    count_include_pad : bool, default True
        Whether the zeros of the padding count as elements.

    Returns
    -------
    array, shape (N, C, L'), dtype of x, device of x
        Along each axis ``(length + 2 * padding - kernel_size) / stride + 1`` means, rounded down, or up for ``ceil_mode``.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is not of a real floating-point dtype.
    ShapeError
        ``x`` has not 3 dimensions, a window is larger than the padded array or there is none, or a number is too small.
    ArgumentError
        An option is neither an int nor as many as there are axes, or the padding too large.

    Notes
    -----
    Accuracy: within ``(K + 2) * eps * avg_pool(abs(x))`` of the true result, for K elements in a window and the same pooling of the
    absolute values. 16-bit dtypes are computed in float32 and rounded once.
    Cost: O(size of the result * kernel), no device synchronisation; safe under ``jax.jit``.

    References
    ----------
    Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, Gradient-based learning applied to document recognition, Proc. IEEE 86 (1998).

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nn.avg_pool1d(numpy.asarray([[[1.0, 3.0, 2.0, 0.0]]]), 2)
    array([[[2., 1.]]])
    """
    return _avg_pool(x, kernel_size, stride, padding, ceil_mode, count_include_pad)


@op(
    dtypes="real floating-point",
    same="conditioned",
    bound="(K + 2) * eps * avg_pool(abs(x))",
    requires=_mean(2),
    checks=("nan",),
)
def avg_pool2d(
    x: A,
    /,
    kernel_size: int | Sequence[int],
    *,
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> A:
    """Mean of the elements of each window, over two axes.

    Parameters
    ----------
    x : array, shape (N, C, H, W), real floating-point dtype
        N arrays of C channels.
    kernel_size : int or tuple of 2 ints
        Elements of a window along H and W.
    stride : int or tuple of 2 ints, optional
        Steps from one window to the next; by default as many as a window has elements.
    padding : int or tuple of 2 ints, default 0
        Zeros that are thought before and after H and W; at most half of the kernel.
    ceil_mode : bool, default False
        Whether the last window may reach beyond the end, as long as it begins on x or on the padding before it; what lies beyond
        does not count.
    count_include_pad : bool, default True
        Whether the zeros of the padding count as elements.

    Returns
    -------
    array, shape (N, C, H', W'), dtype of x, device of x
        Along each axis ``(length + 2 * padding - kernel_size) / stride + 1`` means, rounded down, or up for ``ceil_mode``.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is not of a real floating-point dtype.
    ShapeError
        ``x`` has not 4 dimensions, a window is larger than the padded array or there is none, or a number is too small.
    ArgumentError
        An option is neither an int nor as many as there are axes, or the padding too large.

    Notes
    -----
    Accuracy: within ``(K + 2) * eps * avg_pool(abs(x))`` of the true result, for K elements in a window and the same pooling of the
    absolute values. 16-bit dtypes are computed in float32 and rounded once.
    Cost: O(size of the result * kernel), no device synchronisation; safe under ``jax.jit``.

    References
    ----------
    Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, Gradient-based learning applied to document recognition, Proc. IEEE 86 (1998).

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nn.avg_pool2d(numpy.arange(8.0).reshape(1, 1, 2, 4), 2)
    array([[[[2.5, 4.5]]]])
    """
    return _avg_pool(x, kernel_size, stride, padding, ceil_mode, count_include_pad)


@op(
    dtypes="real floating-point",
    same="conditioned",
    bound="(K + 2) * eps * avg_pool(abs(x))",
    requires=_mean(3),
    checks=("nan",),
)
def avg_pool3d(
    x: A,
    /,
    kernel_size: int | Sequence[int],
    *,
    stride: int | Sequence[int] | None = None,
    padding: int | Sequence[int] = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> A:
    """Mean of the elements of each window, over three axes.

    Parameters
    ----------
    x : array, shape (N, C, D, H, W), real floating-point dtype
        N arrays of C channels.
    kernel_size : int or tuple of 3 ints
        Elements of a window along D, H and W.
    stride : int or tuple of 3 ints, optional
        Steps from one window to the next; by default as many as a window has elements.
    padding : int or tuple of 3 ints, default 0
        Zeros that are thought before and after D, H and W; at most half of the kernel.
    ceil_mode : bool, default False
        Whether the last window may reach beyond the end, as long as it begins on x or on the padding before it; what lies beyond
        does not count.
    count_include_pad : bool, default True
        Whether the zeros of the padding count as elements.

    Returns
    -------
    array, shape (N, C, D', H', W'), dtype of x, device of x
        Along each axis ``(length + 2 * padding - kernel_size) / stride + 1`` means, rounded down, or up for ``ceil_mode``.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is not of a real floating-point dtype.
    ShapeError
        ``x`` has not 5 dimensions, a window is larger than the padded array or there is none, or a number is too small.
    ArgumentError
        An option is neither an int nor as many as there are axes, or the padding too large.

    Notes
    -----
    Accuracy: within ``(K + 2) * eps * avg_pool(abs(x))`` of the true result, for K elements in a window and the same pooling of the
    absolute values. 16-bit dtypes are computed in float32 and rounded once.
    Cost: O(size of the result * kernel), no device synchronisation; safe under ``jax.jit``.

    References
    ----------
    Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, Gradient-based learning applied to document recognition, Proc. IEEE 86 (1998).

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nn.avg_pool3d(numpy.arange(8.0).reshape(1, 1, 2, 2, 2), 2)
    array([[[[[3.5]]]]])
    """
    return _avg_pool(x, kernel_size, stride, padding, ceil_mode, count_include_pad)


@op(dtypes="real-valued", same="exact", requires=_cut(1, requirement.ordered), checks=("nan",))
def adaptive_max_pool1d(x: A, /, output_size: int | Sequence[int]) -> A:
    """Largest elements of so many parts of an array as are asked for, over one axis.

    Parameters
    ----------
    x : array, shape (N, C, L), real-valued dtype
        N arrays of C channels.
    output_size : int or tuple of 1 int
        Parts along L.

    Returns
    -------
    array, shape (N, C, L'), dtype of x, device of x
        The i-th of n parts of an axis goes from element ``floor(i * length / n)`` up to ``ceil((i + 1) * length / n)``, so that
        neighbours overlap where n does not divide the length.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is boolean or complex.
    ShapeError
        ``x`` has not 3 dimensions, no element along an axis, or ``output_size`` is less than 1.
    ArgumentError
        ``output_size`` is neither an int nor as many as there are axes.

    Notes
    -----
    Accuracy: exact, but for the sign of a zero where a part holds both; nan is larger than every number.
    Cost: O(size) where the parts do not overlap, no device synchronisation; safe under ``jax.jit``.

    References
    ----------
    K. He, X. Zhang, S. Ren, J. Sun, Spatial pyramid pooling in deep convolutional networks for visual recognition, ECCV 2014.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nn.adaptive_max_pool1d(numpy.asarray([[[1.0, 3.0, 2.0]]]), 2)
    array([[[3., 3.]]])
    """
    return _adapted(x, output_size, xp.max)


@op(dtypes="real-valued", same="exact", requires=_cut(2, requirement.ordered), checks=("nan",))
def adaptive_max_pool2d(x: A, /, output_size: int | Sequence[int]) -> A:
    """Largest elements of so many parts of an array as are asked for, over two axes.

    Parameters
    ----------
    x : array, shape (N, C, H, W), real-valued dtype
        N arrays of C channels.
    output_size : int or tuple of 2 ints
        Parts along H and W.

    Returns
    -------
    array, shape (N, C, H', W'), dtype of x, device of x
        The i-th of n parts of an axis goes from element ``floor(i * length / n)`` up to ``ceil((i + 1) * length / n)``, so that
        neighbours overlap where n does not divide the length.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is boolean or complex.
    ShapeError
        ``x`` has not 4 dimensions, no element along an axis, or ``output_size`` is less than 1.
    ArgumentError
        ``output_size`` is neither an int nor as many as there are axes.

    Notes
    -----
    Accuracy: exact, but for the sign of a zero where a part holds both; nan is larger than every number.
    Cost: O(size) where the parts do not overlap, no device synchronisation; safe under ``jax.jit``.

    References
    ----------
    K. He, X. Zhang, S. Ren, J. Sun, Spatial pyramid pooling in deep convolutional networks for visual recognition, ECCV 2014.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nn.adaptive_max_pool2d(numpy.arange(8.0).reshape(1, 1, 2, 4), (1, 2))
    array([[[[5., 7.]]]])
    """
    return _adapted(x, output_size, xp.max)


@op(dtypes="real-valued", same="exact", requires=_cut(3, requirement.ordered), checks=("nan",))
def adaptive_max_pool3d(x: A, /, output_size: int | Sequence[int]) -> A:
    """Largest elements of so many parts of an array as are asked for, over three axes.

    Parameters
    ----------
    x : array, shape (N, C, D, H, W), real-valued dtype
        N arrays of C channels.
    output_size : int or tuple of 3 ints
        Parts along D, H and W.

    Returns
    -------
    array, shape (N, C, D', H', W'), dtype of x, device of x
        The i-th of n parts of an axis goes from element ``floor(i * length / n)`` up to ``ceil((i + 1) * length / n)``, so that
        neighbours overlap where n does not divide the length.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is boolean or complex.
    ShapeError
        ``x`` has not 5 dimensions, no element along an axis, or ``output_size`` is less than 1.
    ArgumentError
        ``output_size`` is neither an int nor as many as there are axes.

    Notes
    -----
    Accuracy: exact, but for the sign of a zero where a part holds both; nan is larger than every number.
    Cost: O(size) where the parts do not overlap, no device synchronisation; safe under ``jax.jit``.

    References
    ----------
    K. He, X. Zhang, S. Ren, J. Sun, Spatial pyramid pooling in deep convolutional networks for visual recognition, ECCV 2014.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nn.adaptive_max_pool3d(numpy.arange(8.0).reshape(1, 1, 2, 2, 2), 1)
    array([[[[[7.]]]]])
    """
    return _adapted(x, output_size, xp.max)


@op(
    dtypes="real floating-point",
    same="conditioned",
    bound="(64 + K / 256) * eps * adaptive_avg_pool(abs(x))",
    requires=_cut(1, requirement.floating),
    checks=("nan",),
)
def adaptive_avg_pool1d(x: A, /, output_size: int | Sequence[int]) -> A:
    """Means of so many parts of an array as are asked for, over one axis.

    Parameters
    ----------
    x : array, shape (N, C, L), real floating-point dtype
        N arrays of C channels.
    output_size : int or tuple of 1 int
        Parts along L.

    Returns
    -------
    array, shape (N, C, L'), dtype of x, device of x
        The i-th of n parts of an axis goes from element ``floor(i * length / n)`` up to ``ceil((i + 1) * length / n)``, so that
        neighbours overlap where n does not divide the length.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is not of a real floating-point dtype.
    ShapeError
        ``x`` has not 3 dimensions, no element along an axis, or ``output_size`` is less than 1.
    ArgumentError
        ``output_size`` is neither an int nor as many as there are axes.

    Notes
    -----
    Accuracy: within ``(64 + K / 256) * eps * adaptive_avg_pool(abs(x))`` of the true result, for parts of K elements at most and the
    same pooling of the absolute values. 16-bit dtypes are computed in float32 and rounded once.
    Cost: O(size) where the parts do not overlap, no device synchronisation; safe under ``jax.jit``.

    References
    ----------
    K. He, X. Zhang, S. Ren, J. Sun, Spatial pyramid pooling in deep convolutional networks for visual recognition, ECCV 2014.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nn.adaptive_avg_pool1d(numpy.asarray([[[1.0, 3.0, 2.0]]]), 2)
    array([[[2. , 2.5]]])
    """
    return xp.astype(_adapted(_widened(x), output_size, xp.mean), x.dtype, copy=False)


@op(
    dtypes="real floating-point",
    same="conditioned",
    bound="(64 + K / 256) * eps * adaptive_avg_pool(abs(x))",
    requires=_cut(2, requirement.floating),
    checks=("nan",),
)
def adaptive_avg_pool2d(x: A, /, output_size: int | Sequence[int]) -> A:
    """Means of so many parts of an array as are asked for, over two axes.

    Parameters
    ----------
    x : array, shape (N, C, H, W), real floating-point dtype
        N arrays of C channels.
    output_size : int or tuple of 2 ints
        Parts along H and W.

    Returns
    -------
    array, shape (N, C, H', W'), dtype of x, device of x
        The i-th of n parts of an axis goes from element ``floor(i * length / n)`` up to ``ceil((i + 1) * length / n)``, so that
        neighbours overlap where n does not divide the length.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is not of a real floating-point dtype.
    ShapeError
        ``x`` has not 4 dimensions, no element along an axis, or ``output_size`` is less than 1.
    ArgumentError
        ``output_size`` is neither an int nor as many as there are axes.

    Notes
    -----
    Accuracy: within ``(64 + K / 256) * eps * adaptive_avg_pool(abs(x))`` of the true result, for parts of K elements at most and the
    same pooling of the absolute values. 16-bit dtypes are computed in float32 and rounded once.
    Cost: O(size) where the parts do not overlap, no device synchronisation; safe under ``jax.jit``.

    References
    ----------
    K. He, X. Zhang, S. Ren, J. Sun, Spatial pyramid pooling in deep convolutional networks for visual recognition, ECCV 2014.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nn.adaptive_avg_pool2d(numpy.arange(8.0).reshape(1, 1, 2, 4), 1)
    array([[[[3.5]]]])
    """
    return xp.astype(_adapted(_widened(x), output_size, xp.mean), x.dtype, copy=False)


@op(
    dtypes="real floating-point",
    same="conditioned",
    bound="(64 + K / 256) * eps * adaptive_avg_pool(abs(x))",
    requires=_cut(3, requirement.floating),
    checks=("nan",),
)
def adaptive_avg_pool3d(x: A, /, output_size: int | Sequence[int]) -> A:
    """Means of so many parts of an array as are asked for, over three axes.

    Parameters
    ----------
    x : array, shape (N, C, D, H, W), real floating-point dtype
        N arrays of C channels.
    output_size : int or tuple of 3 ints
        Parts along D, H and W.

    Returns
    -------
    array, shape (N, C, D', H', W'), dtype of x, device of x
        The i-th of n parts of an axis goes from element ``floor(i * length / n)`` up to ``ceil((i + 1) * length / n)``, so that
        neighbours overlap where n does not divide the length.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is not of a real floating-point dtype.
    ShapeError
        ``x`` has not 5 dimensions, no element along an axis, or ``output_size`` is less than 1.
    ArgumentError
        ``output_size`` is neither an int nor as many as there are axes.

    Notes
    -----
    Accuracy: within ``(64 + K / 256) * eps * adaptive_avg_pool(abs(x))`` of the true result, for parts of K elements at most and the
    same pooling of the absolute values. 16-bit dtypes are computed in float32 and rounded once.
    Cost: O(size) where the parts do not overlap, no device synchronisation; safe under ``jax.jit``.

    References
    ----------
    K. He, X. Zhang, S. Ren, J. Sun, Spatial pyramid pooling in deep convolutional networks for visual recognition, ECCV 2014.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nn.adaptive_avg_pool3d(numpy.arange(8.0).reshape(1, 1, 2, 2, 2), 1)
    array([[[[[3.5]]]]])
    """
    return xp.astype(_adapted(_widened(x), output_size, xp.mean), x.dtype, copy=False)
