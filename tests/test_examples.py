"""The examples, run as a newcomer runs them: each in a process of its own, on every usable device."""

from __future__ import annotations

import ast
import functools
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import accel

pytestmark = pytest.mark.thorough

EXAMPLES = Path(__file__).parents[1] / "examples"
LIBRARIES = {"numpy", "cupy", "jax"}
TWO_OF_JAX = {"XLA_FLAGS": "--xla_force_host_platform_device_count=2"}
"""Every example meets two devices of one backend, also on a machine with one processor."""

needs_digits = pytest.mark.skipif(
    not all(importlib.util.find_spec(m) for m in ("sklearn", "matplotlib")),
    reason="digits.py needs scikit-learn and matplotlib",
)


def start(*command: str, status: int = 0) -> subprocess.CompletedProcess[str]:
    """Run Python in a process of its own and insist on its exit status."""
    done = subprocess.run(
        [sys.executable, *command],
        capture_output=True,
        text=True,
        timeout=900,
        env={**os.environ, **TWO_OF_JAX},
    )
    assert done.returncode == status, f"{command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return done


def example(name: str, *arguments: str, status: int = 0) -> subprocess.CompletedProcess[str]:
    return start(str(EXAMPLES / name), *arguments, status=status)


def without(module: str, *arguments: str, status: int) -> subprocess.CompletedProcess[str]:
    """Run digits.py where a module cannot be imported."""
    code = f"import runpy, sys; sys.modules[{module!r}] = None; del sys.argv[0]; runpy.run_path(sys.argv[0], run_name='__main__')"
    return start("-c", code, str(EXAMPLES / "digits.py"), *arguments, status=status)


@functools.cache
def usable() -> list[str]:
    """Ask for the devices as an example sees them."""
    return start("-c", "import accel; print(*accel.devices())").stdout.split()


def test_standardise_shows_every_device() -> None:
    said = example("standardise.py").stdout
    for name in usable():
        assert name in said
    assert said.count("float64") == len(usable())
    assert said.count("-1.196642 -1.224745  0.") == len(usable())


def test_move_between_tells_what_is_copied() -> None:
    lines = example("move_between.py").stdout.splitlines()
    names = usable()
    assert lines[0].split()[3:] == names
    for position, (name, line) in enumerate(zip(names, lines[1:], strict=False)):
        first, *cells = line.split()
        assert first == name
        assert cells[position] == "itself"
        assert {*cells} <= {"itself", "shared", "copied"}
    assert any(f"Each of the {len(names)} gave back all 1000 values" in line for line in lines)
    for backend in {name.partition(":")[0] for name in names} - {"numpy"}:
        assert any(line.startswith(f"numpy + {backend}:") and "accel.to_device" in line for line in lines)


def test_the_numeric_code_names_no_library() -> None:
    for path in EXAMPLES.glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {
            alias.name.partition(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for alias in node.names
        } | {
            (node.module or "").partition(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
        }
        assert not names & LIBRARIES, path.name


def test_the_readme_lists_every_example() -> None:
    text = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    for path in EXAMPLES.glob("*.py"):
        assert f"[`{path.name}`]({path.name})" in text


@pytest.fixture
def digits(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The example as a module."""
    spec = importlib.util.spec_from_file_location("digits", EXAMPLES / "digits.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "digits", module)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    """One quick run of digits.py on all devices: what it says as JSON, and its picture."""
    picture = tmp_path_factory.mktemp("digits") / "digits.png"
    return json.loads(example("digits.py", "--quick", "--json", "--out", str(picture)).stdout), picture


@needs_digits
def test_neighbours_draws_the_same_samples_everywhere() -> None:
    lines = example("neighbours.py").stdout.splitlines()
    rows = {line.split()[0]: line.split() for line in lines[1:-1]}
    assert sorted(rows) == sorted(usable())
    assert len({row[6] for row in rows.values()}) == 1
    assert {row[1] for row in rows.values()} == {"0.9889"}
    assert lines[-1] == "All devices drew the same samples and agree."


@needs_digits
def test_every_device_does_the_main_job_and_agrees(quick: tuple[dict[str, Any], Path]) -> None:
    found, _ = quick
    assert found["agree"] is True
    assert sorted(r["device"] for r in found["runs"]) == sorted(usable())
    reference = found["runs"][0]
    assert reference["device"] == "numpy:cpu:0"
    for run, device in ((r, accel.device(r["device"])) for r in found["runs"]):
        assert run["labels_identical"] is True, device
        assert run["disagreements"] == [], device
        assert run["accuracy"] == reference["accuracy"] > 0.9
        assert run["cluster_purity"] == reference["cluster_purity"] > 0.6
        assert run["loss_difference"] <= found["bounds"]["losses"] < 1e-10
        assert run["score_difference"] <= found["bounds"]["scores"] < 1e-7
        assert run["seconds_first"] > 0
        assert run["seconds_again"] > 0
        assert run["emulated"] is device.emulated
        assert ("no real" in run["hardware"]) is device.emulated


@needs_digits
def test_the_picture_shows_something(quick: tuple[dict[str, Any], Path]) -> None:
    from matplotlib.image import imread

    _, path = quick
    assert path.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    picture = imread(path)
    height, width, channels = picture.shape
    assert (height, width) == (792, 1430)
    assert channels in (3, 4)
    colours = picture[..., :3]
    ink = (colours < 0.9).max(axis=-1)
    halves = ink[:, : width // 2], ink[:, width // 2 :]
    for half in halves:  # the curves on the left, the plane on the right
        assert 0.01 < half.mean() < 0.5
    saturated = colours.max(axis=-1) - colours.min(axis=-1) > 0.3
    assert saturated.mean() > 0.01


@needs_digits
def test_the_table_has_a_row_for_each_device(tmp_path: Path) -> None:
    said = example("digits.py", "--quick", "--devices", "numpy", "--out", str(tmp_path / "d.png")).stdout
    header, rule, row, *_ = said.strip().splitlines()
    assert header.split()[0] == "device"
    assert set(rule) == {"-", " "}
    assert row.split()[0] == "numpy:cpu:0"
    assert row.split()[-1] == "yes"
    assert "%" in row
    assert "Only NumPy ran" in said.splitlines()[-1]


@needs_digits
def test_they_agree_in_float32_too(tmp_path: Path) -> None:
    names = [name for name in usable() if name.startswith("jax:")]
    if not names:
        pytest.skip("JAX has no device here")
    picture = str(tmp_path / "d.png")
    said = example(
        "digits.py", *("--quick", "--json", "--dtype", "float32", "--out", picture, "--devices", *names)
    )
    found = json.loads(said.stdout)
    assert [r["device"] for r in found["runs"]] == ["numpy:cpu:0", *names]
    assert found["dtype"] == "float32"
    assert found["agree"] is True


@needs_digits
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--devices", "gpu:7"), "gpu:7"),
        (("--devices", "abacus"), "abacus"),
        (("--devices", "numpy:cpu:0:1"), "no device name"),
        (("--epochs", "0"), "--epochs must be 1 or more"),
        (("--out", "no/such/folder/digits.png"), "does not exist"),
        (("--out", "digits.xyz"), "write it as digits.png"),
    ],
)
def test_bad_input_is_one_sentence(
    digits: ModuleType,
    arguments: tuple[str, ...],
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["digits.py", *arguments])
    with pytest.raises(SystemExit) as ended:
        digits.main()
    assert ended.value.code == 2
    said = capsys.readouterr()
    assert sentence in said.err
    assert said.out == ""


@needs_digits
@pytest.mark.parametrize(
    ("module", "command"),
    [("sklearn", "pip install scikit-learn"), ("matplotlib", "pip install matplotlib")],
)
def test_what_is_missing_is_named_with_the_command(module: str, command: str) -> None:
    said = without(module, "--quick", status=2).stderr
    assert command in said
    assert "Traceback" not in said


@needs_digits
def test_progress_needs_no_tqdm(tmp_path: Path) -> None:
    done = without("tqdm", "--quick", "--devices", "numpy", "--out", str(tmp_path / "d.png"), status=0)
    assert "numpy:cpu:0: training ..." in done.stderr
    assert "Only NumPy ran" in done.stdout


@needs_digits
@pytest.mark.parametrize(
    ("part", "spoil", "sentence"),
    [
        ("predicted", lambda x: (x + 1) % 10, "360 of 360 predicted digits differ"),
        ("clusters", lambda x: x[::-1], "cluster labels differ"),
        ("hits", lambda x: x + 1, "20 of 20 accuracies per epoch differ"),
        ("losses", lambda x: x.astype("float32"), "the losses are float32"),
        ("losses", lambda x: x + 1e-9, "the losses are up to 1e-09"),
        ("losses", lambda x: x * float("nan"), "the losses are up to nan"),
        ("scores", lambda x: -x, "the principal-component scores are up to"),
    ],
)
def test_a_device_that_is_wrong_is_found_out(
    digits: ModuleType,
    part: str,
    spoil: Any,
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(digits, "chosen", lambda names: [accel.device("numpy")] * 2)
    honest, calls = digits.study, []

    def dishonest(*arguments: Any) -> Any:
        found = honest(*arguments)
        calls.append(1)
        return found._replace(**{part: spoil(getattr(found, part))}) if len(calls) == 4 else found

    monkeypatch.setattr(digits, "study", dishonest)
    monkeypatch.setattr(sys, "argv", ["digits.py", "--quick", "--out", str(tmp_path / "d.png")])
    assert digits.main() == 1
    said = capsys.readouterr().out
    assert "NOT THE SAME" in said
    assert sentence in said


def test_the_outside_library_is_portable_and_its_first_try_is_not() -> None:
    """The tests of the outside library pass: each mistake of its first try is found, and none is left in the library."""
    folder = EXAMPLES / "outside_library"
    path = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(folder), "-c", str(folder / "pyproject.toml"), str(folder)],
        capture_output=True,
        text=True,
        timeout=900,
        env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert "accel: what really ran" in done.stdout
