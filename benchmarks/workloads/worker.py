"""A process with one library, which does what it is told on standard input: `python -m workloads.worker LIBRARY THREADS`."""

from __future__ import annotations

import gc
import json
import os
import sys
import time
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from workloads import named
from workloads.library import LIBRARIES, Contender, Library
from workloads.memory import growth
from workloads.workload import Workload

SPANS = {"cpu": 0.02, "wall": 0.004}
"""Clock -> seconds that a sample takes, or one call if that takes longer: wall time wants a span that others leave alone."""


class Work:
    """One library's contenders for one workload."""

    def __init__(self, library: Library, workload: Workload, clock: str) -> None:
        self.library = library
        self.clock = {"cpu": time.process_time, "wall": time.perf_counter}[clock]
        self.span = SPANS[clock]
        inputs = workload.inputs(np.random.default_rng(1))
        self.inputs = tuple(map(library.put, inputs))
        truth = workload.reference(*map(_double, inputs))
        self.found: dict[str, Contender] = {}
        self.calls: dict[str, int] = {}
        self.wrong: dict[str, str] = {}
        for contender in library.contenders(workload):
            try:
                wrong = workload.wrong(library.host(self.once(contender)), truth)
            except Exception as error:
                wrong = f"{type(error).__name__}: {error}".splitlines()[0]
            if wrong is None:
                self.found[contender.label] = contender
                self.calls[contender.label] = self.many(contender)
            else:
                self.wrong[contender.label] = wrong

    def once(self, contender: Contender) -> Any:
        return self.library.wait(contender.call(*self.inputs))

    def many(self, contender: Contender) -> int:
        """Find how many calls fill a sample."""
        spent: list[float] = []
        while len(spent) < 2 or (sum(spent) < self.span and len(spent) < 100):
            start = self.clock()
            self.once(contender)
            spent.append(self.clock() - start)
        return max(1, round(self.span / max(min(spent), 1e-6)))

    def sample(self, label: str) -> float:
        """Time some calls: seconds for each."""
        contender = self.found[label]
        call, wait, inputs, clock = contender.call, self.library.wait, self.inputs, self.clock
        wait(call(*inputs))  # warms the caches
        calls = self.calls[label]
        start = clock()
        for _ in range(calls):
            wait(call(*inputs))
        return (clock() - start) / calls

    def weigh(self, label: str) -> float | None:
        """Weigh one call: bytes."""
        return growth(lambda: self.once(self.found[label]))


def _double(x: Any) -> Any:
    if isinstance(x, np.ndarray) and x.dtype.kind == "f":
        return x.astype(np.float64)
    return x


def serve(library: Library) -> Iterator[Any]:
    """Answer the lines of standard input."""
    work: Work | None = None
    for line in sys.stdin:
        order, *rest = json.loads(line)
        if order == "open":
            name, small, clock = rest
            workload = named(name).small() if small else named(name)
            work = None
            gc.collect()
            work = Work(library, workload, clock)
            yield {"kinds": {each.label: each.kind for each in work.found.values()}, "wrong": work.wrong}
        elif work is not None and order == "sample":
            yield work.sample(*rest)
        elif work is not None and order == "weigh":
            yield work.weigh(*rest)


def main() -> None:
    name, threads = sys.argv[1:]
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what a library prints is no answer
    if int(threads) == 1 and hasattr(os, "sched_setaffinity"):
        # Some thread pools look at the processors that they may use, and at nothing else.
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    library = LIBRARIES[name]()
    gc.disable()
    for answer in serve(library):
        print(json.dumps(answer), file=answers)


if __name__ == "__main__":
    main()
