"""What random numbers cost: accel beside the library's own, on the same device, side by side in one run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import accel

COUNTS = {"numpy": 10_000_000, "jax": 1_000_000, "cupy": 100_000}
"""Numbers in one draw; CuPy's may run on a CPU, where they take long."""

DRAWS = ("uniform", "normal", "exponential", "gamma", "poisson", "permutation")
HEAVY = {"gamma": 10, "poisson": 10, "permutation": 10}
"""Draws that take so many times as long."""


def numpy_contenders(draw: str, dtype: str, count: int) -> dict[str, Callable[[], Any]]:
    """Give NumPy's generator that counts as accel does, and the one it has by default."""
    found: dict[str, Any] = {}
    for name, bits in (("Generator(Philox)", np.random.Philox(0)), ("Generator(PCG64)", np.random.PCG64(0))):
        rng: Any = np.random.Generator(bits)
        found[name] = {
            "uniform": lambda rng=rng: rng.random(count, dtype=dtype),
            "normal": lambda rng=rng: rng.standard_normal(count, dtype=dtype),
            "exponential": lambda rng=rng: rng.standard_exponential(count, dtype=dtype),
            "gamma": lambda rng=rng: rng.standard_gamma(2.5, count, dtype=dtype),
            "poisson": lambda rng=rng: rng.poisson(4.0, count),
            "permutation": lambda rng=rng: rng.permutation(count),
        }[draw]
    return found


def jax_contenders(draw: str, dtype: str, count: int) -> dict[str, Callable[[], Any]]:
    """Give jax.random, eager and compiled."""
    import jax

    key = jax.random.key(0)
    call: Callable[..., Any] = {
        "uniform": lambda k: jax.random.uniform(k, (count,), dtype),
        "normal": lambda k: jax.random.normal(k, (count,), dtype),
        "exponential": lambda k: jax.random.exponential(k, (count,), dtype),
        "gamma": lambda k: jax.random.gamma(k, np.asarray(2.5, dtype), (count,), dtype),
        "poisson": lambda k: jax.random.poisson(k, np.asarray(4.0, dtype), (count,)),
        "permutation": lambda k: jax.random.permutation(k, count),
    }[draw]
    compiled = jax.jit(call)
    return {"jax.random": lambda: call(key), "jax.random, jax.jit": lambda: compiled(key)}


def cupy_contenders(draw: str, dtype: str, count: int) -> dict[str, Callable[[], Any]]:
    """Give CuPy's default generator."""
    import cupy

    rng: Any = cupy.random.default_rng(0)
    return {
        "cupy.random.Generator": {
            "uniform": lambda: rng.random(count, dtype=dtype),
            "normal": lambda: rng.standard_normal(count, dtype=dtype),
            "exponential": lambda: rng.standard_exponential(count),
            "gamma": lambda: rng.standard_gamma(2.5, count),
            "poisson": lambda: rng.poisson(4.0, count),
            "permutation": lambda: cupy.random.permutation(count),
        }[draw]
    }


def own(backend: str, draw: str, dtype: str, count: int) -> dict[str, Callable[[], Any]]:
    """Give accel's ways: with a key, by a generator, and compiled where the library compiles."""
    random, kind = accel.random, getattr(accel, dtype)
    key, rng = random.key(0, device=backend), random.default_rng(0, device=backend)
    call: Callable[..., Any] = {
        "uniform": lambda k: random.uniform(k, count, kind),
        "normal": lambda k: random.normal(k, count, kind),
        "exponential": lambda k: random.exponential(k, count, kind),
        "gamma": lambda k: random.gamma(k, 2.5, count, kind),
        "poisson": lambda k: random.poisson(k, 4.0, count, accel.int32),
        "permutation": lambda k: random.permutation(k, count),
    }[draw]
    found: dict[str, Callable[[], Any]] = {"accel.random": lambda: call(key)}
    if draw == "uniform":
        found["accel Generator"] = lambda: rng.random(count, kind)
    if backend == "jax":
        compiled = accel.jit(call)
        found["accel.random, accel.jit"] = lambda: compiled(key)
    return found


LIBRARIES = {"numpy": numpy_contenders, "jax": jax_contenders, "cupy": cupy_contenders}
NAMES = {
    "numpy": ("Generator(Philox)", "Generator(PCG64)", "accel.random", "accel Generator"),
    "jax": (
        "jax.random",
        "accel.random",
        "accel Generator",
        "jax.random, jax.jit",
        "accel.random, accel.jit",
    ),
    "cupy": ("cupy.random.Generator", "accel.random", "accel Generator"),
}
CASES = [
    pytest.param(library, draw, dtype, name, id=f"{library}-{draw}-{dtype}-{name}")
    for library, names in NAMES.items()
    for draw in DRAWS
    for dtype in ("float32", "float64")
    if not (draw in ("poisson", "permutation") and dtype == "float64")
    if not (library == "jax" and dtype == "float64")
    for name in names
    if name != "accel Generator" or draw == "uniform"
]


@pytest.mark.parametrize(("library", "draw", "dtype", "contender"), CASES)
def test_random(benchmark: Any, library: str, draw: str, dtype: str, contender: str) -> None:
    if not accel.devices(library):
        pytest.skip(f"{library} has no usable device")
    count = COUNTS[library] // HEAVY.get(draw, 1)
    call = {**LIBRARIES[library](draw, dtype, count), **own(library, draw, dtype, count)}[contender]

    def timed() -> None:
        drawn = call()
        wait = getattr(drawn, "block_until_ready", None)
        if wait is not None:
            wait()

    benchmark.group = f"{library}: {draw}, {dtype}, {count:,} numbers"
    benchmark.name = contender
    benchmark.extra_info["calls"] = 1
    benchmark.pedantic(timed, rounds=5, warmup_rounds=1)
