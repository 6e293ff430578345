"""Counting: histograms, bins and occurrences."""

from __future__ import annotations

__all__: list[str] = []
