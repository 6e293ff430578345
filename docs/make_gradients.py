"""Write docs/gradients.md from docs/gradients.json: `python docs/make_gradients.py`.

With `--measure`, check every op of the table first, also its second derivative and ``accel.vmap`` of it, and record the numbers in the
JSON (about ten minutes). With `--check`, write nothing: exit with 1, and the reasons, if the page is not what the JSON says, or if the
JSON and the table do not go together.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from itertools import groupby
from pathlib import Path
from typing import Any

import jax
import numpy as np

from accel.dispatch import specs
from accel.testing.gradients import table
from accel.testing.gradients.check import NOISE, TURNED, Found, check, form

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "gradients.md"
RECORDS = ROOT / "docs" / "gradients.json"

SEEDS = 2

Record = dict[str, Any]

INTRODUCTION = f"""\
# Gradients

Of which ops in which arguments there are derivatives, and whether they are the right ones. This page is made by
`python docs/make_gradients.py` from `docs/gradients.json`, which `python docs/make_gradients.py --measure` records; do not edit it.

`accel.grad`, `vjp` and `jvp` run under JAX on every backend; arrays of NumPy and CuPy are lent to it. So the derivatives below are those of
the ops on JAX arrays, in float64, and `tests/test_gradients.py` sees that arrays of the other backends get the same numbers. A gradient has the
dtype and the shape of the argument; for complex numbers it is JAX's, which is not conjugated.

- **derivative in**: the arguments; all that hold floating-point arrays where a call has more.
- **error**: largest distance of the derivative along a random direction from central differences with three steps and Richardson's
  extrapolation (shorter steps where these do not settle), as a share of the largest slope or value; of several calls with random numbers that lie away from kinks and ends of domains. A
  test fails where it exceeds what the last step of the extrapolation changed plus {NOISE} eps of the largest value over the step. All numbers and
  steps are short binary fractions, so that no argument is rounded.
- **second**: the same for the second derivative along a direction.
- **backward**: largest difference between backward and forward mode, in eps of the sum of magnitudes that either adds up (a test fails
  beyond {TURNED:g}).
- **vmap**: largest distance of `accel.vmap` of the op from a loop, in eps of the largest result.

Where a function has a kink (`abs` at 0, `max` of equal elements) a derivative is one of those beside it, or between them.
"""


def records(ops: str) -> Iterator[tuple[str, Record]]:
    """Check and measure the ops of a pattern."""
    for name in sorted(name for name, entry in table.items() if entry.calls and fnmatch(name, ops)):
        entry, found = table[name], Found()
        wanted: dict[str, None] = {}
        try:
            for number in range(len(entry.calls)):
                wanted |= dict.fromkeys(form(name, number).wanted)
                for seed in range(SEEDS):
                    found.more(check(name, number, seed, orders=2, vmapped=True))
        except AssertionError as error:  # the others are measured all the same, and this one is missed below
            sys.stderr.write(f"{name} FAILED: {error}\n")
            continue
        numbers = {key: float(f"{value:.2g}") for key, value in vars(found).items()}
        orders = min(call.orders for call in entry.calls)
        by = entry.calls[0].by
        yield name, {"in": list(wanted), "orders": orders, "by": by, "calls": len(entry.calls), **numbers}
        sys.stderr.write(f"{name} {numbers}\n")


def page(content: dict[str, Any]) -> str:
    """Write the page."""
    found = content["ops"]
    lines = [INTRODUCTION, f"Measured with {content['made by']}.", ""]
    own = sorted(
        specs.values(), key=lambda s: (s.part in ("extra", "nn", "random"), s.part, s.chapter, s.name)
    )
    for (part, chapter), members in groupby(own, key=lambda s: (s.part, s.chapter)):
        each = [spec.name for spec in members]
        smooth = [name for name in each if table[name].kind == "smooth"]
        title = chapter.rpartition(".")[2].replace("_", " ")
        lines += [f"## {'accel.' + part + ': ' if part else ''}{title}", ""]
        if smooth:
            lines += [
                "| op | derivative in | error | second | backward | vmap | |",
                "| --- | --- | ---: | ---: | ---: | ---: | --- |",
            ]
            lines += [row(name, found[name]) for name in smooth] + [""]
        rest = [name for name in each if name not in smooth]
        for (kind, note), names in groupby(sorted(rest, key=_reason), key=_reason):
            what = "Zero" if kind == "constant" else "None"
            lines += [f"- {what}, {note}: {', '.join(f'`{name}`' for name in names)}."]
        lines += [""] if rest else []
    return "\n".join(lines).rstrip() + "\n"


def _reason(name: str) -> tuple[str, str]:
    return table[name].kind, table[name].note


def row(name: str, found: Record) -> str:
    """Write the row of a differentiable op."""
    second = f"{found['second']:.1e}" if found["orders"] == 2 else ""
    error = f"{found['error']:.1e}"
    if found["by"] == "distribution":
        error = second = ""
    cells = (
        f"`{name}`",
        ", ".join(f"`{each}`" for each in found["in"]),
        error,
        second,
        f"{found['turned']:.1f}",
        f"{found['mapped']:.1f}",
        table[name].note,
    )
    return "| " + " | ".join(cells) + " |"


def complaints(content: dict[str, Any]) -> Iterator[str]:
    """Tell in what the records and the table do not go together."""
    known = {name for name, entry in table.items() if entry.calls}
    for name in sorted(known ^ set(content["ops"])):
        yield f"{name} {'was not measured' if name in known else 'is not in the table'}"
    for name in sorted(known & set(content["ops"])):
        if content["ops"][name]["calls"] != len(table[name].calls):
            yield f"{name} was measured on other calls"


def written(content: dict[str, Any]) -> str:
    """Write the JSON: a line for each op, so that differences can be read."""
    ops = ",\n".join(f"{json.dumps(name)}: {json.dumps(found)}" for name, found in content["ops"].items())
    return f'{{\n"made by": {json.dumps(content["made by"])},\n"ops": {{\n{ops}\n}}\n}}\n'


def main() -> int:
    """Measure, write or check."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--measure", action="store_true", help="measure first (about ten minutes)")
    what.add_argument(
        "--check", action="store_true", help="write nothing; exit with 1 if the page is out of date"
    )
    parser.add_argument(
        "--ops", default="*", metavar="GLOB", help="with --measure: renew the numbers of these alone"
    )
    asked = parser.parse_args()
    if asked.measure:
        made = f"JAX {jax.__version__} on the CPU and NumPy {np.__version__}"
        found = dict(records(asked.ops))
        if asked.ops != "*":
            kept = json.loads(RECORDS.read_text(encoding="utf-8"))["ops"]
            found = dict(sorted((kept | found).items()))
        RECORDS.write_text(written({"made by": made, "ops": found}), encoding="utf-8")
    content = json.loads(RECORDS.read_text(encoding="utf-8"))
    wrong = list(complaints(content))
    if wrong:
        sys.stderr.write("\n".join([*wrong, "run: python docs/make_gradients.py --measure", ""]))
        return 1
    if asked.check:
        return int(not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page(content))
    PAGE.write_text(page(content), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
