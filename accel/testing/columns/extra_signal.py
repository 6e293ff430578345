"""Columns of `accel.extra.signal`."""
