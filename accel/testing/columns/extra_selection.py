"""Columns of `accel.extra.selection`."""
