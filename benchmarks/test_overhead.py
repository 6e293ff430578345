"""What dispatch costs on top of the native call, on 4-element arrays, side by side with the peers in one run."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
from contenders import CALLS, OPS, Contender, contenders

import accel


def _cases() -> list[Any]:
    cases: list[Any] = []
    arrays: dict[str, tuple[Any, Any]] = {"numpy float32": (np.ones(4, np.float32), np)}
    if accel.backends().get("jax"):
        import jax.numpy as jnp

        arrays["jax float32"] = (accel.ones(4, dtype=accel.float32, device="jax"), jnp)
        arrays["jax float64"] = (accel.ones(4, dtype=accel.float64, device="jax"), jnp)
    if accel.backends().get("cupy"):
        import cupy

        arrays["cupy float32"] = (accel.ones(4, dtype=accel.float32, device="cupy"), cupy)
    for row, (x, native) in arrays.items():
        for op in OPS:
            cases += [
                pytest.param(row, op, contender, id=f"{row}-{op}-{contender.name}")
                for contender in contenders(op, x, x, native, wide=row == "jax float64")
            ]
    return cases


@pytest.fixture(scope="module", autouse=True)
def awake() -> None:
    """Work for a while first: the processor slows down while others are waited for, and takes its time to come back."""
    x, end = np.ones(4, np.float32), time.perf_counter() + 3
    while time.perf_counter() < end:
        np.add(x, x)


@pytest.mark.filterwarnings("ignore:Explicitly requested dtype")  # JAX's, where it narrows
@pytest.mark.parametrize(("row", "op", "contender"), _cases())
def test_overhead(benchmark: Any, row: str, op: str, contender: Contender) -> None:
    timed = contender.compile()
    timed()
    benchmark.group = f"{row}: {op}"
    benchmark.name = contender.name
    benchmark.extra_info["calls"] = CALLS
    rounds = 60 if row.startswith("numpy") and contender.name != "keras.ops" else 12
    benchmark.pedantic(timed, rounds=rounds, warmup_rounds=2)
