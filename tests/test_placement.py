"""Devices: what names mean, where arrays are made and stay, and which device is chosen where none is named."""

from __future__ import annotations

import contextlib
import pickle
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import example, given

import accel
import accel.placement as placement
import accel.registry as registry
from accel.dtype import KINDS
from accel.errors import BackendUnavailableError, DeviceNotFoundError, MixedDevicesError, UnknownArrayError
from accel.testing.rows import GUESTS, Row
from tests.fresh import announce, run

Runnable = Callable[[Row], None]


@pytest.fixture
def jax(runnable: Runnable) -> Any:
    """JAX, where it is one of the backends to run."""
    runnable(Row("jax", "jax"))
    import jax

    return jax


# Names

PARTS = [
    "",
    "cpu",
    "gpu",
    "tpu",
    "numpy",
    "jax",
    "cupy",
    "0",
    "3",
    "7",
    "8",
    "-1",
    "00",
    "1.0",
    "٣",
    "²",
    " ",
    "CPU",
    "cuda",
    "*",
]


@given(
    st.one_of(st.lists(st.sampled_from(PARTS), min_size=1, max_size=4).map(":".join), st.text(max_size=12))
)
@example("cpu:" + 5000 * "9")
@example("cpu:0:0")
@example("numpy:")
@example("\ud800")
def test_any_text_is_a_device_or_an_error_that_says_so(name: str) -> None:
    try:
        found = placement.resolve(name)
    except (DeviceNotFoundError, BackendUnavailableError):
        return
    assert placement.fits(name, found)
    assert placement.resolve(str(found)) == found
    assert placement.unusable_because(found) is None


def test_every_usable_device_goes_by_its_name_its_object_and_its_native_object(plain_row: Row) -> None:
    for found in accel.devices(plain_row.backend):
        again: Any = accel.device(found.native)
        assert again == found == accel.device(str(found)) == accel.device(found)
        assert again.native == found.native
        assert again == found.native
        assert hash(again) == hash(found)
        assert str(found) == f"{found.backend}:{found.kind}:{found.index}"
        assert repr(found) == f"<accel.Device '{found}'>"
        assert pickle.loads(pickle.dumps(found)) == found


def test_a_name_may_leave_out_what_goes_without_saying(plain_row: Row) -> None:
    first = accel.devices(plain_row.backend)[0]
    assert accel.device(first.backend) == first
    assert accel.device(f"{first.backend}:{first.kind}") == first


def test_a_bare_cpu_is_numpys() -> None:
    assert str(accel.device("cpu")) == str(accel.device("cpu:0")) == "numpy:cpu:0"


def test_a_bare_index_that_only_one_backend_has_finds_it(jax: Any) -> None:
    assert str(accel.device("cpu:5")) == "jax:cpu:5"


def test_devices_differ_by_backend_and_by_number(jax: Any) -> None:
    assert accel.device("jax:cpu:0") != accel.device("numpy:cpu:0")
    assert accel.device("jax:cpu:0") != accel.device("jax:cpu:1")
    assert len({accel.device(f"jax:cpu:{n % 8}") for n in range(16)}) == 8


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "warp",
            r"^(accel\.\w+: )?There is no usable device 'warp': (no backend has devices of that kind|strict sees .*, not warp)\. Usable here: .*numpy:cpu:0.*\.$",
        ),
        (
            "numpy:cpu:3",
            r"^(accel\.\w+: )?There is no usable device 'numpy:cpu:3': numpy sees numpy:cpu:0, not cpu:3\. Usable here: .*numpy:cpu:0.*\.$",
        ),
        (
            "numpy:gpu",
            r"^(accel\.\w+: )?There is no usable device 'numpy:gpu': numpy sees numpy:cpu:0, not gpu\. Usable here: ",
        ),
        (
            "gpu:x",
            r"^(accel\.\w+: )?'gpu:x' is no device name; write \[backend:\]kind\[:index\], such as 'cpu', 'gpu:1' or 'jax:cpu:0', or a backend "
            r"alone \(.*numpy.*\)\.$",
        ),
        ("", r"^(accel\.\w+: )?'' is no device name; "),
        ("cpu:-1", r"^(accel\.\w+: )?'cpu:-1' is no device name; "),
        ("a:b:c", r"^(accel\.\w+: )?'a:b:c' is no device name; "),
    ],
)
def test_a_name_that_means_nothing_is_answered_with_those_that_do(name: str, sentence: str) -> None:
    for ask in (
        accel.device,
        accel.use_device,
        lambda d: accel.zeros(1, device=d),
        lambda d: accel.to_device(np.zeros(1), d),
    ):
        with pytest.raises(DeviceNotFoundError, match=sentence):
            ask(name)


def test_an_object_that_is_no_device_is_refused() -> None:
    with pytest.raises(
        DeviceNotFoundError,
        match=r"^(accel\.\w+: )?3\.5 is no device of a loaded backend; write a name such as 'cpu', 'gpu:1' or 'jax:cpu:0'\.$",
    ):
        accel.zeros(1, device=3.5)
    with pytest.raises(
        UnknownArrayError, match=r"^accel\.device needs an array or a device name, got list\.$"
    ):
        accel.device([1.0])


# Where arrays are made

CREATION: dict[str, tuple[Any, ...]] = {
    "arange": (3,),
    "asarray": ([1.0, 2.0],),
    "empty": ((2,),),
    "eye": (2,),
    "full": ((2,), 7),
    "linspace": (0.0, 1.0, 3),
    "ones": ((2,),),
    "zeros": ((2,),),
    "fft.fftfreq": (4,),
    "fft.rfftfreq": (4,),
    "random.key": (0,),
}
LIKE: dict[str, tuple[Any, ...]] = {"empty_like": (), "full_like": (7,), "ones_like": (), "zeros_like": ()}


def op(name: str) -> Any:
    """Give a public function of accel by its dotted name."""
    found: Any = accel
    for part in name.split("."):
        found = getattr(found, part)
    return found


def test_the_lists_here_are_complete() -> None:
    from accel.dispatch import SUBMODULES, specs

    assert accel.zeros is not None
    for part in SUBMODULES:
        import_module(f"accel.{part}")  # its chapters are loaded with it
    takes = {spec.name for spec in specs.values() if any(p.is_device for p in spec.parameters)}
    assert takes == {*CREATION, *LIKE, "astype", "from_dlpack"}


@pytest.mark.parametrize("name", CREATION)
def test_creation_goes_to_the_device_it_is_given(name: str, plain_row: Row) -> None:
    for found in accel.devices(plain_row.backend)[-2:]:
        for given_as in (str(found), found, found.native):
            if (
                given_as == "cpu"
            ):  # NumPy's own word for its device is the bare kind, which is looked up as a name
                continue
            made = op(name)(*CREATION[name], device=given_as)
            assert accel.device(made) == found
            assert registry.owner(type(made)) is registry.load(plain_row.backend)


@pytest.mark.parametrize("name", LIKE)
def test_likes_stay_with_their_array_unless_told_otherwise(name: str, plain_row: Row) -> None:
    every = accel.devices(plain_row.backend)
    x = accel.zeros(2, dtype=accel.float32, device=every[-1])
    other = accel.devices("numpy")[0]
    with accel.use_device(other):
        assert accel.device(op(name)(x, *LIKE[name])) == every[-1]
    for given_as in (str(every[0]), f"{every[0].kind}:{every[0].index}", every[0], every[0].native):
        made = op(name)(x, *LIKE[name], device=given_as)
        assert accel.device(made) == every[0]
        assert made.dtype == accel.float32


def test_a_bare_kind_means_the_arrays_own_library(plain_row: Row) -> None:
    x = accel.ones(2, device=plain_row.device)
    kind = plain_row.device.kind
    assert accel.device(accel.zeros_like(x, device=kind)).backend == plain_row.backend
    assert accel.device(accel.asarray(x, device=kind)).backend == plain_row.backend
    assert accel.device(accel.astype(x, accel.float32, device=kind)).backend == plain_row.backend


def test_a_like_of_another_backend_is_refused(jax: Any) -> None:
    for device in ("jax:cpu:2", accel.device("jax:cpu:2"), jax.devices("cpu")[2]):
        with pytest.raises(
            DeviceNotFoundError,
            match=r"^(accel\.\w+: )?The device jax:cpu:2 is jax's and the array is numpy's; make the result there and write "
            r"accel\.to_device\(result, 'jax:cpu:2'\)\.$",
        ):
            accel.zeros_like(np.zeros(2), device=device)
        with pytest.raises(DeviceNotFoundError, match=r"make the result there"):
            accel.astype(np.zeros(2), accel.float32, device=device)


def test_asarray_and_from_dlpack_move_to_the_device_asked_for(plain_row: Row) -> None:
    x = np.asarray([1.5, 2.5])
    for make in (accel.asarray, accel.from_dlpack):
        made = make(x, device=plain_row.device)
        assert accel.device(made) == plain_row.device
        assert made.dtype == accel.float64
        assert np.array_equal(accel.to_numpy(made), x)
        assert accel.device(make(made)) == plain_row.device


# Precedence

FIRST_OF = """
    import accel, numpy as np
    print(accel.explain())
    print(accel.device(accel.zeros(1)), end=" ")
    with accel.use_device("jax:cpu:1"):
        print(accel.device(accel.zeros(1)), end=" ")
        y = accel.zeros(1, device="jax:cpu:2")
        print(accel.device(y), end=" ")
        print(accel.device(accel.zeros_like(y)), accel.device(accel.asarray(np.zeros(1))), accel.device(accel.add(y, y)), end=" ")
        print(accel.device(accel.zeros_like(y, device="jax:cpu:4")), end=" ")
    print(accel.device(accel.zeros(1)))
"""


def test_argument_before_arrays_before_scope_before_environment(jax: Any) -> None:
    printed = run(FIRST_OF, ACCEL_DEVICE="jax:cpu:3")
    expected = "jax:cpu:3 (cpu): chosen by the environment variable ACCEL_DEVICE=jax:cpu:3.\n"
    expected += "jax:cpu:3 jax:cpu:1 jax:cpu:2 jax:cpu:2 numpy:cpu:0 jax:cpu:2 jax:cpu:4 jax:cpu:3"
    assert printed == expected


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (
            "warp",
            "DeviceNotFoundError: accel.zeros: The environment variable ACCEL_DEVICE is 'warp'. There is no usable device 'warp': no backend",
        ),
        (
            "a:b:c:d",
            "DeviceNotFoundError: accel.zeros: The environment variable ACCEL_DEVICE is 'a:b:c:d'. 'a:b:c:d' is no device name; write",
        ),
    ],
)
def test_the_environment_variable_names_itself_when_it_is_wrong(value: str, sentence: str) -> None:
    code = """
        import accel
        try:
            accel.zeros(1)
        except accel.errors.AccelError as error:
            print(f"{type(error).__name__}: {error}")
    """
    assert run(code, ACCEL_DEVICE=value).startswith(sentence)


def test_an_empty_environment_variable_leaves_the_choice_automatic() -> None:
    code = """
        import accel
        found = accel.explain()
        print(found.device, found.device.emulated, accel.device(accel.zeros(1)) == found.device)
        print(found)
    """
    first, *lines = run(code, ACCEL_DEVICE="").splitlines()
    assert first.split()[1:] == ["False", "True"]
    assert lines[0].endswith("automatic, the first usable device in the order tpu, gpu, cpu.")
    assert all(line.startswith("  not ") and ":" in line for line in lines[1:])
    # Other tests may have announced the kit's own backends in this process, but not in that one.
    emulated = [d for d in accel.devices() if d.emulated and d.backend not in GUESTS]
    chosen_is_host = first.startswith("numpy:cpu:0")
    for device in emulated if chosen_is_host else []:
        assert f"  not {device}: it only emulates this kind of device" in lines


def test_an_emulated_device_is_named_before_it_is_used() -> None:
    for found in (d for d in accel.devices() if d.emulated):
        assert accel.device(accel.zeros(1, device=found)) == found
        assert placement._first_of_the_best_kind().device != found


def test_explain_tells_the_rule() -> None:
    with accel.use_device("numpy"):
        found = accel.explain()
    assert str(found).endswith("chosen by `with accel.use_device(...)`.")
    assert found.device == accel.device("numpy")
    assert found.passed_over == ()


# Scopes


def test_scopes_nest_and_end_with_exceptions(jax: Any) -> None:
    before = accel.explain().device
    with accel.use_device("jax:cpu:1") as outer:
        assert str(outer) == "jax:cpu:1"
        with contextlib.suppress(ZeroDivisionError), accel.use_device("jax:cpu:2"):
            assert str(accel.explain().device) == "jax:cpu:2"
            raise ZeroDivisionError
        assert accel.explain().device == outer
        with pytest.raises(DeviceNotFoundError):
            accel.use_device("warp")
        assert accel.explain().device == outer
    assert accel.explain().device == before


def test_one_scope_object_can_be_entered_again(jax: Any) -> None:
    scope = accel.use_device("jax:cpu:1")
    with scope, accel.use_device("jax:cpu:2"), scope:
        assert str(accel.explain().device) == "jax:cpu:1"
    with scope:
        assert str(accel.explain().device) == "jax:cpu:1"
    assert accel.explain().rule.startswith("chosen by the environment")


def test_scopes_can_be_left_in_any_order(jax: Any) -> None:
    one, two = accel.use_device("jax:cpu:1"), accel.use_device("jax:cpu:2")
    one.__enter__()
    two.__enter__()
    one.__exit__(None, None, None)
    assert str(accel.explain().device) == "jax:cpu:2"
    two.__exit__(None, None, None)
    assert accel.explain().rule.startswith("chosen by the environment")


# Where arrays stay


def test_ops_stay_on_the_device_of_their_arrays(plain_row: Row) -> None:
    with accel.use_device("numpy"):
        for found in accel.devices(plain_row.backend)[-2:]:
            x = accel.asarray([[4.0, 1.0], [1.0, 3.0]], device=found)
            results = (
                accel.add(x, 1),
                accel.add(x, x),
                accel.sum(x),
                accel.matmul(x, x),
                accel.concat([x, x]),
                accel.stack([x, x]),
                accel.where(accel.greater(x, 2), x, 0.0),
                accel.sort(x),
                accel.argmax(x),
                accel.astype(x, accel.float32),
                accel.reshape(x, (4,)),
                accel.nonzero(x)[0],
                accel.unique_values(x),
                accel.cumulative_sum(x, axis=0),
                accel.linalg.inv(x),
                accel.linalg.svd(x)[1],
                accel.fft.fft(x),
                *accel.meshgrid(x[0], x[1]),
                *accel.broadcast_arrays(x, x[0]),
            )
            assert [str(accel.device(y)) for y in results] == [str(found)] * len(results)


def test_arrays_on_two_devices_do_not_meet(jax: Any) -> None:
    x = accel.ones(2, device="jax:cpu:1")
    y = accel.ones(2, device="jax:cpu:2")
    with pytest.raises(
        MixedDevicesError,
        match=r"^accel\.add got arrays on two devices: x1 is on jax:cpu:1, x2 on jax:cpu:2; write accel\.to_device\(x2, like=x1\)\.$",
    ):
        accel.add(x, y)
    with pytest.raises(
        MixedDevicesError,
        match=r"arrays\[0\] is on jax:cpu:1, arrays\[2\]|arrays\[1\] is on jax:cpu:1, arrays\[2\] on",
    ):
        accel.concat([x, x, y])
    with pytest.raises(MixedDevicesError, match=r"accel\.matmul got arrays on two devices"):
        accel.matmul(x, y)
    assert accel.to_numpy(accel.add(x, accel.to_device(y, like=x))).tolist() == [2.0, 2.0]


# Arrays that are traced or spread


def test_the_device_of_a_traced_array(jax: Any) -> None:
    x = accel.ones((3, 2), dtype=accel.float32, device="jax:cpu:5")
    seen = []

    def note(y: Any) -> Any:
        seen.append(accel.device(y))
        assert accel.device(accel.add(y, y)).backend == "jax"
        return accel.sum(accel.add(y, accel.zeros_like(y)))

    jax.vmap(note)(x)
    jax.grad(note)(x)
    jax.vmap(jax.grad(note))(x)
    assert {str(d) for d in seen} == {"jax:cpu:5"}
    assert str(accel.device(x)) == "jax:cpu:5"
    seen.clear()
    made = jax.jit(note)(x)
    assert str(accel.device(made)) == "jax:cpu:5"
    assert str(seen[0]) == f"jax:{jax.devices()[0].platform.replace('cuda', 'gpu')}:*"
    assert seen[0].index == -1
    assert seen[0].description == "where the compiled function will run"


def test_what_is_made_under_jit_follows_the_array_it_is_made_for(jax: Any) -> None:
    x = accel.ones(2, dtype=accel.float32, device="jax:cpu:5")

    def shifted(y: Any) -> Any:
        one = accel.ones(2, dtype=accel.float32, device=accel.device(y))
        host = accel.to_device(np.ones(2, dtype=np.float32), like=y)
        with accel.use_device(accel.device(y)):
            more = accel.full(2, 1.0, dtype=accel.float32)
        return accel.add(accel.add(y, one), accel.add(host, more))

    for change in (jax.jit, jax.vmap, lambda f: jax.jit(jax.vmap(f))):
        start = x if change is jax.jit else accel.stack([x, x])
        made = change(shifted)(start)
        assert str(accel.device(made)) == "jax:cpu:5"
        assert accel.to_numpy(made).ravel().tolist() == [4.0, 4.0] * (1 if change is jax.jit else 2)


def test_a_device_is_tried_for_the_first_time_while_jit_traces(jax: Any) -> None:
    code = """
        import jax, numpy as np, accel
        x = jax.device_put(np.ones(2, np.float32), jax.devices("cpu")[4])

        @jax.jit
        def shifted(x):
            return accel.add(x, accel.ones(2, dtype=accel.float32, device="jax:cpu:4"))

        print(shifted(x), accel.device("jax:cpu:4"), len(accel.devices("jax")) >= 8)
    """
    assert run(code) == "[2. 2.] jax:cpu:4 True"


def test_an_array_on_several_devices_is_on_none_of_them(jax: Any) -> None:
    cpus = jax.devices("cpu")
    mesh = jax.sharding.Mesh(np.asarray(cpus), ("i",))
    spread = jax.device_put(
        np.arange(8, dtype=np.float32), jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec("i"))
    )
    found = accel.device(spread)
    assert str(found) == "jax:cpu:*"
    assert found != accel.device("jax:cpu:0")
    assert found == accel.device(spread)
    gathered = accel.to_device(spread, "jax:cpu:0")
    assert gathered.devices() == {cpus[0]}
    assert accel.to_numpy(gathered).tolist() == list(range(8))
    assert accel.to_device(spread, "jax") is spread
    again = accel.to_device(gathered, like=spread)
    assert again.sharding == spread.sharding
    assert accel.device(accel.zeros(8, device=found)) == found


# Probes

BROKEN = """
    from accel.errors import AccelError

    class Array:
        dtype = shape = None

    class __accel__:
        @staticmethod
        def explain_failure(error):
            return (f"the driver said: {error}", "plug it in")

    class Info:
        def devices(self):
            return ("one", "two")

    def __array_namespace_info__():
        return Info()

    def asarray(obj, /, *, dtype=None, device=None, copy=None):
        if device == "one":
            raise RuntimeError("no power")
        return 2

    int32 = "int32"

    def multiply(x1, x2, /):
        return x1

    def max(x, /):
        return x
"""


UNLISTED = """
    def __array_namespace_info__():
        raise RuntimeError("the bus is on fire")
"""


def test_what_fails_its_trial_is_not_usable_and_the_reason_is_kept(tmp_path: Path) -> None:
    announce(tmp_path, "broken", "accel_broken", "broken", BROKEN, kinds="cpu")
    announce(tmp_path, "unlisted", "accel_unlisted", "unlisted", UNLISTED, kinds="npu")
    code = """
        import accel, accel.placement as placement, accel.registry as registry
        one, two = placement.listed(registry.load("broken"))
        print([str(d) for d in accel.devices("broken")], registry.failure("broken"), accel.devices("unlisted"))
        print(placement.unusable_because(one), "|", placement.fix_for(one), "|", placement.unusable_because(two))
        for name in ("broken", "broken:cpu:0", "broken:cpu:1", "npu"):
            try:
                accel.zeros(1, device=name)
            except accel.errors.DeviceNotFoundError as error:
                print(error)
        print(accel.device("cpu"))
        print(accel.explain().device)
        print([line for line in accel.explain().passed_over if line.startswith("unlisted")])
    """
    lines = run(code, path=tmp_path, ACCEL_DEVICE=None).splitlines()
    assert lines[0] == "[] None ()"
    assert lines[1] == "the driver said: no power | plug it in | it computed 3 * 3 = 2"
    reasons = {
        "broken": "broken:cpu:1 failed its trial (it computed 3 * 3 = 2)",
        "broken:cpu:0": "broken:cpu:0 failed its trial (the driver said: no power)",
        "broken:cpu:1": "broken:cpu:1 failed its trial (it computed 3 * 3 = 2)",
        "npu": "unlisted cannot list its devices (RuntimeError: the bus is on fire)",
    }
    for line, (name, reason) in zip(lines[2:6], reasons.items(), strict=True):
        assert f"There is no usable device {name!r}: {reason}. Usable here: " in line
    assert lines[6] == "numpy:cpu:0"
    assert not lines[7].startswith("broken")
    assert lines[8] == "['unlisted:npu: it cannot list its devices (RuntimeError: the bus is on fire)']"


# The namespace's own inspection


def test_the_inspection_namespace_agrees_with_each_backends(plain_row: Row) -> None:
    info = accel.__array_namespace_info__()
    theirs = accel.namespace(plain_row.backend).__array_namespace_info__()
    capabilities = theirs.capabilities()
    for name, holds in info.capabilities().items():
        assert holds <= capabilities[name]
    assert info.default_device() == accel.explain().device
    assert set(accel.devices(plain_row.backend)) <= set(info.devices()) == set(accel.devices())
    for name, dtype in theirs.default_dtypes(device=plain_row.device.native).items():
        assert info.default_dtypes(device=plain_row.device)[name] == dtype
    for kind in (None, *KINDS):
        mine = info.dtypes(device=str(plain_row.device), kind=kind)
        assert mine == theirs.dtypes(device=plain_row.device.native, kind=kind)
        assert {name: dtype.name for name, dtype in mine.items()} == {name: name for name in mine}
    both: Any = ("signed integer", "bool")
    assert set(info.dtypes(device=plain_row.device, kind=both)) == {"bool", "int8", "int16", "int32", "int64"}


def test_the_inspection_namespace_refuses_what_it_does_not_know() -> None:
    info = accel.__array_namespace_info__()
    with pytest.raises(DeviceNotFoundError, match=r"^There is no usable device 'warp'"):
        info.dtypes(device="warp")
    with pytest.raises(DeviceNotFoundError, match=r"^There is no usable device 'warp'"):
        info.default_dtypes(device="warp")
    with pytest.raises(ValueError, match=r"'noninteger'"):
        info.dtypes(kind="noninteger")


def test_devices_of_an_unknown_backend() -> None:
    with pytest.raises(
        BackendUnavailableError, match=r"^There is no backend 'warp'; the installed ones are: .*numpy"
    ):
        accel.devices("warp")
