"""Several devices: meshes, arrays that are divided among their devices, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from typing import Any

import jax
import numpy as np
from jax.core import Tracer
from jax.sharding import AxisType, Mesh, NamedSharding, PartitionSpec, Sharding

from accel.errors import TransferError
from accel_jax import _info
from accel_jax._x64 import wide

__all__ = ["check_here", "everywhere", "gather", "mesh", "put", "spread", "undivided", "use_mesh"]

_Spec: Any = PartitionSpec
_constrained: Any = jax.lax.with_sharding_constraint
_user_context: Any = jax.make_user_context  # known to type checkers by name alone, as the two before
_context: Any = _user_context(None)
"""Part of the key of JAX's caches: what was traced under one mesh is no answer under another."""


def everywhere() -> tuple[Any, ...]:
    known = _info.devices()
    return (*jax.devices(), *(device for device in known if device.platform != jax.default_backend()))


def mesh(
    shape: tuple[int, ...], names: tuple[str, ...], devices: tuple[Any, ...], /, *, ordered: bool
) -> tuple[Mesh, tuple[int, ...]]:
    # The compiler divides the work by itself ("auto"): ops know nothing of meshes.
    kinds = (AxisType.Auto,) * len(shape)
    if ordered:
        made = Mesh(np.asarray(devices, dtype=object).reshape(shape), names, axis_types=kinds)
    else:
        made = jax.make_mesh(shape, names, axis_types=kinds, devices=devices)
    return made, tuple(devices.index(device) for device in made.devices.flat)


def spread(mesh: Mesh, spec: tuple[Any, ...], /) -> NamedSharding:
    return NamedSharding(mesh, _Spec(*spec))


def use_mesh(mesh: Mesh, /) -> AbstractContextManager[Any]:
    scope: AbstractContextManager[Any] = _context(mesh)
    return scope


def put(x: Any, device: Any) -> Any:
    """Put an array on a device, or divide it as a sharding says."""
    if not isinstance(device, Sharding) or len(device.device_set) == 1:
        check_here(x)
        return jax.device_put(x, device)
    if isinstance(x, Tracer):
        return _constrained(x, device)
    if device.is_fully_addressable:
        return jax.device_put(x, device)
    if isinstance(x, jax.Array) and not x.is_fully_addressable:
        return jax.jit(lambda array: array, out_shardings=device)(x)
    # Each process has the whole array, and takes its parts of it.
    values = np.asarray(x)
    return jax.make_array_from_callback(values.shape, device, lambda index: values[index])


def gather(x: Any, mesh: Mesh | None, /) -> Any:
    if isinstance(x, Tracer):
        return x if mesh is None else _constrained(x, NamedSharding(mesh, _Spec()))
    home = min(x.sharding.addressable_devices, key=lambda device: device.id)
    if x.is_fully_addressable:
        return jax.device_put(x, home)
    if not x.is_fully_replicated:
        place = NamedSharding(x.sharding.mesh, _Spec())
        x = jax.jit(lambda array: array, out_shardings=place)(x)
    return jax.device_put(x.addressable_data(0), home)


def undivided(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a function its first array whole on each device.

    XLA's transform along a divided axis ends the process where the number of devices does not divide the parts (0.10, CPU).
    """

    @wraps(function)
    def call(x: Any, /, **kwargs: Any) -> Any:
        place = None if isinstance(x, Tracer) else getattr(x, "sharding", None)
        if type(place) is NamedSharding and not place.is_fully_replicated:
            x = _whole(x, device=NamedSharding(place.mesh, _Spec()))
        return function(x, **kwargs)

    return call


@wide
def _whole(x: Any, *, device: Any) -> Any:
    return put(x, device)


def check_here(x: Any) -> None:
    """Refuse an array of which other processes hold parts that this one has not."""
    if isinstance(x, Tracer) or not isinstance(x, jax.Array):
        return
    if not (x.is_fully_addressable or x.is_fully_replicated):
        parts = len(x.sharding.device_set)
        raise TransferError(
            f"This process holds {len(x.sharding.addressable_devices)} of the {parts} parts of an array of shape {x.shape}; write "
            f"accel.gather(x) on every process first."
        )
