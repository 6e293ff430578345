"""Elementwise functions: compiled, with NumPy's casts inside and the 64-bit guard around them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import numpy as np
from jax.core import Tracer

from accel.errors import ArgumentError
from accel_jax._promotion import KNOWN, SCALARS, WIDE, Rule, cast, host, scalar
from accel_jax._x64 import config, guarded, refuse

__all__ = ["binary", "unary"]


def _operand(name: str, x: Any) -> Any:
    if isinstance(x, jax.Array):
        return x
    if (array := host(x)) is not None:
        return array
    if type(x) in SCALARS:
        return np.asarray(x)
    raise ArgumentError(f"{name} got {type(x).__name__}, not an array; convert it first with asarray.")


def unary(native: Callable[..., Any], ufunc: np.ufunc, *, refused: str = "") -> Callable[..., Any]:
    """Make the op of one array: ``native``, in the dtypes of a NumPy ufunc less the kinds refused."""
    name = native.__name__.strip("_")
    rule = Rule(ufunc, refused)

    def typed(x: Any, /) -> Any:
        if x.dtype in KNOWN:
            x = cast(x, rule(name, x.dtype)[0])
        return native(x)

    typed.__name__ = typed.__qualname__ = name
    kernel = jax.jit(typed, inline=True, keep_unused=True)
    kept = rule.keeps(arity=1)
    narrow, kept = kept - WIDE, kept & WIDE

    def call(x: Any, /) -> Any:
        dtype = getattr(x, "dtype", None)
        if dtype in narrow:
            return kernel(x)
        if dtype in kept:
            if config.jax_enable_x64:
                return kernel(x)
            if isinstance(x, Tracer):
                raise refuse(name, f"got {dtype}")
            with jax.enable_x64(True):
                out = kernel(x)
            if isinstance(out, Tracer):
                raise refuse(name, f"got {dtype}")
            return out
        return guarded(name, kernel, (_operand(name, x),), {})

    call.__name__ = call.__qualname__ = name
    return call


def binary(
    native: Callable[..., Any],
    ufunc: np.ufunc,
    *,
    refused: str = "",
    scalars: Callable[[str, Any, Any], Any] | None = None,
) -> Callable[..., Any]:
    """Make the op of two arrays: ``native``, in the dtypes of a NumPy ufunc less the kinds refused.

    ``scalars`` may answer for an array and a Python scalar in its own way, or give None.
    """
    name = native.__name__.strip("_")
    rule = Rule(ufunc, refused)

    def typed(x1: Any, x2: Any, /) -> Any:
        if x1.dtype in KNOWN and x2.dtype in KNOWN:
            first, second, _ = rule(name, x1.dtype, x2.dtype)
            x1 = cast(x1, first)
            x2 = cast(x2, second)
        return native(x1, x2)

    typed.__name__ = typed.__qualname__ = name
    kernel = jax.jit(typed, inline=True, keep_unused=True)
    kept = rule.keeps(arity=2)
    narrow, kept = kept - WIDE, kept & WIDE

    def call(x1: Any, x2: Any, /) -> Any:
        dtype = getattr(x1, "dtype", None)
        if dtype in narrow and dtype is getattr(x2, "dtype", None):
            return kernel(x1, x2)
        if dtype in kept and dtype is getattr(x2, "dtype", None):
            if config.jax_enable_x64:
                return kernel(x1, x2)
            if isinstance(x1, Tracer) or isinstance(x2, Tracer):
                raise refuse(name, f"got {dtype}")
            with jax.enable_x64(True):
                out = kernel(x1, x2)
            if isinstance(out, Tracer):
                raise refuse(name, f"got {dtype}")
            return out
        if type(x1) in SCALARS or type(x2) in SCALARS:
            return mixed(x1, x2)
        return guarded(name, kernel, (_operand(name, x1), _operand(name, x2)), {})

    beside: dict[tuple[Any, Any], np.dtype[Any]] = {}

    def scalar_dtype(first: Any, second: Any) -> np.dtype[Any]:
        if (first, second) not in beside:
            asked = (np.dtype(bool) if d is bool else d for d in (first, second))
            beside[first, second] = rule(name, *asked)[0 if isinstance(first, type) else 1]
        return beside[first, second]

    def mixed(x1: Any, x2: Any) -> Any:
        if type(x1) in SCALARS and type(x2) in SCALARS:
            return guarded(name, kernel, (np.asarray(x1), np.asarray(x2)), {})
        if scalars is not None and (answer := scalars(name, x1, x2)) is not None:
            return answer
        # A Python scalar takes the dtype that NumPy gives it beside this array; NumPy also refuses integers
        # that do not fit.
        if type(x1) in SCALARS:
            x = x2 = _operand(name, x2)
            x1 = scalar(x1, scalar_dtype(type(x1), x.dtype))
        else:
            x = x1 = _operand(name, x1)
            x2 = scalar(x2, scalar_dtype(x.dtype, type(x2)))
        if x.dtype in narrow and x1.dtype is x2.dtype:
            return kernel(x1, x2)
        return guarded(name, kernel, (x1, x2), {})

    call.__name__ = call.__qualname__ = name
    return call
