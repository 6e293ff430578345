"""Copies of NumPy arrays that XLA cannot read in place.

XLA reads the memory of an array on the host only where that is aligned to 64 bytes, which NumPy's is by chance, and copies others into
memory that it asks of the system: new pages, which take longer to come than the values to copy. Here they go to memory that is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import numpy as np

__all__ = ["staged"]

_ready: Any = jax.block_until_ready  # typed as if it were not
ALIGNMENT = 64
LEAST, MOST = 1 << 16, 1 << 25
"""XLA copies arrays of fewer or more bytes: a few take no time, and many would be kept for nobody."""
KEPT = 1 << 26
"""So many bytes are kept at most."""

_free: list[Any] = []
"""Memory that nobody reads: arrays of bytes, those used last at the end."""


def _address(x: Any) -> int:
    found: int = x.__array_interface__["data"][0]
    return found


def _fits(x: Any) -> bool:
    """Tell whether XLA can read an array in place, or copies it soon enough."""
    if not LEAST <= x.nbytes <= MOST:
        return True
    return bool(x.flags.c_contiguous) and _address(x) % ALIGNMENT == 0


def _room(size: int) -> Any:
    """Give aligned memory for so many bytes, or some more."""
    for i in range(len(_free) - 1, -1, -1):
        try:
            found = _free.pop(i)
        except IndexError:  # another thread has it
            continue
        if size <= found.nbytes <= 2 * size:
            return found
        _free.insert(i, found)
    whole = np.empty(size + ALIGNMENT, dtype=np.uint8)
    start = -_address(whole) % ALIGNMENT
    return whole[start : start + size]


def _keep(rooms: list[Any]) -> None:
    _free.extend(rooms)
    total = 0
    for i in range(len(_free) - 1, -1, -1):
        total += _free[i].nbytes
        if total > KEPT:
            del _free[: i + 1]
            break


def staged(program: Callable[..., Any], arrays: list[Any]) -> Any:
    """Call a compiled function of NumPy arrays; where some were copied its results are complete."""
    rooms = []
    for i, x in enumerate(arrays):
        if not _fits(x):
            room = _room(x.nbytes)
            arrays[i] = np.frombuffer(room, x.dtype, x.size).reshape(x.shape)
            np.copyto(arrays[i], x)
            rooms.append(room)
    out = program(*arrays)
    if rooms:
        results = [y for y in jax.tree.leaves(out) if isinstance(y, jax.Array)]
        _ready(results)
        # A result may be one of the arguments.
        given_away = {y.unsafe_buffer_pointer() for y in results}
        _keep([room for room in rooms if _address(room) not in given_away])
    return out
