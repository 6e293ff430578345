"""The marathon: a great many Hypothesis examples over all ops, each run on every backend and compared.

    python -m tests.marathon --examples 1000000 --workers 2 --out marathon.json

Each op gets its share of the examples, in chunks with a process of their own, so that compiled kernels do not pile up. An example is drawn once and
run on the reference and on every row; each run on a row is one comparison. A run that is stopped goes on with ``--out`` of the same name: chunks that
are done are not done again. Exit status 0: no mismatch; 1: mismatches, each with its smallest counterexample in the output.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from time import monotonic
from typing import Any

__all__ = ["main"]

ROOT = Path(__file__).parents[1]


def chunk(op: str, number: int, examples: int, names: Sequence[str]) -> dict[str, Any]:
    """Run some examples of one op on some rows."""
    from hypothesis import HealthCheck, Phase, given, seed, settings
    from hypothesis.strategies import DataObject, data

    from accel.dispatch import specs
    from accel.testing.columns import table
    from accel.testing.known import known
    from accel.testing.matrix import agrees, expect
    from accel.testing.rows import rows

    spec = specs[op]
    chosen = [row for row in rows() if str(row) in names and row.runs(spec)]
    count = {"examples": 0, "comparisons": 0, "known": 0}
    failing = False

    @seed(number)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        print_blob=False,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
        phases=(Phase.generate, Phase.shrink),
    )
    @given(drawn=data())
    def agree(drawn: DataObject) -> None:
        nonlocal failing
        case = drawn.draw(table[op].cases)
        taking = [row for row in chosen if row.takes(spec, case)]
        running = [row for row in taking if not any(entry.covers(case) for entry in known(row, op))]
        if not failing:  # shrinking is no search
            count["examples"] += 1
            count["known"] += len(taking) - len(running)
        expected = expect(spec, case)
        for row in running:
            try:
                agrees(row, spec, case, expected)
            except BaseException:
                failing = True
                raise
            if not failing:
                count["comparisons"] += 1

    started, message = monotonic(), ""
    try:
        agree()
    except Exception as error:
        message = "\n".join([f"{type(error).__name__}: {error}", *getattr(error, "__notes__", ())])
    return {"op": op, "number": number, **count, "seconds": monotonic() - started, "failure": message}


def work(op: str, number: int, examples: int, names: str) -> dict[str, Any]:
    """Run a chunk in a process of its own."""
    command = [
        sys.executable,
        "-m",
        "tests.marathon",
        "--chunk",
        op,
        str(number),
        str(examples),
        "--rows",
        names,
    ]
    environment = {
        "XLA_FLAGS": "--xla_force_host_platform_device_count=2 --xla_cpu_multi_thread_eigen=false",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "ACCEL_DEVICE": "numpy",
    }
    done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=ROOT)
    if done.returncode:
        return {"op": op, "number": number, "examples": 0, "comparisons": 0, "known": 0, "seconds": 0.0,
                "failure": f"the process ended with {done.returncode}: {done.stderr[-2000:]}"}  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the marathon; gives the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--examples", type=int, default=1_000_000, help="over all ops together")
    parser.add_argument("--per-chunk", type=int, default=2500, help="examples in one process")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--ops", help="names of ops, with commas; by default all")
    parser.add_argument("--rows", default="numpy-strided,jax,cupy", help="rows to compare with the reference")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("marathon.json"))
    parser.add_argument("--chunk", nargs=3, metavar=("OP", "SEED", "EXAMPLES"), help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.chunk:
        op, number, examples = asked.chunk
        print(json.dumps(chunk(op, int(number), int(examples), asked.rows.split(","))))
        return 0
    from accel.testing.columns import table

    ops = asked.ops.split(",") if asked.ops else list(table)
    each = -(-asked.examples // len(ops))
    plan = []
    # Round after round over all ops, so that a run that is stopped has seen every one.
    for turn in range(-(-each // asked.per_chunk)):
        size = min(asked.per_chunk, each - turn * asked.per_chunk)
        plan += [(op, asked.seed + turn, size) for op in ops]
    kept = json.loads(asked.out.read_text()) if asked.out.exists() else []
    done = {(record["op"], record["number"]) for record in kept if not record["failure"]}
    records = [record for record in kept if not record["failure"]]
    started = monotonic()
    with ThreadPoolExecutor(asked.workers) as pool:
        futures = [
            pool.submit(work, op, number, size, asked.rows)
            for op, number, size in plan
            if (op, number) not in done
        ]
        for n, future in enumerate(as_completed(futures), 1):
            records.append(future.result())
            partial = asked.out.with_suffix(".part")
            partial.write_text(json.dumps(records, indent=0))
            partial.replace(asked.out)
            total = sum(record["comparisons"] for record in records)
            bad = sum(bool(record["failure"]) for record in records)
            print(
                f"\r{n}/{len(futures)} chunks, {total} comparisons, {bad} mismatches, {monotonic() - started:.0f} s",
                end="", file=sys.stderr, flush=True,
            )  # fmt: skip
    print(file=sys.stderr)
    failures = [record for record in records if record["failure"]]
    for record in failures:
        print(f"{record['op']} (seed {record['number']}): {record['failure']}\n")
    examples = sum(record["examples"] for record in records)
    comparisons = sum(record["comparisons"] for record in records)
    print(
        f"{examples} examples over {len(ops)} ops, {comparisons} comparisons on {asked.rows}, "
        f"{sum(record['known'] for record in records)} left out as known deviations, {len(failures)} mismatches"
    )
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
