"""Columns of `accel.random.sampling`."""
