"""Write docs/bounds.md from docs/bounds.json: `python docs/make_bounds.py`.

With `--measure`, measure the bounded functions first, on every backend that runs here, and record the numbers in the JSON (minutes).
With `--check`, write nothing: exit with 1, and the reasons, if the page is not what the JSON says, if the JSON lacks a function or a
dtype, if a promise is not the spec's, or if an error exceeds its promise.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import numpy as np

import accel
import accel.registry as registry
from accel.dispatch import specs
from accel.testing.accuracy import SERIES, Accuracy, cells, measure
from accel.testing.condition import MEASURED_ROWS, measure_all, terms
from accel.testing.oracle import FORMATS
from accel.testing.rows import obstacle

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "bounds.md"
RECORDS = ROOT / "docs" / "bounds.json"

Record = dict[str, Any]

MASK = "NPY_DISABLE_CPU_FEATURES"

ROWS = ("numpy", "numpy-strided", "jax", "jax-jit", "cupy")
POINTS = (50_000, 5_000)
"""At how many points; fewer where each takes a while."""

INTRODUCTION = """\
# Bounds

How close accel's results come to the true values, and how close they are promised to come. This page is made by
`python docs/make_bounds.py` from `docs/bounds.json`, which `python docs/make_bounds.py --measure` records; do not edit it. The numbers are
those of one machine; `python -m accel verify` measures yours.
"""

ELEMENTWISE = """\
## Elementwise functions

Errors in ulp: the distance from the true value, which mpmath works out, in units of the last place of the true value (0.5 is what rounding
costs). Each cell is the largest error and, in brackets, the mean. Looked at is the whole domain: evenly over the ranges where a function
bends, evenly over the floats, and at adversarial points; of float16 and bfloat16 every number, for functions of one argument. Left out are
arguments and results below 4 times the smallest normal number, since devices flush what is near the subnormal ones. An overflow that comes
too early or too late counts as an error in ulp, too (see `accel.testing.oracle`).

NumPy chooses its kernels by the features of the CPU: a column for each choice of this CPU, by `NPY_DISABLE_CPU_FEATURES`; strided data take
other kernels again. `jax-jit` is JAX compiled by `accel.jit`, one function at a time.
"""


CONDITIONED = """\
## Reductions, products, linear algebra and transforms

How much the result of these may be off hangs on the data; the spec of each states it as `factor * eps * scale`. Each cell is the largest
error found, as a multiple of `eps * scale`, in the worst of several sets of difficult data: numbers all the same, of many magnitudes,
cancelling, or far from zero, along one axis, the first or the last; Hilbert's, Vandermonde's, graded and nearly singular matrices. The
factor is the bound. Exact results come from whole numbers, `math.fsum` and mpmath with 60 digits. `eps` is that of the dtype in which
sums are made: float32's for 16 bits, whose last rounding is not counted; four times as much for complex numbers.
The formulas of `accel.nn` and `accel.extra` stand in [ops.md](ops.md); the tests hold these ops to them against their bodies in 64 bits.
"""

# Measuring


def measured(ops: str) -> dict[str, Any]:
    """Measure the functions of a pattern on every row that runs here, and describe the machine."""
    described, records = {}, []
    for row in ROWS:
        backend = row.partition("-")[0]
        if obstacle(backend) is not None:
            sys.stderr.write(f"{row}: NOT measured, {obstacle(backend)}\n")
            continue
        first = accel.devices(backend)[0]
        versions: dict[str, str] = (registry.load(backend).hook("versions") or dict)()
        own = versions.get(backend, "")
        described[backend] = f"{own} on {first.description}" + (
            " (CPU build: no GPU)" if first.emulated else ""
        )
        records += [record(each, kernels() if row == "numpy" else "") for each in accuracies(row, ops)]
        sys.stderr.write(f"{row}: measured\n")
    masks = ""
    features = targets()
    while features:
        masks = f"{masks} {features[-1]}".strip()
        found = without(masks, ops)
        records += found["records"]
        features = found["targets"]
    machine = {"cpu": cpu(), "python": platform.python_version(), "system": platform.system(), **described}
    rest = {"conditioned": conditions()} if ops == "*" else {}
    return {"machine": machine, "elementwise": records, **rest}


def conditions() -> list[Record]:
    """Measure every conditioned function on difficult data."""
    found = measure_all()
    for each in found:
        each["error"] = float(f"{each['error']:.4g}")
    return found


def accuracies(row: str, ops: str) -> Iterator[Accuracy]:
    """Measure the bounded functions of a pattern, in every dtype, on a row."""
    backend = row.partition("-")[0]
    plain = row == backend and not os.environ.get(MASK)
    for op, dtype in cells(complex=plain):
        if not hasattr(accel.namespace(backend), dtype) or (op in SERIES and not plain):
            continue
        if not fnmatch(op, ops):
            continue
        yield measure(op, dtype, row, points=POINTS[op in SERIES or dtype not in FORMATS])


def record(found: Accuracy, kernels: str) -> Record:
    """Put what was found into the form of the JSON."""
    kept = asdict(found)
    del kept["curve"]
    numbers = ("max_ulp", "mean_ulp")
    kept |= {name: float(f"{kept[name]:.4g}") for name in numbers if math.isfinite(kept[name])}
    kept["worst"] = [_plain(x) for x in found.worst]
    return kept | {"got": _plain(found.got), "kernels": kernels}


def _plain(x: Any) -> Any:
    return repr(x) if isinstance(x, complex) or not math.isfinite(x) else x


def targets() -> list[str]:
    """List the CPU features that NumPy's kernels in use need beyond the baseline, the least first."""
    found = np.lib.introspect.opt_func_info(func_name="^(exp|log|sin|tan)$", signature="float32|float64")
    return sorted(
        {how["current"] for of in found.values() for how in of.values() if "baseline" not in how["current"]}
    )


def kernels() -> str:
    """Name NumPy's kernels in use."""
    return (targets() or ["baseline"])[-1]


def without(features: str, ops: str) -> dict[str, Any]:
    """Measure NumPy in a process that does without some features of the CPU."""
    environment = {**os.environ, MASK: features}
    command = [sys.executable, __file__, "--numpy", "--ops", ops]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    assert not set(found["targets"]) & set(features.split()), f"{MASK}={features!r} had no effect"
    return found


def cpu() -> str:
    """Name the CPU, as far as the system tells, and the features that NumPy knows of."""
    features: Any = np.show_config(mode="dicts")
    found = features["SIMD Extensions"].get("found", [])
    model = platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [
            line.partition(":")[2].strip()
            for line in info.read_text().splitlines()
            if line.startswith("model name")
        ]
        model = f"{names[0]}, {model}" if names else model
    return f"{model}, with {', '.join(found) or 'no more than the baseline'}"


# The page


def page(content: dict[str, Any]) -> str:
    """Write the page."""
    lines = [INTRODUCTION]
    lines += [f"- {name}: {what}" for name, what in content["machine"].items()]
    for key, section in SECTIONS.items():
        if key in content:
            lines += ["", *section(content[key])]
    return "\n".join(lines).rstrip() + "\n"


def elementwise(records: list[Record]) -> Iterator[str]:
    """Write the section of the elementwise functions, and of those that make arrays of numbers."""
    yield ELEMENTWISE
    for dtype in dict.fromkeys(each["dtype"] for each in records):
        yield from table(dtype, [each for each in records if each["dtype"] == dtype])
    yield "### The largest errors\n"
    yield "| function | dtype | on | error | at | result | true value |"
    yield "| --- | --- | --- | ---: | --- | --- | --- |"
    worst: dict[tuple[Any, ...], list[Record]] = {}
    for each in sorted(records, key=lambda each: -each["max_ulp"] / (each["promise"] or math.inf)):
        worst.setdefault((each["op"], each["dtype"], *each["worst"]), []).append(each)
    for alike in list(worst.values())[:20]:
        each, on = alike[0], ", ".join(map(column, alike))
        at = ", ".join(map(str, each["worst"]))
        error = f"{each['max_ulp']:.2f}"
        yield f"| `{each['op']}` | {each['dtype']} | {on} | {error} | `{at}` | `{each['got']}` | `{each['truth']}` |"
    yield "\n### Where the ulp is that of another number\n"
    for op in dict.fromkeys(each["op"] for each in records):
        if specs[op].ulp_of != "the result":
            yield f"- `{op}`: of {specs[op].ulp_of}.".replace("*", "\\*")
    yield ""


def table(dtype: str, records: list[Record]) -> Iterator[str]:
    """Write the table of one dtype."""
    # In the order of the records, with the most features first: a set's own order changes from run to run.
    columns = sorted(dict.fromkeys(map(column, records)), key=lambda name: ROWS.index(name.split()[0]))
    real = dtype in FORMATS
    yield f"### {dtype}\n"
    if not real:
        yield "No promise; distance over magnitude, in eps, off the axes (where the cuts lie).\n"
    yield f"| function | {'promise | ' if real else ''}points | {' | '.join(columns)} |"
    yield f"| --- |{' ---: |' if real else ''} ---: |{' ---: |' * len(columns)}"
    for op in dict.fromkeys(each["op"] for each in records):
        found = {column(each): each for each in records if each["op"] == op}
        first = next(iter(found.values()))
        promise = f"{first['promise']:g} | " if real else ""
        cells = [
            f"{e['max_ulp']:.2f} ({e['mean_ulp']:.2f})" if (e := found.get(name)) else "" for name in columns
        ]
        yield f"| `{op}` | {promise}{first['points']} | {' | '.join(cells)} |"
    yield ""


def conditioned(records: list[Record]) -> Iterator[str]:
    """Write the section of the conditioned functions."""
    yield CONDITIONED
    rows = [row for row in MEASURED_ROWS if any(each["row"] == row for each in records)]
    yield f"| function | dtype | eps times | factor | {' | '.join(rows)} | worst data |"
    yield f"| --- | --- | --- | ---: |{' ---: |' * len(rows)} --- |"
    for op, dtype in dict.fromkeys((each["op"], each["dtype"]) for each in records):
        found = {each["row"]: each for each in records if (each["op"], each["dtype"]) == (op, dtype)}
        worst = max(found.values(), key=lambda each: each["error"] / each["bound"])
        cells = [f"{found[row]['error']:.3g}" if row in found else "" for row in rows]
        data = f"{worst['data']}, n = {worst['n']}"
        scale = terms(specs[op])[1]
        yield f"| `{op}` | {dtype} | `{scale}` | {worst['bound']:.5g} | {' | '.join(cells)} | {data} |"
    yield ""


def column(each: Record) -> str:
    """Name the column of a record."""
    return f"{each['row']} {each['kernels']}".strip()


SECTIONS: dict[str, Callable[[list[Record]], Iterator[str]]] = {
    "elementwise": elementwise,
    "conditioned": conditioned,
}
"""Key of the JSON -> what writes the section of its records."""


# Checking


def complaints(content: dict[str, Any]) -> Iterator[str]:
    """Tell what is wrong with the records."""
    found = {(each["op"], each["dtype"]) for each in content["elementwise"]}
    for op, dtype in cells():
        if (op, dtype) not in found:
            yield f"{op} was not measured in {dtype}"
    for name, spec in specs.items():
        if spec.same == "bounded" and name not in {op for op, _ in found}:
            yield f"{name} was not measured"
    for each in content["elementwise"]:
        what = f"{each['op']} in {each['dtype']} on {column(each)}"
        if each["promise"] is None:
            continue
        if each["promise"] != specs[each["op"]].ulp:
            yield f"{what}: the promise is {each['promise']}, and the spec's is {specs[each['op']].ulp}"
        if not each["max_ulp"] <= each["promise"]:
            yield f"{what}: off by {each['max_ulp']} ulp, and the promise is {each['promise']}"

    for each in content.get("conditioned", ()):
        if not each["error"] <= each["bound"]:
            what = f"{each['op']} in {each['dtype']} on {each['row']}"
            yield f"{what}: off by {each['error']} * eps * scale, and the bound is {each['bound']}"
    # Those of accel's own are held to their formulas against their bodies in 64 bits, by the tests.
    conditioned = {name for name, spec in specs.items() if spec.same == "conditioned" and not spec.composed}
    missing = conditioned - {each["op"] for each in content.get("conditioned", ())}
    # Checked in the matrix alone: the components of a vector product, and whole numbers.
    for name in sorted(missing - {"linalg.cross", "linalg.matrix_rank"}):
        yield f"{name} was not measured"


def written(content: dict[str, Any]) -> str:
    """Write the JSON: a line for each record, so that differences can be read."""
    parts = []
    for key, value in content.items():
        if isinstance(value, list):
            lines = ",\n".join(json.dumps(each) for each in value)
            parts.append(f"{json.dumps(key)}: [\n{lines}\n]")
        else:
            parts.append(f"{json.dumps(key)}: {json.dumps(value, indent=1)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main() -> int:
    """Measure, write or check."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--measure", action="store_true", help="measure first (minutes)")
    what.add_argument(
        "--measure-conditioned",
        action="store_true",
        help="measure reductions, products, linear algebra first",
    )
    what.add_argument(
        "--check", action="store_true", help="write nothing; exit with 1 if the page is out of date"
    )
    what.add_argument("--numpy", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument(
        "--ops",
        default="*",
        metavar="GLOB",
        help="with --measure: renew the numbers of these elementwise functions alone",
    )
    asked = parser.parse_args()
    if asked.numpy:
        records = [record(each, kernels()) for each in accuracies("numpy", asked.ops)]
        json.dump({"targets": targets(), "records": records}, sys.stdout)
        return 0
    new = measured(asked.ops) if asked.measure else {}
    if asked.measure_conditioned:
        new = {"conditioned": conditions()}
    content: dict[str, Any] = json.loads(RECORDS.read_text(encoding="utf-8")) if RECORDS.exists() else {}
    if asked.measure:
        others = [each for each in content.get("elementwise", ()) if not fnmatch(each["op"], asked.ops)]
        order = [op for op, _ in cells()]
        new["elementwise"] = sorted([*others, *new["elementwise"]], key=lambda each: order.index(each["op"]))
    content |= new
    wrong = list(complaints(content))
    if asked.check:
        if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page(content):
            wrong.append("docs/bounds.md is not what docs/bounds.json says: run python docs/make_bounds.py")
    else:
        RECORDS.write_text(written(content), encoding="utf-8")
        PAGE.write_text(page(content), encoding="utf-8")
    sys.stderr.writelines(f"{line}\n" for line in wrong)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
