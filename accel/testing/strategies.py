"""Strategies: dtypes, shapes, values, arrays, axes and indices, small, and with the numbers at which libraries differ.

Shapes come out of few, so that what a compiler made for one is met again. Values are those that tell libraries apart: both zeros,
infinities, nan, the limits of the dtype, the neighbours of 1; subnormal numbers are left out, since devices flush them. Arrays are
NumPy's, or those of any backend where ``xp`` names one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeAlias

import hypothesis.extra.numpy as hnp
import hypothesis.strategies as st
import numpy as np
import numpy.typing as npt
from hypothesis.strategies import DrawFn, SearchStrategy

import accel
import accel.registry as registry
from accel.errors import ArgumentError
from accel.testing.cases import Case
from accel.testing.ulp import eps, smallest

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
    "indices",
    "op_arguments",
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
def dtypes(pool: str | Sequence[str] = "any") -> SearchStrategy[str]:
    """Draw the name of a dtype, the common ones more often.

    Parameters
    ----------
    pool : str or tuple of str
        A kind of dtypes in the words of the specs, one of `POOLS`: ``"any"``, ``"boolean"``, ``"integer"``, ``"integer or boolean"``,
        ``"numeric"``, ``"real-valued"``, ``"floating-point"``, ``"real floating-point"``, ``"complex floating-point"``. Or names of dtypes.

    Returns
    -------
    strategy of str

    Raises
    ------
    ArgumentError
        If there is no such kind or dtype.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(dtypes("real floating-point"), lambda name: name != "float16")
    'float32'
    """
    names = _pool(pool)
    return st.sampled_from([name for name in names for _ in range(WEIGHTS.get(name, 1))])


def _pool(pool: str | Sequence[str]) -> Sequence[str]:
    names = POOLS.get(pool, (pool,)) if isinstance(pool, str) else pool
    unknown = [name for name in names if name not in (*ANY, "bfloat16")]
    if unknown or not names:
        raise ArgumentError(
            f"strategies take names of dtypes or one of the kinds {', '.join(map(repr, POOLS))}, got {pool!r}."
        )
    return names


@cache
def companions(pool: Sequence[str]) -> SearchStrategy[tuple[str, str]]:
    """Draw two dtypes of a pool for one call: mostly the same one.

    Parameters
    ----------
    pool : tuple of str
        Names of dtypes.

    Returns
    -------
    strategy of (str, str)

    Examples
    --------
    >>> from hypothesis import find
    >>> find(companions(("float32", "float64")), lambda pair: pair[0] != pair[1])
    ('float32', 'float64')
    """
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
    """Draw a shape out of few, so that what is compiled for a shape is met again; the first ones more often.

    Parameters
    ----------
    least, most : int
        Numbers of axes.
    empty : bool
        Whether an axis may have no elements.

    Returns
    -------
    strategy of tuple of int

    Examples
    --------
    >>> from hypothesis import find
    >>> find(shapes(2), lambda shape: 0 in shape)
    (2, 0, 3)
    """
    fitting = [s for s in SHAPES if least <= len(s) <= most and (empty or 0 not in s)]
    # The first is what counterexamples shrink to; several axes are drawn more often, as a mistake in one shows only beside others.
    return st.sampled_from(fitting[:3] + [s for s in fitting if s in ((2, 3), (2, 3, 2))] + fitting)


@st.composite
def broadcastable(draw: DrawFn, count: int, *, empty: bool = True) -> tuple[tuple[int, ...], ...]:
    """Draw shapes that broadcast together.

    Parameters
    ----------
    count : int
        How many.
    empty : bool
        Whether an axis may have no elements.

    Returns
    -------
    strategy of tuple of tuple of int

    Examples
    --------
    >>> from hypothesis import find
    >>> find(broadcastable(2), lambda pair: pair[0] == (2, 3) and pair[1] == (2, 1))
    ((2, 3), (2, 1))
    """
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
    if dtype == "bfloat16":
        # Of float32's range, and with fewer bits: Hypothesis draws no such numbers.
        top = (2 - eps(dtype)) * 2.0**127 if most is None else most
        return st.one_of(st.just(1 + eps(dtype)), _floats("float32", finite=finite, most=top).map(_brain))
    info = np.finfo(dtype)
    width: Any = info.bits
    limit = float(info.max) if most is None else most
    least = smallest(dtype)
    after_one, pi = 1 + float(info.eps), float(np.dtype(dtype).type(math.pi))
    telling = [0.0, -0.0] if finite else [0.0, -0.0, math.inf, -math.inf, math.nan]
    special = [1.0, -1.0, 0.5, 1.25, -2.0, 9.0, after_one, pi, limit, -limit, least]
    near = float(min(10.0, limit))
    return st.one_of(
        st.sampled_from(telling),
        st.sampled_from(special),
        st.floats(-near, near, width=width, allow_subnormal=False).map(_away_from_zero(least)),
        st.floats(-limit, limit, width=width, allow_subnormal=False).map(_away_from_zero(least)),
    )


def _brain(x: float) -> float:
    """Round a float32 to bfloat16, which is its upper half; nan and infinities stay."""
    if not math.isfinite(x):
        return x
    bits = int(np.asarray(x, dtype=np.float32).view(np.uint32))
    even = (bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000
    return float(np.asarray(even, dtype=np.uint32).view(np.float32))


@cache
def _integers(dtype: str) -> SearchStrategy[int]:
    info = np.iinfo(dtype)
    low, high = int(info.min), int(info.max)
    limits = {low, high, 0, 1, 2, 3, max(low, -1), max(low, -2), high - 1, info.bits - 1, info.bits}
    special = sorted(limits, key=abs)  # counterexamples shrink towards the first
    return st.one_of(st.sampled_from(special), st.integers(low, high), st.integers(max(low, -9), 9))


def _part(dtype: str) -> str:
    return "float32" if dtype == "complex64" else "float64"


@cache
def wild(dtype: str, *, finite: bool = False) -> SearchStrategy[Any]:
    """Draw any value of a dtype, with the zeros, limits, infinities and nan that tell libraries apart.

    Parameters
    ----------
    dtype : str
        Name of the dtype.
    finite : bool
        Whether to leave out infinities and nan.

    Returns
    -------
    strategy of bool, int, float or complex

    Examples
    --------
    >>> from hypothesis import find
    >>> find(wild("int8"), lambda x: x > 126)
    127
    """
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
    """Draw a small number, with few digits or many: no infinity, no nan, nothing that could over- or underflow.

    Parameters
    ----------
    dtype : str
        Name of the dtype.
    most : int
        The largest magnitude, of both parts of a complex number.
    least : float
        The smallest magnitude but zero.

    Returns
    -------
    strategy of bool, int, float or complex

    Examples
    --------
    >>> from hypothesis import find
    >>> find(tame("float32", most=2), lambda x: x > 1.9 and x == int(x))
    2.0
    """
    if dtype == "bool":
        return st.booleans()
    if dtype in INTEGER:
        return st.integers(0 if dtype in UNSIGNED else -most, most)
    if dtype in COMPLEX:
        part = tame(_part(dtype), most=most, least=least)
        return st.builds(complex, part, part)
    width: Any = 32 if dtype == "bfloat16" else np.finfo(dtype).bits
    size = st.floats(least, most, width=width, allow_subnormal=False)
    if dtype == "bfloat16":
        size = size.map(_brain)
    return st.one_of(st.integers(-most, most).map(float), size, size.map(lambda x: -x))


@st.composite
def arrays(
    draw: DrawFn,
    dtype: str | SearchStrategy[str],
    shape: tuple[int, ...] | SearchStrategy[tuple[int, ...]] | None = None,
    elements: SearchStrategy[Any] | Callable[[str], SearchStrategy[Any]] | None = None,
    *,
    finite: bool = False,
    xp: Any = None,
) -> Any:
    """Draw an array.

    Parameters
    ----------
    dtype : str, or strategy of str
        Name of a dtype, or a kind of dtypes as in `dtypes`.
    shape : tuple of int, or strategy of them, optional
        By default one of `shapes`.
    elements : strategy, or callable that takes the name of the dtype and gives one, optional
        The values; by default any values, `wild`. `tame` is another choice.
    finite : bool
        Whether the default values are without infinities and nan.
    xp : str, Device or namespace, optional
        Whose array to give: a backend, a device, or the namespace of a backend or of its library. By default NumPy's.

    Returns
    -------
    strategy of array

    Raises
    ------
    ArgumentError
        If there is no such kind, dtype or namespace.

    Examples
    --------
    >>> import numpy as np
    >>> from hypothesis import find
    >>> find(arrays("float32", (2,)), lambda x: np.isnan(x).all())
    array([nan, nan], dtype=float32)
    >>> find(arrays(dtypes("integer"), shapes(1), tame), lambda x: x.size == 3).shape
    (3, 1)
    """
    name = draw(dtype) if isinstance(dtype, SearchStrategy) else dtype
    if name not in ANY:
        name = draw(dtypes(name))
    if isinstance(shape, SearchStrategy | None):
        shape = draw(shapes() if shape is None else shape)
    each: Any = wild(name, finite=finite) if elements is None else elements
    if not isinstance(each, SearchStrategy):
        each = each(name)
    # NumPy has no bfloat16 of its own for Hypothesis to fill.
    held = np.dtype("float32" if name == "bfloat16" else name)
    drawn: Array = draw(hnp.arrays(held, shape, elements=each, fill=st.nothing()))
    if name == "bfloat16":
        drawn = drawn.astype(accel.namespace("numpy").bfloat16)
    return drawn if xp is None else accel.to_device(drawn, _place(xp), copy=True)


def _place(xp: Any) -> Any:
    """Give what `accel.to_device` takes for a backend, a device or a namespace."""
    if isinstance(xp, str | accel.Device):
        return xp
    name = getattr(xp, "__name__", None)
    for backend in registry.names():
        # A namespace of the library (jax.numpy) begins with the root package that owns the arrays; accel's own is the backend itself.
        if isinstance(name, str) and name.partition(".")[0] == backend:
            return backend
        if any(loaded.name == backend and loaded.namespace is xp for loaded in registry.loaded()):
            return backend
    raise ArgumentError(
        f"xp is a backend, a device or a namespace, got {xp!r}; the backends are: {', '.join(registry.names())}."
    )


@cache
def scalars(dtype: str, *, finite: bool = False) -> SearchStrategy[Any]:
    """Draw a Python scalar that goes with an array of a dtype: of its kind or of one below, and inside its range.

    Parameters
    ----------
    dtype : str
        Name of the dtype of the array.
    finite : bool
        Whether to leave out infinities and nan.

    Returns
    -------
    strategy of bool, int, float or complex

    Examples
    --------
    >>> from hypothesis import find
    >>> find(scalars("uint8"), lambda x: x > 254)
    255
    """
    if dtype == "bool" or dtype in INTEGER:
        return wild(dtype)
    real = _floats(
        "float32" if dtype in ("float64", "complex128") else dtype.replace("complex64", "float32"),
        finite=finite,
    )
    return st.one_of(real, st.integers(-9, 9), st.builds(complex, real, real) if dtype in COMPLEX else real)


@st.composite
def axis(draw: DrawFn, ndim: int) -> int:
    """Draw one axis, counted from either end.

    Parameters
    ----------
    ndim : int
        Number of axes, at least 1.

    Returns
    -------
    strategy of int

    Examples
    --------
    >>> from hypothesis import find
    >>> find(axis(3), lambda a: a < 0)
    -1
    """
    return draw(st.integers(-ndim, ndim - 1))


@st.composite
def axes(draw: DrawFn, ndim: int, *, none: bool = True, several: bool = True) -> int | tuple[int, ...] | None:
    """Draw what a reduction takes for axis: None, an int, or a tuple.

    Parameters
    ----------
    ndim : int
        Number of axes.
    none, several : bool
        Whether None and tuples are drawn.

    Returns
    -------
    strategy of None, int or tuple of int

    Examples
    --------
    >>> from hypothesis import find
    >>> find(axes(3), lambda a: isinstance(a, tuple) and len(a) == 2)
    (0, 1)
    """
    kinds = ["none"] * none + ["one"] * (ndim > 0) + ["several"] * several
    kind = draw(st.sampled_from(kinds))
    if kind == "none":
        return None
    if kind == "one":
        return draw(axis(ndim))
    chosen = draw(st.lists(st.integers(0, ndim - 1), unique=True)) if ndim else []
    return tuple(a - ndim if draw(st.booleans()) else a for a in chosen)


@st.composite
def indices(
    draw: DrawFn, shape: tuple[int, ...], *, newaxis: bool = True, masks: bool = False, xp: Any = None
) -> Any:
    """Draw what may stand in brackets after an array, within its bounds.

    Parameters
    ----------
    shape : tuple of int
        The shape of the array.
    newaxis : bool
        Whether None may stand among the others.
    masks : bool
        Whether a boolean array of the shape is drawn now and then, alone. The shape of what it selects depends on its values, so no
        compiler takes it.
    xp : str, Device or namespace, optional
        Whose array a mask is, as in `arrays`.

    Returns
    -------
    strategy of int, slice, Ellipsis, None, tuple of them, or array
        Slices run in either direction, in steps of any size.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(indices((4,)), lambda i: isinstance(i, slice) and (i.step or 1) < -1 and i.start is None)
    slice(None, None, -2)
    >>> find(indices((2,), masks=True), lambda i: isinstance(i, np.ndarray) and i.any())
    array([False,  True])
    """
    if masks and draw(st.integers(0, 3)) == 3:
        return draw(arrays("bool", shape, xp=xp))
    basic = hnp.basic_indices(shape, allow_newaxis=True) if newaxis else hnp.basic_indices(shape)
    return draw(basic)


def op_arguments(op: str, *, xp: Any = None) -> SearchStrategy[Case]:
    """Draw the arguments of one call of an op, as the spec of the op allows them.

    Parameters
    ----------
    op : str
        Name of the op, such as ``"add"`` or ``"linalg.svd"``.
    xp : str, Device or namespace, optional
        Whose arrays to give, as in `arrays`. By default NumPy's.

    Returns
    -------
    strategy of Case
        Arguments in ``args`` and ``kwargs``: dtypes, shapes and values for which the op's result is defined.

    Raises
    ------
    ArgumentError
        If there is no such op or namespace.

    Examples
    --------
    >>> import accel
    >>> from hypothesis import find
    >>> case = find(op_arguments("sqrt"), lambda case: case.args[0].shape == (2, 3))
    >>> accel.sqrt(*case.args, **case.kwargs).shape
    (2, 3)
    """
    from accel.testing.columns import table

    if op not in table:
        raise ArgumentError(f"op_arguments takes the name of an op, got {op!r}.")
    cases = table[op].cases
    if xp is None:
        return cases
    where = _place(xp)
    return cases.map(lambda case: case.map(lambda x: accel.to_device(x, where, copy=True)))
