"""Adapters: products of two thin matrices that are trained in place of the weights they stand beside (LoRA)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import accel
from accel.errors import ArgumentError, ShapeError

TARGETS = ("query", "key", "value", "output", "gate", "up", "down")
"""The matrices of a block, by the last part of their names."""


def initial(
    params: Mapping[str, Any], key: Any, rank: int, *, scale: float = 2.0, targets: Sequence[str] = TARGETS
) -> dict[str, Any]:
    """Make adapters that change nothing yet.

    Beside a weight W of shape (out, in) come A of shape (rank, in), drawn from a normal distribution of variance 1 / in, B of
    shape (out, rank), all zeros, and a number: the model computes with ``W + scale * B @ A`` (E. J. Hu et al., LoRA: Low-Rank
    Adaptation of Large Language Models, ICLR 2022, equation 3, where the number is called alpha / r).

    Parameters
    ----------
    params : mapping of arrays
        The parameters of the model, with the names that `gpt.parameters.shapes` gives.
    key : array, (2,), uint32
        A key of `accel.random`.
    rank : int
        How thin the matrices are; the smaller, the fewer numbers are trained.
    scale : float, default 2.0
        The number.
    targets : sequence of str
        Which of `TARGETS`.

    Returns
    -------
    dict of arrays
        ``NAME.lora_a``, ``NAME.lora_b`` and ``NAME.lora_scale``, float32, on the device of the key.

    Raises
    ------
    ArgumentError
        If the rank is below 1 or above a side of a matrix, or a target is unknown.
    """
    unknown = [name for name in targets if name not in TARGETS]
    if unknown or not targets:
        raise ArgumentError(
            f"adapters stand beside some of {', '.join(TARGETS)}, got {', '.join(unknown) or 'none'}."
        )
    device = accel.device(key)
    found = {}
    for number, name in enumerate(_matrices(params, targets)):
        rows, columns = params[f"{name}.weight"].shape
        if not 1 <= rank <= min(rows, columns):
            raise ArgumentError(
                f"the rank must be from 1 to {min(rows, columns)}, the shorter side of {name}, got {rank}."
            )
        drawn = accel.random.normal(accel.random.fold_in(key, number), (rank, columns), dtype=accel.float32)
        found[f"{name}.lora_a"] = drawn / columns**0.5
        found[f"{name}.lora_b"] = accel.zeros((rows, rank), dtype=accel.float32, device=device)
        found[f"{name}.lora_scale"] = accel.full((), scale, dtype=accel.float32, device=device)
    return found


def trained(adapters: Mapping[str, Any]) -> dict[str, Any]:
    """Give those arrays of adapters that training changes: all but the scales."""
    return {name: x for name, x in adapters.items() if not name.endswith(".lora_scale")}


def merge(params: Mapping[str, Any], adapters: Mapping[str, Any]) -> dict[str, Any]:
    """Add adapters to the weights they stand beside, so that the model needs them no more.

    Returns
    -------
    dict of arrays
        The names, shapes and dtypes of ``params``.

    Raises
    ------
    ShapeError
        If adapters belong to another model.
    """
    merged = dict(params)
    for each in adapters:
        if not each.endswith(".lora_a"):
            continue
        name = each.removesuffix(".lora_a")
        down, up, scale = (adapters[f"{name}.{part}"] for part in ("lora_a", "lora_b", "lora_scale"))
        weight = params.get(f"{name}.weight")
        if weight is None or weight.shape != (up.shape[0], down.shape[1]):
            what = (
                "has no such weight"
                if weight is None
                else f"has {name}.weight of shape {tuple(weight.shape)}"
            )
            raise ShapeError(
                f"the adapter {name} is for a weight of shape {(up.shape[0], down.shape[1])}, and the model {what}."
            )
        change = scale * accel.matmul(up, down)
        merged[f"{name}.weight"] = accel.astype(accel.astype(weight, change.dtype) + change, weight.dtype)
    return merged


def _matrices(params: Mapping[str, Any], targets: Sequence[str]) -> list[str]:
    return [
        name.removesuffix(".weight")
        for name, x in params.items()
        if name.endswith(".weight")
        and name.startswith("blocks.")
        and x.ndim == 2
        and name.split(".")[-2] in targets
    ]
