"""Parameters: one flat dict of arrays by name, their shapes, and what they are before training."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypeAlias

import accel as xp
from accel.errors import ShapeError
from gpt.config import Config

__all__ = ["Array", "Params", "check", "initial", "shapes", "size"]

Array: TypeAlias = Any
"""A native array of any library."""

Params: TypeAlias = dict[str, Any]
"""Name -> array."""

DEVIATION = 0.02
"""Standard deviation of new weights; those of matrices that end a residual branch are divided by the root of their number."""


def shapes(config: Config) -> dict[str, tuple[int, ...]]:
    """Give the name and the shape of each parameter of a model, in the order in which they are drawn.

    Parameters
    ----------
    config : Config
        The model. A matrix of weights has the shape (out, in).
    """
    width, keys = config.width, config.kv_heads * config.dim
    found: dict[str, tuple[int, ...]] = {"embedding.weight": (config.vocabulary, width)}
    if not config.llama:
        found["position.weight"] = (config.context, width)

    def matrix(name: str, out: int, entering: int) -> None:
        found[f"{name}.weight"] = (out, entering)
        if not config.llama:
            found[f"{name}.bias"] = (out,)

    def norm(name: str) -> None:
        found[f"{name}.weight"] = (width,)
        if not config.llama:
            found[f"{name}.bias"] = (width,)

    for layer in range(config.layers):
        block = f"blocks.{layer}"
        norm(f"{block}.norm1")
        matrix(f"{block}.attention.query", width, width)
        matrix(f"{block}.attention.key", keys, width)
        matrix(f"{block}.attention.value", keys, width)
        matrix(f"{block}.attention.output", width, width)
        norm(f"{block}.norm2")
        if config.llama:
            matrix(f"{block}.mlp.gate", config.hidden, width)
        matrix(f"{block}.mlp.up", config.hidden, width)
        matrix(f"{block}.mlp.down", width, config.hidden)
    norm("norm")
    if not config.tied:
        found["head.weight"] = (config.vocabulary, width)
    return found


def size(config: Config) -> int:
    """Give the number of parameters of a model."""
    return sum(math.prod(shape) for shape in shapes(config).values())


def initial(config: Config, key: Array, *, dtype: Any = None) -> Params:
    """Draw the parameters of a new model.

    Parameters
    ----------
    config : Config
        The model.
    key : array, shape (2,), uint32
        A key of `accel.random`; the parameters lie on its device.
    dtype : dtype, optional
        A real floating-point one; float32 otherwise.

    Returns
    -------
    dict of str to array
        Weights are normal, with deviation 0.02, and ``0.02 / sqrt(2 * layers)`` for the two matrices that end the branches of a block;
        biases are 0, and factors of a norm 1. The same bits on every backend.

    Notes
    -----
    A. Radford et al., Language Models are Unsupervised Multitask Learners (2019), section 2.3.
    """
    dtype = xp.float32 if dtype is None else dtype
    device = xp.device(key)
    found: Params = {}
    for number, (name, shape) in enumerate(shapes(config).items()):
        if name.endswith(".bias"):
            found[name] = xp.zeros(shape, dtype=dtype, device=device)
        elif len(shape) == 1:
            found[name] = xp.ones(shape, dtype=dtype, device=device)
        else:
            ends = name.endswith((".attention.output.weight", ".mlp.down.weight"))
            deviation = DEVIATION / math.sqrt(2 * config.layers) if ends else DEVIATION
            drawn = xp.random.normal(xp.random.fold_in(key, number), shape, dtype=xp.float32)
            found[name] = xp.astype(xp.multiply(drawn, deviation), dtype, copy=False)
    return found


def check(config: Config, params: Mapping[str, Any]) -> None:
    """Refuse plain parameters that are not those of a configuration.

    Raises
    ------
    ShapeError
        A parameter is missing, has another shape, or belongs to no such model.
    """
    wanted = shapes(config)
    missing = [name for name in wanted if name not in params]
    extra = [name for name in params if name not in wanted]
    if missing or extra:
        told = [f"lack {_some(missing)}"] * bool(missing) + [f"have {_some(extra)} besides"] * bool(extra)
        raise ShapeError(f"The parameters {' and '.join(told)}; the configuration has {len(wanted)} of them.")
    for name, shape in wanted.items():
        if tuple(params[name].shape) != shape:
            raise ShapeError(
                f"{name} has shape {tuple(params[name].shape)}, and the configuration gives it {shape}."
            )


def _some(names: list[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more
