"""What one can do with the project: `nox -l` lists it, `nox -s NAME` does it."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import nox

nox.needs_version = ">=2025.5"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.error_on_missing_interpreters = False
nox.options.sessions = ["lint", "typing", "tests"]

PYPROJECT = nox.project.load_toml("pyproject.toml")
OLDEST = "3.11"
PYTHONS = [OLDEST, "3.12", "3.13", "3.14"]
EMULATION = Path("../shared/cupy-cpu")
"""Where the build of CuPy whose kernels run on the CPU lies, if it is there (a wheel for CPython 3.11 on Linux)."""


def group(name: str) -> list[str]:
    """Read a dependency group."""
    return list(nox.project.dependency_groups(PYPROJECT, name))


def cupy() -> tuple[str | None, str]:
    """Find the CuPy that fits this machine: (what to install, why this one)."""
    asked = os.environ.get("ACCEL_CUPY")
    if asked:
        return asked, "asked for by ACCEL_CUPY"
    if shutil.which("nvidia-smi"):
        return "cupy-cuda13x[ctk]", "for the NVIDIA GPU of this machine"
    wheels = sorted(EMULATION.glob("cupy-*.whl"))
    if wheels and sys.platform == "linux":
        return str(wheels[-1]), "the CPU build: no GPU here"
    return None, "no GPU and no CPU build of CuPy here; set ACCEL_CUPY to a wheel or requirement to add one"


def install(session: nox.Session, *groups: str, with_jax: bool = True) -> list[str]:
    """Install the project and all backends that this machine can have; give the names of those backends."""
    requirements = [requirement for name in groups for requirement in group(name)]
    backends = ["numpy"]
    if with_jax:
        requirements.append("jax>=0.10")
        backends.append("jax")
    session.install("-e", ".", *requirements)
    found, reason = cupy()
    version = session.python or f"{sys.version_info.major}.{sys.version_info.minor}"
    if found and found.endswith(".whl") and version != OLDEST:
        found, reason = None, f"the CPU build of CuPy is for Python {OLDEST}"
    if found:
        session.install(found)
        backends.append("cupy")
    session.log(f"CuPy: {found or 'not installed'} ({reason})")
    return backends


@nox.session
def demo(session: nox.Session) -> None:
    """Run the main job on every backend this machine can have: `nox -s demo`, `nox -s demo -- --quick`."""
    install(session, "examples")
    session.run("python", "examples/digits.py", "--out", "digits.png", *session.posargs)


@nox.session
def gpt(session: nox.Session) -> None:
    """Train, fine-tune, quantise and ask a small GPT on every backend, and write gpt-report/: `nox -s gpt`, `nox -s gpt -- --quick`."""
    install(session, "examples")
    session.run("python", "examples/gpt", "report", *session.posargs)


def whole() -> str:
    """Name the Python on which all tests run: the oldest, for which all backends are there, or where it is missing the newest found."""
    found = [version for version in PYTHONS if shutil.which(f"python{version}")]
    return OLDEST if OLDEST in found or not found else found[-1]


def pytest(session: nox.Session, *arguments: str) -> None:
    """Install all that the tests need, and run them in as many processes as there are processors, in two at least."""
    required = ",".join(install(session, "test"))
    workers = str(max(2, os.cpu_count() or 2))
    session.run(
        *("python", "-m", "pytest", "-n", workers, "--dist", "worksteal", f"--accel-require={required}"),
        *arguments,
    )


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the tests on every backend, all on Python 3.11 and a brief selection on each other Python: `nox -s tests`.

    What stands after `--` goes to pytest, and then nothing is left out on any Python: `nox -s tests-3.13 -- tests`,
    `nox -s tests -- -k add --hypothesis-profile nightly`. `nox -s tests -- --brief` is brief on all of them.
    """
    brief = [] if session.posargs or session.python == whole() else ["--brief"]
    pytest(session, *brief, *session.posargs)


@nox.session(python=OLDEST)
def coverage(session: nox.Session) -> None:
    """Run all tests and say which lines none of them reaches: `nox -s coverage`."""
    pytest(session, "--cov", "--cov-report=term:skip-covered", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and metadata: `nox -s lint`, `nox -s lint -- --fix`."""
    session.install(*group("lint"))
    session.run("ruff", "format", *([] if "--fix" in session.posargs else ["--check"]), ".")
    session.run("ruff", "check", *session.posargs, ".")
    session.run("validate-pyproject", "pyproject.toml")


@nox.session(python=OLDEST)
def typing(session: nox.Session) -> None:
    """Check types with mypy (strict) and pyright: `nox -s typing`."""
    install(session, "typing")
    session.run("mypy", *session.posargs)
    session.run("pyright", *session.posargs)


@nox.session(python=OLDEST)
def bench(session: nox.Session) -> None:
    """Measure overhead side by side with the peers and print the table: `nox -s bench`."""
    install(session, "bench")
    env = {"OPENBLAS_CORETYPE": None, "OPENBLAS_L2_SIZE": None}
    session.run(
        "python", "-m", "pytest", "benchmarks", "--benchmark-disable-gc", "-q", *session.posargs, env=env
    )


@nox.session(python=OLDEST)
def workloads(session: nox.Session) -> None:
    """Measure whole computations side by side with the peers and write docs/workloads.md: `nox -s workloads` (an hour)."""
    install(session, "workloads")
    # What was built for the machine at hand is not what a user installs.
    env = {"OPENBLAS_CORETYPE": None, "OPENBLAS_L2_SIZE": None, "PYTHONPATH": "benchmarks"}
    target = () if session.posargs else ("--write", "docs/workloads.md")
    session.run("python", "-m", "workloads", *target, *session.posargs, env=env)


@nox.session(python=OLDEST)
def lending(session: nox.Session) -> None:
    """Measure from which size on compiling for NumPy arrays pays and write docs/lending.md: `nox -s lending`."""
    install(session)
    env = {"OPENBLAS_CORETYPE": None, "OPENBLAS_L2_SIZE": None, "PYTHONPATH": "benchmarks"}
    target = () if session.posargs else ("--write", "docs/lending.md")
    session.run("python", "-m", "lending", *target, *session.posargs, env=env)


@nox.session(python=OLDEST)
def mutation(session: nox.Session) -> None:
    """Plant faults and see that the tests catch them: `nox -s mutation`, `nox -s mutation -- --sample 200`."""
    install(session, "test")
    session.run("python", "-m", "tests.mutation", *session.posargs)


@nox.session(python=OLDEST)
def marathon(session: nox.Session) -> None:
    """Run a million Hypothesis examples over all ops and backends: `nox -s marathon -- --workers 8`."""
    install(session, "test")
    session.run("python", "-m", "tests.marathon", *session.posargs)


@nox.session(python=OLDEST)
def pages(session: nox.Session) -> None:
    """Measure again and write the generated pages of docs/: `nox -s pages` (about twenty minutes)."""
    install(session, "test")
    session.run("python", "docs/make_deviations.py")
    session.run("python", "docs/make_ops.py")
    session.run("python", "docs/make_ledger.py", "--measure")
    session.run("python", "docs/make_bounds.py", "--measure")
    session.run("python", "docs/make_gradients.py", "--measure")


@nox.session(python=OLDEST)
def conformance(session: nox.Session) -> None:
    """Run the standard's suite: `nox -s conformance -- --suite PATH` (a checkout of data-apis/array-api-tests)."""
    install(session, "conformance")
    session.run("python", "tests/conformance.py", *session.posargs)


@nox.session
def build(session: nox.Session) -> None:
    """Build wheel and sdist into dist/ and check the wheel: `nox -s build`."""
    session.install("build", "check-wheel-contents")
    session.run("python", "-m", "build", "--outdir", "dist", ".")
    session.run("check-wheel-contents", *map(str, Path("dist").glob("*.whl")))
