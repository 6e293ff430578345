"""Special cases of real numbers: lines ``operands -> result`` of the docstrings, as calls with numbers that fit them."""

from __future__ import annotations

import math
import re
from itertools import product
from typing import Any

from accel.dispatch import Spec

__all__ = ["trials", "written"]

FINITE = (0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, -2.5, 2.0, -3.0, 7.0)
SAMPLES = (*FINITE, math.inf, -math.inf, math.nan)

NUMBERS: dict[str, Any] = {
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


def trials(spec: Spec, left: str, right: str) -> list[tuple[tuple[float, ...], Any]]:
    """Give numbers that fit a line, each with the result that it promises; none where it is not about real numbers."""
    texts = [part.strip() for part in left.split(",")]
    operands = [_operands(text) for text in texts]
    if len(texts) != len(spec.arrays) or any(chosen is None for chosen in operands):
        return []
    found = [(given, _result(right, given)) for given in product(*(chosen or () for chosen in operands))]
    return [(given, wanted) for given, wanted in found if wanted is not None]


def written(spec: Spec, left: str, right: str) -> tuple[str, str] | None:
    """Write a line as a call and its result, or give None where it is not about real numbers."""
    tried = trials(spec, left, right)
    if not tried:
        return None
    columns = zip(*(given for given, _ in tried), strict=True)
    operands = ", ".join(f"floats({list(column)})" for column in columns)
    results = [wanted for _, wanted in tried]
    of = "bool" if isinstance(results[0], bool) else "floats"
    return f"{spec.name}({operands})", f"{of}({results})"
