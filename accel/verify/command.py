"""The command ``accel verify``: a plan, a session, and what it says in the end."""

from __future__ import annotations

import argparse
import json
import platform
import signal
import sys
import threading
import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import accel.registry as registry
from accel.doctor import installation
from accel.errors import ArgumentError
from accel.testing.conformity import selected
from accel.testing.known import FOLDER
from accel.testing.ledger import entries
from accel.verify.page import render, verdict
from accel.verify.plan import MissingError, Placed, place, steps
from accel.verify.progress import Progress, span
from accel.verify.session import PARTS, Session, failed, write

__all__ = ["carry_out"]

GOOD, BAD, WRONG, MISSING, INTERRUPTED = 0, 1, 2, 3, 130
"""Exit statuses."""

NAMED = ("backends", "devices", "ops", "examples", "points", "seed", "emulated")
"""What a run is made of: only one that was asked for the same can be gone on with."""


class UsageError(Exception):
    """Arguments that do not go together or name nothing."""


def carry_out(arguments: argparse.Namespace) -> int:
    """Carry out the command; give its exit status."""
    try:
        return _carry_out(arguments)
    except (UsageError, ArgumentError) as error:
        sys.stderr.write(f"accel verify: {error}\n")
        return WRONG
    except MissingError as error:
        sys.stderr.write(f"accel verify: {error}\n")
        return MISSING


def _carry_out(arguments: argparse.Namespace) -> int:
    for name in arguments.backend:
        if name not in registry.names():
            raise UsageError(
                f"There is no backend {name!r}; the announced ones are: {', '.join(registry.names())}."
            )
    for path in (arguments.report, arguments.json):
        if path is not None and not path.resolve().parent.is_dir():
            raise UsageError(f"There is no folder {path.resolve().parent} to write {path.name} into.")
    earlier = None if arguments.resume is None else _earlier(arguments.resume)
    asked = _asked(arguments, earlier)
    ops = selected(asked["ops"])
    placed, not_run = place(asked["backends"], asked["devices"], emulated=asked["emulated"])
    if not placed:
        reasons = "; ".join(f"{each['what']}: {each['reason']}" for each in not_run)
        raise MissingError(f"Nothing can run: {reasons}.")
    todo = steps(placed, ops)
    busy = {step.placed.id for step in todo}
    placed = [each for each in placed if each.id in busy]
    record = _blank(asked, placed, not_run, len(todo)) | _kept(earlier, {step.key for step in todo})
    session = Session(record, arguments.json or arguments.resume)
    done = sum(len(record[part]) for part in PARTS)
    progress, status = Progress(len(todo), done), GOOD
    try:
        with _Stop() as stop:
            session.save()
            for entry in session.run(todo, lambda step: progress.step(str(step)), lambda: stop.asked):
                if entry["status"] == "failed":
                    progress.wipe()
                    sys.stderr.write(f"failed: {_line(entry, record)}\n")
    except KeyboardInterrupt:
        status = INTERRUPTED
    progress.wipe()
    session.save()
    if arguments.report is not None:
        write(arguments.report, render(record))
    sys.stdout.write(_told(record, arguments, session.path))
    return status or (BAD if failed(record) else GOOD)


class _Stop:
    """Counts requests to stop, by Ctrl-C or as a CI system makes them; the second one stops at once.

    An interruption in the midst of a trial could be taken for a failure of what is tried.
    """

    def __init__(self) -> None:
        self.asked = 0
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> _Stop:
        if threading.current_thread() is threading.main_thread():
            self._before = {sign: signal.signal(sign, self._ask) for sign in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, *_error: object) -> None:
        for sign, handler in self._before.items():
            signal.signal(sign, handler)

    def _ask(self, _number: int, _frame: object) -> None:
        self.asked += 1
        if self.asked > 1:
            raise KeyboardInterrupt
        sys.stderr.write("\nstopping after this step; once more to stop at once\n")


def _earlier(path: Path) -> dict[str, Any]:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be gone on with: {error}.") from error
    if not isinstance(record, dict) or record.get("schema") != 1 or "asked" not in record:
        raise UsageError(
            f"{path} cannot be gone on with: it is not what `accel verify --json` of this version writes."
        )
    version = installation.version()
    if record["accel"]["version"] != version:
        raise UsageError(
            f"{path} was written by accel {record['accel']['version']}, and this is {version}; start anew."
        )
    return record


def _asked(arguments: argparse.Namespace, earlier: dict[str, Any] | None) -> dict[str, Any]:
    """Give what is asked for; what an earlier run was asked for counts, and nothing else may be asked beside it."""
    now: dict[str, Any] = {
        "backends": arguments.backend,
        "devices": arguments.device,
        "ops": arguments.ops,
        "examples": arguments.examples,
        "points": arguments.points,
        "seed": 0 if arguments.seed is None else arguments.seed,
        "emulated": arguments.emulated,
    }
    if earlier is None:
        return now
    before: dict[str, Any] = earlier["asked"]
    plain = {
        "backends": [],
        "devices": [],
        "ops": "*",
        "examples": 20,
        "points": 2000,
        "seed": 0,
        "emulated": False,
    }
    for name in NAMED:
        if now[name] not in (plain[name], before[name]):
            raise UsageError(
                f"{arguments.resume} was made with {name} {before[name]!r}, and {now[name]!r} cannot be mixed into it; start anew."
            )
    return before


def _kept(earlier: dict[str, Any] | None, keys: set[tuple[str, str, str, str]]) -> dict[str, Any]:
    """Give what an earlier run has done of these steps."""
    if earlier is None:
        return {}
    kept: dict[str, Any] = {name: earlier[name] for name in ("started", "seconds")}
    for part in PARTS:
        kept[part] = [
            entry
            for entry in earlier[part]
            if (part, entry["row"], entry["op"], entry.get("part") or entry.get("dtype") or "") in keys
        ]
    return kept


def _blank(
    asked: dict[str, Any], placed: list[Placed], not_run: list[dict[str, str]], planned: int
) -> dict[str, Any]:
    ran = {each.row.backend for each in placed}
    return {
        "schema": 1,
        "accel": {"version": installation.version(), "location": installation.location()},
        "python": {
            "version": platform.python_version(),
            "platform": f"{platform.system()} {platform.machine()}",
        },
        "processor": _processor(),
        "asked": asked,
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": 0.0,
        "planned": planned,
        "complete": False,
        "rows": [each.record() for each in placed],
        "not_run": not_run,
        "conformance": [],
        "accuracy": [],
        "ledger": [],
        "deviations": list(_deviations(ran)),
        "open": _open(),
    }


def _deviations(backends: set[str]) -> Iterator[dict[str, str]]:
    """List what is known to deviate on some backends: cells of the matrix, and operators of the native arrays."""
    for backend in sorted(backends):
        file = FOLDER / f"{backend}.toml"
        lists = tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        for entry in (*lists.get("matrix", ()), *lists.get("deviation", ())):
            named = {name: entry.get(name, "") for name in ("row", "op", "case", "reason", "link", "since")}
            yield {"backend": backend, **named}


def _open() -> list[dict[str, str]]:
    """List what the ledger leaves open, once for all dtypes."""
    found = {
        (e.op, e.case): {"op": e.op, "case": e.case, "call": e.call, "reason": e.reason, "checked": e.checked}
        for e in entries()
        if e.reason
    }
    return list(found.values())


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _line(entry: dict[str, Any], record: dict[str, Any]) -> str:
    what = entry.get("part") or entry.get("dtype") or "ledger"
    text = " ".join(entry["message"].split())
    text = text if len(text) < 200 else text[:197] + "..."
    emulated = any(row["id"] == entry["row"] and row["emulated"] for row in record["rows"])
    return f"accel.{entry['op']}, {entry['row']}{' [EMULATED]' if emulated else ''} ({what}): {text}"


def _told(record: dict[str, Any], arguments: argparse.Namespace, kept: Path | None) -> str:
    """Write the summary for the terminal."""
    lines = [verdict(record)]
    for row in record["rows"]:
        own = [e for e in record["conformance"] if e["row"] == row["id"]]
        count = Counter(e["status"] for e in own)
        calls = sum(e["examples"] for e in own)
        measured = [e for e in record["accuracy"] if e["row"] == row["id"] and "max_ulp" in e]
        told = sum(e["entries"] for e in record["ledger"] if e["row"] == row["id"])
        bad = sum(e["status"] == "failed" for part in PARTS for e in record[part] if e["row"] == row["id"])
        mark = " [EMULATED]" if row["emulated"] else ""
        known = f" ({count['known']} with known deviations)" if count["known"] else ""
        lines.append(
            f"  {row['id']}{mark}: {calls} calls compared{known}, {len(measured)} functions measured, {told} ledger entries, {bad} failed"
        )
    lines += [f"  NOT RUN: {n['what']}: {n['reason']}" for n in record["not_run"]]
    lines.append(f"{span(record['seconds'])}, seed {record['asked']['seed']}")
    if arguments.report is not None:
        lines.append(f"report: {arguments.report}")
    if not record["complete"] and kept is not None:
        lines.append(f"to go on: python -m accel verify --resume {kept}")
    return "\n".join(lines) + "\n"
