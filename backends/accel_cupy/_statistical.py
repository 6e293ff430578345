"""Statistical functions: where CuPy's result for integers or few values is not the standard's, or its sums are long."""

from __future__ import annotations

import math
from typing import Any

import cupy as cp
from numpy.lib.array_utils import normalize_axis_tuple

from accel.errors import AxisError, DTypeError

__all__ = ["cumulative_prod", "cumulative_sum", "mean", "prod", "std", "sum", "var"]


# CuPy makes a vector of a single number, drops imaginary parts where a real dtype is asked for, and multiplies in 16 bits.
def cumulative_prod(
    x: Any, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False
) -> Any:
    x = _row("cumulative_prod", x, axis, dtype)
    x, dtype, rounded = _widened(x, dtype)
    out = cp.cumulative_prod(x, axis=axis, dtype=dtype, include_initial=include_initial)
    return out if rounded is None else out.astype(rounded)


# As cumulative_prod.
def cumulative_sum(
    x: Any, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False
) -> Any:
    x = _row("cumulative_sum", x, axis, dtype)
    x, dtype, rounded = _widened(x, dtype)
    out = cp.cumulative_sum(x, axis=axis, dtype=dtype, include_initial=include_initial)
    return out if rounded is None else out.astype(rounded)


def _row(name: str, x: Any, axis: int | None, dtype: Any) -> Any:
    if x.ndim == 0:
        raise AxisError(f"{name} got an array without dimensions; there is no axis to go along.")
    if axis is None and x.ndim > 1:
        raise AxisError(f"{name} got an array of {x.ndim} dimensions and no axis; name the axis.")
    return whole(name, x, dtype)


def whole(name: str, x: Any, dtype: Any) -> Any:
    """Give x back unless a dtype that is asked for would lose its imaginary part."""
    if dtype is not None and x.dtype.kind == "c" and cp.dtype(dtype).kind != "c":
        raise DTypeError(
            f"{name} got {x.dtype} and dtype={cp.dtype(dtype)}; take real(x), imag(x) or abs(x) first."
        )
    return x


def _widened(x: Any, dtype: Any) -> tuple[Any, Any, Any]:
    """Give what to add or multiply, the dtype to do it in, and a dtype of 16 bits if the result is to be rounded to that."""
    wanted = x.dtype if dtype is None else cp.dtype(dtype)
    if wanted.itemsize != 2 or wanted.kind in "iu":
        return x, dtype, None
    return x.astype(wanted, copy=False).astype(cp.float32), None, wanted


# CuPy adds 16 bits in 16 bits where CUB does it, and long sums as told in `_summed`.
def mean(x: Any, /, *, axis: Any = None, keepdims: bool = False) -> Any:
    x, _, rounded = _widened(x, None)
    if rounded is None and not _long(x, axis):
        return cp.mean(x, axis=axis, keepdims=keepdims)
    if x.dtype.kind in "biu":
        x = x.astype(cp.float64)
    out = _summed(x, axis, keepdims) / _count(x, axis)
    return out if rounded is None else out.astype(rounded)


# CuPy drops imaginary parts, with a warning, where a real dtype is asked for, and multiplies in 16 bits.
def prod(x: Any, /, *, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Any:
    x, dtype, rounded = _widened(whole("prod", x, dtype), dtype)
    out = cp.prod(x, axis=axis, dtype=dtype, keepdims=keepdims)
    return out if rounded is None else out.astype(rounded)


# As var.
def std(x: Any, /, *, axis: Any = None, correction: Any = 0.0, keepdims: bool = False) -> Any:
    x, _, rounded = _widened(x, None)
    if rounded is None and not _long(x, axis):
        return cp.std(x, axis=axis, ddof=correction, keepdims=keepdims)
    out = cp.sqrt(_spread(x, axis, correction, keepdims))
    return out if rounded is None else out.astype(rounded)


# As prod, and as mean.
def sum(x: Any, /, *, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Any:
    x, dtype, rounded = _widened(whole("sum", x, dtype), dtype)
    out = _summed(x, axis, keepdims, dtype)
    return out if rounded is None else out.astype(rounded)


# The correction is called ddof in CuPy; the sums are as in mean.
def var(x: Any, /, *, axis: Any = None, correction: Any = 0.0, keepdims: bool = False) -> Any:
    x, _, rounded = _widened(x, None)
    if rounded is None and not _long(x, axis):
        return cp.var(x, axis=axis, ddof=correction, keepdims=keepdims)
    out = _spread(x, axis, correction, keepdims)
    return out if rounded is None else out.astype(rounded)


def _spread(x: Any, axis: Any, correction: Any, keepdims: bool) -> Any:
    if x.dtype.kind in "biu":
        x = x.astype(cp.float64)
    n = _count(x, axis)
    apart = cp.square(x - _summed(x, axis, True) / n)
    left = n - correction
    return _summed(apart, axis, keepdims) / (left if left > 0 else cp.nan)


BLOCK = 512


def _count(x: Any, axis: Any) -> int:
    return x.size if axis is None else math.prod(x.shape[a] for a in normalize_axis_tuple(axis, x.ndim))


def _long(x: Any, axis: Any) -> bool:
    """Tell whether CuPy would share one sum of many terms among few threads: it does where the last axis stays."""
    if axis is None or x.ndim < 2 or x.dtype.kind in "biu":
        return False
    axes = normalize_axis_tuple(axis, x.ndim)
    return math.prod(x.shape[a] for a in axes) > 2 * BLOCK and (
        x.ndim - 1 not in axes or not x.flags.c_contiguous
    )


def _summed(x: Any, axis: Any, keepdims: bool, dtype: Any = None) -> Any:
    """Add along some axes, in blocks where CuPy would leave a thread with a sum of many terms.

    A block of 512 threads that has 32 sums to make has 16 threads for each, and each thread adds one term after the other.
    """
    if not _long(x, axis):
        return cp.sum(x, axis=axis, dtype=dtype, keepdims=keepdims)
    axes = normalize_axis_tuple(axis, x.ndim)
    longest = max(axes, key=lambda a: x.shape[a])
    blocks, rest = divmod(x.shape[longest], BLOCK)
    if blocks < 2:  # many short axes
        others = tuple(a for a in axes if a != longest)
        out = _summed(cp.sum(x, axis=longest, dtype=dtype, keepdims=True), others, True, dtype)
    else:
        before = (slice(None),) * longest
        parts = x[(*before, slice(blocks * BLOCK))]
        parts = parts.reshape(*x.shape[:longest], blocks, BLOCK, *x.shape[longest + 1 :])
        out = _summed(cp.sum(parts, axis=longest + 1, dtype=dtype), axes, True, dtype)
        if rest:
            out = out + _summed(x[(*before, slice(blocks * BLOCK, None))], axes, True, dtype)
    return out if keepdims else out.reshape([n for a, n in enumerate(x.shape) if a not in axes])
