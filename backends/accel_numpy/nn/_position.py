"""Rotary embedding with the part of a turn in one integer."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from accel.dispatch import specs
from accel.nn.position import frequencies
from accel_numpy._blocks import blocks
from accel_numpy._summation import addition

__all__ = ["rotary_embedding"]

Array: TypeAlias = npt.NDArray[Any]


def _directions(positions: Array, dim: int, base: float, dtype: Any) -> tuple[Array, Array]:
    upper, middle, _ = frequencies(dim, base)
    steps = np.asarray([(a << 32) + b for a, b in zip(upper, middle, strict=True)], dtype=np.uint64)
    # A negative position in two's complement turns backwards by itself, and so does the upper half of a turn.
    turn = positions.astype(np.int64)[..., None].view(np.uint64) * steps
    angle = turn.view(np.int64).astype(dtype) * dtype.type(np.pi * 2.0**-63)
    return np.cos(angle), np.sin(angle)


# The composition has products of 32 bits alone, and makes an array in each step.
def rotary_embedding(
    x: Array,
    positions: Any = None,
    /,
    *,
    cos: Any = None,
    sin: Any = None,
    base: float = 10000.0,
    interleaved: bool = False,
) -> Array:
    dtype = x.dtype if cos is None else np.result_type(x, cos, sin)
    working = addition(dtype)
    half = x.shape[-1] // 2
    if x.size == 0:
        return np.empty(x.shape, dtype=dtype)
    if cos is None:
        if working == np.float64:  # 64 bits of a turn are too few
            body: Any = specs["nn.rotary_embedding"].function
            composed: Array = body(x, positions, base=base, interleaved=interleaved)
            return composed
        places = np.arange(x.shape[-2]) if positions is None else positions
        cos, sin = _directions(places, x.shape[-1], base, working)
    else:
        cos, sin = cos.astype(working, copy=False), sin.astype(working, copy=False)
    first, second = (
        (slice(0, None, 2), slice(1, None, 2)) if interleaved else (slice(half), slice(half, None))
    )
    out = np.empty(x.shape, dtype=dtype)
    length = x.shape[-2]
    given, to = (each.reshape(math.prod(x.shape[:-2]), *x.shape[-2:]) for each in (x, out))
    cos, sin = (_stacked(each, x.shape[:-2], length) for each in (cos, sin))
    with np.errstate(all="ignore"):
        for stack in blocks(len(given), length * x.shape[-1] * working.itemsize):
            for rows in blocks(length, (stack.stop - stack.start) * x.shape[-1] * working.itemsize):
                place = stack, rows
                part = given[place].astype(working, copy=False)
                angle = place if len(cos) > 1 else (slice(None), rows)
                a, b, c, s = part[..., first], part[..., second], cos[angle], sin[angle]
                one, other = a * c, b * s
                one -= other
                to[place][..., first] = one
                np.multiply(b, c, out=one)
                np.multiply(a, s, out=other)
                one += other
                to[place][..., second] = one
    return out


def _stacked(table: Array, front: tuple[int, ...], length: int) -> Array:
    """Give cosines or sines as (stacks, length, pairs), with one stack for all if they are the same in each."""
    half = table.shape[-1]
    if math.prod(table.shape[:-2]) == 1:
        return np.broadcast_to(table.reshape(-1, half), (length, half))[None]
    return np.broadcast_to(table, (*front, length, half)).reshape(-1, length, half)
