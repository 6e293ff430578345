"""Random numbers on NumPy: the ops for which it has something better than their composition."""

from __future__ import annotations

from accel.composition import rest
from accel_numpy.random import _keys, _sampling

# Every other op runs as accel composes it.
__getattr__ = rest("numpy", "random")

# Keys

fold_in = _keys.fold_in

# Sampling

beta = _sampling.beta
bits = _sampling.bits
exponential = _sampling.exponential
gamma = _sampling.gamma
normal = _sampling.normal
poisson = _sampling.poisson
uniform = _sampling.uniform
