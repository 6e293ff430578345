"""Transforms: a function of arrays becomes a compiled, differentiated or vectorised one.

The compiler comes to the array. A backend that has transforms of its own gives them to its arrays. The arrays of one that has none are
lent to a compiler on the same device at the outermost transform, and what comes out is the lender's again (`accel.lending`).
"""

from accel.transform.compilation import cache_info, jit
from accel.transform.control import cond, fori_loop, scan, switch, while_loop
from accel.transform.differentiation import (
    checkpoint,
    custom_vjp,
    grad,
    jvp,
    stop_gradient,
    value_and_grad,
    vjp,
)
from accel.transform.static import Static
from accel.transform.tracing import compiling
from accel.transform.vectorisation import vmap

__all__ = [
    "Static",
    "cache_info",
    "checkpoint",
    "compiling",
    "cond",
    "custom_vjp",
    "fori_loop",
    "grad",
    "jit",
    "jvp",
    "scan",
    "stop_gradient",
    "switch",
    "value_and_grad",
    "vjp",
    "vmap",
    "while_loop",
]
