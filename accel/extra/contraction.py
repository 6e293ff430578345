"""Contractions and products: sums over named axes, Kronecker products, block matrices."""

from __future__ import annotations

__all__: list[str] = []
