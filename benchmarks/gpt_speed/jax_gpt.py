"""GPT-2 in pure JAX, written by hand for speed: loss, training step with AdamW, and decoding step with keys and values kept.

Parameters are a list of dicts; a matrix has the shape (in, out), and queries, keys and values are one matrix.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any, NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
from jax import lax

__all__ = ["Optimizer", "State", "empty", "loss", "next_token", "train"]

Tree: TypeAlias = Any

EPS = 1e-5


def _norm(p: Tree, x: Any) -> Any:
    apart = x - jnp.mean(x, axis=-1, keepdims=True)
    variance = jnp.mean(apart * apart, axis=-1, keepdims=True)
    return apart * lax.rsqrt(variance + EPS) * p["weight"] + p["bias"]


def _linear(p: Tree, x: Any) -> Any:
    return x @ p["weight"] + p["bias"]


def _split(p: Tree, x: Any, heads: int) -> Any:
    """Give queries, keys and values: (batch, heads, time, dim) each."""
    batch, time, width = x.shape
    qkv = _linear(p, x).reshape(batch, time, 3, heads, width // heads)
    return jnp.moveaxis(qkv, (2, 3), (0, 2))


def _attend(q: Any, k: Any, v: Any, seen: Any) -> Any:
    batch, heads, time, dim = q.shape
    scores = jnp.einsum("bhqd,bhkd->bhqk", q * (1 / math.sqrt(dim)), k)
    weights = jax.nn.softmax(jnp.where(seen, scores, -jnp.inf), axis=-1)
    found = jnp.einsum("bhqk,bhkd->bhqd", weights, v)
    return found.transpose(0, 2, 1, 3).reshape(batch, time, heads * dim)


def _mlp(p: Tree, x: Any) -> Any:
    return _linear(p["down"], jax.nn.gelu(_linear(p["up"], x), approximate=True))


def loss(params: Tree, tokens: Any, heads: int) -> Any:
    """Give the mean negative logarithm of the probability of each next token of texts (batch, time + 1)."""
    given, wanted = tokens[:, :-1], tokens[:, 1:]
    time = given.shape[1]
    x = params["embedding"][given] + params["position"][:time]
    seen = jnp.tril(jnp.ones((time, time), dtype=bool))
    for p in params["blocks"]:
        x = x + _linear(p["out"], _attend(*_split(p["qkv"], _norm(p["norm1"], x), heads), seen))
        x = x + _mlp(p, _norm(p["norm2"], x))
    scores = _norm(params["norm"], x) @ params["embedding"].T
    total = jax.nn.logsumexp(scores, axis=-1)
    return jnp.mean(total - jnp.take_along_axis(scores, wanted[..., None], axis=-1)[..., 0])


class Optimizer(NamedTuple):
    """The numbers of AdamW, of its schedule and of clipping."""

    rate: float
    steps: int
    warmup: int
    floor: float
    beta1: float
    beta2: float
    epsilon: float
    decay: float
    clip: float


class State(NamedTuple):
    """What AdamW remembers."""

    step: Any
    mean: Tree
    square: Tree


@partial(jax.jit, static_argnames=("heads", "o"), donate_argnames=("params", "state"))
def train(params: Tree, state: State, tokens: Any, heads: int, o: Optimizer) -> tuple[Tree, State, Any, Any]:
    """Take one step of AdamW; give parameters, state, loss and the norm of the gradients."""
    value, gradients = jax.value_and_grad(loss)(params, tokens, heads)
    norm = jnp.sqrt(sum(jnp.sum(g * g) for g in jax.tree.leaves(gradients)))
    factor = o.clip / jnp.maximum(norm, o.clip)
    done = state.step.astype(jnp.float32)
    share = jnp.clip((done - o.warmup) / max(o.steps - 1 - o.warmup, 1), 0, 1)
    fall = o.floor + (1 - o.floor) * 0.5 * (1 + jnp.cos(jnp.pi * share))
    rate = o.rate * jnp.where(done < o.warmup, (done + 1) / max(o.warmup, 1), fall)
    unbias1, unbias2 = (1 - jnp.float32(b) ** (done + 1) for b in (o.beta1, o.beta2))

    mean = jax.tree.map(lambda m, g: o.beta1 * m + (1 - o.beta1) * (g * factor), state.mean, gradients)
    square = jax.tree.map(
        lambda v, g: o.beta2 * v + (1 - o.beta2) * (g * factor) ** 2, state.square, gradients
    )

    def moved(p: Any, m: Any, v: Any) -> Any:
        change = (m / unbias1) / (jnp.sqrt(v / unbias2) + o.epsilon)
        return p - rate * (change + o.decay * p if p.ndim > 1 else change)

    return jax.tree.map(moved, params, mean, square), State(state.step + 1, mean, square), value, norm


def empty(params: Tree, heads: int, batch: int) -> Tree:
    """Make room for keys and values: (batch, heads, context, dim) for each block."""
    context, width = params["position"].shape
    shape = (batch, heads, context, width // heads)
    room = tuple(jnp.zeros(shape, params["position"].dtype) for _ in params["blocks"])
    return room, tuple(jnp.zeros_like(x) for x in room), jnp.zeros((), jnp.int32)


@partial(jax.jit, static_argnames=("heads",), donate_argnames=("cache",))
def next_token(params: Tree, tokens: Any, cache: Tree, heads: int) -> tuple[Any, Tree]:
    """Take one token more of each text (batch, 1), and give the one of the highest score that follows."""
    keys, values, place = cache
    context = params["position"].shape[0]
    x = params["embedding"][tokens] + params["position"][place]
    seen = jnp.arange(context) <= place
    new_keys, new_values = [], []
    for p, key, value in zip(params["blocks"], keys, values, strict=True):
        q, k, v = _split(p["qkv"], _norm(p["norm1"], x), heads)
        key = lax.dynamic_update_slice(key, k, (0, 0, place, 0))
        value = lax.dynamic_update_slice(value, v, (0, 0, place, 0))
        new_keys.append(key)
        new_values.append(value)
        x = x + _linear(p["out"], _attend(q, key, value, seen))
        x = x + _mlp(p, _norm(p["norm2"], x))
    scores = (_norm(params["norm"], x) @ params["embedding"].T)[:, -1]
    best = jnp.argmax(scores, axis=-1).astype(jnp.int32)[:, None]
    return best, (tuple(new_keys), tuple(new_values), place + 1)
