"""The doctor tells the truth: with and without libraries, with broken ones, and about the installation itself."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest

import accel.doctor
from accel.doctor.text import report
from tests.installed import ROOT, borrow, build, plant, run, unpack


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def healthy(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with accel and NumPy, and without any other library."""
    site = tmp_path_factory.mktemp("healthy")
    unpack(wheel, site)
    borrow(site, "numpy")
    return site


@pytest.fixture
def site(wheel: Path, tmp_path: Path) -> Path:
    """Such a folder of one's own, to break."""
    site = tmp_path / "site"
    site.mkdir()
    unpack(wheel, site)
    borrow(site, "numpy")
    return site


@pytest.fixture
def here(tmp_path: Path) -> Path:
    here = tmp_path / "here"
    here.mkdir()
    return here


def doctor(
    site: Path | None, here: Path, *arguments: str, **env: str
) -> tuple[subprocess.CompletedProcess[str], str]:
    """Run the command; give what came of it and its text without line breaks."""
    done = run("-m", "accel", "doctor", *arguments, site=site, cwd=here, env=env)
    return done, " ".join(done.stdout.split())


def data(site: Path | None, here: Path, *arguments: str, **env: str) -> Any:
    done, _ = doctor(site, here, "--json", *arguments, **env)
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def named(found: Any, name: str) -> Any:
    return next(backend for backend in found["backends"] if backend["name"] == name)


# A healthy machine


def test_without_other_libraries(healthy: Path, here: Path) -> None:
    done, text = doctor(healthy, here)
    assert done.returncode == 0
    assert done.stderr == ""
    assert "jax not usable" in text
    assert "reason ModuleNotFoundError: No module named 'jax' fix pip install 'accel-xp[jax]' or" in text
    assert (
        "reason ModuleNotFoundError: No module named 'cupy' fix pip install 'accel-xp[cupy-cuda12]' or"
        in text
    )
    assert "numpy usable backend accel_numpy, from accel-xp" in text
    assert "Chosen where no device is named: numpy:cpu:0" in text
    assert "not cupy:gpu: cupy is not usable" in text
    assert "Problem" not in text


def test_with_every_library_of_this_environment(here: Path) -> None:
    found = data(None, here)
    for backend in found["backends"]:
        name = backend["name"]
        assert backend["usable"] == bool(accel.backends()[name] and accel.devices(name)), backend["reason"]
        if backend["usable"]:
            assert [d["name"] for d in backend["devices"] if d["usable"]]
            assert backend["seconds"] < 60
    chosen = next(
        d for b in found["backends"] for d in b["devices"] if d["name"] == found["choice"]["device"]
    )
    assert chosen["usable"]
    assert not chosen["emulated"]


def test_text_is_narrow_plain_and_aligned(healthy: Path, here: Path) -> None:
    done, _ = doctor(healthy, here)
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 100
    assert done.stdout.isascii()
    assert "\x1b" not in done.stdout
    details = [line for line in lines if line.startswith("  ")]
    assert details
    for line in details:
        assert re.match(r"  (.{7} |        )\S", line), line


def test_colour_only_where_it_is_asked_for(healthy: Path, here: Path) -> None:
    found = data(healthy, here)
    assert "\x1b[32musable\x1b[0m" in report(found, colour=True)
    assert "\x1b[31mnot usable\x1b[0m" in report(found, colour=True)
    assert "\x1b" not in report(found)


def test_json_has_the_documented_keys(healthy: Path, here: Path) -> None:
    found = data(healthy, here, "--require", "numpy")
    assert accel.doctor.__doc__ is not None
    documented = set(re.findall(r'"(\w+)":', accel.doctor.__doc__))

    def keys(value: Any) -> set[str]:
        if isinstance(value, list):
            return set().union(*map(keys, value))
        if not isinstance(value, dict):
            return set()
        return set(value).union(*(keys(v) for k, v in value.items() if k not in {"versions", "environment"}))

    assert keys(found) <= documented
    assert documented - keys(found) <= {"schema"} | {"text"}
    assert found["schema"] == 1
    assert found["accel"] == {"version": accel.__version__, "location": str(healthy / "accel")}


def test_the_running_process_can_be_examined(capfd: pytest.CaptureFixture[str]) -> None:
    found = accel.doctor.examine(["numpy"])
    assert named(found, "numpy")["usable"]
    assert found["required"][0]["device"] == "numpy:cpu:0"
    assert capfd.readouterr() == ("", "")
    json.dumps(found)


def test_the_console_script_is_the_same_command(here: Path) -> None:
    script = Path(sys.executable).parent / "accel"
    if not script.exists():
        pytest.skip("accel is not installed in this environment")
    done = subprocess.run([script, "--version"], cwd=here, capture_output=True, text=True, check=True)
    assert done.stdout == f"accel {accel.__version__}\n"


# Exit status


def test_what_is_required_and_there(healthy: Path, here: Path) -> None:
    names = ["numpy", "cpu", "numpy:cpu", "numpy:cpu:0"]
    done, text = doctor(healthy, here, *(f"--require={name}" for name in names))
    assert done.returncode == 0, done.stderr
    for name in names:
        assert f"required {name} is usable: numpy:cpu:0" in text


def test_what_is_required_and_missing(healthy: Path, here: Path) -> None:
    missing = {
        "jax": "No module named 'jax'",
        "gpu": "There is no usable device 'gpu': The backend 'cupy' (accel_cupy) cannot be loaded",
        "numpy:cpu:3": "numpy sees numpy:cpu:0, not cpu:3",
        "torch": "There is no usable device 'torch'",
    }
    done, text = doctor(healthy, here, "--require=numpy", *(f"--require={name}" for name in missing))
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert len(lines) == len(missing)
    for line, (name, reason) in zip(lines, missing.items(), strict=True):
        assert line.startswith(f"accel doctor: {name} is not usable: ")
        assert reason in line
        assert f"required {name} is not usable: " in text
    assert "required numpy is usable: numpy:cpu:0" in text


@pytest.mark.parametrize(
    "arguments",
    [
        ["--require", "a:b:c"],
        ["--require", ""],
        ["--timeout", "soon"],
        ["--timeout", "0"],
        ["--frobnicate"],
        ["x"],
    ],
)
def test_a_wrong_command_has_its_own_status(healthy: Path, here: Path, arguments: list[str]) -> None:
    done, _ = doctor(healthy, here, *arguments)
    assert done.returncode == 2
    assert "usage: accel" in done.stderr


def test_a_command_is_needed(healthy: Path, here: Path) -> None:
    assert run("-m", "accel", site=healthy, cwd=here).returncode == 2


def test_an_unusable_choice_of_the_environment_is_reported(healthy: Path, here: Path) -> None:
    done, text = doctor(healthy, here, ACCEL_DEVICE="tpu:3")
    assert done.returncode == 1
    assert "no device can be chosen: " in done.stderr
    assert "There is no usable device 'tpu:3'" in done.stderr
    assert "fix unset ACCEL_DEVICE, or set it to one of: numpy:cpu:0" in text
    assert "numpy usable" in text
    assert data(healthy, here, ACCEL_DEVICE="tpu:3")["environment"] == {"ACCEL_DEVICE": "tpu:3"}


def test_a_good_choice_of_the_environment_is_explained(healthy: Path, here: Path) -> None:
    done, text = doctor(healthy, here, ACCEL_DEVICE="numpy")
    assert done.returncode == 0
    assert "rule chosen by the environment variable ACCEL_DEVICE=numpy" in text


# Libraries that fail

ABORTS = """
    import os, sys
    print("this goes to standard output")
    sys.stderr.write("F0000 check failed: pointer != null\\n")
    sys.stderr.flush()
    os.abort()
    """
HANGS = "import time\ntime.sleep(600)\n"
LEAVES_A_CHILD = "import os, time\nif os.fork() == 0:\n    time.sleep(20)\nos._exit(7)\n"


def test_sudden_deaths_are_reported_and_the_rest_examined(site: Path, here: Path) -> None:
    plant(site, "plug-aborts", backends={"lib_aborts": "plug_aborts"}, modules={"plug_aborts": ABORTS})
    plant(site, "plug-exits", backends={"lib_exits": "plug_exits"}, modules={"plug_exits": LEAVES_A_CHILD})
    plant(site, "plug-hangs", backends={"lib_hangs": "plug_hangs"}, modules={"plug_hangs": HANGS})
    began = time.monotonic()
    done, _ = doctor(site, here, "--json", "--timeout", "8", "--require", "numpy")
    assert time.monotonic() - began < 60
    found = json.loads(done.stdout)
    aborts, exits, hangs = (named(found, f"lib_{how}") for how in ("aborts", "exits", "hangs"))
    assert aborts["reason"] == (
        f"importing plug_aborts killed the process (SIGABRT), at {site / 'plug_aborts.py'}:6; "
        "last words: F0000 check failed: pointer != null"
    )
    assert exits["reason"] == "importing plug_exits ended the process with status 7"
    assert hangs["reason"] == (
        f"importing plug_hangs took longer than 8 s and was ended, at {site / 'plug_hangs.py'}:2"
    )
    assert named(found, "numpy")["usable"]
    assert found["required"][0]["usable"]
    # A program that lets accel choose meets the same death: that is said too, and how to go round it.
    assert found["choice"]["device"] is None
    assert "choosing the default device killed the process (SIGABRT)" in found["choice"]["reason"]
    assert found["choice"]["fix"] == "export ACCEL_DEVICE=numpy:cpu:0"
    assert done.returncode == 1
    way_out = run(
        "-c", "import accel; accel.zeros(1)", site=site, cwd=here, env={"ACCEL_DEVICE": "numpy:cpu:0"}
    )
    assert way_out.returncode == 0, way_out.stderr


DIES_ON_THE_SECOND = """
    import os

    class Info:
        def devices(self):
            return ("one", "two", "three")

    def __array_namespace_info__():
        return Info()

    int32 = "int32"

    class Array:
        dtype, shape, ndim, device = int32, (), 0, "one"

        def __int__(self):
            return 9

    def asarray(obj, /, *, dtype=None, device=None, copy=None):
        if device == "two":
            os.abort()
        return Array()

    def multiply(x1, x2, /):
        return x1

    max = abs
    Array.__abs__ = lambda self: self
    """


def test_devices_found_before_a_death_are_kept(site: Path, here: Path) -> None:
    plant(site, "plug-dies", backends={"lib_dies": "plug_dies"}, modules={"plug_dies": DIES_ON_THE_SECOND})
    found = named(data(site, here), "lib_dies")
    assert [(d["name"], d["usable"]) for d in found["devices"]] == [
        ("lib_dies:cpu:0", True),
        ("lib_dies:cpu:1", False),
    ]
    assert "trying lib_dies:cpu:1 killed the process" in found["devices"][1]["reason"]
    assert found["usable"]


def test_a_trial_that_hangs_is_ended_and_located(site: Path, here: Path) -> None:
    source = DIES_ON_THE_SECOND.replace("os.abort()", "time.sleep(600)").replace("import os", "import time")
    plant(site, "plug-waits", backends={"lib_waits": "plug_waits"}, modules={"plug_waits": source})
    line = 1 + textwrap.dedent(source).splitlines().index("        time.sleep(600)")
    found = named(data(site, here, "--timeout", "2"), "lib_waits")
    assert [d["usable"] for d in found["devices"]] == [True, False]
    assert found["reason"] == (
        f"trying lib_waits:cpu:1 took longer than 2 s and was ended, at {site / 'plug_waits.py'}:{line}"
    )


EXPLAINS = """
    class __accel__:
        @staticmethod
        def devices():
            raise OSError("error 35")

        @staticmethod
        def explain_failure(error):
            return f"the driver is too old ({error})", "install driver 580 or newer"

        @staticmethod
        def versions():
            return {"lib_explains": "1.2", "driver": 450}

        @staticmethod
        def notes():
            yield "It shares the GPU with another library.", None
            yield "It takes all memory.", "export LIB_SHARE=half"
    """


def test_a_backend_explains_its_failure_and_adds_notes(site: Path, here: Path) -> None:
    plant(
        site, "plug-explains", backends={"lib_explains": "plug_explains"}, modules={"plug_explains": EXPLAINS}
    )
    found = named(data(site, here), "lib_explains")
    assert found["reason"] == "the driver is too old (error 35)"
    assert found["fix"] == "install driver 580 or newer"
    assert found["versions"] == {"lib_explains": "1.2", "driver": "450"}
    assert found["notes"][1] == {"text": "It takes all memory.", "fix": "export LIB_SHARE=half"}
    text = doctor(site, here)[1]
    assert "note It takes all memory. fix export LIB_SHARE=half" in text


FAULTY_HOOKS = """
    class __accel__:
        @staticmethod
        def devices():
            return 1 / 0

        explain_failure = versions = notes = devices
    """


def test_faulty_hooks_harm_nobody(site: Path, here: Path) -> None:
    plant(site, "plug-faulty", backends={"lib_faulty": "plug_faulty"}, modules={"plug_faulty": FAULTY_HOOKS})
    found = data(site, here)
    assert (
        "()" in named(found, "lib_faulty")["reason"]
        or "ZeroDivisionError" in named(found, "lib_faulty")["reason"]
    )
    assert found["choice"]["device"] == "numpy:cpu:0"


MEMORY_NOTE = """
import json
from accel.doctor.isolation import examine_here
(record,) = examine_here(["backend jax"])
print(json.dumps([record["usable"], record["notes"]]))
"""


@pytest.mark.parametrize(
    ("before", "env", "text", "fix"),
    [
        ("", {}, "accel set XLA_PYTHON_CLIENT_PREALLOCATE=false", None),
        ("import jax", {}, "accel set XLA_PYTHON_CLIENT_PREALLOCATE=false", None),
        (
            "import jax; jax.devices()",
            {},
            "JAX had started before accel",
            "XLA_PYTHON_CLIENT_PREALLOCATE=false",
        ),
        (
            "",
            {"XLA_CLIENT_MEM_FRACTION": ".3"},
            "XLA_CLIENT_MEM_FRACTION=.3 was set before: accel leaves it",
            None,
        ),
    ],
    ids=["accel first", "imported first", "started first", "decided by the user"],
)
def test_the_memory_that_jax_leaves_to_cupy(
    here: Path, before: str, env: dict[str, str], text: str, fix: str | None
) -> None:
    pytest.importorskip("jax")
    pytest.importorskip("cupy")
    done = run("-c", f"{before}\n{MEMORY_NOTE}", cwd=here, env=env)
    assert done.returncode == 0, done.stderr
    usable, (note,) = json.loads(done.stdout)
    assert usable
    assert text in note["text"]
    assert (fix is None) == (note["fix"] is None)
    assert (fix or "") in (note["fix"] or "")


# The fix fits the failure


def test_a_library_that_is_too_old_is_upgraded_with_its_own_extra(site: Path, here: Path) -> None:
    """CuPy comes in distributions of many names; the one that is there says which extra."""
    plant(
        site,
        "cupy-cuda12x",
        backends={},
        modules={"cupy.__init__": "raise ImportError('libnvrtc.so.12 is missing')"},
    )
    found = named(data(site, here), "cupy")
    assert found["installed"]
    assert found["versions"] == {"cupy-cuda12x": "1.0"}
    assert found["reason"] == "ImportError: libnvrtc.so.12 is missing"
    assert found["fix"] == "pip install --upgrade 'accel-xp[cupy-cuda12]'"


def test_a_backend_that_lost_its_module_is_reinstalled(site: Path, here: Path) -> None:
    plant(site, "plug-lost", backends={"lib_lost": "plug_lost"})
    found = named(data(site, here), "lib_lost")
    assert not found["installed"]
    assert found["fix"] == "pip install --force-reinstall plug-lost"


def test_long_reasons_stay_readable(site: Path, here: Path) -> None:
    message = f"first line\\n{'=' * 90}\\n\\n  * point one {'word ' * 60}\\n{'-' * 90}"
    plant(
        site,
        "plug-talks",
        backends={"lib_talks": "plug_talks"},
        modules={"plug_talks": f"raise OSError('{message}')"},
    )
    done, text = doctor(site, here)
    assert max(map(len, done.stdout.splitlines())) <= 100
    assert "====" not in done.stdout
    assert "reason OSError: first line * point one word word" in text


# The installation


def problems(site: Path, here: Path, **env: str) -> list[tuple[str, str]]:
    return [(p["text"], p["fix"]) for p in data(site, here, **env)["problems"]]


def test_two_distributions_of_one_library(site: Path, here: Path) -> None:
    for name in ("cupy-cuda12x", "cupy-cuda13x"):
        plant(site, name, backends={}, modules={"cupy.__init__": "raise ImportError('torn')"})
    ((text, fix),) = problems(site, here)
    assert text.startswith(
        "The package cupy is held by several distributions, which overwrite each other: cupy-cuda12x 1.0"
    )
    assert fix == "pip uninstall -y cupy-cuda12x cupy-cuda13x, then install the one you want"


def test_a_backend_announced_twice(site: Path, here: Path) -> None:
    plant(site, "aaa-rival", backends={"numpy": "aaa_rival"})
    ((text, fix),) = problems(site, here)
    assert text == (
        "The backend numpy is announced twice: accel_numpy (by accel-xp) is used, aaa_rival (by aaa-rival) is not."
    )
    assert fix == "pip uninstall aaa-rival"


def test_the_other_package_of_the_same_name(site: Path, here: Path) -> None:
    """The chemistry package `accel` on PyPI: what its wheel holds, installed after ours."""
    shutil.rmtree(site / "accel" / "__pycache__", ignore_errors=True)
    plant(
        site,
        "accel",
        backends={},
        modules={
            "accel.__init__": "__version__ = '0.3.0'",
            "accel.__main__": "",
            "accel.base.__init__": "",
            "accel.plugin.__init__": "",
        },
    )
    done = run("-m", "accel.doctor", site=site, cwd=here)
    text = " ".join(done.stdout.split())
    assert done.returncode == 0, done.stderr
    assert "The distribution 'accel' 1.0 installs a package called accel too" in text
    assert "pip uninstall -y accel && pip install --force-reinstall accel-xp" in text
    assert (
        "Files of accel-xp are missing or not those it came with: accel/__init__.py, accel/__main__.py."
        in text
    )
    assert "accel unknown, Python" in text
    assert "numpy usable" in text


def test_the_other_package_installed_first(site: Path, here: Path) -> None:
    plant(site, "accel", backends={}, modules={"accel.base.__init__": "", "accel.plugin.__init__": ""})
    ((text, _),) = problems(site, here)
    assert text.startswith("The distribution 'accel' 1.0 installs a package called accel too")


def test_a_second_copy_on_the_path(healthy: Path, here: Path) -> None:
    (here / "accel").mkdir()
    (here / "accel" / "__init__.py").write_text("")
    done = run(
        *("-c", "import sys; sys.path.append('.'); from accel.__main__ import main; main(['doctor'])"),
        site=healthy,
        cwd=here,
    )
    assert f"There is another accel at {here / 'accel' / '__init__.py'}" in " ".join(done.stdout.split())


def test_a_folder_that_stands_in_for_a_library(healthy: Path, here: Path) -> None:
    (here / "jax").mkdir()
    done = run(
        *("-c", "import sys; sys.path.insert(0, ''); from accel.__main__ import main; main(['doctor'])"),
        site=healthy,
        cwd=here,
    )
    text = " ".join(done.stdout.split())
    assert f"Python takes the folder {here / 'jax'} for the library jax, which is not installed." in text
    assert "library not installed" in text


def test_a_file_of_the_working_directory_cannot_break_it(healthy: Path, here: Path) -> None:
    for name in ("json.py", "types.py", "queue.py"):
        (here / name).write_text("raise RuntimeError('the wrong module')")
    assert doctor(healthy, here)[0].returncode == 0


def test_a_healthy_installation_has_no_problems(healthy: Path, here: Path) -> None:
    assert problems(healthy, here) == []
