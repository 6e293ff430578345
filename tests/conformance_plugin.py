"""The pytest plugin of the processes that `conformance` starts: no shrinking, and notes of what came of each test."""

from __future__ import annotations

import importlib
import json
import os
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings

REPORT, LIBRARY = "ACCEL_CONFORMANCE_REPORT", "ACCEL_CONFORMANCE_LIBRARY"


def pytest_configure(config: Any) -> None:
    """Turn shrinking off, and take notes unless this is a worker of another process that takes them."""
    # The conftest of the suite loads its own profile first: hooks of a conftest run before those of a plugin.
    settings.register_profile(
        "accel-conformance",
        parent=settings(),
        phases=(Phase.explicit, Phase.generate),
        database=None,
        suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large),
    )
    settings.load_profile("accel-conformance")
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Notes(), "accel-conformance-notes")


class _Notes:
    """Outcomes of the tests, written to a file at the end of the session."""

    def __init__(self) -> None:
        self.outcomes: dict[str, str] = {}
        self.messages: dict[str, str] = {}

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            self._note(report)

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed or report.skipped or report.when == "call":
            self._note(report)

    def _note(self, report: Any) -> None:
        if self.outcomes.get(report.nodeid) == "failed":
            return
        self.outcomes[report.nodeid] = report.outcome
        if report.failed:
            crash = getattr(report.longrepr, "reprcrash", None)
            message = str(crash.message if crash else report.longrepr).strip()
            self.messages[report.nodeid] = message.splitlines()[0] if message else ""

    def pytest_sessionfinish(self) -> None:
        version, device = _library(os.environ[LIBRARY])
        notes = {"outcomes": self.outcomes, "messages": self.messages}
        about = {"library": os.environ[LIBRARY], "version": version, "device": device}
        Path(os.environ[REPORT]).write_text(json.dumps(about | notes), encoding="utf-8")


def _library(name: str) -> tuple[str, str]:
    """Give the version of a library and the name of the device it computes on."""
    library = importlib.import_module(name)
    version = str(library.__version__)
    if name == "cupy":
        return version, library.cuda.runtime.getDeviceProperties(0)["name"].decode()
    if name == "jax":
        x64 = "on" if library.config.jax_enable_x64 else "off"
        return version, f"{library.devices()[0].device_kind}, x64 {x64}"
    return version, "cpu"
