"""The distribution: what the wheel and the sdist hold, what they say of themselves, and that they work where they are installed."""

from __future__ import annotations

import email
import tarfile
import tomllib
import zipfile
from email.message import Message
from importlib import metadata
from pathlib import Path

import pytest

import accel
from tests.installed import ROOT, borrow, build, run, unpack

PACKAGES = ("accel", "accel_cupy", "accel_jax", "accel_numpy")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
INFO = f"accel_xp-{accel.__version__}.dist-info"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder into which the sdist unpacks."""
    archive = build(ROOT, tmp_path_factory.mktemp("sdist"), "sdist")
    into = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(archive) as tar:
        tar.extractall(into, filter="data")
    return into / f"accel_xp-{accel.__version__}"


@pytest.fixture(scope="module")
def said(wheel: Path) -> Message:
    """What the wheel says of itself."""
    with zipfile.ZipFile(wheel) as archive:
        return email.message_from_string(archive.read(f"{INFO}/METADATA").decode())


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_wheel_holds_the_four_packages_and_nothing_else(wheel: Path) -> None:
    assert wheel.name == f"accel_xp-{accel.__version__}-py3-none-any.whl"
    assert {name.split("/")[0] for name in contents(wheel)} == {*PACKAGES, INFO}


def test_the_wheel_holds_every_module(wheel: Path) -> None:
    held = {name for name in contents(wheel) if name.endswith(".py")}
    written = {p.relative_to(ROOT).as_posix() for p in (ROOT / "accel").rglob("*.py")}
    written |= {p.relative_to(ROOT / "backends").as_posix() for p in (ROOT / "backends").rglob("*.py")}
    assert held == written


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_is_typed(wheel: Path, package: str) -> None:
    assert f"{package}/py.typed" in contents(wheel)


def test_the_version_is_the_same_everywhere(said: Message) -> None:
    assert said["Version"] == accel.__version__ == PROJECT["version"]


def test_entry_points(wheel: Path) -> None:
    installed = metadata.PathDistribution(zipfile.Path(wheel, f"{INFO}/"))
    points = {(p.group, p.name): p.value for p in installed.entry_points}
    assert points.pop(("console_scripts", "accel")) == "accel.__main__:main"
    backends = {name: value for (group, name), value in points.items() if group == "accel.backends"}
    assert backends == {"cupy": "accel_cupy", "jax": "accel_jax", "numpy": "accel_numpy"}
    assert {name for group, name in points if group == "accel.kinds"} == set(backends)


def test_numpy_is_the_one_hard_dependency(said: Message) -> None:
    hard = [line for line in said.get_all("Requires-Dist", []) if "extra ==" not in line]
    assert [line.partition(">")[0] for line in hard] == ["numpy"]


def test_every_library_has_an_extra_and_every_gpu_its_own(said: Message) -> None:
    extras = set(said.get_all("Provides-Extra", []))
    assert extras >= {"numpy", "jax", "testing"}
    assert extras >= {"jax-cuda12", "jax-cuda13", "jax-tpu", "cupy-cuda12", "cupy-cuda13", "cupy-rocm"}
    asked = " ".join(said.get_all("Requires-Dist", []))
    assert "cupy>" not in asked, "the distribution `cupy` is built from source"


def test_what_a_package_index_shows(said: Message) -> None:
    assert said["Name"] == "accel-xp"
    assert said["License-Expression"] == "MIT"
    assert said["Requires-Python"] == ">=3.11"
    assert said["Description-Content-Type"] == "text/markdown"
    assert said.get_payload() == (ROOT / "README.md").read_text()


def test_the_licence_comes_along(wheel: Path) -> None:
    assert contents(wheel)[f"{INFO}/licenses/LICENSE"].startswith(b"MIT License")


def test_the_sdist_has_what_it_takes_to_build_and_test(sdist: Path) -> None:
    for name in (
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "noxfile.py",
        "accel",
        "backends",
        "examples",
        "tests",
    ):
        assert (sdist / name).exists(), name


def test_the_sdist_has_no_waste(sdist: Path) -> None:
    waste = {
        "__pycache__",
        ".git",
        ".hypothesis",
        ".mypy_cache",
        ".nox",
        ".pytest_cache",
        ".ruff_cache",
        ".venv",
    }
    assert not [p for p in sdist.rglob("*") if p.name in waste or p.suffix in {".pyc", ".whl"}]
    assert max(p.stat().st_size for p in sdist.rglob("*")) < 1_000_000


def test_the_sdist_gives_the_same_wheel(
    sdist: Path, wheel: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert contents(build(sdist, tmp_path_factory.mktemp("again"))) == contents(wheel)


def test_the_wheel_works_where_it_is_installed(
    wheel: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    site = tmp_path_factory.mktemp("site")
    unpack(wheel, site)
    borrow(site, "numpy")
    code = (
        "import accel, numpy; accel.add; x = accel.add(numpy.ones(2), 1); "
        "print(accel.__file__, accel.__version__, type(x).__name__, x.tolist(), *accel.backends())"
    )
    done = run("-c", code, site=site, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split(maxsplit=1) == [
        str(site / "accel" / "__init__.py"),
        f"{accel.__version__} ndarray [2.0, 2.0] cupy jax numpy\n",
    ]
    done = run("-m", "accel", "doctor", "--require", "numpy", site=site, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
