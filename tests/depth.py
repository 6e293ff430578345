"""Depth: how many examples a row is worth, and what a brief run leaves out."""

from __future__ import annotations

from hypothesis import settings

from accel.testing.rows import REFERENCE, Row

__all__ = ["examples", "is_brief", "is_deep"]

BRIEF = "brief"
"""The Hypothesis profile of a brief run."""


def is_deep() -> bool:
    """Tell whether the profile is one that searches for a long time."""
    return settings.get_profile("nightly").max_examples <= settings().max_examples


def is_brief() -> bool:
    """Tell whether this is a brief run: one more Python, beside one on which all tests run."""
    return settings.get_current_profile_name() == BRIEF


def examples(row: Row) -> int:
    """Give how many examples to draw on a row: fewer where each is a program or a kernel to compile."""
    drawn = settings().max_examples
    if row.compiles:
        return max(1, drawn // 3)
    return max(2, drawn // 2) if row.backend not in (REFERENCE, "accounting", "strict") else drawn
