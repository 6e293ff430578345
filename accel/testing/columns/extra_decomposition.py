"""Columns of `accel.extra.decomposition`."""
