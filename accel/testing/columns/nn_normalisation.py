"""Columns of `accel.nn.normalisation`."""
