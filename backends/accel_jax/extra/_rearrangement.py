"""Rearrangement on JAX."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from accel.extra.rearrangement import widths
from accel_jax._promotion import NARROW, SCALARS, cast, scalar
from accel_jax._x64 import wide

__all__ = ["pad"]


@wide(keeps=NARROW, static=("frame", "mode"))
def _pad(x: Any, value: Any, /, *, frame: Any, mode: str) -> Any:
    if not frame:
        return x
    if mode == "constant":
        return jnp.pad(x, frame, mode, constant_values=cast(value, x.dtype))
    return jnp.pad(x, frame, mode)


# The composition gathers element by element.
def pad(x: Any, /, pad_width: Any, *, mode: str = "constant", constant_values: Any = 0) -> Any:
    value = constant_values
    if type(value) in SCALARS:
        value = scalar(bool(value) if x.dtype == bool else value, x.dtype)
    return _pad(x, value, frame=widths(x, pad_width), mode=mode)
