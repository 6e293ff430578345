"""Statistics: quantiles, covariances, and reductions that pass over nan."""

from __future__ import annotations

__all__: list[str] = []
