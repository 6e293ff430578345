"""Formulas of special functions, without branches: each of one array of float32 or float64, in the functions of any namespace.

A namespace is given because the same formula is the body of an op (accel's own functions), and what NumPy does block by block and JAX
compiles. Fits are those of `accel.extra.coefficients`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

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


def both(xp: Any, mask: Any, one: Callable[..., Any], other: Callable[..., Any], *args: Any) -> Any:
    """Give ``one(*args)`` where a mask is True and ``other(*args)`` elsewhere, by working out both everywhere."""
    return xp.where(mask, one(*args), other(*args))


Pick: TypeAlias = Callable[..., Any]
"""What `both` is: NumPy has another, which works out each where it is needed."""


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


def erfc(xp: Any, x: Any, pick: Pick = both) -> Any:
    """1 - erf(x) by a series about 0, and exp(-x**2) times a rational function beyond."""
    fit = ERFC[name_of(x.dtype)]

    def near(x: Any) -> Any:
        return 1.0 - x * quotient(xp, fit.near, x * x)

    def far(x: Any) -> Any:
        t = xp.clip(xp.abs(x), fit.start, fit.end)
        square, lost = squared(xp, t, fit.scale)
        total = kept(1.0 + t)
        v = xp.divide(1.0, total)
        slope = quotient(xp, fit.far, v)
        # What the sum 1 + t loses is known exactly; it and what the square lost are the same correction.
        part = total - 1.0
        lost = lost + ((1.0 - (total - part)) + (t - part)) * v
        share = fit.base + (slope - lost * (fit.base + slope))
        y = xp.divide(xp.exp(-square) * share, total)
        return xp.where(x < 0, 2.0 - y, y)

    return pick(xp, xp.abs(x) < fit.start, near, far, x)


def erfinv(xp: Any, x: Any, pick: Pick = both) -> Any:
    """The inverse of erf by x times a rational function of x**2, and one of the root of -log(1 - abs(x)) beyond."""
    fit = ERFINV[name_of(x.dtype)]

    def near(a: Any) -> Any:
        return a + a * quotient(xp, fit.near, fit.start**2 - a * a)

    def far(a: Any) -> Any:
        left = 1.0 - a
        r = xp.sqrt(-xp.log(xp.where(left == 0, 1.0, left)))
        return xp.where(left == 0, math.inf, r * (fit.base + quotient(xp, fit.far, r)))

    a = xp.abs(x)
    return xp.copysign(pick(xp, a < fit.start, near, far, a), x)


def gammaln(xp: Any, x: Any, pick: Pick = both) -> Any:
    """log(abs(gamma(x))): a rational function that has the roots 1 and 2 as factors, Stirling's series, and the reflection."""
    fit = GAMMALN[name_of(x.dtype)]

    def near(a: Any) -> Any:
        # gamma(a) is gamma(1 + a) / a near 0; differences from 1 and 2 are exact where they matter.
        small = a < fit.start
        t = xp.where(small, a + 1.0, a)
        roots = xp.where(small, a, a - 1.0) * xp.where(small, a - 1.0, a - 2.0)
        # The sign of a zero is that of 0.0.
        y = xp.where(roots == 0, 0.0, xp.divide(roots * (fit.base + quotient(xp, fit.near, t)), t + 1.0))
        return xp.where(small, y - xp.log(xp.where(small, a, 1.0)), y)

    def far(a: Any) -> Any:
        one = xp.divide(1.0, a)
        series = (fit.constant - 0.5) + one * quotient(xp, fit.far, one * one)
        return (a - 0.5) * (xp.log(a) - 1.0) + series

    def reflected(x: Any, shifted: Any) -> Any:
        # gamma(1 + a) * gamma(-a) is -pi / sin(pi * a), and gamma(1 + a) is a * gamma(a).
        a = -x
        off = a - xp.round(a)
        sine = xp.abs(off * quotient(xp, fit.sine, off * off)) * xp.where(a < fit.start, 1.0, a)
        y = xp.log(xp.divide(math.pi, sine)) - shifted
        return xp.where(xp.isinf(x) | (off == 0), math.inf, y)

    t = xp.where(x < 0, xp.where(x > -fit.start, 1.0 - x, -x), x)
    y = pick(xp, t < fit.end, near, far, t)
    return pick(xp, x < 0, reflected, lambda x, y: y, x, y)


def digamma(xp: Any, x: Any, pick: Pick = both) -> Any:
    """The derivative of gammaln: a rational function that has the root as a factor, the asymptotic series, and the reflection."""
    fit = DIGAMMA[name_of(x.dtype)]
    high, low = fit.root

    def near(t: Any) -> Any:
        return xp.divide((kept(t - high) - low) * (fit.base + quotient(xp, fit.near, t)), t + 1.0)

    def far(t: Any) -> Any:
        one = xp.divide(1.0, t)
        return xp.log(t) - (0.5 * one + one * one * quotient(xp, fit.far, one * one))

    def reflected(x: Any, shifted: Any) -> Any:
        # digamma(-a) is digamma(1 + a) + pi / tan(pi * a), and digamma(1 + a) is digamma(a) + 1 / a.
        a = -x
        off = a - xp.round(a)
        steep = xp.abs(off) < 0.25
        v = xp.where(steep, xp.abs(off), 0.5 - xp.abs(off))
        tangent = v + v * (v * v * quotient(xp, fit.tangent, v * v))  # over pi
        cotangent = xp.copysign(xp.where(steep, xp.divide(1.0, tangent), math.pi**2 * tangent), off)
        y = xp.where(a < fit.start, shifted, shifted + xp.divide(1.0, a)) + cotangent
        return xp.where(off == 0, math.nan, y)

    def positive(x: Any, shifted: Any) -> Any:
        return xp.where(x < fit.start, shifted - xp.divide(1.0, x), shifted)

    a = xp.abs(x)
    t = xp.where(a < fit.start, a + 1.0, a)
    y = pick(xp, t < fit.end, near, far, t)
    return pick(xp, x < 0, reflected, positive, x, y)


def _bessel(xp: Any, a: Any, fit: Any, order: int, pick: Pick) -> Any:
    """Give a modified Bessel function of a magnitude: near 0 of its square, elsewhere exp(a) / sqrt(a) times a function of 1 / a."""

    def near(a: Any) -> Any:
        # Even and odd terms apart: in half as many steps less is lost.
        u = a * a
        y = polynomial(fit.near.above[::2], u * u) + u * polynomial(fit.near.above[1::2], u * u)
        return y * a if order == 1 else y

    def far(a: Any) -> Any:
        slope = quotient(xp, fit.far, 1 / fit.start - xp.divide(1.0, a))
        # exp(a) may overflow where the result does not; what is split off is nearly a power of two.
        high = a > fit.high
        share = fit.base + (slope + xp.where(high, xp.full_like(a, fit.gain), 0.0) * (fit.base + slope))
        y = xp.exp(xp.where(high, a - fit.shift, a)) * xp.divide(share, xp.sqrt(a))
        return xp.where(xp.isinf(a), math.inf, xp.where(high, y * fit.factor, y))

    return pick(xp, a < fit.start, near, far, a)


def i0(xp: Any, x: Any, pick: Pick = both) -> Any:
    """Give the modified Bessel function of order 0, which is even."""
    return _bessel(xp, xp.abs(x), I0[name_of(x.dtype)], 0, pick)


def i1(xp: Any, x: Any, pick: Pick = both) -> Any:
    """Give the modified Bessel function of order 1, which is odd."""
    return xp.copysign(_bessel(xp, xp.abs(x), I1[name_of(x.dtype)], 1, pick), x)


def betaln(xp: Any, a: Any, b: Any, pick: Pick = both) -> Any:
    """log(gamma(a) * gamma(b) / gamma(a + b)): where the larger is large, with Stirling's series, in which the large terms cancel."""
    fit = GAMMALN[name_of(a.dtype)]

    def rest(x: Any) -> Any:
        one = xp.divide(1.0, x)
        return one * quotient(xp, fit.far, one * one)

    def plain(p: Any, q: Any) -> Any:
        return (gammaln(xp, p, pick) + gammaln(xp, q, pick)) - gammaln(xp, p + q, pick)

    def large(p: Any, q: Any) -> Any:
        return pick(xp, p > fit.end, both_large, one_large, p, q)

    # (q - 1/2) * log(1 + p / q), also where the quotient is too small for a normal number.
    def shifted(p: Any, q: Any) -> Any:
        ratio = xp.divide(p, q)
        return xp.where(ratio < 2.0**-64, p * xp.divide(q - 0.5, q), (q - 0.5) * xp.log1p(ratio))

    # The larger one and the sum: gammaln(q) - gammaln(p + q), but for what cancels against the smaller.
    def one_large(p: Any, q: Any) -> Any:
        drop = shifted(p, q)
        return (gammaln(xp, p, pick) + (p - drop)) + ((rest(q) - rest(p + q)) - p * xp.log(p + q))

    def both_large(p: Any, q: Any) -> Any:
        drop = shifted(p, q) + p * xp.log1p(xp.divide(q, p))
        return ((fit.constant + (rest(p) + (rest(q) - rest(p + q)))) - 0.5 * xp.log(p)) - drop

    p, q = xp.minimum(a, b), xp.maximum(a, b)
    y = pick(xp, q > fit.end, large, plain, p, q)
    y = xp.where(xp.isinf(q), -math.inf, xp.where(p == 0, math.inf, y))
    return xp.where((p < 0) | ((p == 0) & xp.isinf(q)) | xp.isnan(p), math.nan, y)


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
    smaller = xp.where(x == 0, 0.0, xp.minimum(x, 1.0 - x))
    return xp.copysign(xp.log1p(xp.divide(xp.abs(middle), smaller)), middle)


def softplus(xp: Any, x: Any) -> Any:
    """log(1 + exp(x)) without overflow."""
    return xp.maximum(x, 0.0) + xp.log1p(xp.exp(-xp.abs(x)))
