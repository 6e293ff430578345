"""The guard that keeps 64-bit data whole: JAX narrows them to 32 bits unless a thread-local switch is on.

An op is called as it is where nothing can be lost. Elsewhere it runs inside ``jax.enable_x64(True)``, which is
public, local to the thread and restored on leaving; accel never touches the process-wide flag. Inside somebody
else's 32-bit trace that block comes too late (the backward pass of ``jax.grad`` is traced after it is left), so
there 64-bit data or results are refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from functools import partial, wraps
from inspect import Parameter, signature
from typing import Any

import jax
import numpy as np
from jax.core import Tracer

from accel.errors import PrecisionError
from accel_jax._info import default_device
from accel_jax._promotion import WIDE

__all__ = ["at_home", "config", "guarded", "operands", "refuse", "wide", "widest", "x64"]

config: Any = jax.config  # its options are known to it at run time only
_Shape: Any = jax.ShapeDtypeStruct


def x64() -> AbstractContextManager[None]:
    """Enter the scope in which JAX keeps 64-bit data."""
    scope: AbstractContextManager[None] = jax.enable_x64(True)
    return scope


def _traced(values: Iterable[Any]) -> bool:
    for value in values:  # a loop, because a generator costs more than all the checks it would make
        if isinstance(value, Tracer) or (isinstance(value, _SEVERAL) and _traced(value)):
            return True
    return False


_SEVERAL = (list, tuple)


def widest(values: Iterable[Any]) -> Any:
    """Give a 64-bit dtype of these arrays, or None."""
    for value in values:
        if isinstance(value, (list, tuple)):
            dtype = widest(value)
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
        f"enter the outermost transformation inside `with accel.x64():`."
    )


def guarded(name: str, body: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call a function whose operands or results may have 64 bits."""
    if config.jax_enable_x64:
        return body(*args, **kwargs)
    if not _traced(args) and not (kwargs and _traced(kwargs.values())):
        with jax.enable_x64(True):
            out = body(*args, **kwargs)
        if not _traced((out,)):
            return out
        # A trace of somebody else's records even what is made of constants alone.
        if (dtype := widest((out,))) is not None:
            raise refuse(name, f"makes {dtype}")
        return body(*args, **kwargs)
    if (dtype := widest((*args, *kwargs.values()))) is not None:
        raise refuse(name, f"got {dtype}")
    if (dtype := widest((_abstract(body, args, kwargs),))) is not None:
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
        return jax.eval_shape(abstract, *(_Shape(leaves[i].shape, leaves[i].dtype) for i in traced))


def wide(
    body: Callable[..., Any] | None = None,
    /,
    *,
    keeps: frozenset[np.dtype[Any]] = frozenset(),
    static: tuple[str, ...] | None = None,
) -> Callable[..., Any]:
    """Guard a function.

    ``keeps`` are the narrow dtypes that go through it unchanged, however it is called: an array of one of them,
    alone or with others of the same dtype, needs no guard. With ``static``, the names of its parameters that are
    no arrays, the function is compiled as a whole.
    """
    if body is None:
        return lambda body: wide(body, keeps=keeps, static=static)
    name = getattr(body, "__name__", repr(body)).strip("_")
    if static is not None:
        return _compiled(name, body, keeps, static)
    native = at_home(body)

    @wraps(body)
    def call(*args: Any, **kwargs: Any) -> Any:
        if keeps and _kept(keeps, args) and _plain(kwargs):
            return native(*args, **kwargs)
        return guarded(name, native, args, kwargs)

    return call


def at_home(body: Callable[..., Any]) -> Callable[..., Any]:
    """Make arrays where the first operand lies, else where they are asked for: JAX makes constants on its default device."""

    def native(*args: Any, **kwargs: Any) -> Any:
        device = kwargs.get("device")
        place, first = device, None
        for value in args:
            found = value[0] if isinstance(value, _SEVERAL) and value else value
            if isinstance(found, jax.Array) and not isinstance(found, Tracer):
                place, first = found.sharding, found
                break
        home = {place} if isinstance(place, jax.Device) else getattr(place, "device_set", ())
        if len(home) != 1 or default_device() in home:
            out = body(*args, **kwargs)
        else:
            with jax.default_device(*home):
                out = body(*args, **kwargs)
        if first is None or device is not None:
            return out
        return jax.tree.map(partial(_bound, first=first, home=home), out)

    return native


def _bound(leaf: Any, *, first: Any, home: Any) -> Any:
    """Put a result where the first operand lies, and bind it to that device if the operand is: what is not bound JAX moves."""
    if not isinstance(leaf, jax.Array) or isinstance(leaf, Tracer) or len(home) > 1:
        return leaf
    if leaf.devices() == home and (leaf.committed or not first.committed):
        return leaf
    return jax.device_put(leaf, first.sharding)


def _compiled(
    name: str, body: Callable[..., Any], keeps: frozenset[np.dtype[Any]], static: tuple[str, ...]
) -> Callable[..., Any]:
    """Compile a function once for each set of keyword arguments, which a dict finds faster than jax.jit would.

    Arguments are kept even where the result does not depend on them, as an empty one does not: they say where it
    belongs.
    """
    general: Callable[..., Any] = jax.jit(body, static_argnames=static or None, inline=True, keep_unused=True)
    kernels: dict[tuple[Any, ...], tuple[Callable[..., Any], bool]] = {}

    def call(*args: Any, **kwargs: Any) -> Any:
        if not kwargs:
            kernel, plain = general, True
        else:
            try:
                kernel, plain = kernels[*kwargs, *kwargs.values(), *map(type, kwargs.values())]
            except (KeyError, TypeError):  # not seen yet, or not hashable
                return chosen(args, kwargs)
        if plain and keeps and _kept(keeps, args):
            return kernel(*args)
        return guarded(name, kernel, args, {})

    def chosen(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        kwargs = {key: tuple(value) if type(value) is list else value for key, value in kwargs.items()}
        kernel, given, plain = general, kwargs, _plain(kwargs)
        if kwargs.keys() <= set(static):
            made = jax.jit(partial(body, **kwargs), inline=True, keep_unused=True), plain
            try:
                kernel, _ = kernels.setdefault((*kwargs, *kwargs.values(), *map(type, kwargs.values())), made)
                given = {}
            except TypeError:  # an argument that cannot be hashed is a wrong one; the function says why
                kernel = body
        if plain and keeps and _kept(keeps, args):
            return kernel(*args, **given)
        return guarded(name, kernel, args, given)

    defaults = {p.name: p.default for p in signature(body).parameters.values() if p.name in static}

    def one(x: Any, /, **kwargs: Any) -> Any:
        for key, value in kwargs.items():
            if value is not defaults.get(key, kwargs):
                try:
                    kernel, plain = kernels[*kwargs, *kwargs.values(), *map(type, kwargs.values())]
                except (KeyError, TypeError):
                    return chosen((x,), kwargs)
                break
        else:
            kernel, plain = general, True
        dtype = getattr(x, "dtype", None)
        if plain and (dtype in keeps or (dtype is None and keeps and _kept(keeps, (x,)))):
            return kernel(x)
        return guarded(name, kernel, (x,), {})

    return wraps(body)(one if operands(body) == 1 else call)


def operands(body: Callable[..., Any]) -> int:
    """Count the parameters that are positional only: those that are arrays."""
    return sum(p.kind is Parameter.POSITIONAL_ONLY for p in signature(body).parameters.values())


def _kept(keeps: frozenset[np.dtype[Any]], args: tuple[Any, ...]) -> bool:
    """Tell whether operands are arrays of one narrow dtype and nothing else that has one."""
    if not args:
        return False
    first = args[0]
    if type(first) is list or type(first) is tuple:
        if not first:
            return False
        args = (*first, *args[1:])
        first = args[0]
    dtype = getattr(first, "dtype", None)
    if dtype not in keeps:
        return False
    for value in args:  # noqa: SIM110 -- as in _traced
        if value is not first and getattr(value, "dtype", dtype) is not dtype:
            return False
    return True


def _plain(kwargs: dict[str, Any]) -> bool:
    """Tell whether keyword arguments are plain choices; another array, a dtype or a device may change the dtype of the result."""
    for value in kwargs.values():  # noqa: SIM110 -- as in _traced
        if value is not None and type(value) not in _CHOICES:
            return False
    return True


_CHOICES = frozenset((bool, int, float, str, tuple, list))
