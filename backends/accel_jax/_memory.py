"""The share of a GPU's memory that JAX takes at its start."""

from __future__ import annotations

import importlib.util
import os
import sys

__all__ = ["made_room"]

_CHOICES = (
    "XLA_PYTHON_CLIENT_PREALLOCATE",
    "XLA_PYTHON_CLIENT_MEM_FRACTION",
    "XLA_CLIENT_MEM_FRACTION",
    "XLA_PYTHON_CLIENT_ALLOCATOR",
)


def _make_room() -> bool:
    # JAX reads these variables when it starts its GPU client, and then takes 75 % of the memory: CuPy would starve beside it.
    if "jax" in sys.modules or importlib.util.find_spec("cupy") is None:
        return False
    if any(name in os.environ for name in _CHOICES):
        return False
    os.environ["XLA_PYTHON_CLIENT_PREALLOCATE"] = "false"
    return True


made_room = _make_room()
"""Whether preallocation was switched off so that JAX and CuPy can share a GPU."""
