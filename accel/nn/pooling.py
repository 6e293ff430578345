"""Pooling: the largest or the mean of each window."""

from __future__ import annotations

__all__: list[str] = []
