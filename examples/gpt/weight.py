"""Weights: products with them and rows of them, whether they are plain, adapted or quantised."""

from __future__ import annotations

from typing import Any, NamedTuple

import accel
from accel.errors import ArgumentError
from gpt.config import Config
from gpt.parameters import Array, Params

__all__ = ["Matrix", "cast", "fused", "holds", "matrix", "project", "rows"]


class Matrix(NamedTuple):
    """One matrix and what stands beside it; None is what there is not.

    Attributes
    ----------
    weight : array, shape (out, in), or None
        The matrix, where it is plain.
    bias : array, shape (out,), or None
        What is added.
    values, scale : arrays, or None
        The matrix as `accel.nn.quantise_int8` and `accel.nn.quantise_int4` give it.
    lora_a, lora_b, lora_scale : arrays, shapes (rank, in), (out, rank) and (), or None
        An adapter of low rank.
    """

    weight: Any = None
    bias: Any = None
    values: Any = None
    scale: Any = None
    lora_a: Any = None
    lora_b: Any = None
    lora_scale: Any = None


def matrix(params: Params, name: str) -> Matrix:
    """Look up the matrix of a name.

    Parameters
    ----------
    params : dict of str to array
        Its parts are called as the fields of `Matrix`, behind the name and a dot.
    name : str
        Which matrix.

    Raises
    ------
    ArgumentError
        There is no such matrix, neither plain nor quantised.
    """
    if not holds(params, name):
        raise ArgumentError(
            f"There is no {name}.weight and no {name}.values among the {len(params)} parameters."
        )
    return Matrix(*(params.get(f"{name}.{part}") for part in Matrix._fields))


def holds(params: Params, name: str) -> bool:
    """Tell whether there is a matrix of a name, plain or quantised."""
    return f"{name}.weight" in params or f"{name}.values" in params


def cast(x: Array, dtype: object) -> Array:
    """Give an array in a dtype, and the array itself where it has it."""
    return x if x.dtype == dtype else accel.astype(x, dtype)


def project(matrix: Matrix, x: Array, xp: Any = None) -> Array:
    """Multiply by a matrix, and add its bias: the one door for all products with weights.

    Parameters
    ----------
    matrix : Matrix
        Plain or quantised, perhaps with a bias, and perhaps with an adapter.
    x : array, shape (..., in)
        Features; weights are cast to their dtype.
    xp : namespace, optional
        That of the arrays, where it is known already.

    Returns
    -------
    array, shape (..., out), dtype of x
        ``x @ weight.T + bias + lora_scale * (x @ lora_a.T) @ lora_b.T``.

    Notes
    -----
    E. J. Hu et al., LoRA: Low-Rank Adaptation of Large Language Models, arXiv:2106.09685 (2021), equation 3.
    """
    xp = accel.namespace(x) if xp is None else xp
    dtype = x.dtype
    weight, bias, values, scale, down, up, factor = matrix
    if bias is not None and bias.dtype != dtype:
        bias = cast(bias, dtype)
    if weight is not None:
        if weight.dtype != dtype:
            weight = cast(weight, dtype)
        y = xp.nn.linear(x, weight, bias)
    else:
        y = xp.nn.quantised_matmul(x, values, scale)
        if bias is not None:
            y = xp.add(y, bias)
    if down is None:
        return y
    apart = xp.nn.linear(xp.nn.linear(x, cast(down, dtype)), cast(up, dtype))
    return xp.add(y, xp.multiply(apart, cast(factor, dtype)))


def fused(config: Config, params: Params) -> Params:
    """Join matrices that are multiplied by the same features, so that a step of serving has fewer and larger products.

    Parameters
    ----------
    config : Config
        The model.
    params : dict of str to array
        Its parameters, plain or quantised. Matrices that have an adapter stay as they are; merge it first.

    Returns
    -------
    dict of str to array
        Queries, keys and values of a block are the rows of ``attention.qkv``, and in Llama's style those of the gate and what it is
        multiplied by are the rows of ``mlp.gate_up``. Everything else is shared with ``params``.
    """
    found = dict(params)
    groups: dict[str, tuple[str, ...]] = {
        "attention.qkv": ("attention.query", "attention.key", "attention.value")
    }
    if config.llama:
        groups["mlp.gate_up"] = ("mlp.gate", "mlp.up")
    for layer in range(config.layers):
        for together, each in groups.items():
            names = [f"blocks.{layer}.{name}" for name in each]
            if any(f"{name}.lora_a" in params for name in names):
                continue
            for part in ("weight", "bias", "values", "scale"):
                if all(f"{name}.{part}" in params for name in names):
                    joined = accel.concat([found.pop(f"{name}.{part}") for name in names], axis=0)
                    found[f"blocks.{layer}.{together}.{part}"] = joined
    return found


def rows(matrix: Matrix, indices: Array | slice, dtype: object = None) -> Array:
    """Give rows of a matrix, in a dtype if one is given.

    Parameters
    ----------
    matrix : Matrix
        Plain or quantised; an adapter beside it does not count here.
    indices : array, any shape, integer dtype, or slice
        Which rows.
    dtype : dtype, optional
        That of the result.

    Returns
    -------
    array, shape (*indices.shape, in) or (length of the slice, in)
        The rows.
    """
    if matrix.weight is not None:
        if isinstance(indices, slice):
            found = matrix.weight[indices]
        else:
            found = accel.nn.embedding(indices, matrix.weight)
        return found if dtype is None else cast(found, dtype)
    values, scale = (
        each[indices] if isinstance(indices, slice) else accel.take(each, indices, axis=0)
        for each in (matrix.values, matrix.scale)
    )
    return accel.nn.dequantise(values, scale, dtype=dtype)
