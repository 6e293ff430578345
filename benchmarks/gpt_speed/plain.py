"""NumPy without JAX: decoding with the accel GPT beside GPT-2 in plain NumPy, and the memory of a process that does it."""

from __future__ import annotations

import ctypes
import gc
import resource
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import gpt.cache as caching
import numpy as np
from gpt.config import Config
from gpt.generation import decoder
from gpt.parameters import initial
from gpt.parts import gathered
from gpt.quantisation import memory, quantise
from gpt.weight import fused

import accel
from gpt_speed.layout import for_numpy
from gpt_speed.numpy_gpt2 import NumpyGPT2
from gpt_speed.race import race

__all__ = ["decoding", "footprint"]

HAND, OURS = "plain NumPy", "accel"


def _drawn(config: Config) -> dict[str, Any]:
    return initial(config, accel.random.key(0, device="numpy"))


def _by_hand(config: Config, params: dict[str, Any]) -> Callable[[int], list[int]]:
    model = NumpyGPT2(for_numpy(config, params), config.heads)

    def write(count: int) -> list[int]:
        model.reset()
        text, token = [], 7
        for _ in range(count):
            token = int(model.step(token).argmax())
            text.append(token)
        return text

    return write


def _by_accel(config: Config, params: dict[str, Any]) -> Callable[[int], list[int]]:
    advance, parts = decoder(config), gathered(config, params)
    # Buffers are made once, as they are by hand.
    room = caching.empty(config, device="numpy")

    def write(count: int) -> list[int]:
        cache = room
        text, token = [], np.full((1, 1), 7, np.int32)
        for _ in range(count):
            token, cache = advance(parts, token, cache, None)
            text.append(int(token[0, 0]))
        return text

    return write


def decoding(config: Config, rounds: int, tokens: int) -> dict[str, Any]:
    """Race runs of decoding steps at temperature 0, each of which looks at one token; also with quantised weights."""
    params = _drawn(config)
    contenders = {
        HAND: _by_hand(config, params),
        OURS: _by_accel(config, fused(config, params)),
        f"{OURS}, int8": _by_accel(config, fused(config, quantise(config, params))),
        f"{OURS}, int4": _by_accel(config, fused(config, quantise(config, params, bits=4))),
    }
    texts = {name: write(tokens) for name, write in contenders.items()}
    same = [a == b for a, b in zip(texts[HAND], texts[OURS], strict=True)]
    found = race({name: partial(write, tokens) for name, write in contenders.items()}, rounds)
    full = memory(params)
    weights = {
        HAND: full,
        OURS: full,
        f"{OURS}, int8": memory(quantise(config, params)),
        f"{OURS}, int4": memory(quantise(config, params, bits=4)),
    }
    for name, each in found.items():
        each["seconds"] /= tokens
        each["weights"] = weights[name]
    return {"contenders": found, "alike": same.index(False) if False in same else len(same)}


def footprint(config: Config, name: str, tokens: int) -> dict[str, Any]:
    """Measure what writing some tokens adds to the memory of this process, weights and all."""
    params = _drawn(config)
    if name == HAND:
        write = _by_hand(config, params)
        params = {}
    else:
        if "int" in name:
            params = quantise(config, params, bits=int(name[-1]))
        params = fused(config, params)
        write = _by_accel(config, params)
    write(tokens)
    gc.collect()
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(
            0
        )  # glibc keeps what was freed: here the float32 weights before they were quantised
    return {"bytes": resident()}


def resident() -> int:
    """Give the bytes of this process that lie in memory now."""
    with open("/proc/self/statm") as file:
        pages = int(file.read().split()[1])
    return pages * resource.getpagesize()
