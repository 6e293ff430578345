"""Creation functions: CuPy's, with a device, NumPy's rounding, and nothing that is no number."""

from __future__ import annotations

import math
from operator import index
from typing import Any

import accel_numpy
import cupy as cp
import numpy as np

from accel.errors import ArgumentError, DTypeError, ShapeError, TransferError
from accel_cupy import _device
from accel_cupy._data_type import astype

__all__ = [
    "arange",
    "asarray",
    "empty",
    "empty_like",
    "eye",
    "from_dlpack",
    "full",
    "full_like",
    "linspace",
    "ones",
    "ones_like",
    "tril",
    "triu",
    "zeros",
    "zeros_like",
]


# No `device` in CuPy. On the device start + i * step may be fused into one rounding; NumPy rounds the product, so it has its own
# kernel here.
def arange(start: Any, /, stop: Any = None, step: Any = 1, *, dtype: Any = None, device: Any = None) -> Any:
    if stop is None:
        start, stop = 0, start
    if any(isinstance(number, bool) for number in (start, stop, step)):
        raise ArgumentError("arange got a bool for a bound; write 0 or 1.")
    if step == 0:
        raise ArgumentError("arange got step 0; give the distance between two values, or use linspace.")
    kind = _range_dtype(dtype, start, stop, step)
    if kind.kind == "c":
        return arange(start, stop, step, dtype=kind.char.lower(), device=device).astype(kind)
    with _device.on(device):
        count = math.ceil((stop - start) / step)
        if kind.kind in "iu":
            limits, last = np.iinfo(kind), start + (count - 1) * step
            if count > 0 and not limits.min <= min(start, last) <= max(start, last) <= limits.max:
                raise OverflowError(f"arange from {start} to {last} does not fit {kind}; name a wider dtype.")
            if limits.min <= step <= limits.max:
                return cp.arange(start, stop, step, dtype=kind)
            # A step that the dtype cannot hold, and yet the numbers: they wrap back into it.
            steps = cp.arange(max(count, 0), dtype=np.uint64) * np.uint64(step % 2**64)
            return (steps + np.uint64(start % 2**64)).astype(kind)
        if count <= 0:
            return cp.empty(0, dtype=kind)
        first = kind.type(start)
        wide = np.float32 if kind.itemsize == 2 else kind.type
        delta = wide(kind.type(start + step)) - wide(first)
        values = cp.arange(count, dtype=wide)
        values *= delta
        values += wide(first)
        # NumPy rounds the first two numbers by themselves, and takes the distance of the others from them.
        values[:1], values[1:2] = wide(first), wide(kind.type(start + step))
        if np.signbit(first) and first == 0:  # CuPy stores 0 as zero bytes
            cp.negative(values[:1], out=values[:1])
        return values.astype(kind, copy=False)


def _range_dtype(dtype: Any, *numbers: Any) -> Any:
    if dtype is None:
        found = cp.dtype(float if any(isinstance(n, float) for n in numbers) else int)
    else:
        found = cp.dtype(dtype)
    if found.kind not in "iufc" and found.name != "bfloat16":
        raise DTypeError("arange counts in numbers; take a numeric dtype.")
    return found


# CuPy fails late at strings and objects, and has no `device`. NumPy arrays and Python numbers are read as NumPy's backend does and
# copied to the device: the one transfer that the call itself asks for.
def asarray(obj: Any, /, *, dtype: Any = None, device: Any = None, copy: bool | None = None) -> Any:
    if isinstance(obj, cp.ndarray):
        return _from_own(obj, dtype, device, copy)
    if hasattr(obj, "__cuda_array_interface__"):
        with _device.on(device):
            return _from_own(cp.asarray(obj), dtype, device, copy)
    if copy is False:
        raise ArgumentError(
            f"asarray(copy=False) got {type(obj).__name__}, which is in host memory; write copy=None to allow the copy."
        )
    with _device.on(device):
        if isinstance(obj, np.ndarray | np.generic):
            values = _upload(accel_numpy.asarray(obj))
            return values if dtype is None else astype(values, dtype, copy=False)
        if isinstance(obj, list | tuple) and _holds_arrays(obj):
            return cp.array(obj, dtype=dtype)
        return _upload(accel_numpy.asarray(obj, dtype=dtype))


def _from_own(x: Any, dtype: Any, device: Any, copy: bool | None) -> Any:
    home = x.device if device is None else _device.native(device)
    changed = home != x.device or (dtype is not None and x.dtype != dtype)
    if copy is False and changed:
        raise ArgumentError(
            f"asarray(copy=False) got {x.dtype} on {x.device} to turn into {dtype or x.dtype} on {home}; write copy=None to allow the copy."
        )
    if not changed:
        return x.copy() if copy else x
    there = x if home == x.device else _device.move(x, home)
    with home:
        return there if dtype is None else astype(there, dtype, copy=False)


def _holds_arrays(items: Any) -> bool:
    return any(
        _holds_arrays(item) if isinstance(item, list | tuple) else isinstance(item, cp.ndarray)
        for item in items
    )


# CuPy clears the memory of an array that is filled with a number equal to zero, so 0-d arrays lose the sign of -0.0
# (chainer/chainer#1435); and pinned memory it reads after the caller has it back.
def _upload(values: Any) -> Any:
    if values.ndim == 0:
        if values.item() == 0 and any(values.tobytes()):
            return _upload(values.reshape(1)).reshape(())
        return cp.array(values)
    return cp.array(values, blocking=cp.cuda.pinned_memory.is_memory_pinned(values.ctypes.data))


# No `device` in CuPy.
def empty(shape: Any, *, dtype: Any = None, device: Any = None) -> Any:
    with _device.on(device):
        return cp.empty(shape, dtype=float if dtype is None else dtype)


# As empty.
def empty_like(x: Any, /, *, dtype: Any = None, device: Any = None) -> Any:
    with _device.on(device):
        return cp.empty_like(x, dtype=dtype)


# As empty.
def eye(
    n_rows: int, n_cols: int | None = None, /, *, k: int = 0, dtype: Any = None, device: Any = None
) -> Any:
    with _device.on(device):
        return cp.eye(n_rows, n_cols, k, dtype=float if dtype is None else dtype)


# CuPy imports device memory only, without `device` and `copy`.
def from_dlpack(x: Any, /, *, device: Any = None, copy: bool | None = None) -> Any:
    kind, _ = x.__dlpack_device__()
    if kind == 1:  # kDLCPU
        if device is None or copy is False:
            raise TransferError(
                f"from_dlpack got {type(x).__name__} in host memory, which CuPy cannot see; "
                f"write device=... without copy=False to have it copied."
            )
        return asarray(np.from_dlpack(x), device=device)
    seen = cp.from_dlpack(x)
    home = seen.device if device is None else _device.native(device)
    if home != seen.device:
        if copy is False:
            raise TransferError(
                f"from_dlpack(copy=False) cannot move from {seen.device} to {home}; write copy=None to allow the copy."
            )
        return _device.move(seen, home)
    return seen.copy() if copy else seen


# CuPy makes uint64 of integers above int64 unasked, drops imaginary parts, and loses the sign of -0.0.
def full(shape: Any, fill_value: Any, *, dtype: Any = None, device: Any = None) -> Any:
    with _device.on(device):
        value = asarray(fill_value, dtype=dtype)
        out = cp.empty(shape, dtype=value.dtype)
        out[...] = value
        return out


# As full.
def full_like(x: Any, /, fill_value: Any, *, dtype: Any = None, device: Any = None) -> Any:
    with _device.on(device):
        value = asarray(fill_value, dtype=x.dtype if dtype is None else dtype)
        out = cp.empty_like(x, dtype=value.dtype)
        out[...] = value
        return out


# On the device start + i * step may be fused into one rounding; NumPy rounds the product, so it has its own kernel here.
def linspace(
    start: Any, stop: Any, /, num: int, *, dtype: Any = None, device: Any = None, endpoint: bool = True
) -> Any:
    num = index(num)
    if num < 0:
        raise ArgumentError(f"linspace got num={num}; give the number of values, 0 or more.")
    kind = cp.dtype(cp.result_type(start, stop, 1.0) if dtype is None else dtype)
    wide = np.result_type(start, stop, np.float64).type
    with _device.on(device):
        values = cp.arange(num, dtype=np.float64).astype(wide, copy=False)
        gaps = num - 1 if endpoint else num
        with np.errstate(all="ignore"):
            span = wide(stop) - wide(start)
            step = span / gaps if gaps else wide(np.nan)
        if step == 0 and gaps:
            values /= gaps
            values *= span
        else:
            values *= step if gaps else span
        values += wide(start)
        if endpoint and num > 1:
            values[-1] = asarray(wide(stop))
        if kind.kind in "iu":
            cp.floor(values, out=values)
        return astype(values, kind, copy=False)


# As empty.
def ones(shape: Any, *, dtype: Any = None, device: Any = None) -> Any:
    with _device.on(device):
        return cp.ones(shape, dtype=float if dtype is None else dtype)


# As empty.
def ones_like(x: Any, /, *, dtype: Any = None, device: Any = None) -> Any:
    with _device.on(device):
        return cp.ones_like(x, dtype=dtype)


# CuPy makes a matrix of a vector.
def tril(x: Any, /, *, k: int = 0) -> Any:
    return cp.tril(_matrix("tril", x), k)


# As tril.
def triu(x: Any, /, *, k: int = 0) -> Any:
    return cp.triu(_matrix("triu", x), k)


def _matrix(name: str, x: Any) -> Any:
    if x.ndim < 2:
        raise ShapeError(
            f"{name} takes matrices (..., m, n), got shape {x.shape}; write x[:, None] or x[None, :]."
        )
    return x


# As empty.
def zeros(shape: Any, *, dtype: Any = None, device: Any = None) -> Any:
    with _device.on(device):
        return cp.zeros(shape, dtype=float if dtype is None else dtype)


# As empty.
def zeros_like(x: Any, /, *, dtype: Any = None, device: Any = None) -> Any:
    with _device.on(device):
        return cp.zeros_like(x, dtype=dtype)
