"""The checks of checked mode: what is wrong with a call, in terms of the standard's functions alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any

import accel.registry as registry
from accel.errors import (
    AccelError,
    ArgumentError,
    CastError,
    DivisionError,
    DTypeError,
    NaNError,
    NotPositiveDefiniteError,
    OutOfBoundsError,
    ShapeError,
    SingularMatrixError,
)
from accel.finding import Finding

if TYPE_CHECKING:
    from accel.dispatch import Spec

__all__ = ["BEFORE", "AFTER", "run"]

KINDS = {
    "bool": (0, "boolean"),
    "signed integer": (1, "integer"),
    "unsigned integer": (1, "integer"),
    "real floating": (2, "floating-point"),
    "complex floating": (2, "floating-point"),
}
"""Kinds of dtypes -> their order, in which those of one number mix, and their word."""

SCALAR_KINDS = ((bool, 0), (int, 1), (float, 2), (complex, 2))

NOT_OPERANDS = {"condition", "sorter", "rtol"}
"""Array parameters whose dtype has no part in the result's."""


@dataclass
class Call:
    """One call of an op: its arguments by name and, once it has been made, its result."""

    spec: Spec
    backend: registry.Backend
    named: dict[str, Any]
    result: Any = None

    @property
    def op(self) -> str:
        """The op as users write it."""
        return f"accel.{self.spec.name}"

    @property
    def xp(self) -> Any:
        """The standard's functions for these arrays."""
        return self.backend.namespace

    def operands(self) -> Iterator[tuple[str, Any]]:
        """Name the arrays and numbers that are computed with."""
        for p in self.spec.arrays:
            value = self.named[p.name]
            if p.name in NOT_OPERANDS or value is None:
                continue
            if p.is_sequence and isinstance(value, list | tuple):
                yield from ((f"{p.name}[{i}]", item) for i, item in enumerate(value))
            else:
                yield p.name, value

    def arrays(self) -> Iterator[tuple[str, Any]]:
        """Name the arrays that are computed with."""
        return ((name, x) for name, x in self.operands() if registry.owner(type(x)) is not None)

    def kind(self, dtype: Any) -> str | None:
        """Give the kind of a dtype, or None for one outside the standard."""
        return next((kind for kind in KINDS if self.xp.isdtype(dtype, kind)), None)

    def integral(self, x: Any) -> bool:
        """Tell whether an operand is an array of integers, or a Python integer."""
        if registry.owner(type(x)) is None:
            return type(x) is int
        return bool(self.xp.isdtype(x.dtype, "integral"))


def run(
    spec: Spec,
    backend: registry.Backend,
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    """Call a backend's function, and look at what goes in and comes out."""
    call = Call(spec, backend, _named(spec, args, kwargs))
    for name in spec.checks:
        if name in BEFORE:
            try:
                found = tuple(BEFORE[name](call))
            except Exception:
                function(*args, **kwargs)  # says what is wrong with arguments that cannot even be checked
                raise
            _settle(call, found)
    call.result = function(*args, **kwargs)
    for name in spec.checks:
        if name in AFTER:
            _settle(call, AFTER[name](call))
    return call.result


def _named(spec: Spec, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    written: Any = spec.function
    positional = [p.name for p in spec.parameters if p.kind == "positional"]
    defaults = written.__defaults__ or ()
    named = dict(zip(positional[len(positional) - len(defaults) :], defaults, strict=True))
    named |= written.__kwdefaults__ or {}
    rest = iter(args)
    named |= zip(positional, islice(rest, len(positional)), strict=False)
    named |= {p.name: tuple(rest) for p in spec.parameters if p.kind == "variadic"}
    return named | kwargs


def _settle(call: Call, findings: Iterable[Finding | AccelError]) -> None:
    for finding in findings:
        if isinstance(finding, AccelError):
            raise finding
        finding.settle(call.spec.name, call.backend)


# Before the call: what is wrong with the arguments.


def kinds(call: Call) -> Iterator[AccelError]:
    """Refuse operands of mixed kinds, for which the standard defines no promotion."""
    arrays = [(name, x.dtype, call.kind(x.dtype)) for name, x in call.arrays()]
    known = [(name, dtype, kind) for name, dtype, kind in arrays if kind is not None]
    for one, two in pairwise(known):
        low, high = sorted((one, two), key=lambda each: KINDS[each[2]][0])
        same = KINDS[low[2]][0] == KINDS[high[2]][0]
        unsigned = [each for each in (one, two) if str(each[1]) == "uint64"]
        if not same or (unsigned and {one[2], two[2]} == {"signed integer", "unsigned integer"}):
            yield DTypeError(
                f"{call.op} got arrays of mixed kinds, {one[0]} of dtype {one[1]} and {two[0]} of dtype {two[1]}, which no rule of the "
                f"Array API standard brings together; write accel.astype({low[0]}, {high[0]}.dtype)."
            )
    for name, value in call.operands():
        order = next((order for cls, order in SCALAR_KINDS if type(value) is cls), 0)
        for array, dtype, kind in known:
            if order > KINDS[kind][0]:
                yield DTypeError(
                    f"{call.op} got the Python {type(value).__name__} {value!r} in {name} beside {array} of dtype {dtype}, which no rule "
                    f"of the Array API standard brings together; cast the array first, as in accel.astype({array}, "
                    f"accel.{('bool', 'int64', 'float64')[order]})."
                )


def bounds(call: Call) -> Iterator[Finding | AccelError]:
    """Find indices that the axis does not have."""
    if call.spec.name == "searchsorted":
        name, x, indices, axis = "x1", call.named["x1"], call.named["sorter"], 0
        where = "sorter"
    else:
        name, x, indices, axis = "x", call.named["x"], call.named["indices"], call.named["axis"]
        where = "indices"
    if indices is None or not call.integral(indices):
        return
    length = math.prod(x.shape) if axis is None else x.shape[axis]
    along = "flattened" if axis is None and len(x.shape) > 1 else f"axis {(axis or 0) % len(x.shape)} of"
    total = math.prod(indices.shape)
    if total and not length:
        yield OutOfBoundsError(
            f"{call.op}: {total} of {total} indices are out of bounds, as {along} {name} has length 0."
        )
        return
    bad = _outside(call, indices, -length, length - 1)
    if bad is not None:
        yield Finding(
            OutOfBoundsError,
            f"{call.op}: {{count}} of {{total}} indices are out of bounds, the first at index {{index}} of {where}: {{value}}; "
            f"{along} {name} has length {length} and takes {-length} to {length - 1}.",
            bad,
            {"value": indices},
        )


def counts(call: Call) -> Iterator[Finding]:
    """Find negative numbers of copies."""
    repeats = call.named["repeats"]
    if registry.owner(type(repeats)) is not None:
        yield from _negative(
            call,
            repeats,
            ShapeError,
            f"{call.op}: a number of copies cannot be negative, got {{value}} at index {{index}} of repeats.",
        )


def division(call: Call) -> Iterator[Finding]:
    """Find integers divided by zero."""
    x1, x2 = call.named["x1"], call.named["x2"]
    if not (call.integral(x1) and call.integral(x2)):
        return
    yield Finding(
        DivisionError,
        f"{call.op}: {{count}} of {{total}} integers are divided by zero, the first at index {{index}}: {{x1}}; "
        f"replace the zeros first, as in accel.where(x2 == 0, 1, x2).",
        _pairwise(call, x1, x2, _zero),
        {"x1": x1},
    )


def shifts(call: Call) -> Iterator[Finding]:
    """Find shifts by negative counts."""
    x1, x2 = call.named["x1"], call.named["x2"]
    if call.integral(x1) and call.integral(x2) and not _unsigned(call, x2):
        yield Finding(
            ArgumentError,
            f"{call.op}: {{count}} of {{total}} elements are shifted by a negative number of places, the first at index {{index}}: {{x2}}; "
            f"shift in the other direction instead.",
            _pairwise(call, x1, x2, _less_than_zero),
            {"x2": x2},
        )


def exponents(call: Call) -> Iterator[Finding]:
    """Find integers raised to negative powers."""
    x1, x2 = call.named["x1"], call.named["x2"]
    if call.integral(x1) and call.integral(x2) and not _unsigned(call, x2):
        yield Finding(
            ArgumentError,
            f"{call.op}: {{count}} of {{total}} integers are raised to a negative power, the first at index {{index}}: {{x1}} ** {{x2}}; "
            f"cast the bases to a floating-point dtype first.",
            _pairwise(call, x1, x2, _less_than_zero),
            {"x1": x1, "x2": x2},
        )


# After the call: what is wrong with the result.


def casts(call: Call) -> Iterator[Finding]:
    """Find values that the dtype of the result cannot hold."""
    named, xp = call.named, call.xp
    if "dtype" in named and named["dtype"] is None and call.spec.name != "full_like":
        return
    name = next(n for n in ("fill_value", "obj", "x") if n in named)
    x = named[name]
    if registry.owner(type(x)) is not call.backend:
        device = named.get("device")
        x = xp.asarray(x) if device is None else xp.asarray(x, device=device)
    if x.dtype == call.result.dtype:
        return
    bad, held = _misfits(call, x, call.result.dtype)
    if bad is not None:
        yield Finding(
            CastError,
            f"{call.op}: {{count}} of {{total}} elements of {name} do not fit {call.result.dtype}, the first at index {{index}}: {{value}}; "
            f"it holds {held}. Clip them with accel.clip, or take a wider dtype.",
            bad,
            {"value": x},
        )


def singular(call: Call) -> Iterator[Finding]:
    """Find matrices without an inverse."""
    if call.named.get("n", -1) >= 0:
        return
    xp, a = call.xp, call.named["x1" if "x1" in call.named else "x"]
    size = a.shape[-1]
    if 0 in a.shape:
        return
    if not xp.isdtype(a.dtype, ("real floating", "complex floating")):
        a = xp.astype(a, xp.float64)
    regular = xp.all(xp.isfinite(a), axis=(-2, -1))
    a = xp.where(xp.expand_dims(regular, axis=(-2, -1)), a, xp.zeros_like(a))
    # Badly scaled matrices are not singular: first every row, then every column is brought to the same size.
    for axis in (-1, -2):
        largest = xp.max(xp.abs(a), axis=axis, keepdims=True)
        scale = xp.where(xp.greater(largest, 0.0), largest, xp.ones_like(largest))
        a = xp.divide(a, xp.astype(scale, a.dtype))
    values = xp.linalg.svdvals(a)
    smallest, largest = xp.min(values, axis=-1), xp.max(values, axis=-1)
    noise = xp.multiply(largest, size * float(xp.finfo(a.dtype).eps))
    bad = xp.logical_and(regular, xp.less_equal(smallest, noise))
    name = "x1" if "x1" in call.named else "x"
    yield Finding(
        SingularMatrixError,
        f"{call.op} got a singular matrix in {_which(name, a)}: rounding to {a.dtype} leaves no digit of its inverse; "
        f"accel.linalg.pinv gives the pseudo-inverse.",
        bad,
    )


def definite(call: Call) -> Iterator[Finding]:
    """Find matrices without a Cholesky factor."""
    xp, x = call.xp, call.named["x"]
    yield Finding(
        NotPositiveDefiniteError,
        f"{call.op} got a matrix in {_which('x', x)} that is not positive definite; only matrices whose eigenvalues are all positive "
        f"have a Cholesky factor.",
        xp.logical_and(xp.any(xp.isnan(call.result), axis=(-2, -1)), xp.all(xp.isfinite(x), axis=(-2, -1))),
    )


def nan(call: Call) -> Iterator[Finding]:
    """Find nan where no operand has it."""
    results = call.result if isinstance(call.result, tuple | list) else (call.result,)
    for position, result in enumerate(results):
        if registry.owner(type(result)) is None or call.kind(result.dtype) not in (
            "real floating",
            "complex floating",
        ):
            continue
        xp, bad = call.xp, call.xp.isnan(result)
        traced = call.backend.hook("traced")
        if not (traced is not None and traced(bad)) and not bool(xp.any(bad)):
            continue
        operands = dict(call.operands())
        if any(isinstance(x, float | complex) and x != x for x in operands.values()):
            continue
        floats = {
            name: x
            for name, x in call.arrays()
            if call.kind(x.dtype) in ("real floating", "complex floating")
        }
        if call.spec.chapter == "elementwise":
            for x in floats.values():
                bad = xp.logical_and(bad, xp.logical_not(xp.isnan(x)))
            at = " and ".join(f"{name} is {{{name}}}" for name in operands)
            sentence = f"in {{count}} of {{total}} elements, the first at index {{index}}, where {at}"
        else:
            for x in floats.values():
                bad = xp.logical_and(bad, xp.logical_not(xp.any(xp.isnan(x))))
            operands = {}
            whose = "the result" if len(results) == 1 else f"result {position}"
            sentence = f"though its arguments hold none, in {{count}} of {{total}} elements of {whose}, the first at index {{index}}"
        yield Finding(
            NaNError,
            f"{call.op} made nan {sentence}; keep such values out, as with accel.where, or allow nan by leaving accel.checked().",
            bad,
            operands,
        )


BEFORE: dict[str, Callable[[Call], Iterator[Finding | AccelError]]] = {
    check.__name__: check for check in (kinds, bounds, counts, division, shifts, exponents)
}
AFTER: dict[str, Callable[[Call], Iterator[Finding]]] = {
    check.__name__: check for check in (casts, singular, definite, nan)
}


def _which(name: str, matrices: Any) -> str:
    return name if len(matrices.shape) == 2 else f"{name}, at index {{index}}"


def _unsigned(call: Call, x: Any) -> bool:
    return registry.owner(type(x)) is not None and bool(call.xp.isdtype(x.dtype, "unsigned integer"))


def _zero(call: Call, x: Any) -> Any:
    return x == 0 if isinstance(x, int) else call.xp.equal(x, 0)


def _less_than_zero(call: Call, x: Any) -> Any:
    return x < 0 if isinstance(x, int) else call.xp.less(x, 0)


def _pairwise(call: Call, x1: Any, x2: Any, wrong: Callable[[Call, Any], Any]) -> Any:
    """Tell for each pair whether the second of the two is wrong."""
    xp, found = call.xp, wrong(call, x2)
    if registry.owner(type(x1)) is None:
        return found
    none = xp.zeros_like(x1, dtype=xp.bool)
    return xp.logical_or(none, found)


def _negative(call: Call, x: Any, error: type[AccelError], message: str) -> Iterator[Finding]:
    if call.integral(x) and not _unsigned(call, x):
        yield Finding(error, message, call.xp.less(x, 0), {"value": x})


def _outside(call: Call, x: Any, low: int, high: int) -> Any:
    """Tell which integers are not in a range, or None if the dtype has none outside."""
    info, bad = call.xp.iinfo(x.dtype), None
    if info.min < low:
        bad = call.xp.less(x, low)
    if info.max > high:
        above = call.xp.greater(x, high)
        bad = above if bad is None else call.xp.logical_or(bad, above)
    return bad


def _misfits(call: Call, x: Any, dtype: Any) -> tuple[Any, str]:
    """Tell which elements another dtype cannot hold, or None if it can hold all, and what it can hold."""
    xp, source, target = call.xp, call.kind(x.dtype), call.kind(dtype)
    if None in (source, target) or source == "bool" or target == "bool":
        return None, ""
    if target in ("signed integer", "unsigned integer"):
        info = xp.iinfo(dtype)
        low, high = int(info.min), int(info.max)
        held = f"whole numbers from {low} to {high}"
        if source in ("signed integer", "unsigned integer"):
            return _outside(call, x, low, high), held
        if source != "real floating":
            return None, held
        # Both limits are powers of two, so that a float that has room for them holds them exactly.
        whole, largest = xp.trunc(x), float(xp.finfo(x.dtype).max)
        fits = xp.isfinite(whole)
        if -low <= largest:
            fits = xp.logical_and(fits, xp.greater_equal(whole, float(low)))
        if high + 1 <= largest:
            fits = xp.logical_and(fits, xp.less(whole, float(high + 1)))
        return xp.logical_not(fits), held
    limit = float(xp.finfo(dtype).max)
    held = f"finite numbers up to {limit!r}"
    if source in ("signed integer", "unsigned integer"):
        info = xp.iinfo(x.dtype)
        if int(info.max) <= limit:
            return None, held
        return xp.isinf(xp.astype(x, dtype)), held
    if float(xp.finfo(x.dtype).max) <= limit:
        return None, held
    return xp.logical_and(xp.isfinite(x), xp.logical_not(xp.isfinite(xp.astype(x, dtype)))), held
