"""Columns of `accel.nn.attention`."""
