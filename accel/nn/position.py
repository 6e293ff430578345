"""Position: where an element stands in a sequence, put into its features."""

from __future__ import annotations

from decimal import Decimal, localcontext
from functools import lru_cache
from typing import Any

import accel as xp
import accel.requirement as requirement
from accel.composition import together
from accel.dispatch import op
from accel.errors import ArgumentError, ShapeError
from accel.typing import A

__all__ = ["rotary_embedding"]


def _rotary(
    x: Any,
    positions: Any = None,
    /,
    *,
    cos: Any = None,
    sin: Any = None,
    base: Any = 10000.0,
    interleaved: Any = False,
) -> None:
    requirement.floating(x=x, cos=cos, sin=sin)
    requirement.integral(positions=positions)
    requirement.dimensions(2, x=x)
    requirement.number(0, float("inf"), closed="neither", base=base)
    if x.shape[-1] % 2:
        raise ShapeError(f"x has {x.shape[-1]} features along its last axis, and pairs of them are turned.")
    if (cos is None) != (sin is None) or (cos is not None and positions is not None):
        raise ArgumentError("Give positions, or both cos and sin, or none of the three.")
    requirement.broadcast(tuple(x.shape[:-1]), positions=positions)
    half = (*x.shape[:-1], x.shape[-1] // 2)
    requirement.broadcast(half, cos=cos, sin=sin)


PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459")


@lru_cache(maxsize=64)
def frequencies(dim: int, base: float) -> tuple[tuple[int, ...], ...]:
    """Give how far each pair of features turns with one step, in turns: the first 96 bits after the point, 32 by 32.

    Parameters
    ----------
    dim : int
        Number of features.
    base : float
        The pair i turns by ``base**(-2 * i / dim)`` radians.

    Returns
    -------
    tuple of three tuples of dim / 2 ints
        The leading bits first.
    """
    with localcontext() as context:
        context.prec = 60
        steps = [Decimal(base) ** (Decimal(-2 * i) / Decimal(dim)) / (2 * PI) for i in range(dim // 2)]
        whole = [int((step % 1) * 2**96) for step in steps]
    return tuple(tuple((each >> shift) & 0xFFFFFFFF for each in whole) for shift in (64, 32, 0))


def _high(x: Any, y: Any) -> Any:
    """Give the upper half of the 64 bits of a product of uint32, which is made of products of 16 bits."""
    xh, xl = xp.bitwise_right_shift(x, 16), xp.bitwise_and(x, 0xFFFF)
    yh, yl = xp.bitwise_right_shift(y, 16), xp.bitwise_and(y, 0xFFFF)
    first = xp.add(xp.multiply(xh, yl), xp.bitwise_right_shift(xp.multiply(xl, yl), 16))
    second = xp.add(xp.multiply(xl, yh), xp.bitwise_and(first, 0xFFFF))
    carried = xp.add(xp.bitwise_right_shift(first, 16), xp.bitwise_right_shift(second, 16))
    return xp.add(xp.multiply(xh, yh), carried)


def directions(positions: Any, dim: int, base: float, dtype: Any) -> tuple[Any, Any]:
    """Give cosine and sine of the angles at some positions.

    The angle as a floating-point number of radians would lose a digit with each digit of the position. So the fraction of a turn is
    worked out in integers, modulo a whole turn.
    """
    device = xp.device(positions)
    steps = frequencies(dim, base)
    upper, middle, lower = (xp.asarray(list(words), dtype=xp.uint32, device=device) for words in steps)
    place = xp.expand_dims(positions, axis=-1)
    backwards = xp.less(place, 0) if xp.isdtype(place.dtype, "signed integer") else None
    if backwards is not None:
        place = xp.abs(place)
    place = xp.astype(place, xp.uint32, copy=False)
    part = xp.multiply(place, middle)
    fine = xp.add(part, _high(place, lower))
    carry = xp.astype(xp.less(fine, part), xp.uint32)
    turn = xp.add(xp.add(xp.multiply(place, upper), _high(place, middle)), carry)
    # The nearest whole turn is taken away, so that what is left is small.
    over = xp.greater_equal(turn, 2**31)
    if dtype == xp.float64:
        part = xp.subtract(xp.astype(turn, dtype), xp.astype(over, dtype) * 2.0**32)
        angle = (part + xp.astype(fine, dtype) * 2.0**-32) * (float(PI) * 2.0**-31)
        cos, sin = xp.cos(angle), xp.sin(angle)
    else:
        angle = xp.astype(xp.where(over, xp.subtract(xp.zeros_like(turn), turn), turn), dtype)
        angle = xp.multiply(angle, float(PI) * 2.0**-31)
        cos, sin = xp.cos(angle), xp.sin(angle)
        sin = xp.where(over, xp.negative(sin), sin)
    return cos, sin if backwards is None else xp.where(backwards, xp.negative(sin), sin)


@op(
    dtypes="real floating-point",
    same="conditioned",
    bound="8 * eps * (abs(x) + abs(partner))",
    requires=_rotary,
    checks=("nan",),
)
def rotary_embedding(
    x: A,
    positions: A | None = None,
    /,
    *,
    cos: A | None = None,
    sin: A | None = None,
    base: float = 10000.0,
    interleaved: bool = False,
) -> A:
    """Pairs of features turned by angles in proportion to their position, so products see the distance.

    Parameters
    ----------
    x : array, shape (..., length, dim), real floating-point dtype
        Queries or keys, with an even number of features.
    positions : array, optional, shape that broadcasts to (..., length), integer dtype
        Where each element stands, less than ``2**31`` from zero; 0, 1, 2 and so on otherwise.
    cos, sin : array, optional, shape that broadcasts to (..., length, dim / 2), real floating-point dtype
        Cosines and sines of angles of your own, in place of positions and base.
    base : float, default 10000.0
        The pair i is turned by ``position * base**(-2 * i / dim)`` radians.
    interleaved : bool, default False
        Whether the pair i is made of the features ``2 * i`` and ``2 * i + 1``, as in the paper, rather than of i and ``i + dim / 2``,
        as in the weights of most models.

    Returns
    -------
    array, shape of x, dtype of x or, with cos and sin, the one to which all promote, device of x
        ``a * cos - b * sin`` and ``b * cos + a * sin`` in place of each pair of a and b.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    ShapeError
        The number of features is odd, or another shape does not broadcast.
    DTypeError
        An array is not of a real floating-point dtype, or ``positions`` are no integers.
    ArgumentError
        ``base`` is no positive number, or ``cos`` and ``sin`` are not given together and without ``positions``.

    Notes
    -----
    Accuracy: within ``8 * eps * (abs(x) + abs(partner))`` of the true result, where ``partner`` is the other feature of the pair, at
    every position: the part of a turn is worked out in integers. Radians in float32 are off by 0.004 at position 100 000.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    References
    ----------
    J. Su, Y. Lu, S. Pan, A. Murtadha, B. Wen, Y. Liu, RoFormer: Enhanced Transformer with Rotary Position Embedding, arXiv:2104.09864
    (2021), equation 34.

    Examples
    --------
    >>> import numpy, accel
    >>> x = numpy.asarray([[1.0, 0.0], [1.0, 0.0]])
    >>> numpy.round(accel.nn.rotary_embedding(x), 4)
    array([[1.    , 0.    ],
           [0.5403, 0.8415]])
    """
    dim = x.shape[-1]
    half = dim // 2
    if cos is None or sin is None:
        wide, dtype = together(x)
        if positions is None:
            positions = xp.arange(x.shape[-2], dtype=xp.int32, device=xp.device(x))
        cos, sin = directions(positions, dim, base, wide.dtype)
    else:
        wide, cos, sin, dtype = together(x, cos, sin)
    a, b = (wide[..., ::2], wide[..., 1::2]) if interleaved else (wide[..., :half], wide[..., half:])
    first = xp.subtract(xp.multiply(a, cos), xp.multiply(b, sin))
    second = xp.add(xp.multiply(b, cos), xp.multiply(a, sin))
    if interleaved:
        y = xp.reshape(xp.stack([first, second], axis=-1), tuple(x.shape))
    else:
        y = xp.concat([first, second], axis=-1)
    return xp.astype(y, dtype, copy=False)
