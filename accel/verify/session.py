"""A session: steps that are made one after another, kept in a file as they come, and not made twice."""

from __future__ import annotations

import json
import math
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from accel.dispatch import specs
from accel.errors import UnsupportedError
from accel.testing.accuracy import measure
from accel.testing.cases import Case
from accel.testing.ledger import Entry, entries, takes, try_checked, try_entry
from accel.testing.oracle import dtype_of
from accel.testing.rows import Row
from accel.testing.source import script
from accel.testing.trial import missing, try_cell, try_mistakes
from accel.verify.plan import Step

__all__ = ["PARTS", "Session", "failed", "write"]

PARTS = ("conformance", "accuracy", "ledger")
"""The lists of the record that the steps fill."""

PAUSE = 20.0
"""The file is written again after so many times the seconds that writing it took, and at the end in any case."""


def number(x: complex) -> float | str:
    """Give what stands for a number in JSON."""
    if isinstance(x, complex):
        return repr(x)
    return float(x) if math.isfinite(x) else str(float(x))


def failed(record: dict[str, Any]) -> bool:
    """Tell whether anything in a record is not as promised."""
    return any(entry["status"] == "failed" for part in PARTS for entry in record[part])


def write(path: Path, text: str) -> None:
    """Write a file as a whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).chmod(0o666 & ~_mask())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _mask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


class Session:
    """A record that grows.

    Parameters
    ----------
    record : dict
        As the docstring of `accel.verify` has it; what stands in it already is not done again.
    path : Path or None
        Where it is kept.
    """

    def __init__(self, record: dict[str, Any], path: Path | None) -> None:
        self.record = record
        self.path = path
        self._before = record["seconds"]
        self._began = self._saved = perf_counter()
        self._cost = 0.0

    def run(
        self, steps: list[Step], progress: Callable[[Step], None], stops: Callable[[], int] = lambda: 0
    ) -> Iterator[dict[str, Any]]:
        """Make the steps that are not made yet.

        Parameters
        ----------
        steps : list of Step
            All of them, the finished ones too.
        progress : callable
            Is told what is being done.
        stops : callable
            How often the run was asked to stop. The first time the step is finished first.

        Yields
        ------
        dict
            What came of each, in the record already.

        Raises
        ------
        KeyboardInterrupt
            If the run was asked to stop.
        """
        done = {_key(part, entry) for part in PARTS for entry in self.record[part]}
        asked = self.record["asked"]
        for step in steps:
            if step.key in done:
                continue
            if stops():
                raise KeyboardInterrupt
            progress(step)
            began = perf_counter()
            with np.errstate(all="ignore"):
                entry = _make(step, asked["examples"], asked["points"], asked["seed"])
            if (
                stops() > 1
            ):  # what was interrupted says nothing, even where a library has swallowed the interruption
                raise KeyboardInterrupt
            entry["seconds"] = round(perf_counter() - began, 4)
            self.record[step.part].append(entry)
            if perf_counter() - self._saved > PAUSE * self._cost:
                self.save()
            yield entry
        self.record["complete"] = True

    def save(self) -> None:
        """Write the record to its file."""
        began = perf_counter()
        self.record["seconds"] = round(self._before + began - self._began, 2)
        if self.path is not None:
            write(self.path, json.dumps(self.record, allow_nan=False))
        self._saved = perf_counter()
        self._cost = self._saved - began


def _key(part: str, entry: dict[str, Any]) -> tuple[str, str, str, str]:
    return part, entry["row"], entry["op"], entry.get("part") or entry.get("dtype") or ""


def _make(step: Step, examples: int, points: int, seed: int) -> dict[str, Any]:
    row = step.placed.row
    head = {"row": step.placed.id, "op": step.op}
    if step.part == "conformance":
        return head | _conformance(row, step.op, step.about, examples, seed)
    if step.part == "accuracy":
        return head | _accuracy(row, step.op, step.about, points, seed)
    return head | _ledger(row, step.op)


def _conformance(row: Row, op: str, part: str, examples: int, seed: int) -> dict[str, Any]:
    right = part == "results"
    verdict = try_cell(row, op, examples=examples, seed=seed) if right else try_mistakes(row, op)
    case = verdict.counterexample
    return {
        "chapter": specs[op].chapter,
        "part": part,
        "status": verdict.status,
        "examples": verdict.examples,
        "left_out": verdict.left_out,
        "message": verdict.message,
        "call": None if case is None else f"accel.{op}{case!r}",
        "script": None if case is None else script(op, case, _place(row)),
    }


def _place(row: Row) -> str | Row:
    """Give what a program names to compute where a row does: its device, or the row itself where that adds something."""
    return str(row.device) if row.name == row.backend else row


def _accuracy(row: Row, op: str, dtype: str, points: int, seed: int) -> dict[str, Any]:
    head: dict[str, Any] = {"dtype": dtype, "status": "not run", "points": 0, "message": "", "script": None}
    reason = missing(row, op)
    if reason is not None:
        return head | {"message": reason}
    try:
        found = measure(op, dtype, row, points=points, seed=seed)
    except UnsupportedError as error:
        return head | {"message": str(error)}
    except Exception as error:
        return head | {"status": "failed", "message": f"{type(error).__name__}: {error}"}
    told = {
        "points": found.points,
        "max_ulp": number(found.max_ulp),
        "mean_ulp": number(found.mean_ulp),
        "promise": None if found.promise is None else number(found.promise),
        "worst": [number(x) for x in found.worst],
        "got": number(found.got),
        "truth": found.truth,
        "curve": [[number(x), number(y)] for x, y in found.curve],
    }
    if found.kept:
        return head | told | {"status": "passed"}
    shown = ", ".join(map(repr, found.worst))
    message = f"{op}({shown}) is {found.got!r}, {found.max_ulp:.4g} ulp from {found.truth}; the promise is {found.promise:g}"
    return (
        head | told | {"status": "failed", "message": message, "script": _shown(row, op, dtype, found.worst)}
    )


def _shown(row: Row, op: str, dtype: str, worst: tuple[complex, ...]) -> str:
    kind = dtype_of(dtype)
    if op not in specs or not specs[op].arrays:
        case = Case(worst)
    else:
        case = Case(tuple(np.asarray(x, dtype=kind) for x in worst))
    return script(op, case, _place(row))


def _ledger(row: Row, op: str) -> dict[str, Any]:
    tried = [entry for entry in entries() if entry.op == op and takes(row, entry)]
    failures = []
    for entry in tried:
        for attempt in (try_entry, *((try_checked,) if entry.checked else ())):
            try:
                attempt(entry, row)
            except Exception as error:
                text = str(error) if isinstance(error, AssertionError) else f"{type(error).__name__}: {error}"
                failures.append(
                    {
                        "case": str(entry.case),
                        "call": str(entry.call),
                        "message": text,
                        "script": _entry_script(row, entry, attempt.__name__),
                    }
                )
    return {
        "status": "failed" if failures else "passed" if tried else "not run",
        "entries": len(tried),
        "message": f"{failures[0]['message']} ({len(failures)} of {len(tried)} entries)" if failures else "",
        "failures": failures,
    }


def _entry_script(row: Row, entry: Entry, attempt: str) -> str:
    return (
        f"from accel.testing.ledger import {attempt}, entries\n"
        "from accel.testing.rows import Row, rows\n\n"
        f"row = next((r for r in rows() if r.name == {row.name!r}), Row({row.name!r}, {row.backend!r}))\n"
        f"entry = next(e for e in entries() if str(e) == {str(entry)!r} and e.call == {entry.call!r})\n"
        f"{attempt}(entry, row)\n"
    )
