"""Agreement: whether a backend's result says the same as the reference's, by the class of the op.

First the structure, exactly: tuples and their field names, the owner and device of each array, dtype and shape. Then the values:
bit for bit, within units in the last place, or within a bound that the op's column works out from its arguments.

Exempt everywhere, as the ledger has it: the payload and sign of nan, and results that lie within 4 times the smallest
normal number of zero on both sides, since devices flush subnormal numbers. `difference` is the one comparison of values.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

import accel
import accel.registry as registry
from accel.dispatch import Spec
from accel.testing.cases import Case
from accel.testing.rows import Row
from accel.testing.tolerance import Tolerance
from accel.testing.ulp import PARTS, distance, eps, is_complex, is_floating, parts, smallest

__all__ = [
    "Allowance",
    "Check",
    "Difference",
    "alike",
    "allowed",
    "by_kind",
    "close",
    "difference",
    "exact",
    "near",
    "placed",
    "structure",
    "ulps",
    "within",
]

Array: TypeAlias = npt.NDArray[Any]

WIDER = ("longdouble", "clongdouble", "float96", "float128", "complex192", "complex256")

Check: TypeAlias = Callable[[Spec, Case, Any, Any], None]
"""Compares what the reference gave with what a row gave, both on the host; raises AssertionError."""


def structure(expected: Any, got: Any, where: str = "the result") -> Any:
    """Compare everything but the values of arrays, and give what was got with NumPy arrays in it."""
    if isinstance(expected, tuple):
        assert isinstance(got, tuple), f"{where} is a {type(got).__name__}, not a tuple: {got!r}"
        assert len(got) == len(expected), f"{where} has {len(got)} items, not {len(expected)}"
        fields = getattr(expected, "_fields", None)
        assert getattr(got, "_fields", None) == fields, (
            f"{where} has the fields {getattr(got, '_fields', None)}, not {fields}"
        )
        names = fields or range(len(expected))
        items = [
            structure(a, b, f"item {n!r} of {where}") for n, a, b in zip(names, expected, got, strict=True)
        ]
        return type(expected)(*items) if fields else tuple(items)
    if not isinstance(expected, np.ndarray | np.generic):
        return got
    assert registry.owner(type(got)) is not None, f"{where} is a {type(got).__name__}, not an array: {got!r}"
    host: Array = np.asarray(accel.to_numpy(got))
    assert tuple(got.shape) == host.shape == expected.shape, (
        f"{where} has shape {got.shape}, not {expected.shape}"
    )
    # accel's dtype stands on the left, since a library's own may be equal to nothing but itself.
    assert getattr(accel, host.dtype.name) == got.dtype, (
        f"{where} says dtype {got.dtype} and holds {host.dtype}"
    )
    assert host.dtype == expected.dtype, f"{where} has dtype {host.dtype}, not {expected.dtype}"
    return host


def placed(got: Any, row: Row, where: str = "the result") -> None:
    """See that the arrays of a result are the row's own, on its device."""
    if isinstance(got, tuple):
        for n, item in enumerate(got):
            placed(item, row, f"item {n} of {where}")
        return
    backend = registry.owner(type(got))
    if backend is not None:
        assert backend.name == row.backend, f"{where} is {backend.name}'s, not {row.backend}'s"
        assert accel.device(got) == row.device, f"{where} is on {accel.device(got)}, not on {row.device}"


@dataclass(frozen=True)
class Allowance:
    """How far elements may lie apart; one that keeps any of the two limits passes.

    Attributes
    ----------
    ulp : float
        Units in the last place; 0 asks for equal values.
    bound : float or array or None
        An absolute distance. Which part of a complex number is infinite or nan is then left open.
    reason : str
        Where the limits come from, as a clause.
    zeros : bool
        Whether the sign of a zero counts.
    subnormal : bool
        Whether numbers count that lie so near to zero that devices flush them.
    """

    ulp: float = 0.0
    bound: Any = None
    reason: str = ""
    zeros: bool = True
    subnormal: bool = False


@dataclass(frozen=True)
class Difference:
    """The elements of two arrays that lie too far apart.

    Attributes
    ----------
    count, size : int
        How many of how many.
    index : tuple of int
        The worst one.
    actual, desired : scalar
        It, on both sides.
    ulp : float
        How far it is off, in units in the last place of its dtype; nan where that means nothing.
    apart : float
        How far it is off.
    allowed : str
        What was allowed there, and why.
    """

    count: int
    size: int
    index: tuple[int, ...]
    actual: Any
    desired: Any
    ulp: float
    apart: float
    allowed: str

    def __str__(self) -> str:
        which = f"{self.count} of {self.size} elements differ; the worst is at {list(self.index)}"
        return (
            f"{which if self.index else 'the values differ'}:\n  actual   {self.actual!r}\n  desired  {self.desired!r}\n"
            f"  apart    {self._distance()}\n  allowed  {self.allowed}"
        )

    def _distance(self) -> str:
        if self.ulp == 0:
            return "the sign of zero"
        if not math.isfinite(self.apart):
            return f"{self.apart:g}" if math.isinf(self.apart) else "one of them alone is nan or infinite"
        return f"{self.apart:.3g}" if math.isnan(self.ulp) else f"{_count(self.ulp)} ulp ({self.apart:.3g})"


def difference(desired: Any, actual: Any, allowance: Allowance) -> Difference | None:
    """Compare the values of two NumPy arrays of one shape, or give None if they agree.

    Parameters
    ----------
    desired, actual : array
        Of one dtype; floats of two dtypes are compared in the narrower one.
    allowance : Allowance
        What may differ.

    Returns
    -------
    Difference or None
        nan agrees with nan, whatever its sign and payload.
    """
    a, b = alike(np.asarray(desired), np.asarray(actual))
    with np.errstate(all="ignore"):
        if is_floating(a.dtype.name):
            wrong, ulp, apart = _floats(a, b, allowance)
        else:
            apart = np.abs(a.astype(np.float64) - b.astype(np.float64)) if a.dtype.kind in "biu" else a != b
            ulp = np.full(a.shape, np.nan)
            wrong = a != b
            if allowance.bound is not None:
                wrong = wrong & ~(apart <= allowance.bound)
        if not np.any(wrong):
            return None
        bound = None if allowance.bound is None else np.broadcast_to(allowance.bound, a.shape)
        far = apart / bound if bound is not None else np.where(np.isnan(ulp), apart, ulp)
    far = np.where(wrong, np.where(np.isnan(far), np.inf, far), -1.0)
    worst = tuple(int(i) for i in np.unravel_index(np.argmax(far), a.shape))
    return Difference(
        int(np.count_nonzero(wrong)),
        a.size,
        worst,
        b[worst],
        a[worst],
        float(ulp[worst]),
        float(apart[worst]),
        _limits(allowance, a, None if bound is None else float(bound[worst])),
    )


def _floats(a: Array, b: Array, allowance: Allowance) -> tuple[Array, Array, Array]:
    """Give which elements are wrong, and how far all are apart, in ulp and absolutely."""
    x, y = parts(a), parts(b)
    steps = distance(x, y)
    wrong: Any = steps > allowance.ulp
    turned: Any = (x == 0) & (y == 0) & (np.signbit(x) != np.signbit(y))
    if not allowance.subnormal:
        wrong &= ~_flushed(x, y)
    if a.dtype.kind == "c":
        wrong, turned, steps = wrong.any(axis=-1), turned.any(axis=-1), steps.max(axis=-1)
    wide: Any = np.complex128 if a.dtype.kind == "c" else np.float64
    apart = np.abs(a.astype(wide) - b.astype(wide))
    if allowance.bound is not None:
        least = 0.0 if allowance.subnormal else smallest(a.dtype.name)
        near = (
            np.isfinite(a) & np.isfinite(b) & (apart <= np.asarray(allowance.bound, dtype=np.float64) + least)
        )
        if a.dtype.kind == "c":
            near |= ~np.isfinite(a) & ~np.isfinite(b)
        wrong = wrong & ~near
    if allowance.zeros:
        wrong = wrong | turned
    return wrong, steps, apart


def alike(a: Array, b: Array) -> tuple[Array, Array]:
    """Give two arrays in one dtype, where one of them holds floats: in the narrower one of two."""
    # What no backend computes with, a true value of many digits, is rounded to what it is compared with.
    a, b = (
        x.astype(y.dtype) if x.dtype.kind == "O" or x.dtype.name in WIDER else x for x, y in ((a, b), (b, a))
    )
    names = [x.dtype.name for x in (a, b)]
    if names[0] == names[1]:
        one, two = (x if x.dtype.isnative else x.astype(x.dtype.newbyteorder("=")) for x in (a, b))
        return one, two
    floats = [PARTS.get(name, name) for name in names if is_floating(name)]
    if not floats:
        return a, b
    narrow = max(floats, key=eps)
    if any(map(is_complex, names)):
        narrow = "complex64" if eps(narrow) >= eps("float32") else "complex128"
    dtype = next((x.dtype for x in (a, b) if x.dtype.name == narrow), narrow)
    return a.astype(dtype), b.astype(dtype)


def _limits(allowance: Allowance, a: Array, bound: float | None) -> str:
    """Say what was allowed."""
    limits = [] if bound is None else [f"{bound:.3g}"]
    if is_floating(a.dtype.name) and (allowance.ulp or bound is None):
        limits.insert(0, "nothing" if allowance.subnormal else f"{_count(allowance.ulp)} ulp")
    said = " or ".join(limits) or "nothing"
    return f"{said}: {allowance.reason}" if allowance.reason else said


def _count(ulp: float) -> str:
    """Write a number of units without losing any while a float can tell them apart."""
    return str(int(ulp)) if ulp < 2**53 and ulp == int(ulp) else f"{ulp:.6g}"


def _flushed(a: Array, b: Array) -> Array:
    """Tell where both are so near to zero that the promise ends, and not both zero."""
    least = smallest(a.dtype.name)
    near: Array = (np.abs(a) <= least) & (np.abs(b) <= least) & ((a != 0) | (b != 0))
    return near


def allowed(tolerance: Tolerance, desired: Any, sides: int = 2) -> Allowance:
    """Turn an entry of the table into limits for one array, of which so many sides may be off."""
    if sides == 2 and (tolerance.ulp or tolerance.eps):
        tolerance = replace(tolerance, reason=f"{tolerance.reason}, on either side")
    size = np.abs(np.where(np.isfinite(desired), desired, 0)).astype(np.float64)
    unit, bound = eps(np.asarray(desired).dtype.name) if tolerance.eps or tolerance.floor else 0.0, None
    if tolerance.eps is not None:
        bound = (
            sides * tolerance.eps * unit * (np.max(size, initial=0.0) if tolerance.of == "result" else size)
        )
    elif tolerance.floor:
        with np.errstate(over="ignore"):
            bound = sides * (tolerance.ulp or 0.0) * unit * eval(tolerance.floor, {"result": size})
    return Allowance(sides * (tolerance.ulp or 0.0), bound, tolerance.reason, tolerance.zeros)


def _require(expected: Any, got: Any, allowance: Allowance) -> None:
    found = difference(expected, got, allowance)
    if found is not None:
        raise AssertionError(str(found))


def _agree(expected: Any, got: Any, allowance: Allowance) -> None:
    if isinstance(expected, tuple):
        for a, b in zip(expected, got, strict=True):
            _agree(a, b, allowance)
    elif isinstance(expected, np.ndarray | np.generic):
        _require(expected, got, allowance)
    else:
        same = type(got) is type(expected) and got == expected
        assert same, f"got {got!r}, where the reference has {expected!r}"


def exact(*, zeros: bool = True) -> Check:
    """Compare bit for bit; without ``zeros`` the sign of a zero is left open."""

    def check(spec: Spec, case: Case, expected: Any, got: Any) -> None:
        _agree(expected, got, Allowance(0, reason=f"accel.{spec.name} is exact", zeros=zeros))

    return check


def ulps(most: float | None = None, *, zeros: bool = True) -> Check:
    """Compare real floats in units in the last place: each side may be off by the op's ulp from the true value.

    Complex results have no promise in ulp of each part; see `close`.
    """

    def check(spec: Spec, case: Case, expected: Any, got: Any) -> None:
        reason = f"accel.{spec.name} is within {spec.ulp} ulp of the true value on either side"
        limits = Allowance(2 * spec.ulp, reason=reason) if most is None else Allowance(most)
        _agree(expected, got, replace(limits, zeros=zeros))

    return check


def near(expected: Array, got: Array, bound: Array | float) -> None:
    """Compare with an absolute bound: the same infinities and nan, everything else no further apart than that."""
    _require(expected, got, Allowance(0, bound, "the bound of the op for these arguments", zeros=False))


def within(bound: Callable[[Case, Array], Any]) -> Check:
    """Compare with a bound that is worked out from the arguments and the expected result; other dtypes exactly."""

    def check(spec: Spec, case: Case, expected: Any, got: Any) -> None:
        if is_floating(expected.dtype.name):
            near(expected, got, bound(case, expected))
        else:
            _agree(expected, got, Allowance(0))

    return check


def close(most: float) -> Check:
    """Compare with a distance of so many eps of the magnitude of each element; other than floats exactly."""

    def check(spec: Spec, case: Case, expected: Any, got: Any) -> None:
        if is_floating(expected.dtype.name):
            reason = f"accel.{spec.name} leaves the last bits of {expected.dtype} open"
            _agree(expected, got, allowed(Tolerance(None, most, reason), expected, sides=1))
        else:
            _agree(expected, got, Allowance(0))

    return check


def by_kind(real: Check, complex_: Check) -> Check:
    """Compare complex results in one way, and all others in another."""

    def check(spec: Spec, case: Case, expected: Any, got: Any) -> None:
        (complex_ if expected.dtype.kind == "c" else real)(spec, case, expected, got)

    return check
