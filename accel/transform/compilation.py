"""Compiled functions: `jit`, how often each was compiled, and a warning where that is too often."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar, overload
from weakref import WeakSet

import accel.checking as checking
import accel.policy as policy
import accel.registry as registry
from accel.errors import ArgumentError, BackendUnavailableError, RetraceWarning
from accel.lending import Loan, constant, current, lends, loan, place
from accel.placement import scope, use_device
from accel.transform.application import say_once
from accel.transform.ownership import first, owner
from accel.transform.static import Static
from accel.transform.tracing import blame, callables, called, compiling, warn
from accel.transform.tree import mapped

__all__ = ["CacheInfo", "cache_info", "jit", "quiet"]

P = ParamSpec("P")
R = TypeVar("R")
F = TypeVar("F", bound=Callable[..., Any])

OFTEN = 16
"""So many programs of one function are worth a warning, and each time their number has doubled."""


@overload
def jit(
    fn: Callable[P, R], /, *, static_argnames: str | Iterable[str] = ..., donate: str | Iterable[str] = ...
) -> Callable[P, R]: ...
@overload
def jit(
    fn: None = None, /, *, static_argnames: str | Iterable[str] = ..., donate: str | Iterable[str] = ...
) -> Callable[[Callable[P, R]], Callable[P, R]]: ...
def jit(
    fn: Callable[..., Any] | None = None,
    /,
    *,
    static_argnames: str | Iterable[str] = (),
    donate: str | Iterable[str] = (),
) -> Callable[..., Any]:
    """Compile a function of arrays with the compiler of the library that owns them.

    The function is traced and compiled once for each set of shapes, dtypes and other arguments, in the scope that keeps 64-bit data
    (`accel.x64`): on JAX arrays by ``jax.jit``. NumPy and CuPy arrays are lent to JAX on the same device, without a copy where their
    alignment allows, and the results are arrays of theirs that may be written to. Where JAX is not installed or has no such device, the
    function runs as it is, and a `NotCompiledWarning` says so once; so it does, without a word, for the arrays of libraries that lend
    to no compiler. The arrays in the arguments choose, also those inside tuples, lists, dicts and dataclasses; where there are none,
    the default device does.

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
    donate : str or iterable of str
        Parameters whose arrays the caller gives up: a compiler may write results into their memory. What is lent is never written to.

    Returns
    -------
    callable
        Takes the arguments of ``fn`` and gives its results. Numbers among the results of a compiled function come back as 0-d arrays.

    Raises
    ------
    ArgumentError
        If ``static_argnames`` or ``donate`` names no parameter of ``fn``, or an argument is neither array nor hashable.
    MixedBackendsError
        If the arrays belong to more than one backend.
    TraceError
        If the function needs the value of an array while it is traced, or changes an array in place. The message names the line.

    Examples
    --------
    >>> import numpy, accel
    >>> @accel.jit
    ... def norm(x, order=2):
    ...     return accel.sum(accel.abs(x) ** order) ** (1 / order)
    >>> float(norm(numpy.asarray([3.0, 4.0])))
    5.0
    """
    names = _names("static_argnames", static_argnames)
    given_up = _names("donate", donate)
    if fn is None:
        return lambda function: jit(function, static_argnames=names, donate=given_up)
    callables("accel.jit", fn)
    written = fn
    positions = _positions("static_argnames", written, names)
    donated = _positions("donate", written, given_up), frozenset(given_up)
    record = _Record(written)
    compiled: dict[Any, Callable[..., Any]] = {}

    @wraps(written)
    def call(*args: Any, **kwargs: Any) -> Any:
        if names:
            args = tuple(Static(a) if i in positions else a for i, a in enumerate(args))
            kwargs = {key: Static(a) if key in names else a for key, a in kwargs.items()}
        backend = owner("accel.jit", (*args, *kwargs.values()) if kwargs else args)
        key = (backend.name, policy.in_force(), scope(), checking.active())
        chosen = compiled.get(key)
        if chosen is None:
            chosen = compiled.setdefault(key, _compile(record, backend, donated))
        record.calls += 1
        try:
            return chosen(args, kwargs)
        except Exception as error:
            blame("accel.jit", written, error)
            raise

    call.__accel_record__ = record  # type: ignore[attr-defined]
    return call


@dataclass(frozen=True)
class CacheInfo:
    """How often a compiled function was called, and compiled.

    Attributes
    ----------
    name : str
        The function's.
    calls : int
        How often it was called.
    programs : int
        How often it was traced, for other shapes, dtypes, constants, policies or devices; 0 where it ran as it is.
    """

    name: str
    calls: int
    programs: int


def cache_info(fn: Callable[..., Any] | None = None) -> tuple[CacheInfo, ...]:
    """Tell how often compiled functions were called, and compiled.

    Parameters
    ----------
    fn : callable, optional
        What `accel.jit` gave; by default all that are alive, in the order of their names.

    Returns
    -------
    tuple of CacheInfo

    Raises
    ------
    ArgumentError
        If ``fn`` was not made by `accel.jit`.

    Examples
    --------
    >>> import numpy, accel
    >>> double = accel.jit(lambda x: x + x)
    >>> _ = double(numpy.ones(2)), double(numpy.ones(2))
    >>> accel.transform.cache_info(double)[0].calls
    2
    """
    if fn is None:
        return tuple(sorted((record.info() for record in _records), key=lambda info: info.name))
    record = getattr(fn, "__accel_record__", None)
    if record is None:
        raise ArgumentError(f"cache_info takes a function made by accel.jit, got {fn!r}.")
    return (record.info(),)


def quiet(fn: F) -> F:
    """Let a function made by `jit` be compiled as often as it may be, for tests that call it with all kinds of arguments."""
    fn.__accel_record__.quiet = True  # type: ignore[attr-defined]
    return fn


class _Record:
    """What is known about one function."""

    def __init__(self, fn: Callable[..., Any]) -> None:
        self.fn = fn
        self.name = called(fn)
        self.calls = 0
        self.programs = 0
        self.quiet = False
        self.last: dict[str, str] = {}
        _records.add(self)

    def info(self) -> CacheInfo:
        return CacheInfo(self.name, self.calls, self.programs)

    def trace(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Count a program, and warn where there are many."""
        self.programs += 1
        # From the program before on, so that the first warning can say what has changed.
        if self.quiet or self.programs < OFTEN - 1:
            return
        before, self.last = self.last, _described(self.fn, args, kwargs)
        if self.programs >= OFTEN and not self.programs & (self.programs - 1):
            warn(self._warning(before), RetraceWarning)

    def _warning(self, before: dict[str, str]) -> str:
        said = f"accel.jit has compiled {self.name} {self.programs} times"
        for name, now in self.last.items():
            if before.get(name, now) != now:
                return (
                    f"{said}; the last time because {name} was {before[name]} and is {now}. Pass a number that changes from call to call as "
                    f"an array (accel.asarray), and pad arrays to a few shapes."
                )
        return f"{said}; call it with arguments of fewer kinds, and make it once, not in a loop."


_records: WeakSet[_Record] = WeakSet()


def _described(fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, str]:
    """Say by parameter what an argument is to the compiler."""
    try:
        bound = inspect.signature(fn).bind(*args, **kwargs).arguments
    except (TypeError, ValueError):
        bound = {**{f"argument {i}": a for i, a in enumerate(args)}, **kwargs}
    return {name: _describe(value) for name, value in bound.items()}


def _describe(value: Any) -> str:
    if registry.owner(type(value)) is not None:
        return f"an array of {value.dtype} and shape {tuple(value.shape)}"
    if isinstance(value, tuple | list):
        return f"({', '.join(map(_describe, value))})"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{k!r}: {_describe(v)}' for k, v in value.items())}}}"
    return repr(value)


def _names(option: str, given: Any) -> tuple[str, ...]:
    names = (given,) if isinstance(given, str) else tuple(given) if isinstance(given, Iterable) else (given,)
    for name in names:
        if not isinstance(name, str):
            raise ArgumentError(f"accel.jit: {option} takes names of parameters, got {name!r}.")
    return names


def _positions(option: str, fn: Callable[..., Any], names: tuple[str, ...]) -> frozenset[int]:
    """Find where arguments of some parameters stand when they are given without a name."""
    if not names:
        return frozenset()
    parameters = inspect.signature(fn).parameters
    for name in names:
        if name not in parameters or parameters[name].kind.name.startswith("VAR"):
            raise ArgumentError(
                f"accel.jit: {option} names {name!r}, and the parameters of {fn!r} are {', '.join(parameters) or 'none'}."
            )
    return frozenset(i for i, name in enumerate(parameters) if name in names)


Donated = tuple[frozenset[int], frozenset[str]]
"""Positions and names of the parameters whose arrays are given up."""
NOTHING: Donated = (frozenset(), frozenset())
Program = Callable[[tuple[Any, ...], dict[str, Any]], Any]
"""Called with the arguments without a name and those with one."""


def _compile(record: _Record, backend: registry.Backend, donated: Donated) -> Program:
    """Hand a function to the backend's compiler, or to one that its arrays can be lent to; where there is none it runs as it is."""
    if backend.hook("jit") is not None:
        compiled = _traced(record, backend, lambda fn: fn, donated)

        def run(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            if current() is not None:
                args, kwargs = constant((args, kwargs))
            return compiled(*args, **kwargs)

        return run
    if lends(backend):
        return _lent(record, backend)
    return _plain(record.fn, backend)


def _traced(
    record: _Record,
    backend: registry.Backend,
    around: Callable[[Any], Any],
    donated: Donated,
    **where: Any,
) -> Callable[..., Any]:
    fn = record.fn

    # A compiler may know a function by its identity; each variant is a function of its own.
    @wraps(fn)
    def variant(*args: Any, **kwargs: Any) -> Any:
        record.trace(args, kwargs)
        token = compiling.set(True)
        try:
            return fn(*args, **kwargs)
        finally:
            compiling.reset(token)

    compiled: Callable[..., Any] = backend.hook("jit")(
        around(variant), checked=checking.active(), donated=donated, **where
    )
    return compiled


def _lent(record: _Record, backend: registry.Backend) -> Program:
    programs: dict[Loan, Callable[..., Any]] = {}
    plain = _plain(record.fn, backend)

    def program(terms: Loan) -> Callable[..., Any]:
        found = programs.get(terms)
        if found is None:
            # What is donated may be written to, and what is lent may not.
            made = _traced(record, terms.compiler, terms.inside, NOTHING, host=terms.host)
            found = programs.setdefault(terms, made)
        return found

    def run(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        outer = current()
        if outer is not None and outer.lender is backend:
            # Within a trace the arrays are constants, and the results are the trace's.
            args, kwargs = outer.lend((args, kwargs), copy=True)
            return program(outer)(*args, **kwargs)
        array = first((*args, *kwargs.values()))
        try:
            terms = loan(backend, place(array))
        except BackendUnavailableError as error:
            say_once(
                "accel.jit",
                backend,
                f"accel.jit runs functions of {backend.name} arrays as they are, since nothing here compiles for them: {error}",
            )
            return plain(args, kwargs)
        with terms.transforms.now():
            (args, kwargs), lent = terms.show((args, kwargs))
            # Where there is no array nothing else says where to compute.
            with nullcontext() if array is not None else use_device(terms.home):
                out = program(terms)(*args, **kwargs)
            return terms.give_back(out, lent)

    return run


def _plain(fn: Callable[..., Any], backend: registry.Backend) -> Program:
    """Run a function as it is, on the values of static arguments."""

    def run(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        args = tuple(a.value if isinstance(a, Static) else a for a in args)
        kwargs = {key: a.value if isinstance(a, Static) else a for key, a in kwargs.items()}
        token = compiling.set(True)
        try:
            guard = backend.hook("traceable") if checking.active() else None
            if guard is None:
                return fn(*args, **kwargs)
            args, kwargs = mapped(guard, (args, kwargs))
            return mapped(backend.hook("untraced"), fn(*args, **kwargs))
        finally:
            compiling.reset(token)

    return run
