"""Special functions on NumPy: the formulas of accel's bodies block by block, the hot ones in place.

Beside accel's own formulas stands scipy.special, which would be no gain: it takes one element after the other, is off by hundreds of
ulp in float64 (erfc, gammaln, digamma) and need not be installed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import reduce
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from numpy.lib.array_utils import normalize_axis_tuple

import accel.extra.formula as formula
from accel.extra.coefficients import ERFC
from accel_numpy._blocks import CACHE, blocks, scratch
from accel_numpy._summation import addition, row_sums
from accel_numpy.extra._erf import ROWS, erf_into

__all__ = [
    "betaln",
    "digamma",
    "erf",
    "erfc",
    "erfinv",
    "expit",
    "gammaln",
    "i0",
    "i1",
    "logit",
    "logsumexp",
    "softplus",
    "xlogy",
]

Array: TypeAlias = npt.NDArray[Any]

BRANCHED = (
    formula.betaln,
    formula.digamma,
    formula.erfc,
    formula.erfinv,
    formula.gammaln,
    formula.i0,
    formula.i1,
)
"""Formulas that are told how to work out what differs between ranges."""

IN_PLACE = 128 * 1024
"""Bytes of a block with few rows beside it."""

FORMULA = 64 * 1024
"""Bytes of a block with many temporaries: all of them stay in the second-level cache."""


def _run(compute: Callable[..., Any], arrays: tuple[Array, ...], cache: int, rows: int) -> Any:
    """Call ``compute(*blocks, out, scratch)`` for runs of elements of arrays of one shape, and give the results in their dtype."""
    dtype = arrays[0].dtype
    wide = addition(dtype)
    flat = [x.reshape(-1) if x.flags.c_contiguous else None for x in arrays]
    out = np.empty(arrays[0].shape, dtype=dtype)
    line = out.reshape(-1)
    step = min(max(cache // wide.itemsize, 1), out.size)
    room = scratch(rows, step, wide)
    spare = None if dtype == wide else np.empty(step, dtype=wide)
    with np.errstate(all="ignore"):
        for run in blocks(out.size, wide.itemsize, cache):
            parts = [
                _piece(x, run) if whole is None else whole[run] for x, whole in zip(arrays, flat, strict=True)
            ]
            count = run.stop - run.start
            if spare is None:
                compute(*parts, line[run], room[:, :count])
            else:
                compute(*(p.astype(wide) for p in parts), spare[:count], room[:, :count])
                line[run] = spare[:count]
    return out[()]


def _piece(x: Array, run: slice) -> Array:
    """Copy a run of elements of an array that is not contiguous."""
    return np.fromiter(x.flat[run], dtype=x.dtype) if x.dtype.kind == "V" else x.flat[run]


def _elementwise(compute: Callable[..., Any], rows: int = 0, cache: int = IN_PLACE) -> Callable[..., Any]:
    """Make a function of one array of what fills ``out`` for a block of float32 or float64."""

    def call(x: Any, /) -> Any:
        return _run(compute, (np.asarray(x),), cache, rows)

    call.__name__ = call.__qualname__ = getattr(compute, "__name__", "call").strip("_")
    return call


def picked(_: Any, mask: Array, one: Callable[..., Any], other: Callable[..., Any], *args: Array) -> Any:
    """Give ``one(*args)`` where a mask is True and ``other(*args)`` elsewhere, each worked out where it is needed alone."""
    count = np.count_nonzero(mask)
    if count == 0 or count == mask.size:
        return (one if count else other)(*args)
    out = np.empty_like(args[0])
    for compute, where in ((one, np.flatnonzero(mask)), (other, np.flatnonzero(~mask))):
        out[where] = compute(*(x[where] for x in args))
    return out


def _formula(of: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function of one array of a formula."""

    def block(x: Array, out: Array, room: Array) -> None:
        out[...] = of(np, x, picked) if of in BRANCHED else of(np, x)

    block.__name__ = of.__name__
    return _elementwise(block, cache=FORMULA)


# The bodies' chains of functions would go through memory once for each, and emit NumPy's warnings of what accel defines.
digamma = _formula(formula.digamma)
erfinv = _formula(formula.erfinv)
gammaln = _formula(formula.gammaln)
logit = _formula(formula.logit)
erf = _elementwise(erf_into, rows=ROWS)


# In float32 NumPy's exponential is off by more than the rest: taken in float64 it costs no more than to make up for what the square
# and the sum in the formula lose.
def _erfc(x: Array, out: Array, room: Array) -> None:
    if x.dtype == np.float64:
        out[...] = formula.erfc(np, x, picked)
        return
    fit = ERFC["float32"]

    def near(x: Array) -> Any:
        return 1 - x * formula.polynomial(fit.near.above, x * x)

    def far(x: Array) -> Array:
        t = np.clip(np.absolute(x), fit.start, fit.end)
        share = formula.quotient(np, fit.far, np.reciprocal(t + 1)) + fit.base
        wide = t.astype(np.float64)
        e: Array = np.exp(-wide * wide)
        np.add(wide, 1, out=wide)
        np.divide(share, wide, out=wide)
        y = np.multiply(e, wide).astype(np.float32)
        return np.where(x < 0, 2 - y, y)

    out[...] = picked(np, np.absolute(x) < fit.start, near, far, x)


erfc = _elementwise(_erfc, cache=FORMULA)


# In float32 NumPy's exponential is off by more than the rest: there the whole formula is taken in float64, which cannot overflow either.
def _bessel(of: Callable[..., Any]) -> Callable[..., Any]:
    def block(x: Array, out: Array, room: Array) -> None:
        out[...] = of(np, x.astype(np.float64), picked)

    block.__name__ = of.__name__
    return _elementwise(block, cache=FORMULA)


i0 = _bessel(formula.i0)
i1 = _bessel(formula.i1)


# As the formulas, in place.
def _expit(x: Array, out: Array, room: Array) -> None:
    # Where the exponential overflows the result is less than the smallest normal number.
    np.negative(x, out=out)
    np.exp(out, out=out)
    np.add(out, 1.0, out=out)
    np.reciprocal(out, out=out)


def _softplus(x: Array, out: Array, room: Array) -> None:
    e = room[0]
    np.absolute(x, out=e)
    np.negative(e, out=e)
    np.exp(e, out=e)
    np.log1p(e, out=e)
    np.maximum(x, 0.0, out=out)
    np.add(out, e, out=out)


expit = _elementwise(_expit)
softplus = _elementwise(_softplus, rows=1)


def _pair(of: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function of two arrays, or of an array and a number, of a formula."""

    def block(a: Array, b: Array, out: Array, room: Array) -> None:
        out[...] = of(np, a, b, picked) if of in BRANCHED else of(np, a, b)

    def call(a: Any, b: Any, /) -> Any:
        dtype = np.result_type(a, b)
        one, two = np.broadcast_arrays(np.asarray(a, dtype=dtype), np.asarray(b, dtype=dtype))
        return _run(block, (one, two), FORMULA, 0)

    call.__name__ = call.__qualname__ = of.__name__
    return call


betaln = _pair(formula.betaln)


# In float32 NumPy's logarithm is off by up to 4 ulp, which the product may make 5: it is taken in float64.
def xlogy(x: Any, y: Any, /) -> Any:
    dtype = np.result_type(x, y)
    one, two = np.broadcast_arrays(np.asarray(x, dtype=dtype), np.asarray(y, dtype=dtype))
    return _run(_product, (one, two), IN_PLACE, 0)


def _product(x: Array, y: Array, out: Array, room: Array) -> None:
    np.multiply(np.log(y, dtype=np.float64), x, out=out, casting="same_kind")
    none = x == 0
    if none.any():
        np.copyto(out, 0.0, where=none & ~np.isnan(y))


# The body goes through memory four times, and makes three arrays of the size of x.
def logsumexp(x: Array, /, *, axis: Any = None, keepdims: bool = False, where: Array | None = None) -> Any:
    axes = tuple(range(x.ndim)) if axis is None else normalize_axis_tuple(axis, x.ndim)
    rest = [a for a in range(x.ndim) if a not in axes]
    first = sorted(axes) == list(range(len(axes))) and rest and x.flags.c_contiguous
    order = (*sorted(axes), *rest) if first else (*rest, *axes)
    outer = tuple(x.shape[a] for a in rest)
    count = math.prod(x.shape[a] for a in axes)
    moved = x.transpose(order)
    mask = None if where is None else np.broadcast_to(where, x.shape).transpose(order)
    out = np.empty(outer, dtype=x.dtype)
    line = out.reshape(-1)
    with np.errstate(all="ignore"):
        if first:
            _down(moved.reshape(count, -1), None if mask is None else mask.reshape(count, -1), line)
        elif not outer or count * addition(x.dtype).itemsize > 4 * CACHE:
            for index, place in enumerate(np.ndindex(outer)):
                line[index] = _one(moved[place], None if mask is None else mask[place])
        elif out.size:
            _across(moved, mask, out, count)
    if keepdims:
        return out.reshape([1 if a in axes else n for a, n in enumerate(x.shape)])
    return out[()]


def _across(moved: Array, mask: Array | None, out: Array, count: int) -> None:
    """Fill ``out`` from lines of elements that lie together, behind the axes of ``out``."""
    wide = addition(moved.dtype)
    each = math.prod(out.shape[1:]) * count
    lines = max(1, CACHE // (each * wide.itemsize))
    room = scratch(1, lines * each, wide)[0]
    for start in range(0, out.shape[0], lines):
        run = slice(start, start + lines)
        part = moved[run] if mask is None else np.where(mask[run], moved[run], -np.inf)
        part = part.reshape(-1, count)
        terms = room[: part.size].reshape(part.shape)
        top = _finite(np.maximum.reduce(part, axis=1).astype(wide, copy=False))
        np.subtract(part, top[:, None], out=terms)
        np.exp(terms, out=terms)
        total = row_sums(terms)
        np.log(total, out=total)
        np.add(total, top, out=total)
        out[run] = total.reshape(out[run].shape)


def _down(x: Array, mask: Array | None, out: Array) -> None:
    """Fill ``out`` from the columns of a matrix, some rows of some columns at a time."""
    wide = addition(x.dtype)
    for columns in blocks(x.shape[1], wide.itemsize, 4096 * wide.itemsize):
        part = x[:, columns]
        keep = None if mask is None else mask[:, columns]
        runs = list(blocks(x.shape[0], part.shape[1] * wide.itemsize, IN_PLACE))

        def rows(run: slice, part: Array = part, keep: Array | None = keep) -> Array:
            return part[run] if keep is None else np.where(keep[run], part[run], -np.inf)

        tops = [np.maximum.reduce(rows(run), axis=0) for run in runs]
        top = _finite(reduce(np.maximum, tops).astype(wide, copy=False))
        room = scratch(1, (runs[0].stop - runs[0].start) * part.shape[1], wide)[0]
        total = np.zeros(part.shape[1], dtype=wide)
        for run in runs:
            terms = room[: (run.stop - run.start) * part.shape[1]].reshape(-1, part.shape[1])
            np.subtract(rows(run), top, out=terms)
            np.exp(terms, out=terms)
            np.add(total, np.add.reduce(terms, axis=0), out=total)
        np.log(total, out=total)
        out[columns] = np.add(total, top, out=total)


def _one(values: Array, mask: Array | None) -> Any:
    """Give the result for all elements of an array, of which a piece is in the cache at a time."""
    wide = addition(values.dtype)
    line = values.reshape(-1)
    keep = None if mask is None else mask.reshape(-1)
    runs = list(blocks(line.size, wide.itemsize))

    def piece(run: slice) -> Array:
        return line[run] if keep is None else np.where(keep[run], line[run], -np.inf)

    top = _finite(np.maximum.reduce([np.maximum.reduce(piece(run)) for run in runs]).astype(wide))
    room = scratch(1, runs[0].stop, wide)[0]
    sums = []
    for run in runs:
        terms = np.subtract(piece(run), top, out=room[: run.stop - run.start])
        np.exp(terms, out=terms)
        sums.append(np.add.reduce(terms))
    return np.log(np.asarray(sums, dtype=wide).sum()) + top


def _finite(top: Any) -> Any:
    """Give 0 in the place of what is infinite or nan, which would make nan of what is subtracted from it."""
    good = np.isfinite(top)
    return top if good.all() else np.where(good, top, top.dtype.type(0))
