"""Domains: where the bounded functions are defined, and the arguments at which implementations go wrong.

Each function is looked at over its whole domain: evenly over the ranges where its curve bends, evenly over the floats themselves, so
that each exponent has its share, and at adversarial points: the ends of the domain, of the range and of the formulas that libraries
switch between, with their neighbours; the floats nearest to multiples of a quarter turn; and the worst points known of some library.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any, TypeAlias

import mpmath
import numpy as np
import numpy.typing as npt

from accel.testing.oracle import FORMATS, PARTS, Format, dtype_of, format_of

__all__ = ["BINARY", "UNARY", "adversarial", "dense", "exhaustive", "inside", "points"]

Array: TypeAlias = npt.NDArray[Any]


@dataclass(frozen=True)
class Domain:
    """Where one function of one argument is looked at, for one format.

    Attributes
    ----------
    low, high : float
        Ends of the arguments for which there is a true value; where the value soon leaves the range of the format, a little beyond.
    cores : tuple of pairs
        Ranges that are covered evenly.
    special : tuple of float
        Arguments whose neighbourhoods are covered closely.
    """

    low: float
    high: float
    cores: tuple[tuple[float, float], ...]
    special: tuple[float, ...]


def _ends(form: Format) -> tuple[float, float]:
    """Give the logarithms of the smallest normal and of the largest number."""
    return form.low * math.log(2), (form.high + 1) * math.log(2)


def _exponential(form: Format) -> Domain:
    low, high = _ends(form)
    switches = (
        0.34657359,
        1.03972077,
        math.log(2),
        high,
        low,
        low - form.digits * math.log(2),
        88.0,
        80.0,
        700.0,
    )
    signed = tuple(s * x for x in switches for s in (1, -1))
    return Domain(1.2 * low, high + 1, ((-1, 1), (-20, 20), (low, high), (high - 2, high)), signed)


def _hyperbolic(form: Format) -> Domain:
    high = _ends(form)[1] + math.log(2)
    switches = (
        1.0,
        2.0,
        0.55,
        9.0,
        20.0,
        22.0,
        18.764,
        50.0,
        59.6,
        80.0,
        88.0,
        692.45,
        700.0,
        high - math.log(2),
        high,
    )
    signed = tuple(s * x for x in switches for s in (1, -1))
    return Domain(-high - 1, high + 1, ((-1, 1), (-25, 25), (-high, high), (high - 2, high)), signed)


def _circular(form: Format) -> Domain:
    turns = tuple(s * k * math.pi / 4 for k in range(1, 9) for s in (1, -1))
    return Domain(-form.largest, form.largest, ((-7, 7), (-1000, 1000), (-1e6, 1e6)), turns)


def _logarithm(form: Format) -> Domain:
    special = (1.0, 0.5, 2.0, math.e, 10.0, math.sqrt(0.5), math.sqrt(2), 0.75, 1.5, form.least, form.largest)
    return Domain(form.least, form.largest, ((0.5, 2), (0.99, 1.01), (0, 100)), special)


def _inverse_circular(form: Format) -> Domain:
    special = tuple(s * x for x in (1.0, 0.5, 0.975, math.sqrt(0.5), 0.5625, form.least) for s in (1, -1))
    return Domain(-1, 1, ((-1, 1), (0.9, 1), (-0.6, 0.6)), special)


DOMAINS: dict[str, Callable[[Format], Domain]] = {
    "acos": _inverse_circular,
    "acosh": lambda form: Domain(
        1,
        form.largest,
        ((1, 2), (1, 1.01), (1, 100)),
        (1.0, 2.0, 1.5, 1 / math.sqrt(form.eps), form.largest, form.largest / 2),
    ),
    "asin": _inverse_circular,
    "asinh": lambda form: Domain(
        -form.largest,
        form.largest,
        ((-1, 1), (-10, 10), (-1000, 1000)),
        tuple(
            s * x
            for x in (1.0, 0.5, 2.0, 1 / math.sqrt(form.eps), 2.0**28, form.largest, math.sqrt(form.largest))
            for s in (1, -1)
        ),
    ),
    "atan": lambda form: Domain(
        -form.largest,
        form.largest,
        ((-1, 1), (-10, 10), (-1000, 1000)),
        tuple(
            s * x
            for x in (1.0, 0.4375, 0.6875, 1.1875, 2.4375, 2.414213562, 0.414213562, form.largest)
            for s in (1, -1)
        ),
    ),
    "atanh": lambda form: Domain(
        -1,
        1,
        ((-1, 1), (0.9, 1), (-0.1, 0.1)),
        tuple(s * x for x in (1.0, 0.5, 0.413, 0.3333, form.least) for s in (1, -1)),
    ),
    "cos": _circular,
    "cosh": _hyperbolic,
    "exp": _exponential,
    "expm1": _exponential,
    "log": _logarithm,
    "log10": _logarithm,
    "log1p": lambda form: Domain(
        -1,
        form.largest,
        ((-1, 1), (-0.01, 0.01), (-0.5, 0.5), (0, 100)),
        (
            -1.0,
            1.0,
            0.41421356,
            0.413,
            -0.41212724,
            -0.29289322,
            -0.5,
            0.5,
            1 / form.eps,
            form.largest,
            form.least,
            -form.least,
        ),
    ),
    "log2": _logarithm,
    "sin": _circular,
    "sinh": _hyperbolic,
    "tan": _circular,
    "tanh": _hyperbolic,
}


def _symmetric(most: float, *special: float) -> Domain:
    """Give the domain of an even or odd function whose curve bends up to some number."""
    signed = tuple(s * x for x in (0.5, 1.0, *special, most) for s in (1, -1))
    return Domain(-most, most, ((-1, 1), (-most, most)), signed)


def _error_function(form: Format) -> Domain:
    most = 10.5 if form.high < 1000 else 27.5
    special = tuple(s * x for x in (0.46875, 0.625, 0.84375, 1.25, 4.0, 6.0, 9.2, 26.5) for s in (1, -1))
    return Domain(-form.largest, form.largest, ((-1, 1), (-6, 6), (0, most)), special)


def _gamma_function(form: Format) -> Domain:
    root = 1.4616321449683623
    special = (1.0, 2.0, root, 0.6, 0.75, 3.0, 6.0, 8.0, 10.0, 171.6, form.largest, -0.5, -1.0, -1.5, -2.0)
    below = (-0.5040830082644554, -2.457024738220801, -2.747682646727413, -3.1435808883499798, -20.0)
    ranges = ((0, 3), (0.9, 2.1), (0, 12), (0, 200), (-8, 0), (-30, 0))
    return Domain(-form.largest, form.largest, ranges, special + below)


def _bessel(form: Format) -> Domain:
    top = _ends(form)[1]
    return _symmetric(top + math.log(top) / 2 + 2, 5.0, 8.0, 7.75, 12.0, 64.0, 512.0, 88.7, 709.7, top)


def _logistic(form: Format) -> Domain:
    low, _ = _ends(form)
    special = (1.0, -1.0, low, -low, form.digits * math.log(2), -form.digits * math.log(2), -18.0, 36.0)
    return Domain(-form.largest, form.largest, ((-1, 1), (-20, 20), (low, -low)), special)


DOMAINS |= {
    "extra.digamma": _gamma_function,
    "extra.erf": _error_function,
    "extra.erfc": _error_function,
    "extra.erfinv": lambda form: Domain(
        -1, 1, ((-1, 1), (0.7, 1), (0.99, 1)), tuple(s * x for x in (0.5, 0.75, 0.97, 1.0) for s in (1, -1))
    ),
    "extra.expit": _logistic,
    "extra.gammaln": _gamma_function,
    "extra.i0": _bessel,
    "extra.i1": _bessel,
    "extra.logit": lambda form: Domain(
        0, 1, ((0, 1), (0.4, 0.6), (0.49, 0.51)), (0.0, 0.25, 0.3, 0.5, 0.65, 1.0, form.least)
    ),
    "extra.softplus": _logistic,
}


def _unit(form: Format) -> Domain:
    """Give the domain of a function that is a straight line above 0, and all but constant on the far left."""
    low, _ = _ends(form)
    special = (1.0, -1.0, -0.5, -0.34657359, -form.digits * math.log(2), -32.0, low, form.largest)
    return Domain(-form.largest, form.largest, ((-1, 1), (-20, 20), (low, 0)), special)


DOMAINS |= {
    "nn.celu": _unit,
    "nn.elu": _unit,
    "nn.log_sigmoid": _logistic,
    "nn.mish": _logistic,
    "nn.selu": _unit,
    "nn.sigmoid": _logistic,
}

UNARY = tuple(DOMAINS)
"""Bounded functions of one argument."""

BINARY = ("atan2", "hypot", "logaddexp", "pow", "extra.xlogy")
"""Bounded functions of two arguments, which have real arguments only, but for pow."""

REAL = tuple(op for op in UNARY if op.startswith(("extra.", "nn.")))
"""Bounded functions of one argument that take no complex one."""


def _unsigned(dtype: str) -> np.dtype[Any]:
    return np.dtype(f"uint{8 * dtype_of(dtype).itemsize}")


def _from_order(order: Array, dtype: str) -> Array:
    """Give the floats of a dtype from their numbers in order, counted from zero."""
    whole = np.abs(order).astype(_unsigned(dtype))
    top = np.asarray(1 << (8 * whole.dtype.itemsize - 1), dtype=whole.dtype)
    found: Array = np.where(order < 0, whole | top, whole).view(dtype_of(dtype))
    return found


def _to_order(x: Any, dtype: str) -> Array:
    """Give the numbers of some floats in the order of their dtype, counted from zero."""
    bits = np.asarray(x, dtype=dtype_of(dtype)).view(_unsigned(dtype))
    top = np.asarray(1 << (8 * bits.dtype.itemsize - 1), dtype=bits.dtype)
    size = (bits & ~top).astype(np.int64)
    order: Array = np.where(bits & top, -size, size)
    return order


def _cast(x: Any, dtype: str) -> Array:
    with np.errstate(all="ignore"):
        return np.asarray(x, dtype=np.float64).astype(dtype_of(dtype))


def _kept(dtype: str, *args: Array) -> tuple[Array, ...]:
    """Drop the points with an argument that is not finite, or too near to zero for the promise."""
    least = FORMATS[dtype].least
    with np.errstate(all="ignore"):
        wide = [x.astype(np.float64) for x in args]
    good = np.logical_and.reduce([np.isfinite(x) & ((np.abs(x) >= least) | (x == 0)) for x in wide])
    return tuple(x[good] for x in args)


def _within(op: str, dtype: str, x: Array) -> Array:
    domain = DOMAINS[op](FORMATS[dtype])
    (x,) = _kept(dtype, x)
    wide = x.astype(np.float64)
    return x[(wide >= domain.low) & (wide <= domain.high)]


def inside(op: str, dtype: str, *args: Array) -> tuple[Array, ...]:
    """Round numbers to a dtype, and give the points among them that lie in the domain of a function."""
    cast = tuple(_cast(x, dtype) for x in args)
    return _kept(dtype, *cast) if op in BINARY else (_within(op, dtype, *cast),)


def exhaustive(op: str, dtype: str) -> Array:
    """Give every number of a 16-bit dtype that lies in the domain of a function of one argument."""
    if dtype_of(dtype).itemsize != 2:
        raise ValueError(f"{dtype} has too many numbers to try them all; take points.")
    return _within(op, dtype, np.arange(1 << 16, dtype=np.uint16).view(dtype_of(dtype)))


@cache
def _turns(dtype: str, count: int = 4) -> tuple[float, ...]:
    """Give, for each exponent, the numbers that lie nearest to a multiple of a quarter turn.

    A number m * 2**e is near k * pi / 2 where m / k is near 2**-e * pi / 2: one of the continued fraction's approximations of that.
    """
    form = FORMATS[dtype]
    bits = 3 * (form.high + 1) + 200
    with mpmath.workprec(bits):
        quarter = Fraction(int(mpmath.ldexp(mpmath.pi / 2, bits - 2)), 1 << (bits - 2))
    found = []
    for e in range(-form.digits, form.high - form.digits + 2, max(1, form.high // 256)):
        left = quarter / Fraction(2) ** e
        before, now = (0, 1), (1, 0)
        for _ in range(400):
            whole = left.numerator // left.denominator
            before, now = now, (whole * now[0] + before[0], whole * now[1] + before[1])
            if now[0] >= 1 << form.digits:
                break
            if now[0] >= 1 << (form.digits - 12):
                found.append(math.ldexp(now[0], e))
            if left == whole:
                break
            left = 1 / (left - whole)
    return tuple(found)


KNOWN = {
    "cosh": (59.6, 692.45, -59.6),
    "log1p": (-0.41212724, 0.413),
    "sin": (16367173 * 2.0**72, 6381956970095103 * 2.0**797, 3.14159),
    "cos": (16367173 * 2.0**72, 6381956970095103 * 2.0**797),
    "tan": (16367173 * 2.0**72, 6381956970095103 * 2.0**797, 1.57079632679, 99960.75, 1.4496363742261486e24),
    "tanh": (-18.764, 0.55, 0.54930614433, -0.0071963099762797356),
    "sinh": (59.6, 692.45, 1e-4),
    "exp": (88.5, 88.722, 709.7),
    "acos": (-1e-9, 0.9999999),
    "acosh": (1.1132909059524536, 1.093582089509432),
    "asin": (0.5006601214408875,),
    "log": (0.782856285572052,),
    "log10": (0.749942421913147,),
}
"""Worst points found in some library, and points that its branches are known by."""


@cache
def adversarial(op: str, dtype: str) -> tuple[Array, ...]:
    """Give the adversarial points of a function.

    Parameters
    ----------
    op : str
        Name of a function, of `UNARY` or `BINARY`.
    dtype : str
        Name of a real floating-point dtype.

    Returns
    -------
    tuple of array
        One array per argument, one-dimensional, of that dtype.
    """
    if op in BINARY:
        return _kept(dtype, *PAIRS[op](FORMATS[dtype], dtype))
    form = FORMATS[dtype]
    domain = DOMAINS[op](form)
    special = np.asarray(
        [*domain.special, *KNOWN.get(op, ()), domain.low, domain.high, 0.0, form.largest, -form.largest]
    )
    near = _to_order(_cast(special, dtype), dtype)
    ladders = [0, *(s * 2**k for k in range(form.digits + 3) for s in (1, -1))]
    steps = np.asarray(sorted({*range(-8, 9), *ladders}))
    order = (near[:, None] + steps).ravel()
    most = int(_to_order(form.largest, dtype))
    found = [_from_order(order[np.abs(order) <= most], dtype)]
    if op in ("sin", "cos", "tan"):
        turns = np.asarray(_turns(dtype))
        eighths = np.arange(1, 400) * (math.pi / 4)
        around = _to_order(_cast(np.concatenate([eighths, -eighths]), dtype), dtype)
        found += [
            _cast(turns, dtype),
            -_cast(turns, dtype),
            _from_order((around[:, None] + [-1, 0, 1]).ravel(), dtype),
        ]
    return (np.unique(_within(op, dtype, np.concatenate(found))),)


def _sizes(
    rng: np.random.Generator, count: int, dtype: str, low: float = 0.0, high: float = math.inf
) -> Array:
    """Draw positive numbers, each float of the dtype as likely as any other."""
    form = FORMATS[dtype]
    ends = [int(_to_order(_cast(min(max(x, form.least), form.largest), dtype), dtype)) for x in (low, high)]
    return _from_order(rng.integers(ends[0], ends[1] + 1, count), dtype)


def _signed(rng: np.random.Generator, x: Array) -> Array:
    return np.where(rng.integers(0, 2, x.shape) == 1, x, -x)


def dense(op: str, dtype: str, count: int, rng: np.random.Generator) -> tuple[Array, ...]:
    """Draw points of the whole domain of a function.

    Parameters
    ----------
    op, dtype : str
        As in `adversarial`.
    count : int
        About how many.
    rng : numpy.random.Generator
        What draws them.

    Returns
    -------
    tuple of array
        As in `adversarial`.
    """
    if op in BINARY:
        return _kept(dtype, *DRAWN[op](FORMATS[dtype], dtype, count, rng))
    form = FORMATS[dtype]
    domain = DOMAINS[op](form)
    share = max(1, count // (2 * len(domain.cores)))
    parts = [_cast(rng.uniform(a, b, share), dtype) for a, b in domain.cores]
    quarter = max(1, count // 4)
    middle = np.exp2(rng.uniform(-1.5 * form.digits, min(1.5 * form.digits, form.high), quarter))
    parts.append(_signed(rng, _cast(middle, dtype)))
    low, high = (
        int(_to_order(_cast(np.clip(x, -form.largest, form.largest), dtype), dtype))
        for x in (domain.low, domain.high)
    )
    parts.append(_from_order(rng.integers(low, high + 1, quarter), dtype))
    return (_within(op, dtype, np.concatenate(parts)),)


def _pairs(x: Any, y: Any, dtype: str) -> tuple[Array, Array]:
    one, two = np.meshgrid(_cast(x, dtype), _cast(y, dtype))
    return one.ravel(), two.ravel()


def _grid(form: Format, dtype: str) -> tuple[Array, Array]:
    """Pair the telling numbers of a format, with their neighbours, in every way."""
    sizes = np.asarray(
        [
            0,
            form.least,
            form.eps,
            0.5,
            1,
            3,
            math.pi,
            1 / form.eps,
            math.sqrt(form.largest),
            form.largest / 2,
            form.largest,
        ]
    )
    order = _to_order(_cast(sizes, dtype), dtype)
    most = int(_to_order(form.largest, dtype))
    near = np.clip((order[:, None] + [-1, 0, 1]).ravel(), 0, most)
    numbers = _from_order(np.concatenate([near, -near]), dtype)
    return _pairs(numbers, numbers, dtype)


def _joined(*pairs: tuple[Array, Array]) -> tuple[Array, Array]:
    one, two = zip(*pairs, strict=True)
    return np.concatenate(one), np.concatenate(two)


def _logaddexp_pairs(form: Format, dtype: str) -> tuple[Array, Array]:
    # Where exp(x) + exp(y) is 1, the result is zero; and around where the smaller one ceases to count.
    with np.errstate(all="ignore"):
        x = _cast(-np.exp2(np.linspace(-form.digits, 6, 200)), dtype)
        y = _cast(np.log(-np.expm1(x.astype(np.float64))), dtype)
    steps = np.asarray([(-form.digits + k) * math.log(2) for k in range(-3, 4)])
    base = np.asarray([0.0, 1.0, -1.0, 10.0, -10.0, 1000.0, -math.log(2)])
    return _joined(
        _grid(form, dtype),
        (x, y),
        (y, x),
        _pairs(base, base, dtype),
        _pairs(base, steps, dtype),
        (-x, _cast(x - 1, dtype)),
    )


def _pow_pairs(form: Format, dtype: str) -> tuple[Array, Array]:
    low, high = _ends(form)
    bases = np.asarray(
        [1 + k * form.eps for k in (1, 2, 3, 7, 100)] + [1 - k * form.eps / 2 for k in (1, 2, 3, 7, 100)]
    )
    more = np.asarray([2, 3, 0.5, 10, math.e, 0.1, 1.5, form.largest, form.least, 1.25, 0.75, 7, 1e-3])
    bases = _cast(np.concatenate([bases, more]), dtype).astype(np.float64)
    targets = np.asarray(
        [
            low + 2,
            low / 2,
            -1,
            -1e-3,
            1e-3,
            1,
            high / 2,
            high - 1e-3,
            high - 1e-6,
            high,
            high * (1 + form.eps),
        ]
    )
    logs = np.log(bases)
    x, t = np.meshgrid(bases, targets)
    y = t / np.log(x)
    assert np.all(logs != 0)
    whole = _pairs(
        [-3.0, -2.0, -1.0, -0.5, -1.5, 2.0, 3.0],
        np.concatenate([np.arange(-40, 41), [0.5, -0.5, 2.5]]),
        dtype,
    )
    return _joined((_cast(x.ravel(), dtype), _cast(y.ravel(), dtype)), whole, _grid(form, dtype))


PAIRS: dict[str, Callable[[Format, str], tuple[Array, Array]]] = {
    "atan2": _grid,
    "extra.xlogy": _grid,
    "hypot": _grid,
    "logaddexp": _logaddexp_pairs,
    "pow": _pow_pairs,
}


def _like_sized(form: Format, dtype: str, count: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw pairs of any sizes, and pairs of which neither can be neglected."""
    third = max(1, count // 3)
    free = (_signed(rng, _sizes(rng, third, dtype)), _signed(rng, _sizes(rng, third, dtype)))
    x = _sizes(rng, third, dtype)
    ratio = np.exp2(rng.uniform(-0.6 * form.digits, 0.6 * form.digits, third))
    with np.errstate(all="ignore"):
        like = (_signed(rng, x), _signed(rng, _cast(x.astype(np.float64) * ratio, dtype)))
    core = (_cast(rng.uniform(-4, 4, third), dtype), _cast(rng.uniform(-4, 4, third), dtype))
    return _joined(free, like, core)


def _logaddexp_drawn(form: Format, dtype: str, count: int, rng: np.random.Generator) -> tuple[Array, Array]:
    share = max(1, count // 4)
    free = (_signed(rng, _sizes(rng, share, dtype)), _signed(rng, _sizes(rng, share, dtype)))
    x = rng.uniform(-50, 50, share)
    near = (_cast(x, dtype), _cast(x + rng.uniform(-1.2, 1.2, share) * form.digits * math.log(2), dtype))
    core = (_cast(rng.uniform(-4, 4, share), dtype), _cast(rng.uniform(-4, 4, share), dtype))
    with np.errstate(all="ignore"):
        a = _cast(-np.exp2(rng.uniform(-form.digits, 5, share)), dtype)
        zero = (a, _cast(np.log(-np.expm1(a.astype(np.float64))), dtype))
    return _joined(free, near, core, zero)


def _pow_drawn(form: Format, dtype: str, count: int, rng: np.random.Generator) -> tuple[Array, Array]:
    share = max(1, count // 4)
    low, high = _ends(form)
    with np.errstate(all="ignore"):
        # The exponent from the logarithm of the result, so that most results are in range.
        wide = _sizes(rng, share, dtype)
        one = 1 + rng.choice([-1, 1], share) * np.exp2(rng.uniform(1 - form.digits, -1, share))
        close = _cast(one, dtype)
        x = np.concatenate([wide, close])
        y = _cast(rng.uniform(low, high, 2 * share) / np.log(x.astype(np.float64)), dtype)
    core = (_cast(rng.uniform(0, 10, share), dtype), _cast(rng.uniform(-5, 5, share), dtype))
    whole = (
        _signed(rng, _cast(rng.uniform(0, 10, share), dtype)),
        _cast(rng.integers(-30, 31, share), dtype),
    )
    return _joined((x, y), core, whole)


def _xlogy_drawn(form: Format, dtype: str, count: int, rng: np.random.Generator) -> tuple[Array, Array]:
    half = max(1, count // 2)
    x = _signed(rng, _sizes(rng, 2 * half, dtype))
    near = _cast(1 + rng.uniform(-0.5, 1, half), dtype)  # where the logarithm is difficult
    return x, np.concatenate([_sizes(rng, half, dtype), near])


DRAWN: dict[str, Callable[[Format, str, int, np.random.Generator], tuple[Array, Array]]] = {
    "atan2": _like_sized,
    "extra.xlogy": _xlogy_drawn,
    "hypot": _like_sized,
    "logaddexp": _logaddexp_drawn,
    "pow": _pow_drawn,
}


def _complex(op: str, dtype: str, count: int, rng: np.random.Generator) -> tuple[Array, ...]:
    """Draw complex numbers off the axes, where the cuts lie: around the unit circle, and over sizes that are safe to square."""
    form = format_of(dtype)
    reach = (
        5.0 if op in ("sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "expm1", "pow") else form.high / 3
    )

    def number() -> Array:
        half = count // 2
        near = rng.uniform(-3, 3, (2, half))
        size = np.exp2(rng.uniform(-min(reach, 20) - 5, reach, count - half))
        angle = rng.uniform(-math.pi, math.pi, count - half)
        wide = np.stack([size * np.cos(angle), size * np.sin(angle)])
        parts = np.concatenate([near, wide], axis=1).astype(PARTS[dtype]).astype(np.float64)
        drawn: Array = (parts[0] + 1j * parts[1]).astype(dtype)
        return drawn

    return tuple(number() for _ in range(1 + (op in BINARY)))


def points(op: str, dtype: str, count: int, *, seed: int = 0) -> tuple[Array, ...]:
    """Give points at which a function is measured.

    Parameters
    ----------
    op : str
        Name of a function, of `UNARY` or `BINARY`.
    dtype : str
        Name of a floating-point dtype. Functions of one argument take every number of a 16-bit dtype.
    count : int
        How many, with the adversarial ones in a first part of at most half.
    seed : int, optional
        What the drawn ones depend on.

    Returns
    -------
    tuple of array
        One array per argument, one-dimensional, of that dtype, of ``count`` numbers at most.

    Examples
    --------
    >>> from accel.testing.domains import points
    >>> (x,) = points("log", "float32", 1000)
    >>> x.dtype, bool((x > 0).all())
    (dtype('float32'), True)
    """
    rng = np.random.default_rng(seed)
    if dtype in PARTS:
        return _complex(op, dtype, count, rng)
    if op in UNARY and dtype_of(dtype).itemsize == 2:
        return (exhaustive(op, dtype),)
    worst = adversarial(op, dtype)
    if 2 * worst[0].size > count:
        chosen = rng.permutation(worst[0].size)[: count // 2]
        worst = tuple(x[chosen] for x in worst)
    drawn = dense(op, dtype, 2 * (count - worst[0].size), rng)
    chosen = rng.permutation(drawn[0].size)[: count - worst[0].size]
    return tuple(np.concatenate([a, b[chosen]]) for a, b in zip(worst, drawn, strict=True))
