"""Special cases: what the docstrings of the elementwise functions say of infinities, zeros and nan holds on every backend.

The lines of operands, ``inf, any -> nan``, of one op are tried in one call, with numbers that fit them (`accel.testing.special`);
lines that are calls are for `test_ledger`.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import accel
from accel.dispatch import specs
from accel.testing.agreement import ulps
from accel.testing.cases import Case
from accel.testing.ledger import blocks
from accel.testing.rows import Row, rows
from accel.testing.special import trials

assert callable(accel.add), "the chapters load with the first op"

OPS = [op for op, spec in specs.items() if spec.chapter == "elementwise"]
TRACED = [row for row in rows() if row.compiles]


def lines(op: str) -> Iterator[tuple[str, tuple[float, ...], Any]]:
    """Give each line that is about real numbers, with numbers that fit it and the result that it promises."""
    for _, line in blocks(inspect.getdoc(specs[op].function) or ""):
        left, _, right = (part.strip() for part in line.partition("->"))
        for given, wanted in trials(specs[op], left, right):
            yield line, given, wanted


def wrong_lines(row: Row, op: str, dtype: str) -> list[str]:
    """Try all lines of an op in one call, and write down each that is not true."""
    tried = list(lines(op))
    spec = specs[op]
    columns = [
        np.asarray(numbers, dtype=dtype) for numbers in zip(*(given for _, given, _ in tried), strict=True)
    ]
    with np.errstate(all="ignore"):
        got = accel.to_numpy(row.call(spec, tuple(map(row.put, columns)), {}))
    wanted = np.asarray([w for _, _, w in tried]).astype(got.dtype)
    rounded = [
        w in (math.pi, -math.pi) or (isinstance(w, float) and w != 0 and w % 0.5 != 0) for _, _, w in tried
    ]
    wrong = []
    for (line, given, _), mine, theirs, is_rounded in zip(tried, got, wanted, rounded, strict=True):
        try:
            ulps(spec.ulp if is_rounded and got.dtype.kind == "f" else 0)(spec, Case(), theirs, mine)
        except AssertionError:
            wrong.append(f"{line}: {op}({', '.join(map(str, given))}) is {mine!r}")
    return wrong


@pytest.mark.parametrize("op", [op for op in OPS if any(lines(op))])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_special_cases(plain_row: Row, op: str, dtype: str) -> None:
    """Each line of the docstring about special values is true."""
    wrong = wrong_lines(plain_row, op, dtype)
    assert not wrong, f"on {plain_row} in {dtype}: " + "; ".join(wrong)


@pytest.mark.parametrize("op_", [op for op in OPS if any(lines(op))])
@pytest.mark.parametrize("row", TRACED, ids=str)
def test_special_cases_compiled(row: Row, op_: str, runnable: Callable[[Row], None]) -> None:
    """Each line is true in a compiled function too."""
    runnable(row)
    wrong = wrong_lines(row, op_, "float32")
    assert not wrong, f"on {row}: " + "; ".join(wrong)


def test_the_docstrings_are_understood() -> None:
    """Most special cases are in the form that the test reads."""
    understood = {(op, line) for op in OPS for line, _, _ in lines(op)}
    assert len(understood) > 250
