"""bfloat16, the dtype of another package: functions that do not know its order compute in float32, which holds every one of its numbers."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

__all__ = ["by_float32"]


def by_float32(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a function that gives back elements of its arguments, or places of them, take bfloat16.

    Beside another floating-point dtype the result has the dtype of both, float32 or wider. The arrays may be of any library in which the kind of the dtype is ``"V"``, as it is for a type that is not NumPy's own.
    """

    @wraps(function)
    def call(x: Any, /, *args: Any, **kwargs: Any) -> Any:
        others = (x, *args)
        if not any(_is_brain(each) for each in others):
            return function(x, *args, **kwargs)
        found = function(*map(_widen, others), **kwargs)
        if any(getattr(each, "dtype", None) in ("float16", "float32") for each in others):
            return found
        return _narrow(found, next(each.dtype for each in others if _is_brain(each)))

    return call


def _is_brain(x: Any) -> bool:
    dtype = getattr(x, "dtype", None)
    return dtype is not None and dtype.kind == "V"


def _widen(x: Any) -> Any:
    return x.astype("float32") if _is_brain(x) else x


def _narrow(found: Any, dtype: Any) -> Any:
    if isinstance(found, tuple):
        return type(found)(*(_narrow(each, dtype) for each in found))
    return found.astype(dtype) if found.dtype == "float32" else found
