"""Containers of arrays, taken apart and put together by the library that is there: a loaded compiler's own, else optree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any

import accel.registry as registry
from accel.dtype import name_of
from accel.errors import BackendUnavailableError

__all__ = ["Form", "flatten", "form"]

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
    strangers = {type(leaf) for leaf in leaves if is_dataclass(leaf) and not isinstance(leaf, type)}
    if strangers:
        for cls in strangers:
            _register(optree, cls)
        return _by_optree(values)
    return list(leaves), lambda items: optree.tree_unflatten(structure, items), structure


def _register(optree: Any, cls: Any) -> None:
    names = tuple(field.name for field in fields(cls))

    def apart(x: Any) -> tuple[list[Any], None, tuple[str, ...]]:
        return [getattr(x, name) for name in names], None, names

    def together(_: None, items: Any) -> Any:
        return cls(**dict(zip(names, items, strict=True)))

    optree.register_pytree_node(cls, apart, together, namespace=SPACE)


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
