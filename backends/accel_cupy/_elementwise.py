"""Elementwise functions that CuPy lacks or means differently, each as one CuPy ufunc: its types, its C++, its reason.

A CuPy ufunc takes the first row of types that its arguments can be cast to, Python scalars being weak as in NumPy 2, compiles the
row's C++ on first use and launches it once; so these behave in every other way like CuPy's own. Half and bfloat16 compute in
float. Rows whose body is a function are refusals.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import cupy as cp
from cupy._core import create_ufunc
from cupy._util import bf16_loop

from accel.errors import DTypeError

__all__ = [
    "acosh",
    "atan2",
    "bitwise_left_shift",
    "bitwise_right_shift",
    "clip",
    "copysign",
    "expm1",
    "floor_divide",
    "hypot",
    "log",
    "log10",
    "log1p",
    "log2",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "nextafter",
    "pow",
    "remainder",
    "saturate",
    "sign",
    "tan",
    "tanh",
]

SIGNED = "bhilq"
UNSIGNED = "BHILQ"


def rows(chars: str, inputs: int, body: Any, result: str = "") -> tuple[Any, ...]:
    """Write one row of types for each dtype character, with one body for all."""
    return tuple((f"{c * inputs}->{result or c}", body) for c in chars)


def floats(inputs: int, body: Any, result: str | None = None) -> tuple[Any, ...]:
    """Write the rows of the real floating-point dtypes."""
    bfloat16 = bf16_loop(inputs, result or 1, code=body)
    half = rows("e", inputs, body, result or "")
    return (*half, *bfloat16, *rows("fd", inputs, body, result or ""))


def refuse(name: str, what: str, instead: str) -> Callable[[], NoReturn]:
    """Make the body of a row that is not defined."""

    def refusal() -> NoReturn:
        raise DTypeError(f"{name} is not defined for {what}; {instead}.")

    return refusal


def refused(name: str, chars: str, inputs: int, result: str = "") -> tuple[Any, ...]:
    """Write rows that refuse dtypes for which CuPy would compute something, or fail in the compiler."""
    complex_only = chars in ("F", "FD")
    what = "complex numbers" if complex_only else "these dtypes"
    instead = "take real or imag first" if complex_only else "cast to a floating-point dtype first"
    return rows(chars, inputs, refuse(name, what, instead), result)


DIVMOD = """
template <typename T> __device__ T accel_floor_divide(T x, T y) {
    if (y == 0 || isinf(x) || isinf(y)) return x / y;
    T rest = fmod(x, y);
    T quotient = (x - rest) / y;
    if (rest != 0 && (rest < 0) != (y < 0)) quotient -= 1;
    if (quotient == 0) return copysign(T(0), x / y);
    T whole = floor(quotient);
    return quotient - whole > T(0.5) ? whole + 1 : whole;
}
template <typename T> __device__ T accel_remainder(T x, T y) {
    T rest = fmod(x, y);
    if (rest == 0) return copysign(T(0), y);
    return (rest < 0) != (y < 0) ? rest + y : rest;
}
"""

# CuPy takes floor(x / y), so 1 // 0.1 is 10; from fmod, as in NumPy, it is 9. With an infinity the quotient itself is what the
# standard prefers. For integers C++ leaves x // 0 and INT_MIN // -1 undefined.
floor_divide: Any = create_ufunc(
    "accel_floor_divide",
    (
        *rows(
            SIGNED,
            2,
            "if (in1 == 0) out0 = 0;"
            "else if (in1 == -1) out0 = static_cast<in0_type>(0ull - static_cast<unsigned long long>(in0));"
            "else out0 = in0 / in1 - (in0 % in1 != 0 && (in0 < 0) != (in1 < 0));",
        ),
        *rows(UNSIGNED, 2, "out0 = in1 == 0 ? 0 : in0 / in1"),
        *rows("e", 2, "out0 = accel_floor_divide<float>(in0, in1)"),
        *bf16_loop(2, 1, code="out0 = accel_floor_divide<float>(in0, in1)"),
        *rows("fd", 2, "out0 = accel_floor_divide(in0, in1)"),
        *refused("floor_divide", "FD", 2),
    ),
    preamble=DIVMOD,
)

# CuPy takes x - floor(x / y) * y, which has no correct digit for large quotients and makes 1 % inf nan; fmod is exact. For
# integers as in floor_divide.
remainder: Any = create_ufunc(
    "accel_remainder",
    (
        *rows(
            SIGNED,
            2,
            "if (in1 == 0 || in1 == -1) out0 = 0;"
            "else { out0 = in0 % in1; if (out0 != 0 && (out0 < 0) != (in1 < 0)) out0 += in1; }",
        ),
        *rows(UNSIGNED, 2, "out0 = in1 == 0 ? 0 : in0 % in1"),
        *rows("e", 2, "out0 = accel_remainder<float>(in0, in1)"),
        *bf16_loop(2, 1, code="out0 = accel_remainder<float>(in0, in1)"),
        *rows("fd", 2, "out0 = accel_remainder(in0, in1)"),
        *refused("remainder", "FD", 2),
    ),
    preamble=DIVMOD,
)

# A shift by the width or more, or by a negative count, is undefined in C++ (x86 takes the count modulo 32 or 64, a GPU clamps
# it); NumPy shifts everything out.
bitwise_left_shift: Any = create_ufunc(
    "accel_bitwise_left_shift",
    (
        *rows(
            SIGNED,
            2,
            "out0 = in1 < 0 || in1 >= 8 * sizeof(in0_type) ? 0"
            " : static_cast<in0_type>(static_cast<unsigned long long>(in0) << in1)",
        ),
        *rows(UNSIGNED, 2, "out0 = in1 >= 8 * sizeof(in0_type) ? 0 : in0 << in1"),
    ),
)

# As bitwise_left_shift; what is left of a negative number is -1.
bitwise_right_shift: Any = create_ufunc(
    "accel_bitwise_right_shift",
    (
        *rows(SIGNED, 2, "out0 = in1 < 0 || in1 >= 8 * sizeof(in0_type) ? -(in0 < 0) : in0 >> in1"),
        *rows(UNSIGNED, 2, "out0 = in1 >= 8 * sizeof(in0_type) ? 0 : in0 >> in1"),
    ),
)

# CuPy leaves x alone where a bound is nan and has its own order of evaluation where the bounds cross; NumPy's result is
# minimum(maximum(x, low), high), nan wherever one of the three is. A Python integer that x's dtype cannot hold is no error but a
# bound without effect.
_clip = create_ufunc(
    "accel_clip",
    (
        *rows("?", 3, "out0 = (in0 || in1) && in2"),
        *rows(
            "".join(map("".join, zip(SIGNED, UNSIGNED, strict=True))),
            3,
            "out0 = in0 < in1 ? in1 : in0; if (out0 > in2) out0 = in2",
        ),
        *floats(
            3,
            "out0 = in0 < in1 || isnan(in1) ? in1 : in0;"
            "if (!isnan(out0) && (out0 > in2 || isnan(in2))) out0 = in2",
        ),
        *refused("clip", "FD", 3),
    ),
)


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


# CuPy sends complex numbers to a C++ function that does not exist, and the compiler's report to the caller.
atan2: Any = create_ufunc(
    "accel_atan2", (*floats(2, "out0 = atan2(in0, in1)"), *refused("atan2", "FD", 2))
)
copysign: Any = create_ufunc(
    "accel_copysign", (*floats(2, "out0 = copysign(in0, in1)"), *refused("copysign", "FD", 2))
)
hypot: Any = create_ufunc(
    "accel_hypot", (*floats(2, "out0 = hypot(in0, in1)"), *refused("hypot", "FD", 2))
)

# As above; and CuPy's float16 version gives nan for an infinite x.
nextafter: Any = create_ufunc(
    "accel_nextafter",
    (
        *rows(
            "e",
            2,
            "if (isinf(in0) && !isnan(in1) && float(in0) != float(in1)) out0 = in0 > 0 ? 65504.0f : -65504.0f;"
            "else if (isinf(in0) && !isnan(in1)) out0 = in0;"
            "else out0 = nextafter(in0, in1)",
        ),
        *bf16_loop(2, 1, code="out0 = nextafter(in0, in1)"),
        *rows("fd", 2, "out0 = nextafter(in0, in1)"),
        *refused("nextafter", "FD", 2),
    ),
)

TRUTH = """
template <typename T> __device__ bool truth(T x) { return x != T(0); }
"""
NUMBERS = "".join(map("".join, zip(SIGNED, UNSIGNED, strict=True)))


def logical(name: str, inputs: int, body: str) -> Any:
    """Make a logical ufunc over every dtype."""
    return create_ufunc(
        f"accel_{name}",
        (
            *rows("?" + NUMBERS, inputs, body, "?"),
            *floats(inputs, body, "?"),
            *rows("FD", inputs, body, "?"),
        ),
        preamble=TRUTH,
    )


# CuPy's have no complex rows.
logical_and: Any = logical("logical_and", 2, "out0 = truth(in0) && truth(in1)")
logical_not: Any = logical("logical_not", 1, "out0 = !truth(in0)")
logical_or: Any = logical("logical_or", 2, "out0 = truth(in0) || truth(in1)")
logical_xor: Any = logical("logical_xor", 2, "out0 = truth(in0) != truth(in1)")

# CuPy gives int8 for bool; NumPy refuses. z / abs(z) is nan for a z whose abs overflows to inf.
sign: Any = create_ufunc(
    "accel_sign",
    (
        ("?->?", refuse("sign", "bool", "cast to a numeric dtype first")),
        *rows(SIGNED, 1, "out0 = (in0 > 0) - (in0 < 0)"),
        *rows(UNSIGNED, 1, "out0 = in0 > 0"),
        *floats(1, "out0 = in0 > 0 ? 1.0f : in0 < 0 ? -1.0f : isnan(in0) ? float(in0) : 0.0f"),
        *rows(
            "FD",
            1,
            "auto size = abs(in0);"
            "if (isinf(size)) out0 = in0_type(NAN, NAN);"
            "else out0 = size == 0 ? in0_type(0) : in0 / size",
        ),
    ),
)

COMPLEX = """
template <typename T> __device__ bool whole(T x) { return x == floor(x) && fabs(x) <= 100; }

template <typename T> __device__ complex<T> accel_divide(complex<T> x, complex<T> y) {
    // Smith's method: the larger part of y divides, so that neither overflow nor a zero part spoils the result.
    T a = y.real(), b = y.imag();
    if (fabs(a) >= fabs(b)) {
        if (a == 0 && b == 0) return complex<T>(x.real() / fabs(a), x.imag() / fabs(a));
        T ratio = b / a, scale = 1 / (a + b * ratio);
        return complex<T>((x.real() + x.imag() * ratio) * scale, (x.imag() - x.real() * ratio) * scale);
    }
    T ratio = a / b, scale = 1 / (b + a * ratio);
    return complex<T>((x.real() * ratio + x.imag()) * scale, (x.imag() * ratio - x.real()) * scale);
}

template <typename T> __device__ complex<T> accel_pow(complex<T> x, complex<T> y) {
    T nan_ = T(NAN);
    if (y.real() == 0 && y.imag() == 0) return complex<T>(1, 0);
    if (x.real() == 0 && x.imag() == 0) {
        return y.real() > 0 && y.imag() == 0 ? complex<T>(0, 0) : complex<T>(nan_, nan_);
    }
    if (y.imag() == 0 && whole(y.real())) {
        int n = static_cast<int>(fabs(y.real()));
        complex<T> power = x, out(1, 0);
        bool started = false;
        for (; n > 0; n >>= 1) {
            if (n & 1) { out = started ? out * power : power; started = true; }
            if (n > 1) power = power * power;
        }
        return y.real() < 0 ? accel_divide(complex<T>(1, 0), out) : out;
    }
    return pow(x, y);
}

template <typename T> __device__ complex<T> accel_log(complex<T> z) {
    // CuPy's complex log has nan for the modulus where one part is infinite and the other nan.
    return complex<T>(isinf(z.real()) || isinf(z.imag()) ? T(INFINITY) : log(z).real(), atan2(z.imag(), z.real()));
}

template <typename T> __device__ complex<T> accel_log1p(complex<T> z) {
    // log|1 + z| from log1p of |1 + z|^2 - 1, which does not cancel for small z.
    T x = z.real(), y = z.imag();
    complex<T> plain = accel_log(complex<T>(1 + x, y));
    T grown = x * (2 + x) + y * y;
    bool small = fabs(x) < T(0.5) && fabs(y) < T(0.5);
    return complex<T>(small ? log1p(grown) / 2 : plain.real(), y == 0 && x > -1 ? y : plain.imag());
}

template <typename T> __device__ complex<T> accel_expm1(complex<T> z) {
    // Re = expm1(x) cos(y) - 2 sin(y/2)^2, so that nothing cancels for small z.
    T x = z.real(), y = z.imag();
    if (y == 0) return complex<T>(expm1(x), y);
    if (isinf(x) && !isfinite(y)) return x > 0 ? complex<T>(x, T(NAN)) : complex<T>(-1, 0);
    if (x == -T(INFINITY)) return complex<T>(-1, copysign(T(0), sin(y)));
    if (isinf(x)) return complex<T>(x * cos(y), x * sin(y));
    T half = sin(y / 2);
    return complex<T>(expm1(x) * cos(y) - 2 * half * half, exp(x) * sin(y));
}

template <typename T> __device__ complex<T> accel_tanh(complex<T> z) {
    // C99 gives a real zero part for a zero real part, whatever the imaginary one.
    if (z.real() == 0 && !isfinite(z.imag())) return complex<T>(z.real(), T(NAN));
    if (isinf(z.real())) return complex<T>(copysign(T(1), z.real()), copysign(T(0), z.imag()));
    return tanh(z);
}
"""


def complex_or_native(name: str, complex_body: str, real_body: str) -> Any:
    """Make a unary ufunc with CuPy's own real rows and complex rows of ours."""
    return create_ufunc(
        f"accel_{name}",
        (*floats(1, real_body), *rows("FD", 1, complex_body)),
        preamble=COMPLEX,
    )


# The complex rows below differ from CuPy's at infinities, nan, and where the result is small: C99 Annex G and the standard's
# tables are what NumPy follows.
expm1: Any = complex_or_native("expm1", "out0 = accel_expm1(in0)", "out0 = expm1(in0)")
log: Any = complex_or_native("log", "out0 = accel_log(in0)", "out0 = log(in0)")
log1p: Any = complex_or_native("log1p", "out0 = accel_log1p(in0)", "out0 = log1p(in0)")
log2: Any = complex_or_native(
    "log2",
    "auto z = accel_log(in0); out0 = in0_type(z.real() * 1.4426950408889634, z.imag() * 1.4426950408889634)",
    "out0 = log2(in0)",
)
log10: Any = complex_or_native(
    "log10",
    "auto z = accel_log(in0); out0 = in0_type(z.real() * 0.4342944819032518, z.imag() * 0.4342944819032518)",
    "out0 = log10(in0)",
)
tanh: Any = complex_or_native("tanh", "out0 = accel_tanh(in0)", "out0 = tanh(in0)")
tan: Any = complex_or_native(
    "tan",
    "auto z = accel_tanh(in0_type(-in0.imag(), in0.real())); out0 = in0_type(z.imag(), -z.real())",
    "out0 = tan(in0)",
)
acosh: Any = complex_or_native(
    "acosh",
    "if (in0.real() == 0 && isnan(in0.imag())) out0 = in0_type(NAN, M_PI_2); else out0 = acosh(in0)",
    "out0 = acosh(in0)",
)

POWER = """
template <typename T> __device__ T integer_power(T x, T n) {
    if (n < 0) return x == T(-1) ? ((n & 1) ? T(-1) : T(1)) : T(x == 1);
    unsigned long long out = 1, power = static_cast<unsigned long long>(x), left = static_cast<unsigned long long>(n);
    for (; left > 0; left >>= 1) {
        if (left & 1) out *= power;
        power *= power;
    }
    return static_cast<T>(out);
}
"""

# CuPy takes exp(log(z) * w) for every complex power, so 1j ** 2 has an imaginary part; NumPy multiplies for small whole powers.
pow: Any = create_ufunc(
    "accel_pow",
    (
        ("??->b", "out0 = in0 || !in1"),
        *rows(SIGNED, 2, "out0 = integer_power(in0, in1)"),
        *rows(UNSIGNED, 2, "out0 = integer_power(in0, in1)"),
        *rows("e", 2, "out0 = powf(in0, in1)"),
        *bf16_loop(2, 1, code="out0 = powf(in0, in1)"),
        *rows("f", 2, "out0 = powf(in0, in1)"),
        *rows("d", 2, "out0 = pow(in0, in1)"),
        *rows("FD", 2, "out0 = accel_pow(in0, in1)"),
    ),
    preamble=COMPLEX + POWER,
)

SATURATE = """
template <typename I, typename F> __device__ I saturate(F x, F low, F above, I smallest, I largest) {
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
    body = f"out0 = saturate<out0_type, %s>(in0, {low!r}, {above!r}, {smallest}, {largest})"
    return create_ufunc(
        f"accel_to_{limits.dtype.name}",
        (
            *rows("e", 1, body % "float", to),
            *bf16_loop(1, to, code=body % "float"),
            *rows("f", 1, body % "float", to),
            *rows("d", 1, body % "double", to),
        ),
        preamble=SATURATE,
    )


# A float outside the range of the integer is undefined in C++, and differs between CPUs, GPUs and XLA.
saturate: dict[str, Any] = {char: saturating(char) for char in "bhilqBHILQ"}
