"""Elementwise functions that CuPy lacks or means differently, each as one CuPy ufunc: its types, its C++, its reason.

A CuPy ufunc takes the first row of types that its arguments can be cast to, with Python scalars as in NumPy 2, compiles the row's
C++ at its first use and launches it once; so these behave in every other way like CuPy's own. The 16-bit floats compute in float.
The row of a dtype that is refused has a function for a body.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NoReturn

import cupy as cp
from cupy._core import create_ufunc

from accel.errors import DTypeError

__all__ = [
    "acosh",
    "atan2",
    "bitwise_left_shift",
    "bitwise_right_shift",
    "clip",
    "copysign",
    "divide",
    "equal",
    "expm1",
    "floor_divide",
    "greater",
    "greater_equal",
    "hypot",
    "less",
    "less_equal",
    "log",
    "log1p",
    "log2",
    "log10",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "nextafter",
    "not_equal",
    "pow",
    "remainder",
    "round",
    "saturate",
    "sign",
    "tan",
    "tanh",
]


try:
    import ml_dtypes
except ImportError:
    BFLOAT16: Any = None
else:
    BFLOAT16 = ml_dtypes.bfloat16


def row(char: str, inputs: int, body: Any, result: str = "") -> tuple[Any, ...]:
    """Write the row of one dtype."""
    return ((f"{char * inputs}->{result or char}", body),)


def bfloat16(inputs: int, body: Any, result: str = "") -> tuple[Any, ...]:
    """Write the row of bfloat16, where there is one: it has no character."""
    return () if BFLOAT16 is None else (([(BFLOAT16,) * inputs, (result or BFLOAT16,)], body),)


def integers(inputs: int, signed: Any, unsigned: Any = None, result: str = "") -> tuple[Any, ...]:
    """Write the rows of the integer dtypes, by size: the first that fits is taken."""
    bodies = {"s": signed, "u": signed if unsigned is None else unsigned}
    return tuple(
        one for c in "bBhHiIlLqQ" for one in row(c, inputs, bodies["s" if c.islower() else "u"], result)
    )


def floats(inputs: int, body: Any, half: Any = None, result: str = "") -> tuple[Any, ...]:
    """Write the rows of the real floating-point dtypes; ``half`` is the body for those of 16 bits."""
    half = body if half is None else half
    return (
        *row("e", inputs, half, result),
        *bfloat16(inputs, half, result),
        *row("f", inputs, body, result),
        *row("d", inputs, body, result),
    )


def complexes(inputs: int, body: Any, result: str = "") -> tuple[Any, ...]:
    """Write the rows of the complex dtypes."""
    return (*row("F", inputs, body, result), *row("D", inputs, body, result))


def not_complex(name: str, inputs: int) -> tuple[Any, ...]:
    """Write rows that refuse complex numbers."""
    return complexes(
        inputs, refusal(f"{name} is not defined for complex numbers; take real(x), imag(x) or abs(x).")
    )


def refusal(message: str) -> Callable[[], NoReturn]:
    """Make the body of a row that is refused."""

    def refuse() -> NoReturn:
        raise DTypeError(message)

    return refuse


# NVRTC knows neither NAN nor INFINITY.
VALUES = """
template <typename T> __device__ T no_number() { return T(__int_as_float(0x7fffffff)); }
template <typename T> __device__ T endless() { return T(__int_as_float(0x7f800000)); }
"""

ACOSH = (
    VALUES
    + """
template <typename T> __device__ complex<T> complex_acosh(complex<T> z) {
    if (z.real() == 0 && isnan(z.imag())) return complex<T>(no_number<T>(), T(1.5707963267948966));
    return acosh(z);
}
"""
)

# CuPy has nan where C99 and the standard have half a turn for the angle.
acosh: Any = create_ufunc(
    "accel_acosh",
    (*floats(1, "out0 = acosh(in0)"), *complexes(1, "out0 = complex_acosh(in0)")),
    preamble=ACOSH,
)

# CuPy sends complex numbers to a C++ function that does not exist, and the compiler's report to the caller. So do copysign, hypot
# and nextafter.
atan2: Any = create_ufunc("accel_atan2", (*floats(2, "out0 = atan2(in0, in1)"), *not_complex("atan2", 2)))

# A shift by the width or more, or by a negative count, is undefined in C++: x86 takes the count modulo 32 or 64, a GPU clamps it.
# As in NumPy nothing is left, or the sign.
bitwise_left_shift: Any = create_ufunc(
    "accel_bitwise_left_shift",
    integers(
        2,
        "out0 = in1 < 0 || in1 >= 8 * sizeof(in0) ? 0 : static_cast<in0_type>(static_cast<unsigned long long>(in0) << in1)",
        "out0 = in1 >= 8 * sizeof(in0) ? 0 : in0 << in1",
    ),
)
bitwise_right_shift: Any = create_ufunc(
    "accel_bitwise_right_shift",
    integers(
        2,
        "out0 = in1 < 0 || in1 >= 8 * sizeof(in0) ? -(in0 < 0) : in0 >> in1",
        "out0 = in1 >= 8 * sizeof(in0) ? 0 : in0 >> in1",
    ),
)

_clip = create_ufunc(
    "accel_clip",
    (
        *row("?", 3, "out0 = (in0 || in1) && in2"),
        *integers(3, "out0 = in0 < in1 ? in1 : in0; if (out0 > in2) out0 = in2"),
        *floats(
            3,
            "out0 = in0 < in1 || isnan(in1) ? in1 : in0; if (!isnan(out0) && (out0 > in2 || isnan(in2))) out0 = in2",
        ),
        *not_complex("clip", 3),
    ),
)


# CuPy leaves x alone where a bound is nan; NumPy's meaning is minimum(maximum(x, min), max). A Python integer that x's dtype cannot
# hold is a bound without effect, not an error.
def clip(x: Any, /, min: Any = None, max: Any = None) -> Any:
    if x.dtype.kind in "iu":
        min, max = _fitted(min, x.dtype), _fitted(max, x.dtype)
    if min is None:
        return x.copy() if max is None else cp.minimum(x, max)
    return cp.maximum(x, min) if max is None else _clip(x, min, max)


def _fitted(bound: Any, dtype: Any) -> Any:
    if not isinstance(bound, int):
        return bound
    limits = cp.iinfo(dtype)
    return limits.min if bound < limits.min else limits.max if bound > limits.max else bound


def compared(native: Any) -> Any:
    """Make a comparison that takes Python integers of any size."""

    def compare(x1: Any, x2: Any, /) -> Any:
        return native(_comparable(x1, x2), _comparable(x2, x1))

    return compare


def _comparable(x: Any, other: Any) -> Any:
    if type(x) is not int or -(2**63) <= x < 2**64:
        return x
    if other.dtype.kind not in "biu" and abs(x) < 2**1023:
        return float(x)
    return math.copysign(math.inf, x)


copysign: Any = create_ufunc(
    "accel_copysign", (*floats(2, "out0 = copysign(in0, in1)"), *not_complex("copysign", 2))
)

EXPM1 = """
template <typename T> __device__ complex<T> complex_expm1(complex<T> z) {
    T x = z.real(), y = z.imag();
    if (y == 0) return complex<T>(expm1(x) + T(0), y);
    if (!isfinite(x)) {
        complex<T> w = exp(z);
        return complex<T>(w.real() - 1, w.imag());
    }
    T s = sin(y / 2);
    return complex<T>(expm1(x) * cos(y) - 2 * s * s, exp(x) * sin(y));
}
"""

# CuPy's complex expm1 is exp(z) - 1, without a correct digit for small z.
expm1: Any = create_ufunc(
    "accel_expm1",
    (*floats(1, "out0 = expm1(in0)"), *complexes(1, "out0 = complex_expm1(in0)")),
    preamble=EXPM1,
)

FLOOR_DIVIDE = """
template <typename T> __device__ T floor_quotient(T x, T y) {
    if (y == 0 || isinf(x) || isinf(y)) return x / y;
    T rest = fmod(x, y);
    T quotient = (x - rest) / y;
    if (rest != 0 && (rest < 0) != (y < 0)) quotient -= 1;
    if (quotient == 0) return copysign(T(0), x / y);
    T whole = floor(quotient);
    return quotient - whole > T(0.5) ? whole + 1 : whole;
}
"""


# CuPy cannot pass on a Python integer beyond the range of int64; it is divided as a float.
def divide(x1: Any, x2: Any, /) -> Any:
    return cp.divide(_as_float(x1), _as_float(x2))


def _as_float(number: Any) -> Any:
    if type(number) is not int or -(2**63) <= number < 2**63:
        return number
    return float(number)


# CuPy takes floor(x / y), so 1 // 0.1 is 10; from fmod, as in NumPy, it is 9. With an infinity the quotient itself is what the
# standard prefers. For integers C++ leaves x // 0 and INT_MIN // -1 undefined; here they are 0 and INT_MIN.
floor_divide: Any = create_ufunc(
    "accel_floor_divide",
    (
        *integers(
            2,
            "if (in1 == 0) out0 = 0;"
            "else if (in1 == -1) out0 = static_cast<in0_type>(0ull - static_cast<unsigned long long>(in0));"
            "else out0 = in0 / in1 - (in0 % in1 != 0 && (in0 < 0) != (in1 < 0));",
            "out0 = in1 == 0 ? 0 : in0 / in1",
        ),
        *floats(2, "out0 = floor_quotient(in0, in1)", "out0 = floor_quotient<float>(in0, in1)"),
        *not_complex("floor_divide", 2),
    ),
    preamble=FLOOR_DIVIDE,
)

# CuPy raises for Python integers of more than 64 bits, which compare as exactly as others. So do the other five comparisons.
equal: Any = compared(cp.equal)
greater: Any = compared(cp.greater)
greater_equal: Any = compared(cp.greater_equal)

hypot: Any = create_ufunc("accel_hypot", (*floats(2, "out0 = hypot(in0, in1)"), *not_complex("hypot", 2)))

less: Any = compared(cp.less)
less_equal: Any = compared(cp.less_equal)

LOG = (
    VALUES
    + """
template <typename T> __device__ complex<T> complex_log(complex<T> z, T unit) {
    T size = isinf(z.real()) || isinf(z.imag()) ? endless<T>() : log(z).real();
    return complex<T>(size * unit, atan2(z.imag(), z.real()) * unit);
}
"""
)


def logarithm(name: str, unit: float) -> Any:
    """Make a logarithm whose complex rows are the natural one times a real number."""
    return create_ufunc(
        f"accel_{name}",
        (
            *floats(1, f"out0 = {name}(in0)"),
            *complexes(1, f"out0 = complex_log<in0_type::value_type>(in0, {unit!r})"),
        ),
        preamble=LOG,
    )


# CuPy's complex logarithm has nan for the size of a number with one part infinite and the other nan, and its log2 and log10 divide
# by a complex number.
log: Any = logarithm("log", 1.0)
log2: Any = logarithm("log2", 1.4426950408889634)
log10: Any = logarithm("log10", 0.4342944819032518)

LOG1P = (
    LOG
    + """
template <typename T> __device__ complex<T> complex_log1p(complex<T> z) {
    T x = z.real(), y = z.imag();
    complex<T> plain = complex_log<T>(complex<T>(1 + x, y), 1);
    if (fabs(x) > T(0.5) || fabs(y) > T(0.5) || isnan(x) || isnan(y)) return plain;
    return complex<T>(log1p(x * (2 + x) + y * y) / 2, plain.imag());
}
"""
)

# As log; and CuPy's complex log1p is log(1 + z), without a correct digit for small z.
log1p: Any = create_ufunc(
    "accel_log1p",
    (*floats(1, "out0 = log1p(in0)"), *complexes(1, "out0 = complex_log1p(in0)")),
    preamble=LOG1P,
)


def logical(name: str, inputs: int, body: str) -> Any:
    """Make a logical ufunc over every dtype."""
    dtypes = (*row("?", inputs, body), *integers(inputs, body, result="?"), *floats(inputs, body, result="?"))
    return create_ufunc(
        f"accel_{name}",
        (*dtypes, *complexes(inputs, body, "?")),
        preamble="template <typename T> __device__ bool truth(T x) { return x != T(0); }",
    )


def truthful(native: Any) -> Any:
    """Make a logical function that takes Python integers of any size."""

    def truth(x1: Any, x2: Any, /) -> Any:
        return native(bool(x1) if type(x1) is int else x1, bool(x2) if type(x2) is int else x2)

    return truth


# CuPy has no complex rows in these, and raises for Python integers that the dtype beside them cannot hold.
logical_and: Any = truthful(logical("logical_and", 2, "out0 = truth(in0) && truth(in1)"))
logical_not: Any = logical("logical_not", 1, "out0 = !truth(in0)")
logical_or: Any = truthful(logical("logical_or", 2, "out0 = truth(in0) || truth(in1)"))
logical_xor: Any = truthful(logical("logical_xor", 2, "out0 = truth(in0) != truth(in1)"))

# CuPy's float16 version gives nan for an infinite x.
nextafter: Any = create_ufunc(
    "accel_nextafter",
    (
        *row(
            "e",
            2,
            "if (float(in0) == float(in1)) out0 = in1;"
            "else if (!isinf(in0) || isnan(in1)) out0 = nextafter(in0, in1);"
            "else out0 = in0 > 0 ? 65504.0f : -65504.0f",
        ),
        *bfloat16(2, "if (float(in0) == float(in1)) out0 = in1; else out0 = nextafter(in0, in1)"),
        *row("f", 2, "out0 = nextafter(in0, in1)"),
        *row("d", 2, "out0 = nextafter(in0, in1)"),
        *not_complex("nextafter", 2),
    ),
)

not_equal: Any = compared(cp.not_equal)

POW = (
    VALUES
    + """
template <typename T> __device__ T whole_power(T x, T n) {
    if (n < 0) return x == T(-1) ? ((n & 1) ? T(-1) : T(1)) : T(x == 1);
    unsigned long long out = 1, power = static_cast<unsigned long long>(x), left = static_cast<unsigned long long>(n);
    for (; left > 0; left >>= 1) {
        if (left & 1) out *= power;
        power *= power;
    }
    return static_cast<T>(out);
}

template <typename T> __device__ complex<T> complex_power(complex<T> z, complex<T> w) {
    T n = w.real();
    if (w == complex<T>(0)) return complex<T>(1);
    if (z == complex<T>(0)) return n > 0 ? complex<T>(0) : complex<T>(no_number<T>(), no_number<T>());
    if (w.imag() != 0 || fabs(n) > 100 || n != floor(n)) return pow(z, w);
    int left = static_cast<int>(fabs(n));
    complex<T> out = z;
    for (--left; left > 0; left >>= 1) {
        if (left & 1) out *= z;
        z *= z;
    }
    return n < 0 ? complex<T>(1) / out : out;
}
"""
)

# CuPy takes exp(w * log(z)) for every complex power, so 1j ** 2 has an imaginary part; NumPy multiplies for small whole powers. The
# integer powers multiply without the signed overflow that C++ leaves undefined.
pow: Any = create_ufunc(
    "accel_pow",
    (
        *row("?", 2, "out0 = in0 || !in1", "b"),
        *integers(2, "out0 = whole_power(in0, in1)"),
        *floats(2, "out0 = pow(in0, in1)", "out0 = powf(in0, in1)"),
        *complexes(2, "out0 = complex_power(in0, in1)"),
    ),
    preamble=POW,
)

REMAINDER = """
template <typename T> __device__ T floor_rest(T x, T y) {
    T rest = fmod(x, y);
    if (rest == 0) return copysign(T(0), y);
    return (rest < 0) != (y < 0) ? rest + y : rest;
}
"""

# CuPy takes x - floor(x / y) * y, without a correct digit for large quotients and nan for 1 % inf (cupy/cupy#8807); fmod is exact.
# Integers as in floor_divide.
remainder: Any = create_ufunc(
    "accel_remainder",
    (
        *integers(
            2,
            "if (in1 == 0 || in1 == -1) out0 = 0;"
            "else { out0 = in0 % in1; if (out0 != 0 && (out0 < 0) != (in1 < 0)) out0 += in1; }",
            "out0 = in1 == 0 ? 0 : in0 % in1",
        ),
        *floats(2, "out0 = floor_rest(in0, in1)", "out0 = floor_rest<float>(in0, in1)"),
        *not_complex("remainder", 2),
    ),
    preamble=REMAINDER,
)


# CuPy gives float32 for bfloat16.
def round(x: Any, /) -> Any:
    result = cp.round(x)
    return result if result.dtype == x.dtype else result.astype(x.dtype)


# CuPy gives int8 for bool, and one nan for an infinite complex number, where z / abs(z) has two.
sign: Any = create_ufunc(
    "accel_sign",
    (
        *row("?", 1, refusal("sign is not defined for bool; write astype(x, int8) first.")),
        *integers(1, "out0 = (in0 > 0) - (in0 < 0)", "out0 = in0 > 0"),
        *floats(
            1,
            "out0 = in0 > 0 ? in0_type(1) : in0 < 0 ? in0_type(-1) : in0 == 0 ? in0_type(0) : in0_type(in0)",
        ),
        *complexes(
            1,
            "auto size = abs(in0);"
            "if (isinf(size)) out0 = in0_type(no_number<double>(), no_number<double>());"
            "else out0 = size == 0 ? in0_type(0) : in0 / size",
        ),
    ),
    preamble=VALUES,
)

TANH = (
    VALUES
    + """
template <typename T> __device__ complex<T> complex_tanh(complex<T> z) {
    if (z.real() == 0 && !isfinite(z.imag())) return complex<T>(z.real(), no_number<T>());
    if (isinf(z.real())) return complex<T>(copysign(T(1), z.real()), copysign(T(0), z.imag()));
    return tanh(z);
}
"""
)

# CuPy has nan for the zero real part of a number whose imaginary part is not finite, and for an infinite real part it takes the sign
# of sin(2 * imag(z)). tan(z) is -i tanh(iz).
tan: Any = create_ufunc(
    "accel_tan",
    (
        *floats(1, "out0 = tan(in0)"),
        *complexes(
            1,
            "auto w = complex_tanh(in0_type(-in0.imag(), in0.real())); out0 = in0_type(w.imag(), -w.real())",
        ),
    ),
    preamble=TANH,
)
tanh: Any = create_ufunc(
    "accel_tanh", (*floats(1, "out0 = tanh(in0)"), *complexes(1, "out0 = complex_tanh(in0)")), preamble=TANH
)

SATURATE = """
template <typename I, typename F> __device__ I saturated(F x, F low, F above, I smallest, I largest) {
    if (isnan(x)) return 0;
    if (x < low) return smallest;
    return x >= above ? largest : static_cast<I>(x);
}
"""


def saturating(to: str) -> Any:
    """Make the ufunc that casts real floating-point numbers to one integer dtype."""
    limits = cp.iinfo(to)
    if limits.min == 0:
        low, above, smallest, largest = 0.0, float(2**limits.bits), "0", f"{limits.max}ull"
    else:
        low, above = float(limits.min), float(2 ** (limits.bits - 1))
        smallest, largest = f"(-{limits.max}ll - 1)", f"{limits.max}ll"
    body = f"out0 = saturated<out0_type, %s>(in0, {low!r}, {above!r}, {smallest}, {largest})"
    single, double = body % "float", body % "double"
    return create_ufunc(
        f"accel_to_{limits.dtype.name}",
        (
            *row("e", 1, single, to),
            *bfloat16(1, single, to),
            *row("f", 1, single, to),
            *row("d", 1, double, to),
        ),
        preamble=SATURATE,
    )


# The cast of a float outside the range of the integer is undefined in C++, and differs between CPUs, GPUs and XLA.
saturate: dict[str, Any] = {char: saturating(char) for char in "bhilqBHILQ"}
