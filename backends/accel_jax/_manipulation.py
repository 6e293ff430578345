"""Moving elements about without changing them."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from accel.errors import ArgumentError, AxisError, ShapeError
from accel_jax._promotion import NARROW, cast, result_type
from accel_jax._x64 import wide

__all__ = [
    "axes_of",
    "axis_of",
    "broadcast_arrays",
    "concat",
    "expand_dims",
    "permute_dims",
    "promoted",
    "repeat",
    "reshape",
    "stack",
    "tile",
]


def axis_of(axis: int, ndim: int) -> int:
    """Read one axis, counted from either end."""
    if not -ndim <= axis < ndim:
        raise AxisError(f"The array has {ndim} axes; axis {axis} is none of them.")
    return axis % ndim


def axes_of(axes: Any, ndim: int) -> tuple[int, ...]:
    """Read an axis or several, each counted from either end, no two the same."""
    read = tuple(axis_of(axis, ndim) for axis in (axes if isinstance(axes, (tuple, list)) else (axes,)))
    if len(set(read)) != len(read):
        raise AxisError(f"The axes {axes} name one axis twice.")
    return read


def promoted(*arrays: Any) -> tuple[Any, ...]:
    """Cast arrays to the dtype that NumPy gives them together."""
    first = arrays[0].dtype
    if all(x.dtype == first for x in arrays):
        return arrays
    dtype = result_type(*arrays)
    return tuple(cast(x, dtype) for x in arrays)


# jnp.broadcast_arrays gives a list.
@wide(keeps=NARROW)
def broadcast_arrays(*arrays: Any) -> Any:
    return tuple(jnp.broadcast_arrays(*arrays))


# jnp.concat promotes by JAX's table.
@wide(keeps=NARROW, static=("axis",))
def concat(arrays: Any, /, *, axis: int | None = 0) -> Any:
    return jnp.concat(promoted(*arrays), axis=axis)


# jnp.expand_dims names no error of ours for a repeated or missing axis.
@wide(keeps=NARROW)
def expand_dims(x: Any, /, axis: Any) -> Any:
    count = len(axis) if isinstance(axis, (tuple, list)) else 1
    return jnp.expand_dims(x, axes_of(axis, x.ndim + count))


# jnp.moveaxis names no error of ours for an axis that is not there.
@wide(keeps=NARROW)
def moveaxis(x: Any, source: Any, destination: Any, /) -> Any:
    return jnp.moveaxis(x, axes_of(source, x.ndim), axes_of(destination, x.ndim))


# jnp.permute_dims refuses negative axes.
@wide(keeps=NARROW)
def permute_dims(x: Any, /, axes: Any) -> Any:
    return jnp.permute_dims(x, axes_of(axes, x.ndim))


# jnp.repeat gives a wrong length for negative repeats.
@wide(keeps=NARROW)
def repeat(x: Any, repeats: Any, /, *, axis: int | None = None) -> Any:
    if not isinstance(repeats, Tracer):
        repeats = np.asarray(repeats)
        if repeats.size and repeats.min() < 0:
            raise ArgumentError("repeat takes repeats of 0 and more.")
        repeats = int(repeats) if repeats.ndim == 0 else repeats
    return jnp.repeat(x, repeats, axis=axis)


@wide(keeps=NARROW, static=("shape",))
def _reshape(x: Any, /, *, shape: Any) -> Any:
    return jnp.reshape(x, shape)


# jnp.reshape gives the array itself with copy=True, copies with copy=False, and is several times slower when
# it is not compiled.
def reshape(x: Any, /, shape: Any, *, copy: bool | None = None) -> Any:
    if x.size == 0 and -1 in (lengths := tuple(shape)) and 0 in lengths:
        raise ShapeError(f"cannot reshape array of size 0 into shape {lengths}.")
    y = _reshape(x, shape=shape)
    if copy is False and y.shape != x.shape:
        raise ArgumentError("JAX arrays share no memory, so a reshape copies; leave copy=None.")
    return jnp.array(y, copy=True) if copy and y.shape == x.shape else y


# jnp.stack promotes by JAX's table.
@wide(keeps=NARROW, static=("axis",))
def stack(arrays: Any, /, *, axis: int = 0) -> Any:
    return jnp.stack(promoted(*arrays), axis=axis)


# Inside a compiled function jnp.tile leaves negative repetitions to XLA, whose error names no shape.
@wide(keeps=NARROW)
def tile(x: Any, repetitions: Any, /) -> Any:
    if any(count < 0 for count in repetitions):
        raise ShapeError("tile takes repetitions of 0 and more.")
    return jnp.tile(x, repetitions)
