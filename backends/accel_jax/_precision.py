"""The precision of matrix products: JAX multiplies float32 in fewer bits on a GPU or TPU unless it is told otherwise."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from typing import Any

import jax
import numpy as np

from accel.policy import MODES, matmul_mode
from accel_jax._x64 import takes_two, wide

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
    made = {mode: wide(_in(mode, body), keeps=keeps, static=static) for mode in MODES}

    def call(*args: Any, **kwargs: Any) -> Any:
        return made[matmul_mode()](*args, **kwargs)

    def pair(x1: Any, x2: Any, /) -> Any:
        return made[matmul_mode()](x1, x2)

    return wraps(body)(pair if takes_two(body) and static is not None else call)


def _in(mode: str, body: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(body)
    def traced(*args: Any, **kwargs: Any) -> Any:
        with scope(mode):
            return body(*args, **kwargs)

    return traced
