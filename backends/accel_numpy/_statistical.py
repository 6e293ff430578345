"""The deviations of NumPy in reductions, cumulations and differences."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from numpy.lib.array_utils import normalize_axis_tuple

from accel_numpy._elementwise import refuse
from accel_numpy._searching import has_axis

Array: TypeAlias = npt.NDArray[Any]
Axis: TypeAlias = int | tuple[int, ...] | None


# NumPy takes a 0-d array for a vector.
def cumulative_prod(
    x: Array, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False
) -> Array:
    has_axis(x, "cumulative_prod")
    return np.cumulative_prod(x, axis=axis, dtype=dtype, include_initial=include_initial)


# As `cumulative_prod`.
def cumulative_sum(
    x: Array, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False
) -> Array:
    has_axis(x, "cumulative_sum")
    return np.cumulative_sum(x, axis=axis, dtype=dtype, include_initial=include_initial)


# NumPy warns where there is nothing to take the mean of.
def mean(x: Any, /, *, axis: Axis = None, keepdims: bool = False) -> Any:
    if x.size:
        return np.mean(x, axis=axis, keepdims=keepdims)
    with np.errstate(invalid="ignore"):
        return np.divide(np.sum(x, axis=axis, keepdims=keepdims), 0)


# NumPy divides by zero, to inf and with a warning, where the correction leaves no degree of freedom, and takes complex
# numbers.
def std(x: Array, /, *, axis: Axis = None, correction: float = 0.0, keepdims: bool = False) -> Any:
    return _spread(np.std, x, axis, correction, keepdims)


# As `std`.
def var(x: Array, /, *, axis: Axis = None, correction: float = 0.0, keepdims: bool = False) -> Any:
    return _spread(np.var, x, axis, correction, keepdims)


def _spread(native: Callable[..., Any], x: Any, axis: Axis, correction: float, keepdims: bool) -> Any:
    refuse("c", native.__name__, x)
    axes = range(x.ndim) if axis is None else normalize_axis_tuple(axis, x.ndim)
    if math.prod(x.shape[one] for one in axes) > correction:
        return native(x, axis=axis, correction=correction, keepdims=keepdims)
    left = np.any(x, axis=axis, keepdims=keepdims)
    return np.full(left.shape, np.nan, dtype=np.float64 if x.dtype.kind in "biu" else x.dtype)


# NumPy takes None for a value to prepend or append.
def diff(
    x: Array, /, *, axis: int = -1, n: int = 1, prepend: Array | None = None, append: Array | None = None
) -> Array:
    ends = {name: end for name, end in (("prepend", prepend), ("append", append)) if end is not None}
    return np.diff(x, n=n, axis=axis, **ends)
