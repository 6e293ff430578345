"""Rearrangement on CuPy."""

from __future__ import annotations

from typing import Any

from cupy.lib.stride_tricks import as_strided

from accel.extra.rearrangement import along

__all__ = ["sliding_window_view"]


# The composition copies; here windows are a view.
def sliding_window_view(x: Any, /, window_shape: Any, *, axis: Any = None) -> Any:
    pairs = along(x, window_shape, axis)
    shape, strides = list(x.shape), x.strides + tuple(x.strides[a] for a, _ in pairs)
    for a, length in pairs:
        shape[a] -= length - 1
    return as_strided(x, (*shape, *(length for _, length in pairs)), strides)
