"""Trees: values in tuples, named tuples, lists and dicts, one inside the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import accel.registry as registry

__all__ = ["is_array", "leaves", "mapped"]


def is_array(x: object) -> bool:
    """Tell whether an object is an array, or an array scalar, of some backend."""
    return registry.owner(type(x)) is not None and hasattr(x, "shape") and hasattr(x, "dtype")


def mapped(change: Callable[[Any], Any], x: Any) -> Any:
    """Give a tree with something else in place of each leaf."""
    if isinstance(x, tuple):
        items = [mapped(change, item) for item in x]
        return type(x)(*items) if hasattr(x, "_fields") else tuple(items)
    if isinstance(x, list):
        return [mapped(change, item) for item in x]
    if isinstance(x, dict):
        return {key: mapped(change, item) for key, item in x.items()}
    return change(x)


def leaves(x: Any) -> Iterator[Any]:
    """Go through the leaves of a tree, from left to right."""
    if isinstance(x, tuple | list | dict):
        for item in x.values() if isinstance(x, dict) else x:
            yield from leaves(item)
    else:
        yield x
