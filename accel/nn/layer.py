"""Layers: products with weights, rows of a table, and numbers left out at random."""

from __future__ import annotations

from typing import Any

import accel as xp
import accel.random.demand as demand
import accel.requirement as requirement
from accel.composition import together
from accel.dispatch import op
from accel.errors import AxisError, ShapeError
from accel.typing import A, DTypeLike

__all__ = [
    "dropout",
    "embedding",
    "linear",
    "one_hot",
]


def _dropping(x: Any, rate: Any, key: Any, /) -> None:
    requirement.floating(x=x)
    requirement.number(0, 1, closed="left", rate=rate)
    demand.secret(key)


def _looked_up(indices: Any, weight: Any, /) -> None:
    requirement.integral(indices=indices)
    requirement.dimensions(2, 2, weight=weight)
    if weight.shape[0] == 0 and 0 not in indices.shape:
        raise ShapeError(f"weight has shape {tuple(weight.shape)}, no row of which an index could name.")


def _product(x: Any, weight: Any, /, bias: Any = None) -> None:
    requirement.floating(x=x, weight=weight, bias=bias)
    requirement.dimensions(1, x=x)
    requirement.dimensions(2, 2, weight=weight)
    if x.shape[-1] != weight.shape[1]:
        raise ShapeError(
            f"x has {x.shape[-1]} features along its last axis and weight takes {weight.shape[1]}; weight has the shape "
            f"(out, in), which is {tuple(weight.shape)} here."
        )
    if bias is not None and tuple(bias.shape) != (weight.shape[0],):
        raise ShapeError(f"bias has shape {tuple(bias.shape)}, and {(weight.shape[0],)} is taken here.")


def _classes(indices: Any, num_classes: Any, /, *, dtype: Any = None, axis: Any = -1) -> None:
    requirement.integral(indices=indices)
    requirement.size(0, num_classes=num_classes)
    _new_axis(indices, axis)


def _new_axis(x: Any, asked: Any) -> int:
    """Give the place of an axis that is put in between those of x."""
    requirement.size(-(2**31), axis=asked)
    if not -x.ndim - 1 <= asked <= x.ndim:
        raise AxisError(f"axis {asked} is out of range for a result of {x.ndim + 1} dimensions.")
    return int(asked % (x.ndim + 1))


@op(
    dtypes="real floating-point",
    same="exact",
    requires=_dropping,
    checks=("reuse", "nan"),
)
def dropout(x: A, rate: float, key: A, /) -> A:
    """Numbers of which some, at random, are set to zero, and the others made larger in return.

    Parameters
    ----------
    x : array, any shape, real floating-point dtype
        Numbers.
    rate : float
        Which share is set to zero, in ``[0, 1)``.
    key : array
        A key of `accel.random`, which decides which ones. The same key leaves out the same numbers on every backend.

    Returns
    -------
    array, shape of x, dtype of x, device of x
        Zeros, and elsewhere the numbers times ``1 / (1 - rate)``, so that the expected values are those of x. x itself where the rate
        is 0. For inference do not call it.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is not of a real floating-point dtype, or ``key`` no key.
    ShapeError
        ``key`` is not one key.
    ArgumentError
        ``rate`` lies outside of ``[0, 1)``.
    KeyReuseError
        In checked mode: something was drawn from the key before.

    Notes
    -----
    A number is left out where 32 random bits of `accel.random.bits`, read as an integer, are less than ``rate * 2**32``, rounded.

    Accuracy: exact, the same bits on every backend.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    References
    ----------
    N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever, R. Salakhutdinov, Dropout: A Simple Way to Prevent Neural Networks from
    Overfitting, Journal of Machine Learning Research 15 (2014).

    Examples
    --------
    >>> import numpy, accel
    >>> key = accel.random.key(0, device="numpy")
    >>> y = accel.nn.dropout(numpy.ones(1000), 0.5, key)
    >>> sorted(set(y.tolist()))
    [0.0, 2.0]
    """
    if rate == 0:
        return x
    bits = xp.random.bits(key, tuple(x.shape), dtype=xp.uint32)
    stays = xp.greater_equal(bits, min(round(rate * 2**32), 2**32 - 1))
    (wide, dtype) = together(x)
    larger = xp.astype(xp.multiply(wide, 1 / (1 - rate)), dtype, copy=False)
    return xp.where(stays, larger, 0.0)


@op(dtypes="integer", same="exact", requires=_looked_up, checks=("bounds",))
def embedding(indices: A, weight: A, /) -> A:
    """Rows of a table, named by their indices.

    Parameters
    ----------
    indices : array, any shape, integer dtype
        Which rows. Negative ones count from the last.
    weight : array, shape (num, dim)
        The table.

    Returns
    -------
    array, shape ``(*indices.shape, dim)``, dtype of weight, device of weight
        The rows.

    Raises
    ------
    UnknownArrayError
        ``indices`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``indices`` are no integers.
    ShapeError
        ``weight`` has not two axes, or no rows where there are indices.
    OutOfBoundsError
        In checked mode: an index names no row. Elsewhere it gives what it gives in `accel.take`.

    Notes
    -----
    Accuracy: exact, the same bits on every backend.
    Cost: O(indices * dim), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        nn.embedding(int64([2]), float64([[1.0], [2.0]])) -> left open: NumPy raises, JAX fills with nan, CuPy wraps around to
            avoid waiting for the device; checked raises OutOfBoundsError  # index out of bounds
        nn.embedding(int64([-1]), float64([[1.0], [2.0]])) -> float64([[2.0]])  # negative index

    References
    ----------
    Y. Bengio, R. Ducharme, P. Vincent, C. Jauvin, A Neural Probabilistic Language Model, Journal of Machine Learning Research 3 (2003),
    where the table is called C.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nn.embedding(numpy.asarray([1, 0, 1]), numpy.asarray([[0.5, 1.0], [2.0, 3.0]]))
    array([[2. , 3. ],
           [0.5, 1. ],
           [2. , 3. ]])
    """
    return xp.take(weight, indices, axis=0)


@op(
    dtypes="real floating-point",
    same="conditioned",
    bound="(K + 1) * eps * (abs(x) @ abs(weight).T + abs(bias))",
    requires=_product,
    checks=("nan",),
)
def linear(x: A, weight: A, /, bias: A | None = None) -> A:
    """Product with the transpose of a matrix of weights, plus a bias.

    Parameters
    ----------
    x : array, shape (..., in), real floating-point dtype
        Features, with any number of axes before them.
    weight : array, shape (out, in), real floating-point dtype
        Weights: one row for each feature of the result.
    bias : array, optional, shape (out,), real floating-point dtype
        What is added.

    Returns
    -------
    array, shape (..., out), dtype to which those of the arrays promote, device of x
        ``x @ weight.T + bias``.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    ShapeError
        The shapes do not fit together.
    DTypeError
        An array is not of a real floating-point dtype.

    Notes
    -----
    Accuracy: within ``(K + 1) * eps * (abs(x) @ abs(weight).T + abs(bias))`` of the true result, where K features are taken
    together. float32 keeps its full precision everywhere, unless `accel.matmul_precision` gives some of it away; 16 bits are added
    in float32 and rounded once, after the bias.
    Cost: O(rows * in * out), one matrix product, no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        nn.linear(float64([[], []]), float64([[], [], []]), float64([1.0, 2.0, 3.0]))
            -> float64([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]])  # no features

    References
    ----------
    C. M. Bishop, Pattern Recognition and Machine Learning (2006), equation 5.2.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nn.linear(numpy.asarray([1.0, 10.0]), numpy.asarray([[1.0, 2.0], [0.0, 1.0]]), numpy.asarray([0.5, 0.0]))
    array([21.5, 10. ])
    """
    x, weight, bias, dtype = together(x, weight, bias)
    y = xp.matmul(x, xp.matrix_transpose(weight))
    if bias is not None:
        y = xp.add(y, bias)
    return xp.astype(y, dtype, copy=False)


@op(dtypes="integer", same="exact", requires=_classes, default="real floating")
def one_hot(indices: A, num_classes: int, /, *, dtype: DTypeLike | None = None, axis: int = -1) -> A:
    """Vectors that are 1 at an index and 0 elsewhere.

    Parameters
    ----------
    indices : array, any shape, integer dtype
        Where the ones are.
    num_classes : int
        Length of the vectors.
    dtype : dtype, optional
        That of the result; the default real floating-point dtype otherwise.
    axis : int, default -1
        The axis of the result along which the vectors lie.

    Returns
    -------
    array, shape of indices with ``num_classes`` put in at ``axis``, device of indices
        The vectors; all 0 for an index that is negative or not less than ``num_classes``.

    Raises
    ------
    UnknownArrayError
        ``indices`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    AxisError
        ``axis`` is outside ``[-N - 1, N]`` for indices of N axes.
    DTypeError
        ``indices`` are no integers.
    ShapeError
        ``num_classes`` is negative.
    ArgumentError
        ``num_classes`` or ``axis`` is no int.

    Notes
    -----
    PyTorch gives integers, and refuses indices out of range.

    Accuracy: exact, the same bits on every backend.
    Cost: O(indices * num_classes), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        nn.one_hot(int64([1, -1, 2]), 2, dtype=float32) -> float32([[0.0, 1.0], [0.0, 0.0], [0.0, 0.0]])  # index out of range

    References
    ----------
    C. M. Bishop, Pattern Recognition and Machine Learning (2006), section 4.1.2, "1-of-K coding scheme".

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nn.one_hot(numpy.asarray([2, 0]), 3, dtype=accel.int32)
    array([[0, 0, 1],
           [1, 0, 0]], dtype=int32)
    """
    along = _new_axis(indices, axis)
    # Classes of few bits could not be counted, and 64 bits are not everywhere; what wraps becomes negative, or stays too large.
    kind = indices.dtype if xp.iinfo(indices.dtype).bits == 64 else xp.int32
    ordinals = xp.arange(num_classes, dtype=kind, device=xp.device(indices))
    shape = tuple(num_classes if a == along else 1 for a in range(indices.ndim + 1))
    wanted = xp.expand_dims(xp.astype(indices, kind, copy=False), axis=along)
    return xp.astype(xp.equal(wanted, xp.reshape(ordinals, shape)), dtype)
