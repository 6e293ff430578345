"""The tests of accel; the matrix of backends and ops is in `test_matrix`."""
