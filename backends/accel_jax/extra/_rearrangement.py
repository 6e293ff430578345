"""Rearrangement on JAX."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from accel.extra.rearrangement import widths
from accel_jax._promotion import NARROW, SCALARS, cast, scalar
from accel_jax._x64 import wide

__all__ = ["pad"]


@wide(keeps=NARROW, static=("frame",))
def _framed(x: Any, value: Any, /, *, frame: Any) -> Any:
    return jnp.pad(x, frame, constant_values=cast(value, x.dtype)) if frame else x


@wide(keeps=NARROW, static=("frame", "mode"))
def _repeated(x: Any, /, *, frame: Any, mode: str) -> Any:
    return jnp.pad(x, frame, mode) if frame else x


# The composition gathers element by element.
def pad(x: Any, /, pad_width: Any, *, mode: str = "constant", constant_values: Any = 0) -> Any:
    frame, value = widths(x, pad_width), constant_values
    if mode != "constant":
        return _repeated(x, frame=frame, mode=mode)
    if type(value) in SCALARS:
        value = scalar(bool(value) if x.dtype == bool else value, x.dtype)
    return _framed(x, value, frame=frame)
