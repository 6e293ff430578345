"""Random numbers on JAX: the ops for which it has something better than their composition."""

from __future__ import annotations

from accel.composition import rest

# Every other op runs as accel composes it.
__getattr__ = rest("jax", "random")

# Keys

# Sampling
