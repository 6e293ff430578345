"""Activations: functions of single elements, between the layers of a network."""

from __future__ import annotations

import math
from typing import Any

import accel as xp
import accel.requirement as requirement
from accel.composition import widened
from accel.dispatch import op
from accel.errors import ArgumentError, ShapeError
from accel.typing import A

__all__ = [
    "celu",
    "elu",
    "gelu",
    "glu",
    "hard_sigmoid",
    "hard_silu",
    "hard_tanh",
    "leaky_relu",
    "log_sigmoid",
    "mish",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "softsign",
]

SELU_ALPHA = 1.6732632423543772
SELU_SCALE = 1.0507009873554805
"""The two constants with which mean 0 and variance 1 stay as they are; Klambauer et al. give them in this many digits."""

GELU_SLOPE = 2 * math.sqrt(2 / math.pi)
GELU_CUBE = 0.044715
"""The logistic function of ``GELU_SLOPE * (x + GELU_CUBE * x**3)`` is near the normal distribution function."""

FAR = 64.0
"""Beyond it on the left 1 + exp(x) is 1, and exp(-x) may overflow where exp(x) is not yet 0: there exp(x + FAR) is made smaller at the end."""

TOP = 32.0
"""Above it the hyperbolic tangent of softplus is 1 in every dtype."""


def _floating(x: Any, /, **_options: Any) -> None:
    requirement.floating(x=x)


def _magnitude(x: Any) -> Any:
    """Give abs(x) with the slope 1 at 0, where that of abs is 0 in some libraries."""
    return xp.where(xp.less(x, 0.0), xp.negative(x), x)


def _logistic_product(a: Any, u: Any) -> Any:
    """Multiply a by the logistic function of u: as near to the true value where that is tiny as elsewhere."""
    far = xp.less(u, -FAR)
    e = xp.exp(xp.where(far, xp.add(u, FAR), xp.negative(u)))
    near = xp.divide(a, xp.add(e, 1.0))
    return xp.where(far, xp.multiply(xp.multiply(a, e), math.exp(-FAR)), near)


@op(
    dtypes="real floating-point",
    same="exact",
    requires=_floating,
    checks=("nan",),
)
def relu(x: A, /) -> A:
    """Elements above 0, and 0 for the others.

    Parameters
    ----------
    x : array, any shape, real floating-point dtype
        Input.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        ``max(x, 0)``. Its slope at 0 is 0.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is not of a real floating-point dtype.

    Notes
    -----
    Accuracy: exact, and the same bits on every backend.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        nn.relu(floats([-0.0, 0.0, -1.0, 2.0])) -> floats([0.0, 0.0, 0.0, 2.0])  # no negative zero
        nn.relu(floats([nan, inf, -inf])) -> floats([nan, inf, 0.0])  # nan stays

    References
    ----------
    V. Nair, G. E. Hinton, Rectified linear units improve restricted Boltzmann machines, ICML (2010).

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nn.relu(numpy.asarray([-1.0, 2.0]))
    array([0., 2.])
    """
    return xp.where(xp.less_equal(x, 0.0), 0.0, x)


@op(
    dtypes="real floating-point",
    same="exact",
    requires=_floating,
    checks=("nan",),
)
def relu6(x: A, /) -> A:
    """Elements between 0 and 6, and the nearer of the two for the others.

    Parameters
    ----------
    x : array, any shape, real floating-point dtype
        Input.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        ``min(max(x, 0), 6)``. Its slope at 0 and at 6 is 0.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is not of a real floating-point dtype.

    Notes
    -----
    Accuracy: exact, and the same bits on every backend.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        nn.relu6(floats([-0.0, -1.0, 6.0, 8.0])) -> floats([0.0, 0.0, 6.0, 6.0])  # no negative zero
        nn.relu6(floats([nan, inf, -inf])) -> floats([nan, 6.0, 0.0])  # nan stays

    References
    ----------
    A. Howard et al., MobileNets: efficient convolutional neural networks for mobile vision applications (2017).

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nn.relu6(numpy.asarray([-1.0, 2.0, 7.0]))
    array([0., 2., 6.])
    """
    return xp.where(xp.less_equal(x, 0.0), 0.0, xp.where(xp.greater_equal(x, 6.0), 6.0, x))


def _sloping(x: Any, /, *, negative_slope: Any = 0.01) -> None:
    requirement.floating(x=x)
    requirement.number(-math.inf, math.inf, closed="neither", negative_slope=negative_slope)


@op(
    dtypes="real floating-point",
    same="exact",
    requires=_sloping,
    checks=("nan",),
)
def leaky_relu(x: A, /, *, negative_slope: float = 0.01) -> A:
    """Elements above 0, and a multiple of the others.

    Parameters
    ----------
    x : array, any shape, real floating-point dtype
        Input.
    negative_slope : float, default 0.01
        What elements of 0 and below are multiplied by.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        ``x`` where it is above 0, else ``negative_slope * x``. Its slope at 0 is ``negative_slope``.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is not of a real floating-point dtype.
    ArgumentError
        ``negative_slope`` is not a finite number.

    Notes
    -----
    Accuracy: the same bits on every backend: the operations of the formula, each rounded once; 16 bits are computed in 32 and rounded once.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        nn.leaky_relu(floats([2.0, -8.0]), negative_slope=0.25) -> floats([2.0, -2.0])  # a quarter
        nn.leaky_relu(floats([nan, inf, -inf])) -> floats([nan, inf, -inf])  # nan stays

    References
    ----------
    A. L. Maas, A. Y. Hannun, A. Y. Ng, Rectifier nonlinearities improve neural network acoustic models, ICML (2013).

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nn.leaky_relu(numpy.asarray([-1.0, 2.0]))
    array([-0.01,  2.  ])
    """
    w = widened(x)
    return xp.astype(xp.where(xp.greater(w, 0.0), w, xp.multiply(w, negative_slope)), x.dtype)


def _scaled(x: Any, /, *, alpha: Any = 1.0) -> None:
    requirement.floating(x=x)
    requirement.number(-math.inf, math.inf, closed="neither", alpha=alpha)


@op(
    dtypes="real floating-point",
    same="bounded",
    ulp=8,
    requires=_scaled,
    checks=("nan",),
)
def elu(x: A, /, *, alpha: float = 1.0) -> A:
    """Elements above 0, and a multiple of expm1 of the others.

    Parameters
    ----------
    x : array, any shape, real floating-point dtype
        Input.
    alpha : float, default 1.0
        What the function of negative elements is multiplied by, which is its limit with the other sign.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        ``x`` where it is above 0, else ``alpha * (exp(x) - 1)``.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is not of a real floating-point dtype.
    ArgumentError
        ``alpha`` is not a finite number.

    Notes
    -----
    Accuracy: within 8 ulp of the true value, for tiny and huge numbers alike; 16 bits are computed in 32 and rounded once.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        nn.elu(floats([nan, 3.0])) -> floats([nan, 3.0])  # nan stays
        nn.elu(floats([inf, -inf]), alpha=2.0) -> floats([inf, -2.0])  # infinities

    References
    ----------
    D.-A. Clevert, T. Unterthiner, S. Hochreiter, Fast and accurate deep network learning by exponential linear units (ELUs), ICLR (2016).

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nn.elu(numpy.asarray([0.0, 2.0]))
    array([0., 2.])
    """
    w = widened(x)
    # What is above 0 could overflow, and spoil the gradient of the other branch.
    below = xp.multiply(xp.expm1(xp.where(xp.greater(w, 0.0), 0.0, w)), alpha)
    return xp.astype(xp.where(xp.greater(w, 0.0), w, below), x.dtype)


@op(
    dtypes="real floating-point",
    same="bounded",
    ulp=8,
    requires=_floating,
    checks=("nan",),
)
def selu(x: A, /) -> A:
    """ELU with the two constants that keep mean 0 and variance 1 from layer to layer.

    Parameters
    ----------
    x : array, any shape, real floating-point dtype
        Input.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        ``scale * x`` where it is above 0, else ``scale * alpha * (exp(x) - 1)``, with ``scale = 1.0507009873554805`` and
        ``alpha = 1.6732632423543772``.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is not of a real floating-point dtype.

    Notes
    -----
    Accuracy: within 8 ulp of the true value, for tiny and huge numbers alike; 16 bits are computed in 32 and rounded once.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        nn.selu(floats([nan, inf])) -> floats([nan, inf])  # nan stays

    References
    ----------
    G. Klambauer, T. Unterthiner, A. Mayr, S. Hochreiter, Self-normalizing neural networks, NeurIPS (2017).

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nn.selu(numpy.asarray([0.0, 1.0]))
    array([0.        , 1.05070099])
    """
    w = widened(x)
    below = xp.multiply(xp.expm1(xp.where(xp.greater(w, 0.0), 0.0, w)), SELU_SCALE * SELU_ALPHA)
    return xp.astype(xp.where(xp.greater(w, 0.0), xp.multiply(w, SELU_SCALE), below), x.dtype)


def _positively_scaled(x: Any, /, *, alpha: Any = 1.0) -> None:
    requirement.floating(x=x)
    requirement.number(0, math.inf, closed="neither", alpha=alpha)


@op(
    dtypes="real floating-point",
    same="bounded",
    ulp=8,
    requires=_positively_scaled,
    checks=("nan",),
)
def celu(x: A, /, *, alpha: float = 1.0) -> A:
    """ELU whose slope is the same on both sides of 0, whatever alpha is.

    Parameters
    ----------
    x : array, any shape, real floating-point dtype
        Input.
    alpha : float, default 1.0
        The limit of the function of negative elements, with the other sign.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        ``x`` where it is above 0, else ``alpha * (exp(x / alpha) - 1)``.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is not of a real floating-point dtype.
    ArgumentError
        ``alpha`` is not a finite number above 0.

    Notes
    -----
    Accuracy: within 8 ulp of the true value, for tiny and huge numbers alike; 16 bits are computed in 32 and rounded once.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        nn.celu(floats([nan, 3.0])) -> floats([nan, 3.0])  # nan stays
        nn.celu(floats([inf, -inf]), alpha=2.0) -> floats([inf, -2.0])  # infinities

    References
    ----------
    J. T. Barron, Continuously differentiable exponential linear units (2017).

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nn.celu(numpy.asarray([0.0, 2.0]))
    array([0., 2.])
    """
    w = widened(x)
    below = xp.multiply(xp.expm1(xp.divide(xp.where(xp.greater(w, 0.0), 0.0, w), alpha)), alpha)
    return xp.astype(xp.where(xp.greater(w, 0.0), w, below), x.dtype)


def _approximated(x: Any, /, *, approximate: Any = False) -> None:
    requirement.floating(x=x)
    requirement.flag(approximate=approximate)


@op(
    dtypes="real floating-point",
    same="conditioned",
    bound="8 * eps * (scale + 4 * tiny / eps)",
    requires=_approximated,
    checks=("nan",),
)
def gelu(x: A, /, *, approximate: bool = False) -> A:
    """Elements times the share of a normal distribution that lies below them.

    Parameters
    ----------
    x : array, any shape, real floating-point dtype
        Input.
    approximate : bool, default False
        Whether to take the form with tanh, which is off by up to 5e-4 and needs no error function.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        ``x * erfc(-x / sqrt(2)) / 2``, or ``x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3))) / 2`` where ``approximate`` is True.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is not of a real floating-point dtype.
    ArgumentError
        ``approximate`` is neither True nor False.

    Notes
    -----
    Accuracy: within ``8 * eps * (scale + 4 * tiny / eps)`` of the true result ``y``. For the exact form ``scale`` is ``abs(y)``, for
    negative elements times ``1 + x**2``, since of a tail each digit of x moves many: nothing cancels there, as it would in ``1 + erf``.
    For the form with tanh ``scale`` is ``abs(x)``. ``tiny`` is the smallest normal number; 16 bits are computed in 32 and rounded once.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        nn.gelu(floats([nan, inf])) -> floats([nan, inf])  # nan stays
        nn.gelu(floats([nan, inf]), approximate=True) -> floats([nan, inf])  # nan stays, with tanh
        abs(nn.gelu(floats([-inf, lowest]))) -> floats([0.0, 0.0])  # the limit on the left
        abs(nn.gelu(floats([-inf, lowest]), approximate=True)) -> floats([0.0, 0.0])  # the limit on the left, with tanh

    References
    ----------
    D. Hendrycks, K. Gimpel, Gaussian error linear units (GELUs) (2016).
    The form with tanh written as a logistic function, ``(1 + tanh(u)) / 2 = 1 / (1 + exp(-2 * u))``: NIST DLMF, section 4.28.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nn.gelu(numpy.asarray([0.0, 100.0]))
    array([  0., 100.])
    """
    w = widened(x)
    # Below -64 the share is 0 in every dtype, and -inf * 0 would be nan.
    a = xp.maximum(w, -64.0)
    if approximate:
        b = xp.minimum(a, 64.0)
        u = xp.multiply(b, xp.add(xp.multiply(xp.square(b), GELU_CUBE * GELU_SLOPE), GELU_SLOPE))
        # Where exp(-u) is infinite nothing is left that the bound asks for.
        return xp.astype(xp.divide(a, xp.add(xp.exp(xp.negative(u)), 1.0)), x.dtype)
    share = xp.extra.erfc(xp.multiply(a, -math.sqrt(0.5)))
    return xp.astype(xp.multiply(xp.multiply(a, 0.5), share), x.dtype)


@op(
    dtypes="real floating-point",
    same="conditioned",
    bound="6 * eps * (abs(y) + abs(x) * tiny / eps)",
    requires=_floating,
    checks=("nan",),
)
def silu(x: A, /) -> A:
    """Elements times the logistic function of them; also known as swish.

    Parameters
    ----------
    x : array, any shape, real floating-point dtype
        Input.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        ``x / (1 + exp(-x))``.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is not of a real floating-point dtype.

    Notes
    -----
    Accuracy: within ``6 * eps * (abs(y) + abs(x) * tiny / eps)`` of the true result ``y``, where ``tiny`` is the smallest normal
    number, which the logistic function may have left; 16 bits are computed in 32 and rounded once.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        nn.silu(floats([0.0, -0.0, nan])) -> floats([0.0, -0.0, nan])  # zeros keep their sign
        nn.silu(floats([inf, -inf])) -> floats([inf, -0.0])  # the limits

    References
    ----------
    S. Elfwing, E. Uchibe, K. Doya, Sigmoid-weighted linear units for neural network function approximation in reinforcement
    learning, Neural Networks 107 (2018).

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nn.silu(numpy.asarray([0.0, 100.0]))
    array([  0., 100.])
    """
    w = widened(x)
    # Below -1024 the other factor is 0 in every dtype, and -inf * 0 would be nan.
    a = xp.maximum(w, -1024.0)
    return xp.astype(_logistic_product(a, a), x.dtype)


@op(
    dtypes="real floating-point",
    same="bounded",
    ulp=8,
    requires=_floating,
    checks=("nan",),
)
def mish(x: A, /) -> A:
    """Elements times the hyperbolic tangent of softplus of them.

    Parameters
    ----------
    x : array, any shape, real floating-point dtype
        Input.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        ``x * tanh(log(1 + exp(x)))``.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is not of a real floating-point dtype.

    Notes
    -----
    Accuracy: within 8 ulp of the true value, for tiny and huge numbers alike; 16 bits are computed in 32 and rounded once.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        nn.mish(floats([0.0, -0.0, nan])) -> floats([0.0, -0.0, nan])  # zeros keep their sign
        nn.mish(floats([inf, -inf])) -> floats([inf, -0.0])  # the limits

    References
    ----------
    D. Misra, Mish: a self regularized non-monotonic activation function, BMVC (2020). Here the tangent is ``n / (n + 2)`` with
    ``n = exp(x) * (exp(x) + 2)``, by its addition theorem: NIST DLMF, section 4.35.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nn.mish(numpy.asarray([0.0, 100.0]))
    array([  0., 100.])
    """
    w = widened(x)
    # Below -1024 the tangent is 0 in every dtype, and -inf * 0 would be nan; above TOP it is 1.
    a = xp.maximum(w, -1024.0)
    far = xp.less(a, -FAR)
    e = xp.exp(xp.where(far, xp.add(a, FAR), xp.minimum(a, TOP)))
    n = xp.multiply(e, xp.add(e, 2.0))
    near = xp.multiply(a, xp.divide(n, xp.add(n, 2.0)))
    return xp.astype(xp.where(far, xp.multiply(xp.multiply(a, e), math.exp(-FAR)), near), x.dtype)


@op(
    dtypes="real floating-point",
    same="bounded",
    ulp=6,
    requires=_floating,
    checks=("nan",),
)
def sigmoid(x: A, /) -> A:
    """The logistic function of the elements, from 0 to 1.

    Parameters
    ----------
    x : array, any shape, real floating-point dtype
        Input.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        ``1 / (1 + exp(-x))``.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is not of a real floating-point dtype.

    Notes
    -----
    Accuracy: within 6 ulp of the true value, for tiny and huge numbers alike; 16 bits are computed in 32 and rounded once.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        nn.sigmoid(floats([0.0, -0.0, nan])) -> floats([0.5, 0.5, nan])  # zeros
        nn.sigmoid(floats([inf, -inf])) -> floats([1.0, 0.0])  # the limits

    References
    ----------
    D. R. Cox, The regression analysis of binary sequences, J. R. Stat. Soc. B 20 (1958).

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nn.sigmoid(numpy.asarray([0.0, 100.0]))
    array([0.5, 1. ])
    """
    w = widened(x)
    e = xp.exp(xp.negative(_magnitude(w)))
    return xp.astype(xp.divide(xp.where(xp.less(w, 0.0), e, 1.0), xp.add(e, 1.0)), x.dtype)


@op(
    dtypes="real floating-point",
    same="bounded",
    ulp=6,
    requires=_floating,
    checks=("nan",),
)
def log_sigmoid(x: A, /) -> A:
    """Logarithms of the logistic function of the elements.

    Parameters
    ----------
    x : array, any shape, real floating-point dtype
        Input.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        ``-log(1 + exp(-x))``.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is not of a real floating-point dtype.

    Notes
    -----
    Accuracy: within 6 ulp of the true value, for tiny and huge numbers alike; 16 bits are computed in 32 and rounded once.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        nn.log_sigmoid(floats([inf, -inf, nan])) -> floats([-0.0, -inf, nan])  # the limits

    References
    ----------
    M. Mächler, Accurately computing log(1 - exp(-abs(a))), R package Rmpfr (2012), which has log(1 + exp(x)) too.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nn.log_sigmoid(numpy.asarray([-1000.0]))
    array([-1000.])
    """
    w = widened(x)
    rest = xp.log1p(xp.exp(xp.negative(_magnitude(w))))
    return xp.astype(xp.subtract(xp.where(xp.less(w, 0.0), w, -0.0), rest), x.dtype)


@op(
    dtypes="real floating-point",
    same="exact",
    requires=_floating,
    checks=("nan",),
)
def hard_sigmoid(x: A, /) -> A:
    """The logistic function of the elements, made of three straight lines.

    Parameters
    ----------
    x : array, any shape, real floating-point dtype
        Input.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        ``min(max(x + 3, 0), 6) / 6``.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is not of a real floating-point dtype.

    Notes
    -----
    Accuracy: the same bits on every backend: the operations of the formula, each rounded once; 16 bits are computed in 32 and rounded once.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        nn.hard_sigmoid(floats([-3.0, 0.0, 3.0])) -> floats([0.0, 0.5, 1.0])  # where the lines meet
        nn.hard_sigmoid(floats([nan, inf, -inf])) -> floats([nan, 1.0, 0.0])  # nan stays

    References
    ----------
    A. Howard et al., Searching for MobileNetV3, ICCV (2019).

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nn.hard_sigmoid(numpy.asarray([-4.0, 0.0, 1.5]))
    array([0.  , 0.5 , 0.75])
    """
    w = xp.add(widened(x), 3.0)
    inner = xp.where(xp.less_equal(w, 0.0), 0.0, xp.where(xp.greater_equal(w, 6.0), 6.0, w))
    return xp.astype(xp.divide(inner, 6.0), x.dtype)


@op(
    dtypes="real floating-point",
    same="exact",
    requires=_floating,
    checks=("nan",),
)
def hard_silu(x: A, /) -> A:
    """Elements times `hard_sigmoid` of them; also known as hard swish.

    Parameters
    ----------
    x : array, any shape, real floating-point dtype
        Input.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        ``x * (min(max(x + 3, 0), 6) / 6)``.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is not of a real floating-point dtype.

    Notes
    -----
    Accuracy: the same bits on every backend: the operations of the formula, each rounded once; 16 bits are computed in 32 and rounded once.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        nn.hard_silu(floats([-3.0, 0.0, 3.0, -4.0])) -> floats([-0.0, 0.0, 3.0, -0.0])  # where the lines meet
        nn.hard_silu(floats([nan, inf, -inf])) -> floats([nan, inf, -0.0])  # the limits

    References
    ----------
    A. Howard et al., Searching for MobileNetV3, ICCV (2019).

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nn.hard_silu(numpy.asarray([-4.0, 0.0, 4.0]))
    array([-0.,  0.,  4.])
    """
    # Below -3 the other factor is 0, and -inf * 0 would be nan.
    a = xp.maximum(widened(x), -3.0)
    w = xp.add(a, 3.0)
    inner = xp.where(xp.less_equal(w, 0.0), 0.0, xp.where(xp.greater_equal(w, 6.0), 6.0, w))
    return xp.astype(xp.multiply(a, xp.divide(inner, 6.0)), x.dtype)


def _between(x: Any, /, *, min_val: Any = -1.0, max_val: Any = 1.0) -> None:
    requirement.floating(x=x)
    requirement.number(-math.inf, math.inf, min_val=min_val, max_val=max_val)
    if min_val > max_val:
        raise ArgumentError(f"min_val is at most max_val, got {min_val!r} and {max_val!r}.")


@op(
    dtypes="real floating-point",
    same="exact",
    requires=_between,
    checks=("nan",),
)
def hard_tanh(x: A, /, *, min_val: float = -1.0, max_val: float = 1.0) -> A:
    """Elements between two limits, and the nearer limit for the others.

    Parameters
    ----------
    x : array, any shape, real floating-point dtype
        Input.
    min_val : float, default -1.0
        The lower limit.
    max_val : float, default 1.0
        The upper limit.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        ``min(max(x, min_val), max_val)``. Its slope at and beyond the limits is 0.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is not of a real floating-point dtype.
    ArgumentError
        A limit is no number, or ``min_val`` is above ``max_val``.

    Notes
    -----
    Accuracy: exact, and the same bits on every backend. The limits are rounded to the dtype of x.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        nn.hard_tanh(floats([-2.0, -0.0, 0.5, 2.0])) -> floats([-1.0, -0.0, 0.5, 1.0])  # zeros keep their sign
        nn.hard_tanh(floats([nan, inf, -inf])) -> floats([nan, 1.0, -1.0])  # nan stays

    References
    ----------
    R. Collobert, Large scale machine learning, thesis, Université de Paris VI (2004).

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nn.hard_tanh(numpy.asarray([-4.0, 0.5, 4.0]))
    array([-1. ,  0.5,  1. ])
    """
    above = xp.where(xp.greater_equal(x, max_val), max_val, x)
    return xp.where(xp.less_equal(x, min_val), min_val, above)


@op(
    dtypes="real floating-point",
    same="exact",
    requires=_floating,
    checks=("nan",),
)
def softsign(x: A, /) -> A:
    """Elements divided by 1 plus their magnitude, from -1 to 1.

    Parameters
    ----------
    x : array, any shape, real floating-point dtype
        Input.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        ``x / (1 + abs(x))``.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is not of a real floating-point dtype.

    Notes
    -----
    Accuracy: the same bits on every backend: the operations of the formula, each rounded once; 16 bits are computed in 32 and rounded once.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        nn.softsign(floats([0.0, -0.0, 1.0, -1.0])) -> floats([0.0, -0.0, 0.5, -0.5])  # zeros keep their sign
        nn.softsign(floats([nan, inf, -inf])) -> floats([nan, 1.0, -1.0])  # the limits

    References
    ----------
    J. Turian, J. Bergstra, Y. Bengio, Quadratic features and deep architectures for chunking, NAACL (2009).

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nn.softsign(numpy.asarray([-1.0, 3.0]))
    array([-0.5 ,  0.75])
    """
    # Beyond 2**60 the quotient is 1 in every dtype, and inf / inf would be nan.
    w = xp.clip(widened(x), -(2.0**60), 2.0**60)
    return xp.astype(xp.divide(w, xp.add(_magnitude(w), 1.0)), x.dtype)


def _halved(x: Any, /, *, axis: Any = -1) -> None:
    requirement.floating(x=x)
    along = requirement.axis(x, axis)
    if x.shape[along] % 2:
        raise ShapeError(
            f"axis {axis} of x is cut into two halves, and its length is {x.shape[along]}; x has shape {tuple(x.shape)}."
        )


@op(
    dtypes="real floating-point",
    same="conditioned",
    bound="8 * eps * abs(y)",
    requires=_halved,
    checks=("nan",),
)
def glu(x: A, /, *, axis: int = -1) -> A:
    """The first half of an axis times the logistic function of the second half.

    Parameters
    ----------
    x : array, at least one axis, real floating-point dtype
        Input.
    axis : int, default -1
        Axis that is cut in two.

    Returns
    -------
    array, shape of x with half the length along the axis, dtype of x, device of x
        ``a / (1 + exp(-b))`` for the halves ``a`` and ``b``.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    ShapeError
        The length of the axis is odd.
    DTypeError
        ``x`` is not of a real floating-point dtype.

    Notes
    -----
    Accuracy: within ``8 * eps * abs(y)`` of the true value ``y``; 16 bits are computed in 32 and rounded once.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        nn.glu(floats([inf, -inf])) -> floats([nan])  # infinity times zero
        nn.glu(floats([-3.0, inf])) -> floats([-3.0])  # a gate that is open

    References
    ----------
    Y. N. Dauphin, A. Fan, M. Auli, D. Grangier, Language modeling with gated convolutional networks, ICML (2017).

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nn.glu(numpy.asarray([4.0, 0.0]))
    array([2.])
    """
    along = axis % x.ndim
    half = x.shape[along] // 2
    before = (slice(None),) * along
    whole: Any = x
    a, b = (widened(whole[(*before, part)]) for part in (slice(half), slice(half, None)))
    return xp.astype(_logistic_product(a, b), x.dtype)
