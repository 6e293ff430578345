"""Logistic functions, logarithms that neither overflow nor cancel, and Bessel functions."""

from __future__ import annotations

from typing import Any

import accel as xp
import accel.extra.formula as formula
import accel.requirement as requirement
from accel.composition import together, widened
from accel.dispatch import op
from accel.typing import A

__all__ = ["expit", "i0", "i1", "logit", "logsumexp", "softplus", "xlogy"]


def _floating(x: Any, /) -> None:
    requirement.floating(x=x)


@op(
    dtypes="real floating-point",
    same="bounded",
    requires=_floating,
    checks=("nan",),
)
def expit(x: A, /) -> A:
    """Logistic function: probabilities from the logarithms of odds.

    Parameters
    ----------
    x : array, any shape, real floating-point dtype
        Logarithms of odds.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        ``1 / (1 + exp(-x))``: from 0 to 1.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is not of a real floating-point dtype.

    Notes
    -----
    Accuracy: within 4 ulp of the true value; 16 bits are computed in 32 and rounded once.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        extra.expit(floats([inf, -inf, nan])) -> floats([1.0, 0.0, nan])  # limits
        extra.expit(floats([0.0, -0.0])) -> floats([0.5, 0.5])  # the middle
        extra.expit(floats([highest, lowest])) -> floats([1.0, 0.0])  # no overflow

    References
    ----------
    D. R. Cox, The regression analysis of binary sequences, Journal of the Royal Statistical Society B 20 (1958).

    Examples
    --------
    >>> import numpy, accel
    >>> accel.extra.expit(numpy.asarray([0.0, 2.0]))
    array([0.5       , 0.88079708])
    """
    return xp.astype(formula.expit(xp, widened(x)), x.dtype, copy=False)


@op(
    dtypes="real floating-point",
    same="bounded",
    requires=_floating,
    checks=("nan",),
)
def logit(x: A, /) -> A:
    """Logarithms of odds from probabilities: the inverse of the logistic function.

    Parameters
    ----------
    x : array, any shape, real floating-point dtype
        Probabilities, from 0 to 1.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        ``log(x / (1 - x))``.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is not of a real floating-point dtype.

    Notes
    -----
    Accuracy: within 4 ulp of the true value, also about the root 1/2; 16 bits are computed in 32 and rounded once.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        extra.logit(floats([0.0, -0.0, 1.0])) -> floats([-inf, -inf, inf])  # ends of the domain
        extra.logit(floats([-0.5, 1.5, inf, nan])) -> floats([nan, nan, nan, nan])  # outside of the domain
        extra.logit(floats([0.5])) -> floats([0.0])  # the middle

    References
    ----------
    J. Berkson, Application of the logistic function to bio-assay, Journal of the American Statistical Association 39 (1944).

    Examples
    --------
    >>> import numpy, accel
    >>> accel.extra.logit(numpy.asarray([0.5, 0.75]))
    array([0.        , 1.09861229])
    """
    return xp.astype(formula.logit(xp, widened(x)), x.dtype, copy=False)


@op(
    dtypes="real floating-point",
    same="bounded",
    requires=_floating,
    checks=("nan",),
)
def softplus(x: A, /) -> A:
    """Logarithm of one more than the exponential, without overflow: a smooth maximum with 0.

    Parameters
    ----------
    x : array, any shape, real floating-point dtype
        Input.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        ``log(1 + exp(x))``.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is not of a real floating-point dtype.

    Notes
    -----
    Accuracy: within 4 ulp of the true value; 16 bits are computed in 32 and rounded once.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        extra.softplus(floats([inf, -inf, nan])) -> floats([inf, 0.0, nan])  # limits
        extra.softplus(floats([highest, lowest])) -> floats([highest, 0.0])  # no overflow

    References
    ----------
    C. Dugas, Y. Bengio, F. Belisle, C. Nadeau, R. Garcia, Incorporating second-order functional knowledge for better option pricing,
    NIPS 13 (2001).

    Examples
    --------
    >>> import numpy, accel
    >>> accel.extra.softplus(numpy.asarray([0.0, 1000.0]))
    array([6.93147181e-01, 1.00000000e+03])
    """
    return xp.astype(formula.softplus(xp, widened(x)), x.dtype, copy=False)


@op(
    dtypes="real floating-point",
    same="bounded",
    requires=_floating,
    checks=("nan",),
)
def i0(x: A, /) -> A:
    """Modified Bessel function of the first kind, of order 0.

    Parameters
    ----------
    x : array, any shape, real floating-point dtype
        Arguments; the function is even.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        Values of the function, 1 and larger.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is not of a real floating-point dtype.

    Notes
    -----
    Accuracy: within 4 ulp of the true value; 16 bits are computed in 32 and rounded once.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        extra.i0(floats([0.0, inf, -inf, nan])) -> floats([1.0, inf, inf, nan])  # limits
        extra.i0(float32([95.0])) -> float32([inf])  # out of the range of float32

    References
    ----------
    NIST Digital Library of Mathematical Functions, 10.25.2 and 10.40.1 (large arguments).

    Examples
    --------
    >>> import numpy, accel
    >>> accel.extra.i0(numpy.asarray([0.0, 1.0]))
    array([1.        , 1.26606588])
    """
    return xp.astype(formula.i0(xp, widened(x)), x.dtype, copy=False)


@op(
    dtypes="real floating-point",
    same="bounded",
    requires=_floating,
    checks=("nan",),
)
def i1(x: A, /) -> A:
    """Modified Bessel function of the first kind, of order 1.

    Parameters
    ----------
    x : array, any shape, real floating-point dtype
        Arguments; the function is odd.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        Values of the function.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is not of a real floating-point dtype.

    Notes
    -----
    Accuracy: within 4 ulp of the true value; 16 bits are computed in 32 and rounded once.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        extra.i1(floats([inf, -inf, nan])) -> floats([inf, -inf, nan])  # limits
        extra.i1(floats([0.0, -0.0])) -> floats([0.0, -0.0])  # zeros keep their sign
        extra.i1(float32([-95.0])) -> float32([-inf])  # out of the range of float32

    References
    ----------
    NIST Digital Library of Mathematical Functions, 10.25.2 and 10.40.1 (large arguments).

    Examples
    --------
    >>> import numpy, accel
    >>> accel.extra.i1(numpy.asarray([0.0, 1.0]))
    array([0.        , 0.5651591])
    """
    return xp.astype(formula.i1(xp, widened(x)), x.dtype, copy=False)


def _operands(x: Any, y: Any, /) -> None:
    requirement.floating(x=x, y=y)


@op(
    dtypes="real floating-point",
    same="bounded",
    requires=_operands,
    checks=("kinds", "nan"),
)
def xlogy(x: A | float, y: A | float, /) -> A:
    """Products with a logarithm, 0 where the first factor is 0.

    Parameters
    ----------
    x, y : array or float, shapes that broadcast, real floating-point dtype
        The factor, and the number whose natural logarithm is taken; one of them at least is an array.

    Returns
    -------
    array, shape and dtype of both together, device of both
        ``x * log(y)``.

    Raises
    ------
    UnknownArrayError
        Neither is an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        Arrays of different backends.
    DTypeError
        An array is not of a real floating-point dtype.

    Notes
    -----
    Accuracy: within 4 ulp of the true value; 16 bits are computed in 32 and rounded once.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        extra.xlogy(floats([0.0, 0.0, -0.0]), floats([0.0, inf, -1.0])) -> floats([0.0, 0.0, 0.0])  # zero times anything
        extra.xlogy(floats([0.0, nan]), floats([nan, 1.0])) -> floats([nan, nan])  # zero times nan
        extra.xlogy(floats([2.0, -2.0, 1.0]), floats([0.0, 0.0, -1.0])) -> floats([-inf, inf, nan])  # ends of the domain

    References
    ----------
    T. M. Cover, J. A. Thomas, Elements of Information Theory, 2nd edition (2006), section 2.1: the convention ``0 * log(0) = 0``.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.extra.xlogy(numpy.asarray([0.0, 2.0]), numpy.asarray([0.0, 1.5]))
    array([0.        , 0.81093022])
    """
    first, second, dtype = together(*formula.arrays(x, y))
    return xp.astype(formula.xlogy(xp, first, second), dtype, copy=False)


def _along_axes(x: Any, /, *, axis: Any = None, keepdims: Any = False, where: Any = None) -> None:
    requirement.floating(x=x)
    requirement.boolean(where=where)
    requirement.filled(x, requirement.axes(x, axis))


@op(
    dtypes="real floating-point",
    same="conditioned",
    bound="(8 + n / 256) * eps * (1 + abs(y) + log2(n))",
    requires=_along_axes,
    checks=("nan",),
)
def logsumexp(
    x: A,
    /,
    *,
    axis: int | tuple[int, ...] | None = None,
    keepdims: bool = False,
    where: A | None = None,
) -> A:
    """Logarithms of the sums of exponentials along some axes, without overflow: a smooth maximum.

    Parameters
    ----------
    x : array, any shape, real floating-point dtype
        Logarithms of what is added.
    axis : int or tuple of ints or None, default None
        Axes that are summed over; None means all.
    keepdims : bool, default False
        Keep each reduced axis with size 1, so that the result broadcasts against ``x``.
    where : array, optional, shape that broadcasts to that of x, bool
        True where an element counts.

    Returns
    -------
    array, shape of x without the axes, dtype of x, device of x
        ``log(sum(exp(x)))``; -inf where no element counts.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    ShapeError
        There is no element along the axes.
    DTypeError
        ``x`` is not of a real floating-point dtype, or ``where`` not boolean.

    Notes
    -----
    Accuracy: within ``(8 + n / 256) * eps * (1 + abs(y) + log2(n))`` of the true result ``y``, for n elements along the axes. Nothing
    overflows: the largest element is subtracted first. 16 bits are computed in 32 and rounded once.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        extra.logsumexp(floats([-inf, -inf])) -> floats(-inf)  # the sum is 0
        extra.logsumexp(floats([inf, -inf, 1.0])) -> floats(inf)  # an infinite term
        extra.logsumexp(floats([nan, inf])) -> floats(nan)  # nan among the elements
        extra.logsumexp(floats([highest, 0.0])) -> floats(highest)  # no overflow
        extra.logsumexp(floats([1.0, nan]), where=bool([False, False])) -> floats(-inf)  # no element counts
        extra.logsumexp(floats([])) -> raises ShapeError  # no elements

    References
    ----------
    P. Blanchard, D. J. Higham, N. J. Higham, Accurately computing the log-sum-exp and softmax functions, IMA J. Numer. Anal. 41 (2021).

    Examples
    --------
    >>> import numpy, accel
    >>> accel.extra.logsumexp(numpy.asarray([[0.0, 0.0], [1000.0, 1000.0]]), axis=1)
    array([6.93147181e-01, 1.00069315e+03])
    """
    a: Any = widened(x)
    if where is not None:
        a = xp.where(where, a, -xp.inf)
    top = xp.max(a, axis=axis, keepdims=True)
    # An infinite top would make inf - inf; without it the sum is infinite, or 0, by itself.
    shift = xp.where(xp.isfinite(top), top, 0.0)
    total = xp.sum(xp.exp(a - shift), axis=axis, keepdims=True)
    found = xp.log(total) + shift
    if not keepdims:
        axes = requirement.axes(x, axis)
        found = xp.squeeze(found, axis=axes) if axes else found
    return xp.astype(found, x.dtype, copy=False)
