"""Capabilities: what a test may need of a backend, by name."""

from __future__ import annotations

from functools import cache, reduce
from importlib import import_module
from typing import TYPE_CHECKING, Any

import accel
import accel.dtype as dtype
import accel.registry as registry
from accel.dispatch import EXTENSIONS, SUBMODULES, specs

if TYPE_CHECKING:
    from accel.testing.plugin.target import Target

__all__ = ["KNOWN", "is_known", "lacks"]

STANDARD = ("boolean indexing", "data-dependent shapes")
"""The capabilities that the standard's inspection namespace reports."""

OWN = ("in-place", "jit", "several devices")

KNOWN = f"{', '.join(map(repr, (*OWN, *STANDARD, *EXTENSIONS)))}, a dtype such as 'float64', or an op such as 'linalg.svd'"


def is_known(name: object) -> bool:
    """Tell whether something is the name of a capability."""
    if not isinstance(name, str):
        return False
    return name in (*OWN, *STANDARD, *EXTENSIONS, *dtype.__all__) or name in _ops()


@cache
def _ops() -> frozenset[str]:
    # The chapters fill the table of ops as they are loaded.
    assert callable(accel.add)
    for part in SUBMODULES:
        import_module(f"accel.{part}")
    return frozenset(specs)


def lacks(target: Target, name: str) -> str | None:
    """Give what a target lacks to have a capability, as a clause, or None if it has it."""
    return _lacks(target.name, name)


@cache
def _lacks(device_name: str, name: str) -> str | None:
    device = accel.device(device_name)
    backend = registry.load(device.backend)
    xp = backend.namespace
    if name == "in-place":
        return None if _writes(xp, device) else "its arrays cannot be written to"
    if name == "jit":
        return None if backend.hook("jit") is not None else "it has no compiler"
    if name == "several devices":
        return None if len(accel.devices(backend.name)) > 1 else "it has one device only"
    if name in STANDARD:
        has = xp.__array_namespace_info__().capabilities().get(name)
        return None if has else f"it has no {name}"
    if name in dtype.__all__:
        known = xp.__array_namespace_info__().dtypes(device=device.native)
        # float16 and bfloat16 are no dtypes of the standard, so no library has to list them.
        beyond = name in ("float16", "bfloat16") and hasattr(xp, name)
        return None if name in known or beyond else f"{device} has no {name}"
    found = reduce(lambda space, part: getattr(space, part, None), name.split("."), xp)
    if found is None:
        return f"it has no {name}"
    reason: str | None = getattr(found, "__unsupported__", None)
    return reason and f"it has no {name}, because {reason}"


def _writes(xp: Any, device: accel.Device) -> bool:
    """Try whether an array can be written to."""
    x = xp.asarray([1, 2], device=device.native)
    try:
        x[0] = 3
    except (TypeError, ValueError):
        return False
    return int(x[0]) == 3
