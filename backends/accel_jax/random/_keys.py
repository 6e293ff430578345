"""Keys on JAX: jax.random's own streams, whatever generator and counters its options name."""

from __future__ import annotations

import operator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from accel.errors import DTypeError, ShapeError
from accel.random.demand import lengths
from accel_jax import _creation
from accel_jax._x64 import wide

_IMPL = "threefry2x32"
_WORDS = frozenset({np.dtype(np.uint32)})


def data(key: Any) -> Any:
    """Give the two words of a key, which may be one of JAX's own kind."""
    if not jnp.issubdtype(key.dtype, jax.dtypes.prng_key):
        return key
    if key.dtype != _typed().dtype:
        raise DTypeError(
            f"got a key of dtype {key.dtype}, and only those of {_IMPL} give the same numbers on every backend; "
            f"make it with accel.random.key(seed), or jax.random.key(seed, impl={_IMPL!r})."
        )
    if key.shape != ():
        raise ShapeError(f"got keys of shape {key.shape}, and takes one; take key[0].")
    return jax.random.key_data(key)


def _typed() -> Any:
    return jax.eval_shape(lambda: jax.random.key(0, impl=_IMPL))


def own(key: Any) -> Any:
    """Give the key of JAX's own kind that two words are."""
    return jax.random.wrap_key_data(key, impl=_IMPL)


# JAX drops the upper half of a seed where its 64-bit types are off.
def key(seed: int, *, device: Any = None) -> Any:
    whole = operator.index(seed) % 2**64
    pair = np.asarray([whole >> 32, whole & 0xFFFFFFFF], dtype=np.uint32)
    return _creation.asarray(pair, dtype=pair.dtype, device=device)


@wide(keeps=_WORDS, static=("shape",))
def _split(key: Any, /, *, shape: tuple[int, ...]) -> Any:
    with jax.threefry_partitionable(True):
        return jax.random.key_data(jax.random.split(own(key), shape))


# JAX's depends on its options, and gives keys of another dtype.
def split(key: Any, num: Any = 2) -> Any:
    return _split(data(key), shape=lengths(num))


@wide(keeps=_WORDS, static=())
def _fold_in(key: Any, number: Any, /) -> Any:
    return jax.random.key_data(jax.random.fold_in(own(key), number.astype(np.uint32)))


# As `split`.
def fold_in(key: Any, data: Any) -> Any:
    number = data if hasattr(data, "dtype") else np.uint32(operator.index(data))
    return _fold_in(_key(key), number)


_key = data
