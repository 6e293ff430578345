"""Fast Fourier transforms of CuPy (cuFFT)."""

from __future__ import annotations

from typing import Any

import cupy as cp

from accel.errors import ArgumentError, DTypeError
from accel_cupy import _device

__all__ = [
    "fft",
    "fftfreq",
    "fftn",
    "fftshift",
    "hfft",
    "ifft",
    "ifftn",
    "ifftshift",
    "ihfft",
    "irfft",
    "irfftn",
    "rfft",
    "rfftfreq",
    "rfftn",
]

fft = cp.fft.fft
fftn = cp.fft.fftn
fftshift = cp.fft.fftshift
hfft = cp.fft.hfft
ifft = cp.fft.ifft
ifftn = cp.fft.ifftn
ifftshift = cp.fft.ifftshift
irfft = cp.fft.irfft
irfftn = cp.fft.irfftn


# No `dtype` and `device` in CuPy.
def fftfreq(n: int, /, *, d: float = 1.0, dtype: Any = None, device: Any = None) -> Any:
    with _device.on(device):
        return _cast("fftfreq", cp.fft.fftfreq(_count("fftfreq", n), d), dtype)


def rfftfreq(n: int, /, *, d: float = 1.0, dtype: Any = None, device: Any = None) -> Any:
    with _device.on(device):
        return _cast("rfftfreq", cp.fft.rfftfreq(_count("rfftfreq", n), d), dtype)


def _count(name: str, n: int) -> int:
    if n < 1:
        raise ArgumentError(f"{name} got n={n}; give the length of the transform, 1 or more.")
    return n


def _cast(name: str, x: Any, dtype: Any) -> Any:
    if dtype is None:
        return x
    if cp.dtype(dtype).kind != "f":
        raise DTypeError(f"{name} gives real frequencies, got dtype {dtype}; take float32 or float64.")
    return x.astype(dtype, copy=False)


# CuPy drops the imaginary part of a complex input with a warning.
def ihfft(x: Any, /, *, n: int | None = None, axis: int = -1, norm: str = "backward") -> Any:
    return cp.fft.ihfft(_real("ihfft", x), n=n, axis=axis, norm=norm)


def rfft(x: Any, /, *, n: int | None = None, axis: int = -1, norm: str = "backward") -> Any:
    return cp.fft.rfft(_real("rfft", x), n=n, axis=axis, norm=norm)


def rfftn(x: Any, /, *, s: Any = None, axes: Any = None, norm: str = "backward") -> Any:
    return cp.fft.rfftn(_real("rfftn", x), s=s, axes=axes, norm=norm)


def _real(name: str, x: Any) -> Any:
    if x.dtype.kind == "c":
        raise DTypeError(f"{name} transforms real arrays, got {x.dtype}; write {name.lstrip('ri')}(x) or real(x).")
    return x
