"""Interpolation and convolution against NumPy in 64 bits, with SciPy and without, and their derivatives."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest

import accel
import accel.extra
import accel.extra.signal as chapter
from accel.testing.rows import Row

extra: Any = accel.extra
RNG = np.random.default_rng(0)
LENGTHS = [(5, 3), (3, 5), (4, 4), (8, 4), (4, 7), (1, 1), (1, 6), (300, 70), (70, 300), (1000, 80)]


def host(x: Any) -> Any:
    return np.asarray(accel.to_numpy(x))


@pytest.fixture(params=["scipy", "numpy alone"])
def transforms(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """With SciPy's transforms, and as if it were not installed."""
    import accel_numpy.extra._signal as native

    if request.param == "numpy alone":
        monkeypatch.setattr(native, "_transforms", lambda: (np.fft, 4096))
    return str(request.param)


@pytest.mark.parametrize(("n", "k"), LENGTHS)
@pytest.mark.parametrize("method", ["auto", "direct", "fft"])
def test_convolutions_are_numpys(transforms: str, method: str, n: int, k: int) -> None:
    for phase in (0, 1j):
        a, v = (RNG.standard_normal(m) + phase * RNG.standard_normal(m) for m in (n, k))
        for mode in chapter.MODES:
            pairs: Any = ((extra.convolve, np.convolve), (extra.correlate, np.correlate))
            for ours, theirs in pairs:
                got, expected = ours(a, v, mode=mode, method=method), theirs(a, v, mode)
                np.testing.assert_allclose(got, expected, rtol=0, atol=1e-11)


def test_stacks_along_any_axis(other_row: Row, transforms: str) -> None:
    a, v = RNG.standard_normal((3, 200, 2)), RNG.standard_normal((3, 70, 1))
    for method in ("direct", "fft"):
        expected = np.stack(
            [
                np.stack([np.convolve(a[i, :, j], v[i, :, 0], "same") for j in range(2)], axis=-1)
                for i in range(3)
            ]
        )
        asked = {"mode": "same", "method": method, "axis": 1}
        for row in (Row("numpy", "numpy"), other_row):
            got = host(row.run(extra.convolve, (row.put(a), row.put(v)), asked))
            np.testing.assert_allclose(got, expected, rtol=0, atol=1e-11)


def test_integers_are_exact(plain_row: Row) -> None:
    a, v = RNG.integers(-(2**40), 2**40, 200), RNG.integers(-(2**20), 2**20, 90)
    got = plain_row.run(extra.convolve, (plain_row.put(a), plain_row.put(v)), {})
    np.testing.assert_array_equal(host(got), np.convolve(a, v))


@pytest.mark.parametrize("least", [1, 7, 97, 4607, 6001, 100_003])
def test_fast_sizes(least: int) -> None:
    scipy_fft: Any = pytest.importorskip("scipy.fft")
    found = chapter.fast(least)
    assert found == scipy_fft.next_fast_len(least, real=True)


def test_blocks_need_little_memory() -> None:
    a, v = (RNG.standard_normal(n).astype(np.float32) for n in (2_000_000, 1000))
    extra.convolve(a[:5000], v)
    tracemalloc.start()
    try:
        result = extra.convolve(a, v)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak - result.nbytes < 4 * 2**20


def test_interpolation_is_numpys(plain_row: Row) -> None:
    points, values = np.sort(RNG.standard_normal(9)), RNG.standard_normal(9)
    x = np.concatenate([RNG.standard_normal(100) * 2, points, [np.nan, np.inf, -np.inf]])
    put = plain_row.put
    for asked in ({}, {"left": 3.0, "right": -1.0}):
        got = plain_row.run(extra.interp, tuple(map(put, (x, points, values))), asked)
        np.testing.assert_allclose(host(got), np.interp(x, points, values, **asked), rtol=1e-12, atol=1e-13)
    mixed = RNG.permutation(points)
    finite = x[:-3]
    got = plain_row.run(extra.interp, tuple(map(put, (finite, mixed, values))), {"period": 1.5})
    np.testing.assert_allclose(
        host(got), np.interp(finite, mixed, values, period=1.5), rtol=1e-11, atol=1e-12
    )


def test_interpolation_of_large_values_does_not_overflow(plain_row: Row) -> None:
    top = np.finfo(np.float64).max
    arrays = (np.asarray([0.5 * top, -0.5 * top]), np.asarray([-top, top]), np.asarray([-top, top]))
    got = plain_row.run(extra.interp, tuple(map(plain_row.put, arrays)), {})
    np.testing.assert_allclose(host(got), [0.5 * top, -0.5 * top], rtol=1e-15)


def test_derivatives_in_32_bits() -> None:
    jax = pytest.importorskip("jax")
    jnp = jax.numpy
    points, values = (jnp.asarray(x, dtype=jnp.float32) for x in ([0.0, 1.0, 3.0], [1.0, 2.0, -2.0]))
    x = jnp.asarray([-1.0, 0.5, 2.0, 5.0], dtype=jnp.float32)
    slope = jax.jit(jax.grad(lambda x: extra.interp(x, points, values).sum()))(x)
    np.testing.assert_allclose(slope, [0.0, 1.0, -2.0, 0.0], atol=1e-6)
    parts = jax.jit(jax.grad(lambda fp: extra.interp(x, points, fp).sum()))(values)
    np.testing.assert_allclose(parts, [1.5, 1.0, 1.5], atol=1e-6)
    v = jnp.asarray([1.0, 2.0, 4.0], dtype=jnp.float32)
    for method in ("direct", "fft"):
        turned = jax.jit(jax.grad(lambda a, m=method: extra.convolve(a, v, method=m).sum()))(x)
        np.testing.assert_allclose(turned, [7.0] * 4, atol=1e-5)
