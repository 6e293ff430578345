"""Weights: products with them and rows of them, whether they are plain, adapted or quantised."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import accel
from accel.errors import ArgumentError
from gpt.config import Config
from gpt.parameters import Array, Params

__all__ = ["cast", "fused", "holds", "parts", "project", "rows"]


def cast(x: Array, dtype: object) -> Array:
    """Give an array in a dtype, and the array itself where it has it."""
    return x if x.dtype == dtype else accel.astype(x, dtype)


@lru_cache(maxsize=4096)
def parts(name: str) -> tuple[str, str, str, str]:
    """Give the names of weight, bias, quantised values and adapter; a step asks so often that to join them anew would show."""
    return f"{name}.weight", f"{name}.bias", f"{name}.values", f"{name}.lora_a"


def project(params: Params, name: str, x: Array, xp: Any = None) -> Array:
    """Multiply by the matrix of a name, and add its bias: the one door for all products with weights.

    Parameters
    ----------
    params : dict of str to array
        Beside ``name`` stand either ``.weight`` of shape (out, in), or ``.values`` and ``.scale``, as `accel.nn.quantise_int8` and
        `accel.nn.quantise_int4` give them; perhaps ``.bias``; and perhaps an adapter of low rank: ``.lora_a`` of shape (rank, in),
        ``.lora_b`` of shape (out, rank) and ``.lora_scale`` of shape ().
    name : str
        Which matrix.
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
    matrix, added, _, adapter = parts(name)
    weight, bias = params.get(matrix), params.get(added)
    if bias is not None and bias.dtype != dtype:
        bias = accel.astype(bias, dtype)
    if weight is not None:
        y = xp.nn.linear(x, weight if weight.dtype == dtype else accel.astype(weight, dtype), bias)
    else:
        values, scale = _quantised(params, name)
        y = xp.nn.quantised_matmul(x, values, scale)
        if bias is not None:
            y = xp.add(y, bias)
    down = params.get(adapter)
    if down is None:
        return y
    up = xp.nn.linear(xp.nn.linear(x, cast(down, dtype)), cast(params[f"{name}.lora_b"], dtype))
    return xp.add(y, xp.multiply(up, cast(params[f"{name}.lora_scale"], dtype)))


def holds(params: Params, name: str) -> bool:
    """Tell whether there are weights of a name, plain or quantised."""
    matrix, _, values, _ = parts(name)
    return matrix in params or values in params


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


def rows(params: Params, name: str, indices: Array | slice, dtype: object = None) -> Array:
    """Give rows of the matrix of a name, in a dtype if one is given.

    Parameters
    ----------
    params : dict of str to array
        As `project` takes them; an adapter beside the matrix does not count here.
    name : str
        Which matrix.
    indices : array, any shape, integer dtype, or slice
        Which rows.
    dtype : dtype, optional
        That of the result.

    Returns
    -------
    array, shape (*indices.shape, in) or (length of the slice, in)
        The rows.
    """
    weight = params.get(f"{name}.weight")
    if weight is not None:
        found = weight[indices] if isinstance(indices, slice) else accel.nn.embedding(indices, weight)
        return found if dtype is None else cast(found, dtype)
    values, scale = _quantised(params, name)
    if isinstance(indices, slice):
        return accel.nn.dequantise(values[indices], scale[indices], dtype=dtype)
    return accel.nn.dequantise(
        accel.take(values, indices, axis=0), accel.take(scale, indices, axis=0), dtype=dtype
    )


def _quantised(params: Params, name: str) -> tuple[Array, Array]:
    values = params.get(f"{name}.values")
    if values is None:
        raise ArgumentError(
            f"There is no {name}.weight and no {name}.values among the {len(params)} parameters."
        )
    return values, params[f"{name}.scale"]
