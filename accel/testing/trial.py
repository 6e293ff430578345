"""A trial: one op on one row of the matrix, run outside of pytest, and what came of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, reduce
from time import perf_counter
from typing import Any
from zlib import crc32

import numpy as np
from hypothesis import HealthCheck, Phase, Verbosity, given, reject, settings
from hypothesis import seed as seeded
from hypothesis.errors import Unsatisfiable

import accel
import accel.errors as errors
import accel.registry as registry
from accel.dispatch import Spec, specs
from accel.dtype import DType
from accel.errors import AccelError
from accel.testing.cases import Case
from accel.testing.columns import table
from accel.testing.known import Deviation, known
from accel.testing.matrix import compare
from accel.testing.mistakes import Mistake, mistakes
from accel.testing.rows import REFERENCE, Row, obstacle

__all__ = ["SLOW_TO_DRAW", "Verdict", "complain", "missing", "refused", "try_cell", "try_mistakes"]

SLOW_TO_DRAW = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large)
"""Health checks that a case with several arrays may fail without harm."""


@dataclass(frozen=True, eq=False)
class Verdict:
    """What came of one trial.

    Attributes
    ----------
    row, op : str
        The cell of the matrix.
    part : str
        ``"results"``: right calls give what the reference gives. ``"errors"``: wrong calls get the error that is promised.
    status : str
        ``"passed"``; ``"failed"``; ``"known"``: passed, but for cases that a list of known deviations names, which were left
        out; ``"unsupported"``: the backend knowingly lacks the op; ``"not run"``: the row has no such cell, or cannot run here.
    examples : int
        Calls that were really made and compared, up to the first failure; those that shrank it are not counted.
    left_out : int
        Calls that were drawn and not made, since they are known to deviate or the backend lacks a dtype of theirs.
    message : str
        What differs in the smallest counterexample, why it was not run, or which deviations are known.
    counterexample : Case or None
        The smallest case found that fails.
    seconds : float
        How long it took.
    """

    row: str
    op: str
    part: str
    status: str
    examples: int = 0
    left_out: int = 0
    message: str = ""
    counterexample: Case | None = None
    seconds: float = 0.0

    def __str__(self) -> str:
        what = f"accel.{self.op} on {self.row}, {self.part}: {self.status}"
        return f"{what}: {self.message}" if self.message else what


def missing(row: Row, op: str) -> str | None:
    """Give the reason why the backend of a row knowingly lacks an op, or None if it has it."""
    backend = registry.load(row.backend)
    found = reduce(lambda space, part: getattr(space, part, None), op.split("."), backend.namespace)
    if found is None:
        return f"{backend.namespace.__name__} has no {op}"
    reason: str | None = getattr(found, "__unsupported__", None)
    return reason


@cache
def _lacked(backend: str) -> frozenset[str]:
    """Name the dtypes that a backend does not have."""
    import accel.dtype as dtype

    names = (name for name in dtype.__all__ if getattr(registry.load(backend).namespace, name, None) is None)
    return frozenset(names)


def _offers(row: Row, case: Case) -> bool:
    """Tell whether the backend of a row has every dtype of a case."""
    named = {x.name for x in (*case.args, *case.kwargs.values()) if isinstance(x, DType)}
    return not _lacked(row.backend) & (named | {x.dtype.name for x in case.arrays()})


def _idle(row: Row, op: str, part: str) -> Verdict | None:
    """Give the verdict on a cell that is not tried at all, or None."""
    reason = obstacle(row.backend)
    if reason is not None:
        return Verdict(row.name, op, part, "not run", message=reason)
    if not row.runs(specs[op]):
        return Verdict(row.name, op, part, "not run", message=f"the row {row} has no {op}")
    reason = missing(row, op)
    return None if reason is None else Verdict(row.name, op, part, "unsupported", message=reason)


class _Search:
    """The body of one Hypothesis run: draws a case, compares it, and keeps the last one that failed, which is the smallest."""

    def __init__(self, row: Row, spec: Spec) -> None:
        self.row, self.spec = row, spec
        self.examples = self.left_out = 0
        self.lacking = False
        self.met: dict[Deviation, None] = {}
        self.found: tuple[Case, Exception] | None = None

    def __call__(self, case: Case) -> None:
        if not self.row.takes(self.spec, case):
            reject()
        deviation = next((d for d in known(self.row, self.spec.name) if d.covers(case)), None)
        offered = _offers(self.row, case)
        if deviation is not None or not offered:
            self.left_out += self.found is None
            self.lacking |= not offered
            if deviation is not None:
                self.met[deviation] = None
            reject()
        self.examples += self.found is None  # what shrinks a counterexample is no further evidence
        try:
            compare(self.row, self.spec, case)
        except Exception as error:
            self.found = case, error
            raise


def try_cell(row: Row, op: str, *, examples: int = 50, seed: int = 0) -> Verdict:
    """Try right calls of an op on a row: whether they give what the reference gives.

    Parameters
    ----------
    row : Row
        Where to run it.
    op : str
        Name of the spec.
    examples : int
        How many calls to draw.
    seed : int
        The same row, op and seed draw the same calls, with one version of Hypothesis.

    Returns
    -------
    Verdict
        With the smallest counterexample that Hypothesis could find, if there is any.

    Examples
    --------
    >>> from accel.testing.rows import Row
    >>> try_cell(Row("numpy", "numpy"), "add", examples=5).status
    'passed'
    """
    idle = _idle(row, op, "results")
    if idle is not None:
        return idle
    search, began = _Search(row, specs[op]), perf_counter()

    @seeded(crc32(f"{row.name} {op} {seed}".encode()))
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        print_blob=False,
        report_multiple_bugs=False,
        suppress_health_check=(*SLOW_TO_DRAW, HealthCheck.nested_given),
        verbosity=Verbosity.quiet,
    )
    @given(table[op].cases)
    def trial(case: Case) -> None:
        search(case)

    status, message, counterexample = "passed", "", None
    try:
        trial()
    except Unsatisfiable:
        status = "not run"
    except Exception as error:
        status, message = "failed", f"{type(error).__name__}: {error}"  # drawing a case may fail, too
        if search.found is not None:
            counterexample, cause = search.found
            message = _told(row, op, counterexample, cause)
            if type(error) is not type(cause):  # Hypothesis could not make it fail again
                message += f" (it does not fail each time: {type(error).__name__})"
    if status != "failed":
        if search.met:
            status, message = "known", "; ".join(f"{d.case or 'any case'}: {d.reason}" for d in search.met)
        elif search.left_out:
            names = ", ".join(sorted(_lacked(row.backend)))
            message = f"cases with {names} were left out, which {row.backend} lacks"
    return Verdict(
        row.name, op, "results", status, search.examples, search.left_out, message, counterexample, perf_counter() - began
    )  # fmt: skip


def _told(row: Row, op: str, case: Case, error: Exception) -> str:
    """Give what an error says, without the call, which stands beside it."""
    text = str(error).removeprefix(f"accel.{op}{case!r} on {row}: ")
    return text if isinstance(error, AssertionError) else f"{type(error).__name__}: {text}"


def refused(row: Row, op: str, case: Case) -> Exception:
    """Give the error that a wrong call gets on a row, after seeing that it wrote to no input.

    Raises
    ------
    AssertionError
        If the call is not refused, or has changed an input.
    """
    own: list[Any] = []

    def put(x: Any) -> Any:
        own.append(row.put(x))
        return own[-1]

    native = case.map(put)
    try:
        with np.errstate(all="ignore"):
            result = row.call(specs[op], native.args, native.kwargs)
    except Exception as error:
        caught = error
    else:
        raise AssertionError(f"accel.{op}{case!r} on {row} raised nothing, it gave {result!r}")
    for before, after in zip(case.arrays(), own, strict=True):
        assert before.tobytes() == np.asarray(accel.to_numpy(after)).tobytes(), "an input was written to"
    return caught


@cache
def _at_home(mistake: Mistake) -> type[Exception]:
    """Give the class of the error on the reference."""
    return type(refused(Row(REFERENCE, REFERENCE), mistake.op, mistake.case))


def complain(row: Row, mistake: Mistake) -> None:
    """See that a wrong call is refused as its spec says, by the same error as on the reference.

    Raises
    ------
    AssertionError
        If it gets no error, another one, or one whose message is not a sentence that names the op.
    """
    error = refused(row, mistake.op, mistake.case)
    shown = f"accel.{mistake.op}{mistake.case!r} on {row} raised {type(error).__name__}: {error}"
    assert isinstance(error, mistake.error), f"{shown}; promised is {mistake.error.__name__}"
    if type(error) is not OverflowError:
        assert isinstance(error, AccelError), f"{shown}; it is not an error of accel's"
        home = getattr(errors, type(error).__name__, None)
        assert type(error) is home, f"{shown}; it is not in accel.errors"
    same = _at_home(mistake)
    assert type(error) is same, f"{shown}; on {REFERENCE} it is {same.__name__}"
    message, name = str(error), mistake.op.rpartition(".")[2]
    assert re.search(rf"\b{re.escape(name)}\b", message), f"{shown}; it does not name the op"
    sentence = "\n" not in message and message.endswith(".") and len(message) < 400
    assert sentence, f"{shown}; that is no sentence"


@cache
def _mistakes_by_op() -> dict[str, tuple[Mistake, ...]]:
    found: dict[str, tuple[Mistake, ...]] = dict.fromkeys(specs, ())
    for mistake in mistakes():
        found[mistake.op] += (mistake,)
    return found


def try_mistakes(row: Row, op: str) -> Verdict:
    """Try wrong calls of an op on a row: whether each gets the error that is promised.

    Parameters
    ----------
    row : Row
        Where to run it; errors are promised for eager calls.
    op : str
        Name of the spec.

    Returns
    -------
    Verdict
        Of several failures, the first is the counterexample, and the message counts them.
    """
    idle = _idle(row, op, "errors")
    if idle is not None:
        return idle
    listed, began = _mistakes_by_op()[op], perf_counter()
    if not listed:
        return Verdict(row.name, op, "errors", "not run", message="no wrong calls are listed")
    tried = [m for m in listed if _offers(row, m.case)]
    failures = list(_failures(row, tried))
    status, message, counterexample = "passed", "", None
    if failures:
        first, error = failures[0]
        status, counterexample = "failed", first.case
        more = f" ({len(failures)} of {len(tried)} wrong calls)" if len(failures) > 1 else ""
        message = f"{first.what}: {_told(row, op, first.case, error)}{more}"
    return Verdict(
        row.name, op, "errors", status, len(tried), len(listed) - len(tried), message, counterexample, perf_counter() - began
    )  # fmt: skip


def _failures(row: Row, tried: list[Mistake]) -> Iterator[tuple[Mistake, Exception]]:
    for mistake in tried:
        try:
            complain(row, mistake)
        except Exception as error:
            yield mistake, error
