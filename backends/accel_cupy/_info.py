"""What the namespace tells about itself: the inspection API of the standard."""

from __future__ import annotations

from typing import Any

import cupy as cp

from accel.errors import ArgumentError
from accel_cupy import _device

__all__ = ["Info"]

KINDS: dict[str, tuple[str, ...]] = {
    "bool": ("bool",),
    "signed integer": ("int8", "int16", "int32", "int64"),
    "unsigned integer": ("uint8", "uint16", "uint32", "uint64"),
    "real floating": ("float32", "float64"),
    "complex floating": ("complex64", "complex128"),
}
KINDS["integral"] = KINDS["signed integer"] + KINDS["unsigned integer"]
KINDS["numeric"] = KINDS["integral"] + KINDS["real floating"] + KINDS["complex floating"]


class Info:
    """Inspection of CuPy as an Array API namespace."""

    def capabilities(self) -> dict[str, Any]:
        """Give the optional features."""
        return {"boolean indexing": True, "data-dependent shapes": True, "max dimensions": 64}

    def default_device(self) -> Any:
        """Give the device on which arrays are created where none is named: CuPy's current one."""
        return _device.native(None)

    def default_dtypes(self, *, device: Any = None) -> dict[str, Any]:
        """Give the default dtypes, the same on every device."""
        return {
            "real floating": cp.dtype("float64"),
            "complex floating": cp.dtype("complex128"),
            "integral": cp.dtype("int64"),
            "indexing": cp.dtype("int64"),
        }

    def devices(self) -> tuple[Any, ...]:
        """List the devices that this process can see."""
        return tuple(map(cp.cuda.Device, range(cp.cuda.runtime.getDeviceCount())))

    def dtypes(self, *, device: Any = None, kind: str | tuple[str, ...] | None = None) -> dict[str, Any]:
        """Give the standard's dtypes by name, all of which every device has."""
        wanted = ("bool", "numeric") if kind is None else (kind,) if isinstance(kind, str) else kind
        for each in wanted:
            if each not in KINDS:
                known = ", ".join(map(repr, KINDS))
                raise ArgumentError(f"{each!r} is not a kind of dtype; the kinds are {known}.")
        names = dict.fromkeys(name for each in wanted for name in KINDS[each])
        return {name: cp.dtype(name) for name in names}
