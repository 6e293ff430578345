"""Arrays that refuse what a compiler could not trace, so that it is found where there is no compiler."""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from accel.transform.tracing import is_users, refused_here

__all__ = ["Traced"]


def _refuse(reason: str) -> None:
    """Raise if the caller's caller is the user's; what NumPy and accel do with values of their own they may."""
    if is_users(sys._getframe(2).f_code):
        raise refused_here(reason)


class Traced(np.ndarray[Any, Any]):
    """A view that keeps its values to itself."""

    def __bool__(self) -> bool:
        _refuse("truth")
        return bool(self.view(np.ndarray))

    def __int__(self) -> int:
        _refuse("value")
        return int(self.view(np.ndarray))

    def __float__(self) -> float:
        _refuse("value")
        return float(self.view(np.ndarray))

    def __complex__(self) -> complex:
        _refuse("value")
        return complex(self.view(np.ndarray))

    def __index__(self) -> int:
        _refuse("index")
        return self.view(np.ndarray).__index__()

    def item(self, *args: Any) -> Any:
        _refuse("value")
        return self.view(np.ndarray).item(*args)

    def tolist(self) -> Any:
        _refuse("value")
        return self.view(np.ndarray).tolist()

    def __getitem__(self, key: Any) -> Any:
        if any(
            isinstance(k, np.ndarray) and k.dtype == bool for k in (key if isinstance(key, tuple) else (key,))
        ):
            _refuse("mask")
        found = super().__getitem__(key)
        # An element is an array here, as it is to a compiler.
        return found if isinstance(found, np.ndarray) else np.asarray(found).view(Traced)

    def __setitem__(self, key: Any, value: Any) -> None:
        _refuse("change")
        super().__setitem__(key, value)

    # What ufuncs and reductions give as a scalar is an array to a compiler, too.
    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False) -> Any:
        return np.asarray(array).view(Traced)


def _bound_anew(operation: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda self, other: operation(self, other)


# `x += y` binds the name to a new array where arrays cannot be changed.
for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "lshift", "rshift", "xor"):
    setattr(Traced, f"__i{_name}__", _bound_anew(getattr(operator, _name)))
for _name in ("and", "or"):
    setattr(Traced, f"__i{_name}__", _bound_anew(getattr(operator, f"{_name}_")))
