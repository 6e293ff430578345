"""Errors: a wrong call gets the same error on every backend, in one sentence that names the op, and changes nothing."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from accel.dispatch import specs
from accel.errors import AccelError, MixedBackendsError
from accel.testing.agreement import structure
from accel.testing.cases import Case
from accel.testing.columns import table
from accel.testing.mistakes import Mistake, mistakes, plausible, with_all_arrays
from accel.testing.rows import REFERENCE, Row, dispatched
from accel.testing.strategies import ANY, POOLS
from accel.testing.trial import complain

HOME = Row(REFERENCE, REFERENCE)


@pytest.mark.parametrize("mistake", list(mistakes()), ids=str)
def test_mistake(plain_row: Row, mistake: Mistake) -> None:
    """A wrong call is refused as its spec says, by the same error on every backend."""
    complain(plain_row, mistake)


SEVERAL = [op for op, s in specs.items() if len(s.arrays) > 1 or any(p.is_sequence for p in s.arrays)]


@pytest.mark.parametrize("op", SEVERAL)
def test_two_backends(other_row: Row, op: str) -> None:
    """Arrays of two backends in one call are refused, whichever comes first."""
    case = with_all_arrays(specs[op])
    count = len(case.arrays())
    for odd in range(min(count, 2) if count > 1 else 0):
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
