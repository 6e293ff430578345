"""The hooks of the NumPy backend (`accel.backend.Door`); what is absent has accel's default."""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

from accel.errors import (
    AccelError,
    AxisError,
    DeviceMemoryError,
    DeviceNotFoundError,
    DTypeError,
    ShapeError,
    TransferError,
)
from accel_numpy._tracing import Traced


def describe(native: Any, /) -> tuple[str, int, str]:
    return "cpu", 0, platform.processor() or platform.machine() or "host"


# np.asarray drops a mask without a word, and with it which of the values count.
def to_host(x: Any, /) -> Any:
    if "numpy.ma" in sys.modules and isinstance(x, np.ma.MaskedArray):
        raise TransferError("A masked array would lose its mask on the way; write x.filled(value) first.")
    return np.asarray(x)


def from_host(array: Any, /, *, device: Any, copy: bool | None) -> Any:
    return put(array, device=device, copy=copy)


def frexp(x: Any, /) -> tuple[Any, Any]:
    m, e = np.frexp(x)
    return m, e.astype(x.dtype)


def ldexp(x: Any, e: Any, /) -> Any:
    return np.ldexp(x, e.astype(np.int32))


def put(x: Any, /, *, device: Any, copy: bool | None) -> Any:
    if device != "cpu":
        raise DeviceNotFoundError(f"NumPy has no device {device!r}; it has one, 'cpu'.")
    return np.array(x, copy=True) if copy else np.asarray(x)


_SHAPE_WORDS = ("broadcast", "core dimension", "dimension", "shape", "square", "squeeze", "axes don't match")


def translate(error: BaseException, /) -> AccelError | None:
    if isinstance(error, AccelError):
        return None
    if isinstance(error, MemoryError):
        return DeviceMemoryError(f"The host memory is full: {error}")
    if isinstance(error, np.exceptions.AxisError):
        return AxisError(str(error))
    if isinstance(error, np.exceptions.DTypePromotionError) or _is_dtype_refusal(error):
        return DTypeError(str(error))
    if isinstance(error, BufferError):
        return TransferError(str(error))
    if isinstance(error, ValueError) and any(word in str(error) for word in _SHAPE_WORDS):
        return ShapeError(str(error))
    return None


def _is_dtype_refusal(error: BaseException) -> bool:
    # The class of these errors is private to NumPy, and a subclass of TypeError alone.
    return isinstance(error, TypeError) and str(error).startswith(
        ("ufunc ", "Cannot cast ", "numpy boolean ", "The numpy boolean ")
    )


_SMALL = 1 << 16
"""Up to so many bytes a copy takes less time than sharing."""


class _Memory:
    """Memory of somebody else, who lives as long as an array in it does."""

    __slots__ = ("__array_interface__", "owner")

    def __init__(self, x: Any) -> None:
        self.owner = x
        self.__array_interface__ = {
            "data": (x.__array_interface__["data"][0], False),
            "shape": (x.nbytes,),
            "typestr": "|u1",
            "version": 3,
        }


# What JAX gives is marked as read-only, since it might be shared; here nobody else has it.
def adopt(x: Any, /, *, device: Any, copy: bool) -> Any:
    if copy or x.nbytes <= _SMALL or not x.flags.c_contiguous:
        return np.array(x)
    return np.asarray(_Memory(x)).view(x.dtype).reshape(x.shape)


def traceable(x: Any, /) -> Any:
    if isinstance(x, Traced) or not isinstance(x, np.ndarray | np.generic):
        return x
    seen = np.asarray(x).view(Traced)
    seen.flags.writeable = False
    return seen


def withheld(x: Any, /) -> bool:
    return isinstance(x, Traced)


def untraced(x: Any, /) -> Any:
    if not isinstance(x, Traced):
        return x
    return x.view(np.ndarray) if x.flags.writeable else np.array(x)


def library() -> Any:
    return np


def versions() -> Mapping[str, str]:
    config: Any = np.show_config(mode="dicts")
    blas = config.get("Build Dependencies", {}).get("blas", {})
    simd = config.get("SIMD Extensions", {})
    # NumPy's transcendental functions differ in the last bits with the instruction set.
    widest = (simd.get("found") or simd.get("baseline") or ["none"])[-1]
    return {
        "numpy": np.__version__,
        "blas": f"{blas.get('name', 'unknown')} {blas.get('version', '')}".strip(),
        "simd": widest,
    }
