"""Selection: the largest elements, positions of a known number, and functions of some elements."""

from __future__ import annotations

__all__: list[str] = []
