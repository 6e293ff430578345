"""What `accel.__array_namespace_info__` gives: the inspection namespace of the standard."""

from __future__ import annotations

from typing import Any

import accel.placement as placement
import accel.registry as registry
from accel.dtype import DType
from accel.policy import default_names

__all__ = ["Info"]


class Info:
    """Inspection of the layer as one Array API namespace: all devices of all backends, dtypes as accel's own."""

    def capabilities(self) -> dict[str, Any]:
        """Give the optional features that hold on every backend."""
        return {"boolean indexing": True, "data-dependent shapes": True, "max dimensions": 32}

    def default_device(self) -> placement.Device:
        """Give the device on which arrays are created where none is named."""
        return placement.default_device()

    def default_dtypes(self, *, device: Any = None) -> dict[str, DType]:
        """Give the default dtypes in force; the same on every device."""
        if device is not None:
            placement.resolve(device)
        return default_names()

    def devices(self) -> tuple[placement.Device, ...]:
        """List the usable devices of every backend."""
        return placement.devices()

    def dtypes(self, *, device: Any = None, kind: str | tuple[str, ...] | None = None) -> dict[str, DType]:
        """Give the dtypes a device can compute with, by name.

        Parameters
        ----------
        device : str, Device or native device object, optional
            By default the default device.
        kind : str or tuple of str, optional
            As in ``isdtype``.
        """
        import accel.dtype as named

        chosen = placement.default_device() if device is None else placement.resolve(device)
        info = registry.load(chosen.backend).namespace.__array_namespace_info__()
        found = info.dtypes(device=chosen.native, kind=kind)
        return {name: getattr(named, name) for name in found if name in named.__all__}
