"""Histograms, bins and occurrences against NumPy, and calls that cannot be compiled."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import accel
import accel.extra
from accel.errors import ArgumentError, OutOfBoundsError
from accel.testing.rows import Row

extra: Any = accel.extra
RNG = np.random.default_rng(0)


def host(x: Any) -> Any:
    return np.asarray(accel.to_numpy(x))


@pytest.mark.thorough
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("bins", [1, 7, 100])
def test_histograms_are_numpys(plain_row: Row, bins: int, dtype: str) -> None:
    # Many elements lie on the edges.
    x = np.concatenate([RNG.integers(-50, 50, 2000) / 50, RNG.standard_normal(500)]).astype(dtype)
    ranges: tuple[Any, ...] = ({}, {"range": (-1.0, 1.0)}, {"range": (-0.3, 0.7)})
    for asked in ranges:
        counts, edges = plain_row.run(extra.histogram, (plain_row.put(x), bins), asked)
        expected, lines = np.histogram(x, bins, **asked)
        np.testing.assert_array_equal(host(edges), lines)
        np.testing.assert_array_equal(host(counts), expected)
    lines = np.sort(RNG.standard_normal(bins + 1)).astype(dtype)
    counts, _ = plain_row.run(extra.histogram, (plain_row.put(x), plain_row.put(lines)), {})
    np.testing.assert_array_equal(host(counts), np.histogram(x, lines)[0])
    weights = RNG.random(x.size)
    for density in (False, True):
        asked = {"weights": plain_row.put(weights), "density": density}
        counts, _ = plain_row.run(extra.histogram, (plain_row.put(x), bins), asked)
        np.testing.assert_allclose(
            host(counts), np.histogram(x, bins, weights=weights, density=density)[0], rtol=1e-5
        )


def test_more_bins_than_numbers_between_the_ends(plain_row: Row) -> None:
    x = np.asarray([1.0, np.nextafter(np.float32(1), np.float32(2)), 1.0], dtype=np.float32)
    counts, edges = plain_row.run(extra.histogram, (plain_row.put(x), 1000), {})
    counts, edges = host(counts), host(edges)
    assert counts.sum() == 3
    assert (np.diff(edges) >= 0).all()
    np.testing.assert_array_equal(
        counts, np.diff([*(np.sum(x < edge) for edge in edges[:-1]), np.sum(x <= edges[-1])])
    )


def test_occurrences_are_numpys(plain_row: Row) -> None:
    x, weights = RNG.integers(0, 30, 500), RNG.random(500)
    put = plain_row.put
    np.testing.assert_array_equal(host(plain_row.run(extra.bincount, (put(x),), {})), np.bincount(x))
    found = plain_row.run(extra.bincount, (put(x),), {"weights": put(weights), "length": 40})
    np.testing.assert_allclose(host(found), np.bincount(x, weights, 40), rtol=1e-12)


@pytest.mark.parametrize("right", [False, True])
def test_bins_are_numpys(plain_row: Row, right: bool) -> None:
    x = RNG.integers(-5, 5, 300) / 2
    for edges in ([0.0, 1.0, 1.0, 2.0], [2.0, 1.0, 0.5, -1.0], [1.0], [1.0, 1.0]):
        got = plain_row.run(
            extra.digitize, (plain_row.put(x), plain_row.put(np.asarray(edges))), {"right": right}
        )
        np.testing.assert_array_equal(host(got), np.digitize(x, edges, right))


def test_a_length_is_asked_for_where_it_cannot_be_found() -> None:
    jnp = pytest.importorskip("jax.numpy")
    x = jnp.asarray([0, 1, 1])
    with pytest.raises(ArgumentError, match=r"accel\.extra\.bincount.*give it length"):
        accel.jit(lambda x: extra.bincount(x))(x)
    assert accel.jit(lambda x: extra.bincount(x, length=3))(x).tolist() == [1, 2, 0]


def test_checked_mode(plain_row: Row) -> None:
    put, run = plain_row.put, plain_row.run
    floats = put(np.asarray([0.5, np.inf]))
    edges = put(np.asarray([0.0, 2.0, 1.0]))
    with accel.checked():
        with pytest.raises(OutOfBoundsError, match="-1"):
            run(extra.bincount, (put(np.asarray([0, -1])),), {"length": 3})
        with pytest.raises(OutOfBoundsError, match="takes 0 to 2"):
            run(extra.bincount, (put(np.asarray([0, 3])),), {"length": 3})
        with pytest.raises(ArgumentError, match="increase"):
            run(extra.histogram, (floats, edges), {})
        with pytest.raises(ArgumentError, match="increase"):
            run(extra.digitize, (floats, edges), {})
        with pytest.raises(ArgumentError, match="not finite"):
            run(extra.histogram, (floats, 3), {})
        with pytest.raises(ArgumentError, match=r"q lies in \[0, 1\]"):
            run(extra.quantile, (floats, put(np.asarray([0.5, 1.5]))), {})
        with pytest.raises(ArgumentError, match="increase"):
            run(extra.interp, (floats, edges, edges), {})
