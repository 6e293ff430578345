"""Columns of the matrix: for each spec, how to draw arguments and how to compare results; one file per chapter."""

from __future__ import annotations

from importlib import import_module

from accel.testing.columns.table import Column, table

__all__ = ["CHAPTERS", "Column", "table"]

CHAPTERS = (
    "creation",
    "data_type",
    "elementwise",
    "fft",
    "indexing",
    "linalg",
    "linear_algebra",
    "manipulation",
    "searching",
    "sets",
    "sorting",
    "statistical",
    "utility",
)

for _chapter in CHAPTERS:
    import_module(f"accel.testing.columns.{_chapter}")
