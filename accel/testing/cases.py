"""A case: the arguments of one call, with NumPy arrays where each row puts its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from accel.dtype import DType
from accel.transform.tree import leaves, mapped

__all__ = ["Case"]


def _is_array(x: object) -> bool:
    return isinstance(x, np.ndarray)


@dataclass(frozen=True, eq=False)
class Case:
    """Arguments of one call.

    Attributes
    ----------
    args, kwargs : tuple, dict
        As they are written in the call; arrays may also stand in lists, tuples and dicts.
    facts : dict
        What the column that drew the case knows about it, for its own comparison.
    """

    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)

    def map(self, change: Callable[[Any], Any], is_array: Callable[[object], bool] = _is_array) -> Case:
        """Give the case with something else in place of each array."""
        args, kwargs = mapped(lambda x: change(x) if is_array(x) else x, (self.args, self.kwargs))
        return Case(args, kwargs, self.facts)

    def arrays(self, is_array: Callable[[object], bool] = _is_array) -> list[Any]:
        """List the arrays in the order of the call."""
        return [x for x in leaves((self.args, self.kwargs)) if is_array(x)]

    def tags(self) -> frozenset[str]:
        """Name what is special about the case, in the words that a list of deviations may use."""
        arrays = self.arrays()
        flat = [*self.args, *self.kwargs.values()]
        found = {x.dtype.name for x in arrays} | {f"{x.ndim}-d" for x in arrays}
        found |= {f"{name}={_short(value)}" for name, value in self.kwargs.items() if not _is_array(value)}
        found |= {type(x).__name__ for x in flat if isinstance(x, bool | int | float | complex)}
        found |= {x.name for x in flat if isinstance(x, DType)}
        if len({x.dtype for x in arrays}) > 1:
            found.add("mixed")
        if any(x.size == 0 for x in arrays):
            found.add("empty")
        inexact = [x for x in arrays if x.dtype.kind in "fc"]
        if any(np.isnan(x).any() for x in inexact):
            found.add("nan")
        if any(np.isinf(x).any() for x in inexact):
            found.add("inf")
        return frozenset(found)

    def __repr__(self) -> str:
        shown = [_shown(x) for x in self.args]
        shown += [f"{name}={_shown(value)}" for name, value in self.kwargs.items()]
        return f"({', '.join(shown)})"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        # Hypothesis would otherwise print the fields, without the dtypes that matter.
        printer.text(repr(self))


def _short(x: object) -> str:
    return x.name if isinstance(x, DType) else str(x).replace(" ", "")


def _shown(x: Any) -> str:
    if _is_array(x):
        with np.printoptions(threshold=200, floatmode="unique"):
            values = np.array2string(x, separator=", ").replace("\n", "")
        return f"array({values}, {x.dtype}" + (f", shape={x.shape})" if x.size == 0 else ")")
    if type(x) is list:
        return f"[{', '.join(map(_shown, x))}]"
    if type(x) is tuple:
        return f"({', '.join(map(_shown, x))}{',' if len(x) == 1 else ''})"
    return repr(x)
