"""The Fourier transform extension of the standard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from accel.errors import ArgumentError, DTypeError
from accel_jax._manipulation import axes_of, axis_of
from accel_jax._promotion import COMPLEX, FLOATS, NARROW, WIDE, floating
from accel_jax._sharding import undivided
from accel_jax._x64 import wide

_KEPT = FLOATS - WIDE


def _float(name: str, x: Any, *, real: bool) -> Any:
    if real and x.dtype in COMPLEX:
        raise DTypeError(f"{name} transforms real numbers; got {x.dtype}. Take real(x) first, or use fft.")
    dtype = floating(name, x.dtype)
    return lax.convert_element_type(x, np.float32 if dtype.itemsize == 2 else dtype)


# JAX transforms small integers in 32 bits and gives an empty array where there is nothing to transform.
def _one(native: Callable[..., Any], *, real: bool = False) -> Callable[..., Any]:
    name = native.__name__

    def transform(x: Any, /, *, n: int | None = None, axis: int = -1, norm: str = "backward") -> Any:
        axis = axis_of(axis, x.ndim)
        if (x.shape[axis] if n is None else n) < 1:
            raise ArgumentError(f"{name} needs at least one point; got n={n} for an axis of {x.shape[axis]}.")
        return native(_float(name, x, real=real), n=n, axis=axis, norm=norm)

    transform.__name__ = transform.__qualname__ = name
    return undivided(wide(transform, keeps=_KEPT, static=("n", "axis", "norm")))


def _many(native: Callable[..., Any], *, real: bool = False) -> Callable[..., Any]:
    name = native.__name__

    def transform(x: Any, /, *, s: Any = None, axes: Any = None, norm: str = "backward") -> Any:
        if axes is None:
            axes = range(x.ndim) if s is None else range(x.ndim - len(s), x.ndim)
        read = axes_of(tuple(axes), x.ndim)
        sizes = [x.shape[axis] for axis in read] if s is None else list(s)
        if min(sizes, default=1) < 1:
            raise ArgumentError(f"{name} needs at least one point along each axis; got sizes {sizes}.")
        return native(_float(name, x, real=real), s=s, axes=read, norm=norm)

    transform.__name__ = transform.__qualname__ = name
    return undivided(wide(transform, keeps=_KEPT, static=("s", "axes", "norm")))


fft = _one(jnp.fft.fft)


def _real(name: str, dtype: Any) -> np.dtype[Any]:
    wanted = np.dtype(np.float64 if dtype is None else dtype)
    if not jnp.issubdtype(wanted, jnp.floating):
        raise DTypeError(f"{name} gives real floating-point numbers; got dtype {wanted}.")
    return wanted


# jnp.fft.fftfreq's default dtype is float32, and it gives nothing for n = 0.
@wide
def fftfreq(n: int, /, *, d: float = 1.0, dtype: Any = None, device: Any = None) -> Any:
    if n < 1:
        raise ArgumentError(f"fftfreq needs at least one point; got n={n}.")
    wanted = _real("fftfreq", dtype)
    return jnp.asarray(np.fft.fftfreq(n, d).astype(wanted), device=device)


fftn = _many(jnp.fft.fftn)
fftshift = wide(jnp.fft.fftshift, keeps=NARROW)
hfft = _one(jnp.fft.hfft)
ifft = _one(jnp.fft.ifft)
ifftn = _many(jnp.fft.ifftn)
ifftshift = wide(jnp.fft.ifftshift, keeps=NARROW)
ihfft = _one(jnp.fft.ihfft, real=True)
irfft = _one(jnp.fft.irfft)
irfftn = _many(jnp.fft.irfftn)
rfft = _one(jnp.fft.rfft, real=True)


# As for fftfreq.
@wide
def rfftfreq(n: int, /, *, d: float = 1.0, dtype: Any = None, device: Any = None) -> Any:
    if n < 1:
        raise ArgumentError(f"rfftfreq needs at least one point; got n={n}.")
    wanted = _real("rfftfreq", dtype)
    return jnp.asarray(np.fft.rfftfreq(n, d).astype(wanted), device=device)


rfftn = _many(jnp.fft.rfftn, real=True)
