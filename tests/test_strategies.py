"""The strategies: what they draw, what they reach, and what they refuse."""

from __future__ import annotations

import doctest
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis.strategies import DataObject

import accel
import accel.testing.strategies as kit
from accel.dispatch import specs
from accel.errors import ArgumentError
from accel.testing.cases import Case
from accel.testing.columns import table
from accel.testing.rows import obstacle
from accel.testing.ulp import distance, smallest

DTYPES = (*kit.ANY, "bfloat16")
HERE = [name for name in ("jax", "cupy", "numpy") if obstacle(name) is None]
SLOW = settings(
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
)


def host(name: str) -> Any:
    return np.dtype(accel.namespace("numpy").bfloat16 if name == "bfloat16" else name)


def test_examples_of_the_docstrings() -> None:
    """The examples run."""
    assert doctest.testmod(kit).failed == 0


def test_public_names_are_documented() -> None:
    """Each function has parameters, a result and an example in its docstring."""
    for name in kit.__all__:
        value = getattr(kit, name)
        if callable(value) and name != "dtype_of":
            text = value.__doc__ or ""
            assert all(word in text for word in ("Parameters\n", "Returns\n", "Examples\n", ">>> ")), name


def test_kinds_of_dtypes_are_those_of_the_specs() -> None:
    """Every word of a spec for its dtypes can be drawn from."""
    assert callable(accel.add)
    assert {spec.dtypes for spec in specs.values()} <= set(kit.POOLS)
    for kind, names in kit.POOLS.items():
        for name in names:
            assert find(kit.dtypes(kind), lambda drawn: drawn == name) == name  # noqa: B023 - used at once
            if kind not in ("any", "boolean", "integer or boolean"):
                words: dict[str, Any] = {
                    "real-valued": ("integral", "real floating"),
                    "integer": "integral",
                    "numeric": "numeric",
                }
                words |= {"floating-point": ("real floating", "complex floating")}
                words |= {
                    "real floating-point": "real floating",
                    "complex floating-point": "complex floating",
                }
                assert np.isdtype(np.dtype(name), words[kind])


@pytest.mark.parametrize("pool", ["float", "real floating", (), ("float32", "f8")])
def test_unknown_dtypes_are_refused(pool: Any) -> None:
    """The error says which words there are."""
    with pytest.raises(ArgumentError, match="real floating-point"):
        kit.dtypes(pool).validate()


@pytest.mark.parametrize("dtype", DTYPES)
@given(data=st.data())
def test_arrays_have_their_dtype_and_shape(dtype: str, data: DataObject) -> None:
    """Any values, finite ones and tame ones are numbers of the dtype; none is subnormal."""
    shape = data.draw(kit.shapes())
    for x in (
        data.draw(kit.arrays(dtype, shape)),
        data.draw(kit.arrays(dtype, st.just(shape), kit.tame)),
        data.draw(kit.arrays(dtype, shape, finite=True)),
        data.draw(kit.arrays(st.just(dtype), shape, kit.wild(dtype))),
    ):
        assert isinstance(x, np.ndarray)
        assert x.dtype == host(dtype)
        assert x.shape == shape
    finite = data.draw(kit.arrays(dtype, shape, finite=True))
    if dtype not in kit.INTEGER + kit.BOOLEAN:
        assert np.isfinite(finite).all()
        parts = [finite.real, finite.imag] if dtype in kit.COMPLEX else [finite]
        assert all(((p == 0) | (np.abs(p) >= smallest(dtype) / 4)).all() for p in parts)


@pytest.mark.parametrize("dtype", [*kit.REAL_FLOATING, "bfloat16"])
def test_adversarial_values_are_reached(dtype: str) -> None:
    """Nan, both infinities, both zeros, the limit, and the neighbour of 1 are drawn."""
    held = host(dtype)
    one = np.ones((), dtype=held)
    wanted: list[Any] = [
        np.isnan,
        lambda x: x == np.inf,
        lambda x: x == -np.inf,
        lambda x: (x == 0) & np.signbit(x),
        lambda x: (x == 0) & ~np.signbit(x),
        lambda x: distance(x, one) == 1,
        lambda x: np.isfinite(x) & (distance(x, np.asarray(np.inf, dtype=held)) == 1),
    ]
    deep = settings(max_examples=2000, database=None)
    for reached in wanted:
        x = find(kit.arrays(dtype, ()), reached, settings=deep)
        assert x.dtype == held


@given(pair=kit.companions(kit.NUMERIC), shapes=kit.broadcastable(3))
def test_what_goes_together(pair: tuple[str, str], shapes: tuple[tuple[int, ...], ...]) -> None:
    """Two dtypes promote, several shapes broadcast."""
    np.result_type(*pair)
    np.broadcast_shapes(*shapes)


@given(data=st.data(), ndim=st.integers(1, 4))
def test_axes_fit(data: DataObject, ndim: int) -> None:
    """NumPy takes each of them."""
    x = np.zeros((1,) * ndim)
    np.sum(x, axis=data.draw(kit.axes(ndim)))
    np.sum(x, axis=data.draw(kit.axis(ndim)))
    assert data.draw(kit.axes(ndim, none=False, several=False)) in range(-ndim, ndim)


@given(data=st.data(), shape=kit.shapes())
def test_indices_fit(data: DataObject, shape: tuple[int, ...]) -> None:
    """NumPy takes each of them, within bounds; newaxis and masks come where they are asked for alone."""
    x = np.zeros(shape)
    drawn = data.draw(kit.indices(shape, masks=True))
    x[drawn]
    plain = data.draw(kit.indices(shape, newaxis=False))
    x[plain]
    parts = plain if isinstance(plain, tuple) else (plain,)
    assert all(isinstance(part, int | slice | type(...)) for part in parts)


@pytest.mark.parametrize(
    "kind",
    [
        lambda i: any(part is ... for part in (i if isinstance(i, tuple) else (i,))),
        lambda i: isinstance(i, tuple) and None in i,
        lambda i: isinstance(i, int) and i < 0,
        lambda i: isinstance(i, slice) and (i.step or 1) < 0,
        lambda i: isinstance(i, tuple) and len(i) == 2 and all(isinstance(part, slice) for part in i),
        lambda i: isinstance(i, np.ndarray) and bool(i.any()),
    ],
)
def test_every_kind_of_index_is_reached(kind: Any) -> None:
    """Ellipsis, newaxis, negative numbers and steps, several slices, masks."""
    shapes = kit.shapes(1, 2, empty=False)
    # A mask is alone in its comparisons: NumPy has none of a mask with None in it.
    found = find(
        shapes.flatmap(lambda shape: kit.indices(shape, masks=True)),
        kind,
        settings=settings(max_examples=3000, database=None),
    )
    assert kind(found)


@pytest.mark.parametrize("backend", HERE)
@SLOW
@given(data=st.data())
def test_arrays_of_a_backend(backend: str, data: DataObject) -> None:
    """A name, a device, or a namespace says whose arrays to draw."""
    for xp in (backend, accel.devices(backend)[0], accel.namespace(backend)):
        x = data.draw(kit.arrays("float32", (3,), xp=xp))
        assert accel.device(x).backend == backend
        mask = data.draw(kit.indices((3,), masks=True, xp=xp).filter(lambda i: hasattr(i, "dtype")))
        assert accel.device(mask).backend == backend
    case = data.draw(kit.op_arguments("add", xp=backend))
    arrays = case.arrays(lambda x: hasattr(x, "dtype"))
    assert {accel.device(x).backend for x in arrays} == {backend}


def test_namespaces_of_libraries_are_known() -> None:
    """The library's own namespace names its backend; what is none of these is refused."""
    assert isinstance(find(kit.arrays("int8", (), xp=np), lambda x: True), np.ndarray)
    for wrong in (pytest, object(), 3):
        with pytest.raises(ArgumentError, match="xp is a backend, a device or a namespace"):
            find(kit.arrays("int8", (), xp=wrong), lambda x: True)


@pytest.mark.parametrize("op", ["add", "concat", "linalg.svd", "fft.fft", "take"])
@SLOW
@given(data=st.data())
def test_op_arguments_are_taken_by_the_op(op: str, data: DataObject) -> None:
    """NumPy computes with each of them."""
    case = data.draw(kit.op_arguments(op))
    assert isinstance(case, Case)
    fn: Any = accel
    for part in op.split("."):
        fn = getattr(fn, part)
    with np.errstate(all="ignore"), accel.use_device("numpy"):
        fn(*case.args, **case.kwargs)


def test_every_op_has_arguments() -> None:
    """The strategy of each op is the one that the matrix draws from; others are refused."""
    for op in specs:
        assert kit.op_arguments(op) is table[op].cases
    with pytest.raises(ArgumentError, match="'sine'"):
        kit.op_arguments("sine")
