"""Columns of `accel.nn.activation`."""
