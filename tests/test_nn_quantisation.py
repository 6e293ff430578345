"""Quantisation: how far numbers are off, how many bytes they take, and that no whole weight is ever in floating point."""

from __future__ import annotations

import tracemalloc
from typing import Any

import accel_numpy.nn._quantisation as native
import numpy as np
import pytest
from accel_numpy._blocks import blocks

import accel
import accel.nn as nn
from accel.dispatch import specs
from accel.errors import CastError
from accel.testing.cases import Case
from accel.testing.columns import table
from accel.testing.condition import allowed
from accel.testing.rows import Row

assert table, "the columns bring the words of the formulas"


def _weight(dtype: Any = np.float32) -> Any:
    return np.random.default_rng(0).standard_normal((24, 128)).astype(dtype)


def _host(pair: Any) -> list[Any]:
    return [np.asarray(accel.to_numpy(x)) for x in pair]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_numbers_are_off_by_half_a_scale_at_most(plain_row: Row, dtype: Any) -> None:
    w = _weight(dtype)
    for pair, group in (
        (nn.quantise_int8(plain_row.put(w)), 128),
        (nn.quantise_int4(plain_row.put(w)), 32),
        (nn.quantise_int4(plain_row.put(w), group_size=2), 2),
    ):
        restored = np.asarray(accel.to_numpy(nn.dequantise(*pair)))
        scale = np.repeat(_host(pair)[1], group, axis=1)
        assert restored.dtype == dtype
        assert np.all(np.abs(restored - w) <= scale * (0.5 + 256 * np.finfo(dtype).eps))


@pytest.mark.parametrize("function", [nn.quantise_int8, nn.quantise_int4])
def test_the_same_bits_in_and_out_of_a_compiler(plain_row: Row, function: Any) -> None:
    """On numbers that lie near to the middle between two integers as well."""
    w = _weight()
    half = ((np.arange(24 * 128).reshape(24, 128) % 7) + 0.5) * np.float32(0.1)
    half[:, ::32] = 12.7
    for x in (w, half.astype(np.float32), w.astype(np.float16)):
        expected = _host(specs[f"nn.{function.__name__}"].function(x))
        for made in (function, accel.jit(function)):
            for a, b in zip(expected, _host(made(plain_row.put(x))), strict=True):
                np.testing.assert_array_equal(a, b, strict=True)


def test_bytes() -> None:
    w = np.random.default_rng(0).standard_normal((256, 1024)).astype(np.float32)
    eight, four = nn.quantise_int8(w), nn.quantise_int4(w)
    assert sum(x.nbytes for x in eight) <= 0.30 * w.nbytes
    assert sum(x.nbytes for x in four) <= 0.18 * w.nbytes


@pytest.mark.parametrize("quantise", [nn.quantise_int8, nn.quantise_int4])
def test_no_whole_weight_in_floating_point(quantise: Any) -> None:
    pair = quantise(np.ones((4096, 1024), np.float32))
    x = np.ones((3, 1024), np.float32)
    tracemalloc.start()
    try:
        nn.quantised_matmul(x, *pair)
        assert tracemalloc.get_traced_memory()[1] < 2 * 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("quantise", [nn.quantise_int8, nn.quantise_int4])
@pytest.mark.parametrize("few", [1, 5])
def test_products(plain_row: Row, quantise: Any, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """In blocks of a few rows, against sums in twice as many digits."""
    monkeypatch.setattr(native, "FEW", few)
    monkeypatch.setattr(native, "blocks", lambda count, each, *_: blocks(count, each, 1))
    w = _weight()
    values, scale = _host(quantise(w))
    restored = nn.dequantise(values, scale.astype(np.float64))
    for shape in ((128,), (3, 128), (2, 1, 128), (0, 128)):
        x = np.random.default_rng(1).standard_normal(shape).astype(np.float32)
        got = nn.quantised_matmul(*(plain_row.put(each) for each in (x, values, scale)))
        got = np.asarray(accel.to_numpy(got))
        case = Case((x, values, scale))
        off = np.abs(got - x.astype(np.float64) @ restored.T)
        assert got.shape == (*shape[:-1], 24)
        assert np.all(off <= allowed(specs["nn.quantised_matmul"], case, got))


@pytest.mark.parametrize("function", [nn.quantise_int8, nn.quantise_int4])
@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite(plain_row: Row, function: Any, wrong: float) -> None:
    w = _weight()
    w[3, 40] = wrong
    restored = np.asarray(accel.to_numpy(nn.dequantise(*function(plain_row.put(w)))))
    share = slice(None) if function is nn.quantise_int8 else slice(32, 64)
    assert np.all(np.isnan(restored[3, share]))
    assert np.isnan(restored).sum() == restored[3, share].size
    with accel.checked(), pytest.raises(CastError, match=r"\(3, 40\)"):
        function(plain_row.put(w))
