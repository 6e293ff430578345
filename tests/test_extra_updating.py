"""Updates of arrays beside NumPy's own assignment, their order, their purity, and their gradients."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import DataObject

import accel
from accel.errors import OutOfBoundsError, ShapeError, UnsupportedError
from accel.extra import at
from accel.testing.columns.extra_updating import indices
from accel.testing.rows import Row
from accel.testing.strategies import arrays, shapes

UFUNCS: dict[str, Any] = {
    "add": np.add,
    "max": np.maximum,
    "min": np.minimum,
    "multiply": np.multiply,
    "subtract": np.subtract,
}


def _inside(x: Any, index: Any) -> bool:
    try:
        x[index]
    except IndexError:
        return False
    return True


@given(data=st.data())
def test_numpys_own_indexing(data: DataObject) -> None:
    """Where NumPy takes an index, its elements, assignment and ufuncs give the same, but for the order of values in assignment."""
    x = data.draw(arrays("int64", data.draw(shapes(0, 3)), st.integers(-9, 9)))
    index = data.draw(indices(x.shape, masks=True).filter(lambda index: _inside(x, index)))
    picked = np.asarray(x[index])
    np.testing.assert_array_equal(at(x)[index].get(), picked, strict=True)
    values = np.arange(picked.size).reshape(picked.shape)
    flat = np.arange(x.size).reshape(x.shape)[index]
    expected = x.reshape(-1).copy()
    for place, value in zip(np.ravel(flat), np.ravel(values), strict=True):
        expected[place] = value
    np.testing.assert_array_equal(at(x)[index].set(values), expected.reshape(x.shape), strict=True)
    for name, ufunc in UFUNCS.items():
        expected = x.copy()
        ufunc.at(expected, index, values)
        np.testing.assert_array_equal(getattr(at(x)[index], name)(values), expected, strict=True)


@given(data=st.data())
def test_the_last_value_wins(plain_row: Row, data: DataObject) -> None:
    """Of several values for one element the last in row-major order stays, however the positions lie in memory."""
    count = data.draw(st.sampled_from([40, 7]))
    places = data.draw(arrays("int64", (2, count), st.integers(0, 4)))
    places = data.draw(st.sampled_from([places, places[:, ::-1], np.asfortranarray(places), places[::-1]]))
    values = np.arange(places.size).reshape(places.shape)
    expected = np.full(5, -1)
    for place, value in zip(places.reshape(-1), values.reshape(-1), strict=True):
        expected[place] = value
    x, where, new = (plain_row.put(each) for each in (np.full(5, -1), places, values))
    got = plain_row.run(lambda: at(x)[where].set(new), (), {})
    np.testing.assert_array_equal(accel.to_numpy(got), expected)


def test_the_argument_stays_as_it_is() -> None:
    x = np.zeros(3)
    changed = at(x)[1].set(1.0)
    assert not np.shares_memory(x, changed)
    assert x.tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    "index", [1, slice(0, 2), np.asarray([0, 1]), np.asarray([True, False, True])], ids=str
)
@pytest.mark.parametrize("operation", ["set", "add", "divide", "max"])
def test_memory_is_reused_on_request(index: Any, operation: str) -> None:
    """With copy=False NumPy's array is written to and given back; one that is read-only is not."""
    x = np.asarray([1.0, 2.0, 3.0])
    expected = getattr(at(x)[index], operation)(4.0)
    assert getattr(at(x, copy=False)[index], operation)(4.0) is x
    np.testing.assert_array_equal(x, expected)
    x.flags.writeable = False
    assert getattr(at(x, copy=False)[index], operation)(4.0) is not x


def test_masks_pick_on_every_backend(plain_row: Row) -> None:
    """A mask picks its true elements, alone or beside other indices."""
    x = np.arange(6.0).reshape(2, 3)
    rows, columns = np.asarray([True, False]), np.asarray([True, False, True])
    array, row_mask, column_mask = (plain_row.put(each) for each in (x, rows, columns))
    calls = [
        (lambda: at(array)[row_mask].get(), x[rows]),
        (lambda: at(array)[:, column_mask].get(), x[:, columns]),
        (lambda: at(array)[0, column_mask].get(), x[0, columns]),
    ]
    for call, expected in calls:
        np.testing.assert_array_equal(accel.to_numpy(plain_row.run(call, (), {})), expected)
    expected = x.copy()
    expected[1, columns] += 10.0
    got = plain_row.run(lambda: at(array)[1, column_mask].add(10.0), (), {})
    np.testing.assert_array_equal(accel.to_numpy(got), expected)


def test_another_number_of_values_than_true_elements() -> None:
    mask = np.asarray([True, False, True])
    with (
        accel.checked(),
        pytest.raises(ShapeError, match="the mask has 2 true elements, and values is for 3"),
    ):
        at(np.zeros(3))[mask].set(np.ones(3))
    with accel.checked():
        assert at(np.zeros(3))[mask].set(np.ones(2)).tolist() == [1.0, 0.0, 1.0]


def test_checked_mode_names_the_position() -> None:
    with (
        accel.checked(),
        pytest.raises(
            OutOfBoundsError, match=r"1 of 2 positions .* index \(1,\) .*: 7; axis 0 of x has length 3"
        ),
    ):
        at(np.zeros(3))[np.asarray([0, 7])].add(1.0)


class TestJax:
    """What a compiler and gradients make of the updates."""

    def test_a_traced_mask_needs_no_count(self) -> None:
        jnp = pytest.importorskip("jax.numpy")
        put = accel.jit(lambda x, mask, values: at(x)[mask].set(values))
        got = put(jnp.arange(3), jnp.asarray([True, False, True]), jnp.asarray([7, 8]))
        assert got.tolist() == [7, 1, 8]

    def test_what_a_traced_mask_picks_has_no_shape(self) -> None:
        jnp = pytest.importorskip("jax.numpy")
        pick = accel.jit(lambda x, mask: at(x)[mask].get())
        with pytest.raises(UnsupportedError, match=r"accel.extra.nonzero\(mask, size"):
            pick(jnp.arange(3), jnp.asarray([True, False, True]))

    @pytest.mark.parametrize("by", ["set", "add", "multiply", "divide", "max"])
    def test_gradients(self, by: str) -> None:
        """Gradients are those of the formula, of the elements and of the values."""
        jax = pytest.importorskip("jax")
        jnp = jax.numpy
        where = jnp.asarray([0, 2, 0])
        weights = jnp.asarray([1.0, 10.0, 100.0])

        def total(x: Any, values: Any) -> Any:
            return jnp.sum(getattr(at(x)[where], by)(values) * weights)

        x, values = jnp.asarray([2.0, 3.0, 4.0]), jnp.asarray([3.0, 5.0, 6.0])
        one, two = jax.grad(total, argnums=(0, 1))(x, values)
        expected: Any = {
            "set": ([0, 10, 0], [0, 100, 1]),
            "add": ([1, 10, 100], [1, 100, 1]),
            "multiply": ([18, 10, 500], [12, 400, 6]),
            "divide": ([1 / 18, 10, 20], [-2 / 54, -400 / 25, -2 / 108]),
            "max": ([0, 10, 0], [0, 100, 1]),
        }[by]
        np.testing.assert_allclose(one, expected[0], rtol=1e-6)
        np.testing.assert_allclose(two, expected[1], rtol=1e-6)

    def test_other_devices_sort(self) -> None:
        """The way to the last value on devices that write in no order gives what the CPU gives."""
        jnp = pytest.importorskip("jax.numpy")
        pytest.importorskip("accel_jax")
        from accel_jax.extra._updating import _last

        rng = np.random.default_rng(0)
        places, values = rng.integers(-3, 9, 200), np.arange(200)
        x = jnp.full(7, -1)
        got = _last(x, (jnp.asarray(places),), jnp.asarray(values))
        assert got.tolist() == at(x)[jnp.asarray(places)].set(jnp.asarray(values)).tolist()
