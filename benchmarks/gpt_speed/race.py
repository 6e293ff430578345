"""Races: contenders that take turns in one process, on one processor, by its clock."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["one_processor", "race", "seconds"]


def one_processor() -> None:
    """Keep this process, and the threads that it begins, on one processor, so that none waits for another one's."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def seconds(call: Callable[[], Any]) -> float:
    """Give the processor time of a call: other processes disturb it far less than the clock on the wall."""
    began = time.process_time()
    call()
    return time.process_time() - began


def race(contenders: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, Any]:
    """Let contenders take turns.

    Parameters
    ----------
    contenders : mapping of str to callable
        What is timed; each has been called before, and waits for its own result. The first is what the others are compared with.
    rounds : int
        How often each has its turn, in an order that changes.

    Returns
    -------
    dict
        For each contender the median of its ``seconds``, and the median of the ``ratio`` to the first one's within a round.
    """
    found: dict[str, list[float]] = {name: [] for name in contenders}
    order = list(contenders)
    for turn in range(rounds):
        for name in order if turn % 2 else reversed(order):
            found[name].append(seconds(contenders[name]))
    first = found[order[0]]
    return {
        name: {
            "seconds": statistics.median(times),
            "ratio": statistics.median(t / f for t, f in zip(times, first, strict=True)),
        }
        for name, times in found.items()
    }
