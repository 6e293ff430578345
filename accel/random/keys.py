"""Keys: where random numbers start, and how one key makes others."""

from __future__ import annotations

__all__: list[str] = []
