"""The error function, its complement and its inverse."""

from __future__ import annotations

from typing import Any

import accel as xp
import accel.extra.formula as formula
import accel.requirement as requirement
from accel.composition import widened
from accel.dispatch import op
from accel.typing import A

__all__ = ["erf", "erfc", "erfinv"]


def _floating(x: Any, /) -> None:
    requirement.floating(x=x)


@op(
    dtypes="real floating-point",
    same="bounded",
    requires=_floating,
    checks=("nan",),
)
def erf(x: A, /) -> A:
    """Error function: the share of a normal distribution that lies near its mean.

    Parameters
    ----------
    x : array, any shape, real floating-point dtype
        Distances from the mean, in units of the square root of 2 times the standard deviation.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        ``2 / sqrt(pi)`` times the integral of ``exp(-t**2)`` from 0 to ``x``: from -1 to 1.

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

        extra.erf(floats([inf, -inf, nan])) -> floats([1.0, -1.0, nan])  # limits
        extra.erf(floats([0.0, -0.0])) -> floats([0.0, -0.0])  # zeros keep their sign
        extra.erf(floats([30.0, -highest])) -> floats([1.0, -1.0])  # what cannot be told from 1

    References
    ----------
    NIST Digital Library of Mathematical Functions, 7.2.1.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.extra.erf(numpy.asarray([0.0, 1.0]))
    array([0.        , 0.84270079])
    """
    return xp.astype(formula.erf(xp, widened(x)), x.dtype, copy=False)


@op(
    dtypes="real floating-point",
    same="bounded",
    requires=_floating,
    checks=("nan",),
)
def erfc(x: A, /) -> A:
    """One less the error function, with all its digits where that is near 1.

    Parameters
    ----------
    x : array, any shape, real floating-point dtype
        As for `erf`.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        ``2 / sqrt(pi)`` times the integral of ``exp(-t**2)`` from ``x`` to infinity: from 2 to 0.

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

        extra.erfc(floats([inf, -inf, nan])) -> floats([0.0, 2.0, nan])  # limits
        extra.erfc(floats([0.0, -0.0])) -> floats([1.0, 1.0])  # zeros
        extra.erfc(floats([30.0, highest])) -> floats([0.0, 0.0])  # below the smallest number

    References
    ----------
    NIST Digital Library of Mathematical Functions, 7.2.2.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.extra.erfc(numpy.asarray([0.0, 10.0]))
    array([1.00000000e+00, 2.08848758e-45])
    """
    return xp.astype(formula.erfc(xp, widened(x)), x.dtype, copy=False)


@op(
    dtypes="real floating-point",
    same="bounded",
    requires=_floating,
    checks=("nan",),
)
def erfinv(x: A, /) -> A:
    """Inverse of the error function.

    Parameters
    ----------
    x : array, any shape, real floating-point dtype
        Values of `erf`, from -1 to 1.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        The numbers whose `erf` is ``x``.

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

        extra.erfinv(floats([1.0, -1.0])) -> floats([inf, -inf])  # ends of the domain
        extra.erfinv(floats([1.5, -inf, nan])) -> floats([nan, nan, nan])  # outside of the domain
        extra.erfinv(floats([0.0, -0.0])) -> floats([0.0, -0.0])  # zeros keep their sign

    References
    ----------
    NIST Digital Library of Mathematical Functions, 7.17.1.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.extra.erfinv(numpy.asarray([0.0, 0.5]))
    array([0.        , 0.47693628])
    """
    return xp.astype(formula.erfinv(xp, widened(x)), x.dtype, copy=False)
