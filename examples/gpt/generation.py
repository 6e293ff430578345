"""Generation: one token after another, each drawn from the scores that the model gives after all before it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from typing import Any

import accel as xp
import gpt.cache as caching
from accel.errors import ArgumentError, ShapeError
from gpt.cache import Cache
from gpt.config import Config
from gpt.model import length, logits, step
from gpt.parameters import Array, Params
from gpt.parts import Parts, gathered
from gpt.sampling import check, sample

__all__ = ["decoder", "generate"]


def generate(
    config: Config,
    params: Params,
    tokens: Array,
    count: int,
    key: Array | None = None,
    *,
    temperature: float = 0.0,
    top_k: int | None = None,
    top_p: float | None = None,
    cache: bool = True,
    compute: Any = None,
    compiled: bool | None = None,
) -> Iterator[list[int]]:
    """Go on with some texts, token by token.

    Parameters
    ----------
    config : Config
        The model.
    params : dict of str to array
        Its parameters.
    tokens : array, shape (batch, time), integer dtype
        Texts to go on with, of one length.
    count : int
        How many tokens to add.
    key : array, optional
        A key of `accel.random`, from which each token has a key of its own; not needed at temperature 0.
    temperature, top_k, top_p
        As in `gpt.sampling.sample`, but for the temperature, which is 0 by default: the token of the highest score.
    cache : bool, default True
        Whether keys and values are kept, so that a step looks at one token and not at all of them again. The tokens are the same, but
        where two scores are as good as equal.
    compute : dtype, optional
        As in `gpt.model.logits`.
    compiled : bool, optional
        Whether `accel.jit` compiles the steps, which is two programs for each length of ``tokens``. None stands for yes on JAX, whose
        single operations are slow, and no on libraries whose single operations are fast.

    Yields
    ------
    list of int
        The next token of each text, as soon as it is known.

    Raises
    ------
    ShapeError
        The context of the model does not hold the texts and what is to be added, or ``tokens`` has not two axes.
    DTypeError
        The tokens are no integers.
    ArgumentError
        A token is not in the vocabulary, or a number is out of range.

    Examples
    --------
    >>> import numpy, accel
    >>> from gpt.config import preset
    >>> from gpt.parameters import initial
    >>> config = preset("tiny")
    >>> params = initial(config, accel.random.key(0, device="numpy"))
    >>> len(list(generate(config, params, numpy.asarray([[7, 8, 9]]), 5)))
    5
    """
    check(temperature, top_k, top_p, key)
    if isinstance(count, bool) or not isinstance(count, int) or count < 0:
        raise ArgumentError(f"count is {count!r}, and has to be an int of at least 0.")
    time = length(config, tokens)
    # The last token is given out and not looked at.
    if time + max(count - 1, 0) > config.context:
        raise ShapeError(
            f"A text of {time} tokens is to become {count} tokens longer, and the context of the model holds {config.context}; "
            f"shorten the text to its last tokens, or ask for fewer."
        )
    low, high = int(xp.min(tokens)), int(xp.max(tokens))
    if low < 0 or high >= config.vocabulary:
        wrong = low if low < 0 else high
        raise ArgumentError(
            f"The text holds token {wrong}, and the vocabulary of the model has {config.vocabulary}."
        )
    if compiled is None:
        compiled = xp.device(tokens).backend == "jax"
    # One dtype for the prompt and for what is drawn is one program less.
    tokens = xp.astype(tokens, xp.int32, copy=False)
    how = {"temperature": temperature, "top_k": top_k, "top_p": top_p}
    if temperature == 0:
        key, how = None, {"temperature": 0.0, "top_k": None, "top_p": None}
    how["compute"] = compute
    return (_with_cache if cache else _without)(config, params, tokens, count, key, how, compiled)


def _dtype(params: Params, compute: Any) -> Any:
    """Give the dtype in which keys and values are."""
    if compute is not None:
        return compute
    weight = params.get("embedding.weight")
    return (params["embedding.scale"] if weight is None else weight).dtype


def _with_cache(
    config: Config,
    params: Params,
    tokens: Array,
    count: int,
    key: Array | None,
    how: dict[str, Any],
    compiled: bool,
) -> Iterator[list[int]]:
    cache = caching.empty(
        config,
        tokens.shape[0],
        dtype=_dtype(params, how["compute"]),
        device=xp.device(tokens),
        compiled=compiled,
    )
    advance = decoder(config, compiled=compiled, **how)
    served = params if compiled else gathered(config, params)
    for _ in range(count):
        tokens, cache = advance(served, tokens, cache, key)
        yield _listed(tokens)


def _cached(
    config: Config,
    params: Params | Parts,
    tokens: Array,
    cache: Cache,
    key: Array | None,
    *,
    compute: Any,
    **how: Any,
) -> tuple[Array, Cache]:
    """Look at the next tokens, and draw those that follow: shape (batch, 1)."""
    scores, cache = step(config, params, tokens, cache, compute=compute)
    own = None if key is None else xp.random.fold_in(key, cache.position)
    return sample(scores, own, **how)[:, None], cache


def _without(
    config: Config,
    params: Params,
    tokens: Array,
    count: int,
    key: Array | None,
    how: dict[str, Any],
    compiled: bool,
) -> Iterator[list[int]]:
    time: Any = tokens.shape[1]
    batch, device = tokens.shape[0], xp.device(tokens)
    if compiled:  # one length for all steps: what lies behind the text is not seen by what stands before
        rest = xp.zeros((batch, config.context - time), dtype=tokens.dtype, device=device)
        tokens = xp.concat([tokens, rest], axis=1)
        time = xp.asarray(time, dtype=xp.int32, device=device)
    advance: Callable[..., Any] = (
        _program(_whole, "tokens", config, **how) if compiled else partial(_whole, config, **how)
    )
    for _ in range(count):
        new, tokens, time = advance(params, tokens, time, key)
        yield _listed(new)


def _whole(
    config: Config,
    params: Params,
    tokens: Array,
    time: Any,
    key: Array | None,
    *,
    compute: Any,
    **how: Any,
) -> tuple[Array, Array, Any]:
    """Look at all tokens of some texts, and draw those that follow; also give the longer texts and their length."""
    counted = isinstance(time, int)
    place = time - 1 if counted else xp.subtract(time, 1)
    scores = logits(config, params, tokens, at=place, compute=compute)
    own = None if key is None else xp.random.fold_in(key, time)
    new = sample(scores, own, **how)[:, None]
    if counted:
        return new, xp.concat([tokens, new], axis=1), time + 1
    return new, xp.extra.at(tokens)[:, time].set(new[:, 0]), xp.add(time, 1)


def decoder(
    config: Config,
    *,
    temperature: float = 0.0,
    top_k: int | None = None,
    top_p: float | None = None,
    compute: Any = None,
    compiled: bool = False,
) -> Callable[..., tuple[Array, Cache]]:
    """Give the function that takes the next tokens of some texts and draws those that follow, for loops of one's own.

    Parameters
    ----------
    config, temperature, top_k, top_p, compute, compiled
        As in `generate`.

    Returns
    -------
    callable
        ``advance(params, tokens, cache, key)``, with tokens of shape (batch, count), a cache of `gpt.cache.empty` and a key, or None at
        temperature 0, gives new tokens of shape (batch, 1) and the cache to go on with; the one before is used up. Where it is not
        compiled it takes what `gpt.parts.gathered` gives for ``params``, too, and has less to do then.
    """
    how = {"temperature": temperature, "top_k": top_k, "top_p": top_p, "compute": compute}
    return _program(_cached, "cache", config, **how) if compiled else partial(_cached, config, **how)


@lru_cache(maxsize=64)
def _program(function: Callable[..., Any], used_up: str, config: Config, **how: Any) -> Callable[..., Any]:
    """Give a step for one way to draw, compiled; it is kept for the next text, and may write to what it uses up."""
    return xp.jit(partial(function, config, **how), donate=used_up)


def _listed(tokens: Array) -> list[int]:
    found: list[int] = xp.to_numpy(tokens)[:, 0].tolist()
    return found
