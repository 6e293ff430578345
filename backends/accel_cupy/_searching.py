"""Searching, sets and sorting, where CuPy's order of nan, ties or arguments is its own."""

from __future__ import annotations

from operator import index
from typing import Any

import cupy as cp
from cupy._core import create_reduction_func

from accel.errors import ArgumentError, AxisError, ShapeError
from accel_cupy._elementwise import bfloat16

__all__ = ["argmax", "argmin", "argsort", "count_nonzero", "isin", "searchsorted", "sort"]

PREAMBLE = """
template <typename T> __device__ bool absent(T x) { return x != x; }

template <typename T> struct Place {
    T value;
    long long index;
    __device__ Place() : index(-1) {}
    __device__ Place(T v, long long i) : value(v), index(i) {}
};

// The one that comes first in the result's order: nan before any number, then the better number, then the smaller index.
template <bool largest, typename T> __device__ Place<T> first(const Place<T>& a, const Place<T>& b) {
    if (a.index < 0) return b;
    if (b.index < 0) return a;
    bool here = absent(a.value), there = absent(b.value);
    if (here != there) return here ? a : b;
    if (!here) {
        if (largest ? a.value > b.value : a.value < b.value) return a;
        if (largest ? b.value > a.value : b.value < a.value) return b;
    }
    return a.index < b.index ? a : b;
}
"""


def place(name: str, largest: str) -> Any:
    """Make the reduction that gives the index of an extreme value."""
    body = (
        "Place<type_in0_raw>(in0, _J)",
        f"first<{largest}>(a, b)",
        "out0 = a.index",
        "Place<type_in0_raw>",
    )
    return create_reduction_func(
        f"accel_{name}",
        (*(f"{c}->q" for c in "?bBhHiIlLqQe"), *bfloat16(1, None, "q"), *(f"{c}->q" for c in "fdFD")),
        body,
        None,
        PREAMBLE,
    )


_argmax = place("argmax", "true")
_argmin = place("argmin", "false")


# CuPy finds some nan, not the first: which one depends on the order in which threads meet. Flat, because a reduction over several
# axes takes them in the order of memory.
def argmax(x: Any, /, *, axis: int | None = None, keepdims: bool = False) -> Any:
    return _place(_argmax, x, axis, keepdims)


# As argmax.
def argmin(x: Any, /, *, axis: int | None = None, keepdims: bool = False) -> Any:
    return _place(_argmin, x, axis, keepdims)


def _place(reduction: Any, x: Any, axis: int | None, keepdims: bool) -> Any:
    if axis is not None:
        return reduction(x, axis=index(axis), keepdims=keepdims)
    found = reduction(x.reshape(-1))
    return found.reshape((1,) * x.ndim) if keepdims else found


# CuPy cannot sort downwards, and cuts an axis of 0.5 to 0. Turned round before and after, so that ties keep their order and nan comes first.
def argsort(x: Any, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Any:
    if x.ndim == 0:
        raise AxisError("argsort got an array without dimensions; there is nothing to sort.")
    axis = index(axis)
    if not descending:
        return cp.argsort(x, axis=axis)
    order = cp.flip(cp.argsort(cp.flip(x, axis), axis=axis), axis)
    return (x.shape[axis] - 1) - order


# CuPy has no keepdims.
def count_nonzero(x: Any, /, *, axis: Any = None, keepdims: bool = False) -> Any:
    return cp.sum(x != 0, axis=axis, keepdims=keepdims, dtype=cp.int64)


# CuPy takes no scalars and compares values of two dtypes in C++; a Python integer compares exactly.
def isin(x1: Any, x2: Any, /, *, invert: bool = False) -> Any:
    if not isinstance(x2, cp.ndarray):
        return cp.not_equal(x1, x2) if invert else cp.equal(x1, x2)
    if not isinstance(x1, cp.ndarray):
        return cp.all(cp.not_equal(x2, x1)) if invert else cp.any(cp.equal(x2, x1))
    common = cp.result_type(x1, x2)
    return cp.isin(x1.astype(common, copy=False), x2.astype(common, copy=False), invert=invert)


# CuPy compares values of two dtypes in C++, where an int64 loses digits against a double and -1 is above every unsigned.
def searchsorted(x1: Any, x2: Any, /, *, side: str = "left", sorter: Any = None) -> Any:
    if side not in ("left", "right"):
        raise ArgumentError(f"searchsorted got side={side!r}; write 'left' or 'right'.")
    if x1.ndim != 1:
        raise ShapeError(f"searchsorted looks in a vector, got shape {x1.shape}; search row by row.")
    common = cp.result_type(x1, x2)
    return cp.searchsorted(
        x1.astype(common, copy=False), cp.asarray(x2, dtype=common), side=side, sorter=sorter
    )


# As argsort.
def sort(x: Any, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Any:
    axis = index(axis)
    if not descending:
        return cp.sort(x, axis=axis)
    return cp.flip(cp.sort(cp.flip(x, axis), axis=axis), axis)
