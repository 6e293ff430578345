"""Normalisation: numbers brought to a mean of 0 and a variance of 1, or to a mean square of 1."""

from __future__ import annotations

import math
from typing import Any

import accel as xp
import accel.requirement as requirement
from accel.composition import together
from accel.dispatch import op
from accel.errors import ShapeError
from accel.typing import A

__all__ = [
    "batch_norm",
    "batch_norm_train",
    "group_norm",
    "layer_norm",
    "rms_norm",
]

LARGEST = float("inf")


def _shaped(shape: tuple[int, ...], /, **arrays: Any) -> None:
    """Refuse arrays of another shape, or of other than real floating-point dtypes."""
    requirement.floating(**arrays)
    for name, x in arrays.items():
        if x is not None and tuple(x.shape) != shape:
            raise ShapeError(f"{name} has shape {tuple(x.shape)}, and {shape} is taken here.")


def _along(
    x: Any, weight: Any = None, bias: Any = None, /, *, axis: Any = -1, eps: Any = 1e-5
) -> tuple[int, ...]:
    requirement.floating(x=x)
    found = tuple(sorted(requirement.axes(x, axis)))
    requirement.filled(x, found)
    _shaped(tuple(x.shape[a] for a in found), weight=weight, bias=bias)
    requirement.number(0, LARGEST, closed="left", eps=eps)
    return found


def _layer(x: Any, /, weight: Any = None, bias: Any = None, *, axis: Any = -1, eps: Any = 1e-5) -> None:
    _along(x, weight, bias, axis=axis, eps=eps)


def _rms(x: Any, /, weight: Any = None, *, axis: Any = -1, eps: Any = 1e-6) -> None:
    _along(x, weight, axis=axis, eps=eps)


def _groups(x: Any, num_groups: Any, /, weight: Any = None, bias: Any = None, *, eps: Any = 1e-5) -> None:
    requirement.floating(x=x)
    requirement.dimensions(2, x=x)
    requirement.size(1, num_groups=num_groups)
    requirement.filled(x, tuple(range(1, x.ndim)))
    if x.shape[1] % num_groups:
        raise ShapeError(
            f"x has {x.shape[1]} channels along axis 1, which do not divide into {num_groups} groups of one size."
        )
    _shaped((x.shape[1],), weight=weight, bias=bias)
    requirement.number(0, LARGEST, closed="left", eps=eps)


def _batch(
    x: Any,
    mean: Any,
    var: Any,
    /,
    weight: Any = None,
    bias: Any = None,
    *,
    axis: Any = 1,
    eps: Any = 1e-5,
) -> None:
    requirement.floating(x=x)
    channels = x.shape[requirement.axis(x, axis)]
    _shaped((channels,), mean=mean, var=var, weight=weight, bias=bias)
    requirement.number(0, LARGEST, closed="left", eps=eps)


def _batch_train(x: Any, /, weight: Any = None, bias: Any = None, *, axis: Any = 1, eps: Any = 1e-5) -> None:
    requirement.floating(x=x)
    along = requirement.axis(x, axis)
    requirement.filled(x, tuple(a for a in range(x.ndim) if a != along))
    _shaped((x.shape[along],), weight=weight, bias=bias)
    requirement.number(0, LARGEST, closed="left", eps=eps)


def _beside(x: Any, axes: tuple[int, ...], one: Any) -> Any:
    """Give an array whose axes are some of those of x in a shape that broadcasts against x."""
    return xp.reshape(one, tuple(n if a in axes else 1 for a, n in enumerate(x.shape)))


def _scaled(x: Any, axes: tuple[int, ...], weight: Any, bias: Any) -> Any:
    if weight is not None:
        x = xp.multiply(x, _beside(x, axes, weight))
    if bias is not None:
        x = xp.add(x, _beside(x, axes, bias))
    return x


def _moments(x: Any, axes: tuple[int, ...]) -> tuple[Any, Any, Any]:
    """Give how far the elements lie from their mean, the mean and the variance."""
    mean = xp.mean(x, axis=axes, keepdims=True)
    apart = xp.subtract(x, mean)
    return apart, mean, xp.mean(xp.multiply(apart, apart), axis=axes, keepdims=True)


@op(
    dtypes="real floating-point",
    same="conditioned",
    bound="8 * eps * ((abs(x) + abs(mean)) * scale + abs(bias))",
    requires=_batch,
    checks=("nan",),
)
def batch_norm(
    x: A,
    mean: A,
    var: A,
    /,
    weight: A | None = None,
    bias: A | None = None,
    *,
    axis: int = 1,
    eps: float = 1e-5,
) -> A:
    """Numbers of each channel, less a known mean and divided by the root of a known variance.

    This is the form for inference. `batch_norm_train` takes mean and variance from the numbers themselves and gives them back: two
    functions, so that what comes back does not depend on what is passed, and nothing is stored or changed behind the caller's back.

    Parameters
    ----------
    x : array, at least one axis, real floating-point dtype
        Numbers.
    mean, var : array, shape (C,), real floating-point dtype
        Mean and variance of each of the C channels, typically running averages of those that `batch_norm_train` gave.
    weight : array, optional, shape (C,), real floating-point dtype
        What the normalised numbers are multiplied by.
    bias : array, optional, shape (C,), real floating-point dtype
        What is added then.
    axis : int, default 1
        Axis of the channels.
    eps : float, default 1e-5
        What is added to the variance, so that nothing is divided by zero.

    Returns
    -------
    array, shape of x, dtype to which those of the arrays promote, device of x
        ``(x - mean) / sqrt(var + eps) * weight + bias``.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    ShapeError
        Another array has not the shape ``(C,)``.
    DTypeError
        An array is not of a real floating-point dtype.
    ArgumentError
        ``eps`` is negative or no number.

    Notes
    -----
    Accuracy: within ``8 * eps * ((abs(x) + abs(mean)) * scale + abs(bias))`` of the true result, where ``scale`` is
    ``abs(weight) / sqrt(var + eps)``: the numbers may be multiplied by one factor, and one number added to each.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    References
    ----------
    S. Ioffe, C. Szegedy, Batch Normalization, International Conference on Machine Learning (2015), algorithm 2.

    Examples
    --------
    >>> import numpy, accel
    >>> x = numpy.asarray([[1.0, 10.0], [3.0, 30.0]])
    >>> accel.nn.batch_norm(x, numpy.asarray([2.0, 20.0]), numpy.asarray([1.0, 4.0]), eps=0.0)
    array([[-1., -5.],
           [ 1.,  5.]])
    """
    axes = (requirement.axis(x, axis),)
    x, mean, var, weight, bias, dtype = together(x, mean, var, weight, bias)
    apart = xp.subtract(x, _beside(x, axes, mean))
    factor = xp.divide(xp.ones_like(var) if weight is None else weight, xp.sqrt(xp.add(var, eps)))
    return xp.astype(_scaled(apart, axes, factor, bias), dtype, copy=False)


@op(
    dtypes="real floating-point",
    same="conditioned",
    bound="(64 + n / 512) * eps * ((1 + abs(z)) * (1 + level / spread) * abs(weight) + abs(bias))",
    requires=_batch_train,
    checks=("nan",),
)
def batch_norm_train(
    x: A, /, weight: A | None = None, bias: A | None = None, *, axis: int = 1, eps: float = 1e-5
) -> tuple[A, A, A]:
    """Numbers of each channel, less their mean and divided by the root of their variance, and both.

    This is the form for training. It changes no running averages, which a pure function cannot: the caller makes them of the mean
    and the variance that come back, and gives them to `batch_norm` later.

    Parameters
    ----------
    x : array, at least one axis, real floating-point dtype
        Numbers.
    weight : array, optional, shape (C,), real floating-point dtype
        What the normalised numbers of each of the C channels are multiplied by.
    bias : array, optional, shape (C,), real floating-point dtype
        What is added then.
    axis : int, default 1
        Axis of the channels; mean and variance are taken along all others.
    eps : float, default 1e-5
        What is added to the variance, so that nothing is divided by zero.

    Returns
    -------
    y : array, shape of x, dtype to which those of the arrays promote, device of x
        ``(x - mean) / sqrt(var + eps) * weight + bias``.
    mean, var : array, shape (C,), that dtype too, or float32 where it has 16 bits
        Mean and variance of each channel; the variance is the sum of squares divided by their number n. Multiply it by
        ``n / (n - 1)`` for running averages as PyTorch keeps them.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    ShapeError
        A channel has no numbers, or ``weight`` or ``bias`` not the shape ``(C,)``.
    DTypeError
        An array is not of a real floating-point dtype.
    ArgumentError
        ``eps`` is negative or no number.

    Notes
    -----
    Accuracy: ``y`` is within ``(64 + n / 512) * eps * ((1 + abs(z)) * (1 + level / spread) * abs(weight) + abs(bias))`` of the true
    result, for n numbers in a channel. There ``z`` is ``(x - mean) / spread``, ``spread`` is ``sqrt(var + eps)``, and ``level`` the
    mean of the magnitudes: where the numbers lie close together and far from zero, their differences have few digits. Mean and
    variance keep the bounds of `accel.mean` and `accel.var`. The squares must not overflow.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    References
    ----------
    S. Ioffe, C. Szegedy, Batch Normalization, International Conference on Machine Learning (2015), algorithm 1.

    Examples
    --------
    >>> import numpy, accel
    >>> y, mean, var = accel.nn.batch_norm_train(numpy.asarray([[1.0, 10.0], [3.0, 30.0]]), eps=0.0)
    >>> y
    array([[-1., -1.],
           [ 1.,  1.]])
    >>> mean, var
    (array([ 2., 20.]), array([  1., 100.]))
    """
    axes = (requirement.axis(x, axis),)
    others = tuple(a for a in range(x.ndim) if a not in axes)
    x, weight, bias, dtype = together(x, weight, bias)
    apart, mean, var = _moments(x, others)
    y = _scaled(xp.divide(apart, xp.sqrt(xp.add(var, eps))), axes, weight, bias)
    channels = (x.shape[axes[0]],)
    return xp.astype(y, dtype, copy=False), xp.reshape(mean, channels), xp.reshape(var, channels)


@op(
    dtypes="real floating-point",
    same="conditioned",
    bound="(64 + n / 512) * eps * ((1 + abs(z)) * (1 + level / spread) * abs(weight) + abs(bias))",
    requires=_groups,
    checks=("nan",),
)
def group_norm(
    x: A, num_groups: int, /, weight: A | None = None, bias: A | None = None, *, eps: float = 1e-5
) -> A:
    """Numbers less the mean of their group of channels, divided by the root of its variance.

    Parameters
    ----------
    x : array, shape (N, C, ...), real floating-point dtype
        Numbers; axis 1 is that of the channels.
    num_groups : int
        Into how many groups of channels that follow one another the C channels are cut. 1 normalises all of them together, C each
        channel by itself (instance normalisation).
    weight : array, optional, shape (C,), real floating-point dtype
        What the normalised numbers of each channel are multiplied by.
    bias : array, optional, shape (C,), real floating-point dtype
        What is added then.
    eps : float, default 1e-5
        What is added to the variance, so that nothing is divided by zero.

    Returns
    -------
    array, shape of x, dtype to which those of the arrays promote, device of x
        The normalised numbers.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    ShapeError
        The channels do not divide into the groups, ``x`` has fewer than two axes or a group no numbers, or ``weight`` or ``bias``
        not the shape ``(C,)``.
    DTypeError
        An array is not of a real floating-point dtype.
    ArgumentError
        ``num_groups`` is no int, or ``eps`` is negative or no number.

    Notes
    -----
    Accuracy: within ``(64 + n / 512) * eps * ((1 + abs(z)) * (1 + level / spread) * abs(weight) + abs(bias))`` of the true result,
    for n numbers in a group. There ``z`` is ``(x - mean) / spread``, ``spread`` is ``sqrt(var + eps)``, and ``level`` the mean of the
    magnitudes. The squares must not overflow.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    References
    ----------
    Y. Wu, K. He, Group Normalization, European Conference on Computer Vision (2018).

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nn.group_norm(numpy.asarray([[1.0, 3.0, 10.0, 30.0]]), 2, eps=0.0)
    array([[-1.,  1., -1.,  1.]])
    """
    shape = tuple(x.shape)
    x, weight, bias, dtype = together(x, weight, bias)
    groups = xp.reshape(x, (shape[0], num_groups, math.prod(shape[1:]) // num_groups))
    apart, _, var = _moments(groups, (2,))
    y = xp.reshape(xp.divide(apart, xp.sqrt(xp.add(var, eps))), shape)
    return xp.astype(_scaled(y, (1,), weight, bias), dtype, copy=False)


@op(
    dtypes="real floating-point",
    same="conditioned",
    bound="(64 + n / 512) * eps * ((1 + abs(z)) * (1 + level / spread) * abs(weight) + abs(bias))",
    requires=_layer,
    checks=("nan",),
)
def layer_norm(
    x: A,
    /,
    weight: A | None = None,
    bias: A | None = None,
    *,
    axis: int | tuple[int, ...] = -1,
    eps: float = 1e-5,
) -> A:
    """Numbers less their mean along some axes, divided by the root of their variance.

    Parameters
    ----------
    x : array, at least one axis, real floating-point dtype
        Numbers.
    weight : array, optional, real floating-point dtype
        What the normalised numbers are multiplied by. Its shape is the lengths of the axes, in the order that they have in x.
    bias : array, optional, shape of weight, real floating-point dtype
        What is added then.
    axis : int or tuple of ints, default -1
        Axes along which mean and variance are taken.
    eps : float, default 1e-5
        What is added to the variance, so that nothing is divided by zero.

    Returns
    -------
    array, shape of x, dtype to which those of the arrays promote, device of x
        ``(x - mean) / sqrt(var + eps) * weight + bias``.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    ShapeError
        There is no element along the axes, or ``weight`` or ``bias`` has not their lengths for a shape.
    DTypeError
        An array is not of a real floating-point dtype.
    ArgumentError
        ``eps`` is negative or no number, or an axis is named twice.

    Notes
    -----
    Accuracy: within ``(64 + n / 512) * eps * ((1 + abs(z)) * (1 + level / spread) * abs(weight) + abs(bias))`` of the true result,
    for n numbers along the axes. There ``z`` is ``(x - mean) / spread``, ``spread`` is ``sqrt(var + eps)``, and ``level`` the mean of
    the magnitudes: where the numbers lie close together and far from zero, their differences have few digits. The squares must not
    overflow; a number that is not finite makes all nan with which it is normalised.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        nn.layer_norm(floats([2.0, 2.0])) -> floats([0.0, 0.0])  # equal numbers
        nn.layer_norm(floats([inf, 1.0])) -> floats([nan, nan])  # infinity

    References
    ----------
    J. L. Ba, J. R. Kiros, G. E. Hinton, Layer Normalization, arXiv:1607.06450 (2016).

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nn.layer_norm(numpy.asarray([[1.0, 3.0], [10.0, 30.0]]), eps=0.0)
    array([[-1.,  1.],
           [-1.,  1.]])
    """
    axes = tuple(sorted(requirement.axes(x, axis)))
    x, weight, bias, dtype = together(x, weight, bias)
    apart, _, var = _moments(x, axes)
    y = xp.divide(apart, xp.sqrt(xp.add(var, eps)))
    return xp.astype(_scaled(y, axes, weight, bias), dtype, copy=False)


@op(
    dtypes="real floating-point",
    same="conditioned",
    bound="(64 + n / 512) * eps * abs(y)",
    requires=_rms,
    checks=("nan",),
)
def rms_norm(x: A, /, weight: A | None = None, *, axis: int | tuple[int, ...] = -1, eps: float = 1e-6) -> A:
    """Numbers divided by the root of the mean of their squares along some axes.

    Parameters
    ----------
    x : array, at least one axis, real floating-point dtype
        Numbers.
    weight : array, optional, real floating-point dtype
        What the normalised numbers are multiplied by. Its shape is the lengths of the axes, in the order that they have in x.
    axis : int or tuple of ints, default -1
        Axes along which the mean is taken.
    eps : float, default 1e-6
        What is added to the mean, so that nothing is divided by zero.

    Returns
    -------
    array, shape of x, dtype to which those of the arrays promote, device of x
        ``x / sqrt(mean(x**2) + eps) * weight``.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    ShapeError
        There is no element along the axes, or ``weight`` has not their lengths for a shape.
    DTypeError
        An array is not of a real floating-point dtype.
    ArgumentError
        ``eps`` is negative or no number, or an axis is named twice.

    Notes
    -----
    Accuracy: within ``(64 + n / 512) * eps * abs(y)`` of the true result ``y``, for n numbers along the axes. The squares must not
    overflow.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        nn.rms_norm(floats([0.0, -0.0])) -> floats([0.0, -0.0])  # zeros
        nn.rms_norm(floats([nan, 1.0])) -> floats([nan, nan])  # nan

    References
    ----------
    B. Zhang, R. Sennrich, Root Mean Square Layer Normalization, Advances in Neural Information Processing Systems 32 (2019).

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nn.rms_norm(numpy.asarray([1.0, -7.0]), eps=0.0)
    array([ 0.2, -1.4])
    """
    axes = tuple(sorted(requirement.axes(x, axis)))
    x, weight, dtype = together(x, weight)
    square = xp.mean(xp.multiply(x, x), axis=axes, keepdims=True)
    y = xp.divide(x, xp.sqrt(xp.add(square, eps)))
    return xp.astype(_scaled(y, axes, weight, None), dtype, copy=False)
