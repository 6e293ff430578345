"""Columns of `accel.extra.segments`."""
