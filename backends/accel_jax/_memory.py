"""The share of a GPU's memory that JAX takes at its start."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterator

__all__ = ["made_room", "notes"]

_SWITCH = "XLA_PYTHON_CLIENT_PREALLOCATE"
_CHOICES = (
    _SWITCH,
    "XLA_PYTHON_CLIENT_MEM_FRACTION",
    "XLA_CLIENT_MEM_FRACTION",
    "XLA_PYTHON_CLIENT_ALLOCATOR",
)

_beside = importlib.util.find_spec("cupy") is not None
_chosen = {name: os.environ[name] for name in _CHOICES if name in os.environ}


def _has_started() -> bool:
    # JAX reads the variables when it starts its first device, not when it is imported.
    bridge = sys.modules.get("jax._src.xla_bridge")
    return bridge is not None and bool(getattr(bridge, "backends_are_initialized", lambda: True)())


def _make_room() -> bool:
    # JAX takes 75 % of the memory when it starts a GPU: CuPy would starve beside it.
    if not _beside or _chosen or _has_started():
        return False
    os.environ[_SWITCH] = "false"
    return True


made_room = _make_room()
"""Whether preallocation was switched off so that JAX and CuPy can share a GPU."""


def notes() -> Iterator[tuple[str, str | None]]:
    """Tell who decided how JAX and CuPy share the memory of a GPU."""
    if not _beside:
        return
    if _chosen:
        listed = " and ".join(f"{name}={value}" for name, value in _chosen.items())
        yield (
            f"{listed} was set before: accel leaves it to decide how much GPU memory JAX takes beside CuPy.",
            None,
        )
    elif made_room:
        yield (
            f"CuPy is here too: accel set {_SWITCH}=false, so that JAX does not take 75 % of a GPU's memory at once.",
            None,
        )
    else:
        yield (
            "JAX had started before accel first used it, and CuPy is here too: on a GPU JAX has taken 75 % of the memory by now.",
            f"export {_SWITCH}=false before Python starts",
        )
