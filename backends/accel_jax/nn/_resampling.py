"""Interpolation: the composition with its places and shares as constants of one compiled function."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from accel.nn.resampling import Lengths, lengths, linear, nearest
from accel_jax._promotion import FLOATS, WIDE
from accel_jax._x64 import wide

__all__ = ["interpolate"]


@wide(keeps=FLOATS - WIDE, static=("wanted", "mode", "corners"))
def _interpolate(x: Any, /, *, wanted: Lengths, mode: str, corners: bool) -> Any:
    dtype = x.dtype
    if mode != "nearest" and dtype.itemsize == 2:
        x = lax.convert_element_type(x, np.float32)
    for axis, (count, scale) in enumerate(wanted, start=2):
        length = x.shape[axis]
        if count == length:
            continue
        if mode == "nearest":
            x = _taken(x, nearest(length, count, scale), axis)
            continue
        sample = linear(length, count, scale, corners)
        above = np.asarray(sample.share, dtype=x.dtype).reshape(-1, *(1,) * (x.ndim - axis - 1))
        x = _taken(x, sample.lower, axis) * (1 - above) + _taken(x, sample.upper, axis) * above
    return lax.convert_element_type(x, dtype)


def _taken(x: Any, places: tuple[int, ...], axis: int) -> Any:
    # All places are inside; JAX would look for negative ones otherwise.
    return jnp.take(x, np.asarray(places, dtype=np.int32), axis=axis, mode="clip")


# The composition is looked up anew for each call, which takes longer than small arrays do.
def interpolate(
    x: Any,
    /,
    *,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool = False,
) -> Any:
    wanted = lengths(x.shape[2:], size, scale_factor)
    return _interpolate(x, wanted=wanted, mode=mode, corners=align_corners)
