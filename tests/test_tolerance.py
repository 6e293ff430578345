"""The table of tolerances: what it promises by op, dtype, device and mode; and the comparison of values under it."""

from __future__ import annotations

import doctest
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

import accel
import accel.testing.tolerance
import accel.testing.ulp
from accel.dispatch import specs
from accel.errors import ArgumentError
from accel.testing.agreement import Allowance, allowed, difference
from accel.testing.tolerance import DEFAULTS, tolerance
from accel.testing.ulp import FORMATS, distance, eps, smallest

BRAIN: Any = accel.namespace("numpy").bfloat16
FLOATS = {"float16": np.float16, "bfloat16": BRAIN, "float32": np.float32, "float64": np.float64}


def device(kind: str) -> accel.Device:
    return accel.Device("imagined", kind, 0, object())


@pytest.mark.parametrize("module", [accel.testing.tolerance, accel.testing.ulp], ids=lambda m: m.__name__)
def test_examples_of_the_docstrings(module: Any) -> None:
    """The examples run."""
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize("name", ["float16", "float32", "float64"])
def test_formats_are_numpys(name: str) -> None:
    """The facts about the formats are those NumPy has, where it has them."""
    info = np.finfo(name)
    assert eps(name) == float(info.eps)
    assert smallest(name) == 4 * float(info.smallest_normal)


def test_bfloat16_is_the_format_of_its_library() -> None:
    """The facts about bfloat16 are what its own arithmetic shows."""
    one = np.ones((), dtype=BRAIN)
    assert float(one + BRAIN(eps("bfloat16"))) == 1 + eps("bfloat16")
    assert float(one + BRAIN(eps("bfloat16") / 2)) == 1.0
    assert float(BRAIN(smallest("bfloat16") / 4)) > 0


@pytest.mark.parametrize("name", FORMATS)
@given(data=st.data())
def test_distance_counts_the_numbers_between(name: str, data: st.DataObject) -> None:
    """Numbers whose patterns are n apart are n units apart, over zero as well."""
    bits = 8 * np.dtype(FLOATS[name]).itemsize
    top, infinity = 1 << (bits - 1), int(np.asarray(np.inf, dtype=FLOATS[name]).view(f"uint{bits}"))
    # An order of the floats that does without their patterns: negative ones count down from zero.
    n, m = (data.draw(st.integers(-infinity, infinity)) for _ in range(2))
    a, b = (np.asarray([top - i if i < 0 else i], dtype=f"uint{bits}").view(FLOATS[name]) for i in (n, m))
    assert distance(a, b)[0] == float(abs(n - m))
    assert (distance(a, b)[0] == 0) == bool(a[0] == b[0])


@pytest.mark.parametrize("name", FORMATS)
def test_distance_of_zeros_nan_and_empty_arrays(name: str) -> None:
    """Both zeros are one number, nan is near nan alone, and shapes stay what they are."""

    def array(*values: float) -> Any:
        return np.asarray(values, dtype=FLOATS[name])

    assert distance(array(0.0, np.nan, np.nan, 1.0), array(-0.0, np.nan, 1.0, np.nan)).tolist() == [
        0,
        0,
        np.inf,
        np.inf,
    ]
    assert distance(array(np.nan), -array(np.nan)).tolist() == [0]
    assert distance(array(1.0)[0:0], array(1.0)[0:0]).shape == (0,)
    scalar = np.asarray(1.0, dtype=FLOATS[name])
    apart = distance(scalar, np.asarray(1 + eps(name), dtype=FLOATS[name]))
    assert apart.shape == ()
    assert apart == 1
    strided = array(1.0, 9.0, 2.0, 9.0)[::2]
    assert distance(strided, strided[::-1].copy()[::-1]).tolist() == [0, 0]


def test_every_op_has_a_tolerance_in_every_dtype() -> None:
    """The table has no holes, and what it says goes with the class of the op."""
    assert callable(accel.add)
    for name, spec in specs.items():
        for dtype in ("bool", "int8", "uint64", *FORMATS, "complex64", "complex128"):
            found = tolerance(name, dtype)
            assert found.ulp is not None or found.eps is not None, (name, dtype)
            assert found.reason
        for dtype in FORMATS:
            found = tolerance(name, dtype)
            if spec.same == "exact":
                assert (found.ulp, found.eps) == (0, None)
            elif spec.same == "bounded":
                assert found.ulp == spec.ulp
            elif spec.bound == "0":
                assert found.ulp == 0
            else:
                assert found.ulp is None
                assert (found.eps or 0) > 0


def test_a_function_has_the_default_of_its_dtype() -> None:
    """Without an op the number hangs on the dtype alone; integers are exact."""
    assert {name: tolerance(None, name).ulp for name in DEFAULTS} == DEFAULTS
    assert tolerance(None, "int32").ulp == 0
    assert tolerance(None, "complex64").eps == DEFAULTS["float32"]


def test_modes_widen_float32_products_on_accelerators_alone() -> None:
    """TF32 and bfloat16 passes are allowed for where they can happen, and nowhere else."""
    full = tolerance("matmul", "float32", device=device("gpu"))
    for mode in ("high", "default"):
        assert tolerance("matmul", "float32", device=device("cpu"), mode=mode) == full
        assert (tolerance("matmul", "float32", device=device("gpu"), mode=mode).eps or 0) > (full.eps or 0)
        assert tolerance("matmul", "float64", device=device("gpu"), mode=mode).eps == full.eps
        assert tolerance("sum", "float32", device=device("gpu"), mode=mode) == tolerance("sum", "float32")
        assert tolerance("exp", "float32", device=device("tpu"), mode=mode) == tolerance("exp", "float32")
        assert (tolerance(None, "float32", device=device("tpu"), mode=mode).ulp or 0) > DEFAULTS["float32"]
    on_tpu = [
        tolerance("matmul", "complex64", device=device("tpu"), mode=mode).eps or 0
        for mode in ("highest", "high", "default")
    ]
    assert on_tpu == sorted(on_tpu)
    assert len(set(on_tpu)) == 3
    unknown = tolerance("matmul", "float32", mode="default")
    assert unknown.eps == tolerance("matmul", "float32", device=device("tpu"), mode="default").eps


def test_nothing_is_promised_for_float64_on_a_tpu() -> None:
    """Both numbers are missing there, and the reason says why."""
    found = tolerance("sin", "float64", device=device("tpu"))
    assert (found.ulp, found.eps) == (None, None)
    assert "TPU" in found.reason
    assert tolerance("sin", "complex128", device=device("tpu")).ulp is None


@pytest.mark.parametrize(("op", "mode"), [("sine", "highest"), ("sin", "best")])
def test_what_is_not_in_the_table_is_refused(op: str, mode: str) -> None:
    """Unknown ops and modes get an error that names them."""
    with pytest.raises(ArgumentError, match="sine" if op == "sine" else "best"):
        tolerance(op, "float32", mode=mode)


def test_numbers_of_the_table_count_twice_between_backends() -> None:
    """Either side may be off by the promise; beside an oracle only one is."""
    one = np.ones(1, dtype=np.float32)
    promise = tolerance("sin", "float32")
    for sides in (1, 2):
        limits = allowed(promise, one, sides)
        inside, outside = (one + np.float32(n * eps("float32")) for n in (4 * sides, 4 * sides + 1))
        assert difference(one, inside, limits) is None
        assert difference(one, outside, limits) is not None


def test_a_floor_holds_near_zero() -> None:
    """Where a spec measures the error by 1, results near zero may be off by ulp of 1."""
    promise = tolerance("logaddexp", "float64")
    near_zero = np.asarray([1e-12])
    assert difference(near_zero, near_zero + 6 * eps("float64"), allowed(promise, near_zero)) is None
    assert difference(near_zero, near_zero + 10 * eps("float64"), allowed(promise, near_zero)) is not None


def test_conditioned_ops_are_measured_by_the_largest_element() -> None:
    """A small element of a product may be off by what the large one loses."""
    x = np.asarray([1e8, 1.0], dtype=np.float32)
    y = x + np.asarray([0, 1], dtype=np.float32)
    assert difference(x, y, allowed(tolerance("matmul", "float32"), x)) is None
    assert difference(x, y, allowed(tolerance(None, "float32"), x)) is not None


def test_bounds_ulp_and_signs_of_zero() -> None:
    """Each limit alone lets an element pass; the sign of a zero is wrong only where it counts."""
    a, b = np.asarray([1.0, 1e-3, 0.0]), np.asarray([1.0 + 1e-9, 2e-3, -0.0])
    assert difference(a, b, Allowance(0, 2e-3, zeros=False)) is None
    found = difference(a, b, Allowance(0, 1e-6, zeros=True))
    assert found is not None
    assert (found.count, found.size) == (2, 3)
    assert found.index == (1,)
    assert difference(a[2:], b[2:], Allowance(zeros=True)) is not None
    assert difference(a[2:], b[2:], Allowance(zeros=False)) is None


def test_what_is_flushed_and_what_is_not_finite() -> None:
    """Numbers near zero may be flushed unless they count; infinities have to be the same."""
    tiny, zero = np.asarray([1e-45], dtype=np.float32), np.zeros(1, dtype=np.float32)
    assert difference(tiny, zero, Allowance()) is None
    assert difference(tiny, zero, Allowance(subnormal=True)) is not None
    large, infinite = np.asarray([np.finfo(np.float64).max]), np.asarray([np.inf])
    assert difference(infinite, large, Allowance(0, 1e308)) is not None
    assert difference(infinite, infinite, Allowance(0, 1.0)) is None
    assert difference(infinite, -infinite, Allowance(0, np.inf)) is not None
    some = np.asarray([complex(np.inf, np.nan)])
    assert difference(some, np.asarray([complex(np.nan, -np.inf)]), Allowance(0, 1.0)) is None
    assert difference(some, np.asarray([complex(np.nan, -np.inf)]), Allowance()) is not None


def test_integers_are_compared_whole() -> None:
    """64-bit integers differ by their last bit, which no float holds; two widths compare by value."""
    large = np.asarray([2**62], dtype=np.int64)
    assert difference(large, large + 1, Allowance()) is not None
    assert difference(large.astype(np.uint64), large, Allowance()) is None
    assert difference(large, large + 1, Allowance(0, 2.0)) is None


def test_two_dtypes_are_compared_in_the_narrower() -> None:
    """A true value of more digits counts as the nearest number of the dtype."""
    third = np.asarray([1.0]) / 3
    for narrow in (np.float32, np.float16, BRAIN):
        assert difference(third, third.astype(narrow), Allowance()) is None
        assert difference(third.astype(narrow), third, Allowance()) is None
    assert difference(third.astype(np.longdouble), third, Allowance()) is None
    assert difference(third.astype(object), third.astype(np.float32), Allowance()) is None
    assert difference(third.astype(">f8"), third, Allowance()) is None
    assert difference(third + 0j, third.astype(np.float32), Allowance()) is None
