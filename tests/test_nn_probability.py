"""Softmax and its logarithm: as PyTorch has them, with masks, several axes, and finite gradients."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest

import accel
import accel.nn as nn
from accel.dispatch import specs
from accel.testing.cases import Case
from accel.testing.columns import table
from accel.testing.condition import allowed
from accel.testing.rows import Row
from accel.testing.ulp import smallest
from tests.referee import answers

assert "nn.softmax" in table, "the columns say what the words of the bounds are"

NAMES = ("softmax", "log_softmax")


def scores(dtype: str = "float64") -> Any:
    rng = np.random.default_rng(0)
    return (rng.standard_normal((6, 70, 5)) * 10.0 ** rng.uniform(-1, 2, (6, 70, 1))).astype(dtype)


CALLS = [(name, axis) for name in NAMES for axis in (0, 1, -1)]


@pytest.fixture(scope="module")
def judged() -> dict[tuple[str, int], Any]:
    x = scores("float32").astype(np.float64)
    return dict(zip(CALLS, answers([(name, (x,), {"dim": axis}) for name, axis in CALLS]), strict=True))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("name", "axis"), CALLS)
def test_as_in_pytorch(judged: Any, plain_row: Row, name: str, axis: int, dtype: str) -> None:
    x, truth, spec = scores("float32").astype(dtype), judged[name, axis], specs[f"nn.{name}"]
    got = accel.to_numpy(plain_row.call(spec, (plain_row.put(x),), {"axis": axis}))
    bound = allowed(spec, Case((x,), {"axis": axis}), truth.astype(dtype))
    sides = 2 if dtype == "float64" else 1  # PyTorch makes roundings of its own
    assert np.all(np.abs(got - truth) <= sides * bound + smallest(dtype))


@pytest.mark.parametrize("axis", [None, (0, 2), (1, 2), (0, -2)])
@pytest.mark.parametrize("name", NAMES)
def test_several_axes_are_one(name: str, axis: Any) -> None:
    x = scores()
    axes = (0, 1, 2) if axis is None else tuple(a % 3 for a in axis)
    rest = [a for a in range(3) if a not in axes]
    shape = [x.shape[a] for a in rest]
    flat = x.transpose(*rest, *axes).reshape(*shape, -1)
    wanted = getattr(nn, name)(flat).reshape(*shape, *(x.shape[a] for a in axes))
    got = getattr(nn, name)(x, axis=axis).transpose(*rest, *axes)
    assert np.allclose(got, wanted, rtol=1e-12, atol=1e-300)


@pytest.mark.parametrize("layout", ["C", "F"])
def test_a_mask_leaves_out(layout: Any) -> None:
    x = np.asarray(scores(), order=layout)
    counts = np.random.default_rng(1).random((1, 70, 5)) > 0.4
    counts[:, :, 3] = False
    got = nn.softmax(x, axis=1, where=counts)
    assert np.all(got[~np.broadcast_to(counts, x.shape)] == 0)
    assert np.allclose(got.sum(axis=1)[:, [0, 1, 2, 4]], 1)
    assert np.all(got[:, :, 3] == 0)
    kept = counts[0, :, 0]
    assert np.allclose(got[:, kept, 0], nn.softmax(x[:, kept, 0], axis=1), rtol=1e-13)
    logarithms = nn.log_softmax(x, axis=1, where=counts)
    with np.errstate(divide="ignore"):
        assert np.allclose(np.exp(logarithms), got, rtol=1e-10)
    assert np.all(np.isneginf(logarithms[:, :, 3]))


def test_what_does_not_count_may_be_anything() -> None:
    x = np.asarray([[np.nan, 1.0, np.inf, 1.0], [0.0, np.nan, 2.0, 2.0]])
    counts = np.asarray([[False, True, False, True], [False, True, True, True]])
    got = nn.softmax(x, where=counts)
    assert got[0].tolist() == [0.0, 0.5, 0.0, 0.5]
    assert np.all(np.isnan(got[1, 1:]))


@pytest.mark.parametrize("name", NAMES)
def test_gradients_are_finite(name: str) -> None:
    jax = pytest.importorskip("jax")
    import jax.numpy as jnp

    top = float(np.finfo(np.float32).max)
    rows = jnp.asarray(
        [[top, -top, 0.0], [-jnp.inf, 0.0, 1.0], [-jnp.inf, -jnp.inf, -jnp.inf], [1.0, 2.0, 3.0]]
    )
    counts = jnp.asarray([[True, True, True], [True, False, True], [True, True, True], [False, False, False]])
    function = getattr(nn, name)

    def loss(x: Any, where: Any) -> Any:
        y = function(x, where=where)
        return jnp.sum(jnp.where(jnp.isfinite(y), y, 0.0) * jnp.asarray([1.0, -2.0, 0.5]))

    for where in (None, counts):
        slopes = np.asarray(jax.grad(loss)(rows, where))
        assert np.all(np.isfinite(slopes))
    assert np.all(slopes[3] == 0)
    z = jnp.asarray([0.3, -1.0, 2.0])
    matrix = np.asarray(jax.jacobian(nn.softmax)(z))
    y = np.asarray(nn.softmax(z))
    assert np.allclose(matrix, np.diag(y) - np.outer(y, y), atol=1e-7)


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("name", NAMES)
def test_memory_is_that_of_the_result(name: str, axis: int) -> None:
    x = np.ones((2048, 2048), dtype=np.float32)
    tracemalloc.start()
    result = getattr(nn, name)(x, axis=axis)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak <= result.nbytes + 5 * 1024 * 1024
