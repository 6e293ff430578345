"""Quantisation: a model whose weights are small integers with scales, and what that costs in loss."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import accel
from accel.errors import ArgumentError, ShapeError
from gpt.config import Config
from gpt.model import loss
from gpt.parameters import Array, Params, check, size

__all__ = ["Cost", "compare", "memory", "quantise"]

ITEM = 4
"""Bytes of a float32."""


class Cost(NamedTuple):
    """What quantisation saves and what it costs.

    Attributes
    ----------
    before, after : float
        Mean loss of some texts, in nats for each token.
    bytes, share : int, float
        Memory of all parameters with their scales, and that as a share of what they take in float32.
    """

    before: float
    after: float
    bytes: int
    share: float


def quantise(config: Config, params: Params, *, bits: int = 8, group: int | None = None) -> Params:
    """Give a model's parameters with its matrices as small integers.

    Parameters
    ----------
    config : Config
        The model.
    params : dict of str to array
        Its plain parameters, which stay as they are.
    bits : {8, 4}, default 8
        8: each row of a matrix has a scale. 4: each group of neighbours in a row has one, and two integers share a byte.
    group : int, optional
        With 4 bits, how many neighbours share a scale: an even divisor of the width and of the MLP's features. Otherwise the largest
        such power of two up to 64.

    Returns
    -------
    dict of str to array
        ``name.values`` and ``name.scale`` in place of ``name.weight`` for every matrix, those of embedding and positions among them; biases
        and the factors of norms stay in floating point.

    Raises
    ------
    ArgumentError
        ``bits`` is neither 8 nor 4, or ``group`` is given with 8.
    ShapeError
        ``group`` does not divide, or the parameters are not those of the configuration.

    Notes
    -----
    B. Jacob et al., CVPR 2018 (8 bits); T. Dettmers, L. Zettlemoyer, The case for 4-bit precision, ICML 2023 (groups).
    """
    if bits not in (4, 8) or isinstance(bits, bool):
        raise ArgumentError(
            f"bits is {bits!r}; known are 8, with a scale for each row, and 4, with one for each group."
        )
    if bits == 8 and group is not None:
        raise ArgumentError(
            f"group is {group!r}, and with 8 bits each row has one scale; leave it out, or write bits=4."
        )
    check(config, params)
    if bits == 4:
        group = _group(config) if group is None else group
        if isinstance(group, bool) or not isinstance(group, int) or group < 2 or group % 2:
            raise ArgumentError(f"group is {group!r}, and has to be an even number of at least 2.")
        for length in (config.width, config.hidden):
            if length % group:
                raise ShapeError(
                    f"group is {group}, and has to divide the width {config.width} and hidden {config.hidden}."
                )
    found: Params = {}
    for name, x in params.items():
        if x.ndim != 2:
            found[name] = x
            continue
        whole = accel.nn.quantise_int8(x) if group is None else accel.nn.quantise_int4(x, group_size=group)
        stem = name.removesuffix(".weight")
        found[f"{stem}.values"], found[f"{stem}.scale"] = whole.values, whole.scale
    return found


def _group(config: Config) -> int:
    group = math.gcd(config.width, config.hidden, 64)
    if group < 2:
        raise ShapeError(
            f"width {config.width} and hidden {config.hidden} have no even divisor in common, as groups need; use bits=8."
        )
    return group


def memory(params: Mapping[str, Array]) -> int:
    """Give the bytes that parameters take, scales and all."""
    return sum(math.prod(x.shape) * x.dtype.itemsize for x in params.values())


def compare(config: Config, params: Params, quantised: Params, tokens: Array) -> Cost:
    """Measure what quantisation saves and costs.

    Parameters
    ----------
    config : Config
        The model.
    params, quantised : dict of str to array
        Its parameters before and after.
    tokens : array, shape (batch, time + 1), integer dtype
        Texts whose loss is measured.
    """
    before, after = (float(loss(config, each, tokens)) for each in (params, quantised))
    held = memory(quantised)
    return Cost(before, after, held, held / (ITEM * size(config)))
