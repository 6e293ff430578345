"""Making arrays: through NumPy, because JAX narrows Python scalars and 64-bit input before it looks at ``dtype``."""

from __future__ import annotations

import math
import operator
from typing import Any

import accel_numpy
import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from accel.errors import ArgumentError, DTypeError, ShapeError
from accel_jax._promotion import COMPLEX, KNOWN, NARROW, cast, dtype_of, host, result_type
from accel_jax._x64 import wide

__all__ = [
    "arange",
    "asarray",
    "astype",
    "empty",
    "empty_like",
    "eye",
    "from_dlpack",
    "full",
    "full_like",
    "linspace",
    "meshgrid",
    "ones",
    "ones_like",
    "shape_of",
    "tril",
    "triu",
    "zeros",
    "zeros_like",
]

_FLOAT = np.dtype(np.float64)


def shape_of(shape: Any) -> tuple[int, ...]:
    """Read a shape: one size or a sequence of them, none below zero."""
    sizes = (shape,) if hasattr(shape, "__index__") else tuple(shape)
    read = tuple(operator.index(size) for size in sizes)
    if any(size < 0 for size in read):
        raise ShapeError(f"A shape has sizes of 0 and more; got {read}.")
    return read


def _holds_arrays(obj: Any) -> bool:
    return isinstance(obj, jax.Array) or (isinstance(obj, (list, tuple)) and any(map(_holds_arrays, obj)))


def _cast(x: Any, dtype: np.dtype[Any]) -> Any:
    if x.dtype in COMPLEX and dtype.kind not in "cb":
        raise DTypeError(
            f"A cast from {x.dtype} to {dtype} would drop the imaginary part; take real(x) or abs(x) first."
        )
    return cast(x, dtype)


def _read(obj: Any, dtype: np.dtype[Any] | None) -> np.ndarray[Any, Any]:
    """Read numbers as NumPy's backend does: what is refused there is refused here."""
    array: np.ndarray[Any, Any] = accel_numpy.asarray(obj, dtype=dtype)
    if array.dtype not in KNOWN:
        raise DTypeError(f"JAX has no {array.dtype.name}; cast to a dtype that it has.")
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))


# jnp.asarray narrows its input before it sees the dtype, wraps integers, takes nested arrays apart and copies
# where copy=False was asked.
@wide
def asarray(obj: Any, /, *, dtype: Any = None, device: Any = None, copy: bool | None = None) -> Any:
    wanted = None if dtype is None else dtype_of(dtype)
    if isinstance(obj, jax.Array):
        return _again(obj, wanted, device, copy)
    if copy is False:
        raise ArgumentError(
            f"asarray cannot take a {type(obj).__name__} into a JAX array without a copy; leave copy=None."
        )
    if hasattr(obj, "__dlpack__") and host(obj) is None:
        y = from_dlpack(obj, device=device, copy=True)
        return y if wanted is None else _cast(y, wanted)
    if isinstance(obj, (list, tuple)) and _holds_arrays(obj):
        parts = [asarray(part) for part in obj]
        common = result_type(*parts) if wanted is None else wanted
        stacked = jnp.stack([_cast(part, common) for part in parts])
        return stacked if device is None else jax.device_put(stacked, device)
    # What the caller writes to the memory later must not show: jnp.array copies, jax.device_put may not, but reaches another
    # device in a quarter of the time.
    read = _read(obj, wanted)
    return jnp.array(read) if device is None else jax.device_put(read.copy(), device)


def _again(x: Any, dtype: np.dtype[Any] | None, device: Any, copy: bool | None) -> Any:
    elsewhere = device is not None and not isinstance(x, Tracer) and device not in (x.sharding, *_place(x))
    recast = dtype is not None and dtype != x.dtype
    if copy is False and (elsewhere or recast):
        raise ArgumentError("asarray cannot change the dtype or the device without a copy; leave copy=None.")
    y = _cast(x, dtype) if recast and dtype is not None else x
    if elsewhere or (device is not None and isinstance(x, Tracer)):
        y = jax.device_put(y, device)
    return jnp.array(y, copy=True) if copy and y is x else y


def _place(x: Any) -> tuple[Any, ...]:
    devices = x.devices()
    return tuple(devices) if len(devices) == 1 else ()


# jnp.arange takes its default dtypes from JAX's table, and casts floating-point elements where NumPy casts
# start and step.
@wide
def arange(start: Any, /, stop: Any = None, step: Any = 1, *, dtype: Any = None, device: Any = None) -> Any:
    if stop is None:
        start, stop = 0, start
    if any(isinstance(bound, (bool, np.bool)) for bound in (start, stop, step)):
        raise ArgumentError("arange counts with numbers; got a bool.")
    if dtype is None:
        dtype = result_type(start, stop, step, np.int64)
    wanted = dtype_of(dtype)
    if wanted.kind == "b" or wanted not in KNOWN:
        raise DTypeError(f"arange makes numbers; got dtype {wanted}.")
    if isinstance(start, int) and isinstance(stop, int) and isinstance(step, int):
        last = range(start, stop, step)[-1:] if step else ()
        for bound in (start, *last) if last and wanted.kind in "iu" else ():
            np.asarray(bound, dtype=wanted)  # raises OverflowError where JAX would wrap
        return jnp.arange(start, stop, step, dtype=wanted, device=device)
    if wanted.kind in "iu" and step and (count := math.ceil((stop - start) / step)) > 0:
        for bound in (start, start + (count - 1) * step):
            np.asarray(int(bound), dtype=wanted)
    return jnp.asarray(np.arange(start, stop, step, dtype=wanted), device=device)


@wide
def empty(shape: Any, *, dtype: Any = None, device: Any = None) -> Any:
    return jnp.empty(shape_of(shape), dtype=_FLOAT if dtype is None else dtype_of(dtype), device=device)


@wide
def empty_like(x: Any, /, *, dtype: Any = None, device: Any = None) -> Any:
    wanted = x.dtype if dtype is None else dtype_of(dtype)
    return jnp.empty_like(x, dtype=wanted) if device is None else empty(x.shape, dtype=wanted, device=device)


@wide
def eye(
    n_rows: int, n_cols: int | None = None, /, *, k: int = 0, dtype: Any = None, device: Any = None
) -> Any:
    rows, cols = shape_of((n_rows, n_rows if n_cols is None else n_cols))
    return jnp.eye(rows, cols, k=k, dtype=_FLOAT if dtype is None else dtype_of(dtype), device=device)


# jnp.from_dlpack shares memory with copy=True too, and refuses NumPy arrays that are read-only, strided or of
# bfloat16.
@wide
def from_dlpack(x: Any, /, *, device: Any = None, copy: bool | None = None) -> Any:
    if isinstance(x, jax.Array):  # DLPack does not say on which of several CPU devices it lies
        return asarray(x, device=device, copy=copy)
    if copy is not False and host(x) is not None:
        return jnp.array(_read(x, None), device=device)
    if not hasattr(x, "__dlpack__"):
        raise AttributeError(f"{type(x).__name__} objects have no __dlpack__.")
    try:
        y = jnp.from_dlpack(x, device=device, copy=copy)
    except (jax.errors.JaxRuntimeError, BufferError):
        # JAX knows no strides; NumPy does, for what lies on the host (kDLCPU).
        if copy is False or x.__dlpack_device__()[0] != 1:
            raise
        return jnp.array(np.from_dlpack(x), device=device)
    return jnp.array(y, copy=True) if copy else y


def _fill(value: Any, dtype: Any) -> Any:
    if isinstance(value, jax.Array):
        return value if dtype is None else _cast(value, dtype_of(dtype))
    return _read(value, None if dtype is None else dtype_of(dtype))


# jnp.full wraps a Python integer that does not fit, where NumPy raises.
@wide
def full(shape: Any, fill_value: Any, *, dtype: Any = None, device: Any = None) -> Any:
    value = _fill(fill_value, dtype)
    return jnp.full(shape_of(shape), value, dtype=value.dtype, device=device)


@wide
def full_like(x: Any, /, fill_value: Any, *, dtype: Any = None, device: Any = None) -> Any:
    value = _fill(fill_value, x.dtype if dtype is None else dtype)
    return (
        jnp.full_like(x, value, dtype=value.dtype) if device is None else full(x.shape, value, device=device)
    )


# jnp.linspace interpolates between the ends, which loses values near zero; NumPy's own, computed once, is
# exact at both.
@wide
def linspace(
    start: Any, stop: Any, /, num: int, *, dtype: Any = None, device: Any = None, endpoint: bool = True
) -> Any:
    wanted = result_type(start, stop, _FLOAT) if dtype is None else dtype_of(dtype)
    if isinstance(start, jax.Array) or isinstance(stop, jax.Array):
        return jnp.linspace(start, stop, num, dtype=wanted, endpoint=endpoint, device=device)
    with np.errstate(all="ignore"):
        return jnp.asarray(np.linspace(start, stop, num, dtype=wanted, endpoint=endpoint), device=device)


# jnp.meshgrid gives a list and refuses 0-d arrays.
@wide(keeps=NARROW)
def meshgrid(*arrays: Any, indexing: str = "xy") -> Any:
    return tuple(jnp.meshgrid(*map(jnp.atleast_1d, arrays), indexing=indexing))


@wide
def ones(shape: Any, *, dtype: Any = None, device: Any = None) -> Any:
    return jnp.ones(shape_of(shape), dtype=_FLOAT if dtype is None else dtype_of(dtype), device=device)


@wide
def ones_like(x: Any, /, *, dtype: Any = None, device: Any = None) -> Any:
    wanted = x.dtype if dtype is None else dtype_of(dtype)
    return jnp.ones_like(x, dtype=wanted) if device is None else ones(x.shape, dtype=wanted, device=device)


@wide(keeps=NARROW)
def tril(x: Any, /, *, k: int = 0) -> Any:
    return jnp.tril(x, k=k)


@wide(keeps=NARROW)
def triu(x: Any, /, *, k: int = 0) -> Any:
    return jnp.triu(x, k=k)


@wide
def zeros(shape: Any, *, dtype: Any = None, device: Any = None) -> Any:
    return jnp.zeros(shape_of(shape), dtype=_FLOAT if dtype is None else dtype_of(dtype), device=device)


@wide
def zeros_like(x: Any, /, *, dtype: Any = None, device: Any = None) -> Any:
    wanted = x.dtype if dtype is None else dtype_of(dtype)
    return jnp.zeros_like(x, dtype=wanted) if device is None else zeros(x.shape, dtype=wanted, device=device)


# jnp.astype drops imaginary parts with a warning.
@wide
def astype(x: Any, dtype: Any, /, *, copy: bool = True, device: Any = None) -> Any:
    wanted = dtype_of(dtype)
    if wanted not in KNOWN:
        raise DTypeError(f"astype casts to booleans and numbers; got {wanted}.")
    y = _cast(x, wanted)
    if device is not None:
        y = jax.device_put(y, device)
    return jnp.array(y, copy=True) if copy and y is x else y
