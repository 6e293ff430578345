"""Layouts: the parameters of the accel GPT as the handwritten models want them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from gpt.config import Config

__all__ = ["for_jax", "for_numpy"]

PARTS = {
    "ln_1": "norm1",
    "attn.c_proj": "attention.output",
    "ln_2": "norm2",
    "mlp.c_fc": "mlp.up",
    "mlp.c_proj": "mlp.down",
}


def for_numpy(config: Config, params: Mapping[str, Any]) -> dict[str, Any]:
    """Give NumPy arrays of the accel GPT under the names, and in the shapes, of Hugging Face's GPT-2."""
    found = {
        "wte.weight": params["embedding.weight"],
        "wpe.weight": params["position.weight"],
        "ln_f.weight": params["norm.weight"],
        "ln_f.bias": params["norm.bias"],
    }
    for layer in range(config.layers):
        for theirs, ours in PARTS.items():
            for kind in ("weight", "bias"):
                x = params[f"blocks.{layer}.{ours}.{kind}"]
                found[f"h.{layer}.{theirs}.{kind}"] = x.T
        for kind in ("weight", "bias"):
            names = [f"blocks.{layer}.attention.{part}.{kind}" for part in ("query", "key", "value")]
            found[f"h.{layer}.attn.c_attn.{kind}"] = np.concatenate([params[name] for name in names]).T
    return found


def for_jax(config: Config, params: Mapping[str, Any]) -> Any:
    """Give the tree of the GPT in pure JAX."""
    import jax.numpy as jnp

    tensors = for_numpy(config, {name: np.asarray(x) for name, x in params.items()})

    def part(name: str) -> dict[str, Any]:
        return {kind: jnp.array(tensors[f"{name}.{kind}"]) for kind in ("weight", "bias")}

    theirs = {
        "norm1": "ln_1",
        "qkv": "attn.c_attn",
        "out": "attn.c_proj",
        "norm2": "ln_2",
        "up": "mlp.c_fc",
        "down": "mlp.c_proj",
    }
    return {
        "embedding": jnp.array(tensors["wte.weight"]),
        "position": jnp.array(tensors["wpe.weight"]),
        "norm": part("ln_f"),
        "blocks": [
            {ours: part(f"h.{layer}.{name}") for ours, name in theirs.items()}
            for layer in range(config.layers)
        ],
    }
