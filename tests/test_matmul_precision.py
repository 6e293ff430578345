"""The precision of matrix products: one policy, local to its context, that compiled functions know about."""

from __future__ import annotations

import contextvars
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import accel
import accel.linalg
from accel import policy
from accel.errors import ArgumentError
from accel.policy import MODES, matmul_mode
from accel.testing.rows import Row

jax = pytest.importorskip("jax")
pytest.importorskip("jax.extend.core")

X = np.asarray([[2.0, 1.0], [0.5, 3.0]], dtype=np.float32)

linalg: Any = accel.linalg

PRODUCTS: dict[str, Any] = {
    "matmul": lambda x: accel.matmul(x, x),
    "tensordot": lambda x: accel.tensordot(x, x, axes=1),
    "vecdot": lambda x: accel.vecdot(x, x),
    "linalg.matmul": lambda x: accel.linalg.matmul(x, x),
    "linalg.matrix_power": lambda x: accel.linalg.matrix_power(x, 3),
    "linalg.inv": lambda x: accel.linalg.inv(x),
    "linalg.pinv": lambda x: accel.linalg.pinv(x),
    "linalg.qr": lambda x: linalg.qr(x).Q,
    "linalg.solve": lambda x: accel.linalg.solve(x, x),
    "linalg.svd": lambda x: linalg.svd(x).U,
    "nn.linear": lambda x: accel.nn.linear(x, x),
}
"""Ops that multiply matrices, or that a library may make of products."""

OWN = ("matmul", "tensordot", "vecdot", "linalg.matmul", "linalg.matrix_power", "nn.linear")
"""Those whose products are accel's own call."""

COMPILED = {name: accel.jit(PRODUCTS[name]) for name in OWN}


def precisions(function: Any, x: Any) -> set[str]:
    """Give the precisions of all the products in the trace of a function, in JAX's words."""
    found: set[str] = set()

    def visit(jaxpr: Any) -> None:
        for equation in jaxpr.eqns:
            if equation.primitive.name == "dot_general":
                asked = equation.params["precision"]
                found.update(str(p) for p in (asked if isinstance(asked, tuple) else (asked,)))
            for inner in jax.extend.core.jaxprs_in_params(equation.params):
                visit(inner)

    # JAX remembers the trace of a function that it has met.
    visit(jax.make_jaxpr(lambda x: function(x))(x).jaxpr)
    return found


@pytest.mark.parametrize("mode", [None, *MODES])
@pytest.mark.parametrize("name", OWN)
def test_jax_is_told_the_precision_of_each_product(name: str, mode: str | None) -> None:
    x = jax.numpy.asarray(X)
    for function in (PRODUCTS[name], COMPILED[name]):
        if mode is None:
            assert precisions(function, x) == {"HIGHEST"}
            continue
        with accel.matmul_precision(mode):
            assert precisions(function, x) == {mode.upper()}
        assert precisions(function, x) == {"HIGHEST"}


@pytest.mark.parametrize("name", sorted(PRODUCTS))
def test_a_factorisation_is_never_less_precise_than_asked_for(name: str) -> None:
    x = jax.numpy.asarray(X)
    assert precisions(PRODUCTS[name], x) <= {"HIGHEST"}
    with accel.matmul_precision("high"):
        assert precisions(PRODUCTS[name], x) <= {"HIGHEST", "HIGH"}


def test_the_user_setting_of_jax_does_not_count() -> None:
    x = jax.numpy.asarray(X)
    with jax.default_matmul_precision("bfloat16"):
        assert precisions(PRODUCTS["matmul"], x) == {"HIGHEST"}


def test_a_compiled_function_is_compiled_once_for_each_mode() -> None:
    seen: list[str] = []

    def product(x: Any) -> Any:
        seen.append(matmul_mode())
        return accel.matmul(x, x)

    compiled = jax.jit(product)
    x = jax.numpy.asarray(X)

    def lowered() -> str:
        compiled(x)
        text: str = compiled.lower(x).as_text()
        return text

    first = lowered()
    assert "HIGHEST" in first
    with accel.matmul_precision("default"):
        fast = lowered()
        assert "precision = [DEFAULT, DEFAULT]" in fast
        with accel.matmul_precision("high"):
            assert "precision = [HIGH, HIGH]" in lowered()
        assert lowered() == fast
    assert lowered() == first
    assert sorted(set(seen)) == sorted(MODES)
    assert len(seen) == 3, f"traced {len(seen)} times, for {seen}"


def test_gradients_are_made_in_the_same_precision() -> None:
    x = jax.numpy.asarray(X)
    slope = jax.grad(lambda x: accel.sum(accel.matmul(x, x)))
    assert precisions(slope, x) == {"HIGHEST"}
    with accel.matmul_precision("high"):
        assert precisions(slope, x) == {"HIGH"}


def test_blocks_nest_and_end() -> None:
    assert matmul_mode() == "highest"
    with accel.matmul_precision("default"):
        assert matmul_mode() == "default"
        with accel.matmul_precision("highest"):
            assert matmul_mode() == "highest"
        assert matmul_mode() == "default"
        with pytest.raises(ZeroDivisionError), accel.matmul_precision("high"):
            raise ZeroDivisionError
        assert matmul_mode() == "default"
    assert matmul_mode() == "highest"
    assert jax.config.jax_default_matmul_precision is None


@pytest.mark.parametrize("wrong", ["tf32", "HIGHEST", "", None, 3])
def test_other_modes_are_refused(wrong: Any) -> None:
    with pytest.raises(ArgumentError) as caught, accel.matmul_precision(wrong):
        pass
    assert str(caught.value) == f"accel.matmul_precision takes 'highest', 'high', 'default', got {wrong!r}."
    assert matmul_mode() == "highest"


def test_other_threads_keep_their_own() -> None:
    x = jax.numpy.asarray(X)
    with ThreadPoolExecutor(1) as pool, accel.matmul_precision("default"):
        assert pool.submit(matmul_mode).result() == "highest"
        assert pool.submit(precisions, PRODUCTS["matmul"], x).result() == {"HIGHEST"}
        context = contextvars.copy_context()
        assert pool.submit(context.run, matmul_mode).result() == "default"
        # JAX's own setting stays behind, and what it has compiled for another mode is no answer.
        for function in (PRODUCTS["nn.linear"], COMPILED["matmul"]):
            assert pool.submit(precisions, function, x).result() == {"HIGHEST"}
            assert pool.submit(context.run, precisions, function, x).result() == {"DEFAULT"}


@pytest.mark.parametrize("name", sorted(PRODUCTS))
def test_results_without_faster_units_do_not_depend_on_the_mode(name: str, plain_row: Row) -> None:
    if not plain_row.device.emulated and plain_row.device.kind != "cpu":
        pytest.skip("this device has units for fewer bits")
    x = plain_row.put(X)
    best = accel.to_numpy(PRODUCTS[name](x))
    for mode in MODES:
        with accel.matmul_precision(mode):
            assert np.array_equal(accel.to_numpy(PRODUCTS[name](x)), best)


def test_numpy_has_full_precision_in_every_mode() -> None:
    x = np.asarray([[1 + 2.0**-23]], dtype=np.float32)
    for mode in MODES:
        with accel.matmul_precision(mode):
            assert accel.matmul(x, np.ones((1, 1), np.float32)) == x


@pytest.fixture
def switch() -> Any:
    """Give the module that holds CuPy's switch, and put the switch back."""
    pytest.importorskip("cupy")
    routines = pytest.importorskip("cupy._core._routines_linalg")
    before = routines.get_compute_type("f")
    yield routines
    routines.set_compute_type("f", before)


def test_the_switch_of_cupy_is_set_for_the_call_and_put_back(switch: Any) -> None:
    from accel_cupy._precision import precise

    read = precise(lambda: switch.get_compute_type("f"))
    for outside in (switch.COMPUTE_TYPE_DEFAULT, switch.COMPUTE_TYPE_TF32, switch.COMPUTE_TYPE_PEDANTIC):
        switch.set_compute_type("f", outside)
        for mode in MODES:
            with accel.matmul_precision(mode):
                inside = read()
            assert (inside == switch.COMPUTE_TYPE_TF32) == (mode != "highest")
            assert switch.get_compute_type("f") == outside
        assert read() != switch.COMPUTE_TYPE_TF32


def test_the_switch_of_cupy_is_put_back_after_an_error(switch: Any) -> None:
    from accel_cupy._precision import precise

    def fails() -> None:
        raise ZeroDivisionError

    switch.set_compute_type("f", switch.COMPUTE_TYPE_DEFAULT)
    with pytest.raises(ZeroDivisionError), accel.matmul_precision("default"):
        precise(fails)()
    assert switch.get_compute_type("f") == switch.COMPUTE_TYPE_DEFAULT


def test_a_thread_of_another_mode_waits_for_the_switch_of_cupy(switch: Any) -> None:
    from accel_cupy._precision import precise

    inside, go_on = threading.Event(), threading.Event()

    def slow() -> Any:
        inside.set()
        go_on.wait(10)
        return switch.get_compute_type("f")

    def fast_mode() -> Any:
        with accel.matmul_precision("default"):
            return precise(slow)()

    switch.set_compute_type("f", switch.COMPUTE_TYPE_DEFAULT)
    with ThreadPoolExecutor(2) as pool:
        fast = pool.submit(fast_mode)
        assert inside.wait(10)
        full = pool.submit(precise(lambda: switch.get_compute_type("f")))
        assert not full.done()
        go_on.set()
        assert fast.result() == switch.COMPUTE_TYPE_TF32
        assert full.result() == switch.COMPUTE_TYPE_DEFAULT


@pytest.mark.parametrize("name", ["matmul", "tensordot", "vecdot", "linalg.matrix_power", "linalg.pinv"])
def test_the_products_of_cupy_go_through_the_switch(name: str, switch: Any) -> None:
    import cupy

    found = accel.namespace("cupy")
    for part in name.split("."):
        found = getattr(found, part)
    # The memory that CuPy takes inside the call is the place from which to look at its switch.
    seen = []
    plain = cupy.cuda.get_allocator()

    def watching(size: int) -> Any:
        seen.append(switch.get_compute_type("f"))
        return plain(size)

    x = cupy.asarray(X)
    args = {"linalg.matrix_power": (x, 3), "linalg.pinv": (x,)}.get(name, (x, x))
    with accel.matmul_precision("default"), cupy.cuda.using_allocator(watching):
        found(*args)
    assert seen
    assert set(seen) == {switch.COMPUTE_TYPE_TF32}


def test_accel_jit_compiles_once_for_each_mode() -> None:
    seen: list[str] = []

    def product(x: Any) -> Any:
        seen.append(matmul_mode())
        return accel.matmul(x, x)

    compiled = accel.jit(product)
    x = jax.numpy.asarray(X)
    for mode in (*MODES, *MODES):
        token = policy._mode.set(mode)  # as if JAX had been imported inside the block: no scope of its own
        try:
            compiled(x)
        finally:
            policy._mode.reset(token)
    assert seen == list(MODES)
