"""The pytest plugin: fixtures, options and markers for tests that run on several backends.

pytest loads it by its entry point, ``accel``; ``-p no:accel`` leaves it out. It imports nothing but pytest before a test, an option or
the project's settings ask for something.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import accel
    from accel.testing.plugin.target import Target

__all__ = ["NAME", "TARGET"]

NAME = "accel_backend"
"""The property by which the report of a test says on which backend it ran."""

TARGET = "_accel_target"
"""The fixture that `xp`, `backend` and `device` share, so that a test is run once for each target, whichever of them it takes."""

MARKERS = (
    "skip_xp_backend(*backends, reason, np_only=False, cpu_only=False, eager_only=False, exceptions=()): "
    "do not run on these backends.",
    "xfail_xp_backend(*backends, reason, strict=True, raises=None, np_only=False, cpu_only=False, eager_only=False, exceptions=()): "
    "expect to fail on these backends.",
    "skip_xp_backends(...): another spelling of skip_xp_backend.",
    "xfail_xp_backends(...): another spelling of xfail_xp_backend.",
    "needs_device(*kinds, reason, emulated=True): run only where there is a device of one of these kinds.",
    "needs_capability(*names, reason): run only on backends that have all of these: a dtype, an op, in-place, jit, "
    "data-dependent shapes ...",
    "accel_supports(of, check='skip'): skip backends that the @accel.supports of a function excludes, or see that it raises "
    "UnsupportedError there (check='raises').",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that choose backends."""
    group = parser.getgroup("accel", "accel: the same tests on several array libraries")
    group.addoption(
        "--accel-backends",
        metavar="NAMES",
        help="Backends that tests with the fixtures xp, backend or device run on, with commas: NAME, NAME:DEVICE (jax:cpu:1) or all. "
        "By default those of the setting accel_backends, else all announced ones.",
    )
    group.addoption(
        "--accel-require",
        metavar="NAMES",
        help="Backends without which the run fails at once instead of skipping, with commas; by default those in ACCEL_REQUIRE.",
    )
    parser.addini("accel_backends", "Backends to run on where --accel-backends is not given.", type="args")


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers, and refuse to start without what is required."""
    for line in MARKERS:
        config.addinivalue_line("markers", line)
    if not _is_worker(config) and _asks(config):
        from accel.testing.plugin.target import demand

        demand(config)


def _is_worker(config: pytest.Config) -> bool:
    """Tell whether this process runs tests for another one (xdist), which has checked the options and prints."""
    return hasattr(config, "workerinput")


def _asks(config: pytest.Config) -> bool:
    """Tell whether somebody chose backends."""
    options = config.getoption("--accel-backends"), config.getoption("--accel-require")
    return any((*options, os.environ.get("ACCEL_REQUIRE"), config.getini("accel_backends")))


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say which backends are asked for."""
    if not _asks(config):
        return []
    from accel.testing.plugin.summary import header

    return header(config)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test that takes one of the fixtures on each target."""
    if TARGET in metafunc.fixturenames:
        from accel.testing.plugin.target import chosen

        metafunc.parametrize(TARGET, chosen(metafunc.config), ids=str, indirect=True)


@pytest.hookimpl(wrapper=True)
def pytest_pycollect_makeitem() -> Generator[None, Any, Any]:
    """Read the markers of each new test, so that what is wrong with one is said at collection."""
    made = yield
    for item in made if isinstance(made, list) else ():
        if not isinstance(item, pytest.Item):
            continue
        if _target(item) is not None:
            # By this mark Hypothesis knows that a method is run on several instances of its class by intention.
            item.add_marker(pytest.mark.parametrize(TARGET, []))
        if _is_concerned(item):
            from accel.testing.plugin.marks import rules

            rules(item)
    return made


_NAMES = frozenset(line.partition("(")[0] for line in MARKERS)


def _is_concerned(item: pytest.Item) -> bool:
    return any(mark.name in _NAMES for mark in item.iter_markers())


def _target(item: pytest.Item) -> Target | None:
    found: Target | None = getattr(getattr(item, "callspec", None), "params", {}).get(TARGET)
    return found


@pytest.hookimpl(tryfirst=True)  # before pytest itself looks at the marks for skipping and failing
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip or xfail as the markers say, else enter the scope of the device."""
    target = _target(item)
    if target is not None or _is_concerned(item):
        from accel.testing.plugin.marks import prepare

        prepare(item, target)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, Any, Any]:
    """Turn a test that has to be refused around: it passes by raising ``UnsupportedError``."""
    if _target(pyfuncitem) is None:
        return (yield)
    from accel.testing.plugin.marks import refused

    with refused(pyfuncitem):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, Any, Any]:
    """Leave the scope of the device after the last fixture."""
    try:
        return (yield)
    finally:
        if _target(item) is not None:
            from accel.testing.plugin.target import leave

            leave(item)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what really ran."""
    reports = (report for kind in terminalreporter.stats.values() for report in kind)
    if any(key == NAME for report in reports for key, _ in getattr(report, "user_properties", ())):
        from accel.testing.plugin.summary import write

        write(terminalreporter, config)


# One scope for the three: their values depend on the parameter alone, so Hypothesis may keep them from one example to the next,
# and fixtures of a project that are as long-lived may use them.
@pytest.fixture(scope="module", name=TARGET)
def _fixture(request: pytest.FixtureRequest) -> Target:
    target: Target = request.param
    return target


@pytest.fixture(scope="module")
def backend(_accel_target: Target) -> str:
    """Name of the backend that the test runs on, such as ``"jax"``; the test runs once on each."""
    return _accel_target.backend


@pytest.fixture(scope="module")
def xp(_accel_target: Target) -> Any:
    """Namespace of the backend that the test runs on; arrays that accel creates lie on `device`."""
    return _accel_target.namespace


@pytest.fixture(scope="module")
def device(_accel_target: Target) -> accel.Device:
    """The ``accel.Device`` that the test runs on; ``device.native`` is the library's own object."""
    return _accel_target.device
