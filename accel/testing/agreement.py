"""Agreement: whether a backend's result says the same as the reference's, by the class of the op.

First the structure, exactly: tuples and their field names, the owner and device of each array, dtype and shape. Then the values:
bit for bit, within units in the last place, or within a bound that the op's column works out from its arguments.

Exempt everywhere, as the ledger has it: the payload and sign of nan, and results that lie within 4 times the smallest
normal number of zero on both sides, since devices flush subnormal numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

import accel
import accel.registry as registry
from accel.dispatch import Spec
from accel.testing.cases import Case
from accel.testing.rows import Row
from accel.testing.ulp import distance, parts, smallest

__all__ = ["Check", "close", "exact", "located", "placed", "structure", "ulps", "within"]

Array: TypeAlias = npt.NDArray[Any]

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
    assert str(got.dtype) == str(host.dtype), f"{where} says dtype {got.dtype} and holds {host.dtype}"
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


def located(wrong: Array, expected: Array, got: Array, distance: Array, unit: str) -> None:
    """Raise AssertionError with the worst of the elements that are wrong, if there is one."""
    if not np.any(wrong):
        return
    far = np.where(wrong, np.where(np.isnan(distance), np.inf, distance), -1.0)
    worst = tuple(int(i) for i in np.unravel_index(np.argmax(far), np.shape(far)))
    raise AssertionError(
        f"{int(np.count_nonzero(wrong))} of {np.size(wrong)} elements differ; the worst is {list(worst)}: "
        f"{got[worst]!r}, where the reference has {expected[worst]!r} ({distance[worst]:.6g} {unit})"
    )


def _flushed(a: Array, b: Array) -> Array:
    """Tell where both are so near to zero that the promise ends, and not both zero."""
    least = smallest(a.dtype.name)
    near: Array = (np.abs(a) <= least) & (np.abs(b) <= least) & ((a != 0) | (b != 0))
    return near


def _floats_agree(a: Array, b: Array, most: float, zeros: bool) -> None:
    apart = distance(a, b)
    wrong = apart > most
    if zeros:
        turned = (a == 0) & (b == 0) & (np.signbit(a) != np.signbit(b))
        wrong, apart = wrong | turned, np.where(turned, 0.5, apart)
    located(wrong & ~_flushed(a, b), a, b, apart, "ulp" if most else "ulp; the promise is equal bits")


def _agree(expected: Any, got: Any, most: float, zeros: bool) -> None:
    if isinstance(expected, tuple):
        for a, b in zip(expected, got, strict=True):
            _agree(a, b, most, zeros)
    elif not isinstance(expected, np.ndarray | np.generic):
        same = type(got) is type(expected) and got == expected
        assert same, f"got {got!r}, where the reference has {expected!r}"
    elif expected.dtype.kind in "fc":
        _floats_agree(parts(np.asarray(expected)), parts(np.asarray(got)), most, zeros)
    else:
        a, b = np.asarray(expected), np.asarray(got)
        located(a != b, a, b, np.abs(a.astype(np.float64) - b.astype(np.float64)), "apart")


def exact(*, zeros: bool = True) -> Check:
    """Compare bit for bit; without ``zeros`` the sign of a zero is left open."""

    def check(spec: Spec, case: Case, expected: Any, got: Any) -> None:
        _agree(expected, got, 0, zeros)

    return check


def ulps(most: float | None = None, *, zeros: bool = True) -> Check:
    """Compare real floats in units in the last place: each side may be off by the op's ulp from the true value.

    Complex results have no promise in ulp of each part; see `close`.
    """

    def check(spec: Spec, case: Case, expected: Any, got: Any) -> None:
        _agree(expected, got, 2 * spec.ulp if most is None else most, zeros)

    return check


def near(expected: Array, got: Array, bound: Array | float) -> None:
    """Compare with an absolute bound: the same infinities and nan, everything else no further apart than that."""
    wide: Any = np.complex128 if expected.dtype.kind == "c" else np.float64
    a, b = expected.astype(wide), got.astype(wide)
    finite = np.isfinite(a) & np.isfinite(b)
    apart = np.abs(np.where(finite, a, 0) - np.where(finite, b, 0))
    # Which part of a complex number is infinite or nan is left open.
    alike = ~np.isfinite(a) & ~np.isfinite(b)
    same = alike if a.dtype.kind == "c" else (a == b) | (np.isnan(a) & np.isnan(b))
    allowed = np.broadcast_to(np.asarray(bound, dtype=np.float64), a.shape) + smallest(expected.dtype.name)
    ratio = np.where(finite, apart / allowed, np.inf)
    located(np.where(finite, apart > allowed, ~same), expected, got, ratio, "times the bound")


def within(bound: Callable[[Case, Array], Any]) -> Check:
    """Compare with a bound that is worked out from the arguments and the expected result; other dtypes exactly."""

    def check(spec: Spec, case: Case, expected: Any, got: Any) -> None:
        if expected.dtype.kind in "fc":
            near(expected, got, bound(case, expected))
        else:
            _agree(expected, got, 0, True)

    return check


def close(eps: float) -> Check:
    """Compare with a distance of so many eps of the magnitude of each element; other than floats exactly."""

    def check(spec: Spec, case: Case, expected: Any, got: Any) -> None:
        if expected.dtype.kind not in "fc":
            _agree(expected, got, 0, True)
            return
        size = np.abs(np.where(np.isfinite(expected), expected, 0)).astype(np.float64)
        near(expected, got, eps * float(np.finfo(expected.dtype).eps) * size)

    return check


def by_kind(real: Check, complex_: Check) -> Check:
    """Compare complex results in one way, and all others in another."""

    def check(spec: Spec, case: Case, expected: Any, got: Any) -> None:
        (complex_ if expected.dtype.kind == "c" else real)(spec, case, expected, got)

    return check
