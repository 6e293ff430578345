"""What type checkers see: the array type that goes in comes out. mypy and pyright read `assert_type`; pytest runs the calls."""

from __future__ import annotations

from typing import assert_type

import numpy as np
import pytest
from numpy.typing import NDArray

import accel


def test_numpy_arrays_keep_their_type() -> None:
    x: NDArray[np.float64] = np.asarray([1.0, 2.0])
    assert_type(accel.add(x, x), NDArray[np.float64])
    assert_type(accel.add(x, 2.0), NDArray[np.float64])
    assert_type(accel.multiply(2.0, x), NDArray[np.float64])
    assert_type(accel.concat([x, x]), NDArray[np.float64])
    assert_type(accel.clip(x, 0.0, 1.0), NDArray[np.float64])
    assert_type(accel.linalg.outer(x, x), NDArray[np.float64])
    assert_type(accel.fft.fftshift(x), NDArray[np.float64])


def test_jax_arrays_keep_their_type() -> None:
    pytest.importorskip("jax")
    import jax

    x: jax.Array = accel.asarray([1.0, 2.0], dtype=accel.float32, device="jax")
    assert_type(accel.add(x, 2.0), jax.Array)
    assert isinstance(accel.add(x, 2.0), jax.Array)


def test_positional_only_parameters_refuse_their_names() -> None:
    x: NDArray[np.float64] = np.asarray([0.5])
    with pytest.raises(TypeError):
        accel.acos(x=x)  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
