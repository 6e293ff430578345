"""Footprint: the bytes that training a GPT takes on each device, on paper."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

from gpt.config import Config
from gpt.layout import specs
from gpt.parameters import shapes

__all__ = ["FLOAT32", "MIXED", "Division", "Footprint", "Numbers", "footprint", "share", "total"]


@dataclass(frozen=True)
class Numbers:
    """Bytes of the numbers that training keeps.

    Parameters
    ----------
    weight, gradient, feature : int
        Of a parameter, its gradient, and an activation.
    optimizer : int
        Of the optimizer's state of a parameter.
    """

    weight: int
    gradient: int
    optimizer: int
    feature: int


FLOAT32 = Numbers(4, 4, 8, 4)
"""All in float32, as `gpt.training` with precision float32: Adam's two means beside the weight."""

MIXED = Numbers(2, 2, 12, 2)
"""bfloat16 with a float32 master weight and Adam's two means: S. Rajbhandari et al., ZeRO, arXiv:1910.02054 (2020), section 3.1."""

SCORES = 2**26
"""So many scores of attention are made at once on an accelerator; where there are more, `accel.nn.scaled_dot_product_attention` goes in
blocks and makes them again on the way back, as T. Dao et al., FlashAttention (2022), does."""


@dataclass(frozen=True)
class Division:
    """How devices share the training of a model.

    Parameters
    ----------
    data, tensor, sequence : int, default 1
        As in `gpt.layout.Layout`.
    pipeline : int, default 1
        In so many stages the blocks are cut, one after another; on paper only: `gpt.parallel` has none.
    stage : int, default 0
        What each of the data * sequence devices keeps a part of only: 1 the optimizer's state, 2 the gradients too, 3 the weights too
        (the stages of ZeRO).
    micro : int, default 1
        Texts that a group of devices computes at a time.
    recompute : bool, default False
        Whether the insides of a block are made again on the way back (T. Chen et al., Training Deep Nets with Sublinear Memory Cost,
        arXiv:1604.06174 (2016)).
    """

    data: int = 1
    tensor: int = 1
    sequence: int = 1
    pipeline: int = 1
    stage: int = 0
    micro: int = 1
    recompute: bool = False

    @property
    def devices(self) -> int:
        """Devices in all."""
        return self.data * self.tensor * self.sequence * self.pipeline

    @property
    def copies(self) -> int:
        """Devices that have the same part of the model, and different tokens."""
        return self.data * self.sequence


@dataclass(frozen=True)
class Footprint:
    """Bytes on the fullest device.

    Parameters
    ----------
    weights, gradients, optimizer : float
        Of what is trained.
    activations : float
        Of what the way back needs of the blocks.
    scores : float
        Of the last layer: scores of the vocabulary, their exponentials, their gradient.
    """

    weights: float
    gradients: float
    optimizer: float
    activations: float
    scores: float

    @property
    def total(self) -> float:
        """All together."""
        return self.weights + self.gradients + self.optimizer + self.activations + self.scores


@lru_cache(maxsize=64)
def _counts(config: Config) -> tuple[tuple[int, int], tuple[int, int]]:
    """Count parameters that the tensor axis cuts, and those it does not: of a block, and of all else."""
    single = replace(config, layers=1)
    cut = specs(shapes(single))
    found = {True: [0, 0], False: [0, 0]}
    for name, shape in shapes(single).items():
        found[name.startswith("blocks.")]["tensor" not in cut[name]] += math.prod(shape)
    block, rest = found[True], found[False]
    return (block[0], block[1]), (rest[0], rest[1])


def total(config: Config) -> int:
    """Count the parameters of a model, without making a table of all their names."""
    block, rest = _counts(config)
    return config.layers * sum(block) + sum(rest)


def share(config: Config, tensor: int, pipeline: int = 1) -> float:
    """Count the parameters of one tensor device of the fullest stage: its blocks, and the embedding."""
    block, rest = _counts(config)
    layers = config.layers / pipeline
    return layers * (block[0] / tensor + block[1]) + rest[0] / tensor + rest[1]


def inside(config: Config, tensor: int) -> float:
    """Count the numbers of a token in a block that the way back needs, but for attention's scores.

    Whole on each tensor device: the block's input, the sum in its middle, and both after their norms. Cut: queries, keys, values,
    means; hidden features before and after gelu, or for SwiGLU gate, its silu, up and their product. Where there is a tensor axis, the
    two sums over it are kept, too: to make them again they would have to be sent again. But for those it is the count of
    V. A. Korthikanti et al., Reducing Activation Recomputation in Large Transformer Models, arXiv:2205.05198 (2022), section 4.1, for a
    model without dropout.
    """
    keys = config.kv_heads * config.dim
    hidden = (4 if config.llama else 2) * config.hidden
    whole = (4 if tensor == 1 else 6) * config.width
    return whole + (2 * config.width + 2 * keys + hidden) / tensor


def footprint(
    config: Config, division: Division, length: int, numbers: Numbers = MIXED, *, parts: int = 1
) -> Footprint:
    """Work out the bytes on the fullest device.

    Parameters
    ----------
    config : Config
        The model.
    division : Division
        How devices share it.
    length : int
        Tokens of a text.
    numbers : Numbers
        Bytes of the numbers.
    parts : int, default 1
        In how many parts of ``micro`` texts a step is made; a pipeline's first stage holds as many as it has stages behind it
        (D. Narayanan et al., Efficient Large-Scale Language Model Training on GPU Clusters Using Megatron-LM, arXiv:2104.04473 (2021),
        section 2.2).

    Returns
    -------
    Footprint
        Without what an allocator, a library or a program takes for itself.

    Notes
    -----
    Weights, gradients and state: P * (w + g + o) bytes, each divided by the copies where it is kept in parts (ZeRO, section 5). Activations:
    tokens * layers * (numbers of `inside`, and three for each score that attention keeps), or with ``recompute`` tokens * layers * width and
    one block's insides. The sequence axis adds the gathered keys and values of one block.
    """
    d, t = division, division.tensor
    owned = share(config, t, d.pipeline)
    layers = config.layers / d.pipeline
    tokens = d.micro * length / d.sequence
    pending = min(d.pipeline, parts)
    attention = d.micro * config.heads / t * length / d.sequence * length
    kept = 3 * attention if attention <= SCORES else 0.0
    block = tokens * inside(config, t) + kept
    inputs = pending * layers * tokens * config.width
    blocks = inputs + block if d.recompute else pending * layers * block
    gathered = 2 * d.micro * length * config.kv_heads * config.dim / t if d.sequence > 1 else 0.0
    return Footprint(
        owned * numbers.weight / (d.copies if d.stage >= 3 else 1),
        owned * numbers.gradient / (d.copies if d.stage >= 2 else 1),
        owned * numbers.optimizer / (d.copies if d.stage >= 1 else 1),
        (blocks + gathered) * numbers.feature,
        3 * tokens * config.vocabulary / t * 4,
    )
