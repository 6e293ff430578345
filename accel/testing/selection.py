"""Selection: the rows on which a user's code runs, those that were asked for or those that this machine can run."""

from __future__ import annotations

from collections.abc import Sequence

import accel.registry as registry
from accel.errors import ArgumentError, BackendUnavailableError
from accel.testing.rows import GUESTS, Row, obstacle, rows

__all__ = ["chosen", "skipped"]


def chosen(names: Sequence[str] | None = None, *, virtual: bool = True) -> tuple[Row, ...]:
    """Give the rows of some names, or all that can run here.

    Parameters
    ----------
    names : sequence of str, optional
        Backends (``"jax"``) and virtual backends (``"jax-jit"``). One that cannot run is an error.
    virtual : bool
        Whether virtual backends are among the rows that nobody named.

    Raises
    ------
    ArgumentError
        If there is no such row.
    BackendUnavailableError
        If a named row cannot run here.
    """
    if names is None:
        found = rows() if virtual else [Row(name, name) for name in registry.names() if name not in GUESTS]
        return tuple(row for row in found if not row.nightly and reason(row) is None)
    if isinstance(names, str):
        names = (names,)
    known = {name: Row(name, name) for name in registry.names()} | {row.name: row for row in rows()}
    for name in names:
        if name not in known:
            raise ArgumentError(
                f"there is no backend {name!r} to run on; the known ones are: {', '.join(known)}."
            )
        found_reason = reason(known[name])
        if found_reason is not None:
            raise BackendUnavailableError(f"{name} was asked for and cannot run here: {found_reason}")
    if not names:
        raise ArgumentError(f"name at least one backend; the known ones are: {', '.join(known)}.")
    return tuple(known[name] for name in dict.fromkeys(names))


def skipped() -> dict[str, str]:
    """Give the rows that cannot run here, each with the reason."""
    return {row.name: why for row in rows() if not row.nightly and (why := reason(row)) is not None}


def reason(row: Row) -> str | None:
    """Give the reason why a row cannot run here, or None."""
    return obstacle(row.backend)
