"""The ledger: what the docstrings say of cases that are not left to the libraries holds on every row, and the page is current."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from zlib import crc32

import pytest

import accel
import accel.registry as registry
from accel.testing.ledger import Entry, Native, answer, entries, native, takes, try_checked, try_entry
from accel.testing.rows import REFERENCE, Row, rows
from tests.depth import is_brief, is_deep

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "docs"))

import make_ledger  # noqa: E402

CALLS = [entry for entry in entries() if entry.call and not entry.is_pattern]
SUBJECTS = list(dict.fromkeys(entry.op for entry in CALLS))
PLAIN = [Row(name, name) for name in registry.names()]
TRACED = [row for row in rows() if row.compiles and (is_deep() or not row.nightly)]


def _of(op: str, row: Row) -> list[Entry]:
    found = [entry for entry in CALLS if entry.op == op and takes(row, entry)]
    if row.backend == REFERENCE or is_deep():
        return found
    # Each dtype is a kernel to compile.
    typical = [entry for entry in found if entry.is_typical]
    return _one_dtype_a_line(typical) if row.compiles or is_brief() else typical


def _one_dtype_a_line(found: list[Entry]) -> list[Entry]:
    """Keep each line in one of its dtypes, another for another line."""
    lines: dict[tuple[str, str], list[Entry]] = {}
    for entry in found:
        lines.setdefault((entry.case, entry.line), []).append(entry)
    return [each[crc32(line.encode()) % len(each)] for (_, line), each in lines.items()]


def _failures(tried: list[Entry], row: Row, attempt: Callable[[Entry, Row], None]) -> str:
    """Try some entries, and write down each that is not true."""
    wrong = []
    for entry in tried:
        try:
            attempt(entry, row)
        except AssertionError as error:
            wrong.append(f"{entry.case}: {error}")
        except Exception as error:
            error.add_note(f"in {entry} on {row}: {entry.line}")
            raise
    return "\n".join(wrong)


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("row", [*PLAIN, *TRACED], ids=str)
def test_ledger(row: Row, subject: str, runnable: Callable[[Row], None]) -> None:
    """Each line of the ledger about an op is true, in every dtype it is about."""
    runnable(row)
    wrong = _failures(_of(subject, row), row, try_entry)
    assert not wrong, f"\n{wrong}"


CHECKED = [op for op in SUBJECTS if any(entry.checked for entry in CALLS if entry.op == op)]


@pytest.mark.parametrize("subject", CHECKED)
@pytest.mark.parametrize("row", PLAIN, ids=str)
def test_checked(row: Row, subject: str, runnable: Callable[[Row], None]) -> None:
    """What the ledger says is checked on request raises the same error on every backend."""
    runnable(row)
    wrong = _failures([entry for entry in _of(subject, row) if entry.checked], row, try_checked)
    assert not wrong, f"\n{wrong}"


def test_every_line_is_tried() -> None:
    """A line is a call, operands that are numbers, or left open with its reason; and says which case it is."""
    words = [f"{entry.op}: {entry.line}" for entry in entries() if entry.reason == "stated in words"]
    assert not words, "\n" + "\n".join(words)
    unnamed = [f"{entry.op}: {entry.line}" for entry in entries() if not entry.case]
    assert not unnamed, "\n" + "\n".join(unnamed)


def test_a_case_is_named_once() -> None:
    """No two lines of an op have one name."""
    found = {(entry.op, entry.case, entry.line) for entry in entries()}
    names = [(op, case) for op, case, _ in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    assert not twice


DIVERGENCES = tomllib.loads((ROOT / "tests" / "divergences.toml").read_text(encoding="utf-8"))["divergence"]


@pytest.mark.parametrize("what", [found["what"] for found in DIVERGENCES])
def test_divergence_is_answered(what: str) -> None:
    """Each known difference between the libraries ends in lines of the ledger."""
    (found,) = (each for each in DIVERGENCES if each["what"] == what)
    known = {f"{entry.op}: {entry.case}" for entry in entries()}
    missing = set(found["answered"]) - known
    assert found["answered"]
    assert not missing, f"the ledger has no {sorted(missing)}"


def test_page_is_current() -> None:
    """docs/ledger.md is what the specs and docs/ledger.json give, and every line of the ledger was measured."""
    stale = make_ledger.stale(make_ledger.load())
    assert not stale, "run `python docs/make_ledger.py --measure`: " + "; ".join(stale)
    assert make_ledger.PAGE.read_text(encoding="utf-8") == make_ledger.page(make_ledger.load()), (
        "run `python docs/make_ledger.py`"
    )


@pytest.mark.parametrize("row", PLAIN, ids=str)
def test_record_is_true(row: Row, runnable: Callable[[Row], None]) -> None:
    """What the page says of a library is what its own functions do, where it has the versions of the page."""
    runnable(row)
    record = make_ledger.load()
    if row.backend not in make_ledger.BACKENDS or record["versions"][row.backend] != make_ledger.versions(
        row.backend
    ):
        pytest.skip(f"the page was measured with {record['versions'].get(row.backend)}")
    measured = [(key, group) for key, group in make_ledger.lines() if key in record["native"]]
    for key, group in measured[:: len(measured) // 12]:
        assert record["native"][key][row.backend] == make_ledger.outcomes(group, row.backend), key


def test_answers() -> None:
    """Which of the four answers a line is follows from what the libraries do, and from what it says."""
    same, other = Native(True, "same"), Native(False, "int8 [-1]")
    mended = Entry("floor_divide", "elementwise", "", "", "floor_divide(int8([7]), 0)", "int8([0])")
    assert answer(mended, {"numpy": same, "jax": same}) == "the same by nature"
    assert answer(mended, {"numpy": same, "jax": other}) == "mended in the backend"
    left = replace(mended, result="", reason="the device decides")
    assert answer(left, {"numpy": other, "jax": other}) == "left open"
    assert answer(replace(left, checked="DivisionError"), {"numpy": other}) == "checked on request"
    assert native(mended, "numpy").same
    assert not native(replace(mended, result="int8([1])"), "numpy").same
    assert not native(replace(mended, result="", raises="DivisionError"), "numpy").same
    assert native(
        Entry("add", "elementwise", "", "", "add(uint8([1]), 300)", raises="OverflowError"), "numpy"
    ).same


def test_a_false_line_is_noticed(runnable: Callable[[Row], None]) -> None:
    """An entry with another value, dtype, shape, sign of zero or error is refused."""
    row = Row("numpy", "numpy")
    runnable(row)
    call = "floor_divide(float64([1.0, -0.0]), 0.1)"
    true = Entry("floor_divide", "elementwise", "", "", call, "float64([9.0, -0.0])")
    try_entry(true, row)
    for result in (
        "float64([10.0, -0.0])",
        "float64([9.0, 0.0])",
        "float32([9.0, -0.0])",
        "float64([[9.0, -0.0]])",
        "float64([9.0, nan])",
        "(float64([9.0, -0.0]),)",
    ):
        with pytest.raises(AssertionError):
            try_entry(Entry("floor_divide", "elementwise", "", "", call, result), row)
    with pytest.raises(AssertionError):
        try_entry(Entry("floor_divide", "elementwise", "", "", call, raises="OverflowError"), row)
    refused = Entry("add", "elementwise", "", "", "add(uint8([1]), 300)", raises="OverflowError")
    try_entry(refused, row)
    with pytest.raises(AssertionError):
        try_entry(Entry("add", "elementwise", "", "", "add(uint8([1]), 300)", "uint8([45])"), row)


def test_the_closed_namespace() -> None:
    """An expression can reach nothing but arrays, numbers and ops."""
    from accel.testing.expression import Expression

    scope = Expression({}, lambda x: x)
    for text in ("__import__('os')", "open('x')", "accel.add", "[x for x in (1,)]", "lambda: 0", "print"):
        with pytest.raises((NameError, SyntaxError)):
            scope.evaluate(text)
    assert accel.__name__ == "accel"
