"""Gradients: of which ops in which arguments there are any, and whether they are the derivatives."""

from __future__ import annotations

from accel.testing.gradients import extra, nn, random, standard  # noqa: F401  (enter their ops in the table)
from accel.testing.gradients.table import Call, Entry, table

__all__ = ["Call", "Entry", "table"]
