"""The oracle: true values of the bounded functions, worked out without the libraries under test, and how far a result is from them.

**The error in ulp** of a result is its distance from the true value, divided by the ulp of the true value: the spacing of the
dtype's numbers in the binade of the true value. Rounding alone may cost 0.5. Where a spec's ``ulp_of`` says so, the ulp is that of a
larger number. The error of a complex result is its distance from the true value over the magnitude of that, in eps of the dtype.

- Near zero: where the true value and the result both lie below 4 times the smallest normal number, the error is 0. Devices flush
  what is near the subnormal numbers.
- Near overflow: infinity counts as the number that would follow the largest one, and a true value beyond that counts as it. A
  result that overflows too early or too late is off by so many ulp; an infinity for a true value far beyond is right.
- A nan where there is a true value, or a number where there is none, is off by infinity.

`exact` asks mpmath, with more and more digits until two answers agree. `true_values` is for many points: the C library's extended
precision, off by less than 0.01 ulp of float64 itself, or mpmath where a platform has no such precision.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, TypeAlias

import mpmath
import numpy as np
import numpy.typing as npt

import accel
from accel.dispatch import specs
from accel.nn.activation import SELU_ALPHA, SELU_SCALE

__all__ = ["FORMATS", "Format", "error", "error_of", "exact", "format_of", "true_values"]

Array: TypeAlias = npt.NDArray[Any]


@dataclass(frozen=True)
class Format:
    """A binary floating-point format.

    Attributes
    ----------
    digits : int
        Bits of the significand, the leading one among them.
    low, high : int
        Exponents of the smallest normal number and of the largest number.
    """

    digits: int
    low: int
    high: int

    @property
    def eps(self) -> float:
        """Spacing of the numbers after 1."""
        return 2.0 ** (1 - self.digits)

    @property
    def least(self) -> float:
        """Magnitude below which nothing is promised: 4 times the smallest normal number."""
        return 4 * 2.0**self.low

    @property
    def largest(self) -> float:
        """Largest number."""
        return (2 - self.eps) * 2.0**self.high


FORMATS = {
    "float16": Format(11, -14, 15),
    "bfloat16": Format(8, -126, 127),
    "float32": Format(24, -126, 127),
    "float64": Format(53, -1022, 1023),
}
"""The real floating-point dtypes."""

PARTS = {"complex64": "float32", "complex128": "float64"}


def format_of(dtype: str) -> Format:
    """Give the format of a floating-point dtype, or of the parts of a complex one."""
    return FORMATS[PARTS.get(dtype, dtype)]


def dtype_of(name: str) -> np.dtype[Any]:
    """Give NumPy's dtype of a name; bfloat16 is another package's."""
    found: np.dtype[Any] = np.dtype(getattr(accel.namespace("numpy"), name))
    return found


def _log_of(base: int) -> Callable[[Any], Any]:
    return lambda x: mpmath.log(x) / mpmath.log(base)


def _logaddexp(x: Any, y: Any) -> Any:
    return max(x, y) + mpmath.log1p(mpmath.exp(-abs(x - y)))


def _pow(x: Any, y: Any) -> Any:
    if isinstance(x, mpmath.mpc):
        return mpmath.exp(y * mpmath.log(x))
    if x == 0 or y == 0:
        return mpmath.power(x, y) if y >= 0 else mpmath.inf
    if x < 0 and y != mpmath.floor(y):
        return mpmath.nan
    size = mpmath.exp(y * mpmath.log(abs(x)))
    return -size if x < 0 and int(y) % 2 else size


def _gammaln(x: Any) -> Any:
    return mpmath.inf if x <= 0 and x == mpmath.floor(x) else mpmath.re(mpmath.loggamma(x))


def _digamma(x: Any) -> Any:
    return mpmath.nan if x < 0 and x == mpmath.floor(x) else mpmath.digamma(x)


MPMATH: dict[str, Callable[..., Any]] = {
    "extra.digamma": _digamma,
    # mpmath counts terms in float64.
    "extra.erf": lambda x: mpmath.erf(x) if abs(x) < 100 else mpmath.sign(x),
    "extra.erfc": lambda x: mpmath.erfc(x) if abs(x) < 100 else 1 - mpmath.sign(x),
    "extra.erfinv": mpmath.erfinv,
    "extra.expit": lambda x: 1 / (1 + mpmath.exp(-x)),
    "extra.gammaln": _gammaln,
    "extra.i0": lambda x: mpmath.besseli(0, x),
    "extra.i1": lambda x: mpmath.besseli(1, x),
    "extra.logit": lambda x: mpmath.log(x / (1 - x)) if 0 < x < 1 else mpmath.nan,
    "extra.softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
    "extra.xlogy": lambda x, y: x * mpmath.log(y) if x != 0 else mpmath.mpf(0),
    "log10": _log_of(10),
    "log2": _log_of(2),
    "logaddexp": _logaddexp,
    "nn.celu": lambda x: x if x > 0 else mpmath.expm1(x),
    "nn.elu": lambda x: x if x > 0 else mpmath.expm1(x),
    "nn.log_sigmoid": lambda x: -mpmath.log1p(mpmath.exp(-x)) if x > 0 else x - mpmath.log1p(mpmath.exp(x)),
    "nn.mish": lambda x: (
        x * mpmath.tanh(mpmath.log1p(mpmath.exp(x))) if abs(x) < 2000 else max(x, mpmath.mpf(0))
    ),
    "nn.selu": lambda x: SELU_SCALE * (x if x > 0 else SELU_ALPHA * mpmath.expm1(x)),
    "nn.sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "pow": _pow,
    "reciprocal": lambda x: 1 / x,
    "abs": abs,
}
"""What mpmath lacks, or has under another name; the other functions are its own."""

POLES: dict[str, Callable[..., Any]] = {
    "extra.digamma": lambda x: -mpmath.inf if x == 0 else None,
    "extra.erfinv": lambda x: mpmath.sign(x) * mpmath.inf if abs(x) == 1 else None,
    "extra.logit": lambda x: -mpmath.inf if x == 0 else mpmath.inf if x == 1 else None,
    "extra.xlogy": lambda x, y: -mpmath.sign(x) * mpmath.inf if y == 0 and x != 0 else None,
    "atanh": lambda x: mpmath.sign(x) * mpmath.inf if abs(x) == 1 else None,
    "log": lambda x: -mpmath.inf if x == 0 else None,
    "log10": lambda x: -mpmath.inf if x == 0 else None,
    "log1p": lambda x: -mpmath.inf if x == -1 else None,
    "log2": lambda x: -mpmath.inf if x == 0 else None,
}
"""Where a function is infinite, which mpmath may not say."""

ENOUGH = 6000
"""Bits beyond which nothing is left to be lost: arguments have exponents of at most 1074."""


@cache
def _function(op: str) -> Callable[..., Any]:
    found: Callable[..., Any] = MPMATH.get(op) or getattr(mpmath, op)
    return found


def exact(op: str, *args: complex) -> Any:
    """Give the true value at one point, to 100 bits and more.

    Parameters
    ----------
    op : str
        Name of the function.
    *args : float or complex
        The arguments, exactly.

    Returns
    -------
    mpmath.mpf or mpmath.mpc
        The value; nan where the function has none among the real numbers.
    """
    single = complex if any(isinstance(x, complex) for x in args) else float
    number: Any = mpmath.mpc if single is complex else mpmath.mpf
    numbers = [number(x) for x in args]
    if op == "atan2" and args[0] == 0:
        # mpmath knows no -0.
        with mpmath.workprec(200):
            size = +mpmath.pi if np.signbit(args[1].real) else mpmath.mpf(0)
            return -size if np.signbit(args[0].real) else size
    if op == "extra.digamma" and args[0] == 0 and np.signbit(args[0].real):
        return mpmath.inf
    pole = POLES[op](*numbers) if op in POLES else None
    if pole is not None:
        return pole
    before, bits = None, 160
    while True:
        with mpmath.workprec(bits):
            value = _function(op)(*numbers)
            if single is float and isinstance(value, mpmath.mpc):
                return mpmath.nan
            settled = before is not None and abs(value - before) <= abs(value) * mpmath.mpf(2) ** -100
            # A zero may be what a cancellation left.
            if not mpmath.isfinite(value) or (settled and value != 0) or bits > ENOUGH:
                return value
        before, bits = value, 2 * bits


C_LIBRARY: dict[str, Callable[..., Any]] = {
    "acos": np.arccos,
    "acosh": np.arccosh,
    "asin": np.arcsin,
    "asinh": np.arcsinh,
    "atan": np.arctan,
    "atan2": np.arctan2,
    "atanh": np.arctanh,
    "cos": np.cos,
    "cosh": np.cosh,
    "exp": np.exp,
    "expm1": np.expm1,
    "extra.expit": lambda x: 1 / (1 + np.exp(-x)),
    "extra.logit": lambda x: np.copysign(np.log1p(np.abs(2 * x - 1) / np.minimum(x, 1 - x)), 2 * x - 1),
    "extra.softplus": lambda x: np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))),
    "extra.xlogy": lambda x, y: np.where(x == 0, 0, x * np.log(y)),
    "hypot": np.hypot,
    "log": np.log,
    "log10": np.log10,
    "log1p": np.log1p,
    "log2": np.log2,
    "logaddexp": lambda x, y: np.maximum(x, y) + np.log1p(np.exp(-np.abs(x - y))),
    "nn.celu": lambda x: np.where(x > 0, x, np.expm1(x)),
    "nn.elu": lambda x: np.where(x > 0, x, np.expm1(x)),
    "nn.log_sigmoid": lambda x: np.minimum(x, 0) - np.log1p(np.exp(-np.abs(x))),
    "nn.mish": lambda x: x * np.tanh(np.log1p(np.exp(x))),
    "nn.selu": lambda x: SELU_SCALE * np.where(x > 0, x, SELU_ALPHA * np.expm1(x)),
    "nn.sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "pow": np.power,
    "reciprocal": np.reciprocal,
    "sin": np.sin,
    "sinh": np.sinh,
    "sqrt": np.sqrt,
    "tan": np.tan,
    "tanh": np.tanh,
}
"""For numbers of extended precision, these are the C library's functions: NumPy has none of its own."""

EXTENDED = np.finfo(np.longdouble).nmant >= 63 and np.finfo(np.longdouble).maxexp >= 16384
"""Whether this platform has a precision beyond float64."""


def true_values(op: str, *args: Array) -> tuple[Array, Array]:
    """Give the true values at many points, each as the sum of two numbers.

    Parameters
    ----------
    op : str
        Name of the function.
    *args : array
        The arguments, of equal shapes, in any floating-point dtype.

    Returns
    -------
    near, rest : array
        Of extended precision, where the platform has it; complex for complex arguments.
    """
    if op in ENOUGH_BITS:
        return _special(op, args[0])
    if args[0].dtype.kind != "c" and EXTENDED:
        with np.errstate(all="ignore"):
            near: Array = C_LIBRARY[op](*(x.astype(np.longdouble) for x in args))
        return near, np.zeros_like(near)
    kind = np.complex128 if args[0].dtype.kind == "c" else np.float64
    near, rest = np.zeros(args[0].shape, dtype=kind), np.zeros(args[0].shape, dtype=kind)
    convert: Any = complex if kind is np.complex128 else float
    for index in np.ndindex(args[0].shape):
        value = exact(op, *(convert(x[index]) for x in args))
        near[index] = convert(value)
        if np.isfinite(near[index]):
            rest[index] = convert(value - near[index])
    return near, rest


ENOUGH_BITS = {
    "extra.digamma": 140,
    "extra.erf": 100,
    "extra.erfc": 100,
    "extra.erfinv": 120,
    "extra.gammaln": 140,
    "extra.i0": 100,
    "extra.i1": 100,
}
"""Functions that no extended precision has: with so many bits mpmath has some 20 digits, also beside a root, but for roots below 0."""

SYMMETRIC = {"extra.erf": -1, "extra.erfinv": -1, "extra.i0": 1, "extra.i1": -1}
"""Functions of which those of negative numbers are these multiples."""


def _special(op: str, x: Array) -> tuple[Array, Array]:
    wide = x.astype(np.float64)
    if op not in SYMMETRIC:
        return _worked_out(op, wide.tobytes())
    sizes, back = np.unique(np.abs(wide), return_inverse=True)
    near, rest = _worked_out(op, sizes.tobytes())
    sign = np.where(np.signbit(wide), SYMMETRIC[op], 1)
    return sign * near[back], sign * rest[back]


# The rows of a matrix ask for the same points.
@lru_cache(maxsize=128)
def _worked_out(op: str, points: bytes) -> tuple[Array, Array]:
    x = np.frombuffer(points, dtype=np.float64)
    near, rest = np.zeros(x.shape), np.zeros(x.shape)
    for index, value in enumerate(x.tolist()):
        with mpmath.workprec(ENOUGH_BITS[op]):
            number = mpmath.mpf(value)
            pole = POLES[op](number) if op in POLES else None
            if op == "extra.digamma" and value == 0:
                pole = mpmath.mpf(math.copysign(math.inf, -math.copysign(1, value)))
            y = _function(op)(number) if pole is None else pole
            near[index] = float(y)
            if np.isfinite(near[index]):
                rest[index] = float(y - near[index])
    return near, rest


def _far(x: Array, slope: Any) -> Any:
    return np.where(np.abs(x) > 1e8, 2.0**-40 * slope, 0.0)


SCALES: dict[str, Callable[..., Any]] = {
    "the result": lambda near, *args: np.zeros_like(near),
    "the result, or of 1 where that is larger": lambda near, *args: np.ones_like(near),
    "the result, or of 2 * x where that is larger and x is negative": lambda near, x: (
        2 * np.maximum(-x.astype(np.float64), 0)
    ),
    "the result, or of 2 * log(1 - x) where that is larger and x is negative": lambda near, x: (
        2 * np.log1p(np.maximum(-x.astype(np.float64), 0))
    ),
    "the result, or of 2**-40 where that is larger and abs(x) is above 1e8": lambda near, x: _far(x, 1),
    "the result, or of 2**-40 * (1 + result**2) where that is larger and abs(x) is above 1e8": lambda near, x: (
        _far(x, 1 + near * near)
    ),
}
"""Words of the specs for the number whose ulp is meant -> what is at least taken for it, from the true value and the arguments."""


def error(op: str, dtype: str, args: tuple[Array, ...], got: Array) -> Array:
    """Give the errors of the results at many points.

    Parameters
    ----------
    op, dtype : str
        Name of the function, and of the dtype of its arguments.
    args : tuple of array
        The arguments.
    got : array
        What the function gave, on the host.

    Returns
    -------
    array of float64
        Errors in ulp, for complex dtypes in eps of the magnitude.
    """
    form = format_of(dtype)
    near, rest = true_values(op, *args)
    if near.dtype.kind == "c":
        with np.errstate(all="ignore"):
            apart = np.abs((got.astype(np.complex128) - near) - rest) / (np.abs(near) * form.eps)
        return np.where(np.isnan(apart), np.inf, apart)
    with np.errstate(all="ignore"):
        found, least = got.astype(near.dtype), SCALES[specs[op].ulp_of](near, *args).astype(near.dtype)
        _, exponent = np.frexp(np.maximum(np.abs(near), least))
        exponent = np.where(np.isinf(near), form.high, np.clip(exponent - 1, form.low, form.high))
        # Large numbers are halved, so that what follows the largest one is a number.
        half = np.where(exponent > 0, -1, 0)
        beyond = np.ldexp(np.ones_like(near), form.high + 1 + half)
        one, two = (np.clip(np.ldexp(x, half), -beyond, beyond) for x in (found, near))
        apart = np.abs((one - two) - np.where(np.abs(two) < beyond, np.ldexp(rest, half), 0))
        apart = np.ldexp(apart, form.digits - 1 - exponent - half).astype(np.float64)
    nan_there, nan_got = np.isnan(near), np.isnan(found)
    apart = np.where(nan_there & nan_got, 0.0, np.where(nan_there | nan_got | np.isnan(apart), np.inf, apart))
    return np.where((np.abs(near) < form.least) & (np.abs(found) <= form.least), 0.0, apart)


def error_of(op: str, dtype: str, args: tuple[complex, ...], got: complex) -> float:
    """Give the error of the result at one point against `exact`, in the unit of `error`."""
    form = format_of(dtype)
    value = exact(op, *args)
    given: Any = got
    with mpmath.workprec(200):
        if isinstance(value, mpmath.mpc):
            return float(abs(mpmath.mpc(given) - value) / abs(value) / form.eps)
        found = mpmath.mpf(got.real)
        if mpmath.isnan(value) or mpmath.isnan(found):
            return 0.0 if mpmath.isnan(value) and mpmath.isnan(found) else float("inf")
        if abs(value) < form.least and abs(found) <= form.least:
            return 0.0
        beyond = mpmath.ldexp(1, form.high + 1)
        least = SCALES[specs[op].ulp_of](np.float64(value), *(np.float64(x.real) for x in args))
        size = max(abs(value), mpmath.mpf(float(least)))
        exponent = form.high if mpmath.isinf(size) else mpmath.frexp(size)[1] - 1 if size else form.low
        exponent = min(max(int(exponent), form.low), form.high) - form.digits + 1
        apart = abs(max(min(found, beyond), -beyond) - max(min(value, beyond), -beyond))
        return float(mpmath.ldexp(apart, -exponent))
