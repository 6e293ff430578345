"""Sampling: arrays of random numbers from a key."""

from __future__ import annotations

__all__: list[str] = []
