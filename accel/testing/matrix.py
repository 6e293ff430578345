"""One cell of the matrix: whether a row gives for a case what the reference gives."""

from __future__ import annotations

from typing import Any

import numpy as np

import accel
from accel.dispatch import Spec
from accel.testing.agreement import placed, structure
from accel.testing.cases import Case
from accel.testing.columns import table
from accel.testing.rows import REFERENCE, Row, dispatched

__all__ = ["agrees", "compare", "expect"]


def expect(spec: Spec, case: Case) -> Any:
    """Give what the reference makes of a case, in the form that its column compares."""
    # Floating-point warnings are NumPy's own affair; infinities and nan are compared as results.
    with np.errstate(all="ignore"), accel.use_device(REFERENCE):
        copies = case.map(np.copy)
        return table[spec.name].seen(dispatched(spec)(*copies.args, **copies.kwargs))


def agrees(row: Row, spec: Spec, case: Case, expected: Any) -> None:
    """Run a case on a row, compare the result with what was expected, and see that the inputs are as they were."""
    column = table[spec.name]
    own: list[Any] = []

    def put(x: Any) -> Any:
        own.append(row.put(x))
        return own[-1]

    with np.errstate(all="ignore"):
        native = case.map(put)
        try:
            result = column.seen(row.call(spec, native.args, native.kwargs))
            column.check(spec, case, expected, structure(expected, result))
            placed(result, row)
        except AssertionError as error:
            raise AssertionError(f"accel.{spec.name}{case!r} on {row}: {error}") from None
        except Exception as error:
            error.add_note(f"in accel.{spec.name}{case!r} on {row}; the reference gives {expected!r}")
            raise
    if row.reads_inputs_back:
        for before, after in zip(case.arrays(), own, strict=True):
            same = before.tobytes() == np.asarray(accel.to_numpy(after)).tobytes()
            assert same, f"accel.{spec.name}{case!r} on {row} wrote to an input: it is {after!r} now"


def compare(row: Row, spec: Spec, case: Case) -> None:
    """Run a case on the reference and on a row, and compare the results."""
    agrees(row, spec, case, expect(spec, case))
