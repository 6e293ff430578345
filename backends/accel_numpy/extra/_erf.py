"""The error function in place, on blocks that stay in the cache."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from accel.extra.coefficients import ERF, Ratio

__all__ = ["ROWS", "erf_into"]

Array: TypeAlias = npt.NDArray[Any]

ROWS = 3
"""Rows of scratch that the function needs."""


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
