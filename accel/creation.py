"""Where new arrays come from: the device, dtype and backend of ops that take no array."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Number
from typing import Any

import accel.accounting as accounting
import accel.registry as registry
from accel.dtype import native
from accel.errors import DeviceNotFoundError, MixedBackendsError
from accel.placement import Device, default_device, device, resolve, resolve_beside
from accel.policy import default_for, narrows

__all__ = ["adopt", "convert", "create", "default_backend", "native_device", "relocate", "settle"]


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
    if backend is None or registry.owner_of_package(type(what)) is backend:
        return what
    found = resolve_beside(what, backend)
    if found.backend != backend.name:
        raise DeviceNotFoundError(
            f"The device {found} is {found.backend}'s and the array is {backend.name}'s; "
            f"make the result there and write accel.to_device(result, '{found}')."
        )
    return found.native


def relocate(call: Callable[..., Any], what: Any, x: Any) -> tuple[Callable[..., Any], Any]:
    """Put a device into the terms of the backend that owns ``x``, for an op that can move ``x`` there."""
    place = native_device(what, x)
    backend = registry.owner(type(x))
    if backend is not None and accounting.watched():
        call = accounting.moving("accel.astype", call, x, device(x), resolve_beside(what, backend))
    return call, place


def create(
    table: dict[str, Callable[..., Any]], dtype: Any, where: Any
) -> tuple[Callable[..., Any], Any, Any]:
    """Choose function, dtype and device for an op that makes an array from nothing."""
    chosen = default_device() if where is None else resolve(where)
    call = table[chosen.backend]
    if dtype is not None:
        dtype = native(dtype, registry.load(chosen.backend))
    elif narrows():
        call = _with_default_dtype(table, chosen.backend)
    return call, dtype, chosen.native


def settle(table: dict[str, Callable[..., Any]], where: Any) -> tuple[Callable[..., Any], Any]:
    """Choose function and device for an op that makes an array of one certain dtype from nothing."""
    chosen = default_device() if where is None else resolve(where)
    return table[chosen.backend], chosen.native


def convert(
    table: dict[str, Callable[..., Any]], obj: Any, dtype: Any, where: Any, copy: bool | None
) -> tuple[Callable[..., Any], Any, Any, Any, bool | None]:
    """Choose backend and device for `asarray`: the device asked for, else the array's own, else the default."""
    source = registry.owner(type(obj))
    if source is None:
        chosen = default_device() if where is None else resolve(where)
        _refuse_foreign_items(obj, chosen, explicit=where is not None)
        call = table[chosen.backend]
        if dtype is None and narrows():
            call = _with_default_dtype(table, chosen.backend)
        if accounting.watched():
            call = accounting.moving("accel.asarray", call, obj, _host(), chosen)
        return call, native(dtype, registry.load(chosen.backend)), chosen.native, obj, copy
    if where is None:
        return table[source.name], native(dtype, source), None, obj, copy
    chosen = resolve_beside(where, source)
    call = table[chosen.backend]
    if chosen.backend != source.name:
        from accel.transfer import move

        obj, copy = move("accel.asarray", obj, source, chosen, copy), copy and None
    elif accounting.watched():
        call = accounting.moving("accel.asarray", call, obj, device(obj), chosen)
    return call, native(dtype, registry.load(chosen.backend)), chosen.native, obj, copy


def adopt(table: dict[str, Callable[..., Any]], x: Any, where: Any) -> tuple[Callable[..., Any], Any]:
    """Choose function and device for `from_dlpack`: the device asked for, else the array's own, else the default."""
    source = registry.owner(type(x))
    if source is None:
        chosen = default_device() if where is None else resolve(where)
    elif where is None:
        return table[source.name], None
    else:
        chosen = resolve_beside(where, source)
    call = table[chosen.backend]
    if accounting.watched():
        here = device(x) if source is not None else _host()
        call = accounting.moving("accel.from_dlpack", call, x, here, chosen)
    return call, chosen.native


def _host() -> Device:
    from accel.transfer import HOST

    return resolve(HOST)


def _with_default_dtype(table: Any, backend: str) -> Callable[..., Any]:
    """Make a creation function ask for the default dtype in force, so that nothing wider is made on the way."""
    call = table[backend]

    def make(*args: Any, **kwargs: Any) -> Any:
        decisive = {
            "arange": args,
            "asarray": args,
            "full": args[1:],
            "linspace": (*args[:2], 0.0),
        }.get(table.spec.name, (0.0,))
        dtype = default_for(_classes(decisive))
        if dtype is not None:
            kwargs["dtype"] = native(dtype, registry.load(backend))
        return call(*args, **kwargs)

    return make


def _classes(items: Any) -> set[type]:
    """Collect the classes of the items of a sequence, and of the sequences in it, other than None's."""
    found = set(map(type, items))
    nested = {cls for cls in found if issubclass(cls, list | tuple)}
    if nested:
        found = found.union(*(_classes(item) for item in items if type(item) in nested))
    return found - nested - {type(None)}


def _refuse_foreign_items(obj: Any, chosen: Device, *, explicit: bool) -> None:
    """Refuse a list that holds arrays of a backend other than the one that is to get it; single numbers of it may pass."""
    for cls in _classes(obj) if isinstance(obj, list | tuple) else ():
        owner = None if issubclass(cls, Number) else registry.owner(cls)
        if owner is not None and owner.name != chosen.backend:
            fix = f"accel.to_device(accel.stack(...), '{chosen}')" if explicit else "accel.stack(...)"
            raise MixedBackendsError(
                f"accel.asarray got a {type(obj).__name__} that holds {owner.name} arrays ({cls.__name__}) for {chosen}, and accel never "
                f"moves data by itself; write {fix}."
            )
