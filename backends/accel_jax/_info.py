"""What the namespace offers, as the standard's inspection API asks for it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from accel.errors import ArgumentError

__all__ = ["Info", "default_device", "devices"]

_INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
_NAMES: tuple[str, ...] = ("bool", *_INTEGERS, "float32", "float64", "complex64", "complex128")
_STANDARD = {name: np.dtype(name).type for name in _NAMES}


def devices() -> tuple[Any, ...]:
    """List the devices that this process can use: those of the default platform, and the CPU's beside them."""
    found = jax.local_devices()
    with suppress(RuntimeError):  # JAX_PLATFORMS may leave the CPU out
        found += [device for device in jax.local_devices(backend="cpu") if device not in found]
    return tuple(found)


def default_device() -> Any:
    """Give the device where JAX puts what nothing else places."""
    config: Any = jax.config
    chosen = config.jax_default_device
    if chosen is None or isinstance(chosen, str):
        return jax.local_devices(backend=chosen)[0]
    return chosen


class Info:
    """The namespace's capabilities, devices and dtypes."""

    def capabilities(self) -> dict[str, Any]:
        return {"boolean indexing": True, "data-dependent shapes": True, "max dimensions": 64}

    def default_device(self) -> Any:
        return default_device()

    def default_dtypes(self, *, device: Any = None) -> dict[str, Any]:
        return {
            "real floating": np.float64,
            "complex floating": np.complex128,
            "integral": np.int64,
            "indexing": np.int64,
        }

    def dtypes(self, *, device: Any = None, kind: Any = None) -> dict[str, Any]:
        if kind is None:
            return dict(_STANDARD)
        kinds = kind if isinstance(kind, tuple) else (kind,)
        try:
            return {name: dtype for name, dtype in _STANDARD.items() if jnp.isdtype(dtype, kinds)}
        except (TypeError, ValueError):
            raise ArgumentError(
                f"dtypes got the kind {kind!r}, which is none of the standard's kinds."
            ) from None

    def devices(self) -> tuple[Any, ...]:
        return devices()
