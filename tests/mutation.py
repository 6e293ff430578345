"""Mutation: faults planted one at a time, to see that the tests catch each of them.

    python -m tests.mutation --sample 60 --workers 2

A fault is a wrapper around one op of one backend (`tests.faults`), or a line of the source changed in a copy of the project (``LINES``). For each,
the tests that name the op are run; a fault is killed when one of them fails, and survives when all pass. Exit status 0: every fault was killed.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from tests.faults import KINDS, Fault, faults

__all__ = ["LINES", "Line", "main"]

ROOT = Path(__file__).parents[1]
FILES = (
    "test_matrix", "test_special_cases", "test_ledger", "test_accuracy", "test_bounds", "test_spec", "test_matmul_precision",
    "test_checked",
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A change of the source: what stands in a file, what is put in its place, and which tests must notice.

    The last is an expression of ``pytest -k``.
    """

    file: str
    old: str
    new: str
    tests: str

    def __str__(self) -> str:
        return f"{self.file}: {self.old.strip()!r} -> {self.new.strip()!r}"


LINES = (
    # A wrong constant.
    Line("backends/accel_numpy/__init__.py", "pi = np.pi", "pi = 3.141592653589", "constants"),
    Line("backends/accel_jax/_accurate.py", "near = x > 88", "near = x > 89", "-exp] or [exp- or -exp-"),
    Line("backends/accel_jax/_accurate.py", "lost = jnp.where(x > 1,", "lost = jnp.where(x > 0.1,", "-log1p] or [log1p- or -log1p-"),
    Line("backends/accel_numpy/_signs.py", "size >= 0.99 *", "size >= 0.3 *", "linalg.svd or linalg.qr or linalg.eigh]"),
    # A sign, a zero, a nan.
    Line("backends/accel_cupy/_elementwise.py", "if (rest == 0) return copysign(T(0), y);", "if (rest == 0) return T(0);", "remainder]"),
    Line("backends/accel_cupy/_searching.py", "if (here != there) return here ? a : b;", "if (here != there) return there ? a : b;", "argmax]"),
    Line("backends/accel_jax/linalg.py", "values = jnp.where(broken, jnp.nan, values)", "values = values + 0", "linalg.eigh]"),
    # An argument, an end of a range, a dtype.
    Line("backends/accel_numpy/_searching.py", "last: int = x.shape[axis] - 1", "last: int = x.shape[axis]", "argsort]"),
    Line("backends/accel_numpy/_searching.py", "np.flip(np.sort(np.flip(x, axis), axis=axis", "np.flip(np.sort(x, axis=axis", "sort]"),
    Line("backends/accel_jax/_searching.py", "limits.min <= number <= limits.max", "limits.min <= number", "isin]"),
    Line("backends/accel_numpy/_elementwise.py", "limits.max if bound > limits.max else bound", "bound", "clip]"),
    # The layer above the backends.
    Line("accel/policy.py", "finally:\n        _mode.reset(token)", "finally:\n        pass", "matmul_precision or precision"),
    Line("accel/checks.py", "_outside(call, indices, -length, length - 1)", "_outside(call, indices, -length, length)", "take"),
)  # fmt: skip


def selection(ops: Sequence[str]) -> str:
    """Write the expression of ``pytest -k`` for the tests with one of these ops in their ids."""
    return " or ".join(f"{left}{op}{right}" for op in ops for left in "-[" for right in "-]")


def verdict(tests: str, folder: Path, environment: dict[str, str]) -> str:
    """Run the tests that an expression selects; gives "killed", "survived" or what went wrong."""
    files = [f"tests/{name}.py" for name in FILES if (folder / "tests" / f"{name}.py").exists()]
    command = [
        sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "tests.faults", *files,
        f"-k{tests}",
    ]  # fmt: skip
    path = os.pathsep.join([str(folder), str(folder / "backends")])
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, **environment},
        capture_output=True,
        text=True,
    )
    if done.returncode == 1 and " failed" in done.stdout:
        return "killed"
    return "survived" if done.returncode == 0 else f"no verdict: {done.stdout[-600:]}{done.stderr[-600:]}"


def try_fault(fault: Fault) -> tuple[str, str]:
    """Plant a fault by its wrapper."""
    return str(fault), verdict(selection((fault.op,)), ROOT, {"ACCEL_FAULT": str(fault)})


def try_line(line: Line) -> tuple[str, str]:
    """Change a line in a copy of the project."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split("\0")  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        for name in filter(None, listed):
            if (ROOT / name).is_file():
                (Path(folder) / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, Path(folder) / name)
        path = Path(folder) / line.file
        text = path.read_text(encoding="utf-8")
        if text.count(line.old) != 1:
            return str(line), f"no verdict: the line occurs {text.count(line.old)} times"
        path.write_text(text.replace(line.old, line.new), encoding="utf-8")
        return str(line), verdict(line.tests, Path(folder), {})


def main(arguments: Sequence[str] | None = None) -> int:
    """Plant the faults; gives the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--backends", default="numpy,jax,cupy", help="with commas")
    parser.add_argument(
        "--sample", type=int, default=60, help="faults by wrapper, drawn from all; 0 plants every one"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the draw")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", help="one fault, as backend:op:kind")
    asked = parser.parse_args(arguments)
    every = [fault for backend in asked.backends.split(",") for fault in faults(backend)]
    chosen = [Fault(*asked.only.split(":"))] if asked.only else every
    lines: Sequence[Line] = () if asked.only else LINES
    if asked.sample and not asked.only:
        # As many of each kind, so that the many ops of one kind do not crowd out the others.
        shuffled = random.Random(asked.seed).sample(every, len(every))
        each = -(-asked.sample // len(KINDS))
        taken: Counter[str] = Counter()
        chosen = [f for f in shuffled if (taken.update([f.kind]) or taken[f.kind] <= each)]
    outcomes: dict[str, str] = {}
    with ThreadPoolExecutor(asked.workers) as pool:
        for name, outcome in chain(pool.map(try_fault, chosen), pool.map(try_line, lines)):
            outcomes[name] = outcome
            print(f"{outcome.partition(':')[0]:12} {name}", flush=True)
    for name, outcome in outcomes.items():
        if outcome.startswith("no verdict"):
            print(f"\n{name}: {outcome}")
    counts = Counter(outcome.partition(":")[0] for outcome in outcomes.values())
    print(
        f"\n{counts['killed']} of {len(outcomes)} faults were killed ({len(every)} can be planted by wrapper)"
    )
    return 0 if counts["killed"] == len(outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
