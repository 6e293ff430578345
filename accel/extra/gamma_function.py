"""The gamma function and what is made of it, by their logarithms."""

from __future__ import annotations

from typing import Any

import accel as xp
import accel.extra.formula as formula
import accel.requirement as requirement
from accel.composition import together, widened
from accel.dispatch import op
from accel.typing import A

__all__ = ["betaln", "digamma", "gammaln"]


def _floating(x: Any, /) -> None:
    requirement.floating(x=x)


@op(
    dtypes="real floating-point",
    same="bounded",
    ulp_of="the result, or of 2 * x where that is larger and x is negative",
    requires=_floating,
    checks=("nan",),
)
def gammaln(x: A, /) -> A:
    """Logarithm of the magnitude of the gamma function.

    Parameters
    ----------
    x : array, any shape, real floating-point dtype
        Arguments.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        ``log(abs(gamma(x)))``; for a whole number n above 0 the logarithm of ``(n - 1)!``.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is not of a real floating-point dtype.

    Notes
    -----
    Accuracy: within 4 ulp of the true value, also about the roots 1 and 2. Where ``x`` is negative the ulp is that of the larger one
    of the result and ``2 * x``: between the poles the function crosses 0 in many places. 16 bits are computed in 32 and rounded once.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        extra.gammaln(floats([1.0, 2.0])) -> floats([0.0, 0.0])  # roots
        extra.gammaln(floats([0.0, -0.0, -1.0, -2.0])) -> floats([inf, inf, inf, inf])  # poles
        extra.gammaln(floats([inf, -inf, nan])) -> floats([inf, inf, nan])  # limits
        extra.gammaln(float32([1e38])) -> float32([inf])  # out of the range of float32

    References
    ----------
    NIST Digital Library of Mathematical Functions, 5.2.1, 5.5.3 (reflection) and 5.11.1 (Stirling's series).

    Examples
    --------
    >>> import numpy, accel
    >>> accel.extra.gammaln(numpy.asarray([1.0, 5.0]))
    array([0.        , 3.17805383])
    """
    return xp.astype(formula.gammaln(xp, widened(x)), x.dtype, copy=False)


@op(
    dtypes="real floating-point",
    same="bounded",
    ulp_of="the result, or of 2 * log(1 - x) where that is larger and x is negative",
    requires=_floating,
    checks=("nan",),
)
def digamma(x: A, /) -> A:
    """Derivative of the logarithm of the gamma function, also known as psi.

    Parameters
    ----------
    x : array, any shape, real floating-point dtype
        Arguments.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        The slope of `gammaln`.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is not of a real floating-point dtype.

    Notes
    -----
    Accuracy: within 4 ulp of the true value, also about the root 1.46. Where ``x`` is negative the ulp is that of the larger one of
    the result and ``2 * log(1 - x)``: between the poles the function crosses 0. 16 bits are computed in 32 and rounded once.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        extra.digamma(floats([0.0, -0.0])) -> floats([-inf, inf])  # the pole at 0, from either side
        extra.digamma(floats([-1.0, -2.0])) -> floats([nan, nan])  # the other poles, where the sign is open
        extra.digamma(floats([inf, -inf, nan])) -> floats([inf, nan, nan])  # limits

    References
    ----------
    NIST Digital Library of Mathematical Functions, 5.2.2, 5.5.4 (reflection) and 5.11.2 (asymptotic series).

    Examples
    --------
    >>> import numpy, accel
    >>> accel.extra.digamma(numpy.asarray([1.0, 2.0]))
    array([-0.57721566,  0.42278434])
    """
    return xp.astype(formula.digamma(xp, widened(x)), x.dtype, copy=False)


def _pair(a: Any, b: Any, /) -> None:
    requirement.floating(a=a, b=b)


@op(
    dtypes="real floating-point",
    same="conditioned",
    bound="16 * eps * (1 + abs(y))",
    requires=_pair,
    checks=("kinds", "nan"),
)
def betaln(a: A | float, b: A | float, /) -> A:
    """Logarithm of the beta function, without the cancellation of large logarithms.

    Parameters
    ----------
    a, b : array or float, shapes that broadcast, real floating-point dtype
        Arguments, 0 or larger; one of them at least is an array.

    Returns
    -------
    array, shape and dtype of both together, device of both
        ``log(gamma(a) * gamma(b) / gamma(a + b))``.

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
    Accuracy: within ``16 * eps * (1 + abs(y))`` of the true result ``y``; 16 bits are computed in 32 and rounded once.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        extra.betaln(floats([0.0, 0.0]), floats([1.0, 0.0])) -> floats([inf, inf])  # zero
        extra.betaln(floats([inf, inf]), floats([1.0, inf])) -> floats([-inf, -inf])  # infinity
        extra.betaln(floats([inf]), floats([0.0])) -> floats([nan])  # infinity with zero
        extra.betaln(floats([-0.5, nan]), floats([1.0, 1.0])) -> floats([nan, nan])  # negative numbers have no beta function here

    References
    ----------
    NIST Digital Library of Mathematical Functions, 5.12.1.
    A. R. DiDonato, A. H. Morris, Algorithm 708: significant digit computation of the incomplete beta function ratios, ACM
    Transactions on Mathematical Software 18 (1992): Stirling's series for large arguments.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.extra.betaln(numpy.asarray([1.0, 2.0]), 3.0)
    array([-1.09861229, -2.48490665])
    """
    first, second, dtype = together(*formula.arrays(a, b))
    return xp.astype(formula.betaln(xp, first, second), dtype, copy=False)
