"""Attention: values weighted by how well their keys fit a query."""

from __future__ import annotations

__all__: list[str] = []
