"""Activations: functions of single elements, between the layers of a network."""

from __future__ import annotations

__all__: list[str] = []
