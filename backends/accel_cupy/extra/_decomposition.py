"""Decompositions on CuPy: cuBLAS's triangular solver and cuSOLVER's LU, which are called without waiting for them."""

from __future__ import annotations

import math
from typing import Any

import cupy as cp
from cupy import cuda
from cupy_backends.cuda.libs import cusolver
from cupyx.scipy import linalg as scipy_linalg

__all__ = ["cho_solve", "lu_factor", "lu_solve", "solve_triangular"]


def _together(*arrays: Any) -> tuple[Any, ...]:
    dtype = cp.result_type(*arrays)
    if dtype.kind not in "fc":
        dtype = cp.dtype(cp.float64)
    return tuple(x.astype(dtype, copy=False) for x in arrays)


def _columns(b: Any) -> Any:
    return b[:, None] if b.ndim == 1 else b


def _triangular(a: Any, b: Any, lower: bool, trans: str, unit: bool) -> Any:
    stack = cp.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    shape, m, count = (*stack, *b.shape[-2:]), a.shape[-1], math.prod(stack)
    if math.prod(shape) == 0:
        return cp.zeros(shape, dtype=b.dtype)
    if trans == "C" and a.dtype.kind == "c":
        a, trans = cp.conj(a), "T"
    elif trans == "C":
        trans = "T"
    matrices = cp.ascontiguousarray(cp.broadcast_to(a, (*stack, m, m))).reshape(count, m, m)
    sides = cp.ascontiguousarray(cp.broadcast_to(b, shape)).reshape(count, m, -1)
    if count == 1:
        matrices, sides = matrices[0], sides[0]
    solver: Any = scipy_linalg.solve_triangular  # whose types take no name of a form
    found = solver(matrices, sides, trans=trans, lower=lower, unit_diagonal=unit)
    return cp.ascontiguousarray(found).reshape(shape)


# The composition eliminates where there is nothing to eliminate; CuPy does not broadcast.
def solve_triangular(
    a: Any, b: Any, /, *, lower: bool = False, trans: str = "N", unit_diagonal: bool = False
) -> Any:
    a, b = _together(a, b)
    y = _triangular(a, _columns(b), lower, trans, unit_diagonal)
    return y[..., 0] if b.ndim == 1 else y


# As solve_triangular.
def cho_solve(c: Any, b: Any, /, *, upper: bool = False) -> Any:
    c, b = _together(c, b)
    first, second = ("C", "N") if upper else ("N", "C")
    y = _triangular(c, _columns(b), not upper, first, False)
    y = _triangular(c, y, not upper, second, False)
    return y[..., 0] if b.ndim == 1 else y


# The composition passes over the whole matrix for each column; CuPy's own waits for the device, and takes no stacks.
def lu_factor(a: Any, /) -> tuple[Any, Any]:
    (a,) = _together(a)
    m, n = a.shape[-2:]
    count = math.prod(a.shape[:-2])
    pivots = cp.zeros((count, min(m, n)), dtype=cp.int32)
    if a.size == 0:
        return a.copy(), pivots.reshape(*a.shape[:-2], min(m, n))
    # cuSOLVER's matrices have their columns together.
    work = cp.ascontiguousarray(cp.swapaxes(a, -1, -2)).reshape(count, n, m)
    if work.data.ptr == a.data.ptr:
        work = work.copy()
    letter = {"f": "s", "d": "d", "F": "c", "D": "z"}[a.dtype.char]
    getrf = getattr(cusolver, f"{letter}getrf")
    device: Any = cuda.device
    handle, info = device.get_cusolver_handle(), cp.empty(1, dtype=cp.int32)
    size = getattr(cusolver, f"{letter}getrf_bufferSize")(handle, m, n, work.data.ptr, m)
    room = cp.empty(size, dtype=a.dtype)
    for matrix, rows in zip(work, pivots, strict=True):
        getrf(handle, m, n, matrix.data.ptr, m, room.data.ptr, rows.data.ptr, info.data.ptr)
    lu = cp.ascontiguousarray(cp.swapaxes(work, -1, -2)).reshape(a.shape)
    return lu, (pivots - 1).reshape(*a.shape[:-2], min(m, n))


_ordered = cp.ElementwiseKernel(
    "raw int32 pivots, int64 m",
    "raw int64 order",
    """
    for (long long k = 0; k < m; k++) order[i * m + k] = k;
    for (long long k = 0; k < m; k++) {
        long long other = pivots[i * m + k];
        if (other >= 0 && other < m) {
            long long before = order[i * m + k];
            order[i * m + k] = order[i * m + other];
            order[i * m + other] = before;
        }
    }
    """,
    "accel_order_of_pivots",
)


# The composition passes over all pivots for each of them.
def lu_solve(lu_and_pivots: Any, b: Any, /, *, trans: str = "N") -> Any:
    lu, pivots = lu_and_pivots
    lu, b = _together(lu, b)
    y = _columns(b)
    stack = cp.broadcast_shapes(lu.shape[:-2], y.shape[:-2])
    y = cp.broadcast_to(y, (*stack, *y.shape[-2:]))
    order = cp.empty(pivots.shape, dtype=cp.int64)
    if order.size:
        m = pivots.shape[-1]
        _ordered(cp.ascontiguousarray(pivots.astype(cp.int32)), m, order, size=order.size // m)
    if trans == "N":
        y = cp.take_along_axis(y, cp.broadcast_to(order[..., None], y.shape), axis=-2)
        y = _triangular(lu, y, True, "N", True)
        y = _triangular(lu, y, False, "N", False)
    else:
        y = _triangular(lu, y, False, trans, False)
        y = _triangular(lu, y, True, trans, True)
        back = cp.argsort(order, axis=-1)
        y = cp.take_along_axis(y, cp.broadcast_to(back[..., None], y.shape), axis=-2)
    return y[..., 0] if b.ndim == 1 else y
