"""Whose the arrays among some arguments are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import accel.registry as registry
from accel.creation import default_backend
from accel.errors import MixedBackendsError
from accel.lending import current

__all__ = ["arrays", "owner"]


def owner(name: str, arguments: Iterable[Any]) -> tuple[registry.Backend, Any]:
    """Find the backend of the arrays among some arguments, and the first array.

    Where there are none it is the backend of the default device, and None. In a function that was lent to a compiler the lender's
    arrays are constants, and the compiler goes before.

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
    # Of many arrays there are few classes, and a call asks at each of them.
    classes: dict[type, Any] = {}
    _gather(arguments, classes)
    found: dict[str, registry.Backend] = {}
    first = None
    for cls, value in classes.items():
        backend = registry.owner(cls)
        if backend is not None:
            first = value if first is None else first
            found[backend.name] = backend
    if not found:
        return default_backend(), None
    if len(found) > 1:
        loan = current()
        if loan is not None and found.keys() <= {loan.lender.name, loan.compiler.name}:
            return loan.compiler, first
        raise MixedBackendsError(
            f"{name} got arrays of {' and '.join(sorted(found))}; bring them together first with accel.to_device(y, like=x)."
        )
    return next(iter(found.values())), first


def _gather(values: Iterable[Any], found: dict[type, Any]) -> None:
    """Find the first object of each class in tuples, lists, dicts and dataclasses."""
    for value in values:
        cls = type(value)
        if cls in found:
            continue
        if isinstance(value, tuple | list):
            _gather(value, found)
        elif isinstance(value, dict):
            _gather(value.values(), found)
        elif is_dataclass(cls) and registry.owner(cls) is None:
            _gather((getattr(value, field.name) for field in fields(value)), found)
        else:
            found[cls] = value


def arrays(values: Iterable[Any]) -> Iterator[tuple[Any, registry.Backend]]:
    """List the arrays in tuples, lists, dicts and dataclasses, each with its backend."""
    for value in values:
        if isinstance(value, tuple | list):
            yield from arrays(value)
        elif isinstance(value, dict):
            yield from arrays(value.values())
        else:
            backend = registry.owner(type(value))
            if backend is not None:
                yield value, backend
            elif is_dataclass(value) and not isinstance(value, type):
                yield from arrays(getattr(value, field.name) for field in fields(value))
