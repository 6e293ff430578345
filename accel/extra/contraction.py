"""Contraction: sums of products over indices that a string names."""

from __future__ import annotations

from typing import Any, Literal

import accel as xp
import accel.requirement as requirement
from accel.composition import widened
from accel.dispatch import op
from accel.extra.plan import Functions, carried_out, planned
from accel.typing import A

__all__ = ["einsum"]


_numeric: set[Any] = set()
"""Dtypes that were found to be numeric: to ask each time would cost as much as a small product."""


# What is wrong with the subscripts the plan finds out, which every backend makes first.
def _summed(subscripts: Any, /, *operands: Any, optimize: Any = True) -> None:
    for i, x in enumerate(operands):
        if x.dtype not in _numeric:
            requirement.numeric(**{f"operands[{i}]": x})
            _numeric.add(x.dtype)


def _diagonal(x: Any, a: int, b: int) -> Any:
    rest = [axis for axis in range(x.ndim) if axis not in (a, b)]
    return xp.linalg.diagonal(xp.permute_dims(x, (*rest, a, b)))


def _vecdot(x1: Any, x2: Any) -> Any:
    if xp.isdtype(x1.dtype, "complex floating"):
        x1 = xp.conj(x1)
    return xp.vecdot(x1, x2)


FUNCTIONS = Functions(
    diagonal=_diagonal,
    matmul=lambda x1, x2: xp.matmul(x1, x2),
    multiply=lambda x1, x2: xp.multiply(x1, x2),
    permute_dims=lambda x, axes: xp.permute_dims(x, axes),
    reshape=lambda x, shape: xp.reshape(x, shape),
    sum=lambda x, axes: xp.sum(x, axis=axes, dtype=x.dtype),
    vecdot=_vecdot,
)


@op(
    dtypes="numeric",
    same="conditioned",
    bound="(n + K) * eps * einsum(subscripts, *map(abs, operands))",
    requires=_summed,
    checks=("kinds", "nan"),
)
def einsum(subscripts: str, /, *operands: A, optimize: bool | Literal["greedy", "optimal"] = True) -> A:
    """Sum of products of elements, over the indices that a string names and leaves out of the result.

    Parameters
    ----------
    subscripts : str
        A letter for each axis of each operand, with commas between the operands, and the letters of the result after ``->``, as in
        ``"bij,bjk->bik"``. A letter that stands twice in one operand takes the diagonal; ``...`` stands for further axes, which
        broadcast. Without ``->`` the result has the axes of the ellipsis, then the letters that stand once, in alphabetical order.
    *operands : array, numeric dtype
        Factors.
    optimize : {True, False, "greedy", "optimal"}, default True
        In which order to multiply more than two operands: the best order of all for up to seven operands, and for more of them what
        the package opt_einsum finds, if it is installed, or else the one that keeps the results small; False goes from left to right.

    Returns
    -------
    array, axes in the order of the result's letters, dtype result_type(*operands), device of the operands
        Sums of products. It may share memory with an operand where nothing is to be computed; write to neither.

    Raises
    ------
    UnknownArrayError
        An operand is not an array of a known backend; lists are refused, see `accel.asarray`.
    MixedBackendsError
        The arrays belong to different backends; `accel.to_device` moves one to the other.
    ShapeError
        A letter stands for two lengths, or an operand has not as many axes as letters.
    ArgumentError
        The string names another number of operands, the result has a letter twice or one that no operand has, or a character is none
        that the string may hold; or ``optimize`` is none of the four.
    DTypeError
        An operand is boolean.
    PrecisionError
        64-bit data are traced by a transform that does not keep their width; work inside `accel.x64`.

    Notes
    -----
    Accuracy: within ``(n + K) * eps * einsum(subscripts, *map(abs, operands))`` of the true result, for n operands and sums of K
    products. Integers are exact, and wrap. 16 bits are computed with in float32 and rounded once. float32 keeps its full precision on
    every device, unless `accel.matmul_precision` gives some of it away.
    Cost: that of the products of two arrays, each of which is one multiplication of stacks of matrices. Their order is chosen once for
    each string and set of shapes and kept. No device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        extra.einsum("ii", float64([[1.0, 2.0], [3.0, 4.0]])) -> float64(5.0)  # the trace
        extra.einsum("ij,j", float64([[1.0, 2.0]]), float64([1.0, 10.0])) -> float64([21.0])  # no arrow
        extra.einsum("i,i", int8([100, 1]), int8([2, 1])) -> int8(-55)  # integers wrap
        extra.einsum("...i,...i", float64([[1.0, 2.0], [3.0, 4.0]]), float64([1.0, 1.0])) ->
            float64([3.0, 7.0])  # an ellipsis broadcasts
        extra.einsum("i,j", int32([1]), float32([0.5])) -> float64([[0.5]])  # mixed kinds
        extra.einsum("i,i", float64([1.0, 2.0]), float64([1.0])) -> raises ShapeError  # letters do not broadcast

    References
    ----------
    A. Einstein, Die Grundlage der allgemeinen Relativitätstheorie, Annalen der Physik 49 (1916), §5. D. G. A. Smith, J. Gray, opt_einsum
    - A Python package for optimizing contraction order for einsum-like expressions, J. Open Source Softw. 3 (2018). N. J. Higham, Accuracy and
    Stability of Numerical Algorithms, 2nd edition, SIAM 2002, chapter 3 (the bound).

    Examples
    --------
    >>> import numpy, accel
    >>> x = numpy.asarray([[1.0, 2.0], [3.0, 4.0]])
    >>> accel.extra.einsum("ij,j->i", x, numpy.asarray([1.0, 10.0]))
    array([21., 43.])
    >>> float(accel.extra.einsum("ij,ij->", x, x))
    30.0
    """
    plan = planned(subscripts, optimize, tuple([x.shape for x in operands]))
    dtype = xp.result_type(*operands)
    cast = tuple(widened(x if x.dtype == dtype else xp.astype(x, dtype)) for x in operands)
    return xp.astype(carried_out(plan, cast, FUNCTIONS), dtype, copy=False)
