"""The assertions: what they let pass, what they refuse, and how they say it."""

from __future__ import annotations

import doctest
from collections import namedtuple
from typing import Any

import numpy as np
import pytest

import accel
import accel.testing.assertions
from accel.dispatch import specs
from accel.errors import ArgumentError, AxisError
from accel.testing import assert_close, assert_raises_alike, assert_same
from accel.testing.cases import Case
from accel.testing.rows import obstacle
from accel.testing.tolerance import FACTORS

BRAIN: Any = accel.namespace("numpy").bfloat16
Pair = namedtuple("Pair", "first second")

needs_jax = pytest.mark.skipif(obstacle("jax") is not None, reason=f"jax cannot run here: {obstacle('jax')}")


def test_examples_of_the_docstrings() -> None:
    """The examples run."""
    assert doctest.testmod(accel.testing.assertions).failed == 0


def up(x: Any, steps: int = 1) -> Any:
    """Give the number so many steps further from zero."""
    whole = np.asarray(x)
    return (
        whole.view(f"uint{8 * whole.dtype.itemsize}") + np.asarray(steps, f"uint{8 * whole.dtype.itemsize}")
    ).view(whole.dtype)


@pytest.mark.parametrize(
    "dtype",
    ["float16", BRAIN, "float32", "float64", "complex64", "complex128", "int8", "uint64", "bool"],
    ids=str,
)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 3), (2, 3)], ids=str)
def test_same_is_close_to_itself(dtype: Any, shape: tuple[int, ...]) -> None:
    """Any array is the same as a copy, of any backend."""
    x = np.ones(shape, dtype=dtype)
    assert_same(x, x.copy())
    assert_close(x, x.copy())
    if obstacle("jax") is None:
        y = accel.to_device(x, "jax", copy=True)
        assert_same(y, accel.to_device(x, "jax", copy=True))
        assert_same(y, x, check_namespace=False)


@pytest.mark.parametrize("dtype", ["float16", BRAIN, "float32", "float64"], ids=str)
def test_one_ulp_is_found(dtype: Any) -> None:
    """One step between two numbers is not the same, and close by one ulp."""
    x = np.ones((2, 3), dtype=dtype)
    y = x.copy()
    y[1, 2] = up(y[1, 2])
    with pytest.raises(AssertionError, match=r"1 of 6 elements differ; the worst is at \[1, 2\]") as caught:
        assert_same(y, x)
    assert "apart    1 ulp" in str(caught.value)
    assert_close(y, x, ulp=1)
    with pytest.raises(AssertionError, match="1 ulp"):
        assert_close(y, x, ulp=0)
    with pytest.raises(AssertionError, match=r"accel\.add is exact"):
        assert_close(y, x, op="add")


def test_one_ulp_beyond_the_promise_of_an_op() -> None:
    """Two results of sin may be 8 ulp apart, 4 on either side, and not 9."""
    x = np.full(3, 0.75, dtype="float32")
    assert_close(up(x, 8), x, op="sin")
    with pytest.raises(AssertionError) as caught:
        assert_close(up(x, 9), x, op="exp")
    assert str(caught.value) == (
        "actual is not close to desired: 3 of 3 elements differ; the worst is at [0]:\n"
        "  actual   np.float32(0.75000054)\n"
        "  desired  np.float32(0.75)\n"
        "  apart    9 ulp (5.36e-07)\n"
        "  allowed  8 ulp: accel.exp is within 4 ulp of the true value, on either side"
    )


def test_message_for_nested_results() -> None:
    """The message names the part that differs, word for word."""
    got = {"a": (np.asarray([1.0, -0.0]), 1), "b": Pair(1, 2)}
    want = {"a": (np.asarray([1.0, 0.0]), 1), "b": Pair(1, 2)}
    assert_same(got, want, signed_zeros=False)
    assert_close(got, want)
    with pytest.raises(AssertionError) as caught:
        assert_same(got, want)
    assert str(caught.value) == (
        "actual['a'][0] is not desired['a'][0]: 1 of 2 elements differ; the worst is at [1]:\n"
        "  actual   np.float64(-0.0)\n"
        "  desired  np.float64(0.0)\n"
        "  apart    the sign of zero\n"
        "  allowed  nothing"
    )


@pytest.mark.parametrize(
    ("got", "want", "said"),
    [
        ([1, 2], (1, 2), "actual is a Python list, desired a Python tuple: [1, 2]"),
        ((1, 2), (1, 2, 3), "actual has 2 items, desired has 3"),
        ({"a": 1}, {"b": 1}, "actual has the keys ['a'], desired has ['b']"),
        ((1, 2), Pair(1, 2), "actual has the fields None, desired has ('first', 'second')"),
        (Pair(1, 2), Pair(1, 3), "actual.second is not desired.second"),
        (1, True, "actual is a Python int (1), desired a Python bool (True); write check_dtype=False"),
        ("a", "b", "actual is not desired: 'a', where 'b' is wanted"),
        (None, 1, "actual is not desired: None, where 1 is wanted"),
        (None, np.ones(1), "actual is None, not an array like desired, an array of numpy: None"),
        (1.0, np.float64(1), "actual is a Python float, not an array like desired, an array of numpy: 1.0"),
        (np.float64(1), 1.0, "actual is an array of numpy, desired is a Python float; write check_namespace=False"),
        (np.ones(2), np.ones(3), "actual has shape (2,), desired (3,); write check_shape=False"),
        (np.ones(2), np.ones(2, "float32"), "actual has dtype float64, desired float32; write check_dtype=False"),
        (np.ones(2), np.ones(3, "int8"), "actual has dtype float64, desired int8"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("check", [assert_same, assert_close])
def test_structure_is_compared_first(check: Any, got: Any, want: Any, said: str) -> None:
    """What is not even of one kind is said so, before values."""
    with pytest.raises(AssertionError) as caught:
        check(got, want)
    assert str(caught.value).replace(" close to", "").startswith(said)


def test_facts_that_are_left_open() -> None:
    """Each fact can be left out, and the values still count."""
    x = np.asarray([1.0, 2.0])
    assert_same(x, x.astype("float32"), check_dtype=False)
    assert_same(x, x.astype("int32"), check_dtype=False)
    assert_same(np.ones((2, 2)), np.ones(2), check_shape=False)
    assert_close(x, [1.0, 2.0], check_namespace=False)
    assert_close(x.astype("float32") / 3, [1 / 3, 2 / 3], check_namespace=False, ulp=0)
    assert_close(np.float32(2), 2, check_namespace=False)
    assert_same(1, 1.0, check_dtype=False)
    with pytest.raises(AssertionError, match="differ"):
        assert_close(x.astype("int64"), [1.5, 2.0], check_namespace=False)
    with pytest.raises(AssertionError, match="do not broadcast"):
        assert_same(np.ones(3), np.ones(2), check_shape=False)
    with pytest.raises(AssertionError, match="a Python list"):
        assert_close(x, [[1.0], [1.0, 2.0]], check_namespace=False)


@needs_jax
def test_namespaces_and_devices_are_compared() -> None:
    """Another backend, or another device of one backend, is another result."""
    x = np.asarray([1.0, 2.0])
    y = accel.to_device(x, "jax", copy=True)
    with pytest.raises(AssertionError) as caught:
        assert_close(y, x)
    assert str(caught.value) == (
        "actual is an array of jax, desired is an array of numpy; write check_namespace=False to compare them all the same."
    )
    assert_close(y, x, check_namespace=False)
    assert_close(x, y, check_namespace=False)
    with pytest.raises(AssertionError, match="has dtype float64, desired float32"):
        assert_close(y, x.astype("float32"), check_namespace=False)
    first, second = (accel.to_device(x, f"jax:cpu:{n}", copy=True) for n in (0, 1))
    with pytest.raises(AssertionError) as caught:
        assert_same(second, first)
    assert str(caught.value) == (
        "actual is on jax:cpu:1, desired on jax:cpu:0; write check_device=False to compare them all the same."
    )
    assert_same(second, first, check_device=False)


def test_tolerances_that_a_caller_names() -> None:
    """Of ulp and rtol with atol one has to be kept; integers count too, and atol may be an array."""
    x, y = np.asarray([100.0, 0.0]), np.asarray([101.0, 1e-9])
    assert_close(y, x, rtol=0.01, atol=1e-9)
    with pytest.raises(AssertionError, match=r"1 of 2 .*\n.*\n.*\n.*\n  allowed  1: ulp=0, rtol=0\.01"):
        assert_close(y + np.asarray([1, -1e-9]), x, rtol=0.01, ulp=0)
    assert_close(y, x, atol=np.asarray([1.0, 1e-9]))
    with pytest.raises(AssertionError, match=r"1 of 2 .* at \[1\]"):
        assert_close(y, x, atol=np.asarray([1.0, 1e-10]))
    assert_close(np.asarray([100]), np.asarray([101]), rtol=0.01)
    with pytest.raises(AssertionError, match="allowed  nothing: integers and booleans are exact"):
        assert_close(np.asarray([100]), np.asarray([101]))
    with pytest.raises(ArgumentError, match="rtol"):
        assert_close(y, x, rtol=-1)
    with pytest.raises(ArgumentError, match="'sine'"):
        assert_close(y, x, op="sine")


def test_a_conditioned_op_is_held_to_its_bound_for_the_arguments() -> None:
    """Sums that cancel may be far apart, as far as their terms are large; the message has the formula."""
    x = np.asarray([1e8, 1.0, -1e8], dtype="float32")
    one, other = np.asarray(1.0, dtype="float32"), np.asarray(9.0, dtype="float32")
    with pytest.raises(AssertionError, match=r"the default for the conditioned accel\.sum"):
        assert_close(other, one, op="sum")
    assert_close(other, one, op="sum", case=Case((x,)))
    small = np.asarray([1.0, 1.0, -1.0], dtype="float32")
    with pytest.raises(AssertionError) as caught:
        assert_close(other, one, op="sum", case=Case((small,)))
    assert f"accel.sum is off by at most {specs['sum'].bound}, on either side" in str(caught.value)
    if obstacle("jax") is None:
        assert_close(other, one, op="sum", case=Case((accel.to_device(x, "jax"),)))
    integer = np.asarray(3)
    with pytest.raises(AssertionError, match="integers and booleans are exact"):
        assert_close(integer, integer + 1, op="sum", case=Case((integer,)))


def test_nan_infinities_and_subnormals() -> None:
    """Every nan is the same; infinities have signs; subnormals may be flushed where closeness is asked for, not sameness."""
    assert_same(np.asarray([np.nan, np.inf]), -np.asarray([np.nan, -np.inf]))
    with pytest.raises(AssertionError, match="elements differ"):
        assert_close(np.asarray([np.inf]), np.asarray([-np.inf]))
    with pytest.raises(AssertionError, match="elements differ"):
        assert_close(np.asarray([np.nan]), np.asarray([1.0]), atol=np.inf)
    tiny = np.asarray([1e-310])
    assert_close(tiny, tiny * 0)
    with pytest.raises(AssertionError):
        assert_same(tiny, tiny * 0)


def test_the_mode_of_matmul_is_the_one_in_force(monkeypatch: pytest.MonkeyPatch) -> None:
    """Inside `matmul_precision` the table's numbers are those of the mode, for devices that have it."""
    x = np.ones((2, 2), dtype="float32")
    y = x * np.float32(1.001)
    with accel.matmul_precision("default"), pytest.raises(AssertionError, match="elements differ"):
        assert_close(x, y, op="matmul")  # no CPU rounds factors
    monkeypatch.setitem(FACTORS, ("cpu", "default"), 2.0**-7)
    with accel.matmul_precision("default"):
        assert_close(x, y, op="matmul")
        assert_close(x @ x, x @ y, op="matmul", case=Case((x, x)))
    with pytest.raises(AssertionError, match="elements differ"):
        assert_close(x @ x, x @ y, op="matmul", case=Case((x, x)))
    assert_close(x, y, op="matmul", mode="default")
    with pytest.raises(AssertionError, match="elements differ"):
        assert_close(x, y, op="matmul")
    with pytest.raises(ArgumentError, match="'best'"):
        assert_close(x, x, mode="best")


def test_errors_alike() -> None:
    """A mistake that accel refuses alike everywhere passes, and the errors come back."""
    raised = assert_raises_alike(accel.sum, np.ones((2, 3)), axis=5, error=AxisError)
    assert set(raised) >= {"numpy"}
    assert {type(error) for error in raised.values()} == {AxisError}


def test_errors_that_are_not_alike() -> None:
    """No error, another class, another message and an unwanted class are told apart."""
    x = np.ones((2, 3))
    with pytest.raises(AssertionError, match="raised nothing on numpy, it gave"):
        assert_raises_alike(accel.sum, x, backends=["numpy"])
    with pytest.raises(AssertionError, match="wanted is KeyError"):
        assert_raises_alike(accel.sum, x, axis=5, error=KeyError, backends=["numpy"])

    def by_backend(x: Any, other: Exception) -> None:
        raise ValueError("first") if accel.device(x).backend == "numpy" else other

    others = [name for name in ("jax", "cupy") if obstacle(name) is None]
    for wrong in (TypeError("first"), ValueError("second")):
        for other in others:
            with pytest.raises(AssertionError, match="but on numpy it raised ValueError: first"):
                assert_raises_alike(by_backend, x, wrong, backends=["numpy", other])


@needs_jax
def test_words_about_arrays_may_differ_between_errors() -> None:
    """Names of backends, classes, devices and dtypes, and printed arrays, are no difference; a number is."""

    def refuse(x: Any, count: Any) -> None:
        backend = accel.device(x).backend
        raise ValueError(
            f"{type(x).__name__} of {backend} with {x.dtype} on {accel.device(x)}: {x!r} has {count(backend)}"
        )

    assert_raises_alike(refuse, np.ones(3), lambda backend: 3, backends=["numpy", "jax"])
    with pytest.raises(AssertionError, match="but on numpy"):
        assert_raises_alike(refuse, np.ones(3), len, backends=["numpy", "jax"])


def test_a_backend_that_is_named_has_to_run() -> None:
    """What nobody knows is an error, not a skip."""
    with pytest.raises(ArgumentError, match="no backend 'torch'"):
        assert_raises_alike(accel.sum, np.ones(3), axis=5, backends=["torch"])
