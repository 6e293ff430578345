"""Quantiles, covariances and NaN reductions against NumPy in 64 bits, and their derivatives."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import accel
import accel.extra
from accel.extra.statistics import METHODS
from accel.testing.rows import Row

extra: Any = accel.extra
numpy: Any = np  # whose types ask for literal words

RNG = np.random.default_rng(0)
X = RNG.standard_normal((6, 5, 4))
HOLES = np.where(RNG.random(X.shape) < 0.3, np.nan, X)
HOLES[0, :, 0] = np.nan


def host(x: Any) -> Any:
    return np.asarray(accel.to_numpy(x))


@pytest.mark.parametrize("method", METHODS)
def test_quantiles_are_numpys(method: str) -> None:
    for q in (0.0, 0.1, 0.25, 0.5, 0.77, 1.0, np.asarray([0.0, 0.1, 0.5, 0.9])):
        for axis in (None, 0, (0, 2), (2, 1)):
            for kept in (False, True):
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    pairs: tuple[tuple[Any, Any, Any, Any], ...] = (
                        (extra.quantile, numpy.quantile, X, q),
                        (extra.nanquantile, numpy.nanquantile, HOLES, q),
                        (extra.percentile, numpy.percentile, X, q * 100),
                    )
                    for ours, theirs, x, at in pairs:
                        got = ours(x, at, axis=axis, method=method, keepdims=kept)
                        expected = theirs(x, at, axis=axis, method=method, keepdims=kept)
                        np.testing.assert_allclose(got, expected, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize(
    "name", ["nansum", "nanprod", "nanmean", "nanvar", "nanstd", "nanmin", "nanmax", "nanmedian"]
)
def test_nan_reductions_are_numpys(plain_row: Row, name: str) -> None:
    for axis in (None, 0, (0, 2), 1):
        got = plain_row.run(getattr(extra, name), (plain_row.put(HOLES),), {"axis": axis})
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = getattr(np, name)(HOLES, axis=axis)
        np.testing.assert_allclose(host(got), expected, rtol=1e-12)


def test_large_values_do_not_overflow(plain_row: Row) -> None:
    top = np.finfo(np.float32).max
    x = plain_row.put(np.asarray([-top, top, top, top], dtype=np.float32))
    assert float(plain_row.run(extra.median, (x,), {})) == top
    quarter = float(plain_row.run(extra.quantile, (x, 0.25), {}))
    np.testing.assert_allclose(quarter, top / 2, rtol=1e-6)
    assert float(plain_row.run(extra.quantile, (x, 1 / 6), {})) == 0.0


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_same_bits_everywhere(other_row: Row, dtype: str) -> None:
    x = RNG.standard_normal((40, 31)).astype(dtype)
    for op, args in ((extra.median, ()), (extra.quantile, (0.37,)), (extra.nanquantile, (0.37,))):
        expected = op(x, *args, axis=0)
        got = other_row.run(op, (other_row.put(x), *args), {"axis": 0})
        np.testing.assert_array_equal(host(got), expected)


def test_covariances_are_numpys(plain_row: Row) -> None:
    x = RNG.standard_normal((3, 50)) + 10
    times, weights = RNG.integers(0, 4, 50), RNG.random(50)
    both: dict[str, Any] = {"fweights": times, "aweights": weights}
    given: tuple[dict[str, Any], ...] = ({}, {"fweights": times}, {"aweights": weights}, both)
    for asked in given:
        native = {name: plain_row.put(w) for name, w in asked.items()}
        got = plain_row.run(extra.cov, (plain_row.put(x),), native)
        np.testing.assert_allclose(host(got), np.cov(x, **asked), rtol=1e-12)
    pair = plain_row.run(extra.cov, (plain_row.put(x), plain_row.put(x[::-1].copy())), {"correction": 0})
    np.testing.assert_allclose(host(pair), np.cov(x, x[::-1], ddof=0), rtol=1e-12)
    np.testing.assert_allclose(
        host(plain_row.run(extra.corrcoef, (plain_row.put(x),), {})), np.corrcoef(x), rtol=1e-12
    )


def test_correlations_of_tiny_and_large_numbers(plain_row: Row) -> None:
    x = np.asarray([[1.0, 2.0, 4.0], [3.0, 1.0, 0.0]])
    for scale in (1e-300, 1e300):
        got = plain_row.run(extra.corrcoef, (plain_row.put(x * scale),), {})
        np.testing.assert_allclose(host(got), np.corrcoef(x), rtol=1e-12)


def test_derivatives_in_32_bits() -> None:
    jax = pytest.importorskip("jax")
    jnp = jax.numpy
    x = jnp.asarray([[3.0, 1.0, 2.0, 7.0], [1.0, 8.0, 5.0, 6.0]], dtype=jnp.float32)
    half = jax.jit(jax.grad(lambda x: extra.median(x, axis=1).sum()))(x)
    np.testing.assert_array_equal(half, [[0.5, 0, 0.5, 0], [0, 0, 0.5, 0.5]])
    part = jax.jit(jax.grad(lambda x: extra.quantile(x, 0.25, axis=1).sum()))(x)
    np.testing.assert_allclose(part, [[0, 0.25, 0.75, 0], [0.25, 0, 0.75, 0]], atol=1e-6)
    holes = x.at[0, 0].set(jnp.nan)
    for name in ("nansum", "nanmean", "nanvar", "nanstd", "nanmin", "nanmax", "nanmedian"):
        slope = jax.jit(jax.grad(lambda x, name=name: getattr(extra, name)(x, axis=1).sum()))(holes)
        assert bool(jnp.isfinite(slope).all()), name
        assert float(slope[0, 0]) == 0, name
