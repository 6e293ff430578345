"""Quantisation in a kernel for the scales and one for the integers, and products with a part of a weight at a time."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import cupy as cp
from numpy.lib.array_utils import normalize_axis_tuple

from accel.nn.quantisation import Quantised
from accel_cupy._precision import precise

__all__ = ["dequantise", "quantise_int4", "quantise_int8", "quantised_matmul"]

ROOM = 64 * 1024 * 1024
"""Bytes of a weight that may be there in floating point at a time."""

# The smallest number that is not rounded to zero, and nan where a number is not finite.
_scale = cp.ElementwiseKernel(
    "T top, T smallest, T most",
    "T y",
    'y = isfinite(top) ? (top < smallest ? T(1) : top / most) : T(nan(""))',
    "accel_scale",
)
_whole = cp.ElementwiseKernel(
    "X x, T scale",
    "int8 y",
    "y = isfinite(scale) ? (signed char)rint(T(x) / scale) : (signed char)0",
    "accel_quantise",
)
_packed = cp.ElementwiseKernel(
    "raw X x, raw T scale, int64 size",
    "uint8 y",
    """
    const T s = scale[2 * i / size];
    int both = 0x88;
    if (isfinite(s)) both = ((int)rint(T(x[2 * i + 1]) / s) + 8) * 16 + (int)rint(T(x[2 * i]) / s) + 8;
    y = (unsigned char)both;
    """,
    "accel_quantise_packed",
)


@lru_cache(maxsize=2)
def _spread(working: str) -> Any:
    """Make the kernel that multiplies packed integers by their scales, in float or double."""
    return cp.ElementwiseKernel(
        "raw uint8 x, raw S scale, int64 size",
        "Y y",
        f"""
        const int digit = (int)((x[i / 2] >> (i % 2 * 4)) & 15) - 8;
        y = Y(({working})digit * ({working})scale[i / size]);
        """,
        f"accel_dequantise_packed_{working}",
    )


@lru_cache(maxsize=2)
def _times(working: str) -> Any:
    """Make the kernel that multiplies integers by their scales, in float or double."""
    return cp.ElementwiseKernel(
        "int8 x, S scale",
        "Y y",
        f"y = Y(({working})x * ({working})scale)",
        f"accel_dequantise_{working}",
    )


def _working(*arrays: Any) -> Any:
    return cp.dtype(cp.float64 if any(x.dtype == cp.float64 for x in arrays) else cp.float32)


def _scales(x: Any, axis: Any, most: int) -> Any:
    dtype = _working(x)
    top: Any = cp.max(cp.abs(x), axis=axis, keepdims=True)
    return _scale(top.astype(dtype, copy=False), 128.0 * float(cp.finfo(dtype).smallest_normal), float(most))


# The composition launches a kernel for each step.
def quantise_int8(x: Any, /, *, axis: Any = -1) -> Quantised:
    axes = normalize_axis_tuple(tuple(range(x.ndim)) if axis is None else axis, x.ndim)
    scale = _scales(x, axes, 127)
    return Quantised(_whole(x, scale), scale)


# As above.
def quantise_int4(x: Any, /, *, group_size: int = 32) -> Quantised:
    groups = cp.ascontiguousarray(x).reshape(*x.shape[:-1], x.shape[-1] // group_size, group_size)
    scale = _scales(groups, -1, 7)[..., 0]
    values = cp.empty((*x.shape[:-1], x.shape[-1] // 2), dtype=cp.uint8)
    _packed(groups, scale, group_size, values)
    return Quantised(values, scale)


def _restored(values: Any, scale: Any, dtype: Any, working: Any) -> Any:
    kind = "double" if working == cp.float64 else "float"
    if values.dtype == cp.int8:
        return _times(kind)(values, scale, cp.empty(values.shape, dtype=dtype))
    out = cp.empty((*values.shape[:-1], 2 * values.shape[-1]), dtype=dtype)
    size = out.shape[-1] // scale.shape[-1]
    return _spread(kind)(cp.ascontiguousarray(values), cp.ascontiguousarray(scale), size, out)


# As above.
def dequantise(values: Any, scale: Any, /, *, dtype: Any = None) -> Any:
    return _restored(values, scale, cp.dtype(scale.dtype if dtype is None else dtype), _working(scale))


# The composition makes the whole weight in floating point.
@precise
def quantised_matmul(x: Any, values: Any, scale: Any, /) -> Any:
    dtype, count, length = _working(x, scale), values.shape[0], x.shape[-1]
    rows = x.astype(dtype, copy=False)
    step = max(1, ROOM // (length * dtype.itemsize))
    if count <= step:
        whole: Any = cp.matmul(rows, _restored(values, scale, dtype, dtype).T)
        return whole.astype(x.dtype, copy=False)
    out = cp.empty((*x.shape[:-1], count), dtype=x.dtype)
    for first in range(0, count, step):
        part = slice(first, first + step)
        out[..., part] = cp.matmul(rows, _restored(values[part], scale[part], dtype, dtype).T)
    return out
