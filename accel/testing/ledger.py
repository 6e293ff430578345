"""The ledger: what each op means where the standard leaves it open, read from the specs' docstrings and tried on every backend.

The lines stand under "Special cases" and "Settled by accel". A line of operands, ``inf, any -> nan``, is about real numbers
(`accel.testing.special`). A line that is a call says what that call gives, and after ``#`` which case it is::

    floor_divide(ints([7, -7]), 0) -> ints([0, 0])    # integer divided by zero

Names of dtypes make arrays, and names of classes of dtypes one for each dtype. Before the ``#`` may stand an expression,
``raises SomeError`` or ``left open: the reason``, and after that ``; checked raises SomeError``.
"""

from __future__ import annotations

import ast
import inspect
import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import cache, reduce
from importlib import import_module
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

import accel
import accel.registry as registry
import accel.spec as chapters
import accel.testing.special as special
from accel.dispatch import SUBMODULES, Spec, specs
from accel.dtype import DType
from accel.dtype import native as native_dtype
from accel.errors import AccelError
from accel.testing.expression import DTYPES, Either, Expression, NonFinite, bindings, error, parse
from accel.testing.rows import Composed, Row, usable
from accel.testing.ulp import distance, parts

__all__ = [
    "ANSWERS",
    "EVERY_OP",
    "Entry",
    "Native",
    "answer",
    "entries",
    "native",
    "takes",
    "try_checked",
    "try_entry",
]

Array: TypeAlias = npt.NDArray[Any]

EVERY_OP = "every op"
"""The chapter of what concerns no op more than others; it stands in the docstring of `accel.spec`."""

SAME, MENDED, ON_REQUEST, OPEN = ANSWERS = (
    "the same by nature",
    "mended in the backend",
    "checked on request",
    "left open",
)

BLOCKS = ("Special cases", "Settled by accel")


@dataclass(frozen=True)
class Entry:
    """One case of one op in one choice of dtypes, with its meaning.

    Attributes
    ----------
    op : str
        The spec, or what stands in its place in the chapter "every op".
    chapter : str
        The chapter of the spec.
    block : str
        ``"Special cases"`` where the standard speaks, ``"Settled by accel"`` where it does not.
    case : str
        The case in words.
    call : str
        The call as an expression; empty where there is only the case in words.
    result : str
        The result as an expression; empty where the call raises or is left open.
    raises : str
        The error that is raised instead.
    reason : str
        Why the result is left open, where it is.
    checked : str
        The error that ``accel.checked()`` raises for it.
    dtypes : tuple of pairs
        Class of dtypes -> the dtype it stands for here.
    is_pattern : bool
        Whether the line gave operands instead of a call.
    """

    op: str
    chapter: str
    block: str
    case: str
    call: str
    result: str = ""
    raises: str = ""
    reason: str = ""
    checked: str = ""
    dtypes: tuple[tuple[str, str], ...] = ()
    is_pattern: bool = False

    def __str__(self) -> str:
        return f"{self.op}-{self.case.replace(' ', '-')}{''.join(f'-{dtype}' for _, dtype in self.dtypes)}"

    @property
    def line(self) -> str:
        """The line of the docstring."""
        return f"{self.call or self.case} -> {self.meaning}"

    @property
    def meaning(self) -> str:
        """What is promised, in the syntax of the docstring."""
        said = self.result or (f"raises {self.raises}" if self.raises else f"left open: {self.reason}")
        return f"{said}; checked raises {self.checked}" if self.checked else said

    @property
    def is_typical(self) -> bool:
        """Whether its dtypes are the narrowest or widest of their kinds, or single precision: enough where time is short."""
        return all(
            dtype.lstrip("bfloaticmpexun") not in ("16", "32") or dtype == "float32"
            for _, dtype in self.dtypes
        )

    @property
    def dtype(self) -> str:
        """The dtypes for which the classes of the line stand."""
        return ", ".join(dtype for _, dtype in self.dtypes)


@dataclass(frozen=True)
class Native:
    """What a library's own function does with an entry.

    Attributes
    ----------
    same : bool
        Whether that is what the entry says; for one that is left open, False.
    shown : str
        What it does, in short.
    """

    same: bool
    shown: str


def blocks(doc: str) -> Iterator[tuple[str, str]]:
    """Give each line of the literal blocks of a docstring, with the block's title; lines that go on are joined."""
    title, line = "", ""
    for text in [*doc.splitlines(), ""]:
        deep = len(text) - len(text.lstrip())
        if title and text.strip() and deep > 4:
            line += " " + text.strip()
            continue
        if line:
            yield title, line
        line = ""
        if text.strip() and deep == 0:
            title = text.removesuffix("::") if text.removesuffix("::") in BLOCKS else ""
        elif title:
            line = text.strip()


def _is_call(text: str) -> bool:
    try:
        found = parse(text)
    except SyntaxError:
        return False
    return any(isinstance(node, ast.Call) for node in ast.walk(found))


def _read(op: str, chapter: str, block: str, line: str) -> Iterator[Entry]:
    """Give the entries of one line."""
    said, _, case = (part.strip() for part in line.partition(" # "))
    left, arrow, right = (part.strip() for part in said.partition("->"))
    if not arrow:
        yield Entry(op, chapter, block, line, "", reason="stated in words")
        return
    numbers = special.written(specs[op], left, right) if op in specs else None
    if numbers is not None:
        call, result = numbers
        pattern = Entry(op, chapter, block, " ".join(said.split()), call, result, is_pattern=True)
        for bound in bindings(call):
            yield replace(pattern, dtypes=tuple(bound.items()))
        return
    entry = _promised(Entry(op, chapter, block, case, left), right)
    if _is_call(left):
        for bound in bindings(left, *filter(None, [entry.result])):
            yield replace(entry, dtypes=tuple(bound.items()))
    elif entry.reason:
        yield replace(entry, case=left, call="")
    else:
        yield Entry(op, chapter, block, said, "", reason="stated in words")


def _promised(entry: Entry, text: str) -> Entry:
    """Give an entry with what stands behind its arrow."""
    text, _, checked = text.partition("; checked raises ")
    entry = replace(entry, checked=checked.strip())
    if text.startswith("left open: "):
        return replace(entry, reason=text.removeprefix("left open: "))
    if text.startswith("raises "):
        return replace(entry, raises=text.removeprefix("raises "))
    return replace(entry, result=text)


@cache
def entries() -> tuple[Entry, ...]:
    """List the entries of the ledger, in the order of the chapters and ops."""
    assert callable(accel.add), "the chapters load with the first op"
    for part in SUBMODULES:
        import_module(f"accel.{part}")
    found = [
        entry
        for block, line in blocks(inspect.getdoc(chapters) or "")
        for entry in _read(_subject(line), EVERY_OP, block, line)
    ]
    # Chapters load in the order in which somebody asked for them; the page has one order.
    for op, spec in sorted(specs.items(), key=lambda item: (item[1].part in SUBMODULES, item[1].chapter)):
        for block, line in blocks(inspect.getdoc(spec.function) or ""):
            found += _read(op, spec.chapter, block, line)
    return tuple(found)


def _subject(line: str) -> str:
    """Name the op that a line of the chapter "every op" begins with, or say that it is about operators."""
    name = re.match(rf"(?:(?:{'|'.join(SUBMODULES)})\.)?\w+(?=\()", line)
    return name[0] if name is not None and name[0] in specs else "native operators"


def _spec(entry: Entry) -> Spec | None:
    return specs.get(entry.op)


def takes(row: Row, entry: Entry) -> bool:
    """Tell whether a row can run an entry: it has the dtypes, and can trace the op where it traces."""
    if not entry.call or isinstance(row, Composed):
        return False  # what refuses and looks stands around the bodies
    spec = _spec(entry)
    if spec is not None and not row.runs(spec):
        return False
    if spec is None and type(row) is not Row:
        return False  # operators are not called through the row
    space = accel.namespace(row.backend)
    named = {n.id for n in ast.walk(parse(entry.call)) if isinstance(n, ast.Name)} | {
        d for _, d in entry.dtypes
    }
    return all(hasattr(space, name) for name in named.intersection(DTYPES))


def _run(entry: Entry, row: Row) -> Any:
    """Run an entry on a row, and give its result or the error it met."""

    def call(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return row.call(specs[name], args, kwargs)

    # Operators on wide arrays need the scope in which JAX keeps their width; accel's functions enter it by themselves.
    with np.errstate(all="ignore"), nullcontext() if entry.op in specs else accel.x64():
        try:
            return Expression(dict(entry.dtypes), row.put, call).evaluate(entry.call)
        except (SyntaxError, NameError):
            raise
        except Exception as failure:
            return failure


def wanted(entry: Entry) -> Any:
    """Give the result that an entry says, with NumPy arrays in it."""
    return Expression(dict(entry.dtypes), np.asarray).evaluate(entry.result)


def try_entry(entry: Entry, row: Row) -> None:
    """Run an entry on a row, and raise AssertionError unless it gives what the entry says.

    An entry that is left open is run as well, and may give anything.

    Parameters
    ----------
    entry : Entry
        One of `entries`.
    row : Row
        One that `takes` it.
    """
    got = _run(entry, row)
    if entry.reason:
        return
    difference = _difference(entry, got)
    assert difference is None, (
        f"on {row}{_in(entry)}: {entry.call} {difference}; the ledger says {entry.meaning}"
    )


def try_checked(entry: Entry, row: Row) -> None:
    """Run an entry on a row inside ``accel.checked()``, and raise AssertionError unless it raises what the entry says."""
    with accel.checked():
        got = _run(entry, row)
    promised = error(entry.checked)
    assert isinstance(got, promised), (
        f"checked on {row}{_in(entry)}: {entry.call} {_told(got)}; the ledger says it raises {entry.checked}"
    )


def _in(entry: Entry) -> str:
    return f" in {entry.dtype}" if entry.dtypes else ""


def _told(got: Any) -> str:
    return f"raises {type(got).__name__}: {got}" if isinstance(got, Exception) else f"gives {shown(got)}"


def _difference(entry: Entry, got: Any) -> str | None:
    """Say how an outcome differs from what an entry says, or give None."""
    if entry.raises:
        return None if isinstance(got, error(entry.raises)) else _told(got)
    if isinstance(got, Exception):
        return _told(got)
    return None if _alike(_promise(entry), wanted(entry), got) else _told(got)


def _promise(entry: Entry) -> tuple[str, float]:
    """Give how close results are that are neither zero nor infinite: in units in the last place, or in eps of the largest."""
    spec = specs.get(entry.op)
    if spec is None:
        return "ulp", 0
    if spec.same == "conditioned":
        return "eps", 64
    is_complex = "complex" in entry.call or "complex" in entry.dtype
    return "ulp", 8 if is_complex else spec.ulp if spec.same == "bounded" else 0


def _alike(promise: tuple[str, float], expected: Any, got: Any) -> bool:
    """Tell whether a result is the one that is written: kind, dtype, shape and values."""
    if isinstance(expected, Either):
        return any(_alike(promise, choice, got) for choice in expected.choices)
    if isinstance(expected, NonFinite):
        return _alike_array(promise, expected.like, got, is_free=True)
    if isinstance(expected, tuple | list):
        return (
            isinstance(got, type(expected))
            and len(got) == len(expected)
            and all(_alike(promise, a, b) for a, b in zip(expected, got, strict=True))
        )
    if isinstance(expected, np.ndarray):
        return _alike_array(promise, expected, got, is_free=False)
    if isinstance(expected, float):
        return isinstance(got, float) and np.array_equal(expected, got, equal_nan=True)
    if isinstance(expected, DType):
        return bool(expected == got)
    return type(got) is type(expected) and bool(got == expected)


def _alike_array(promise: tuple[str, float], expected: Array, got: Any, *, is_free: bool) -> bool:
    if registry.owner(type(got)) is None:
        return False
    host = np.asarray(accel.to_numpy(got))
    if host.dtype != expected.dtype or host.shape != expected.shape:
        return False
    if host.dtype.kind in "biu":
        return np.array_equal(host, expected)
    if is_free:
        free = ~np.isfinite(expected)
        if np.isfinite(host[free]).any():
            return False
        host, expected = host[~free], expected[~free]
    a, b = parts(expected), parts(host)
    fixed = (a == 0) | ~np.isfinite(a)
    exact = ((a == b) & (np.signbit(a) == np.signbit(b))) | (np.isnan(a) & np.isnan(b))
    return bool(np.all(exact | (~fixed & _near(promise, expected, a, b))))


def _near(promise: tuple[str, float], expected: Array, a: Array, b: Array) -> Any:
    """Tell which parts are as close as is promised; those of complex numbers by the size of the number."""
    unit, most = promise
    if unit == "ulp" and expected.dtype.kind != "c":
        with np.errstate(over="ignore"):
            return distance(a, b) <= most
    size = np.abs(np.where(np.isfinite(expected), expected, 0))
    size = np.max(size, initial=0.0) if unit == "eps" else size[..., np.newaxis]
    info = accel.namespace("numpy").finfo(expected.dtype)
    with np.errstate(invalid="ignore"):
        return np.isfinite(b) & (np.abs(a - b) <= most * info.eps * size)


def native(entry: Entry, backend: str, *, wide: bool = True) -> Native:
    """Tell what a library's own function of the op's name does with an entry.

    Parameters
    ----------
    entry : Entry
        One with a call.
    backend : str
        The backend of the library.
    wide : bool, default True
        Whether a library that narrows 64-bit data by default is told not to, so that meanings are compared.
    """
    loaded = registry.load(backend)
    library = (loaded.hook("library") or (lambda: loaded.namespace))()
    device = usable(backend)[0]

    def own(value: Any) -> Any:
        return native_dtype(value, loaded)

    def call(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        function = reduce(getattr, name.split("."), library)
        return function(*map(own, args), **{key: own(value) for key, value in kwargs.items()})

    def put(x: Array) -> Any:
        return accel.to_device(x, device, copy=True)

    enter = loaded.hook("x64")
    got: Any
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            scope = Expression(dict(entry.dtypes), put, call)
            if wide and enter is not None:
                with enter():
                    got = scope.evaluate(entry.call)
            else:
                got = scope.evaluate(entry.call)
        except AttributeError as failure:
            got = failure
        except Exception as failure:
            got = failure
        same = not entry.reason and _same_by_nature(entry, got)
        return Native(same, _short(got))


def _same_by_nature(entry: Entry, got: Any) -> bool:
    """Tell whether a library's own outcome is the promised one; its own error may be the built-in kind of accel's."""
    if not entry.raises:
        return not isinstance(got, Exception) and _alike(_promise(entry), wanted(entry), _as_tuples(got))
    promised = error(entry.raises)
    kinds = (
        [kind for kind in promised.__mro__ if kind.__module__ == "builtins"]
        if issubclass(promised, AccelError)
        else [promised]
    )
    plain = tuple(kind for kind in kinds if kind not in (Exception, BaseException, object))
    return isinstance(got, plain)


def _as_tuples(got: Any) -> Any:
    return tuple(map(_as_tuples, got)) if isinstance(got, tuple) else got


def shown(value: Any) -> str:
    """Write a result in short."""
    if isinstance(value, tuple | list):
        inner = ", ".join(map(shown, value))
        return f"({inner})" if isinstance(value, tuple) else f"[{inner}]"
    if registry.owner(type(value)) is None:
        return str(value)
    host = np.asarray(accel.to_numpy(value))
    with np.printoptions(threshold=12, edgeitems=3, linewidth=1000, floatmode="maxprec", precision=8):
        text = np.array2string(host, separator=", ")
    return f"{host.dtype} {' '.join(text.split())}"


def _short(got: Any) -> str:
    if isinstance(got, AttributeError):
        return "no such function"
    return type(got).__name__ if isinstance(got, Exception) else shown(got)


def answer(entry: Entry, natives: Mapping[str, Native]) -> str:
    """Say which of the four answers an entry is, from what the libraries' own functions do."""
    if entry.reason:
        return ON_REQUEST if entry.checked else OPEN
    return SAME if all(each.same for each in natives.values()) else MENDED
