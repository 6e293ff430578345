"""What accel asks of JAX beside the Array API: devices, moves, errors, versions."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any, cast

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from accel.errors import AccelError, DeviceMemoryError, MixedDevicesError, TransferError

from accel_jax import _info, _memory, _x64

rank: Mapping[str, int] = {"tpu": 20, "gpu": 10}

_KINDS = {"cuda": "gpu", "rocm": "gpu", "gpu": "gpu", "tpu": "tpu", "cpu": "cpu"}


def devices() -> tuple[Any, ...]:
    return _info.devices()


def describe(native: Any, /) -> tuple[str, int, str]:
    if native is None:
        kind, _, _ = describe(_info.Info().default_device())
        return kind, -1, "where the compiled function will run"
    if isinstance(native, jax.sharding.Sharding):
        kind, _, _ = describe(min(native.device_set, key=lambda device: device.id))
        return kind, -1, str(native)
    kind = _KINDS.get(native.platform, native.platform)
    return kind, native.id, native.device_kind


def device_of(x: Any, /) -> Any:
    # Tracers of vmap and grad wrap the array they stand for; those of jit stand for none, and None lets JAX place what is made there.
    while isinstance(x, Tracer):
        x = getattr(x, "primal", getattr(x, "val", None))
    if not isinstance(x, jax.Array):
        return None
    found = x.devices()
    return next(iter(found)) if len(found) == 1 else x.sharding


def to_host(x: Any, /) -> Any:
    return np.asarray(x)


def from_host(array: Any, /, *, device: Any, copy: bool | None) -> Any:
    if copy is False:
        try:
            with _x64.x64():
                return jax.dlpack.from_dlpack(array, device=device, copy=False)
        except (BufferError, RuntimeError, TypeError, ValueError) as error:
            reason = str(error).partition(". ")[0]
            raise TransferError(f"JAX cannot share this memory ({reason}); write copy=None to allow the copy.") from error
    # jnp.asarray shares aligned memory, and JAX takes its arrays for constants: a later write to the source would go unnoticed.
    return _x64.guarded("to_device", jnp.asarray, (np.array(array),), {"device": device})


def put(x: Any, /, *, device: Any, copy: bool | None) -> Any:
    return _x64.guarded("to_device", jax.device_put, (x,), {"device": device})


def translate(error: BaseException, /) -> AccelError | None:
    if isinstance(error, jax.errors.JAXTypeError | jax.errors.JAXIndexError):
        return cast(AccelError, error)  # what cannot be traced: JAX names the line and the argument
    message = str(error)
    if isinstance(error, jax.errors.JaxRuntimeError) and message.startswith("RESOURCE_EXHAUSTED"):
        return DeviceMemoryError(f"The device is full: {message.partition(': ')[2]}")
    if isinstance(error, ValueError) and "incompatible devices" in message:
        return MixedDevicesError("The arrays lie on more than one device; write accel.to_device(y, like=x) to bring them together.")
    return None


def x64() -> AbstractContextManager[None]:
    return _x64.x64()


def versions() -> Mapping[str, str]:
    return {name: importlib.metadata.version(name) for name in ("jax", "jaxlib")}


def explain_failure(error: BaseException, /) -> tuple[str, str] | None:
    return None


def notes() -> Iterable[tuple[str, str | None]]:
    return _memory.notes()
