"""Signals: convolutions row by row and in blocks, and NumPy's own interpolation where it keeps the promise."""

from __future__ import annotations

import math
from functools import cache
from importlib import import_module
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

import accel.extra.signal as signal
from accel_numpy._blocks import CACHE, blocks
from accel_numpy._summation import addition

Array: TypeAlias = npt.NDArray[Any]

ROW = 256
"""From this length on, NumPy's function for one row is worth a call for each."""

_composed: Any = signal.interp
_composed = _composed.__wrapped__


# The composition makes windows of the whole signal, and transforms of all rows at once.
def convolve(a: Array, v: Array, /, *, mode: str = "full", method: str = "auto", axis: int = -1) -> Any:
    return _convolved(a, v, mode, method, axis, late=False)


# As convolve.
def correlate(a: Array, v: Array, /, *, mode: str = "valid", method: str = "auto", axis: int = -1) -> Any:
    late = v.shape[axis if v.ndim > 1 else 0] > a.shape[axis if a.ndim > 1 else 0]
    turned = np.flip(v, axis if v.ndim > 1 else 0)
    return _convolved(a, np.conj(turned) if v.dtype.kind == "c" else turned, mode, method, axis, late=late)


def _convolved(a: Array, v: Array, mode: str, method: str, axis: int, late: bool) -> Any:
    dtype = a.dtype if a.dtype == v.dtype else np.result_type(a, v)
    wide = addition(dtype)
    long, short = a.astype(wide, copy=False), v.astype(wide, copy=False)
    axis = axis - max(a.ndim, v.ndim) if axis >= 0 else axis
    if axis != -1:
        long, short = (x if x.ndim == 1 else np.moveaxis(x, axis, -1) for x in (long, short))
    if long.shape[-1] < short.shape[-1]:
        long, short = short, long
    first, count = signal.part(long.shape[-1], short.shape[-1], mode, late)
    by_transform = wide.kind in "fc" and (
        method == "fft" or (method == "auto" and short.shape[-1] >= signal.LONG)
    )
    found = (_transformed if by_transform else _added)(long, short, first, count)
    return (found if axis == -1 else np.moveaxis(found, -1, axis)).astype(dtype, copy=False)


def _rows(long: Array, short: Array) -> tuple[tuple[int, ...], Array, Array]:
    """Give the shape of a stack, and both arrays as one row for each of its signals, or one for all."""
    stack = np.broadcast_shapes(long.shape[:-1], short.shape[:-1])
    count = math.prod(stack)
    flat = []
    for x in (long, short):
        if x.size == x.shape[-1]:
            flat.append(x.reshape(1, -1))
        else:
            flat.append(np.broadcast_to(x, (*stack, x.shape[-1])).reshape(count, -1))
    return stack, flat[0], flat[1]


def _added(long: Array, short: Array, first: int, count: int) -> Any:
    stack, long, short = _rows(long, short)
    rows, n, k = math.prod(stack), long.shape[-1], short.shape[-1]
    if rows == 1:
        return np.convolve(long[0], short[0])[first : first + count].reshape(*stack, count)
    out = np.zeros((rows, count), dtype=long.dtype)
    if n >= ROW:
        for i in range(rows):
            whole = np.convolve(long[min(i, len(long) - 1)], short[min(i, len(short) - 1)])
            out[i] = whole[first : first + count]
        return out.reshape(*stack, count)
    for j in range(k):
        # Sum number m has the product of tap j and element m - j.
        start, stop = max(first, j), min(first + count, n + j)
        if start < stop:
            out[:, start - first : stop - first] += long[:, start - j : stop - j] * short[:, j : j + 1]
    return out.reshape(*stack, count)


@cache
def _transforms() -> tuple[Any, int]:
    """Give the module with the transforms, SciPy's where it is installed, and how many bytes go through one at once."""
    try:
        return import_module("scipy.fft"), 16 * CACHE  # which takes several rows at once
    except ImportError:
        return np.fft, CACHE // 2


def _transformed(long: Array, short: Array, first: int, count: int) -> Any:
    stack, long, short = _rows(long, short)
    rows, n, k = math.prod(stack), long.shape[-1], short.shape[-1]
    size = signal.points(n, k)
    step = size - k + 1
    fft, together = _transforms()
    if long.dtype.kind == "c":
        forth, back = fft.fft, fft.ifft
    else:
        forth, back = fft.rfft, fft.irfft
    taps = forth(short, size)
    if step >= n and rows * size * long.itemsize <= together:
        return _product(forth(long, size), taps, back, size)[:, first : first + count].reshape(*stack, count)
    out = np.empty((rows, count), dtype=long.dtype)
    last = first + count
    for some in blocks(rows, size * long.itemsize, together):
        source, filters, target = (x if len(x) == 1 else x[some] for x in (long, taps, out))
        for start in range(0, n, step):
            sums = _product(forth(source[:, start : start + step], size), filters, back, size)
            # The first k - 1 sums are there already, but for what this block adds to them.
            done = start + k - 1 if start else 0
            end = min(start + size, n + k - 1)
            for low, high, new in ((start, done, False), (max(start, done), end, True)):
                low, high = max(low, first), min(high, last)
                if low < high and new:
                    target[:, low - first : high - first] = sums[:, low - start : high - start]
                elif low < high:
                    target[:, low - first : high - first] += sums[:, low - start : high - start]
    return out.reshape(*stack, count)


def _product(spectrum: Array, taps: Array, back: Any, size: int) -> Any:
    if len(spectrum) < len(taps):
        return back(spectrum * taps, size)
    spectrum *= taps
    return back(spectrum, size)


# The composition takes twenty passes. NumPy's takes one in float64, but makes nan and infinities of some finite values.
def interp(x: Any, xp: Any, fp: Any, /, **asked: Any) -> Any:
    if not _plain(x, xp, fp, asked):
        return _composed(x, xp, fp, **asked)
    dtype = np.result_type(x, xp, fp)
    with np.errstate(all="ignore"):
        found = np.interp(x, xp, fp, asked.get("left"), asked.get("right"))
        if dtype.kind == "f":
            found = found.astype(dtype, copy=False)
        if not np.all(np.isfinite(found) | np.isnan(x)):
            return _composed(x, xp, fp, **asked)
    return found


def _plain(x: Any, xp: Any, fp: Any, asked: dict[str, Any]) -> bool:
    """Tell whether NumPy's function gives what is promised, as far as it gives finite numbers."""
    if asked.get("period") is not None or len(xp) < 2:
        return False
    if any(each.dtype.kind not in "fiu" for each in (x, xp, fp)):
        return False
    for end in (asked.get("left"), asked.get("right")):
        if isinstance(end, complex) or getattr(getattr(end, "dtype", None), "kind", "f") not in "fiu":
            return False
    return bool(np.isfinite(xp).all() and np.isfinite(fp).all())
