"""Normal and exponential numbers on NumPy: the steps of `accel.random.variate`, in place, with tails only where there are any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from accel.random.arithmetic import CENTER, ROOT_OF_TWO, TABLES, Table

__all__ = ["Variates"]

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Format:
    """How a float is made of bits."""

    float: Any
    signed: Any
    unsigned: Any
    digits: int
    bias: int


_FORMATS = {
    "float32": Format(np.float32, np.int32, np.uint32, 23, 127),
    "float64": Format(np.float64, np.int64, np.uint64, 52, 1023),
}


class Variates:
    """Turns blocks of words into numbers, in memory that it keeps.

    Parameters
    ----------
    name : str
        ``"float32"`` or ``"float64"``.
    size : int
        The largest block.
    """

    def __init__(self, name: str, size: int) -> None:
        self.table: Table = TABLES[name]
        self.format = _FORMATS[name]
        self.room = np.empty((5, size), self.format.float)

    def gauss(self, word: Array, y: Array) -> None:
        """Write normal numbers; the words are overwritten."""
        t, f = self.table, self.format
        p, middle, r, top = (each[: y.size] for each in self.room[:4])
        unused, half = f.unsigned(t.bits - t.digits), f.unsigned(2 ** (t.digits - 1) - 1)
        # All ones where the number lies in the upper half: what is left of the word then counts from the other end.
        upper = np.right_shift(word.view(f.signed), f.signed(t.bits - 1), out=r.view(f.signed))
        side = np.bitwise_xor(word, upper.view(f.unsigned), out=top.view(f.unsigned))
        if unused:
            np.right_shift(side, unused, side)
        self._middle(side, p)
        np.bitwise_xor(side, half, side)
        self._middle(side, middle)
        np.multiply(middle, middle, r)
        np.subtract(f.float(CENTER**2), r, r)
        self._horner(r, t.center[0], top)
        self._horner(r, t.center[1], y)
        np.divide(top, y, y)
        np.multiply(middle, y, y)
        outer = np.flatnonzero(np.greater(middle, f.float(CENTER)))
        y[outer] = self._tail(p[outer])
        # The sign is that of the words whose first bit is not set.
        np.bitwise_not(word, word)
        np.bitwise_and(word, f.unsigned(1 << (t.bits - 1)), word)
        np.bitwise_or(y.view(f.unsigned), word, y.view(f.unsigned))

    def waiting(self, word: Array, y: Array) -> None:
        """Write exponential numbers; the words are overwritten."""
        t, f = self.table, self.format
        u, rest = (each[: y.size] for each in self.room[:2])
        if t.bits > t.digits:
            np.right_shift(word, f.unsigned(t.bits - t.digits), word)
        self._middle(word, u)
        np.bitwise_xor(word, f.unsigned(2**t.digits - 1), word)
        self._middle(word, rest)
        self._log(u, y, less=rest)
        np.negative(y, y)

    def _middle(self, whole: Array, out: Array) -> None:
        f = self.format
        np.copyto(out, whole, casting="same_kind" if f.float is np.float64 else "unsafe")
        np.add(out, f.float(0.5), out)
        np.multiply(out, f.float(2.0**-self.table.digits), out)

    def _horner(self, x: Array, coefficients: Sequence[float], out: Array) -> None:
        last, *others = (self.format.float(c) for c in reversed(coefficients))
        np.multiply(x, last, out)
        for c in others[:-1]:
            np.add(out, c, out)
            np.multiply(out, x, out)
        np.add(out, others[-1], out)

    def _tail(self, p: Array) -> Array:
        """Give the quantiles of probabilities that are no more than 0.075."""
        t, root = self.table, np.empty_like(p)
        self._log(p, root)
        np.negative(root, root)
        np.sqrt(root, root)
        x = np.subtract(root, self.format.float(1.6))
        top, low = np.empty_like(p), np.empty_like(p)
        self._horner(x, t.tail[0], top)
        self._horner(x, t.tail[1], low)
        np.divide(top, low, top)
        if t.digits > 32:
            far = np.flatnonzero(root > 5.0)
            if far.size:
                x = root[far] - 5.0
                above, under = np.empty_like(x), np.empty_like(x)
                self._horner(x, t.far[0], above)
                self._horner(x, t.far[1], under)
                top[far] = above / under
        return top

    def _log(self, x: Array, out: Array, less: Array | None = None) -> None:
        """Write natural logarithms of positive normal numbers below 2; ``less`` is 1 - x, which x may not say as well."""
        t, f = self.table, self.format
        e, z, h = (each[: x.size] for each in self.room[2:])
        digits, one = f.unsigned(f.digits), f.float(1).view(f.unsigned)
        raw = x.view(f.unsigned)
        power = np.right_shift(raw, digits, out=z.view(f.unsigned))
        mantissa = np.bitwise_and(raw, f.unsigned((1 << f.digits) - 1), out=out.view(f.unsigned))
        np.bitwise_or(mantissa, one, mantissa)
        np.copyto(e, power.view(f.signed), casting="unsafe")
        np.subtract(e, f.float(f.bias), e)
        upper = np.greater_equal(out, f.float(ROOT_OF_TWO))
        np.multiply(out, f.float(0.5), out, where=upper)
        np.add(e, f.float(1), e, where=upper)
        np.subtract(out, f.float(1), out)
        if less is not None:
            np.negative(less, out, where=np.equal(e, f.float(0)))
        # out is now m - 1, with e the power of two.
        s = np.add(out, f.float(2), out=h)
        np.divide(out, s, s)
        np.multiply(s, s, z)
        r = np.empty_like(z)
        self._horner(z, t.log, r)
        np.multiply(z, r, r)
        half = np.multiply(out, f.float(0.5), out=z)
        np.multiply(half, out, half)
        np.add(half, r, r)
        np.multiply(s, r, r)
        np.multiply(e, f.float(t.ln2[1]), s)
        np.add(r, s, r)
        np.subtract(half, r, half)
        np.subtract(half, out, half)
        np.multiply(e, f.float(t.ln2[0]), e)
        np.subtract(e, half, out)
