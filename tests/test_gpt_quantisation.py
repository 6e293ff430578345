"""Quantised models: how little memory they need, that they compute what their integers stand for, and what they refuse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from gpt.config import Config, preset
from gpt.generation import generate
from gpt.model import logits
from gpt.parameters import initial
from gpt.quantisation import compare, memory, quantise
from gpt.weight import fused

import accel
from accel.errors import ArgumentError, ShapeError
from accel.testing.rows import obstacle

CONFIGS = [preset("small", layers=1), preset("small-llama", layers=1)]
TEXT = np.random.default_rng(0).integers(0, 256, (4, 65)).astype(np.int32)

on_every_backend = pytest.mark.parametrize("backend", ["numpy", "jax", "cupy"])
in_both_styles = pytest.mark.parametrize("config", CONFIGS, ids=lambda c: c.style)
in_both_widths = pytest.mark.parametrize(("bits", "most"), [(8, 0.30), (4, 0.18)])


def drawn(config: Config, backend: str) -> dict[str, Any]:
    if why := obstacle(backend):
        pytest.skip(why)
    return initial(config, accel.random.key(2, device=accel.devices(backend)[0]))


def restored(params: dict[str, Any]) -> dict[str, Any]:
    """Give plain parameters of the numbers that integers and scales stand for."""
    found = {}
    for name, x in params.items():
        if name.endswith(".values"):
            stem = name.removesuffix(".values")
            found[f"{stem}.weight"] = accel.nn.dequantise(x, params[f"{stem}.scale"])
        elif not name.endswith(".scale"):
            found[name] = x
    return found


@on_every_backend
@in_both_styles
@in_both_widths
def test_memory_and_scores(backend: str, config: Config, bits: int, most: float) -> None:
    params = drawn(config, backend)
    small = quantise(config, params, bits=bits)
    full = memory(params)
    # The bytes of the arrays themselves, as their library counts them.
    assert memory(small) == sum(x.nbytes for x in small.values())
    assert memory(small) <= most * full
    integers = sum(x.nbytes for name, x in small.items() if name.endswith(".values"))
    matrices = sum(x.nbytes // 4 for x in params.values() if x.ndim == 2)
    assert integers == matrices * bits // 8, "one byte holds two integers of four bits"
    tokens = accel.to_device(TEXT, accel.device(params["norm.weight"]))
    run = accel.jit(logits, static_argnames="config") if backend == "jax" else logits
    found, wanted = (accel.to_numpy(run(config, each, tokens[:, :-1])) for each in (small, restored(small)))
    # Two orders of the same float32 sums.
    np.testing.assert_allclose(found, wanted, rtol=0, atol=2e-5 * np.abs(wanted).max())


@on_every_backend
def test_quantised_bits_are_the_same_on_every_backend(backend: str) -> None:
    config = CONFIGS[0]
    for bits in (8, 4):
        found = quantise(config, drawn(config, backend), bits=bits)
        for name, x in quantise(config, drawn(config, "numpy"), bits=bits).items():
            np.testing.assert_array_equal(accel.to_numpy(found[name]), x, err_msg=name)


@in_both_styles
@in_both_widths
def test_the_loss_changes_little(config: Config, bits: int, most: float) -> None:
    params = drawn(config, "numpy")
    cost = compare(config, params, quantise(config, params, bits=bits), TEXT)
    assert cost.share <= most
    assert cost.before != cost.after
    # Weights are off by up to 1/254 of a row's largest, or 1/14 of a group's.
    assert abs(cost.after - cost.before) < (0.005 if bits == 8 else 0.05)


@in_both_styles
@in_both_widths
def test_a_quantised_model_generates_fused_or_not(config: Config, bits: int, most: float) -> None:
    small = quantise(config, drawn(config, "numpy"), bits=bits)
    prompt = TEXT[:2, :7]
    first = list(generate(config, small, prompt, 8))
    assert first == list(generate(config, fused(config, small), prompt, 8))
    assert first == list(generate(config, small, prompt, 8, cache=False))


def test_the_whole_gpt2_would_fit() -> None:
    for bits, most in ((8, 0.30), (4, 0.18)):
        config = preset("gpt2", layers=1, vocabulary=500)
        params = drawn(config, "numpy")
        assert memory(quantise(config, params, bits=bits)) <= most * memory(params)


def test_what_cannot_be_is_refused() -> None:
    config = CONFIGS[0]
    params = drawn(config, "numpy")
    with pytest.raises(ArgumentError, match="bits is 3; known are 8"):
        quantise(config, params, bits=3)
    with pytest.raises(ArgumentError, match="with 8 bits each row has one scale"):
        quantise(config, params, bits=8, group=32)
    with pytest.raises(ArgumentError, match="even number of at least 2"):
        quantise(config, params, bits=4, group=3)
    with pytest.raises(ShapeError, match="group is 48, and has to divide the width 128"):
        quantise(config, params, bits=4, group=48)
    with pytest.raises(ShapeError, match=r"lack norm\.weight"):
        quantise(config, {name: x for name, x in params.items() if name != "norm.weight"})
    odd = Config(width=27, heads=3, hidden=9, layers=1)
    with pytest.raises(ShapeError, match="use bits=8"):
        quantise(odd, drawn(odd, "numpy"), bits=4)
