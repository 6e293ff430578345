"""Interpolation in one kernel: a thread for each sample, which reads its neighbours along all axes."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import cupy as cp
import numpy as np

from accel.nn.resampling import lengths, linear, nearest

__all__ = ["interpolate"]


@lru_cache(maxsize=256)
def _chosen(device: int, length: int, count: int, scale: float | None) -> Any:
    found = range(length) if count == length else nearest(length, count, scale)
    return cp.asarray(np.asarray(found, dtype=np.int32))


@lru_cache(maxsize=256)
def _neighbours(device: int, length: int, count: int, scale: float | None, corners: bool, dtype: Any) -> Any:
    """Give the places of both neighbours of each sample, and the share of the upper one, where they are read."""
    if count == length:
        places = cp.arange(length, dtype=cp.int32)
        return places, places, cp.zeros(length, dtype=dtype)
    sample = linear(length, count, scale, corners)
    lower, upper = (cp.asarray(np.asarray(each, dtype=np.int32)) for each in (sample.lower, sample.upper))
    return lower, upper, cp.asarray(np.asarray(sample.share, dtype=dtype))


def _split(axes: int) -> str:
    lines = "ptrdiff_t rest = i;\n"
    for axis in reversed(range(axes)):
        lines += f"const ptrdiff_t w{axis} = rest % m{axis}; rest /= m{axis};\n"
    return lines


def _numbers(axes: int) -> str:
    return ", ".join(f"int64 {word}{axis}" for axis in range(axes) for word in "nm")


@lru_cache(maxsize=3)
def _picked(axes: int) -> Any:
    places = "".join(f"rest = rest * n{axis} + at{axis}[w{axis}];\n" for axis in range(axes))
    return cp.ElementwiseKernel(
        f"raw T x, {', '.join(f'raw int32 at{axis}' for axis in range(axes))}, {_numbers(axes)}",
        "T y",
        _split(axes) + places + "y = x[rest];",
        f"accel_nearest_{axes}",
    )


@lru_cache(maxsize=3)
def _weighed(axes: int) -> Any:
    """Make the kernel, which weighs along the first axis what is weighed along the second, and so on.

    An axis that stays as it is has shares of 0 and no upper neighbour.
    """
    tables = ", ".join(
        f"raw int32 low{axis}, raw int32 high{axis}, raw S share{axis}" for axis in range(axes)
    )

    def value(axis: int, place: str) -> str:
        if axis == axes:
            return f"S(x[{place}])"
        low, high = (
            value(axis + 1, f"({place}) * n{axis} + {each}{axis}[w{axis}]") for each in ("low", "high")
        )
        same = f"(n{axis} == m{axis})"
        return f"({same} ? {low} : {low} * (S(1) - share{axis}[w{axis}]) + {high} * share{axis}[w{axis}])"

    return cp.ElementwiseKernel(
        f"raw T x, {tables}, {_numbers(axes)}",
        "T y",
        f"{_split(axes)} y = T({value(0, 'rest')});",
        f"accel_linear_{axes}",
    )


# The composition gathers along one axis after the other, and uploads the places anew each time.
def interpolate(
    x: Any,
    /,
    *,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool = False,
) -> Any:
    wanted = lengths(x.shape[2:], size, scale_factor)
    device, tables, numbers = x.device.id, [], []
    working = np.dtype(np.float64 if x.dtype == np.float64 else np.float32)
    for length, (count, scale) in zip(x.shape[2:], wanted, strict=True):
        numbers += [length, count]
        if mode == "nearest":
            tables.append(_chosen(device, length, count, scale))
        else:
            tables += _neighbours(device, length, count, scale, align_corners, working)
    out = cp.empty((*x.shape[:2], *(count for count, _ in wanted)), dtype=x.dtype)
    kernel = (_picked if mode == "nearest" else _weighed)(len(wanted))
    return kernel(cp.ascontiguousarray(x), *tables, *numbers, out)
