"""Measure the memory of attention and write docs/attention.md and docs/attention.svg: `python docs/make_attention.py`.

It takes a minute or two, and needs matplotlib. A backend that cannot run here has no column.
"""

from __future__ import annotations

import math
import platform
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import accel
import accel.nn
from accel.testing.rows import obstacle

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "attention.md"
PICTURE = ROOT / "docs" / "attention.svg"

LENGTHS = (512, 1024, 2048, 4096, 8192, 16384)
FEATURES = 64
MIB = 2**20

INTRODUCTION = """\
# Memory of attention

What `accel.nn.scaled_dot_product_attention` holds at most beside its arguments and its result, for one head of {features} features in float32
and as many keys as queries (S). Where the matrix of all S x S scores is made, it alone takes `4 * S**2` bytes: 1 GiB for S = 16384. accel
makes blocks of scores (online softmax: see the references of the function), so that memory grows with S at most. This page is made by
`python docs/make_attention.py`; do not edit it.

![memory beside the result, by length](attention.svg)

NumPy is measured by `tracemalloc`; CuPy by what its memory pool takes from the device{emulated}; JAX by what its compiler says that the
compiled function needs (on {jax}). "Plain" is `softmax(query @ key.T * scale) @ value` as one writes it in NumPy. Beside the memory stands
the time of one call on one machine ({machine}), and in a line of its own what sparing blocks that no query sees is worth.
"""

Measured = dict[int, tuple[float, float]]
"""Length -> MiB and seconds."""


def plain(query: Any, key: Any, value: Any) -> Any:
    """Write attention as the definition has it."""
    scores = query @ np.matrix_transpose(key) / np.float32(math.sqrt(query.shape[-1]))
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True) @ value


def drawn(length: int) -> list[Any]:
    """Draw query, key and value."""
    draw = np.random.default_rng(length)
    return [draw.standard_normal((1, length, FEATURES), dtype=np.float32) for _ in range(3)]


def timed(call: Callable[[], Any]) -> float:
    """Give the least time of three calls."""
    best = math.inf
    for _ in range(3):
        start = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - start)
    return best


def on_numpy(function: Callable[..., Any], length: int, **options: Any) -> tuple[float, float]:
    """Measure a function on NumPy's arrays."""
    arrays = drawn(length)
    function(*(x[:, :8] for x in arrays), **options)
    tracemalloc.start()
    try:
        result = function(*arrays, **options)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return (peak - result.nbytes) / MIB, timed(lambda: function(*arrays, **options))


def on_cupy(length: int) -> tuple[float, float]:
    """Measure accel on CuPy's arrays."""
    import cupy as cp

    arrays = [cp.asarray(x) for x in drawn(length)]
    pool = cp.get_default_memory_pool()
    pool.free_all_blocks()
    before = pool.total_bytes()
    result = accel.nn.scaled_dot_product_attention(*arrays)
    held = pool.total_bytes() - before - result.nbytes

    def call() -> None:
        accel.nn.scaled_dot_product_attention(*arrays)
        cp.cuda.get_current_stream().synchronize()

    return held / MIB, timed(call)


def on_jax(length: int) -> tuple[float, float]:
    """Measure accel on JAX's arrays."""
    import jax

    arrays = [jax.numpy.asarray(x) for x in drawn(length)]
    compiled = jax.jit(accel.nn.scaled_dot_product_attention).lower(*arrays).compile()
    needs: Any = compiled.memory_analysis()
    return needs.temp_size_in_bytes / MIB, timed(lambda: compiled(*arrays).block_until_ready())


def measured() -> dict[str, Measured]:
    """Measure all contenders that can run here."""
    ours = accel.nn.scaled_dot_product_attention
    found: dict[str, Measured] = {
        "NumPy, plain": {n: on_numpy(plain, n) for n in LENGTHS},
        "accel on NumPy": {n: on_numpy(ours, n) for n in LENGTHS},
        "accel on NumPy, causal": {n: on_numpy(ours, n, causal=True) for n in LENGTHS},
        "accel on NumPy, window of 256": {n: on_numpy(ours, n, window=(255, 0)) for n in LENGTHS},
    }
    if obstacle("cupy") is None:
        found["accel on CuPy"] = {n: on_cupy(n) for n in LENGTHS}
    if obstacle("jax") is None:
        found["accel on JAX"] = {n: on_jax(n) for n in LENGTHS}
    return found


def table(found: dict[str, Measured], column: int, unit: str) -> str:
    """Write one of the two numbers of all contenders."""
    lines = [f"| {unit} | {' | '.join(f'S = {n}' for n in LENGTHS)} |", "|---|" + "---:|" * len(LENGTHS)]
    for name, each in found.items():
        numbers = (each[n][column] * (1000 if column else 1) for n in LENGTHS)
        lines.append(f"| {name} | {' | '.join(f'{x:.3g}' if x < 100 else f'{x:.0f}' for x in numbers)} |")
    return "\n".join(lines)


def draw(found: dict[str, Measured]) -> None:
    """Draw the memory over the length, both in powers of two."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "accel"
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(8, 5), layout="constrained")
    for name, each in found.items():
        # Beside the others' curves those of the options that change the time alone would hide one another.
        if "," in name and "plain" not in name:
            continue
        style = "--" if "plain" in name else "-"
        axes.plot(LENGTHS, [each[n][0] for n in LENGTHS], style, marker="o", label=name)
    axes.set_xscale("log", base=2)
    axes.set_yscale("log", base=2)
    axes.set_xticks(LENGTHS, [str(n) for n in LENGTHS])
    top = math.ceil(math.log2(max(each[n][0] for each in found.values() for n in LENGTHS)))
    ticks = [2.0**k for k in range(-2, top + 1, 2)]
    axes.set_yticks(ticks, [f"{t:g}" for t in ticks])
    axes.set_xlabel("S: queries, and keys")
    axes.set_ylabel("MiB beside arguments and result")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(PICTURE, metadata={"Date": None})


def main() -> None:
    """Write the page and the picture."""
    found = measured()
    draw(found)
    emulated = ", here that of a build for CPUs" if "CPU" in _cupy_device() else ""
    head = INTRODUCTION.format(
        features=FEATURES,
        emulated=emulated,
        jax=_jax_device(),
        machine=f"{platform.machine()}, NumPy {np.__version__}",
    )
    parts = [head, table(found, 0, "MiB"), "", table(found, 1, "ms"), ""]
    PAGE.write_text("\n".join(parts), encoding="utf-8")


def _cupy_device() -> str:
    if obstacle("cupy") is not None:
        return ""
    import cupy as cp

    return str(cp.cuda.runtime.getDeviceProperties(0)["name"])


def _jax_device() -> str:
    if obstacle("jax") is not None:
        return "none"
    import jax

    return str(jax.devices()[0].platform)


if __name__ == "__main__":
    main()
