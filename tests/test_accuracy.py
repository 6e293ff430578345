"""The bounded functions are as close to the true values as their specs say: on every row, in every dtype, on every kind of CPU."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import accel
import accel.testing.domains as domains
import accel.testing.oracle as oracle
from accel.dispatch import specs
from accel.testing.accuracy import ANALYTIC, SERIES, cells, measure, results, row_of
from accel.testing.rows import Row

Array = npt.NDArray[Any]

BATCH = 512
"""Points of one example. Always as many: compilers begin anew for each shape."""


def needs(row: Row, dtype: str) -> None:
    """Skip a test whose dtype the backend of the row lacks."""
    if not hasattr(accel.namespace(row.backend), dtype):
        pytest.skip(f"{row.backend} has no {dtype}")


@st.composite
def batches(draw: st.DrawFn, op: str, dtype: str) -> tuple[Array, ...]:
    """Draw points of a function's domain: adversarial ones, dense ones, and a few that Hypothesis makes up and can simplify."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    worst = domains.adversarial(op, dtype)
    chosen = rng.integers(0, worst[0].size, BATCH // 2)
    drawn = domains.dense(op, dtype, BATCH, rng)
    some = rng.integers(0, drawn[0].size, BATCH // 2)
    args = tuple(np.concatenate([a[chosen], b[some]]) for a, b in zip(worst, drawn, strict=True))
    form = oracle.FORMATS[dtype]
    whole = st.floats(-form.largest, form.largest, allow_subnormal=False)
    few = draw(st.lists(st.tuples(*[whole] * len(args)), max_size=8))
    if few:
        own = domains.inside(op, dtype, *(np.asarray(x) for x in zip(*few, strict=True)))
        for x, values in zip(args, own, strict=True):
            x[: values.size] = values
    return args


def within(op: str, dtype: str, row: Row, args: tuple[Array, ...]) -> None:
    """Raise AssertionError if a result is further from the true value than the spec says."""
    got = results(op, args, row)
    errors = oracle.error(op, dtype, args, got)
    worst = int(np.argmax(errors))
    if errors[worst] <= specs[op].ulp:
        return
    at = tuple(float(x[worst]) for x in args)
    apart = oracle.error_of(op, dtype, at, float(got[worst]))
    assert apart <= specs[op].ulp, (
        f"accel.{op}{at!r} in {dtype} on {row} is {float(got[worst])!r}, {apart:.4g} ulp off; "
        f"the true value is {mpmath.nstr(oracle.exact(op, *at), 25)}"
    )


SIXTEEN = ("bfloat16", "float16")
PARTLY = [
    (op, dtype)
    for op in (*domains.UNARY, *domains.BINARY)
    for dtype in oracle.FORMATS
    if op in domains.BINARY or dtype not in SIXTEEN
]
"""Functions with dtypes that have too many points to try them all."""

ROWS = ("numpy", "numpy-strided", "jax", "jax-jit", "cupy")


@pytest.fixture(params=[row_of(name) for name in ROWS], ids=str)
def row(request: pytest.FixtureRequest, runnable: Callable[[Row], None]) -> Row:
    """Each backend, and the ways of calling it that lead to other kernels."""
    found: Row = request.param
    runnable(found)
    return found


@pytest.mark.parametrize(("function", "dtype"), PARTLY, ids=[f"{op}-{dtype}" for op, dtype in PARTLY])
def test_results_are_within_the_bound(row: Row, function: str, dtype: str) -> None:
    needs(row, dtype)
    # An example is hundreds of points, and each compiles anew where the row does.
    examples = max(1, settings().max_examples // (6 if row.compiles else 2))

    @settings(max_examples=examples)
    @given(batches(function, dtype))
    def check(args: tuple[Array, ...]) -> None:
        within(function, dtype, row, args)

    check()


@pytest.mark.thorough
@pytest.mark.parametrize("dtype", SIXTEEN)
@pytest.mark.parametrize("function", domains.UNARY)
def test_every_number_of_16_bits_is_within_the_bound(row: Row, function: str, dtype: str) -> None:
    needs(row, dtype)
    within(function, dtype, row, (domains.exhaustive(function, dtype),))


WORST = {
    # 24 and 495 ulp from exp of the half, squared, in XLA
    "cosh": ((59.6,), (692.45,), (709.0121443647562,), (89.41598510742188,)),
    "sinh": ((59.6,), (692.45,), (709.0121443647562,), (89.41598510742188,)),
    # 112 ulp in XLA
    "log1p": ((-0.41212724,), (0.413,)),
    # 4 to 6 ulp in XLA
    "acosh": ((1.1132909059524536,), (1.093582089509432,)),
    "exp": ((88.7,), (88.72283,), (709.78,)),
    "expm1": ((-0.2845037281513214,), (88.7,)),
    "tanh": ((-18.764,), (-0.0071963099762797356,)),
    # 124 ulp in XLA
    "atanh": ((0.413,), (0.05960224664431574,)),
    # the largest errors in NumPy's kernels for AVX512
    "asin": ((0.5006601214408875,),),
    "atan2": ((-1.5393424034118652, 2.901952028274536),),
    "log": ((0.782856285572052,),),
    "log10": ((0.749942421913147,),),
    "tan": ((99960.75,), (1.4496363742261486e24,), (6.426511099577231e173,)),
    # the largest errors of the C library's reduction of large arguments
    "cos": ((6.426511099577231e173,), (6.004779142530142e29,)),
    "sin": (
        (3.1728427410125732,),
        (16367173 * 2.0**72,),
        (1.1656933725740315e283,),
        (3.20312747579347e95,),
        (6381956970095103 * 2.0**797,),
    ),
    # one ulp before the end
    "pow": ((0.9999960660934448, -14662256.0), (1.0074819326400757, 10551.1640625)),
    "hypot": ((1.7e308, 4.9e307), (0.910287082195282, 3.7175686359405518)),
    "logaddexp": ((-math.log(2), -math.log(2)), (-1e-20, -46.0), (1e300, 1e300)),
}
"""Points at which some library, or what accel had in its place, was or is at its worst."""


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("function", WORST)
def test_worst_points_known(row: Row, function: str, dtype: str) -> None:
    args = domains.inside(function, dtype, *map(np.asarray, zip(*WORST[function], strict=True)))
    within(function, dtype, row, args)


# A compiler may rewrite what it sees whole: (1 + x) - 1, a * b + c, quotients of one divisor. The factors here are exact.
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("function", ["acosh", "atanh", "cosh", "exp", "expm1", "log1p", "sinh", "tanh"])
def test_compiled_with_its_surroundings(function: str, dtype: str, runnable: Callable[[Row], None]) -> None:
    row = row_of("jax-jit")
    runnable(row)
    (x,) = domains.points(function, dtype, 4000)
    x = x[np.abs(x) < 600]

    def surrounded(half: Any) -> Any:
        doubled = accel.multiply(half, 2.0)
        return accel.subtract(
            accel.multiply(getattr(accel, function)(doubled), 4.0), accel.multiply(doubled, 0.0)
        )

    quadruple = np.asarray(accel.to_numpy(row.run(surrounded, (row.put(x / 2),), {})))
    got = quadruple / 4
    # Where four times the result is infinite, nothing is known of the result.
    errors = np.where(np.isinf(quadruple), 0, oracle.error(function, dtype, (x,), got))
    worst = int(np.argmax(errors))
    assert errors[worst] <= specs[function].ulp, (x[worst], got[worst], errors[worst])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("op", SERIES)
def test_series_are_within_the_bound(plain_row: Row, op: str, dtype: str) -> None:
    found = measure(op, dtype, plain_row, points=2000)
    assert found.kept, found


# Outside the promise, which is for real numbers: but wrong digits are wrong.
@pytest.mark.thorough
@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
@pytest.mark.parametrize("function", ANALYTIC)
def test_complex_results_are_within_8_eps_off_the_axes(plain_row: Row, function: str, dtype: str) -> None:
    found = measure(function, dtype, plain_row, points=1500)
    assert found.max_ulp <= 8, found


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
def test_modulus_is_within_4_ulp(plain_row: Row, dtype: str) -> None:
    part = oracle.PARTS[dtype]
    x, y = domains.points("hypot", part, 5000)
    size = results("abs", ((x + 1j * y).astype(dtype),), plain_row)
    errors = oracle.error("hypot", part, (x, y), size)
    worst = int(np.argmax(errors))
    assert errors[worst] <= 4, (x[worst], y[worst], size[worst])


def test_every_bounded_function_is_measured() -> None:
    bounded = {name for name, spec in specs.items() if spec.same == "bounded"}
    assert bounded == {op for op, _ in cells()} == {*domains.UNARY, *domains.BINARY, *SERIES}


# The oracle itself: the fast one against mpmath, mpmath against exact arithmetic.


@pytest.mark.thorough
@pytest.mark.parametrize("op", [*domains.UNARY, *domains.BINARY])
def test_fast_oracle_agrees_with_mpmath(op: str) -> None:
    args = domains.points(op, "float64", 300, seed=1)
    near, rest = oracle.true_values(op, *args)
    for index in range(args[0].size):
        at = tuple(float(x[index]) for x in args)
        value = oracle.exact(op, *at)
        if not 1e-300 < abs(value) < 1e300:
            continue  # far beyond that, even extended precision has only zero and infinity
        with mpmath.workprec(200):
            mantissa, exponent = np.frexp(near[index])
            high = float(mantissa)
            low = float(mantissa - high)
            fast = mpmath.ldexp(mpmath.mpf(high) + mpmath.mpf(low), int(exponent)) + mpmath.mpf(
                float(rest[index])
            )
            size = max(abs(value), 1) if op == "logaddexp" else abs(value)
            assert abs(fast - value) <= size * mpmath.mpf(2) ** -52 / 100, (op, at, float(near[index]))


def test_exact_values_survive_cancellation() -> None:
    assert oracle.exact("log", 1.0) == 0
    assert abs(oracle.exact("pow", 3.0, 40.0) / 3**40 - 1) < 1e-30
    assert abs(oracle.exact("pow", -2.0, -3.0) + 0.125) < 1e-30
    assert mpmath.isnan(oracle.exact("pow", -2.0, 0.5))
    for op in ("asinh", "atanh", "expm1", "log1p", "sinh", "tanh", "sin", "tan"):
        value = oracle.exact(op, 1e-300)
        with mpmath.workprec(200):
            assert abs(value / mpmath.mpf(1e-300) - 1) < 1e-250, op
    # Sine of a number that is next to a multiple of pi: what remains of it is pi's further digits.
    with mpmath.workprec(200):
        assert abs(oracle.exact("sin", math.pi) - (mpmath.pi - mpmath.mpf(math.pi))) < 1e-45
        assert oracle.exact("atan2", -0.0, -1.0) < -3
        assert oracle.exact("atan2", 0.0, -0.0) > 3


def test_error_counts_ulp_of_the_true_value() -> None:
    x = np.asarray([2.0, 2.0, 2.0])
    root = math.sqrt(2)
    one = math.ulp(root)
    errors = oracle.error(
        "pow", "float64", (x, np.full(3, 0.5)), np.asarray([root, root + 3 * one, math.nan])
    )
    assert errors[0] <= 0.5
    assert 2.5 <= errors[1] <= 3.5
    assert errors[2] == math.inf
    assert oracle.error_of("pow", "float64", (2.0, 0.5), root + 3 * one) == pytest.approx(errors[1], abs=1e-3)


def test_error_beside_the_ends_of_the_range() -> None:
    form = oracle.FORMATS["float32"]
    last = np.asarray([88.72283], dtype=np.float32)  # exp of it is a little below the largest number
    infinite = np.asarray([math.inf], dtype=np.float32)
    early = oracle.error("exp", "float32", (last,), infinite)[0]
    assert 1 < early < 200
    assert early == pytest.approx(oracle.error_of("exp", "float32", (float(last[0]),), math.inf), rel=1e-3)
    beyond = np.asarray([89.0], dtype=np.float32)
    assert oracle.error("exp", "float32", (beyond,), infinite)[0] == 0
    assert oracle.error("exp", "float32", (beyond,), np.asarray([form.largest], dtype=np.float32))[0] == 1
    low = np.asarray([-87.0], dtype=np.float32)  # exp of it is below 4 times the smallest normal number
    assert oracle.error("exp", "float32", (low,), np.zeros(1, dtype=np.float32))[0] == 0
    assert oracle.error("exp", "float32", (low + 2,), np.zeros(1, dtype=np.float32))[0] > 1e6


def test_measure_finds_an_error_of_ten_ulp(monkeypatch: pytest.MonkeyPatch) -> None:
    import accel_numpy

    def off_by_ten(x: Any) -> Any:
        right = np.log(x)
        return np.where(x > 1e3, right * (1 + 5 * np.finfo(x.dtype).eps), right).astype(x.dtype)

    monkeypatch.setattr(accel_numpy, "log", off_by_ten)
    monkeypatch.setattr("accel.testing.rows.dispatched", lambda spec: getattr(accel_numpy, spec.name))
    found = measure("log", "float64", "numpy", points=2000)
    assert not found.kept
    assert 5 <= found.max_ulp <= 11
    assert found.worst[0].real > 1e3
    assert max(found.curve, key=lambda point: point[1])[1] == pytest.approx(found.max_ulp, rel=1e-2)


# NumPy's kernels depend on the CPU.


def targets() -> dict[str, dict[str, str]]:
    """Give, for some functions, the instructions that the kernels in use are made of."""
    found = np.lib.introspect.opt_func_info(func_name="^(exp|log|sin|tan)$", signature="float32|float64")
    return {name: {dtype: how["current"] for dtype, how in of.items()} for name, of in found.items()}


def masked(features: str) -> Any:
    """Run this file in a process whose NumPy does without some features of the CPU, and give what it prints."""
    environment = {**os.environ, "NPY_DISABLE_CPU_FEATURES": features}
    command = [sys.executable, "-W", "error::ImportWarning", __file__]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.thorough
def test_numpy_is_within_the_bound_on_lesser_cpus(runnable: Callable[[Row], None]) -> None:
    runnable(Row("numpy", "numpy"))
    have, masks = targets(), ""
    while features := sorted({how for of in have.values() for how in of.values() if "baseline" not in how}):
        # The next lesser CPU: without what the best kernels in use need.
        masks = f"{masks} {features[-1]}".strip()
        found = masked(masks)
        assert found["targets"] != have, f"NPY_DISABLE_CPU_FEATURES={masks!r} changed no kernel"
        have = found["targets"]
        assert not any(how in masks.split() for of in have.values() for how in of.values())
        assert not found["broken"], f"without {masks}: {found['broken']}"
        assert found["measured"] == 2 * len((*domains.UNARY, *domains.BINARY))
    if not masks:
        pytest.skip("NumPy has no kernels for this CPU beyond the baseline")


def main() -> None:
    """Print what the test above asks of another process."""
    pairs = [(op, dtype) for op in (*domains.UNARY, *domains.BINARY) for dtype in ("float32", "float64")]
    found = [measure(op, dtype, "numpy", points=3000) for op, dtype in pairs]
    broken = [
        f"{each.op}{each.worst} in {each.dtype}: {each.max_ulp:.3g} ulp" for each in found if not each.kept
    ]
    print(json.dumps({"targets": targets(), "broken": broken, "measured": len(found)}))


if __name__ == "__main__":
    main()
