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
from accel.testing.rows import REFERENCE, Row, rows
from accel.testing.special import trials
from accel.testing.ulp import parts
from tests.depth import is_deep

assert callable(accel.add), "the chapters load with the first op"

OPS = [op for op, spec in specs.items() if spec.chapter == "elementwise"]
TRACED = [row for row in rows() if row.compiles and (is_deep() or not row.nightly)]


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


PARTS = (0.0, -0.0, 0.5, -0.5, 2.0, -2.0, math.inf, -math.inf, math.nan)
CORNERS = [complex(x, y) for x in PARTS for y in PARTS]


def takes_complex(op: str) -> bool:
    """Tell whether an op of one array is defined for complex numbers and is not left open at their corners."""
    spec = specs[op]
    return len(spec.parameters) == 1 and spec.dtypes in ("numeric", "floating-point") and op != "reciprocal"


@pytest.mark.parametrize("op", [op for op in OPS if takes_complex(op)])
@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
def test_complex_corners(other_row: Row, op: str, dtype: str) -> None:
    """Complex numbers on branch cuts, and with zero, infinite and nan parts, give the same on every backend.

    Only signs that C99 leaves open may differ: of a part beside a nan, and of zeros where both parts of the operand are infinite.
    """
    z = np.asarray(CORNERS, dtype=dtype)
    home = Row(REFERENCE, REFERENCE)
    with np.errstate(all="ignore"):
        expected, got = (
            np.asarray(accel.to_numpy(row.call(specs[op], (row.put(z),), {}))) for row in (home, other_row)
        )
    if expected.dtype.kind == "b":
        assert np.array_equal(expected, got)
        return
    a, b = (parts(x).reshape(len(z), -1) for x in (expected, got))
    open_sign = np.isnan(a).any(-1) | (np.isinf(np.real(z)) & np.isinf(np.imag(z)))
    a, b = (np.where(open_sign[:, np.newaxis], np.abs(part), part) for part in (a, b))
    special = ~np.isfinite(a) | (a == 0)
    same = ((a == b) & (np.signbit(a) == np.signbit(b))) | (np.isnan(a) & np.isnan(b))
    with np.errstate(invalid="ignore"):
        size = np.linalg.vector_norm(np.where(np.isfinite(a), a, 0), axis=-1, keepdims=True)
        near = np.abs(a - b) <= 8 * np.finfo(a.dtype).eps * size
    wrong = ~np.where(special, same, near).all(-1)
    assert not wrong.any(), f"{op} on {other_row}: " + ", ".join(
        f"{z[i]} gives {got[i]}, not {expected[i]}" for i in np.flatnonzero(wrong)
    )


def test_the_docstrings_are_understood() -> None:
    """Most special cases are in the form that the test reads."""
    understood = {(op, line) for op in OPS for line, _, _ in lines(op)}
    assert len(understood) > 250
