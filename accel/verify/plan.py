"""The plan: which rows run on which devices, which steps they take, and what does not run and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import accel
import accel.placement as placement
import accel.registry as registry
from accel.dispatch import specs
from accel.errors import AccelError
from accel.testing.accuracy import cells
from accel.testing.conformity import rows_of
from accel.testing.ledger import Entry, entries, takes
from accel.testing.rows import Lent, Row, obstacle, rows, usable

__all__ = ["MissingError", "Placed", "Step", "place", "steps"]


class MissingError(Exception):
    """A backend or device that was named, and is not usable."""


@dataclass(frozen=True)
class Placed:
    """A row on the device where it runs."""

    row: Row
    device: accel.Device

    @property
    def id(self) -> str:
        """What the row is called in the record."""
        return f"{self.row.name} on {self.device}"

    def record(self) -> dict[str, Any]:
        """Describe it, as the docstring of `accel.verify` has it."""
        backend = registry.load(self.row.backend)
        try:
            versions = {str(k): str(v) for k, v in (backend.hook("versions") or dict)().items()}
        except Exception as error:
            versions = {backend.name: f"unknown ({type(error).__name__}: {error})"}
        return {
            "id": self.id,
            "row": self.row.name,
            "backend": self.row.backend,
            "device": str(self.device),
            "kind": self.device.kind,
            "description": self.device.description,
            "emulated": self.device.emulated,
            "versions": versions,
        }


@dataclass(frozen=True)
class Step:
    """The smallest piece of work that is kept and not done again.

    Attributes
    ----------
    part : str
        ``"conformance"``, ``"accuracy"`` or ``"ledger"``.
    placed : Placed
        Where.
    op : str
        What.
    about : str
        For conformance ``"results"`` or ``"errors"``, for accuracy the dtype, else "".
    """

    part: str
    placed: Placed
    op: str
    about: str = ""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What tells it from every other step."""
        return self.part, self.placed.id, self.op, self.about

    def __str__(self) -> str:
        return " ".join(filter(None, (self.placed.id, self.part, self.op, self.about)))


def place(
    backends: list[str], devices: list[str], *, emulated: bool
) -> tuple[list[Placed], list[dict[str, str]]]:
    """Choose the rows and their devices; also say what is not run.

    Parameters
    ----------
    backends, devices : list of str
        Those that were named; without any, one device of each kind of each usable backend.
    emulated : bool
        Whether to take devices that only imitate their kind where they are not named.

    Raises
    ------
    MissingError
        If what was named is not usable.
    """
    not_run: list[dict[str, str]] = []
    chosen: list[accel.Device] = []
    for name in backends:
        reason = obstacle(name)
        if reason is not None:
            raise MissingError(f"The backend {name!r} cannot run here: {reason.rstrip('.')}.")
    if devices:
        chosen = [d for name in devices for d in _named(name, backends)]
        others = [n for n in registry.names() if n not in {d.backend for d in chosen}]
        not_run += [{"what": n, "reason": "it was not asked for"} for n in others]
    else:
        for name in registry.names():
            if backends and name not in backends:
                not_run.append({"what": name, "reason": "it was not asked for"})
                continue
            reason = obstacle(name)
            if reason is not None:
                not_run.append({"what": name, "reason": reason})
                continue
            chosen += _one_of_each_kind(name, not_run, emulated or name in backends)
    unusable = [d for n in {d.backend for d in chosen} for d in placement.listed(registry.load(n))]
    for device in unusable:
        why = placement.unusable_because(device)
        if why is not None:
            not_run.append({"what": str(device), "reason": why})
    placed = [Placed(row.on(d), d) for d in dict.fromkeys(chosen) for row in _rows(d.backend)]
    return placed, not_run


def _rows(backend: str) -> tuple[Row, ...]:
    """List the rows of a backend; how its arrays are lent and come back shows on the machine at hand."""
    return (*rows_of(backend), *(row for row in rows() if row.backend == backend and isinstance(row, Lent)))


def _named(name: str, backends: list[str]) -> list[accel.Device]:
    """Find the device that was named, in each of the named backends if it does not say which."""
    if not backends or name.partition(":")[0] in registry.names():
        wanted = [name]
    else:
        wanted = [f"{backend}:{name}" for backend in backends]
    try:
        found = [placement.resolve(each) for each in wanted]
    except AccelError as error:
        raise MissingError(str(error)) from error
    for device in found:
        if backends and device.backend not in backends:
            raise MissingError(
                f"The device {device} is not one of {' or '.join(backends)}; leave out --backend."
            )
    return found


def _one_of_each_kind(backend: str, not_run: list[dict[str, str]], emulated: bool) -> Iterator[accel.Device]:
    for kind, group in groupby(sorted(usable(backend), key=lambda d: d.kind), key=lambda d: d.kind):
        alike = list(group)
        real = [d for d in alike if emulated or not d.emulated]
        for device in alike:
            if device not in real:
                reason = f"it only imitates a {kind}; write --emulated or --backend {backend}"
                not_run.append({"what": str(device), "reason": f"{reason} ({device.description})"})
        if not real:
            continue
        # The second, where there are several, so that what lands on a default device is found.
        taken = real[:2][-1]
        yield taken
        rest = [str(d) for d in real if d is not taken]
        if rest:
            reason = f"of one kind one is run, {taken}; write --device {rest[0]}"
            not_run.append(
                {"what": f"{rest[0]} to {rest[-1]}" if len(rest) > 1 else rest[0], "reason": reason}
            )


def steps(placed: list[Placed], ops: tuple[str, ...]) -> list[Step]:
    """List the steps in the order in which they are made: row after row, so that kernels once compiled are met again."""
    told: dict[str, list[Entry]] = {}
    for entry in entries():
        told.setdefault(entry.op, []).append(entry)
    # What concerns no op more than others is run where all ops are.
    others = [op for op in told if op not in specs] if len(ops) == len(specs) else []
    found = []
    for each in placed:
        row, space = each.row, registry.load(each.row.backend).namespace
        running = [op for op in ops if row.runs(specs[op])]
        found += [Step("conformance", each, op, "results") for op in running]
        if row.name == row.backend:
            found += [Step("conformance", each, op, "errors") for op in ops]
        if row.name == row.backend or row.compiles:
            measured = [
                cell for cell in cells(complex=True) if cell[0] in running and hasattr(space, cell[1])
            ]
            found += [Step("accuracy", each, op, dtype) for op, dtype in measured]
        tried = [op for op in (*ops, *others) if any(takes(row, entry) for entry in told.get(op, ()))]
        found += [Step("ledger", each, op) for op in tried]
    return found
