"""Columns of `accel.nn.position`."""
