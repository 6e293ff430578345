"""Keys on CuPy: one launch each."""

from __future__ import annotations

import math
import operator
from typing import Any

import cupy as cp

from accel.random.demand import lengths
from accel_cupy.random._kernels import kernel


# The composition launches a hundred kernels.
def split(key: Any, num: Any = 2) -> Any:
    shape = lengths(num)
    out = cp.empty((*shape, 2), cp.uint32)
    kernel("split")(key, out, size=math.prod(shape))
    return out


# As `split`.
def fold_in(key: Any, data: Any) -> Any:
    if not isinstance(data, cp.ndarray):
        data = cp.full(1, operator.index(data), cp.uint32)
    out = cp.empty(2, cp.uint32)
    kernel("fold")(key, data.astype(cp.uint32).reshape(1), out, size=1)
    return out
