"""Layers: PyTorch's functions agree, dropout leaves out the same numbers everywhere, indices out of range."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import accel
import accel.nn
import accel.random
from accel.dispatch import specs
from accel.errors import OutOfBoundsError
from accel.testing.cases import Case
from accel.testing.columns import table
from accel.testing.condition import allowed
from accel.testing.rows import Row
from tests.referee import answers

assert table, "the words of the bounds load with the columns"

DRAW = np.random.default_rng(8)


def test_linear_is_pytorchs(plain_row: Row) -> None:
    cases = []
    for dtype in ("float32", "float64"):
        for front in ((), (5,), (2, 3)):
            x, weight, bias = (DRAW.standard_normal(s).astype(dtype) for s in ((*front, 30), (20, 30), (20,)))
            cases += [(x, weight, bias), (x, weight)]
    wide: list[Any] = [("linear", tuple(a.astype(np.float64) for a in args), {}) for args in cases]
    found = answers(wide + [("linear", args, {}) for args in cases])
    for args, true, same in zip(cases, found[: len(cases)], found[len(cases) :], strict=True):
        got = np.asarray(accel.to_numpy(accel.nn.linear(*map(plain_row.put, args))))
        bound = allowed(specs["nn.linear"], Case(args), got)
        assert np.all(np.abs(got - true) <= bound)
        assert np.all(np.abs(got.astype(np.float64) - same) <= 2 * bound)


@pytest.mark.parametrize("rows", [1, 64])
@pytest.mark.parametrize("name", ["bfloat16", "float16"])
def test_numbers_of_16_bits_are_multiplied_as_they_are_there_and_back(name: str, rows: int) -> None:
    """Units for 16 bits are of no use to what was widened before. The sums have 32 bits: each result is rounded once."""
    jax = pytest.importorskip("jax")
    dtype = jax.numpy.dtype(name)
    draw = np.random.default_rng(5).standard_normal
    sizes = {"x": (rows, 96), "weight": (40, 96), "bias": (40,), "cotangent": (rows, 40)}
    each = {key: jax.numpy.asarray(draw(size), dtype) for key, size in sizes.items()}
    x, weight, bias, cotangent = each.values()

    def both(*arrays: Any) -> Any:
        value, pull = jax.vjp(accel.nn.linear, *arrays)
        return value, pull(cotangent)

    products = [
        line for line in jax.jit(both).lower(x, weight, bias).as_text().splitlines() if "dot_general" in line
    ]
    assert len(products) == 3
    for line in products:
        assert "f32" not in line.rpartition(" : ")[2].partition("->")[0], line

    value, (dx, dw, db) = both(x, weight, bias)
    wide = {key: np.asarray(a, np.float64) for key, a in each.items()}
    exact = {
        "value": wide["x"] @ wide["weight"].T + wide["bias"],
        "x": wide["cotangent"] @ wide["weight"],
        "weight": wide["cotangent"].T @ wide["x"],
        "bias": wide["cotangent"].sum(axis=0),
    }
    scale = {
        "value": np.abs(wide["x"]) @ np.abs(wide["weight"]).T + np.abs(wide["bias"]),
        "x": np.abs(wide["cotangent"]) @ np.abs(wide["weight"]),
        "weight": np.abs(wide["cotangent"]).T @ np.abs(wide["x"]),
        "bias": np.abs(wide["cotangent"]).sum(axis=0),
    }
    half = float(jax.numpy.finfo(dtype).eps) / 2
    for (key, want), got in zip(exact.items(), (value, dx, dw, db), strict=True):
        assert got.dtype == dtype
        # A rounding of the result, and those of at most 97 sums in 32 bits.
        assert np.all(
            np.abs(np.asarray(got, np.float64) - want) <= half * np.abs(want) + 97 * 2**-24 * scale[key]
        )


def test_embedding_and_one_hot_are_pytorchs() -> None:
    indices, weight = DRAW.integers(0, 9, (4, 5)), DRAW.standard_normal((9, 3))
    rows, ones = answers([("embedding", (indices, weight), {}), ("one_hot", (indices, 11), {})])
    np.testing.assert_array_equal(accel.nn.embedding(indices, weight), rows)
    np.testing.assert_array_equal(accel.nn.one_hot(indices, 11, dtype=accel.int64), ones)


def test_classes_may_be_more_than_the_dtype_of_the_indices_counts(plain_row: Row) -> None:
    indices = plain_row.put(np.asarray([127, -1, 5], dtype=np.int8))
    found = accel.to_numpy(accel.nn.one_hot(indices, 300, dtype=accel.int32))
    np.testing.assert_array_equal(found.sum(axis=1), [1, 0, 1])
    assert found[0, 127] == found[2, 5] == 1


def test_indices_out_of_range_in_checked_mode(plain_row: Row) -> None:
    indices, weight = plain_row.put(np.asarray([0, 3])), plain_row.put(np.ones((3, 2)))
    with accel.checked(), pytest.raises(OutOfBoundsError, match=r"weight has length 3"):
        accel.nn.embedding(indices, weight)


def test_dropout_leaves_out_the_share_that_is_asked_for(plain_row: Row) -> None:
    x = plain_row.put(np.ones(40_000, dtype=np.float32))
    key = plain_row.put(np.asarray([0, 3], dtype=np.uint32))
    host = accel.nn.dropout(np.ones(40_000, dtype=np.float32), 0.3, np.asarray([0, 3], dtype=np.uint32))
    found = accel.to_numpy(accel.nn.dropout(x, 0.3, key))
    np.testing.assert_array_equal(found, host)
    assert set(np.unique(found)) == {np.float32(0), np.float32(1 / 0.7)}
    # Five standard deviations.
    assert abs(np.mean(found == 0) - 0.3) < 5 * (0.3 * 0.7 / 40_000) ** 0.5
    assert accel.nn.dropout(x, 0, key) is x or np.array_equal(
        accel.to_numpy(accel.nn.dropout(x, 0, key)), host * 0 + 1
    )


def test_dropout_on_the_way_back_leaves_out_the_same() -> None:
    jax = pytest.importorskip("jax")
    x, key = jax.numpy.ones(100), jax.numpy.asarray([0, 1], dtype="uint32")
    there = accel.nn.dropout(x, 0.5, key)
    back = jax.grad(lambda x: accel.nn.dropout(x, 0.5, key).sum())(x)
    np.testing.assert_array_equal(np.asarray(there), np.asarray(back))
