"""The page: a summary that shows at a glance who is faster, and a table for each workload."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from importlib import metadata
from math import prod
from pathlib import Path
from typing import Any

from workloads import named
from workloads.measurement import WALL, Record

__all__ = ["machine", "page", "summary"]

LIBRARIES = ("numpy", "scipy", "jax", "jaxlib", "keras", "torch", "opt_einsum")

INTRODUCTION = """\
# Workloads

Whole computations in float32, side by side: accel, the library itself as a competent person writes it, the fastest NumPy or SciPy version
known to us, keras, and PyTorch as an outside reference. This page is made by `nox -s workloads`, which measures everything anew; this copy by
`nox -s workloads -- {options} --write docs/workloads.md`; do not edit it. The code of each contender is in `benchmarks/workloads/`.

{machine}

- **Checked.** The result of every contender is compared with one in float64 before it is timed; inputs lie where the library wants them.
- **1 thread**: CPU time of a process that may use one processor, which other processes disturb least.{wall_time} Times
  are for one call that returns a new result, JAX's until the result is there.
- **Side by side.** Every library has a process of its own, and the contenders take turns in random order, {rounds} rounds of 20 ms each
  for 1 thread{wall_rounds} (one call, if it takes longer), {runs}. Shown are the median and the fastest sample.
  Ratios are of the medians for 1 thread{wall_ratios}; a ratio
  is worked out within a run, and the page shows the mean of the runs.
- **Noise.** {noise}
- **Memory** is what one call adds to the resident memory of a warm process, at its highest, with the result: Linux keeps that mark
  (VmHWM, set back before the call), so it counts alike what NumPy, XLA, BLAS and PyTorch take. The C library is told to give blocks above
  64 KiB back at once, in fresh processes in which nothing is timed.
"""

WALL_TIME = {
    "wall_time": " **{count} threads**: wall time.",
    "wall_rounds": " and {wall} of 4 ms for {count}",
    "wall_ratios": " and of the fastest samples for {count}, since other processes only ever add to wall time",
}
"""What the introduction says besides where more than one thread was measured."""

NOISE = """\
Between the runs the summary's ratios differ by {typical} in the middle and by {worst} at worst; the column "noise" has the
  largest for the workload. A ratio within its noise of a target says no more than that."""

READING = """\
Below 1 accel is faster. **Bold** misses the target: on NumPy 1.00 against the best NumPy or SciPy version (the column says where it is
another one) and below 1 against keras on NumPy; on JAX 1.05 against the best of `jax.nn`, `jax.lax` and hand-written `jax.numpy`, eager
against eager and `accel.jit` against `jax.jit`, and below 1 against keras on JAX.
"""


def machine() -> dict[str, str]:
    """Say on what the numbers were made."""
    installed = {d.metadata["Name"]: d.version for d in metadata.distributions()}
    model = platform.processor()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text(encoding="utf-8").splitlines()
        model = next(
            (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), model
        )
    return {
        "machine": f"{platform.machine()}, {model}, {os.cpu_count()} processors, {platform.system()}; no GPU takes part",
        "versions": f"Python {platform.python_version()}, "
        + ", ".join(f"{name} {installed[name]}" for name in LIBRARIES if name in installed),
    }


Seconds = tuple[float, ...]
"""One number for each run."""


class Table:
    """The numbers of one workload."""

    def __init__(self, name: str, record: Record) -> None:
        self.name, self.record = name, record
        self.workload = named(name)

    def fastest(self, threads: str, *kinds: str, library: str = "", among: str = "") -> str | None:
        """Find the fastest contender of some kinds."""
        found = [
            label
            for label, each in self.record.items()
            if each["kind"] in kinds
            and library in ("", each["library"])
            and among in label
            and threads in each["seconds"]
        ]
        return min(found, key=lambda label: self.time(label, threads), default=None)

    def runs(self, label: str, threads: str, statistic: str = "") -> Seconds:
        """Give a contender's time in each run: by default that of the ratios."""
        statistic = statistic or ("median" if threads == "1" else "best")
        return tuple(run[statistic] for run in self.record[label]["seconds"][threads])

    def time(self, label: str, threads: str, statistic: str = "") -> float:
        """Give a contender's time."""
        return mean(self.runs(label, threads, statistic))

    def ratios(self, one: str | None, other: str | None, threads: str) -> Seconds:
        """Divide the times of two contenders, run by run."""
        if one is None or other is None:
            return ()
        pairs = zip(self.runs(one, threads), self.runs(other, threads), strict=True)
        return tuple(a / b for a, b in pairs)

    def pairs(self, threads: str) -> dict[str, Seconds]:
        """Give the ratios of the summary."""
        on_numpy = self.fastest(threads, "accel", library="NumPy")
        eager = self.fastest(threads, "accel", library="JAX")
        compiled = self.fastest(threads, "bound", library="JAX")
        return {
            "best NumPy": self.ratios(
                on_numpy, self.fastest(threads, "numpy", among=self.workload.against), threads
            ),
            "keras on NumPy": self.ratios(
                on_numpy, self.fastest(threads, "keras", library="keras on NumPy"), threads
            ),
            "eager": self.ratios(eager, self.fastest(threads, "eager"), threads),
            "jit": self.ratios(compiled, self.fastest(threads, "jit"), threads),
            "keras on JAX": self.ratios(
                eager, self.fastest(threads, "keras", library="keras on JAX"), threads
            ),
            "PyTorch": self.ratios(on_numpy, self.fastest(threads, "torch"), threads),
        }

    def target(self, column: str) -> float | None:
        return {**TARGETS, "best NumPy": self.workload.bar}.get(column)

    def noise(self, settings: list[str]) -> str:
        """Say by how much the ratios of the runs differ at most."""
        found = [max(r) / min(r) - 1 for t in settings for r in self.pairs(t).values() if len(r) > 1]
        return f"{max(found):.0%}" if found else ""


TARGETS = {"keras on NumPy": 1.0, "eager": 1.05, "jit": 1.05, "keras on JAX": 1.0}


def mean(values: Seconds) -> float:
    """Give the geometric mean."""
    return float(prod(values) ** (1 / len(values)))


def settings(tables: list[Table]) -> list[str]:
    """List the numbers of threads."""
    return sorted({t for table in tables for each in table.record.values() for t in each["seconds"]}, key=int)


def summary(records: dict[str, Any]) -> Iterator[str]:
    """Write the table of all workloads."""
    tables = [Table(name, record) for name, record in records["workloads"].items()]
    threads = settings(tables)
    columns = {
        "best NumPy": "accel / best NumPy",
        "keras on NumPy": "accel / keras, NumPy",
        "eager": "JAX: accel / eager",
        "jit": "JAX: accel.jit / jax.jit",
        "keras on JAX": "JAX: accel / keras",
        "PyTorch": "accel on NumPy / PyTorch",
    }
    heads = [f"{text}, {t}t" for text in columns.values() for t in threads]
    yield "| workload | " + " | ".join(heads) + " | MiB: accel / best NumPy | noise |"
    yield "| --- |" + " ---: |" * (len(heads) + 2)
    for table in tables:
        cells = []
        pairs = {t: table.pairs(t) for t in threads}
        for column in columns:
            for t in threads:
                ratio = pairs[t][column]
                cells.append(_cell(ratio, table.target(column)))
        link = f"[{table.name}](#{anchor(table.name)})"
        yield f"| {link} | " + " | ".join(cells) + f" | {_memory(table)} | {table.noise(threads)} |"


def _cell(ratio: Seconds, target: float | None) -> str:
    if not ratio:
        return ""
    text = f"{mean(ratio):.2f}"
    return f"**{text}**" if target is not None and float(text) > target else text


def _memory(table: Table) -> str:
    one = table.fastest("1", "accel", library="NumPy")
    other = table.fastest("1", "numpy", among=table.workload.against)
    return " / ".join(
        "?"
        if label is None or table.record[label].get("bytes") is None
        else _mib(table.record[label]["bytes"])
        for label in (one, other)
    )


def _mib(count: float) -> str:
    return f"{count / 2**20:.1f}"


def anchor(name: str) -> str:
    """Give the anchor of a heading."""
    kept = "".join(c for c in name.lower() if c.isalnum() or c in " -_")
    return kept.replace(" ", "-")


def detail(table: Table, threads: list[str]) -> Iterator[str]:
    """Write the table of one workload."""
    yield from (f"## {table.name}", "", f"{table.workload.size}.")
    if table.workload.against:
        bar = table.workload.bar
        yield f"The best NumPy is {table.workload.against} here" + (
            f", and the target {bar:g}." if bar else ", without a target."
        )
    clocks = {t: "CPU" if t == "1" else "wall" for t in threads}
    heads = [f"{t}t, {clocks[t]} ms | best | / best NumPy" for t in threads]
    yield from (
        "",
        "| contender | " + " | ".join(heads) + " | MiB |",
        "| --- |" + " ---: |" * (3 * len(threads) + 1),
    )
    rest = {label: each for label, each in table.record.items() if each["kind"] != "wrong"}
    bars = {t: table.fastest(t, "numpy", among=table.workload.against) for t in threads}
    for label in sorted(rest, key=lambda label: table.time(label, threads[0])):
        cells = []
        for t in threads:
            ratio = table.ratios(label, bars[t], t)
            cells += [
                f"{table.time(label, t, 'median') * 1e3:.3f}",
                f"{table.time(label, t, 'best') * 1e3:.3f}",
                f"{mean(ratio):.2f}" if ratio else "",
            ]
        weight = rest[label].get("bytes")
        shown = f"**{label}**" if label.startswith("accel") else label
        yield f"| {shown} | " + " | ".join(cells) + f" | {'?' if weight is None else _mib(weight)} |"
    for label, each in table.record.items():
        if each["kind"] == "wrong":
            yield from ("", f"Not timed: {label}: {each['wrong']}.")
    yield ""


def page(records: dict[str, Any]) -> str:
    """Write the page."""
    tables = [Table(name, record) for name, record in records["workloads"].items()]
    threads = settings(tables)
    spreads = sorted(
        max(r) / min(r) - 1 for each in tables for t in threads for r in each.pairs(t).values() if r
    )
    made = records["made"]
    several = {"count": threads[-1], "wall": made["rounds"] * WALL}
    text = INTRODUCTION.format(
        machine=f"Machine: {made['machine']}. {made['versions']}.",
        options=f"--rounds {made['rounds']} --runs {made['runs']} --threads {' '.join(threads)}",
        rounds=made["rounds"],
        **{key: words.format(**several) if threads[-1] != "1" else "" for key, words in WALL_TIME.items()},
        runs=f"{made['runs']} runs, each in new processes" if made["runs"] > 1 else "one run",
        noise=NOISE.format(typical=f"{spreads[len(spreads) // 2]:.0%}", worst=f"{spreads[-1]:.0%}")
        if made["runs"] > 1 and spreads
        else "Unknown: there was one run.",
    )
    details = [line for table in tables for line in detail(table, threads)]
    return "\n".join([text, READING, *summary(records), "", *details])
