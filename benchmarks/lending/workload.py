"""The computations: as NumPy users write them, and the same with accel's functions, which are then compiled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import accel

__all__ = ["ALL", "Workload"]

Arrays = tuple[np.ndarray[Any, Any], ...]


@dataclass(frozen=True)
class Workload:
    """One computation.

    Attributes
    ----------
    name : str
        What it is.
    plain : callable
        In NumPy alone.
    ours : callable
        In accel; not compiled.
    draw : callable
        Takes a generator and about how many elements the result has, and gives the arguments.
    products : callable, optional
        The matrix products in it alone, in NumPy: what BLAS takes no compiler saves.
    """

    name: str
    plain: Callable[..., Any]
    ours: Callable[..., Any]
    draw: Callable[[np.random.Generator, int], Arrays]
    products: Callable[..., Any] | None = None


def _gelu(x: Any) -> Any:
    return 0.5 * x * (1 + np.tanh(np.float32(0.7978845608) * (x + np.float32(0.044715) * x * x * x)))


def _layer_norm(x: Any, weight: Any, bias: Any) -> Any:
    mean = x.mean(axis=-1, keepdims=True)
    variance = ((x - mean) ** 2).mean(axis=-1, keepdims=True)
    return (x - mean) / np.sqrt(variance + np.float32(1e-5)) * weight + bias


def _attention(q: Any, k: Any, v: Any) -> Any:
    scores = np.matmul(q, np.swapaxes(k, -1, -2)) * np.float32(q.shape[-1] ** -0.5)
    scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.matmul(scores / scores.sum(axis=-1, keepdims=True), v)


def _mlp(x: Any, up: Any, down: Any) -> Any:
    return np.matmul(_gelu(np.matmul(x, up.T)), down.T)


def _our_mlp(x: Any, up: Any, down: Any) -> Any:
    hidden = accel.nn.gelu(accel.nn.linear(x, up), approximate=True)
    return accel.nn.linear(hidden, down)


def _numbers(rng: np.random.Generator, *shape: int) -> np.ndarray[Any, Any]:
    return rng.standard_normal(shape, dtype=np.float32)


def _rows(rng: np.random.Generator, size: int) -> Arrays:
    return (_numbers(rng, max(size // 256, 1), min(size, 256)),)


def _heads(rng: np.random.Generator, size: int) -> Arrays:
    shape = (max(size // (4 * 256 * 64), 1), 4, min(256, max(size // 256, 1)), 64)
    return tuple(_numbers(rng, *shape) for _ in range(3))


ALL = (
    Workload("gelu (tanh)", _gelu, lambda x: accel.nn.gelu(x, approximate=True), _rows),
    Workload(
        "layer norm",
        _layer_norm,
        lambda x, w, b: accel.nn.layer_norm(x, weight=w, bias=b),
        lambda rng, size: (*_rows(rng, size), _numbers(rng, min(size, 256)), _numbers(rng, min(size, 256))),
    ),
    Workload(
        "attention",
        _attention,
        accel.nn.scaled_dot_product_attention,
        _heads,
        lambda q, k, v: np.matmul(np.matmul(q, np.swapaxes(k, -1, -2)), v),
    ),
    Workload(
        "MLP 256-1024-256",
        _mlp,
        _our_mlp,
        lambda rng, size: (
            _numbers(rng, max(size // 256, 1), 256),
            _numbers(rng, 1024, 256) / 16,
            _numbers(rng, 256, 1024) / 32,
        ),
        lambda x, up, down: np.matmul(np.matmul(x, up.T), down.T),
    ),
)
