"""Frames, windows, blocks and Kronecker products beside NumPy's and SciPy's."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

import accel
from accel.extra import block_diag, kron, pad, sliding_window_view
from accel.extra.rearrangement import MODES
from accel.testing.rows import Row

X = np.arange(24).reshape(2, 3, 4)


@given(
    mode=st.sampled_from(MODES),
    lengths=st.lists(st.integers(1, 4), min_size=1, max_size=3),
    data=st.data(),
)
def test_numpys_pad(plain_row: Row, mode: Any, lengths: list[int], data: st.DataObject) -> None:
    x = np.arange(int(np.prod(lengths))).reshape(lengths)
    width = data.draw(
        st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=x.ndim, max_size=x.ndim)
    )
    put = plain_row.put(x)
    got = plain_row.run(lambda: pad(put, width, mode=mode), (), {})
    np.testing.assert_array_equal(accel.to_numpy(got), np.pad(x, width, mode=mode), strict=True)


def test_forms_of_a_width() -> None:
    np.testing.assert_array_equal(pad(X, 1), np.pad(X, 1))
    np.testing.assert_array_equal(pad(X, (1, 2)), np.pad(X, (1, 2)))
    np.testing.assert_array_equal(pad(X, [(1, 2)]), np.pad(X, [(1, 2)]))
    np.testing.assert_array_equal(pad(X, [(1, 2), (0, 1), (3, 0)]), np.pad(X, [(1, 2), (0, 1), (3, 0)]))
    np.testing.assert_array_equal(pad(X, 1, constant_values=7), np.pad(X, 1, constant_values=7))


@pytest.mark.parametrize(
    ("window", "axis"), [((1, 2, 3), None), (2, 1), ((2, 2), (2, 2)), ((3, 2), (-1, 0)), (0, 0)]
)
def test_numpys_windows(plain_row: Row, window: Any, axis: Any) -> None:
    expected = np.lib.stride_tricks.sliding_window_view(X, window, axis=axis)
    put = plain_row.put(X)
    got = plain_row.run(lambda: sliding_window_view(put, window, axis=axis), (), {})
    np.testing.assert_array_equal(accel.to_numpy(got), expected, strict=True)


def test_windows_are_a_view_that_cannot_be_written_to() -> None:
    x = np.arange(10.0)
    windows = sliding_window_view(x, 4)
    assert np.shares_memory(x, windows)
    assert not windows.flags.writeable


@given(shapes=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=4))
def test_scipys_blocks(shapes: list[tuple[int, int]]) -> None:
    linalg = pytest.importorskip("scipy.linalg")
    blocks = [np.random.default_rng(i).standard_normal(s) for i, s in enumerate(shapes)]
    got = block_diag(*blocks)
    assert got.shape == (sum(s[0] for s in shapes), sum(s[1] for s in shapes))
    if all(0 not in s for s in shapes):
        np.testing.assert_array_equal(got, linalg.block_diag(*blocks))


@pytest.mark.parametrize(
    ("one", "two"), [((2, 3), (4, 5)), ((3,), (2, 2)), ((2, 1, 3), (2,)), ((), (3,)), ((0, 2), (3, 1))]
)
def test_numpys_kron(one: Any, two: Any) -> None:
    a, b = np.arange(int(np.prod(one))).reshape(one), np.arange(int(np.prod(two))).reshape(two) - 2.5
    np.testing.assert_array_equal(kron(a, b), np.kron(a, b), strict=True)


@pytest.mark.parametrize("mode", MODES)
def test_gradients_count_copies(mode: Any) -> None:
    """The slope of the sum of a padded array is how often each element stands in it."""
    jax = pytest.importorskip("jax")
    x = jax.numpy.asarray([1.0, 2.0, 3.0])
    slope = jax.grad(lambda x: jax.numpy.sum(pad(x, (2, 4), mode=mode)))(x)
    places = np.pad(np.arange(3), (2, 4), mode=mode, **({"constant_values": 9} if mode == "constant" else {}))
    assert slope.tolist() == np.bincount(places, minlength=10)[:3].tolist()
