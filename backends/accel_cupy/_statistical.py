"""Statistical functions: where CuPy's result for integers or few values is not the standard's."""

from __future__ import annotations

from typing import Any

import cupy as cp

from accel.errors import AxisError

__all__ = ["cumulative_prod", "cumulative_sum", "std", "var"]


# CuPy makes a vector of a single number.
def cumulative_prod(
    x: Any, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False
) -> Any:
    return cp.cumulative_prod(
        _row("cumulative_prod", x), axis=axis, dtype=dtype, include_initial=include_initial
    )


def cumulative_sum(
    x: Any, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False
) -> Any:
    return cp.cumulative_sum(
        _row("cumulative_sum", x), axis=axis, dtype=dtype, include_initial=include_initial
    )


def _row(name: str, x: Any) -> Any:
    if x.ndim == 0:
        raise AxisError(f"{name} got an array without dimensions; there is no axis to go along.")
    return x


# Called ddof in CuPy.
def std(x: Any, /, *, axis: Any = None, correction: Any = 0.0, keepdims: bool = False) -> Any:
    return cp.std(x, axis=axis, ddof=correction, keepdims=keepdims)


def var(x: Any, /, *, axis: Any = None, correction: Any = 0.0, keepdims: bool = False) -> Any:
    return cp.var(x, axis=axis, ddof=correction, keepdims=keepdims)
