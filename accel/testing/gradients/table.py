"""The table of the gradients: name of a spec -> which of its arguments have one, with calls to check it on, or why none has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

import accel
import accel.extra
import accel.fft
import accel.linalg
import accel.nn
import accel.random
from accel.testing.cases import Case

__all__ = [
    "Call",
    "Entry",
    "away",
    "constant",
    "imaginary",
    "reals",
    "smooth",
    "spread",
    "table",
    "undefined",
]

assert callable(accel.add), "the chapters load with the first op"

Array: TypeAlias = npt.NDArray[Any]
Draws: TypeAlias = Callable[[np.random.Generator], Case]


@dataclass(frozen=True)
class Call:
    """Calls of one form to check a gradient on.

    Attributes
    ----------
    draws : callable
        Gives the arguments of a call: the same shapes and constants for every state of the generator, and so one compiled function.
    fixed : tuple of str
        Parameters that hold arrays of numbers in which no derivative is taken.
    orders : int
        How many derivatives are checked.
    size : float
        By how much the step of the finite differences differs from the usual one: less near the end of a domain.
    by : str
        ``"differences"``, or ``"distribution"`` for what finite differences do not show, since numbers are drawn and rejected.
    """

    draws: Draws
    fixed: tuple[str, ...] = ()
    orders: int = 2
    size: float = 1.0
    by: Literal["differences", "distribution"] = "differences"


@dataclass(frozen=True)
class Entry:
    """What is known of the gradient of one op.

    Attributes
    ----------
    kind : str
        ``"smooth"``: derivatives exist but for single points. ``"constant"``: they are zero, as the op is constant between its jumps.
        ``"none"``: there is no derivative to speak of.
    calls : tuple of Call
        What it is checked on; empty where there is none.
    note : str
        Why it is constant or has none; for a smooth op what there is to know, or nothing.
    """

    kind: Literal["smooth", "constant", "none"]
    calls: tuple[Call, ...] = ()
    note: str = ""


table: dict[str, Entry] = {}


def _enter(names: str, entry: Entry) -> None:
    for name in names.split():
        if name in table:
            raise ValueError(f"two entries for {name}")
        table[name] = entry


def smooth(names: str, *calls: Call | Draws, note: str = "", **options: Any) -> None:
    """Enter ops that are differentiable, with calls of each; ``options`` are those of all the calls."""
    made = tuple(call if isinstance(call, Call) else Call(call) for call in calls)
    _enter(names, Entry("smooth", tuple(replace(call, **options) for call in made), note))


def constant(names: str, draws: Draws, note: str, **options: Any) -> None:
    """Enter ops whose derivative is zero."""
    _enter(names, Entry("constant", (Call(draws, **options),), note))


def undefined(names: str, note: str) -> None:
    """Enter ops that have no derivative."""
    _enter(names, Entry("none", (), note))


def reals(g: np.random.Generator, *shape: int, low: float = -2.0, high: float = 2.0) -> Array:
    """Draw numbers evenly between two bounds."""
    return g.uniform(low, high, shape)


def spread(g: np.random.Generator, *shape: int, low: float = -2.0, high: float = 2.0) -> Array:
    """Draw numbers between two bounds in random order, no two of them near each other, and from every part of the interval."""
    n = int(np.prod(shape))
    width = (high - low) / max(n, 1)
    x = low + width * (np.arange(n) + g.uniform(0.3, 0.7, n))
    return np.asarray(g.permutation(x).reshape(shape))


def away(g: np.random.Generator, *shape: int, least: float = 0.3, most: float = 2.0) -> Array:
    """Draw numbers of both signs that are not near zero."""
    return np.asarray(spread(g, *shape, low=least, high=most) * g.choice([-1.0, 1.0], shape))


def imaginary(g: np.random.Generator, *shape: int, least: float = 0.3, most: float = 1.2) -> Array:
    """Draw complex numbers away from both axes, where the cuts are."""
    return away(g, *shape, least=least, most=most) + 1j * away(g, *shape, least=least, most=most)
