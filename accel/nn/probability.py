"""Probabilities and their logarithms from scores: softmax and its relatives."""

from __future__ import annotations

from typing import Any

import accel as xp
import accel.requirement as requirement
from accel.dispatch import op
from accel.typing import A

__all__ = ["softmax"]


def _along_axes(x: Any, /, *, axis: Any = -1, where: Any = None) -> None:
    requirement.floating(x=x)
    requirement.boolean(where=where)
    requirement.filled(x, requirement.axes(x, axis))


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
        True where an element counts; the others get 0.

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
        There is no element along the axes.
    DTypeError
        ``x`` is not of a real floating-point dtype, or ``where`` not boolean.

    Notes
    -----
    Accuracy: within ``(16 + n / 256) * eps * (1 + width) * abs(y)`` of the true result ``y``, for n elements along the axes whose
    largest and smallest differ by ``width``. Nothing overflows: the largest score is subtracted first.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    References
    ----------
    P. Blanchard, D. J. Higham, N. J. Higham, Accurately computing the log-sum-exp and softmax functions, IMA J. Numer. Anal. 41 (2021).

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nn.softmax(numpy.asarray([0.0, 0.0]))
    array([0.5, 0.5])
    """
    if where is not None:
        x = xp.where(where, x, -xp.inf)
    top = xp.max(x, axis=axis, keepdims=True)
    # Where no element counts the largest is -inf, and -inf - (-inf) would be nan.
    weights = xp.exp(xp.subtract(x, xp.where(xp.equal(top, -xp.inf), 0.0, top)))
    total = xp.sum(weights, axis=axis, keepdims=True)
    return xp.divide(weights, xp.where(xp.equal(total, 0.0), 1.0, total))
