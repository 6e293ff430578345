"""Columns of `accel.nn.convolution`."""
