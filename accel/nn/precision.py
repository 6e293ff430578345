"""Mixed precision: casting, and the scaling of losses."""

from __future__ import annotations

__all__: list[str] = []
