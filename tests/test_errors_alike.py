"""Errors: a wrong call gets the same error on every backend, in one sentence that names the op, and changes nothing."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import numpy as np
import pytest

import accel
import accel.errors as errors
from accel.dispatch import specs
from accel.errors import AccelError, MixedBackendsError
from accel.testing.agreement import structure
from accel.testing.cases import Case
from accel.testing.columns import table
from accel.testing.mistakes import Mistake, mistakes, plausible, with_all_arrays
from accel.testing.rows import REFERENCE, Row, dispatched
from accel.testing.strategies import ANY, POOLS

HOME = Row(REFERENCE, REFERENCE)


def refused(row: Row, op: str, case: Case) -> Exception:
    """Give the error that a call gets, after seeing that it wrote to no input."""
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
        pytest.fail(f"accel.{op}{case!r} on {row} raised nothing, it gave {result!r}")
    for before, after in zip(case.arrays(), own, strict=True):
        assert before.tobytes() == np.asarray(accel.to_numpy(after)).tobytes(), "an input was written to"
    return caught


@cache
def at_home(mistake: Mistake) -> type[Exception]:
    """Give the class of the error on the reference."""
    return type(refused(HOME, mistake.op, mistake.case))


@pytest.mark.parametrize("mistake", list(mistakes()), ids=str)
def test_mistake(plain_row: Row, mistake: Mistake) -> None:
    """A wrong call is refused as its spec says, by the same error on every backend."""
    error = refused(plain_row, mistake.op, mistake.case)
    shown = f"accel.{mistake.op}{mistake.case!r} on {plain_row} raised {type(error).__name__}: {error}"
    assert isinstance(error, mistake.error), f"{shown}; promised is {mistake.error.__name__}"
    if type(error) is not OverflowError:
        assert isinstance(error, AccelError), shown
        assert type(error) is getattr(errors, type(error).__name__, None), (
            f"{shown}; it is not in accel.errors"
        )
    same = at_home(mistake)
    assert type(error) is same, f"{shown}; on {HOME} it is {same.__name__}"
    message = str(error)
    assert re.search(rf"\b{re.escape(mistake.op.rpartition('.')[2])}\b", message), (
        f"{shown}; it does not name the op"
    )
    sentence = "\n" not in message and message.endswith(".") and len(message) < 400
    assert sentence, f"{shown}; that is no sentence"


SEVERAL = [op for op, s in specs.items() if len(s.arrays) > 1 or any(p.is_sequence for p in s.arrays)]


@pytest.mark.parametrize("op", SEVERAL)
def test_two_backends(other_row: Row, op: str) -> None:
    """Arrays of two backends in one call are refused, whichever comes first."""
    case = with_all_arrays(specs[op])
    count = len(case.arrays())
    for odd in range(min(count, 2)):
        turn = iter(range(count))
        native = case.map(lambda x: other_row.put(x) if next(turn) == odd else x)  # noqa: B023 - used at once
        with pytest.raises(MixedBackendsError) as caught:
            dispatched(specs[op])(*native.args, **native.kwargs)
        message = str(caught.value)
        missing = {other_row.backend, REFERENCE, "to_device"} - set(re.findall(r"\w+", message))
        assert not missing, f"{message!r} does not say {missing}"


def _outcome(row: Row, op: str, case: Case) -> Any:
    """Give a result, or the class of the error."""
    native = case.map(row.put)
    try:
        return row.call(specs[op], native.args, native.kwargs)
    except Exception as error:
        return type(error)


@pytest.mark.parametrize("op", [op for op, s in specs.items() if s.arrays and s.dtypes != "any"])
def test_other_dtypes(other_row: Row, op: str) -> None:
    """For dtypes that the standard leaves out, the backends agree as well: on the result, or on the error."""
    spec, wrong = specs[op], []
    with np.errstate(all="ignore"):
        for dtype in ANY:
            if dtype in POOLS[spec.dtypes] or dtype == "float16":
                continue
            case = plausible(spec, dtype)
            expected, got = _outcome(HOME, op, case), _outcome(other_row, op, case)
            if isinstance(expected, type) or isinstance(got, type):
                name, other = (x.__name__ if isinstance(x, type) else "a result" for x in (expected, got))
                if expected is not got:
                    wrong.append(f"{dtype}: {other}, where {HOME} gives {name}")
                elif not issubclass(expected, AccelError):
                    wrong.append(f"{dtype}: {name} is not an error of accel's")
                continue
            try:
                table[op].check(spec, case, expected, structure(expected, got))
            except AssertionError as error:
                wrong.append(f"{dtype}: {error}")
    assert not wrong, f"accel.{op} on {other_row}: " + "; ".join(wrong)
