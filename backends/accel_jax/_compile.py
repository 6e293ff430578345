"""Compiled functions: ``jax.jit`` in the 64-bit scope, with everything that is no array as a constant, and with checks on request."""

from __future__ import annotations

import threading
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
from accel.transform.compilation import NOTHING, Donated
from accel_jax import _transforms, _x64

__all__ = ["check", "checking", "jit"]

_taken_up: ContextVar[bool] = ContextVar("accel_jax_checks_taken_up", default=False)
"""Whether the function that is being traced is one that carries its checks out."""

_user_context: Any = jax.make_user_context  # known to type checkers by name alone
_context: Callable[[str], AbstractContextManager[None]] = _user_context("off")
"""Part of the key of JAX's caches: what was traced with checks "off" is no answer where they are "on", nor where they are "taken up"."""


class _Scopes(threading.local):
    """How many blocks with a value of `checking` this thread is in: outside of all of them it is "off"."""

    count = 0


_scopes = _Scopes()


class checking:  # noqa: N801 -- entered in a with statement, it reads as a verb
    """A block in which JAX's caches answer for one value of `checking`; for one ``with`` statement."""

    __slots__ = ("_inner",)

    def __init__(self, value: str) -> None:
        self._inner = _context(value)

    def __enter__(self) -> None:
        _scopes.count += 1
        self._inner.__enter__()

    def __exit__(self, *error: Any) -> None:
        self._inner.__exit__(*error)
        _scopes.count -= 1


def jit(fn: Callable[..., Any], /, *, checked: bool, donated: Donated = NOTHING) -> Callable[..., Any]:
    """Compile a function whose inputs are the arrays in its arguments."""
    name = getattr(fn, "__name__", type(fn).__name__)
    kernels: dict[Any, Callable[..., Any]] = {}
    """Where the arrays stand and what all else is -> the compiled function of the arrays: a dict finds it faster than JAX, which would
    take all else as static arguments."""

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

    carrying.__name__ = carrying.__qualname__ = name
    checks = jax.jit(carrying, static_argnums=0, keep_unused=True)

    def kernel(form: tuple[Any, ...]) -> Callable[..., Any]:
        found = kernels.get(form)
        if found is None:
            made = _kernel(name, lambda *arrays: body(form, list(arrays)), _given_up(form, donated))
            found = kernels.setdefault(form, made)
        return found

    def run(form: tuple[Any, ...], arrays: list[Any]) -> Any:
        # Inside another transformation the checks, if any, are the concern of the outermost `accel.jit`.
        if not checked or _taken_up.get() or any(isinstance(x, Tracer) for x in arrays):
            mode = "off" if not checked else "taken up" if _taken_up.get() else "on"
            if mode == "off" and not _scopes.count:
                return kernel(form)(*arrays)
            with checking(mode):
                return kernel(form)(*arrays)
        with checking("taken up"):
            error, out = checks(form, arrays)
        found = error.get_exception()
        if found is None:
            return out
        if getattr(found, "fmt_string", "").startswith(_MARK):
            raise failure(found.fmt_string.removeprefix(_MARK), found.kwargs)
        return error.throw()  # a check that the function makes by itself

    def narrow(out: Any) -> bool:
        """Tell whether what a call in the 64-bit scope has given stands, and refuse what somebody's 32-bit trace would narrow."""
        if type(out) in _arrays:
            return True
        results = jax.tree.leaves(out)
        if not any(isinstance(x, Tracer) for x in results):
            return True
        # A trace of somebody else's records even what is made of constants alone.
        if (dtype := _x64.widest(results)) is not None:
            raise _x64.refuse(f"accel.jit({name})", f"makes {dtype}")
        return False

    def general(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        leaves, tree = _transforms.taken_apart((args, kwargs))
        arrays = [leaf for leaf in leaves if type(leaf) in _arrays or isinstance(leaf, jax.Array)]
        constants = tuple([None if type(leaf) in _arrays else _constant(leaf) for leaf in leaves])
        form = (tree, constants, matmul_mode())
        traced = any(issubclass(cls, Tracer) for cls in set(map(type, arrays)))
        if not traced:
            _arrays.update(map(type, arrays))
        # Where there is no array nothing says where to compute, and JAX's default device is not accel's.
        home = nullcontext() if arrays else jax.default_device(default_device().native)
        if _x64.config.jax_enable_x64 or traced:
            # Inside somebody's 32-bit trace the scope would come too late; there the ops refuse what it would narrow.
            with home:
                return run(form, arrays)
        with home, _x64.x64():
            out = run(form, arrays)
        return out if narrow(out) else run(form, arrays)

    quick: dict[tuple[Any, ...], Callable[..., Any]] = {}
    """The same for calls whose arguments are arrays and plain values, by a key that takes less time to make."""

    @wraps(fn)
    def call(*args: Any, **kwargs: Any) -> Any:
        if checked or _scopes.count:
            return general(args, kwargs)
        if len(kwargs) > 1:
            # In the order in which JAX takes a dict apart: the arrays are handed on by their places.
            kwargs = {name: kwargs[name] for name in sorted(kwargs)}
        key: list[Any] = [matmul_mode(), len(args), *kwargs]
        arrays = []
        for value in (*args, *kwargs.values()) if kwargs else args:
            cls = type(value)
            key.append(cls)
            if cls in _arrays:
                arrays.append(value)
            elif cls in _PLAIN:
                key.append(value)
            elif cls is float:
                key.append(value.hex())  # tells -0.0 from 0.0, and nan is itself
            elif isinstance(value, jax.Array) and not isinstance(value, Tracer):
                _arrays.add(cls)
                arrays.append(value)
            else:
                return general(args, kwargs)
        found = quick.get(tuple(key))
        if found is None:
            if not arrays:
                return general(args, kwargs)
            leaves, tree = _transforms.taken_apart((args, kwargs))
            found = quick.setdefault(tuple(key), kernel((tree, tuple(map(_constant, leaves)), key[0])))
        if _x64.config.jax_enable_x64:
            return found(*arrays)
        with _x64.x64():
            out = found(*arrays)
        return out if narrow(out) else found(*arrays)

    return call


def _kernel(name: str, body: Callable[..., Any], given_up: tuple[int, ...]) -> Callable[..., Any]:
    body.__name__ = body.__qualname__ = name
    # Arguments are kept even where the result does not depend on them: they say where it belongs.
    compiled: Callable[..., Any] = jax.jit(body, keep_unused=True, donate_argnums=given_up)
    return compiled


def _given_up(form: tuple[Any, ...], donated: Donated) -> tuple[int, ...]:
    """Find the arrays, by their number among the arrays, that belong to parameters that are donated."""
    if not any(donated):
        return ()
    tree, constants, _ = form
    paths = [path for path, _ in jax.tree.leaves_with_path(jax.tree.unflatten(tree, range(len(constants))))]
    arrays = [path for path, constant in zip(paths, constants, strict=True) if constant is None]
    # The first key is 0 for arguments without a name and 1 for the others; the second is the place, or the name.
    return tuple(
        i
        for i, (kind, which, *_) in enumerate(arrays)
        if getattr(which, ("idx", "key")[kind.idx]) in donated[kind.idx]
    )


_arrays: set[type] = set()
"""Classes of arrays that are no tracers; filled as they arrive, since JAX has no public name for them."""
_PLAIN = frozenset((bool, int, str, type(None)))


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
