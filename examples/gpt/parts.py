"""Parts: the parameters of a model by what they are for, looked up once for a text and not once for a token."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

from gpt.config import Config
from gpt.parameters import Params
from gpt.weight import Matrix, holds, matrix

__all__ = ["Block", "Norm", "Parts", "gathered", "gathered_block"]


Norm: TypeAlias = tuple[Any, ...]
"""The factors of a norm, of shape (width,), and what it adds if it does."""


class Block(NamedTuple):
    """What one block has.

    Attributes
    ----------
    norm1, norm2 : tuple of arrays
        Norms before attention and before the layers behind it.
    asking : tuple of Matrix
        Those of queries, keys and values, or one of all three.
    output : Matrix
        That of what attention found.
    inner : tuple of Matrix
        That of what goes through the activation; and in Llama's style that of the gate before it, or one of both.
    down : Matrix
        That of what the activation gave.
    """

    norm1: Norm
    asking: tuple[Matrix, ...]
    output: Matrix
    norm2: Norm
    inner: tuple[Matrix, ...]
    down: Matrix


class Parts(NamedTuple):
    """What a model has; ``position`` is None in Llama's style."""

    embedding: Matrix
    position: Matrix | None
    blocks: tuple[Block, ...]
    norm: Norm
    head: Matrix


def gathered(config: Config, params: Params | Parts) -> Parts:
    """Look up the parameters of a model.

    Parameters
    ----------
    config : Config
        The model.
    params : dict of str to array
        Its parameters: plain, with adapters, quantised or fused. Parts are given back as they are.

    Returns
    -------
    Parts
        The same arrays. What is put into the dict afterwards does not change them.

    Raises
    ------
    ArgumentError
        A matrix is missing.
    """
    if isinstance(params, Parts):
        return params
    embedding = matrix(params, "embedding")
    return Parts(
        embedding,
        None if config.llama else matrix(params, "position"),
        tuple(gathered_block(config, params, layer) for layer in range(config.layers)),
        _norm(config, params, "norm"),
        embedding if config.tied else matrix(params, "head"),
    )


def gathered_block(config: Config, params: Params, layer: int) -> Block:
    """Look up the parameters of one block, as `gathered` does."""
    block = f"blocks.{layer}"

    def together(one: str, *several: str) -> tuple[Matrix, ...]:
        names = (one,) if holds(params, f"{block}.{one}") else several
        return tuple(matrix(params, f"{block}.{name}") for name in names)

    asking = together("attention.qkv", "attention.query", "attention.key", "attention.value")
    inner = (
        together("mlp.gate_up", "mlp.gate", "mlp.up")
        if config.llama
        else (matrix(params, f"{block}.mlp.up"),)
    )
    return Block(
        _norm(config, params, f"{block}.norm1"),
        asking,
        matrix(params, f"{block}.attention.output"),
        _norm(config, params, f"{block}.norm2"),
        inner,
        matrix(params, f"{block}.mlp.down"),
    )


def _norm(config: Config, params: Params, name: str) -> Norm:
    weight = params[f"{name}.weight"]
    return (weight,) if config.llama else (weight, params[f"{name}.bias"])
