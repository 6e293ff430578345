"""Decompositions: triangular systems, LU, least squares, the exponential of a matrix."""

from __future__ import annotations

__all__: list[str] = []
