"""Columns of `accel.nn.resampling`."""
