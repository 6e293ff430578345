"""The dtypes in which an operation computes: NumPy's, asked of NumPy itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import ml_dtypes
import numpy as np
from jax import lax

from accel.errors import ArgumentError, DTypeError

__all__ = [
    "COMPLEX",
    "FLOATS",
    "INTEGERS",
    "KNOWN",
    "NARROW",
    "REALS",
    "SCALARS",
    "WIDE",
    "Rule",
    "cast",
    "dtype_of",
    "floating",
    "host",
    "opaque",
    "result_type",
    "scalar",
]

_BOOL = np.dtype(bool)
_HALF = np.dtype(np.float16)
_SINGLE = np.dtype(np.float32)
_BRAIN = np.dtype(ml_dtypes.bfloat16)

WIDE = frozenset(map(np.dtype, (np.float64, np.int64, np.uint64, np.complex128)))
"""The dtypes that JAX drops when its 64-bit types are off."""

INTEGERS = frozenset(np.dtype(f"{kind}{bits}") for kind in ("int", "uint") for bits in (8, 16, 32, 64))
REALS = frozenset((_HALF, _BRAIN, _SINGLE, np.dtype(np.float64)))
COMPLEX = frozenset(map(np.dtype, (np.complex64, np.complex128)))
FLOATS = REALS | COMPLEX
KNOWN = FLOATS | INTEGERS | {_BOOL}
NARROW = KNOWN - WIDE

SCALARS = (bool, int, float, complex)


def dtype_of(x: Any) -> np.dtype[Any]:
    """Read a dtype, or that of an array."""
    # A NumPy scalar type has an attribute `dtype` too, which describes its instances.
    return np.dtype(x if isinstance(x, type) else getattr(x, "dtype", x))


def host(x: object) -> np.ndarray[Any, Any] | None:
    """Give an operand that is a NumPy array or scalar as an array that keeps its dtype, any other as None."""
    if isinstance(x, np.ndarray):
        return x
    if isinstance(x, np.generic):
        return np.asarray(x)
    return None


def scalar(value: Any, dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    """Give a Python scalar as a 0-d array, since JAX would narrow it; OverflowError if an integer does not fit."""
    if type(value) is not complex and -65000 < value < 65000:
        return np.asarray(value, dtype=dtype)
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(value, dtype=dtype)


opaque: Callable[[Any], Any] = lax.optimization_barrier
"""Give a value as it is, but hide from XLA where it came from."""


def cast(x: Any, dtype: np.dtype[Any]) -> Any:
    """Cast a JAX array, also one of the dtype already but of the weak kind that gives way to others."""
    if dtype == _BOOL and x.dtype in COMPLEX:
        return lax.ne(x, lax.full_like(x, 0))  # XLA looks at the real part alone
    y = lax.convert_element_type(x, dtype)
    # XLA makes a selection of the product with what was a boolean, so that False * nan is 0; the barrier
    # hides that it was one.
    return opaque(y) if x.dtype == _BOOL and dtype != _BOOL else y


@cache
def _loop(ufunc: np.ufunc, asked: tuple[Any, ...]) -> tuple[np.dtype[Any], ...]:
    # ml_dtypes knows nothing of Python scalars, so float16 stands in for bfloat16 beside one.
    if _BRAIN in asked and not all(isinstance(d, np.dtype) for d in asked):
        half = _loop(ufunc, tuple(_HALF if d == _BRAIN else d for d in asked))
        return tuple(_BRAIN if d == _HALF else d for d in half)
    return ufunc.resolve_dtypes((*asked, None))


class Rule:
    """The dtypes an operation takes: those of a NumPy ufunc, less the kinds it is not defined for."""

    def __init__(self, ufunc: np.ufunc, refused: str = "") -> None:
        self._ufunc = ufunc
        self._refused = refused

    def __call__(self, name: str, *asked: Any) -> tuple[np.dtype[Any], ...]:
        """Give the dtypes that operands are cast to, then the result's; a Python type stands for a scalar."""
        try:
            loop = _loop(self._ufunc, asked)
        except TypeError:
            loop = ()
        kinds = {np.dtype(d).kind for d in asked}
        if not loop or kinds.intersection(self._refused):
            got = " and ".join(
                str(np.dtype(d)) if isinstance(d, np.dtype) else f"a Python {d.__name__}" for d in asked
            )
            raise DTypeError(f"{name} is not defined for {got}; cast with astype to a dtype that it takes.")
        return loop

    def keeps(self, *, arity: int) -> frozenset[np.dtype[Any]]:
        """List the dtypes in which operands of one dtype are computed as they are."""
        kept = []
        for dtype in KNOWN:
            try:
                loop = self("", *(dtype,) * arity)
            except DTypeError:
                continue
            if all(d == dtype for d in loop[:-1]):
                kept.append(dtype)
        return frozenset(kept)


def floating(name: str, dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Give the dtype in which numbers are averaged, solved or transformed: float64 for integers."""
    if dtype in FLOATS:
        return dtype
    if dtype in KNOWN:
        return np.dtype(np.float64)
    raise DTypeError(f"{name} is not defined for {dtype}; cast with astype to a dtype that it takes.")


def result_type(*arrays_and_dtypes: Any) -> np.dtype[Any]:
    """Give the dtype that NumPy's promotion gives arrays, dtypes and Python scalars."""
    if not arrays_and_dtypes:
        raise ArgumentError("result_type needs at least one array, dtype or scalar.")
    asked = []
    for x in arrays_and_dtypes:
        if type(x) in SCALARS:
            asked.append(x)
        else:
            asked.append(dtype_of(x))
    dtypes = [x for x in asked if isinstance(x, np.dtype)]
    if _BRAIN not in dtypes:
        return np.result_type(*asked)
    strong = dtypes[0]
    for dtype in dtypes[1:]:
        strong = np.promote_types(strong, dtype)
    if strong != _BRAIN:
        return np.result_type(strong, *(x for x in asked if not isinstance(x, np.dtype)))
    half = np.result_type(_HALF, *(x for x in asked if not isinstance(x, np.dtype)))
    return _BRAIN if half == _HALF else half
