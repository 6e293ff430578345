"""Columns of `accel.random.keys`."""
