"""Transforms: a function of arrays becomes a compiled one."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar, overload

import accel.checking as checking
import accel.policy as policy
import accel.registry as registry
from accel.creation import default_backend
from accel.errors import ArgumentError, MixedBackendsError
from accel.placement import scope

__all__ = ["Static", "jit"]

compiling: ContextVar[bool] = ContextVar("accel_compiling", default=False)
"""Whether a function made by `jit` is being traced, or run where there is no compiler: what it changes outside would be lost."""

P = ParamSpec("P")
R = TypeVar("R")


@overload
def jit(fn: Callable[P, R], /, *, static_argnames: str | Iterable[str] = ...) -> Callable[P, R]: ...
@overload
def jit(
    fn: None = None, /, *, static_argnames: str | Iterable[str] = ...
) -> Callable[[Callable[P, R]], Callable[P, R]]: ...
def jit(
    fn: Callable[..., Any] | None = None, /, *, static_argnames: str | Iterable[str] = ()
) -> Callable[..., Any]:
    """Compile a function of arrays with the compiler of the library that owns them.

    On JAX arrays the function is traced and compiled by ``jax.jit``, once for each set of shapes, dtypes and other arguments, in the
    scope that keeps 64-bit data (`accel.x64`). NumPy, CuPy and other libraries whose backend offers no compiler run it as it is. The
    arrays in the arguments choose, also those inside tuples, lists and dicts; where there are none, the default device does.

    Arrays are the inputs of the compiled function. Everything else (numbers, strings, None, dtypes, functions) is part of it, so
    that Python numbers follow the arrays and ``if`` works on them as it does without compiling; each new value compiles anew. Pass
    a number that changes from call to call as an array. A function that depends on a policy of accel's, such as `accel.default_dtypes`
    or `accel.use_device`, is compiled anew where another one is in force; inside `accel.checked` the compiled function checks.

    Parameters
    ----------
    fn : callable
        The function. It must depend on its arguments alone and change nothing; ``if`` and ``while`` on an array's values, and
        results whose shape depends on them, cannot be compiled. Without it, a decorator is returned.
    static_argnames : str or iterable of str
        Parameters whose arguments are part of the compiled function as a whole, though they may hold arrays; they must be hashable.

    Returns
    -------
    callable
        Takes the arguments of ``fn`` and gives its results. Numbers among the results of a compiled function come back as 0-d arrays.

    Raises
    ------
    ArgumentError
        If ``static_argnames`` names no parameter of ``fn``, or an argument is neither array nor hashable.
    MixedBackendsError
        If the arrays belong to more than one backend.

    Examples
    --------
    >>> import numpy, accel
    >>> @accel.jit
    ... def norm(x, order=2):
    ...     return accel.sum(accel.abs(x) ** order) ** (1 / order)
    >>> float(norm(numpy.asarray([3.0, 4.0])))
    5.0
    """
    names = (static_argnames,) if isinstance(static_argnames, str) else tuple(static_argnames)
    if fn is None:
        return lambda function: jit(function, static_argnames=names)
    written = fn
    positions = _positions(written, names)
    compiled: dict[Any, Callable[..., Any]] = {}

    @wraps(written)
    def call(*args: Any, **kwargs: Any) -> Any:
        if names:
            args = tuple(Static(a) if i in positions else a for i, a in enumerate(args))
            kwargs = {key: Static(a) if key in names else a for key, a in kwargs.items()}
        backend = _owner((*args, *kwargs.values()))
        key = (backend.name, policy.in_force(), scope(), checking.active())
        chosen = compiled.get(key)
        if chosen is None:
            chosen = compiled.setdefault(key, _compile(written, backend))
        return chosen(*args, **kwargs)

    return call


class Static:
    """A value that is part of a compiled function: equal to another one only if no function could tell them apart.

    Parameters
    ----------
    value : hashable object
        ``1``, ``1.0`` and ``True`` differ here, and ``0.0`` from ``-0.0``; nan is equal to nan.
    """

    __slots__ = ("_hash", "_key", "value")

    def __init__(self, value: Any) -> None:
        self.value = value
        self._key = _key(value)
        try:
            self._hash = hash(self._key)
        except TypeError:
            cls = type(value)
            raise ArgumentError(
                f"accel.jit got {cls.__module__}.{cls.__qualname__} among the arguments, which is neither an array of the compiling "
                f"backend nor hashable; pass arrays, tuples, lists and dicts of arrays, or objects that do not change."
            ) from None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Static) and bool(self._key == other._key)

    def __hash__(self) -> int:
        return self._hash


def _key(value: Any) -> Any:
    if isinstance(value, tuple):
        return (type(value), *map(_key, value))
    if isinstance(value, slice):  # has no hash before Python 3.12
        return slice, _key(value.start), _key(value.stop), _key(value.step)
    if isinstance(value, complex):
        return type(value), value.real.hex(), value.imag.hex()
    return type(value), value.hex() if isinstance(value, float) else value


def _positions(fn: Callable[..., Any], names: tuple[str, ...]) -> frozenset[int]:
    """Find where arguments of some parameters stand when they are given without a name."""
    if not names:
        return frozenset()
    parameters = inspect.signature(fn).parameters
    for name in names:
        if name not in parameters or parameters[name].kind.name.startswith("VAR"):
            raise ArgumentError(
                f"accel.jit: static_argnames names {name!r}, and the parameters of {fn!r} are {', '.join(parameters) or 'none'}."
            )
    return frozenset(i for i, name in enumerate(parameters) if name in names)


def _owner(arguments: Iterable[Any]) -> registry.Backend:
    """Find the backend of the arrays among some arguments, or the default one where there are none."""
    found: dict[str, registry.Backend] = {}
    _collect(arguments, found)
    if len(found) > 1:
        raise MixedBackendsError(
            f"accel.jit got arrays of {' and '.join(sorted(found))}; bring them together first with accel.to_device(y, like=x)."
        )
    return next(iter(found.values())) if found else default_backend()


def _collect(values: Iterable[Any], found: dict[str, registry.Backend]) -> None:
    for value in values:
        if isinstance(value, tuple | list):
            _collect(value, found)
        elif isinstance(value, dict):
            _collect(value.values(), found)
        else:
            backend = registry.owner(type(value))
            if backend is not None:
                found[backend.name] = backend


def _compile(fn: Callable[..., Any], backend: registry.Backend) -> Callable[..., Any]:
    """Hand a function to the backend's compiler; where there is none it runs as it is."""
    hook = backend.hook("jit")
    if hook is None:
        return _plain(fn)

    # A compiler may know a function by its identity; each variant is a function of its own.
    @wraps(fn)
    def variant(*args: Any, **kwargs: Any) -> Any:
        token = compiling.set(True)
        try:
            return fn(*args, **kwargs)
        finally:
            compiling.reset(token)

    compiled: Callable[..., Any] = hook(variant, checked=checking.active())
    return compiled


def _plain(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Run a function as it is, on the values of static arguments."""

    def run(*args: Any, **kwargs: Any) -> Any:
        args = tuple(a.value if isinstance(a, Static) else a for a in args)
        token = compiling.set(True)
        try:
            return fn(*args, **{key: a.value if isinstance(a, Static) else a for key, a in kwargs.items()})
        finally:
            compiling.reset(token)

    return run
