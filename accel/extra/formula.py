"""Formulas of special functions, without branches: each of one array of float32 or float64, in the functions of any namespace.

A namespace is given because the same formula is the body of an op (accel's own functions), and what NumPy does block by block and JAX
compiles. Fits are those of `accel.extra.coefficients`.
"""

from __future__ import annotations

import math
from typing import Any

from accel.composition import kept
from accel.dtype import name_of
from accel.extra.coefficients import DIGAMMA, ERF, ERFC, ERFINV, GAMMALN, I0, I1, Ratio

__all__ = [
    "betaln",
    "digamma",
    "erf",
    "erfc",
    "erfinv",
    "expit",
    "gammaln",
    "i0",
    "i1",
    "logit",
    "softplus",
    "xlogy",
]


def arrays(a: Any, b: Any) -> tuple[Any, Any]:
    """Give two operands as arrays: a Python number takes the dtype of the other one."""
    import accel as xp

    if not hasattr(a, "dtype"):
        return xp.full_like(b, a), b
    return a, b if hasattr(b, "dtype") else xp.full_like(a, b)


def polynomial(coefficients: tuple[float, ...], x: Any) -> Any:
    """Evaluate a polynomial by Horner's rule; its coefficients begin with the constant one."""
    y = x * coefficients[-1] + coefficients[-2]
    for c in coefficients[-3::-1]:
        y = y * x + c
    return y


def quotient(xp: Any, ratio: Ratio, x: Any) -> Any:
    """Evaluate a rational function."""
    above = polynomial(ratio.above, x)
    return above if not ratio.below else xp.divide(above, polynomial(ratio.below, x))


def erf(xp: Any, x: Any) -> Any:
    """erf(x) as tanh(x * g(x**2)): g - 1 is smooth, and tanh takes the place of branches."""
    fit = ERF[name_of(x.dtype)]
    t = xp.clip(x, -fit.end, fit.end)
    return xp.tanh(t + t * quotient(xp, fit.ratio, t * t))


def squared(xp: Any, t: Any, scale: float) -> tuple[Any, Any]:
    """Give t**2 rounded and what that lost, since exp(-t**2) tells; t * scale rounds to a number whose square is exact."""
    coarse = xp.round(t * scale) * (1 / scale)
    square = kept(t * t)
    return square, (coarse * coarse - square) + (t - coarse) * (t + coarse)


def erfc(xp: Any, x: Any) -> Any:
    """1 - erf(x) by a series about 0, and exp(-x**2) times a rational function beyond."""
    fit = ERFC[name_of(x.dtype)]
    a = xp.abs(x)
    s = xp.minimum(a, fit.start)
    near = 1.0 - x * quotient(xp, fit.near, s * s)
    t = xp.clip(a, fit.start, fit.end)
    square, lost = squared(xp, t, fit.scale)
    total = kept(1.0 + t)
    v = xp.divide(1.0, total)
    slope = quotient(xp, fit.far, v)
    # What the sum 1 + t loses is known exactly; it and what the square lost are the same correction.
    part = total - 1.0
    lost = lost + ((1.0 - (total - part)) + (t - part)) * v
    share = fit.base + (slope - lost * (fit.base + slope))
    far = xp.divide(xp.exp(-square) * share, total)
    return xp.where(a < fit.start, near, xp.where(x < 0, 2.0 - far, far))


def erfinv(xp: Any, x: Any) -> Any:
    """The inverse of erf by x times a rational function of x**2, and one of the root of -log(1 - abs(x)) beyond."""
    fit = ERFINV[name_of(x.dtype)]
    a = xp.abs(x)
    s = xp.minimum(a, fit.start)
    near = x + x * quotient(xp, fit.near, fit.start**2 - s * s)
    left = 1.0 - xp.maximum(a, fit.start)
    r = xp.sqrt(-xp.log(xp.where(left == 0, 1.0, left)))
    far = xp.copysign(r * (fit.base + quotient(xp, fit.far, r)), x)
    far = xp.where(left == 0, xp.copysign(xp.full_like(x, math.inf), x), far)
    return xp.where(a < fit.start, near, far)


def gammaln(xp: Any, x: Any) -> Any:
    """log(abs(gamma(x))): a rational function that has the roots 1 and 2 as factors, Stirling's series, and the reflection."""
    fit = GAMMALN[name_of(x.dtype)]
    a = xp.abs(x)
    small = a < fit.start
    # gamma(a) is gamma(1 + a) / a near 0; differences from 1 and 2 are exact where they matter.
    below = xp.minimum(a, fit.end)
    t = xp.where(small, below + 1.0, below)
    near = xp.where(small, below, below - 1.0) * xp.where(small, below - 1.0, below - 2.0)
    near = xp.where(near == 0, 0.0, xp.divide(near * (fit.base + quotient(xp, fit.near, t)), t + 1.0))
    far = xp.maximum(a, fit.end)
    one = xp.divide(1.0, far)
    size = xp.log(xp.where(small, a, far))
    stirling = (far - 0.5) * (size - 1.0) + ((fit.constant - 0.5) + one * quotient(xp, fit.far, one * one))
    positive = xp.where(small, near - size, xp.where(a > fit.end, stirling, near))
    # gamma(x) * gamma(1 - x) is pi / sin(pi * x).
    off = a - xp.round(a)
    sine = xp.abs(xp.sin(math.pi * off)) * xp.where(small, 1.0, a)
    reflected = xp.log(xp.divide(math.pi, sine)) - xp.where(small, near, positive)
    infinite = xp.isinf(x) | (off == 0)
    reflected = xp.where(infinite, math.inf, reflected)
    return xp.where(x < 0, reflected, positive)


def digamma(xp: Any, x: Any) -> Any:
    """The derivative of gammaln: a rational function that has the root as a factor, the asymptotic series, and the reflection."""
    fit = DIGAMMA[name_of(x.dtype)]
    a = xp.abs(x)
    small = a < fit.start
    below = xp.minimum(a, fit.end)
    t = xp.where(small, below + 1.0, below)
    high, low = fit.root
    near = xp.divide((kept(t - high) - low) * (fit.base + quotient(xp, fit.near, t)), t + 1.0)
    far = xp.maximum(a, fit.end)
    one = xp.divide(1.0, far)
    series = xp.log(far) - (0.5 * one + one * one * quotient(xp, fit.far, one * one))
    positive = xp.where(a > fit.end, series, near)  # of 1 + a where that is small
    # digamma(-a) is digamma(1 + a) + pi / tan(pi * a), and digamma(1 + a) is digamma(a) + 1 / a.
    inverse = xp.divide(1.0, xp.where(x == 0, x, a))
    off = a - xp.round(a)
    steep = xp.abs(off) < 0.25
    v = xp.where(steep, xp.abs(off), 0.5 - xp.abs(off))
    tangent = v + v * (v * v * quotient(xp, fit.tangent, v * v))  # over pi
    cotangent = xp.copysign(xp.where(steep, xp.divide(1.0, tangent), math.pi**2 * tangent), off)
    reflected = xp.where(small, positive, positive + inverse) + cotangent
    reflected = xp.where(off == 0, math.nan, reflected)
    return xp.where(x < 0, reflected, xp.where(small, positive - inverse, positive))


def _bessel(xp: Any, a: Any, fit: Any, order: int) -> Any:
    """A modified Bessel function of a magnitude: near 0 in its square, elsewhere exp(a) / sqrt(a) times a function of 1 / a."""
    s = xp.minimum(a, fit.start)
    # Even and odd terms apart: in half as many steps less is lost.
    u = s * s
    near = polynomial(fit.near.above[::2], u * u) + u * polynomial(fit.near.above[1::2], u * u)
    if order == 1:
        near = near * s
    t = xp.maximum(a, fit.start)
    slope = quotient(xp, fit.far, 1 / fit.start - xp.divide(1.0, t))
    # exp(a) may overflow where the result does not; what is split off is nearly a power of two.
    high = t > fit.high
    share = fit.base + (slope + xp.where(high, xp.full_like(t, fit.gain), 0.0) * (fit.base + slope))
    far = xp.exp(xp.where(high, t - fit.shift, t)) * xp.divide(share, xp.sqrt(t))
    far = xp.where(high, far * fit.factor, far)
    return xp.where(a < fit.start, near, xp.where(xp.isinf(a), math.inf, far))


def i0(xp: Any, x: Any) -> Any:
    """The modified Bessel function of order 0."""
    return _bessel(xp, xp.abs(x), I0[name_of(x.dtype)], 0)


def i1(xp: Any, x: Any) -> Any:
    """The modified Bessel function of order 1, which is odd."""
    return xp.copysign(_bessel(xp, xp.abs(x), I1[name_of(x.dtype)], 1), x)


def betaln(xp: Any, a: Any, b: Any) -> Any:
    """log(gamma(a) * gamma(b) / gamma(a + b)): where the larger is large, with Stirling's series, in which the large terms cancel."""
    fit = GAMMALN[name_of(a.dtype)]
    p, q = xp.minimum(a, b), xp.maximum(a, b)
    plain = (gammaln(xp, p) + gammaln(xp, q)) - gammaln(xp, p + q)

    def rest(x: Any) -> Any:
        one = xp.divide(1.0, x)
        return one * quotient(xp, fit.far, one * one)

    high = xp.maximum(q, fit.end)
    low = xp.maximum(p, fit.end)
    # The larger one and the sum: gammaln(high) - gammaln(p + high), but for p.
    drop = (high - 0.5) * xp.log1p(xp.divide(p, high))
    correction = rest(high) - rest(p + high)
    one_large = (gammaln(xp, p) + (p - drop)) + (correction - p * xp.log(p + high))
    both_large = (
        (fit.constant + (rest(low) + correction))
        - 0.5 * xp.log(low)
        - drop
        - low * xp.log1p(xp.divide(high, low))
    )
    large = xp.where(p > fit.end, both_large, one_large)
    large = xp.where(xp.isinf(q), xp.where(p == 0, math.nan, -math.inf), large)
    return xp.where(p < 0, math.nan, xp.where(q > fit.end, large, plain))


def logarithm(xp: Any, x: Any) -> Any:
    """log(x), near 1 as log1p of the exact difference, whose last digits are better in some libraries."""
    near = (x > 0.5) & (x < 2.0)
    return xp.where(near, xp.log1p(xp.where(near, x - 1.0, 0.0)), xp.log(x))


def xlogy(xp: Any, x: Any, y: Any) -> Any:
    """The product x * log(y), and 0 where x is."""
    none = (x == 0) & ~xp.isnan(y)
    return xp.where(none, 0.0, x * logarithm(xp, xp.where(none, 1.0, y)))


def expit(xp: Any, x: Any) -> Any:
    """1 / (1 + exp(-x)) by the exponential of the negative magnitude alone."""
    e = xp.exp(-xp.abs(x))
    return xp.divide(xp.where(x < 0, e, 1.0), 1.0 + e)


def logit(xp: Any, x: Any) -> Any:
    """log(x / (1 - x)) as log1p of a quotient that is 0 at 1/2; 2 * x - 1 is exact where that is small."""
    middle = (x + x) - 1.0
    return xp.copysign(xp.log1p(xp.divide(xp.abs(middle), xp.minimum(x, 1.0 - x))), middle)


def softplus(xp: Any, x: Any) -> Any:
    """log(1 + exp(x)) without overflow."""
    return xp.maximum(x, 0.0) + xp.log1p(xp.exp(-xp.abs(x)))
