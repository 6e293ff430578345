"""What the tests run on: backends and devices, how deep Hypothesis goes, and a report of what really ran."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from typing import Any

os.environ.setdefault("ACCEL_DEVICE", "numpy")
# Several devices where there is one: results must stay on the device of their operands.
os.environ["XLA_FLAGS"] = (
    f"{os.environ.get('XLA_FLAGS', '')} --xla_force_host_platform_device_count=8".strip()
)

import pytest
from hypothesis import settings

import accel
import accel.registry as registry
from accel.dispatch import specs
from accel.testing.rows import REFERENCE, Row, obstacle, rows, usable

settings.register_profile("ci", max_examples=12, deadline=None, print_blob=True, derandomize=False)
settings.register_profile("dev", settings.get_profile("ci"), max_examples=5)
settings.register_profile("nightly", settings.get_profile("ci"), max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that choose backends."""
    group = parser.getgroup("accel")
    group.addoption(
        "--accel-backends",
        metavar="NAMES",
        help="Backends to run, with commas; by default all announced ones.",
    )
    group.addoption(
        "--accel-require",
        metavar="NAMES",
        default=os.environ.get("ACCEL_REQUIRE", ""),
        help="Backends without which the run fails at once, with commas; by default those in ACCEL_REQUIRE.",
    )


def _listed(text: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in (text or "").split(",") if name.strip())


def _chosen(config: pytest.Config) -> tuple[str, ...]:
    """Give the names of the backends to run, the required ones among them."""
    asked = _listed(config.getoption("--accel-backends")) or registry.names()
    return tuple(dict.fromkeys((*asked, *_listed(config.getoption("--accel-require")))))


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to start without what is required."""
    known = registry.names()
    for name in _chosen(config):
        if name not in known:
            raise pytest.UsageError(
                f"there is no backend {name!r}; the announced ones are: {', '.join(known)}"
            )
    for name in _listed(config.getoption("--accel-require")):
        reason = obstacle(name)
        if reason is not None:
            raise pytest.UsageError(f"the backend {name!r} is required and cannot run: {reason}")


def _described(backend: str) -> str:
    """Say which library and device a backend runs on."""
    loaded = registry.load(backend)
    versions: dict[str, str] = (loaded.hook("versions") or dict)()
    libraries = ", ".join(f"{name} {version}" for name, version in versions.items())
    first, *others = usable(backend)
    more = f" and {len(others)} more" if others else ""
    kind = " [EMULATED]" if first.emulated else ""
    return f"{first} ({first.description}){more}{kind}; {libraries or loaded.namespace.__name__}"


def _report(config: pytest.Config) -> list[str]:
    chosen = _chosen(config)
    lines = []
    for name in registry.names():
        if name not in chosen:
            lines.append(f"{name}: NOT RUN, not asked for")
        elif obstacle(name) is not None:
            lines.append(f"{name}: NOT RUN, {obstacle(name)}")
        else:
            lines.append(f"{name}: {_described(name)}")
    return lines


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say on what the tests run."""
    profile = os.environ.get("HYPOTHESIS_PROFILE", "ci")
    asked = config.getoption("--hypothesis-profile", default=None) or profile
    return [
        f"accel {accel.__version__}, hypothesis profile {asked}",
        *(f"  {line}" for line in _report(config)),
    ]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test its rows.

    ``row`` and ``op`` are a cell of the matrix, ``plain_row`` is a backend as it is, ``other_row`` one that is not the reference.
    """
    chosen = _chosen(metafunc.config)
    deep = settings.get_profile("nightly").max_examples <= settings().max_examples
    here = [row for row in rows() if row.backend in chosen and (deep or not row.nightly)]
    if "row" in metafunc.fixturenames and "op" in metafunc.fixturenames:
        cells = [(row, op) for op, spec in specs.items() for row in here if row.runs(spec)]
        metafunc.parametrize(
            ("row", "op"), [_cell(row, op) for row, op in cells], ids=[f"{row}-{op}" for row, op in cells]
        )
    plain = [Row(name, name) for name in chosen]
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
    chosen = _chosen(pytestconfig)

    def check(row: Row) -> None:
        if row.backend not in chosen:
            pytest.skip(f"row {row} was NOT run: not asked for")
        if obstacle(row.backend) is not None:
            pytest.skip(f"row {row} was NOT run: {obstacle(row.backend)}")

    return check


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Note the row of each test, for the summary."""
    for item in items:
        params = getattr(getattr(item, "callspec", None), "params", {})
        row = params.get("row") or params.get("plain_row") or params.get("other_row")
        if row is not None:
            item.user_properties.append(("accel_row", str(row)))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say what really ran."""
    counts: dict[str, Counter[str]] = {}
    seconds: dict[str, float] = {}
    for outcome in ("passed", "failed", "skipped", "error"):
        for report in terminalreporter.stats.get(outcome, ()):
            row = dict(getattr(report, "user_properties", ())).get("accel_row")
            if row is not None:
                counts.setdefault(str(row), Counter())[outcome] += 1
                seconds[str(row)] = seconds.get(str(row), 0.0) + getattr(report, "duration", 0.0)
    terminalreporter.section("accel: what really ran")
    for line in _report(config):
        terminalreporter.write_line(line, **({"red": True, "bold": True} if "NOT RUN" in line else {}))
    for row, found in sorted(counts.items()):
        shown = ", ".join(f"{count} {outcome}" for outcome, count in found.items())
        terminalreporter.write_line(f"  row {row}: {shown}; {seconds[row]:.0f} s")
