"""accel.jit: compiled where the library has a compiler, the same results everywhere."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import accel
import accel.registry as registry
from accel.errors import ArgumentError, BackendUnavailableError, MixedBackendsError, PrecisionError
from accel.lending import loan
from accel.testing.rows import Row, obstacle
from accel.transform import Static

pytestmark = pytest.mark.filterwarnings("ignore:Explicitly requested dtype")  # JAX's, where it narrows


def host(x: Any) -> np.ndarray[Any, Any]:
    return np.asarray(accel.to_numpy(x))


@pytest.fixture
def jax() -> Any:
    """JAX, or a skip that says why not."""
    reason = obstacle("jax") if "jax" in registry.names() else "not announced"
    if reason is not None:
        pytest.skip(f"JAX was NOT run: {reason}")
    return pytest.importorskip("jax")


def compiles(row: Row) -> bool:
    backend = registry.load(row.backend)
    if backend.hook("jit") is not None:
        return True
    try:
        return loan(backend, row.device) is not None
    except BackendUnavailableError:
        return False


def test_results_are_those_of_the_function(plain_row: Row) -> None:
    def f(x: Any, y: Any) -> Any:
        return {"sum": accel.sum(x * y), "pair": (accel.sin(x), [y])}

    x, y = (plain_row.put(np.asarray(v)) for v in ([1.0, 2.0], [3.0, 4.0]))
    got, want = accel.jit(f)(x, y), f(x, y)
    assert type(got["sum"]) is type(want["sum"]) or registry.owner(type(got["sum"])) is not None
    np.testing.assert_array_equal(host(accel.asarray(got["sum"])), host(accel.asarray(want["sum"])))
    np.testing.assert_allclose(host(got["pair"][0]), host(want["pair"][0]), rtol=1e-15)
    assert got["pair"][0].dtype == accel.float64
    assert type(got["pair"][1][0]) is type(x)


def test_arrays_by_keyword_in_any_order(plain_row: Row) -> None:
    f = accel.jit(lambda x, **others: accel.stack([x, *(others[name] for name in ("c", "a", "b"))]))
    x, a, b, c = (plain_row.put(np.asarray(v)) for v in (0.0, 1.0, 2.0, 3.0))
    for _ in range(2):  # traced, and from the cache
        np.testing.assert_array_equal(host(f(x, c=c, a=a, b=b)), [0.0, 3.0, 1.0, 2.0])
        np.testing.assert_array_equal(host(f(x, a=a, c=c, b=b)), [0.0, 3.0, 1.0, 2.0])


def test_a_compiler_sees_tracers_and_others_see_arrays(plain_row: Row) -> None:
    def traced(x: Any) -> bool:
        hook = registry.load(accel.device(x).backend).hook("traced")
        return hook is not None and bool(hook(x))

    seen = []

    @accel.jit
    def f(x: Any) -> Any:
        seen.append(traced(x))
        return x + 1

    x = plain_row.put(np.ones(2))
    f(x)
    f(x)
    assert seen == ([True] if compiles(plain_row) else [False, False])
    assert not traced(x)


def test_forms_of_the_decorator() -> None:
    def f(x: Any, n: int = 1) -> Any:
        """Docstring."""
        return x + n

    for made in (accel.jit(f), accel.jit(f, static_argnames="n"), accel.jit(static_argnames=["n"])(f)):
        assert made.__name__ == "f"
        assert made.__doc__ == "Docstring."
        np.testing.assert_array_equal(made(np.ones(2), n=2), [3, 3])
        np.testing.assert_array_equal(made(np.ones(2), 3), [4, 4])


def test_64_bit_data_keep_their_width(plain_row: Row) -> None:
    value = np.asarray([1 + 2**-40, 2**40 + 1.0])

    @accel.jit
    def f(x: Any) -> Any:
        return x * 3, accel.astype(x, accel.int64)

    floats, ints = f(plain_row.put(value))
    np.testing.assert_array_equal(host(floats), value * 3)
    np.testing.assert_array_equal(host(ints), value.astype(np.int64))


def test_python_numbers_follow_the_arrays_as_without_compiling(plain_row: Row) -> None:
    @accel.jit
    def f(x: Any, by: Any, flag: Any = False) -> Any:
        return accel.multiply(x, by) if flag else accel.where(x > 1, x, by)

    x = plain_row.put(np.asarray([1, 2], np.float32))
    for by in (2, 2.5, True):
        for flag in (False, True):
            assert f(x, by, flag=flag).dtype == accel.float32
    np.testing.assert_array_equal(host(f(x, 2.5, flag=True)), [2.5, 5.0])
    np.testing.assert_array_equal(np.signbit(host(f(x, 0.0, flag=True))), False)
    np.testing.assert_array_equal(np.signbit(host(f(x, -0.0, flag=True))), True)


def test_strings_and_dtypes_are_arguments_too(plain_row: Row) -> None:
    @accel.jit
    def f(x: Any, options: dict[str, Any], dtype: Any = None) -> Any:
        assert options["mode"] in ("double", "keep")
        return accel.astype(x * 2 if options["mode"] == "double" else x, dtype or x.dtype)

    x = plain_row.put(np.asarray([1, 2], np.int32))
    assert f(x, {"mode": "keep"}).dtype == accel.int32
    got = f(x, {"mode": "double", "other": (None, math.inf)}, accel.float64)
    assert got.dtype == accel.float64
    np.testing.assert_array_equal(host(got), [2, 4])


def test_policies_of_the_context_are_kept_apart(plain_row: Row) -> None:
    @accel.jit
    def f(x: Any) -> Any:
        return accel.asarray(0.5) + accel.astype(x, accel.float32)

    x = plain_row.put(np.ones(2))
    with accel.use_device(plain_row.device):
        assert f(x).dtype == accel.float64
        with accel.default_dtypes(float=accel.float32):
            assert f(x).dtype == accel.float32
        assert f(x).dtype == accel.float64


def test_without_arrays_the_default_device_chooses(plain_row: Row) -> None:
    @accel.jit
    def f(n: int) -> Any:
        return accel.ones(n) * 2

    with accel.use_device(plain_row.device):
        got = f(3)
    assert registry.owner(type(got)) is registry.load(plain_row.backend)
    assert accel.device(got) == plain_row.device
    np.testing.assert_array_equal(host(got), [2, 2, 2])


def test_methods_and_nested_functions(plain_row: Row) -> None:
    class Model:
        scale = 2.0

        @accel.jit
        def apply(self, x: Any) -> Any:
            return inner(x) * self.scale

    @accel.jit
    def inner(x: Any) -> Any:
        return x + 1

    got = Model().apply(plain_row.put(np.asarray([1.0])))
    assert got.dtype == accel.float64
    np.testing.assert_array_equal(host(got), [4.0])


def test_static_arguments_may_hold_anything_hashable(plain_row: Row) -> None:
    @accel.jit(static_argnames=("shape", "weights"))
    def f(x: Any, shape: tuple[int, ...], *, weights: Any = ()) -> Any:
        return accel.reshape(x, shape) * sum(weights)

    x = plain_row.put(np.arange(4.0))
    np.testing.assert_array_equal(host(f(x, (2, 2), weights=(1, 2))), [[0, 3], [6, 9]])
    np.testing.assert_array_equal(host(f(x, shape=(4,), weights=(1.0,))), [0, 1, 2, 3])


def test_statics_are_equal_only_if_no_function_could_tell() -> None:
    groups = [
        1,
        1.0,
        True,
        0.0,
        -0.0,
        math.nan,
        "1",
        None,
        (1, 2.0),
        (1.0, 2),
        (0.0,),
        (-0.0,),
        1j,
        complex(-0.0, 1),
    ]
    for i, one in enumerate(groups):
        for j, two in enumerate(groups):
            assert (Static(one) == Static(two)) is (i == j), (one, two)
    assert hash(Static((1, 2))) == hash(Static((1, 2)))


def test_arrays_of_two_backends_are_refused(other_row: Row) -> None:
    @accel.jit
    def f(x: Any, y: Any) -> Any:
        return x

    with pytest.raises(MixedBackendsError, match=r"accel\.jit got arrays of .* and .*to_device\(y, like=x\)"):
        f(np.ones(2), [other_row.put(np.ones(2))])


def test_wrong_static_argnames_are_refused() -> None:
    with pytest.raises(ArgumentError, match=r"static_argnames names 'm'.* are x, n"):

        @accel.jit(static_argnames="m")
        def f(x: Any, n: int) -> Any:
            return x

    with pytest.raises(ArgumentError, match="'args'"):
        accel.jit(lambda *args: args, static_argnames="args")
    with pytest.raises(ArgumentError, match="static_argnames takes names of parameters, got 3"):
        accel.jit(lambda x: x, static_argnames=3)  # type: ignore[call-overload]
    with pytest.raises(ArgumentError, match=r"accel\.jit takes a function, got int"):
        accel.jit(3)  # type: ignore[call-overload]


def test_what_cannot_be_hashed_is_refused_by_a_compiler(jax: Any) -> None:
    @accel.jit
    def f(x: Any, y: Any) -> Any:
        return x

    with pytest.raises(ArgumentError, match=r"builtins\.set among the arguments"):
        f(accel.ones(2, device="jax"), {1, 2})


def test_inside_a_transformation_of_jax(jax: Any) -> None:
    @accel.jit
    def f(x: Any, by: float) -> Any:
        return accel.sum(accel.sin(x) * by)

    x = accel.asarray([0.5, 1.0], device="jax")
    want = math.fsum(2 * math.sin(v) for v in (0.5, 1.0))
    with accel.x64():
        assert abs(float(jax.jit(lambda x: f(x, 2.0))(x)) - want) < 1e-15
        np.testing.assert_allclose(jax.grad(lambda x: f(x, 2.0))(x), 2 * np.cos([0.5, 1.0]), rtol=1e-15)
        assert jax.vmap(lambda x: f(x, 2.0))(x).dtype == np.float64
    outside = accel.jit(lambda x: jax.vmap(jax.grad(lambda y: f(y, 2.0)))(x))(x)
    np.testing.assert_allclose(outside, 2 * np.cos([0.5, 1.0]), rtol=1e-15)


def test_a_32_bit_trace_refuses_64_bits_there_too(jax: Any) -> None:
    @accel.jit
    def f(x: Any) -> Any:
        return accel.astype(x, accel.float64) * 2

    @accel.jit
    def constant(n: int) -> Any:
        return accel.ones(n, device="jax")

    x = accel.ones(2, dtype=accel.float32, device="jax")
    assert f(x).dtype == accel.float64
    with pytest.raises(PrecisionError, match="float64"):
        jax.jit(f)(x)
    with pytest.raises(PrecisionError, match="float64"), accel.use_device("jax"):
        jax.jit(lambda x: x + constant(2))(x)
    assert jax.jit(accel.jit(lambda x: accel.sin(x)))(x).dtype == np.float32
