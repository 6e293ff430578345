"""Columns of `accel.extra.special`."""
