"""Statistics: quantiles, covariances, and reductions that pass over nan."""

from __future__ import annotations

import math
from typing import Any

import accel as xp
import accel.requirement as requirement
from accel.composition import kept
from accel.dispatch import op
from accel.dtype import name_of
from accel.errors import ShapeError
from accel.typing import A, DTypeLike

__all__ = [
    "corrcoef",
    "cov",
    "median",
    "nanargmax",
    "nanargmin",
    "nanmax",
    "nanmean",
    "nanmedian",
    "nanmin",
    "nanprod",
    "nanquantile",
    "nanstd",
    "nansum",
    "nanvar",
    "percentile",
    "quantile",
]

Axis = int | tuple[int, ...] | None

CONTINUOUS = {
    "hazen": (0.5, 0.5),
    "interpolated_inverted_cdf": (0.0, 1.0),
    "linear": (1.0, 1.0),
    "median_unbiased": (1 / 3, 1 / 3),
    "normal_unbiased": (3 / 8, 3 / 8),
    "weibull": (0.0, 0.0),
}
"""Methods of Hyndman and Fan that interpolate -> their two parameters."""

METHODS = (
    *CONTINUOUS,
    *("averaged_inverted_cdf", "closest_observation", "inverted_cdf"),
    *("higher", "lower", "midpoint", "nearest"),
)


def _floating(x: Any) -> Any:
    """Give integers and booleans in float64, anything else as it is."""
    return x if xp.isdtype(x.dtype, ("real floating", "complex floating")) else xp.astype(x, xp.float64)


SHORT = ("float16", "bfloat16")


def _short(x: Any) -> bool:
    return name_of(x.dtype) in SHORT


def _working(x: Any) -> Any:
    """Give floating-point numbers in the dtype to compute in, which has 32 bits at least."""
    return xp.astype(x, xp.float32) if _short(x) else _floating(x)


def lines(x: Any, axis: Axis) -> Any:
    """Put the elements along some axes into one last axis."""
    axes = requirement.axes(x, axis)
    rest = tuple(a for a in range(x.ndim) if a not in axes)
    if rest != tuple(range(len(rest))) or axes != tuple(range(len(rest), x.ndim)):
        x = xp.permute_dims(x, (*rest, *axes))
    kept_shape = x.shape[: len(rest)]
    return xp.reshape(x, (*kept_shape, math.prod(x.shape[len(rest) :])))


def count(x: Any, axis: Axis) -> int:
    """Count the elements that are taken together."""
    return math.prod(x.shape[a] for a in requirement.axes(x, axis))


def unreduced(x: Any, axis: Axis, before: int, y: Any, keepdims: bool) -> Any:
    """Give a result back the reduced axes of x with length 1, if asked, after some axes of its own."""
    if not keepdims:
        return y
    axes = requirement.axes(x, axis)
    shape = tuple(1 if a in axes else n for a, n in enumerate(x.shape))
    return xp.reshape(y, (*y.shape[:before], *shape))


# What is asked of arguments


def _orders(x: Any, /, *, axis: Any = None, keepdims: Any = False) -> None:
    requirement.ordered(x=x)
    requirement.filled(x, requirement.axes(x, axis))


def _along(x: Any, /, *, axis: Any = None, keepdims: Any = False) -> None:
    requirement.axes(x, axis)


def _deviates(x: Any, /, *, axis: Any = None, correction: Any = 0.0, keepdims: Any = False) -> None:
    requirement.ordered(x=x)
    requirement.axes(x, axis)


def _adds(x: Any, /, *, axis: Any = None, dtype: Any = None, keepdims: Any = False) -> None:
    requirement.axes(x, axis)


def _finds(x: Any, /, *, axis: Any = None, keepdims: Any = False) -> None:
    requirement.ordered(x=x)
    requirement.filled(x, (requirement.axis(x, axis),) if axis is not None else tuple(range(x.ndim)))


def _fraction(most: int) -> Any:
    def ask(x: Any, q: Any, /, *, axis: Any = None, method: Any = "linear", keepdims: Any = False) -> None:
        requirement.ordered(x=x)
        requirement.floating(q=q)
        requirement.number(0, most, q=q)
        requirement.choice(*METHODS, method=method)
        requirement.filled(x, requirement.axes(x, axis))

    return ask


def _observes(
    x: Any, y: Any = None, /, *, correction: Any = 1, fweights: Any = None, aweights: Any = None
) -> None:
    requirement.dimensions(1, x=x)
    requirement.number(-math.inf, math.inf, correction=correction)
    requirement.integral(fweights=fweights)
    requirement.ordered(aweights=aweights)
    count = x.shape[-1]
    if y is not None:
        requirement.dimensions(1, y=y)
        alone = (tuple(z.shape[:-2]) for z in (x, y))
        if y.shape[-1] != count or len(set(alone)) > 1:
            raise ShapeError(
                f"x has shape {tuple(x.shape)} and y {tuple(y.shape)}; both have the same number of observations along the last axis, "
                f"and the same axes before the last two."
            )
    for name, weights in (("fweights", fweights), ("aweights", aweights)):
        if weights is not None and tuple(weights.shape) != (count,):
            raise ShapeError(
                f"{name} has shape {tuple(weights.shape)}, and one weight for each of {count} observations is taken."
            )


def _correlates(x: Any, y: Any = None, /) -> None:
    _observes(x, y)


# Covariances


@op(
    dtypes="numeric",
    same="conditioned",
    bound="(64 + 2 * N) * eps * (spread + (64 + N / 512)**2 * eps * size)",
    requires=_observes,
    checks=("nan",),
)
def cov(
    x: A,
    y: A | None = None,
    /,
    *,
    correction: int | float = 1,
    fweights: A | None = None,
    aweights: A | None = None,
) -> A:
    """Covariances between variables, of which each row holds one.

    Parameters
    ----------
    x : array, shape (..., M, N) or (N,), numeric dtype
        N observations of each of M variables; a single row is one variable.
    y : array, optional, shape (..., L, N) or (N,), numeric dtype
        Further variables, which come after those of ``x``.
    correction : int or float, default 1
        Number to take from the number of observations in the divisor: 1 for a sample, 0 for a whole population.
    fweights : array, optional, shape (N,), integer dtype
        How often each observation was made.
    aweights : array, optional, shape (N,), real dtype
        How much each observation counts.

    Returns
    -------
    array, shape (..., M, M), floating-point dtype of x and y, device of x
        The covariance of variables i and j at ``[..., i, j]``; M counts those of ``y`` too, and one variable alone gives its variance,
        without the two axes. Integers count as float64.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends.
    ShapeError
        Numbers of observations or of weights differ.
    ArgumentError
        ``correction`` is not a number.
    DTypeError
        ``fweights`` are no integers, or ``aweights`` complex.

    Notes
    -----
    Accuracy: within ``(64 + 2 * N) * eps * (spread + (64 + N / 512)**2 * eps * size)`` of the exact covariance, where ``spread`` is the
    sum of the products of absolute deviations from the means, and ``size`` that of absolute values, both divided as the covariance is.
    Sixteen bits are computed in float32 and rounded once.
    With weights ``w``, their product, the divisor is ``sum(w) - correction * sum(w * aweights) / sum(w)``; where it is not positive the
    result is nan.
    Cost: O(M**2 * N), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        extra.cov(float64([1.0, 2.0, 3.0])) -> float64(1.0)  # one variable: its variance
        extra.cov(float64([2.0])) -> float64(nan)  # no degree of freedom is left
        extra.cov(int64([[0, 2], [0, 4]])) -> float64([[2.0, 4.0], [4.0, 8.0]])  # integers: in float64

    References
    ----------
    T. F. Chan, G. H. Golub, R. J. LeVeque, Algorithms for computing the sample variance, The American Statistician 37 (1983).

    Examples
    --------
    >>> import numpy, accel
    >>> accel.extra.cov(numpy.asarray([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]]))
    array([[ 1., -1.],
           [-1.,  1.]])
    """
    single = x.ndim == 1 and y is None
    rows = [xp.expand_dims(z, axis=0) if z.ndim == 1 else z for z in (x, y) if z is not None]
    dtype = xp.result_type(*rows)
    together = _together(rows)
    n = together.shape[-1]
    weights = _weights(together, fweights, aweights)
    if weights is None:
        apart = xp.subtract(together, xp.mean(together, axis=-1, keepdims=True))
        weighted, left = apart, n - correction
        divisor = left if left > 0 else math.nan
        found = xp.divide(_products(weighted, apart), divisor)
    else:
        real = weights if weights.dtype == together.dtype else xp.astype(weights, together.dtype)
        total = xp.sum(weights)
        mean = xp.divide(
            xp.sum(xp.multiply(together, real), axis=-1, keepdims=True), xp.astype(total, together.dtype)
        )
        apart = xp.subtract(together, mean)
        taken: Any = correction
        if aweights is not None:
            again = xp.multiply(weights, xp.astype(aweights, weights.dtype))
            taken = xp.multiply(xp.divide(xp.sum(again), total), correction)
        left = xp.subtract(total, taken)
        divisor = xp.astype(xp.where(xp.greater(left, 0.0), left, math.nan), together.dtype)
        found = xp.divide(_products(xp.multiply(apart, real), apart), divisor)
    if name_of(dtype) in SHORT:
        found = xp.astype(found, dtype)
    return xp.squeeze(found, axis=(-2, -1)) if single else found


def _weights(x: Any, fweights: Any, aweights: Any) -> Any:
    """Give the product of the weights in the real dtype that goes with x, or None."""
    given = [w for w in (fweights, aweights) if w is not None]
    if not given:
        return None
    dtype = xp.float32 if name_of(x.dtype) in ("float32", "complex64") else xp.float64
    made = [xp.astype(w, dtype) for w in given]
    return xp.multiply(*made) if len(made) > 1 else made[0]


def _together(rows: list[Any]) -> Any:
    """Give the variables of all arrays, in the dtype to compute in."""
    rows = [_working(z) for z in rows]
    return xp.concat(rows, axis=-2) if len(rows) > 1 else rows[0]


def _products(x: Any, y: Any) -> Any:
    turned = xp.matrix_transpose(y)
    return xp.matmul(x, xp.conj(turned) if xp.isdtype(y.dtype, "complex floating") else turned)


@op(
    dtypes="numeric",
    same="conditioned",
    bound="(256 + 8 * N) * eps * (1 + abs(y) + (64 + N / 512)**2 * eps * size)",
    requires=_correlates,
    checks=("nan",),
)
def corrcoef(x: A, y: A | None = None, /) -> A:
    """Correlation coefficients between variables, of which each row holds one.

    Parameters
    ----------
    x : array, shape (..., M, N) or (N,), numeric dtype
        N observations of each of M variables; a single row is one variable.
    y : array, optional, shape (..., L, N) or (N,), numeric dtype
        Further variables, which come after those of ``x``.

    Returns
    -------
    array, shape (..., M, M), floating-point dtype of x and y, device of x
        Numbers from -1 to 1 (complex ones within that square), nan for a variable that does not vary; one variable alone gives 1,
        without the two axes. Integers count as float64.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends.
    ShapeError
        Numbers of observations differ.

    Notes
    -----
    Accuracy: within ``(256 + 8 * N) * eps * (1 + abs(y) + (64 + N / 512)**2 * eps * size)`` of the exact coefficient ``y``, where
    ``size`` is the larger sum of the squares of a variable over that of its deviations from its mean.
    Sixteen bits are computed in float32 and rounded once.
    Cost: O(M**2 * N), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        extra.corrcoef(float64([[1.0, 2.0], [3.0, 3.0]])) ->
            float64([[1.0, nan], [nan, nan]])  # a variable that does not vary

    References
    ----------
    T. F. Chan, G. H. Golub, R. J. LeVeque, Algorithms for computing the sample variance, The American Statistician 37 (1983).

    Examples
    --------
    >>> import numpy, accel
    >>> accel.extra.corrcoef(numpy.asarray([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]]))
    array([[ 1., -1.],
           [-1.,  1.]])
    """
    single = x.ndim == 1 and y is None
    rows = [xp.expand_dims(z, axis=0) if z.ndim == 1 else z for z in (x, y) if z is not None]
    dtype = xp.result_type(*rows)
    together = _together(rows)
    apart = xp.subtract(together, xp.mean(together, axis=-1, keepdims=True))
    # Each row is brought to a size of 1 first, so that no product over- or underflows.
    size = xp.abs(apart)
    top = xp.max(size, axis=-1, keepdims=True) if size.shape[-1] else xp.sum(size, axis=-1, keepdims=True)
    unit = xp.where(xp.greater(top, 0.0), top, 1.0)
    apart = xp.divide(apart, unit if unit.dtype == apart.dtype else xp.astype(unit, apart.dtype))
    size = xp.divide(size, unit)
    length = xp.sqrt(xp.sum(xp.multiply(size, size), axis=-1, keepdims=True))
    apart = xp.divide(apart, length if length.dtype == apart.dtype else xp.astype(length, apart.dtype))
    found = _products(apart, apart)
    if xp.isdtype(found.dtype, "real floating"):
        found = xp.clip(found, -1.0, 1.0)
    if name_of(dtype) in SHORT:
        found = xp.astype(found, dtype)
    return xp.squeeze(found, axis=(-2, -1)) if single else found


# Quantiles


@op(dtypes="real-valued", same="exact", requires=_orders, checks=("nan",))
def median(x: A, /, *, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> A:
    """Middle element along some axes, or the mean of the two in the middle.

    Parameters
    ----------
    x : array, any shape, real-valued dtype
        Numbers.
    axis : int or tuple of ints or None, default None
        Axes that are taken together; None means all.
    keepdims : bool, default False
        Keep each reduced axis with size 1, so that the result broadcasts against ``x``.

    Returns
    -------
    array, shape of x without the axes, dtype of x, device of x
        Medians; nan where an element is nan. Those of integers are float64.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    ShapeError
        There is no element along the axes.
    DTypeError
        ``x`` is complex or boolean.

    Notes
    -----
    Accuracy: exact, and for an even number of elements the exact mean rounded once; it does not overflow. The same bits on every
    backend, but for the sign of a zero.
    Cost: O(size) where the library selects, else O(size * log(n)) to sort; no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        extra.median(floats([1.0, nan, 2.0])) -> floats(nan)  # nan among the elements
        extra.median(floats([inf, 1.0])) -> floats(inf)  # an infinity in the middle
        extra.median(floats([inf, -inf])) -> floats(nan)  # both infinities in the middle
        extra.median(integers([1, 2])) -> float64(1.5)  # integers: in float64
        extra.median(floats([])) -> raises ShapeError  # no elements

    References
    ----------
    R. J. Hyndman, Y. Fan, Sample quantiles in statistical packages, The American Statistician 50 (1996).

    Examples
    --------
    >>> import numpy, accel
    >>> accel.extra.median(numpy.asarray([[3.0, 1.0, 2.0], [6.0, 4.0, 5.0]]), axis=1)
    array([2., 5.])
    """
    ordered = xp.sort(lines(_floating(x), axis))
    n = ordered.shape[-1]
    low, high = ordered[..., (n - 1) // 2], ordered[..., n // 2]
    found = _middle(low, high) if n % 2 == 0 else low
    found = xp.where(xp.isnan(ordered[..., -1]), xp.nan, found)
    return unreduced(x, axis, 0, found, keepdims)


def _middle(low: Any, high: Any) -> Any:
    """Give the mean of two numbers, with one rounding and without overflow: halves are exact."""
    narrow = low.dtype if _short(low) else None
    low, high = _working(low), _working(high)
    # A compiler would add first, which may overflow.
    found = xp.add(kept(xp.multiply(low, 0.5)), kept(xp.multiply(high, 0.5)))
    return found if narrow is None else xp.astype(found, narrow)


@op(dtypes="real-valued", same="exact", requires=_fraction(1), checks=("fractions", "nan"))
def quantile(
    x: A,
    q: A | float,
    /,
    *,
    axis: int | tuple[int, ...] | None = None,
    method: str = "linear",
    keepdims: bool = False,
) -> A:
    """Numbers below which given fractions of the elements along some axes lie.

    Parameters
    ----------
    x : array, any shape, real-valued dtype
        Numbers.
    q : float, or array, any shape, real floating-point dtype
        Fractions from 0 to 1.
    axis : int or tuple of ints or None, default None
        Axes that are taken together; None means all.
    method : str, default "linear"
        What to do between two elements: ``"linear"``, ``"lower"``, ``"higher"``, ``"nearest"`` or ``"midpoint"``, which divide the n - 1
        gaps between the elements, or one of the methods of Hyndman and Fan by the names that NumPy gives them: ``"inverted_cdf"``,
        ``"averaged_inverted_cdf"``, ``"closest_observation"``, ``"interpolated_inverted_cdf"``, ``"hazen"``, ``"weibull"``,
        ``"median_unbiased"``, ``"normal_unbiased"``.
    keepdims : bool, default False
        Keep each reduced axis with size 1.

    Returns
    -------
    array, shape of q, then shape of x without the axes, dtype of x, device of x
        Quantiles; nan where an element is nan. Those of integers are float64.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    ShapeError
        There is no element along the axes.
    ArgumentError
        ``q`` is a number outside of [0, 1], or ``method`` is unknown. Inside `accel.checked` also: an element of ``q`` outside.
    DTypeError
        ``x`` is complex or boolean, or ``q`` an array of no real floating-point dtype.

    Notes
    -----
    Accuracy: the position in the order is found first, for a number ``q`` in 64 bits, for an array in its own dtype, but float32 at
    least. Between two elements the result is ``low + (high - low) * part``, each step rounded once, and never above the higher one;
    16 bits are computed in float32. The same bits on every backend, but for the sign of a zero. Nothing overflows.
    In an array ``q`` what is outside of [0, 1] or nan gives nan.
    Cost: O(size) where the library selects, else O(size * log(n)) to sort; no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        extra.quantile(floats([1.0, nan, 2.0]), 0.0) -> floats(nan)  # nan among the elements
        extra.quantile(floats([inf, 1.0, inf]), 0.75) -> floats(inf)  # between two infinities
        extra.quantile(floats([-inf, 1.0]), 0.75) -> floats(-inf)  # above -inf
        extra.quantile(float64([1.0, 2.0]), float64([1.5, nan])) -> float64([nan, nan]); checked raises ArgumentError  # q outside of [0, 1]
        extra.quantile(integers([1, 2]), 0.5) -> float64(1.5)  # integers: in float64

    References
    ----------
    R. J. Hyndman, Y. Fan, Sample quantiles in statistical packages, The American Statistician 50 (1996).

    Examples
    --------
    >>> import numpy, accel
    >>> float(accel.extra.quantile(numpy.asarray([4.0, 1.0, 2.0, 3.0]), 0.25))
    1.75
    >>> accel.extra.quantile(numpy.asarray([4.0, 1.0, 2.0, 3.0]), numpy.asarray([0.0, 1.0]), method="lower")
    array([1., 4.])
    """
    return _quantile(x, q, axis, method, keepdims)


@op(dtypes="real-valued", same="exact", requires=_fraction(100), checks=("fractions", "nan"))
def percentile(
    x: A,
    q: A | float,
    /,
    *,
    axis: int | tuple[int, ...] | None = None,
    method: str = "linear",
    keepdims: bool = False,
) -> A:
    """Numbers below which given percentages of the elements along some axes lie.

    Parameters
    ----------
    x : array, any shape, real-valued dtype
        Numbers.
    q : float, or array, any shape, real floating-point dtype
        Percentages from 0 to 100.
    axis : int or tuple of ints or None, default None
        Axes that are taken together; None means all.
    method : str, default "linear"
        What to do between two elements, as in `quantile`.
    keepdims : bool, default False
        Keep each reduced axis with size 1.

    Returns
    -------
    array, shape of q, then shape of x without the axes, dtype of x, device of x
        Percentiles; nan where an element is nan. Those of integers are float64.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    ShapeError
        There is no element along the axes.
    ArgumentError
        ``q`` is a number outside of [0, 100], or ``method`` is unknown. Inside `accel.checked` also: an element of ``q`` outside.
    DTypeError
        ``x`` is complex or boolean, or ``q`` an array of no real floating-point dtype.

    Notes
    -----
    Accuracy: that of `quantile` for ``q / 100``, which is rounded once.
    Cost: as `quantile`, no device synchronisation; safe under ``jax.jit``.

    References
    ----------
    R. J. Hyndman, Y. Fan, Sample quantiles in statistical packages, The American Statistician 50 (1996).

    Examples
    --------
    >>> import numpy, accel
    >>> float(accel.extra.percentile(numpy.asarray([4.0, 1.0, 2.0, 3.0]), 50.0))
    2.5
    """
    return _quantile(x, hundredth(q), axis, method, keepdims)


def hundredth(q: Any) -> Any:
    return xp.divide(_working(q), 100.0) if hasattr(q, "dtype") else q / 100


def _quantile(x: Any, q: Any, axis: Axis, method: str, keepdims: bool) -> Any:
    ordered = xp.sort(lines(_floating(x), axis))
    n = ordered.shape[-1]
    lost = xp.isnan(ordered[..., -1])
    if not hasattr(q, "dtype"):
        below, above, share = place(float(q), n, method)
        found = _between(ordered[..., below], ordered[..., above], share)
        return unreduced(x, axis, 0, xp.where(lost, xp.nan, found), keepdims)
    q = _working(q)
    low, high, part, outside = places(q, n, method)

    def picked(places: Any) -> Any:
        flat = xp.reshape(places, (math.prod(places.shape),))
        elements = xp.moveaxis(xp.take(ordered, flat, axis=-1), -1, 0)
        return xp.reshape(elements, (*q.shape, *ordered.shape[:-1]))

    def spread(each: Any) -> Any:
        return xp.reshape(each, (*q.shape, *(1,) * (ordered.ndim - 1)))

    found = _between(picked(low), picked(high), spread(part))
    found = xp.where(xp.logical_or(spread(outside), lost), xp.nan, found)
    return unreduced(x, axis, q.ndim, found, keepdims)


def place(q: float, n: int, method: str) -> tuple[int, int, float]:
    """Give the positions of two elements, and how far from the first to the second the quantile lies."""
    if method in CONTINUOUS:
        alpha, beta = CONTINUOUS[method]
        at = (n - 1) * q if method == "linear" else n * q + (alpha + q * (1 - alpha - beta)) - 1
        at = min(max(at, 0.0), n - 1.0)
        low = math.floor(at)
        return low, min(low + 1, n - 1), at - low
    at = (n - 1) * q
    if method in ("lower", "higher", "nearest"):
        low = math.floor(at) if method == "lower" else math.ceil(at) if method == "higher" else round(at)
        return low, low, 0.0
    if method == "midpoint":
        return math.floor(at), math.ceil(at), 0.5
    at = n * q - (1.5 if method == "closest_observation" else 1)
    low = math.floor(at)
    high, whole = low + 1, at == low
    if method == "averaged_inverted_cdf":
        low, high = (low, high) if whole else (high, high)
        return min(max(low, 0), n - 1), min(max(high, 0), n - 1), 0.5 if whole else 0.0
    stays = whole and (method == "inverted_cdf" or low % 2 == 1)
    low = min(max(low if stays else high, 0), n - 1)
    return low, low, 0.0


def places(q: Any, n: Any, method: str) -> tuple[Any, Any, Any, Any]:
    """Give the same for arrays, with a mask of the fractions that are none; n is a number or an array of floats."""
    outside = xp.logical_not(xp.logical_and(xp.greater_equal(q, 0.0), xp.less_equal(q, 1.0)))
    q = xp.where(outside, 0.0, q)
    last = xp.subtract(n, 1.0) if hasattr(n, "dtype") else float(n - 1)
    at = kept(xp.multiply(q, last))
    part = xp.zeros_like(at)
    if method in CONTINUOUS and method != "linear":
        alpha, beta = CONTINUOUS[method]
        extra = xp.add(kept(xp.multiply(q, 1 - alpha - beta)), alpha)
        at = xp.subtract(xp.add(kept(xp.multiply(q, n)), extra), 1.0)
    if method in CONTINUOUS:
        at = xp.minimum(xp.maximum(at, 0.0), last)
        low = xp.floor(at)
        high, part = xp.add(low, 1.0), xp.subtract(at, low)
    elif method in ("lower", "higher", "nearest"):
        low = high = {"lower": xp.floor, "higher": xp.ceil, "nearest": xp.round}[method](at)
    elif method == "midpoint":
        low, high, part = xp.floor(at), xp.ceil(at), xp.full_like(at, 0.5)
    else:
        at = xp.subtract(kept(xp.multiply(q, n)), 1.5 if method == "closest_observation" else 1.0)
        low = xp.floor(at)
        high, whole = xp.add(low, 1.0), xp.equal(at, low)
        if method == "averaged_inverted_cdf":
            low, part = xp.where(whole, low, high), xp.where(whole, xp.full_like(at, 0.5), 0.0)
        else:
            stays = whole
            if method == "closest_observation":
                stays = xp.logical_and(whole, xp.equal(xp.remainder(low, 2.0), 1.0))
            low = high = xp.where(stays, low, high)
    low, high = (xp.astype(xp.maximum(xp.minimum(at, last), 0.0), xp.int32) for at in (low, high))
    return low, high, part, outside


def _between(low: Any, high: Any, part: Any) -> Any:
    """Give ``low + (high - low) * part`` for ordered numbers, never above the higher one, and without overflow."""
    number = not hasattr(part, "dtype")
    if number and part == 0:
        return low
    narrow = low.dtype if _short(low) else None
    low, high = _working(low), _working(high)
    if not number and part.dtype != low.dtype:
        part = xp.astype(part, low.dtype)
    # Halves and doubles are exact; a compiler that took them out would let the difference overflow.
    one, two = kept(xp.multiply(low, 0.5)), kept(xp.multiply(high, 0.5))
    half = xp.add(one, kept(xp.multiply(xp.subtract(two, one), part)))
    found = xp.minimum(xp.multiply(half, 2.0), high)
    stays = xp.logical_or(xp.equal(low, high), xp.logical_and(xp.equal(low, -xp.inf), xp.less(high, xp.inf)))
    if not number:
        stays = xp.logical_or(stays, xp.equal(part, 0.0))
    found = xp.where(stays, low, found)
    return found if narrow is None else xp.astype(found, narrow)


# Reductions that pass over nan


def _passed(x: Any) -> Any:
    """Give the mask of what is nan, or None where nothing can be."""
    return xp.isnan(x) if xp.isdtype(x.dtype, ("real floating", "complex floating")) else None


@op(
    dtypes="numeric",
    same="conditioned",
    bound="(64 + n / 512) * eps * sum(abs(x))",
    requires=_adds,
)
def nansum(
    x: A,
    /,
    *,
    axis: int | tuple[int, ...] | None = None,
    dtype: DTypeLike | None = None,
    keepdims: bool = False,
) -> A:
    """Sum along some axes of the elements that are not nan.

    Parameters
    ----------
    x : array, any shape, numeric dtype
        Numbers.
    axis : int or tuple of ints or None, default None
        Axes to reduce; None takes all of them.
    dtype : dtype, optional
        In which to add; by default as in `accel.sum`.
    keepdims : bool, default False
        Keep each reduced axis with size 1, so that the result broadcasts against ``x``.

    Returns
    -------
    array, shape of x without the axes, dtype as of `accel.sum`, device of x
        Sums; 0 where every element is nan.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    DTypeError
        ``x`` is complex and ``dtype`` real.

    Notes
    -----
    Accuracy: within ``(64 + n / 512) * eps * sum(abs(x))``, the sum over the n elements that are not nan, as `accel.sum`; integers are
    exact.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        extra.nansum(floats([1.0, nan, 2.0])) -> floats(3.0)  # nan among the elements
        extra.nansum(floats([nan, nan])) -> floats(0.0)  # every element nan
        extra.nansum(floats([])) -> floats(0.0)  # no elements
        extra.nansum(floats([inf, -inf])) -> floats(nan)  # what is made nan by adding

    References
    ----------
    N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd edition (2002), chapter 4.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.extra.nansum(numpy.asarray([[1.0, numpy.nan], [2.0, 3.0]]), axis=1)
    array([1., 5.])
    """
    lost = _passed(x)
    return xp.sum(x if lost is None else xp.where(lost, 0.0, x), axis=axis, dtype=dtype, keepdims=keepdims)


@op(dtypes="numeric", same="conditioned", bound="n * eps * abs(y)", requires=_adds)
def nanprod(
    x: A,
    /,
    *,
    axis: int | tuple[int, ...] | None = None,
    dtype: DTypeLike | None = None,
    keepdims: bool = False,
) -> A:
    """Product along some axes of the elements that are not nan.

    Parameters
    ----------
    x : array, any shape, numeric dtype
        Numbers.
    axis : int or tuple of ints or None, default None
        Axes to reduce; None takes all of them.
    dtype : dtype, optional
        In which to multiply; by default as in `accel.prod`.
    keepdims : bool, default False
        Keep each reduced axis with size 1, so that the result broadcasts against ``x``.

    Returns
    -------
    array, shape of x without the axes, dtype as of `accel.prod`, device of x
        Products; 1 where every element is nan.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    DTypeError
        ``x`` is complex and ``dtype`` real.

    Notes
    -----
    Accuracy: within ``n * eps * abs(y)``, as far as nothing over- or underflows on the way, for the n elements along the axes; integers
    are exact.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        extra.nanprod(floats([2.0, nan, 3.0])) -> floats(6.0)  # nan among the elements
        extra.nanprod(floats([nan, nan])) -> floats(1.0)  # every element nan
        extra.nanprod(floats([])) -> floats(1.0)  # no elements

    References
    ----------
    N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd edition (2002), chapter 3.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.extra.nanprod(numpy.asarray([[1.0, numpy.nan], [2.0, 3.0]]), axis=1)
    array([1., 6.])
    """
    lost = _passed(x)
    return xp.prod(x if lost is None else xp.where(lost, 1.0, x), axis=axis, dtype=dtype, keepdims=keepdims)


@op(
    dtypes="numeric",
    same="conditioned",
    bound="(64 + n / 512) * eps * mean(abs(x))",
    requires=_along,
)
def nanmean(x: A, /, *, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> A:
    """Arithmetic mean along some axes of the elements that are not nan.

    Parameters
    ----------
    x : array, any shape, numeric dtype
        Numbers.
    axis : int or tuple of ints or None, default None
        Axes to reduce; None takes all of them.
    keepdims : bool, default False
        Keep each reduced axis with size 1, so that the result broadcasts against ``x``.

    Returns
    -------
    array, shape of x without the axes, dtype of x, device of x
        Means; nan where every element is nan. Those of integers are float64.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.

    Notes
    -----
    Accuracy: within ``(64 + n / 512) * eps * mean(abs(x))``, the mean of the n elements that are not nan. Sixteen bits are added in
    float32 and rounded once.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        extra.nanmean(floats([1.0, nan, 3.0])) -> floats(2.0)  # nan among the elements
        extra.nanmean(floats([nan, nan])) -> floats(nan)  # every element nan
        extra.nanmean(floats([])) -> floats(nan)  # no elements
        extra.nanmean(integers([1, 2])) -> float64(1.5)  # integers: in float64

    References
    ----------
    N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd edition (2002), chapter 4.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.extra.nanmean(numpy.asarray([[1.0, numpy.nan], [2.0, 4.0]]), axis=1)
    array([1., 3.])
    """
    lost = _passed(x)
    if lost is None:
        return xp.mean(_floating(x), axis=axis, keepdims=keepdims)
    y = _working(x)
    count = xp.astype(_present(x, axis, keepdims), y.dtype)
    found = xp.divide(xp.sum(xp.where(lost, 0.0, y), axis=axis, keepdims=keepdims), count)
    return xp.astype(found, x.dtype) if _short(x) else found


def _present(x: Any, axis: Axis, keepdims: bool) -> Any:
    """Count what is not nan; 32 bits go through any trace."""
    there = xp.astype(xp.logical_not(xp.isnan(x)), xp.int32)
    return xp.sum(there, axis=axis, dtype=xp.int32, keepdims=keepdims)


SPREAD = "(64 + n / 512) * eps * (v + (64 + n / 512) * eps * sum(x**2) / (n - correction))"


@op(dtypes="real-valued", same="conditioned", bound=SPREAD, requires=_deviates)
def nanvar(
    x: A,
    /,
    *,
    axis: int | tuple[int, ...] | None = None,
    correction: int | float = 0.0,
    keepdims: bool = False,
) -> A:
    """Variance along some axes of the elements that are not nan.

    Parameters
    ----------
    x : array, any shape, real-valued dtype
        Numbers.
    axis : int or tuple of ints or None, default None
        Axes to reduce; None takes all of them.
    correction : int or float, default 0.0
        Number to take from n, the number of elements that are not nan, in the divisor: 0 for a whole population, 1 for a sample.
    keepdims : bool, default False
        Keep each reduced axis with size 1, so that the result broadcasts against ``x``.

    Returns
    -------
    array, shape of x without the axes, dtype of x, device of x
        Variances; nan where n is not larger than the correction. Those of integers are float64.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    DTypeError
        ``x`` is complex or boolean.

    Notes
    -----
    Accuracy: within ``(64 + n / 512) * eps * (v + (64 + n / 512) * eps * sum(x**2) / (n - correction))``, where v is the exact variance
    of the n elements that are not nan. Sixteen bits are computed in float32 and rounded once.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        extra.nanvar(floats([1.0, nan, 3.0])) -> floats(1.0)  # nan among the elements
        extra.nanvar(floats([nan, 3.0]), correction=1) -> floats(nan)  # no degree of freedom is left
        extra.nanvar(floats([nan, nan])) -> floats(nan)  # every element nan
        extra.nanvar(floats([1.0, inf])) -> floats(nan)  # infinity among the elements

    References
    ----------
    T. F. Chan, G. H. Golub, R. J. LeVeque, Algorithms for computing the sample variance, The American Statistician 37 (1983).

    Examples
    --------
    >>> import numpy, accel
    >>> accel.extra.nanvar(numpy.asarray([[1.0, numpy.nan], [2.0, 4.0]]), axis=1)
    array([0., 1.])
    """
    found = spread(x, axis, correction, keepdims)
    return xp.astype(found, x.dtype) if _short(x) else found


@op(
    dtypes="real-valued",
    same="conditioned",
    bound=SPREAD,
    requires=_deviates,
)
def nanstd(
    x: A,
    /,
    *,
    axis: int | tuple[int, ...] | None = None,
    correction: int | float = 0.0,
    keepdims: bool = False,
) -> A:
    """Standard deviation along some axes of the elements that are not nan.

    Parameters
    ----------
    x : array, any shape, real-valued dtype
        Numbers.
    axis : int or tuple of ints or None, default None
        Axes to reduce; None takes all of them.
    correction : int or float, default 0.0
        Number to take from n, the number of elements that are not nan, in the divisor: 0 for a whole population, 1 for a sample.
    keepdims : bool, default False
        Keep each reduced axis with size 1, so that the result broadcasts against ``x``.

    Returns
    -------
    array, shape of x without the axes, dtype of x, device of x
        Standard deviations; nan where n is not larger than the correction. Those of integers are float64.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    DTypeError
        ``x`` is complex or boolean.

    Notes
    -----
    Accuracy: its square is within ``(64 + n / 512) * eps * (v + (64 + n / 512) * eps * sum(x**2) / (n - correction))`` of v, the exact
    variance of the n elements that are not nan. Sixteen bits are computed in float32 and rounded once.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        extra.nanstd(floats([1.0, nan, 3.0])) -> floats(1.0)  # nan among the elements
        extra.nanstd(floats([nan, nan])) -> floats(nan)  # every element nan

    References
    ----------
    T. F. Chan, G. H. Golub, R. J. LeVeque, Algorithms for computing the sample variance, The American Statistician 37 (1983).

    Examples
    --------
    >>> import numpy, accel
    >>> accel.extra.nanstd(numpy.asarray([[1.0, numpy.nan], [2.0, 4.0]]), axis=1)
    array([0., 1.])
    """
    found = xp.sqrt(spread(x, axis, correction, keepdims))
    return xp.astype(found, x.dtype) if _short(x) else found


def spread(x: Any, axis: Axis, correction: float, keepdims: bool) -> Any:
    """Give the variance in the dtype of the sums that it is made of."""
    y = _working(x)
    lost = xp.isnan(y)
    y = xp.where(lost, 0.0, y)
    count = xp.astype(_present(x, axis, True), y.dtype)
    mean = xp.divide(xp.sum(y, axis=axis, keepdims=True), xp.where(xp.equal(count, 0.0), 1.0, count))
    apart = xp.where(lost, 0.0, xp.subtract(y, mean))
    total = xp.sum(xp.multiply(apart, apart), axis=axis, keepdims=keepdims)
    left = xp.subtract(xp.astype(_present(x, axis, keepdims), y.dtype), float(correction))
    return xp.divide(total, xp.where(xp.greater(left, 0.0), left, xp.nan))


def _extreme(x: Any, least: bool, axis: Axis, keepdims: bool) -> Any:
    pick = xp.min if least else xp.max
    lost = _passed(x)
    if lost is None:
        return pick(x, axis=axis, keepdims=keepdims)
    found = pick(xp.where(lost, xp.inf if least else -xp.inf, x), axis=axis, keepdims=keepdims)
    return xp.where(xp.all(lost, axis=axis, keepdims=keepdims), xp.nan, found)


@op(dtypes="real-valued", same="exact", requires=_orders)
def nanmin(x: A, /, *, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> A:
    """Smallest element along some axes that is not nan.

    Parameters
    ----------
    x : array, any shape, real-valued dtype
        Numbers.
    axis : int or tuple of ints or None, default None
        Axes to reduce; None takes all of them.
    keepdims : bool, default False
        Keep each reduced axis with size 1, so that the result broadcasts against ``x``.

    Returns
    -------
    array, shape of x without the axes, dtype of x, device of x
        Minima; nan where every element is nan.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    ShapeError
        There is no element along the axes.
    DTypeError
        ``x`` is complex or boolean.

    Notes
    -----
    Accuracy: exact, but for the sign of a zero.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        extra.nanmin(floats([nan, 2.0])) -> floats(2.0)  # nan among the elements
        extra.nanmin(floats([nan, nan])) -> floats(nan)  # every element nan
        extra.nanmin(floats([nan, inf])) -> floats(inf)  # an infinity besides nan
        extra.nanmin(floats([])) -> raises ShapeError  # no elements

    References
    ----------
    IEEE Standard for Floating-Point Arithmetic, IEEE 754-2008, 5.3.1: minNum.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.extra.nanmin(numpy.asarray([[1.0, numpy.nan], [4.0, 2.0]]), axis=1)
    array([1., 2.])
    """
    return _extreme(x, True, axis, keepdims)


@op(dtypes="real-valued", same="exact", requires=_orders)
def nanmax(x: A, /, *, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> A:
    """Largest element along some axes that is not nan.

    Parameters
    ----------
    x : array, any shape, real-valued dtype
        Numbers.
    axis : int or tuple of ints or None, default None
        Axes to reduce; None takes all of them.
    keepdims : bool, default False
        Keep each reduced axis with size 1, so that the result broadcasts against ``x``.

    Returns
    -------
    array, shape of x without the axes, dtype of x, device of x
        Maxima; nan where every element is nan.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    ShapeError
        There is no element along the axes.
    DTypeError
        ``x`` is complex or boolean.

    Notes
    -----
    Accuracy: exact, but for the sign of a zero.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        extra.nanmax(floats([nan, 2.0])) -> floats(2.0)  # nan among the elements
        extra.nanmax(floats([nan, nan])) -> floats(nan)  # every element nan
        extra.nanmax(floats([nan, -inf])) -> floats(-inf)  # an infinity besides nan
        extra.nanmax(floats([])) -> raises ShapeError  # no elements

    References
    ----------
    IEEE Standard for Floating-Point Arithmetic, IEEE 754-2008, 5.3.1: maxNum.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.extra.nanmax(numpy.asarray([[1.0, numpy.nan], [4.0, 2.0]]), axis=1)
    array([1., 4.])
    """
    return _extreme(x, False, axis, keepdims)


def _place_of(x: Any, least: bool, axis: int | None, keepdims: bool) -> Any:
    lost = _passed(x)
    if lost is None:
        return (xp.argmin if least else xp.argmax)(x, axis=axis, keepdims=keepdims)
    pick, worst = (xp.min, xp.inf) if least else (xp.max, -xp.inf)
    filled = xp.where(lost, worst, x)
    best = xp.equal(filled, pick(filled, axis=axis, keepdims=True))
    # A true infinity may be as bad as what stands for nan.
    best = xp.logical_and(best, xp.logical_not(lost))
    first = xp.argmax(xp.astype(best, xp.uint8), axis=axis, keepdims=keepdims)
    return xp.where(xp.all(lost, axis=axis, keepdims=keepdims), -1, first)


@op(dtypes="real-valued", same="exact", requires=_finds)
def nanargmin(x: A, /, *, axis: int | None = None, keepdims: bool = False) -> A:
    """Position of the smallest element that is not nan.

    Parameters
    ----------
    x : array, any shape, real-valued dtype
        Numbers.
    axis : int or None, default None
        Axis to go along; None takes the array as one row.
    keepdims : bool, default False
        Keep the reduced axis with size 1, so that the result broadcasts against ``x``.

    Returns
    -------
    array, shape of x without the axis, int64, device of x
        Positions, the first where several are smallest; -1 where every element is nan.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    ShapeError
        There is no element along the axis.
    DTypeError
        ``x`` is complex or boolean.

    Notes
    -----
    Accuracy: exact. NumPy raises for a row of nan alone, which could not be done under a compiler; the answer here is JAX's.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        extra.nanargmin(floats([nan, 2.0, 1.0, 1.0])) -> int64(2)  # nan among the elements
        extra.nanargmin(floats([nan, inf])) -> int64(1)  # infinities alone besides nan
        extra.nanargmin(floats([nan, nan])) -> int64(-1)  # every element nan

    References
    ----------
    Python array API standard, 2025.12, argmin, which this is where no element is nan.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.extra.nanargmin(numpy.asarray([[1.0, numpy.nan], [4.0, 2.0]]), axis=1)
    array([0, 1])
    """
    return _place_of(x, True, axis, keepdims)


@op(dtypes="real-valued", same="exact", requires=_finds)
def nanargmax(x: A, /, *, axis: int | None = None, keepdims: bool = False) -> A:
    """Position of the largest element that is not nan.

    Parameters
    ----------
    x : array, any shape, real-valued dtype
        Numbers.
    axis : int or None, default None
        Axis to go along; None takes the array as one row.
    keepdims : bool, default False
        Keep the reduced axis with size 1, so that the result broadcasts against ``x``.

    Returns
    -------
    array, shape of x without the axis, int64, device of x
        Positions, the first where several are largest; -1 where every element is nan.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    ShapeError
        There is no element along the axis.
    DTypeError
        ``x`` is complex or boolean.

    Notes
    -----
    Accuracy: exact. NumPy raises for a row of nan alone, which could not be done under a compiler; the answer here is JAX's.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        extra.nanargmax(floats([nan, 1.0, 2.0, 2.0])) -> int64(2)  # nan among the elements
        extra.nanargmax(floats([nan, -inf])) -> int64(1)  # infinities alone besides nan
        extra.nanargmax(floats([nan, nan])) -> int64(-1)  # every element nan

    References
    ----------
    Python array API standard, 2025.12, argmax, which this is where no element is nan.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.extra.nanargmax(numpy.asarray([[1.0, numpy.nan], [4.0, 2.0]]), axis=1)
    array([0, 0])
    """
    return _place_of(x, False, axis, keepdims)


@op(dtypes="real-valued", same="exact", requires=_orders)
def nanmedian(x: A, /, *, axis: int | tuple[int, ...] | None = None, keepdims: bool = False) -> A:
    """Middle element along some axes of those that are not nan, or the mean of the two in the middle.

    Parameters
    ----------
    x : array, any shape, real-valued dtype
        Numbers.
    axis : int or tuple of ints or None, default None
        Axes that are taken together; None means all.
    keepdims : bool, default False
        Keep each reduced axis with size 1, so that the result broadcasts against ``x``.

    Returns
    -------
    array, shape of x without the axes, dtype of x, device of x
        Medians; nan where every element is nan. Those of integers are float64.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    ShapeError
        There is no element along the axes.
    DTypeError
        ``x`` is complex or boolean.

    Notes
    -----
    Accuracy: as `median`, the same bits on every backend, but for the sign of a zero.
    Cost: O(size * log(n)) to sort, no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        extra.nanmedian(floats([1.0, nan, 2.0])) -> floats(1.5)  # nan among the elements
        extra.nanmedian(floats([nan, nan])) -> floats(nan)  # every element nan

    References
    ----------
    R. J. Hyndman, Y. Fan, Sample quantiles in statistical packages, The American Statistician 50 (1996).

    Examples
    --------
    >>> import numpy, accel
    >>> accel.extra.nanmedian(numpy.asarray([[3.0, 1.0, numpy.nan], [6.0, 4.0, 5.0]]), axis=1)
    array([2., 5.])
    """
    ordered = xp.sort(lines(_floating(x), axis))
    n = _present(ordered, -1, True)
    low = xp.floor_divide(xp.subtract(n, 1), 2)
    low, high = (xp.maximum(place, 0) for place in (low, xp.floor_divide(n, 2)))
    # With an odd number both are the element in the middle; halves are exact then too.
    high = xp.where(xp.equal(xp.remainder(n, 2), 1), low, high)
    high = xp.minimum(high, ordered.shape[-1] - 1)
    one, two = (xp.take_along_axis(ordered, place, axis=-1)[..., 0] for place in (low, high))
    found = xp.where(xp.equal(one, two), one, _middle(one, two))
    found = xp.where(xp.equal(n[..., 0], 0), xp.nan, found)
    return unreduced(x, axis, 0, found, keepdims)


@op(dtypes="real-valued", same="exact", requires=_fraction(1), checks=("fractions",))
def nanquantile(
    x: A,
    q: A | float,
    /,
    *,
    axis: int | tuple[int, ...] | None = None,
    method: str = "linear",
    keepdims: bool = False,
) -> A:
    """Numbers below which given fractions lie of the elements that are not nan.

    Parameters
    ----------
    x : array, any shape, real-valued dtype
        Numbers.
    q : float, or array, any shape, real floating-point dtype
        Fractions from 0 to 1.
    axis : int or tuple of ints or None, default None
        Axes that are taken together; None means all.
    method : str, default "linear"
        What to do between two elements, as in `quantile`.
    keepdims : bool, default False
        Keep each reduced axis with size 1.

    Returns
    -------
    array, shape of q, then shape of x without the axes, dtype of x, device of x
        Quantiles; nan where every element is nan. Those of integers are float64.

    Raises
    ------
    UnknownArrayError
        An argument is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    ShapeError
        There is no element along the axes.
    ArgumentError
        ``q`` is a number outside of [0, 1], or ``method`` is unknown. Inside `accel.checked` also: an element of ``q`` outside.
    DTypeError
        ``x`` is complex or boolean, or ``q`` an array of no real floating-point dtype.

    Notes
    -----
    Accuracy: as `quantile`, but the position is found in the dtype of ``x`` or ``q``, whichever is wider, and in float32 at least, since
    how many elements there are is known on the device alone. The same bits on every backend, but for the sign of a zero.
    Cost: O(size * log(n)) to sort, no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        extra.nanquantile(floats([1.0, nan, 2.0]), 0.5) -> floats(1.5)  # nan among the elements
        extra.nanquantile(floats([nan, nan]), 0.5) -> floats(nan)  # every element nan

    References
    ----------
    R. J. Hyndman, Y. Fan, Sample quantiles in statistical packages, The American Statistician 50 (1996).

    Examples
    --------
    >>> import numpy, accel
    >>> float(accel.extra.nanquantile(numpy.asarray([4.0, numpy.nan, 2.0, 3.0]), 0.5))
    3.0
    """
    ordered = xp.sort(lines(_floating(x), axis))
    present = _present(ordered, -1, False)
    wide = _working(ordered).dtype
    at: Any = q
    if hasattr(at, "dtype"):
        at = _working(at)
        at = xp.astype(at, xp.result_type(at.dtype, wide))
    else:
        at = xp.asarray(float(at), dtype=wide, device=xp.device(x))
    n = xp.astype(present, at.dtype)
    spread = xp.reshape(at, (*at.shape, *(1,) * n.ndim))
    low, high, part, outside = places(spread, n, method)
    whole = xp.broadcast_to(ordered, (*at.shape, *ordered.shape))
    one, two = (
        xp.take_along_axis(whole, xp.expand_dims(place, axis=-1), axis=-1)[..., 0] for place in (low, high)
    )
    found = _between(one, two, part)
    found = xp.where(xp.logical_or(outside, xp.equal(present, 0)), xp.nan, found)
    return unreduced(x, axis, at.ndim, found, keepdims)
