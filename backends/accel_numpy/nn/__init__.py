"""Neural-network operations on NumPy: the ops for which it has something better than their composition."""

from __future__ import annotations

from accel.composition import rest
from accel_numpy.nn import (
    _activation,
    _attention,
    _convolution,
    _layer,
    _loss,
    _normalisation,
    _pooling,
    _position,
    _probability,
    _quantisation,
    _resampling,
)

# Every other op runs as accel composes it.
__getattr__ = rest("numpy", "nn")

# Activation

celu = _activation.celu
elu = _activation.elu
gelu = _activation.gelu
glu = _activation.glu
hard_sigmoid = _activation.hard_sigmoid
hard_silu = _activation.hard_silu
hard_tanh = _activation.hard_tanh
leaky_relu = _activation.leaky_relu
log_sigmoid = _activation.log_sigmoid
mish = _activation.mish
relu = _activation.relu
relu6 = _activation.relu6
selu = _activation.selu
sigmoid = _activation.sigmoid
silu = _activation.silu
softsign = _activation.softsign

# Attention

scaled_dot_product_attention = _attention.scaled_dot_product_attention

# Convolution

conv1d = _convolution.conv1d
conv2d = _convolution.conv2d
conv3d = _convolution.conv3d
conv_transpose1d = _convolution.conv_transpose1d
conv_transpose2d = _convolution.conv_transpose2d
conv_transpose3d = _convolution.conv_transpose3d

# Layer

embedding = _layer.embedding
linear = _layer.linear
one_hot = _layer.one_hot

# Loss

binary_cross_entropy_with_logits = _loss.binary_cross_entropy_with_logits
cross_entropy = _loss.cross_entropy
huber_loss = _loss.huber_loss
kl_div = _loss.kl_div
mae_loss = _loss.mae_loss
mse_loss = _loss.mse_loss

# Normalisation

batch_norm = _normalisation.batch_norm
batch_norm_train = _normalisation.batch_norm_train
group_norm = _normalisation.group_norm
layer_norm = _normalisation.layer_norm
rms_norm = _normalisation.rms_norm

# Pooling

avg_pool1d = _pooling.avg_pool1d
avg_pool2d = _pooling.avg_pool2d
avg_pool3d = _pooling.avg_pool3d
max_pool1d = _pooling.max_pool1d
max_pool2d = _pooling.max_pool2d
max_pool3d = _pooling.max_pool3d

# Position

rotary_embedding = _position.rotary_embedding

# Precision

# Probability

log_softmax = _probability.log_softmax
softmax = _probability.softmax

# Quantisation

dequantise = _quantisation.dequantise
quantise_int4 = _quantisation.quantise_int4
quantise_int8 = _quantisation.quantise_int8
quantised_matmul = _quantisation.quantised_matmul

# Resampling

interpolate = _resampling.interpolate
