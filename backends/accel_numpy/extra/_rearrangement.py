"""Rearrangement on NumPy: results are made once, and written to part by part."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from accel.extra.rearrangement import along, widths

__all__ = ["block_diag", "pad", "sliding_window_view"]

Array: TypeAlias = npt.NDArray[Any]


# The composition puts rows of blocks together, twice.
def block_diag(*arrays: Array) -> Array:
    shape = sum(x.shape[0] for x in arrays), sum(x.shape[1] for x in arrays)
    out = np.zeros(shape, dtype=np.result_type(*arrays))
    row = column = 0
    for x in arrays:
        out[row : row + x.shape[0], column : column + x.shape[1]] = x
        row, column = row + x.shape[0], column + x.shape[1]
    return out


# The composition copies the array once for each axis.
def pad(x: Array, /, pad_width: Any, *, mode: str = "constant", constant_values: Any = 0) -> Array:
    frame = widths(x, pad_width)
    inner = tuple(slice(before, before + n) for (before, _), n in zip(frame, x.shape, strict=True))
    out = np.empty(
        tuple(before + n + after for (before, after), n in zip(frame, x.shape, strict=True)), x.dtype
    )
    out[inner] = x
    for axis, (before, after) in enumerate(frame):
        # The axes before this one are whole by now, those behind it are not.
        length = x.shape[axis]
        lead: tuple[Any, ...] = (slice(None),) * axis
        rest: tuple[Any, ...] = inner[axis + 1 :]
        for start, stop in ((0, before), (before + length, before + length + after)):
            if start == stop:
                continue
            where = (*lead, slice(start, stop), *rest)
            if mode == "constant":
                out[where] = constant_values
            else:
                source = before + _source(np.arange(start - before, stop - before), length, mode)
                out[where] = out[(*lead, source, *rest)]
    return out


def _source(places: Array, length: int, mode: str) -> Array:
    """Give where the elements stand that go to places before and behind an axis."""
    if mode == "edge" or length == 1:
        return np.clip(places, 0, length - 1)
    if mode == "wrap":
        return np.remainder(places, length)
    period = 2 * length - (2 if mode == "reflect" else 0)
    places = places % period
    back: Array = period - places if mode == "reflect" else period - 1 - places
    return np.minimum(places, back)


# The composition copies; here windows are a view.
def sliding_window_view(x: Array, /, window_shape: Any, *, axis: Any = None) -> Array:
    pairs = along(x, window_shape, axis)
    shape, strides = list(x.shape), x.strides + tuple(x.strides[a] for a, _ in pairs)
    for a, length in pairs:
        shape[a] -= length - 1
    shape += [length for _, length in pairs]
    return np.lib.stride_tricks.as_strided(x, shape, strides, writeable=False)
