"""The report as text for a person: at most a hundred columns, aligned, in colour only on a terminal."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterator

from accel.doctor.examination import Record

__all__ = ["report"]

WIDTH = 100
LABEL = 10
"""Width of the column that says what a line is about."""


def report(found: Record, *, colour: bool = False) -> str:
    """Write a report out.

    Parameters
    ----------
    found : dict
        What `examine` gave.
    colour : bool
        Whether to mark what is usable and what is not with terminal colours.
    """
    return "\n".join(_lines(found, colour)) + "\n"


def _lines(found: Record, colour: bool) -> Iterator[str]:
    own = found["accel"]
    yield f"accel {own['version']}, Python {found['python']['version']}, {found['python']['platform']}"
    yield own["location"]
    for backend in found["backends"]:
        yield ""
        yield from _backend(backend, colour)
    yield ""
    yield from _choice(found)
    if found["required"]:
        yield ""
    for required in found["required"]:
        yield from _entry("required", _required(required, colour))
    problems = found["problems"]
    if problems:
        yield ""
        yield "Problems" if len(problems) > 1 else "Problem"
    for problem in problems:
        yield from _entry("  -", problem["text"])
        yield from _entry("  fix", problem["fix"])


def _backend(backend: Record, colour: bool) -> Iterator[str]:
    source = f"{backend['distribution']} {backend['distribution_version']}"
    yield f"{backend['name']:<{LABEL - 1}} {_verdict(backend['usable'], colour)}"
    yield from _entry("  backend", f"{backend['module']}, from {source}")
    versions = ", ".join(f"{name} {version}" for name, version in backend["versions"].items())
    yield from _entry(
        "  library", versions or ("version unknown" if backend["installed"] else "not installed")
    )
    names = [device["name"] for device in backend["devices"]]
    width = max(map(len, names), default=0)
    for device in backend["devices"]:
        marks = [device["description"], "emulated" if device["emulated"] else ""]
        text = f"{device['name']:<{width}}  {', '.join(filter(None, marks))}"
        yield from _entry("  device", text, hang=width + 2)
        if not device["usable"] and device["reason"] != backend["reason"]:
            yield from _entry("", f"not usable: {device['reason']}", hang=2)
    if backend["reason"] is not None:
        yield from _entry("  reason", backend["reason"])
    if backend["fix"] is not None:
        yield from _entry("  fix", backend["fix"].replace(" or pip ", "\nor pip "))
    for note in backend["notes"]:
        yield from _entry("  note", note["text"])
        if note["fix"] is not None:
            yield from _entry("  fix", note["fix"])


def _choice(found: Record) -> Iterator[str]:
    choice = found["choice"]
    if choice["device"] is None:
        yield "No device can be chosen"
        yield from _entry("  reason", choice["reason"])
        yield from _entry("  fix", choice["fix"] or "make one of the backends above usable")
        return
    yield f"Chosen where no device is named: {choice['device']} ({choice['description']})"
    yield from _entry("  rule", choice["rule"])
    unloaded = {b["name"] for b in found["backends"] if not b["usable"] and not b["devices"]}
    for passed in choice["passed_over"]:
        name, kind = passed.split(":")[:2]
        yield from _entry("  not", f"{name}:{kind}: {name} is not usable" if name in unloaded else passed)


def _required(required: Record, colour: bool) -> str:
    verdict = f"{required['name']} is {_verdict(required['usable'], colour)}"
    if required["usable"]:
        return f"{verdict}: {required['device']}{', emulated' if required['emulated'] else ''}"
    return f"{verdict}: {required['reason']}"


def _verdict(usable: bool, colour: bool) -> str:
    word = "usable" if usable else "not usable"
    return f"\x1b[{32 if usable else 31}m{word}\x1b[0m" if colour else word


def _entry(label: str, text: str, hang: int = 0) -> Iterator[str]:
    """Lay a text out beside its label; its own line ends are kept, its lines of dashes are not."""
    first = f"{label:<{LABEL}}"
    for line in text.splitlines() or [""]:
        line = line.strip()
        if not line.strip("=-*# "):
            continue
        yield from _wrapped(first, line, hang)
        first = " " * LABEL


def _wrapped(first: str, text: str, hang: int = 0) -> list[str]:
    return textwrap.wrap(
        text,
        width=min(WIDTH, max(40, shutil.get_terminal_size((WIDTH, 24)).columns)),
        initial_indent=first if first.endswith(" ") else first + " ",
        subsequent_indent=" " * (LABEL + hang),
        break_long_words=False,
        break_on_hyphens=False,
    ) or [first]
