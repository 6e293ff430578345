"""Model: scores for the next token, the loss that training makes small, and the step that serves one token more."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeAlias

import accel
import gpt.cache as caching
from accel.errors import DTypeError, ShapeError
from gpt.cache import Cache
from gpt.config import Config
from gpt.parameters import Array, Params, initial, shapes
from gpt.parts import Block, Norm, Parts, gathered, gathered_block
from gpt.weight import Matrix, cast, project, rows

__all__ = ["initial", "length", "logits", "loss", "shapes", "step"]

Attend: TypeAlias = Callable[[int, Array, Array, Array], Array]
"""Number of a block, queries, keys, values -> means of values."""


def logits(
    config: Config,
    params: Params,
    tokens: Array,
    *,
    at: Any = None,
    compute: Any = None,
    checkpoint: bool = False,
) -> Array:
    """Score every token as the next one, at each place of some texts.

    Parameters
    ----------
    config : Config
        The model.
    params : dict of str to array
        Its parameters: plain, with adapters, or quantised (see `gpt.weight.project`).
    tokens : array, shape (batch, time), integer dtype
        Texts.
    at : int or array, shape (), integer dtype, optional
        The one place whose scores are wanted.
    compute : dtype, optional
        In which dtype features are held and multiplied, such as bfloat16; that of the parameters otherwise.
    checkpoint : bool, default False
        Whether the way back makes the insides of each block again instead of keeping them.

    Returns
    -------
    array, shape (batch, time, vocabulary) or, at one place, (batch, vocabulary), float32 or, with such parameters, float64
        Logarithms of probabilities, up to a constant.

    Raises
    ------
    ShapeError
        There are more tokens than the context holds, or not two axes.
    DTypeError
        The tokens are no integers.
    """
    # As numbers, not as a slice: of divided texts each device then looks at its own, and sums gradients with the others'.
    places = accel.arange(length(config, tokens), dtype=accel.int32, device=accel.device(tokens))
    parts = gathered(config, params)
    x = _embedded(parts, tokens, places, compute)
    xp = accel.namespace(x)
    turns = _turns(config, places, x)

    def attend(_: int, query: Array, key: Array, value: Array) -> Array:
        return xp.nn.scaled_dot_product_attention(query, key, value, causal=True)

    for layer in range(config.layers):
        name = f"blocks.{layer}"
        if checkpoint:
            own = {key: value for key, value in params.items() if key.startswith(f"{name}.")}

            def inside(own: Params, x: Array, turns: Any, layer: int = layer) -> Array:
                return block(config, gathered_block(config, own, layer), layer, x, turns, attend)

            x = accel.checkpoint(inside)(own, x, turns)
        else:
            x = block(config, parts.blocks[layer], layer, x, turns, attend, xp)
    if at is not None:
        x = x[:, at] if isinstance(at, int) else accel.take(x, accel.reshape(at, (1,)), axis=1)[:, 0]
    return _scores(xp, config, parts, x)


def loss(
    config: Config, params: Params, tokens: Array, *, compute: Any = None, checkpoint: bool = False
) -> Array:
    """Give the mean of the negative logarithms of the probabilities that a model gives to each next token.

    Parameters
    ----------
    config, params, compute, checkpoint
        As in `logits`.
    tokens : array, shape (batch, time + 1), integer dtype
        Texts: from each token but the last the next one is foretold.

    Returns
    -------
    array, shape (), float32 or, with such parameters, float64
        The mean, in nats for each token.

    Raises
    ------
    ShapeError
        There are fewer than two tokens, or more than the context holds and one.
    DTypeError
        The tokens are no integers.
    """
    if len(tokens.shape) == 2 and tokens.shape[1] < 2:
        raise ShapeError(
            f"tokens has shape {tuple(tokens.shape)}, and at least two tokens are needed: one and the next."
        )
    found = logits(
        config,
        params,
        tokens[:, :-1] if len(tokens.shape) == 2 else tokens,
        compute=compute,
        checkpoint=checkpoint,
    )
    scores = accel.reshape(found, (-1, config.vocabulary))
    return accel.nn.cross_entropy(scores, accel.reshape(tokens[:, 1:], (-1,)))


def step(
    config: Config, params: Params | Parts, tokens: Array, cache: Cache, *, compute: Any = None
) -> tuple[Array, Cache]:
    """Take the next tokens of some texts and score what follows the last of them.

    Parameters
    ----------
    config, compute
        As in `logits`.
    params : dict of str to array, or Parts
        As in `logits`; or what `gpt.parts.gathered` gives, so that not every step looks the parameters up.
    tokens : array, shape (batch, count), integer dtype
        The next tokens: first those of a prompt, then one at a time.
    cache : Cache
        Of what was seen before, see `gpt.cache.empty`. It is not to be used afterwards: libraries that can write to it.

    Returns
    -------
    array, shape (batch, vocabulary)
        Scores of the token that comes next.
    Cache
        Of what has been seen now.

    Raises
    ------
    ShapeError
        There is no room for the tokens. Where the position is an array it cannot be looked at; `gpt.generation` counts instead.
    DTypeError
        The tokens are no integers.
    """
    count = length(config, tokens, cache.position if cache.counted else 0)
    places = caching.places(cache, count, tokens)
    parts = gathered(config, params)
    x = _embedded(parts, tokens, places, compute)
    xp = accel.namespace(x, cache.keys[0])
    turns = _turns(config, places, x)
    mask = caching.seen(cache, places)
    where = cache.position if count == 1 and mask is not None else places
    keys, values = list(cache.keys), list(cache.values)

    def attend(layer: int, query: Array, key: Array, value: Array) -> Array:
        keys[layer], values[layer] = caching.extended(keys[layer], values[layer], key, value, where, xp)
        key, value = caching.filled(keys[layer], values[layer], where)
        return xp.nn.scaled_dot_product_attention(query, key, value, mask=mask, causal=mask is None)

    for layer, own in enumerate(parts.blocks):
        x = block(config, own, layer, x, turns, attend, xp)
    scores = _scores(xp, config, parts, x[:, -1])
    behind = cache.position + count if cache.counted else accel.add(cache.position, count)
    return scores, Cache(tuple(keys), tuple(values), behind)


def block(
    config: Config, own: Block, layer: int, x: Array, turns: Any, attend: Attend, xp: Any = None
) -> Array:
    """Add what one block of the model finds to the features of some tokens.

    Parameters
    ----------
    config : Config
        The model.
    own : Block
        The parameters of the block.
    layer : int
        Number of the block.
    x : array, shape (batch, time, width)
        Features.
    turns : tuple of two arrays, or None
        Cosines and sines of the rotary angles, each of shape (time, dim / 2), in Llama's style.
    attend : callable
        Attention: gets the number of the block, queries (batch, heads, time, dim), and keys and values (batch, kv_heads, time, dim).
    xp : namespace, optional
        That of the arrays, where it is known already.

    Returns
    -------
    array, shape (batch, time, width)
        Features.
    """
    xp = accel.namespace(x) if xp is None else xp
    norm1, asking, output, norm2, inner, down = own
    shape = tuple(x.shape)
    query, key, value = _asked(xp, config, asking, _normalised(xp, config, norm1, x))
    if turns is not None:
        cos, sin = turns
        query = xp.nn.rotary_embedding(query, cos=cos, sin=sin)
        key = xp.nn.rotary_embedding(key, cos=cos, sin=sin)
    found = attend(layer, query, key, value)
    if shape[1] > 1:
        found = xp.permute_dims(found, (0, 2, 1, 3))
    x = xp.add(x, project(output, xp.reshape(found, shape), xp))
    h = _normalised(xp, config, norm2, x)
    if config.llama:
        gate, up = _gated(xp, config, inner, h)
        h = xp.multiply(xp.nn.silu(gate), up)
    else:
        h = xp.nn.gelu(project(inner[0], h, xp), approximate=True)
    return xp.add(x, project(down, h, xp))


def length(config: Config, tokens: Array, before: int = 0) -> int:
    """Refuse what is no batch of texts, and texts longer than the context; give their length."""
    shape = tuple(tokens.shape)
    if len(shape) != 2 or 0 in shape:
        raise ShapeError(f"tokens has shape {shape}, and (batch, time) is needed, with at least one of each.")
    if not _integral(tokens.dtype):
        raise DTypeError(f"tokens has dtype {tokens.dtype}, and integers are needed.")
    if before + shape[1] > config.context:
        already = f" after {before} others" if before else ""
        raise ShapeError(
            f"There are {shape[1]} tokens{already}, and the context of the model holds {config.context}."
        )
    return int(shape[1])


@lru_cache(maxsize=64)
def _integral(dtype: Any) -> bool:
    return bool(accel.isdtype(dtype, "integral"))


def _embedded(parts: Parts, tokens: Array, places: Array | slice, compute: Any) -> Array:
    x = rows(parts.embedding, tokens, compute)
    return x if parts.position is None else accel.add(x, rows(parts.position, places, compute))


def _turns(config: Config, places: Array | slice, x: Array) -> tuple[Array, Array] | None:
    """Give cosines and sines of the rotary angles, worked out once for all blocks."""
    if not config.llama:
        return None
    device = accel.device(x)
    at: Array = places
    if isinstance(places, slice):
        at = accel.arange(places.start, places.stop, dtype=accel.int32, device=device)
    count, half = at.shape[0], config.dim // 2
    wide = accel.float64 if x.dtype == accel.float64 else accel.float32
    # A pair (1, 0) that is turned becomes cosine and sine.
    pairs = [make((count, half), dtype=wide, device=device) for make in (accel.ones, accel.zeros)]
    turned = accel.nn.rotary_embedding(accel.concat(pairs, axis=-1), at, base=config.base)
    return turned[:, :half], turned[:, half:]


def _normalised(xp: Any, config: Config, norm: Norm, x: Array) -> Array:
    if config.llama:
        y = xp.nn.rms_norm(x, norm[0], eps=config.eps)
    else:
        weight, bias = norm
        y = xp.nn.layer_norm(x, weight, bias, eps=config.eps)
    return y if y.dtype == x.dtype else cast(y, x.dtype)


def _asked(xp: Any, config: Config, asking: tuple[Matrix, ...], h: Array) -> tuple[Array, Array, Array]:
    """Give queries, keys and values: (batch, heads, time, dim)."""
    heads, behind = config.heads, config.heads + config.kv_heads
    if len(asking) == 1:
        every = _heads(xp, project(asking[0], h, xp), behind + config.kv_heads)
        return every[:, :heads], every[:, heads:behind], every[:, behind:]
    query, key, value = (project(each, h, xp) for each in asking)
    return _heads(xp, query, heads), _heads(xp, key, config.kv_heads), _heads(xp, value, config.kv_heads)


def _gated(xp: Any, config: Config, inner: tuple[Matrix, ...], h: Array) -> tuple[Array, Array]:
    """Give what goes through the gate's activation, and what it is multiplied by."""
    if len(inner) == 1:
        both = project(inner[0], h, xp)
        return both[..., : config.hidden], both[..., config.hidden :]
    gate, up = inner
    return project(gate, h, xp), project(up, h, xp)


def _heads(xp: Any, x: Array, heads: int) -> Array:
    """Cut features (batch, time, width) into heads: (batch, heads, time, dim)."""
    batch, time, width = x.shape
    if time == 1:
        return xp.reshape(x, (batch, heads, 1, width // heads))
    return xp.permute_dims(xp.reshape(x, (batch, time, heads, width // heads)), (0, 2, 1, 3))


def _scores(xp: Any, config: Config, parts: Parts, x: Array) -> Array:
    found = project(parts.head, _normalised(xp, config, parts.norm, x), xp)
    return found if found.dtype == xp.float64 else cast(found, xp.float32)
