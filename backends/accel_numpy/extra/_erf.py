"""The error function and its complement in place, on blocks that stay in the cache."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from accel.extra.coefficients import ERF, ERFC, Ratio

__all__ = ["ROWS", "erf_into", "erfc_into", "horner"]

Array: TypeAlias = npt.NDArray[Any]

ROWS = 4
"""Rows of scratch that the functions need."""


def horner(coefficients: Any, x: Array, out: Array) -> Array:
    """Evaluate a polynomial, whose coefficients begin with the constant one, into ``out``, which may not be ``x``."""
    np.multiply(x, coefficients[-1], out=out)
    np.add(out, coefficients[-2], out=out)
    for c in coefficients[-3::-1]:
        np.multiply(out, x, out=out)
        np.add(out, c, out=out)
    return out


def quotient(ratio: Ratio, x: Array, out: Array, below: Array) -> Array:
    """Evaluate a rational function into ``out``; ``below`` is overwritten, and neither may be ``x``."""
    horner(ratio.above, x, out)
    if ratio.below:
        np.divide(out, horner(ratio.below, x, below), out=out)
    return out


def erf_into(x: Array, out: Array, scratch: Array) -> Array:
    """Write the error function of a block into another, by the formula of `accel.extra.formula.erf`.

    Parameters
    ----------
    x : array of float32 or float64
        Any values: infinities give 1 and -1, nan stays. Fastest if contiguous and of about 256 KiB.
    out : array, shape and dtype of x
        Gets the results; it may be ``x`` itself. It is also what is returned.
    scratch : array, shape (ROWS, *shape of x), dtype of x
        Overwritten.
    """
    fit = ERF[x.dtype.name]
    u, a, b = scratch[0], scratch[1], scratch[2]
    np.clip(x, -fit.end, fit.end, out=out)
    np.multiply(out, out, out=u)
    quotient(fit.ratio, u, a, b)
    np.multiply(a, out, out=a)
    np.add(out, a, out=out)
    return np.tanh(out, out=out)


def erfc_into(x: Array, out: Array, scratch: Array) -> Array:
    """Write the complement of the error function of a block into another, by the formula of `accel.extra.formula.erfc`.

    The exponential of float32 is taken in float64, which costs no more than to make up for what its argument loses, and is nearer.

    Parameters
    ----------
    x : array of float32 or float64
        Any values. Fastest if contiguous and of about 256 KiB.
    out : array, shape and dtype of x
        Gets the results; it may not be ``x``. It is also what is returned.
    scratch : array, shape (ROWS, *shape of x), dtype of x
        Overwritten.
    """
    fit = ERFC[x.dtype.name]
    t, v, a, b = scratch[0], scratch[1], scratch[2], scratch[3]
    np.absolute(x, out=t)
    np.clip(t, fit.start, fit.end, out=t)
    np.add(t, 1.0, out=v)
    np.reciprocal(v, out=a)
    quotient(fit.far, a, out, b)
    if x.dtype == np.float32:
        wide = t.astype(np.float64)
        near = np.add(wide, 1.0)
        np.multiply(wide, wide, out=wide)
        np.negative(wide, out=wide)
        np.exp(wide, out=wide)
        np.divide(wide, near, out=wide)
        np.add(out, fit.base, out=out)
        np.multiply(wide, out, out=out, casting="same_kind")
    else:
        _far(fit, t, v, a, b, out)
    np.subtract(2.0, out, out=out, where=x < 0)
    small = np.abs(x, out=t) < fit.start
    if small.any():
        np.minimum(t, fit.start, out=t)
        np.multiply(t, t, out=t)
        horner(fit.near.above, t, a)
        np.multiply(a, x, out=a)
        np.subtract(1.0, a, out=out, where=small)
    return out


def _far(fit: Any, t: Array, total: Array, v: Array, b: Array, out: Array) -> None:
    """Multiply the rational function in ``out`` with the exponential, with what the square of t and the sum 1 + t have lost put back."""
    # What the sum 1 + t loses ...
    np.subtract(total, 1.0, out=b)
    lost = np.subtract(total, b)
    np.subtract(1.0, lost, out=lost)
    np.subtract(t, b, out=b)
    np.add(lost, b, out=lost)
    np.multiply(lost, v, out=lost)
    # ... and what the square does.
    coarse = np.multiply(t, fit.scale, out=b)
    np.round(coarse, out=coarse)
    np.multiply(coarse, 1 / fit.scale, out=coarse)
    square = np.multiply(t, t, out=v)
    rest = np.multiply(coarse, coarse)
    np.subtract(rest, square, out=rest)
    np.add(lost, rest, out=lost)
    np.subtract(t, coarse, out=rest)
    np.add(t, coarse, out=coarse)
    np.multiply(rest, coarse, out=rest)
    np.add(lost, rest, out=lost)
    # Both are one small correction of the sum of base and slope.
    np.add(out, fit.base, out=rest)
    np.multiply(rest, lost, out=rest)
    np.subtract(out, rest, out=out)
    np.add(out, fit.base, out=out)
    np.negative(square, out=square)
    np.exp(square, out=square)
    np.multiply(out, square, out=out)
    np.divide(out, total, out=out)
