"""Normalisations: elements brought to a common mean and size."""

from __future__ import annotations

__all__: list[str] = []
