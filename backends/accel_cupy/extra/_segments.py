"""Segments on CuPy: one kernel with atomic operations, where the composition sorts. cupy.add.at knows few dtypes."""

from __future__ import annotations

from typing import Any

import cupy as cp

from accel.composition import rest
from accel.extra.segments import counted, highest, lowest
from accel_cupy.extra._atomic import combine, working

__all__ = ["segment_max", "segment_mean", "segment_min", "segment_prod", "segment_sum"]

_composed = rest("cupy", "extra")


def segment_max(data: Any, segment_ids: Any, /, *, num_segments: int | None = None) -> Any:
    return _combined("max", data, segment_ids, num_segments, lowest(data.dtype)).astype(
        data.dtype, copy=False
    )


def segment_mean(data: Any, segment_ids: Any, /, *, num_segments: int | None = None) -> Any:
    total = _combined("add", data, segment_ids, num_segments, 0)
    count = _combined("add", cp.ones(segment_ids.shape, total.dtype), segment_ids, total.shape[0], 0)
    return (total / count.reshape(-1, *(1,) * (data.ndim - 1))).astype(data.dtype, copy=False)


def segment_min(data: Any, segment_ids: Any, /, *, num_segments: int | None = None) -> Any:
    return _combined("min", data, segment_ids, num_segments, highest(data.dtype)).astype(
        data.dtype, copy=False
    )


def segment_prod(data: Any, segment_ids: Any, /, *, num_segments: int | None = None) -> Any:
    # No device writes 16 bytes at once.
    if data.dtype.kind == "c":
        return _composed("segment_prod")(data, segment_ids, num_segments=num_segments)
    return _combined("multiply", data, segment_ids, num_segments, 1).astype(data.dtype, copy=False)


def segment_sum(data: Any, segment_ids: Any, /, *, num_segments: int | None = None) -> Any:
    return _combined("add", data, segment_ids, num_segments, 0).astype(data.dtype, copy=False)


def _combined(by: str, data: Any, segment_ids: Any, num_segments: int | None, empty: Any) -> Any:
    number = counted(segment_ids, num_segments)
    out = cp.full((number, *data.shape[1:]), empty, dtype=working(data.dtype))
    combine(by, out, segment_ids, data)
    return out
