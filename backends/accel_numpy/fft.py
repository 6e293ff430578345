"""The Fourier transforms of NumPy as the ``fft`` extension of the Array API."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from numpy.lib.array_utils import normalize_axis_index

from accel.errors import ArgumentError, DTypeError

Array: TypeAlias = npt.NDArray[Any]

fft = np.fft.fft


# NumPy divides by zero for n = 0, and has no dtype argument.
def fftfreq(n: int, /, *, d: float = 1.0, dtype: Any = None, device: Any = None) -> Array:
    return _frequencies(np.fft.fftfreq, n, d, dtype, device)


# NumPy transforms a repeated axis twice; others raise.
def fftn(
    x: Array, /, *, s: Sequence[int] | None = None, axes: Sequence[int] | None = None, norm: Any = "backward"
) -> Array:
    return np.fft.fftn(x, s=s, axes=_distinct(x, axes), norm=norm)


# NumPy cannot shift along no axis at all, as a 0-d array has it.
def fftshift(x: Array, /, *, axes: int | Sequence[int] | None = None) -> Array:
    return np.fft.fftshift(x, axes) if _any_axis(x, axes) else np.array(x)


hfft = np.fft.hfft
ifft = np.fft.ifft


# As `fftn`.
def ifftn(
    x: Array, /, *, s: Sequence[int] | None = None, axes: Sequence[int] | None = None, norm: Any = "backward"
) -> Array:
    return np.fft.ifftn(x, s=s, axes=_distinct(x, axes), norm=norm)


# As `fftshift`.
def ifftshift(x: Array, /, *, axes: int | Sequence[int] | None = None) -> Array:
    return np.fft.ifftshift(x, axes) if _any_axis(x, axes) else np.array(x)


ihfft = np.fft.ihfft
irfft = np.fft.irfft


# As `fftn`.
def irfftn(
    x: Array, /, *, s: Sequence[int] | None = None, axes: Sequence[int] | None = None, norm: Any = "backward"
) -> Array:
    return np.fft.irfftn(x, s=s, axes=_distinct(x, axes), norm=norm)


rfft = np.fft.rfft


# As `fftfreq`.
def rfftfreq(n: int, /, *, d: float = 1.0, dtype: Any = None, device: Any = None) -> Array:
    return _frequencies(np.fft.rfftfreq, n, d, dtype, device)


# As `fftn`.
def rfftn(
    x: Array, /, *, s: Sequence[int] | None = None, axes: Sequence[int] | None = None, norm: Any = "backward"
) -> Array:
    return np.fft.rfftn(x, s=s, axes=_distinct(x, axes), norm=norm)


def _any_axis(x: Array, axes: int | Sequence[int] | None) -> bool:
    return x.ndim > 0 if axes is None else isinstance(axes, int) or len(axes) > 0


def _distinct(x: Array, axes: Sequence[int] | None) -> Sequence[int] | None:
    if axes is not None and len({normalize_axis_index(axis, x.ndim) for axis in axes}) < len(axes):
        raise ArgumentError(
            f"Each axis is transformed once, and axes={tuple(axes)} names one of {x.ndim} axes twice."
        )
    return axes


def _frequencies(native: Callable[..., Any], n: int, d: float, dtype: Any, device: Any) -> Array:
    if n < 1:
        raise ArgumentError(f"The window length n is at least 1, and got {n}.")
    if dtype is not None and np.dtype(dtype).kind in "biuc":
        raise DTypeError(f"Frequencies are real floating-point numbers, and got dtype={np.dtype(dtype)}.")
    frequencies: Array = native(n, d=d, device=device)
    return frequencies if dtype is None else frequencies.astype(dtype, copy=False)
