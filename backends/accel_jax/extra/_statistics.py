"""Statistics: the compositions, compiled in the way that costs least to call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jax import lax

import accel.extra.statistics as statistics
from accel.composition import unchecked
from accel_jax import _accurate
from accel_jax._precision import precise
from accel_jax._promotion import FLOATS, NARROW, WIDE
from accel_jax._x64 import wide

_KEPT = FLOATS - WIDE


def _body(op: Callable[..., Any]) -> Callable[..., Any]:
    found: Any = op
    return unchecked(found.__wrapped__)


# The composition is called through a function that looks at every argument for arrays.
_reduction: dict[str, Any] = {"keeps": _KEPT, "static": ("axis", "keepdims")}

median = wide(_body(statistics.median), **_reduction)
nanmean = wide(_body(statistics.nanmean), **_reduction)
nanmedian = wide(_body(statistics.nanmedian), **_reduction)
nanmax = wide(_body(statistics.nanmax), keeps=NARROW, static=("axis", "keepdims"))
nanmin = wide(_body(statistics.nanmin), keeps=NARROW, static=("axis", "keepdims"))
nanargmax = wide(_body(statistics.nanargmax), static=("axis", "keepdims"))
nanargmin = wide(_body(statistics.nanargmin), static=("axis", "keepdims"))
nanprod = wide(_body(statistics.nanprod), keeps=_KEPT, static=("axis", "dtype", "keepdims"))
nansum = wide(_body(statistics.nansum), keeps=_KEPT, static=("axis", "dtype", "keepdims"))
nanvar = wide(_body(statistics.nanvar), keeps=_KEPT, static=("axis", "correction", "keepdims"))


# The composition's slope is nan where the numbers are all the same.
@wide(keeps=_KEPT, static=("axis", "correction", "keepdims"))
def nanstd(x: Any, /, *, axis: Any = None, correction: float = 0.0, keepdims: bool = False) -> Any:
    found = _accurate.root(unchecked(statistics.spread)(x, axis, correction, keepdims))
    return lax.convert_element_type(found, x.dtype) if x.dtype in FLOATS else found


corrcoef = precise(_body(statistics.corrcoef), static=())
