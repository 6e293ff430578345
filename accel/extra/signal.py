"""Signals: interpolation and convolution in one dimension."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import accel
import accel.requirement as requirement
from accel.composition import kept
from accel.dispatch import op
from accel.dtype import name_of
from accel.errors import ShapeError
from accel.typing import A

__all__ = ["convolve", "correlate", "interp"]

Sums = Callable[[Any, Any, int, int], Any]
"""Takes signals and shorter ones, both along the last axis, and gives some of the sums: from the first that is wanted, so many."""

SHORT = ("float16", "bfloat16")

MODES = ("full", "same", "valid")
METHODS = ("auto", "direct", "fft")

LONG = 64
"""From this length of the shorter array on, transforms take less time than sums of products."""

ROOM = 1 << 20
"""How many products the composed form makes at a time."""


def _lists(x: Any, xp: Any, fp: Any, /, *, left: Any = None, right: Any = None, period: Any = None) -> None:
    requirement.ordered(x=x, xp=xp)
    requirement.numeric(fp=fp)
    requirement.dimensions(1, 1, xp=xp, fp=fp)
    requirement.filled(xp, (0,), "xp")
    if xp.shape[0] != fp.shape[0]:
        raise ShapeError(
            f"xp has {xp.shape[0]} points and fp {fp.shape[0]} values; each point has one value."
        )
    for name, value in (("left", left), ("right", right)):
        if hasattr(value, "dtype"):
            requirement.dimensions(0, 0, **{name: value})
    requirement.number(0, math.inf, closed="neither", period=period)


def _signals(a: Any, v: Any, /, *, mode: Any = "full", method: Any = "auto", axis: Any = -1) -> None:
    requirement.numeric(a=a, v=v)
    requirement.dimensions(1, a=a, v=v)
    requirement.choice(*MODES, mode=mode)
    requirement.choice(*METHODS, method=method)
    shapes = []
    for name, x in (("a", a), ("v", v)):
        along = requirement.axis(x, axis, name) if x.ndim > 1 or a.ndim == v.ndim else 0
        requirement.filled(x, (along,), name)
        shapes.append(tuple(n for i, n in enumerate(x.shape) if i != along))
    pairs = zip(*(reversed(s) for s in shapes), strict=False)
    if any(m != n and 1 not in (m, n) for m, n in pairs):
        raise ShapeError(
            f"a has shape {tuple(a.shape)} and v {tuple(v.shape)}; but for axis {axis} they have to broadcast together."
        )


@op(
    dtypes="real-valued",
    same="conditioned",
    bound="8 * eps * (abs(f0) + abs(f1))",
    requires=_lists,
    checks=("monotonic", "nan"),
)
def interp(
    x: A,
    xp: A,
    fp: A,
    /,
    *,
    left: A | float | None = None,
    right: A | float | None = None,
    period: float | None = None,
) -> A:
    """Values of a piecewise linear function, which is given at some points.

    Parameters
    ----------
    x : array, any shape, real-valued dtype
        Where to take it.
    xp : array, shape (n,), real-valued dtype
        The points, in increasing order; with ``period`` in any order.
    fp : array, shape (n,), numeric dtype
        The values there.
    left : float, or array of no dimension, optional
        The value before the first point; by default ``fp[0]``.
    right : float, or array of no dimension, optional
        The value beyond the last point; by default ``fp[-1]``.
    period : float, optional
        A positive number by which the function repeats itself; then nothing is outside, and ``left`` and ``right`` are not looked at.

    Returns
    -------
    array, shape of x, floating-point dtype of the three arrays together, device of x
        Values; nan where ``x`` is nan. Integers count as float64.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends.
    ShapeError
        There is no point, or ``xp`` and ``fp`` are not of one dimension and of one length.
    ArgumentError
        ``period`` is not positive. Inside `accel.checked` also: the points do not increase.
    DTypeError
        ``x`` or ``xp`` is complex, or an argument boolean.

    Notes
    -----
    Accuracy: within ``8 * eps * (abs(f0) + abs(f1))``, for the values ``f0`` and ``f1`` at the points before and after; exact at the
    points. Nothing overflows between finite values. Sixteen bits are computed in float32 and rounded once.
    Points that do not increase give values without a meaning.
    Cost: O(size * log(n)), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        extra.interp(floats([0.0, 3.0, nan]), floats([1.0, 2.0]), floats([5.0, 6.0])) ->
            floats([5.0, 6.0, nan])  # outside, and nan
        extra.interp(floats([1.0]), floats([1.0, 1.0, 2.0]), floats([5.0, 6.0, 7.0])) -> floats([6.0])  # a step: the value after it
        extra.interp(floats([1.5]), floats([1.0, 2.0]), floats([inf, inf])) -> floats([inf])  # between two infinities
        extra.interp(int64([1]), int64([0, 2]), int64([0, 3])) -> float64([1.5])  # integers: in float64

    References
    ----------
    P. J. Davis, Interpolation and Approximation (1963), section 2.1: Lagrange's formula of degree 1.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.extra.interp(numpy.asarray([0.0, 1.5, 9.0]), numpy.asarray([1.0, 2.0]), numpy.asarray([10.0, 20.0]))
    array([10., 15., 20.])
    """
    return interpolated(x, xp, fp, left, right, period, _places, accel.argsort)


def _places(points: Any, x: Any) -> Any:
    return accel.searchsorted(points, x, side="right")


def interpolated(
    x: Any,
    xp: Any,
    fp: Any,
    left: Any,
    right: Any,
    period: float | None,
    search: Callable[[Any, Any], Any],
    sort: Callable[[Any], Any],
) -> Any:
    """Interpolate with the functions of a backend that give the point after each position, and the order of points."""
    dtype = accel.result_type(x, xp, fp)
    if not accel.isdtype(dtype, ("real floating", "complex floating")):
        dtype = accel.result_type(dtype, accel.float64)
    wide = accel.float32 if name_of(dtype) in SHORT else dtype
    real = {"complex64": accel.float32, "complex128": accel.float64}.get(name_of(wide), wide)
    x, points = (accel.astype(each, real, copy=False) for each in (x, xp))
    values = accel.astype(fp, wide, copy=False)
    if period is not None:
        x, points = accel.remainder(x, period), accel.remainder(points, period)
        order = sort(points)
        points, values = accel.take(points, order), accel.take(values, order)
        points = accel.concat((accel.subtract(points[-1:], period), points, accel.add(points[:1], period)))
        values = accel.concat((values[-1:], values, values[:1]))
        left = right = None
    n = points.shape[0]
    after = search(points, x)
    below = accel.minimum(accel.maximum(accel.subtract(after, 1), 0), max(n - 2, 0))
    above = accel.minimum(accel.add(below, 1), n - 1)
    x0, x1, f0, f1 = (_taken(each, at) for each in (points, values) for at in (below, above))
    inside = accel.logical_and(accel.greater(x, x0), accel.less(x, x1))
    # Halves and doubles are exact, and differences of halves do not overflow.
    start, end, at = (_half(each) for each in (x0, x1, x))
    width = accel.where(inside, accel.subtract(end, start), 1.0)
    share = accel.where(inside, accel.divide(accel.subtract(at, start), width), 0.0)
    share = accel.astype(share, wide, copy=False)
    before, behind = _half(f0), _half(f1)
    slope = accel.multiply(accel.subtract(behind, before), share)
    between = accel.multiply(accel.add(before, slope), 2.0)
    flat = accel.logical_or(accel.equal(f0, f1), accel.logical_not(inside))
    found = accel.where(flat, f0, between)
    found = accel.where(accel.less(x, points[0]), _end(left, values[0]), found)
    found = accel.where(accel.greater_equal(x, points[-1]), values[-1], found)
    found = accel.where(accel.greater(x, points[-1]), _end(right, values[-1]), found)
    found = accel.where(accel.isnan(x), accel.nan, found)
    return found if wide == dtype else accel.astype(found, dtype)


def _half(x: Any) -> Any:
    """Give half of each number, which a compiler is not to put together with the next one's."""
    half = accel.multiply(x, 0.5)
    return kept(half) if accel.isdtype(x.dtype, "real floating") else half


def _end(given: Any, value: Any) -> Any:
    """Give the value outside, in the dtype of those inside."""
    if given is None:
        return value
    return accel.astype(given, value.dtype) if hasattr(given, "dtype") else given


def _taken(x: Any, at: Any) -> Any:
    """Take elements of a vector at positions in an array of any shape."""
    return accel.reshape(accel.take(x, accel.reshape(at, (math.prod(at.shape),))), at.shape)


@op(
    dtypes="numeric",
    same="conditioned",
    bound="terms * eps * size",
    requires=_signals,
    checks=("nan",),
)
def convolve(a: A, v: A, /, *, mode: str = "full", method: str = "auto", axis: int = -1) -> A:
    """Convolution along one axis: the sums of ``a[i] * v[k - i]`` over i.

    Parameters
    ----------
    a : array, shape (..., N, ...), numeric dtype
        Signals.
    v : array, shape (..., K, ...), numeric dtype
        Signals or filters. All axes but the one that is gone along broadcast with those of ``a``; an array of one dimension goes with each
        signal of the other.
    mode : str, default "full"
        Which sums to give: ``"full"`` all N + K - 1 that have a term, ``"valid"`` those max(N, K) - min(N, K) + 1 that have all of their
        terms, ``"same"`` the max(N, K) in the middle.
    method : str, default "auto"
        ``"direct"`` adds products, ``"fft"`` transforms blocks of the longer array, and ``"auto"`` does that for floating-point numbers
        where the shorter array has 64 elements or more.
    axis : int, default -1
        The axis to go along.

    Returns
    -------
    array, dtype result_type(a, v), device of a
        Sums along the axis; the other axes are broadcast.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends.
    AxisError
        There is no such axis.
    ShapeError
        An array has no element along the axis, or the other axes do not broadcast.
    ArgumentError
        ``mode`` or ``method`` is unknown.
    DTypeError
        An argument is boolean.

    Notes
    -----
    Accuracy: within ``terms * eps * size``. Added directly, ``terms`` is the length of the shorter array, and ``size`` the convolution of
    the magnitudes; with transforms of n points ``terms`` is ``16 * log2(2 * n)``, and ``size`` the product of the roots of the sums of squares
    of both arrays along the axis. Integers are exact, too large ones wrap, and are always added directly. Sixteen bits are computed in
    float32 and rounded once.
    With transforms, nan and infinities spread over a whole block; added directly, they may spread over the sums that reach beyond an end.
    Cost: O(N * K), with transforms O(N * log(K)); no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        extra.convolve(floats([1.0, 2.0]), floats([1.0, 1.0, 1.0])) -> floats([1.0, 3.0, 3.0, 2.0])  # all sums
        extra.convolve(floats([1.0, 2.0]), floats([1.0, 1.0, 1.0]), mode="same") -> floats([1.0, 3.0, 3.0])  # of the longer length
        extra.convolve(int8([100]), int8([2])) -> int8([-56])  # integers: too large ones wrap
        extra.convolve(floats([inf, 1.0]), floats([1.0])) -> floats([inf, 1.0])  # infinities, added directly
        extra.convolve(floats([]), floats([1.0])) -> raises ShapeError  # no elements

    References
    ----------
    A. V. Oppenheim, R. W. Schafer, Discrete-Time Signal Processing, 3rd edition (2010), section 8.7.3: the overlap-add method; N. J.
    Higham, Accuracy and Stability of Numerical Algorithms, 2nd edition (2002), chapters 3 and 24.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.extra.convolve(numpy.asarray([1.0, 2.0, 3.0]), numpy.asarray([0.0, 1.0, 0.5]))
    array([0. , 1. , 2.5, 4. , 1.5])
    """
    return convolved(a, v, mode, method, axis, False)


@op(
    dtypes="numeric",
    same="conditioned",
    bound="terms * eps * size",
    requires=_signals,
    checks=("nan",),
)
def correlate(a: A, v: A, /, *, mode: str = "valid", method: str = "auto", axis: int = -1) -> A:
    """Cross-correlation along one axis: the sums of ``a[i + k] * conj(v[i])`` over i.

    Parameters
    ----------
    a : array, shape (..., N, ...), numeric dtype
        Signals.
    v : array, shape (..., K, ...), numeric dtype
        Signals or filters. All axes but the one that is gone along broadcast with those of ``a``; an array of one dimension goes with each
        signal of the other.
    mode : str, default "valid"
        Which sums to give, as in `convolve`; k goes from 1 - K to N - 1 in ``"full"``.
    method : str, default "auto"
        ``"direct"``, ``"fft"`` or ``"auto"``, as in `convolve`.
    axis : int, default -1
        The axis to go along.

    Returns
    -------
    array, dtype result_type(a, v), device of a
        Sums along the axis; the other axes are broadcast.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends.
    AxisError
        There is no such axis.
    ShapeError
        An array has no element along the axis, or the other axes do not broadcast.
    ArgumentError
        ``mode`` or ``method`` is unknown.
    DTypeError
        An argument is boolean.

    Notes
    -----
    Accuracy: within ``terms * eps * size``, both as in `convolve`. Integers are exact.
    Cost: as `convolve`, no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        extra.correlate(floats([1.0, 2.0, 3.0]), floats([0.0, 1.0])) -> floats([2.0, 3.0])  # sums that have all terms
        extra.correlate(floats([1.0, 2.0]), floats([1.0, 3.0, 5.0]), mode="full") ->
            floats([5.0, 13.0, 7.0, 2.0])  # the second one longer
        extra.correlate(complex128([1.0]), complex128([complex(0.0, 1.0)])) -> complex128([complex(0.0, -1.0)])  # conjugated

    References
    ----------
    A. V. Oppenheim, R. W. Schafer, Discrete-Time Signal Processing, 3rd edition (2010), sections 2.9 and 8.7.3.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.extra.correlate(numpy.asarray([1.0, 2.0, 3.0]), numpy.asarray([0.0, 1.0, 0.5]), mode="same")
    array([2. , 3.5, 3. ])
    """
    return correlated(a, v, mode, method, axis)


def correlated(
    a: Any,
    v: Any,
    mode: str,
    method: str,
    axis: int,
    products: Sums | None = None,
    transforms: Sums | None = None,
) -> Any:
    """Correlate, which is to convolve with signals that are turned about."""
    late = _length(v, axis) > _length(a, axis)
    return convolved(a, _turned(v, axis), mode, method, axis, late, products, transforms)


def _turned(v: Any, axis: int) -> Any:
    """Give the signals from last to first, conjugated."""
    v = accel.flip(v, axis=axis if v.ndim > 1 else 0)
    return accel.conj(v) if accel.isdtype(v.dtype, "complex floating") else v


def _length(x: Any, axis: int) -> int:
    length: int = x.shape[axis] if x.ndim > 1 else x.shape[0]
    return length


def convolved(
    a: Any,
    v: Any,
    mode: str,
    method: str,
    axis: int,
    late: bool,
    products: Sums | None = None,
    transforms: Sums | None = None,
) -> Any:
    """Convolve; ``late`` says which of two middles is meant where there are two, and a backend may have its own ways to make the sums."""
    dtype = accel.result_type(a, v)
    wide = accel.float32 if name_of(dtype) in SHORT else dtype
    most = max(a.ndim, v.ndim)
    along = axis - most if axis >= 0 else axis
    signal, taps = (
        accel.astype(x if x.ndim == 1 else accel.moveaxis(x, along, -1), wide, copy=False) for x in (a, v)
    )
    if signal.shape[-1] < taps.shape[-1]:
        signal, taps = taps, signal
    first, count = part(signal.shape[-1], taps.shape[-1], mode, late)
    if by_transform(wide, taps.shape[-1], method):
        found = (transforms or transformed)(signal, taps, first, count)
    else:
        found = (products or added)(signal, taps, first, count)
    found = found if wide == dtype else accel.astype(found, dtype)
    return accel.moveaxis(found, -1, along) if most > 1 else found


def by_transform(dtype: Any, short: int, method: str) -> bool:
    """Tell whether a convolution of some dtype, with ``short`` elements in the shorter array, is made with transforms."""
    if not accel.isdtype(dtype, ("real floating", "complex floating")):
        return False
    return method == "fft" or (method == "auto" and short >= LONG)


def part(n: int, k: int, mode: str, late: bool) -> tuple[int, int]:
    """Give which of the n + k - 1 sums is the first that is wanted, and how many are."""
    if mode == "full":
        return 0, n + k - 1
    if mode == "valid":
        return k - 1, n - k + 1
    return k // 2 if late else (k - 1) // 2, n


def added(signal: Any, taps: Any, first: int, count: int) -> Any:
    k = taps.shape[-1]
    zeros = accel.zeros((*signal.shape[:-1], k - 1), dtype=signal.dtype, device=accel.device(signal))
    padded = accel.concat((zeros, signal, zeros), axis=-1)
    column = accel.expand_dims(accel.flip(taps, axis=-1), axis=-1)
    run = max(1, ROOM // k)
    found = []
    for start in range(first, first + count, run):
        stop = min(start + run, first + count)
        at = accel.add(
            accel.expand_dims(
                accel.arange(start, stop, dtype=accel.int64, device=accel.device(signal)), axis=1
            ),
            accel.arange(k, dtype=accel.int64, device=accel.device(signal)),
        )
        windows = accel.take(padded, accel.reshape(at, (math.prod(at.shape),)), axis=-1)
        windows = accel.reshape(windows, (*signal.shape[:-1], *at.shape))
        found.append(accel.matmul(windows, column)[..., 0])
    return accel.concat(found, axis=-1) if len(found) > 1 else found[0]


@cache
def fast(least: int) -> int:
    """Give the smallest number of points from some number on that has no prime factors beyond 5."""
    best = 1 << max(least - 1, 0).bit_length()
    five = 1
    while five < best:
        three = five
        while three < best:
            quotient = -(-least // three)
            best = min(best, three << max(quotient - 1, 0).bit_length())
            three *= 3
        five *= 5
    return best


@cache
def points(n: int, k: int) -> int:
    """Give how many points to transform at once: a block of the longer array, and room for the k - 1 sums that leave it."""
    whole = fast(n + k - 1)
    best, least = whole, whole * math.log2(whole + 1)
    size = fast(2 * k)
    while size < whole:
        cost = -(-n // (size - k + 1)) * size * math.log2(size + 1)
        if cost < least:
            best, least = size, cost
        size = fast(size + 1 + size // 4)
    return best


def transformed(signal: Any, taps: Any, first: int, count: int) -> Any:
    n, k = signal.shape[-1], taps.shape[-1]
    size = points(n, k)
    step = size - k + 1
    blocks = -(-n // step)
    if blocks * step > n:
        rest = accel.zeros(
            (*signal.shape[:-1], blocks * step - n), dtype=signal.dtype, device=accel.device(signal)
        )
        signal = accel.concat((signal, rest), axis=-1)
    signal = accel.reshape(signal, (*signal.shape[:-1], blocks, step))
    taps = accel.expand_dims(taps, axis=-2)
    if accel.isdtype(signal.dtype, "complex floating"):
        product = accel.multiply(accel.fft.fft(signal, n=size), accel.fft.fft(taps, n=size))
        each = accel.fft.ifft(product, n=size)
    else:
        product = accel.multiply(accel.fft.rfft(signal, n=size), accel.fft.rfft(taps, n=size))
        each = accel.fft.irfft(product, n=size)
    if blocks == 1:
        return each[..., 0, first : first + count]
    inside, beyond = each[..., :step], each[..., step:]
    # What leaves a block is added to the beginning of the next one.
    joined = accel.add(inside[..., 1:, : k - 1], beyond[..., :-1, :])
    others = accel.concat((joined, inside[..., 1:, k - 1 :]), axis=-1)
    rows = accel.concat((inside[..., :1, :], others), axis=-2)
    flat = accel.reshape(rows, (*rows.shape[:-2], blocks * step))
    whole = accel.concat((flat, beyond[..., -1, :]), axis=-1)
    return whole[..., first : first + count]
