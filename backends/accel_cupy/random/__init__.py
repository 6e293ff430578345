"""Random numbers on CuPy: the ops for which it has something better than their composition."""

from __future__ import annotations

from accel.composition import rest
from accel_cupy import _device
from accel_cupy.random import _keys, _sampling

# Every other op runs as accel composes it.
__getattr__ = rest("cupy", "random")

# Keys

fold_in = _keys.fold_in
split = _keys.split

# Sampling

beta = _sampling.beta
bits = _sampling.bits
exponential = _sampling.exponential
gamma = _sampling.gamma
normal = _sampling.normal
poisson = _sampling.poisson
uniform = _sampling.uniform

# With one GPU the namespace stays native.
if _device.several():
    _device.guard(globals())
