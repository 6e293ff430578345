"""Transfers: each move is found, named with its line, and forbidden where it is; on the accounting backend the hidden ones, too."""

from __future__ import annotations

import asyncio
import copy
import pickle
import sys
from collections.abc import Callable, Iterator
from threading import Barrier, Thread
from typing import Any

import numpy as np
import pytest

import accel
import accel.registry as registry
from accel.accounting import Record, Transfer
from accel.errors import ArgumentError, MixedBackendsError, MixedDevicesError, TransferError
from accel.testing import accounting
from accel.testing.accounting import Array, Device
from accel.testing.rows import Row

FIRST, SECOND = "accounting:gpu:0", "accounting:gpu:1"
HOST = "numpy:cpu:0"


@pytest.fixture(autouse=True)
def installed() -> Iterator[None]:
    with accounting.install():
        yield


@pytest.fixture
def x() -> Any:
    return accel.asarray([[1.0, -2.0], [3.0, 4.0]], device=SECOND)


def line_of(function: Callable[..., Any], offset: int) -> str:
    """Give file and line of a function's body, as a transfer has it."""
    code = function.__code__
    return Transfer("", "", "", (), 0, "", "", code.co_filename, code.co_firstlineno + offset).where


# Functions of users, each with something hidden in its last line


def with_float(x: Any) -> Any:
    total = accel.sum(x)
    return x / float(total)


def with_method_and_float(x: Any) -> float:
    return float(x.sum())


def with_asarray(x: Any) -> Any:
    return np.asarray(x).mean()


def with_a_loop(x: Any) -> Any:
    rows = accel.reshape(x, (-1,))
    return [each for each in rows]  # noqa: C416 - a loop over elements is the point


def with_a_mask(x: Any) -> Any:
    positive = x > 0
    return accel.sum(x[positive])


def with_if(x: Any) -> int:
    found = accel.any(x < 0)
    return 1 if found else 0


def with_numpys_function(x: Any) -> Any:
    return np.exp(x)


def with_numpys_other_function(x: Any) -> Any:
    return np.concatenate([x, x])


def with_item(x: Any) -> Any:
    return x[0, 0].item()


def with_a_list(x: Any) -> Any:
    return x.tolist()


def with_a_bound(x: Any) -> Any:
    last = accel.argmax(x[:, 0])
    return x[: last + 1]


def with_unique_values(x: Any) -> Any:
    return accel.unique_values(x)


def with_nonzero(x: Any) -> Any:
    return accel.nonzero(x)


def with_repeats(x: Any) -> Any:
    counts = accel.astype(x[:, 1] * 0 + 2, accel.int64)
    return accel.repeat(x, counts, axis=0)


def with_an_array_of_the_host(x: Any) -> Any:
    return x + np.ones(2)


def with_a_list_of_positions(x: Any) -> Any:
    return x[[1, 0]]


def with_membership(x: Any) -> bool:
    return 3.0 in x


def with_dlpack(x: Any) -> Any:
    return np.from_dlpack(x, device="cpu")


HIDDEN = [
    (with_float, 2, "implicit", "float(x)", 8),
    (with_method_and_float, 1, "implicit", "float(x)", 8),
    (with_asarray, 1, "implicit", "numpy.asarray(x)", 32),
    (with_a_loop, 2, "implicit", "iter(x)", 32),
    (with_a_mask, 2, "synchronisation", "x[mask]", 8),
    (with_if, 2, "implicit", "bool(x)", 1),
    (with_numpys_function, 1, "implicit", "numpy.exp(x)", 32),
    (with_numpys_other_function, 1, "implicit", "numpy.concatenate(x)", 32),
    (with_item, 1, "implicit", "x.item()", 8),
    (with_a_list, 1, "implicit", "x.tolist()", 32),
    (with_a_bound, 2, "implicit", "operator.index(x)", 8),
    (with_unique_values, 1, "synchronisation", "unique_values", 8),
    (with_nonzero, 1, "synchronisation", "nonzero", 8),
    (with_repeats, 2, "synchronisation", "repeat", 8),
    (with_an_array_of_the_host, 1, "implicit", "x.__add__", 16),
    (with_a_list_of_positions, 1, "implicit", "x[key]", 16),
    (with_membership, 1, "implicit", "y in x", 1),
    (with_dlpack, 1, "implicit", "x.__dlpack__(...)", 32),
]


@pytest.mark.parametrize(
    ("function", "line", "kind", "call", "nbytes"), HIDDEN, ids=lambda p: getattr(p, "__name__", None)
)
def test_what_is_hidden_is_found(function: Any, line: int, kind: str, call: str, nbytes: int, x: Any) -> None:
    where = line_of(function, line)
    with accel.transfers("forbid") as passed, pytest.raises(TransferError) as caught:
        function(x)
    message = str(caught.value)
    assert call in message
    assert f'inside accel.transfers("forbid") at {where};' in message
    assert "\n" not in message
    assert message.endswith(".")
    assert len(message) < 400
    assert not passed

    with accel.transfers("log") as moved:
        function(x)
    first = moved[0]
    assert (first.kind, first.call, first.nbytes, first.where) == (kind, call, nbytes, where)
    to_the_device = function in (with_an_array_of_the_host, with_a_list_of_positions)
    assert (first.source, first.target) == ((HOST, SECOND) if to_the_device else (SECOND, HOST))
    assert all(entry.where == where for entry in moved)
    assert moved.of("implicit", "synchronisation") == tuple(moved)


def clean(x: Any) -> Any:
    """Do what a GPU likes: every value stays where it is."""
    y = accel.where(x > 0, x, -x) ** 2 + 1
    y = np.float64(2) * y - np.sqrt(2.0) * y
    z = accel.matmul(y, y.mT)[0, :] / accel.linalg.vector_norm(y)
    z[0] = 0.0
    z[accel.asarray([True, False], device=SECOND)] = 1.0
    index = accel.argmax(z)
    return z[index] + accel.zeros_like(z) + z.T + abs(~(z > 0)) + z.reshape((2,)).astype(z.dtype).sum()


def test_what_hides_nothing_passes(x: Any) -> None:
    with accel.transfers("forbid") as moved:
        y = clean(x)
        text = (
            f"{y} {y!r} {y[0]:.3f} {y.shape} {len(y)} {y.ndim} {y.size} {y.nbytes} {np.ndim(y)} {np.shape(y)}"
        )
    assert text
    assert [entry.call for entry in moved] == ["accel.asarray"]
    assert isinstance(y, Array)
    assert accel.device(y) == accel.device(SECOND)


def test_without_a_block_the_backend_refuses_what_no_gpu_library_converts(x: Any) -> None:
    for function in (
        with_asarray,
        with_numpys_function,
        with_numpys_other_function,
        with_an_array_of_the_host,
    ):
        with pytest.raises(TransferError, match="GPU libraries do not move it by themselves"):
            function(x)
        with accel.transfers("allow"):
            function(x)
    assert with_method_and_float(x) == 6.0
    assert with_if(x) == 1


@pytest.mark.parametrize("function", [function for function, *_ in HIDDEN], ids=lambda f: f.__name__)
def test_the_values_are_numpys(function: Any, x: Any) -> None:
    expected = function(accel.to_numpy(x))
    with accel.transfers("log"):
        np.testing.assert_array_equal(np.asarray(fetched(function(x))), np.asarray(expected))


def fetched(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [fetched(item) for item in value]
    return accel.to_numpy(value) if isinstance(value, Array) else value


# Explicit moves


def moves(x: Any) -> list[Callable[[], Any]]:
    return [
        lambda: accel.to_numpy(x),
        lambda: accel.to_device(x, "numpy"),
        lambda: accel.to_device(x, FIRST),
        lambda: accel.asarray(x, device=FIRST),
        lambda: accel.asarray(x, device="numpy"),
        lambda: accel.asarray([1.0, 2.0], device=FIRST),
        lambda: accel.asarray(np.ones(2), device=FIRST),
        lambda: accel.from_dlpack(np.ones(2), device=FIRST),
        lambda: accel.from_dlpack(x, device="numpy"),
        lambda: accel.astype(x, accel.float32, device=FIRST),
        lambda: accel.namespace(x).asarray(np.ones(2)),
        lambda: accel.namespace(x).astype(x, np.float32, device=Device(0)),
        lambda: x.to_device(Device(0)),
    ]


@pytest.mark.parametrize("number", range(13))
def test_explicit_moves_are_forbidden_when_asked(number: int, x: Any) -> None:
    move = moves(x)[number]
    where = line_of(moves, 2 + number)
    with (
        accel.transfers("forbid", explicit=True) as none,
        pytest.raises(TransferError, match="would move") as caught,
    ):
        move()
    assert where in str(caught.value)
    assert not none
    for mode in ("forbid", "log"):
        with accel.transfers(mode) as moved:
            result = move()
        assert [(entry.kind, entry.where) for entry in moved] == [("explicit", where)]
        assert moved[0].nbytes == result.nbytes * (2 if str(result.dtype) == "float32" else 1)
        assert moved[0].source != moved[0].target
    with accel.transfers("allow") as none:
        move()
    assert not none


def test_what_is_in_place_moves_nothing(x: Any) -> None:
    with accel.transfers("forbid", explicit=True) as moved:
        assert accel.to_device(x, SECOND) is x
        assert accel.to_device(x, like=x) is x
        accel.to_device(x, SECOND, copy=True)
        accel.asarray(x)
        accel.asarray(x, device=SECOND, copy=True)
        accel.astype(x, accel.float32)
        accel.astype(x, accel.float32, device=SECOND)
        accel.from_dlpack(x)
        accel.to_numpy(np.ones(2))
        accel.asarray([1.0], device="numpy")
        accel.zeros(2, device=FIRST)
        accel.arange(3, device=SECOND)
    assert not moved


def test_every_backends_moves_are_seen(other_row: Row) -> None:
    host = np.asarray([1.0, 2.0, 3.0])
    place = other_row.device
    with accel.transfers("log") as moved:
        y = accel.to_device(host, place)
        accel.to_numpy(y)
    assert [(t.call, t.kind, t.dtype, t.shape, t.nbytes) for t in moved] == [
        ("accel.to_device", "explicit", "float64", (3,), 24),
        ("accel.to_numpy", "explicit", "float64", (3,), 24),
    ]
    assert [(t.source, t.target) for t in moved] == [(HOST, str(place)), (str(place), HOST)]
    with accel.transfers("forbid"):
        accel.to_numpy(accel.add(y, accel.asarray([1.0, 1.0, 1.0], device=place)))
    with accel.transfers("forbid", explicit=True):
        accel.add(y, y)
        with pytest.raises(TransferError):
            accel.to_numpy(y)
        with pytest.raises(TransferError):
            accel.to_device(host, place)


# Blocks


def test_the_innermost_block_decides(x: Any) -> None:
    with accel.transfers("log") as outer:
        with accel.transfers("forbid") as middle:
            with pytest.raises(TransferError):
                float(x[0, 0])
            with accel.transfers("log") as inner:
                float(x[0, 0])
            with accel.transfers("allow") as silent:
                float(x[0, 0])
            with pytest.raises(TransferError):
                float(x[0, 0])
        float(x[0, 0])
    assert (len(outer), len(middle), len(inner), len(silent)) == (2, 1, 1, 0)
    float(x[0, 0])
    assert len(outer) == 2


@pytest.mark.parametrize("arguments", [("never", False), ("log", True), ("allow", True), (None, False)])
def test_wrong_modes(arguments: tuple[Any, bool]) -> None:
    mode, explicit = arguments
    with (
        pytest.raises(ArgumentError, match=r"accel\.transfers takes"),
        accel.transfers(mode, explicit=explicit),
    ):
        pass


def test_the_mode_belongs_to_the_thread(x: Any) -> None:
    at_once = Barrier(2)
    answers: dict[str, Any] = {}

    def other() -> None:
        at_once.wait(30)
        answers["free"] = float(x[0, 0])
        with accel.transfers("log") as moved:
            float(x[0, 0])
        answers["own"] = len(moved)
        at_once.wait(30)

    thread = Thread(target=other)
    thread.start()
    with accel.transfers("forbid") as mine:
        at_once.wait(30)
        at_once.wait(30)
        with pytest.raises(TransferError):
            float(x[0, 0])
    thread.join(30)
    assert answers == {"free": 1.0, "own": 1}
    assert not mine


def test_the_mode_belongs_to_the_task(x: Any) -> None:
    async def strict(entered: asyncio.Event, go: asyncio.Event) -> bool:
        with accel.transfers("forbid"):
            entered.set()
            await go.wait()
            try:
                float(x[0, 0])
            except TransferError:
                return True
            return False

    async def free(entered: asyncio.Event, go: asyncio.Event) -> float:
        await entered.wait()
        value = float(x[0, 0])
        go.set()
        return value

    async def both() -> list[Any]:
        entered, go = asyncio.Event(), asyncio.Event()
        return list(await asyncio.gather(strict(entered, go), free(entered, go)))

    assert asyncio.run(both()) == [True, 1.0]


def test_an_error_leaves_the_block_in_order(x: Any) -> None:
    with pytest.raises(KeyError), accel.transfers("forbid"):
        raise KeyError
    float(x[0, 0])


# The record


def test_the_record_is_a_table(x: Any) -> None:
    with accel.transfers("log") as moved:
        for _ in range(3):
            float(x[0, 0])
        accel.to_numpy(x)
    assert isinstance(moved, Record)
    assert len(moved) == 4
    assert moved.nbytes == 3 * 8 + 32
    assert [entry.kind for entry in moved] == ["implicit"] * 3 + ["explicit"]
    total, heads, first, second = str(moved).splitlines()
    assert total == "4 transfers, 56 bytes"
    assert heads.split() == ["times", "bytes", "kind", "call", "dtype", "shape", "from", "to", "where"]
    assert first.split()[:4] == ["3", "24", "implicit", "float(x)"]
    assert "test_accounting.py:" in first
    assert first.endswith("float(x[0, 0])")
    assert second.endswith("accel.to_numpy(x)")
    assert repr(moved) == "<4 transfers, 56 bytes>"
    assert str(moved[3]).startswith("accel.to_numpy at ")
    assert moved[3].code == "accel.to_numpy(x)"
    assert str(Record()) == "no transfers"


def test_the_line_is_the_users_not_the_librarys(x: Any) -> None:
    import statistics

    with accel.transfers("log") as moved:
        np.testing.assert_allclose(x, x)  # from inside NumPy
        statistics.mean(accel.to_numpy(x[0]).tolist())
        sorted(x[:, 0], key=float)
    here = sys._getframe().f_code.co_firstlineno
    assert {entry.line for entry in moved} == {here + 4, here + 5, here + 6}
    assert {entry.file for entry in moved} == {__file__}


# The backend


def test_the_backend_is_there_when_installed_and_not_before() -> None:
    from tests.fresh import run

    code = """
        import accel, accel.registry as registry
        from accel.testing import accounting
        print("accounting" in registry.names())
        with accounting.install():
            print(accel.devices("accounting"), registry.kinds("accounting"), registry.is_own("accounting"))
            with accel.use_device("accounting:gpu:1"):
                x = accel.ones(2)
            print(x.device, accel.namespace(x).__name__, accel.namespace("accounting") is accel.namespace(x))
            print(accel.explain().device, accel.device("gpu") if "cupy" not in registry.names() else x.device)
        print("accounting" in registry.names(), len([d for d in accel.devices() if d.backend == "accounting"]))
        try:
            accel.add(x, 1)
        except accel.errors.UnknownArrayError:
            print("unknown")
        accounting.install()
        print(accel.add(x, 1))
    """
    module = "accel.testing.accounting.namespace"
    first, devices, made, chosen, *rest = run(code, ACCEL_DEVICE=None).splitlines()
    assert first == "False"
    assert devices == f"(<accel.Device '{FIRST}'>, <accel.Device '{SECOND}'>) ('gpu',) False"
    assert made == f"{SECOND} {module} True"
    assert not chosen.startswith("accounting"), "an imitated device is never chosen automatically"
    assert rest == ["False 0", "unknown", "[2. 2.]"]


def test_devices_are_told_apart(x: Any) -> None:
    y = accel.to_device(x, FIRST)
    with pytest.raises(MixedDevicesError, match=f"accel.add got arrays on {FIRST} and {SECOND}; write"):
        accel.add(x, y)
    with pytest.raises(MixedDevicesError):
        _ = x + y
    with pytest.raises(MixedDevicesError):
        accel.concat([x, y])
    with pytest.raises(MixedDevicesError):
        x[y > 0]
    with pytest.raises(MixedDevicesError):
        x[...] = y
    with pytest.raises(MixedBackendsError):
        accel.add(x, np.ones((2, 2)))
    assert Device(0) != Device(1)
    assert {Device(1), Device(1)} == {accel.device(SECOND).native}


def test_memory_is_never_shared_with_the_host(x: Any) -> None:
    host = np.ones(2)
    y = accel.to_device(host, SECOND)
    z = accel.namespace(x).asarray(host)
    host[0] = 7.0
    back = accel.to_numpy(y)
    back[1] = 9.0
    assert (str(y), str(z)) == ("[1. 1.]", "[1. 1.]")
    impossible: list[Callable[[], Any]] = [
        lambda: accel.to_numpy(x, copy=False),
        lambda: accel.to_device(x, FIRST, copy=False),
        lambda: accel.asarray(host, device=SECOND, copy=False),
        lambda: accel.namespace(x).asarray(host, copy=False),
    ]
    for never in impossible:
        with pytest.raises(TransferError):
            never()
    with pytest.raises(BufferError):
        np.from_dlpack(x)
    with pytest.raises(ValueError, match="copy"), accel.transfers("allow"):
        np.asarray(x, copy=False)


def test_arrays_behave_as_the_standard_has_it(x: Any) -> None:
    xp = x.__array_namespace__()
    assert xp is accel.namespace(x)
    assert xp.__array_namespace_info__().devices() == (Device(0), Device(1))
    assert xp.__array_namespace_info__().default_dtypes(device=Device(1))["integral"] == np.int64
    assert "float32" in xp.__array_namespace_info__().dtypes(kind="real floating")
    with pytest.raises(ValueError, match="1999"):
        x.__array_namespace__(api_version="1999.12")
    assert xp.float32 is np.float32
    assert xp.pi == np.pi
    assert not hasattr(xp, "no_such_op")
    x += 1
    assert str(x) == "[[ 2. -1.]\n [ 4.  5.]]"
    assert str(1 - x) == "[[-1.  2.]\n [-3. -4.]]"
    assert x.__add__("text") is NotImplemented
    assert (x == None) is False  # noqa: E711 - the operator is what is asked
    assert type(x == 1) is Array
    assert str(x[0]) == "[ 2. -1.]"
    assert x[0, 0].shape == ()
    with pytest.raises(TypeError, match="unhashable"):
        hash(x)
    with pytest.raises(TypeError):
        np.add(np.ones((2, 2)), 1, out=x)
    for same in (copy.copy(x), copy.deepcopy(x), pickle.loads(pickle.dumps(x))):
        assert accel.device(same) == accel.device(x)
        assert np.array_equal(accel.to_numpy(same), accel.to_numpy(x))
    assert registry.load("accounting").hook("versions")() == {"numpy": np.__version__}


def test_every_op_of_the_host_is_there() -> None:
    from functools import reduce

    from accel.dispatch import specs

    here, host = accel.namespace("accounting"), accel.namespace("numpy")
    for op in specs:
        own = reduce(getattr, op.split("."), here)
        assert own is not reduce(getattr, op.split("."), host)
        assert own.__name__ == op.rpartition(".")[2]


# JAX's own guard


@pytest.fixture
def jax(runnable: Callable[[Row], None]) -> Any:
    runnable(Row("jax", "jax"))
    import jax

    return jax


def test_jaxs_own_guard_is_in_force(jax: Any) -> None:
    first, second = jax.devices()[:2]
    x = jax.device_put(np.ones(3, dtype=np.float32), first)
    with (
        pytest.raises(TransferError, match="JAX would make a device-to-device transfer") as caught,
        accel.transfers("forbid"),
        # On the CPU this is the only guard of JAX's that stops anything.
        jax.transfer_guard_device_to_device("disallow_explicit"),
    ):
        jax.device_put(x, second)
    assert isinstance(caught.value.__cause__, jax.errors.JaxRuntimeError)
    with accel.transfers("forbid", explicit=True):
        assert jax.config.jax_transfer_guard_device_to_host == "disallow_explicit"
    with accel.transfers("forbid"):
        assert jax.config.jax_transfer_guard_device_to_host == "disallow"
        accel.zeros(3, device=f"jax:cpu:{second.id}")
        with accel.transfers("allow"):
            assert jax.config.jax_transfer_guard_device_to_host == "allow"
        accel.to_numpy(accel.add(x, 1)[0])
    assert jax.config.jax_transfer_guard_device_to_host in (None, "allow")


def test_other_errors_pass_through_the_guard(jax: Any) -> None:
    with pytest.raises(ZeroDivisionError), accel.transfers("forbid"):
        jax.jit(lambda x: x / (1 // 0))(1.0)


def test_a_block_costs_nothing_where_there_is_none() -> None:
    """No op of the dispatch asks whether transfers are watched."""
    from accel.dispatch import specs

    asking = {
        op
        for op in specs
        for name in (
            getattr(accel, op, None) or getattr(getattr(accel, op.partition(".")[0]), op.rpartition(".")[2])
        ).__code__.co_names
        if name in ("relocate", "convert", "adopt")
    }
    assert asking == {"asarray", "astype", "from_dlpack"}
