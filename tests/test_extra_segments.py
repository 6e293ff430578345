"""Segment operations beside JAX's own and loops, and their gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import accel
from accel.errors import OutOfBoundsError, UnsupportedError
from accel.testing.rows import Row

OPS = ("segment_max", "segment_min", "segment_prod", "segment_sum")
REDUCED: dict[str, Any] = {
    "segment_max": np.max,
    "segment_mean": np.mean,
    "segment_min": np.min,
    "segment_prod": np.prod,
    "segment_sum": np.sum,
}
EMPTY = {
    "segment_max": -np.inf,
    "segment_mean": np.nan,
    "segment_min": np.inf,
    "segment_prod": 1.0,
    "segment_sum": 0.0,
}

RNG = np.random.default_rng(5)
DATA = RNG.uniform(0.5, 2.0, (60, 3))
IDS = RNG.integers(-1, 9, 60)


@pytest.mark.thorough
@pytest.mark.parametrize("op", REDUCED)
@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
def test_a_loop_over_segments(plain_row: Row, op: str, dtype: str) -> None:
    data = DATA.astype(dtype)
    expected = np.full((8, 3), EMPTY[op])
    for i in range(8):
        rows = data[np.equal(IDS, i)]
        if len(rows):
            expected[i] = REDUCED[op](rows.astype(np.float64), axis=0)
    put, ids = plain_row.put(data), plain_row.put(IDS)
    got = plain_row.run(lambda: getattr(accel.extra, op)(put, ids, num_segments=8), (), {})
    eps = {"float64": 1e-14, "float32": 1e-5, "float16": 1e-3}[dtype]
    np.testing.assert_allclose(np.asarray(accel.to_numpy(got), np.float64), expected, rtol=eps)


@pytest.mark.parametrize("op", OPS)
def test_jax_ops(op: str) -> None:
    jax = pytest.importorskip("jax")
    inside = np.where(
        IDS < 0, 8, IDS
    )  # JAX counts negative numbers from the end, or leaves them out: by version
    data, ids = jax.numpy.asarray(DATA.astype("float32")), jax.numpy.asarray(inside)
    expected = getattr(jax.ops, op)(data, ids, num_segments=8)
    got = getattr(accel.extra, op)(data, ids, num_segments=8)
    np.testing.assert_allclose(got, expected, rtol=1e-6)


def test_integers_are_exact(plain_row: Row) -> None:
    data = np.asarray([2**62, 2**62, 2**53 + 1, 1], dtype=np.int64)
    put, ids = plain_row.put(data), plain_row.put(np.asarray([0, 0, 1, 1]))
    got = plain_row.run(lambda: accel.extra.segment_sum(put, ids, num_segments=2), (), {})
    assert np.asarray(accel.to_numpy(got)).tolist() == [-(2**63), 2**53 + 2]


def test_the_number_is_asked_for_where_it_is_traced() -> None:
    jnp = pytest.importorskip("jax.numpy")
    summed = accel.jit(accel.extra.segment_sum)
    with pytest.raises(UnsupportedError, match="write num_segments="):
        summed(jnp.ones(3), jnp.asarray([0, 1, 0]))


def test_checked_mode_names_the_number() -> None:
    with (
        accel.checked(),
        pytest.raises(OutOfBoundsError, match=r"index \(2,\) of segment_ids: 7; the segments are 0 to 1"),
    ):
        accel.extra.segment_sum(np.ones(3), np.asarray([0, 1, 7]), num_segments=2)


@pytest.mark.thorough
@pytest.mark.parametrize("op", [*OPS, "segment_mean"])
def test_gradients(op: str) -> None:
    """Gradients are finite, also where a segment has no rows, and those of a finite difference."""
    jax = pytest.importorskip("jax")
    jnp = jax.numpy
    data, ids = DATA[:12, 0], np.where(IDS[:12] == 2, 3, IDS[:12])
    chosen = np.asarray([i in ids for i in range(8)])

    def total(x: Any) -> Any:
        return jnp.sum(
            jnp.where(chosen, getattr(accel.extra, op)(x, jnp.asarray(ids), num_segments=8), 0.0) ** 2
        )

    with accel.x64():
        x = jnp.asarray(data)
        slope = jax.grad(total)(x)
        step = 1e-6
        shifts = step * np.eye(12)
        expected = [(float(total(x + shift)) - float(total(x - shift))) / (2 * step) for shift in shifts]
    assert np.isfinite(slope).all()
    np.testing.assert_allclose(slope, expected, rtol=1e-6, atol=1e-6)
