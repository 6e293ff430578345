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


LARGE = frozenset({"random.beta", "random.gamma", "random.poisson", "random.truncated_normal"})
"""Ops whose programs take a compiler 1.5 to 4 seconds each, one for each shape and dtype; most others take 0.05."""


def examples(row: Row, op: str) -> int:
    """Give how many examples of an op to draw on a row: fewer where each is a program or a kernel to compile."""
    drawn = settings().max_examples
    if row.backend in (REFERENCE, "accounting", "strict"):
        return drawn
    if op in LARGE:
        return max(2, drawn // 6)
    return max(2, drawn // (3 if row.compiles else 2))
