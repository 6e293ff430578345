"""What the standard leaves out on NumPy: the ops for which it has something better than their composition."""

from __future__ import annotations

from accel.composition import rest
from accel_numpy.extra import _contraction

# Every other op runs as accel composes it.
__getattr__ = rest("numpy", "extra")

# Contraction

einsum = _contraction.einsum

# Counting

# Decomposition

# Rearrangement

# Segments

# Selection

# Signal

# Special

# Statistics

# Updating
