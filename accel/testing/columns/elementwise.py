"""Columns of the elementwise functions."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
import numpy.typing as npt
from hypothesis import assume
from hypothesis.strategies import DrawFn, SearchStrategy

from accel.dispatch import Spec
from accel.testing.agreement import by_kind, close, exact, ulps, within
from accel.testing.cases import Case
from accel.testing.columns.table import column
from accel.testing.strategies import (
    BOOLEAN,
    COMPLEX,
    INTEGER,
    POOLS,
    REAL,
    arrays,
    broadcastable,
    companions,
    dtypes,
    scalars,
    shapes,
    tame,
    wild,
)

Array = npt.NDArray[Any]

ROUNDED = by_kind(exact(), close(8))
"""Exact in real dtypes. Complex: a few roundings of the magnitude; their last bits are left open by the specs."""

ULP = by_kind(ulps(), close(32))
"""Bounded in real dtypes. The specs leave complex accuracy open; 32 eps of the magnitude find what is wrong, not what is rough."""


@st.composite
def off_the_cuts(draw: DrawFn, dtype: str) -> complex:
    """Draw a complex number where each function is smooth: off both axes, of middling size."""
    part = "float32" if dtype == "complex64" else "float64"
    size = tame(part, most=8, least=1 / 8).filter(lambda x: x != 0)
    return complex(draw(size), draw(size))


def _domain(name: str, dtype: str) -> SearchStrategy[Any]:
    """Draw values of which a useful share lies where the function is defined."""
    if dtype in COMPLEX:
        return off_the_cuts(dtype)
    inner = {
        "acos": (-1, 1),
        "asin": (-1, 1),
        "atanh": (-1, 1),
        "acosh": (1, 8),
        "exp": (-80, 80),
        "expm1": (-80, 80),
    }
    inner |= {"sinh": (-80, 80), "cosh": (-80, 80), "log1p": (-1, 1)}
    if name not in inner:
        return wild(dtype)
    low, high = inner[name]
    width: Any = np.finfo(dtype).bits
    middle = st.floats(low, high, width=width, allow_subnormal=False)
    return st.one_of(wild(dtype), middle.filter(lambda x: x == 0 or abs(x) > 1e-4))


@column(
    "acos", "acosh", "asin", "asinh", "atan", "atanh", "cos", "cosh", "exp", "expm1", "log", "log10", "log1p", "log2",
    "sin", "sinh", "tan", "tanh", check=ULP,
)  # fmt: skip
def transcendental(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes(POOLS[spec.dtypes]))
    return Case((draw(arrays(dtype, draw(shapes()), _domain(spec.name, dtype))),))


@column(
    "bitwise_invert", "ceil", "conj", "floor", "imag", "isfinite", "isinf", "isnan", "negative", "positive", "real", "round",
    "signbit", "trunc",
)  # fmt: skip
def unary(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes(POOLS[spec.dtypes]))
    return Case((draw(arrays(dtype, draw(shapes()))),))


@column("reciprocal", "sign", "sqrt", "square", check=ROUNDED)
def rounded(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes(POOLS[spec.dtypes]))
    values = off_the_cuts(dtype) if dtype in COMPLEX else wild(dtype)
    return Case((draw(arrays(dtype, draw(shapes()), values)),))


# The modulus of complex numbers, 4 ulp, is real: the exact results of the other dtypes lie within 4 ulp anyway.
@column("abs", check=lambda spec, case, expected, got: (ulps(8) if case.args[0].dtype.kind == "c" else exact())(
    spec, case, expected, got
))  # fmt: skip
def modulus(draw: DrawFn, spec: Spec) -> Case:
    return unary(draw, spec)


@column("logical_not")
def negation(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes(BOOLEAN + REAL))
    return Case((draw(arrays(dtype, draw(shapes()))),))


@st.composite
def operands(
    draw: DrawFn,
    pool: tuple[str, ...],
    *,
    finite: bool = False,
    values: Any = None,
    scalar_values: Any = None,
) -> tuple[Any, Any]:
    """Draw two arrays that broadcast and go together, or an array and a Python scalar in either order."""
    values = values or (lambda dtype: wild(dtype, finite=finite))
    scalar_values = scalar_values or (lambda dtype: scalars(dtype, finite=finite))
    kind = draw(st.integers(0, 4))
    if kind < 3:
        one, two = draw(companions(pool))
        first, second = draw(broadcastable(2))
        return draw(arrays(one, first, values(one))), draw(arrays(two, second, values(two)))
    dtype = draw(dtypes(pool))
    x = draw(arrays(dtype, draw(shapes()), values(dtype)))
    scalar = draw(scalar_values(dtype))
    return (x, scalar) if kind == 3 else (scalar, x)


@column("copysign", "nextafter")
def binary(draw: DrawFn, spec: Spec) -> Case:
    return Case(draw(operands(POOLS[spec.dtypes])))


@column("bitwise_and", "bitwise_or", "bitwise_xor", "bitwise_left_shift", "bitwise_right_shift")
def bits(draw: DrawFn, spec: Spec) -> Case:
    x1, x2 = draw(operands(POOLS[spec.dtypes]))
    # NumPy has no integer dtype that holds both, and no bits in a float.
    assume({getattr(x, "dtype", None) for x in (x1, x2)} != {np.dtype("uint64"), np.dtype("int64")})
    return Case((x1, x2))


@column("add", "subtract")
def sums(draw: DrawFn, spec: Spec) -> Case:
    return Case(draw(operands(POOLS[spec.dtypes] + (BOOLEAN if spec.name == "add" else ()))))


@column("multiply", "divide", check=ROUNDED)
def products(draw: DrawFn, spec: Spec) -> Case:
    def values(dtype: str) -> SearchStrategy[Any]:
        return off_the_cuts(dtype) if dtype in COMPLEX else wild(dtype)

    # A real operand beside a complex one becomes a complex operand: what is left open for those is not drawn for it.
    def plain(dtype: str) -> SearchStrategy[Any]:
        return tame(dtype).filter(lambda x: x != 0)

    pool = POOLS[spec.dtypes] + (BOOLEAN if spec.name == "multiply" else ())
    if draw(st.integers(0, 3)) == 3:
        return Case(draw(operands((*COMPLEX, "float32", "int32"), values=plain, scalar_values=plain)))
    real = tuple(dtype for dtype in pool if dtype not in COMPLEX)
    return Case(draw(operands(real, values=values)))


@column("floor_divide", "remainder")
def division(draw: DrawFn, spec: Spec) -> Case:
    return Case(draw(operands(REAL)))


# The sign of a zero that is picked out of two is left open.
@column("maximum", "minimum", check=exact(zeros=False))
def extremes(draw: DrawFn, spec: Spec) -> Case:
    return Case(draw(operands(REAL)))


def _comparable(dtype: str) -> SearchStrategy[Any]:
    """Draw Python scalars to compare with, also integers far beyond the dtype of the array."""
    if dtype not in INTEGER:
        return scalars(dtype)
    low, high = int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)
    beyond = st.sampled_from([high + 1, low - 1, high + 45, 2**64 + 1, 2**70, -(2**70)])
    return st.one_of(scalars(dtype), beyond)


@column("equal", "greater", "greater_equal", "less", "less_equal", "not_equal")
def comparison(draw: DrawFn, spec: Spec) -> Case:
    x1, x2 = draw(operands(POOLS[spec.dtypes], scalar_values=_comparable))
    if (
        isinstance(x1, np.ndarray)
        and isinstance(x2, np.ndarray)
        and x1.dtype == x2.dtype
        and draw(st.booleans())
    ):
        # Unequal numbers are easily drawn, equal ones are not.
        x2 = np.where(
            draw(arrays("bool", x2.shape)), np.broadcast_to(x1.flat[0] if x1.size else x2, x2.shape), x2
        )
    return Case((x1, x2))


@column("logical_and", "logical_or", "logical_xor")
def logic(draw: DrawFn, spec: Spec) -> Case:
    return Case(draw(operands(BOOLEAN + REAL)))


@column("atan2", "hypot")
def plane(draw: DrawFn, spec: Spec) -> Case:
    return Case(draw(operands(POOLS[spec.dtypes])))


def _logaddexp_bound(case: Case, expected: Array) -> Array:
    eps = float(np.finfo(expected.dtype).eps)
    size = np.abs(np.where(np.isfinite(expected), expected, 0)).astype(np.float64)
    whole: Array = 2 * 4 * eps * np.maximum(1.0, size)
    return whole


# Absolute: near a result of zero few digits are left, as the spec says.
@column("logaddexp", check=within(_logaddexp_bound))
def logaddexp(draw: DrawFn, spec: Spec) -> Case:
    return Case(draw(operands(POOLS[spec.dtypes])))


def _pow_bound(case: Case, expected: Array) -> Array:
    # exp(y * log(x)): the rounding of the exponent is magnified by its size.
    eps = float(np.finfo(expected.dtype).eps)
    x, y = (np.asarray(arg, dtype=np.complex128) for arg in case.args)
    size: Array = np.abs(expected).astype(np.float64)
    return 16 * eps * (1 + np.abs(y * np.log(x))) * size


@column("pow", check=by_kind(ulps(), within(_pow_bound)))
def power(draw: DrawFn, spec: Spec) -> Case:
    def moderate(dtype: str) -> SearchStrategy[Any]:
        if dtype in COMPLEX:
            return off_the_cuts(dtype)
        return tame(dtype, most=4).filter(lambda x: x > 0)

    if draw(st.integers(0, 3)) == 3:
        return Case(draw(operands((*COMPLEX, "float32"), values=moderate, scalar_values=moderate)))

    def mild(dtype: str) -> SearchStrategy[Any]:
        return wild(dtype) if dtype in INTEGER else st.one_of(wild(dtype), tame(dtype))

    return Case(draw(operands(REAL, values=mild)))


# Built of maximum and minimum on every backend, so the sign of a zero picked out of two is left open here too.
@column("clip", check=exact(zeros=False))
def clip(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes(REAL))
    shape, *others = draw(broadcastable(3))
    x = draw(arrays(dtype, shape))

    def bound(other: tuple[int, ...]) -> Any:
        kind = draw(st.sampled_from(["none", "scalar", "array", "array"]))
        if kind == "none":
            return None
        if kind == "array":
            return draw(arrays(dtype, other))
        if dtype in INTEGER:
            return draw(_comparable(dtype).filter(lambda v: isinstance(v, int)))
        return draw(scalars(dtype))

    low, high = bound(others[0]), bound(others[1])
    if draw(st.booleans()):
        return Case((x, low, high))
    return Case((x,), {name: b for name, b in (("min", low), ("max", high)) if b is not None})
