"""The guard that keeps 64-bit data whole: JAX narrows them to 32 bits unless a thread-local switch is on.

An op is called as it is where nothing can be lost. Elsewhere it runs inside ``jax.enable_x64(True)``, which is public,
local to the thread and restored on leaving; accel never touches the process-wide flag. Inside somebody else's 32-bit
trace that block comes too late (the backward pass of ``jax.grad`` is traced after it is left), so there 64-bit data or results
are refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from functools import wraps
from typing import Any

import jax
import numpy as np
from jax.core import Tracer

from accel.errors import PrecisionError

from accel_jax._promotion import WIDE

__all__ = ["guarded", "refuse", "wide", "x64"]


def x64() -> AbstractContextManager[None]:
    """Enter the scope in which JAX keeps 64-bit data."""
    scope: AbstractContextManager[None] = jax.enable_x64(True)
    return scope


def _traced(values: Iterable[Any]) -> bool:
    return any(_traced(v) if isinstance(v, (list, tuple)) else isinstance(v, Tracer) for v in values)


def _widest(values: Iterable[Any]) -> Any:
    """Give a 64-bit dtype of these arrays, or None."""
    for value in values:
        if isinstance(value, (list, tuple)):
            dtype = _widest(value)
        elif isinstance(value, (jax.Array, np.ndarray, np.generic, jax.ShapeDtypeStruct)):
            dtype = value.dtype if value.dtype in WIDE else None
        else:
            continue
        if dtype is not None:
            return dtype
    return None


def refuse(name: str, what: str) -> PrecisionError:
    """Make the error for 64-bit data or results inside a 32-bit trace."""
    return PrecisionError(
        f"{name} {what} inside a jax transformation that was entered with 32-bit types, where JAX would narrow it without a word; "
        f"enter the outermost transformation in accel's scope, `with accel.x64(): ...`, or use accel.jit, accel.grad, accel.vmap."
    )


def guarded(name: str, body: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call a function whose operands or results may have 64 bits."""
    if jax.config.jax_enable_x64:
        return body(*args, **kwargs)
    if not _traced(args) and not _traced(kwargs.values()):
        with jax.enable_x64(True):
            out = body(*args, **kwargs)
        if not _traced((out,)):
            return out
        # A trace of somebody else's records even what is made of constants alone.
        if (dtype := _widest((out,))) is not None:
            raise refuse(name, f"makes {dtype}")
        return body(*args, **kwargs)
    if (dtype := _widest((*args, *kwargs.values()))) is not None:
        raise refuse(name, f"got {dtype}")
    if (dtype := _widest((_abstract(body, args, kwargs),))) is not None:
        raise refuse(name, f"makes {dtype}")
    return body(*args, **kwargs)


def _abstract(body: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Find the dtypes that a call would give with 64-bit types on; what is not traced stays as it is."""
    leaves, tree = jax.tree.flatten((args, kwargs))
    traced = [i for i, leaf in enumerate(leaves) if isinstance(leaf, Tracer)]

    def abstract(*tracers: Any) -> Any:
        filled = list(leaves)
        for i, tracer in zip(traced, tracers, strict=True):
            filled[i] = tracer
        again, named = jax.tree.unflatten(tree, filled)
        return body(*again, **named)

    with jax.enable_x64(True):
        return jax.eval_shape(abstract, *(jax.ShapeDtypeStruct(leaves[i].shape, leaves[i].dtype) for i in traced))


def wide(
    body: Callable[..., Any] | None = None,
    /,
    *,
    keeps: frozenset[np.dtype[Any]] = frozenset(),
    static: tuple[str, ...] | None = None,
) -> Callable[..., Any]:
    """Guard a function.

    ``keeps`` are the narrow dtypes that go through it unchanged, however it is called: an array of one of them, alone or with
    others of the same dtype, needs no guard. With ``static``, the names of its parameters that are no arrays, the function is
    compiled as a whole.
    """
    if body is None:
        return lambda body: wide(body, keeps=keeps, static=static)
    name = getattr(body, "__name__", repr(body))
    native: Callable[..., Any] = body if static is None else jax.jit(body, static_argnames=static, inline=True)

    @wraps(body)
    def call(*args: Any, **kwargs: Any) -> Any:
        if kwargs and static is not None:
            for key, value in kwargs.items():
                if type(value) is list:
                    kwargs[key] = tuple(value)
        if keeps and args:
            first = args[0]
            dtype = getattr(first, "dtype", None)
            if dtype in keeps and _alike(dtype, args) and (not kwargs or _plain(dtype, kwargs)):
                return native(*args, **kwargs)
        return guarded(name, native, args, kwargs)

    return call


def _alike(dtype: Any, values: Iterable[Any]) -> bool:
    for value in values:
        if getattr(value, "dtype", dtype) is not dtype:
            return False
    return True


def _plain(dtype: Any, kwargs: dict[str, Any]) -> bool:
    return "dtype" not in kwargs and "device" not in kwargs and _alike(dtype, kwargs.values())
