"""Conformance: the whole matrix against one backend, for those who write one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

import accel
import accel.placement as placement
import accel.registry as registry
from accel.dispatch import specs
from accel.errors import ArgumentError, BackendUnavailableError
from accel.testing.rows import Row, obstacle, rows
from accel.testing.source import script
from accel.testing.trial import Verdict, try_cell, try_mistakes

__all__ = ["Report", "cells", "conformance", "plain", "rows_of", "selected"]

STATUSES = ("failed", "known", "unsupported", "passed", "not run")
"""Of the verdicts on one op the first of these tells most: a row that has no such cell says nothing beside one that has it."""


@dataclass(frozen=True)
class Report:
    """What came of a conformance run.

    Attributes
    ----------
    backend : str
        Name of the backend.
    device : str
        Where it ran.
    seed : int
        What the draws began with.
    verdicts : tuple of Verdict
        One for each row, op and part, in the order in which they were tried.
    """

    backend: str
    device: str
    seed: int
    verdicts: tuple[Verdict, ...]

    @property
    def failures(self) -> tuple[Verdict, ...]:
        """The verdicts of what did not keep its promise."""
        return tuple(v for v in self.verdicts if v.status == "failed")

    @property
    def ops(self) -> dict[str, str]:
        """Name of each op -> the status that tells most about it, over all rows and parts."""
        found: dict[str, str] = {}
        for verdict in self.verdicts:
            found[verdict.op] = min(found.get(verdict.op, STATUSES[-1]), verdict.status, key=STATUSES.index)
        return found

    def raise_for_failures(self) -> None:
        """Raise AssertionError with the whole report if anything failed, or if nothing ran at all."""
        if self.failures or not any(v.examples for v in self.verdicts):
            raise AssertionError(str(self))

    def __str__(self) -> str:
        return "\n".join([*_failed(self), *_table(self)])


def _failed(report: Report) -> Iterator[str]:
    for verdict in report.failures:
        yield f"FAILED  accel.{verdict.op} on {verdict.row} ({verdict.part})"
        yield f"    {verdict.message}"
        if verdict.counterexample is not None:
            yield ""
            code = script(verdict.op, verdict.counterexample, report.backend)
            yield from (f"        {line}".rstrip() for line in code.strip().splitlines())
        yield ""


def _table(report: Report) -> Iterator[str]:
    counts = Counter(report.ops.values())
    shown = ", ".join(f"{counts[s]} {s}" for s in ("passed", "failed", "known", "unsupported", "not run"))
    examples = sum(v.examples for v in report.verdicts)
    seconds = sum(v.seconds for v in report.verdicts)
    yield f"{report.backend} on {report.device}: {len(report.ops)} ops: {shown}"
    yield f"{examples} calls compared in {seconds:.1f} s, seed {report.seed}"
    told = {v.op: v.message for v in report.verdicts if v.status in ("unsupported", "known")}
    told |= {v.op: v.message for v in report.verdicts if v.status == "not run" and v.part == "results"}
    for status in ("known", "unsupported", "not run"):
        names = [op for op, found in report.ops.items() if found == status]
        if names:
            yield ""
            yield f"{status}:"
            width = max(map(len, names))
            yield from (f"    {name:{width}}  {told.get(name, '')}".rstrip() for name in names)
    partly = {v.message for v in report.verdicts if v.status == "passed" and v.left_out and v.message}
    for message in sorted(partly):
        yield ""
        yield f"note: {message}"


def selected(pattern: str) -> tuple[str, ...]:
    """List the ops that match one of some patterns.

    Parameters
    ----------
    pattern : str
        Names as in the shell, with ``*`` and ``?``; several with commas: ``"linalg.*,add"``.

    Raises
    ------
    ArgumentError
        If there is no such op.
    """
    wanted = [part.strip() for part in pattern.split(",")]
    for part in wanted:
        if not any(fnmatchcase(op, part) for op in specs):
            raise ArgumentError(
                f"No op is called {part!r}; write a name such as 'add' or 'linalg.svd', or a pattern such as 'fft.*'."
            )
    return tuple(op for op in specs if any(fnmatchcase(op, part) for part in wanted))


def plain(backend: str) -> Row:
    """Give the row of a backend as it is."""
    return next((row for row in rows() if row.name == backend), Row(backend, backend))


def rows_of(backend: str) -> tuple[Row, ...]:
    """List the rows made of a backend: as it is, and the virtual ones that are not for deep runs only."""
    first = plain(backend)
    return (first, *(r for r in rows() if r.backend == backend and not r.nightly and r.name != backend))


def cells(row: Row, op: str, *, examples: int, seed: int) -> Iterator[tuple[str, Callable[[], Verdict]]]:
    """Give the parts of one cell, each with what tries it."""
    yield "results", lambda: try_cell(row, op, examples=examples, seed=seed)
    if row.name == row.backend:  # virtual rows promise the errors of eager calls no second time
        yield "errors", lambda: try_mistakes(row, op)


def conformance(
    backend: str,
    *,
    ops: str = "*",
    examples: int = 50,
    seed: int = 0,
    device: accel.Device | str | None = None,
) -> Report:
    """Compare a backend with NumPy, op by op: values, dtypes, shapes, devices and errors.

    Parameters
    ----------
    backend : str
        A registered backend; also one of another distribution.
    ops : str
        Which ops, as a pattern of the shell (``"linalg.*"``); several with commas.
    examples : int
        How many calls to draw for each op.
    seed : int
        The same seed draws the same calls.
    device : Device or str, optional
        One of the backend's devices; by default the backend's second one if it has several, so that a result that lands on a
        default device is found.

    Returns
    -------
    Report
        Its ``str`` is for reading: failures first, each with a program that shows it. ``report.raise_for_failures()`` makes a
        test of it.

    Raises
    ------
    BackendUnavailableError
        If the backend cannot be loaded or has no usable device.
    DeviceNotFoundError
        If ``device`` names none of its usable devices.
    ArgumentError
        If no op matches ``ops``, or ``device`` is another backend's.

    Notes
    -----
    An op that the backend does not have, or has marked as `accel.backend.unsupported`, counts as unsupported and not as failed; so
    do not the dtypes float16 and bfloat16, which the standard does not know: calls with dtypes that are absent from the backend are left out and counted.

    Examples
    --------
    >>> from accel.testing import conformance
    >>> report = conformance("numpy", ops="add,sort", examples=5)
    >>> report.failures
    ()
    >>> report.raise_for_failures()
    """
    registry.load(backend)
    reason = obstacle(backend)
    if reason is not None:
        raise BackendUnavailableError(f"The backend {backend!r} cannot run here: {reason}.")
    names = selected(ops)
    chosen = list(rows_of(backend))
    if device is not None:
        found = (
            placement.resolve_beside(device, registry.load(backend)) if isinstance(device, str) else device
        )
        if found.backend != backend:
            raise ArgumentError(
                f"accel.testing.conformance got the device {found}, which is not one of {backend}'s."
            )
        chosen = [row.on(found) for row in chosen]
    verdicts = [
        attempt()
        for op in names
        for row in chosen
        for _, attempt in cells(row, op, examples=examples, seed=seed)
    ]
    return Report(backend, str(chosen[0].device), seed, tuple(verdicts))
