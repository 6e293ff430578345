"""How fast the accel GPT is, beside the same model written by hand in NumPy and in JAX."""
