"""Neural-network operations, which the standard leaves out: the same on every backend, on native arrays."""

from accel.extra.special import logsumexp as logsumexp
from accel.extra.special import softplus as softplus
from accel.nn import (
    activation,
    attention,
    convolution,
    layer,
    loss,
    normalisation,
    pooling,
    position,
    precision,
    probability,
    quantisation,
    resampling,
)
from accel.nn.activation import *  # noqa: F403
from accel.nn.attention import *  # noqa: F403
from accel.nn.convolution import *  # noqa: F403
from accel.nn.layer import *  # noqa: F403
from accel.nn.loss import *  # noqa: F403
from accel.nn.normalisation import *  # noqa: F403
from accel.nn.pooling import *  # noqa: F403
from accel.nn.position import *  # noqa: F403
from accel.nn.precision import *  # noqa: F403
from accel.nn.probability import *  # noqa: F403
from accel.nn.quantisation import *  # noqa: F403
from accel.nn.resampling import *  # noqa: F403

_CHAPTERS = (
    activation,
    attention,
    convolution,
    layer,
    loss,
    normalisation,
    pooling,
    position,
    precision,
    probability,
    quantisation,
    resampling,
)
__all__ = [*(name for chapter in _CHAPTERS for name in chapter.__all__), "logsumexp", "softplus"]
"""The names of the chapters, each of which has the one list of its own, and of two functions of `accel.extra` that belong here, too."""
