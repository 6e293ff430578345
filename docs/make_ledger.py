"""Write docs/ledger.md from the specs and docs/ledger.json.

`python docs/make_ledger.py` writes the page, `--check` only compares it, and `--measure` first tries every entry with the
libraries' own functions and writes what they do to docs/ledger.json.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import accel.registry as registry
from accel.testing.expression import CLASSES
from accel.testing.ledger import ANSWERS, EVERY_OP, Entry, Native, answer, entries, native, takes
from accel.testing.rows import Row, obstacle

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "ledger.md"
RECORD = ROOT / "docs" / "ledger.json"

BACKENDS = ("numpy", "jax", "cupy")
TITLES = {"numpy": "NumPy", "jax": "JAX", "cupy": "CuPy"}

INTRODUCTION = """\
# The ledger

One meaning for every input. Where the libraries differ, or the standard leaves a result open, this page says what accel does, and each line is tried
on every backend by the tests. It is made by `python docs/make_ledger.py` from the docstrings of the ops (`accel/spec/`) and from what the libraries'
own functions were seen to do (`docs/ledger.json`); do not edit it.

The four answers:

- **the same by nature**: the own functions of all three libraries do what accel says.
- **mended in the backend**: a library does something else (its column says what), and accel's backend for it does not.
- **checked on request**: left open for speed, and an error inside `with accel.checked():`.
- **left open**: the reason is given.

Some lines that have a meaning are also refused inside `accel.checked()`; they say so.

How to read a line: `floats`, `ints` and other classes stand for each of their dtypes ({classes}); `raises` names the
error; `either(a, b)` leaves open which of the two, and `nonfinite(a)` which infinity or nan. A column says *same* where the library's own function
does what accel does, and otherwise what it gives. JAX is asked in its 64-bit mode, so that meanings are compared and not widths.
Where a class of dtypes is meant and a library differs for some of them, these are named.
"""

REAL_CASES = """\
Special cases of real numbers, tried in float16, bfloat16, float32 and float64 by `tests/test_special_cases.py`. Words: `0` is the positive zero, `+-0`
either zero, `finite` neither infinite nor nan, `any` every value.
"""


def lines() -> Iterator[tuple[str, list[Entry]]]:
    """Give each line of the docstrings, with its entries."""
    for (op, line), group in groupby(entries(), key=lambda entry: (entry.op, entry.line)):
        yield f"{op}: {line}", list(group)


def load() -> Any:
    """Read what was measured."""
    return json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {"versions": {}, "native": {}}


def stale(record: Any) -> list[str]:
    """List lines that were not measured, and measured ones that are no more."""
    written = {key for key, group in lines() if group[0].call}
    measured = set(record["native"])
    return sorted(
        [f"not measured: {key}" for key in written - measured] + [f"gone: {key}" for key in measured - written]
    )


def measure() -> Any:
    """Try every entry with the libraries' own functions."""
    missing = [f"{name}: {obstacle(name)}" for name in BACKENDS if obstacle(name) is not None]
    if missing:
        raise SystemExit(f"cannot measure without {'; '.join(missing)}")
    found: dict[str, Any] = {}
    for key, group in lines():
        if not group[0].call:
            continue
        found[key] = {}
        for backend in BACKENDS:
            row = Row(backend, backend)
            outcomes = {e.dtype: native(e, backend) for e in group if takes(row, e)}
            different = {dtype: each.shown for dtype, each in outcomes.items() if not each.same}
            found[key][backend] = {"tried": list(outcomes), "differs": different}
    return {"versions": {name: versions(name) for name in BACKENDS}, "native": found}


def versions(backend: str) -> dict[str, str]:
    """Give the versions of a backend's libraries."""
    return dict((registry.load(backend).hook("versions") or dict)())


def natives(record: Any, key: str, dtype: str) -> dict[str, Native]:
    """Give what the libraries did with one entry."""
    found = {}
    for backend, seen in record["native"].get(key, {}).items():
        if dtype in seen["tried"]:
            shown = seen["differs"].get(dtype)
            found[backend] = Native(shown is None, shown or "same")
    return found


def verdict(record: Any, key: str, group: list[Entry]) -> str:
    """Give the answer of a line: that of its entry which needs most."""
    answers = [answer(entry, natives(record, key, entry.dtype)) for entry in group]
    return max(answers, key=ANSWERS.index)


def page(record: Any) -> str:
    """Write the page."""
    everything = list(lines())
    counts = Counter(verdict(record, key, group) for key, group in everything)
    classes = "; ".join(f"`{name}`: {', '.join(members)}" for name, members in CLASSES.items() if name in ("floats", "complexes"))
    text = [INTRODUCTION.format(classes=classes), summary(record, counts, everything)]
    for chapter, group in groupby(everything, key=lambda pair: pair[1][0].chapter):
        text += section(record, chapter, list(group))
    return "\n".join(text).rstrip() + "\n"


def summary(record: Any, counts: Counter[str], everything: list[tuple[str, list[Entry]]]) -> str:
    """Write the counts and what was measured."""
    tries = sum(len(group) for _, group in everything)
    rows = [
        "## Summary\n",
        f"{len(everything)} lines, {tries} with each dtype counted.\n",
        "| answer | lines |",
        "| --- | ---: |",
        *(f"| {name} | {counts[name]} |" for name in ANSWERS),
        "",
        "Measured with "
        + "; ".join(
            f"{TITLES[name]} {', '.join(f'{lib} {version}' for lib, version in found.items())}"
            for name, found in record["versions"].items()
        )
        + ".\n",
    ]
    return "\n".join(rows)


def section(record: Any, chapter: str, group: list[tuple[str, list[Entry]]]) -> Iterator[str]:
    """Write one chapter."""
    title = chapter.replace("_", " ")
    yield f"## {title[0].upper()}{title[1:]}\n"
    settled = [(key, found) for key, found in group if not found[0].is_pattern]
    if settled:
        yield "| op | case | accel | NumPy | JAX | CuPy | answer | test |"
        yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
        for key, found in settled:
            yield line(record, key, found)
        yield ""
    patterns = [(key, found) for key, found in group if found[0].is_pattern]
    if patterns:
        yield REAL_CASES
        yield "| op | the same by nature | mended in the backend |"
        yield "| --- | --- | --- |"
        for op, each in groupby(patterns, key=lambda pair: pair[1][0].op):
            yield real_cases(record, op, list(each))
        yield ""


def line(record: Any, key: str, group: list[Entry]) -> str:
    """Write one line of the ledger."""
    entry = group[0]
    subject = f"`{entry.op}`" if entry.chapter != EVERY_OP else entry.op
    said = f"`{entry.call}` → {meaning(entry)}" if entry.call else meaning(entry)
    columns = [column(record, key, group, backend) for backend in BACKENDS]
    test = f"[`-k {entry.op.rpartition('.')[2]}`](../tests/test_ledger.py)" if entry.call else ""
    decided = verdict(record, key, group)
    if entry.checked and not entry.reason:
        decided += ", and checked on request"
    return table_row(subject, entry.case, said, *columns, decided, test)


def meaning(entry: Entry) -> str:
    """Write what is promised."""
    if entry.reason:
        said = f"left open: {entry.reason}"
    elif entry.raises:
        said = f"raises `{entry.raises}`"
    else:
        said = f"`{entry.result}`"
    return f"{said}; checked raises `{entry.checked}`" if entry.checked else said


def column(record: Any, key: str, group: list[Entry], backend: str) -> str:
    """Write what one library's own function does with a line."""
    outcomes = {entry.dtype: natives(record, key, entry.dtype).get(backend) for entry in group}
    seen = {dtype: each for dtype, each in outcomes.items() if each is not None}
    if not seen:
        return "" if not group[0].call else "not there"
    different: dict[str, list[str]] = {}
    for dtype, each in seen.items():
        if not each.same:
            different.setdefault(each.shown, []).append(dtype)
    if not different:
        return "same"
    first, dtypes = next(iter(different.items()))
    all_of_one = len(different) == 1 and len(dtypes) == len(seen)
    told = [plain(first) if all_of_one else f"{', '.join(dtypes)}: {plain(first)}"]
    told += [f"{', '.join(dtypes)}: {plain(shown)}" for shown, dtypes in list(different.items())[1:2]]
    if len(different) > 2:
        rest = [dtype for dtypes in list(different.values())[2:] for dtype in dtypes]
        told.append(f"others in {', '.join(rest)}")
    return "; ".join(told)


def plain(shown: str) -> str:
    """Write an outcome as code, cut where it is long."""
    return shown if shown == "no such function" else f"`{shown if len(shown) <= 60 else shown[:57] + '...'}`"


def real_cases(record: Any, op: str, group: list[tuple[str, list[Entry]]]) -> str:
    """Write the special cases of real numbers of one op in one row."""
    same, mended = [], []
    for key, found in group:
        case = f"`{found[0].case}`"
        who = [
            f"{TITLES[backend]} in {', '.join(dtypes)}"
            for backend in BACKENDS
            if (
                dtypes := [
                    e.dtype
                    for e in found
                    if not natives(record, key, e.dtype).get(backend, Native(True, "")).same
                ]
            )
        ]
        if who:
            mended.append(f"{case} ({'; '.join(who)})")
        else:
            same.append(case)
    return table_row(f"`{op}`", ", ".join(same), "; ".join(mended))


def table_row(*cells: str) -> str:
    """Write one row of a table."""
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def main(arguments: Iterable[str] | None = None) -> int:
    """Write the page, or tell whether it is as it would be written."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if the page is out of date")
    parser.add_argument("--measure", action="store_true", help="ask the libraries again, and write docs/ledger.json")
    options = parser.parse_args(None if arguments is None else list(arguments))
    if options.measure:
        RECORD.write_text(json.dumps(measure(), indent=1, sort_keys=True) + "\n", encoding="utf-8")
    record = load()
    if problems := stale(record):
        print(*problems, sep="\n", file=sys.stderr)
        return 1
    if options.check:
        return int(not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page(record))
    PAGE.write_text(page(record), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
