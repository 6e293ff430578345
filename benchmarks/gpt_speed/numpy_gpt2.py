"""GPT-2 in plain NumPy, written by hand for speed: fused matrices, one sequence, buffers made once, keys and values kept.

It knows nothing of accel, so that it can referee, too.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["NumpyGPT2"]

Floats: TypeAlias = npt.NDArray[Any]

EPS = 1e-5
ROOT = math.sqrt(2 / math.pi)


class _Block:
    """Matrices of one block, as BLAS reads them fastest for one row: (out, in)."""

    def __init__(self, tensors: Mapping[str, Floats], name: str) -> None:
        def matrix(part: str) -> Floats:
            return np.ascontiguousarray(tensors[f"{name}.{part}.weight"].T)

        self.norm1 = tensors[f"{name}.ln_1.weight"], tensors[f"{name}.ln_1.bias"]
        self.norm2 = tensors[f"{name}.ln_2.weight"], tensors[f"{name}.ln_2.bias"]
        self.qkv, self.qkv_bias = matrix("attn.c_attn"), tensors[f"{name}.attn.c_attn.bias"]
        self.out, self.out_bias = matrix("attn.c_proj"), tensors[f"{name}.attn.c_proj.bias"]
        self.up, self.up_bias = matrix("mlp.c_fc"), tensors[f"{name}.mlp.c_fc.bias"]
        self.down, self.down_bias = matrix("mlp.c_proj"), tensors[f"{name}.mlp.c_proj.bias"]


class NumpyGPT2:
    """GPT-2 for one sequence.

    Parameters
    ----------
    tensors : mapping of str to array
        Weights under the names of Hugging Face's GPT-2, without a prefix; a matrix of a linear layer has the shape (in, out).
    heads : int
        How many heads of attention a block has.
    """

    def __init__(self, tensors: Mapping[str, Floats], heads: int) -> None:
        self.embedding, self.position = tensors["wte.weight"], tensors["wpe.weight"]
        layers = 1 + max(int(name.split(".")[1]) for name in tensors if name.startswith("h."))
        self.blocks = [_Block(tensors, f"h.{i}") for i in range(layers)]
        self.norm = tensors["ln_f.weight"], tensors["ln_f.bias"]
        self.heads, self.width = heads, self.embedding.shape[1]
        self.dim = self.width // heads
        dtype, context = self.embedding.dtype, len(self.position)
        # Keys and values of a block lie together, as its matrix gives them.
        self.kept = np.zeros((layers, 2, heads, context, self.dim), dtype)
        self.keys, self.values = self.kept[:, 0], self.kept[:, 1]
        self.length = 0
        # Arrays, as NumPy takes as long to make one of a Python number as to multiply a thousand numbers.
        self.root, self.slope, self.cube, self.one = (
            np.asarray(value, dtype)
            for value in (1 / math.sqrt(self.dim), -2 * ROOT, -2 * ROOT * 0.044715, 1)
        )
        self.ones = np.ones(self.width, dtype)
        hidden = self.blocks[0].up.shape[0]
        self._x, self._h, self._y = (np.empty(self.width, dtype) for _ in range(3))
        self._qkv = np.empty(3 * self.width, dtype)
        self._up, self._cube = np.empty(hidden, dtype), np.empty(hidden, dtype)
        self._weights = np.empty((heads, 1, context), dtype)
        self._scores = np.empty(len(self.embedding), dtype)

    def logits(self, tokens: npt.NDArray[np.integer[Any]]) -> Floats:
        """Give the scores (time, vocabulary) at each place of a text of shape (time,), without touching what was kept."""
        time = len(tokens)
        x = self.embedding[tokens] + self.position[:time]
        hidden = np.triu(np.ones((time, time), dtype=bool), 1)
        for block in self.blocks:
            h = _norm(x, *block.norm1)
            parts = (h @ block.qkv.T + block.qkv_bias).reshape(time, 3, self.heads, self.dim)
            q, k, v = parts.transpose(1, 2, 0, 3)
            weights = q @ k.transpose(0, 2, 1) * self.root
            weights[:, hidden] = -np.inf
            weights = np.exp(weights - weights.max(axis=-1, keepdims=True))
            weights /= weights.sum(axis=-1, keepdims=True)
            found = (weights @ v).transpose(1, 0, 2).reshape(time, self.width)
            x = x + found @ block.out.T + block.out_bias
            h = _norm(x, *block.norm2) @ block.up.T + block.up_bias
            x = x + _gelu(h) @ block.down.T + block.down_bias
        result: Floats = _norm(x, *self.norm) @ self.embedding.T
        return result

    def reset(self) -> None:
        """Forget the text."""
        self.length = 0

    def step(self, token: int) -> Floats:
        """Take one token more and give the scores (vocabulary,) of the next one, in a buffer that the next step writes to."""
        with np.errstate(over="ignore"):  # far on the left exp gives inf, and gelu 0
            return self._step(token)

    def _step(self, token: int) -> Floats:
        place, x, h, y = self.length, self._x, self._h, self._y
        behind, ones = place + 1, self.ones
        np.add(self.embedding[token], self.position[place], out=x)
        qkv, up, cube = self._qkv, self._up, self._cube
        parts = qkv.reshape(3, self.heads, self.dim)
        q, new = parts[0], parts[1:]
        query, weights = q[:, :, None], self._weights[:, :, :behind]
        scores, heads = weights.transpose(0, 2, 1), h.reshape(self.heads, 1, self.dim)
        for block, kept, keys, values in zip(self.blocks, self.kept, self.keys, self.values, strict=True):
            _norm_into(x, *block.norm1, ones, h)
            np.dot(block.qkv, h, out=qkv)
            qkv += block.qkv_bias
            q *= self.root
            kept[:, :, place] = new
            np.matmul(keys[:, :behind], query, out=scores)
            weights -= np.maximum.reduce(weights, axis=-1, keepdims=True)
            np.exp(weights, out=weights)
            weights /= np.add.reduce(weights, axis=-1, keepdims=True)
            np.matmul(weights, values[:, :behind], out=heads)
            np.dot(block.out, h, out=y)
            y += block.out_bias
            x += y
            _norm_into(x, *block.norm2, ones, h)
            np.dot(block.up, h, out=up)
            up += block.up_bias
            # (1 + tanh(u)) / 2 = 1 / (1 + exp(-2 * u))
            np.multiply(up, up, out=cube)
            cube *= self.cube
            cube += self.slope
            cube *= up
            np.exp(cube, out=cube)
            cube += self.one
            up /= cube
            np.dot(block.down, up, out=y)
            y += block.down_bias
            x += y
        _norm_into(x, *self.norm, ones, h)
        self.length = behind
        return np.dot(self.embedding, h, out=self._scores)


def _norm(x: Floats, weight: Floats, bias: Floats) -> Floats:
    apart = x - x.mean(axis=-1, keepdims=True)
    result: Floats = apart / np.sqrt((apart * apart).mean(axis=-1, keepdims=True) + EPS) * weight + bias
    return result


def _norm_into(x: Floats, weight: Floats, bias: Floats, ones: Floats, out: Floats) -> None:
    np.subtract(x, np.dot(x, ones) / len(x), out=out)
    out *= 1 / math.sqrt(np.dot(out, out) / len(x) + EPS)
    out *= weight
    out += bias


def _gelu(x: Floats) -> Floats:
    result: Floats = 0.5 * x * (1 + np.tanh(ROOT * (x + 0.044715 * x**3)))
    return result
