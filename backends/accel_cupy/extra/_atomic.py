"""Atomic: kernels that combine values with elements at positions that may be there several times."""

from __future__ import annotations

from functools import cache
from typing import Any

import cupy as cp

__all__ = ["combine", "working"]

PREAMBLE = """
template <typename T, int size> struct Word { typedef unsigned int type; };
template <typename T> struct Word<T, 8> { typedef unsigned long long type; };

// Another thread may write between the reading and the writing; then what it wrote is combined with.
template <typename F, typename T> __device__ void combined(T* place, T value) {
    typedef typename Word<T, sizeof(T)>::type word;
    word* where = reinterpret_cast<word*>(place);
    word before = *where;
    while (true) {
        T old = *reinterpret_cast<T*>(&before);
        if (F::done(old, value)) return;
        T made = F::of(old, value);
        word found = atomicCAS(where, before, *reinterpret_cast<word*>(&made));
        if (found == before) return;
        before = found;
    }
}

struct Add {
    template <typename T> static __device__ bool done(T old, T value) { return false; }
    template <typename T> static __device__ T of(T old, T value) { return old + value; }
};
struct Multiply {
    template <typename T> static __device__ bool done(T old, T value) { return false; }
    template <typename T> static __device__ T of(T old, T value) { return old * value; }
};
// A nan is done with, and takes the place of any number.
struct Max {
    template <typename T> static __device__ bool done(T old, T value) { return old != old || old >= value; }
    template <typename T> static __device__ T of(T old, T value) { return value; }
};
struct Min {
    template <typename T> static __device__ bool done(T old, T value) { return old != old || old <= value; }
    template <typename T> static __device__ T of(T old, T value) { return value; }
};

__device__ void added(float* place, float value) { atomicAdd(place, value); }
__device__ void added(double* place, double value) { atomicAdd(place, value); }
__device__ void added(int* place, int value) { atomicAdd(place, value); }
__device__ void added(unsigned int* place, unsigned int value) { atomicAdd(place, value); }
__device__ void added(unsigned long long* place, unsigned long long value) { atomicAdd(place, value); }
__device__ void added(long long* place, long long value) {
    atomicAdd(reinterpret_cast<unsigned long long*>(place), static_cast<unsigned long long>(value));
}
"""

BODIES = {
    "add": "added(&out[id * width + i % width], value)",
    "max": "combined<Max, T>(&out[id * width + i % width], value)",
    "min": "combined<Min, T>(&out[id * width + i % width], value)",
    "multiply": "combined<Multiply, T>(&out[id * width + i % width], value)",
}


@cache
def _kernel(by: str) -> Any:
    return cp.ElementwiseKernel(
        "raw I ids, T value, int64 width, int64 number",
        "raw T out",
        f"long long id = ids[i / width]; if (id >= 0 && id < number) {BODIES[by]}",
        f"accel_combined_{by}",
        preamble=PREAMBLE,
    )


def working(dtype: Any) -> Any:
    """Give the dtype in which atomic operations combine numbers of another one."""
    if dtype.kind in "iu":
        return cp.dtype(cp.int32) if dtype.itemsize < 4 else dtype
    return cp.dtype(cp.float32) if dtype.itemsize == 2 else dtype


def combine(by: str, out: Any, rows: Any, values: Any) -> None:
    """Combine rows of a contiguous array with values, in one kernel; rows that there are not get none.

    Parameters
    ----------
    by : str
        ``"add"``, ``"max"``, ``"min"`` or ``"multiply"``; complex numbers are added alone.
    out : array
        Of a dtype that `working` gives; written to.
    rows : array, shape (N,), integer dtype
        Which rows.
    values : array, shape (N, ...)
        What to combine them with.
    """
    number = out.shape[0]
    if values.size == 0 or out.size == 0:
        return
    values = cp.ascontiguousarray(values.astype(out.dtype, copy=False))
    if out.dtype.kind == "c":
        part = out.real.dtype
        out, values = (each.reshape(-1).view(part).reshape(*each.shape, 2) for each in (out, values))
    width = values.size // values.shape[0]
    _kernel(by)(rows, values.reshape(-1), width, number, out)
