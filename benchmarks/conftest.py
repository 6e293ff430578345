"""The closing table: each contender's time for one call, and its ratio to the native one of the same run."""

from __future__ import annotations

from collections.abc import Iterator
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
        target.write_text("\n".join(lines) + "\n")


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
