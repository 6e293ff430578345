"""Write docs/ledger.md from the specs and docs/ledger.json.

`python docs/make_ledger.py` writes the page, `--check` only compares it, and `--measure` first tries the lines that are not in
docs/ledger.json with the libraries' own functions, and writes there what they do.
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
from accel.testing.ledger import (
    ANSWERS,
    MENDED,
    ON_REQUEST,
    OPEN,
    SAME,
    Entry,
    Native,
    answer,
    entries,
    native,
    takes,
)
from accel.testing.rows import Row, obstacle, usable

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "ledger.md"
RECORD = ROOT / "docs" / "ledger.json"

BACKENDS = ("numpy", "jax", "cupy")
TITLES = {"numpy": "NumPy", "jax": "JAX", "cupy": "CuPy"}

INTRODUCTION = """\
# The ledger

One meaning for every input. Where the libraries differ, or the standard leaves a result open, this page says what accel does, and each line is tried
on every backend by the tests. It is made by `python docs/make_ledger.py` from the docstrings of the ops (`accel/spec/`) and from what the libraries'
own functions were seen to do (`docs/ledger.json`); do not edit it. The name of an op links to the test that tries its lines.

The four answers:

- **the same by nature**: the own functions of all three libraries do what accel says.
- **mended in the backend**: a library does something else (its column says what), and accel's backend for it does not.
- **checked on request**: left open for speed, and an error inside `with accel.checked():`.
- **left open**: the reason is given.

Some lines that have a meaning are also refused inside `accel.checked()`; they say so.

How to read a line: names such as `floats` and `integers` stand for each of their dtypes ({classes}; `ieee` is those without
bfloat16); `lowest`, `highest`, `bits`, `eps` and `tiny` are limits of the dtype; `raises` names the error; `either(a, b)` leaves open
which of the two, and `nonfinite(a)` which infinity or nan. A column says *same* where the library's own function does what accel does,
and otherwise what it gives, with the dtypes where it is not all of them. JAX is asked in its 64-bit mode, so that meanings are
compared and not widths.
"""

REAL_CASES = """\
Special cases of real numbers, tried in float16, float32 and float64 by `tests/test_special_cases.py`. Words: `0` is the positive zero, `+-0`
either zero, `finite` neither infinite nor nan, `any` every value.
"""


def lines() -> Iterator[tuple[str, list[Entry]]]:
    """Give each line of the docstrings, with its entries."""
    for (op, line), group in groupby(entries(), key=lambda entry: (entry.op, entry.line)):
        yield f"{op}: {line}", list(group)


def load() -> Any:
    """Read what was measured."""
    return (
        json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {"versions": {}, "native": {}}
    )


def stale(record: Any) -> list[str]:
    """List lines that were not measured, and measured ones that are no more."""
    written = {key for key, group in lines() if group[0].call}
    measured = set(record["native"])
    return sorted(
        [f"not measured: {key}" for key in written - measured]
        + [f"gone: {key}" for key in measured - written]
    )


def measure(record: Any, *, afresh: bool) -> Any:
    """Try the entries with the libraries' own functions: those that were not measured with these versions, or all."""
    missing = [f"{name}: {obstacle(name)}" for name in BACKENDS if obstacle(name) is not None]
    if missing:
        raise SystemExit(f"cannot measure without {'; '.join(missing)}")
    now = {name: versions(name) for name in BACKENDS}
    known = record["native"] if not afresh and record["versions"] == now else {}
    found: dict[str, Any] = {}
    for key, group in lines():
        if not group[0].call:
            continue
        found[key] = known[key] if key in known else {name: outcomes(group, name) for name in BACKENDS}
    return {"versions": now, "native": found}


def written(record: Any) -> str:
    """Write what was measured as JSON, a line of the ledger in a line of the file."""
    rows = [
        f"  {json.dumps(key)}: {json.dumps(seen, sort_keys=True)}"
        for key, seen in sorted(record["native"].items())
    ]
    versions = json.dumps(record["versions"], sort_keys=True)
    return f'{{\n "versions": {versions},\n "native": {{\n' + ",\n".join(rows) + "\n }\n}\n"


def outcomes(group: list[Entry], backend: str) -> dict[str, Any]:
    """Give what a library's own function does with the entries of a line."""
    row = Row(backend, backend)
    seen = {entry.dtype: native(entry, backend) for entry in group if takes(row, entry)}
    different = {dtype: each.shown for dtype, each in seen.items() if not each.same}
    narrow = None
    if registry.load(backend).hook("x64") is not None:
        first = next(entry for entry in group if entry.dtype in seen) if seen else None
        without = None if first is None else native(first, backend, wide=False)
        if first is not None and without is not None and without.shown != native(first, backend).shown:
            narrow = without.shown
    return {"tried": list(seen), "differs": different, "by default": narrow}


def versions(backend: str) -> dict[str, str]:
    """Give the versions of a backend's library, and where it runs."""
    known = dict((registry.load(backend).hook("versions") or dict)())
    device = usable(backend)[0]
    where = "CPU build: its kernels run on the CPU" if device.emulated else device.description
    return {name: known[name] for name in (backend, f"{backend}lib") if name in known} | {"on": where}


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
    text = [
        INTRODUCTION.format(classes=f"`floats`: {', '.join(CLASSES['floats'])}"),
        *summary(record, everything),
    ]
    for chapter, group in groupby(everything, key=lambda pair: pair[1][0].chapter):
        text += section(record, chapter, list(group))
    return "\n".join(text).rstrip() + "\n"


def summary(record: Any, everything: list[tuple[str, list[Entry]]]) -> Iterator[str]:
    """Write the counts and what was measured."""
    counts = Counter(verdict(record, key, group) for key, group in everything)
    also = sum(1 for _, group in everything if group[0].checked and not group[0].reason)
    tries = sum(len(group) for _, group in everything if group[0].call)
    yield "## Summary\n"
    yield f"{len(everything)} lines; with each of their dtypes counted, {tries} calls.\n"
    yield "| answer | lines |"
    yield "| --- | ---: |"
    for name in ANSWERS:
        more = f" (and {also} of the lines above)" if name == ON_REQUEST else ""
        yield f"| {name} | {counts[name]}{more} |"
    yield ""
    yield "| library | differs in | with |"
    yield "| --- | ---: | --- |"
    for backend in BACKENDS:
        differs = sum(
            1 for key, group in everything if not group[0].reason and different(record, key, backend)
        )
        told = ", ".join(
            f"{value}" if name == "on" else f"{name} {value}"
            for name, value in record["versions"][backend].items()
        )
        yield f"| {TITLES[backend]} | {differs} lines | {told} |"
    narrow = sum(1 for key, _ in everything if record["native"].get(key, {}).get("jax", {}).get("by default"))
    yield f"\nWithout its 64-bit mode JAX's own functions give another result in {narrow} lines; accel's do not.\n"


def different(record: Any, key: str, backend: str) -> dict[str, str]:
    """Give what a library does in another way, by dtype."""
    found: dict[str, str] = record["native"].get(key, {}).get(backend, {}).get("differs", {})
    return found


def section(record: Any, chapter: str, group: list[tuple[str, list[Entry]]]) -> Iterator[str]:
    """Write one chapter."""
    title = chapter.replace("_", " ")
    yield f"## {title[0].upper()}{title[1:]}\n"
    settled = [(key, found) for key, found in group if not found[0].is_pattern]
    same = [(key, found) for key, found in settled if verdict(record, key, found) == SAME]
    others = [(key, found) for key, found in settled if verdict(record, key, found) in (MENDED, ON_REQUEST)]
    left = [(key, found) for key, found in settled if verdict(record, key, found) == OPEN]
    if others:
        yield (
            "### Mended in the backend\n"
            if all(not found[0].reason for _, found in others)
            else "### Mended in the backend, or checked on request\n"
        )
        yield "| op | case | accel | NumPy | JAX | CuPy | answer |"
        yield "| --- | --- | --- | --- | --- | --- | --- |"
        for key, found in others:
            columns = (column(record, key, found, backend) for backend in BACKENDS)
            yield table_row(test(found[0]), *case(found[0]), *columns, answered(record, key, found))
        yield ""
    if left:
        yield "### Left open\n"
        yield "| op | case | reason | NumPy | JAX | CuPy |"
        yield "| --- | --- | --- | --- | --- | --- |"
        for key, found in left:
            entry = found[0]
            columns = (column(record, key, found, backend) for backend in BACKENDS)
            shown = f"{entry.case}<br>`{entry.call}`" if entry.call else entry.case
            yield table_row(test(entry), shown, entry.reason, *columns)
        yield ""
    if same:
        yield "### The same by nature\n"
        yield "| op | case | accel, NumPy, JAX and CuPy |"
        yield "| --- | --- | --- |"
        for _, found in same:
            yield table_row(test(found[0]), *case(found[0]))
        yield ""
    patterns = [(key, found) for key, found in group if found[0].is_pattern]
    if patterns:
        yield "### Special cases of real numbers\n"
        yield REAL_CASES
        yield "| op | the same by nature | mended in the backend |"
        yield "| --- | --- | --- |"
        for op, each in groupby(patterns, key=lambda pair: pair[1][0].op):
            yield real_cases(record, op, list(each))
        yield ""


def test(entry: Entry) -> str:
    """Name an op, with a link to its test."""
    name = entry.op if entry.op == "native operators" else f"`{entry.op}`"
    return f'[{name}](../tests/test_ledger.py "test_ledger[...-{entry.op}]")' if entry.call else name


def case(entry: Entry) -> tuple[str, str]:
    """Write a case in words, and the call with what it gives."""
    return entry.case, f"`{entry.call}`<br>→ {meaning(entry)}"


def answered(record: Any, key: str, group: list[Entry]) -> str:
    """Write the answer of a line: which backends mend it, and whether it is checked."""
    if verdict(record, key, group) == ON_REQUEST:
        return f"{ON_REQUEST}: {group[0].reason}"
    who = ", ".join(TITLES[backend] for backend in BACKENDS if different(record, key, backend))
    return f"{MENDED}: {who}{', and ' + ON_REQUEST if group[0].checked else ''}"


def meaning(entry: Entry) -> str:
    """Write what is promised."""
    said = (
        f"raises `{entry.raises}`" if entry.raises else f"`{entry.result}`" if entry.result else "left open"
    )
    return f"{said}; checked raises `{entry.checked}`" if entry.checked else said


def column(record: Any, key: str, group: list[Entry], backend: str) -> str:
    """Write what one library's own function does with a line: for several dtypes, with the first that differs."""
    tried = record["native"].get(key, {}).get(backend, {}).get("tried", [])
    found = different(record, key, backend)
    if not tried:
        return "not there" if group[0].call else ""
    if not found:
        return "same"
    shown = plain(next(iter(found.values())))
    return shown if len(found) == len(tried) else f"{', '.join(found)}: {shown}"


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
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit with 1 if the page is out of date"
    )
    parser.add_argument(
        "--measure", action="store_true", help="ask the libraries about new lines, and write docs/ledger.json"
    )
    parser.add_argument("--afresh", action="store_true", help="with --measure: ask them about every line")
    options = parser.parse_args(None if arguments is None else list(arguments))
    if options.measure:
        found = measure(load(), afresh=options.afresh)
        RECORD.write_text(written(found), encoding="utf-8")
    record = load()
    if problems := stale(record):
        sys.stderr.write("\n".join([*problems, ""]))
        return 1
    if options.check:
        return int(not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page(record))
    PAGE.write_text(page(record), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
