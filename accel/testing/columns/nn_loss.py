"""Columns of `accel.nn.loss`."""
