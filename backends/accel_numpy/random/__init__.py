"""Random numbers on NumPy: the ops for which it has something better than their composition."""

from __future__ import annotations

from accel.composition import rest

# Every other op runs as accel composes it.
__getattr__ = rest("numpy", "random")

# Keys

# Sampling
