"""The table of tolerances: how far a result may lie from the true value, by op, dtype, device and mode of `matmul`."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import accel
import accel.fft
import accel.linalg
from accel.dispatch import Spec, specs
from accel.errors import ArgumentError
from accel.policy import MODES
from accel.testing.ulp import PARTS, eps, is_complex, is_floating

__all__ = ["DEFAULTS", "Tolerance", "rounding", "tolerance"]

DEFAULTS = {"float16": 8.0, "bfloat16": 4.0, "float32": 128.0, "float64": 4096.0}
"""For functions that are no ops of accel: what each side may be off, in ulp. It leaves some twelve of float64's
sixteen digits and five of float32's seven."""

CONDITIONED = {"statistical": 64.0, "linear_algebra": 64.0, "fft": 64.0, "linalg": 512.0}
"""Chapter -> for conditioned ops: eps of the largest magnitude in the result. The bounds in their specs hang on the
arguments, which the table does not see; for a few hundred terms and a condition of some tens these numbers are about the same."""

ROUNDED = {"divide", "multiply", "reciprocal", "sign", "sqrt", "square"}
"""Ops that are exact in real dtypes, and take a few roundings in complex ones."""

COMPLEX_ROUNDED = 4.0
COMPLEX_BOUNDED = 16.0
"""What complex results of exact and bounded ops may be off, in eps of the magnitude of each element; the specs leave
the last bits open."""

PRODUCTS = ("linalg", "linear_algebra")
"""Chapters whose conditioned ops the mode of `matmul` is about."""

FACTORS = {
    # TF32: ten bits of fraction.
    ("gpu", "high"): 2.0**-10,
    ("gpu", "default"): 2.0**-10,
    # bfloat16 in three passes carries two times eight bits, in one pass eight.
    ("tpu", "high"): 2.0**-16,
    ("tpu", "default"): 2.0**-7,
}
"""Kind of device and mode -> to how many eps the factors of a float32 product may be rounded; where nothing stands, they
are not."""


@dataclass(frozen=True)
class Tolerance:
    """What one side of a comparison may be off from the true value.

    Both sides of a comparison of two backends may be off, so there it counts twice.

    Attributes
    ----------
    ulp : float or None
        Units in the last place of each element.
    eps : float or None
        Multiple of the dtype's eps and of the magnitude that ``of`` names. With both numbers None accel promises nothing.
    reason : str
        Where the numbers come from, as a clause.
    of : str
        ``"element"``: the magnitude of each element; ``"result"``: the largest magnitude in the result.
    floor : str
        An expression over ``result``, the magnitude of an element: the number whose ulp counts where it is larger. Empty: none.
    zeros : bool
        Whether the sign of a zero counts.
    """

    ulp: float | None
    eps: float | None
    reason: str
    of: str = "element"
    floor: str = ""
    zeros: bool = False


def tolerance(
    op: str | None, dtype: str, *, device: accel.Device | None = None, mode: str = "highest"
) -> Tolerance:
    """Look up what a result may be off.

    Parameters
    ----------
    op : str or None
        Name of the op, such as ``"sin"`` or ``"linalg.svd"``; None for any other function.
    dtype : str
        Name of the dtype of the result.
    device : accel.Device, optional
        Where it was computed. By default the device for which the least is promised.
    mode : str
        Of `accel.matmul_precision`: ``"highest"``, ``"high"`` or ``"default"``.

    Returns
    -------
    Tolerance
        For one side; two backends may be twice as far apart.

    Raises
    ------
    ArgumentError
        If there is no such op or mode.

    Examples
    --------
    >>> tolerance("exp", "float32")
    Tolerance(ulp=4, eps=None, reason='accel.exp is within 4 ulp of the true value', of='element', floor='', zeros=True)
    >>> tolerance("add", "int32").ulp
    0
    """
    if mode not in MODES:
        raise ArgumentError(f"tolerance takes {', '.join(map(repr, MODES))} for mode, got {mode!r}.")
    assert callable(accel.add), "the chapters load with the first op"
    if op is not None and op not in specs:
        raise ArgumentError(
            f"tolerance takes the name of an op, got {op!r}; write op=None for a function of your own."
        )
    spec = None if op is None else specs[op]
    if not is_floating(dtype):
        return Tolerance(0, None, "integers and booleans are exact", zeros=True)
    if PARTS.get(dtype, dtype) == "float64" and device is not None and device.kind == "tpu":
        return Tolerance(None, None, f"accel promises nothing for {dtype} on a TPU, which emulates it")
    found = _of_function(dtype) if spec is None else _of_op(spec, dtype)
    return _with_mode(found, spec, dtype, device, mode)


def _of_function(dtype: str) -> Tolerance:
    part = PARTS.get(dtype, dtype)
    reason = f"the default for functions in {dtype}"
    if is_complex(dtype):
        return Tolerance(None, DEFAULTS[part], reason)
    return Tolerance(DEFAULTS[part], None, reason)


def _of_op(spec: Spec, dtype: str) -> Tolerance:
    name = f"accel.{spec.name}"
    if spec.same == "conditioned" and spec.bound == "0":
        return Tolerance(0, None, f"{name} is exact where it is defined", zeros=True)
    if spec.same == "conditioned":
        most = CONDITIONED.get(spec.chapter, 64.0)
        return Tolerance(None, most, f"the default for the conditioned {name}", "result")
    if spec.same == "bounded":
        if is_complex(dtype):
            return Tolerance(None, COMPLEX_BOUNDED, f"{name} leaves the last bits of {dtype} open")
        floor = re.search(r"or of (.+?) where that is larger", spec.ulp_of)
        promise = f"{name} is within {spec.ulp} ulp of the true value"
        if spec.ulp_of != "the result":
            promise = f"{name} is off by at most {spec.ulp} ulp of {spec.ulp_of}"
        least = floor[1] if floor else ""
        # Where the ulp of 1 is allowed, a zero may have any sign.
        return Tolerance(spec.ulp, None, promise, floor=least, zeros=least != "1")
    if is_complex(dtype) and spec.name in ROUNDED:
        return Tolerance(None, COMPLEX_ROUNDED, f"{name} takes a few roundings in {dtype}")
    return Tolerance(0, None, f"{name} is exact", zeros=True)


def rounding(spec: Spec | None, dtype: str, device: accel.Device | None, mode: str) -> float:
    """Give to how much of their size a mode of `matmul` lets the factors of products be rounded; 0 where it does not."""
    made_of_products = spec is None or (
        spec.same == "conditioned" and (spec.chapter in PRODUCTS or spec.composed)
    )
    if PARTS.get(dtype, dtype) != "float32" or not made_of_products:
        return 0.0
    kinds = ("gpu", "tpu") if device is None else (device.kind,)
    return max(FACTORS.get((kind, mode), 0.0) for kind in kinds)


def _with_mode(
    found: Tolerance, spec: Spec | None, dtype: str, device: accel.Device | None, mode: str
) -> Tolerance:
    """Widen what holds for full precision by the rounding of the factors."""
    factors = rounding(spec, dtype, device, mode)
    if not factors:
        return found
    # Both factors are rounded, each by half of that; as much again for products that cancel.
    wider, reason = 2 * factors / eps(dtype), f'{found.reason}, with matmul in mode "{mode}"'
    if found.ulp is not None:
        return replace(found, ulp=max(found.ulp, wider), reason=reason)
    return replace(found, eps=max(found.eps or 0.0, wider), reason=reason)
