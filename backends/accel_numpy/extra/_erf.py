"""The error function in place, on blocks that stay in the cache.

``erf(x)`` is ``tanh(x * g(x**2))`` with a smooth g, so that a short polynomial or rational function and NumPy's own vectorised tanh are
enough over the whole line, without branches. The fits are minimax, weighted with what tanh makes of an error.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["BLOCK", "ROWS", "erf", "erf_into", "horner"]

Array: TypeAlias = npt.NDArray[Any]

BLOCK = 32768
"""Elements of a block for which the passes cost little more than in the first-level cache, and the calls of NumPy next to nothing."""

ROWS = 3
"""Rows of scratch that `erf_into` needs."""

# g - 1 as a polynomial up to 17.6, from where on tanh is 1 in float32 whoever made it: within 0.5 * 2**-24 of erf.
SINGLE = tuple(
    np.float32(c)
    for c in (
        0.1283791959285736,
        0.10277138650417328,
        -0.00020264493650756776,
        -0.0006025487091392279,
        7.530568109359592e-05,
        -1.2243243645571056e-06,
        -7.002895472396631e-07,
        8.292690267808212e-08,
        -3.910674006846193e-09,
        6.859658674418512e-11,
    )
)
# The same as a quotient up to 35.5, where erf is 1 in float64: within 0.1 * 2**-53. All terms are positive.
ABOVE = (
    0.1283791670955126,
    0.1633672597153732,
    0.06571067038906855,
    0.01647211528597244,
    0.0027568376983651186,
    0.0003233949838253113,
    2.6792445238493122e-05,
    1.4827418008717905e-06,
    5.065629089350637e-08,
    4.3876783689734367e-10,
)
BELOW = (
    1.0,
    0.47199758172876477,
    0.1356251578568349,
    0.025100857354810775,
    0.003268034994877484,
    0.00030281992993219507,
    1.9063714487045097e-05,
    8.044339244900694e-07,
    1.380711543580477e-08,
    2.8676697696874684e-11,
)


def horner(coefficients: Any, x: Array, out: Array) -> Array:
    """Evaluate a polynomial, whose coefficients begin with the constant one, into ``out``, which may not be ``x``."""
    np.multiply(x, coefficients[-1], out=out)
    np.add(out, coefficients[-2], out=out)
    for c in coefficients[-3::-1]:
        np.multiply(out, x, out=out)
        np.add(out, c, out=out)
    return out


def erf_into(x: Array, out: Array, scratch: Array) -> Array:
    """Write the error function of a block into another.

    Parameters
    ----------
    x : array of float32 or float64
        Any values: infinities give 1 and -1, nan stays. Fastest if contiguous and of about `BLOCK` elements.
    out : array, shape and dtype of x
        Gets the results; it may be ``x`` itself. It is also what is returned.
    scratch : array, shape (ROWS, *shape of x), dtype of x
        Overwritten.
    """
    if x.dtype == np.float32:
        u, a = scratch[0], scratch[1]
        np.clip(x, np.float32(-4.2), np.float32(4.2), out=out)
        np.multiply(out, out, out=u)
        horner(SINGLE, u, a)
    else:
        u, a, b = scratch[0], scratch[1], scratch[2]
        np.clip(x, -5.95, 5.95, out=out)
        np.multiply(out, out, out=u)
        horner(ABOVE, u, a)
        horner(BELOW, u, b)
        np.divide(a, b, out=a)
    # x + x * (g - 1) is nearer to the truth than x * g.
    np.multiply(a, out, out=a)
    np.add(out, a, out=out)
    return np.tanh(out, out=out)


def erf(x: Array) -> Array:
    """Give the error function of an array of float32 or float64, block by block."""
    flat = np.ascontiguousarray(x).reshape(-1)
    out = np.empty_like(flat)
    scratch = np.empty((ROWS, min(BLOCK, flat.size)), dtype=flat.dtype)
    for start in range(0, flat.size, BLOCK):
        run = slice(start, start + BLOCK)
        part = flat[run]
        erf_into(part, out[run], scratch[:, : part.size])
    return out.reshape(x.shape)
