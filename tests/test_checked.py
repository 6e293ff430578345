"""accel.checked: the same error with the same sentence on every backend, eager and compiled, and nothing changed otherwise."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import accel
import accel.checking as checking
import accel.checks as checks
import accel.errors as errors
import accel.extra
import accel.fft
import accel.linalg
import accel.nn
import accel.random
import accel.registry as registry
from accel.dispatch import specs
from accel.errors import (
    AccelError,
    ArgumentError,
    CastError,
    DivisionError,
    DTypeError,
    KeyReuseError,
    NaNError,
    NotPositiveDefiniteError,
    OutOfBoundsError,
    ShapeError,
    SingularMatrixError,
    UnsupportedError,
)
from accel.testing.rows import Row, obstacle

pytestmark = [
    # NumPy warns of casts that lose, and of nan; what is tested here is the error that follows.
    pytest.mark.filterwarnings("ignore::RuntimeWarning"),
]

Data = npt.NDArray[Any]


@dataclass(frozen=True)
class Fault:
    """A call that checked mode refuses: a function of a namespace and arrays, and what is raised."""

    name: str
    call: Callable[..., Any]
    data: tuple[Data, ...]
    error: type[AccelError]
    sentence: str
    compiles: bool = True

    def __repr__(self) -> str:
        return self.name


def fault(
    name: str, call: Callable[..., Any], *data: Any, error: type[AccelError], says: str, **more: Any
) -> Fault:
    return Fault(name, call, tuple(np.asarray(x) for x in data), error, says, **more)


FIT = "Clip them with accel.clip, or take a wider dtype."
KEEP = "keep such values out, as with accel.where, or allow nan by leaving accel.checked()."
RULE = "which no rule of the Array API standard brings together"
INT8 = "it holds whole numbers from -128 to 127. " + FIT

FAULTS = [
    fault(
        "take beyond the end",
        lambda xp, x, i: xp.take(x, i),
        [1.0, 2.0],
        [0, 2],
        error=OutOfBoundsError,
        says="accel.take: 1 of 2 indices are out of bounds, the first at index (1,) of indices: 2; "
        "axis 0 of x has length 2 and takes -2 to 1.",
    ),
    fault(
        "take before the start",
        lambda xp, x, i: xp.take(x, i, axis=-1),
        [[1, 2, 3]],
        np.asarray([1, -4, 7], np.int8),
        error=OutOfBoundsError,
        says="accel.take: 2 of 3 indices are out of bounds, the first at index (1,) of indices: -4; "
        "axis 1 of x has length 3 and takes -3 to 2.",
    ),
    fault(
        "take from nothing",
        lambda xp, x, i: xp.take(x, i, axis=0),
        np.zeros((0, 2)),
        np.asarray([0], np.uint16),
        error=OutOfBoundsError,
        says="accel.take: 1 of 1 indices are out of bounds, as axis 0 of x has length 0.",
    ),
    fault(
        "take_along_axis",
        lambda xp, x, i: xp.take_along_axis(x, i, axis=0),
        [[1.0, 2.0]],
        [[0, 1], [0, -1]],
        error=OutOfBoundsError,
        says="accel.take_along_axis: 1 of 4 indices are out of bounds, the first at index (0, 1) of indices: 1; "
        "axis 0 of x has length 1 and takes -1 to 0.",
    ),
    fault(
        "searchsorted",
        lambda xp, x, s: xp.searchsorted(x, x, sorter=s),
        [1.0, 2.0],
        [0, 3],
        error=OutOfBoundsError,
        says="accel.searchsorted: 1 of 2 indices are out of bounds, the first at index (1,) of sorter: 3; "
        "axis 0 of x1 has length 2 and takes -2 to 1.",
    ),
    fault(
        "repeat",
        lambda xp, x, n: xp.repeat(x, n),
        [1, 2],
        [1, -1],
        error=ShapeError,
        says="accel.repeat: a number of copies cannot be negative, got -1 at index (1,) of repeats.",
        compiles=False,  # the shape depends on the numbers of copies
    ),
    fault(
        "floor_divide",
        lambda xp, x, y: xp.floor_divide(x, y),
        [[1, 2]],
        [[0], [1]],
        error=DivisionError,
        says="accel.floor_divide: 2 of 4 integers are divided by zero, the first at index (0, 0): 1; "
        "replace the zeros first, as in accel.where(x2 == 0, 1, x2).",
    ),
    fault(
        "remainder by a Python zero",
        lambda xp, x: xp.remainder(x, 0),
        np.asarray([3, 2], np.uint8),
        error=DivisionError,
        says="accel.remainder: 2 of 2 integers are divided by zero, the first at index (0,): 3; "
        "replace the zeros first, as in accel.where(x2 == 0, 1, x2).",
    ),
    fault(
        "floor_divide of a Python number",
        lambda xp, x: xp.floor_divide(5, x),
        [1, 0],
        error=DivisionError,
        says="accel.floor_divide: 1 of 2 integers are divided by zero, the first at index (1,): 5; "
        "replace the zeros first, as in accel.where(x2 == 0, 1, x2).",
    ),
    fault(
        "nan to an integer",
        lambda xp, x: xp.astype(x, xp.int8),
        [1.0, np.nan, 128.0, 127.9, -128.9],
        error=CastError,
        says="accel.astype: 2 of 5 elements of x do not fit int8, the first at index (1,): nan; " + INT8,
    ),
    fault(
        "float32 to int64",
        lambda xp, x: xp.astype(x, xp.int64),
        np.asarray([-(2.0**63), 2.0**63], np.float32),
        error=CastError,
        says="accel.astype: 1 of 2 elements of x do not fit int64, the first at index (1,): 9.223372036854775807e+18; "
        "it holds whole numbers from -9223372036854775808 to 9223372036854775807. ".replace(
            "9.223372036854775807e+18", "9.223372036854776e+18"
        )
        + FIT,
    ),
    fault(
        "int64 to int8",
        lambda xp, x: xp.astype(x, xp.int8),
        [1, 2**40],
        error=CastError,
        says="accel.astype: 1 of 2 elements of x do not fit int8, the first at index (1,): 1099511627776; "
        + INT8,
    ),
    fault(
        "int8 to uint64",
        lambda xp, x: xp.astype(x, xp.uint64),
        np.asarray([1, -1], np.int8),
        error=CastError,
        says="accel.astype: 1 of 2 elements of x do not fit uint64, the first at index (1,): -1; "
        "it holds whole numbers from 0 to 18446744073709551615. " + FIT,
    ),
    fault(
        "float64 to float32",
        lambda xp, x: xp.astype(x, xp.float32),
        [np.inf, np.nan, 1e39],
        error=CastError,
        says="accel.astype: 1 of 3 elements of x do not fit float32, the first at index (2,): 1e+39; "
        "it holds finite numbers up to 3.4028234663852886e+38. " + FIT,
    ),
    fault(
        "complex128 to complex64",
        lambda xp, x: xp.astype(x, xp.complex64),
        [1e39j],
        error=CastError,
        says="accel.astype: 1 of 1 elements of x do not fit complex64, the first at index (0,): 1e+39j; "
        "it holds finite numbers up to 3.4028234663852886e+38. " + FIT,
    ),
    fault(
        "asarray",
        lambda xp, x: xp.asarray(x, dtype=xp.int16),
        [[1.0], [-np.inf]],
        error=CastError,
        says="accel.asarray: 1 of 2 elements of obj do not fit int16, the first at index (1, 0): -inf; "
        "it holds whole numbers from -32768 to 32767. " + FIT,
    ),
    fault(
        "full_like",
        lambda xp, x: xp.full_like(x, 1e300),
        np.asarray([1], np.float32),
        error=CastError,
        says="accel.full_like: 1 of 1 elements of fill_value do not fit float32, the first at index (): 1e+300; "
        "it holds finite numbers up to 3.4028234663852886e+38. " + FIT,
    ),
    fault(
        "sum",
        lambda xp, x: xp.sum(x, dtype=xp.int8),
        [100, 1000],
        error=CastError,
        says="accel.sum: 1 of 2 elements of x do not fit int8, the first at index (1,): 1000; " + INT8,
    ),
    fault(
        "cumulative_prod",
        lambda xp, x: xp.cumulative_prod(x, dtype=xp.int8),
        [1, -129],
        error=CastError,
        says="accel.cumulative_prod: 1 of 2 elements of x do not fit int8, the first at index (1,): -129; "
        + INT8,
    ),
    fault(
        "integers with floats",
        lambda xp, x, y: xp.add(x, y),
        np.asarray([1], np.int32),
        [1.0],
        error=DTypeError,
        says=f"accel.add got arrays of mixed kinds, x1 of dtype int32 and x2 of dtype float64, {RULE}; "
        "write accel.astype(x1, x2.dtype).",
    ),
    fault(
        "uint64 with int64",
        lambda xp, x, y: xp.equal(x, y),
        np.asarray([1], np.uint64),
        [1],
        error=DTypeError,
        says=f"accel.equal got arrays of mixed kinds, x1 of dtype uint64 and x2 of dtype int64, {RULE}; "
        "write accel.astype(x1, x2.dtype).",
    ),
    fault(
        "bool with floats in concat",
        lambda xp, x, y: xp.concat([x, y]),
        [1.0],
        [True],
        error=DTypeError,
        says=f"accel.concat got arrays of mixed kinds, arrays[0] of dtype float64 and arrays[1] of dtype bool, {RULE}; "
        "write accel.astype(arrays[1], arrays[0].dtype).",
    ),
    fault(
        "uint64 with int8, not side by side",
        lambda xp, x, y, z: xp.stack([x, y, z]),
        np.asarray([1], np.int8),
        np.asarray([1], np.uint8),
        np.asarray([1], np.uint64),
        error=DTypeError,
        says=f"accel.stack got arrays of mixed kinds, arrays[0] of dtype int8 and arrays[2] of dtype uint64, {RULE}; "
        "write accel.astype(arrays[0], arrays[2].dtype).",
    ),
    fault(
        "integers with a Python float",
        lambda xp, x: xp.multiply(x, 0.5),
        [1],
        error=DTypeError,
        says=f"accel.multiply got the Python float 0.5 in x2 beside x1 of dtype int64, {RULE}; "
        "cast the array first, as in accel.astype(x1, accel.float64).",
    ),
    fault(
        "singular by nature",
        lambda xp, x: xp.linalg.inv(x),
        np.ones((2, 2)),
        error=SingularMatrixError,
        says="accel.linalg.inv got a singular matrix in x: rounding to float64 leaves no digit of its inverse; "
        "accel.linalg.pinv gives the pseudo-inverse.",
    ),
    fault(
        "singular but for rounding",
        lambda xp, x: xp.linalg.inv(x),
        np.stack([np.eye(3), np.arange(9.0).reshape(3, 3)]).astype(np.float32),
        error=SingularMatrixError,
        says="accel.linalg.inv got a singular matrix in x, at index (1,): rounding to float32 leaves no digit of its inverse; "
        "accel.linalg.pinv gives the pseudo-inverse.",
    ),
    fault(
        "solve",
        lambda xp, x, y: xp.linalg.solve(x, y),
        np.zeros((2, 2)),
        [1.0, 2.0],
        error=SingularMatrixError,
        says="accel.linalg.solve got a singular matrix in x1: rounding to float64 leaves no digit of its inverse; "
        "accel.linalg.pinv gives the pseudo-inverse.",
    ),
    fault(
        "matrix_power",
        lambda xp, x: xp.linalg.matrix_power(x, -2),
        np.ones((2, 2)) * 1j,
        error=SingularMatrixError,
        says="accel.linalg.matrix_power got a singular matrix in x: rounding to complex128 leaves no digit of its inverse; "
        "accel.linalg.pinv gives the pseudo-inverse.",
    ),
    fault(
        "cholesky",
        lambda xp, x: xp.linalg.cholesky(x),
        np.asarray([[1.0, 2.0], [2.0, 1.0]]),
        error=NotPositiveDefiniteError,
        says="accel.linalg.cholesky got a matrix in x that is not positive definite; "
        "only matrices whose eigenvalues are all positive have a Cholesky factor.",
    ),
    fault(
        "cholesky in a stack",
        lambda xp, x: xp.linalg.cholesky(x, upper=True),
        np.stack([np.eye(2), -np.eye(2)])[None],
        error=NotPositiveDefiniteError,
        says="accel.linalg.cholesky got a matrix in x, at index (0, 1) that is not positive definite; "
        "only matrices whose eigenvalues are all positive have a Cholesky factor.",
    ),
    fault(
        "nan of one operand",
        lambda xp, x: xp.log(x),
        [1.0, np.nan, -1.0],
        error=NaNError,
        says=f"accel.log made nan in 1 of 3 elements, the first at index (2,), where x is -1.0; {KEEP}",
    ),
    fault(
        "nan of two operands",
        lambda xp, x, y: xp.subtract(x, y),
        np.asarray([[1.0, np.inf]], np.float32),
        np.asarray([[1.0], [np.inf]], np.float32),
        error=NaNError,
        says=f"accel.subtract made nan in 1 of 4 elements, the first at index (1, 1), where x1 is inf and x2 is inf; {KEEP}",
    ),
    fault(
        "nan beside a Python number",
        lambda xp, x: xp.divide(x, 0.0),
        [1.0, 0.0],
        error=NaNError,
        says=f"accel.divide made nan in 1 of 2 elements, the first at index (1,), where x1 is 0.0 and x2 is 0.0; {KEEP}",
    ),
    fault(
        "nan of integers",
        lambda xp, x, y: xp.divide(x, y),
        [1, 0],
        [0, 0],
        error=NaNError,
        says=f"accel.divide made nan in 1 of 2 elements, the first at index (1,), where x1 is 0 and x2 is 0; {KEEP}",
    ),
    fault(
        "nan of a sum",
        lambda xp, x: xp.sum(x, axis=1),
        [[1.0, 2.0], [np.inf, -np.inf]],
        error=NaNError,
        says="accel.sum made nan though its arguments hold none, in 1 of 2 elements of the result, the first at index (1,); "
        + KEEP,
    ),
    fault(
        "nan of the mean of nothing",
        lambda xp, x: xp.mean(x),
        np.zeros(0),
        error=NaNError,
        says="accel.mean made nan though its arguments hold none, in 1 of 1 elements of the result, the first at index (); "
        + KEEP,
    ),
    fault(
        "nan of differences",
        lambda xp, x: xp.diff(x),
        [np.inf, np.inf],
        error=NaNError,
        says="accel.diff made nan though its arguments hold none, in 1 of 1 elements of the result, the first at index (0,); "
        + KEEP,
    ),
    fault(
        "left shift",
        lambda xp, x, y: xp.bitwise_left_shift(x, y),
        [1, 2],
        [1, -1],
        error=ArgumentError,
        says="accel.bitwise_left_shift: 1 of 2 elements are shifted by a negative number of places, "
        "the first at index (1,): -1; shift in the other direction instead.",
    ),
    fault(
        "right shift",
        lambda xp, x: xp.bitwise_right_shift(x, -3),
        [1, 2],
        error=ArgumentError,
        says="accel.bitwise_right_shift: 2 of 2 elements are shifted by a negative number of places, "
        "the first at index (0,): -3; shift in the other direction instead.",
    ),
    fault(
        "negative power",
        lambda xp, x, y: xp.pow(x, y),
        [1, 2],
        [-2, 1],
        error=ArgumentError,
        says="accel.pow: 1 of 2 integers are raised to a negative power, the first at index (0,): 1 ** -2; "
        "cast the bases to a floating-point dtype first.",
    ),
    fault(
        "labels of classes that there are not",
        lambda xp, x, labels: xp.nn.cross_entropy(x, labels),
        np.zeros((2, 3)),
        [1, 3],
        error=OutOfBoundsError,
        says="accel.nn.cross_entropy: 1 of 2 labels are out of bounds, the first at index (1,) of target: 3; "
        "there are 3 classes, 0 to 2, and -100 is ignored.",
    ),
    fault(
        "embedding beyond the end",
        lambda xp, i, weight: xp.nn.embedding(i, weight),
        [0, 4],
        np.ones((3, 2)),
        error=OutOfBoundsError,
        says="accel.nn.embedding: 1 of 2 indices are out of bounds, the first at index (1,) of indices: 4; "
        "axis 0 of weight has length 3 and takes -3 to 2.",
    ),
    fault(
        "positions beyond the end",
        lambda xp, x, i: xp.extra.get_at(x, i),
        [1.0, 2.0],
        [0, 2],
        error=OutOfBoundsError,
        says="accel.extra.get_at: 1 of 2 positions are out of bounds, the first at index (1,) of the array in the index: 2; "
        "axis 0 of x has length 2 and takes -2 to 1.",
    ),
    fault(
        "segments that there are not",
        lambda xp, x, i: xp.extra.segment_sum(x, i, num_segments=2),
        [1.0, 2.0],
        [0, 2],
        error=OutOfBoundsError,
        says="accel.extra.segment_sum: 1 of 2 numbers of segments are out of bounds, the first at index (1,) of segment_ids: 2; "
        "the segments are 0 to 1.",
    ),
    fault(
        "counting below 0",
        lambda xp, x: xp.extra.bincount(x, length=3),
        [1, -2],
        error=OutOfBoundsError,
        says="accel.extra.bincount: 1 of 2 elements cannot be counted, the first at index (1,): -2; length=3 takes 0 to 2.",
    ),
    fault(
        "bins in no order",
        lambda xp, x, bins: xp.extra.digitize(x, bins),
        [1.0, 2.0],
        [0.0, 2.0, 1.0],
        error=ArgumentError,
        says="accel.extra.digitize: bins have to increase, or decrease, throughout, and 1.0 follows 2.0 at index (1,); "
        "accel.sort puts them in order.",
    ),
    fault(
        "a range that is not finite",
        lambda xp, x: xp.extra.histogram(x, 2),
        [1.0, np.nan],
        error=ArgumentError,
        says="accel.extra.histogram: 1 of 2 elements are not finite, the first at index (1,): nan; give the range.",
    ),
    fault(
        "fractions above 1",
        lambda xp, x, q: xp.extra.quantile(x, q),
        [1.0, 2.0],
        [0.5, 1.5],
        error=ArgumentError,
        says="accel.extra.quantile: q lies in [0, 1], got 1.5 at index (1,); 1 of 2 do not.",
    ),
    fault(
        "a pivot of zero",
        lambda xp, a, b: xp.extra.solve_triangular(a, b),
        [[1.0, 2.0], [0.0, 0.0]],
        [1.0, 1.0],
        error=SingularMatrixError,
        says="accel.extra.solve_triangular got a singular matrix in a: its diagonal has a zero, the first of 1 at index (1,).",
    ),
    fault(
        "infinity to be quantised",
        lambda xp, x: xp.nn.quantise_int8(x),
        [[1.0, np.inf]],
        error=CastError,
        says="accel.nn.quantise_int8: 1 of 2 elements of x are nan or infinite, the first at index (0, 1): inf; "
        "no integer and scale stand for such a number. Replace them first, as in accel.where(accel.isfinite(x), x, 0.0).",
    ),
    fault(
        "a key drawn from twice",
        lambda xp, key: (xp.random.bits(key), xp.random.bits(key)),
        np.asarray([0, 1], np.uint32),
        error=KeyReuseError,
        says="accel.random.bits got the key [0, 1], from which something was drawn before, and would give numbers that depend on those; "
        "make keys of it first, as in `first, second = accel.random.split(key)`, and draw from each once.",
        compiles=False,  # a compiled function may be called with another key each time
    ),
]

Chosen = Callable[[Fault, Row], Any]


def dispatched(fault: Fault, row: Row) -> Any:
    return fault.call(accel, *map(row.put, fault.data))


def bound(fault: Fault, row: Row) -> Any:
    arrays = [row.put(x) for x in fault.data]
    return fault.call(accel.namespace(*arrays), *arrays)


def compiled(fault: Fault, row: Row) -> Any:
    return accel.jit(lambda *arrays: fault.call(accel, *arrays))(*map(row.put, fault.data))


@pytest.mark.parametrize("way", [dispatched, bound, compiled])
@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_the_same_error_everywhere(fault: Fault, way: Chosen, plain_row: Row) -> None:
    if way is compiled and not fault.compiles:
        pytest.skip("cannot be compiled")
    with accel.checked(), pytest.raises(fault.error) as caught:
        way(fault, plain_row)
    assert type(caught.value) is fault.error
    assert str(caught.value) == fault.sentence
    # Outside nothing is looked at; indices and numbers of copies are left to the library, which may raise an error of its own.
    if fault.error not in (OutOfBoundsError, ShapeError):
        way(fault, plain_row)


def test_every_check_has_a_fault_and_every_spec_known_checks() -> None:
    used = {name for spec in specs.values() for name in spec.checks}
    assert used == {*checks.BEFORE, *checks.AFTER}
    shown = {fault.sentence.partition(" ")[0].strip(":").removeprefix("accel.") for fault in FAULTS}
    own = {name for name, spec in specs.items() if set(spec.checks) - {"kinds", "nan"} and not spec.composed}
    assert own - shown == {"cumulative_sum", "prod", "full", "linalg.trace"}  # as their neighbours
    assert used - {"kinds", "nan"} == {name for op in shown if op in specs for name in specs[op].checks} - {
        "kinds",
        "nan",
    }


def test_the_page_names_every_op_and_error() -> None:
    page = (Path(__file__).parents[1] / "docs" / "checked.md").read_text(encoding="utf-8")
    for name, spec in specs.items():
        if spec.part != "random" and set(spec.checks) - {"kinds", "nan"}:
            assert f"`{name}`" in page, f"docs/checked.md does not name {name}"
    for error in {fault.error for fault in FAULTS}:
        assert f"`{error.__name__}({', '.join(base.__name__ for base in error.__bases__[1:])})`" in page


def test_a_backend_with_nothing_but_the_standard_is_checked_too() -> None:
    strict = pytest.importorskip("array_api_strict")
    beyond = {"cholesky", "cholesky in a stack", "nan of integers"}  # it refuses these by itself
    with registry.announce("array_api_strict", "array_api_strict"):
        for fault in FAULTS:
            arrays = [strict.asarray(x) for x in fault.data]
            with accel.checked(), pytest.raises(AccelError) as caught:
                fault.call(accel, *arrays)
            if fault.name not in beyond:
                assert type(caught.value) is fault.error
                assert str(caught.value) == fault.sentence


# What is no fault.

VALID: list[tuple[str, Callable[..., Any], tuple[Any, ...]]] = [
    ("negative indices", lambda x, i: accel.take(x, i), ([1.0, 2.0], [-2, 1])),
    ("no indices into nothing", lambda x, i: accel.take(x, i), (np.zeros(0), np.zeros(0, np.int64))),
    ("floats by zero", lambda x: accel.floor_divide(x, 0.0), ([1.0, -1.0],)),
    ("nothing by zero", lambda x: accel.floor_divide(x, 0), (np.zeros(0, np.int64),)),
    ("the limits of a dtype", lambda x: accel.astype(x, accel.int8), ([-128.9, 127.9, -0.5],)),
    ("to bool", lambda x: accel.astype(x, accel.bool), ([0.0, np.nan, 1e300],)),
    ("infinity to float32", lambda x: accel.astype(x, accel.float32), ([np.inf, -np.inf, np.nan, 3e38],)),
    ("scaled but regular", lambda x: accel.linalg.inv(x), (np.diag([1e-200, 1.0, 1e200]),)),
    ("regular, rows and columns scaled", lambda x: accel.linalg.inv(x), ([[1e-8, 2e8], [3e-8, 4e8]],)),
    ("permuted", lambda x: accel.linalg.inv(x), ([[0.0, 1.0], [1.0, 0.0]],)),
    ("not finite", lambda x: accel.linalg.inv(x), ([[np.nan, 1.0], [1.0, 1.0]],)),
    ("nothing to invert", lambda x: accel.linalg.inv(x), (np.zeros((0, 0)),)),
    ("no negative power", lambda x: accel.linalg.matrix_power(x, 2), (np.ones((2, 2)),)),
    ("nan that was there", lambda x, y: accel.add(x, y), ([np.nan, 1.0], [1.0, np.nan])),
    ("nan that was there, summed", lambda x: accel.sum(x), ([np.nan, 1.0],)),
    ("a Python nan", lambda x: accel.multiply(x, float("nan")), ([1.0],)),
    ("real with complex", lambda x, y: accel.add(x, y), ([1.0], [1j])),
    ("small integers with wide ones", lambda x, y: accel.add(x, y), (np.asarray([1], np.uint8), [1])),
    ("Python integers with floats", lambda x: accel.add(x, 1), ([1.0],)),
    ("a condition beside floats", lambda c, x: accel.where(c, x, 0.0), ([True, False], [1.0, 2.0])),
    ("wide shifts", lambda x: accel.bitwise_left_shift(x, 70), ([1],)),
]


@pytest.mark.parametrize("compile_it", [False, True], ids=["eager", "jit"])
@pytest.mark.parametrize(("name", "call", "data"), VALID, ids=[v[0] for v in VALID])
def test_what_is_defined_is_let_through(
    name: str, call: Callable[..., Any], data: tuple[Any, ...], compile_it: bool, plain_row: Row
) -> None:
    arrays = [plain_row.put(np.asarray(x)) for x in data]
    chosen = accel.jit(call) if compile_it else call
    want = chosen(*arrays)
    with accel.checked():
        got = chosen(*arrays)
    assert got.dtype == want.dtype
    assert accel.device(got) == accel.device(want)
    got, want = accel.to_numpy(got), accel.to_numpy(want)
    if compile_it:
        np.testing.assert_allclose(got, want, rtol=1e-12)
    else:
        np.testing.assert_array_equal(got, want)


NUMBERS = hnp.arrays(np.float32, st.integers(0, 4), elements=st.floats(-8, 8, width=32))
OPS: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda x, _: accel.add(x, 2.0),
    "sqrt": lambda x, _: accel.sqrt(accel.abs(x)),
    "sum": lambda x, _: accel.sum(x),
    "astype": lambda x, _: accel.astype(x, accel.int8),
    "floor_divide": lambda x, i: accel.floor_divide(i, 3),
    "take": lambda x, i: accel.take(i, accel.remainder(i, 4)),
    "matmul": lambda x, i: accel.matmul(x, x),
}


@pytest.mark.parametrize("name", OPS)
@given(x=NUMBERS, i=hnp.arrays(np.int16, 4))
def test_values_are_those_outside(name: str, x: Data, i: Data, plain_row: Row) -> None:
    arrays = plain_row.put(x), plain_row.put(i)
    want = OPS[name](*arrays)
    with accel.checked():
        got = OPS[name](*arrays)
    assert type(got) is type(want)
    assert got.dtype == want.dtype
    np.testing.assert_array_equal(accel.to_numpy(got), accel.to_numpy(want))


def test_wrong_arguments_get_the_error_they_always_get(plain_row: Row) -> None:
    x, i = plain_row.put(np.asarray([1.0, 2.0])), plain_row.put(np.asarray([0, 5]))
    calls: list[Callable[[], Any]] = [
        lambda: accel.take(x, i, axis=3),
        lambda: accel.take(x, x),
        lambda: accel.floor_divide(i, plain_row.put(np.asarray([1, 2, 0]))),
        lambda: accel.linalg.inv(x),
        lambda: accel.linalg.cholesky(accel.reshape(x, (1, 2))),
        lambda: accel.full_like(i, float("nan")),
        lambda: accel.add([1], x),
    ]
    for call in calls:
        with pytest.raises(AccelError) as outside:
            call()
        with accel.checked(), pytest.raises(AccelError) as inside:
            call()
        assert type(inside.value) is type(outside.value)
        assert str(inside.value) == str(outside.value)


# The context.

LOG = accel.log


def log_fails(x: Any) -> bool:
    try:
        LOG(x)
    except NaNError:
        return True
    return False


BAD = np.asarray([-1.0])


def bare() -> bool:
    """Tell whether the tables hold the backends' own functions."""
    gc.collect()
    LOG(-BAD)
    return all(
        function is np.log for table in checking.tables if _op(table) == "log" for function in table.values()
    )


def _op(table: Any) -> str:
    name: str = table.spec.name
    return name


def test_blocks_nest_and_end_with_errors() -> None:
    assert bare()
    with accel.checked():
        assert log_fails(BAD)
        with accel.checked():
            assert log_fails(BAD)
        assert log_fails(BAD)
        with pytest.raises(KeyError), accel.checked():
            raise KeyError
        assert log_fails(BAD)
    assert not log_fails(BAD)
    assert bare()
    with pytest.raises(ZeroDivisionError), accel.checked():
        accel.floor_divide(np.asarray([1]), 0)
    assert not log_fails(BAD)


def test_the_tables_hold_the_bare_functions_again() -> None:
    with accel.checked():
        assert not bare()
    assert bare()


def test_other_threads_are_not_in_checked_mode() -> None:
    inside, outside = threading.Barrier(2), threading.Barrier(2)

    def unchecked() -> tuple[bool, bool]:
        inside.wait(10)
        during = log_fails(BAD)
        outside.wait(10)
        return during, log_fails(BAD)

    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(unchecked)
        with accel.checked():
            inside.wait(10)
            assert log_fails(BAD)
            outside.wait(10)
        assert future.result() == (False, False)


def test_threads_that_enter_and_leave_at_will_always_check() -> None:
    def loop(_: int) -> bool:
        held = True
        for _ in range(300):
            with accel.checked():
                held &= log_fails(BAD)
            held &= not log_fails(BAD)
        return held

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(loop, range(4)))
    assert bare()


def test_tasks_keep_the_mode_they_were_started_in() -> None:
    async def later(gate: asyncio.Event) -> bool:
        await gate.wait()
        return log_fails(BAD)

    async def main() -> list[bool]:
        gate = asyncio.Event()
        before = asyncio.create_task(later(gate))
        await asyncio.sleep(0)
        with accel.checked():
            within = asyncio.create_task(later(gate))
            await asyncio.sleep(0)
        after = asyncio.create_task(later(gate))
        await asyncio.sleep(0)
        gate.set()
        return list(await asyncio.gather(before, within, after))

    assert asyncio.run(main()) == [False, True, False]
    assert bare()


def test_a_context_that_outlives_the_block_stays_checked() -> None:
    with accel.checked():
        context = contextvars.copy_context()
    assert context.run(log_fails, BAD)
    assert not log_fails(BAD)
    del context
    assert bare()


# Namespaces.


def test_the_namespace_checks_inside_and_is_the_own_one_outside(plain_row: Row) -> None:
    name = plain_row.backend
    own = accel.namespace(name)
    with accel.checked():
        xp = accel.namespace(name)
        assert xp is not own
        assert xp is accel.namespace(plain_row.put(np.ones(1)))
        assert isinstance(xp, ModuleType)
        assert xp.__name__ == own.__name__
        assert dir(xp) == dir(own)
        assert xp.float32 is own.float32
        assert xp.__array_api_version__ == own.__array_api_version__
        assert xp.__array_namespace_info__ is own.__array_namespace_info__
        assert xp.linalg is xp.linalg
        with pytest.raises(NaNError):
            xp.log(plain_row.put(BAD))
        with pytest.raises(AttributeError):
            xp.nothing_of_the_sort  # noqa: B018
    assert accel.namespace(name) is own
    xp.log(plain_row.put(BAD))


def test_every_op_of_the_namespace_is_there(plain_row: Row) -> None:
    with accel.checked():
        xp = accel.namespace(plain_row.backend)
        for name, spec in specs.items():
            found = xp
            for part in name.split("."):
                found = getattr(found, part)
            assert callable(found), spec


# Compiled functions of JAX.


@pytest.fixture
def jax() -> Any:
    """JAX, or a skip that says why not."""
    reason = obstacle("jax") if "jax" in registry.names() else "not announced"
    if reason is not None:
        pytest.skip(f"JAX was NOT run: {reason}")
    return pytest.importorskip("jax")


def signs(jax: Any) -> Any:
    return accel.asarray([1.0, -1.0], device="jax")


def test_the_transformations_of_jax_inside_accel_jit(jax: Any) -> None:
    def by_scan(x: Any) -> Any:
        return jax.lax.scan(lambda total, v: (total + accel.log(v), v), 0.0, x)

    def by_loop(x: Any) -> Any:
        return jax.lax.while_loop(lambda v: accel.all(v < 10), lambda v: accel.log(v) + 20, x)

    functions: list[Callable[[Any], Any]] = [
        jax.jit(accel.log),
        accel.jit(accel.log),
        accel.jit(jax.jit(accel.log)),
        jax.vmap(accel.log),
        jax.vmap(jax.grad(accel.log)),
        jax.vmap(jax.value_and_grad(jax.jit(accel.log))),
        lambda x: jax.lax.cond(True, accel.log, lambda v: v, x),
        by_scan,
        by_loop,
    ]
    for function in functions:
        with (
            accel.checked(),
            pytest.raises(NaNError, match=r"accel\.log made nan in 1 of .* where x is -1\.0"),
        ):
            accel.jit(function)(signs(jax))


@pytest.mark.parametrize("transform", ["jit", "vmap"])
def test_what_nobody_carries_out_is_refused_and_not_left_out(transform: str, jax: Any) -> None:
    x = signs(jax)
    with accel.x64():
        plain: Callable[[Any], Any] = jax.jit(accel.log)
        if transform == "vmap":
            plain = jax.vmap(plain)
        plain(x)  # compiled without checks, which is no answer inside
        with accel.checked():
            with pytest.raises(NaNError):
                accel.jit(plain)(x)  # traced with checks, which is no answer outside of accel.jit
            with pytest.raises(
                UnsupportedError, match=r"accel\.log inside accel\.checked\(\).*accel\.jit the outermost"
            ):
                plain(x)
        plain(x)
    with accel.checked(), pytest.raises(UnsupportedError, match="being traced"):
        jax.jit(accel.jit(accel.log))(accel.astype(x, accel.float32))


def test_variants_are_compiled_once_each(jax: Any) -> None:
    traces = []

    @accel.jit
    def f(x: Any) -> Any:
        traces.append(checking.active())
        return accel.log(x)

    good = accel.asarray([1.0], device="jax")
    for _ in range(3):
        f(good)
        with accel.checked():
            f(good)
            f(good)
    assert traces == [False, True]


def test_the_first_of_several_faults_is_raised(jax: Any) -> None:
    @accel.jit
    def f(x: Any) -> Any:
        return accel.log(accel.sqrt(x)) + accel.take(x, accel.asarray([5], device="jax"))

    with accel.checked(), pytest.raises(NaNError, match=r"accel\.sqrt"):
        f(signs(jax))
    with accel.checked(), pytest.raises(OutOfBoundsError, match=r"accel\.take"):
        f(accel.abs(signs(jax)))


def test_a_check_of_the_users_own_stays_jax_s(jax: Any) -> None:
    from jax.experimental import checkify

    @accel.jit
    def f(x: Any) -> Any:
        checkify.check(accel.all(x > 0), "not positive: {x}", x=x)
        return x

    with accel.checked(), pytest.raises(checkify.JaxRuntimeError, match="not positive"):
        f(signs(jax))


def test_64_bit_values_are_looked_at_whole(jax: Any) -> None:
    wide = accel.asarray([2**31 + 5, 2**32], device="jax")
    for call in (accel.astype, accel.jit(accel.astype)):
        with accel.checked(), pytest.raises(CastError, match=r"1 of 2 .*: 4294967296;"):
            call(wide, accel.uint32)
    huge = accel.asarray([1e300, -1e300], device="jax")
    with accel.checked(), pytest.raises(NaNError, match=r"x is -1e\+300"):
        accel.jit(accel.sqrt)(huge)


def test_errors_are_built_in_ones_too() -> None:
    built_in = {
        OutOfBoundsError: IndexError,
        DivisionError: ZeroDivisionError,
        CastError: OverflowError,
        SingularMatrixError: ValueError,
        NotPositiveDefiniteError: ValueError,
        KeyReuseError: ValueError,
        NaNError: FloatingPointError,
    }
    for error, base in built_in.items():
        assert issubclass(error, base)
        assert issubclass(error, AccelError)
        assert f"{error.__name__}({base.__name__})" in (errors.__doc__ or "")
