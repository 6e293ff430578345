"""Rotary embedding: exact angles at any position, and products that see the distance alone."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

import accel
import accel.nn
from accel.nn.position import frequencies
from accel.testing.rows import Row

DRAW = np.random.default_rng(9)
FAR = (0, 1, -3, 4095, 100_000, -16_777_217, 2**31 - 1)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("interleaved", [False, True])
def test_angles_are_exact_at_any_position(plain_row: Row, dtype: str, interleaved: bool) -> None:
    x = DRAW.standard_normal((len(FAR), 6)).astype(dtype)
    got = accel.to_numpy(
        accel.nn.rotary_embedding(plain_row.put(x), plain_row.put(np.asarray(FAR)), interleaved=interleaved)
    )
    with mpmath.workprec(200):
        for row, position in enumerate(FAR):
            for i in range(3):
                a, b = (2 * i, 2 * i + 1) if interleaved else (i, i + 3)
                angle = position * mpmath.mpf(10000) ** (mpmath.mpf(-2 * i) / 6)
                true = float(x[row, a]) * mpmath.cos(angle) - float(x[row, b]) * mpmath.sin(angle)
                other = float(x[row, b]) * mpmath.cos(angle) + float(x[row, a]) * mpmath.sin(angle)
                room = 8 * np.finfo(dtype).eps * (abs(float(x[row, a])) + abs(float(x[row, b])))
                assert abs(true - float(got[row, a])) <= room
                assert abs(other - float(got[row, b])) <= room


def test_frequencies_have_all_their_bits() -> None:
    with mpmath.workprec(200):
        for i, words in enumerate(zip(*frequencies(10, 500_000.0), strict=True)):
            true = mpmath.mpf(500_000) ** (mpmath.mpf(-2 * i) / 10) / (2 * mpmath.pi)
            found = sum(mpmath.mpf(w) / 2 ** (32 * (n + 1)) for n, w in enumerate(words))
            assert 0 <= true - found < mpmath.mpf(2) ** -95


def test_products_depend_on_the_distance_alone() -> None:
    q, k = DRAW.standard_normal((2, 1, 16))
    products = [
        np.vecdot(*(accel.nn.rotary_embedding(x, np.asarray([p + shift])) for x, p in ((q, 5), (k, 2))))
        for shift in (0, 10, 1_000_000_000)
    ]
    np.testing.assert_allclose(products, np.broadcast_to(products[0], np.shape(products)), rtol=1e-13)


def test_tables_of_your_own_and_positions_agree(plain_row: Row) -> None:
    x = DRAW.standard_normal((2, 3, 5, 8))
    places = np.arange(5)[:, None] * 100.0 ** (-np.arange(4) / 4)
    given = {"cos": plain_row.put(np.cos(places)), "sin": plain_row.put(np.sin(places))}
    for interleaved in (False, True):
        one = accel.nn.rotary_embedding(plain_row.put(x), **given, interleaved=interleaved)
        other = accel.nn.rotary_embedding(plain_row.put(x), base=100, interleaved=interleaved)
        np.testing.assert_allclose(accel.to_numpy(one), accel.to_numpy(other), atol=1e-14)
