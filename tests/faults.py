"""Planted faults: ways in which a backend's op can be wrong, each a wrapper around the right function.

As a pytest plugin (``-p tests.faults`` with ``ACCEL_FAULT=backend:op:kind``) it plants one of them before any test runs. The wrappers use
nothing but the backend's own functions, so that they can be traced and compiled like the ops that they spoil.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import reduce, wraps
from typing import Any

import accel
from accel.dispatch import Spec, specs

assert callable(accel.add), "the chapters load with the first op"

__all__ = ["KINDS", "Fault", "faults", "plant"]

Op = Callable[..., Any]
Spoil = Callable[[Op, Any], Op]

WHOLE = {"ceil", "floor", "floor_divide", "round", "sign", "trunc"}
"""Ops whose results are whole numbers."""

SIGNED_ZEROS = {
    "ceil", "copysign", "divide", "floor", "multiply", "negative", "positive", "round", "sqrt", "trunc",
}  # fmt: skip
"""Exact ops whose zeros have a sign that the standard settles."""

SYMMETRIC = {
    "add", "bitwise_and", "bitwise_or", "bitwise_xor", "equal", "hypot", "logaddexp", "logical_and", "logical_or", "logical_xor",
    "maximum", "minimum", "multiply", "not_equal",
}  # fmt: skip
"""Ops of two arrays that do not care which comes first."""


def _is_float(x: Any, xp: Any) -> bool:
    return hasattr(x, "dtype") and bool(xp.isdtype(x.dtype, "real floating"))


def ten_ulp(function: Op, xp: Any) -> Op:
    """Put the result ten units in the last place off."""

    @wraps(function)
    def faulty(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        if not _is_float(result, xp):
            return result
        factor = xp.asarray(1 + 10 * float(xp.finfo(result.dtype).eps), dtype=result.dtype)
        return xp.multiply(result, factor)

    return faulty


def lost_zero(function: Op, xp: Any) -> Op:
    """Lose the sign of negative zeros."""

    @wraps(function)
    def faulty(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        if not _is_float(result, xp):
            return result
        return xp.where(xp.equal(result, 0), xp.zeros_like(result), result)

    return faulty


def swapped(function: Op, xp: Any) -> Op:
    """Take the first two arguments in the wrong order."""

    @wraps(function)
    def faulty(one: Any, two: Any, /, *args: Any, **kwargs: Any) -> Any:
        return function(two, one, *args, **kwargs)

    return faulty


def narrowed(function: Op, xp: Any) -> Op:
    """Drop a rule for dtypes: 64-bit results come out with 32 bits."""

    @wraps(function)
    def faulty(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        if not hasattr(result, "dtype"):
            return result
        for wide, narrow in (("float64", "float32"), ("int64", "int32"), ("uint64", "uint32")):
            if result.dtype == getattr(xp, wide):
                return xp.astype(result, getattr(xp, narrow))
        return result

    return faulty


def nan_lost(function: Op, xp: Any) -> Op:
    """Give 0 in place of nan."""

    @wraps(function)
    def faulty(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        if not _is_float(result, xp):
            return result
        return xp.where(xp.isnan(result), xp.zeros_like(result), result)

    return faulty


def constant(function: Op, xp: Any) -> Op:
    """Use a wrong constant: everything between 1/2 and 2, but for 1 itself, is off by a thousandth."""

    @wraps(function)
    def faulty(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        if not _is_float(result, xp):
            return result
        inside = xp.logical_and(xp.greater(result, 0.5), xp.less(result, 2))
        inside = xp.logical_and(inside, xp.not_equal(result, 1))
        return xp.where(inside, xp.multiply(result, xp.asarray(1.001, dtype=result.dtype)), result)

    return faulty


def axis_ignored(function: Op, xp: Any) -> Op:
    """Take the last axis whichever was asked for."""

    @wraps(function)
    def faulty(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **({**kwargs, "axis": -1} if isinstance(kwargs.get("axis"), int) else kwargs))

    return faulty


def flattened(function: Op, xp: Any) -> Op:
    """Lose an axis of length 1."""

    @wraps(function)
    def faulty(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        shape: tuple[int, ...] = getattr(result, "shape", ())
        return xp.reshape(result, shape[1:]) if len(shape) > 1 and shape[0] == 1 else result

    return faulty


def _gives_bool(spec: Spec) -> bool:
    """Tell whether the docstring says that the result is boolean, or a plain fact and no array."""
    returns = (inspect.getdoc(spec.function) or "").partition("Returns\n-------\n")[2]
    return "dtype bool" in returns.partition("\n\n")[0] or not returns.startswith(("array", "tuple"))


def _real(spec: Spec) -> bool:
    return spec.dtypes in ("numeric", "real-valued", "floating-point", "real floating-point")


KINDS: dict[str, tuple[Spoil, Callable[[Spec], bool]]] = {
    "ten-ulp": (ten_ulp, lambda s: s.same == "bounded"),
    "lost-zero": (lost_zero, lambda s: s.name in SIGNED_ZEROS),
    "swapped": (swapped, lambda s: s.chapter == "elementwise" and len(s.arrays) == 2 and s.name not in SYMMETRIC),
    "narrowed": (narrowed, lambda s: s.chapter in ("elementwise", "statistical", "sorting", "searching", "linear_algebra") and bool(s.arrays) and not _gives_bool(s)),
    "nan-lost": (nan_lost, lambda s: s.chapter in ("elementwise", "statistical") and _real(s) and s.same != "exact"),
    "constant": (constant, lambda s: s.chapter in ("elementwise", "statistical") and _real(s) and s.name not in WHOLE),
    "axis-ignored": (axis_ignored, lambda s: any(p.name == "axis" and p.kind == "keyword" for p in s.parameters) and s.chapter in ("sorting", "statistical", "manipulation", "searching")),
    "lost-axis": (flattened, lambda s: s.chapter in ("manipulation", "statistical", "elementwise") and bool(s.arrays)),
}  # fmt: skip
"""Name of a kind -> (the wrapper, the ops it makes sense for)."""


@dataclass(frozen=True)
class Fault:
    """One fault: in which backend, in which op, of which kind."""

    backend: str
    op: str
    kind: str

    def __str__(self) -> str:
        return f"{self.backend}:{self.op}:{self.kind}"


def faults(backend: str) -> Iterator[Fault]:
    """List the faults that can be planted in a backend."""
    for name, (_, fits) in KINDS.items():
        for op, spec in specs.items():
            if fits(spec):
                yield Fault(backend, op, name)


def plant(fault: Fault) -> None:
    """Put the faulty op where dispatch and the bound namespace find it."""
    namespace = accel.namespace(fault.backend)
    *path, name = fault.op.split(".")
    home = reduce(getattr, path, namespace)
    spoil, _ = KINDS[fault.kind]
    # The wrappers call the namespace's functions, which must stay right: a copy keeps them.
    right = type("Right", (), {k: staticmethod(v) if callable(v) else v for k, v in vars(namespace).items()})
    setattr(home, name, spoil(getattr(home, name), right))


def pytest_configure() -> None:
    """Plant the fault that the environment names."""
    asked = os.environ.get("ACCEL_FAULT")
    if asked:
        plant(Fault(*asked.split(":")))
