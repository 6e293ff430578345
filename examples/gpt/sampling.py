"""Sampling: a next token drawn from scores."""

from __future__ import annotations

import math
from typing import Any

import accel as xp
from accel.errors import ArgumentError
from gpt.parameters import Array

__all__ = ["check", "sample"]


def check(temperature: Any, top_k: Any, top_p: Any, key: Any) -> None:
    """Refuse what `sample` could not take.

    Raises
    ------
    ArgumentError
        A number is out of range, or there is no key where one is needed.
    """
    if not _number(temperature) or not 0 <= temperature < math.inf:
        raise ArgumentError(f"temperature is {temperature!r}, and has to be a number of at least 0.")
    if top_k is not None and (isinstance(top_k, bool) or not isinstance(top_k, int) or top_k < 1):
        raise ArgumentError(f"top_k is {top_k!r}, and has to be an int of at least 1, or None.")
    if top_p is not None and (not _number(top_p) or not 0 < top_p <= 1):
        raise ArgumentError(f"top_p is {top_p!r}, and has to be a number above 0 and up to 1, or None.")
    if temperature > 0 and key is None:
        raise ArgumentError(
            f"To draw at temperature {temperature} a key is needed: write key=accel.random.key(0, device=...), or temperature=0."
        )


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def sample(
    scores: Array,
    key: Array | None = None,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
) -> Array:
    """Draw a token for each text.

    Parameters
    ----------
    scores : array, shape (batch, vocabulary), real floating-point dtype
        Logarithms of probabilities, up to a constant.
    key : array, optional
        A key of `accel.random`; not needed at temperature 0.
    temperature : float, default 1.0
        What the scores are divided by; 0 takes the token of the highest score, the lowest of several.
    top_k : int, optional
        From how many of the highest scores to draw. Of equal scores the lower token counts as the higher.
    top_p : float, optional
        Draw from the fewest of the highest scores whose probabilities add up to so much; from one at least.

    Returns
    -------
    array, shape (batch,), int32
        Tokens.

    Raises
    ------
    ArgumentError
        A number is out of range, or there is no key where one is needed.

    Notes
    -----
    A. Fan, M. Lewis, Y. Dauphin, Hierarchical Neural Story Generation, ACL 2018 (top-k); A. Holtzman et al., The Curious Case of Neural
    Text Degeneration, ICLR 2020 (top-p).
    """
    check(temperature, top_k, top_p, key)
    if temperature == 0 or key is None:
        return xp.astype(xp.argmax(scores, axis=-1), xp.int32)
    scores = xp.divide(scores, float(temperature))
    count = scores.shape[-1]
    kept = count if top_k is None else min(top_k, count)
    if top_p is None and kept == count:
        return xp.astype(xp.random.categorical(key, scores), xp.int32)
    scores, order = xp.extra.topk(scores, kept)
    if top_p is not None:
        shares = xp.nn.softmax(scores, axis=-1)
        before = xp.subtract(xp.cumulative_sum(shares, axis=-1), shares)
        beyond = xp.greater_equal(before, float(top_p))
        # The first has nothing before it, whatever is rounded.
        first = xp.equal(xp.arange(kept, device=xp.device(scores)), 0)
        scores = xp.where(xp.logical_and(beyond, xp.logical_not(first)), -math.inf, scores)
    drawn = xp.expand_dims(xp.random.categorical(key, scores), axis=-1)
    return xp.astype(xp.squeeze(xp.take_along_axis(order, drawn, axis=-1), axis=-1), xp.int32)
