"""Special functions on CuPy: accel's own formulas, each as one kernel.

cupyx.scipy.special has most of them. CUDA gives its erfc and erfinv of float64, lgamma, i0 and i1 bounds beyond 4 ulp, CuPy's digamma
and logit lose their digits about their roots, and bfloat16 is unknown to all.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from cupy._core import create_ufunc

from accel.extra.coefficients import DIGAMMA, ERFC, ERFINV, GAMMALN, I0, I1, Ratio
from accel_cupy._elementwise import VALUES, floats

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

TYPES = {"float32": ("float", "f"), "float64": ("double", "")}


class Writer:
    """What writes the numbers and functions of a formula in C++, for one dtype."""

    def __init__(self, dtype: str) -> None:
        self.dtype = dtype
        self.type, self.suffix = TYPES[dtype]

    def number(self, x: float) -> str:
        """Write a number of the dtype."""
        return f"{float(x)!r}{self.suffix}"

    def polynomial(self, coefficients: tuple[float, ...], x: str) -> str:
        """Write a polynomial by Horner's rule."""
        text = self.number(coefficients[-1])
        for c in coefficients[-2::-1]:
            text = f"({text} * {x} + {self.number(c)})"
        return text

    def ratio(self, ratio: Ratio, x: str) -> str:
        """Write a rational function."""
        above = self.polynomial(ratio.above, x)
        return f"({above} / {self.polynomial(ratio.below, x)})" if ratio.below else above


def written(function: Callable[[Writer], str]) -> str:
    """Write a function for both dtypes; ``T`` stands for the type."""
    parts = []
    for dtype in TYPES:
        writer = Writer(dtype)
        parts.append(f"__device__ {function(writer).replace('T ', writer.type + ' ')}")
    return "\n".join(parts)


def unary(name: str, *functions: Callable[[Writer], str]) -> Any:
    """Make a ufunc of one array; 16 bits are computed in float."""
    body = f"out0 = accel_{name}(%s)"
    return create_ufunc(
        f"accel_extra_{name}",
        floats(1, body % "in0", body % "float(in0)"),
        preamble=VALUES + "\n".join(map(written, functions)),
    )


def _erfc(w: Writer) -> str:
    fit = ERFC[w.dtype]
    n = w.number
    return f"""T accel_erfc(T x) {{
    T a = fabs(x), u = x * x;
    if (a < {n(fit.start)}) return {n(1)} - x * {w.ratio(fit.near, "u")};
    T t = a > {n(fit.end)} ? {n(fit.end)} : a;
    T square = t * t;
    T total = {n(1)} + t, part = total - {n(1)}, v = {n(1)} / total;
    T lost = fma(t, t, -square) + (({n(1)} - (total - part)) + (t - part)) * v;
    T slope = {w.ratio(fit.far, "v")};
    T share = {n(fit.base)} + (slope - lost * ({n(fit.base)} + slope));
    T y = exp(-square) * share / total;
    return x < 0 ? {n(2)} - y : y;
}}"""


def _erfinv(w: Writer) -> str:
    fit = ERFINV[w.dtype]
    n = w.number
    return f"""T accel_erfinv(T x) {{
    T a = fabs(x), s = {n(fit.start**2)} - a * a;
    if (a < {n(fit.start)}) return copysign(a + a * {w.ratio(fit.near, "s")}, x);
    if (a == {n(1)}) return copysign(endless<T >(), x);
    T r = sqrt(-log({n(1)} - a));
    return copysign(r * ({n(fit.base)} + {w.ratio(fit.far, "r")}), x);
}}"""


def _gammaln(w: Writer) -> str:
    fit = GAMMALN[w.dtype]
    n = w.number
    return f"""T accel_gammaln(T x) {{
    T a = -x, t = x;
    if (isinf(x)) return endless<T >();
    if (x < 0) t = a < {n(fit.start)} ? {n(1)} - x : a;
    T y;
    if (t < {n(fit.end)}) {{
        bool small = t < {n(fit.start)};
        T z = small ? t + {n(1)} : t;
        T roots = (small ? t : t - {n(1)}) * (small ? t - {n(1)} : t - {n(2)});
        y = roots == 0 ? {n(0)} : roots * ({n(fit.base)} + {w.ratio(fit.near, "z")}) / (z + {n(1)});
        if (small) y -= log(t);
    }} else {{
        T one = {n(1)} / t, two = one * one;
        y = (t - {n(0.5)}) * (log(t) - {n(1)}) + ({n(fit.constant - 0.5)} + one * {w.ratio(fit.far, "two")});
    }}
    if (!(x < 0)) return y;
    T off = a - rint(a), u = off * off;
    if (off == 0) return endless<T >();
    T sine = fabs(off * {w.ratio(fit.sine, "u")}) * (a < {n(fit.start)} ? {n(1)} : a);
    return log({n(math.pi)} / sine) - y;
}}"""


def _digamma(w: Writer) -> str:
    fit = DIGAMMA[w.dtype]
    n = w.number
    high, low = map(n, fit.root)
    return f"""T accel_digamma(T x) {{
    T a = fabs(x), t = a < {n(fit.start)} ? a + {n(1)} : a, y;
    if (t < {n(fit.end)}) {{
        y = ((t - {high}) - {low}) * ({n(fit.base)} + {w.ratio(fit.near, "t")}) / (t + {n(1)});
    }} else {{
        T one = {n(1)} / t, two = one * one;
        y = log(t) - ({n(0.5)} * one + two * {w.ratio(fit.far, "two")});
    }}
    if (!(x < 0)) return x < {n(fit.start)} ? y - {n(1)} / x : y;
    T off = a - rint(a), size = fabs(off);
    if (!(size > 0)) return no_number<T >();
    bool steep = size < {n(0.25)};
    T v = steep ? size : {n(0.5)} - size, u = v * v;
    T tangent = v + v * (u * {w.ratio(fit.tangent, "u")});
    T cotangent = copysign(steep ? {n(1)} / tangent : {n(math.pi**2)} * tangent, off);
    return (a < {n(fit.start)} ? y : y + {n(1)} / a) + cotangent;
}}"""


def _bessel(name: str, fits: dict[str, Any], order: int) -> Callable[[Writer], str]:
    def write(w: Writer) -> str:
        fit = fits[w.dtype]
        n = w.number
        even, odd = (w.polynomial(fit.near.above[k::2], "uu") for k in (0, 1))
        near = f"({even} + u * {odd})"
        small, large = (f"a * {near}", "copysign(y, x)") if order else (near, "y")
        return f"""T accel_{name}(T x) {{
    T a = fabs(x), u = a * a, uu = u * u, y;
    if (a < {n(fit.start)}) {{
        y = {small};
    }} else if (isinf(a)) {{
        y = a;
    }} else {{
        T s = {n(1 / fit.start)} - {n(1)} / a;
        bool high = a > {n(fit.high)};
        T slope = {w.ratio(fit.far, "s")};
        T share = {n(fit.base)} + (slope + (high ? {n(fit.gain)} : {n(0)}) * ({n(fit.base)} + slope));
        y = exp(high ? a - {n(fit.shift)} : a) * (share / sqrt(a));
        if (high) y *= {n(fit.factor)};
    }}
    return {large};
}}"""

    return write


def _logit(w: Writer) -> str:
    n = w.number
    return f"""T accel_logit(T x) {{
    T middle = (x + x) - {n(1)}, other = {n(1)} - x;
    T smaller = x == 0 ? {n(0)} : x < other ? x : other;
    return copysign(log1p(fabs(middle) / smaller), middle);
}}"""


def _betaln(w: Writer) -> str:
    fit = GAMMALN[w.dtype]
    n = w.number
    return f"""T accel_rest(T x) {{
    T one = {n(1)} / x, two = one * one;
    return one * {w.ratio(fit.far, "two")};
}}
__device__ T accel_betaln(T a, T b) {{
    T p = a < b ? a : b, q = a < b ? b : a;
    if (isnan(a) || isnan(b) || p < 0 || (p == 0 && isinf(q))) return no_number<T >();
    if (isinf(q)) return -endless<T >();
    if (p == 0) return endless<T >();
    if (!(q > {n(fit.end)})) return (accel_gammaln(p) + accel_gammaln(q)) - accel_gammaln(p + q);
    T drop = (q - {n(0.5)}) * log1p(p / q), rest = accel_rest(q) - accel_rest(p + q);
    if (p > {n(fit.end)})
        return (({n(fit.constant)} + (accel_rest(p) + rest)) - {n(0.5)} * log(p)) - (drop + p * log1p(q / p));
    return (accel_gammaln(p) + (p - drop)) + (rest - p * log(p + q));
}}"""


# In CuPy erf takes no bfloat16; this is CUDA's, within 2 ulp.
erf: Any = create_ufunc("accel_extra_erf", floats(1, "out0 = erf(in0)", "out0 = erf(float(in0))"))

# The reason stands above, as for the rest.
erfc: Any = unary("erfc", _erfc)
erfinv: Any = unary("erfinv", _erfinv)
gammaln: Any = unary("gammaln", _gammaln)
digamma: Any = unary("digamma", _digamma)
i0: Any = unary("i0", _bessel("i0", I0, 0))
i1: Any = unary("i1", _bessel("i1", I1, 1))
logit: Any = unary("logit", _logit)
betaln: Any = create_ufunc(
    "accel_extra_betaln",
    floats(2, "out0 = accel_betaln(in0, in1)", "out0 = accel_betaln(float(in0), float(in1))"),
    preamble=VALUES + "\n".join(map(written, (_gammaln, _betaln))),
)

# As the bodies, in one pass instead of several.
expit: Any = create_ufunc(
    "accel_extra_expit",
    floats(1, "out0 = 1 / (1 + exp(-in0))", "out0 = 1 / (1 + exp(-float(in0)))"),
)
SMOOTH = "in0_type x = in0; out0 = (x > 0 ? x : x < 0 ? in0_type(0) : x) + log1p(exp(-fabs(x)))"
softplus: Any = create_ufunc("accel_extra_softplus", floats(1, SMOOTH, SMOOTH.replace("in0_type", "float")))
PRODUCT = "out0 = in0 == 0 && !isnan(in1) ? in0_type(0) : in0 * log(in1)"
xlogy: Any = create_ufunc(
    "accel_extra_xlogy",
    floats(
        2,
        PRODUCT,
        "float a = in0, b = in1; out0 = a == 0 && !isnan(b) ? 0.0f : a * log(b)",
    ),
)
