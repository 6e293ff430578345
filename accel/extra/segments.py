"""Segments: reductions over elements that belong together."""

from __future__ import annotations

__all__: list[str] = []
