"""Softmax and its logarithm on CuPy: two reductions and one kernel, each of which reads the scores once."""

from __future__ import annotations

from typing import Any

import cupy as cp

__all__ = ["log_softmax", "softmax"]

VALUES = """
template <typename T> __device__ T least() { return T(__int_as_float(0xff800000)); }
template <typename T> __device__ T larger(T a, T b) { return a > b || isnan(a) ? a : b; }
template <typename T> __device__ T counted(T x, bool m) { return m ? x : least<T>(); }
"""


def _reduction(name: str, inputs: str, term: str, join: str, last: str, identity: str) -> Any:
    return cp.ReductionKernel(
        inputs, "W y", term, join, f"y = {last}", identity, f"accel_{name}", preamble=VALUES
    )


# W is what is computed in: float for 16 bits. Where the largest is -inf no element counts, and 0 is subtracted.
_TOP = "a == least<W>() ? W(0) : a"
_top = _reduction("top", "T x", "W(x)", "larger<W>(a, b)", _TOP, "least<W>()")
_top_masked = _reduction(
    "top_masked", "T x, bool m", "counted<W>(x, m)", "larger<W>(a, b)", _TOP, "least<W>()"
)
_total = _reduction("total", "T x, W top", "exp(W(x) - top)", "a + b", "a == W(0) ? W(1) : a", "0")
_total_masked = _reduction(
    "total_masked", "T x, bool m, W top", "exp(counted<W>(x, m) - top)", "a + b", "a == W(0) ? W(1) : a", "0"
)


def _last(name: str, formula: str) -> tuple[Any, Any]:
    def kernel(suffix: str, mask: str, x: str) -> Any:
        return cp.ElementwiseKernel(
            f"T x, {mask}W top, W total",
            "T y",
            f"W w = {x}; y = {formula}",
            f"accel_{name}{suffix}",
            preamble=VALUES,
        )

    return kernel("", "", "x"), kernel("_masked", "bool m, ", "counted<W>(x, m)")


_softmax = _last("softmax", "exp(w - top) / total")
_log_softmax = _last("log_softmax", "w - top - log(total)")


def rows(x: Any, axis: Any, *mask: Any) -> tuple[Any, Any]:
    """Give the largest score of each row, and the sum of the exponentials of all less that one."""
    axes = tuple(range(x.ndim)) if axis is None else axis
    work = cp.float32 if x.dtype.itemsize == 2 else x.dtype
    given = (axes,) if isinstance(axes, int) else axes
    along = {a % x.ndim for a in given} if x.ndim else set()
    shape = tuple(1 if a in along else n for a, n in enumerate(x.shape))
    top, total = cp.empty(shape, dtype=work), cp.empty(shape, dtype=work)
    (_top_masked if mask else _top)(x, *mask, top, axis=axes, keepdims=True)
    (_total_masked if mask else _total)(x, *mask, top, total, axis=axes, keepdims=True)
    return top, total


# The compositions launch a kernel for each step, and make an array of the size of the scores in most of them.
def softmax(x: Any, /, *, axis: Any = -1, where: Any = None) -> Any:
    mask = () if where is None else (where,)
    return _softmax[len(mask)](x, *mask, *rows(x, axis, *mask))


def log_softmax(x: Any, /, *, axis: Any = -1, where: Any = None) -> Any:
    mask = () if where is None else (where,)
    return _log_softmax[len(mask)](x, *mask, *rows(x, axis, *mask))
