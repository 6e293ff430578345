"""Sums of products on JAX."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from accel.extra.plan import planned
from accel_jax._manipulation import promoted
from accel_jax._precision import precise
from accel_jax._promotion import NARROW

__all__ = ["einsum"]


@precise(keeps=NARROW, static=("subscripts", "path"))
def _einsum(*operands: Any, subscripts: str, path: Any) -> Any:
    operands = promoted(*operands)
    dtype = operands[0].dtype
    if dtype.itemsize > 2 or dtype.kind in "iu":
        return jnp.einsum(subscripts, *operands, optimize=path)
    # 16 bits are multiplied as they are where one product is all, and added in 32.
    if len(operands) != 2:
        operands = tuple(lax.convert_element_type(x, np.float32) for x in operands)
    out = jnp.einsum(subscripts, *operands, optimize=path, preferred_element_type=np.float32)
    return lax.convert_element_type(out, dtype)


# The composition is as fast once it is compiled, and takes longer to be found.
def einsum(subscripts: str, /, *operands: Any, optimize: Any = True) -> Any:
    return _einsum(*operands, subscripts=subscripts, path=_path(subscripts, optimize, operands))


def _path(subscripts: str, optimize: Any, operands: tuple[Any, ...]) -> Any:
    plan = planned(subscripts, optimize, tuple([x.shape for x in operands]))
    if len(plan.pairs) < 2:
        return True
    return tuple([pair.places for pair in plan.pairs])
