"""Traffic: the bytes that each device sends to train a GPT for one step, on paper."""

from __future__ import annotations

from dataclasses import dataclass

from gpt.config import Config
from gpt.footprint import MIXED, Division, Numbers, share

__all__ = ["Traffic", "gathered", "summed", "traffic"]


def summed(devices: int, size: float) -> float:
    """Give the bytes that a device sends in a ring, so that each has the sum of arrays of a size.

    R. Thakur, R. Rabenseifner, W. Gropp, Optimization of Collective Communication Operations in MPICH, Int. J. High Perform. Comput.
    Appl. 19 (2005), section 4.
    """
    return 2 * gathered(devices, size)


def gathered(devices: int, size: float) -> float:
    """Give the bytes that a device sends in a ring, so that each has all of an array of a size, or its part of a sum."""
    return (devices - 1) / devices * size


@dataclass(frozen=True)
class Traffic:
    """Bytes that a device sends in a step.

    Parameters
    ----------
    tensor : float
        Sums of features among those that share heads and hidden features.
    sequence : float
        Keys and values, and the sums of their gradients, among those that share texts.
    data : float
        Sums of gradients, and weights that are kept in parts, among those that have the same parameters.
    pipeline : float
        Features between stages.
    """

    tensor: float
    sequence: float
    data: float
    pipeline: float

    @property
    def total(self) -> float:
        """All together."""
        return self.tensor + self.sequence + self.data + self.pipeline


def traffic(
    config: Config,
    division: Division,
    length: int,
    numbers: Numbers = MIXED,
    *,
    parts: int = 1,
    joined: bool = True,
) -> Traffic:
    """Work out the bytes that a device sends in a step.

    Parameters
    ----------
    config, division, length, numbers
        As for `gpt.footprint.footprint`.
    parts : int, default 1
        In how many parts of ``micro`` texts a step is made.
    joined : bool, default True
        Whether a compiler adds up what it can before it sends. That of JAX 0.10 for CPUs does not: it sends the gradients of a block's
        input for queries, keys, values (and gate and up) one by one, those of a tied embedding for both of its uses, sums over two
        axes of the mesh one after the other, and sums where each device needs only its part; where heads share keys it gathers the queries,
        too. With False the formula counts that.

    Notes
    -----
    A = texts * tokens * width are the features of a device, S(n, x) = 2 (n - 1) / n * x what a sum costs (`summed`), G half of it (`gathered`).

    Tensor: each block sums A twice on the way there and twice on the way back (M. Shoeybi et al., Megatron-LM, arXiv:1909.08053 (2019), section 3),
    with ``recompute`` twice more; the cut vocabulary once each way.
    Sequence: each block gathers keys and values, and scatters the sums of their gradients: 2 G(s, texts * length * keys) each way.
    Data: S(n, P); with stage 1 of ZeRO G for the gradients and G for the new weights, with stage 2 the former for each part, with stage 3
    G for the gradients and 2 G for the weights for each part (S. Rajbhandari et al., arXiv:1910.02054 (2020), section 7).
    Pipeline: A to the next stage, and its gradient back (D. Narayanan et al., arXiv:2104.04473 (2021), section 3.2).
    """
    d, t, s = division, division.tensor, division.sequence
    layers = config.layers / d.pipeline
    features = d.micro * length / s * config.width * numbers.feature
    back = 2 if joined else 4 + config.llama
    times = layers * (2 + back + 2 * d.recompute) + (0 if d.pipeline > 1 else 2)
    tensor = parts * times * summed(t, features)
    keys = d.micro * length * config.kv_heads * config.dim / t * numbers.feature
    there, home = 2 * gathered(s, keys), 2 * (gathered if joined else summed)(s, keys)
    if not joined and config.kv_heads < config.heads:
        queries = features / t
        there, home = there + gathered(s, queries * s), home + summed(s, queries * s)
    sequence = parts * layers * (there * (2 if d.recompute else 1) + home)
    owned = share(config, t, d.pipeline)
    size = owned * numbers.gradient
    if joined:
        part = gathered(d.copies, size)
        held = gathered(d.copies, owned * numbers.weight)
        match d.stage:
            case 3:
                data = parts * (part + 2 * held)
            case 2:
                data = parts * part + held
            case 1:
                data = part + held
            case _:
                data = 2 * part
    else:
        twice = config.vocabulary * config.width / t * numbers.gradient if config.tied else 0.0
        data = summed(d.data, size + twice) + summed(s, size + twice)
        if d.stage:
            data += gathered(d.copies, owned * numbers.weight)
    pipeline = parts * 2 * features if d.pipeline > 1 else 0.0
    return Traffic(tensor, sequence, data, pipeline)
