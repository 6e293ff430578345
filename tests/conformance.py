"""Conformance: the Array API's own test suite, run on accel and each of its backends, against the listed deviations.

    git clone --recursive https://github.com/data-apis/array-api-tests
    python tests/conformance.py --suite array-api-tests --backend numpy --backend jax

The suite is not part of this project. Each row is one namespace, tested in a process of its own; a failure that is
not listed in ``deviations/<backend>.toml``, or a listed one that passes, makes the exit status 1.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

__all__ = ["ROWS", "Deviation", "DeviationError", "Result", "Row", "load", "main"]

DEVIATIONS = Path(__file__).with_name("deviations")
VERSION = "2025.12"
SUITE = "ACCEL_ARRAY_API_TESTS"

START = "import sys; sys.path.append(sys.argv.pop(1)); import pytest; sys.exit(pytest.main(sys.argv[1:]))"
"""Starts pytest where the plugin can be imported, without a module of this folder hiding one of the suite's."""


@dataclass(frozen=True)
class Row:
    """One namespace under test: its module, the library below it, and the environment it is tested in."""

    name: str
    module: str
    backend: str
    environment: dict[str, str] = field(default_factory=dict)


ROWS = {
    row.name: row
    for row in (
        Row("numpy", "accel_numpy", "numpy"),
        # The operators of native JAX arrays keep 64 bits only with x64 on; the functions keep them in both rows.
        Row("jax", "accel_jax", "jax", {"JAX_ENABLE_X64": "1"}),
        Row("jax-default", "accel_jax", "jax", {"JAX_ENABLE_X64": "0"}),
        Row("cupy", "accel_cupy", "cupy"),
        Row("accel", "accel", "numpy", {"ACCEL_DEVICE": "numpy"}),
        Row("accel-jax", "accel", "jax", {"ACCEL_DEVICE": "jax", "JAX_ENABLE_X64": "1"}),
        Row("accel-cupy", "accel", "cupy", {"ACCEL_DEVICE": "cupy"}),
    )
}
DEFAULT_ROWS = ("numpy", "jax", "jax-default", "cupy", "accel")


class DeviationError(Exception):
    """A file of deviations that does not say what it should."""


@dataclass(frozen=True)
class Deviation:
    """One known difference between a backend and the standard.

    Parameters
    ----------
    op : str
        The op, or the operator of the native array.
    case : str
        When it differs and how, in one sentence.
    reason : str
        Why it is so.
    since : str
        Version of the library in which it was seen.
    link : str
        Upstream issue or documentation, or "".
    conformance : tuple of str
        Ids of the tests of the suite that fail because of it, with their parameters.
    rows : tuple of str
        Rows it concerns; none named means all rows of the backend.
    device : str
        Part of the name of the device it concerns; "" means any.
    flaky : bool
        Whether the tests fail for some of the drawn examples only, so that they may pass too.
    """

    op: str
    case: str
    reason: str
    since: str
    link: str = ""
    conformance: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    device: str = ""
    flaky: bool = False

    def concerns(self, row: Row, device: str) -> bool:
        """Tell whether a row on a device is meant."""
        return (not self.rows or row.name in self.rows) and self.device.lower() in device.lower()


def load(path: Path) -> list[Deviation]:
    """Read and check a file of deviations; a file that does not exist lists none.

    Parameters
    ----------
    path : Path
        A TOML file: tables ``[[deviation]]`` with the fields of `Deviation`, and tables ``[[matrix]]``, which are
        for the tests of accel's own and are passed over.

    Returns
    -------
    list of Deviation
        The entries, in the order of the file.

    Raises
    ------
    DeviationError
        If an entry lacks a field, has one of the wrong type or one that is not known, or repeats a test of another entry.
    """
    if not path.exists():
        return []
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise DeviationError(f"{path} is not TOML: {error}.") from error
    if unknown := content.keys() - {"deviation", "matrix"}:
        raise DeviationError(
            f"{path} has {sorted(unknown)} at the top; it takes [[deviation]] and [[matrix]]."
        )
    items = content.get("deviation", [])
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise DeviationError(f"{path}: deviation is {items!r}, and should be [[deviation]] tables.")
    entries = [_entry(item, f"{path}, deviation {number}") for number, item in enumerate(items, 1)]
    seen: dict[tuple[str, tuple[str, ...], str], str] = {}
    for entry in entries:
        for test in entry.conformance:
            key = (test, entry.rows, entry.device)
            if key in seen:
                raise DeviationError(f"{path} lists {test} for {seen[key]} and again for {entry.op}.")
            seen[key] = entry.op
    return entries


def _entry(item: dict[str, Any], place: str) -> Deviation:
    fields = Deviation.__dataclass_fields__
    if unknown := item.keys() - fields.keys():
        raise DeviationError(f"{place} has {sorted(unknown)}; the fields are {', '.join(fields)}.")
    for name in ("op", "case", "reason", "since"):
        if not str(item.get(name, "")).strip():
            raise DeviationError(
                f"{place} has no {name}; each says what differs, why, and since which version."
            )
    for name, value in item.items():
        kind: type = {"conformance": list, "rows": list, "flaky": bool}.get(name, str)
        wanted = {list: "a list of strings", bool: "true or false"}.get(kind, "a string")
        strings = not isinstance(value, list) or all(isinstance(one, str) for one in value)
        if type(value) is not kind or not strings:
            raise DeviationError(f"{place}: {name} is {value!r}, and should be {wanted}.")
    if stray := set(item.get("rows", ())) - ROWS.keys():
        raise DeviationError(f"{place} names rows {sorted(stray)}; the rows are {', '.join(ROWS)}.")
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in item.items()}
    return Deviation(**values)


@dataclass(frozen=True)
class Result:
    """What came of one row."""

    row: str
    library: str
    version: str
    device: str
    seconds: float
    passed: int
    skipped: int
    expected_failures: list[str]
    unexpected_failures: dict[str, str]
    unexpected_passes: list[str]
    unknown_tests: list[str]

    @property
    def clean(self) -> bool:
        """Whether the row did exactly what its deviations say."""
        return not (self.unexpected_failures or self.unexpected_passes or self.unknown_tests)


def compare(row: Row, report: dict[str, Any], deviations: Iterable[Deviation], *, whole: bool) -> Result:
    """Hold the outcomes of a row against its deviations.

    Parameters
    ----------
    row : Row
        The row.
    report : dict
        What the plugin wrote.
    deviations : iterable of Deviation
        All entries of the backend's file.
    whole : bool
        Whether the whole suite ran, so that a listed test that did not run is a mistake in the list.

    Returns
    -------
    Result
        Counts, and the names of what was not expected.
    """
    ours = [entry for entry in deviations if entry.concerns(row, report["device"])]
    expected = {test for entry in ours for test in entry.conformance}
    flaky = {test for entry in ours if entry.flaky for test in entry.conformance}
    outcomes: dict[str, str] = report["outcomes"]
    failed = {test for test, outcome in outcomes.items() if outcome == "failed"}
    count = Counter(outcomes.values())
    return Result(
        row=row.name,
        library=report["library"],
        version=report["version"],
        device=report["device"],
        seconds=report["seconds"],
        passed=count["passed"],
        skipped=count["skipped"],
        expected_failures=sorted(failed & expected),
        unexpected_failures={test: report["messages"].get(test, "") for test in sorted(failed - expected)},
        unexpected_passes=sorted(t for t in expected - flaky if outcomes.get(t) == "passed"),
        unknown_tests=sorted(expected - outcomes.keys()) if whole else [],
    )


class SuiteError(Exception):
    """The suite could not be run to its end."""


def run(row: Row, options: argparse.Namespace) -> Result:
    """Run the suite on one row.

    Parameters
    ----------
    row : Row
        The row.
    options : argparse.Namespace
        The command line.

    Returns
    -------
    Result
        What came of it.

    Raises
    ------
    SuiteError
        If pytest did not get to the end.
    """
    deviations = load(DEVIATIONS / f"{row.backend}.toml")
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, "report.json")
        environment = os.environ | {
            "ARRAY_API_TESTS_MODULE": row.module,
            "ARRAY_API_TESTS_VERSION": VERSION,
            "ACCEL_CONFORMANCE_REPORT": str(target),
            "ACCEL_CONFORMANCE_LIBRARY": row.backend,
        }
        started = monotonic()
        command = _command(options)
        try:
            process = subprocess.run(
                command,
                cwd=options.suite,
                env=environment | row.environment,
                capture_output=True,
                text=True,
                timeout=options.timeout,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise SuiteError(f"{row.name}: the suite did not end within {options.timeout:.0f} s.") from error
        if process.returncode not in (0, 1) or not target.exists():
            tail = "\n".join((process.stdout + process.stderr).splitlines()[-30:])
            raise SuiteError(f"{row.name}: pytest ended with status {process.returncode}, and said:\n{tail}")
        report = json.loads(target.read_text(encoding="utf-8"))
    report["seconds"] = round(monotonic() - started, 1)
    return compare(row, report, deviations, whole=not options.k)


def _command(options: argparse.Namespace) -> list[str]:
    command = [sys.executable, "-c", START, str(Path(__file__).resolve().parent), "array_api_tests", "-q"]
    command += ["-p", "conformance_plugin", "-p", "no:cacheprovider", "--tb=short", "--disable-warnings"]
    command += ["--disable-deadline"]
    command += [f"--max-examples={options.examples}", f"--hypothesis-seed={options.seed}"]
    # Without these the suite would read lists that lie in its own folder.
    command += [f"--skips-file={os.devnull}", f"--xfails-file={os.devnull}"]
    command += ["-k", options.k] if options.k else []
    command += ["-n", str(options.workers)] if options.workers > 1 else []
    return command


def _table(results: Sequence[Result]) -> str:
    head = ("row", "library", "device", "passed", "expected", "unexpected", "passes", "skipped", "time")
    lines: list[tuple[str, ...]] = [head]
    for r in results:
        counts = (
            r.passed,
            len(r.expected_failures),
            len(r.unexpected_failures),
            len(r.unexpected_passes),
            r.skipped,
        )
        lines.append((r.row, f"{r.library} {r.version}", r.device, *map(str, counts), f"{r.seconds:.0f} s"))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    cells = (
        [c.ljust(w) if i < 3 else c.rjust(w) for i, (c, w) in enumerate(zip(line, widths, strict=True))]
        for line in lines
    )
    text = ["  ".join(line).rstrip() for line in cells]
    return "\n".join([text[0], "-" * len(text[0]), *text[1:]])


def _complaints(result: Result) -> str:
    lines = []
    for test, message in result.unexpected_failures.items():
        lines.append(f"{result.row}: failed, and is not listed: {test}\n    {message}")
    lines += [
        f"{result.row}: passed, but is listed as a failure: {test}" for test in result.unexpected_passes
    ]
    lines += [f"{result.row}: is listed, but not in the suite: {test}" for test in result.unknown_tests]
    return "\n".join(lines)


def _commit(suite: Path) -> str:
    git = ["git", "-C", str(suite), "rev-parse", "--short", "HEAD"]
    try:
        return subprocess.run(git, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "an unknown commit"


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Run the Array API test suite on accel and its backends.",
        epilog=f"Rows: {', '.join(ROWS)}.",
    )
    parser.add_argument(
        "--suite",
        type=Path,
        default=os.environ.get(SUITE),
        help=f"a checkout of data-apis/array-api-tests with its submodule; default: ${SUITE}",
    )
    parser.add_argument(
        "--backend",
        action="append",
        choices=list(ROWS),
        metavar="ROW",
        help=f"a row to test, may be repeated; default: {', '.join(DEFAULT_ROWS)}",
    )
    parser.add_argument(
        "--examples", type=int, default=50, help="examples for each test; default: %(default)s"
    )
    parser.add_argument(
        "--seed", type=int, default=0, help="seed of all draws, for runs that repeat; default: %(default)s"
    )
    parser.add_argument("-k", default="", metavar="EXPR", help="only the tests that match, as in pytest")
    parser.add_argument("--workers", type=int, default=1, help="processes for each row (needs pytest-xdist)")
    parser.add_argument(
        "--timeout", type=float, metavar="SECONDS", help="how long a row may take; default: forever"
    )
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the results to a file too")
    options = parser.parse_args(arguments)
    if options.suite is None:
        parser.error(f"name a checkout of data-apis/array-api-tests with --suite or ${SUITE}")
    for needed in (
        "array_api_tests/__init__.py",
        f"array-api/src/array_api_stubs/_{VERSION.replace('.', '_')}",
    ):
        if not (options.suite / needed).exists():
            parser.error(
                f"{options.suite} has no {needed}; --suite takes a checkout of data-apis/array-api-tests, "
                "with its submodule (git clone --recursive)"
            )
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the rows that were asked for, and print what came of them.

    Parameters
    ----------
    arguments : sequence of str, optional
        The command line; by default that of the process.

    Returns
    -------
    int
        0 if each row did what its deviations say, 1 if not, 2 if one could not be run.
    """
    options = _options(arguments)
    suite = _commit(options.suite)
    results: list[Result] = []
    broken: list[str] = []
    for name in options.backend or DEFAULT_ROWS:
        try:
            results.append(run(ROWS[name], options))
        except (SuiteError, DeviationError) as error:
            broken.append(str(error))
            print(error, file=sys.stderr)
        else:
            print(_complaints(results[-1]), end="\n" if not results[-1].clean else "", flush=True)
    if results:
        about = f"Array API {VERSION}, suite at {suite}, {options.examples} examples, seed {options.seed}"
        print(f"\n{about}\n\n{_table(results)}")
    if options.json:
        rows = [{**vars(result), "clean": result.clean} for result in results]
        content = {
            "version": VERSION,
            "suite": suite,
            "examples": options.examples,
            "seed": options.seed,
            "rows": rows,
            "broken": broken,
        }
        options.json.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return 2 if broken else 0 if all(result.clean for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
