"""Dtypes that an op refuses although CuPy computes something with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from accel.errors import DTypeError

__all__ = ["refusing"]


def refusing(kinds: str, native: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function that refuses arrays of some kinds (in NumPy's letters): complex numbers have no order on any backend."""
    name = getattr(native, "__name__", "").removeprefix("accel_").removeprefix("cupy_")

    def op(*args: Any, **kwargs: Any) -> Any:
        for x in args:
            dtype = complex if type(x) is complex else getattr(x, "dtype", None)
            if dtype is not None and getattr(dtype, "kind", "c") in kinds:
                raise DTypeError(f"{name} takes no {dtype}; cast it with astype first.")
        return native(*args, **kwargs)

    op.__name__ = op.__qualname__ = name
    return op
