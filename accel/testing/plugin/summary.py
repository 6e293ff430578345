"""The report of a run: which backends are asked for, and which of them really ran, on which device."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest

import accel
from accel.testing.plugin import NAME
from accel.testing.plugin.target import Target, chosen, required

__all__ = ["header", "note", "write"]

OUTCOMES = ("passed", "failed", "skipped", "xfailed", "xpassed", "error")
DEVICE, OBSTACLE = "accel_device", "accel_not_run"
"""What, beside the name, the reports of tests carry, so that a summary can be made wherever they arrive; pytest's JUnit file has them, too."""


def note(item: pytest.Item, name: str, *, device: str | None = None, obstacle: str | None = None) -> None:
    """Write on a test what it runs on: the name of its backend, then either the device or what is in the way."""
    for key, value in ((NAME, name), (DEVICE, device), (OBSTACLE, obstacle)):
        if value is not None and (key, value) not in item.user_properties:
            item.user_properties.append((key, value))


def header(config: pytest.Config) -> list[str]:
    """Say which backends are asked for, and describe those that will be loaded in any case."""
    needed = required(config)
    named = config.getoption("--accel-backends") and not config.option.collectonly
    lines = [f"accel {accel.__version__}: tests run on {', '.join(map(str, chosen(config)))}"]
    for target in chosen(config):
        if named or target in needed:
            must = " (required)" if target in needed else ""
            lines.append(f"  {target}{must}: {_state(target)}")
    return lines


def _state(target: Target) -> str:
    obstacle = target.obstacle()
    return target.describe() if obstacle is None else f"NOT RUN, {obstacle}"


@dataclass
class Line:
    """What became of the tests of one backend."""

    devices: set[str] = field(default_factory=set)
    obstacles: set[str] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def add(self, outcome: str, report: Any, noted: dict[str, str]) -> None:
        """Count a test."""
        self.counts[outcome] += 1
        self.seconds += getattr(report, "duration", 0.0)
        self.devices |= {noted[DEVICE]} if DEVICE in noted else set()
        self.obstacles |= {noted[OBSTACLE]} if OBSTACLE in noted else set()

    def __str__(self) -> str:
        ran = " and ".join(sorted(self.devices))
        why = ", ".join(sorted(self.obstacles))
        state = ran or (f"NOT RUN, {why}" if why else "NOT RUN")
        shown = ", ".join(f"{self.counts[outcome]} {outcome}" for outcome in OUTCOMES if self.counts[outcome])
        return f"{state}: {shown or 'no test was selected'}; {self.seconds:.0f} s"


def write(terminal: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Write which backends really ran, if any test was about one."""
    lines: dict[str, Line] = {}
    for outcome in OUTCOMES:
        for report in terminal.stats.get(outcome, ()):
            noted = dict(getattr(report, "user_properties", ()))
            if NAME in noted:
                lines.setdefault(noted[NAME], Line()).add(outcome, report, noted)
    if not lines:
        return
    for target in map(str, chosen(config)):
        if not any(name == target or name.startswith(f"{target}-") for name in lines):
            lines[target] = Line()
    terminal.section("accel: what really ran")
    for name, line in lines.items():
        colour = {} if line.devices else {"red": True, "bold": True}
        terminal.write_line(f"{name}: {line}", **colour)
