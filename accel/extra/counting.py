"""Counting: histograms, bins and occurrences."""

from __future__ import annotations

import builtins
import math
from typing import Any

import accel as xp
import accel.requirement as requirement
from accel.composition import kept
from accel.dispatch import op
from accel.dtype import name_of
from accel.errors import ArgumentError, ShapeError
from accel.typing import A

__all__ = ["bincount", "digitize", "histogram"]

SHORT = ("float16", "bfloat16")


def _counts(x: Any, /, *, weights: Any = None, minlength: Any = 0, length: Any = None) -> None:
    requirement.integral(x=x)
    requirement.dimensions(1, 1, x=x)
    requirement.ordered(weights=weights)
    requirement.size(0, minlength=minlength, length=length)
    if minlength and length is not None:
        raise ArgumentError(
            f"length={length} and minlength={minlength} are both given; length alone says how many counts there are."
        )
    _fitting(x, weights)


def _fitting(x: Any, weights: Any) -> None:
    if weights is not None and tuple(weights.shape) != tuple(x.shape):
        raise ShapeError(
            f"weights has shape {tuple(weights.shape)} and x {tuple(x.shape)}; each element has one weight."
        )


def _digits(x: Any, bins: Any, /, *, right: Any = False) -> None:
    requirement.ordered(x=x, bins=bins)
    requirement.dimensions(1, 1, bins=bins)


def _bins(x: Any, bins: Any = 10, /, *, range: Any = None, weights: Any = None, density: Any = False) -> None:
    requirement.ordered(x=x, weights=weights)
    _fitting(x, weights)
    if hasattr(bins, "dtype"):
        requirement.ordered(bins=bins)
        requirement.dimensions(1, 1, bins=bins)
        if bins.shape[0] < 2:
            raise ShapeError(f"bins has {bins.shape[0]} edges, and a bin has two.")
        if range is not None:
            raise ArgumentError(
                "range goes with a number of bins; bins are edges here, which say it themselves."
            )
        return
    requirement.size(1, bins=bins)
    if range is None:
        return
    if not isinstance(range, tuple | list) or len(range) != 2:
        raise ArgumentError(f"range is a pair of numbers, got {range!r}.")
    low, high = range
    requirement.number(-math.inf, math.inf, low=low, high=high)
    if not (math.isfinite(low) and math.isfinite(high) and low <= high):
        raise ArgumentError(f"range goes from a finite number to one that is not smaller, got {range!r}.")


@op(
    dtypes="integer",
    same="conditioned",
    bound="n * eps * sum(abs(weights))",
    requires=_counts,
    checks=("counted",),
    compiles="length",
)
def bincount(x: A, /, *, weights: A | None = None, minlength: int = 0, length: int | None = None) -> A:
    """How often each of the numbers 0, 1, 2 ... occurs.

    Parameters
    ----------
    x : array, shape (n,), integer dtype
        Numbers from 0.
    weights : array, optional, shape (n,), real-valued dtype
        What each element counts instead of 1.
    minlength : int, default 0
        The least number of counts where ``length`` is not given.
    length : int, optional
        The number of counts. Without it there is one for each number up to the largest of ``x``, which has to be known: inside a
        compiled function ``length`` must be given.

    Returns
    -------
    array, shape (length,), int64 or floating-point dtype of weights, device of x
        Counts, or sums of weights; weights of integer dtypes are added in float64.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends.
    ShapeError
        ``x`` is not of one dimension, ``weights`` of another shape, or a length negative.
    DTypeError
        ``x`` is not of an integer dtype, or ``weights`` complex or boolean.
    ArgumentError
        Both lengths are given, or none inside a compiled function.
    OutOfBoundsError
        Inside `accel.checked`: an element is negative, or not below ``length``.

    Notes
    -----
    Accuracy: counts are exact. Sums of weights are within ``n * eps * sum(abs(weights))``, for the n elements of each count, added in
    any order. Sixteen bits are added in float32 and rounded once.
    Elements that are negative or not below ``length`` are passed over.
    Cost: O(n + length). Without ``length`` it waits for the device; with it there is no device synchronisation and it is safe under
    ``jax.jit``. The composed form sorts, and with weights takes O(n * length).

    Settled by accel::

        extra.bincount(int64([1, -1, 1]), length=2) -> int64([0, 2]); checked raises OutOfBoundsError  # negative: passed over
        extra.bincount(int64([0, 5, 1]), length=2) ->
            int64([1, 1]); checked raises OutOfBoundsError  # beyond the length: passed over
        extra.bincount(int64([]), length=0) -> int64([])  # no elements
        extra.bincount(int64([0, 0]), weights=int64([1, 2]), length=1) -> float64([3.0])  # weights of integers: in float64

    References
    ----------
    D. E. Knuth, The Art of Computer Programming, volume 3, 2nd edition, section 5.2: sorting by counting.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.extra.bincount(numpy.asarray([0, 1, 1, 3]))
    array([1, 2, 0, 1])
    >>> accel.extra.bincount(numpy.asarray([0, 1, 1]), weights=numpy.asarray([0.5, 1.0, 2.0]), length=3)
    array([0.5, 3. , 0. ])
    """
    if length is None:
        largest: Any = xp.max(x) if x.shape[0] else -1
        length = max(int(largest) + 1, minlength)
    if weights is None:
        ordered = xp.sort(x)
        places = xp.arange(length + 1, dtype=xp.int64, device=xp.device(x))
        before: Any = xp.searchsorted(
            xp.astype(ordered, xp.int64, copy=False) if name_of(x.dtype) != "uint64" else ordered,
            _of(places, x),
        )
        return xp.subtract(before[1:], before[:-1])
    return _sums(x, weights, length)


def _of(places: Any, x: Any) -> Any:
    return xp.astype(places, xp.uint64) if name_of(x.dtype) == "uint64" else places


def _sums(places: Any, weights: Any, length: int) -> Any:
    """Add the weights of each of the places 0, 1 ... length - 1."""
    dtype = weights.dtype
    if not xp.isdtype(dtype, "real floating"):
        dtype = xp.float64
    working = xp.float32 if name_of(dtype) in SHORT else dtype
    weights = xp.astype(weights, working, copy=False)
    each = _of(xp.arange(length, dtype=xp.int64, device=xp.device(places)), places)
    if name_of(places.dtype) != "uint64":
        places = xp.astype(places, xp.int64, copy=False)
    meets = xp.equal(xp.expand_dims(each, axis=1), xp.expand_dims(places, axis=0))
    found = xp.sum(xp.where(meets, xp.expand_dims(weights, axis=0), 0.0), axis=1)
    return found if working == dtype else xp.astype(found, dtype)


@op(dtypes="real-valued", same="exact", requires=_digits, checks=("monotonic",))
def digitize(x: A, bins: A, /, *, right: bool = False) -> A:
    """The number of the bin that each element falls into.

    Parameters
    ----------
    x : array, any shape, real-valued dtype
        Numbers.
    bins : array, shape (n,), real-valued dtype
        Edges, from the smallest to the largest or the other way about.
    right : bool, default False
        Which edge belongs to a bin: for increasing edges False means ``bins[i - 1] <= x < bins[i]``, True ``bins[i - 1] < x <=
        bins[i]``; for decreasing ones ``bins[i - 1] > x >= bins[i]`` and ``bins[i - 1] >= x > bins[i]``.

    Returns
    -------
    array, shape of x, int64, device of x
        Numbers from 0, before the first edge, to n, after the last. nan counts as larger than every edge.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends.
    ShapeError
        ``bins`` is not of one dimension.
    DTypeError
        An argument is complex or boolean.
    ArgumentError
        Inside `accel.checked`: the edges neither increase nor decrease.

    Notes
    -----
    Accuracy: exact. Edges that neither increase nor decrease give numbers without a meaning.
    Cost: O(size * log(n)), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        extra.digitize(float64([1.0, 2.0]), float64([1.0, 2.0])) -> int64([1, 2])  # on an edge
        extra.digitize(float64([1.0, 2.0]), float64([1.0, 2.0]), right=True) -> int64([0, 1])  # on an edge, right
        extra.digitize(float64([1.0, 2.0]), float64([2.0, 1.0])) -> int64([1, 0])  # decreasing edges
        extra.digitize(float64([nan]), float64([1.0, 2.0])) -> int64([2])  # nan
        extra.digitize(float64([nan]), float64([2.0, 1.0])) -> int64([0])  # nan, decreasing edges
        extra.digitize(float64([1.5]), float64([])) -> int64([0])  # no edges

    References
    ----------
    D. E. Knuth, The Art of Computer Programming, volume 3, 2nd edition, section 6.2.1: binary search.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.extra.digitize(numpy.asarray([0.2, 6.4, 3.0, 1.6]), numpy.asarray([0.0, 1.0, 2.5, 4.0, 10.0]))
    array([1, 4, 3, 2])
    """
    n = bins.shape[0]
    up = xp.searchsorted(bins, x, side="left" if right else "right")
    if n < 2:
        return up
    edges: Any = bins
    down = xp.subtract(n, xp.searchsorted(xp.flip(edges), x, side="left" if right else "right"))
    return xp.where(xp.greater(edges[0], edges[-1]), down, up)


@op(
    dtypes="real-valued",
    same="conditioned",
    bound="(n + 8) * eps * size",
    requires=_bins,
    checks=("monotonic", "extent"),
)
def histogram(
    x: A,
    bins: A | int = 10,
    /,
    *,
    range: tuple[float, float] | None = None,
    weights: A | None = None,
    density: bool = False,
) -> tuple[A, A]:
    """How many elements fall into each of some bins.

    Parameters
    ----------
    x : array, any shape, real-valued dtype
        Numbers.
    bins : int, or array, shape (n + 1,), real-valued dtype, default 10
        Number of bins of one width, or their edges in increasing order.
    range : pair of floats, optional
        Outer edges of bins of one width; by default the smallest and the largest element. Where both are the same, they are moved
        outwards by 0.5.
    weights : array, optional, shape of x, real-valued dtype
        What each element counts instead of 1.
    density : bool, default False
        Give the density, whose integral over the bins is 1, instead of counts.

    Returns
    -------
    counts : array, shape (n,), int64 or floating-point, device of x
        Elements in each bin: from its left edge, and below the right one, which belongs to the last bin alone. With weights their sums,
        in their dtype, float64 for integers; densities in the dtype of the edges, or of both.
    edges : array, shape (n + 1,), floating-point dtype of x, device of x
        Edges of the bins; those that were given are given back in the dtype in which they were compared. Integers count as float64.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends.
    ShapeError
        There is no bin, or ``weights`` has another shape.
    ArgumentError
        ``range`` is no pair of finite numbers in order. Inside `accel.checked` also: edges decrease, or a range is to be found and an element is
        nan or infinite.
    DTypeError
        An argument is complex or boolean.

    Notes
    -----
    Accuracy: counts and edges are exact: an edge is ``low + i * width``, each step rounded once, or the number that was given, and
    elements are compared with these very edges. Sums of weights and densities are within ``(n + 8) * eps * size``, for the n elements of a
    bin with absolute weights that sum to ``size``, or their density.
    Elements outside of the bins and nan are passed over. Where ``range`` is to be found and an element is nan or infinite, all edges are
    nan and all counts 0.
    Cost: O(size * log(size)), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        extra.histogram(float64([0.0, 1.0, 2.0]), 2) -> (int64([1, 2]), float64([0.0, 1.0, 2.0]))  # the last bin is closed
        extra.histogram(float64([3.0]), 1) -> (int64([1]), float64([2.5, 3.5]))  # all elements the same
        extra.histogram(float64([]), 1) -> (int64([0]), float64([0.0, 1.0]))  # no elements
        extra.histogram(float64([0.5, nan, inf]), 1, range=(0.0, 1.0)) -> (int64([1]), float64([0.0, 1.0]))  # nan and infinities
        extra.histogram(float64([0.5, nan]), 1) -> (int64([0]), float64([nan, nan])); checked raises ArgumentError  # a range that is not finite

    References
    ----------
    D. Freedman, P. Diaconis, On the histogram as a density estimator: L2 theory, Zeitschrift fuer Wahrscheinlichkeitstheorie und
    verwandte Gebiete 57 (1981).

    Examples
    --------
    >>> import numpy, accel
    >>> counts, edges = accel.extra.histogram(numpy.asarray([0.0, 0.5, 1.0, 4.0]), 4)
    >>> counts
    array([2, 1, 0, 1])
    >>> edges
    array([0., 1., 2., 3., 4.])
    """
    x, edges = prepared(x, bins, range)
    return _binned(x, edges, weights, density), edges


def prepared(x: Any, bins: Any, range: Any) -> tuple[Any, Any]:
    """Give the elements in a row and the edges, in one dtype."""
    x = xp.reshape(x, (math.prod(x.shape),))
    if not xp.isdtype(x.dtype, "real floating"):
        x = xp.astype(x, xp.float64)
    if not hasattr(bins, "dtype"):
        return x, edges_of(x, bins, range)
    dtype = xp.result_type(x, bins if xp.isdtype(bins.dtype, "real floating") else xp.float64)
    return xp.astype(x, dtype, copy=False), xp.astype(bins, dtype, copy=False)


def edges_of(x: Any, bins: int, range: Any) -> Any:
    """Give the edges of bins of one width."""
    if range is not None or not x.shape[0]:
        low, high = (0.0, 1.0) if range is None else map(float, range)
        if low == high:
            low, high = low - 0.5, high + 0.5
        width = (high - low) / bins
        return xp.asarray(
            [*(low + i * width for i in builtins.range(bins)), high], dtype=x.dtype, device=xp.device(x)
        )
    low, high = xp.min(x), xp.max(x)
    fine = xp.logical_and(xp.isfinite(low), xp.isfinite(high))
    wide = xp.float32 if name_of(x.dtype) in SHORT else x.dtype
    low, high = (xp.astype(xp.where(fine, end, xp.nan), wide) for end in (low, high))
    flat = xp.equal(low, high)
    low, high = xp.where(flat, xp.subtract(low, 0.5), low), xp.where(flat, xp.add(high, 0.5), high)
    # The width of all bins together may overflow, half of it not; halves and doubles are exact.
    half = xp.subtract(kept(xp.multiply(high, 0.5)), kept(xp.multiply(low, 0.5)))
    steps = xp.arange(bins + 1, dtype=wide, device=xp.device(x))
    parts = xp.multiply(kept(xp.multiply(steps, xp.divide(half, float(bins)))), 2.0)
    edges = xp.where(xp.equal(steps, float(bins)), high, xp.add(low, parts))
    return xp.astype(edges, x.dtype) if wide != x.dtype else edges


def _binned(x: Any, edges: Any, weights: Any, density: bool) -> Any:
    n = edges.shape[0] - 1
    if weights is None:
        # What is below each edge is counted in the sorted elements, so that nothing has to be scattered.
        ordered = xp.sort(x)
        below = xp.searchsorted(ordered, edges[:-1], side="left")
        upto = xp.searchsorted(ordered, edges[-1:], side="right")
        below = xp.concat((below, upto))
        counts = xp.subtract(below[1:], below[:-1])
        counts = xp.where(xp.isnan(edges[0]), 0, counts)
    else:
        counts = _sums(placed(x, edges), xp.reshape(weights, x.shape), n)
    return densities(counts, edges, weights is not None) if density else counts


def placed(x: Any, edges: Any) -> Any:
    """Give the bin of each element, below 0 or beyond the last one where it has none."""
    place = xp.subtract(xp.searchsorted(edges, x, side="right"), 1)
    return xp.where(xp.equal(x, edges[-1]), edges.shape[0] - 2, place)


def densities(counts: Any, edges: Any, weighted: bool) -> Any:
    """Give counts as densities, in the dtype of the edges, or of both where the counts are sums."""
    width = xp.subtract(edges[1:], edges[:-1])
    narrow = None
    dtype = xp.result_type(counts, edges) if weighted else edges.dtype
    if name_of(dtype) in SHORT:
        narrow, dtype = dtype, xp.float32
    total = xp.sum(counts)
    share = xp.divide(xp.astype(counts, dtype), xp.astype(total, dtype))
    found = xp.divide(share, xp.astype(width, dtype))
    return found if narrow is None else xp.astype(found, narrow)
