"""Decompositions: LAPACK by way of SciPy where it is installed, else blocks whose work is in matrix products."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

import accel.extra.decomposition as decomposition
from accel_numpy.linalg import solve

Array: TypeAlias = npt.NDArray[Any]

LEAF = 32
"""Triangular systems of so many equations are solved as general ones; there is nothing to eliminate in them."""

PANEL = 16
"""So many columns are eliminated one after the other."""


@cache
def _lapack() -> Any:
    """Give SciPy's functions for one matrix, or None where it is not installed."""
    try:
        return import_module("scipy.linalg.lapack")
    except ImportError:
        return None


def _together(*arrays: Array) -> tuple[Array, ...]:
    dtype = np.result_type(*arrays)
    if dtype.kind not in "fc":
        dtype = np.dtype(np.float64)
    return tuple(x.astype(dtype, copy=False) for x in arrays)


def _columns(b: Array) -> Array:
    return b[:, None] if b.ndim == 1 else b


# The composition makes a copy of the triangle in each step; LAPACK has it at once.
def solve_triangular(
    a: Array, b: Array, /, *, lower: bool = False, trans: str = "N", unit_diagonal: bool = False
) -> Array:
    a, b = _together(a, b)
    if a.ndim == 2 and b.ndim <= 2 and a.size and b.size and _lapack() is not None:
        (solver,) = _lapack().get_lapack_funcs(("trtrs",), (a, b))
        # LAPACK's matrices have their columns together, so that rows that lie together are those of the transposed one.
        if a.flags.c_contiguous and trans != "C":
            form = 0 if trans == "T" else 1
            x, info = solver(a.T, b, lower=not lower, trans=form, unitdiag=unit_diagonal)
        else:
            x, info = solver(a, b, lower=lower, trans="NTC".index(trans), unitdiag=unit_diagonal)
        if info == 0:
            return np.ascontiguousarray(x)
    y = _triangular(a, _columns(b), lower, trans, unit_diagonal)
    return y[..., 0] if b.ndim == 1 else y


def _triangular(a: Array, b: Array, lower: bool, trans: str, unit: bool) -> Array:
    if trans != "N":
        a, lower = np.swapaxes(a, -1, -2), not lower
        a = np.conj(a) if trans == "C" else a
    stack = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    x = np.array(np.broadcast_to(b, (*stack, *b.shape[-2:])))
    if lower:
        _substitute(a[..., ::-1, ::-1], x[..., ::-1, :], unit)
    else:
        _substitute(a, x, unit)
    return x


def _substitute(a: Array, x: Array, unit: bool) -> None:
    """Put the solution for an upper triangle in the place of the right-hand sides."""
    n = a.shape[-1]
    if n <= LEAF:
        part = np.triu(a, 1 if unit else 0)
        if unit:
            part[..., range(n), range(n)] = 1
        x[...] = solve(part, x)
        return
    cut = n // 2
    _substitute(a[..., cut:, cut:], x[..., cut:, :], unit)
    x[..., :cut, :] -= a[..., :cut, cut:] @ x[..., cut:, :]
    _substitute(a[..., :cut, :cut], x[..., :cut, :], unit)


# As solve_triangular, without the steps between two functions.
def cho_solve(c: Array, b: Array, /, *, upper: bool = False) -> Array:
    first, second = ("C", "N") if upper else ("N", "C")
    y = solve_triangular(c, _columns(b), lower=not upper, trans=first)
    y = solve_triangular(c, y, lower=not upper, trans=second)
    return y[..., 0] if b.ndim == 1 else y


# The composition passes over the whole matrix for each column.
def lu_factor(a: Array, /) -> tuple[Array, Array]:
    (a,) = _together(a)
    m, n = a.shape[-2:]
    out = np.array(a, order="C")
    pivots = np.zeros((*a.shape[:-2], min(m, n)), dtype=np.int32)
    if out.size == 0:
        return out, pivots
    with np.errstate(all="ignore"):
        for index in np.ndindex(a.shape[:-2]):
            if _lapack() is None:
                # With the elements of a column together.
                work = np.asarray(a[index].copy(order="F"))
                _eliminate(work, pivots[index])
                out[index] = work
            else:
                (factor,) = _lapack().get_lapack_funcs(("getrf",), (a,))
                out[index], pivots[index], _ = factor(a[index])
    return out, pivots


def _eliminate(a: Array, pivots: Array) -> None:
    """Put both factors in the place of a matrix: of its left half first, then of what that leaves of the right one."""
    m, n = a.shape
    k = min(m, n)
    if k <= PANEL:
        for j in range(k):
            _column(a, pivots, j)
        return
    cut = k // 2
    left, right = a[:, :cut], a[:, cut:]
    _eliminate(left, pivots[:cut])
    _exchange(right, pivots[:cut])
    right[:cut] = _triangular(left[:cut], right[:cut], True, "N", True)
    right[cut:] -= left[cut:] @ right[:cut]
    _eliminate(right[cut:], pivots[cut:])
    _exchange(left[cut:], pivots[cut:])
    pivots[cut:] += cut


def _column(a: Array, pivots: Array, j: int) -> None:
    below = a[j:, j]
    size = np.abs(np.real(below)) + np.abs(np.imag(below)) if a.dtype.kind == "c" else np.abs(below)
    at = j + int(np.argmax(size))
    pivots[j] = at
    if at != j:
        a[[j, at]] = a[[at, j]]
    if a[j, j] != 0:
        a[j + 1 :, j] /= a[j, j]
        a[j + 1 :, j + 1 :] -= a[j + 1 :, j, None] * a[j, j + 1 :]


def _exchange(a: Array, pivots: Array) -> None:
    order = _order(pivots, len(a))
    a[...] = a[order]


def _order(pivots: Array, count: int) -> Array:
    """Give the order of so many rows that exchanges one after the other make."""
    order = list(range(count))
    for i, other in enumerate(pivots.tolist()):
        order[i], order[other] = order[other], order[i]
    return np.asarray(order, dtype=np.int64)


# The composition passes over all pivots for each of them.
def lu_solve(lu_and_pivots: Any, b: Array, /, *, trans: str = "N") -> Array:
    lu, pivots = lu_and_pivots
    lu, b = _together(lu, b)
    y = _columns(b)
    stack = np.broadcast_shapes(lu.shape[:-2], y.shape[:-2])
    y = np.broadcast_to(y, (*stack, *y.shape[-2:]))
    order = np.empty(pivots.shape, dtype=np.int64)
    for index in np.ndindex(pivots.shape[:-1]):
        order[index] = _order(pivots[index], lu.shape[-1])
    if trans == "N":
        y = np.take_along_axis(y, np.broadcast_to(order[..., None], y.shape), axis=-2)
        y = solve_triangular(lu, y, lower=True, unit_diagonal=True)
        y = solve_triangular(lu, y)
    else:
        y = solve_triangular(lu, y, trans=trans)
        y = solve_triangular(lu, y, lower=True, trans=trans, unit_diagonal=True)
        back = np.argsort(order, axis=-1)
        y = np.take_along_axis(y, np.broadcast_to(back[..., None], y.shape), axis=-2)
    return y[..., 0] if b.ndim == 1 else y


# The composition squares 32 times, whether a matrix needs it or not.
def expm(a: Array, /) -> Any:
    (a,) = _together(a)
    if a.size == 0:
        return a
    kind = "float32" if a.dtype.itemsize <= (8 if a.dtype.kind == "c" else 4) else "float64"
    limit = decomposition.LIMIT[kind]
    with np.errstate(all="ignore"):
        norm = np.max(np.sum(np.abs(a), axis=-2), axis=-1)
        fine = norm <= limit * 2.0**decomposition.SQUARINGS
        steps = np.asarray(limit * 2.0 ** np.arange(decomposition.SQUARINGS), dtype=norm.dtype)
        halvings = np.searchsorted(steps, np.where(fine, norm, 0), side="left")
        whole = np.asarray(fine)[..., None, None]
        small = np.where(whole, a, 0) * np.exp2(-halvings.astype(norm.dtype))[..., None, None]
        y = _pade(small.astype(a.dtype, copy=False), decomposition.QUOTIENT[kind])
        for k in range(int(np.max(halvings, initial=0))):
            y = np.where((halvings > k)[..., None, None], y @ y, y)
    return y if fine.all() else np.where(whole, y, np.nan)


def _pade(a: Array, coefficients: tuple[float, ...]) -> Any:
    """Give the quotient of polynomials of each matrix, with sums in place."""
    n = a.shape[-1]
    diagonal = range(n)
    square = a @ a
    fourth = square @ square
    sixth = square @ fourth
    even, odd = coefficients[0::2], coefficients[1::2]

    def total(terms: tuple[float, ...]) -> Any:
        found = sixth * terms[3]
        found += fourth * terms[2]
        found += square * terms[1]
        found[..., diagonal, diagonal] += terms[0]
        return found

    v, u = total(even[:4]), total(odd[:4])
    if len(even) > 4:
        v += sixth @ total((0.0, *even[4:]))
        u += sixth @ total((0.0, *odd[4:]))
    u = a @ u
    return solve(v - u, v + u)
