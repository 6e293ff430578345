"""Quantisation: weights of 8 and 4 bits."""

from __future__ import annotations

__all__: list[str] = []
