"""Write docs/deviations.md from tests/deviations/*.toml: `python docs/make_deviations.py`, or with `--check` only compare."""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "deviations.md"

INTRODUCTION = """\
# Deviations

What differs from the Array API standard, or from NumPy's results, and is left so. Each entry is an expected failure of the tests, and strict: one that
passes fails the run. This page is made by `python docs/make_deviations.py` from `tests/deviations/`; do not edit it.

The functions of accel and of its backends' namespaces conform. What remains lives on the native array object: accel neither wraps nor patches
the arrays of NumPy, CuPy and JAX, so their operators, attributes and in-place updates are the library's own. Where the result of an operator
matters on every backend, write the function: `accel.floor_divide(x, y)` for `x // y`.
"""


def page() -> str:
    """Write the page."""
    return "\n".join([INTRODUCTION, *(line for path in sources() for line in section(path))])


def sources() -> list[Path]:
    """List the files that name deviations."""
    return sorted((ROOT / "tests" / "deviations").glob("*.toml"))


def section(path: Path) -> Iterator[str]:
    """Write the section of one backend."""
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    entries: list[dict[str, Any]] = content.get("deviation", [])
    tests = {test for entry in entries for test in entry.get("conformance", ())}
    yield f"## {path.stem}\n"
    some = sum(bool(set(entry.get("conformance", ())) and entry.get("rows")) for entry in entries)
    yield f"{len(tests)} tests of the conformance suite fail for these reasons{', in all rows together' if some else ''}.\n"
    yield "| what | case | reason | tests |"
    yield "| --- | --- | --- | ---: |"
    for entry in entries:
        rows = f" (row {', '.join(entry['rows'])})" if entry.get("rows") else ""
        yield row(entry, f"{len(entry.get('conformance', ()))}{rows}")
    if cells := content.get("matrix"):
        yield "\nCells of the test matrix that are left out:\n"
        yield "| op | case | reason | row |"
        yield "| --- | --- | --- | --- |"
        for entry in cells:
            yield row(entry, entry.get("row", "all"))
    yield ""


def row(entry: dict[str, Any], last: str) -> str:
    """Write one line of a table."""
    link = f" ([link]({entry['link']}))" if entry.get("link") else ""
    texts = (f"`{entry['op']}`", entry["case"] or "every case", entry["reason"] + link, last)
    return "| " + " | ".join(text.replace("|", "\\|") for text in texts) + " |"


def main() -> int:
    """Write the page, or tell whether it is as it would be written."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit with 1 if the page is out of date"
    )
    if parser.parse_args().check:
        return int(not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page())
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
