"""Containers of arrays, taken apart and put together by the library that is there: a loaded compiler's own, else optree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

import accel.registry as registry
from accel.dtype import name_of
from accel.errors import BackendUnavailableError

__all__ = ["Form", "flatten", "form", "parts"]

Taken = tuple[list[Any], Callable[[list[Any]], Any], Any]
SPACE = "accel"
"""Where optree keeps what it was told here; other users of it never see that."""

Form = tuple[Any, tuple[tuple[tuple[int, ...], str], ...]]
"""The structure of a container, and shape and dtype of each array in it."""


def flatten(values: Any) -> Taken:
    """Take a container apart.

    Returns
    -------
    tuple
        The leaves, a function that puts such leaves together again, and the structure, which can be compared and printed.

    Raises
    ------
    BackendUnavailableError
        If there is something to take apart, and no library for it.
    """
    if registry.owner(type(values)) is not None or isinstance(values, bool | int | float | complex):
        return [values], lambda leaves: leaves[0], "a leaf"
    for backend in registry.loaded():
        transforms = backend.hook("transforms")
        if transforms is not None:
            taken: Taken = transforms.flatten(values)
            return taken
    return _by_optree(values)


def _by_optree(values: Any) -> Taken:
    try:
        import optree
    except ImportError:
        raise BackendUnavailableError(
            "Containers of arrays are taken apart by optree or by JAX, and neither is here: pip install 'accel-xp[tree]'."
        ) from None
    leaves, structure = optree.tree_flatten(values, namespace=SPACE)
    strangers = {type(leaf): leaf for leaf in leaves if is_dataclass(leaf) and not isinstance(leaf, type)}
    if strangers:
        for stranger in strangers.values():
            _register(optree, stranger)
        return _by_optree(values)
    return list(leaves), lambda items: optree.tree_unflatten(structure, items), structure


def _register(optree: Any, x: Any) -> None:
    cls = type(x)
    data, facts = parts(x)

    def apart(x: Any) -> tuple[list[Any], tuple[Any, ...], tuple[str, ...]]:
        return [getattr(x, name) for name in data], tuple(getattr(x, name) for name in facts), data

    def together(known: tuple[Any, ...], items: Any) -> Any:
        return cls(**dict(zip(data, items, strict=True)), **dict(zip(facts, known, strict=True)))

    optree.register_pytree_node(cls, apart, together, namespace=SPACE)


def parts(x: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Tell the fields of a dataclass that hold arrays, or may, from those that hold facts: a name, a number of layers, a choice."""
    names = [field.name for field in fields(x) if field.init]
    facts = tuple(name for name in names if isinstance(getattr(x, name), str | bytes | int | Enum))
    return tuple(name for name in names if name not in facts), facts


def form(values: Any) -> Form:
    """Tell what a container is like: two that differ in this cannot take each other's place in a program."""
    leaves, _, structure = flatten(values)
    return structure, tuple((tuple(leaf.shape), name_of(leaf.dtype)) for leaf in leaves)


def difference(first: Form, second: Form) -> str:
    """Say how two forms differ, or nothing if they do not."""
    if first[0] != second[0]:
        return f"{first[0]} and {second[0]}"
    for one, two in zip(first[1], second[1], strict=True):
        if one != two:
            return f"{one[1]} of shape {one[0]} and {two[1]} of shape {two[0]}"
    return ""
