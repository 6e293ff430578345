"""Dispatch: which backend a call goes to, what may stand beside an array, and accel as a namespace."""

from __future__ import annotations

import inspect
import pickle
from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np
import pytest

import accel
import accel.fft
import accel.linalg
import accel.registry as registry
from accel.dispatch import specs
from accel.errors import BackendUnavailableError, DeviceNotFoundError, MixedBackendsError, UnknownArrayError
from accel.testing.rows import Row
from tests.fresh import run

Runnable = Callable[[Row], None]

DTYPES = (
    *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    *("float16", "bfloat16", "float32", "float64", "complex64", "complex128"),
)

loose: Any = accel
"""accel for calls that no type checker would let pass."""

assert accel.add is not None  # loads the chapters, whose specs are read below


@pytest.fixture
def jax(runnable: Runnable) -> Any:
    """JAX, where it is one of the backends to run."""
    runnable(Row("jax", "jax"))
    import jax

    return jax


def public(name: str) -> Any:
    """Give a public function by its dotted name."""
    return reduce(getattr, name.split("."), accel)


def on(row: Row, obj: Any, dtype: Any = None) -> Any:
    """Make an array of a row's backend."""
    return accel.asarray(obj, dtype=dtype, device=row.device)


def belongs(x: Any, row: Row) -> bool:
    """Tell whether an array is one of a row's backend."""
    owner = registry.owner(type(x))
    return owner is not None and owner.name == row.backend


# The owner of the arrays


def test_every_backend_gets_its_own(plain_row: Row) -> None:
    x, y = on(plain_row, [[1.0, 2.0], [3.0, 4.0]]), on(plain_row, [1.0, 2.0])
    results = (
        accel.add(x, y),
        accel.sum(x),
        accel.concat([x, x]),
        accel.concat((x, x)),
        accel.stack([y, y, y]),
        *accel.broadcast_arrays(x, y),
        *accel.meshgrid(y, y),
        accel.where(accel.greater(x, 2), x, y),
        accel.clip(x, y),
        accel.clip(x, None, y),
        accel.searchsorted(y, x),
        accel.take_along_axis(x, accel.argsort(x), axis=1),
        accel.linalg.solve(x, y),
        accel.fft.fft(x),
    )
    assert all(belongs(r, plain_row) for r in results)


@pytest.mark.parametrize(
    ("dtype", "scalar", "expected"),
    [
        ("float32", 1.5, "float32"),
        ("float32", 1, "float32"),
        ("float32", True, "float32"),
        ("float32", 1j, "complex64"),
        ("float16", 1.5, "float16"),
        ("int8", 1, "int8"),
        ("int8", True, "int8"),
        ("uint64", 1, "uint64"),
        ("complex64", 1.5, "complex64"),
        ("float64", 1j, "complex128"),
        ("bool", True, "bool"),
    ],
)
def test_python_scalars_follow_the_array(dtype: str, scalar: Any, expected: str, plain_row: Row) -> None:
    x = on(plain_row, [0, 1], getattr(accel, dtype))
    for result in (
        accel.multiply(x, scalar),
        accel.multiply(scalar, x),
        accel.where(on(plain_row, [True, False]), x, scalar),
    ):
        assert belongs(result, plain_row)
        assert result.dtype == getattr(accel, expected)
        assert str(accel.device(result)) == str(plain_row.device)


def test_python_scalars_may_stand_in_several_places(plain_row: Row) -> None:
    x = on(plain_row, [0.0, 5.0, 9.0])
    assert accel.to_numpy(accel.clip(x, 1, 7.0)).tolist() == [1.0, 5.0, 7.0]
    assert accel.to_numpy(accel.where(accel.less(x, 6), 1.0, x)).tolist() == [1.0, 1.0, 9.0]
    assert accel.result_type(x, 1, 2.0) == accel.float64


def test_numpy_scalars_are_numpys_arrays() -> None:
    assert accel.add(np.float64(1.5), 1) == 2.5
    assert type(accel.add(np.float32(1.5), np.ones(2, dtype=np.float32))) is np.ndarray
    assert accel.add(np.float64(1.5), np.float64(1)).dtype == accel.float64
    assert accel.namespace(np.float64(1)) is accel.namespace("numpy")
    assert accel.device(np.int8(1)) == accel.device("numpy")


def test_none_stands_only_where_the_op_takes_it(plain_row: Row) -> None:
    x = on(plain_row, [1.0, 5.0])
    assert accel.to_numpy(accel.clip(x, None, None)).tolist() == [1.0, 5.0]
    assert accel.to_numpy(accel.clip(x, max=2)).tolist() == [1.0, 2.0]
    calls: list[Callable[[], Any]] = [
        lambda: loose.add(x, None),
        lambda: loose.add(None, x),
        lambda: loose.sum(None),
        lambda: loose.clip(None, x, x),
    ]
    for call in calls:
        with pytest.raises(UnknownArrayError, match=r"^accel\.\w+ got NoneType in x[12]?, not an array"):
            call()


def test_subclasses_go_to_the_backend_of_their_base() -> None:
    class Marked(np.ndarray[Any, Any]):
        pass

    class Twice(Marked):
        pass

    x = np.arange(3.0).view(Twice)
    assert type(accel.multiply(x, 2)) is Twice
    assert accel.namespace(x) is accel.namespace("numpy")
    assert registry.owner(Twice) is registry.load("numpy")
    assert accel.to_numpy(accel.concat([x, np.ones(1)])).tolist() == [0.0, 1.0, 2.0, 1.0]


def test_tracers_go_to_jax(jax: Any) -> None:
    seen = set()

    def f(x: Any) -> Any:
        owner = registry.owner(type(x))
        assert owner is not None
        seen.add((type(x).__name__, owner.name, accel.namespace(x, 1, None)))
        y = accel.concat([x, accel.multiply(x, 2)])
        return accel.sum(accel.where(accel.greater(y, 0), y, 0.0))

    x = accel.ones((2, 3), dtype=accel.float32, device="jax")
    for change in (
        jax.jit,
        jax.grad,
        jax.vmap,
        lambda f: jax.jit(jax.grad(f)),
        lambda f: jax.vmap(jax.grad(f)),
    ):
        change(f)(x)
    assert len({name for name, _, _ in seen}) >= 3
    assert {(owner, xp) for _, owner, xp in seen} == {("jax", accel.namespace("jax"))}


def test_a_tracer_and_a_constant_of_another_backend_do_not_mix(jax: Any) -> None:
    x = accel.ones(2, dtype=accel.float32, device="jax")
    with pytest.raises(MixedBackendsError, match=r"x1 holds jax \(.*Tracer\), x2 holds numpy \(ndarray\)"):
        jax.jit(lambda y: accel.add(y, np.ones(2)))(x)


# Sequences and dtypes in the place of arrays


def test_variadic_ops(plain_row: Row) -> None:
    x, y = on(plain_row, [1, 2, 3]), on(plain_row, [[1.5], [2.5]])
    assert [a.shape for a in accel.broadcast_arrays(x, y)] == [(2, 3), (2, 3)]
    assert len(accel.broadcast_arrays(x)) == 1
    assert [tuple(a.shape) for a in accel.meshgrid(x, x, indexing="ij")] == [(3, 3), (3, 3)]
    assert accel.result_type(x, y) == accel.float64
    assert accel.result_type(x, accel.float32) == accel.float64
    assert accel.result_type(accel.int8, x, 1) == accel.int64
    assert accel.broadcast_shapes((2, 1), (3,)) == (2, 3)


def test_dtypes_without_arrays(plain_row: Row) -> None:
    xp = accel.namespace(plain_row.backend)
    with accel.use_device(plain_row.device):
        for float32, int8 in ((accel.float32, accel.int8), (xp.float32, xp.int8)):
            assert accel.result_type(float32, int8) == accel.float32
            assert accel.result_type(float32, 1.0) == accel.float32
            assert accel.can_cast(int8, float32)
            assert accel.isdtype(int8, "signed integer")
            assert accel.isdtype(float32, (int8, float32))
            assert accel.finfo(float32).bits == 32
            assert accel.iinfo(int8).max == 127
    x = on(plain_row, [1.0], accel.float32)
    assert accel.finfo(x).dtype == accel.float32
    assert accel.can_cast(x, accel.float64)
    assert not accel.can_cast(x, accel.int8)


@pytest.mark.parametrize("name", DTYPES)
def test_dtypes_equal_those_of_every_library(name: str, plain_row: Row) -> None:
    mine = getattr(accel, name)
    assert pickle.loads(pickle.dumps(mine)) is mine
    assert repr(mine) == f"accel.{name}"
    assert hash(mine) == hash(pickle.loads(pickle.dumps(mine)))
    xp = accel.namespace(plain_row.backend)
    theirs = getattr(xp, name, None)
    if theirs is None:
        assert name in ("float16", "bfloat16")  # the standard asks for neither
        return
    x = accel.ones(1, dtype=mine, device=plain_row.device)
    assert x.dtype == mine
    assert mine == x.dtype
    assert theirs == mine
    assert mine == theirs
    assert accel.astype(x, theirs).dtype == mine
    for other in DTYPES:
        if other != name:
            assert x.dtype != getattr(accel, other)
            assert getattr(accel, other) != theirs
            assert getattr(accel, other) != mine


def test_dtypes_equal_scalar_types_too(jax: Any) -> None:
    assert accel.float32 == np.float32
    assert np.float32 == accel.float32
    assert accel.float32 == jax.numpy.float32
    assert accel.float32 != np.float64
    assert accel.float32 != jax.numpy.float64
    assert accel.float32 != "float32"
    assert accel.float32 != 32
    assert accel.float32 is not None


@pytest.mark.parametrize(
    "call",
    [
        lambda x: accel.astype(x, accel.float32),
        lambda x: accel.astype(x, accel.float32, copy=False),
        lambda x: accel.sum(x, dtype=accel.float32),
        lambda x: accel.prod(x, dtype=accel.float32),
        lambda x: accel.cumulative_sum(x, dtype=accel.float32),
        lambda x: accel.cumulative_prod(x, dtype=accel.float32),
        lambda x: accel.zeros_like(x, dtype=accel.float32),
        lambda x: accel.full_like(x, 1, dtype=accel.float32),
        lambda x: accel.asarray(x, dtype=accel.float32),
        lambda x: accel.linalg.trace(accel.linalg.outer(x, x), dtype=accel.float32),
    ],
)
def test_accels_dtypes_are_taken_wherever_a_dtype_is(call: Callable[[Any], Any], plain_row: Row) -> None:
    assert call(on(plain_row, [1, 2])).dtype == accel.float32


# Signatures


@pytest.mark.parametrize("spec", specs.values(), ids=list(specs))
def test_a_function_is_what_its_spec_says(spec: Any) -> None:
    function = public(spec.name)
    assert inspect.signature(function, follow_wrapped=False) == inspect.signature(spec.function)
    assert function.__doc__ == spec.function.__doc__
    assert function.__name__ == spec.name.rpartition(".")[2]
    assert function.__module__ == ".".join(["accel", *spec.name.split(".")[:-1]])
    assert pickle.loads(pickle.dumps(function)) is function


def test_wrong_calls_are_pythons_own_type_errors() -> None:
    x = np.ones(2)
    calls: list[Callable[[], Any]] = [
        lambda: loose.add(x),
        lambda: loose.add(x, x, x),
        lambda: loose.add(x1=x, x2=x),
        lambda: loose.sum(x, 0),
        lambda: loose.sum(x, axes=0),
        lambda: loose.zeros(),
        lambda: loose.zeros(2, np.float32),
        lambda: loose.concat(x, x),
    ]
    for call in calls:
        with pytest.raises(TypeError) as caught:
            call()
        assert type(caught.value) is TypeError


# Namespaces


def test_namespaces_by_array_name_and_device(plain_row: Row) -> None:
    xp = accel.namespace(plain_row.backend)
    x = on(plain_row, [1.0])
    with accel.use_device(plain_row.device):
        assert accel.namespace() is xp
        assert accel.namespace(1, None, 2.0) is xp
    for what in ((x,), (x, x), (x, 1, None, 2.5), (str(plain_row.device),), (plain_row.device,)):
        assert accel.namespace(*what) is xp
    assert accel.namespace(f"{plain_row.backend}:{plain_row.device.kind}") is xp
    assert xp.__array_api_version__ == "2025.12"
    assert type(xp.add(x, x)) is type(x)


def test_the_bound_namespace_is_the_library_itself_where_it_can_be() -> None:
    assert accel.namespace("numpy").add is np.add
    assert accel.namespace(np.ones(1)).matmul is np.matmul


def test_what_has_no_namespace(jax: Any) -> None:
    x = np.ones(1)
    with pytest.raises(UnknownArrayError) as caught:
        accel.namespace(x, [1.0])
    assert str(caught.value) == (
        f"accel.namespace takes arrays, a backend name or a device, got list; the backends are: {', '.join(registry.names())}."
    )
    with pytest.raises(MixedBackendsError) as mixed:
        accel.namespace(x, accel.ones(1, device="jax"))
    assert str(mixed.value) == (
        "accel.namespace got arrays of jax and numpy; bring them together first with accel.to_device(y, like=x)."
    )
    for nothing in ("warp", "numpy:gpu", ""):
        with pytest.raises((DeviceNotFoundError, BackendUnavailableError)):
            accel.namespace(nothing)


STANDARD = (
    {spec.name for spec in specs.values() if "." not in spec.name}
    | {"e", "pi", "inf", "nan", "newaxis"}
    | set(DTYPES)
)


def test_accel_is_a_namespace() -> None:
    assert accel.__array_api_version__ == "2025.12"
    assert set(dir(accel)) >= STANDARD
    assert set(accel.__all__) >= STANDARD | {
        "linalg",
        "fft",
        "to_device",
        "use_device",
        "__array_namespace_info__",
    }
    assert all(hasattr(accel, name) for name in accel.__all__)
    assert all(name in dir(accel) for name in accel.__all__)
    assert not hasattr(accel, "no_such_name")
    with pytest.raises(AttributeError, match=r"^module 'accel' has no attribute 'no_such_name'$"):
        loose.no_such_name  # noqa: B018
    with pytest.raises(AttributeError, match=r"^module 'accel' has no attribute '__no_such__'$"):
        loose.__no_such__  # noqa: B018
    assert accel.newaxis is None
    assert (accel.pi, accel.e, accel.inf) == (np.pi, np.e, np.inf)
    assert accel.nan != accel.nan


def test_names_of_modules_do_not_hide_the_functions_of_the_same_name() -> None:
    code = """
        import accel.dtype, accel.placement, accel.transfer, accel.spec.elementwise, accel.namespaces
        import accel
        accel.add
        assert callable(accel.device) and callable(accel.namespace) and callable(accel.where) and callable(accel.sum)
        from accel import bool, errors, fft, linalg, typing
        import accel.linalg as same
        assert same is linalg and accel.linalg.svd and bool is accel.bool
        names = {}
        exec("from accel import *", names)
        assert names["add"] is accel.add and names["bool"] is accel.bool and "errors" not in names
        assert {"linalg", "fft", "float32", "pi", "device", "to_numpy"} <= set(names)
        from accel.linalg import *
        assert svd is accel.linalg.svd
        print("fine")
    """
    assert run(code) == "fine"


def test_what_code_for_the_standard_does_works_with_accel_for_its_namespace(plain_row: Row) -> None:
    def standardised(x: Any, xp: Any) -> Any:
        info = xp.__array_namespace_info__()
        dtype = info.default_dtypes()["real floating"]
        x = xp.astype(x, dtype) if not xp.isdtype(x.dtype, "real floating") else x
        centred = xp.subtract(x, xp.mean(x, axis=0, keepdims=True))
        ones = xp.ones(x.shape, dtype=x.dtype, device=accel.device(x))
        return xp.divide(centred, xp.maximum(xp.std(x, axis=0, keepdims=True), ones))

    x = [[1, 2], [3, 40]]
    expected = standardised(np.asarray(x), accel)
    got = standardised(on(plain_row, x), accel)
    assert belongs(got, plain_row)
    np.testing.assert_allclose(accel.to_numpy(got), expected, rtol=1e-15)
