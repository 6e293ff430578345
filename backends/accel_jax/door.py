"""What accel asks of JAX beside the Array API: devices, moves, errors, versions."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from accel.errors import AccelError, DeviceMemoryError, MixedDevicesError, TransferError

from accel_jax import _info, _x64

rank: Mapping[str, int] = {"tpu": 20, "gpu": 10}

_KINDS = {"cuda": "gpu", "rocm": "gpu", "gpu": "gpu", "tpu": "tpu", "cpu": "cpu"}


def devices() -> tuple[Any, ...]:
    return _info.devices()


def describe(native: Any, /) -> tuple[str, int, str]:
    kind = _KINDS.get(native.platform, native.platform)
    return kind, native.id, native.device_kind


def device_of(x: Any, /) -> Any:
    if isinstance(x, Tracer):
        return _info.Info().default_device()
    found = x.devices()
    return next(iter(found)) if len(found) == 1 else x.sharding


def to_host(x: Any, /) -> Any:
    return np.asarray(x)


def from_host(array: Any, /, *, device: Any, copy: bool | None) -> Any:
    if copy is False:
        raise TransferError("no")
    with _x64.x64():
        return jnp.asarray(np.array(array), device=device)


def put(x: Any, /, *, device: Any, copy: bool | None) -> Any:
    with _x64.x64():
        return jax.device_put(x, device)


def translate(error: BaseException, /) -> AccelError | None:
    return None


def x64() -> AbstractContextManager[None]:
    return _x64.x64()


def versions() -> Mapping[str, str]:
    return {name: importlib.metadata.version(name) for name in ("jax", "jaxlib")}


def explain_failure(error: BaseException, /) -> tuple[str, str] | None:
    return None
