"""The checks of checked mode: what is wrong with a call, in terms of the standard's functions alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from itertools import combinations
from typing import TYPE_CHECKING, Any

import accel.checking as checking
import accel.registry as registry
from accel.dtype import name_of
from accel.errors import (
    AccelError,
    ArgumentError,
    CastError,
    DivisionError,
    DTypeError,
    KeyReuseError,
    NaNError,
    NotPositiveDefiniteError,
    OutOfBoundsError,
    ShapeError,
    SingularMatrixError,
)
from accel.finding import Finding

if TYPE_CHECKING:
    from accel.dispatch import Spec

__all__ = ["AFTER", "BEFORE", "Watch"]

KINDS = {
    "bool": (0, "boolean"),
    "signed integer": (1, "integer"),
    "unsigned integer": (1, "integer"),
    "real floating": (2, "floating-point"),
    "complex floating": (2, "floating-point"),
}
"""Kinds of dtypes -> their order, in which those of one number mix, and their word."""

INTEGERS = ("signed integer", "unsigned integer")
FLOATS = ("real floating", "complex floating")

SCALAR_KINDS = ((bool, 0), (int, 1), (float, 2), (complex, 2))

NOT_OPERANDS = {"condition", "sorter", "rtol"}
"""Array parameters whose dtype has no part in the result's."""


class Watch:
    """The function of one op of one backend with its checks, and what its spec says about them, looked up once.

    Parameters
    ----------
    spec : Spec
        The op.
    backend : Backend
        Whose function it is.
    function : callable
        The function itself.
    """

    def __init__(self, spec: Spec, backend: registry.Backend, function: Callable[..., Any]) -> None:
        self.op = f"accel.{spec.name}"
        self.spec = spec
        self.backend = backend
        self.function = function
        self.before = tuple(BEFORE[name] for name in spec.checks if name in BEFORE)
        self.after = tuple(AFTER[name] for name in spec.checks if name in AFTER)
        self.operands = tuple((p.name, p.is_sequence) for p in spec.arrays if p.name not in NOT_OPERANDS)
        self.traced: Callable[[Any], bool] = backend.hook("traced") or (lambda _: False)
        written: Any = spec.function
        self.positional = tuple(p.name for p in spec.parameters if p.kind == "positional")
        self.variadic = next((p.name for p in spec.parameters if p.kind == "variadic"), None)
        defaults = written.__defaults__ or ()
        late = self.positional[len(self.positional) - len(defaults) :]
        self.defaults = dict(zip(late, defaults, strict=True)) | (written.__kwdefaults__ or {})
        self._owned: dict[type, bool] = {}
        self._kinds: dict[Any, str | None] = {}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function, and look at what goes in and comes out."""
        call = Call(self, self._named(args, kwargs))
        for check in self.before:
            try:
                found = tuple(check(call))
            except Exception:
                self.function(
                    *args, **kwargs
                )  # says what is wrong with arguments that cannot even be checked
                raise
            self._settle(found)
        call.result = self.function(*args, **kwargs)
        for check in self.after:
            self._settle(check(call))
        return call.result

    def _named(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        named = {**self.defaults, **dict(zip(self.positional, args, strict=False)), **kwargs}
        if self.variadic is not None:
            named[self.variadic] = args[len(self.positional) :]
        return named

    def _settle(self, findings: Iterable[Finding | AccelError]) -> None:
        for finding in findings:
            if isinstance(finding, AccelError):
                raise finding
            finding.settle(self.op, self.backend)

    def owned(self, x: Any) -> bool:
        """Tell whether an object is an array."""
        cls = type(x)
        if cls not in self._owned:
            self._owned[cls] = registry.owner(cls) is self.backend
        return self._owned[cls]

    def kind(self, dtype: Any) -> str | None:
        """Give the kind of a dtype, or None for one outside the standard."""
        if dtype not in self._kinds:
            isdtype = self.backend.namespace.isdtype
            self._kinds[dtype] = next((kind for kind in KINDS if isdtype(dtype, kind)), None)
        return self._kinds[dtype]


class Call:
    """One call of an op: its arguments by name and, once it has been made, its result."""

    def __init__(self, watch: Watch, named: dict[str, Any]) -> None:
        self.watch = watch
        self.named = named
        self.result: Any = None
        self.op = watch.op
        self.xp = watch.backend.namespace
        self.owned = watch.owned

    def operands(self) -> Iterator[tuple[str, Any]]:
        """Name the arrays and numbers that are computed with."""
        for name, several in self.watch.operands:
            value = self.named[name]
            if several and isinstance(value, list | tuple):
                yield from ((f"{name}[{i}]", item) for i, item in enumerate(value))
            elif value is not None:
                yield name, value

    def arrays(self) -> Iterator[tuple[str, Any]]:
        """Name the arrays that are computed with."""
        return ((name, x) for name, x in self.operands() if self.owned(x))

    def kind(self, x: Any) -> str | None:
        """Give the kind of an array's dtype, or None for one outside the standard."""
        return self.watch.kind(x.dtype)

    def integral(self, x: Any) -> bool:
        """Tell whether an operand is an array of integers, or a Python integer."""
        return self.kind(x) in INTEGERS if self.owned(x) else type(x) is int


# Before the call: what is wrong with the arguments.


def kinds(call: Call) -> Iterator[AccelError]:
    """Refuse operands of mixed kinds, for which the standard defines no promotion."""
    operands = tuple(call.operands())
    found: dict[Any, tuple[str, str, str]] = {}  # the first operand of each dtype
    for name, x in operands:
        if call.owned(x) and x.dtype not in found and (kind := call.kind(x)):
            found[x.dtype] = name, name_of(x.dtype), kind
    known = tuple(found.values())
    for one, two in combinations(known, 2):
        if one[2] == two[2]:
            continue
        low, high = sorted((one, two), key=lambda each: KINDS[each[2]][0])
        mixed = KINDS[low[2]][0] != KINDS[high[2]][0]
        if mixed or (low[2] in INTEGERS and "uint64" in (low[1], high[1])):
            yield DTypeError(
                f"{call.op} got arrays of mixed kinds, {one[0]} of dtype {one[1]} and {two[0]} of dtype {two[1]}, which no rule of the "
                f"Array API standard brings together; write accel.astype({low[0]}, {high[0]}.dtype)."
            )
    for name, value in operands:
        if call.owned(value):
            continue
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
    if call.watch.spec.name == "searchsorted":
        name, x, indices, axis = "x1", call.named["x1"], call.named["sorter"], 0
        where = "sorter"
    elif call.watch.spec.name == "nn.embedding":
        name, x, indices, axis = "weight", call.named["weight"], call.named["indices"], 0
        where = "indices"
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


def positions(call: Call) -> Iterator[Finding]:
    """Find positions that the axes do not have, and masks with another number of true elements than there are values."""
    from accel.extra.index import items, lone_mask

    x, xp = call.named["x"], call.xp
    found = items(call.named["index"], x)
    for item in found:
        if item.kind != "array":
            continue
        length = x.shape[item.axis]
        bad = _outside(call, item.what, -length, length - 1)
        if bad is not None:
            yield Finding(
                OutOfBoundsError,
                f"{call.op}: {{count}} of {{total}} positions are out of bounds, the first at index {{index}} of the array in the index: "
                f"{{value}}; axis {item.axis} of x has length {length} and takes {-length} to {length - 1}.",
                bad,
                {"value": item.what},
            )
    mask, values = lone_mask(found), call.named.get("values")
    if mask is None or values is None or not call.owned(values):
        return
    spot = len(values.shape) - 1 - (len(x.shape) - mask.axis - mask.axes)
    if spot >= 0 and values.shape[spot] != 1:
        number = xp.count_nonzero(mask.what)
        yield Finding(
            ShapeError,
            f"{call.op}: the mask has {{number}} true elements, and values is for {values.shape[spot]}.",
            xp.not_equal(number, values.shape[spot]),
            {"number": number},
        )


def segments(call: Call) -> Iterator[Finding]:
    """Find numbers of segments that there are not."""
    ids, number = call.named["segment_ids"], call.named["num_segments"]
    if not call.integral(ids):
        return
    # Where no number of segments is named there are as many as needed, and negative numbers alone are wrong.
    high = int(call.xp.iinfo(ids.dtype).max) if number is None else number - 1
    bad = _outside(call, ids, 0, high)
    if bad is not None:
        known = "" if number is None else f" to {number - 1}"
        yield Finding(
            OutOfBoundsError,
            f"{call.op}: {{count}} of {{total}} numbers of segments are out of bounds, the first at index {{index}} of segment_ids: "
            f"{{value}}; the segments are 0{known or ' and up'}.",
            bad,
            {"value": ids},
        )


def counts(call: Call) -> Iterator[Finding]:
    """Find negative numbers of copies."""
    repeats = call.named["repeats"]
    if call.owned(repeats):
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
    yield from _negative_second(
        call,
        "elements are shifted by a negative number of places, the first at index {index}: {x2}; shift in the other direction instead",
    )


def exponents(call: Call) -> Iterator[Finding]:
    """Find integers raised to negative powers."""
    yield from _negative_second(
        call,
        "integers are raised to a negative power, the first at index {index}: {x1} ** {x2}; cast the bases to a floating-point dtype first",
    )


def _negative_second(call: Call, what: str) -> Iterator[Finding]:
    """Find negative elements in the second of two arrays of integers."""
    x1, x2 = call.named["x1"], call.named["x2"]
    if call.integral(x1) and call.integral(x2) and not _unsigned(call, x2):
        bad = _pairwise(call, x1, x2, _less_than_zero)
        yield Finding(ArgumentError, f"{call.op}: {{count}} of {{total}} {what}.", bad, {"x1": x1, "x2": x2})


def labels(call: Call) -> Iterator[Finding]:
    """Find labels of classes that there are not."""
    x, target, ignored = call.named["x"], call.named["target"], call.named["ignore_index"]
    if not call.integral(target):
        return
    classes = x.shape[call.named["axis"]]
    bad = _outside(call, target, 0, classes - 1)
    if bad is not None:
        yield Finding(
            OutOfBoundsError,
            f"{call.op}: {{count}} of {{total}} labels are out of bounds, the first at index {{index}} of target: {{value}}; there are "
            f"{classes} classes, 0 to {classes - 1}, and {ignored} is ignored.",
            call.xp.logical_and(bad, call.xp.not_equal(target, ignored)),
            {"value": target},
        )


def singular(call: Call) -> Iterator[Finding]:
    """Find matrices without an inverse."""
    if call.named.get("n", -1) >= 0:
        return
    xp, a = call.xp, call.named["x1" if "x1" in call.named else "x"]
    if len(a.shape) < 2 or a.shape[-1] != a.shape[-2] or 0 in a.shape:
        return
    if call.kind(a) not in FLOATS:
        a = xp.astype(a, xp.float64)
    regular = xp.all(xp.isfinite(a), axis=(-2, -1))
    a = xp.where(xp.expand_dims(regular, axis=(-2, -1)), a, 0.0)
    # Badly scaled matrices are not singular: first every row, then every column is brought to the same size.
    for axis in (-1, -2):
        largest = xp.max(xp.abs(a), axis=axis, keepdims=True)
        scale = xp.where(xp.greater(largest, 0.0), largest, 1.0)
        a = xp.divide(a, scale if scale.dtype == a.dtype else xp.astype(scale, a.dtype))
    values = xp.linalg.svdvals(a)
    smallest, largest = xp.min(values, axis=-1), xp.max(values, axis=-1)
    noise = xp.multiply(largest, a.shape[-1] * float(xp.finfo(a.dtype).eps))
    bad = xp.logical_and(regular, xp.less_equal(smallest, noise))
    name = "x1" if "x1" in call.named else "x"
    yield Finding(
        SingularMatrixError,
        f"{call.op} got a singular matrix in {_which(name, a)}: rounding to {name_of(a.dtype)} leaves no digit of its inverse; "
        f"accel.linalg.pinv gives the pseudo-inverse.",
        bad,
    )


def counted(call: Call) -> Iterator[Finding]:
    """Find numbers for which there is no count."""
    x, length = call.named["x"], call.named["length"]
    bad = _outside(call, x, 0, (1 << 64) if length is None else length - 1)
    if bad is not None:
        takes = "0 and more are taken" if length is None else f"length={length} takes 0 to {length - 1}"
        yield Finding(
            OutOfBoundsError,
            f"{call.op}: {{count}} of {{total}} elements cannot be counted, the first at index {{index}}: {{value}}; {takes}.",
            bad,
            {"value": x},
        )


def monotonic(call: Call) -> Iterator[Finding]:
    """Find edges or points that are out of order."""
    xp, name = call.xp, "bins" if "bins" in call.named else "xp"
    edges = call.named[name]
    if (
        not call.owned(edges)
        or len(edges.shape) != 1
        or edges.shape[0] < 2
        or call.named.get("period") is not None
    ):
        return
    before, after = edges[:-1], edges[1:]
    bad, way = xp.logical_not(xp.less_equal(before, after)), "increase"
    if call.watch.spec.name == "extra.digitize":
        falls = xp.greater(edges[0], edges[-1])
        bad = xp.where(falls, xp.logical_not(xp.greater_equal(before, after)), bad)
        way = "increase, or decrease, throughout"
    yield Finding(
        ArgumentError,
        f"{call.op}: {name} have to {way}, and {{after}} follows {{before}} at index {{index}}; accel.sort puts them in order.",
        bad,
        {"before": before, "after": after},
    )


def extent(call: Call) -> Iterator[Finding]:
    """Find elements between which no range can be found."""
    x = call.named["x"]
    if call.owned(call.named["bins"]) or call.named["range"] is not None or call.kind(x) not in FLOATS:
        return
    yield Finding(
        ArgumentError,
        f"{call.op}: {{count}} of {{total}} elements are not finite, the first at index {{index}}: {{value}}; give the range.",
        call.xp.logical_not(call.xp.isfinite(x)),
        {"value": x},
    )


def fractions(call: Call) -> Iterator[Finding]:
    """Find fractions, or percentages, that are none."""
    xp, q = call.xp, call.named["q"]
    if not call.owned(q):
        return
    most = 100 if call.watch.spec.name == "extra.percentile" else 1
    yield Finding(
        ArgumentError,
        f"{call.op}: q lies in [0, {most}], got {{value}} at index {{index}}; {{count}} of {{total}} do not.",
        xp.logical_not(xp.logical_and(xp.greater_equal(q, 0.0), xp.less_equal(q, float(most)))),
        {"value": q},
    )


def pivots(call: Call) -> Iterator[Finding]:
    """Find zeros on the diagonal of triangular factors."""
    if call.named.get("unit_diagonal"):
        return
    name = next(n for n in ("a", "c", "lu_and_pivots") if n in call.named)
    a = call.named[name]
    a = a[0] if isinstance(a, tuple | list) else a
    if len(a.shape) < 2 or a.shape[-1] != a.shape[-2]:
        return
    yield Finding(
        SingularMatrixError,
        f"{call.op} got a singular matrix in {name}: its diagonal has a zero, the first of {{count}} at index {{index}}.",
        call.xp.equal(call.xp.linalg.diagonal(a), 0),
    )


def reuse(call: Call) -> Iterator[AccelError]:
    """Find keys of random numbers that something was drawn from before, in the same block."""
    key = call.named["key"]
    if call.watch.traced(key):
        return
    if name_of(key.dtype) != "uint32":  # a library's own kind of keys, which may not show what is in it
        key = call.xp.random.fold_in(key, 0)
    value, used = tuple(int(key[i]) for i in range(2)), checking.used_keys()
    if value in used:
        yield KeyReuseError(
            f"{call.op} got the key {list(value)}, from which something was drawn before, and would give numbers that depend on those; "
            f"make keys of it first, as in `first, second = accel.random.split(key)`, and draw from each once."
        )
    used.add(value)


def finite(call: Call) -> Iterator[Finding]:
    """Find numbers that no integer stands for."""
    x = call.named["x"]
    yield Finding(
        CastError,
        f"{call.op}: {{count}} of {{total}} elements of x are nan or infinite, the first at index {{index}}: {{value}}; no integer and scale "
        f"stand for such a number. Replace them first, as in accel.where(accel.isfinite(x), x, 0.0).",
        call.xp.logical_not(call.xp.isfinite(x)),
        {"value": x},
    )


# After the call: what is wrong with the result.


def casts(call: Call) -> Iterator[Finding]:
    """Find values that the dtype of the result cannot hold."""
    named, xp = call.named, call.xp
    if "dtype" in named and named["dtype"] is None and call.watch.spec.name != "full_like":
        return
    name = next(n for n in ("fill_value", "obj", "x") if n in named)
    x = named[name]
    if not call.owned(x):
        device = named.get("device")
        x = xp.asarray(x) if device is None else xp.asarray(x, device=device)
    if x.dtype == call.result.dtype:
        return
    bad, held = _misfits(call, x, call.result.dtype)
    if bad is not None:
        yield Finding(
            CastError,
            f"{call.op}: {{count}} of {{total}} elements of {name} do not fit {name_of(call.result.dtype)}, the first at index {{index}}: {{value}}; "
            f"it holds {held}. Clip them with accel.clip, or take a wider dtype.",
            bad,
            {"value": x},
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
        if not call.owned(result) or call.kind(result) not in FLOATS:
            continue
        xp, bad = call.xp, call.xp.isnan(result)
        if not call.watch.traced(bad) and not bool(xp.any(bad)):
            continue
        operands = dict(call.operands())
        if any(isinstance(x, float | complex) and x != x for x in operands.values()):
            continue
        floats = [x for _, x in call.arrays() if call.kind(x) in FLOATS]
        if call.watch.spec.chapter == "elementwise":
            for x in floats:
                bad = xp.logical_and(bad, xp.logical_not(xp.isnan(x)))
            at = " and ".join(f"{name} is {{{name}}}" for name in operands)
            sentence = f"in {{count}} of {{total}} elements, the first at index {{index}}, where {at}"
        else:
            for x in floats:
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
    check.__name__: check
    for check in (
        *(kinds, bounds, positions, segments, counts, division, shifts, exponents, singular),
        *(counted, monotonic, extent, fractions, pivots, labels, reuse, finite),
    )
}
AFTER: dict[str, Callable[[Call], Iterator[Finding]]] = {
    check.__name__: check for check in (casts, definite, nan)
}


def _which(name: str, matrices: Any) -> str:
    return name if len(matrices.shape) == 2 else f"{name}, at index {{index}}"


def _unsigned(call: Call, x: Any) -> bool:
    return call.owned(x) and call.kind(x) == "unsigned integer"


def _zero(call: Call, x: Any) -> Any:
    return x == 0 if isinstance(x, int) else call.xp.equal(x, 0)


def _less_than_zero(call: Call, x: Any) -> Any:
    return x < 0 if isinstance(x, int) else call.xp.less(x, 0)


def _pairwise(call: Call, x1: Any, x2: Any, wrong: Callable[[Call, Any], Any]) -> Any:
    """Tell for each pair whether the second of the two is wrong."""
    xp, found = call.xp, wrong(call, x2)
    if not call.owned(x1):
        return found
    return xp.logical_or(xp.not_equal(x1, x1), found)  # integers equal themselves; this is for the shape


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
    xp, source, target = call.xp, call.kind(x), call.watch.kind(dtype)
    if None in (source, target) or source == "bool" or target == "bool":
        return None, ""
    if target in INTEGERS:
        info = xp.iinfo(dtype)
        low, high = int(info.min), int(info.max)
        held = f"whole numbers from {low} to {high}"
        if source in INTEGERS:
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
    if source in INTEGERS:
        info = xp.iinfo(x.dtype)
        if int(info.max) <= limit:
            return None, held
        return xp.isinf(xp.astype(x, dtype)), held
    if float(xp.finfo(x.dtype).max) <= limit:
        return None, held
    return xp.logical_and(xp.isfinite(x), xp.logical_not(xp.isfinite(xp.astype(x, dtype)))), held
