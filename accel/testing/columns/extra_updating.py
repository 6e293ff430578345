"""Columns of `accel.extra.updating`."""
