"""Fresh interpreters: what happens at a first call, under an environment or beside other distributions shows in no other place."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

__all__ = ["announce", "run"]


def run(code: str, *, path: Path | None = None, **environment: str | None) -> str:
    """Run Python code in a process of its own and give what it printed.

    Parameters
    ----------
    code : str
        The program; its indentation is taken off.
    path : Path, optional
        A folder that the process finds modules and distributions in.
    **environment : str or None
        Variables to set, or None to unset.
    """
    changed = {**os.environ, **environment}
    if path is not None:
        changed["PYTHONPATH"] = os.pathsep.join(filter(None, (str(path), os.environ.get("PYTHONPATH"))))
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", dedent(code)],
        capture_output=True,
        text=True,
        timeout=300,
        env={name: value for name, value in changed.items() if value is not None},
    )
    assert done.returncode == 0, f"ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return done.stdout.strip()


def announce(
    folder: Path, project: str, module: str, backend: str, source: str, kinds: str | None = None
) -> None:
    """Put a module into a folder, with the metadata of an installed distribution that announces it as a backend."""
    (folder / f"{module}.py").write_text(dedent(source))
    info = folder / f"{project}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project}\nVersion: 1.0\n")
    points = f"[accel.backends]\n{backend} = {module}\n"
    if kinds is not None:
        points += f"[accel.kinds]\n{backend} = {kinds}\n"
    (info / "entry_points.txt").write_text(points)
