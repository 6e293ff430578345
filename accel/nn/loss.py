"""Losses: how far predictions are from what was wanted."""

from __future__ import annotations

__all__: list[str] = []
