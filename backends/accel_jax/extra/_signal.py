"""Signals: XLA's convolution, and positions that fit a 32-bit trace."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
from jax import lax

import accel.extra.signal as signal
from accel_jax._precision import precise
from accel_jax._promotion import FLOATS, WIDE
from accel_jax._x64 import wide

_KEPT = FLOATS - WIDE


def _added(long: Any, short: Any, first: int, count: int) -> Any:
    if long.dtype not in FLOATS:  # of integers GPUs have no convolution
        return signal.added(long, short, first, count)
    stack = jnp.broadcast_shapes(long.shape[:-1], short.shape[:-1])
    rows, n, k = int(math.prod(stack)), long.shape[-1], short.shape[-1]
    if rows == 0:
        return jnp.zeros((*stack, count), dtype=long.dtype)
    # Padded by what the sums that are wanted reach beyond either end.
    edges = [(k - 1 - first, first + count - n)]
    taps = jnp.flip(short, -1)
    alike = math.prod(short.shape[:-1]) == 1
    if alike:
        source, taps, groups = (
            jnp.broadcast_to(long, (*stack, n)).reshape(rows, 1, n),
            taps.reshape(1, 1, k),
            1,
        )
    else:
        source = jnp.broadcast_to(long, (*stack, n)).reshape(1, rows, n)
        taps, groups = jnp.broadcast_to(taps, (*stack, k)).reshape(rows, 1, k), int(rows)
    found = lax.conv_general_dilated(
        source, taps, (1,), edges, feature_group_count=groups, precision=lax.Precision.HIGHEST
    )
    return found.reshape(*stack, count)


# The composition makes a window for each sum.
@precise(keeps=_KEPT, static=("mode", "method", "axis"))
def convolve(a: Any, v: Any, /, *, mode: str = "full", method: str = "auto", axis: int = -1) -> Any:
    return signal.convolved(a, v, mode, method, axis, False, _added)


# As convolve.
@precise(keeps=_KEPT, static=("mode", "method", "axis"))
def correlate(a: Any, v: Any, /, *, mode: str = "valid", method: str = "auto", axis: int = -1) -> Any:
    return signal.correlated(a, v, mode, method, axis, _added)


def _search(points: Any, x: Any) -> Any:
    return jnp.searchsorted(points, x, side="right", method="scan_unrolled")


@wide(keeps=_KEPT, static=("period",))
def _interp(x: Any, xp: Any, fp: Any, left: Any, right: Any, /, *, period: Any = None) -> Any:
    return signal.interpolated(x, xp, fp, left, right, period, _search, jnp.argsort)


@wide(keeps=_KEPT, static=("left", "right", "period"))
def _interp_between(
    x: Any, xp: Any, fp: Any, /, *, left: Any = None, right: Any = None, period: Any = None
) -> Any:
    return signal.interpolated(x, xp, fp, left, right, period, _search, jnp.argsort)


# The composition counts positions in 64 bits, which no 32-bit trace takes.
def interp(x: Any, xp: Any, fp: Any, /, *, left: Any = None, right: Any = None, period: Any = None) -> Any:
    if hasattr(left, "dtype") or hasattr(right, "dtype"):
        return _interp(x, xp, fp, left, right, period=period)
    return _interp_between(x, xp, fp, left=left, right=right, period=period)
