"""The largest elements, positions and different values beside NumPy's and JAX's, and functions of some elements."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import DataObject

import accel
from accel.errors import UnsupportedError
from accel.extra import apply_where, argpartition, argwhere, nonzero, partition, topk, unique_all
from accel.testing.rows import Row
from accel.testing.strategies import arrays, wild

RNG = np.random.default_rng(3)


def _by_sorting(x: Any, k: int, largest: bool) -> Any:
    """Choose in a way of its own: sort by value, then by index; nan is above every number."""
    rows = np.where(np.isnan(x), np.inf, x)
    keys = list(zip(np.isnan(x).tolist(), rows.tolist(), range(len(x)), strict=True))
    turned = sorted(keys, key=lambda key: ((not key[0]), -key[1], key[2]) if largest else key)
    return [index for _, _, index in turned[:k]]


@given(data=st.data())
def test_long_axes(plain_row: Row, data: DataObject) -> None:
    """An axis long enough for a partition gives what sorting gives, among many equal elements, nan and zeros of both signs."""
    dtype = data.draw(st.sampled_from(["float32", "float64", "float16"]))
    few = data.draw(st.lists(wild(dtype), min_size=1, max_size=6))
    x = RNG.choice(np.asarray(few, dtype=dtype), size=(2, 300))
    if data.draw(st.booleans()):
        x[:, :50] = RNG.standard_normal((2, 50))
    k, largest = data.draw(st.sampled_from([1, 5, 60])), data.draw(st.booleans())
    put = plain_row.put(x)
    values, indices = plain_row.run(lambda: topk(put, k, largest=largest), (), {})
    expected = [_by_sorting(row.astype(np.float64), k, largest) for row in x]
    assert np.asarray(accel.to_numpy(indices)).tolist() == expected
    np.testing.assert_array_equal(accel.to_numpy(values), np.take_along_axis(x, np.asarray(expected), 1))


@pytest.mark.parametrize("largest", [True, False])
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_any_axis(largest: bool, axis: int) -> None:
    x = RNG.permutation(2400).reshape((600, 4) if axis == 0 else (4, 600))
    values, indices = topk(x, 7, axis=axis, largest=largest)
    order = np.argsort(-x if largest else x, axis=axis)
    expected = np.take(order, np.arange(7), axis=axis)
    np.testing.assert_array_equal(indices, expected)
    np.testing.assert_array_equal(values, np.take_along_axis(x, expected, axis))


@given(data=st.data())
def test_partitions(plain_row: Row, data: DataObject) -> None:
    x = data.draw(arrays("float64", (9,), wild("float64")))
    kth = data.draw(st.integers(-9, 8))
    put = plain_row.put(x)
    divided = np.asarray(accel.to_numpy(plain_row.run(lambda: partition(put, kth), (), {})))
    order = np.asarray(accel.to_numpy(plain_row.run(lambda: argpartition(put, kth), (), {})))
    assert sorted(order.tolist()) == list(range(9))
    for each in (divided, x[order]):
        whole = np.sort(x)
        np.testing.assert_array_equal(each[kth], whole[kth])
        np.testing.assert_array_equal(np.sort(each), whole)
        cut = kth % 9
        np.testing.assert_array_equal(np.sort(each[:cut]), whole[:cut])


@pytest.mark.thorough
@given(data=st.data())
def test_jaxs_sizes(data: DataObject) -> None:
    """With a size the functions give what JAX's give with the same one."""
    jax = pytest.importorskip("jax")
    x = data.draw(
        arrays("float32", data.draw(st.sampled_from([(2, 3), (7,)])), st.integers(-2, 2).map(float))
    )
    size, fill = data.draw(st.sampled_from([0, 2, 5, 9])), data.draw(st.sampled_from([0, -1]))
    put = jax.numpy.asarray(x)
    for one, two in zip(
        nonzero(put, size=size, fill_value=fill),
        jax.numpy.nonzero(put, size=size, fill_value=fill),
        strict=True,
    ):
        assert one.tolist() == two.tolist()
    expected = jax.numpy.argwhere(put, size=size, fill_value=fill)
    assert argwhere(put, size=size, fill_value=fill).tolist() == expected.tolist()
    if size:
        found: Any = unique_all(put, size=size)
        values, counts = jax.numpy.unique(put, size=size, return_counts=True)
        assert found.values.tolist() == values.tolist()
        assert found.counts.tolist() == counts.tolist()


def test_sizes_are_asked_for_where_values_are_traced() -> None:
    jnp = pytest.importorskip("jax.numpy")
    for op in (nonzero, argwhere, unique_all):
        with pytest.raises(UnsupportedError, match="write size="):
            accel.jit(op)(jnp.ones(3))
        accel.jit(lambda x, op=op: op(x, size=2))(jnp.ones(3))


class TestApplyWhere:
    """A function of the elements for which a condition holds."""

    @pytest.mark.filterwarnings("error")
    def test_hidden_elements_warn_of_nothing(self) -> None:
        x = np.asarray([4.0, 0.0, -1.0, np.inf])
        got = apply_where(
            np.asarray([True, False, False, False]), (x, x), lambda a, b: np.log(a) - b, fill_value=0.0
        )
        np.testing.assert_allclose(got, [np.log(4.0) - 4.0, 0.0, 0.0, 0.0])

    def test_only_some_elements_are_seen(self) -> None:
        seen: list[Any] = []

        def noted(x: Any) -> Any:
            seen.append(x)
            return x

        apply_where(np.asarray([True, False, True]), np.asarray([1.0, 2.0, 3.0]), noted, noted)
        assert [x.tolist() for x in seen] == [[1.0, 3.0], [2.0]]

    @pytest.mark.parametrize("compiled", [False, True])
    @pytest.mark.parametrize("values", [[4.0, 0.0, -1.0], [0.0, -1.0, -2.0]])
    def test_gradients_of_hidden_elements_are_zero(self, compiled: bool, values: list[float]) -> None:
        jax = pytest.importorskip("jax")
        jnp = jax.numpy

        def total(x: Any) -> Any:
            return jnp.sum(apply_where(x > 0, x, jnp.sqrt, lambda x: x * 0.5))

        slope = (jax.jit if compiled else lambda f: f)(jax.grad(total))(jnp.asarray(values))
        assert slope.tolist() == [0.25 if x > 0 else 0.5 for x in values]

    def test_dtypes(self, plain_row: Row) -> None:
        """The result has the dtype of both functions, and a Python number follows."""
        x, cond = plain_row.put(np.asarray([1.0, 2.0], "float32")), plain_row.put(np.asarray([True, False]))
        whole = lambda x: accel.astype(x, accel.int64)  # noqa: E731
        run = plain_row.run
        assert run(lambda: apply_where(cond, x, lambda x: x, fill_value=1), (), {}).dtype == accel.float32
        assert run(lambda: apply_where(cond, x, whole, fill_value=1), (), {}).dtype == accel.int64
        assert run(lambda: apply_where(cond, x, whole, lambda x: x), (), {}).dtype == accel.float64
