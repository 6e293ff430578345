"""JAX's transforms as accel calls them (`accel.backend.Transforms`): in the scope that keeps 64-bit data, over containers of arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import fields, is_dataclass
from functools import wraps
from typing import Any

import jax
from jax.core import Tracer

from accel.errors import ShapeError
from accel.transform.tree import parts
from accel_jax import _x64

tree: Any = jax.tree
_ready: Any = jax.block_until_ready  # typed as if it were not
_vjp: Any = jax.vjp  # typed for a flag that is known beforehand


def taken_apart(values: Any) -> tuple[list[Any], Any]:
    """Flatten a container. A dataclass that holds arrays is one, and JAX is told of it when the first is met."""
    leaves, structure = tree.flatten(values)
    strange = {cls for cls in set(map(type, leaves)) if hasattr(cls, _DATACLASS)}
    new = (
        {type(leaf): leaf for leaf in leaves if type(leaf) in strange and _is_container(leaf)}
        if strange
        else {}
    )
    if not new:
        return leaves, structure
    for cls, leaf in new.items():
        data, facts = parts(leaf)
        jax.tree_util.register_dataclass(cls, data_fields=data, meta_fields=facts)
    return taken_apart(values)


_DATACLASS = "__dataclass_fields__"


def _is_container(leaf: Any) -> bool:
    if not is_dataclass(leaf) or isinstance(leaf, type):
        return False
    inside = tree.leaves([getattr(leaf, field.name) for field in fields(leaf)])
    return any((hasattr(x, "dtype") and hasattr(x, "shape")) or _is_container(x) for x in inside)


def flatten(values: Any) -> tuple[list[Any], Callable[[list[Any]], Any], Any]:
    leaves, structure = taken_apart(values)
    return leaves, lambda items: tree.unflatten(structure, items), structure


def arrays(values: Any) -> list[Any]:
    return [leaf for leaf in taken_apart(values)[0] if isinstance(leaf, jax.Array)]


def wait(values: Any) -> None:
    _ready(arrays(values))


def recording() -> bool:
    return isinstance(jax.numpy.zeros(()), Tracer)


now = jax.ensure_compile_time_eval


def address(x: Any) -> int:
    place: int = x.unsafe_buffer_pointer()
    return place


def _wide(values: Any) -> AbstractContextManager[None]:
    """Enter the scope that keeps 64-bit data, unless that comes too late: in somebody's trace."""
    if _x64.config.jax_enable_x64 or any(isinstance(x, Tracer) for x in taken_apart(values)[0]):
        return nullcontext()
    return _x64.x64()


def _in_scope(made: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(made)
    def call(*args: Any, **kwargs: Any) -> Any:
        with _wide((args, kwargs)):
            return made(*args, **kwargs)

    return call


def value_and_grad(
    fn: Callable[..., Any], argnums: int | Sequence[int], *, has_aux: bool
) -> Callable[..., Any]:
    return _in_scope(jax.value_and_grad(fn, argnums, has_aux=has_aux))


def vjp(fn: Callable[..., Any], *primals: Any, has_aux: bool) -> Any:
    with _wide(primals):
        out, pull, *aux = _vjp(fn, *primals, has_aux=has_aux)

    def pullback(cotangent: Any) -> Any:
        with _wide(cotangent):
            try:
                return pull(cotangent)
            except (TypeError, ValueError) as error:
                raise ShapeError(_unlike(out, cotangent)) from error

    return (out, pullback, *aux)


def _unlike(out: Any, cotangent: Any) -> str:
    wanted, got = (
        ", ".join(
            f"{x.dtype} {tuple(x.shape)}" if hasattr(x, "dtype") else repr(x) for x in tree.leaves(values)
        )
        for values in (out, cotangent)
    )
    return f"A pullback takes a cotangent like the value of the function ({wanted}), got {got}."


def jvp(fn: Callable[..., Any], primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> Any:
    with _wide((primals, tangents)):
        return jax.jvp(fn, primals, tangents)


def vmap(fn: Callable[..., Any], in_axes: Any, out_axes: Any) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        axes = tuple(in_axes) if isinstance(in_axes, list | tuple) else (in_axes,) * len(args)
        # What has no array in it is no batch, whatever the axes say.
        shared = [i for i, arg in enumerate(args) if not arrays(arg)]

        def function(*batch: Any, **named: Any) -> Any:
            rest = iter(batch)
            return fn(*(arg if i in shared else next(rest) for i, arg in enumerate(args)), **named)

        given = [arg for i, arg in enumerate(args) if i not in shared]
        chosen = tuple(axis for i, axis in enumerate(axes) if i not in shared)
        with _wide((args, kwargs)):
            try:
                return jax.vmap(function, chosen, out_axes)(*given, **kwargs)
            except ValueError as error:
                if str(error).startswith("vmap "):
                    raise ShapeError(f"accel.vmap: {' '.join(str(error).split())}") from error
                raise

    return call


def checkpoint(fn: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        leaves, structure = taken_apart((args, kwargs))
        places = [i for i, leaf in enumerate(leaves) if isinstance(leaf, jax.Array)]

        def function(*given: Any) -> Any:
            filled = list(leaves)
            for i, x in zip(places, given, strict=True):
                filled[i] = x
            again, named = tree.unflatten(structure, filled)
            return fn(*again, **named)

        with _wide((args, kwargs)):
            return jax.checkpoint(function)(*(leaves[i] for i in places))

    return call


def stop_gradient(x: Any) -> Any:
    leaves, structure = taken_apart(x)
    stopped = [jax.lax.stop_gradient(leaf) if isinstance(leaf, jax.Array) else leaf for leaf in leaves]
    return tree.unflatten(structure, stopped)


def custom_vjp(
    fn: Callable[..., Any],
    fwd: Callable[..., Any],
    bwd: Callable[..., Any],
    *,
    nondiff_argnums: tuple[int, ...],
) -> Callable[..., Any]:
    made: Any = jax.custom_vjp(fn, nondiff_argnums=nondiff_argnums)
    made.defvjp(fwd, bwd)
    return _in_scope(made)


def switch(index: Any, branches: Sequence[Callable[..., Any]], operands: tuple[Any, ...]) -> Any:
    if index.dtype == bool:
        index = index.astype("int32")
    with _wide((index, operands)):
        return jax.lax.switch(index, branches, *operands)


def scan(f: Callable[[Any, Any], Any], init: Any, xs: Any, length: int, reverse: bool) -> Any:
    with _wide((init, xs)):
        return jax.lax.scan(f, init, xs, length, reverse)


def while_loop(cond: Callable[[Any], Any], body: Callable[[Any], Any], init: Any) -> Any:
    with _wide(init):
        return jax.lax.while_loop(cond, body, init)
