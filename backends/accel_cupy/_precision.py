"""The precision of matrix products: a switch of CuPy's that holds for the process, set here for the length of a call."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from threading import RLock
from typing import Any

import cupy as cp
import cupy._core._routines_linalg as routines

from accel.policy import matmul_mode

__all__ = ["precise"]

FEW_BITS = (routines.COMPUTE_TYPE_FP16, routines.COMPUTE_TYPE_BF16, routines.COMPUTE_TYPE_TF32)

_switch = RLock()


def precise(native: Callable[..., Any]) -> Callable[..., Any]:
    """Make the products inside a function in the mode of `accel.matmul_precision`, whatever CUPY_TF32 says."""

    @wraps(native)
    def call(*args: Any, **kwargs: Any) -> Any:
        fast = matmul_mode() != "highest" and _has_tf32()
        # The switch is the process's: another thread must not turn it before this call has queued its work.
        with _switch:
            before = routines.get_compute_type("f")
            if (before in FEW_BITS) == fast:
                return native(*args, **kwargs)
            routines.set_compute_type(
                "f", routines.COMPUTE_TYPE_TF32 if fast else routines.COMPUTE_TYPE_DEFAULT
            )
            try:
                return native(*args, **kwargs)
            finally:
                routines.set_compute_type("f", before)

    return call


def _has_tf32() -> bool:
    return not cp.cuda.runtime.is_hip and int(cp.cuda.Device().compute_capability) >= 80
