"""Where new arrays come from: the device, dtype and backend of ops that take no array."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import accel.registry as registry
from accel.dtype import native
from accel.errors import DeviceNotFoundError, MixedBackendsError
from accel.placement import Device, default_device, resolve
from accel.policy import narrows, with_default_dtypes

__all__ = ["adopt", "convert", "create", "default_backend", "native_device"]


def default_backend() -> registry.Backend:
    """Give the backend of the device on which arrays are created by default."""
    return registry.load(default_device().backend)


def native_device(what: Any, x: Any) -> Any:
    """Put a device into the terms of the backend that owns ``x``.

    Raises
    ------
    DeviceNotFoundError
        If the device is another backend's.
    """
    backend = registry.owner(type(x))
    if backend is None or not isinstance(what, str | Device):
        return what
    found = _on_backend(what, backend)
    if found.backend != backend.name:
        raise DeviceNotFoundError(
            f"The device {found} is {found.backend}'s and the array is {backend.name}'s; "
            f"make the result there and write accel.to_device(result, '{found}')."
        )
    return found.native


def _on_backend(what: Any, backend: registry.Backend) -> Device:
    """Resolve a device, taking a bare kind such as "cpu" as the given backend's own where it has one."""
    if isinstance(what, str) and what.split(":")[0] not in registry.names():
        try:
            return resolve(f"{backend.name}:{what}")
        except DeviceNotFoundError:
            pass
    return resolve(what)


def create(
    table: dict[str, Callable[..., Any]], dtype: Any, where: Any
) -> tuple[Callable[..., Any], Any, Any]:
    """Choose function, dtype and device for an op that makes an array from nothing."""
    chosen = default_device() if where is None else resolve(where)
    call = table[chosen.backend]
    if dtype is not None:
        dtype = native(dtype, registry.load(chosen.backend))
    elif narrows():
        call = with_default_dtypes(call, registry.load(chosen.backend))
    return call, dtype, chosen.native


def convert(obj: Any, dtype: Any, where: Any, copy: bool | None) -> tuple[Callable[..., Any], Any, Any, Any]:
    """Choose backend and device for `asarray`: the device asked for, else the array's own, else the default."""
    source = registry.owner(type(obj))
    if source is None:
        _refuse_foreign_items(obj, None if where is None else resolve(where))
        chosen = default_device() if where is None else resolve(where)
    elif where is None:
        return source.namespace.asarray, native(dtype, source), None, obj
    else:
        chosen = _on_backend(where, source)
    backend = registry.load(chosen.backend)
    if source is not None and source is not backend:
        from accel.transfer import to_device

        obj = to_device(obj, chosen, copy=copy)
    call = backend.namespace.asarray
    if source is None and dtype is None and narrows():
        call = with_default_dtypes(call, backend)
    return call, native(dtype, backend), chosen.native, obj


def _refuse_foreign_items(obj: Any, chosen: Device | None) -> None:
    """Refuse a list that holds arrays of a backend other than the one that is to get it."""
    for item in obj if isinstance(obj, list | tuple) else ():
        owner = registry.owner(type(item))
        if owner is not None and owner.name != (chosen or default_device()).backend:
            raise MixedBackendsError(
                f"accel.asarray got a {type(obj).__name__} of {owner.name} arrays to put on {chosen or default_device()}; "
                f"write accel.to_device(accel.stack(obj), '{chosen or default_device()}')."
            )


def adopt(x: Any, where: Any) -> tuple[Callable[..., Any], Any]:
    """Choose function and device for `from_dlpack`: the device asked for, else the array's own, else the default."""
    source = registry.owner(type(x))
    if where is None and source is not None:
        return source.namespace.from_dlpack, None
    chosen = default_device() if where is None else resolve(where)
    return registry.load(chosen.backend).namespace.from_dlpack, chosen.native
