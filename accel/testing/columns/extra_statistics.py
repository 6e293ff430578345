"""Columns of `accel.extra.statistics`."""
