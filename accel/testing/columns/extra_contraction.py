"""Columns of `accel.extra.contraction`."""
