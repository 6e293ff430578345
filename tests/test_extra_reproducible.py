"""Reproducible sums: the same bits on every backend, compiled or not, and close to the exact sums of ill-conditioned data."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import accel
from accel.testing.rows import Row

Array = npt.NDArray[Any]


def _hard(dtype: str, n: int, seed: int = 0) -> Array:
    """Give numbers of all sizes that nearly cancel."""
    rng = np.random.default_rng(seed)
    values = rng.standard_normal(n) * 2.0 ** rng.integers(-20, 20, n)
    values = values.astype(dtype)
    return rng.permutation(np.concatenate([values, -values[: n // 2], rng.standard_normal(3).astype(dtype)]))


def _bits(x: Any) -> bytes:
    return np.asarray(accel.to_numpy(x)).tobytes()


@pytest.mark.thorough
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n", [1, 2, 3, 1000, 4097])
def test_sums_have_the_same_bits_and_are_nearly_exact(plain_row: Row, dtype: str, n: int) -> None:
    x = _hard(dtype, n)
    here = accel.extra.reproducible_sum(x)
    there = plain_row.put(x)
    assert _bits(accel.extra.reproducible_sum(there)) == _bits(here)
    assert _bits(accel.jit(accel.extra.reproducible_sum)(there)) == _bits(here)
    exact = math.fsum(x.astype(np.float64).tolist())
    eps, size = float(np.finfo(dtype).eps), math.fsum(np.abs(x.astype(np.float64)).tolist())
    assert abs(float(here) - exact) <= eps * abs(exact) + (eps * math.log2(max(x.size, 2))) ** 2 * size


@pytest.mark.thorough
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_products_have_the_same_bits_and_are_nearly_exact(plain_row: Row, dtype: str) -> None:
    x1, x2 = _hard(dtype, 600, 1), _hard(dtype, 600, 2)
    here = accel.extra.reproducible_vecdot(x1, x2)
    one, two = plain_row.put(x1), plain_row.put(x2)
    assert _bits(accel.extra.reproducible_vecdot(one, two)) == _bits(here)
    assert _bits(accel.jit(accel.extra.reproducible_vecdot)(one, two)) == _bits(here)
    products = [Fraction(float(a)) * Fraction(float(b)) for a, b in zip(x1, x2, strict=True)]
    exact, size = float(sum(products)), float(sum(map(abs, products)))
    eps = float(np.finfo(dtype).eps)
    assert abs(float(here) - exact) <= eps * abs(exact) + (eps * math.log2(x1.size)) ** 2 * size


def test_a_plain_sum_would_not_do() -> None:
    """The data are hard enough for the difference to show."""
    x = _hard("float32", 4097)
    exact = math.fsum(x.astype(np.float64).tolist())
    assert abs(float(accel.sum(x)) - exact) > 10 * abs(float(accel.extra.reproducible_sum(x)) - exact)
