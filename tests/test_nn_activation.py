"""Activations: as PyTorch has them, close to the true values, safe at the ends of the range, and with finite gradients."""

from __future__ import annotations

import math
import tracemalloc
from typing import Any

import mpmath
import numpy as np
import pytest

import accel
import accel.nn as nn
from accel.dispatch import specs
from accel.testing.cases import Case
from accel.testing.columns import table
from accel.testing.condition import allowed
from accel.testing.rows import Row
from accel.testing.ulp import smallest
from tests.referee import answers

assert "nn.gelu" in table, "the columns say what the words of the bounds are"

PLAIN: dict[str, dict[str, Any]] = {
    "celu": {"alpha": 1.3},
    "elu": {"alpha": 0.7},
    "gelu": {},
    "hard_sigmoid": {},
    "hard_silu": {},
    "hard_tanh": {"min_val": -0.5, "max_val": 2.0},
    "leaky_relu": {"negative_slope": 0.1},
    "log_sigmoid": {},
    "mish": {},
    "relu": {},
    "relu6": {},
    "selu": {},
    "sigmoid": {},
    "silu": {},
    "softsign": {},
}
TORCH = {
    "hard_sigmoid": "hardsigmoid",
    "hard_silu": "hardswish",
    "hard_tanh": "hardtanh",
    "log_sigmoid": "logsigmoid",
}
"""What PyTorch writes as one word, or calls otherwise."""


def points(dtype: str) -> Any:
    rng = np.random.default_rng(0)
    spread = rng.standard_normal(3000) * 10.0 ** rng.uniform(-6, 1.5, 3000)
    return np.concatenate([np.linspace(-12, 12, 2001), spread]).astype(dtype).reshape(-1, 1)


NAMES = [*PLAIN, "gelu-tanh", "glu"]


def given(name: str) -> tuple[str, Any, dict[str, Any]]:
    """Give the op that a name stands for, its argument in single precision, and its options."""
    plain = name.removesuffix("-tanh")
    options = {"approximate": True} if plain != name else PLAIN.get(plain, {})
    x = points("float32")
    return plain, x[:-1].reshape(-1, 100) if name == "glu" else x, options


@pytest.fixture(scope="module")
def judged() -> dict[str, Any]:
    calls = []
    for name in NAMES:
        plain, x, options = given(name)
        theirs = {"approximate": "tanh"} if plain != name else options
        calls.append((TORCH.get(plain, plain), (x.astype(np.float64),), theirs))
    return dict(zip(NAMES, answers(calls), strict=True))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", NAMES)
def test_as_in_pytorch(judged: dict[str, Any], plain_row: Row, name: str, dtype: str) -> None:
    plain, x, options = given(name)
    x, spec = x.astype(dtype), specs[f"nn.{plain}"]
    got = accel.to_numpy(plain_row.call(spec, (plain_row.put(x),), options))
    truth = judged[name]
    assert got.dtype == dtype
    eps = np.finfo(dtype).eps
    if spec.same == "conditioned":
        bound = allowed(spec, Case((x,), options), truth.astype(dtype))
    else:
        bound = (spec.ulp if spec.same == "bounded" else 4) * eps * np.abs(truth)
    # PyTorch's own errors are relative to the argument where its formula cancels.
    size = np.abs(x[:, 50:]) + np.abs(x[:, :50]) if name == "glu" else np.abs(x)
    theirs = 16 * np.finfo(np.float64).eps * size
    assert np.all(np.abs(truth - got) <= bound + theirs + smallest(dtype))


def true_gelu(x: float, approximate: bool) -> float:
    with mpmath.workdps(40):
        z = mpmath.mpf(x)
        if approximate:
            u = mpmath.sqrt(2 / mpmath.pi) * (z + mpmath.mpf("0.044715") * z**3)
            return float(z / (1 + mpmath.exp(-2 * u)))
        return float(z * mpmath.erfc(-z / mpmath.sqrt(2)) / 2)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize(
    ("name", "options"),
    [("gelu", {}), ("gelu", {"approximate": True}), ("silu", {})],
    ids=["gelu", "gelu-tanh", "silu"],
)
def test_conditioned_ones_keep_their_bound(
    plain_row: Row, name: str, options: dict[str, Any], dtype: str
) -> None:
    low = -760.0 if dtype == "float64" and name == "silu" else -104.0 if name == "silu" else -40.0
    line = np.concatenate([np.linspace(low, 40, 401), np.linspace(-9, 9, 301), np.linspace(-1e-3, 1e-3, 41)])
    x = line.astype(dtype)
    if name == "silu":
        with mpmath.workdps(40):
            truth = np.asarray([float(v / (1 + mpmath.exp(-mpmath.mpf(v)))) for v in x.tolist()])
    else:
        truth = np.asarray([true_gelu(v, bool(options)) for v in x.tolist()])
    spec = specs[f"nn.{name}"]
    got = accel.to_numpy(plain_row.call(spec, (plain_row.put(x),), options)).astype(np.float64)
    bound = allowed(spec, Case((x,), options), truth.astype(dtype))
    # The truth is rounded to float64 here, and nothing is promised for what is smaller than `smallest`.
    off = np.abs(got - truth) - bound - np.spacing(np.abs(truth)) - smallest(dtype)
    assert np.all(off <= 0), f"at {x[np.argmax(off)]}"


EXTREME = [0.0, -0.0, 1e-30, -1e-30, 1.0, -1.0, 6.0, 3.0, -3.0, -88.5, -95.0, 95.0, -745.0, 1e30, -1e30]


@pytest.mark.parametrize("dtype", ["float16", "float32"])
@pytest.mark.parametrize("name", [*PLAIN, "gelu-tanh"])
def test_nothing_overflows_that_need_not(plain_row: Row, name: str, dtype: str) -> None:
    spec = specs[f"nn.{name.removesuffix('-tanh')}"]
    top = float(np.finfo(dtype).max)
    x = np.clip(np.asarray([*EXTREME, top, -top]), -top, top).astype(dtype)
    options = {"approximate": True} if name.endswith("-tanh") else {}
    got = accel.to_numpy(plain_row.call(spec, (plain_row.put(x),), options))
    # The largest number times the scale of selu is the one that is beyond the range.
    finite = np.isfinite(got) | (np.abs(x) > 0.9 * top if name == "selu" else False)
    assert np.all(finite), f"{x[~finite]} gives {got[~finite]}"


@pytest.mark.parametrize("name", [*PLAIN, "gelu-tanh", "glu"])
def test_gradients_are_finite(name: str) -> None:
    jax = pytest.importorskip("jax")
    import jax.numpy as jnp

    top = float(np.finfo(np.float32).max)
    x = jnp.asarray([*EXTREME, top, -top, *EXTREME, -top, 1.0], dtype=jnp.float32)
    plain = name.removesuffix("-tanh")
    options = {"approximate": True} if plain != name else {}
    function = getattr(nn, plain)
    slopes = np.asarray(jax.grad(lambda x: jnp.sum(jnp.clip(function(x, **options), -1, 1)))(x))
    assert np.all(np.isfinite(slopes)), np.asarray(x)[~np.isfinite(slopes)]
    if name == "glu":
        return
    # Where the curve is smooth the slope is that of the differences.
    z = jnp.asarray([-5.0, -2.2, -0.4, 0.3, 1.1, 4.4], dtype=jnp.float32)
    slopes = np.asarray(jax.vmap(jax.grad(lambda v: function(v, **options)))(z))
    wide = np.asarray(z, dtype=np.float64)
    differences = (function(wide + 1e-6, **options) - function(wide - 1e-6, **options)) / 2e-6
    assert np.allclose(slopes, differences, atol=1e-5)


MAGNITUDES = [
    0.1,
    1.3,
    5.0,
    10.0,
    18.0,
    19.5,
    21.0,
    25.5,
    33.0,
    50.0,
    66.0,
    90.0,
    110.0,
    1e3,
    1e10,
    1e19,
    1e30,
    3e38,
]
"""Some before and some behind where exp(x), its square or its cube leave float32; none at a kink."""


@pytest.mark.parametrize("name", [*PLAIN, "gelu-tanh"])
def test_slope_and_curvature_in_float32_are_those_in_float64(name: str) -> None:
    jax = pytest.importorskip("jax")
    plain = name.removesuffix("-tanh")
    options = {"approximate": True} if plain != name else {}

    def function(x: Any) -> Any:
        return getattr(nn, plain)(x, **options)

    x = np.asarray([sign * m for m in MAGNITUDES for sign in (1, -1)])
    for derivative, allowed_ in ((jax.grad(function), 2e-6), (jax.grad(jax.grad(function)), 2e-5)):
        with accel.x64():
            single, double = (
                np.asarray(jax.vmap(derivative)(jax.numpy.asarray(x, dtype)), np.float64)
                for dtype in ("float32", "float64")
            )
        off = np.abs(single - double) <= allowed_ * np.maximum(1, np.abs(double))
        assert np.all(off), list(zip(x[~off], single[~off], double[~off], strict=True))


def test_slopes_at_zero() -> None:
    jax = pytest.importorskip("jax")
    wanted = {
        "relu": 0.0,
        "relu6": 0.0,
        "elu": 1.0,
        "silu": 0.5,
        "gelu": 0.5,
        "softsign": 1.0,
        "sigmoid": 0.25,
    }
    wanted |= {"mish": 0.6, "log_sigmoid": 0.5, "hard_tanh": 1.0, "hard_sigmoid": 1 / 6}
    for name, slope in wanted.items():
        assert math.isclose(jax.grad(getattr(nn, name))(0.0 * jax.numpy.ones(())), slope, rel_tol=1e-6), name


@pytest.mark.parametrize("dtype", ["float16", "float32"])
@pytest.mark.parametrize("name", [*PLAIN, "glu"])
def test_memory_is_that_of_the_result(name: str, dtype: str) -> None:
    x = np.ones((2048, 2048), dtype=dtype)
    getattr(nn, name)(x[:2])
    tracemalloc.start()
    result = getattr(nn, name)(x)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak <= result.nbytes + 2 * 1024 * 1024


def test_any_layout_is_right() -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((40, 50, 60))
    views = (x.T, x[::2, ::-3], x.transpose(1, 0, 2), np.broadcast_to(x[0, 0], (5, 60)), x[:, :, 7])
    for name, options in PLAIN.items():
        function = getattr(nn, name)
        for view in views:
            assert np.array_equal(function(view, **options), function(np.ascontiguousarray(view), **options))
