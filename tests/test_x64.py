"""64-bit data on a library that narrows them by default: they stay whole or are refused, and the process is never switched over."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import accel
import accel.fft
import accel.linalg
from accel.errors import PrecisionError
from accel.testing.rows import Row
from tests.fresh import run

DEVICE = "jax:cpu:1"
REFUSAL = r"(got|makes) (float64|int64|uint64|complex128) inside .*`with accel\.x64\(\)"


@pytest.fixture(autouse=True)
def jax(runnable: Callable[[Row], None]) -> Iterator[Any]:
    """JAX, whose switch must be off before and after each test, in this thread and in a new one."""
    runnable(Row("jax", "jax"))
    import jax as module

    jax: Any = module

    def off() -> bool:
        with ThreadPoolExecutor(1) as pool:
            elsewhere = pool.submit(lambda: jax.config.jax_enable_x64).result()
        return not jax.config.jax_enable_x64 and not elsewhere and jax.numpy.ones(1).dtype == np.float32

    assert off()
    yield jax
    assert off()


def matrix() -> Any:
    """Give a well-conditioned matrix whose entries no float32 holds."""
    return np.asarray([[4.1, 1.2, 0.3], [0.7, 3.3, 1.1], [0.2, 0.9, 5.7]])


def same(got: Any, expected: Any, rtol: float = 1e-13) -> None:
    """Insist on a JAX array with the dtype and the values of a NumPy one."""
    assert str(accel.device(got)) == DEVICE
    assert got.dtype == np.asarray(expected).dtype
    np.testing.assert_allclose(accel.to_numpy(got), expected, rtol=rtol, atol=1e-300)


# What arrives

BIG = 2**40 + 1


@pytest.mark.parametrize(
    "obj",
    [
        BIG,
        -BIG,
        2**63 - 1,
        0.1,
        1e300,
        5e-324,
        0.1 + 1e300j,
        [BIG],
        [[BIG, 1], [2, 3]],
        [0.1, 1e300],
        [0.1j],
        (1, 0.1),
        np.int64(BIG),
        np.float64(0.1),
        np.complex128(0.1j),
        [np.float64(0.1), np.float64(1e300)],
        np.asarray([BIG]),
        np.asarray([2**64 - 1], dtype=np.uint64),
        np.asarray([0.1, 1e300, -0.0, np.inf]),
        np.asarray([0.1 + 1e300j]),
        np.asarray(BIG),
        np.asarray([0.1, 0.2, 0.3])[::-1],
        np.asarray([0.1, 0.2]).astype(">f8"),
    ],
    ids=str,
)
def test_whatever_has_64_bits_keeps_them_on_arrival(obj: Any) -> None:
    expected = np.asarray(obj)
    made = accel.asarray(obj, device=DEVICE)
    assert str(accel.device(made)) == DEVICE
    assert made.dtype == expected.dtype.newbyteorder("=")
    assert np.array_equal(accel.to_numpy(made), expected)
    if isinstance(obj, np.ndarray):
        native = obj.astype(obj.dtype.newbyteorder("="))
        for other in (
            accel.to_device(obj, DEVICE),
            accel.from_dlpack(native, device=DEVICE),
            accel.to_device(obj, like=made),
        ):
            assert other.dtype == made.dtype
            assert np.array_equal(accel.to_numpy(other), expected)


@pytest.mark.parametrize("name", ["int64", "uint64", "float64", "complex128"])
def test_creation_with_an_explicit_64_bit_dtype(name: str) -> None:
    dtype, native = getattr(accel, name), np.dtype(name)
    big: Any = BIG if name in ("int64", "uint64") else 0.1
    made = {
        "asarray": (accel.asarray(big, dtype=dtype, device=DEVICE), np.asarray(big, native)),
        "list": (accel.asarray([big, 1], dtype=dtype, device=DEVICE), np.asarray([big, 1], native)),
        "full": (accel.full((2,), big, dtype=dtype, device=DEVICE), np.full((2,), big, native)),
        "zeros": (accel.zeros(2, dtype=dtype, device=DEVICE), np.zeros(2, native)),
        "ones": (accel.ones(2, dtype=dtype, device=DEVICE), np.ones(2, native)),
        "eye": (accel.eye(2, dtype=dtype, device=DEVICE), np.eye(2, dtype=native)),
    }
    x = accel.zeros(2, dtype=accel.float32, device=DEVICE)
    made["full_like"] = (accel.full_like(x, big, dtype=dtype), np.full(2, big, native))
    made["zeros_like"] = (accel.zeros_like(x, dtype=dtype), np.zeros(2, native))
    made["astype"] = (accel.astype(x, dtype), np.zeros(2, native))
    if name != "complex128":
        made["arange"] = (
            accel.arange(BIG, BIG + 3, dtype=dtype, device=DEVICE),
            np.arange(BIG, BIG + 3, dtype=native),
        )
    if name in ("float64", "complex128"):
        made["linspace"] = (
            accel.linspace(0.1, 0.7, 5, dtype=dtype, device=DEVICE),
            np.linspace(0.1, 0.7, 5, dtype=native),
        )
    for what, (got, expected) in made.items():
        assert str(accel.device(got)) == DEVICE, what
        assert got.dtype == native, what
        assert np.array_equal(accel.to_numpy(got), expected), what
    assert accel.empty(2, dtype=dtype, device=DEVICE).dtype == native
    assert accel.empty_like(x, dtype=dtype).dtype == native


# What is computed

OPS: dict[str, Callable[[Any], Any]] = {
    "add a number": lambda x: accel.add(x, 0.1),
    "multiply by a number": lambda x: accel.multiply(0.1, x),
    "divide": lambda x: accel.divide(x, 3),
    "power": lambda x: accel.pow(x, 2.5),
    "floor_divide": lambda x: accel.floor_divide(x, 0.3),
    "remainder": lambda x: accel.remainder(x, 0.3),
    "exp": accel.exp,
    "log10": accel.log10,
    "clip": lambda x: accel.clip(x, 0.15, 3.05),
    "where": lambda x: accel.where(accel.greater(x, 1), x, 0.1),
    "sum": accel.sum,
    "mean": lambda x: accel.mean(x, axis=0),
    "std": accel.std,
    "prod": accel.prod,
    "max": accel.max,
    "cumulative_sum": lambda x: accel.cumulative_sum(x, axis=0),
    "sort": lambda x: accel.sort(x, axis=0),
    "argsort": lambda x: accel.argsort(x, axis=0),
    "argmax": accel.argmax,
    "unique_values": accel.unique_values,
    "take": lambda x: accel.take(x, accel.argmax(x, axis=0), axis=0),
    "concat": lambda x: accel.concat([x, x]),
    "matmul": lambda x: accel.matmul(x, x),
    "vecdot": lambda x: accel.vecdot(x, x),
    "tensordot": lambda x: accel.tensordot(x, x, axes=1),
    "det": accel.linalg.det,
    "inv": accel.linalg.inv,
    "solve": lambda x: accel.linalg.solve(x, x[0]),
    "svdvals": accel.linalg.svdvals,
    "eigvalsh": accel.linalg.eigvalsh,
    "matrix_norm": accel.linalg.matrix_norm,
    "vector_norm": accel.linalg.vector_norm,
    "fft": accel.fft.fft,
    "rfft": accel.fft.rfft,
    "ifft": accel.fft.ifft,
    "fftn": accel.fft.fftn,
    "astype": lambda x: accel.astype(x, accel.complex128),
}


@pytest.mark.parametrize("name", OPS)
def test_results_have_64_bits(name: str) -> None:
    x = matrix()
    same(OPS[name](accel.to_device(x, DEVICE)), OPS[name](x), rtol=1e-12)


def test_integers_do_not_wrap_at_32_bits() -> None:
    for dtype in (accel.int32, accel.uint32, accel.int8, accel.bool):
        x = accel.astype(accel.full(3, 100, device=DEVICE, dtype=accel.int64), dtype)
        assert accel.sum(x).dtype == (accel.uint64 if dtype == accel.uint32 else accel.int64)
        assert accel.prod(x).dtype == accel.sum(x).dtype == accel.cumulative_sum(x).dtype
    x = accel.full(3, 2**31 - 1, dtype=accel.int32, device=DEVICE)
    assert int(accel.sum(x)) == 3 * (2**31 - 1)
    assert accel.to_numpy(accel.cumulative_sum(x)).tolist() == [n * (2**31 - 1) for n in (1, 2, 3)]
    y = accel.asarray([BIG, 1], device=DEVICE)
    assert accel.to_numpy(accel.add(y, BIG)).tolist() == [2 * BIG, BIG + 1]
    assert accel.to_numpy(accel.multiply(y, 2**20)).tolist() == [BIG * 2**20, 2**20]
    assert int(accel.sum(y)) == BIG + 1
    assert accel.argmax(y).dtype == accel.int64
    assert accel.searchsorted(accel.sort(y), y).dtype == accel.int64
    assert accel.nonzero(y)[0].dtype == accel.int64


# Transformations that were entered without the scope


def total(f: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Turn a function into one with a single real number for its result."""

    def summed(x: Any) -> Any:
        y = f(x)
        return accel.sum(accel.real(y) if accel.isdtype(y.dtype, "complex floating") else y)

    return summed


linalg: Any = accel.linalg
"""Its results have names that their annotation, the standard's, does not."""

GRADIENTS: dict[str, Callable[[Any], Any]] = {
    "matmul": lambda x: accel.matmul(x, accel.matmul(x, x)),
    "vecdot": lambda x: accel.vecdot(x, accel.multiply(x, x)),
    "tensordot": lambda x: accel.tensordot(x, accel.multiply(x, x)),
    "qr": lambda x: accel.square(linalg.qr(x).R),
    "qr's q": lambda x: accel.pow(linalg.qr(x).Q, 3),
    "cholesky": lambda x: accel.linalg.cholesky(accel.matmul(x, accel.matrix_transpose(x))),
    "inv": accel.linalg.inv,
    "det": accel.linalg.det,
    "solve": lambda x: accel.linalg.solve(x, accel.square(x)),
    "slogdet": lambda x: linalg.slogdet(x).logabsdet,
    "svdvals": lambda x: accel.square(accel.linalg.svdvals(x)[0]),
    "eigvalsh": lambda x: accel.square(accel.linalg.eigvalsh(accel.add(x, accel.matrix_transpose(x)))[0]),
    "outer": lambda x: accel.linalg.outer(x[0], accel.square(x[1])),
    "cross": lambda x: accel.square(accel.linalg.cross(x, accel.exp(x))),
    "vector_norm": accel.linalg.vector_norm,
    "fft": lambda x: accel.square(accel.abs(accel.fft.fft(accel.exp(x)))),
    "rfft": lambda x: accel.square(accel.real(accel.fft.rfft(x))),
    "sort": lambda x: accel.multiply(accel.sort(x, axis=0), accel.square(x)),
    "take": lambda x: accel.square(accel.take(x, accel.argmax(x, axis=0), axis=0)),
    "cumulative_prod": lambda x: accel.cumulative_prod(x, axis=0),
    "cumulative_sum": lambda x: accel.square(accel.cumulative_sum(x, axis=0)),
    "std": lambda x: accel.std(x, axis=0),
    "mean": lambda x: accel.square(accel.mean(x, axis=1)),
    "prod": accel.prod,
    "max": lambda x: accel.square(accel.max(x, axis=0)),
    "where": lambda x: accel.where(accel.greater(x, 1), accel.square(x), 0.1),
    "clip": lambda x: accel.square(accel.clip(x, 0.25, 4.0)),
    "sinh": accel.sinh,
    "cosh": accel.cosh,
    "tanh": accel.tanh,
    "log1p": accel.log1p,
    "expm1": accel.expm1,
    "atanh": lambda x: accel.atanh(accel.divide(x, 10.0)),
    "hypot": lambda x: accel.hypot(x, accel.square(x)),
    "pow": lambda x: accel.pow(x, accel.reciprocal(x)),
    "logaddexp": lambda x: accel.logaddexp(x, accel.square(x)),
    "divide": lambda x: accel.divide(0.1, x),
    "concat": lambda x: accel.square(accel.concat([x, x], axis=1)),
}


@pytest.mark.parametrize("name", GRADIENTS)
def test_a_gradient_in_double_precision_is_right_in_the_scope_and_refused_outside(
    name: str, jax: Any
) -> None:
    f = total(GRADIENTS[name])
    x, step = matrix(), 1e-3
    direction = np.asarray([[0.3, -0.2, 0.5], [0.7, 0.1, -0.4], [-0.6, 0.2, 0.9]])

    def along(t: float) -> float:
        return float(f(x + t * step * direction))

    slope = (8 * (along(1) - along(-1)) - (along(2) - along(-2))) / (12 * step)
    y = accel.to_device(x, DEVICE)
    with accel.x64():
        gradient = jax.grad(f)(y)
    assert gradient.dtype == np.float64
    assert str(accel.device(gradient)) == DEVICE
    assert float(np.sum(accel.to_numpy(gradient) * direction)) == pytest.approx(slope, rel=2e-9)
    for refused in (jax.grad(f), jax.vjp):
        with pytest.raises(PrecisionError, match=REFUSAL):
            refused(y) if refused is not jax.vjp else refused(f, y)


@pytest.mark.parametrize(
    "name", ["matmul", "vecdot", "tensordot", "qr", "sort", "fft", "sinh", "concat", "where", "mean"]
)
def test_other_transformations_outside_the_scope_refuse_too(name: str, jax: Any) -> None:
    f = GRADIENTS[name]
    x = accel.to_device(matrix(), DEVICE)
    several = accel.stack([x, x])
    calls: list[Callable[[], Any]] = [
        lambda: jax.jit(f)(x),
        lambda: jax.vmap(f)(several),
        lambda: jax.jit(jax.vmap(f))(several),
        lambda: jax.jvp(f, (x,), (x,)),
        lambda: jax.linearize(f, x),
        lambda: jax.eval_shape(f, x),
        lambda: jax.lax.map(f, several),
    ]
    for call in calls:
        # jit itself hands 32-bit tracers to what it calls when the scope is off; a result in 32 bits must not come of 64-bit data.
        with pytest.raises(PrecisionError, match=REFUSAL):
            call()
    with accel.x64():
        expected = f(matrix())
        same(jax.jit(f)(x), expected, rtol=1e-12)
        same(jax.vmap(f)(several), np.stack([expected, expected]), rtol=1e-12)


def test_the_sentence_names_the_op_the_dtype_and_the_way_out(jax: Any) -> None:
    with pytest.raises(PrecisionError) as caught:
        jax.grad(lambda x: accel.sum(accel.matmul(x, x)))(accel.to_device(matrix(), DEVICE))
    sentence = str(caught.value)
    assert re.match(r"^accel\.matmul got float64 inside a jax transformation", sentence)
    assert "`with accel.x64():" in sentence
    assert "\n" not in sentence


def test_a_64_bit_constant_beside_a_32_bit_tracer_is_seen(jax: Any) -> None:
    x = accel.ones(3, dtype=accel.float32, device=DEVICE)
    constant = accel.asarray([0.1, 0.2, 0.3], device=DEVICE)
    for change in (jax.jit, jax.grad, lambda f: jax.vmap(f)):
        with pytest.raises(PrecisionError, match=REFUSAL):
            change(lambda y: accel.sum(accel.multiply(y, constant)))(
                x if change in (jax.jit, jax.grad) else accel.stack([x, x])
            )


@pytest.mark.parametrize(
    "make",
    [
        lambda: accel.zeros(2, device=DEVICE),
        lambda: accel.asarray([BIG], device=DEVICE),
        lambda: accel.asarray(0.1, device=DEVICE),
        lambda: accel.arange(BIG, BIG + 2, device=DEVICE),
        lambda: accel.linspace(0.0, 1.0, 3, device=DEVICE),
        lambda: accel.full((2,), 0.1, device=DEVICE),
        lambda: accel.eye(2, device=DEVICE),
        lambda: accel.to_device(np.asarray([BIG]), DEVICE),
        lambda: accel.asarray(np.asarray([0.1]), device=DEVICE),
    ],
)
def test_64_bit_arrays_made_under_plain_jit_are_whole_or_refused(make: Callable[[], Any], jax: Any) -> None:
    seen: list[Any] = []

    def f(x: Any) -> Any:
        seen.append(make())
        return x

    try:
        jax.jit(f)(accel.ones(1, dtype=accel.float32, device=DEVICE))
    except PrecisionError:
        with pytest.raises(PrecisionError, match=REFUSAL):
            jax.jit(f)(accel.ones(1, dtype=accel.float32, device=DEVICE))
    else:
        assert seen[0].dtype.itemsize == 8
        assert not isinstance(seen[0], jax.core.Tracer)
        assert np.array_equal(accel.to_numpy(seen[0]), accel.to_numpy(make()))
    with accel.x64():
        jax.jit(f)(accel.ones(1, dtype=accel.float32, device=DEVICE))
    assert seen[-1].dtype.itemsize == 8


# 32-bit code


def layer(x: Any, w: Any) -> Any:
    """Do what a small network does, with Python numbers here and there."""
    h = accel.tanh(accel.add(accel.matmul(x, w), 0.5))
    h = accel.where(accel.greater(h, 0), h, accel.multiply(0.1, h))
    h = accel.divide(accel.subtract(h, accel.mean(h, axis=0)), accel.add(accel.std(h, axis=0), 1e-6))
    h = accel.concat([h, accel.clip(h, -1.0, 1.0)], axis=1)
    return accel.sum(accel.square(accel.sort(h, axis=0)))


def test_32_bit_code_needs_no_scope(jax: Any) -> None:
    x = accel.astype(accel.to_device(matrix(), DEVICE), accel.float32)
    assert jax.jit(layer)(x, x).dtype == np.float32
    assert jax.grad(layer)(x, x).dtype == np.float32
    batch = accel.stack([x, x])
    assert jax.vmap(layer)(batch, batch).dtype == np.float32
    with accel.x64():
        inside = jax.jit(jax.grad(layer))(x, x)
    outside = jax.jit(jax.grad(layer))(x, x)
    assert inside.dtype == outside.dtype == np.float32
    np.testing.assert_allclose(inside, outside, rtol=2e-4, atol=1e-5)


def test_32_bit_creation_needs_no_scope(jax: Any) -> None:
    def f(x: Any) -> Any:
        with accel.default_dtypes(float=accel.float32, int=accel.int32), accel.use_device(DEVICE):
            y = accel.add(accel.zeros(3), accel.asarray([0.1, 0.2, 0.3]))
            z = accel.astype(accel.add(accel.arange(3), accel.full((3,), 7)), accel.float32)
        return accel.add(accel.add(x, y), accel.add(z, accel.ones_like(x)))

    x = accel.zeros(3, dtype=accel.float32, device=DEVICE)
    assert jax.jit(f)(x).dtype == np.float32
    np.testing.assert_array_equal(jax.jit(f)(x), f(x))


# The scope


def test_the_scope_ends_with_an_exception_and_nests(jax: Any) -> None:
    with contextlib.suppress(ZeroDivisionError), accel.x64():
        assert jax.config.jax_enable_x64
        with accel.x64():
            assert jax.config.jax_enable_x64
        assert jax.config.jax_enable_x64
        raise ZeroDivisionError
    assert not jax.config.jax_enable_x64


def test_an_op_that_fails_leaves_the_switch_off(jax: Any) -> None:
    x = accel.to_device(matrix(), DEVICE)
    failures: list[Callable[[], Any]] = [
        lambda: accel.add(x, accel.ones(7, device=DEVICE)),
        lambda: accel.sum(x, axis=9),
        lambda: accel.linalg.inv(x[0]),
        lambda: accel.reshape(x, (7, 7)),
        lambda: accel.asarray([2**70], device=DEVICE),
        lambda: accel.asarray(["a"], device=DEVICE),
        lambda: accel.to_device(np.asarray(["a"]), DEVICE),
    ]
    for fails in failures:
        with pytest.raises((ValueError, TypeError, IndexError, OverflowError)):
            fails()
        assert not jax.config.jax_enable_x64


def test_the_scope_is_the_threads_own(jax: Any) -> None:
    with ThreadPoolExecutor(1) as pool, accel.x64():
        assert jax.config.jax_enable_x64
        assert not pool.submit(lambda: jax.config.jax_enable_x64).result()
        assert pool.submit(lambda: jax.numpy.ones(1).dtype).result() == np.float32
        made = pool.submit(lambda: accel.sum(accel.asarray([BIG], device=DEVICE))).result()
        assert int(made) == BIG


def test_the_scope_can_decorate_a_function(jax: Any) -> None:
    @accel.x64()
    def gradient(x: Any) -> Any:
        return jax.grad(lambda y: accel.sum(accel.matmul(y, y)))(x)

    assert gradient(accel.to_device(matrix(), DEVICE)).dtype == np.float64
    assert gradient(accel.to_device(matrix(), DEVICE)).dtype == np.float64


def test_native_operators_are_whole_in_the_scope(jax: Any) -> None:
    x = accel.to_device(matrix(), DEVICE)
    with accel.x64():
        same(x * 0.1 + x.sum(), matrix() * 0.1 + matrix().sum())
        same(jax.jit(lambda y: 2 * y @ y)(x), 2 * matrix() @ matrix())


def test_what_the_user_switched_on_stays_on() -> None:
    code = """
        import jax, numpy as np, accel
        print(jax.config.jax_enable_x64, end=" ")
        x = accel.asarray([0.1, 2.0], device="jax")
        g = jax.jit(jax.grad(lambda y: accel.sum(accel.vecdot(y, y))))(x)
        print(x.dtype, g.dtype, np.array_equal(g, 2 * np.asarray(x)), jax.config.jax_enable_x64, end=" ")
        with jax.enable_x64(False):
            print(accel.add(x, 0.1).dtype, jax.config.jax_enable_x64, end=" ")
        with accel.x64():
            pass
        print(jax.config.jax_enable_x64)
    """
    assert run(code, JAX_ENABLE_X64="1") == "True float64 float64 True True float64 False True"


def test_the_scope_loads_no_library() -> None:
    code = """
        import sys, accel
        with accel.x64():
            accel.zeros(1, device="numpy")
        print(sorted({"jax", "cupy"} & set(sys.modules)))
    """
    assert run(code) == "[]"
