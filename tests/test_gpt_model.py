"""The GPT of `examples/`: the same bits to begin with and the same scores on every backend, the formulas of its referees, its errors."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from gpt import cache as caching
from gpt.config import PRESETS, Config, preset
from gpt.model import logits, loss, step
from gpt.parameters import check, initial, shapes, size
from gpt.parts import gathered
from gpt.weight import fused, matrix, project

import accel
from accel.errors import ArgumentError, DTypeError, MixedBackendsError, ShapeError
from accel.testing.rows import obstacle

TINY = {style: preset(name, layers=1) for style, name in (("gpt2", "tiny"), ("llama", "tiny-llama"))}
TEXT = np.random.default_rng(0).integers(0, 256, (2, 33)).astype(np.int32)

on_every_backend = pytest.mark.parametrize("backend", ["numpy", "jax", "cupy"])
in_both_styles = pytest.mark.parametrize("config", TINY.values(), ids=TINY)


def device(backend: str) -> accel.Device:
    if why := obstacle(backend):
        pytest.skip(why)
    return accel.devices(backend)[0]


def drawn(config: Config, backend: str) -> dict[str, Any]:
    """Give parameters that do more than new ones: their products are of the size of one."""
    params = initial(config, accel.random.key(3, device=device(backend)))
    return {name: accel.multiply(x, 6.0) if x.ndim == 2 else x for name, x in params.items()}


def placed(tokens: Any, params: dict[str, Any]) -> Any:
    return accel.to_device(tokens, accel.device(params["norm.weight"]))


def scores(config: Config, params: dict[str, Any], tokens: Any) -> Any:
    """Give the scores, compiled where single operations would be compiled one by one."""
    run = compiled if accel.device(tokens).backend == "jax" else logits
    return run(config, params, tokens)


compiled = accel.jit(logits, static_argnames="config")
taken = accel.jit(step, static_argnames="config")


@on_every_backend
@in_both_styles
def test_new_parameters_are_the_same_bits_everywhere(backend: str, config: Config) -> None:
    where = device(backend)
    params = initial(config, accel.random.key(7, device=where))
    check(config, params)
    assert sum(math.prod(x.shape) for x in params.values()) == size(config)
    for name, x in initial(config, accel.random.key(7, device="numpy")).items():
        assert accel.device(params[name]) == where
        np.testing.assert_array_equal(accel.to_numpy(params[name]), x, err_msg=name)


@in_both_styles
def test_new_parameters_are_drawn_as_said(config: Config) -> None:
    config = replace(config, width=128, hidden=512)
    params = initial(config, accel.random.key(0, device="numpy"))
    ends = 0.02 / math.sqrt(2 * config.layers)
    for name, x in params.items():
        if name.endswith(".bias"):
            assert not x.any()
        elif x.ndim == 1:
            assert (x == 1).all()
        else:
            wanted = ends if "output" in name or "down" in name else 0.02
            # A deviation of n numbers is known to 1 / sqrt(2 n); five times that.
            assert abs(x.std() / wanted - 1) < 5 / math.sqrt(2 * x.size), name
    other = initial(config, accel.random.key(0, device="numpy"), dtype=accel.float64)
    assert {x.dtype for x in other.values()} == {np.dtype(np.float64)}


@on_every_backend
@in_both_styles
def test_scores_and_loss_agree_with_numpy(backend: str, config: Config) -> None:
    params, reference = drawn(config, backend), drawn(config, "numpy")
    found = accel.to_numpy(scores(config, params, placed(TEXT[:, :-1], params)))
    wanted = logits(config, {name: x.astype(np.float64) for name, x in reference.items()}, TEXT[:, :-1])
    assert found.dtype == np.float32
    assert found.shape == (2, 32, config.vocabulary)
    # float32 keeps 6e-8 of each number; some thirty steps and sums of a hundred follow one another.
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-5 * np.abs(wanted).max())
    run = accel.jit(loss, static_argnames="config") if backend == "jax" else loss
    lost = float(run(config, params, placed(TEXT, params)))
    assert lost == pytest.approx(float(loss(config, reference, TEXT)), rel=1e-5)


@in_both_styles
def test_the_loss_is_the_mean_over_next_tokens(config: Config) -> None:
    params = {name: x.astype(np.float64) for name, x in drawn(config, "numpy").items()}
    found = logits(config, params, TEXT[:, :-1])
    shares = found - np.log(np.exp(found).sum(axis=-1, keepdims=True))
    wanted = -np.take_along_axis(shares, TEXT[:, 1:, None], axis=-1).mean()
    assert float(loss(config, params, TEXT)) == pytest.approx(wanted, rel=1e-12)


def llama_by_hand(config: Config, p: dict[str, Any], tokens: Any) -> Any:
    """Give Llama's scores for one text by its formulas, head by head, in complex numbers where pairs are turned."""

    def norm(name: str, x: Any) -> Any:
        return x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + config.eps) * p[f"{name}.weight"]

    time, half = len(tokens), config.dim // 2
    angles = np.exp(1j * np.arange(time)[:, None] * config.base ** (-np.arange(half) / half))

    def turned(x: Any) -> Any:
        pairs = (x[:, :half] + 1j * x[:, half:]) * angles
        return np.concatenate([pairs.real, pairs.imag], axis=1)

    x = p["embedding.weight"][tokens]
    for i in range(config.layers):
        name = f"blocks.{i}"
        h = norm(f"{name}.norm1", x)
        q, k, v = (h @ p[f"{name}.attention.{each}.weight"].T for each in ("query", "key", "value"))
        means = []
        for head in range(config.heads):
            own = slice(head * config.dim, (head + 1) * config.dim)
            shared = head * config.kv_heads // config.heads
            theirs = slice(shared * config.dim, (shared + 1) * config.dim)
            weights = turned(q[:, own]) @ turned(k[:, theirs]).T / math.sqrt(config.dim)
            weights = np.exp(np.where(np.tri(time, dtype=bool), weights, -np.inf))
            means.append(weights / weights.sum(axis=1, keepdims=True) @ v[:, theirs])
        x = x + np.concatenate(means, axis=1) @ p[f"{name}.attention.output.weight"].T
        h = norm(f"{name}.norm2", x)
        gate = h @ p[f"{name}.mlp.gate.weight"].T
        h = gate / (1 + np.exp(-gate)) * (h @ p[f"{name}.mlp.up.weight"].T)
        x = x + h @ p[f"{name}.mlp.down.weight"].T
    return norm("norm", x) @ p["head.weight"].T


def test_llama_computes_its_formulas() -> None:
    config = replace(TINY["llama"], layers=2)
    params = {name: x.astype(np.float64) for name, x in drawn(config, "numpy").items()}
    found = logits(config, params, TEXT[:, :20])
    for text, each in zip(TEXT, found, strict=True):
        np.testing.assert_allclose(each, llama_by_hand(config, params, text[:20]), rtol=0, atol=1e-11)


@on_every_backend
@in_both_styles
@pytest.mark.parametrize("counted", [True, False])
def test_steps_give_the_scores_of_the_whole(backend: str, config: Config, counted: bool) -> None:
    if backend == "jax" and counted:
        pytest.skip("each step of single operations would be compiled for its own length")
    params = drawn(config, backend)
    tokens = placed(TEXT[:, :14], params)
    cache = caching.empty(config, 2, device=accel.device(tokens), compiled=not counted)
    take = taken if backend == "jax" else step
    wanted = accel.to_numpy(scores(config, params, tokens))
    found, cache = take(config, params, tokens[:, :8], cache)
    each = [found]
    for i in range(8, 14):
        found, cache = take(config, params, tokens[:, i : i + 1], cache)
        each.append(found)
    got = np.stack([accel.to_numpy(x) for x in each], axis=1)
    np.testing.assert_allclose(got, wanted[:, 7:], rtol=0, atol=1e-5 * np.abs(wanted).max())
    assert int(cache.position) == 14
    assert all(x.shape == (2, config.kv_heads, config.context, config.dim) for x in cache.keys)


@in_both_styles
def test_scores_at_one_place_are_those_of_the_whole(config: Config) -> None:
    params = drawn(config, "numpy")
    whole = logits(config, params, TEXT)
    for at in (5, np.asarray(5, dtype=np.int32)):
        np.testing.assert_allclose(logits(config, params, TEXT, at=at), whole[:, 5], rtol=0, atol=1e-5)


@in_both_styles
def test_fused_matrices_give_the_same_scores(config: Config) -> None:
    params = drawn(config, "numpy")
    joined = fused(config, params)
    assert "blocks.0.attention.qkv.weight" in joined
    assert "blocks.0.attention.query.weight" in params
    assert len(joined) < len(params)
    np.testing.assert_allclose(logits(config, joined, TEXT), logits(config, params, TEXT), rtol=0, atol=2e-5)


@pytest.mark.parametrize("join", [False, True])
@in_both_styles
def test_parts_are_the_parameters_themselves(config: Config, join: bool) -> None:
    params = drawn(config, "numpy")
    params = fused(config, params) if join else params
    parts = gathered(config, params)
    assert gathered(config, parts) is parts
    found = {id(x) for x in _leaves(parts)}
    assert found == {id(x) for x in params.values()}
    one, two = (
        step(config, each, TEXT[:, :3], caching.empty(config, len(TEXT), device="numpy"))[0]
        for each in (params, parts)
    )
    np.testing.assert_array_equal(one, two)


def _leaves(parts: Any) -> list[Any]:
    if isinstance(parts, tuple):
        return [x for part in parts for x in _leaves(part)]
    return [] if parts is None else [parts]


@pytest.mark.parametrize("name", ["blocks.0.mlp.down", "blocks.0.attention.key", "embedding"])
def test_a_missing_matrix_is_told(name: str) -> None:
    config = TINY["gpt2"]
    params = {n: x for n, x in drawn(config, "numpy").items() if n != f"{name}.weight"}
    with pytest.raises(ArgumentError, match=f"There is no {name}.weight and no {name}.values"):
        logits(config, params, TEXT)


@on_every_backend
@in_both_styles
def test_bfloat16_computes_nearly_the_same_loss(backend: str, config: Config) -> None:
    params = drawn(config, backend)
    tokens = placed(TEXT, params)
    run = accel.jit(loss, static_argnames="config") if backend == "jax" else loss
    full, mixed = (float(run(config, params, tokens, compute=dtype)) for dtype in (None, accel.bfloat16))
    assert full != mixed
    # bfloat16 keeps 2**-9 of each number, and of the mean of 64 losses little is left.
    assert mixed == pytest.approx(full, rel=5e-3)


@in_both_styles
def test_gradients_are_those_of_finite_differences(config: Config) -> None:
    device("jax")
    params = {name: x.astype(np.float64) for name, x in drawn(config, "numpy").items()}
    small = replace(config, context=TEXT.shape[1])
    if "position.weight" in params:
        params["position.weight"] = params["position.weight"][: small.context]
    differentiated = accel.grad(loss, argnums=1)
    slopes = differentiated(small, params, TEXT)
    again = differentiated(small, params, TEXT, checkpoint=True) if config.llama else slopes
    draw = np.random.default_rng(1)
    ways = {name: draw.standard_normal(x.shape) for name, x in params.items()}

    def moved(by: float) -> float:
        return float(loss(small, {name: x + by * ways[name] for name, x in params.items()}, TEXT))

    # The error of the quotient is of order h**2 times the third derivative.
    wanted = (8 * (moved(1e-4) - moved(-1e-4)) - (moved(2e-4) - moved(-2e-4))) / 12e-4
    found = sum(float((np.asarray(slopes[name]) * ways[name]).sum()) for name in params)
    assert found == pytest.approx(wanted, rel=1e-5)
    for name in params:
        np.testing.assert_allclose(again[name], slopes[name], rtol=1e-9, atol=1e-14, err_msg=name)


def test_an_adapter_adds_a_product_of_low_rank() -> None:
    draw = np.random.default_rng(0)
    x, weight, bias, a, b = (draw.standard_normal(s) for s in ((3, 5), (4, 5), (4,), (2, 5), (4, 2)))
    params = {"m.weight": weight, "m.bias": bias, "m.lora_a": a, "m.lora_b": b}
    params["m.lora_scale"] = np.asarray(0.5)
    np.testing.assert_allclose(
        project(matrix(params, "m"), x), x @ (weight + 0.5 * b @ a).T + bias, rtol=1e-12
    )


def test_a_configuration_goes_through_json_and_can_be_a_key() -> None:
    for config in PRESETS.values():
        again = Config.from_dict(json.loads(json.dumps(config.to_dict())))
        assert again == config
        assert hash(again) == hash(config)
    assert size(PRESETS["gpt2"]) == 124_439_808  # the number that the public model is known by
    assert shapes(TINY["llama"])["blocks.0.attention.key.weight"] == (16, 32)
    assert preset("tiny", width=64, heads=8).hidden == 256


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"style": "bert"}, "style is 'bert'; known are gpt2, llama"),
        ({"width": 100, "heads": 3}, "width is 100 and heads 3; width has to be a multiple"),
        ({"heads": 4, "kv_heads": 3}, "heads is 4 and kv_heads 3; heads has to be a multiple"),
        ({"layers": 0}, "layers is 0, and has to be an int of at least 1"),
        ({"context": 2.5}, r"context is 2\.5, and has to be an int"),
        ({"eps": 0.0}, r"eps is 0\.0, and has to be a positive number"),
        ({"base": math.nan}, "base is nan"),
        ({"style": "llama", "width": 12, "heads": 4}, "A head has 3 features"),
        ({"tied": 1.5}, r"tied is 1\.5"),
    ],
)
def test_a_configuration_that_cannot_be_is_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ArgumentError, match=words):
        Config(**change)
    with pytest.raises(ArgumentError):
        Config.from_dict({**change, "colour": "red"})


def test_presets_are_known_by_name() -> None:
    with pytest.raises(ArgumentError, match="no configuration 'huge'; known are tiny"):
        preset("huge")
    with pytest.raises(ArgumentError, match="no colour"):
        preset("tiny", colour="red")


@on_every_backend
def test_texts_that_cannot_be_are_refused_alike(backend: str) -> None:
    config = TINY["gpt2"]
    params = drawn(config, backend)
    cases: list[tuple[Any, type[Exception], str]] = [
        (np.zeros((1, 65), np.int32), ShapeError, "65 tokens, and the context of the model holds 64"),
        (np.zeros(5, np.int32), ShapeError, r"shape \(5,\), and \(batch, time\) is needed"),
        (np.zeros((2, 0), np.int32), ShapeError, "at least one of each"),
        (np.zeros((2, 3), np.float32), DTypeError, "integers are needed"),
    ]
    for tokens, error, words in cases:
        with pytest.raises(error, match=words):
            logits(config, params, placed(tokens, params))
    with pytest.raises(ShapeError, match="at least two tokens"):
        loss(config, params, placed(TEXT[:, :1], params))
    cache = caching.empty(config, 1, device=accel.device(params["norm.weight"]))._replace(position=60)
    with pytest.raises(ShapeError, match="5 tokens after 60 others, and the context"):
        step(config, params, placed(TEXT[:1, :5], params), cache)
    if backend != "numpy":
        with pytest.raises(MixedBackendsError):
            logits(config, params, TEXT)


def test_parameters_of_another_model_are_refused() -> None:
    config = TINY["gpt2"]
    params = drawn(config, "numpy")
    with pytest.raises(ShapeError, match=r"lack position\.weight and have head\.weight besides"):
        check(
            config,
            {
                **{n: x for n, x in params.items() if n != "position.weight"},
                "head.weight": params["norm.bias"],
            },
        )
    with pytest.raises(
        ShapeError, match=r"norm\.weight has shape \(2,\), and the configuration gives it \(32,\)"
    ):
        check(config, {**params, "norm.weight": params["norm.weight"][:2]})
    with pytest.raises(
        ArgumentError, match=r"no blocks\.0\.mlp\.up\.weight and no blocks\.0\.mlp\.up\.values"
    ):
        logits(config, {n: x for n, x in params.items() if n != "blocks.0.mlp.up.weight"}, TEXT)
