"""Blocks: how many rows of an array go through a chain of functions at once, so that what is between them stays in the cache."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

__all__ = ["CACHE", "blocks", "scratch"]

CACHE = 256 * 1024
"""Bytes that a core is taken to have near it for one array; half of the smallest second-level cache of servers and notebooks of today."""


def blocks(count: int, bytes_each: int, cache: int = CACHE) -> Iterator[slice]:
    """Cut a number of rows into runs.

    Parameters
    ----------
    count : int
        How many rows there are.
    bytes_each : int
        What one row takes.
    cache : int
        What the rows of one run may take together; one row at least is in each.
    """
    step = max(1, cache // max(bytes_each, 1))
    for start in range(0, count, step):
        yield slice(start, min(start + step, count))


def scratch(rows: int, count: int, dtype: Any) -> Any:
    """Make rows of memory for what is between the functions of a chain, each of which begins where processors read fastest.

    Parameters
    ----------
    rows, count : int
        How many rows there are, and how many elements are in each.
    dtype : dtype
        What they are.
    """
    kind = np.dtype(dtype)
    pitch = -(-count * kind.itemsize // ALIGNED) * ALIGNED
    room = np.empty(rows * pitch + ALIGNED, dtype=np.uint8)
    start = -room.ctypes.data % ALIGNED
    return room[start : start + rows * pitch].reshape(rows, pitch).view(kind)[:, :count]


ALIGNED = 64
"""Bytes: a line of the cache, and the widest of the vector registers. Across two lines NumPy's loops take up to twice the time."""
