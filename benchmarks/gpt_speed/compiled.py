"""JAX: training and decoding steps of the accel GPT beside those of the GPT in pure JAX, and how many programs each is compiled to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gpt.cache as caching
import numpy as np
from gpt.config import Config
from gpt.generation import decoder
from gpt.optimizer import AdamW
from gpt.parameters import initial
from gpt.training import Settings, stepper
from gpt.weight import fused

import accel
from gpt_speed import jax_gpt
from gpt_speed.layout import for_jax
from gpt_speed.race import race

__all__ = ["decoding", "training"]


class Programs:
    """Counts what XLA compiles between `begin` and `end`."""

    def __init__(self) -> None:
        import jax

        self.count = 0
        jax.monitoring.register_event_duration_secs_listener(self._heard)

    def _heard(self, event: str, _: float, **__: Any) -> None:
        self.count += event == "/jax/core/compile/backend_compile_duration"

    def of(self, call: Callable[[], Any]) -> int:
        """Give how many programs a call compiles."""
        before = self.count
        call()
        return self.count - before


def training(config: Config, batch: int, rounds: int, steps: int = 1) -> dict[str, Any]:
    """Race whole steps: loss, gradients, AdamW."""
    import jax

    programs = Programs()
    optimizer = AdamW(rate=1e-3, steps=1000, warmup=10)
    settings = Settings(batch=batch, length=config.context, optimizer=optimizer)
    own = initial(config, accel.random.key(0, device="jax"))
    theirs = for_jax(config, own)
    text = np.random.default_rng(0).integers(0, config.vocabulary, (1, batch, config.context + 1), np.int32)
    windows = jax.numpy.asarray(text)
    flat = windows[0]
    numbers = jax_gpt.Optimizer(
        optimizer.rate,
        optimizer.steps,
        optimizer.warmup,
        optimizer.floor,
        optimizer.beta1,
        optimizer.beta2,
        optimizer.epsilon,
        optimizer.decay,
        optimizer.clip,
    )
    zeros = jax.tree.map(jax.numpy.zeros_like, theirs)
    hand = {
        "params": theirs,
        "state": jax_gpt.State(
            jax.numpy.zeros((), jax.numpy.int32), zeros, jax.tree.map(jax.numpy.copy, zeros)
        ),
    }
    ours: dict[str, Any] = {"params": own, "state": optimizer.initial(own)}
    jax.block_until_ready((hand, ours, flat))
    step = stepper(config, settings)
    losses: dict[str, list[float]] = {"pure JAX": [], "accel": []}

    def by_hand() -> None:
        for _ in range(steps):
            hand["params"], hand["state"], value, _ = jax_gpt.train(
                hand["params"], hand["state"], flat, config.heads, numbers
            )
        losses["pure JAX"].append(float(value))
        jax.block_until_ready(hand["params"])

    def by_accel() -> None:
        for _ in range(steps):
            ours["params"], ours["state"], value, _ = step(ours["params"], ours["state"], {}, windows)
        losses["accel"].append(float(value))
        jax.block_until_ready(ours["params"])

    count = {"pure JAX": programs.of(by_hand), "accel": programs.of(by_accel)}
    found = race({"pure JAX": by_hand, "accel": by_accel}, rounds)
    apart = max(abs(a - b) / abs(a) for a, b in zip(losses["pure JAX"], losses["accel"], strict=True))
    for name, each in found.items():
        each["seconds"] /= steps
        each["programs"] = count[name]
    return {"contenders": found, "tokens": batch * config.context, "apart": apart}


def decoding(config: Config, batch: int, rounds: int, tokens: int) -> dict[str, Any]:
    """Race runs of decoding steps at temperature 0, each of which looks at one token."""
    import jax

    programs = Programs()
    own = initial(config, accel.random.key(0, device="jax"))
    theirs, served = for_jax(config, own), fused(config, own)
    start = accel.full((batch, 1), 7, dtype=accel.int32, device="jax")
    advance = decoder(config, compiled=True)
    texts: dict[str, list[Any]] = {"pure JAX": [], "accel": []}
    ready: dict[str, Any] = {}

    def prepare() -> None:
        ready["pure JAX"] = jax_gpt.empty(theirs, config.heads, batch)
        ready["accel"] = caching.empty(config, batch, device="jax", compiled=True)
        jax.block_until_ready((ready["pure JAX"], ready["accel"][:2]))

    def by_hand(count: int = tokens) -> None:
        token, cache = start, ready["pure JAX"]
        text = texts["pure JAX"] = []
        for _ in range(count):
            token, cache = jax_gpt.next_token(theirs, token, cache, config.heads)
            text.append(np.asarray(token)[0, 0])
        ready["pure JAX"] = (*cache[:2], jax.numpy.zeros_like(cache[2]))

    def by_accel(count: int = tokens) -> None:
        token, cache = start, ready["accel"]
        text = texts["accel"] = []
        for _ in range(count):
            token, cache = advance(served, token, cache, None)
            text.append(np.asarray(token)[0, 0])
        ready["accel"] = cache._replace(position=jax.numpy.zeros_like(cache.position))

    prepare()
    jax.block_until_ready((theirs, served, jax.numpy.zeros_like(ready["accel"].position)))
    count = {"pure JAX": programs.of(lambda: by_hand(3)), "accel": programs.of(lambda: by_accel(3))}
    found = race({"pure JAX": by_hand, "accel": by_accel}, rounds)
    same = [a == b for a, b in zip(*texts.values(), strict=True)]
    for name, each in found.items():
        each["seconds"] /= tokens
        each["programs"] = count[name]
    return {"contenders": found, "batch": batch, "alike": same.index(False) if False in same else len(same)}
