"""Cache: the keys and values of the tokens that a model has seen, in buffers of a fixed size."""

from __future__ import annotations

from typing import Any, NamedTuple

import accel
from gpt.config import Config
from gpt.parameters import Array

__all__ = ["Cache", "empty", "extended", "filled", "places", "seen"]

ALL = slice(None)


class Cache(NamedTuple):
    """Keys and values of the tokens that a model has seen.

    Attributes
    ----------
    keys, values : tuple of arrays, each of shape (batch, kv_heads, context, dim)
        One buffer for each block.
    position : int or array, shape (), int32
        How many tokens were seen. An int is part of a compiled program, which would be made anew at each step; so a cache for
        compiled steps has an array. With an int the buffers are read no further than they are filled.
    """

    keys: tuple[Any, ...]
    values: tuple[Any, ...]
    position: Any

    @property
    def counted(self) -> bool:
        """Whether the position is an int."""
        return isinstance(self.position, int)


def empty(
    config: Config, batch: int = 1, *, dtype: Any = None, device: Any = None, compiled: bool = False
) -> Cache:
    """Make the cache of a model that has seen nothing.

    Parameters
    ----------
    config : Config
        The model.
    batch : int, default 1
        How many sequences go on together.
    dtype : dtype, optional
        That in which the model computes; float32 otherwise.
    device : device, optional
        Where the buffers lie; the default device otherwise.
    compiled : bool, default False
        Whether the position is an array, for steps that `accel.jit` compiles.

    Returns
    -------
    Cache
        Of ``2 * layers * batch * kv_heads * context * dim`` zeros.
    """
    shape = (batch, config.kv_heads, config.context, config.dim)
    dtype = accel.float32 if dtype is None else dtype

    def buffers() -> tuple[Any, ...]:
        return tuple(accel.zeros(shape, dtype=dtype, device=device) for _ in range(config.layers))

    position = accel.zeros((), dtype=accel.int32, device=device) if compiled else 0
    return Cache(buffers(), buffers(), position)


def places(cache: Cache, count: int, like: Array) -> Array | slice:
    """Give the positions of the next tokens.

    Parameters
    ----------
    cache : Cache
        What was seen.
    count : int
        How many tokens are next.
    like : array
        An array on the device of the cache.

    Returns
    -------
    slice, or array, shape (count,), int32
        A slice where the position is an int.
    """
    if cache.counted:
        return slice(cache.position, cache.position + count)
    return accel.add(accel.arange(count, dtype=accel.int32, device=accel.device(like)), cache.position)


def seen(cache: Cache, places: Array | slice) -> Array | None:
    """Give which of the buffers' places each of the next tokens sees: those up to its own.

    Returns
    -------
    array, shape (count, context), bool, or None
        None where the places are a slice: then what `filled` gives ends with the last token.
    """
    if isinstance(places, slice):
        return None
    context = cache.keys[0].shape[-2]
    every = accel.arange(context, dtype=accel.int32, device=accel.device(places))
    return accel.less_equal(every, accel.expand_dims(places, axis=-1))


def extended(
    keys: Array, values: Array, key: Array, value: Array, where: Array | slice, xp: Any
) -> tuple[Array, Array]:
    """Write keys and values of the next tokens behind those of the tokens before.

    Parameters
    ----------
    keys, values : arrays, each of shape (batch, kv_heads, context, dim)
        Buffers. Not to be used afterwards: the library may write to them.
    key, value : arrays, each of shape (batch, kv_heads, count, dim)
        Those of the next tokens.
    where : slice, or array, shape (count,) or, for one token, ()
        Their positions.
    xp : namespace
        That of the arrays.

    Returns
    -------
    tuple of two arrays
        The buffers with the new ones.
    """
    index = (ALL, ALL, where)
    if not isinstance(where, slice) and len(where.shape) == 0:
        key, value = key[:, :, 0], value[:, :, 0]
    set_at = xp.extra.set_at
    return set_at(keys, index, key, copy=False), set_at(values, index, value, copy=False)


def filled(keys: Array, values: Array, where: Array | slice) -> tuple[Array, Array]:
    """Give what attention is to read of the buffers: what ends with the last token where the positions are a slice, else all."""
    if isinstance(where, slice):
        behind = where.stop
        return keys[:, :, :behind], values[:, :, :behind]
    return keys, values
