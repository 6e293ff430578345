"""The guard that keeps 64-bit data whole: JAX narrows them to 32 bits unless a thread-local switch is on.

An op is called as it is where nothing can be lost. Elsewhere it runs inside ``jax.enable_x64(True)``, which is public,
local to the thread and restored on leaving; accel never touches the process-wide flag. Inside somebody else's 32-bit
trace that block comes too late (the backward pass of ``jax.grad`` is traced after it is left), so there 64-bit data or results
are refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
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


def _arrays(values: Any) -> Iterator[Any]:
    for value in values:
        if isinstance(value, (jax.Array, np.ndarray, np.generic)):
            yield value
        elif isinstance(value, (list, tuple)):
            yield from _arrays(value)


def refuse(name: str, what: str) -> PrecisionError:
    """Make the error for 64-bit data or results inside a 32-bit trace."""
    return PrecisionError(
        f"{name} {what} inside a jax transformation that was entered with 32-bit types, where JAX would narrow it without a word; "
        f"enter the outermost transformation in accel's scope, `with accel.x64(): ...`, or use accel.jit, accel.grad, accel.vmap."
    )


def _widest(out: Any) -> Any:
    return next((leaf.dtype for leaf in jax.tree.leaves(out) if getattr(leaf, "dtype", None) in WIDE), None)


def guarded(name: str, body: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call a function whose operands or results may have 64 bits."""
    if jax.config.jax_enable_x64:
        return body(*args, **kwargs)
    arrays = [*_arrays(args), *_arrays(kwargs.values())]
    if not any(isinstance(x, Tracer) for x in arrays):
        with jax.enable_x64(True):
            out = body(*args, **kwargs)
        if not any(isinstance(leaf, Tracer) for leaf in jax.tree.leaves(out)):
            return out
        # A trace of somebody else's records even what is made of constants alone.
        if (dtype := _widest(out)) is not None:
            raise refuse(name, f"makes {dtype}")
        return body(*args, **kwargs)
    for x in arrays:
        if x.dtype in WIDE:
            raise refuse(name, f"got {x.dtype}")
    leaves, tree = jax.tree.flatten((args, kwargs))
    traced = [i for i, leaf in enumerate(leaves) if isinstance(leaf, Tracer)]

    def abstract(*tracers: Any) -> Any:
        filled = list(leaves)
        for i, tracer in zip(traced, tracers, strict=True):
            filled[i] = tracer
        again, named = jax.tree.unflatten(tree, filled)
        return body(*again, **named)

    with jax.enable_x64(True):
        out = jax.eval_shape(abstract, *(jax.ShapeDtypeStruct(leaves[i].shape, leaves[i].dtype) for i in traced))
    if (dtype := _widest(out)) is not None:
        raise refuse(name, f"makes {dtype}")
    return body(*args, **kwargs)


def wide(
    body: Callable[..., Any] | None = None, /, *, keeps: frozenset[np.dtype[Any]] = frozenset()
) -> Callable[..., Any]:
    """Guard a function.

    ``keeps`` are the narrow dtypes that go through it unchanged, however it is called: an array of one of them, alone or with
    others of the same dtype, needs no guard.
    """
    if body is None:
        return lambda body: wide(body, keeps=keeps)
    name = getattr(body, "__name__", repr(body))
    native = body

    @wraps(native)
    def call(*args: Any, **kwargs: Any) -> Any:
        if keeps and args:
            first = args[0]
            dtype = getattr(first[0] if type(first) in (list, tuple) and first else first, "dtype", None)
            if dtype in keeps and "dtype" not in kwargs and "device" not in kwargs:
                if all(x.dtype is dtype for x in _arrays(args)) and all(x.dtype is dtype for x in _arrays(kwargs.values())):
                    return native(*args, **kwargs)
        return guarded(name, native, args, kwargs)

    return call
