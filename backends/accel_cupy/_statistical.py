"""Statistical functions: where CuPy's result for integers or few values is not the standard's."""

from __future__ import annotations

from typing import Any

import cupy as cp

from accel.errors import AxisError, DTypeError

__all__ = ["cumulative_prod", "cumulative_sum", "prod", "std", "sum", "var"]


# CuPy makes a vector of a single number, and drops imaginary parts where a real dtype is asked for.
def cumulative_prod(
    x: Any, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False
) -> Any:
    return cp.cumulative_prod(
        _row("cumulative_prod", x, axis, dtype), axis=axis, dtype=dtype, include_initial=include_initial
    )


# As cumulative_prod.
def cumulative_sum(
    x: Any, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False
) -> Any:
    return cp.cumulative_sum(
        _row("cumulative_sum", x, axis, dtype), axis=axis, dtype=dtype, include_initial=include_initial
    )


def _row(name: str, x: Any, axis: int | None, dtype: Any) -> Any:
    if x.ndim == 0:
        raise AxisError(f"{name} got an array without dimensions; there is no axis to go along.")
    if axis is None and x.ndim > 1:
        raise AxisError(f"{name} got an array of {x.ndim} dimensions and no axis; name the axis.")
    return whole(name, x, dtype)


# CuPy drops imaginary parts, with a warning, where a real dtype is asked for.
def prod(x: Any, /, *, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Any:
    return cp.prod(whole("prod", x, dtype), axis=axis, dtype=dtype, keepdims=keepdims)


def whole(name: str, x: Any, dtype: Any) -> Any:
    """Give x back unless a dtype that is asked for would lose its imaginary part."""
    if dtype is not None and x.dtype.kind == "c" and cp.dtype(dtype).kind != "c":
        raise DTypeError(
            f"{name} got {x.dtype} and dtype={cp.dtype(dtype)}; take real(x), imag(x) or abs(x) first."
        )
    return x


# As var.
def std(x: Any, /, *, axis: Any = None, correction: Any = 0.0, keepdims: bool = False) -> Any:
    return cp.std(x, axis=axis, ddof=correction, keepdims=keepdims)


# As prod.
def sum(x: Any, /, *, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Any:
    return cp.sum(whole("sum", x, dtype), axis=axis, dtype=dtype, keepdims=keepdims)


# The correction is called ddof in CuPy.
def var(x: Any, /, *, axis: Any = None, correction: Any = 0.0, keepdims: bool = False) -> Any:
    return cp.var(x, axis=axis, ddof=correction, keepdims=keepdims)
