"""Write docs/ops.md from the specs of accel's own parts: `python docs/make_ops.py`, or with `--check` only compare."""

from __future__ import annotations

import argparse
import ast
import inspect
import re
import sys
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from itertools import groupby
from pathlib import Path

from accel.composition import PARTS
from accel.dispatch import Spec, specs

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "ops.md"
BACKENDS = {"accel_numpy": "NumPy", "accel_jax": "JAX", "accel_cupy": "CuPy"}

INTRODUCTION = """\
# What the standard leaves out

The ops of `accel.nn`, `accel.extra` and `accel.random`: what each gives, how close every backend is to the true result (``eps`` is that of the dtype in
which sums are made, float32 for 16 bits), and where its formula comes from. Each is composed of accel's other ops, so that it runs on any Array API
library; where a backend has something better it has a line of its own ("own" below), which is tested against the composition. The docstrings have the rest:
parameters, errors, special cases, an example. This page is made by `python docs/make_ops.py`; do not edit it.
"""


def page() -> str:
    """Write the page."""
    return "\n".join([INTRODUCTION, *(line for part in PARTS for line in section(part))])


def section(part: str) -> Iterator[str]:
    """Write the section of one part."""
    module = import_module(f"accel.{part}")
    yield f"## accel.{part}\n"
    own = [spec for spec in specs.values() if spec.part == part]
    for chapter, members in groupby(sorted(own, key=lambda s: s.chapter), key=lambda s: s.chapter):
        title = (inspect.getdoc(import_module(f"accel.{chapter}")) or "").partition("\n")[0]
        yield f"### {title.rstrip('.')}\n"
        yield f"| op | gives | how close | {' | '.join(BACKENDS.values())} | source |"
        yield f"| --- | --- | --- | {' | '.join('---' for _ in BACKENDS)} | --- |"
        for spec in sorted(members, key=lambda s: s.name):
            homes = ["own" if spec.function.__name__ in lines(b, part) else "composed" for b in BACKENDS]
            cells = (f"`{spec.name}`", _first(spec), _closeness(spec), *homes, _source(spec))
            yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
        yield ""
    others = [name for name in module.__all__ if f"{part}.{name}" not in specs]
    if others:
        yield f"Besides, made of these: {', '.join(f'`{part}.{name}`' for name in sorted(others))}.\n"


@cache
def lines(package: str, part: str) -> frozenset[str]:
    """Name what a backend's part of its namespace defines by itself, without importing the backend's library."""
    tree = ast.parse((ROOT / "backends" / package / part / "__init__.py").read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.ImportFrom):
            found |= {alias.asname or alias.name for alias in node.names}
    return frozenset(found)


def _first(spec: Spec) -> str:
    return (inspect.getdoc(spec.function) or "").partition("\n")[0].rstrip(".")


def _closeness(spec: Spec) -> str:
    if spec.same == "exact":
        return "bit for bit"
    if spec.same == "bounded":
        return f"{spec.ulp} ulp" + ("" if spec.ulp_of == "the result" else f" of {spec.ulp_of}")
    return f"`{spec.bound}`"


def _source(spec: Spec) -> str:
    text = inspect.getdoc(spec.function) or ""
    found = re.search(r"^References\n-+\n(.*?)(?=\n\n\S[^\n]*\n-{3,}|\Z)", text, re.S | re.M)
    first = (found[1] if found else "").partition("\n\n")[0]
    return " ".join(re.sub(r"^\.\. \[\d+\]\s*", "", line.strip()) for line in first.splitlines())


def main() -> int:
    """Write the page, or tell whether it is as it would be written."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit with 1 if the page is out of date"
    )
    if parser.parse_args().check:
        return int(not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page())
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
