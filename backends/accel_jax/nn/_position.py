"""Rotary embedding with cosines and sines that are worked out once."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from accel.nn.position import directions
from accel_jax._promotion import FLOATS, WIDE, cast, opaque, result_type
from accel_jax._x64 import wide

__all__ = ["rotary_embedding"]


# The composition, compiled as a whole, works out each cosine anew for each head.
@wide(keeps=FLOATS - WIDE, static=("base", "interleaved"))
def _turned(x: Any, positions: Any, cos: Any, sin: Any, /, *, base: float, interleaved: bool) -> Any:
    dtype = result_type(x) if cos is None else result_type(x, cos, sin)
    working = np.dtype(np.float32) if dtype.itemsize == 2 else dtype
    if cos is None:
        if positions is None:
            positions = jnp.arange(x.shape[-2], dtype=np.int32)
        cos, sin = directions(positions, x.shape[-1], base, working)
    cos, sin = opaque((cast(cos, working), cast(sin, working)))
    half = x.shape[-1] // 2
    wider = cast(x, working)
    a, b = (wider[..., ::2], wider[..., 1::2]) if interleaved else (wider[..., :half], wider[..., half:])
    first, second = a * cos - b * sin, b * cos + a * sin
    if interleaved:
        y = jnp.stack([first, second], axis=-1).reshape(x.shape)
    else:
        y = jnp.concatenate([first, second], axis=-1)
    return cast(y, dtype)


def rotary_embedding(
    x: Any,
    positions: Any = None,
    /,
    *,
    cos: Any = None,
    sin: Any = None,
    base: float = 10000.0,
    interleaved: bool = False,
) -> Any:
    return _turned(x, positions, cos, sin, base=base, interleaved=interleaved)
