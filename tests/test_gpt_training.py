"""Training of the GPT example: its optimizer by the formulas, the same curve on every backend, and going on bit for bit."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import accel
from accel.errors import ArgumentError
from accel.testing.rows import Row, obstacle

pytest.importorskip("safetensors")
from gpt import adapters as lora
from gpt import corpus, model, training
from gpt.checkpoint import CheckpointError, load, save
from gpt.config import Config
from gpt.corpus import Text, Tokens
from gpt.optimizer import AdamW, State, global_norm
from gpt.tokenizer import Bytes
from gpt.training import DivergenceError, Run, Settings

needs_jax = pytest.mark.skipif(obstacle("jax") is not None, reason=f"gradients need JAX: {obstacle('jax')}")
EXAMPLES = Path(__file__).parents[1] / "examples"
CONFIG = Config(vocabulary=257, layers=2, heads=2, width=32, context=32)
SETTINGS = Settings(batch=4, length=32, optimizer=AdamW(rate=3e-3, steps=20, warmup=5))


@cache
def text() -> tuple[Tokens, Tokens]:
    learnt, held = corpus.standard_library(("json", "email")).split()
    return Tokens.of(learnt, Bytes()), Tokens.of(held, Bytes())


def new(settings: Settings = SETTINGS, device: Any = "jax", config: Config = CONFIG) -> Run:
    return Run.new(config, Bytes(), settings, device=device)


def train(run: Run, **how: Any) -> Run:
    training.train(run, *text(), progress=False, **how)
    return run


@cache
def reference() -> Run:
    """The plain training that others are compared with."""
    return train(new())


def apart(one: Run, other: Run) -> float:
    return max(abs(a - b) for a, b in zip(one.losses, other.losses, strict=True))


def identical(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert one.keys() == other.keys()
    for name in one:
        a, b = accel.to_numpy(one[name]), accel.to_numpy(other[name])
        assert a.dtype == b.dtype
        assert a.tobytes() == b.tobytes(), name


# The optimizer, on every backend, without any compiler.


def written_out(rule: AdamW, p: Any, gradients: list[Any]) -> Any:
    """The formulas of the docstring, in float64, one line for each."""
    m = v = np.zeros_like(p)
    for t, g in enumerate(gradients, start=1):
        g = g * min(1, rule.clip / np.linalg.norm(g))
        m = rule.beta1 * m + (1 - rule.beta1) * g
        v = rule.beta2 * v + (1 - rule.beta2) * g**2
        if t <= rule.warmup:
            rate = rule.rate * t / rule.warmup
        else:
            share = (t - 1 - rule.warmup) / (rule.steps - 1 - rule.warmup)
            rate = rule.rate * (rule.floor + (1 - rule.floor) * (1 + math.cos(math.pi * share)) / 2)
        decay = rule.decay * p if p.ndim > 1 else 0
        p = p - rate * (m / (1 - rule.beta1**t) / (np.sqrt(v / (1 - rule.beta2**t)) + rule.epsilon) + decay)
    return p


@pytest.mark.parametrize("shape", [(7,), (5, 3)])
def test_updates_are_those_of_the_formulas(plain_row: Row, shape: tuple[int, ...]) -> None:
    rule = AdamW(rate=0.1, steps=12, warmup=3, clip=0.8)
    rng = np.random.default_rng(4)
    start = rng.normal(size=shape)
    gradients = [rng.normal(size=shape) * 10.0 ** rng.integers(-3, 2) for _ in range(12)]
    params = {"w": plain_row.put(start.astype(np.float32))}
    state = rule.initial(params)
    for g in gradients:
        params, state, norm = rule.update(params, state, {"w": plain_row.put(g.astype(np.float32))})
        np.testing.assert_allclose(float(norm), np.linalg.norm(g), rtol=1e-6)
    found = accel.to_numpy(params["w"])
    assert found.dtype == np.float32
    assert accel.device(params["w"]) == plain_row.device
    assert int(state.step) == 12
    # Each of the 12 updates is at most the rate, and rounded some ten times.
    np.testing.assert_allclose(found, written_out(rule, start, gradients), atol=12 * 10 * 0.1 * 2**-23)


def test_the_rate_climbs_in_a_line_and_falls_along_a_cosine(plain_row: Row) -> None:
    rule = AdamW(rate=2.0, steps=101, warmup=10, floor=0.25)
    steps = plain_row.put(np.arange(120, dtype=np.int32))
    rates = accel.to_numpy(rule.learning_rate(steps))
    assert rates.dtype == np.float32
    np.testing.assert_allclose(rates[:10], 0.2 * np.arange(1, 11), rtol=1e-6)
    np.testing.assert_allclose(rates[10], 2.0, rtol=1e-6)
    np.testing.assert_allclose(rates[55], (2.0 + 0.5) / 2, rtol=1e-6)
    np.testing.assert_allclose(rates[100:], 0.5, rtol=1e-6)
    assert (np.diff(rates[10:101]) < 0).all()


def test_a_small_gradient_is_not_clipped_and_a_large_one_to_the_norm(plain_row: Row) -> None:
    parts = {
        "a": plain_row.put(np.full((2, 2), 3.0, np.float32)),
        "b": plain_row.put(np.full((7,), 2.0, np.float32)),
    }
    assert float(global_norm(parts)) == 8.0
    for clip, factor in ((100.0, 1.0), (8.0, 1.0), (2.0, 0.25)):
        rule = AdamW(clip=clip)
        _, state, norm = rule.update(parts, rule.initial(parts), parts)
        assert float(norm) == 8.0
        np.testing.assert_allclose(accel.to_numpy(state.mean["a"]), 0.1 * 3.0 * factor, rtol=1e-6)


def test_biases_and_norms_do_not_decay() -> None:
    params = {"w": np.ones((2, 2), np.float32), "b": np.ones((2,), np.float32)}
    rule = AdamW(rate=0.1, warmup=0, decay=0.5)
    zero = {name: np.zeros_like(x) for name, x in params.items()}
    found, _, _ = rule.update(params, rule.initial(params), zero)
    np.testing.assert_allclose(found["w"], 0.95, rtol=1e-6)
    np.testing.assert_array_equal(found["b"], 1.0)
    np.testing.assert_array_equal(params["w"], 1.0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"rate": 0},
        {"rate": math.nan},
        {"steps": 0},
        {"warmup": -1},
        {"floor": 2},
        {"beta1": 1},
        {"clip": 0},
        {"decay": -1},
    ],
)
def test_numbers_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    (name,) = wrong
    with pytest.raises(ArgumentError, match=f"^{name} must be"):
        AdamW(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [{"batch": 0}, {"accumulate": 0}, {"seed": -1}, {"precision": "float8"}])
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    (name,) = wrong
    with pytest.raises(ArgumentError, match=f"^{name} must be"):
        Settings(**wrong)


# Training.


@needs_jax
def test_the_same_seed_gives_the_same_curve_on_every_backend(plain_row: Row) -> None:
    run = train(new(device=plain_row.device))
    for x in (*run.params.values(), *run.state.mean.values(), run.state.step):
        assert accel.device(x) == plain_row.device
    assert run.losses[0] == pytest.approx(math.log(257), abs=0.2)
    assert run.losses[-1] < run.losses[0] - 1
    # The same program of XLA on the same processor gives the same bits. What a real GPU adds up otherwise, 20 steps carry on.
    there = accel.device(plain_row.device)
    assert apart(run, reference()) <= (0 if there.kind == "cpu" or there.emulated else 1e-2)


@needs_jax
@pytest.mark.thorough
def test_parts_of_a_step_and_recomputed_activations_give_the_gradient_of_the_whole() -> None:
    run = train(new(replace(SETTINGS, batch=2, accumulate=2, recompute=True)))
    # The same windows; sums of 4 numbers in another order, and 20 steps that carry the difference on.
    assert apart(run, reference()) < 2e-4
    assert run.losses != reference().losses

    # Neither an update of AdamW nor a clipped gradient shows how long the gradient is; its norm does.
    windows = accel.random.randint(accel.random.key(1, device="jax"), (1, 4, 17), 0, 256)
    parts = accel.reshape(windows, (2, 2, 17))
    whole, each = (
        training.stepper(CONFIG, replace(SETTINGS, accumulate=x.shape[0]))(start.params, start.state, {}, x)
        for x, start in ((windows, new()), (parts, new()))
    )
    assert float(each[3]) == pytest.approx(float(whole[3]), rel=1e-5)
    assert float(each[2]) == pytest.approx(float(whole[2]), rel=1e-6)


@needs_jax
@pytest.mark.thorough
def test_bfloat16_computes_with_float32_weights() -> None:
    run = train(new(replace(SETTINGS, precision="bfloat16")))
    assert {str(accel.to_numpy(x).dtype) for x in (*run.params.values(), *run.state.square.values())} == {
        "float32"
    }
    assert 1e-6 < apart(run, reference()) < 0.05


@needs_jax
def test_a_run_goes_on_bit_for_bit(plain_row: Row, tmp_path: Path) -> None:
    device = plain_row.device
    whole = train(new(device=device), path=tmp_path / "whole", save_every=50)
    half = new(device=device)
    train(half, path=tmp_path / "half", save_every=7, stop=lambda: half.done == 9)
    assert load(tmp_path / "half").facts["step"] == 9
    rest = train(Run.resumed(load(tmp_path / "half"), device=device), path=tmp_path / "half")
    assert rest.losses == whole.losses
    for group in ("params", "mean", "square", "history"):
        identical(load(tmp_path / "half").arrays[group], load(tmp_path / "whole").arrays[group])


@needs_jax
@pytest.mark.thorough
def test_a_run_goes_on_on_another_backend(other_row: Row, tmp_path: Path) -> None:
    half = new(device="numpy")
    train(half, path=tmp_path / "half", stop=lambda: half.done == 10)
    rest = train(Run.resumed(load(tmp_path / "half"), device=other_row.device))
    assert rest.done == 20
    assert apart(rest, reference()) < 2e-4


@needs_jax
def test_nan_stops_and_the_last_good_checkpoint_stays(tmp_path: Path) -> None:
    path = tmp_path / "m"
    good = new()
    train(good, path=path, save_every=4, stop=lambda: good.done == 4)
    before = path.read_bytes()
    run = Run.resumed(load(path), device="jax")
    poisoned = accel.to_numpy(run.params["norm.weight"]).copy()
    poisoned[3] = math.nan
    run.params["norm.weight"] = accel.to_device(poisoned, "jax")
    with pytest.raises(DivergenceError, match=r"the loss is nan .* at step 5; .* holds step 4"):
        train(run, path=path, save_every=1)
    assert path.read_bytes() == before
    assert load(path).facts["step"] == 4


@needs_jax
def test_windows_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ArgumentError, match=r"windows of 33 tokens .* context of the model is 32"):
        train(new(replace(SETTINGS, length=33)))
    short = Tokens.of(Text(("too short",)), Bytes())
    with pytest.raises(ArgumentError, match="10 tokens and a window takes 33"):
        training.train(new(), short, progress=False)


KILLED = """
import sys
from pathlib import Path
from test_gpt_training import new, train, text, SETTINGS
train(new(), path=Path(sys.argv[1]), save_every=1)
"""


@needs_jax
@pytest.mark.thorough
def test_killed_in_the_middle_it_loses_at_most_the_steps_since_the_last_checkpoint(tmp_path: Path) -> None:
    """A real process, killed by SIGKILL while it writes checkpoint after checkpoint."""
    path = tmp_path / "m"
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(path)], env=env, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        if path.exists() and load(path).facts["step"] >= 3:  # each look is at a whole file
            break
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    _, said = process.communicate()
    assert process.returncode in (-signal.SIGKILL, 0), said.decode()
    kept = load(path)
    assert 3 <= kept.facts["step"] <= 20
    rest = train(Run.resumed(kept, device="jax"), path=path)
    assert rest.losses == reference().losses
    identical(load(path).arrays["params"], {n: accel.to_numpy(x) for n, x in reference().params.items()})
    assert [p.name for p in tmp_path.iterdir()] == ["m"]


# Adapters.


def adapted(rank: int = 4, device: Any = "jax", **how: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    params = model.initial(CONFIG, accel.random.key(1, device=device))
    return params, lora.initial(params, accel.random.key(2, device=device), rank, **how)


def test_new_adapters_change_nothing(plain_row: Row) -> None:
    params, adapters = adapted(device=plain_row.device)
    tokens = plain_row.put(np.arange(8, dtype=np.int32)[None, :])
    plain = accel.to_numpy(model.logits(CONFIG, params, tokens))
    np.testing.assert_array_equal(accel.to_numpy(model.logits(CONFIG, {**params, **adapters}, tokens)), plain)
    identical(lora.merge(params, adapters), params)


def test_merged_adapters_compute_the_same(plain_row: Row) -> None:
    params, adapters = adapted(device=plain_row.device)
    key = accel.random.key(3, device=plain_row.device)
    for name, x in adapters.items():
        if name.endswith(".lora_b"):
            drawn: Any = accel.random.normal(key, x.shape, dtype=accel.float32)
            adapters[name] = 0.1 * drawn
    tokens = plain_row.put(np.arange(8, dtype=np.int32)[None, :])
    both = accel.to_numpy(model.logits(CONFIG, {**params, **adapters}, tokens))
    merged = lora.merge(params, adapters)
    assert merged.keys() == params.keys()
    np.testing.assert_allclose(accel.to_numpy(model.logits(CONFIG, merged, tokens)), both, atol=2e-5)
    assert np.abs(both - accel.to_numpy(model.logits(CONFIG, params, tokens))).max() > 0.01


def test_adapters_stand_where_they_are_asked_for() -> None:
    _, adapters = adapted(device="numpy", targets=("query", "value"))
    assert {name.rsplit(".", 2)[1] for name in adapters} == {"query", "value"}
    assert len(lora.trained(adapters)) == 2 * 2 * 2
    with pytest.raises(ArgumentError, match="got head"):
        adapted(device="numpy", targets=("head",))
    for rank in (0, 33):
        with pytest.raises(ArgumentError, match=f"rank must be from 1 to 32, .* got {rank}"):
            adapted(rank, device="numpy")


@needs_jax
@pytest.mark.thorough
def test_adapters_alone_are_trained_and_go_on_bit_for_bit(tmp_path: Path) -> None:
    base = reference()
    save(tmp_path / "base", base.checkpoint())
    before = {name: accel.to_numpy(x).copy() for name, x in base.params.items()}
    settings = replace(SETTINGS, optimizer=AdamW(rate=1e-2, steps=12, warmup=2))

    def start() -> Run:
        adapters = lora.initial(base.params, accel.random.key(2, device="jax"), 4)
        return Run.adapting(base.params, adapters, CONFIG, Bytes(), settings)

    run = train(start(), path=tmp_path / "whole")
    assert run.losses[-1] < run.losses[0]
    assert {name.rpartition(".")[2] for name in run.params} == {"lora_a", "lora_b"}
    identical({name: run.frozen[name] for name in before}, before)
    assert (tmp_path / "whole").stat().st_size < (tmp_path / "base").stat().st_size / 2

    half = start()
    train(half, path=tmp_path / "half", stop=lambda: half.done == 5)
    rest = Run.resumed(load(tmp_path / "half"), base=load(tmp_path / "base"), device="jax")
    train(rest, path=tmp_path / "half")
    for group in ("params", "mean", "square", "history"):
        identical(load(tmp_path / "half").arrays[group], load(tmp_path / "whole").arrays[group])

    identical(training.adapted(load(tmp_path / "half"), load(tmp_path / "base")), run.whole)
    save(tmp_path / "other", new().checkpoint())
    with pytest.raises(CheckpointError, match="trained beside the model"):
        training.adapted(load(tmp_path / "half"), load(tmp_path / "other"))
    with pytest.raises(CheckpointError, match="trained beside the model"):
        Run.resumed(load(tmp_path / "half"), device="jax")


@needs_jax
def test_what_a_run_is_made_of_stays_as_it_is(plain_row: Row) -> None:
    """A compiled step may write into the arrays it is given, so a run has its own."""
    params, adapters = adapted(device=plain_row.device)
    before = {name: accel.to_numpy(x).copy() for name, x in {**params, **adapters}.items()}
    settings = replace(SETTINGS, optimizer=AdamW(steps=1, warmup=0))
    run = Run.adapting(params, adapters, CONFIG, Bytes(), settings)
    kept = run.checkpoint()
    train(run)
    train(Run.of(params, CONFIG, Bytes(), settings))
    identical({**params, **adapters}, before)
    assert kept.facts["step"] == 0


def test_the_state_is_of_the_backend(plain_row: Row) -> None:
    params = {"w": plain_row.put(np.ones((2, 2), np.float32))}
    state = AdamW().initial(params)
    assert isinstance(state, State)
    assert {accel.device(x) for x in (state.step, state.mean["w"], state.square["w"])} == {plain_row.device}
