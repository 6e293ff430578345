"""Rearrangement: padding and sliding windows."""

from __future__ import annotations

__all__: list[str] = []
