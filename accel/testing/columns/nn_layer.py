"""Columns of `accel.nn.layer`."""
