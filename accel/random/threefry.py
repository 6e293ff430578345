"""Threefry-2x32 with 20 rounds, which turns a key and a counter into 64 random bits: the one source of all random numbers.

J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, Parallel random numbers: as easy as 1, 2, 3, SC 2011. Element i of a draw in row-major
order is made of the counter i alone, as JAX does where ``jax_threefry_partitionable`` is on, its default.
"""

from __future__ import annotations

from typing import Any

import accel as xp

__all__ = ["PARITY", "ROTATIONS", "at", "blocks", "counted", "wide", "words"]

ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
"""By how many bits the rounds turn the second word: four rounds, four others, and so on."""

PARITY = 0x1BD11BDA
"""Makes the third word of the key schedule of the two words of a key."""


def blocks(key: Any, high: Any, low: Any) -> tuple[Any, Any]:
    """Give the two words for each counter.

    Parameters
    ----------
    key : array, shape (2,), uint32
        The key.
    high, low : array, shape (n,) or (1,), uint32
        The words of the counters.

    Returns
    -------
    array, array
        Of shape (n,), uint32.
    """
    # Slices rather than items, as NumPy warns where numbers of no axis wrap around.
    k0, k1 = key[0:1], key[1:2]
    schedule = (k0, k1, xp.bitwise_xor(xp.bitwise_xor(k0, k1), PARITY))
    x0, x1 = xp.add(high, k0), xp.add(low, k1)
    for group in range(5):
        for count in ROTATIONS[group % 2]:
            x0 = xp.add(x0, x1)
            left, right = xp.bitwise_left_shift(x1, count), xp.bitwise_right_shift(x1, 32 - count)
            x1 = xp.bitwise_xor(xp.bitwise_or(left, right), x0)
        x0 = xp.add(x0, schedule[(group + 1) % 3])
        x1 = xp.add(xp.add(x1, schedule[(group + 2) % 3]), group + 1)
    return x0, x1


def counted(key: Any, count: int) -> tuple[Any, Any]:
    """Give the two words for the counters 0, 1, ..., count - 1."""
    here = xp.device(key)
    if count < 2**32:
        return blocks(key, xp.zeros_like(key[0:1]), xp.arange(count, dtype=xp.uint32, device=here))
    return at(key, xp.arange(count, dtype=xp.uint64, device=here))


def at(key: Any, places: Any) -> tuple[Any, Any]:
    """Give the two words for some counters, which are uint64."""
    high = xp.astype(xp.bitwise_right_shift(places, 32), xp.uint32)
    return blocks(key, high, xp.astype(xp.bitwise_and(places, 0xFFFFFFFF), xp.uint32))


def words(pair: tuple[Any, Any]) -> Any:
    """Give the 32 bits of each element: the two words of its counter, one xor the other."""
    return xp.bitwise_xor(*pair)


def wide(pair: tuple[Any, Any]) -> Any:
    """Give the 64 bits of each element: the two words of its counter, one behind the other."""
    high, low = (xp.astype(word, xp.uint64) for word in pair)
    return xp.bitwise_or(xp.bitwise_left_shift(high, 32), low)
