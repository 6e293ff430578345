"""The precision of matrix products: JAX multiplies float32 in fewer bits on a GPU or TPU unless it is told otherwise."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from typing import Any

import jax
import numpy as np
from jax.core import Tracer

from accel.policy import MODES, matmul_mode
from accel_jax._x64 import config, guarded, operands, wide

__all__ = ["precise", "scope"]


def scope(mode: str) -> AbstractContextManager[None]:
    """Enter the scope in which JAX multiplies in a mode of `accel.matmul_precision`; it is part of the keys of its compiled functions."""
    entered: AbstractContextManager[None] = jax.default_matmul_precision(mode)
    return entered


def precise(
    body: Callable[..., Any] | None = None,
    /,
    *,
    keeps: frozenset[np.dtype[Any]] = frozenset(),
    static: tuple[str, ...] | None = None,
) -> Callable[..., Any]:
    """Compile a function with matrix products in it once for each mode, and guard it as `wide` does."""
    if body is None:
        return lambda body: precise(body, keeps=keeps, static=static)
    if static == () and operands(body) == 2:
        return _product(body, keeps)
    made = {mode: wide(_in(mode, body), keeps=keeps, static=static) for mode in MODES}

    @wraps(body)
    def call(*args: Any, **kwargs: Any) -> Any:
        return made[matmul_mode()](*args, **kwargs)

    return call


def _product(body: Callable[..., Any], keeps: frozenset[np.dtype[Any]]) -> Callable[..., Any]:
    """Do the same for a function of two arrays and nothing else, in the fewest steps."""
    name = body.__name__
    kernels = {mode: jax.jit(_in(mode, body), inline=True, keep_unused=True) for mode in MODES}

    @wraps(body)
    def call(x1: Any, x2: Any, /) -> Any:
        kernel = kernels[matmul_mode()]
        try:
            # x1.dtype asks x1.aval in Python, which is half the cost of this function.
            dtype = x1.aval.dtype if x1.aval.dtype is x2.aval.dtype else None
        except AttributeError:  # no JAX arrays
            dtype = None
        if dtype is not None:
            if dtype in keeps or config.jax_enable_x64:
                return kernel(x1, x2)
            if not isinstance(x1, Tracer) and not isinstance(x2, Tracer):
                with jax.enable_x64(True):
                    out = kernel(x1, x2)
                if not isinstance(out, Tracer):
                    return out
        return guarded(name, kernel, (x1, x2), {})

    return call


def _in(mode: str, body: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(body)
    def traced(*args: Any, **kwargs: Any) -> Any:
        with scope(mode):
            return body(*args, **kwargs)

    return traced
