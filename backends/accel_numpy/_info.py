"""The answers of ``__array_namespace_info__``: what this namespace has, whatever the version of NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np

from accel.errors import ArgumentError

__all__ = ["Info"]

_KINDS: dict[str, tuple[type[np.generic], ...]] = {
    "bool": (np.bool,),
    "signed integer": (np.int8, np.int16, np.int32, np.int64),
    "unsigned integer": (np.uint8, np.uint16, np.uint32, np.uint64),
    "real floating": (np.float32, np.float64),
    "complex floating": (np.complex64, np.complex128),
}
_GROUPS = {
    "integral": ("signed integer", "unsigned integer"),
    "numeric": ("signed integer", "unsigned integer", "real floating", "complex floating"),
}


# NumPy's own differs from version to version: 2.3 to 2.5 give the devices as a list.
class Info:
    def capabilities(self) -> dict[str, bool | int | None]:
        return {"boolean indexing": True, "data-dependent shapes": True, "max dimensions": 64}

    def default_device(self) -> str:
        return "cpu"

    def default_dtypes(self, *, device: Any = None) -> dict[str, np.dtype[Any]]:
        _known(device)
        return {
            "real floating": np.dtype(np.float64),
            "complex floating": np.dtype(np.complex128),
            "integral": np.dtype(np.int64),
            "indexing": np.dtype(np.int64),
        }

    def devices(self) -> tuple[str, ...]:
        return ("cpu",)

    def dtypes(
        self, *, device: Any = None, kind: str | tuple[str, ...] | None = None
    ) -> dict[str, np.dtype[Any]]:
        _known(device)
        kinds = tuple(_KINDS) if kind is None else (kind,) if isinstance(kind, str) else kind
        found: dict[str, np.dtype[Any]] = {}
        for name in kinds:
            if name not in _KINDS and name not in _GROUPS:
                known = ", ".join(repr(known) for known in (*_KINDS, *_GROUPS))
                raise ArgumentError(f"{name!r} is not a kind of dtype; the kinds are {known}.")
            for member in _GROUPS.get(name, (name,)):
                found |= {dtype.__name__: np.dtype(dtype) for dtype in _KINDS[member]}
        return found


def _known(device: Any) -> None:
    if device not in (None, "cpu"):
        raise ArgumentError(f"NumPy has no device {device!r}; it has one, 'cpu'.")
