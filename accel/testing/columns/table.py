"""The table of the columns: name of a spec -> how its cases are drawn and its results compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec

import hypothesis.strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

import accel
import accel.extra
import accel.fft
import accel.linalg
import accel.nn
import accel.random
from accel.dispatch import Spec, specs
from accel.testing.agreement import Check, exact, ulps
from accel.testing.cases import Case
from accel.testing.condition import WORDS

__all__ = ["Column", "column", "table"]

assert callable(accel.add), "the chapters load with the first op"

P = ParamSpec("P")
Refusal = tuple[str, Case, type[Exception]]
Draws = Callable[Concatenate[DrawFn, Spec, P], Case]


@dataclass(frozen=True)
class Column:
    """How one op is tested.

    Attributes
    ----------
    cases : strategy of Case
        Draws the arguments.
    check : Check
        Compares the values of the results.
    seen : callable
        Puts results that are no arrays into a comparable form.
    example : callable or None
        Gives the arguments of one plain call; every op that the standard leaves out has one.
    refuses : callable
        Lists calls that the op refuses: what is wrong in a few words, the arguments, and the class of the error.
    """

    cases: SearchStrategy[Case]
    check: Check
    seen: Callable[[Any], Any] = lambda result: result
    example: Callable[[], Case] | None = None
    refuses: Callable[[], list[Refusal]] = list


table: dict[str, Column] = {}


def column(
    *names: str,
    check: Check | None = None,
    seen: Callable[[Any], Any] | None = None,
    words: Callable[[Case, Any], dict[str, Any]] | None = None,
    example: Callable[[], Case] | None = None,
    refuses: Callable[[], list[Refusal]] = list,
) -> Callable[[Draws[[]]], Draws[[]]]:
    """Enter the function under the decorator, which draws a case for a spec, as the column of some ops.

    Parameters
    ----------
    *names : str
        Names of the specs.
    check : Check, optional
        By default what the class of each spec promises; "conditioned" ones must say how.
    seen, example, refuses : callable, optional
        As in `Column`.
    words : callable, optional
        For conditioned ops: gives what the words of the spec's formula are for a case and its result, beside those that every formula
        may use (`accel.testing.condition.WORDS`).
    """

    def enter(draws: Draws[[]]) -> Draws[[]]:
        for name in names:
            spec = specs[name]
            if name in table:
                raise ValueError(f"two columns for {name}")
            if check is None and spec.same == "conditioned":
                raise ValueError(f"{name} is conditioned: its column has to say how results are compared")
            if example is None and spec.composed:
                raise ValueError(f"{name} is no op of the standard: its column has to show a plain call")
            cases = st.composite(draws)(spec)
            default = exact() if spec.same == "exact" else ulps()
            table[name] = Column(cases, check or default, seen or (lambda result: result), example, refuses)
            if words is not None:
                WORDS[name] = words
        return draws

    return enter
