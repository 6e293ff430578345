"""Special cases: what the docstrings of the elementwise functions say of infinities, zeros and nan holds on every backend.

The docstrings are read: each line ``operands -> result`` under "Special cases" and "Settled by accel" that is about single real
numbers is tried with numbers that fit it. Lines in prose, about integers or complex numbers are not for this test.
"""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import pytest

import accel
from accel.dispatch import specs
from accel.testing.agreement import ulps
from accel.testing.cases import Case
from accel.testing.rows import Row

assert callable(accel.add), "the chapters load with the first op"

OPS = [op for op, spec in specs.items() if spec.chapter == "elementwise"]

FINITE = (0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, -2.5, 2.0, -3.0, 7.0)
SAMPLES = (*FINITE, math.inf, -math.inf, math.nan)

NUMBERS = {
    "nan": math.nan,
    "inf": math.inf,
    "-inf": -math.inf,
    "pi": math.pi,
    "-pi": -math.pi,
    "pi/2": math.pi / 2,
    "-pi/2": -math.pi / 2,
    "pi/4": math.pi / 4,
    "-pi/4": -math.pi / 4,
    "3 pi/4": 3 * math.pi / 4,
    "-3 pi/4": -3 * math.pi / 4,
    "True": True,
    "False": False,
}

WORDS: dict[str, tuple[float, ...]] = {
    "any": SAMPLES,
    "finite": FINITE,
    "not nan": SAMPLES[:-1],
    "not 0": tuple(x for x in SAMPLES if x != 0),
    "not 1": tuple(x for x in SAMPLES if x != 1),
    "finite fraction": (0.5, -0.5, 1.5, -2.5),
}


def _number(text: str) -> Any:
    """Read a single number, or give None."""
    if text in NUMBERS:
        return NUMBERS[text]
    return float(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else None


def _is_odd(x: float) -> bool:
    return math.isfinite(x) and x % 2 == 1


def _operands(text: str) -> tuple[float, ...] | None:
    """Give the numbers that fit one operand of a line, or None where it is none about real numbers."""
    if text in WORDS:
        return WORDS[text]
    if text.startswith("+-") and _number(text[2:]) is not None:
        return (_number(text[2:]), -_number(text[2:]))
    if _number(text) is not None:
        return (_number(text),)
    found = re.fullmatch(r"(?:(-?\d+) < )?(finite |odd |other )?(abs\(x\d?\)|x\d?) ([<>]) (-?\d+)", text)
    if found is None:
        return None
    low, word, name, sign, limit = found.groups()
    chosen: tuple[float, ...] = FINITE if word == "finite " else SAMPLES
    sizes = [(abs(x) if name.startswith("abs") else x, x) for x in chosen]
    chosen = tuple(x for size, x in sizes if (size < float(limit) if sign == "<" else size > float(limit)))
    if low is not None:
        chosen = tuple(x for x in chosen if x > float(low))
    if word in ("odd ", "other "):
        chosen = tuple(x for x in chosen if _is_odd(x) == (word == "odd "))
    return chosen


def _result(text: str, given: tuple[float, ...]) -> Any:
    """Read a result, which may be one of the operands or its magnitude; None where it is prose."""
    found = re.fullmatch(r"(-)?(abs\()?x(\d?)\)?", text)
    if found is None:
        return _number(text)
    minus, magnitude, position = found.groups()
    value = given[int(position or 1) - 1]
    value = abs(value) if magnitude else value
    return -value if minus else value


@cache
def lines(op: str) -> tuple[tuple[str, str], ...]:
    """Read the lines ``operands -> result`` of a docstring."""
    text = inspect.getdoc(specs[op].function) or ""
    found = re.findall(r"^ {4}(\S[^\n]*?) +-> (\S[^\n]*)$", text, flags=re.MULTILINE)
    return tuple((left, right.strip()) for left, right in found)


def trials(op: str) -> Iterator[tuple[str, tuple[float, ...], Any]]:
    """Give each line that is about real numbers, with numbers that fit it and the result that it promises."""
    count = len(specs[op].arrays)
    for left, right in lines(op):
        texts = [part.strip() for part in left.split(",")]
        if len(texts) != count:
            continue
        operands = [_operands(text) for text in texts]
        if any(chosen is None for chosen in operands):
            continue
        for given in product(*(chosen or () for chosen in operands)):
            wanted = _result(right, given)
            if wanted is not None:
                yield f"{left} -> {right}", given, wanted


@pytest.mark.parametrize("op", [op for op in OPS if any(trials(op))])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_special_cases(plain_row: Row, op: str, dtype: str) -> None:
    """Each line of the docstring about special values is true."""
    tried = list(trials(op))
    spec, row = specs[op], plain_row
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
    assert not wrong, f"on {row} in {dtype}: " + "; ".join(wrong)


def test_the_docstrings_are_understood() -> None:
    """Most special cases are in the form that the test reads."""
    understood = {(op, line) for op in OPS for line, _, _ in trials(op)}
    assert len(understood) > 250
