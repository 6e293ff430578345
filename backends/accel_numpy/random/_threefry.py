"""Threefry on NumPy: in blocks that stay in the cache, in place, with the words of the key schedule as arrays of no axis."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from accel.random.threefry import PARITY, ROTATIONS
from accel_numpy._blocks import CACHE

__all__ = ["BLOCK", "Rounds", "drawn"]

Array = npt.NDArray[Any]

BLOCK = CACHE // 8
"""Counters in a block; two words each and what they are turned by. A power of two, so that no block goes beyond 2**32."""

_LEFT = {r: np.asarray(r, np.uint32) for group in ROTATIONS for r in group}
_RIGHT = {r: np.asarray(32 - r, np.uint32) for group in ROTATIONS for r in group}


class Rounds:
    """Makes the two words of each counter of a block, again and again in the same memory.

    Parameters
    ----------
    key : array, shape (2,), uint32
        The key.
    size : int
        The largest block.
    """

    def __init__(self, key: Array, size: int) -> None:
        k0, k1 = int(key[0]), int(key[1])
        self.keys = (k0, k1, k0 ^ k1 ^ PARITY)
        # x0 and x1 lie one behind the other, so that the key is added to both in one step.
        self.state = np.empty((2, size), np.uint32)
        self.turned = np.empty(size, np.uint32)
        self.places = np.arange(size, dtype=np.uint32)
        self.added = [
            np.asarray(
                [[self.keys[(group + 1) % 3]], [(self.keys[(group + 2) % 3] + group + 1) % 2**32]], np.uint32
            )
            for group in range(5)
        ]

    def __call__(self, start: int, stop: int) -> tuple[Array, Array]:
        """Give the words for the counters from one to below another, which both lie in one block."""
        count = stop - start
        state, t = self.state[:, :count], self.turned[:count]
        x0, x1 = state
        first = (start + self.keys[1]) % 2**32
        high = ((start >> 32) + self.keys[0]) % 2**32
        np.add(self.places[:count], np.asarray(first, np.uint32), x1)
        np.add(x1, np.asarray(high, np.uint32), x0)
        fresh = True
        for group in range(5):
            for r in ROTATIONS[group % 2]:
                if not fresh:
                    np.add(x0, x1, x0)
                fresh = False
                np.left_shift(x1, _LEFT[r], t)
                np.right_shift(x1, _RIGHT[r], x1)
                np.bitwise_or(x1, t, x1)
                np.bitwise_xor(x1, x0, x1)
            np.add(state, self.added[group], state)
        return x0, x1


def drawn(key: Array, count: int) -> Iterator[tuple[slice, Array, Array]]:
    """Give the two words of each counter from 0 to below count, block by block; the arrays may be written to."""
    if not count:
        return
    rounds = Rounds(key, min(count, BLOCK))
    for start in range(0, count, BLOCK):
        stop = min(start + BLOCK, count)
        yield slice(start, stop), *rounds(start, stop)
