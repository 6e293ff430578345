"""Columns of `accel.extra.counting`."""
