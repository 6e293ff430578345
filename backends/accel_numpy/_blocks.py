"""Blocks: how many rows of an array go through a chain of functions at once, so that what is between them stays in the cache."""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["CACHE", "blocks"]

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
