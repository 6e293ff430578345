"""Latency: the time of each of many tokens, with and without a cache of keys and values."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from gpt.config import Config
from gpt.generation import generate
from gpt.parameters import initial
from gpt.weight import fused

import accel

__all__ = ["latency"]


def latency(config: Config, backend: str, tokens: int, cache: bool) -> dict[str, Any]:
    """Write a text and take the processor time of each token.

    Parameters
    ----------
    config : Config
        The model, whose context holds the text.
    backend : {"numpy", "jax"}
        On which the model runs; on JAX compiled.
    tokens : int
        How many.
    cache : bool
        Whether keys and values are kept.
    """
    device = accel.devices(backend)[0]
    params = fused(config, initial(config, accel.random.key(0, device=device)))
    start = accel.asarray([[7]], dtype=accel.int32, device=device)
    # The programs are compiled, and the libraries warm.
    for _ in generate(config, params, start, 3, cache=cache):
        pass
    times = []
    before = time.process_time()
    for _ in generate(config, params, start, tokens, cache=cache):
        now = time.process_time()
        times.append(now - before)
        before = now
    low, high = np.percentile(times, [50, 99])
    return {"p50": float(low), "p99": float(high), "times": times}
