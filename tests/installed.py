"""Installations in a folder: built wheels, distributions written by hand, and Python processes that see nothing else.

Nothing is replaced by a stand-in: entry points are found by `importlib.metadata`, libraries that a process is not to have are not there.
"""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import zipfile
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

__all__ = ["ROOT", "borrow", "build", "plant", "run", "unpack"]

ROOT = Path(__file__).resolve().parent.parent


def build(project: Path, into: Path, kind: str = "wheel") -> Path:
    """Build a distribution of a project, offline; give the file."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(into)]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    (made,) = into.iterdir()
    return made


def unpack(wheel: Path, site: Path) -> None:
    """Install a wheel of pure Python into a folder: such a wheel is an archive of what it installs."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)


def borrow(site: Path, *names: str) -> None:
    """Let a folder have distributions of this environment, by links to them."""
    for name in names:
        distribution = metadata.distribution(name)
        for entry in {file.parts[0] for file in distribution.files or ()} - {"..", "__pycache__"}:
            (site / entry).symlink_to(Path(str(distribution.locate_file(entry))))


def plant(
    site: Path,
    name: str,
    *,
    backends: Mapping[str, str],
    kinds: Mapping[str, str] | None = None,
    modules: Mapping[str, str] | None = None,
    metadata_lines: str = "",
) -> None:
    """Install a distribution written by hand: entry points and the source of its modules."""
    info = site / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.4\nName: {name}\nVersion: 1.0\n{metadata_lines}")
    groups = {"accel.backends": backends, "accel.kinds": kinds or {}}
    text = "".join(
        f"[{group}]\n" + "".join(f"{key} = {value}\n" for key, value in points.items())
        for group, points in groups.items()
    )
    (info / "entry_points.txt").write_text(text)
    record = []
    for module, source in (modules or {}).items():
        file = site / f"{module.replace('.', '/')}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(source))
        record.append(f"{file.relative_to(site)},,\n")
    (info / "RECORD").write_text("".join(record))


def run(
    *arguments: str, site: Path | None = None, cwd: Path, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run Python.

    Parameters
    ----------
    *arguments : str
        Of the interpreter.
    site : path, optional
        The one folder from which it imports beside the standard library; by default it has this environment.
    cwd : path
        Working directory, which is not on its module search path.
    env : dict, optional
        Further environment variables; those that steer accel or JAX are not inherited.
    """
    alone = [] if site is None else ["-S"]
    steering = ("ACCEL_", "PYTHONPATH", "XLA_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(steering)}
    path = {} if site is None else {"PYTHONPATH": str(site)}
    return subprocess.run(
        [sys.executable, "-P", *alone, *arguments],
        cwd=cwd,
        env={**inherited, **path, **(env or {})},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
