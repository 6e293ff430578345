"""The hooks of the accounting backend (`accel.backend.Door`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

import accel.registry as registry
import accel.transfer as transfer
from accel.errors import AccelError, TransferError
from accel.testing.accounting.array import DEVICES, Array, Device, place, unwrap

__all__ = ["describe", "devices", "emulated", "from_host", "put", "to_host", "translate", "versions"]


def devices() -> tuple[Device, ...]:
    """List both devices."""
    return DEVICES


def describe(native: Device, /) -> tuple[str, int, str]:
    """Give kind, index and name of a device."""
    return "gpu", native.index, "NumPy that accounts for transfers"


def emulated(_native: Device, /) -> bool:
    """Tell that no device is what it claims to be."""
    return True


def to_host(x: Array, /) -> Any:
    """Give the values to the host: a copy, as nothing is shared with a GPU."""
    return unwrap(x).copy()


def from_host(array: Any, /, *, device: Device, copy: bool | None) -> Array:
    """Make an array of the host's values: a copy, as nothing is shared with a GPU."""
    if copy is False:
        raise TransferError(
            f"{device!r} does not share memory with the host; write copy=None to allow the copy."
        )
    return Array(np.array(array), place(device))


def put(x: Array, /, *, device: Device, copy: bool | None) -> Array:
    """Move an array to a device."""
    if place(device) == x.device:
        return Array(to_host(x), x.device) if copy else x
    if copy is False:
        raise TransferError(
            f"{x.device!r} and {device!r} do not share memory; write copy=None to allow the copy."
        )
    return Array(to_host(x), place(device))


def translate(error: BaseException, /) -> AccelError | None:
    """Put errors into accel's words as the backend does whose arrays are inside."""
    hook = registry.load(transfer.HOST).hook("translate")
    translated: AccelError | None = hook(error)
    return translated


def versions() -> Mapping[str, str]:
    """Give the version of NumPy, which computes."""
    return {"numpy": np.__version__}
