"""Agreement: whether two backends write the same text, and if not, at which near-tie of two tokens they part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import accel
from accel.errors import ArgumentError
from gpt.config import Config
from gpt.generation import generate
from gpt.model import logits
from gpt.parameters import Array, Params

__all__ = ["Comparison", "Parting", "alike", "compare"]


class Parting(NamedTuple):
    """Where two texts part.

    Attributes
    ----------
    step : int
        How many generated tokens are the same.
    tokens : tuple of two ints
        What comes next in the one and in the other.
    gaps : tuple of two floats
        The score of the first of the tokens less that of the second, on the one backend and on the other: above 0 and below 0, and both
        small where it is a near-tie.
    """

    step: int
    tokens: tuple[int, int]
    gaps: tuple[float, float]

    def __str__(self) -> str:
        return (
            f"the texts part after {self.step} tokens, at a gap of {self.gaps[0]:.2g} between the scores of the tokens {self.tokens[0]} "
            f"and {self.tokens[1]}, which is {self.gaps[1]:.2g} on the other side"
        )


class Comparison(NamedTuple):
    """What two backends make of one text at temperature 0.

    Attributes
    ----------
    texts : tuple of two lists of int
        The tokens that each adds.
    parting : Parting or None
        Where they part; None if they do not.
    difference : float
        The largest difference of the scores at all places of the prompt and of what both add alike.
    margin : float
        The smallest gap between the best score and the second best there: how near to parting they came.
    """

    texts: tuple[list[int], list[int]]
    parting: Parting | None
    difference: float
    margin: float


def compare(config: Config, first: Params, second: Params, prompt: Sequence[int], count: int) -> Comparison:
    """Write one text on two backends, each with its own parameters, and find where they part.

    Parameters
    ----------
    config : Config
        The model.
    first, second : dict of str to array
        Its parameters on the one backend and on the other.
    prompt : sequence of int
        Tokens to go on with.
    count : int
        How many tokens to add.

    Raises
    ------
    ArgumentError
        The prompt is empty.
    ShapeError
        The context of the model is too short.
    """
    if not prompt:
        raise ArgumentError("The prompt is empty; give one token at least.")
    both = (first, second)
    texts = [_text(config, params, prompt, count) for params in both]
    same = alike(*texts)
    # What follows the last token is not asked for.
    seen = [*prompt, *texts[0][: min(same, count - 1)]]
    scores = [accel.to_device(logits(config, params, _placed(params, seen)), "numpy")[0] for params in both]
    apart = float(accel.max(accel.abs(accel.subtract(*scores))))
    best = accel.extra.topk(scores[0][len(prompt) - 1 :], 2)[0]
    margin = float(accel.min(accel.subtract(best[:, 0], best[:, 1])))
    parting = None
    if same < count:
        one, other = texts[0][same], texts[1][same]
        last = [each[-1] for each in scores]
        parting = Parting(
            same,
            (one, other),
            (float(last[0][one] - last[0][other]), float(last[1][one] - last[1][other])),
        )
    return Comparison((texts[0], texts[1]), parting, apart, margin)


def alike(first: Sequence[int], second: Sequence[int]) -> int:
    """Give how many tokens two texts of one length have in common before they part."""
    return next((i for i, (a, b) in enumerate(zip(first, second, strict=True)) if a != b), len(first))


def _text(config: Config, params: Params, prompt: Sequence[int], count: int) -> list[int]:
    return [token for (token,) in generate(config, params, _placed(params, prompt), count)]


def _placed(params: Params, tokens: Sequence[int]) -> Array:
    device = accel.device(params["norm.weight"])
    return accel.asarray([list(tokens)], dtype=accel.int32, device=device)
