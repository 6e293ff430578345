"""The measurement: processes that take turns, round by round."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from workloads.library import LIBRARIES, environment
from workloads.memory import ENVIRONMENT

__all__ = ["Record", "measure"]

Record = dict[str, Any]
"""The contenders of one workload: label -> what it stands for, its library, the seconds of each run by threads, and bytes."""

REST = 0.004
"""Seconds between two samples with several threads: idle workers of the last one spin for a while."""
WALL = 3
"""How many times as many samples are taken of wall time, whose samples are shorter."""
LONG = 0.1
"""Seconds from which a contender need not run in every round."""
BEFORE = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "XLA_FLAGS", "JAX_ENABLE_X64")
"""Variables that would change what is measured."""


class Process:
    """A worker at the other end of a pipe."""

    def __init__(self, library: str, threads: int, *, weighing: bool = False) -> None:
        env = {key: value for key, value in os.environ.items() if key not in BEFORE}
        env |= environment(LIBRARIES[library], threads)
        if weighing:
            env |= ENVIRONMENT
        env["PYTHONPATH"] = os.pathsep.join(
            filter(None, (str(Path(__file__).parents[1]), env.get("PYTHONPATH")))
        )
        self.library = library
        self.process = subprocess.Popen(
            [sys.executable, "-m", "workloads.worker", library, str(threads)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=env,
            text=True,
        )

    def ask(self, *order: Any) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the process of {self.library} has ended at {order}")
        return json.loads(answer)

    def end(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


@contextmanager
def _processes(libraries: Iterable[str], threads: int, *, weighing: bool = False) -> Iterator[list[Process]]:
    with ExitStack() as stack:
        found = []
        for name in libraries:
            process = Process(name, threads, weighing=weighing)
            stack.callback(process.end)
            found.append(process)
        yield found


def measure(
    records: dict[str, Record],
    *,
    rounds: int,
    threads: Iterable[int],
    runs: int = 2,
    small: bool = False,
) -> Iterator[None]:
    """Check, time and weigh every contender of some workloads; yields whenever one is through.

    Parameters
    ----------
    records : dict
        The workloads by name; the numbers are put into it.
    rounds : int
        Samples of each contender in a run.
    threads : iterable of int
        Settings.
    runs : int
        How often everything is done anew, in new processes.
    small : bool
        Whether to take the small sizes, to see that everything runs.
    """
    libraries = [name for name, each in LIBRARIES.items() if each.installed()]
    for run in range(runs):
        for count in threads:
            with _processes(libraries, count) as processes:
                for name in records:
                    tell(f"run {run + 1}, {count} threads: {name}")
                    _time(records[name], processes, name, count, rounds, small)
                    yield
    with _processes(libraries, 1, weighing=True) as processes:
        for name in records:
            tell(f"memory: {name}")
            _weigh(records[name], processes, name, small)
            yield


def tell(line: str) -> None:
    """Say how far it is."""
    print(f"{time.strftime('%H:%M:%S')} {line}", file=sys.stderr, flush=True)


def _opened(
    record: Record, processes: list[Process], name: str, small: bool, clock: str = "cpu"
) -> list[tuple[Process, str]]:
    found = []
    for process in processes:
        answer = process.ask("open", name, small, clock)
        for label, kind in answer["kinds"].items():
            record.setdefault(label, {"kind": kind, "library": process.library, "seconds": {}})
            found.append((process, label))
        for label, wrong in answer["wrong"].items():
            record[label] = {"kind": "wrong", "library": process.library, "wrong": wrong, "seconds": {}}
    return found


def _time(
    record: Record, processes: list[Process], name: str, threads: int, rounds: int, small: bool
) -> None:
    contenders = _opened(record, processes, name, small, "cpu" if threads == 1 else "wall")
    samples: dict[str, list[float]] = {label: [] for _, label in contenders}
    for turn in range(rounds if threads == 1 else rounds * WALL):
        random.Random(turn).shuffle(contenders)
        for process, label in contenders:
            if turn % 4 and samples[label][0] > LONG:
                continue
            if threads > 1:
                time.sleep(REST)
            samples[label].append(process.ask("sample", label))
    for label, seconds in samples.items():
        runs = record[label]["seconds"].setdefault(str(threads), [])
        runs.append({"median": median(seconds), "best": min(seconds), "samples": len(seconds)})


def _weigh(record: Record, processes: list[Process], name: str, small: bool) -> None:
    for process, label in _opened(record, processes, name, small):
        record[label]["bytes"] = process.ask("weigh", label)
