"""What it costs and brings to lend NumPy arrays to a compiler: `accel.jit` beside plain NumPy code, at many sizes."""
