"""What the kit finds in the first try, on a machine with no GPU: one mistake in each function."""

import hypothesis.strategies as st
import numpy as np
import pytest
from ripple import first_try, original

import accel
from accel.errors import TransferError
from accel.testing import accounting, equivalent
from accel.testing.strategies import arrays, tame

RECORDING = np.asarray([[0.0, 1.5, -2.0, 4.0, 3.5, -1.0], [2.0, 2.0, 2.0, 2.0, 2.0, 2.0]])
signals = arrays("float64", (2, 6), tame)


def on_a_gpu():
    accounting.install()
    return accel.to_device(RECORDING, "accounting:gpu:1")


@pytest.mark.parametrize("name", ["crossings", "detrend", "normalise", "spectrum"])
def test_numpy_alone_finds_nothing(name):
    """On NumPy the first try passes: the mistakes are there, and no test on NumPy shows them."""
    np.testing.assert_allclose(
        getattr(first_try, name)(RECORDING.copy()), getattr(original, name)(RECORDING), atol=1e-12
    )


def test_writing_to_the_callers_array():
    with pytest.raises(AssertionError, match="read-only"):
        equivalent(first_try.detrend, signals, backends=["numpy-readonly"], examples=20)


def test_numpy_functions_on_arrays_elsewhere():
    with accel.transfers("forbid"), pytest.raises(TransferError, match=r"first_try\.py"):
        first_try.normalise(on_a_gpu())


def test_a_kernel_on_the_default_device():
    with pytest.raises(AssertionError, match="smooth on "):
        equivalent(first_try.smooth, signals, st.just(3), backends=["jax"], examples=20)


@pytest.mark.filterwarnings("ignore:Explicitly requested dtype float64")
def test_operators_that_narrow():
    with pytest.raises(AssertionError, match="float32"):
        equivalent(first_try.spectrum, signals, backends=["jax"], examples=20)


def test_a_transfer_for_each_signal():
    with accel.transfers("log") as moved:
        first_try.crossings(on_a_gpu())
    assert sum("first_try.py" in transfer.where for transfer in moved) >= 2, moved


def test_if_on_a_value():
    with accel.transfers("forbid"), pytest.raises(TransferError, match=r"first_try\.py"):
        first_try.limit(on_a_gpu(), 2.0)
    with pytest.raises(AssertionError, match=r"under accel\.jit"):
        equivalent(first_try.limit, signals, st.just(2.0), backends=["jax"], jit=True, examples=20)
