"""Known deviations: cells of the matrix that cannot be mended, read from ``deviations/<backend>.toml``.

Each entry of a list ``[[matrix]]`` has

- ``op``: name of the spec, such as ``"linalg.eig"``;
- ``case``: words that a case must all have, out of `accel.testing.cases.Case.tags` (``"float16 nan"``); an empty string means every case;
- ``row``: the row it is about; without it, all rows of the backend;
- ``reason``, ``link``, ``since``: why, where that is known, and the version of the library in which it was seen.

The matrix leaves such cases out, and a test of its own fails as soon as none of them fails any more.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from accel.testing.cases import Case
from accel.testing.rows import Row

__all__ = ["Deviation", "deviations", "known"]

PACKED = Path(__file__).parent / "deviations"
FOLDER = PACKED if PACKED.is_dir() else Path(__file__).parents[2] / "tests" / "deviations"
"""Where the lists lie: beside this file in an installed accel, with the tests in a checkout."""


@dataclass(frozen=True)
class Deviation:
    """One entry; see the module."""

    backend: str
    op: str
    case: str
    reason: str
    link: str
    since: str
    row: str = ""

    def __str__(self) -> str:
        return f"{self.row or self.backend}-{self.op}-{self.case.replace(' ', '+') or 'any'}"

    def covers(self, case: Case) -> bool:
        """Tell whether a case of the op is one of those that deviate."""
        return set(self.case.split()) <= case.tags()


@cache
def deviations() -> tuple[Deviation, ...]:
    """Read every entry of every backend."""
    found = []
    for file in sorted(FOLDER.glob("*.toml")):
        entries = tomllib.loads(file.read_text(encoding="utf-8")).get("matrix", [])
        found += [Deviation(backend=file.stem, **entry) for entry in entries]
    return tuple(found)


def known(row: Row, op: str) -> tuple[Deviation, ...]:
    """List the entries about one cell of the matrix."""
    return tuple(
        d for d in deviations() if d.op == op and d.backend == row.backend and d.row in ("", row.name)
    )
