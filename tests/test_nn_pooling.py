"""Pooling: PyTorch agrees, blocks of any size do, ties have finite gradients, and memory stays small."""

from __future__ import annotations

import random
import tracemalloc
from functools import partial
from typing import Any

import accel_numpy.nn._pooling as native
import numpy as np
import pytest
from accel_numpy._blocks import blocks

import accel
import accel.nn as nn
from accel.dispatch import specs
from accel.testing.cases import Case
from accel.testing.columns import table
from accel.testing.condition import allowed
from accel.testing.rows import Row
from tests.referee import answers

assert table, "the columns bring the words of the formulas"

Asked = tuple[str, Any, Any, dict[str, Any]]


def _asked(name: str, count: int) -> list[Asked]:
    """Draw arguments with options of every kind."""
    draw, rng = random.Random(f"{name}{count}"), np.random.default_rng(count)
    found: list[Asked] = []

    def each(*values: int) -> tuple[int, ...]:
        return tuple(draw.choice(values) for _ in range(count))

    for _ in range(24):
        x = rng.standard_normal((draw.choice([1, 3]), 2, *each(5, 6, 9))).astype(np.float32)
        if name.startswith("adaptive"):
            found.append((f"{name}{count}d", x, each(1, 2, 3, 7), {}))
            continue
        kernel = each(1, 2, 3)
        options: dict[str, Any] = {"padding": tuple(draw.choice([0, k // 2]) for k in kernel)}
        options["stride"] = draw.choice([None, each(1, 2, 3)])
        options["ceil_mode"] = draw.random() < 0.5
        if name == "max_pool":
            options["dilation"] = each(1, 2)
        else:
            options["count_include_pad"] = draw.random() < 0.5
        found.append((f"{name}{count}d", x, kernel, options))
    return found


NAMES = ("max_pool", "avg_pool", "adaptive_max_pool", "adaptive_avg_pool")


@pytest.fixture(scope="module")
def judged() -> list[tuple[Asked, np.ndarray[Any, Any]]]:
    asked = [one for name in NAMES for count in (1, 2, 3) for one in _asked(name, count)]
    found = answers([(name, (x.astype(np.float64), size), options) for name, x, size, options in asked])
    return list(zip(asked, found, strict=True))


def _agrees(asked: Asked, truth: np.ndarray[Any, Any], row: Row | None = None) -> None:
    name, x, size, options = asked
    got = np.asarray(accel.to_numpy(getattr(nn, name)(x if row is None else row.put(x), size, **options)))
    assert got.dtype == x.dtype
    assert got.shape == truth.shape
    if "max" in name:
        np.testing.assert_array_equal(got, truth.astype(x.dtype))
        return
    sides = 2 if x.dtype == truth.dtype else 1
    most = sides * allowed(specs[f"nn.{name}"], Case((x, size), options), got)
    assert np.all(np.abs(got - truth) <= most), f"{name} of {size} with {options}"


@pytest.mark.parametrize("cache", [None, 16, 200])
def test_pytorch_agrees(judged: Any, cache: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of some windows or of several planes give the same."""
    if cache is not None:
        monkeypatch.setattr(native, "CACHE", cache)
        monkeypatch.setattr(native, "blocks", partial(blocks, cache=cache))
    for (name, x, size, options), truth in judged:
        _agrees((name, x, size, options), truth)
        _agrees((name, x.astype(np.float64), size, options), truth)


def test_pytorch_agrees_with_every_backend(judged: Any, other_row: Row) -> None:
    for asked, truth in judged[::18]:
        _agrees(asked, truth, other_row)


@pytest.mark.parametrize("name", NAMES)
def test_gradients_of_ties_are_finite(name: str) -> None:
    """What a window gives to its elements adds up to what came to it, however many are largest."""
    jax: Any = pytest.importorskip("jax")
    x = jax.numpy.zeros((1, 2, 4, 4))
    slope = jax.grad(lambda x: jax.numpy.sum(getattr(nn, f"{name}2d")(x, 2)))(x)
    assert bool(jax.numpy.all(jax.numpy.isfinite(slope)))
    np.testing.assert_allclose(jax.numpy.sum(slope), 8.0)


def test_a_whole_channel(plain_row: Row) -> None:
    x = np.arange(24.0).reshape(1, 2, 3, 4)
    got = accel.to_numpy(nn.adaptive_avg_pool2d(plain_row.put(x), 1))
    np.testing.assert_array_equal(got, x.mean(axis=(2, 3), keepdims=True))


def test_memory_on_numpy() -> None:
    x = np.ones((2, 8, 400, 400), np.float32)
    calls: list[tuple[Any, dict[str, Any]]] = [(nn.max_pool2d, {}), (nn.avg_pool2d, {"padding": 1})]
    for function, options in calls:
        function(x, 3, **options)
        tracemalloc.start()
        try:
            result = function(x, 3, **options)
            assert tracemalloc.get_traced_memory()[1] - result.nbytes < 4 * 2**20
        finally:
            tracemalloc.stop()
