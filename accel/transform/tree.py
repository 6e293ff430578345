"""Containers of arrays: taken apart and put together by the library that is there, a loaded compiler's own, else optree.

The containers that every Python has (tuples, named tuples, lists and dicts) are walked without a library by `leaves` and `mapped`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

import accel.registry as registry
from accel.dtype import name_of
from accel.errors import BackendUnavailableError

__all__ = ["Form", "difference", "flatten", "form", "is_array", "leaves", "mapped", "parts", "shapes"]

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
    return structure, tuple(_like(leaf) for leaf in leaves)


def _like(leaf: Any) -> tuple[tuple[int, ...], str]:
    if not hasattr(leaf, "shape"):
        return (), type(leaf).__name__
    return tuple(leaf.shape), name_of(leaf.dtype)


def shapes(form: Form) -> tuple[Any, ...]:
    """Give what two forms that differ in dtypes alone have in common."""
    return form[0], *(shape for shape, _ in form[1])


def difference(first: Form, second: Form) -> str:
    """Say how two forms differ, or nothing if they do not."""
    if first[0] != second[0]:
        return f"{first[0]} and {second[0]}"
    for one, two in zip(first[1], second[1], strict=True):
        if one != two:
            return f"{one[1]} of shape {one[0]} and {two[1]} of shape {two[0]}"
    return ""


def is_array(x: object) -> bool:
    """Tell whether an object is an array, or an array scalar, of some backend."""
    return registry.owner(type(x)) is not None and hasattr(x, "shape") and hasattr(x, "dtype")


def mapped(change: Callable[[Any], Any], x: Any) -> Any:
    """Give tuples, named tuples, lists and dicts with something else in place of each leaf."""
    if isinstance(x, tuple):
        items = [mapped(change, item) for item in x]
        return type(x)(*items) if hasattr(x, "_fields") else tuple(items)
    if isinstance(x, list):
        return [mapped(change, item) for item in x]
    if isinstance(x, dict):
        return {key: mapped(change, item) for key, item in x.items()}
    return change(x)


def leaves(x: Any) -> Iterator[Any]:
    """Go through the leaves of tuples, lists and dicts, from left to right."""
    if isinstance(x, tuple | list | dict):
        for item in x.values() if isinstance(x, dict) else x:
            yield from leaves(item)
    else:
        yield x
