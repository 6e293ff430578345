"""Convolutions: XLA has them, with every option, and transposed ones as convolutions of what is spread over zeros."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from accel.nn.window import convolved, transposed
from accel_jax._precision import precise
from accel_jax._promotion import FLOATS, WIDE

__all__ = ["conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d"]

_KEPT = FLOATS - WIDE


def _summed(x: Any, weight: Any, bias: Any, **options: Any) -> Any:
    """Convolve and add; of 16 bits the sums are made in float32, and rounded once."""
    working = np.float32 if x.dtype.itemsize == 2 else x.dtype
    out = lax.conv_general_dilated(x, weight, preferred_element_type=working, **options)
    if bias:
        out = out + lax.convert_element_type(bias[0], working).reshape(-1, *(1,) * (x.ndim - 2))
    return lax.convert_element_type(out, x.dtype)


# The composition adds up a product for each tap.
@precise(keeps=_KEPT, static=("stride", "padding", "dilation", "groups"))
def _convolution(
    x: Any, weight: Any, /, *bias: Any, stride: Any, padding: Any, dilation: Any, groups: int
) -> Any:
    return _summed(
        x,
        weight,
        bias,
        window_strides=stride,
        padding=padding,
        rhs_dilation=dilation,
        feature_group_count=groups,
    )


def conv1d(
    x: Any,
    weight: Any,
    /,
    bias: Any = None,
    *,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Any:
    over = convolved(x.shape[2:], weight.shape[2:], stride=stride, padding=padding, dilation=dilation)
    return _convolution(
        x,
        weight,
        *(() if bias is None else (bias,)),
        stride=over.stride,
        padding=over.padding,
        dilation=over.dilation,
        groups=groups,
    )


conv2d = conv3d = conv1d


# As above; and the composition spreads the elements in memory.
@precise(keeps=_KEPT, static=("stride", "padding", "dilation", "groups"))
def _transposition(
    x: Any, weight: Any, /, *bias: Any, stride: Any, padding: Any, dilation: Any, groups: int
) -> Any:
    kernel = weight.shape[2:]
    turned = jnp.swapaxes(weight.reshape(groups, -1, *weight.shape[1:]), 1, 2)
    turned = lax.rev(turned.reshape(-1, weight.shape[0] // groups, *kernel), tuple(range(2, weight.ndim)))
    return _summed(
        x,
        turned,
        bias,
        window_strides=(1,) * len(kernel),
        padding=padding,
        lhs_dilation=stride,
        rhs_dilation=dilation,
        feature_group_count=groups,
    )


def conv_transpose1d(
    x: Any,
    weight: Any,
    /,
    bias: Any = None,
    *,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Any:
    over = transposed(
        x.shape[2:],
        weight.shape[2:],
        stride=stride,
        padding=padding,
        output_padding=output_padding,
        dilation=dilation,
    )
    around = []
    for axis, (before, _) in enumerate(over.padding):
        reach = (over.kernel[axis] - 1) * over.dilation[axis]
        spread = (over.lengths[axis] - 1) * over.stride[axis] + 1
        around.append((reach - before, over.spatial[axis] + before - spread))
    return _transposition(
        x,
        weight,
        *(() if bias is None else (bias,)),
        stride=over.stride,
        padding=tuple(around),
        dilation=over.dilation,
        groups=groups,
    )


conv_transpose2d = conv_transpose3d = conv_transpose1d
