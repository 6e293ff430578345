"""ripple gives on every backend what it gave when it was NumPy's alone, without moving a byte."""

import hypothesis.strategies as st
import numpy as np
import pytest
import ripple
from ripple import original

import accel
from accel.testing import assert_close, equivalent
from accel.testing.strategies import arrays, tame

FUNCTIONS = ["crossings", "detrend", "normalise", "spectrum"]

RECORDING = np.asarray([[0.0, 1.5, -2.0, 4.0, 3.5, -1.0], [2.0, 2.0, 2.0, 2.0, 2.0, 2.0]])

signals = arrays("float64", (2, 6), tame)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_as_before(xp, name):
    """The results are those of the library as it was."""
    x = xp.asarray(RECORDING)
    assert_close(
        getattr(ripple, name)(x), getattr(original, name)(RECORDING), check_namespace=False, atol=1e-12
    )


def test_with_arguments_as_before(xp):
    x = xp.asarray(RECORDING)
    close = {"check_namespace": False, "atol": 1e-12}
    assert_close(ripple.smooth(x, 3), original.smooth(RECORDING, 3), **close)
    assert_close(ripple.limit(x, 2.0), original.limit(RECORDING, 2.0), **close)


@pytest.mark.accel_supports(of=ripple.above)
def test_above_as_before(xp):
    loud = ripple.above(xp.asarray(RECORDING[0]), 1.2)
    assert_close(loud, original.above(RECORDING[0], 1.2), check_namespace=False)


# The sums of six numbers below 8 are taken in any order: 1e-12 is a thousand times what that can change.
@pytest.mark.parametrize("name", [*FUNCTIONS, "smooth", "limit"])
def test_the_same_everywhere(name):
    """Every backend and virtual backend agrees, compiled or not."""
    function = getattr(ripple, name)
    argument = {"smooth": (st.just(3),), "limit": (st.just(2.0),)}.get(name, ())
    print(equivalent(function, signals, *argument, jit=True, examples=20, atol=1e-12))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_stays_on_the_device(name):
    """Nothing goes through the host: what a GPU would punish is found without one."""
    from accel.testing import accounting

    accounting.install()
    x = accel.to_device(RECORDING, "accounting:gpu:1")
    with accel.transfers("forbid"):
        result = getattr(ripple, name)(x)
    assert accel.device(result) == accel.device(x)
