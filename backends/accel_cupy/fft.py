"""The Fourier transforms of CuPy (cuFFT) as the ``fft`` extension of the Array API.

CuPy takes an axis modulo the number of axes and a negative length for a cut, and leaves a length of zero to cuFFT: so each transform
is checked first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cupy as cp

from accel.errors import ArgumentError, AxisError, DTypeError
from accel_cupy import _device


# An axis that x lacks is another one in CuPy, as in all transforms below.
def fft(x: Any, /, *, n: int | None = None, axis: int = -1, norm: str = "backward") -> Any:
    return cp.fft.fft(_along(x, n, axis), n=n, axis=axis, norm=norm)


# CuPy gives an empty array for n = 0, and has neither `dtype` nor `device`.
def fftfreq(n: int, /, *, d: float = 1.0, dtype: Any = None, device: Any = None) -> Any:
    return _frequencies("fftfreq", n, d, dtype, device)


# Libraries disagree about an axis that is named twice.
def fftn(x: Any, /, *, s: Any = None, axes: Any = None, norm: str = "backward") -> Any:
    return cp.fft.fftn(_along_all(x, s, axes), s=s, axes=axes, norm=norm)


# CuPy fails for an array that has no axes.
def fftshift(x: Any, /, *, axes: Any = None) -> Any:
    return x.copy() if x.ndim == 0 and axes in (None, (), []) else cp.fft.fftshift(x, axes)


# As fft.
def hfft(x: Any, /, *, n: int | None = None, axis: int = -1, norm: str = "backward") -> Any:
    return cp.fft.hfft(_along(x, n, axis, half=True), n=n, axis=axis, norm=norm)


# As fft.
def ifft(x: Any, /, *, n: int | None = None, axis: int = -1, norm: str = "backward") -> Any:
    return cp.fft.ifft(_along(x, n, axis), n=n, axis=axis, norm=norm)


# As fftn.
def ifftn(x: Any, /, *, s: Any = None, axes: Any = None, norm: str = "backward") -> Any:
    return cp.fft.ifftn(_along_all(x, s, axes), s=s, axes=axes, norm=norm)


# As fftshift.
def ifftshift(x: Any, /, *, axes: Any = None) -> Any:
    return x.copy() if x.ndim == 0 and axes in (None, (), []) else cp.fft.ifftshift(x, axes)


# As fft; and CuPy drops the imaginary part of the input with a warning.
def ihfft(x: Any, /, *, n: int | None = None, axis: int = -1, norm: str = "backward") -> Any:
    return cp.fft.ihfft(_along(_real("ihfft", x), n, axis), n=n, axis=axis, norm=norm)


# As fft.
def irfft(x: Any, /, *, n: int | None = None, axis: int = -1, norm: str = "backward") -> Any:
    return cp.fft.irfft(_along(x, n, axis, half=True), n=n, axis=axis, norm=norm)


# As fftn.
def irfftn(x: Any, /, *, s: Any = None, axes: Any = None, norm: str = "backward") -> Any:
    return cp.fft.irfftn(_along_all(x, s, axes), s=s, axes=axes, norm=norm)


# As ihfft.
def rfft(x: Any, /, *, n: int | None = None, axis: int = -1, norm: str = "backward") -> Any:
    return cp.fft.rfft(_along(_real("rfft", x), n, axis), n=n, axis=axis, norm=norm)


# As fftfreq.
def rfftfreq(n: int, /, *, d: float = 1.0, dtype: Any = None, device: Any = None) -> Any:
    return _frequencies("rfftfreq", n, d, dtype, device)


# As fftn and ihfft.
def rfftn(x: Any, /, *, s: Any = None, axes: Any = None, norm: str = "backward") -> Any:
    return cp.fft.rfftn(_along_all(_real("rfftn", x), s, axes), s=s, axes=axes, norm=norm)


def _along(x: Any, n: int | None, axis: int, half: bool = False) -> Any:
    """Give x back if it can be transformed along an axis; ``half``: of a spectrum that holds one half."""
    if not -x.ndim <= axis < x.ndim:
        raise AxisError(f"The transform got axis {axis} for an array of {x.ndim} dimensions.")
    length = (2 * (x.shape[axis] - 1) if half else x.shape[axis]) if n is None else n
    if length < 1:
        raise ArgumentError(
            f"A transform has a length of 1 or more, got {length} along axis {axis}; name the length that is meant."
        )
    return x


def _along_all(x: Any, s: Sequence[int] | None, axes: Sequence[int] | None) -> Any:
    for axis in axes or ():
        if not -x.ndim <= axis < x.ndim:
            raise AxisError(
                f"The transform got axes={tuple(axes or ())} for an array of {x.ndim} dimensions."
            )
    if axes is not None and len({axis % x.ndim for axis in axes}) < len(axes):
        raise ArgumentError(
            f"Each axis is transformed once, and axes={tuple(axes)} names one of {x.ndim} axes twice."
        )
    if s is not None and any(length < 1 for length in s if length != -1):
        raise ArgumentError(f"A transform has a length of 1 or more along each axis, got s={tuple(s)}.")
    return x


def _frequencies(name: str, n: int, d: float, dtype: Any, device: Any) -> Any:
    if n < 1:
        raise ArgumentError(f"{name} got n={n}; give the length of the transform, 1 or more.")
    if dtype is not None and cp.dtype(dtype).kind in "biuc":
        raise DTypeError(
            f"{name} gives real frequencies, got dtype={cp.dtype(dtype)}; take float32 or float64."
        )
    with _device.on(device):
        frequencies = getattr(cp.fft, name)(n, d)
        return frequencies if dtype is None else frequencies.astype(dtype, copy=False)


def _real(name: str, x: Any) -> Any:
    if x.dtype.kind == "c":
        raise DTypeError(
            f"{name} transforms real arrays, got {x.dtype}; write real(x), or the transform for complex ones."
        )
    return x


if _device.several():
    _device.guard(globals())
