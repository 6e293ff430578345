"""What the tests run on: rows and cells of the matrix, and how deep Hypothesis goes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

os.environ.setdefault("ACCEL_DEVICE", "numpy")
# Several devices where there is one: results must stay on the device of their operands.
os.environ["XLA_FLAGS"] = (
    f"{os.environ.get('XLA_FLAGS', '')} --xla_force_host_platform_device_count=8".strip()
)

import pytest
from hypothesis import settings

from accel.dispatch import specs
from accel.testing.plugin import summary, target
from accel.testing.plugin.target import describe
from accel.testing.rows import GUESTS, REFERENCE, Row, obstacle, rows
from tests.depth import BRIEF, is_brief, is_deep

settings.register_profile("ci", max_examples=12, deadline=None, print_blob=True, derandomize=False)
# A change is not kept out by what another machine happens to draw; the deep profiles are there to search.
settings.register_profile("gate", settings.get_profile("ci"), derandomize=True)
settings.register_profile("dev", settings.get_profile("ci"), max_examples=5)
settings.register_profile("nightly", settings.get_profile("ci"), max_examples=1000)
settings.register_profile(BRIEF, settings.get_profile("gate"), max_examples=3)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

LEFT_OUT = (
    "takes long and asks nothing of another version of Python, NumPy or JAX that a quicker test does not ask"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option of a brief run."""
    parser.addoption("--brief", action="store_true", help="Few examples, and no test or row that takes long.")


@pytest.hookimpl(trylast=True)  # after Hypothesis has read its own options
def pytest_configure(config: pytest.Config) -> None:
    """Say what the mark means, and choose the depth of a brief run."""
    config.addinivalue_line("markers", f"thorough: {LEFT_OUT}; a brief run leaves it out.")
    if config.getoption("--brief"):
        settings.load_profile(BRIEF)


@pytest.hookimpl(trylast=True)  # after -k: what it leaves says what was not run
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out of a brief run what is marked so, and of a row that cannot run all but one test of a kind, which says so."""
    said: set[tuple[Any, ...]] = set()
    kept = []
    for item in items:
        row = _row(item)
        if is_brief() and _takes_long(item):
            continue
        if row is not None and obstacle(row.backend) is not None:
            kind = getattr(item, "originalname", item.name), item.path, str(row)
            if kind in said:
                continue
            said.add(kind)
        kept.append(item)
    if len(kept) < len(items):
        ran = set(kept)
        config.hook.pytest_deselected(items=[item for item in items if item not in ran])
        items[:] = kept


OF_AN_EXAMPLE = "test_gpt_"
"""Tests of a program that is written against accel: what they ask of the libraries, the tests of accel ask as well."""


def _takes_long(item: pytest.Item) -> bool:
    row = _row(item)
    compiles = row is not None and row.compiles
    return (
        compiles
        or item.path.name.startswith(OF_AN_EXAMPLE)
        or item.get_closest_marker("thorough") is not None
    )


def _row(item: pytest.Item) -> Row | None:
    """Give the row that a test runs on, if it runs on one."""
    params = getattr(getattr(item, "callspec", None), "params", {})
    found = params.get("row") or params.get("plain_row") or params.get("other_row")
    return found if isinstance(found, Row) else None  # and not the mark of an empty list


def chosen(config: pytest.Config) -> tuple[str, ...]:
    """Give the names of the backends to run; where nobody names any, those that the kit brings are among them."""
    brought = () if config.getoption("--accel-backends") else GUESTS
    return tuple(dict.fromkeys((*(each.backend for each in target.chosen(config)), *brought)))


def pytest_report_header(config: pytest.Config) -> str:
    """Say how deep Hypothesis goes, and whether the run is brief."""
    profile = f"hypothesis profile {settings.get_current_profile_name()}"
    if not is_brief():
        return profile
    return f"{profile}: a BRIEF run, few examples, without the compiled rows and the tests marked thorough"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test its rows.

    ``row`` and ``op`` are a cell of the matrix, ``plain_row`` is a backend as it is, ``other_row`` one that is not the reference.
    """
    names = chosen(metafunc.config)
    here = [row for row in rows() if row.asked(names) and (is_deep() or not row.nightly)]
    if "row" in metafunc.fixturenames and "op" in metafunc.fixturenames:
        cells = [(row, op) for op, spec in specs.items() for row in here if row.runs(spec)]
        metafunc.parametrize(
            ("row", "op"), [_cell(row, op) for row, op in cells], ids=[f"{row}-{op}" for row, op in cells]
        )
    plain = [Row(name, name) for name in names if name not in GUESTS]
    if "plain_row" in metafunc.fixturenames:
        metafunc.parametrize("plain_row", [_cell(row) for row in plain], ids=str)
    if "other_row" in metafunc.fixturenames:
        metafunc.parametrize("other_row", [_cell(row) for row in plain if row.backend != REFERENCE], ids=str)


def _cell(row: Row, *others: Any) -> Any:
    reason = obstacle(row.backend)
    marks = () if reason is None else (pytest.mark.skip(reason=f"row {row} was NOT run: {reason}"),)
    return pytest.param(row, *others, marks=marks)


@pytest.fixture(scope="session")
def runnable(pytestconfig: pytest.Config) -> Callable[[Row], None]:
    """Skip a test whose row is not run."""
    names = chosen(pytestconfig)

    def check(row: Row) -> None:
        if row.backend not in names:
            pytest.skip(f"row {row} was NOT run: not asked for")
        if obstacle(row.backend) is not None:
            pytest.skip(f"row {row} was NOT run: {obstacle(row.backend)}")

    return check


@pytest.hookimpl(tryfirst=True)  # before a row that cannot run is skipped
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Note the row of a test, for the summary."""
    row = _row(item)
    if row is not None:
        reason = obstacle(row.backend)
        device = None if reason is not None else describe(row.device)
        summary.note(item, str(row), device=device, obstacle=reason)


KEPT = 200
"""After so many tests JAX forgets what it has compiled: a worker would grow by gigabytes."""


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Keep the memory of a long run small."""
    item.config.stash[_done] = item.config.stash.get(_done, 0) + 1
    if item.config.stash[_done] % KEPT == 0 and "jax" in sys.modules:
        sys.modules["jax"].clear_caches()


_done = pytest.StashKey[int]()
