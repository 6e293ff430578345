"""The accounting backend's namespace: every op of accel that the backend of the host has, on arrays of a device."""

from __future__ import annotations

from typing import Any

from accel.testing.accounting import door as __accel__  # noqa: F401  (read by accel)
from accel.testing.accounting import ops as _ops

__array_api_version__ = "2025.12"
__array_namespace_info__ = _ops.Info

globals().update(_ops.lifted(__name__))


def __getattr__(name: str) -> Any:
    """Give a dtype or a constant; they are NumPy's."""
    if name in _ops.SHARED:
        return getattr(_ops.NATIVE, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
