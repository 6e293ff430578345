"""Interpolation: PyTorch agrees, on every backend and in blocks of any size."""

from __future__ import annotations

import random
from functools import partial
from typing import Any

import accel_numpy.nn._resampling as native
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

LINEAR = {1: "linear", 2: "bilinear", 3: "trilinear"}
FACTORS = (0.5, 0.75, 1.0, 1.5, 2.0, 2.5)


def _asked() -> list[tuple[np.ndarray[Any, Any], dict[str, Any]]]:
    """Draw arguments with options of every kind."""
    draw, rng = random.Random(0), np.random.default_rng(0)
    found: list[tuple[np.ndarray[Any, Any], dict[str, Any]]] = []
    while len(found) < 120:
        count = draw.choice([1, 2, 3])
        spatial = tuple(draw.choice([1, 2, 4, 7]) for _ in range(count))
        options: dict[str, Any] = {"mode": draw.choice(["nearest", LINEAR[count]])}
        if draw.random() < 0.5:
            options["size"] = tuple(draw.choice([1, 2, 3, 4, 9]) for _ in range(count))
        else:
            factors = tuple(draw.choice(FACTORS) for _ in range(count))
            lengths = [int(n * f) for n, f in zip(spatial, factors, strict=True)]
            # PyTorch leaves an axis whose length stays as it is in some modes and not in others.
            if 0 in lengths or any(
                n == m and f != 1 for n, m, f in zip(spatial, lengths, factors, strict=True)
            ):
                continue
            options["scale_factor"] = factors
        if options["mode"] != "nearest" and draw.random() < 0.5:
            options["align_corners"] = True
        found.append((rng.standard_normal((2, 3, *spatial)).astype(np.float32), options))
    return found


@pytest.fixture(scope="module")
def judged() -> list[Any]:
    asked = _asked()
    found = answers([("interpolate", (x.astype(np.float64),), options) for x, options in asked])
    return [(x, options, truth) for (x, options), truth in zip(asked, found, strict=True)]


def _agrees(x: Any, options: dict[str, Any], truth: Any, row: Row | None = None) -> None:
    got = np.asarray(accel.to_numpy(nn.interpolate(x if row is None else row.put(x), **options)))
    assert got.dtype == x.dtype
    assert got.shape == truth.shape
    if options["mode"] == "nearest":
        np.testing.assert_array_equal(got, truth.astype(x.dtype))
        return
    sides = 2 if x.dtype == truth.dtype else 1
    most = sides * allowed(specs["nn.interpolate"], Case((x,), options), got)
    assert np.all(np.abs(got - truth) <= most), f"{x.shape} with {options}"


@pytest.mark.parametrize("cache", [None, 100])
def test_pytorch_agrees(judged: Any, cache: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    if cache is not None:
        monkeypatch.setattr(native, "blocks", partial(blocks, cache=cache))
    for x, options, truth in judged:
        _agrees(x, options, truth)
        _agrees(x.astype(np.float64), options, truth)


def test_pytorch_agrees_with_every_backend(judged: Any, other_row: Row) -> None:
    for x, options, truth in judged[::10]:
        _agrees(x, options, truth, other_row)


def test_gradients_share_each_sample() -> None:
    """The shares of the neighbours of a sample add up to 1."""
    jax: Any = pytest.importorskip("jax")
    x = jax.numpy.ones((1, 1, 3, 4))
    calls: list[dict[str, Any]] = [
        {"size": (5, 7)},
        {"size": (5, 7), "mode": "bilinear"},
        {"size": 2, "mode": "bilinear"},
    ]
    for options in calls:
        slope = jax.grad(lambda x, options=options: jax.numpy.sum(nn.interpolate(x, **options)))(x)
        np.testing.assert_allclose(jax.numpy.sum(slope), nn.interpolate(x, **options).size, rtol=1e-6)


def test_places_are_exact() -> None:
    """A length that floating point would put on the wrong side: the 49th of 49 samples is the last of 7 elements."""
    x = np.arange(7.0).reshape(1, 1, 7)
    np.testing.assert_array_equal(nn.interpolate(x, size=49)[0, 0], np.arange(7.0).repeat(7))
    x = np.arange(3000.0).reshape(1, 1, -1)
    np.testing.assert_array_equal(nn.interpolate(x, size=1000)[0, 0], np.arange(0.0, 3000.0, 3.0))
