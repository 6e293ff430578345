"""The closing table: each contender's time for one call, and its ratio to the native one of the same run."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from importlib import metadata
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--table", type=Path, default=None, help="also write the closing table to this Markdown file"
    )


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    session = getattr(config, "_benchmarksession", None)
    if session is None or not session.benchmarks:
        return
    lines = list(table(session.benchmarks))
    terminalreporter.section("overhead")
    terminalreporter.write_line("\n".join(lines))
    target: Path | None = config.getoption("--table")
    if target is not None:
        # What checked mode costs stands in docs/checked.md, and what random numbers do in docs/random.md.
        elsewhere = ("test_checked_mode", "test_random")
        overhead = [
            each for each in session.benchmarks if not any(name in each.fullname for name in elsewhere)
        ]
        target.write_text("\n".join([header(), *table(overhead), ""]), encoding="utf-8")


def header() -> str:
    """Say what the page is, and on what it was made."""
    libraries = ("numpy", "jax", "cupy", "array-api-compat", "autoray", "keras", "plum-dispatch")
    installed = {d.metadata["Name"]: d.version for d in metadata.distributions()}
    versions = ", ".join(f"{name} {installed[name]}" for name in libraries if name in installed)
    return f"""\
# Benchmarks

What dispatch costs on top of the library's own call, on arrays of 4 elements, where it shows most. Made by
`nox -s bench -- --table docs/benchmarks.md`, all rows in one run; a time is the fastest of many rounds, and the machine is not
a quiet one, so read the ratios within a table. Python {platform.python_version()}, {os.cpu_count()} cores; {versions}.

"accel" is the dispatched function (`accel.add`), "accel, bound" the one of `accel.namespace(x)`; the ratio is to the native call in
the first row. "jax float64" is 64-bit data in a process whose JAX is set to 32 bits, as it is by default: accel enters JAX's 64-bit scope
for each call; the native functions outside of it lose half of the digits in all but `add`, so compare with the row inside. "cupy" is whatever CuPy the machine has; on
the build whose kernels run on the CPU its times say little."""


def table(benchmarks: list[Any]) -> Iterator[str]:
    """Write one Markdown table for a group; a time is the fastest of all rounds, which other jobs disturb least."""
    for group, members in groupby(benchmarks, key=lambda b: b.group):
        rows = [(b.name, b.stats.min / b.extra_info["calls"]) for b in members if b.stats.data]
        if not rows:
            continue
        base = rows[0][1]
        unit, scale = ("ms", 1e3) if base > 1e-3 else ("ns", 1e9)
        yield from ("", f"**{group}**", "", f"| contender | {unit} a call | over the first, {unit} | ratio |")
        yield "| --- | ---: | ---: | ---: |"
        for name, seconds in rows:
            yield f"| {name} | {seconds * scale:.0f} | {(seconds - base) * scale:+.0f} | {seconds / base:.2f} |"
