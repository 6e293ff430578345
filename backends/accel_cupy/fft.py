"""The Fourier transforms of CuPy (cuFFT) as the ``fft`` extension of the Array API."""

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


# CuPy gives an empty array for n = 0, and has neither `dtype` nor `device`.
def fftfreq(n: int, /, *, d: float = 1.0, dtype: Any = None, device: Any = None) -> Any:
    return _frequencies("fftfreq", n, d, dtype, device)


# Libraries disagree about an axis that is named twice.
def fftn(x: Any, /, *, s: Any = None, axes: Any = None, norm: str = "backward") -> Any:
    return cp.fft.fftn(x, s=s, axes=_distinct(x, axes), norm=norm)


fftshift = cp.fft.fftshift
hfft = cp.fft.hfft
ifft = cp.fft.ifft


# As fftn.
def ifftn(x: Any, /, *, s: Any = None, axes: Any = None, norm: str = "backward") -> Any:
    return cp.fft.ifftn(x, s=s, axes=_distinct(x, axes), norm=norm)


ifftshift = cp.fft.ifftshift


# CuPy drops the imaginary part of its input with a warning.
def ihfft(x: Any, /, *, n: int | None = None, axis: int = -1, norm: str = "backward") -> Any:
    return cp.fft.ihfft(_real("ihfft", x), n=n, axis=axis, norm=norm)


irfft = cp.fft.irfft


# As fftn.
def irfftn(x: Any, /, *, s: Any = None, axes: Any = None, norm: str = "backward") -> Any:
    return cp.fft.irfftn(x, s=s, axes=_distinct(x, axes), norm=norm)


# As ihfft.
def rfft(x: Any, /, *, n: int | None = None, axis: int = -1, norm: str = "backward") -> Any:
    return cp.fft.rfft(_real("rfft", x), n=n, axis=axis, norm=norm)


# As fftfreq.
def rfftfreq(n: int, /, *, d: float = 1.0, dtype: Any = None, device: Any = None) -> Any:
    return _frequencies("rfftfreq", n, d, dtype, device)


# As fftn and ihfft.
def rfftn(x: Any, /, *, s: Any = None, axes: Any = None, norm: str = "backward") -> Any:
    return cp.fft.rfftn(_real("rfftn", x), s=s, axes=_distinct(x, axes), norm=norm)


def _distinct(x: Any, axes: Any) -> Any:
    if axes is not None and len({axis % x.ndim for axis in axes}) < len(axes):
        raise ArgumentError(f"Each axis is transformed once, and axes={tuple(axes)} names one of {x.ndim} axes twice.")
    return axes


def _frequencies(name: str, n: int, d: float, dtype: Any, device: Any) -> Any:
    if n < 1:
        raise ArgumentError(f"{name} got n={n}; give the length of the transform, 1 or more.")
    if dtype is not None and cp.dtype(dtype).kind in "biuc":
        raise DTypeError(f"{name} gives real frequencies, got dtype={cp.dtype(dtype)}; take float32 or float64.")
    with _device.on(device):
        frequencies = getattr(cp.fft, name)(n, d)
        return frequencies if dtype is None else frequencies.astype(dtype, copy=False)


def _real(name: str, x: Any) -> Any:
    if x.dtype.kind == "c":
        raise DTypeError(f"{name} transforms real arrays, got {x.dtype}; write real(x), or the transform for complex ones.")
    return x


if cp.cuda.runtime.getDeviceCount() > 1:
    _device.guard(globals(), __all__)
