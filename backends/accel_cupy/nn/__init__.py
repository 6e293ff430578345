"""Neural-network operations on CuPy: the ops for which it has something better than their composition."""

from __future__ import annotations

from accel.composition import rest
from accel_cupy import _device
from accel_cupy.nn import _pooling

# Every other op runs as accel composes it.
__getattr__ = rest("cupy", "nn")

# Activation

# Attention

# Convolution

# Layer

# Loss

# Normalisation

# Pooling

avg_pool1d = _pooling.avg_pool1d
avg_pool2d = _pooling.avg_pool2d
avg_pool3d = _pooling.avg_pool3d
max_pool1d = _pooling.max_pool1d
max_pool2d = _pooling.max_pool2d
max_pool3d = _pooling.max_pool3d

# Position

# Precision

# Probability

# Quantisation

# Resampling

# With one GPU the namespace stays native.
if _device.several():
    _device.guard(globals())
