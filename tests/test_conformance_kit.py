"""The conformance kit: trials outside of pytest, and the whole matrix against any registered backend."""

from __future__ import annotations

import re
from ast import literal_eval
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import accel
import accel.testing as kit
import accel.testing.trial as trial
from accel.dispatch import Spec, specs
from accel.errors import AccelError, ArgumentError, BackendUnavailableError, DeviceNotFoundError
from accel.testing.cases import Case
from accel.testing.conformity import Report, rows_of, selected
from accel.testing.known import Deviation
from accel.testing.rows import Row, obstacle, rows
from accel.testing.trial import Verdict, try_cell, try_mistakes
from tests.fresh import run

pytestmark = pytest.mark.thorough

EXAMPLE = Path(__file__).parents[1] / "examples" / "third_party_backend"
HOME = Row("numpy", "numpy")


class Faulty(Row):
    """NumPy with a fault: sums of more than one element are one too large, and nothing is ever refused."""

    def call(self, spec: Spec, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if spec.name == "subtract":
            return 0
        result = super().call(spec, args, kwargs)
        return result + 1 if spec.name == "sum" and args[0].size > 1 else result


class Recording(Row):
    """NumPy that notes the calls it gets."""

    def __init__(self) -> None:
        super().__init__("numpy", "numpy")
        self.seen: list[str] = []

    def call(self, spec: Spec, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        self.seen.append(repr(Case(args, kwargs)))
        return super().call(spec, args, kwargs)


# One trial


def test_a_cell_that_agrees(plain_row: Row) -> None:
    verdict = try_cell(plain_row, "maximum", examples=8)
    assert (verdict.status, verdict.examples, verdict.counterexample) == ("passed", 8, None)
    assert verdict.seconds > 0


def test_the_same_seed_draws_the_same_calls_and_another_one_others() -> None:
    def calls(seed: int) -> list[str]:
        row = Recording()
        try_cell(row, "add", examples=10, seed=seed)
        return row.seen

    assert calls(3) == calls(3)
    assert calls(3) != calls(4)


def test_a_fault_is_found_and_its_counterexample_is_small() -> None:
    one, other = (try_cell(Faulty("numpy", "numpy"), "sum", examples=50, seed=1) for _ in range(2))
    assert one.status == "failed"
    assert one.counterexample is not None
    (x,) = one.counterexample.arrays()
    assert x.size > 1
    assert not x.any(), "all but the number of elements was shrunk away"
    assert repr(one.counterexample) == repr(other.counterexample)
    assert 0 < one.examples <= 50
    assert "differ" in one.message
    assert "accel.sum(" not in one.message
    assert str(one).startswith("accel.sum on numpy, results: failed: ")


def test_an_exception_is_a_failure_that_names_its_class() -> None:
    class Raising(Row):
        def call(self, spec: Spec, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            raise RuntimeError("the driver is gone")

    verdict = try_cell(Raising("numpy", "numpy"), "exp", examples=5)
    assert verdict.status == "failed"
    assert verdict.message == "RuntimeError: the driver is gone"


def _listing(monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    """Enter a deviation as a file would list it."""
    entry = Deviation("numpy", "sum", case, "its sums are one too large", "", "1.0")
    monkeypatch.setattr(trial, "known", lambda row, op: (entry,) if op == "sum" else ())


def test_known_deviations_are_left_out_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    _listing(monkeypatch, "float32")
    verdict = try_cell(HOME, "sum", examples=40)
    assert verdict.status == "known"
    assert verdict.left_out > 0
    assert verdict.examples == 40
    assert verdict.message == "float32: its sums are one too large"


def test_a_cell_that_is_known_to_deviate_as_a_whole_is_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    _listing(monkeypatch, "")
    verdict = try_cell(Faulty("numpy", "numpy"), "sum", examples=10)
    assert (verdict.status, verdict.examples) == ("known", 0)


def test_a_failure_beside_a_known_deviation_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    _listing(monkeypatch, "float32")
    verdict = try_cell(Faulty("numpy", "numpy"), "sum", examples=40)
    assert verdict.status == "failed"
    assert verdict.counterexample is not None
    assert "float32" not in verdict.counterexample.tags()


def test_wrong_calls_get_their_errors(plain_row: Row) -> None:
    verdict = try_mistakes(plain_row, "subtract")
    assert verdict.status == "passed"
    assert verdict.examples > 5


def test_a_wrong_call_that_is_not_refused_is_a_failure() -> None:
    verdict = try_mistakes(Faulty("numpy", "numpy"), "subtract")
    assert verdict.status == "failed"
    assert verdict.counterexample is not None
    assert "raised nothing, it gave 0" in verdict.message
    assert re.search(r"\(\d+ of \d+ wrong calls\)$", verdict.message)


def test_a_cell_that_a_row_has_not_is_not_run() -> None:
    compiled = next((row for row in rows() if row.compiles and obstacle(row.backend) is None), None)
    if compiled is None:
        pytest.skip("no backend here has a compiler")
    for verdict in (try_cell(compiled, "unique_all"), try_mistakes(compiled, "unique_all")):
        assert (verdict.status, verdict.examples) == ("not run", 0)


# The report


def test_a_backend_that_conforms(plain_row: Row) -> None:
    report = kit.conformance(plain_row.backend, ops="add,linalg.det", examples=4)
    assert report.failures == ()
    assert report.ops == {"linalg.det": "passed", "add": "passed"}
    report.raise_for_failures()
    assert f"{plain_row.backend} on {plain_row.backend}:" in str(report)
    assert "2 ops: 2 passed, 0 failed, 0 known, 0 unsupported, 0 not run" in str(report)
    assert {v.row for v in report.verdicts} == {row.name for row in rows_of(plain_row.backend)}


def test_a_device_is_kept_to(plain_row: Row) -> None:
    device = accel.devices(plain_row.backend)[0]
    report = kit.conformance(plain_row.backend, ops="exp", examples=3, device=device)
    assert report.device == str(device)
    assert report.failures == ()
    assert kit.conformance(plain_row.backend, ops="exp", examples=1, device=str(device)).device == str(device)


def _verdict(op: str, status: str, part: str = "results", **more: Any) -> Verdict:
    return Verdict("numpy", op, part, status, **more)


def test_the_text_begins_with_failures_and_counts_the_rest() -> None:
    wrong = Case((np.asarray([1.5], dtype="float32"),))
    report = Report(
        "numpy",
        "numpy:cpu:0",
        7,
        (
            _verdict("exp", "passed", examples=10),
            _verdict("exp", "passed", "errors", examples=4),
            _verdict("sin", "failed", examples=3, message="it is off", counterexample=wrong),
            _verdict("sin", "passed", "errors", examples=4),
            _verdict("cos", "known", examples=9, left_out=1, message="float16: so it is"),
            _verdict("tan", "unsupported", message="nobody has written it"),
            _verdict("sum", "not run", message="no such cell"),
            _verdict("max", "passed", examples=2, left_out=3, message="cases with float16 were left out"),
        ),
    )
    text = str(report)
    assert text.startswith("FAILED  accel.sin on numpy (results)\n    it is off\n")
    assert 'numpy.asarray([1.5], dtype="float32")' in text
    assert "6 ops: 2 passed, 1 failed, 1 known, 1 unsupported, 1 not run" in text
    assert "seed 7" in text
    for told in (
        "cos  float16: so it is",
        "tan  nobody has written it",
        "sum  no such cell",
        "note: cases with",
    ):
        assert told in text
    with pytest.raises(AssertionError, match=r"accel\.sin on numpy"):
        report.raise_for_failures()
    replace(report, verdicts=report.verdicts[:2]).raise_for_failures()


def test_a_run_in_which_nothing_ran_is_no_success() -> None:
    with pytest.raises(AssertionError, match="1 not run"):
        Report("numpy", "numpy:cpu:0", 0, (_verdict("exp", "not run"),)).raise_for_failures()


def test_patterns_of_ops() -> None:
    assert selected("add") == ("add",)
    assert set(selected("fft.*")) == {op for op in specs if op.startswith("fft.")}
    assert set(selected("add, fft.fft")) == {"add", "fft.fft"}
    assert len(selected("*")) == len(specs)
    with pytest.raises(ArgumentError, match="No op is called 'adds'"):
        selected("add,adds")


@pytest.mark.parametrize(
    ("backend", "device", "error"),
    [
        ("unheard", None, BackendUnavailableError),
        ("numpy", "numpy:gpu", DeviceNotFoundError),
        ("numpy", "cpu:99", DeviceNotFoundError),
    ],
)
def test_what_is_not_there(backend: str, device: str | None, error: type[AccelError]) -> None:
    with pytest.raises(error):
        kit.conformance(backend, ops="add", examples=1, device=device)


# Other people's backends

ANNOUNCED = """
    import warnings
    warnings.simplefilter("ignore")
    import accel, accel.registry as registry
    registry.announce("planted", "planted", package="array_api_strict", kinds=["cpu", "virtual"])
    from accel.testing import conformance
"""


def test_the_example_of_a_third_party_backend(tmp_path: Path) -> None:
    """It keeps the promises of the standard, and refuses or differs where accel promises more."""
    (tmp_path / "planted.py").write_text((EXAMPLE / "accel_array_api_strict.py").read_text())
    code = (
        ANNOUNCED
        + """
    report = conformance("planted", ops="add,exp,matmul,sum,reshape,linalg.solve,astype,mean", examples=8)
    print(report.ops)
    print(report.device)
    print(str(report).count("FAILED"), "which planted lacks" in str(report))
    """
    )
    ops, device, rest = run(code, path=tmp_path).splitlines()
    found: dict[str, str] = literal_eval(ops)
    assert {op for op, status in found.items() if status == "passed"} >= {"exp", "reshape", "linalg.solve"}
    assert found["astype"] == "failed", "a cast that does not fit saturates in accel"
    assert device == "planted:virtual:0"
    assert rest.endswith("True")


BROKEN = """
    from accel.backend import unsupported
    import array_api_strict as _xp
    from accel_example import *
    from accel_example import __accel__, __array_api_version__, __array_namespace_info__

    # a wrong constant
    def exp(x, /):
        return _xp.exp(x) * (1 + 1e-5)

    # a lost -0.0
    def floor(x, /):
        return _xp.floor(x) + 0

    # a swapped argument
    def copysign(x1, x2, /):
        return _xp.copysign(x2, x1)

    # a dropped dtype rule
    def argmax(x, /, *, axis=None, keepdims=False):
        return _xp.astype(_xp.argmax(x, axis=axis, keepdims=keepdims), _xp.int32)

    # the default device
    def zeros_like(x, /, *, dtype=None, device=None):
        return _xp.zeros(x.shape, dtype=dtype or x.dtype)

    sinh = unsupported("nobody has written it yet")
    del cosh
    """


def test_planted_faults_are_found_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "accel_example.py").write_text((EXAMPLE / "accel_array_api_strict.py").read_text())
    (tmp_path / "planted.py").write_text("\n".join(line[4:] for line in BROKEN.splitlines()))
    code = (
        ANNOUNCED
        + """
    ops = "exp,floor,copysign,argmax,zeros_like,sinh,cosh,tan,sqrt,ones_like"
    report = conformance("planted", ops=ops, examples=40, seed=2)
    print(sorted(op for op, status in report.ops.items() if status == "failed"))
    print(sorted(op for op, status in report.ops.items() if status == "unsupported"))
    text = str(report)
    print("sinh  nobody has written it yet" in text, "cosh  planted has no cosh" in text)
    try:
        report.raise_for_failures()
    except AssertionError as error:
        print(str(error) == text)
    from accel.testing.source import script
    wrong = next(v for v in report.failures if v.op == "floor" and v.part == "results")
    print(script("floor", wrong.counterexample, "planted"))
    """
    )
    lines = run(code, path=tmp_path).splitlines()
    assert lines[0] == "['argmax', 'copysign', 'exp', 'floor', 'zeros_like']"
    assert lines[1] == "['cosh', 'sinh']"
    assert lines[2] == "True True"
    assert lines[3] == "True"
    program = "\n".join(lines[4:])
    shown = run(
        'import accel.registry as registry\nregistry.announce("planted", "planted", package="array_api_strict")\n'
        + program,
        path=tmp_path,
    ).splitlines()
    assert "-0." in shown[0]
    assert "-0." not in shown[1]
