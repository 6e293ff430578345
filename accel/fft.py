"""Fourier transforms: the ``fft`` extension of the standard."""

from accel.spec.fft import *  # noqa: F403 - the chapter's __all__ is the one list of these names
from accel.spec.fft import __all__ as __all__
