"""Columns of `accel.extra.rearrangement`."""
