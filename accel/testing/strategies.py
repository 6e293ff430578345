"""Strategies: dtypes, shapes, values, arrays and axes, small, and with the numbers at which libraries differ."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import Any, TypeAlias

import hypothesis.extra.numpy as hnp
import hypothesis.strategies as st
import numpy as np
import numpy.typing as npt
from hypothesis.strategies import DrawFn, SearchStrategy

import accel
from accel.testing.ulp import smallest

__all__ = [
    "BOOLEAN",
    "COMPLEX",
    "FLOATING",
    "INTEGER",
    "NUMERIC",
    "POOLS",
    "REAL",
    "REAL_FLOATING",
    "arrays",
    "axes",
    "axis",
    "broadcastable",
    "companions",
    "dtype_of",
    "dtypes",
    "scalars",
    "shapes",
    "tame",
    "wild",
]

Array: TypeAlias = npt.NDArray[Any]

BOOLEAN = ("bool",)
SIGNED = ("int8", "int16", "int32", "int64")
UNSIGNED = ("uint8", "uint16", "uint32", "uint64")
INTEGER = SIGNED + UNSIGNED
REAL_FLOATING = ("float16", "float32", "float64")
COMPLEX = ("complex64", "complex128")
FLOATING = REAL_FLOATING + COMPLEX
REAL = INTEGER + REAL_FLOATING
NUMERIC = INTEGER + FLOATING
ANY = BOOLEAN + NUMERIC

POOLS = {
    "any": ANY,
    "numeric": NUMERIC,
    "real-valued": REAL,
    "integer": INTEGER,
    "integer or boolean": INTEGER + BOOLEAN,
    "boolean": BOOLEAN,
    "floating-point": FLOATING,
    "real floating-point": REAL_FLOATING,
    "complex floating-point": COMPLEX,
}
"""The words of the specs for kinds of dtypes -> the dtypes; float16 comes on top of the standard's."""

WEIGHTS = {"float64": 4, "float32": 4, "int64": 3, "int32": 2, "uint8": 2, "complex128": 2}

PAIRS = (
    ("int8", "int64"),
    ("uint8", "int32"),
    ("uint8", "int8"),
    ("uint32", "int32"),
    ("uint64", "int64"),
    ("bool", "int32"),
    ("bool", "float32"),
    ("int8", "float32"),
    ("int32", "float32"),
    ("int64", "float32"),
    ("int64", "float64"),
    ("float16", "float32"),
    ("float32", "float64"),
    ("float32", "complex64"),
    ("float64", "complex64"),
    ("int32", "complex64"),
    ("complex64", "complex128"),
)
"""Two dtypes in one call: each kind of promotion once, so that kernels compiled for a pair are met again."""


def dtype_of(name: str) -> Any:
    """Give accel's dtype of a name."""
    return getattr(accel, name)


@cache
def dtypes(pool: Sequence[str]) -> SearchStrategy[str]:
    """Draw the name of a dtype, the common ones more often."""
    return st.sampled_from([name for name in pool for _ in range(WEIGHTS.get(name, 1))])


@cache
def companions(pool: Sequence[str]) -> SearchStrategy[tuple[str, str]]:
    """Draw two dtypes of a pool for one call: mostly the same one."""
    same = dtypes(pool).map(lambda name: (name, name))
    pairs = [pair for pair in PAIRS if set(pair) <= set(pool)]
    if not pairs:
        return same
    mixed = st.sampled_from(pairs + [(b, a) for a, b in pairs])
    return st.integers(0, 3).flatmap(lambda n: mixed if n == 3 else same)


SHAPES: tuple[tuple[int, ...], ...] = (
    (7,),
    (),
    (2, 3),
    (1,),
    (0,),
    (3, 1),
    (2, 3, 2),
    (2, 0, 3),
    (1, 2, 1, 2),
)


@cache
def shapes(least: int = 0, most: int = 4, *, empty: bool = True) -> SearchStrategy[tuple[int, ...]]:
    """Draw a shape out of few, so that what is compiled for a shape is met again; the first ones more often."""
    fitting = [s for s in SHAPES if least <= len(s) <= most and (empty or 0 not in s)]
    return st.sampled_from(fitting[:3] + fitting)


@st.composite
def broadcastable(draw: DrawFn, count: int, *, empty: bool = True) -> tuple[tuple[int, ...], ...]:
    """Draw shapes that broadcast together."""
    whole = draw(shapes(empty=empty))
    if draw(st.integers(0, 1)) == 0:
        return (whole,) * count
    drawn = []
    for _ in range(count):
        shape = tuple(1 if draw(st.integers(0, 3)) == 3 else n for n in whole)
        drawn.append(shape[draw(st.integers(0, len(shape))) :] if draw(st.integers(0, 2)) == 2 else shape)
    return tuple(drawn)


def _away_from_zero(least: float) -> Any:
    """Map numbers too near to zero for accel's promise to the nearest that is not."""
    return lambda x: math.copysign(least, x) if 0 < abs(x) < least else x


@cache
def _floats(dtype: str, *, finite: bool, most: float | None = None) -> SearchStrategy[float]:
    info = np.finfo(dtype)
    width: Any = info.bits
    limit = float(info.max) if most is None else most
    least = smallest(dtype)
    after_one, pi = 1 + float(info.eps), float(np.dtype(dtype).type(math.pi))
    telling = [0.0, -0.0] if finite else [0.0, -0.0, math.inf, -math.inf, math.nan]
    special = [1.0, -1.0, 0.5, -2.0, 9.0, after_one, pi, limit, -limit, least]
    near = float(min(10.0, limit))
    return st.one_of(
        st.sampled_from(telling),
        st.sampled_from(special),
        st.floats(-near, near, width=width, allow_subnormal=False).map(_away_from_zero(least)),
        st.floats(-limit, limit, width=width, allow_subnormal=False).map(_away_from_zero(least)),
    )


@cache
def _integers(dtype: str) -> SearchStrategy[int]:
    info = np.iinfo(dtype)
    low, high = int(info.min), int(info.max)
    special = sorted({low, high, 0, 1, 2, 3, max(low, -1), max(low, -2), high - 1, info.bits - 1, info.bits})
    return st.one_of(st.sampled_from(special), st.integers(low, high), st.integers(max(low, -9), 9))


def _part(dtype: str) -> str:
    return "float32" if dtype == "complex64" else "float64"


@cache
def wild(dtype: str, *, finite: bool = False) -> SearchStrategy[Any]:
    """Draw any value of a dtype, with the zeros, limits, infinities and nan that tell libraries apart."""
    if dtype == "bool":
        return st.booleans()
    if dtype in INTEGER:
        return _integers(dtype)
    if dtype in COMPLEX:
        part = _floats(_part(dtype), finite=finite)
        return st.one_of(st.builds(complex, part, part), st.builds(complex, st.just(0.0), part))
    return _floats(dtype, finite=finite)


@cache
def tame(dtype: str, *, most: int = 8, least: float = 1 / 8) -> SearchStrategy[Any]:
    """Draw a small number, with few digits or many: no infinity, no nan, nothing that could over- or underflow."""
    if dtype == "bool":
        return st.booleans()
    if dtype in INTEGER:
        return st.integers(0 if dtype in UNSIGNED else -most, most)
    if dtype in COMPLEX:
        part = tame(_part(dtype), most=most, least=least)
        return st.builds(complex, part, part)
    width: Any = np.finfo(dtype).bits
    size = st.floats(least, most, width=width, allow_subnormal=False)
    return st.one_of(st.integers(-most, most).map(float), size, size.map(lambda x: -x))


@st.composite
def arrays(
    draw: DrawFn, dtype: str, shape: tuple[int, ...], elements: SearchStrategy[Any] | None = None
) -> Array:
    """Draw an array of a dtype and a shape; without ``elements``, of any values."""
    each = wild(dtype) if elements is None else elements
    drawn: Array = draw(hnp.arrays(np.dtype(dtype), shape, elements=each, fill=st.nothing()))
    return drawn


@cache
def scalars(dtype: str, *, finite: bool = False) -> SearchStrategy[Any]:
    """Draw a Python scalar that goes with an array of a dtype: of its kind or of one below, and inside its range."""
    if dtype == "bool":
        return st.booleans()
    if dtype in INTEGER:
        return _integers(dtype)
    real = _floats(
        "float32" if dtype in ("float64", "complex128") else dtype.replace("complex64", "float32"),
        finite=finite,
    )
    return st.one_of(real, st.integers(-9, 9), st.builds(complex, real, real) if dtype in COMPLEX else real)


@st.composite
def axis(draw: DrawFn, ndim: int) -> int:
    """Draw one axis, counted from either end."""
    return draw(st.integers(-ndim, ndim - 1))


@st.composite
def axes(draw: DrawFn, ndim: int, *, none: bool = True, several: bool = True) -> int | tuple[int, ...] | None:
    """Draw what a reduction takes for axis: None, an int, or a tuple."""
    kinds = ["none"] * none + ["one"] * (ndim > 0) + ["several"] * several
    kind = draw(st.sampled_from(kinds))
    if kind == "none":
        return None
    if kind == "one":
        return draw(axis(ndim))
    chosen = draw(st.lists(st.integers(0, ndim - 1), unique=True)) if ndim else []
    return tuple(a - ndim if draw(st.booleans()) else a for a in chosen)
