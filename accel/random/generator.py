"""Generators."""

__all__: list[str] = []
