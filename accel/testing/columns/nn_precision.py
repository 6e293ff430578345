"""Columns of `accel.nn.precision`."""
