"""Times of the contenders, side by side in one process."""

from __future__ import annotations

import itertools
import math
import statistics
import time
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

import accel
from lending.workload import ALL, Workload

__all__ = ["CONTENDERS", "PRODUCTS", "break_even", "measure"]

CONTENDERS = ("plain NumPy", "accel on NumPy", "accel.jit, lent", "accel.jit, JAX arrays")
PRODUCTS = "products alone"
SAMPLE = 0.02
"""Seconds that a sample takes at least."""

Times = dict[str, list[float]]


def measure(sizes: list[int], rounds: int) -> dict[str, dict[int, Times]]:
    """Time every workload at every size.

    Returns
    -------
    dict
        Name of the workload -> elements of the result -> contender -> seconds of one call, a sample for each round.
    """
    return {each.name: dict(_measured(each, size, rounds) for size in sizes) for each in ALL}


def _measured(workload: Workload, size: int, rounds: int) -> tuple[int, Times]:
    arguments = workload.draw(np.random.default_rng(0), size)
    compiled = accel.jit(workload.ours)
    there = [accel.to_device(x, "jax") for x in arguments]

    def on_jax(*_: Any) -> Any:
        return jax.block_until_ready(compiled(*there))  # type: ignore[no-untyped-call]

    functions: dict[str, Callable[..., Any]] = dict(
        zip(CONTENDERS, (workload.plain, workload.ours, compiled, on_jax), strict=True)
    )
    results = [np.asarray(fn(*arguments)) for fn in functions.values()]
    for result in results[1:]:
        np.testing.assert_allclose(result, results[0], rtol=2e-4, atol=2e-5)
    if workload.products is not None:
        functions[PRODUCTS] = workload.products
    counts = {name: _count(fn, arguments) for name, fn in functions.items()}
    times: Times = {name: [] for name in functions}
    for _ in range(rounds):
        for name, fn in functions.items():
            times[name].append(_seconds(fn, arguments, counts[name]))
    return results[0].size, times


def _count(fn: Callable[..., Any], arguments: tuple[Any, ...]) -> int:
    fn(*arguments)
    return max(math.ceil(SAMPLE / _seconds(fn, arguments, 1)), 1)


def _seconds(fn: Callable[..., Any], arguments: tuple[Any, ...], count: int) -> float:
    start = time.perf_counter()
    for _ in range(count):
        fn(*arguments)
    return (time.perf_counter() - start) / count


def break_even(times: dict[int, Times]) -> str:
    """Say from how many elements on the compiled function is the faster one, between the sizes that were measured."""
    ratios = [
        (size, statistics.median(t[CONTENDERS[2]]) / statistics.median(t[CONTENDERS[0]]))
        for size, t in times.items()
    ]
    if ratios[0][1] <= 1:
        return f"below {ratios[0][0]:,}"
    for (size, ratio), (larger, lower) in itertools.pairwise(ratios):
        if lower <= 1 < ratio:
            share = math.log(ratio) / math.log(ratio / lower)
            return f"{round(size * (larger / size) ** share, -2):,.0f}"
    return f"above {ratios[-1][0]:,}"
