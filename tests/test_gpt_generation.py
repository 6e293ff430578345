"""Generation: the same text on every backend, with and without a cache; what is drawn is what was asked for; errors before the first token."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from gpt.agreement import compare
from gpt.config import Config, preset
from gpt.generation import generate
from gpt.model import logits
from gpt.parameters import initial
from gpt.sampling import sample

import accel
from accel.errors import ArgumentError, DTypeError, ShapeError
from accel.testing.rows import obstacle

TINY = {
    style: preset(name, layers=1, context=80) for style, name in (("gpt2", "tiny"), ("llama", "tiny-llama"))
}
PROMPT = np.random.default_rng(4).integers(0, 256, (2, 6)).astype(np.int32)
WAYS: list[dict[str, Any]] = [{}, {"temperature": 0.9, "top_k": 20, "top_p": 0.9}]

in_both_styles = pytest.mark.parametrize("config", TINY.values(), ids=TINY)


def drawn(config: Config, backend: str) -> dict[str, Any]:
    """Give parameters whose scores are of the size of one, so that texts are no repetition of one token."""
    if why := obstacle(backend):
        pytest.skip(why)
    params = initial(config, accel.random.key(3, device=accel.devices(backend)[0]))
    return {name: accel.multiply(x, 6.0) if x.ndim == 2 else x for name, x in params.items()}


def key_beside(params: dict[str, Any], seed: int = 11) -> Any:
    return accel.random.key(seed, device=accel.device(params["norm.weight"]))


def written(config: Config, params: dict[str, Any], count: int, **how: Any) -> list[list[int]]:
    prompt = accel.to_device(PROMPT, accel.device(params["norm.weight"]))
    return list(generate(config, params, prompt, count, key_beside(params), **how))


@pytest.mark.parametrize("backend", ["jax", "cupy"])
@in_both_styles
@pytest.mark.parametrize("how", WAYS, ids=["greedy", "drawn"])
def test_texts_are_the_same_on_every_backend(backend: str, config: Config, how: dict[str, Any]) -> None:
    params, reference = drawn(config, backend), drawn(config, "numpy")
    assert written(config, params, 64, **how) == written(config, reference, 64, **how)


@pytest.mark.parametrize("backend", ["numpy", "jax", "cupy"])
@in_both_styles
def test_a_cache_changes_no_token(backend: str, config: Config) -> None:
    params = drawn(config, backend)
    for how in WAYS:
        assert written(config, params, 12, **how) == written(config, params, 12, cache=False, **how)


@pytest.mark.parametrize("backend", ["jax", "cupy"])
def test_agreement_of_two_backends_is_shown(backend: str) -> None:
    config = TINY["gpt2"]
    found = compare(config, drawn(config, backend), drawn(config, "numpy"), [7, 8, 9], 64)
    assert found.parting is None
    assert found.texts[0] == found.texts[1]
    assert 0 <= found.difference < 1e-5 < found.margin


def test_where_texts_part_the_gap_is_shown() -> None:
    config = TINY["gpt2"]
    params = drawn(config, "numpy")
    # The two best tokens of the fifth step are made as good as equal: the final matrix is the embedding.
    text = [token for (token,) in generate(config, params, np.asarray([[7, 8, 9]], np.int32), 5)]
    scores = logits(config, params, np.asarray([[7, 8, 9, *text[:-1]]], np.int32), at=6)[0]
    best, second = np.argsort(scores)[::-1][:2]
    other = dict(params)
    other["norm.bias"] = params["norm.bias"].copy()
    way = params["embedding.weight"][second] - params["embedding.weight"][best]
    gap = scores[best] - scores[second]
    other["norm.bias"] += way * (1.05 * gap / (way @ way))
    found = compare(config, params, other, [7, 8, 9], 20)
    assert found.parting is not None
    step, (one, two), gaps = found.parting
    assert found.texts[0][:step] == found.texts[1][:step]
    assert (found.texts[0][step], found.texts[1][step]) == (one, two)
    assert gaps[0] > 0 > gaps[1]
    assert f"part after {step} tokens" in str(found.parting)


@in_both_styles
def test_greedy_takes_the_best_of_the_whole(config: Config) -> None:
    params = drawn(config, "numpy")
    text = np.concatenate([PROMPT, np.asarray(written(config, params, 30)).T], axis=1)
    best = logits(config, params, text).argmax(axis=-1)
    np.testing.assert_array_equal(text[:, 6:], best[:, 5:-1])


def test_the_first_of_equal_scores_is_taken() -> None:
    assert sample(np.asarray([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]]), temperature=0).tolist() == [1, 0]
    key = accel.random.key(0, device="numpy")
    assert sample(np.asarray([[1.0, 3.0, 3.0]]), key, top_k=1).tolist() == [1]


def draws(scores: Any, **how: Any) -> Any:
    many = np.repeat(scores[None], 4000, axis=0)
    return np.bincount(sample(many, accel.random.key(5, device="numpy"), **how), minlength=len(scores)) / 4000


def test_tokens_are_drawn_with_their_probabilities() -> None:
    shares = np.asarray([0.1, 0.4, 0.05, 0.3, 0.15])
    scores = np.log(shares) + 3.0

    def near(found: Any, wanted: Any) -> None:
        # Five deviations of a share among 4000 draws.
        np.testing.assert_allclose(found, wanted, atol=5 * 0.5 / np.sqrt(4000))
        assert not found[np.asarray(wanted) == 0].any()

    near(draws(scores), shares)
    near(draws(scores, temperature=0.5), shares**2 / (shares**2).sum())
    near(draws(scores, top_k=2), [0, 4 / 7, 0, 3 / 7, 0])
    near(draws(scores, top_k=99), shares)
    near(draws(scores, top_p=0.69), [0, 4 / 7, 0, 3 / 7, 0])
    near(draws(scores, top_p=0.71), [0, 0.4 / 0.85, 0, 0.3 / 0.85, 0.15 / 0.85])
    near(draws(scores, top_p=1e-9), [0, 1, 0, 0, 0])
    near(draws(scores, top_p=1.0), shares)
    near(draws(scores, top_k=3, top_p=0.6), [0, 4 / 7, 0, 3 / 7, 0])


@pytest.mark.parametrize(
    ("how", "error", "words"),
    [
        ({"temperature": -0.1}, ArgumentError, r"temperature is -0\.1"),
        ({"temperature": float("nan")}, ArgumentError, "temperature is nan"),
        ({"temperature": 1.0, "top_k": 0}, ArgumentError, "top_k is 0"),
        ({"temperature": 1.0, "top_p": 1.5}, ArgumentError, r"top_p is 1\.5"),
        ({"temperature": 1.0, "key": None}, ArgumentError, "a key is needed"),
        ({"count": -1}, ArgumentError, "count is -1"),
        (
            {"count": 76},
            ShapeError,
            "6 tokens is to become 76 tokens longer, and the context of the model holds 80",
        ),
        ({"tokens": PROMPT[0]}, ShapeError, r"shape \(6,\)"),
        ({"tokens": PROMPT[:, :0]}, ShapeError, "at least one of each"),
        (
            {"tokens": PROMPT.astype(np.float32)},
            DTypeError,
            "tokens has dtype float32, and integers are needed",
        ),
        ({"tokens": PROMPT + 250}, ArgumentError, "and the vocabulary of the model has 256"),
        ({"tokens": PROMPT - 250}, ArgumentError, "The text holds token -"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_generated(
    how: dict[str, Any], error: type[Exception], words: str
) -> None:
    config = TINY["gpt2"]
    params = drawn(config, "numpy")
    given: dict[str, Any] = {"tokens": PROMPT, "count": 5, "key": key_beside(params), **how}
    with pytest.raises(error, match=words):
        generate(config, params, **given)


def test_the_whole_context_can_be_written_and_nothing_is_nothing() -> None:
    config = TINY["llama"]
    params = drawn(config, "numpy")
    assert len(written(config, params, 75)) == 75
    assert written(config, params, 0) == []


def test_the_prompt_and_the_parameters_stay_as_they_are() -> None:
    config = TINY["gpt2"]
    params = drawn(config, "numpy")
    before = {name: x.copy() for name, x in params.items()}
    prompt = PROMPT.copy()
    for x in (*params.values(), prompt):
        x.flags.writeable = False
    list(generate(config, params, prompt, 10))
    np.testing.assert_array_equal(prompt, PROMPT)
    for name, x in before.items():
        np.testing.assert_array_equal(params[name], x)
