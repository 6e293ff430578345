"""Variates: one random word each becomes one random number, by exactly rounded steps."""

from __future__ import annotations

from typing import Any

import accel as xp
import accel.random.arithmetic as arithmetic
from accel.random.arithmetic import Table

__all__ = ["gauss", "halves", "unit", "waiting"]


def _digits(word: Any, t: Table) -> Any:
    return xp.bitwise_right_shift(word, t.bits - t.digits) if t.bits > t.digits else word


def _middle(whole: Any, t: Table) -> Any:
    """Give the number in the middle of the interval that a whole number of so many digits stands for."""
    dtype = xp.float64 if t.name == "float64" else xp.float32
    return xp.multiply(xp.add(xp.astype(whole, dtype), 0.5), 2.0**-t.digits)


def unit(word: Any, t: Table) -> tuple[Any, Any]:
    """Give a number between 0 and 1, and 1 less it, each with all the digits it can have."""
    k = _digits(word, t)
    return _middle(k, t), _middle(xp.bitwise_xor(k, 2**t.digits - 1), t)


def halves(word: Any, t: Table) -> tuple[Any, Any, Any]:
    """Give on which side of 1/2 a number between 0 and 1 lies, how far from the nearer end, and how far from 1/2."""
    k = _digits(word, t)
    lower = xp.less(k, 2 ** (t.digits - 1))
    a = xp.where(lower, k, xp.bitwise_xor(k, 2**t.digits - 1))
    return lower, _middle(a, t), _middle(xp.bitwise_xor(a, 2 ** (t.digits - 1) - 1), t)


def gauss(word: Any, t: Table) -> Any:
    """Give a standard normal number: the quantile of the middle of the interval that the word stands for."""
    lower, p, middle = halves(word, t)
    size = arithmetic.quantile(p, middle, far=t.digits > 32)
    return xp.where(lower, xp.negative(size), size)


def waiting(word: Any, t: Table) -> Any:
    """Give a standard exponential number: the negative logarithm of the middle of the interval that the word stands for."""
    u, rest = unit(word, t)
    return xp.negative(arithmetic.logarithm(u, less=xp.negative(rest)))
