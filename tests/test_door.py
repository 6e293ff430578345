"""The door: a third-party backend works through its entry point alone, and a broken one harms nobody else."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest

from tests.installed import ROOT, borrow, build, plant, run, unpack

EXAMPLE = ROOT / "examples" / "third_party_backend"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, tmp_path_factory.mktemp("accel"))


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Accel, NumPy, array-api-strict and the example, each installed for good."""
    site = tmp_path_factory.mktemp("site")
    unpack(wheel, site)
    borrow(site, "numpy", "array-api-strict")
    unpack(build(EXAMPLE, tmp_path_factory.mktemp("example")), site)
    return site


@pytest.fixture(scope="module")
def broken(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Accel and NumPy among broken plugins of every kind."""
    site = tmp_path_factory.mktemp("broken")
    unpack(wheel, site)
    borrow(site, "numpy")
    klass = """
        class Thing:
            dtype, shape, device, ndim = "f", (), "here", 0
        """
    plant(
        site,
        "plug-raises",
        backends={"lib_raises": "plug_raises"},
        modules={"plug_raises": "raise RuntimeError('the driver is too old')", "lib_raises": klass},
    )
    plant(site, "plug-missing", backends={"lib_missing": "plug_missing"}, modules={"lib_missing": klass})
    plant(
        site,
        "plug-leaves",
        backends={"lib_leaves": "plug_leaves"},
        modules={"plug_leaves": "raise SystemExit('no licence')", "lib_leaves": klass},
    )
    plant(
        site,
        "plug-partial",
        backends={"lib_partial": "plug_partial"},
        modules={
            "plug_partial": """
                class Info:
                    def devices(self):
                        return ("here",)

                def __array_namespace_info__():
                    return Info()

                def add(x1, x2, /):
                    return x1
                """,
            "lib_partial": klass,
        },
    )
    plant(
        site,
        "plug-bare",
        backends={"lib_bare": "plug_bare"},
        modules={"plug_bare": "def add(x1, x2, /):\n    return x1", "lib_bare": klass},
    )
    plant(site, "plug-twice", backends={"numpy": "aaa_first_in_the_alphabet"}, kinds={"numpy": "gpu"})
    plant(site, "plug-grabs", backends={"builtins": "plug_grabs"}, modules={"plug_grabs": "add = None"})
    return site


def check(site: Path, tmp_path: Path, source: str, **env: str) -> str:
    done = run("-c", textwrap.dedent(source), site=site, cwd=tmp_path, env=env)
    assert done.returncode == 0, done.stderr
    return done.stdout


# The example


def test_accel_does_not_know_the_example(wheel: Path) -> None:
    assert b"array_api_strict" not in wheel.read_bytes()
    core = [f for f in (ROOT / "accel").rglob("*.py") if "testing" not in f.parts]  # the kit has a row of it
    assert not [f for f in core if "array_api_strict" in f.read_text()]


def test_every_op_is_the_libraries_own(site: Path, tmp_path: Path) -> None:
    check(
        site,
        tmp_path,
        """
        import accel, accel.fft, accel.linalg, accel_array_api_strict, array_api_strict
        from accel.dispatch import specs
        accel.add  # loads the chapters
        assert len(specs) >= 160, len(specs)
        for name in specs:
            ours, theirs = accel_array_api_strict, array_api_strict
            for part in name.split("."):
                ours, theirs = getattr(ours, part), getattr(theirs, part)
            assert ours is theirs or name == "astype", name  # the one function that is mended
        assert accel.namespace("array_api_strict") is accel_array_api_strict
        """,
    )


def test_ops_compute(site: Path, tmp_path: Path) -> None:
    check(
        site,
        tmp_path,
        """
        import numpy as np, array_api_strict as strict
        import accel, accel.linalg, accel.fft

        native = np.asarray([[4.0, 1.0], [2.0, 3.0]])
        x = strict.asarray(native)
        calls = {
            "elementwise": lambda x: accel.exp(accel.add(x, 1)),
            "data_type": lambda x: accel.astype(x, accel.float32),
            "manipulation": lambda x: accel.concat([x, accel.permute_dims(x, (1, 0))]),
            "searching": lambda x: accel.where(accel.greater(x, 2), x, accel.zeros_like(x)),
            "indexing": lambda x: accel.take(x, accel.argmax(x, axis=0), axis=1),
            "set": accel.unique_values,
            "sorting": accel.sort,
            "statistical": lambda x: accel.sum(x, axis=0),
            "utility": lambda x: accel.any(x),
            "linear_algebra": lambda x: accel.matmul(x, x),
            "linalg": accel.linalg.inv,
            "fft": lambda x: accel.fft.irfft(accel.fft.rfft(x)),
        }
        for name, call in calls.items():
            got, wanted = call(x), call(native)
            assert type(got) is type(x), (name, type(got))
            assert got.shape == wanted.shape, name
            assert str(got.dtype).endswith(str(wanted.dtype)), (name, got.dtype, wanted.dtype)
            np.testing.assert_allclose(accel.to_numpy(got), wanted, rtol=1e-14, err_msg=name)
        assert accel.isdtype(x.dtype, "real floating") and accel.float64 == x.dtype
        assert accel.float64 == accel.result_type(x, accel.float32)
        """,
    )


def test_devices_have_names_and_numpy_stays_the_default(site: Path, tmp_path: Path) -> None:
    check(
        site,
        tmp_path,
        """
        import accel, array_api_strict as strict
        assert list(map(str, accel.devices("array_api_strict"))) == [
            "array_api_strict:cpu:0", *(f"array_api_strict:virtual:{i}" for i in range(4))]
        assert str(accel.explain().device) == "numpy:cpu:0", accel.explain()
        assert not [reason for reason in accel.explain().passed_over if "strict" in reason and "emulates" not in reason]
        assert str(accel.device("virtual:1")) == "array_api_strict:virtual:1"
        assert str(accel.device("cpu")) == "numpy:cpu:0"
        x = strict.ones(2, device=strict.Device("device2"))
        assert str(accel.device(x)) == "array_api_strict:virtual:1"
        assert accel.device(strict.Device("device2")) == x.device
        """,
    )


def test_creation_takes_its_devices(site: Path, tmp_path: Path) -> None:
    check(
        site,
        tmp_path,
        """
        import accel, array_api_strict as strict, numpy as np
        for device in ("array_api_strict:virtual:0", accel.device("virtual:0"), strict.Device("device1")):
            for x in (accel.zeros(3, device=device), accel.asarray([1, 2], device=device), accel.arange(4, device=device),
                      accel.asarray(np.ones(2), device=device)):
                assert x.device == strict.Device("device1")
                assert accel.zeros_like(x).device == x.device
        with accel.use_device("array_api_strict"):
            assert accel.linspace(0, 1, 3).device == strict.Device("CPU_DEVICE")
            with accel.default_dtypes(float=accel.float32):
                assert accel.zeros(1).dtype == strict.float32
        assert type(accel.zeros(1)) is np.ndarray
        """,
    )


def test_transfers_go_both_ways(site: Path, tmp_path: Path) -> None:
    check(
        site,
        tmp_path,
        """
        import accel, array_api_strict as strict, numpy as np
        for dtype in "bool int8 int64 uint16 float32 float64 complex64 complex128".split():
            there = accel.to_device(np.asarray([0, 1, 1]).astype(dtype), "array_api_strict:virtual:1")
            assert there.device == strict.Device("device2") and str(there.dtype).endswith(dtype)
            back = accel.to_numpy(there)
            assert type(back) is np.ndarray and back.dtype == dtype and back.tolist() == [0, 1, 1]
            assert type(accel.to_device(there, "numpy")) is np.ndarray
        x = strict.asarray([1.0, 2.0])
        moved = accel.to_device(x, "virtual")
        assert moved.device == strict.Device("device1")
        assert accel.to_device(x, like=moved).device == moved.device
        assert accel.to_device(x, "cpu") is x
        copied = accel.to_numpy(x, copy=True)
        copied[0] = 9
        assert accel.to_numpy(x)[0] == 1
        try:
            accel.to_device(np.ones(1), "array_api_strict:virtual:2")
        except accel.errors.DTypeError as error:
            assert "array_api_strict:virtual:2 has no dtype float64" in str(error), error
        else:
            raise AssertionError("device no_float64 took a float64")
        """,
    )


def test_errors_are_accels(site: Path, tmp_path: Path) -> None:
    out = check(
        site,
        tmp_path,
        """
        import accel, array_api_strict as strict, numpy as np
        x = strict.ones(2)
        for call in (
            lambda: accel.add(x, np.ones(2)),
            lambda: accel.add(x, accel.to_device(x, "virtual")),
            lambda: accel.add(x, strict.ones(3)),
            lambda: accel.sum(x, axis=5),
            lambda: accel.bitwise_and(x, x),
            lambda: accel.zeros(2, device="array_api_strict:gpu"),
            lambda: accel.zeros_like(x, device="numpy"),
            lambda: accel.pow(strict.ones(2, dtype=strict.int32), strict.ones(2, dtype=strict.float32)),
        ):
            try:
                call()
            except accel.errors.AccelError as error:
                print(type(error).__name__, error)
        """,
    )
    lines = out.splitlines()
    assert [line.partition(" ")[0] for line in lines] == [
        "MixedBackendsError",
        "MixedDevicesError",
        "ShapeError",
        "AxisError",
        "DTypeError",
        "DeviceNotFoundError",
        "DeviceNotFoundError",
        "ArgumentError",
    ]
    assert "accel.to_device(x2, like=x1)" in lines[0]
    assert "accel.to_device(x2, like=x1)" in lines[1]


def test_the_readme_tells_the_truth(site: Path, tmp_path: Path) -> None:
    (session,) = re.findall(r"```pycon\n(.*?)```", (EXAMPLE / "README.md").read_text(), re.DOTALL)
    (tmp_path / "session.txt").write_text(session)
    done = run("-m", "doctest", "session.txt", site=site, cwd=tmp_path)
    assert done.returncode == 0, done.stdout


def test_no_code_at_all_is_enough(
    wheel: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The pyproject.toml in the example's README, built and installed as it stands there."""
    (text,) = re.findall(r"```toml\n(.*?)```", (EXAMPLE / "README.md").read_text(), re.DOTALL)
    project = tmp_path_factory.mktemp("zero")
    (project / "pyproject.toml").write_text(text)
    site = tmp_path_factory.mktemp("zero-site")
    unpack(wheel, site)
    borrow(site, "numpy", "array-api-strict")
    made = build(project, tmp_path_factory.mktemp("zero-wheel"))
    unpack(made, site)
    check(
        site,
        tmp_path,
        """
        import accel, array_api_strict as strict, numpy as np
        x = accel.asarray([1.0, 2.0], device="array_api_strict")
        assert accel.to_numpy(accel.exp(x)).tolist() == np.exp([1.0, 2.0]).tolist()
        assert accel.namespace(x) is strict
        assert [d.kind for d in accel.devices("array_api_strict")] == ["cpu"] * 5
        moved = accel.to_device(np.ones(2), "array_api_strict:cpu:1")
        assert moved.device == strict.Device("device1") and accel.to_numpy(moved).tolist() == [1, 1]
        assert accel.to_device(x, like=moved).device == moved.device
        assert str(accel.explain().device) == "numpy:cpu:0"
        """,
    )


# Broken plugins


def test_a_broken_plugin_takes_down_nobody_else(broken: Path, tmp_path: Path) -> None:
    check(
        broken,
        tmp_path,
        """
        import accel, numpy as np
        assert accel.add(np.ones(2), 1).tolist() == [2, 2]
        assert accel.zeros(1).tolist() == [0]
        assert str(accel.explain().device) == "numpy:cpu:0", accel.explain()
        assert [str(d) for d in accel.devices()] == ["numpy:cpu:0"]
        assert accel.isdtype(np.float32, "real floating") and accel.result_type(np.ones(1), 1.0) == accel.float64
        usable = accel.backends()
        assert usable.pop("numpy") is True
        assert not any(usable[name] for name in ("lib_raises", "lib_missing", "lib_leaves")), usable
        assert "builtins" not in usable
        """,
    )


@pytest.mark.parametrize(
    ("library", "reason", "fix"),
    [
        ("lib_raises", "RuntimeError: the driver is too old", "pip install plug-raises"),
        ("lib_missing", "No module named 'plug_missing'", "pip install plug-missing"),
        ("lib_leaves", "SystemExit: no licence", "pip install plug-leaves"),
    ],
)
def test_a_plugin_that_cannot_be_loaded_says_why(
    broken: Path, tmp_path: Path, library: str, reason: str, fix: str
) -> None:
    out = check(
        broken,
        tmp_path,
        f"""
        import accel, {library}, traceback
        lengths = []
        for call in (
            lambda: accel.add({library}.Thing(), 1),
            lambda: accel.namespace("{library}"),
            lambda: accel.zeros(1, device="{library}"),
        ) * 3:
            try:
                call()
            except accel.errors.BackendUnavailableError as error:
                lengths.append(len(traceback.extract_tb(error.__traceback__)))
                text = str(error)
        assert len(lengths) == 9
        assert lengths[3:6] == lengths[6:], "a kept error collects the frames of its callers"
        print(text)
        """,
    )
    assert f"The backend '{library}'" in out
    assert reason in out
    assert fix in out


@pytest.mark.parametrize("library", ["lib_partial", "lib_bare"])
def test_a_backend_without_an_op_says_so(broken: Path, tmp_path: Path, library: str) -> None:
    out = check(
        broken,
        tmp_path,
        f"""
        import accel, {library}
        x = {library}.Thing()
        assert accel.add(x, x) is x
        for call in (lambda: accel.multiply(x, x), lambda: accel.sum(x), lambda: accel.zeros_like(x),
                     lambda: accel.asarray(x), lambda: accel.result_type(x)):
            try:
                call()
            except accel.errors.UnsupportedError as error:
                print(error)
        """,
    )
    for name in ("multiply", "sum", "zeros_like", "asarray", "result_type"):
        assert f"The backend '{library}' ({library.replace('lib', 'plug')}) has no {name}" in out


@pytest.mark.parametrize("library", ["lib_partial", "lib_bare"])
def test_a_backend_that_cannot_make_an_array_has_no_usable_device(
    broken: Path, tmp_path: Path, library: str
) -> None:
    out = check(
        broken,
        tmp_path,
        f"""
        import accel
        try:
            accel.zeros(2, device="{library}")
        except accel.errors.DeviceNotFoundError as error:
            print(error)
        """,
    )
    assert f"There is no usable device '{library}'" in out
    assert "has no attribute" in out


def test_accels_own_backend_cannot_be_taken_over(broken: Path, tmp_path: Path) -> None:
    check(
        broken,
        tmp_path,
        """
        import accel, accel.registry as registry
        assert accel.namespace("numpy").__name__ == "accel_numpy"
        assert registry.kinds("numpy") == ("cpu",)
        """,
    )


def test_the_doctor_lists_them(broken: Path, tmp_path: Path) -> None:
    done = run("-m", "accel", "doctor", site=broken, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for text in (
        "RuntimeError: the driver is too old",
        "No module named 'plug_missing'",
        "SystemExit: no licence",
        "module 'plug_partial' has no attribute 'asarray'",
        "module 'plug_bare' has no attribute '__array_namespace_info__'",
        "The backend numpy is announced twice: accel_numpy (by accel-xp) is used, aaa_first_in_the_alphabet",
        "plug-grabs announces a backend for builtins",
        "Chosen where no device is named: numpy:cpu:0",
    ):
        assert text in " ".join(done.stdout.split()), text
