"""Checked mode: a context in which every op looks at its arguments and results, and every backend raises the same error.

Nothing of it stands in the way of other calls: while no context is in checked mode the tables of `accel.dispatch` hold the
backends' own functions. When the first one enters, the tables are cleared, and are filled with guarded functions until the last
one has gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from functools import wraps
from threading import RLock
from types import ModuleType
from typing import TYPE_CHECKING, Any

import accel.registry as registry

if TYPE_CHECKING:
    from accel.dispatch import Spec

__all__ = ["checked"]


@contextmanager
def checked() -> Iterator[None]:
    """Look at the values inside a ``with`` block, and raise the same error on every backend for what is otherwise left open.

    ==================================================================  =======================
    indices out of bounds                                               ``OutOfBoundsError``
    integer division by zero                                            ``DivisionError``
    values that the dtype asked for cannot hold                         ``CastError``
    operands of mixed kinds (integers with floats, bool with numbers)   ``DTypeError``
    singular matrices in `inv` and `solve`                              ``SingularMatrixError``
    matrices that are not positive definite in `cholesky`               ``NotPositiveDefiniteError``
    nan made of numbers                                                 ``NaNError``
    keys of random numbers drawn from twice in one block                ``KeyReuseError``
    shifts by negative counts, negative powers of integers              ``ArgumentError``
    negative numbers of copies                                          ``ShapeError``
    ==================================================================  =======================

    Results are those of the same calls outside. The mode belongs to the current thread or async task, and to the tasks that are
    started in it; blocks can be nested. It concerns accel's own functions and the namespaces that `accel.namespace` gives inside
    the block, not operators such as ``x / y`` and methods, which are the library's own.

    Notes
    -----
    Cost: each op with something to look at waits for the device, and reads its operands or its result once or twice more; `inv` and
    `solve` compute the singular values besides. Outside of the block nothing is slower.

    Compiled functions: inside the block `accel.jit` compiles a variant that carries the checks with it and raises when it has
    run; ``jax.vmap``, ``jax.grad`` and ``jax.jit`` may stand inside it. What ``jax.grad`` computes on the way back is no op of
    accel's, and is not looked at. Where a value is traced by anything else it cannot be looked at, and the op raises
    ``UnsupportedError``. JAX learns of the block by a scope of its own that belongs to the thread, so do not hold the block open
    across an ``await`` where functions made by ``jax.jit`` itself are called.

    Examples
    --------
    >>> import numpy, accel
    >>> x = numpy.asarray([1.0, 2.0])
    >>> with accel.checked():
    ...     accel.take(x, numpy.asarray([0, 2]))
    Traceback (most recent call last):
        ...
    accel.errors.OutOfBoundsError: accel.take: 1 of 2 indices are out of bounds, the first at index (1,) of indices: 2; axis 0 of x \
has length 2 and takes -2 to 1.
    """
    token = _scope.set(_Scope(_scope.get()))
    try:
        with ExitStack() as scopes:
            for backend in registry.loaded():
                enter = backend.hook("checking")
                if enter is not None:
                    scopes.enter_context(enter())
            yield
    finally:
        _scope.reset(token)


class _Scope:
    """Alive as long as some context is in checked mode by it: a task may outlive the block that it was started in."""

    def __init__(self, outer: _Scope | None) -> None:
        self.keys: set[tuple[int, ...]] = set() if outer is None else outer.keys
        _watch(+1)

    def __del__(self) -> None:
        _watch(-1)


_scope: ContextVar[_Scope | None] = ContextVar("accel_checked", default=None)
_lock = RLock()
_alive = 0
_generation = 0
tables: list[dict[Any, Any]] = []
"""The tables of functions to be cleared whenever guards are wanted, or no longer, and when a backend is withdrawn."""


def _watch(change: int) -> None:
    global _alive, _generation
    with _lock:
        before, _alive = _alive, _alive + change
        if (before == 0) is not (_alive == 0):
            _generation += 1
            _clear()


def _clear(_name: str = "") -> None:
    for table in tables:
        table.clear()


# What a withdrawn backend did another one of its name must not do.
registry.withdrawals.append(_clear)


def active() -> bool:
    """Tell whether the current context is in checked mode."""
    return _scope.get() is not None


def used_keys() -> set[tuple[int, ...]]:
    """Give the keys of random numbers that were drawn from in the outermost block of the current context."""
    scope = _scope.get()
    return set() if scope is None else scope.keys


@contextmanager
def suspended() -> Iterator[None]:
    """Look at no values inside a ``with`` block: the ops that another op is made of are that op's affair."""
    token = _scope.set(None)
    try:
        yield
    finally:
        _scope.reset(token)


def generation() -> int:
    """Count how often functions have become guarded, or bare again."""
    return _generation


def guarded(spec: Spec, backend: registry.Backend, function: Callable[..., Any]) -> Callable[..., Any]:
    """Give the function to be put into a table: guarded while any context is in checked mode."""
    return _guard(spec, backend, function) if _alive else function


def _guard(spec: Spec, backend: registry.Backend, function: Callable[..., Any]) -> Callable[..., Any]:
    from accel.checks import Watch
    from accel.transform.tracing import compiling, refused_here

    watch = Watch(spec, backend, function) if spec.checks else function
    traced, traceable = backend.hook("withheld") or backend.hook("traced"), backend.hook("traceable")

    @wraps(function)
    def guard(*args: Any, **kwargs: Any) -> Any:
        if _scope.get() is None:
            return function(*args, **kwargs)
        if traced is None or not compiling.get() or not any(map(traced, args)):
            return watch(*args, **kwargs)
        if not spec.traceable(kwargs):
            raise refused_here("value")
        out = watch(*args, **kwargs)
        return out if traceable is None or isinstance(out, tuple | list) else traceable(out)

    return guard


class CheckedNamespace(ModuleType):
    """A backend's namespace whose functions check, wherever checked mode is on.

    Parameters
    ----------
    backend : Backend
        Whose namespace it is.
    part : str
        ``""``, or the name of a sub-module.
    """

    def __init__(self, backend: registry.Backend, part: str = "") -> None:
        bare = getattr(backend.namespace, part) if part else backend.namespace
        super().__init__(bare.__name__, bare.__doc__)
        self.__dict__.update(_backend=backend, _bare=bare, _part=part)

    def __getattr__(self, name: str) -> Any:
        from accel.dispatch import SUBMODULES

        found = getattr(self._bare, name)
        if not self._part and name in SUBMODULES:
            found = CheckedNamespace(self._backend, name)
        elif (spec := _spec(self._part, name)) is not None:
            found = _guard(spec, self._backend, found)
        self.__dict__[name] = found
        return found

    def __dir__(self) -> list[str]:
        return dir(self._bare)

    def __repr__(self) -> str:
        return f"<checked {self._bare!r}>"


_namespaces: dict[str, CheckedNamespace] = {}


def _spec(part: str, name: str) -> Spec | None:
    """Find the spec of a function of a namespace."""
    from importlib import import_module

    from accel.dispatch import specs

    getattr(import_module(f"accel.{part}" if part else "accel"), name, None)  # loads the chapters
    return specs.get(f"{part}.{name}" if part else name)


def namespace(backend: registry.Backend) -> Any:
    """Give the namespace of a backend for the current context: its own, or one that checks."""
    if not active():
        return backend.namespace
    found = _namespaces.get(backend.name)
    if found is None or found._backend is not backend:
        found = _namespaces[backend.name] = CheckedNamespace(backend)
    return found
