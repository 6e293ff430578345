"""Probabilities and their logarithms from scores: softmax and its relatives."""

from __future__ import annotations

from typing import Any

import accel as xp
import accel.requirement as requirement
from accel.composition import widened
from accel.dispatch import op
from accel.typing import A

__all__ = ["log_softmax", "softmax"]


def _along_axes(x: Any, /, *, axis: Any = -1, where: Any = None) -> None:
    requirement.floating(x=x)
    requirement.boolean(where=where)
    requirement.broadcast(x.shape, where=where)
    requirement.filled(x, requirement.axes(x, axis))


def _shifted(x: Any, axis: Any, where: Any) -> Any:
    """Subtract the largest score from those that count, and make the others -inf."""
    if where is not None:
        x = xp.where(where, x, -xp.inf)
    top = xp.max(x, axis=axis, keepdims=True)
    # Where no element counts the largest is -inf, and -inf - (-inf) would be nan.
    return xp.subtract(x, xp.where(xp.equal(top, -xp.inf), 0.0, top))


def _total(weights: Any, axis: Any) -> Any:
    """Add the exponentials of the scores; 1 where there are none, whose quotients and logarithm are 0."""
    total = xp.sum(weights, axis=axis, keepdims=True)
    return xp.where(xp.equal(total, 0.0), 1.0, total)


@op(
    dtypes="real floating-point",
    same="conditioned",
    bound="(16 + n / 256) * eps * (1 + width) * abs(y)",
    requires=_along_axes,
    checks=("nan",),
)
def softmax(x: A, /, *, axis: int | tuple[int, ...] | None = -1, where: A | None = None) -> A:
    """Exponentials of the elements, divided by their sum.

    Parameters
    ----------
    x : array, any shape, real floating-point dtype
        Scores.
    axis : int or tuple of ints or None, default -1
        Axes that are summed over; None means all.
    where : array, optional, shape that broadcasts to that of x, bool
        True where an element counts; the others get 0, and 0 as their gradient. An element of -inf does not count either.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        Numbers from 0 to 1 that sum to 1 along the axes; all 0 where no element counts.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    ShapeError
        There is no element along the axes, or ``where`` does not broadcast to the shape of ``x``.
    DTypeError
        ``x`` is not of a real floating-point dtype, or ``where`` not boolean.

    Notes
    -----
    Accuracy: within ``(16 + n / 256) * eps * (1 + width) * abs(y)`` of the true result ``y``, for n elements along the axes whose
    largest and smallest differ by ``width``. Nothing overflows: the largest score is subtracted first; 16 bits are computed in 32 and
    rounded once.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        nn.softmax(floats([-inf, 0.0, -inf])) -> floats([0.0, 1.0, 0.0])  # minus infinity does not count
        nn.softmax(floats([-inf, -inf])) -> floats([0.0, 0.0])  # nothing counts
        nn.softmax(floats([[1.0, 2.0], [3.0, 3.0]]), where=bool([[False], [True]])) ->
            floats([[0.0, 0.0], [0.5, 0.5]])  # nothing in a row counts
        nn.softmax(floats([nan, 2.0]), where=bool([False, True])) -> floats([0.0, 1.0])  # nan that does not count
        nn.softmax(floats([inf, 0.0])) -> floats([nan, nan])  # infinite score
        nn.softmax(floats([highest, lowest])) -> floats([1.0, 0.0])  # the largest numbers

    References
    ----------
    P. Blanchard, D. J. Higham, N. J. Higham, Accurately computing the log-sum-exp and softmax functions, IMA J. Numer. Anal. 41 (2021).

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nn.softmax(numpy.asarray([0.0, 0.0]))
    array([0.5, 0.5])
    """
    weights = xp.exp(_shifted(widened(x), axis, where))
    return xp.astype(xp.divide(weights, _total(weights, axis)), x.dtype)


@op(
    dtypes="real floating-point",
    same="conditioned",
    bound="(16 + n / 256) * eps * (1 + width)",
    requires=_along_axes,
    checks=("nan",),
)
def log_softmax(x: A, /, *, axis: int | tuple[int, ...] | None = -1, where: A | None = None) -> A:
    """Logarithms of what `softmax` gives.

    Parameters
    ----------
    x : array, any shape, real floating-point dtype
        Scores.
    axis : int or tuple of ints or None, default -1
        Axes that are summed over; None means all.
    where : array, optional, shape that broadcasts to that of x, bool
        True where an element counts; the others get -inf, and 0 as their gradient. An element of -inf does not count either.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        Numbers up to 0 whose exponentials sum to 1 along the axes; all -inf where no element counts.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    ShapeError
        There is no element along the axes, or ``where`` does not broadcast to the shape of ``x``.
    DTypeError
        ``x`` is not of a real floating-point dtype, or ``where`` not boolean.

    Notes
    -----
    Accuracy: within ``(16 + n / 256) * eps * (1 + width)`` of the true result, for n elements along the axes whose largest and
    smallest differ by ``width``. Nothing overflows but what is beyond the dtype: the largest score is subtracted first; 16 bits are
    computed in 32 and rounded once.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        nn.log_softmax(floats([-inf, 0.0, -inf])) -> floats([-inf, 0.0, -inf])  # minus infinity does not count
        nn.log_softmax(floats([-inf, -inf])) -> floats([-inf, -inf])  # nothing counts
        nn.log_softmax(floats([1.0, 2.0]), where=bool([False, False])) -> floats([-inf, -inf])  # all masked
        nn.log_softmax(floats([inf, 0.0])) -> floats([nan, nan])  # infinite score

    References
    ----------
    P. Blanchard, D. J. Higham, N. J. Higham, Accurately computing the log-sum-exp and softmax functions, IMA J. Numer. Anal. 41 (2021).

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nn.log_softmax(numpy.asarray([0.0, -1000.0]))
    array([    0., -1000.])
    """
    scores = _shifted(widened(x), axis, where)
    y = xp.subtract(scores, xp.log(_total(xp.exp(scores), axis)))
    return xp.astype(y, x.dtype)
