"""Random numbers on JAX: the ops for which it has something better than their composition."""

from __future__ import annotations

from accel.composition import rest
from accel_jax.random import _keys, _sampling

# Every other op runs as accel composes it.
__getattr__ = rest("jax", "random")

# Keys

fold_in = _keys.fold_in
key = _keys.key
split = _keys.split

# Sampling

bernoulli = _sampling.bernoulli
beta = _sampling.beta
bits = _sampling.bits
gamma = _sampling.gamma
poisson = _sampling.poisson
randint = _sampling.randint
truncated_normal = _sampling.truncated_normal
uniform = _sampling.uniform
