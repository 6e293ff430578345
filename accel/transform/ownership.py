"""Whose the arrays among some arguments are."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import Any

import accel.registry as registry
from accel.creation import default_backend
from accel.errors import MixedBackendsError
from accel.lending import current

__all__ = ["arrays", "first", "owner"]


def owner(name: str, arguments: Iterable[Any]) -> registry.Backend:
    """Find the backend of the arrays among some arguments.

    Where there are none it is the backend of the default device. In a function that was lent to a compiler the lender's arrays are
    constants, and the compiler goes before.

    Parameters
    ----------
    name : str
        The transform, for the error.
    arguments : iterable
        Containers of arrays and of anything else.

    Raises
    ------
    MixedBackendsError
        If the arrays are of several backends.
    """
    found: dict[str, registry.Backend] = {}
    _collect(tuple(arguments), found)
    if len(found) == 1:
        return next(iter(found.values()))
    if not found:
        return default_backend()
    loan = current()
    if loan is not None and found.keys() <= {loan.lender.name, loan.compiler.name}:
        return loan.compiler
    raise MixedBackendsError(
        f"{name} got arrays of {' and '.join(sorted(found))}; bring them together first with accel.to_device(y, like=x)."
    )


def _collect(values: Collection[Any], found: dict[str, registry.Backend]) -> None:
    # Class by class: a model has hundreds of arrays, and all are of one.
    for cls in set(map(type, values)):
        if cls in _PLAIN:
            continue
        backend = None if cls in _BUILT_IN else registry.owner(cls)
        if backend is not None:
            found[backend.name] = backend
        elif (open_ := _opened(cls)) is not None:
            for value in values:
                if type(value) is cls:
                    _collect(open_(value), found)


_PLAIN = frozenset((bool, int, float, complex, str, bytes, type(None)))
_BUILT_IN = frozenset((tuple, list, dict))


@lru_cache(maxsize=256)  # each call of a compiled function asks
def _opened(cls: type) -> Callable[[Any], Collection[Any]] | None:
    """Give the function that gives what is in a container of a class, or None for what is no container."""
    if issubclass(cls, tuple | list):
        return lambda value: value
    if issubclass(cls, dict):
        return cls.values
    if is_dataclass(cls):
        return lambda value: [getattr(value, field.name) for field in fields(value)]
    return None


def arrays(values: Iterable[Any]) -> Iterator[Any]:
    """List the arrays in tuples, lists, dicts and dataclasses."""
    for value in values:
        cls: type = type(value)
        if registry.owner(cls) is not None:
            yield value
        elif cls not in _PLAIN and (open_ := _opened(cls)) is not None:
            yield from arrays(open_(value))


def first(values: Iterable[Any]) -> Any:
    """Give the first array, or None."""
    return next(arrays(values), None)
