"""Columns of `accel.nn.quantisation`."""
