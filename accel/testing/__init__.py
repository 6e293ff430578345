"""The testing kit: whether code gives the same results on every backend, for accel's own tests and for those of its users.

It needs the extra ``testing`` (``pip install 'accel-xp[testing]'``). Nothing is imported before it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from accel.testing import strategies as strategies

__all__ = ["strategies"]

_HOMES = {"strategies": ""}
"""Public name -> the module that defines it; an empty string marks a sub-module."""


def __getattr__(name: str) -> Any:
    """Load a name at its first use and keep it."""
    if name not in _HOMES:
        raise AttributeError(f"module 'accel.testing' has no attribute {name!r}")
    home = _HOMES[name]
    module = import_module(f"accel.testing.{home or name}")
    value = globals()[name] = getattr(module, name) if home else module
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
