"""Fourier transform extension: discrete transforms, their frequencies and their order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from accel.dispatch import op
from accel.typing import A, DeviceLike, DTypeLike

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


@op(dtypes="complex floating-point", same="conditioned")
def fft(
    x: A,
    /,
    *,
    n: int | None = None,
    axis: int = -1,
    norm: Literal["backward", "ortho", "forward"] = "backward",
) -> A:
    """Discrete Fourier transform along one axis."""
    ...


@op(dtypes="any", same="bounded")
def fftfreq(
    n: int, /, *, d: float = 1.0, dtype: DTypeLike | None = None, device: DeviceLike | None = None
) -> Any:
    """Frequency of each element of an `fft`."""
    ...


@op(dtypes="complex floating-point", same="conditioned")
def fftn(
    x: A,
    /,
    *,
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = None,
    norm: Literal["backward", "ortho", "forward"] = "backward",
) -> A:
    """Discrete Fourier transform along several axes."""
    ...


@op(dtypes="floating-point", same="exact")
def fftshift(x: A, /, *, axes: int | Sequence[int] | None = None) -> A:
    """Spectrum with the zero frequency moved to the middle."""
    ...


@op(dtypes="complex floating-point", same="conditioned")
def hfft(
    x: A,
    /,
    *,
    n: int | None = None,
    axis: int = -1,
    norm: Literal["backward", "ortho", "forward"] = "backward",
) -> A:
    """Real spectrum of a signal with Hermitian symmetry, given by its first half."""
    ...


@op(dtypes="complex floating-point", same="conditioned")
def ifft(
    x: A,
    /,
    *,
    n: int | None = None,
    axis: int = -1,
    norm: Literal["backward", "ortho", "forward"] = "backward",
) -> A:
    """Inverse discrete Fourier transform along one axis."""
    ...


@op(dtypes="complex floating-point", same="conditioned")
def ifftn(
    x: A,
    /,
    *,
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = None,
    norm: Literal["backward", "ortho", "forward"] = "backward",
) -> A:
    """Inverse discrete Fourier transform along several axes."""
    ...


@op(dtypes="floating-point", same="exact")
def ifftshift(x: A, /, *, axes: int | Sequence[int] | None = None) -> A:
    """Spectrum with the zero frequency moved back to the front."""
    ...


@op(dtypes="real floating-point", same="conditioned")
def ihfft(
    x: A,
    /,
    *,
    n: int | None = None,
    axis: int = -1,
    norm: Literal["backward", "ortho", "forward"] = "backward",
) -> A:
    """First half of the Hermitian signal that has a real spectrum."""
    ...


@op(dtypes="complex floating-point", same="conditioned")
def irfft(
    x: A,
    /,
    *,
    n: int | None = None,
    axis: int = -1,
    norm: Literal["backward", "ortho", "forward"] = "backward",
) -> A:
    """Real signal from the non-negative half of its spectrum."""
    ...


@op(dtypes="complex floating-point", same="conditioned")
def irfftn(
    x: A,
    /,
    *,
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = None,
    norm: Literal["backward", "ortho", "forward"] = "backward",
) -> A:
    """Real signal from half of its spectrum along several axes."""
    ...


@op(dtypes="real floating-point", same="conditioned")
def rfft(
    x: A,
    /,
    *,
    n: int | None = None,
    axis: int = -1,
    norm: Literal["backward", "ortho", "forward"] = "backward",
) -> A:
    """Non-negative half of the spectrum of a real signal."""
    ...


@op(dtypes="any", same="bounded")
def rfftfreq(
    n: int, /, *, d: float = 1.0, dtype: DTypeLike | None = None, device: DeviceLike | None = None
) -> Any:
    """Frequency of each element of an `rfft`."""
    ...


@op(dtypes="real floating-point", same="conditioned")
def rfftn(
    x: A,
    /,
    *,
    s: Sequence[int] | None = None,
    axes: Sequence[int] | None = None,
    norm: Literal["backward", "ortho", "forward"] = "backward",
) -> A:
    """Half of the spectrum of a real signal along several axes."""
    ...
