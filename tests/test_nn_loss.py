"""Losses: as PyTorch has them, with a clear word about labels that are no classes, and with finite gradients."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest

import accel
import accel.nn as nn
from accel.dispatch import specs
from accel.errors import OutOfBoundsError
from accel.testing.cases import Case
from accel.testing.columns import table
from accel.testing.condition import allowed
from accel.testing.rows import Row
from tests.referee import answers

assert "nn.nll_loss" in table, "the columns say what the words of the bounds are"

REDUCTIONS = ("mean", "sum", "none")
RNG = np.random.default_rng(0)
SCORES = RNG.standard_normal((40, 7)) * 4
LABELS = RNG.integers(0, 7, 40)
LABELS[[3, 17]] = -100
WEIGHT = RNG.uniform(0, 2, 7)
SHARES = RNG.dirichlet(np.ones(7), 40)


def _calls() -> Iterator[tuple[str, str, tuple[Any, ...], dict[str, Any], dict[str, Any]]]:
    """Give names of ours and of PyTorch's, arguments, and options of ours and of PyTorch's, in single precision."""
    x, weight, shares = (a.astype(np.float32) for a in (SCORES, WEIGHT, SHARES))
    shares[0, 0] = 0
    for how, some, smoothing in itertools.product(REDUCTIONS, (None, weight), (0.0, 0.2)):
        options = {"reduction": how, "weight": some, "label_smoothing": smoothing}
        for target in (LABELS, shares):
            yield "cross_entropy", "cross_entropy", (x, target), options, options
    logarithms = nn.log_softmax(x)
    for how, some, ignored in itertools.product(REDUCTIONS, (None, weight), (-100, 2)):
        labels = np.where(LABELS == -100, ignored, LABELS)
        options = {"reduction": how, "weight": some, "ignore_index": ignored}
        yield "nll_loss", "nll_loss", (logarithms, labels), options, options
    for how in REDUCTIONS:
        both = {"reduction": how}
        yield "mse_loss", "mse_loss", (x, shares), both, both
        yield "mae_loss", "l1_loss", (x, shares), both, both
        yield "huber_loss", "huber_loss", (x, shares), both | {"delta": 0.7}, both | {"delta": 0.7}
        for kind in ({}, {"log_target": True}):
            yield "kl_div", "kl_div", (x, shares), both | kind, both | kind
        weights = {"weight": shares[:, 1:2].copy(), "pos_weight": weight}
        for chosen in ((), ("weight",), ("pos_weight",), ("weight", "pos_weight")):
            options = both | {name: weights[name] for name in chosen}
            name = "binary_cross_entropy_with_logits"
            yield name, name, (x, shares), options, options
    yield "kl_div", "kl_div", (x, shares), {"reduction": "batchmean"}, {"reduction": "batchmean"}
    for axis in range(4):
        images, labels = x[:28].reshape(4, 7, 7), LABELS[:28].reshape(4, 7) % 7
        images = np.stack([images, images[::-1]], axis=-1)
        labels = np.stack([labels, labels], axis=-1)
        options = {"reduction": "none", "label_smoothing": 0.1}
        yield "cross_entropy", "cross_entropy", (images, labels), options | {"axis": axis}, options


def _wide(x: Any) -> Any:
    return x.astype(np.float64) if isinstance(x, np.ndarray) and x.dtype == np.float32 else x


@pytest.fixture(scope="module")
def judged() -> list[Any]:
    calls = list(_calls())
    theirs = [
        (name, tuple(map(_wide, args)), {key: _wide(value) for key, value in options.items()})
        for _, name, args, _, options in calls
    ]
    return list(zip(calls, answers(theirs), strict=True))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_as_in_pytorch(judged: Any, plain_row: Row, dtype: str) -> None:
    def put(x: Any) -> Any:
        if isinstance(x, np.ndarray):
            return plain_row.put(_wide(x) if dtype == "float64" else x)
        return x

    for (name, _, args, options, _), truth in judged:
        if "axis" in options:
            args = (np.moveaxis(args[0], 1, options["axis"]), args[1])
        spec = specs[f"nn.{name}"]
        ours = {key: put(value) for key, value in options.items()}
        got = np.asarray(accel.to_numpy(plain_row.call(spec, tuple(map(put, args)), ours)))
        assert got.dtype == dtype
        assert got.shape == truth.shape
        sides = 2 if dtype == "float64" else 1  # PyTorch makes roundings of its own
        bound = allowed(spec, Case(args, options), truth.astype(dtype))
        assert np.all(np.abs(got - truth) <= sides * bound), f"{name} with {options}"


@pytest.mark.parametrize("backend", ["numpy", "jax"])
@pytest.mark.parametrize("name", ["cross_entropy", "nll_loss"])
def test_labels_that_are_no_classes(name: str, backend: str) -> None:
    if backend == "jax":
        pytest.importorskip("jax")
    x, labels = (accel.to_device(a, backend) for a in (SCORES[:3], np.asarray([0, 7, -1])))
    function = getattr(nn, name)
    assert np.isnan(accel.to_numpy(function(x, labels, reduction="none"))).tolist() == [False, True, True]
    with (
        accel.checked(),
        pytest.raises(OutOfBoundsError, match=r"2 of 3 labels .* index \(1,\) of target: 7"),
    ):
        function(x, labels)
    with accel.checked():
        function(x, accel.to_device(np.asarray([0, 6, -100]), backend))


def test_nothing_that_counts() -> None:
    with np.errstate(all="ignore"):
        assert np.isnan(nn.cross_entropy(SCORES[:1], np.asarray([-100])))
        assert np.isnan(nn.mse_loss(SCORES[:0], SCORES[:0]))
    assert nn.cross_entropy(SCORES[:1], np.asarray([-100]), reduction="sum") == 0


def test_gradients_are_finite() -> None:
    jax = pytest.importorskip("jax")
    import jax.numpy as jnp

    top = float(np.finfo(np.float32).max)
    x = jnp.asarray([[top, -top, 0.0], [1.0, 2.0, 3.0], [0.0, 0.0, 0.0], [-jnp.inf, 1.0, 0.0]])
    labels = jnp.asarray([0, -100, 7, 1])
    slopes = np.asarray(jax.grad(lambda x: nn.cross_entropy(x, labels, reduction="sum"))(x))
    assert np.all(np.isfinite(slopes))
    assert np.all(slopes[1] == 0)
    shares = jnp.asarray([[1.0, 0.0, 0.0], [0.2, 0.3, 0.5], [0.0, 0.5, 0.5], [0.0, 1.0, 0.0]])
    for function in (nn.cross_entropy, nn.binary_cross_entropy_with_logits, nn.huber_loss, nn.mae_loss):
        for which in (0, 1):
            slopes = np.asarray(jax.grad(partial(function, reduction="sum"), which)(x, shares))
            # A derivative by a probability is a logarithm, and that of what cannot be is infinite.
            fine = np.isfinite(slopes) | ((which == 1) & ~(np.abs(np.asarray(x)) < 1e30))
            assert np.all(fine), (function, which, slopes)
    slopes = np.asarray(jax.grad(lambda x: nn.kl_div(x, shares, reduction="sum"))(jnp.log(shares)))
    assert np.array_equal(slopes, -np.asarray(shares))
