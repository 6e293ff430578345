"""Gradients, derivatives and batches of functions, on every backend."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import accel
import accel.registry as registry
from accel.errors import ArgumentError, AxisError, BackendUnavailableError, DTypeError, ShapeError
from accel.testing.rows import Row, obstacle
from tests.fresh import run

pytestmark = pytest.mark.skipif(
    obstacle("jax") is not None, reason=f"nothing differentiates here, JAX was NOT run: {obstacle('jax')}"
)

NUMBERS = hnp.arrays(np.float64, st.sampled_from([(), (3,), (2, 2)]), elements=st.floats(-3, 3))


def host(x: Any) -> np.ndarray[Any, Any]:
    return np.asarray(accel.to_numpy(x))


def energy(x: Any) -> Any:
    return accel.sum(accel.sin(x) * x)


@given(x=NUMBERS)
def test_gradients_are_those_of_calculus(x: np.ndarray[Any, Any], plain_row: Row) -> None:
    point = plain_row.put(x)
    want = np.cos(x) * x + np.sin(x)
    value, gradient = accel.value_and_grad(energy)(point)
    np.testing.assert_allclose(host(value), np.sum(np.sin(x) * x), rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(host(gradient), want, rtol=1e-13, atol=1e-15)
    assert gradient.dtype == point.dtype
    assert type(gradient) is type(point)
    assert accel.device(gradient) == plain_row.device
    np.testing.assert_array_equal(host(accel.grad(energy)(point)), host(gradient))
    moved, slope = accel.jvp(accel.sin, (point,), (plain_row.put(np.ones_like(x)),))
    np.testing.assert_allclose(host(slope), np.cos(x), rtol=1e-14)
    np.testing.assert_allclose(host(moved), np.sin(x), rtol=1e-14)
    same, pullback = accel.vjp(accel.sin, point)
    np.testing.assert_array_equal(host(same), host(moved))
    np.testing.assert_array_equal(host(pullback(plain_row.put(np.ones_like(x)))[0]), host(slope))


@pytest.mark.parametrize("name", ["float16", "bfloat16", "float32", "float64"])
def test_gradients_have_the_dtype_of_the_argument(name: str, plain_row: Row) -> None:
    x = accel.astype(plain_row.put(np.asarray([1.0, 2.0])), getattr(accel, name))
    assert accel.grad(lambda x: accel.sum(x * x))(x).dtype == x.dtype
    assert accel.jit(accel.grad(lambda x: accel.sum(x * x)))(x).dtype == x.dtype


def test_64_bit_gradients_are_whole(plain_row: Row) -> None:
    x = plain_row.put(np.asarray([1 + 2.0**-40]))
    for transform in (accel.grad, lambda f: accel.jit(accel.grad(f))):
        np.testing.assert_array_equal(host(transform(lambda x: accel.sum(x * x))(x)), [2 + 2.0**-39])


def test_argnums_and_what_is_left_out(plain_row: Row) -> None:
    x, n = plain_row.put(np.asarray([1.0, 2.0])), plain_row.put(np.asarray([1, 3]))

    def f(x: Any, mode: str, w: dict[str, Any], n: Any) -> Any:
        assert mode == "sum"
        return accel.sum(x * w["a"][0] * n), {"n": n, "mode": mode}

    (gx, gw), aux = accel.grad(f, (0, 2), has_aux=True)(x, "sum", {"a": (x,)}, n)
    np.testing.assert_array_equal(host(gx), [1.0, 6.0])
    np.testing.assert_array_equal(host(gw["a"][0]), [1.0, 6.0])
    assert aux["mode"] == "sum"
    np.testing.assert_array_equal(host(aux["n"]), [1, 3])
    assert type(aux["n"]) is type(n)
    (value, _), gradient = accel.value_and_grad(f, has_aux=True)(x, "sum", {"a": (x,)}, n=n)
    assert float(value) == 13.0
    np.testing.assert_array_equal(host(gradient), [1.0, 6.0])
    np.testing.assert_array_equal(
        host(accel.grad(f, -2, has_aux=True)(x, "sum", {"a": (x,)}, n)[0]["a"][0]), [1, 6]
    )


def test_a_pullback_takes_and_gives_containers(plain_row: Row) -> None:
    x = plain_row.put(np.asarray([1.0, 2.0]))
    out, pullback, aux = accel.vjp(lambda a, b: ({"s": a * b}, "aux"), x, x + x, has_aux=True)
    assert aux == "aux"
    np.testing.assert_array_equal(host(out["s"]), [2.0, 8.0])
    first, second = pullback({"s": plain_row.put(np.asarray([1.0, 10.0]))})
    np.testing.assert_array_equal(host(first), [2.0, 40.0])
    np.testing.assert_array_equal(host(second), [1.0, 20.0])
    for wrong in (plain_row.put(np.ones(3)), plain_row.put(np.ones(2, np.float32))):
        with pytest.raises(
            ShapeError,
            match=r"takes a cotangent like the value of the function \(float64 \(2,\)\), got float",
        ):
            pullback({"s": wrong})


def test_rules_of_ones_own(plain_row: Row) -> None:
    @accel.custom_vjp
    def careful(x: Any, y: Any) -> Any:
        """Docstring."""
        return x * y

    x = plain_row.put(np.asarray([3.0, 5.0]))
    with pytest.raises(ArgumentError, match=r"write f\.defvjp\(fwd, bwd\) before it is called"):
        careful(x, x)
    careful.defvjp(lambda x, y: (x * y, (x, y)), lambda kept, g: (g * kept[1] * 10, accel.zeros_like(g)))
    np.testing.assert_array_equal(host(careful(x, x)), [9.0, 25.0])
    assert careful.__name__ == "careful"
    for transform in (accel.grad, lambda f, n: accel.jit(accel.grad(f, n))):
        gx, gy = transform(lambda x, y: accel.sum(careful(x, y)), (0, 1))(x, x)
        np.testing.assert_array_equal(host(gx), [30.0, 50.0])
        np.testing.assert_array_equal(host(gy), [0.0, 0.0])


def test_recomputed_and_stopped(plain_row: Row) -> None:
    x = plain_row.put(np.asarray([0.5, 2.0]))
    calls = []

    def block(x: Any, mode: str) -> Any:
        calls.append(mode)
        return accel.sin(x)

    kept = accel.grad(lambda x: accel.sum(accel.checkpoint(block)(x, "plain") * x))(x)
    np.testing.assert_allclose(host(kept), np.cos(host(x)) * host(x) + np.sin(host(x)), rtol=1e-15)
    assert calls == ["plain"]
    np.testing.assert_allclose(host(accel.checkpoint(block)(x, "again")), np.sin(host(x)), rtol=1e-15)
    if plain_row.backend == "jax":
        jax = pytest.importorskip("jax")

        def deep(x: Any) -> Any:
            return accel.sin(accel.sin(accel.sin(x)))

        # What the way back needs: the input alone, not a cosine for each sine.
        with accel.x64():
            kept_each, kept_once = (jax.tree.leaves(jax.vjp(f, x)[1]) for f in (deep, accel.checkpoint(deep)))
        assert len(kept_each) > len(kept_once) == 1
    stopped = accel.grad(lambda x: accel.sum(accel.stop_gradient({"x": x, "n": 3})["x"] * x))(x)
    np.testing.assert_array_equal(host(stopped), host(x))
    assert accel.stop_gradient(x) is x or plain_row.backend == "jax"


def test_batches(plain_row: Row) -> None:
    x = plain_row.put(np.arange(6.0).reshape(2, 3))
    w = plain_row.put(np.asarray([1.0, 10.0, 100.0]))
    np.testing.assert_array_equal(host(accel.vmap(accel.vecdot, (0, None))(x, w)), [210.0, 543.0])
    np.testing.assert_array_equal(host(accel.vmap(lambda c: c * 2, 1, 0)(x)), 2 * host(x).T)
    scaled = accel.vmap(lambda c, options, n: {"y": c[options["k"]] * n}, (0, 0, 0))(
        x, {"k": "first"} and {"k": 1}, 2.0
    )
    np.testing.assert_array_equal(host(scaled["y"]), [2.0, 8.0])
    np.testing.assert_allclose(
        host(accel.vmap(accel.grad(energy))(x)), np.cos(host(x)) * host(x) + np.sin(host(x))
    )
    with pytest.raises(ShapeError, match=r"accel\.vmap: vmap got inconsistent sizes"):
        accel.vmap(accel.add)(x, w)


def test_gradients_of_many_cases_are_gradients_of_one_function(plain_row: Row) -> None:
    """What a network's training does: containers, control flow, random numbers, in one compiled step."""
    key = accel.random.key(0, device=plain_row.device)
    w = {"w": accel.random.normal(key, (3, 3)), "b": plain_row.put(np.zeros(3))}

    def loss(w: Any, x: Any, key: Any) -> Any:
        def layer(h: Any, _: Any) -> Any:
            return accel.nn.gelu(accel.nn.linear(h, w["w"], w["b"])), None

        h, _ = accel.scan(layer, x, length=3)
        return accel.mean(accel.nn.dropout(h, 0.25, key) ** 2)

    x = accel.random.normal(key, (4, 3))
    value, gradient = accel.jit(accel.value_and_grad(loss))(w, x, key)
    home = {n: accel.to_numpy(v) for n, v in w.items()}
    h = 1e-6
    for name in w:
        for where in np.ndindex(home[name].shape):
            sides = []
            for sign in (1, -1):
                moved = {n: v.copy() for n, v in home.items()}
                moved[name][where] += sign * h
                arrays = {n: plain_row.put(v) for n, v in moved.items()}
                sides.append(float(loss(arrays, x, key)))
            assert abs((sides[0] - sides[1]) / (2 * h) - host(gradient[name])[where]) < 1e-8
    np.testing.assert_allclose(float(value), float(loss(w, x, key)), rtol=1e-12)


THREE: Any = 3
HALF: Any = 0.5
"""What stands where a function, or a whole number, belongs."""


def _two_gradients(x: Any) -> Any:
    @accel.custom_vjp
    def f(x: Any) -> Any:
        return accel.sum(x)

    f.defvjp(lambda x: (accel.sum(x), x), lambda x, g: (x, x))
    return accel.grad(f)(x)


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (
            lambda x: accel.grad(lambda x: x * 2)(x),
            ShapeError,
            r"accel\.grad takes a function that gives a 0-d array, and it gave one of shape \(2,\)",
        ),
        (lambda x: accel.grad(lambda x: 1)(x), DTypeError, "gives a 0-d array, and it gave int"),
        (
            lambda x: accel.grad(lambda x: accel.argmax(x))(x),
            DTypeError,
            "got a result of int64, and only real floating",
        ),
        (
            lambda x: accel.grad(accel.sum)(accel.astype(x, accel.int32)),
            DTypeError,
            "got an array of int32 in argument 0",
        ),
        (
            lambda x: accel.grad(accel.sum)(accel.astype(x, accel.complex128)),
            DTypeError,
            "got an array of complex128 in argument 0",
        ),
        (
            lambda x: accel.grad(accel.sum, 1)(x),
            ArgumentError,
            "with respect to argument 1, and the call has 1 without a name",
        ),
        (
            lambda x: accel.grad(accel.sum, has_aux=True)(x),
            ArgumentError,
            r"takes a function that gives a pair \(value, aux\)",
        ),
        (lambda x: accel.jvp(accel.sin, (x,), ()), ArgumentError, "one tangent for each primal, got 1 and 0"),
        (lambda x: accel.jvp(accel.sin, x, x), ArgumentError, "takes the primals as a sequence"),
        (
            lambda x: accel.jvp(accel.sin, (x,), (x[:1],)),
            ShapeError,
            r"tangents like the primals, got float64 of shape \(2,\) and float64 of shape \(1,\)",
        ),
        (
            lambda x: accel.jvp(accel.sin, (x,), (accel.astype(x, accel.float32),)),
            DTypeError,
            r"tangents like the primals, got float64 of shape \(2,\) and float32 of shape \(2,\)",
        ),
        (lambda x: accel.jvp(lambda d: d["a"], ({"a": x},), ({"b": x},)), ShapeError, "like the primals"),
        (lambda x: accel.jvp(accel.sin, (1,), (1,)), DTypeError, r"accel\.jvp got int in argument 0"),
        (
            lambda x: accel.vjp(accel.take, x, accel.asarray([0], device=accel.device(x))),
            DTypeError,
            r"accel\.vjp got an array of int64 in argument 1, and only floating numbers have a derivative",
        ),
        (lambda x: accel.vjp(accel.sin, "a"), DTypeError, r"accel\.vjp got str in argument 0"),
        (
            lambda x: accel.grad(lambda d: accel.sum(d["a"]))({"a": x, "n": 3}),
            DTypeError,
            "got int in argument 0",
        ),
        (lambda x: accel.grad(accel.sum, HALF)(x), ArgumentError, r"argnums of accel\.grad is an int or"),
        (lambda x: accel.grad(accel.sum, ())(x), ArgumentError, r"argnums of accel\.grad is an int or"),
        (lambda x: accel.grad(x), ArgumentError, r"accel\.grad takes a function, got"),
        (lambda x: accel.vjp(THREE, x), ArgumentError, r"accel\.vjp takes a function, got int"),
        (lambda x: accel.jvp(THREE, (x,), (x,)), ArgumentError, r"accel\.jvp takes a function, got int"),
        (lambda x: accel.vmap(THREE), ArgumentError, r"accel\.vmap takes a function, got int"),
        (lambda x: accel.checkpoint(THREE), ArgumentError, r"accel\.checkpoint takes a function, got int"),
        (lambda x: accel.custom_vjp(THREE), ArgumentError, r"accel\.custom_vjp takes a function, got int"),
        (
            lambda x: accel.custom_vjp(accel.sin).defvjp(THREE, THREE),
            ArgumentError,
            "takes a function, got int",
        ),
        (
            lambda x: _two_gradients(x),
            ArgumentError,
            "one gradient for each argument, 1 here, and it gave a tuple of 2",
        ),
        (lambda x: accel.vmap(accel.sin, in_axes="a")(x), ArgumentError, "in_axes of accel.vmap is an int"),
        (lambda x: accel.vmap(accel.sin, out_axes=0.5)(x), ArgumentError, "out_axes of accel.vmap is an int"),
        (lambda x: accel.vmap(accel.sin)(3.0), ArgumentError, "needs an array that counts the batch"),
        (lambda x: accel.vmap(accel.sin, out_axes=2)(x), AxisError, r"out_axes=2 of a result of shape \(\)"),
        (lambda x: accel.vmap(accel.sin, in_axes=2)(x), ShapeError, "along axis 2"),
        (lambda x: accel.vmap(accel.add)(x, x[:1]), ShapeError, "inconsistent sizes"),
    ],
)
def test_bad_input_is_refused_alike(call: Any, error: Any, says: str, plain_row: Row) -> None:
    x = plain_row.put(np.asarray([1.0, 2.0]))
    with pytest.raises(error, match=says):
        call(x)


def test_arrays_that_nobody_lends() -> None:
    """In a process of its own, where the strict namespace may be announced."""
    pytest.importorskip("array_api_strict")
    said = run(
        """
        from accel.testing.rows import obstacle
        assert obstacle("strict") is None
        import accel, array_api_strict
        x = array_api_strict.asarray([1.0, 2.0])
        print(float(accel.jit(accel.sum)(x)))
        try:
            accel.grad(accel.sum)(x)
        except accel.errors.BackendUnavailableError as error:
            print(error)
        """
    )
    assert said.startswith("3.0")
    assert "lends its arrays to no compiler" in said


def test_on_the_host_where_that_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A GPU that JAX does not see: refused, or computed on the CPU and said so once."""
    if obstacle("cupy") is not None:
        pytest.skip(f"CuPy was NOT run: {obstacle('cupy')}")
    import accel.lending as lending
    import accel.transform.application as application

    x = accel.asarray([1.0, 2.0], device="cupy")
    hidden = lending.loan

    def loan(lender: registry.Backend, device: accel.Device) -> Any:
        if lender.name == "cupy":
            raise BackendUnavailableError("JAX has no such device.")
        return hidden(lender, device)

    monkeypatch.setattr(application, "loan", loan)
    monkeypatch.setattr(application, "_told", set())
    with pytest.raises(BackendUnavailableError, match=r"JAX has no such device.*allow_transfer=True"):
        accel.grad(energy)(x)
    gradient = accel.grad(energy, allow_transfer=True)
    with pytest.warns(accel.errors.NotCompiledWarning, match="computes on jax:cpu:0, not on cupy:gpu:0"):
        got = gradient(x)
    assert accel.device(got) == accel.device(x)
    np.testing.assert_array_equal(host(gradient(x)), host(got))
