"""What the standard leaves out on CuPy: the ops for which it has something better than their composition."""

from __future__ import annotations

from accel.composition import rest
from accel_cupy import _device

# Every other op runs as accel composes it.
__getattr__ = rest("cupy", "extra")

# Contraction

# Counting

# Decomposition

# Rearrangement

# Segments

# Selection

# Signal

# Special

# Statistics

# Updating

# With one GPU the namespace stays native.
if _device.several():
    _device.guard(globals())
