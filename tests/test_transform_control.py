"""Branches and loops on the values of arrays, as they are and compiled, on every backend."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import accel
from accel.errors import ArgumentError, DTypeError, ShapeError
from accel.testing.rows import Row
from accel.transform.compilation import quiet

WAYS: dict[str, Callable[[Any], Any]] = {
    "as it is": lambda fn: fn,
    "compiled": lambda fn: quiet(accel.jit(fn)),
}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> Callable[[Any], Any]:
    return WAYS[request.param]


def host(x: Any) -> np.ndarray[Any, Any]:
    return np.asarray(accel.to_numpy(x))


def test_one_of_two(plain_row: Row, way: Any) -> None:
    x = plain_row.put(np.asarray([1.0, 2.0]))
    f = way(lambda x, limit: accel.cond(accel.sum(x) > limit, lambda x: {"y": x * 2}, lambda x: {"y": -x}, x))
    np.testing.assert_array_equal(host(f(x, plain_row.put(np.asarray(0.0)))["y"]), [2.0, 4.0])
    np.testing.assert_array_equal(host(f(x, plain_row.put(np.asarray(9.0)))["y"]), [-1.0, -2.0])


def test_one_of_several(plain_row: Row, way: Any) -> None:
    x = plain_row.put(np.asarray([1.0, 2.0]))
    f = way(lambda i, x: accel.switch(i, [accel.negative, lambda x: x * 2, accel.square], x))
    for i, want in ((-5, [-1, -2]), (0, [-1, -2]), (1, [2, 4]), (2, [1, 4]), (7, [1, 4])):
        np.testing.assert_array_equal(host(f(plain_row.put(np.asarray(i)), x)), want)
    assert host(accel.switch(1, [accel.negative, accel.square], x)).tolist() == [1, 4]


def test_only_the_chosen_branch_runs(plain_row: Row) -> None:
    seen: list[str] = []

    def noting(name: str) -> Callable[[Any], Any]:
        def branch(x: Any) -> Any:
            seen.append(name)
            return x

        return branch

    x = plain_row.put(np.asarray([1.0]))
    accel.cond(accel.any(accel.greater(x, 0)), noting("true"), noting("false"), x)
    assert seen == ["true"] or plain_row.backend == "jax"


@given(xs=st.lists(st.integers(-9, 9), max_size=4), reverse=st.booleans())
def test_scans_are_loops(xs: list[int], reverse: bool, plain_row: Row) -> None:
    def step(carry: Any, x: Any) -> Any:
        total, count = carry["total"] * 2 + x, carry["count"] + 1
        return {"total": total, "count": count}, (total, {"x": x})

    start = {"total": plain_row.put(np.asarray(0.5)), "count": plain_row.put(np.asarray(0))}
    items = plain_row.put(np.asarray(xs, np.float64))
    total, totals = 0.5, []
    for x in reversed(xs) if reverse else xs:
        total = total * 2 + x
        totals.append(total)
    if reverse:
        totals.reverse()
    for way in WAYS.values():
        last, (each, same) = way(lambda c, xs: accel.scan(step, c, xs, reverse=reverse))(start, items)
        assert float(last["total"]) == total
        assert int(last["count"]) == len(xs)
        np.testing.assert_array_equal(host(each), np.asarray(totals, np.float64))
        np.testing.assert_array_equal(host(same["x"]), xs)
        assert each.dtype == accel.float64
        assert accel.device(each) == plain_row.device


def test_a_scan_of_nothing_but_a_length(plain_row: Row, way: Any) -> None:
    f = way(lambda x: accel.scan(lambda c, _: (c + x, None), x, length=4))
    last, nothing = f(plain_row.put(np.asarray([1.0, 2.0])))
    np.testing.assert_array_equal(host(last), [5.0, 10.0])
    assert nothing is None


def test_loops_over_numbers(plain_row: Row, way: Any) -> None:
    x = plain_row.put(np.asarray([1.0, 2.0]))
    for lower, upper in ((0, 4), (2, 5), (3, 3), (5, 2), (-2, 1)):
        want = host(x) + sum(range(lower, upper))
        f = way(lambda x, lower=lower, upper=upper: accel.fori_loop(lower, upper, lambda i, x: x + i, x))
        np.testing.assert_array_equal(host(f(x)), want)
        g = way(lambda x, lower, upper: accel.fori_loop(lower, upper, lambda i, x: x + i, x))
        ends = (plain_row.put(np.asarray(lower)), plain_row.put(np.asarray(upper)))
        np.testing.assert_array_equal(host(g(x, *ends)), want)


def test_loops_until(plain_row: Row, way: Any) -> None:
    """Heron's root, as often as it takes."""
    f = way(
        lambda a: accel.while_loop(
            lambda s: accel.abs(s[0] * s[0] - a) > 1e-12 * a,
            lambda s: ((s[0] + a / s[0]) / 2, s[1] + 1),
            (a, 0),
        )
    )
    root, steps = f(plain_row.put(np.asarray(2.0)))
    assert abs(float(root) - 2**0.5) < 1e-12
    assert 3 <= int(steps) <= 6


def test_numbers_of_pythons_are_arrays_of_the_default_dtypes(plain_row: Row, way: Any) -> None:
    x = plain_row.put(np.asarray([1, 2], np.float32))
    with accel.default_dtypes(float=accel.float32, int=accel.int32):
        (a, b), _ = way(lambda x: accel.scan(lambda c, x: ((c[0] + x, c[1] + 1), None), (0.0, 0), x))(x)
    assert (str(host(a).dtype), str(host(b).dtype)) == ("float32", "int32")
    (a, b), _ = way(lambda x: accel.scan(lambda c, x: ((c[0] * 2, c[1] + 1), None), (0.0, 0), x))(x)
    assert (str(host(a).dtype), str(host(b).dtype)) == ("float64", "int64")


def test_gradients_go_through_loops(plain_row: Row) -> None:
    x = plain_row.put(np.asarray(1.5))
    powers = accel.grad(lambda x: accel.fori_loop(0, 3, lambda _, y: y * x, x))
    assert float(powers(x)) == 4 * 1.5**3
    branch = accel.grad(lambda x: accel.cond(x > 1, lambda x: x * x, lambda x: x, x))
    assert float(branch(x)) == 3.0


THREE: Any = 3
HALF: Any = 0.5
SINE: Any = accel.sin
"""What stands where functions, a whole number, or a sequence belong."""


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda x: accel.cond(accel.greater(x, 0), lambda x: x, lambda x: x, x), ShapeError, r"accel\.cond takes one value to go by, got an array of shape \(2,\)"),
        (lambda x: accel.cond(accel.sum(x), lambda x: x, lambda x: x, x), DTypeError, r"takes a bool to go by, got float64; compare it first"),
        (lambda x: accel.switch(accel.sum(x), [lambda x: x], x), DTypeError, "takes an integer to go by, got float64"),
        (lambda x: accel.switch(0, [], x), ArgumentError, "at least one branch, got none"),
        (lambda x: accel.scan(lambda c, x: c, x, x), ArgumentError, r"takes a function that gives a pair \(value, result\)"),
        (lambda x: accel.scan(lambda c, x: (c, x), x), ArgumentError, "needs xs or length"),
        (lambda x: accel.scan(lambda c, x: (c, c), x, (x, accel.concat([x, x]))), ShapeError, "one length, got 2 and 4"),
        (lambda x: accel.scan(lambda c, x: (c, c), x, x, length=3), ShapeError, "one length, got 2 and 3"),
        (lambda x: accel.scan(lambda c, x: (c, c), x, x[0]), ShapeError, "a 0-d array in it"),
        (lambda x: accel.scan(lambda c, x: (accel.astype(c, accel.float32), c), x, x), ShapeError, r"accel\.scan got a function that changes what it is given: float64 of shape \(2,\) and float32 of shape \(2,\)"),
        (lambda x: accel.while_loop(lambda x: x[0] < 9, lambda x: accel.concat([x, x]), x), ShapeError, r"accel\.while_loop got a function that changes what it is given"),
        (lambda x: accel.fori_loop(0, 3, lambda i, x: (x, x), x), ShapeError, r"accel\.fori_loop got a function that changes what it is given"),
        (lambda x: accel.while_loop(lambda x: accel.greater(x, 0), lambda x: x, x), ShapeError, r"accel\.while_loop takes one value to go by, got an array of shape \(2,\)"),
        (lambda x: accel.while_loop(lambda x: x[0], lambda x: x - 1, x), DTypeError, r"accel\.while_loop takes a bool to go by, got float64"),
        (lambda x: accel.fori_loop(0.5, 3, lambda i, x: x, x), DTypeError, r"accel\.fori_loop takes an integer to go by, got float64"),
        (lambda x: accel.fori_loop(0, x[0], lambda i, x: x, x), DTypeError, r"accel\.fori_loop takes an integer to go by, got float64"),
        (lambda x: accel.fori_loop(False, 2, lambda i, x: x, x), DTypeError, r"accel\.fori_loop takes an integer to go by, got bool"),
        (lambda x: accel.fori_loop(0, accel.astype(x, accel.int64), lambda i, x: x, x), ShapeError, "takes one value to go by"),
        (lambda x: accel.scan(lambda c, _: (c, c), x, length=-1), ArgumentError, "0 or more, got -1"),
        (lambda x: accel.scan(lambda c, _: (c, c), x, length=HALF), ArgumentError, r"0 or more, got 0\.5"),
        (lambda x: accel.scan(lambda c, y: (c, y), "a", x), ArgumentError, r"accel\.scan takes arrays and numbers, got str"),
        (lambda x: accel.cond("a", accel.sin, accel.cos, x), ArgumentError, r"accel\.cond takes arrays and numbers, got str"),
        (lambda x: accel.switch(0, SINE, x), ArgumentError, r"accel\.switch takes a sequence of functions, got"),
        (lambda x: accel.switch(0, [THREE], x), ArgumentError, r"accel\.switch takes a function, got int"),
        (lambda x: accel.cond(True, THREE, accel.sin, x), ArgumentError, r"accel\.cond takes a function, got int"),
        (lambda x: accel.scan(THREE, x, x), ArgumentError, r"accel\.scan takes a function, got int"),
        (lambda x: accel.while_loop(accel.any, THREE, x), ArgumentError, r"accel\.while_loop takes a function, got int"),
        (lambda x: accel.fori_loop(0, 3, THREE, x), ArgumentError, r"accel\.fori_loop takes a function, got int"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_alike(call: Any, error: Any, says: str, plain_row: Row, way: Any) -> None:
    x = plain_row.put(np.asarray([1.0, 2.0]))
    with pytest.raises(error, match=says):
        way(call)(x)


def test_branches_that_are_not_alike(plain_row: Row) -> None:
    x = plain_row.put(np.asarray([1.0, 2.0]))

    def f(x: Any) -> Any:
        return accel.cond(
            accel.any(accel.greater(x, 0)), lambda x: x, lambda x: accel.astype(x, accel.float32), x
        )

    says = r"The branches of accel\.cond give results that are not alike: float32 of shape \(2,\) and float64 of shape \(2,\)"
    with accel.checked(), pytest.raises(ShapeError, match=says):
        f(x)
    with pytest.raises(ShapeError, match=says):
        accel.jit(f)(x)
