"""How a transform is applied: by the backend of the arrays, or by the compiler that they are lent to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import accel.registry as registry
from accel.errors import BackendUnavailableError, NotCompiledWarning
from accel.lending import Loan, current, loan, place
from accel.placement import resolve
from accel.transfer import HOST
from accel.transform.ownership import first, owner
from accel.transform.tracing import blame, warn

__all__ = ["applied", "compiler", "say_once"]


def applied(
    name: str,
    fn: Callable[..., Any],
    use: Callable[[Any, Callable[..., Any]], Callable[..., Any]],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    *,
    allow_transfer: bool = False,
) -> Any:
    """Transform a function and call the result.

    Parameters
    ----------
    name : str
        The transform, for errors.
    fn : callable
        The function.
    use : callable
        Called with a backend's transforms and a function; gives the transformed one.
    args, kwargs
        The arguments of the transformed function; their arrays choose the backend.
    allow_transfer : bool
        Whether the arrays may be computed with on another device where no compiler serves theirs.
    """
    values = (*args, *kwargs.values())
    backend = owner(name, values)
    try:
        transforms = backend.hook("transforms")
        active = current()
        if active is not None and backend in (active.lender, active.compiler):
            args, kwargs = active.lend((args, kwargs), copy=True)
            return use(active.transforms, fn)(*args, **kwargs)
        if transforms is not None:
            return use(transforms, fn)(*args, **kwargs)
        terms = compiler(name, backend, first(values), allow_transfer=allow_transfer)
        with terms.apart():
            args, kwargs = terms.lend((args, kwargs))
            return terms.give_back(use(terms.transforms, terms.inside(fn))(*args, **kwargs))
    except Exception as error:
        blame(name, fn, error)
        raise


def compiler(name: str, backend: registry.Backend, x: Any, *, allow_transfer: bool) -> Loan:
    """Find a compiler for the arrays of a backend, on the CPU if theirs has none and that is allowed.

    Raises
    ------
    BackendUnavailableError
        If there is none. The message says what to install.
    """
    device = place(x)
    try:
        return loan(backend, device)
    except BackendUnavailableError as error:
        why = str(error)
    if not allow_transfer:
        raise BackendUnavailableError(
            f"{name} needs a compiler that sees the memory of {device}, and there is none: {why} "
            f"With allow_transfer=True it computes on the CPU where a compiler for that is there."
        )
    host = loan(registry.load(HOST), resolve(HOST))
    say_once(name, backend, f"{name} computes on {host.home}, not on {device}: {why}")
    return Loan(backend, device, host.compiler, host.home)


def say_once(name: str, backend: registry.Backend, sentence: str) -> None:
    """Warn of what a transform does to the arrays of a backend in the place of what was asked, the first time it does so."""
    if (name, backend.name) not in _told:
        _told.add((name, backend.name))
        warn(sentence, NotCompiledWarning)


_told: set[tuple[str, str]] = set()
"""The transforms and backends of which it was said already."""
