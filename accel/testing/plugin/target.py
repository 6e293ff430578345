"""Targets: the backends, each on one of its devices, that tests run on."""

from __future__ import annotations

import os
import re
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

import accel
import accel.registry as registry
from accel.errors import AccelError

__all__ = ["Target", "canonical", "chosen", "demand", "describe", "enter", "leave", "required"]

_scope = pytest.StashKey[ExitStack]()


@dataclass(frozen=True)
class Target:
    """A backend on one of its devices.

    Attributes
    ----------
    backend : str
        Its name.
    place : str
        The device as ``kind`` or ``kind:index``; empty for the first usable one.
    """

    backend: str
    place: str = ""

    def __str__(self) -> str:
        return f"{self.backend}-{self.place}" if self.place else self.backend

    @property
    def name(self) -> str:
        """What accel calls the device."""
        return f"{self.backend}:{self.place}" if self.place else self.backend

    @property
    def namespace(self) -> Any:
        """The backend's namespace."""
        return accel.namespace(self.backend)

    @property
    def device(self) -> accel.Device:
        """The device; raises accel's error where it is not usable."""
        return _device(self.name)

    def obstacle(self) -> str | None:
        """Give the reason why nothing can run there, or None."""
        return _obstacle(self.name)

    def describe(self) -> str:
        """Say which device and library it is."""
        return describe(self.device)


@cache
def _device(name: str) -> accel.Device:
    return accel.device(name)


@cache
def _obstacle(name: str) -> str | None:
    backend = name.partition(":")[0]
    if backend not in registry.names():
        from accel.testing.rows import obstacle

        return obstacle(backend)
    try:
        _device(name)
    except AccelError as error:
        return str(error)
    return None


def describe(device: accel.Device) -> str:
    """Say which device and library it is."""
    return _described(str(device))


@cache
def _described(name: str) -> str:
    device = _device(name)
    loaded = registry.load(device.backend)
    versions: dict[str, str] = (loaded.hook("versions") or dict)()
    libraries = ", ".join(f"{key} {version}" for key, version in versions.items())
    emulated = " [EMULATED]" if device.emulated else ""
    return f"{device} ({device.description}){emulated}; {libraries or loaded.namespace.__name__}"


def canonical(backend: str) -> str:
    """Give the name that accel knows a backend by: the kit calls array-api-strict ``strict`` where it has no backend of its own."""
    return "strict" if backend == "array_api_strict" and backend not in registry.names() else backend


def read(text: str) -> Target:
    """Read ``NAME`` or ``NAME:DEVICE``.

    Raises
    ------
    pytest.UsageError
        If no backend of that name is announced.
    """
    backend, _, place = text.partition(":")
    backend = canonical(backend)
    if backend not in registry.names():
        from accel.testing.rows import (
            GUESTS,
            activate,
        )  # it imports NumPy, which plain runs of pytest need not pay for

        activate(backend)
        if backend not in GUESTS:
            raise pytest.UsageError(
                f"there is no backend {backend!r}; the announced ones are: {', '.join(registry.names())}, and accel.testing brings "
                f"{' and '.join(GUESTS)} (write NAME, or NAME:DEVICE such as jax:cpu:1)."
            )
    if place and not re.fullmatch(r"[^:]+(:[0-9]+)?", place):
        raise pytest.UsageError(
            f"{text!r} names no device of {backend}; write {backend}:KIND or {backend}:KIND:INDEX, such as {backend}:cpu:1."
        )
    return Target(backend, place)


def _listed(text: str | None) -> tuple[Target, ...]:
    names = [name for name in re.split(r"[,\s]+", text or "") if name]
    each = [found for name in names for found in (registry.names() if name == "all" else (name,))]
    return tuple(dict.fromkeys(map(read, each)))


def required(config: pytest.Config) -> tuple[Target, ...]:
    """List the targets without which the run must not go on."""
    asked = config.getoption("--accel-require")
    return _listed(os.environ.get("ACCEL_REQUIRE") if asked is None else asked)


def chosen(config: pytest.Config) -> tuple[Target, ...]:
    """List the targets that tests run on, the required ones among them."""
    asked = config.getoption("--accel-backends") or ",".join(config.getini("accel_backends")) or "all"
    targets = list(_listed(asked))
    for wanted in required(config):
        if not any(t.backend == wanted.backend and wanted.place in ("", t.place) for t in targets):
            targets.append(wanted)
    return tuple(targets)


def demand(config: pytest.Config) -> None:
    """Refuse to start without what is required.

    Raises
    ------
    pytest.UsageError
        If a name is unknown, or a required target is not usable.
    """
    chosen(config)
    for target in required(config):
        reason = target.obstacle()
        if reason is not None:
            raise pytest.UsageError(f"the backend {target.name!r} is required and cannot run: {reason}")


def enter(item: pytest.Item, target: Target) -> None:
    """Make a target's device the default until `leave`: accel's, and that of its own library, for what the namespace creates."""
    current = registry.load(target.backend).hook("current")
    with ExitStack() as stack:
        stack.enter_context(accel.use_device(target.device))
        if current is not None:
            stack.enter_context(current(target.device.native))
        item.stash[_scope] = stack.pop_all()


def leave(item: pytest.Item) -> None:
    """Leave the scope that `enter` entered, if it did."""
    stack = item.stash.get(_scope, None)
    if stack is not None:
        del item.stash[_scope]
        stack.close()
