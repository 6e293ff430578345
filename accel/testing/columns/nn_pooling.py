"""Columns of `accel.nn.pooling`."""
