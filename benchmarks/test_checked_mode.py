"""What checked mode costs: the same call outside and inside `accel.checked`, small and large, side by side in one run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest

import accel
import accel.linalg

LARGE = 1_000_000
CALLS = {4: 200, LARGE: 1}
"""Size -> calls in one timed round."""


def _arguments(op: str, size: int) -> tuple[Any, ...]:
    draw = np.random.default_rng(0)
    x = draw.normal(size=size)
    if op == "solve":
        side = int(size**0.5)
        return x[: side * side].reshape(side, side), x[:side]
    if op == "floor_divide":
        return draw.integers(-99, 99, size=size), draw.integers(1, 9, size=size)
    return x, draw.integers(0, size, size=size) if op == "take" else x


OPS: dict[str, Callable[..., Any]] = {
    "add": accel.add,
    "take": accel.take,
    "floor_divide": accel.floor_divide,
    "solve": accel.linalg.solve,
}


def _ready(x: Any) -> Any:
    """Wait for the device, as the checks do, so that the same work is timed."""
    wait = getattr(x, "block_until_ready", None)
    return x if wait is None else wait()


def _cases() -> Iterator[Any]:
    for backend in (name for name, usable in accel.backends().items() if usable):
        for op in OPS:
            for size in CALLS:
                for way in ("accel", "accel, checked", "accel.jit", "accel.jit, checked"):
                    if "jit" not in way or backend == "jax":
                        yield pytest.param(backend, op, size, way, id=f"{backend}-{op}-{size}-{way}")


@pytest.mark.parametrize(("library", "op", "size", "way"), list(_cases()))
def test_checked_mode(benchmark: Any, library: str, op: str, size: int, way: str) -> None:
    if (library, op, size) == ("cupy", "solve", LARGE) and accel.device("cupy").emulated:
        pytest.skip("its kernels on the CPU would take minutes")
    function = accel.jit(OPS[op]) if "jit" in way else OPS[op]
    arguments = [accel.to_device(np.asarray(x), library) for x in _arguments(op, size)]
    calls = range(CALLS[size])

    def timed() -> None:
        for _ in calls:
            _ready(function(*arguments))

    benchmark.group = f"{library}: {op}, {size:,} elements"
    benchmark.name = way
    benchmark.extra_info["calls"] = len(calls)
    rounds = 3 if op == "solve" and size == LARGE else 12
    with accel.checked() if "checked" in way else nullcontext():
        benchmark.pedantic(timed, rounds=rounds, warmup_rounds=1)
