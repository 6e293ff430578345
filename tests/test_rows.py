"""The rows: each backend gets those that fit what it says of itself, and each virtual one is what it stands for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import accel
import accel.fft
import accel.linalg
import accel.registry as registry
from accel.dispatch import specs
from accel.errors import ArgumentError, BackendUnavailableError
from accel.testing.cases import Case
from accel.testing.matrix import compare
from accel.testing.rows import NARROW, Row, activate, obstacle, rows, usable
from tests.fresh import announce, run

assert callable(accel.add), "the chapters load with the first op"

ALL = {row.name: row for row in rows()}


def row(name: str) -> Row:
    found = ALL.get(name)
    if found is None or obstacle(found.backend) is not None:
        pytest.skip(f"row {name} was NOT run: it is not to be had here")
    return found


def test_the_list() -> None:
    assert list(ALL) == [r.name for r in rows()], "names are unique"
    assert {"numpy-readonly", "numpy-strided", "jax", "cupy", "accounting", "strict"} <= set(ALL)
    assert "numpy" not in ALL, "the reference is not compared with itself"
    if obstacle("jax") is None:
        assert {"jax-jit", "jax-x64", "jax-32bit"} <= set(ALL)
    assert {name for name, each in ALL.items() if each.nightly} <= {
        "jax-x64",
        "jax-32bit",
        "strict",
        "numpy-lent",
        "cupy-lent",
    }


@pytest.mark.parametrize("name", list(ALL))
def test_each_says_what_it_stands_for(name: str) -> None:
    sentence = ALL[name].describe()
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert len(sentence) > 30
    assert type(ALL[name]) is Row or sentence != Row("any", "any").describe()


def test_a_row_moved_to_a_device_says_the_same() -> None:
    strided = row("numpy-strided")
    assert strided.on(accel.device("numpy")).describe() == strided.describe()


def test_rows_follow_from_what_a_backend_says(tmp_path: Path) -> None:
    announce(tmp_path, "one", "accel_hosted", "hosted", "", kinds="cpu")
    announce(tmp_path, "two", "accel_broken", "broken", "raise ImportError('no')", kinds="gpu.cpu")
    source = "class __accel__:\n    def jit(fn): return fn\n    def x64(): pass\n"
    announce(tmp_path, "three", "accel_compiled", "compiled", source)
    code = """
        from accel.testing.rows import rows, obstacle
        for backend in ("hosted", "broken", "compiled"):
            print(*[r.name for r in rows() if r.backend == backend])
        print("ImportError: no" in obstacle("broken"))
    """
    assert run(code, path=tmp_path).splitlines() == [
        "hosted-readonly hosted-strided hosted-composed hosted",
        "broken",
        "compiled compiled-jit compiled-x64 compiled-32bit",
        "True",
    ]


def test_the_kits_backends_are_not_there_unasked() -> None:
    code = """
        import accel.registry as registry
        from accel.testing.rows import activate, obstacle, rows, usable
        rows()
        activate("accounting2")
        print(*registry.names())
        print(obstacle("accounting"), "accounting" in registry.names(), "strict" in registry.names())
        activate("accounting")
        print(len(usable("accounting")))
    """
    before, after, count = run(code).splitlines()
    assert not {"accounting", "strict"} & set(before.split())
    assert after == "None True False"
    assert count == "2"


def test_a_row_belongs_to_the_backends_that_were_asked_for() -> None:
    assert ALL["numpy-strided"].asked(("numpy", "jax"))
    assert not ALL["numpy-strided"].asked(("jax",))
    assert ALL["accounting"].asked(("numpy",))
    assert ALL["accounting"].asked(("accounting",))
    assert not ALL["accounting"].asked(("jax",))
    assert not ALL["strict"].asked(("numpy",))


# Each row is what it stands for


def test_readonly_arrays_cannot_be_written_to() -> None:
    x = row("numpy-readonly").put(np.ones(3))
    assert not x.flags.writeable


def test_strided_arrays_are_not_contiguous() -> None:
    values = np.arange(6.0).reshape(2, 3)
    x = row("numpy-strided").put(values)
    assert np.array_equal(x, values)
    assert not x.flags.c_contiguous
    assert not x.flags.f_contiguous
    assert all(stride < 0 for stride in x.strides)


def test_jit_compiles() -> None:
    compiled = row("jax-jit")
    x = compiled.put(np.ones(3))
    seen = []

    def keep(x: Any) -> Any:
        seen.append(accel.device(x).native)
        return x

    result = compiled.run(keep, (x,), {})
    assert seen == [None], "a traced array lies on no device yet"
    assert str(result.dtype) == "float64"
    assert not compiled.runs(specs["nonzero"])
    assert compiled.runs(specs["add"])


def test_32bit_takes_nothing_wider() -> None:
    narrow = row("jax-32bit")
    assert narrow.takes(specs["add"], Case((np.ones(1, "float32"), np.ones(1, "int32"))))
    assert narrow.takes(specs["exp"], Case((np.ones(1, "complex64"),)))
    assert not narrow.takes(specs["add"], Case((np.ones(1, "float32"), np.ones(1, "float64"))))
    assert not narrow.takes(specs["astype"], Case((np.ones(1, "float32"), accel.float64)))
    assert not {name for name in NARROW if name.endswith("64") and name != "complex64"}
    # The spec's int64 comes out although nothing that goes in is so wide.
    total = narrow.call(specs["sum"], (narrow.put(np.ones(3, "int32")),), {})
    assert str(total.dtype) == "int64"


def test_strict_runs_on_its_second_device() -> None:
    strict = row("strict")
    x = strict.put(np.asarray([1.0, 2.0]))
    assert str(x.device) == "array_api_strict.Device('device1')"
    assert accel.device(x) == strict.device == usable("strict")[1]
    compare(strict, specs["add"], Case((np.ones(2), np.ones(2))))


@pytest.mark.parametrize(
    ("op", "case", "taken"),
    [
        ("add", Case((np.ones(1), np.ones(1, "float32"))), True),
        ("add", Case((np.ones(1), np.ones(1, "int32"))), False),
        ("add", Case((np.ones(1, "uint64"), np.ones(1, "int64"))), False),
        ("add", Case((np.ones(1, "float16"), 1.0)), False),
        ("add", Case((np.ones(1, "bool"), np.ones(1, "bool"))), False),
        ("add", Case((np.ones(1, "int8"), 127)), True),
        ("add", Case((np.ones(1, "int8"), 128)), False),
        ("add", Case((np.ones(1, "int8"), True)), False),
        ("equal", Case((np.ones(1, "bool"), True)), True),
        ("add", Case((np.ones(1, "float32"), 1j)), False),
        ("add", Case((np.ones(1, "complex64"), 1j)), True),
        ("divide", Case((np.ones(1, "int8"), 1)), False),
        ("take", Case((np.ones(1), np.zeros(1, "int64"))), True),
        ("where", Case((np.ones(1, "bool"), np.ones(1), np.ones(1))), True),
        ("where", Case((np.ones(1, "bool"), np.ones(1, "int8"), np.ones(1))), False),
    ],
    ids=lambda p: repr(p),
)
def test_strict_is_asked_nothing_beyond_the_standard(op: str, case: Case, taken: bool) -> None:
    assert row("strict").takes(specs[op], case) is taken


def test_accounting_catches_an_op_that_goes_through_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    accounts = row("accounting")
    case = Case((np.asarray([3.0, 1.0, 2.0]),))
    compare(accounts, specs["sort"], case)
    namespace = accel.namespace("accounting")
    native = namespace.sort

    def through_the_host(x: Any, /, **options: Any) -> Any:
        return namespace.asarray(np.sort(np.asarray(x)), device=x.device)

    monkeypatch.setattr(namespace, "sort", through_the_host)
    _forget_functions()
    try:
        with pytest.raises(
            AssertionError, match=r"accel.sort makes transfers by itself(.|\n)*numpy.asarray\(x\)"
        ):
            compare(accounts, specs["sort"], case)
    finally:
        monkeypatch.setattr(namespace, "sort", native)
        _forget_functions()
    compare(accounts, specs["sort"], case)
    compare(accounts, specs["nonzero"], case)  # the wait is in its nature


def _forget_functions() -> None:
    for forget in registry.withdrawals:
        forget("accounting")


# Announcing at run time

TINY = """
    import numpy as np
    class Array:
        dtype, shape, device = np.dtype("float32"), (), "{0}"
    def add(x1, x2, /): return "{0}"
    def zeros(shape, *, dtype=None, device=None): return "{0}"
    class __array_namespace_info__:
        def devices(self): return ("{0}",)
    int32 = np.int32
    def asarray(x, *, dtype=None, device=None): return np.asarray(x)
    multiply, max = np.multiply, np.max
"""


def test_a_backend_can_be_announced_and_withdrawn(tmp_path: Path) -> None:
    for name in ("one", "two"):
        folder = tmp_path / "outer" / name
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text("\n".join(line[4:] for line in TINY.format(name).splitlines()))
    code = """
        import accel, accel.registry as registry
        from outer import one, two
        print(registry.owner(one.Array))
        with registry.announce("tiny", "outer.one", package="outer.one", kinds=["npu", "cpu"]) as announcement:
            print(registry.names(), registry.kinds("tiny"), announcement.name, registry.install_hint("tiny"))
            print(registry.owner(one.Array).name, registry.owner(two.Array), [p.value for p in registry.announced()][-1])
            print(accel.add(one.Array(), 1), accel.zeros(1, device="tiny:cpu:0"), accel.devices("tiny"))
            with registry.announce("tiny", "outer.one", package="outer.one", kinds=["npu", "cpu"]):
                pass
            print("tiny" in registry.names(), "tiny" in [each.name for each in registry.loaded()])
        announcement.withdraw()
        print("tiny" in registry.names(), registry.owner(one.Array), registry.kinds("tiny"))
        with registry.announce("tiny", "outer.two", package="outer.two"):
            print(accel.zeros(1, device="tiny:cpu:0"), accel.add(two.Array(), 1), accel.devices("tiny")[0].native)
        # The longer path goes before the shorter.
        with registry.announce("all", "outer.one", package="outer"), registry.announce("own", "outer.two", package="outer.two"):
            print(registry.owner(one.Array).name, registry.owner(two.Array).name)
    """
    lines = run(code, path=tmp_path, ACCEL_DEVICE="numpy").splitlines()
    assert lines[0] == "None"
    assert lines[1].endswith("'tiny') ('npu', 'cpu') tiny pip install tiny")
    assert lines[2] == "tiny None outer.one"
    assert lines[3] == "one one (<accel.Device 'tiny:cpu:0'>,)"
    assert lines[4:] == ["True True", "False None None", "two two two", "all own"]


def test_announcements_that_are_refused() -> None:
    with pytest.raises(ArgumentError, match="There is a backend 'numpy' already"):
        registry.announce("numpy", "elsewhere")
    with pytest.raises(ArgumentError, match="Python's own"):
        registry.announce("json", "elsewhere")
    with registry.announce("visitor", "nowhere.at_all"):
        with pytest.raises(ArgumentError, match="There is a backend 'visitor' already"):
            registry.announce("visitor", "nowhere.else_at_all")
        with pytest.raises(BackendUnavailableError, match="nowhere"):
            registry.load("visitor")
    with pytest.raises(BackendUnavailableError, match="There is no backend 'visitor'"):
        registry.load("visitor")


def test_announcing_in_many_threads_at_once() -> None:
    from concurrent.futures import ThreadPoolExecutor

    def work(number: int) -> int:
        seen = 0
        for _ in range(50):
            with registry.announce(f"guest{number % 4}", "nowhere.at_all"):
                seen += f"guest{number % 4}" in registry.names()
                assert registry.owner(np.ndarray) is registry.load("numpy")
        return seen

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(8))) == [50] * 8
    assert not [name for name in registry.names() if name.startswith("guest")]


def test_the_accounting_row_is_a_backend_like_any_other(runnable: Callable[[Row], None]) -> None:
    activate("accounting")
    assert obstacle("accounting") is None
    assert [str(device) for device in usable("accounting")] == ["accounting:gpu:0", "accounting:gpu:1"]
    assert all(device.emulated for device in usable("accounting"))
