"""Losses: how far predictions are from what was wanted."""

from __future__ import annotations

import math
from typing import Any

import accel as xp
import accel.requirement as requirement
from accel.composition import widened
from accel.dispatch import op
from accel.dtype import name_of
from accel.errors import ArgumentError, DTypeError, ShapeError
from accel.requirement import BOOLEAN, COMPLEX, INTEGERS
from accel.typing import A

__all__ = [
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "huber_loss",
    "kl_div",
    "mae_loss",
    "mse_loss",
    "nll_loss",
]


def _classes(x: Any, axis: Any, weight: Any, reduction: Any) -> int:
    """Refuse scores without classes, and weights that are not one for each class; give the axis of the classes."""
    requirement.floating(x=x, weight=weight)
    requirement.choice("mean", "sum", "none", reduction=reduction)
    along = requirement.axis(x, axis)
    requirement.filled(x, (along,))
    if weight is not None:
        requirement.alike(x=x, weight=weight)
        if tuple(weight.shape) != (x.shape[along],):
            raise ShapeError(
                f"weight has shape {tuple(weight.shape)}, and needs one number for each of the {x.shape[along]} classes "
                f"along axis {axis} of x."
            )
    return along


def _labels(x: Any, target: Any, along: int, ignore_index: Any) -> None:
    """Refuse labels that are not one for each row of scores."""
    wanted = (*x.shape[:along], *x.shape[along + 1 :])
    if tuple(target.shape) != wanted:
        raise ShapeError(
            f"target has shape {tuple(target.shape)}, and as integer labels it needs that of x without the axis of the classes, "
            f"{wanted}; x has shape {tuple(x.shape)}."
        )
    if isinstance(ignore_index, bool) or not isinstance(ignore_index, int):
        raise ArgumentError(f"ignore_index is an int, got {ignore_index!r}.")


def _categories(
    x: Any,
    target: Any,
    /,
    *,
    axis: Any = -1,
    weight: Any = None,
    ignore_index: Any = -100,
    reduction: Any = "mean",
    label_smoothing: Any = 0.0,
) -> None:
    along = _classes(x, axis, weight, reduction)
    requirement.number(0, 1, label_smoothing=label_smoothing)
    kind = name_of(target.dtype)
    if kind in BOOLEAN | COMPLEX:
        raise DTypeError(f"target is {kind}; integer labels or floating-point probabilities are taken.")
    if kind in INTEGERS:
        _labels(x, target, along, ignore_index)
        return
    if tuple(target.shape) != tuple(x.shape):
        raise ShapeError(
            f"target is {kind} and has shape {tuple(target.shape)}; as probabilities it needs the shape of x, {tuple(x.shape)}, and "
            f"labels have to be integers, as by accel.astype(target, accel.int32)."
        )
    requirement.alike(x=x, target=target)


def _reduced(terms: Any, reduction: str, count: Any, dtype: Any) -> Any:
    """Give the terms, or their sum, or that divided by a number or an array of no dimensions."""
    if reduction == "none":
        return xp.astype(terms, dtype)
    total = xp.sum(terms)
    if reduction != "sum":
        # Of nothing that counts there is no mean: 0 / 0 is nan.
        total = xp.divide(total, count if hasattr(count, "dtype") else xp.full_like(total, float(count)))
    return xp.astype(total, dtype)


def _product(x: Any, weight: Any) -> Any:
    """Multiply; an infinity that has weight 0 adds nothing."""
    return xp.multiply(xp.where(xp.logical_and(xp.isinf(x), xp.equal(weight, 0.0)), 0.0, x), weight)


def _magnitude(x: Any) -> Any:
    """Give abs(x) with the slope 1 at 0, where that of abs is 0 in some libraries."""
    return xp.where(xp.less(x, 0.0), xp.negative(x), x)


def _looked_up(rows: Any, target: Any, along: int, weight: Any, ignore_index: int) -> tuple[Any, Any, Any]:
    """Give what stands at the labels, nan where there is no such class; which labels count; and the weights of their classes."""
    counted = xp.not_equal(target, ignore_index)
    inside = xp.logical_and(xp.greater_equal(target, 0), xp.less(target, rows.shape[along]))
    places = xp.where(xp.logical_and(counted, inside), target, 0)
    found = xp.take_along_axis(rows, xp.expand_dims(places, axis=along), axis=along)
    found = widened(xp.squeeze(found, axis=along))
    if weight is None:
        owned = xp.ones_like(found)
    else:
        owned = xp.reshape(xp.take(weight, xp.reshape(places, (-1,)), axis=0), places.shape)
    return xp.where(inside, found, math.nan), counted, xp.where(counted, owned, 0.0)


@op(
    dtypes="real floating-point",
    same="conditioned",
    bound="(64 + n / 256) * eps * scale",
    requires=_categories,
    checks=("labels", "nan"),
)
def cross_entropy(
    x: A,
    target: A,
    /,
    *,
    axis: int = -1,
    weight: A | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> A:
    """Negative logarithms of the probabilities that scores give to the classes that were wanted.

    Parameters
    ----------
    x : array, at least one axis, real floating-point dtype
        Scores, of which `softmax` would make probabilities; they need not be normalised.
    target : array, shape of x without the axis, integer dtype; or shape of x, dtype of x
        The wanted classes, counted from 0; or the probabilities of all classes.
    axis : int, default -1
        Axis of the classes.
    weight : array, one-dimensional, dtype of x, optional
        Factor for each class.
    ignore_index : int, default -100
        Label that does not count; the loss there is 0, and so is the gradient.
    reduction : {"mean", "sum", "none"}, default "mean"
        Whether to give one number or one for each row of scores.
    label_smoothing : float, default 0.0
        Share of each row that is spread evenly over all classes.

    Returns
    -------
    array, zero-dimensional, or shape of x without the axis where ``reduction`` is "none"; dtype of x, device of x
        ``log(sum(exp(x))) - x[target]`` times the weight of the class; with probabilities the sum of such terms over the classes. The
        mean divides by the sum of the weights of the labels that count; with probabilities by the number of rows.

    Raises
    ------
    UnknownArrayError
        ``x`` or ``target`` is not an array of a known backend.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    ShapeError
        The shapes do not fit: that of integer labels is that of x without the axis, that of probabilities the one of x.
    DTypeError
        ``target`` is neither of an integer dtype nor of that of ``x``.
    ArgumentError
        ``label_smoothing`` is outside of [0, 1], or ``reduction`` not one of the three words.

    Notes
    -----
    Accuracy: within ``(64 + n / 256) * eps * scale`` of the true result, for n scores; ``scale`` is 1 plus the difference of the
    largest and the smallest score of a row, times its weights, and then summed or averaged as the result is. No exponential overflows,
    and a class of probability 0 or weight 0 adds 0, however low its score; 16 bits are computed in 32 and rounded once.
    A label that is no class makes nan, and inside `accel.checked` an OutOfBoundsError. The mean of no labels is nan.
    Overflow: none but of terms and sums that are beyond the dtype.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        nn.cross_entropy(floats([highest, lowest]), int64(0)) -> floats(0.0)  # the largest numbers
        nn.cross_entropy(floats([0.0, -inf]), floats([1.0, 0.0])) -> floats(0.0)  # probability 0 of what cannot be
        nn.cross_entropy(floats([[1.0], [2.0]]), int64([0, -100]), reduction="none") -> floats([0.0, 0.0])  # ignored
        nn.cross_entropy(floats([[1.0]]), int64([-100])) -> floats(nan); checked raises NaNError  # nothing counts
        nn.cross_entropy(floats([[1.0], [2.0]]), int64([0, 7]), reduction="none") ->
            floats([0.0, nan]); checked raises OutOfBoundsError  # no such class

    References
    ----------
    C. Szegedy et al., Rethinking the Inception architecture for computer vision, CVPR (2016), section 7, for label smoothing; the
    logarithm of the sum as P. Blanchard, D. J. Higham, N. J. Higham, Accurately computing the log-sum-exp and softmax functions, IMA J.
    Numer. Anal. 41 (2021).

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nn.cross_entropy(numpy.asarray([[0.0, 100.0], [100.0, 0.0]]), numpy.asarray([1, 1]))
    array(50.)
    """
    along = axis % x.ndim
    w = widened(x)
    classes = w.shape[along]
    top = xp.max(w, axis=along, keepdims=True)
    scores = xp.subtract(w, xp.where(xp.equal(top, -xp.inf), 0.0, top))
    total = xp.sum(xp.exp(scores), axis=along, keepdims=True)
    log_total = xp.log(xp.where(xp.equal(total, 0.0), 1.0, total))
    shares = None if weight is None else widened(weight)
    # One weight for each class, lying along its axis.
    column = None if shares is None else xp.reshape(shares, (-1, *(1 for _ in range(x.ndim - along - 1))))

    if not xp.isdtype(target.dtype, "integral"):
        wanted = widened(target)
        if label_smoothing:
            wanted = xp.add(xp.multiply(wanted, 1.0 - label_smoothing), label_smoothing / classes)
        terms = _product(xp.subtract(log_total, scores), wanted)
        terms = xp.sum(terms if column is None else _product(terms, column), axis=along)
        return _reduced(terms, reduction, math.prod(terms.shape), x.dtype)

    found, counted, owned = _looked_up(scores, target, along, shares, ignore_index)
    terms = _product(xp.subtract(xp.squeeze(log_total, axis=along), found), owned)
    if label_smoothing:
        spread = xp.subtract(log_total, scores)
        spread = xp.sum(spread if column is None else _product(spread, column), axis=along)
        # A share of 0 leaves of a loss whether it is a number.
        rest = (
            xp.where(xp.isnan(terms), terms, 0.0)
            if label_smoothing == 1
            else xp.multiply(terms, 1.0 - label_smoothing)
        )
        terms = xp.add(rest, xp.multiply(spread, label_smoothing / classes))
    terms = xp.where(counted, terms, 0.0)
    return _reduced(terms, reduction, xp.sum(owned), x.dtype)


def _logarithms(
    x: Any,
    target: Any,
    /,
    *,
    axis: Any = -1,
    weight: Any = None,
    ignore_index: Any = -100,
    reduction: Any = "mean",
) -> None:
    along = _classes(x, axis, weight, reduction)
    requirement.integral(target=target)
    _labels(x, target, along, ignore_index)


@op(
    dtypes="real floating-point",
    same="conditioned",
    bound="(64 + n / 256) * eps * scale",
    requires=_logarithms,
    checks=("labels", "nan"),
)
def nll_loss(
    x: A,
    target: A,
    /,
    *,
    axis: int = -1,
    weight: A | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> A:
    """Negative logarithms of the probabilities of the classes that were wanted.

    Parameters
    ----------
    x : array, at least one axis, real floating-point dtype
        Logarithms of probabilities, as of `log_softmax`.
    target : array, shape of x without the axis, integer dtype
        The wanted classes, counted from 0.
    axis : int, default -1
        Axis of the classes.
    weight : array, one-dimensional, dtype of x, optional
        Factor for each class.
    ignore_index : int, default -100
        Label that does not count; the loss there is 0, and so is the gradient.
    reduction : {"mean", "sum", "none"}, default "mean"
        Whether to give one number or one for each label.

    Returns
    -------
    array, zero-dimensional, or shape of target where ``reduction`` is "none"; dtype of x, device of x
        ``-x[target]`` times the weight of the class. The mean divides by the sum of the weights of the labels that count.

    Raises
    ------
    UnknownArrayError
        ``x`` or ``target`` is not an array of a known backend.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    ShapeError
        The shape of ``target`` is not that of ``x`` without the axis.
    DTypeError
        ``target`` is not of an integer dtype, or ``x`` not of a real floating-point one.
    ArgumentError
        ``reduction`` is not one of the three words.

    Notes
    -----
    Accuracy: within ``(64 + n / 256) * eps * scale`` of the true result, for n logarithms; ``scale`` is the largest weight times the
    sum of their magnitudes at the labels, or their mean or one of them, as the result is. 16 bits are computed in 32 and rounded once.
    A label that is no class makes nan, and inside `accel.checked` an OutOfBoundsError. The mean of no labels is nan.
    Cost: O(labels), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        nn.nll_loss(floats([[-1.0], [-2.0]]), int64([0, -100]), reduction="none") -> floats([1.0, 0.0])  # ignored
        nn.nll_loss(floats([-inf, 0.0]), int64(0)) -> floats(inf)  # what cannot be
        nn.nll_loss(floats([[1.0], [2.0]]), int64([0, 7]), reduction="none") ->
            floats([-1.0, nan]); checked raises OutOfBoundsError  # no such class

    References
    ----------
    C. M. Bishop, Pattern Recognition and Machine Learning (2006), section 4.3.4.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nn.nll_loss(numpy.asarray([[-2.0, -0.5], [-1.0, -3.0]]), numpy.asarray([0, 1]))
    array(2.5)
    """
    shares = None if weight is None else widened(weight)
    found, counted, owned = _looked_up(x, target, axis % x.ndim, shares, ignore_index)
    terms = xp.where(counted, _product(xp.negative(found), owned), 0.0)
    return _reduced(terms, reduction, xp.sum(owned), x.dtype)


def _pairs(x: Any, target: Any, /, *, reduction: Any = "mean") -> None:
    requirement.floating(x=x, target=target)
    requirement.alike(x=x, target=target)
    requirement.shaped(x, target=target)
    requirement.choice("mean", "sum", "none", reduction=reduction)


@op(
    dtypes="real floating-point",
    same="conditioned",
    bound="(64 + n / 256) * eps * abs(y)",
    requires=_pairs,
    checks=("nan",),
)
def mse_loss(x: A, target: A, /, *, reduction: str = "mean") -> A:
    """Squares of the differences.

    Parameters
    ----------
    x : array, any shape, real floating-point dtype
        Predictions.
    target : array, shape of x, dtype of x
        What was wanted.
    reduction : {"mean", "sum", "none"}, default "mean"
        Whether to give one number or one for each element.

    Returns
    -------
    array, zero-dimensional, or shape of x where ``reduction`` is "none"; dtype of x, device of x
        ``(x - target)**2``. The mean of no elements is nan.

    Raises
    ------
    UnknownArrayError
        ``x`` or ``target`` is not an array of a known backend.
    ShapeError
        The shapes differ: nothing is broadcast, as that would hide a forgotten axis.
    DTypeError
        ``x`` and ``target`` are not of one real floating-point dtype.
    ArgumentError
        ``reduction`` is not one of the three words.

    Notes
    -----
    Accuracy: within ``(64 + n / 256) * eps * abs(y)`` of the true result ``y``, for n elements; 16 bits are computed in 32 and rounded
    once.
    Overflow: none but of terms and sums that are beyond the dtype.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        nn.mse_loss(floats([inf, 1.0]), floats([inf, 3.0]), reduction="none") -> floats([nan, 4.0])  # infinities

    References
    ----------
    C. F. Gauss, Theoria combinationis observationum erroribus minimis obnoxiae (1823).

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nn.mse_loss(numpy.asarray([1.0, 2.0]), numpy.asarray([3.0, 2.0]))
    array(2.)
    """
    terms = xp.square(xp.subtract(widened(x), widened(target)))
    return _reduced(terms, reduction, math.prod(x.shape), x.dtype)


@op(
    dtypes="real floating-point",
    same="conditioned",
    bound="(64 + n / 256) * eps * abs(y)",
    requires=_pairs,
    checks=("nan",),
)
def mae_loss(x: A, target: A, /, *, reduction: str = "mean") -> A:
    """Magnitudes of the differences.

    Parameters
    ----------
    x : array, any shape, real floating-point dtype
        Predictions.
    target : array, shape of x, dtype of x
        What was wanted.
    reduction : {"mean", "sum", "none"}, default "mean"
        Whether to give one number or one for each element.

    Returns
    -------
    array, zero-dimensional, or shape of x where ``reduction`` is "none"; dtype of x, device of x
        ``abs(x - target)``. The mean of no elements is nan.

    Raises
    ------
    UnknownArrayError
        ``x`` or ``target`` is not an array of a known backend.
    ShapeError
        The shapes differ: nothing is broadcast, as that would hide a forgotten axis.
    DTypeError
        ``x`` and ``target`` are not of one real floating-point dtype.
    ArgumentError
        ``reduction`` is not one of the three words.

    Notes
    -----
    Accuracy: within ``(64 + n / 256) * eps * abs(y)`` of the true result ``y``, for n elements; 16 bits are computed in 32 and rounded
    once.
    Overflow: none but of terms and sums that are beyond the dtype.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        nn.mae_loss(floats([inf, 1.0]), floats([0.0, 3.0]), reduction="none") -> floats([inf, 2.0])  # infinities

    References
    ----------
    P. J. Huber, Robust Statistics (1981), section 1.1.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nn.mae_loss(numpy.asarray([1.0, 2.0]), numpy.asarray([3.0, 2.0]))
    array(1.)
    """
    terms = xp.abs(xp.subtract(widened(x), widened(target)))
    return _reduced(terms, reduction, math.prod(x.shape), x.dtype)


def _bent(x: Any, target: Any, /, *, delta: Any = 1.0, reduction: Any = "mean") -> None:
    _pairs(x, target, reduction=reduction)
    requirement.number(0, math.inf, closed="neither", delta=delta)


@op(
    dtypes="real floating-point",
    same="conditioned",
    bound="(64 + n / 256) * eps * abs(y)",
    requires=_bent,
    checks=("nan",),
)
def huber_loss(x: A, target: A, /, *, delta: float = 1.0, reduction: str = "mean") -> A:
    """Squares of small differences, and magnitudes of large ones.

    Parameters
    ----------
    x : array, any shape, real floating-point dtype
        Predictions.
    target : array, shape of x, dtype of x
        What was wanted.
    delta : float, default 1.0
        The difference from which on it counts by its magnitude.
    reduction : {"mean", "sum", "none"}, default "mean"
        Whether to give one number or one for each element.

    Returns
    -------
    array, zero-dimensional, or shape of x where ``reduction`` is "none"; dtype of x, device of x
        ``d**2 / 2`` where ``d = abs(x - target)`` is at most ``delta``, else ``delta * (d - delta / 2)``.

    Raises
    ------
    UnknownArrayError
        ``x`` or ``target`` is not an array of a known backend.
    ShapeError
        The shapes differ: nothing is broadcast, as that would hide a forgotten axis.
    DTypeError
        ``x`` and ``target`` are not of one real floating-point dtype.
    ArgumentError
        ``reduction`` is not one of the three words, or ``delta`` not a finite number above 0.

    Notes
    -----
    Accuracy: within ``(64 + n / 256) * eps * abs(y)`` of the true result ``y``, for n elements; 16 bits are computed in 32 and rounded
    once.
    Overflow: none but of terms and sums that are beyond the dtype.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        nn.huber_loss(floats([inf, 1.0]), floats([0.0, 3.0]), reduction="none") -> floats([inf, 1.5])  # infinities
        nn.huber_loss(floats(highest), floats(0.0), delta=0.5) -> floats(highest / 2)  # no square overflows

    References
    ----------
    P. J. Huber, Robust estimation of a location parameter, Ann. Math. Statist. 35 (1964).

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nn.huber_loss(numpy.asarray([1.0, 2.0]), numpy.asarray([3.0, 1.0]))
    array(1.)
    """
    far = xp.abs(xp.subtract(widened(x), widened(target)))
    near = xp.minimum(far, delta)
    terms = xp.add(xp.multiply(near, xp.multiply(near, 0.5)), xp.multiply(xp.subtract(far, near), delta))
    return _reduced(terms, reduction, math.prod(x.shape), x.dtype)


def _divergent(x: Any, target: Any, /, *, log_target: Any = False, reduction: Any = "mean") -> None:
    requirement.choice("mean", "batchmean", "sum", "none", reduction=reduction)
    _pairs(x, target)
    requirement.flag(log_target=log_target)
    if reduction == "batchmean":
        requirement.dimensions(1, x=x)


@op(
    dtypes="real floating-point",
    same="conditioned",
    bound="(64 + n / 256) * eps * scale",
    requires=_divergent,
    checks=("nan",),
)
def kl_div(x: A, target: A, /, *, log_target: bool = False, reduction: str = "mean") -> A:
    """How far a distribution is from one that was wanted, after Kullback and Leibler.

    Parameters
    ----------
    x : array, any shape, real floating-point dtype
        Logarithms of probabilities, as of `log_softmax`.
    target : array, shape of x, dtype of x
        The wanted probabilities, or their logarithms where ``log_target`` is True.
    log_target : bool, default False
        Whether ``target`` holds logarithms, too.
    reduction : {"mean", "batchmean", "sum", "none"}, default "mean"
        Whether to give one number or one for each element; "batchmean" is the sum divided by the length of the first axis.

    Returns
    -------
    array, zero-dimensional, or shape of x where ``reduction`` is "none"; dtype of x, device of x
        ``target * (log(target) - x)``, and 0 where ``target`` is 0. Their sum over a distribution is its divergence.

    Raises
    ------
    UnknownArrayError
        ``x`` or ``target`` is not an array of a known backend.
    ShapeError
        The shapes differ: nothing is broadcast, as that would hide a forgotten axis.
    DTypeError
        ``x`` and ``target`` are not of one real floating-point dtype.
    ArgumentError
        ``reduction`` is not one of the four words.

    Notes
    -----
    Accuracy: within ``(64 + n / 256) * eps * scale`` of the true result, for n elements; ``scale`` is the sum or the mean of
    ``target * (abs(log(target)) + abs(x) + 1)``, or that of one element, as the result is. 16 bits are computed in 32 and rounded once.
    Overflow: none but of terms and sums that are beyond the dtype.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        nn.kl_div(floats([-inf, 0.0]), floats([0.0, 1.0]), reduction="none") -> floats([0.0, 0.0])  # what cannot be
        nn.kl_div(floats([-inf, 0.0]), floats([-inf, 0.0]), log_target=True, reduction="none") ->
            floats([0.0, 0.0])  # what cannot be, by logarithms

    References
    ----------
    S. Kullback, R. A. Leibler, On information and sufficiency, Ann. Math. Statist. 22 (1951).

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nn.kl_div(numpy.asarray([-1.0, -2.0]), numpy.asarray([1.0, 0.0]), reduction="sum")
    array(1.)
    """
    w, wanted = widened(x), widened(target)
    if log_target:
        shares = xp.exp(wanted)
        logs = xp.where(xp.equal(wanted, -xp.inf), 0.0, wanted)
    else:
        shares = wanted
        logs = xp.log(xp.where(xp.equal(wanted, 0.0), 1.0, wanted))
    terms = _product(xp.subtract(logs, w), shares)
    count = x.shape[0] if reduction == "batchmean" else math.prod(x.shape)
    return _reduced(terms, reduction, count, x.dtype)


def _binary(
    x: Any, target: Any, /, *, weight: Any = None, pos_weight: Any = None, reduction: Any = "mean"
) -> None:
    _pairs(x, target, reduction=reduction)
    requirement.floating(weight=weight, pos_weight=pos_weight)
    requirement.alike(x=x, weight=weight, pos_weight=pos_weight)
    requirement.broadcast(x.shape, weight=weight, pos_weight=pos_weight)


@op(
    dtypes="real floating-point",
    same="conditioned",
    bound="(64 + n / 256) * eps * scale",
    requires=_binary,
    checks=("nan",),
)
def binary_cross_entropy_with_logits(
    x: A,
    target: A,
    /,
    *,
    weight: A | None = None,
    pos_weight: A | None = None,
    reduction: str = "mean",
) -> A:
    """Negative logarithms of the probabilities that scores give to one of two classes.

    Parameters
    ----------
    x : array, any shape, real floating-point dtype
        Scores, of which `sigmoid` would make probabilities of the second class.
    target : array, shape of x, dtype of x
        The wanted probabilities of the second class, from 0 to 1.
    weight : array, shape that broadcasts to that of x, dtype of x, optional
        Factor for each element.
    pos_weight : array, shape that broadcasts to that of x, dtype of x, optional
        Factor for what ``target`` gives to the second class.
    reduction : {"mean", "sum", "none"}, default "mean"
        Whether to give one number or one for each element.

    Returns
    -------
    array, zero-dimensional, or shape of x where ``reduction`` is "none"; dtype of x, device of x
        ``pos_weight * target * log(1 + exp(-x)) + (1 - target) * log(1 + exp(x))``, times ``weight``.

    Raises
    ------
    UnknownArrayError
        ``x`` or ``target`` is not an array of a known backend.
    ShapeError
        The shapes of ``x`` and ``target`` differ: nothing is broadcast, as that would hide a forgotten axis. Or those of the
        weights do not broadcast to it.
    DTypeError
        ``x``, ``target`` and the weights are not of one real floating-point dtype.
    ArgumentError
        ``reduction`` is not one of the three words.

    Notes
    -----
    Accuracy: within ``(64 + n / 256) * eps * scale`` of the true result, for n elements; ``scale`` is the result of the magnitudes of
    the two products, which is the result itself for targets from 0 to 1 and weights that are not negative. 16 bits are computed in 32
    and rounded once.
    Overflow: none but of terms and sums that are beyond the dtype.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        nn.binary_cross_entropy_with_logits(floats([inf, -inf]), floats([1.0, 0.0])) -> floats(0.0)  # certain and right
        nn.binary_cross_entropy_with_logits(floats([highest, lowest]), floats([0.0, 1.0]), reduction="none") ->
            floats([highest, highest])  # certain and wrong

    References
    ----------
    C. M. Bishop, Pattern Recognition and Machine Learning (2006), section 4.3.2.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nn.binary_cross_entropy_with_logits(numpy.asarray([1000.0, 1000.0]), numpy.asarray([0.0, 1.0]))
    array(500.)
    """
    w, wanted = widened(x), widened(target)
    rest = xp.log1p(xp.exp(xp.negative(_magnitude(w))))
    first, second = xp.subtract(1.0, wanted), wanted
    if pos_weight is not None:
        second = _product(second, widened(pos_weight))
        rest = xp.multiply(rest, xp.add(first, second))
    # Of the two logarithms one is the magnitude of the score more than the other.
    terms = xp.add(rest, _product(_magnitude(w), xp.where(xp.less(w, 0.0), second, first)))
    if weight is not None:
        terms = _product(terms, widened(weight))
    return _reduced(terms, reduction, math.prod(x.shape), x.dtype)
