"""The special functions of accel.extra beyond the matrix: known values, other libraries' values, gradients, memory."""

from __future__ import annotations

import math
import tracemalloc
from collections.abc import Callable
from functools import partial
from typing import Any

import mpmath
import numpy as np
import numpy.typing as npt
import pytest

import accel
import accel.extra
from accel.dispatch import specs
from accel.testing.cases import Case
from accel.testing.columns import table
from accel.testing.condition import allowed
from accel.testing.oracle import exact
from accel.testing.rows import Row

Array = npt.NDArray[Any]

assert table, "the columns say what the words of a bound are"

UNARY = {
    "digamma": (0.05, 30.0),
    "erf": (-3.0, 3.0),
    "erfc": (-3.0, 5.0),
    "erfinv": (-0.999, 0.999),
    "expit": (-30.0, 30.0),
    "gammaln": (0.05, 30.0),
    "i0": (-20.0, 20.0),
    "i1": (-20.0, 20.0),
    "logit": (0.001, 0.999),
    "softplus": (-30.0, 30.0),
}
"""Functions with ranges in which scipy and the slopes of mpmath are good."""

KNOWN = [
    ("erf", 0.5, 0.5204998778130465),
    ("erfc", 10.0, 2.088487583762545e-45),
    ("erfinv", 0.5, 0.4769362762044699),
    ("gammaln", 0.5, math.log(math.sqrt(math.pi))),
    ("gammaln", 11.0, math.log(3628800)),
    ("digamma", 1.0, -0.5772156649015329),
    ("digamma", 0.5, -0.5772156649015329 - 2 * math.log(2)),
    ("i0", 1.0, 1.2660658777520084),
    ("i1", 1.0, 0.5651591039924851),
    ("logit", 0.75, math.log(3)),
    ("expit", math.log(3), 0.75),
    ("softplus", 0.0, math.log(2)),
]
"""From tables: NIST DLMF, chapters 5, 7 and 10, and closed forms."""


@pytest.mark.parametrize(("name", "x", "y"), KNOWN)
def test_values_of_tables(plain_row: Row, name: str, x: float, y: float) -> None:
    got = plain_row.call(specs[f"extra.{name}"], (plain_row.put(np.asarray([x])),), {})
    assert accel.to_numpy(got)[0] == pytest.approx(y, rel=2e-15)


@pytest.mark.parametrize("name", UNARY)
def test_scipy_agrees_where_it_is_good(name: str) -> None:
    special: Any = pytest.importorskip("scipy.special")
    x = np.random.default_rng(3).uniform(*UNARY[name], 2000)
    theirs = np.log1p(np.exp(x)) if name == "softplus" else getattr(special, name)(x)
    np.testing.assert_allclose(getattr(accel.extra, name)(x), theirs, rtol=1e-13, atol=2e-15)


def test_scipy_agrees_in_two_arguments() -> None:
    special: Any = pytest.importorskip("scipy.special")
    rng = np.random.default_rng(4)
    a, b = rng.uniform(0, 40, (2, 2000))
    np.testing.assert_allclose(accel.extra.betaln(a, b), special.betaln(a, b), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(accel.extra.xlogy(a, b), special.xlogy(a, b), rtol=1e-14)
    x = rng.normal(size=(30, 40)) * 100
    for axis in (None, 0, 1, (0, 1)):
        np.testing.assert_allclose(
            accel.extra.logsumexp(x, axis=axis), special.logsumexp(x, axis=axis), rtol=1e-14
        )


# Where the plain formula loses all digits.
@pytest.mark.parametrize(
    ("a", "b"), [(1e10, 1.0), (1e15, 0.5), (1e300, 3.0), (1e5, 1e5), (12.0, 1e-300), (7.0, 1e8), (1e-3, 1e8)]
)
def test_beta_function_of_large_arguments(plain_row: Row, a: float, b: float) -> None:
    with mpmath.workprec(3000):
        truth = mpmath.loggamma(a) + mpmath.loggamma(b) - mpmath.loggamma(mpmath.mpf(a) + b)
    args = tuple(plain_row.put(np.asarray([x])) for x in (a, b))
    got = accel.to_numpy(plain_row.call(specs["extra.betaln"], args, {}))[0]
    assert abs(float(truth) - got) <= 16 * np.finfo(np.float64).eps * (1 + abs(float(truth)))


def test_digits_beside_the_roots(plain_row: Row) -> None:
    for name, roots in (
        ("gammaln", (1.0, 2.0)),
        ("digamma", (1.4616321449683622,)),
        ("logit", (0.5,)),
    ):
        for root in roots:
            x = root + np.asarray([1e-3, 1e-6, 1e-9, 1e-12, -1e-5, -1e-10]) * (1 if name != "logit" else 0.25)
            got = accel.to_numpy(plain_row.call(specs[f"extra.{name}"], (plain_row.put(x),), {}))
            truth = np.asarray([float(exact(f"extra.{name}", float(each))) for each in x])
            np.testing.assert_allclose(got, truth, rtol=1e-15)


def test_sums_of_exponentials_of_any_layout(plain_row: Row) -> None:
    spec = specs["extra.logsumexp"]
    rng = np.random.default_rng(5)
    x = (rng.normal(size=(7, 300, 5)) * 30).astype(np.float32)
    x[0, :, 0] = -np.inf
    x[1, 3, :] = np.inf
    mask = rng.integers(0, 2, x.shape).astype(bool)
    for layout in (x, np.asfortranarray(x), x.transpose(2, 0, 1)):
        keep = np.ascontiguousarray(mask if layout.shape == x.shape else mask.transpose(2, 0, 1))
        for axis in (None, 0, 1, 2, (0, 1), (0, 2), (1, 2)):
            for where in (None, keep):
                asked: dict[str, Any] = {"axis": axis} if where is None else {"axis": axis, "where": where}
                case = Case((layout,), asked)
                native = case.map(plain_row.put)
                got = np.asarray(accel.to_numpy(plain_row.call(spec, native.args, native.kwargs)))
                wide = layout.astype(np.longdouble)
                wide = wide if where is None else np.where(where, wide, -np.inf)
                with np.errstate(all="ignore"):
                    top = np.max(wide, axis=axis, keepdims=True)
                    top = np.where(np.isfinite(top), top, 0)
                    truth = np.log(np.sum(np.exp(wide - top), axis=axis)) + np.squeeze(top, axis=axis)
                    same = np.where(
                        np.isinf(truth), truth == got, np.abs(truth - got) <= allowed(spec, case, got)
                    )
                assert same.all(), (axis, where is not None)


@pytest.mark.parametrize("n", [10, 10_000, 1_000_000])
def test_error_of_sums_does_not_grow(plain_row: Row, n: int) -> None:
    x = np.random.default_rng(6).uniform(-1, 1, n).astype(np.float32)
    truth = math.log(math.fsum(np.exp(x.astype(np.float64)).tolist()))
    got = float(accel.to_numpy(plain_row.call(specs["extra.logsumexp"], (plain_row.put(x),), {})))
    assert abs(got - truth) <= 8 * np.finfo(np.float32).eps * (1 + abs(truth))


def test_memory_beyond_the_result() -> None:
    x = np.random.default_rng(7).uniform(0.1, 0.9, (2000, 2000))
    few: dict[str, Callable[[], Any]] = {name: partial(getattr(accel.extra, name), x) for name in UNARY}
    for axis in (None, 0, 1):
        few[f"logsumexp along {axis}"] = partial(accel.extra.logsumexp, x, axis=axis)
    few["xlogy"] = partial(accel.extra.xlogy, x, x)
    few["betaln"] = partial(accel.extra.betaln, x, 2.0)
    for name, call in few.items():
        call()
        tracemalloc.start()
        y = call()
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert most - y.nbytes < 6 * 2**20, (
            f"{name} needs {(most - y.nbytes) / 2**20:.1f} MiB beside its result"
        )


def test_numbers_beside_arrays_keep_the_dtype(plain_row: Row) -> None:
    x = plain_row.put(np.asarray([0.5, 2.0], dtype=np.float16))
    for name in ("betaln", "xlogy"):
        for args in ((x, 1.5), (1.5, x)):
            assert plain_row.call(specs[f"extra.{name}"], args, {}).dtype == accel.float16


def test_no_warnings_from_defined_values() -> None:
    x = np.asarray([0.0, -0.0, 1.0, -1.0, 1e308, -1e308, np.inf, -np.inf, np.nan])
    with np.errstate(all="raise"):
        for name in UNARY:
            getattr(accel.extra, name)(x)
        accel.extra.xlogy(x, x[::-1])
        accel.extra.betaln(x, x[::-1])
        accel.extra.logsumexp(x)


# Gradients


def slope_of(name: str, x: float) -> float:
    """Give the true derivative at a point."""
    with mpmath.workprec(200):
        return float(mpmath.diff(lambda t: exact_function(name)(t), mpmath.mpf(x)))


def exact_function(name: str) -> Callable[[Any], Any]:
    """Give mpmath's function."""
    from accel.testing.oracle import MPMATH

    return MPMATH[f"extra.{name}"]


@pytest.mark.parametrize("name", UNARY)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_gradients(name: str, dtype: str) -> None:
    jax: Any = pytest.importorskip("jax")
    low, high = UNARY[name]
    points = [low, high, *(low + (high - low) * k / 7 for k in range(1, 7))]
    points = [float(np.asarray(x, dtype=dtype)) for x in points]
    with accel.x64():
        x = jax.numpy.asarray(points, dtype=dtype)
        got = np.asarray(jax.vmap(jax.grad(getattr(accel.extra, name)))(x))
    truth = np.asarray([slope_of(name, p) for p in points])
    np.testing.assert_allclose(got, truth, rtol=200 * float(np.finfo(dtype).eps))


@pytest.mark.parametrize("name", ["erf", "erfc", "expit", "gammaln", "softplus", "i0", "i1"])
def test_gradients_are_no_nan_at_extremes(name: str) -> None:
    jax: Any = pytest.importorskip("jax")
    x = np.asarray([0.0, -0.0, 1e-30, 1e30, 3e38], dtype=np.float32)
    x = np.concatenate([x, -x]) if name != "gammaln" else x[2:]
    got = np.asarray(jax.vmap(jax.grad(getattr(accel.extra, name)))(jax.numpy.asarray(x)))
    assert not np.isnan(got).any(), (name, got)
    if name not in ("i0", "i1"):
        assert np.isfinite(got).all()


def test_gradients_of_two_arguments() -> None:
    jax: Any = pytest.importorskip("jax")
    with accel.x64():
        for a, b in ((0.5, 3.0), (20.0, 0.25), (7.0, 40.0)):
            got = jax.grad(accel.extra.betaln, argnums=(0, 1))(jax.numpy.asarray(a), jax.numpy.asarray(b))
            digamma: Any = mpmath.digamma
            whole = float(digamma(a + b))
            truth = [float(digamma(x)) - whole for x in (a, b)]
            np.testing.assert_allclose([float(g) for g in got], truth, rtol=1e-13)
        zero, two = jax.numpy.asarray(0.0), jax.numpy.asarray(2.0)
        for x, y, truth in (
            (zero, zero, [0.0, 0.0]),
            (two, two, [math.log(2), 1.0]),
            (zero, two, [math.log(2), 0.0]),
        ):
            got = jax.grad(accel.extra.xlogy, argnums=(0, 1))(x, y)
            assert [float(g) for g in got] == pytest.approx(truth)


def test_gradients_of_sums_of_exponentials() -> None:
    jax: Any = pytest.importorskip("jax")
    x = jax.numpy.asarray([1000.0, 1000.0, -1000.0, 3e38, -3e38])
    share = np.asarray(jax.grad(accel.extra.logsumexp)(x))
    np.testing.assert_allclose(share, [0, 0, 0, 1, 0])
    nothing = jax.numpy.full(3, -jax.numpy.inf)
    assert np.isfinite(np.asarray(jax.grad(accel.extra.logsumexp)(nothing))).all()
