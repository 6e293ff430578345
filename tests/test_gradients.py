"""Gradients: each op of the table has the derivatives that it says, on every backend, and those that are finite at special points."""

from __future__ import annotations

import math
from typing import Any

import hypothesis.strategies as st
import mpmath
import numpy as np
import pytest
from hypothesis import given, settings

import accel
import accel.extra
import accel.linalg
import accel.nn
import accel.random
import accel.registry as registry
from accel.dispatch import specs
from accel.errors import DTypeError
from accel.testing.gradients import table
from accel.testing.gradients.check import check, form
from accel.testing.rows import Row, obstacle
from accel.testing.trial import SLOW_TO_DRAW
from tests.depth import is_brief, is_deep

pytestmark = pytest.mark.skipif(
    "jax" not in registry.names() or obstacle("jax") is not None, reason="JAX was NOT run: gradients are its"
)

DEEP = is_deep()
"""Whether there is time for second derivatives, vmap and every form of a call."""

INF = math.inf


def on_jax(x: Any, dtype: Any = np.float64) -> Any:
    return accel.asarray(np.asarray(x, dtype), device="jax:cpu")


def host(x: Any) -> np.ndarray[Any, Any]:
    return np.asarray(accel.to_numpy(x))


def test_every_op_is_accounted_for() -> None:
    assert set(table) == set(specs)


@pytest.mark.parametrize("name", [name for name, entry in table.items() if entry.kind == "smooth"])
def test_every_array_is_accounted_for(name: str) -> None:
    """Each parameter that takes arrays of numbers is in one of the calls."""
    entry, spec = table[name], specs[name]
    named = {each for number in range(len(entry.calls)) for each in form(name, number).given}
    assert {parameter.name for parameter in spec.arrays} <= named | NO_NUMBERS.get(name, set())


NO_NUMBERS = {
    "linalg.pinv": {"rtol"},
    "nn.log_softmax": {"where"},  # -inf where it is false: see the special points
    "repeat": {"repeats"},
}
"""Parameters that may hold an array and have nothing to do with a derivative."""


SLOW = {"random.beta", "random.truncated_normal"}
"""Ops whose derivatives take half a minute to compile."""

FORMS = [
    pytest.param(name, number, id=f"{name}-{number}")
    for name, entry in table.items()
    for number in range(len(entry.calls))
    if DEEP or (number == 0 and name not in SLOW)
]
"""By default the first form of each op; the others differ in options."""


@pytest.mark.parametrize(("name", "number"), FORMS)
@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=30 if DEEP else 1 if is_brief() else 2, suppress_health_check=SLOW_TO_DRAW)
def test_is_the_derivative(name: str, number: int, seed: int) -> None:
    """Forward and backward agree with finite differences and with each other, in the dtype of the argument."""
    check(name, number, seed, orders=2 if DEEP else 1, vmapped=DEEP)


TWICE = {
    "acosh": 2,
    "exp": 0,
    "expm1": 0,
    "extra.erf": 0,
    "extra.i1": 3,
    "extra.logsumexp": 0,
    "extra.reproducible_sum": 0,
    "linalg.eigvals": 0,
    "linalg.eigvalsh": 0,
    "linalg.vector_norm": 0,
    "log1p": 0,
    "logaddexp": 0,
    "nn.scaled_dot_product_attention": 0,
    "nn.sigmoid": 1,
    "nn.softmax": 0,
    "sign": 1,
    "tanh": 0,
}
"""Ops whose derivative is given by accel, and one of their forms."""


@pytest.mark.parametrize("name", TWICE)
def test_second_derivative_and_vmap(name: str) -> None:
    check(name, TWICE[name], 5, orders=2, vmapped=True)


# Other dtypes

NARROW = ("acosh", "atanh", "cosh", "exp", "expm1", "extra.erf", "log1p", "nn.sigmoid", "sinh", "tanh")
"""Ops with formulas of their own for float32."""


def in_dtype(name: str, number: int, dtype: str) -> tuple[list[Any], list[Any], Any]:
    """Give the arguments of a call in another dtype, and the function of them."""
    this = form(name, number)
    xs, rest = this.split(this.case(3))
    others = [on_jax(x, dtype if x.dtype == np.float64 else x.dtype) for x in rest]
    return [on_jax(x, dtype) for x in xs], others, lambda *xs: this.outputs(list(xs), others)


@pytest.mark.parametrize(
    "name", [name for name in NARROW if not DEEP] or [n for n, e in table.items() if e.calls]
)
def test_single_precision_gives_the_same_slope(name: str) -> None:
    """In float32 the gradient is float32, and near that of the same numbers in float64."""
    for number in range(len(table[name].calls) if DEEP else 1):
        this = form(name, number)
        if any(x.dtype.kind == "c" for x in this.split(this.case(3))[0]) or this.call.by != "differences":
            continue
        if name.startswith("random."):
            pytest.skip("other numbers are drawn in float32")
        found = []
        for dtype in ("float32", "float64"):
            xs, _, fn = in_dtype(name, number, dtype)
            xs = [accel.astype(on_jax(host(x), "float32"), getattr(accel, dtype)) for x in xs]
            ys, back = accel.vjp(fn, *xs)
            slopes = back([accel.ones_like(y) for y in ys])
            assert all(slope.dtype == getattr(accel, dtype) for slope in slopes)
            found.append([host(slope) for slope in slopes])
        for single, double in zip(*found, strict=True):
            # What float32 does not hold is infinite there.
            with np.errstate(over="ignore"):
                held = double.astype(np.float32).astype(np.float64)
            finite = held[np.isfinite(held)]
            size = float(np.max(np.abs(finite), initial=0))
            np.testing.assert_allclose(single, held, rtol=0, atol=max(size, 1) * 2.0**-12)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"] if DEEP else ["bfloat16"])
def test_dtype_of_the_argument(dtype: str) -> None:
    """The gradient of an array of 16 or 32 bits has its dtype, of whatever op."""
    jax = pytest.importorskip("jax")
    for name, entry in table.items():
        if not entry.calls or name == "astype" or name in SLOW:
            continue
        this = form(name, 0)
        if any(x.dtype.kind == "c" for x in this.split(this.case(3))[0]):
            continue
        xs, _, fn = in_dtype(name, 0, getattr(accel.namespace("jax"), dtype))

        def slopes(*xs: Any, fn: Any = fn) -> Any:
            ys, back = accel.vjp(fn, *xs)
            return back([accel.ones_like(y) for y in ys])

        try:
            with accel.x64():
                found = jax.eval_shape(slopes, *xs)
        except DTypeError:  # no 16 bits in linear algebra
            assert dtype != "float32"
            continue
        assert [slope.dtype for slope in found] == [x.dtype for x in xs], name


# Other backends

LENT = (
    *("add", "concat", "exp", "extra.einsum", "extra.erf", "extra.interp", "extra.lu_solve", "extra.nanstd"),
    *("extra.reproducible_sum", "extra.segment_sum", "extra.topk", "extra.update_at", "fft.rfft", "floor"),
    *("linalg.cholesky", "matmul", "mean", "nn.conv2d", "nn.cross_entropy", "nn.dequantise", "nn.gelu"),
    *("nn.interpolate", "nn.layer_norm", "nn.max_pool2d", "nn.rotary_embedding", "nn.softmax"),
    *("nn.scaled_dot_product_attention", "random.uniform", "sort", "take", "where"),
)
"""An op for each chapter of the table."""

INDEXED = {"extra.get_at", "extra.set_at", "extra.update_at"}


@pytest.mark.parametrize("name", [n for n, e in table.items() if e.calls] if DEEP else LENT)
def test_arrays_of_other_backends_get_the_same(other_than_jax: Row, name: str) -> None:
    """Gradients of NumPy's and CuPy's arrays are arrays of theirs, with the numbers that JAX's have."""
    this = form(name, 0)
    xs, rest = this.split(this.case(1))

    def backward(xs: Any, others: Any) -> Any:
        ys, back = accel.vjp(lambda *xs: this.outputs(list(xs), others), *xs)
        return back([accel.ones_like(y) for y in ys])

    # An array of the lender inside of an index is no constant of the program; as an argument it is lent as well.
    whole = accel.jit(backward) if name in INDEXED else backward

    def slopes(put: Any) -> Any:
        return whole([put(x) for x in xs], [put(x) for x in rest])

    got, want = slopes(other_than_jax.put), slopes(on_jax_as_it_is)
    for x, mine, theirs in zip(xs, got, want, strict=True):
        assert type(mine) is type(other_than_jax.put(x))
        np.testing.assert_array_equal(host(mine), host(theirs), strict=True)


def on_jax_as_it_is(x: Any) -> Any:
    return accel.asarray(x, device="jax:cpu")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a test the backends whose arrays are lent to JAX."""
    if "other_than_jax" not in metafunc.fixturenames:
        return
    rows = []
    for name in ("numpy", "cupy"):
        reason = obstacle(name) if name in registry.names() else "not announced"
        marks = () if reason is None else (pytest.mark.skip(reason=f"row {name} was NOT run: {reason}"),)
        rows.append(pytest.param(Row(name, name), marks=marks, id=name))
    metafunc.parametrize("other_than_jax", rows)


# Special points

SOME = np.asarray([[True, False], [False, False]])
NOTHING = np.asarray([[-INF, -INF], [1.0, -INF]])
HUGE = [0.0, -1e4, 1e4, -1e300, 1e300, -INF]
ACTIVATIONS = (
    *("relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "mish", "sigmoid", "log_sigmoid"),
    *("hard_sigmoid", "hard_silu", "hard_tanh", "softsign"),
)
Q = np.random.default_rng(3).normal(size=(1, 2, 2))
nn: Any = accel.nn


def attended(mask: Any) -> Any:
    return lambda q, k, v: nn.scaled_dot_product_attention(q, k, v, mask=on_jax(mask, np.asarray(mask).dtype))


def labels(*known: int) -> Any:
    return on_jax(known, np.int64)


FINITE: dict[str, tuple[Any, ...]] = {
    **{f"nn.{name}": (getattr(nn, name), HUGE) for name in ACTIVATIONS},
    "nn.gelu by the tangent": (lambda x: nn.gelu(x, approximate=True), HUGE),
    "nn.softmax of nothing": (lambda x: nn.softmax(x, where=on_jax(SOME, bool)), [[1.0, 2.0], [3.0, 4.0]]),
    "nn.softmax of -inf": (nn.softmax, NOTHING),
    "nn.log_softmax of -inf": (lambda x: nn.log_softmax(x)[1, 0], NOTHING),
    "nn.scaled_dot_product_attention without keys": (attended(SOME), Q, Q, Q),
    "nn.scaled_dot_product_attention with -inf": (attended([[0.0, -INF], [-INF, -INF]]), Q, Q, Q),
    "nn.scaled_dot_product_attention of huge numbers": (
        nn.scaled_dot_product_attention,
        Q * 1e200,
        Q * 1e200,
        Q,
    ),
    "nn.cross_entropy of huge scores": (
        lambda x: nn.cross_entropy(x, labels(0, 1)),
        [[1e300, -1e300], [0.0, 1e4]],
    ),
    "nn.cross_entropy of -inf": (lambda x: nn.cross_entropy(x, labels(0, 1)), [[0.0, -INF], [-INF, 1.0]]),
    "nn.cross_entropy of shares": (nn.cross_entropy, [[0.0, -1e4], [-1e4, 1.0]], [[1.0, 0.0], [0.0, 1.0]]),
    "nn.cross_entropy of nothing": (
        lambda x: nn.cross_entropy(x, labels(-100, -100), reduction="sum"),
        [[1.0, 2.0], [3.0, 4.0]],
    ),
    "nn.nll_loss of -inf": (lambda x: nn.nll_loss(x, labels(0, 1)), [[0.0, -INF], [-INF, 0.0]]),
    "nn.binary_cross_entropy_with_logits": (
        nn.binary_cross_entropy_with_logits,
        [1e300, -1e300, 0.0],
        [1.0, 0.0, 0.5],
    ),
    "nn.kl_div of impossible classes": (nn.kl_div, [-1.0, -2.0], [0.0, 1.0]),
    "nn.mae_loss of what is right": (nn.mae_loss, [1.0], [1.0]),
    "nn.huber_loss of what is right": (nn.huber_loss, [1.0], [1.0]),
    "nn.layer_norm of equal numbers": (nn.layer_norm, [[1.0, 1.0, 1.0]]),
    "nn.rms_norm of zeros": (nn.rms_norm, [[0.0, 0.0]]),
    "nn.batch_norm_train of equal numbers": (lambda x: nn.batch_norm_train(x)[0], [[1.0], [1.0]]),
    "nn.quantise_int8 of zeros": (lambda x: nn.quantise_int8(x).scale, [[0.0, 0.0], [1.0, 2.0]]),
    "extra.logsumexp of -inf": (accel.extra.logsumexp, [-INF, -INF]),
    "extra.logsumexp of nothing": (
        lambda x: accel.extra.logsumexp(x, axis=1, where=on_jax(SOME, bool)),
        [[1.0, 2.0], [3.0, 4.0]],
    ),
    "extra.xlogy of zeros": (accel.extra.xlogy, [0.0, 0.0], [0.0, 1.0]),
    "extra.softplus": (accel.extra.softplus, HUGE),
    "extra.expit": (accel.extra.expit, [*HUGE, INF]),
    "extra.nanstd of equal numbers": (accel.extra.nanstd, [1.0, 1.0, math.nan]),
    "extra.segment_prod with zeros": (
        lambda x: accel.extra.segment_prod(x, labels(0, 0, 1, 1), num_segments=2),
        [0.0, 2.0, 3.0, 0.0],
    ),
    "logaddexp of nothing": (accel.logaddexp, [-INF, -INF, 0.0], [-INF, 1.0, -INF]),
    "hypot at 0": (accel.hypot, [0.0], [0.0]),
    "std of equal numbers": (accel.std, [1.0, 1.0]),
    "prod with zeros": (accel.prod, [0.0, 2.0, 0.0]),
    "cumulative_prod with zeros": (accel.cumulative_prod, [2.0, 0.0, 3.0, 0.0]),
    "pow of 0 in the base": (lambda x: accel.pow(x, on_jax([0.0, 1.0, 2.0])), [0.0, 0.0, 0.0]),
    "linalg.vector_norm at 0": (lambda x: accel.linalg.vector_norm(x, axis=1), [[0.0, 0.0], [3.0, 4.0]]),
    "linalg.vector_norm of order 3 at 0": (lambda x: accel.linalg.vector_norm(x, ord=3), [0.0, 0.0]),
    "linalg.matrix_norm at 0": (accel.linalg.matrix_norm, [[0.0, 0.0], [0.0, 0.0]]),
    "linalg.eigvalsh of equal eigenvalues": (accel.linalg.eigvalsh, [[1.0, 0.0], [0.0, 1.0]]),
    "linalg.svdvals of equal singular values": (accel.linalg.svdvals, [[1.0, 0.0], [0.0, 1.0]]),
    "linalg.det of a singular matrix": (accel.linalg.det, [[1.0, 2.0], [2.0, 4.0]]),
    "extra.apply_where outside of a domain": (
        lambda x: accel.extra.apply_where(accel.greater(x, 0.0), (x,), accel.sqrt, fill_value=0.0),
        [0.0, -1.0, 4.0],
    ),
}
"""What is looked at -> the function, and its arguments."""


@pytest.mark.parametrize("what", FINITE)
def test_slopes_are_finite(what: str) -> None:
    """Where the function is finite its slopes are: no nan gets into a training run by the way back."""
    fn, *given_ = FINITE[what]
    out, back = accel.vjp(fn, *map(on_jax, given_))
    for slope in back(accel.ones_like(out)):
        assert np.isfinite(host(slope)).all(), host(slope)


def test_slopes_at_special_points() -> None:
    """Of norms, deviations and logarithms of sums."""

    def slopes(fn: Any, *xs: Any) -> list[Any]:
        out, back = accel.vjp(fn, *map(on_jax, xs))
        return [host(slope).tolist() for slope in back(accel.ones_like(out))]

    rows = [[0.0, 0.0], [3.0, 4.0]]
    assert slopes(lambda x: accel.linalg.vector_norm(x, axis=1), rows)[0][0] == [0.0, 0.0]
    assert slopes(lambda x: accel.linalg.vector_norm(x, axis=1), rows)[0][1] == pytest.approx([0.6, 0.8])
    assert slopes(accel.std, [2.0, 2.0]) == [[0.0, 0.0]]
    assert slopes(accel.logaddexp, [-INF, -INF], [-INF, 0.0]) == [[0.0, 0.0], [0.0, 1.0]]
    assert slopes(lambda x: accel.pow(x, on_jax([0.0, 1.0])), [0.0, 0.0]) == [[0.0, 1.0]]
    assert slopes(lambda x: accel.pow(x, 3.0), [-2.0]) == [[12.0]]
    assert slopes(accel.nextafter, [1.0], [2.0]) == [[1.0], [0.0]]


# Random numbers

KEY = np.asarray([7, 11], np.uint32)


def test_gamma_moves_with_its_distribution_function() -> None:
    """The slope in a is that of the quantile at which the number lies."""
    a = np.asarray([1.0, 1.5, 3.0, 20.0])
    out, back = accel.vjp(lambda a: accel.random.gamma(on_jax(KEY, np.uint32), a), on_jax(a))
    slopes = host(back(accel.ones_like(out))[0])
    for shape, x, slope in zip(a, host(out), slopes, strict=True):
        # Along a line of equal probability: x' = -(dP/da) / (dP/dx).
        below = mpmath.diff(lambda s, x=x: mpmath.gammainc(s, 0, float(x), regularized=True), float(shape))
        density = mpmath.exp((shape - 1) * mpmath.log(float(x)) - float(x)) / mpmath.gamma(shape)
        assert slope == pytest.approx(float(-below / density), rel=1e-6)


def test_mean_slopes_are_those_of_the_means() -> None:
    """Gamma variables have the mean a, so the mean slope is 1; also below 1, where a number is made of two."""
    n = 4000
    for a in (0.3, 2.0):
        out, back = accel.vjp(lambda a: accel.random.gamma(on_jax(KEY, np.uint32), a), on_jax(np.full(n, a)))
        slopes = host(back(accel.ones_like(out))[0])
        assert abs(slopes.mean() - 1) < 5 * slopes.std() / math.sqrt(n)


@pytest.mark.skipif(
    not DEEP, reason="takes half a minute to compile; run it with --hypothesis-profile nightly"
)
def test_mean_slopes_of_beta() -> None:
    n, a, b = 4000, 0.7, 2.0
    ends = on_jax(np.full(n, a)), on_jax(np.full(n, b))
    out, back = accel.vjp(lambda a, b: accel.random.beta(on_jax(KEY, np.uint32), a, b), *ends)
    for slope, want in zip(back(accel.ones_like(out)), (b / (a + b) ** 2, -a / (a + b) ** 2), strict=True):
        slopes = host(slope)
        assert abs(slopes.mean() - want) < 5 * slopes.std() / math.sqrt(n)
