"""Compiled functions: ``jax.jit`` in the 64-bit scope, with everything that is no array as a constant, and with checks on request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from functools import partial, wraps
from typing import Any

import jax
import jax.numpy as jnp
from jax.core import Tracer
from jax.experimental import checkify

from accel.finding import failure
from accel.placement import default_device
from accel.policy import matmul_mode
from accel.transform import Static
from accel_jax import _x64

__all__ = ["check", "checking", "jit"]

_taken_up: ContextVar[bool] = ContextVar("accel_jax_checks_taken_up", default=False)
"""Whether the function that is being traced is one that carries its checks out."""

_user_context: Any = jax.make_user_context  # known to type checkers by name alone
checking: Callable[[str], AbstractContextManager[None]] = _user_context("off")
"""Part of the key of JAX's caches: what was traced with checks "off" is no answer where they are "on", nor where they are "taken up"."""


def jit(fn: Callable[..., Any], /, *, checked: bool) -> Callable[..., Any]:
    """Compile a function whose inputs are the arrays in its arguments."""

    def body(form: tuple[Any, ...], arrays: list[Any]) -> Any:
        tree, constants, _ = form
        fresh = iter(arrays)
        leaves = [next(fresh) if c is None else c.value for c in constants]
        args, kwargs = jax.tree.unflatten(tree, leaves)
        return fn(*args, **kwargs)

    def carrying(form: tuple[Any, ...], arrays: list[Any]) -> Any:
        token = _taken_up.set(True)
        try:
            return checkify.checkify(partial(body, form), errors=checkify.user_checks)(arrays)
        finally:
            _taken_up.reset(token)

    body.__name__ = body.__qualname__ = getattr(fn, "__name__", type(fn).__name__)
    carrying.__name__ = carrying.__qualname__ = body.__name__
    # Arguments are kept even where the result does not depend on them: they say where it belongs.
    compiled = jax.jit(body, static_argnums=0, keep_unused=True)
    checks = jax.jit(carrying, static_argnums=0, keep_unused=True)

    def run(form: tuple[Any, ...], arrays: list[Any]) -> Any:
        # Inside another transformation the checks, if any, are the concern of the outermost `accel.jit`.
        if not checked or _taken_up.get() or any(isinstance(x, Tracer) for x in arrays):
            with checking("off" if not checked else "taken up" if _taken_up.get() else "on"):
                return compiled(form, arrays)
        with checking("taken up"):
            error, out = checks(form, arrays)
        found = error.get_exception()
        if found is None:
            return out
        if getattr(found, "fmt_string", "").startswith(_MARK):
            raise failure(found.fmt_string.removeprefix(_MARK), found.kwargs)
        return error.throw()  # a check that the function makes by itself

    @wraps(fn)
    def call(*args: Any, **kwargs: Any) -> Any:
        leaves, tree = jax.tree.flatten((args, kwargs))
        arrays = [leaf for leaf in leaves if isinstance(leaf, jax.Array)]
        form = (tree, tuple(map(_constant, leaves)), matmul_mode())
        # Where there is no array nothing says where to compute, and JAX's default device is not accel's.
        home = nullcontext() if arrays else jax.default_device(default_device().native)
        if _x64.config.jax_enable_x64 or any(isinstance(x, Tracer) for x in arrays):
            # Inside somebody's 32-bit trace the scope would come too late; there the ops refuse what it would narrow.
            with home:
                return run(form, arrays)
        with home, _x64.x64():
            out = run(form, arrays)
        results = jax.tree.leaves(out)
        if not any(isinstance(x, Tracer) for x in results):
            return out
        # A trace of somebody else's records even what is made of constants alone.
        if (dtype := _x64.widest(results)) is not None:
            raise _x64.refuse(f"accel.jit({body.__name__})", f"makes {dtype}")
        return run(form, arrays)

    return call


_MARK = "accel\n"


def check(failed: Any, message: str, facts: Callable[[], Mapping[str, Any]], /) -> bool:
    """Stage a check in a function that carries it out."""
    if _taken_up.get():
        checkify.check(jnp.logical_not(failed), _MARK + message, **facts())
    return _taken_up.get()


def _constant(leaf: Any) -> Static | None:
    if isinstance(leaf, jax.Array):
        return None
    return leaf if isinstance(leaf, Static) else Static(leaf)
