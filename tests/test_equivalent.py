"""`equivalent`: portable functions pass, others fail with a program that shows why."""

from __future__ import annotations

import doctest
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import hypothesis.strategies as hs
import numpy as np
import pytest
from hypothesis import assume

import accel
import accel.testing.equivalence
import accel.testing.source
from accel.dispatch import specs
from accel.errors import ArgumentError, BackendUnavailableError, ShapeError
from accel.testing import equivalent, strategies
from accel.testing.cases import Case
from accel.testing.rows import obstacle, rows
from accel.testing.selection import chosen, skipped
from accel.testing.source import script, source
from tests.kit_library import centred, softmax

BRAIN: Any = accel.namespace("numpy").bfloat16
HERE = [name for name in ("jax", "cupy") if obstacle(name) is None]
ROWS = ["numpy-readonly", *HERE]
TAME = strategies.arrays("float32", (3,), strategies.tame)

needs_jax = pytest.mark.skipif(obstacle("jax") is not None, reason=f"jax cannot run here: {obstacle('jax')}")


def run(program: str, tmp_path: Path) -> list[str]:
    """Run a program in a Python of its own, and give what it prints."""
    file = tmp_path / "program.py"
    file.write_text(program, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(file)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env=dict(os.environ),
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def counterexample(error: BaseException) -> str:
    """Take the program out of a message."""
    _, _, program = str(error).partition("This program shows it:\n\n")
    assert program, str(error)
    return program


@pytest.mark.parametrize(
    "module", [accel.testing.equivalence, accel.testing.source], ids=lambda m: m.__name__
)
def test_examples_of_the_docstrings(module: Any) -> None:
    """The examples run."""
    assert doctest.testmod(module).failed == 0


# Source

VALUES = [
    np.asarray([1.0, -0.0, np.nan, -np.inf], dtype="float32"),
    -np.asarray([np.nan, 0.0]),
    np.asarray([0x7FC00001, 0xFF800001], dtype="uint32").view("float32"),
    np.asarray([[1, 2**63]], dtype="uint64"),
    np.asarray(0.1),
    np.zeros((2, 0, 3), dtype="int8"),
    np.asarray([True, False]),
    np.asarray([[complex(-0.0, np.nan), complex(np.inf, -0.0)]], dtype="complex64"),
    np.asarray([1.1, np.nan, -0.0, 3e38], dtype=BRAIN),
    np.asarray([1.5, 6e-8], dtype="float16"),
    np.asarray([1.0, 2.0], dtype=">f8"),
    np.arange(6.0).reshape(2, 3)[:, ::-2],
    np.float32(0.1),
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_source_of_an_array_gives_the_same_bits(value: Any) -> None:
    """Evaluated, the text is the array again, to the last bit."""
    again = eval(source(value), {"accel": accel, "numpy": np})
    assert type(again) is type(value)
    assert again.dtype == value.dtype
    assert again.shape == value.shape
    assert again.tobytes() == value.tobytes()


@pytest.mark.parametrize(
    "value",
    [
        -0.0, float("inf"), 1e308, 0.1, complex(-0.0, float("-inf")), True, 2**70, "a'b", b"x", None, ..., slice(None, -1, -2),
        accel.float32, np.dtype("int8"), (1,), (), [1, (2.5, None)], {"a": [0.5], 2: ()}, np.float32,
    ],
    ids=repr,
)  # fmt: skip
def test_source_of_other_values(value: Any) -> None:
    """The text is the value again, with its class and sign."""
    again = eval(source(value), {"accel": accel, "numpy": np})
    assert type(again) is type(value)
    assert again == value
    assert repr(again) == repr(value)


def test_source_of_nan() -> None:
    """The sign of nan is kept."""
    for value in (float("nan"), -float("nan")):
        again = eval(source(value), {"accel": accel, "numpy": np})
        assert np.float64(again).tobytes() == np.float64(value).tobytes()


@needs_jax
def test_source_of_another_backends_array() -> None:
    """It goes to its device again."""
    x = accel.to_device(np.asarray([1.0, -0.0]), "jax:cpu:1", copy=True)
    again = eval(source(x), {"accel": accel, "numpy": np})
    assert accel.device(again) == accel.device(x)
    assert accel.to_numpy(again).tobytes() == accel.to_numpy(x).tobytes()


@pytest.mark.parametrize("backend", [*HERE, "numpy-strided", *(["jax-jit"] if "jax" in HERE else [])])
def test_a_script_runs_and_shows_both(backend: str, tmp_path: Path) -> None:
    """A program of its own prints the reference's result and the backend's."""
    case = Case((np.asarray([1.0, -0.0], dtype="float32"), 2), {})
    numpy, other = run(script("divide", case, backend), tmp_path)
    assert numpy == "numpy: array([ 0.5, -0. ], dtype=float32)"
    assert other.startswith(f"{backend}: ")
    assert "0.5, -0. " in other


def test_scripts_of_every_op_are_python() -> None:
    """Whatever a spec's arguments look like, the program for them compiles."""
    from accel.testing.mistakes import plausible

    assert callable(accel.add)
    for name, spec in specs.items():
        compile(script(name, plausible(spec), "jax"), name, "exec")


def test_a_script_shows_an_error(tmp_path: Path) -> None:
    """An error is a result as well."""
    case = Case(([np.ones((1, 2)), np.ones((1, 3))],), {"axis": 0})
    lines = run(script("concat", case, "numpy"), tmp_path)
    assert len(lines) == 1
    assert "ShapeError" in lines[0]


# Agreement


def test_a_portable_function_passes() -> None:
    """Its summary says what ran."""
    found = equivalent(softmax, TAME, backends=ROWS, examples=8)
    assert found.ran == tuple(ROWS)
    assert found.examples >= 8
    assert str(found) == f"{found.examples} examples on {', '.join(ROWS)} agree with numpy"


@needs_jax
def test_compiled_by_accel_and_by_a_virtual_backend() -> None:
    """With jit=True the function is compiled where a backend can; numbers that come back as arrays are no difference."""

    def largest(x: Any, n: int, more: dict[str, Any]) -> Any:
        return {"scaled": (accel.max(x) * n, n), "sum": accel.sum(more["y"])}

    found = equivalent(
        largest,
        TAME,
        hs.integers(1, 3),
        more=hs.fixed_dictionaries({"y": TAME}),
        backends=["numpy-readonly", "jax", "jax-jit"],
        jit=True,
        examples=5,
    )
    assert found.ran == ("numpy-readonly", "jax", "jax-jit", "jax under accel.jit")


def test_named_tuples_and_lists_are_compared() -> None:
    """A result may have any structure."""

    class Moments(NamedTuple):
        mean: Any
        parts: list[Any]

    equivalent(lambda x: Moments(accel.mean(x), [x, None, "text", 1.5]), TAME, backends=ROWS, examples=4)


def test_an_oracle_judges_every_backend_the_reference_too() -> None:
    """Beside true values of more digits, each backend may be off by the promise once."""
    found = equivalent(
        accel.exp,
        TAME,
        oracle=lambda x: np.exp(x.astype(np.longdouble)),
        op="exp",
        backends=["numpy", *HERE],
        examples=8,
    )
    assert found.ran == ("numpy", *HERE)
    with pytest.raises(AssertionError) as caught:
        equivalent(accel.exp, TAME, oracle=lambda x: np.exp(x) + 1, backends=["numpy"], examples=8)
    assert str(caught.value).startswith(
        "exp on numpy: the result is not close to the expected one: 3 of 3 elements differ"
    )
    assert "oracle = (lambda x: np.exp(x) + 1)" in str(caught.value)


def test_the_same_error_everywhere_is_agreement() -> None:
    """What accel refuses alike is no difference, as long as something is compared."""

    def checked(x: Any) -> Any:
        return accel.reshape(x, (2, -1))

    shapes = hs.sampled_from([(3,), (4,)])
    found = equivalent(
        checked, strategies.arrays("float32", shapes, strategies.tame), backends=ROWS, examples=10
    )
    assert 0 < found.refused < found.examples
    with pytest.raises(AssertionError, match="raised ShapeError for each of") as caught:
        equivalent(checked, TAME, backends=ROWS, examples=4)
    assert isinstance(caught.value.__cause__, ShapeError)


def test_examples_can_be_passed_over() -> None:
    """`hypothesis.assume` works inside the function."""

    def positive(x: Any) -> Any:
        assume(bool(accel.all(x > 0)))
        return accel.log(x)

    equivalent(positive, strategies.arrays("float32", (1,), strategies.tame), backends=ROWS, examples=5)


def test_settings_of_hypothesis_hold_and_seeds_repeat() -> None:
    """A seed draws the same examples again; the number of examples is the profile's where none is named."""

    def drawn(**asked: Any) -> list[bytes]:
        seen: list[bytes] = []

        def note(x: Any) -> Any:
            seen.append(accel.to_numpy(x).tobytes())
            return x

        equivalent(note, strategies.arrays("float64", (2,)), backends=["numpy-readonly"], **asked)
        return seen[::2]

    from hypothesis import settings

    assert drawn(seed=3, examples=20) == drawn(seed=3, examples=20)
    assert drawn(seed=3, examples=20) != drawn(seed=4, examples=20)
    assert len(drawn()) == settings().max_examples


# Differences


def test_a_function_that_writes_to_its_argument(tmp_path: Path) -> None:
    """The bug is found on NumPy alone, and the program in the message shows it."""
    with pytest.raises(AssertionError) as caught:
        equivalent(centred, TAME, backends=["numpy-readonly"], examples=10)
    message = str(caught.value)
    assert message.startswith("centred on numpy-readonly: raises ValueError: ")
    assert "read-only, where numpy gives array([0., 0., 0.], dtype=float32)\n" in message
    # The function's own error is the cause, with its traceback.
    cause = caught.value.__cause__
    assert isinstance(cause, ValueError)
    steps = []
    trace = cause.__traceback__
    while trace is not None:
        steps.append(trace.tb_frame.f_code.co_name)
        trace = trace.tb_next
    assert "centred" in steps
    assert not any("Falsifying" in note for note in getattr(caught.value, "__notes__", ()))
    numpy, other = run(counterexample(caught.value), tmp_path)
    assert numpy == "numpy: array([0., 0., 0.], dtype=float32)"
    assert other.startswith("numpy-readonly: ValueError(")


@needs_jax
def test_a_function_whose_values_differ(tmp_path: Path) -> None:
    """A function inside another is written out with what it uses from around it."""
    offset = 0.25

    def shifted(x: Any) -> Any:
        return x + (offset if accel.device(x).backend == "jax" else 0)

    with pytest.raises(AssertionError) as caught:
        equivalent(shifted, x=TAME, backends=["jax"], examples=10)
    assert str(caught.value).startswith(
        f"{shifted.__qualname__} on jax: the result is not close to the expected one: 3 of 3 elements differ; the worst is at [0]:\n"
        "  actual   np.float32(0.25)\n"
        "  desired  np.float32(0.0)\n"
    )
    numpy, other = run(counterexample(caught.value), tmp_path)
    assert numpy == "numpy: array([0., 0., 0.], dtype=float32)"
    assert other == "jax: Array([0.25, 0.25, 0.25], dtype=float32)"


@needs_jax
@pytest.mark.parametrize(
    ("fn", "said"),
    [
        (lambda x: x + 1e-3 * (accel.device(x).backend == "jax"), "is not close to"),
        (lambda x: accel.astype(x, accel.float64) if accel.device(x).backend == "jax" else x, "has dtype float64"),
        (lambda x: x[:1] if accel.device(x).backend == "jax" else x, "has shape (1,)"),
        (lambda x: accel.to_numpy(x), "has an array of numpy in it, not of jax"),
        (lambda x: accel.to_device(x, "jax:cpu:0") if accel.device(x).backend == "jax" else x, "lies on jax:cpu:0"),
        (lambda x: [x] if accel.device(x).backend == "jax" else (x,), "is a Python list"),
        (lambda x: float(x[0]) if accel.device(x).backend == "jax" else x[0], "not an array"),
        (lambda x: x[0] if accel.device(x).backend == "jax" else float(x[0]), "a Python float"),
        (lambda x: accel.sum(x, axis=int(accel.device(x).backend == "jax")), "raises AxisError"),
        (lambda x: accel.sum(x, axis=int(accel.device(x).backend == "numpy")), "where numpy raises AxisError"),
    ],
)  # fmt: skip
def test_each_kind_of_difference_is_found(fn: Any, said: str) -> None:
    """Values, dtype, shape, backend, device, structure, and errors on one side."""
    with pytest.raises(AssertionError) as caught:
        equivalent(fn, TAME, backends=["jax"], examples=6)
    first = str(caught.value).partition("\n")[0]
    assert said in first
    compile(counterexample(caught.value), "program", "exec")
    assert "fn = (lambda x: " in counterexample(caught.value)


@needs_jax
def test_a_branch_on_values_is_found_under_jit(tmp_path: Path) -> None:
    """What no compiler can trace fails where it is compiled, and there alone."""

    def branching(x: Any) -> Any:
        return x if x[0] > 0 else -x

    equivalent(branching, TAME, backends=["jax"], examples=4)
    with pytest.raises(AssertionError, match=r"on jax under accel\.jit: raises TraceError") as caught:
        equivalent(branching, TAME, backends=["jax"], jit=True, examples=4)
    lines = run(counterexample(caught.value), tmp_path)
    assert lines[0].startswith("numpy: array(")
    assert "TraceError" in lines[1]


# Selection


def test_backends_that_are_named_have_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """An unknown backend is refused; one that cannot run fails when named, and is passed over and told when not."""
    with pytest.raises(ArgumentError, match="no backend 'torch'"):
        equivalent(softmax, TAME, backends=["torch"])
    with pytest.raises(ArgumentError, match="nothing to compare"):
        equivalent(softmax, TAME, backends=["numpy"])
    monkeypatch.setattr(
        "accel.testing.selection.obstacle", lambda backend: "it is broken" if backend == "numpy" else None
    )
    with pytest.raises(
        BackendUnavailableError, match="numpy-readonly was asked for and cannot run here: it is broken"
    ):
        chosen(["numpy-readonly"])
    assert "numpy-readonly" not in {row.name for row in chosen()}
    assert skipped()["numpy-readonly"] == "it is broken"


def test_every_row_that_can_run_is_run_by_default() -> None:
    """But for those of deep runs."""
    wanted = {row.name for row in rows() if not row.nightly and obstacle(row.backend) is None}
    assert {row.name for row in chosen()} == wanted
    found = equivalent(accel.negative, strategies.arrays("int32", (2,)), examples=2)
    assert set(found.ran) == wanted
