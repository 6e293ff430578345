"""Updating: an array with some elements changed, as a new array."""

from __future__ import annotations

__all__: list[str] = []
