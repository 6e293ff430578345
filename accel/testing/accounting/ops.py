"""The ops of the accounting backend: those of the host's backend, on arrays that are unwrapped first and wrapped again."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from importlib import import_module
from types import ModuleType
from typing import Any

import accel.accounting as accounting
import accel.dtype as dtype
import accel.registry as registry
import accel.transfer as transfer
from accel.dispatch import SUBMODULES, Spec, specs
from accel.errors import TransferError
from accel.testing.accounting.array import DEVICES, HOST, SIZE, Array, Device, on, place, unwrap, wrap

__all__ = ["NATIVE", "SHARED", "Info", "lifted"]

NATIVE = registry.load(transfer.HOST).namespace
"""What computes."""

SHARED = frozenset({"e", "inf", "nan", "newaxis", "pi", *dtype.__all__})
"""Names of constants and dtypes, which are those of the backend that computes."""

_READERS = ("asarray", "from_dlpack")
"""Ops that read what is no array of this backend."""


class Info:
    """Inspection of the namespace: NumPy's answers, but for the devices."""

    def capabilities(self) -> Any:
        """Give what the standard leaves optional."""
        return NATIVE.__array_namespace_info__().capabilities()

    def default_device(self) -> Device:
        """Give the first device."""
        return DEVICES[0]

    def devices(self) -> tuple[Device, ...]:
        """List both devices."""
        return DEVICES

    def default_dtypes(self, *, device: Any = None) -> Any:
        """Give the default dtypes, the same on each device."""
        place(device)
        return NATIVE.__array_namespace_info__().default_dtypes()

    def dtypes(self, *, device: Any = None, kind: Any = None) -> Any:
        """Give the dtypes of some kinds, the same on each device."""
        place(device)
        return NATIVE.__array_namespace_info__().dtypes(kind=kind)


def _lift(spec: Spec, native: Callable[..., Any]) -> Callable[..., Any]:
    """Make an op of NumPy's one of this backend."""
    name = spec.name
    takes_device = any(p.is_device for p in spec.parameters)

    def call(*args: Any, **kwargs: Any) -> Any:
        asked = kwargs.pop("device", None) if takes_device else None
        here = on(name, (args, kwargs))
        _synchronise(spec, here, args, kwargs)
        there = place(here if asked is None else asked)

        def compute() -> Any:
            return wrap(native(*unwrap(args), **unwrap(kwargs)), there)

        if here in (None, there) or spec.chapter != "data_type":
            return compute()
        return accounting.moved(name, args[0], here, there, compute)

    return call


def _synchronise(spec: Spec, here: Device | None, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Note that the host waits, where the size of the result depends on values."""
    counted = args[1:2] or (kwargs.get("repeats"),)
    if here and (not spec.compiles or (spec.name == "repeat" and isinstance(counted[0], Array))):
        accounting.synchronised(spec.name, SIZE, here, HOST)


def _read(spec: Spec, native: Callable[..., Any]) -> Callable[..., Any]:
    """Make an op that brings data from anywhere to a device: always to memory of its own."""
    name = spec.name

    def call(obj: Any, /, *, device: Any = None, copy: bool | None = None, **kwargs: Any) -> Any:
        here = on(name, obj, explicit=True)
        there = place(here if device is None else device)
        if copy is False and here != there:
            raise TransferError(
                f"{here or HOST} and {there} do not share memory; write copy=None to allow the copy."
            )
        if isinstance(obj, Array):
            reader, obj, copy = NATIVE.asarray, unwrap(obj), copy or (True if here != there else None)
        else:
            reader, obj, copy = native, unwrap(obj), True

        def compute() -> Any:
            return wrap(reader(obj, copy=copy, **kwargs), there)

        return accounting.moved(name, obj, here or HOST, there, compute)

    return call


def lifted(module: str) -> dict[str, Any]:
    """Give the content of a namespace of this name: every op that the host's backend has, and the sub-modules."""
    filled: dict[str, Any] = {}
    for name in SUBMODULES:
        import_module(f"accel.{name}")
    for spec in specs.values():
        *path, last = parts = spec.name.split(".")
        native = reduce(lambda space, part: getattr(space, part, None), parts, NATIVE)
        if native is None:
            continue
        made = native
        if not hasattr(native, "__unsupported__"):
            made = _read(spec, native) if spec.name in _READERS else _lift(spec, native)
            made.__name__ = made.__qualname__ = last
            made.__doc__ = spec.function.__doc__
            made.__module__ = ".".join((module, *path))
        space = filled
        for depth, part in enumerate(path, 1):
            space = vars(space.setdefault(part, ModuleType(".".join((module, *path[:depth])))))
        space[last] = made
    return filled
