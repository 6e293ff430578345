"""Layers as compiled functions."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from accel_jax._precision import precise
from accel_jax._promotion import FLOATS, NARROW, WIDE, cast, result_type
from accel_jax._x64 import wide

__all__ = ["embedding", "linear", "one_hot"]


# The composition, compiled as a whole, takes longer to find what was compiled.
@wide(keeps=NARROW, static=())
def embedding(indices: Any, weight: Any, /) -> Any:
    return jnp.take(weight, indices, axis=0)


# As embedding.
@precise(keeps=FLOATS - WIDE, static=())
def linear(x: Any, weight: Any, bias: Any = None, /) -> Any:
    dtype = result_type(*(a for a in (x, weight, bias) if a is not None))
    working = np.dtype(np.float32) if dtype.itemsize == 2 else dtype
    product = _short if dtype.itemsize == 2 else _product
    x, weight = cast(x, dtype), cast(weight, dtype)
    if x.size == x.shape[-1] > 0:
        # The product of one row, as of one token, and a bias XLA makes one loop on CPUs that takes five times as long.
        y = product(weight, x.reshape(-1)).reshape(*x.shape[:-1], weight.shape[0])
    else:
        y = product(x, weight)
    return cast(y if bias is None else y + cast(bias, working), dtype)


def _product(x: Any, y: Any, sums: Any = None) -> Any:
    """Take the last axes of two arrays together."""
    return lax.dot_general(x, y, (((x.ndim - 1,), (y.ndim - 1,)), ((), ())), preferred_element_type=sums)


@jax.custom_jvp
def _short(x: Any, y: Any) -> Any:
    """Multiply numbers of 16 bits with sums of 32, which units for 16 bits give: widened before, the numbers would not get there."""
    return _product(x, y, np.float32)


# The derivative of a product with sums of 32 bits would multiply these with numbers of 16: that is of 32 bits again.
@_short.defjvp
def _short_slope(primals: Any, tangents: Any) -> Any:
    (x, y), (dx, dy) = primals, tangents
    sums = sum(cast(_product(*pair), np.dtype(np.float32)) for pair in ((dx, y), (x, dy)))
    return _short(x, y), sums


@wide(keeps=NARROW, static=("num_classes", "dtype", "axis"))
def _one_hot(indices: Any, /, *, num_classes: int, dtype: Any, axis: int) -> Any:
    kind = indices.dtype if indices.dtype.itemsize == 8 else np.dtype(np.int32)
    along = axis % (indices.ndim + 1)
    shape = tuple(num_classes if a == along else 1 for a in range(indices.ndim + 1))
    ordinals = jnp.arange(num_classes, dtype=kind).reshape(shape)
    return cast(jnp.expand_dims(cast(indices, kind), along) == ordinals, np.dtype(dtype))


# As embedding; jax.nn.one_hot counts classes in the dtype of the indices, which may be too short for them.
def one_hot(indices: Any, num_classes: int, /, *, dtype: Any, axis: int = -1) -> Any:
    return _one_hot(indices, num_classes=num_classes, dtype=dtype, axis=axis)
