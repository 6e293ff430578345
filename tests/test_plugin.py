"""The pytest plugin, seen by projects of its users: each test below writes one and runs pytest in it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

import accel.registry as registry
import accel.testing.plugin as plugin
from accel.testing.plugin import capability, marks, summary
from accel.testing.rows import usable
from tests.fresh import announce

pytest_plugins = ["pytester"]

TWO = "--accel-backends=numpy,accounting:gpu:1"
"""Two backends that NumPy alone serves, one of them with GPUs, so that runs are quick."""


@pytest.fixture(autouse=True, scope="module")
def _warm() -> None:
    """Import what runs within this process import, as such a run takes its imports with it when it ends."""
    assert capability.is_known("add")
    assert marks
    assert summary
    assert usable("numpy")
    assert usable("accounting")


@pytest.fixture(autouse=True)
def _nothing_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ACCEL_REQUIRE", raising=False)
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)


def run(pytester: pytest.Pytester, source: str, *options: str, apart: bool = False) -> pytest.RunResult:
    """Run pytest on one file of tests, within this process or apart."""
    pytester.makepyfile(test_project=source)
    start = pytester.runpytest_subprocess if apart else pytester.runpytest_inprocess
    return start("-p", "no:cacheprovider", "--strict-markers", *options)


def said(result: pytest.RunResult) -> str:
    """Everything that a run printed, on one line."""
    return " ".join((result.stdout.str() + result.stderr.str()).split())


FIXTURES = """
import accel, pytest
from hypothesis import given, strategies as st

@pytest.mark.parametrize("n", [1, 2])
def test_xp(xp, n):
    assert accel.device(xp.zeros(n)).backend == accel.explain().device.backend

def test_names(backend, device, xp):
    assert device.backend == backend
    assert accel.namespace(backend) is xp
    assert accel.device(accel.zeros(2)) == device

def test_backend_alone(backend):
    assert accel.explain().device.backend == backend

@pytest.fixture
def data(device):
    return accel.ones(3)

def test_fixtures_of_the_project_are_made_there(device, data):
    assert accel.device(data) == device

@given(n=st.integers(0, 3))
def test_hypothesis(xp, n):
    assert xp.zeros(n).shape == (n,)

class TestMethods:
    @given(n=st.integers(0, 3))
    def test_hypothesis(self, xp, n):
        assert xp.zeros(n).shape == (n,)

def test_plain():
    assert "accounting" not in str(accel.explain().device)
"""


def test_the_fixtures_are_parametrised_together(pytester: pytest.Pytester) -> None:
    result = run(pytester, FIXTURES, TWO, "-v")
    result.assert_outcomes(passed=15)
    ids = set(re.findall(r"::(\S+) PASSED", result.stdout.str()))
    assert {"test_xp[numpy-1]", "test_xp[accounting-gpu:1-2]", "test_names[numpy]", "test_plain"} <= ids
    assert "TestMethods::test_hypothesis[accounting-gpu:1]" in ids


def test_the_summary_says_what_ran_and_where(pytester: pytest.Pytester) -> None:
    result = run(pytester, FIXTURES, TWO)
    result.stdout.fnmatch_lines(
        [
            "accel *: tests run on numpy, accounting-gpu:1",
            "  numpy: numpy:cpu:0 (*); numpy *",
            "  accounting-gpu:1: accounting:gpu:1 (*) [[]EMULATED[]]; numpy *",
            "*= accel: what really ran =*",
            "numpy: numpy:cpu:0 (*); numpy *: 7 passed; * s",
            "accounting-gpu:1: accounting:gpu:1 (*) [[]EMULATED[]]; numpy *: 7 passed; * s",
        ]
    )


def test_the_summary_says_what_did_not_run(pytester: pytest.Pytester) -> None:
    result = run(pytester, FIXTURES, TWO, "-k", "names and numpy")
    result.stdout.fnmatch_lines(["accounting-gpu:1: NOT RUN: no test was selected; 0 s"])


def test_junit_reports_carry_the_device(pytester: pytest.Pytester) -> None:
    run(pytester, FIXTURES, TWO, "-k", "backend_alone", "--junitxml=report.xml")
    report = (pytester.path / "report.xml").read_text()
    assert 'name="accel_device" value="accounting:gpu:1 (' in report


def test_all_announced_backends_are_the_default(pytester: pytest.Pytester) -> None:
    for options in ((), ("--accel-backends=all",)):
        result = run(pytester, "def test_it(xp): pass", "--collect-only", "-q", *options, apart=True)
        found = re.findall(r"test_it\[(\w+)\]", result.stdout.str())
        assert {"cupy", "jax", "numpy"} <= set(found)
        assert "accounting" not in found


def test_the_setting_of_a_project_is_its_default(pytester: pytest.Pytester) -> None:
    for text in ("numpy accounting", "numpy,accounting"):
        pytester.makeini(f"[pytest]\naccel_backends = {text}")
        result = run(pytester, "def test_it(backend): pass", "-v")
        result.stdout.fnmatch_lines(["*test_it[[]numpy[]]*", "*test_it[[]accounting[]]*"])
        assert "tests run on numpy, accounting" in said(result)
    result = run(pytester, "def test_it(backend): pass", "-v", "--accel-backends=numpy")
    result.assert_outcomes(passed=1)


def test_array_api_strict_is_a_backend_of_the_kit(pytester: pytest.Pytester) -> None:
    source = """
    import pytest
    def test_it(xp, device, backend):
        assert (xp.__name__, str(device)) == ("array_api_strict", "strict:cpu:0")
    @pytest.mark.skip_xp_backend("array_api_strict", reason="by SciPy's name")
    def test_skipped(xp): pass
    """
    result = run(pytester, source, "--accel-backends=array_api_strict", apart=True)
    result.assert_outcomes(passed=1, skipped=1)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            ["--accel-backends=numpi"],
            "there is no backend 'numpi'; the announced ones are: .*numpy.*, and accel.testing brings .*accounting",
        ),
        (["--accel-require=numpi"], "there is no backend 'numpi'"),
        (["--accel-backends=numpy:cpu:x"], "'numpy:cpu:x' names no device of numpy; write numpy:KIND"),
        (
            ["--accel-require=numpy:gpu"],
            "the backend 'numpy:gpu' is required and cannot run: There is no usable device 'numpy:gpu': numpy sees numpy:cpu:0, not gpu",
        ),
    ],
)
def test_a_choice_that_cannot_be_kept_ends_the_run(
    options: list[str], sentence: str, pytester: pytest.Pytester
) -> None:
    result = run(pytester, "def test_it(): pass", *options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert re.search(sentence, said(result))
    assert "1 passed" not in said(result)


BROKEN = "raise ImportError('libbroken.so is missing')"


def broken(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Announce a backend whose library cannot be imported."""
    announce(pytester.path, "accel-broken", "accel_broken", "broken", BROKEN)
    monkeypatch.setenv("PYTHONPATH", str(pytester.path))


def test_a_backend_that_cannot_run_is_skipped_visibly(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken(pytester, monkeypatch)
    result = run(
        pytester, "def test_it(xp): pass", "--accel-backends=numpy,broken", "-rs", "--color=yes", apart=True
    )
    result.assert_outcomes(passed=1, skipped=1)
    text = said(result)
    assert (
        "broken was NOT run: The backend 'broken' (accel_broken) cannot be loaded: ImportError: libbroken.so"
        in text
    )
    assert re.search(r"\x1b\[31m\S*broken: NOT RUN, The backend 'broken'", text), (
        "the summary shows it in red"
    )


def test_a_required_backend_that_cannot_run_fails_the_run(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken(pytester, monkeypatch)
    for options, variable in ((["--accel-require=broken"], ""), ([], "numpy,broken")):
        monkeypatch.setenv("ACCEL_REQUIRE", variable)
        result = run(pytester, "def test_it(xp): pass", *options, apart=True)
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        assert "the backend 'broken' is required and cannot run: The backend 'broken'" in said(result)


def test_required_backends_are_among_those_that_run(pytester: pytest.Pytester) -> None:
    options = ["-v", "--accel-backends=numpy", "--accel-require=accounting"]
    result = run(pytester, "def test_it(backend): pass", *options)
    result.assert_outcomes(passed=2)
    assert "accounting (required): accounting:gpu:0" in said(result)


# Markers


@pytest.mark.parametrize(
    ("marker", "skipped"),
    [
        ("skip_xp_backend('numpy', reason='r')", {"numpy"}),
        ("skip_xp_backend('numpy', 'accounting', reason='r')", {"numpy", "accounting"}),
        ("skip_xp_backend('jax', reason='r')", set()),
        ("skip_xp_backend('accounting:gpu', reason='r')", {"accounting"}),
        ("skip_xp_backend('accounting:gpu:0', reason='r')", set()),
        ("skip_xp_backend('numpy:gpu', reason='r')", set()),
        ("skip_xp_backend(Backend.NUMPY, reason='r')", {"numpy"}),
        ("skip_xp_backend(Backend.JAX, reason='r')", set()),
        ("skip_xp_backend(Numbered.ACCOUNTING, reason='r')", {"accounting"}),
        ("skip_xp_backends('numpy', reason='r')", {"numpy"}),
        ("skip_xp_backends('numpy', 'accounting', reason='r')", {"numpy", "accounting"}),
        ("skip_xp_backends('numpy', False, reason='r')", set()),
        ("skip_xp_backends('numpy', True, reason='r')", {"numpy"}),
        ("skip_xp_backends(np_only=True, reason='r')", {"accounting"}),
        ("skip_xp_backends(cpu_only=True, reason='r')", {"accounting"}),
        ("skip_xp_backends(cpu_only=True, exceptions=['accounting', 'cupy'], reason='r')", set()),
        ("skip_xp_backends(np_only=True, exceptions=['jax.numpy'], reason='r')", {"accounting"}),
        ("skip_xp_backends(eager_only=True, reason='r')", set()),
        ("needs_device('gpu', reason='r')", {"numpy"}),
        ("needs_device('cpu', 'tpu', reason='r')", {"accounting"}),
        ("needs_device('gpu', reason='r', emulated=False)", {"numpy", "accounting"}),
        ("needs_capability('float64', 'complex64', 'boolean indexing', reason='r')", set()),
        ("needs_capability('data-dependent shapes', 'linalg', 'fft', reason='r')", set()),
        ("needs_capability('linalg.svd', 'sort', reason='r')", set()),
        ("needs_capability('jit', reason='r')", {"numpy", "accounting"}),
        ("needs_capability('several devices', reason='r')", {"numpy"}),
        ("needs_capability('in-place', reason='r')", set()),
    ],
)
def test_skips(marker: str, skipped: set[str], pytester: pytest.Pytester) -> None:
    source = f"""
    import enum, pytest
    class Backend(enum.Enum):
        NUMPY, JAX = "numpy", "jax.numpy"
    class Numbered(enum.Enum):
        ACCOUNTING = 1
    @pytest.mark.{marker}
    def test_it(backend): pass
    """
    result = run(pytester, source, TWO, "-v", "-rs")
    found = re.findall(r"test_it\[(\w+)[\w:-]*\] SKIPPED", result.stdout.str())
    assert set(found) == skipped, said(result)
    result.assert_outcomes(skipped=len(skipped), passed=2 - len(skipped))
    assert not skipped or ": r" in result.stdout.str(), "the reason is shown"


def test_a_library_that_is_no_numpy(pytester: pytest.Pytester) -> None:
    source = """
    import accel, pytest
    pytestmark = pytest.mark.skip_xp_backends("dask.array", reason="never computed")

    @pytest.mark.needs_capability("in-place", reason="it sorts in place")
    def test_in_place(xp): pass

    @pytest.mark.needs_capability("jit", reason="it is about compiling")
    def test_jit(xp): pass

    @pytest.mark.skip_xp_backends(eager_only=True, reason="bool(x)")
    def test_eager(xp): pass

    class TestMethods:
        pytestmark = pytest.mark.skip_xp_backends("jax.numpy", reason="it is slow")
        def test_it(self, xp): pass

    def test_place(xp, device):
        assert accel.device(xp.zeros(2)) == accel.device(accel.zeros(2)) == device
    """
    options = ["--accel-backends=jax:cpu:1,cupy,numpy", "-v", "-rs"]
    result = run(pytester, source, *options, apart=True)
    outcomes = {
        (name.replace("-cpu:1", ""), outcome)
        for name, outcome in re.findall(r"(test_\w+\[[\w:-]+\]) (\w+)", result.stdout.str())
        if "cupy" not in name
    }
    assert (
        "test_place[cupy] PASSED" in result.stdout.str() or "test_place[cupy] SKIPPED" in result.stdout.str()
    )
    assert outcomes == {
        ("test_in_place[jax]", "SKIPPED"),
        ("test_in_place[numpy]", "PASSED"),
        ("test_jit[jax]", "PASSED"),
        ("test_jit[numpy]", "SKIPPED"),
        ("test_eager[jax]", "SKIPPED"),
        ("test_eager[numpy]", "PASSED"),
        ("test_it[jax]", "SKIPPED"),
        ("test_it[numpy]", "PASSED"),
        ("test_place[jax]", "PASSED"),
        ("test_place[numpy]", "PASSED"),
    }
    result.stdout.fnmatch_lines(["SKIPPED * jax-cpu:1: its arrays cannot be written to: it sorts in place"])


def test_a_backend_skipped_by_name_is_not_loaded(pytester: pytest.Pytester) -> None:
    source = """
    import sys, pytest
    @pytest.mark.skip_xp_backend("jax", reason="not wanted")
    def test_it(xp): assert "jax" not in sys.modules
    """
    pytester.makeini("[pytest]\naccel_backends = jax numpy")
    run(pytester, source, apart=True).assert_outcomes(passed=1, skipped=1)


def test_markers_of_one_parameter(pytester: pytest.Pytester) -> None:
    source = """
    import pytest
    skip = pytest.mark.skip_xp_backend("numpy", reason="that one only")
    @pytest.mark.parametrize("n", [pytest.param(1, marks=skip), 2])
    def test_it(xp, n): pass
    """
    run(pytester, source, TWO).assert_outcomes(passed=3, skipped=1)


def test_a_device_may_be_needed_without_the_fixtures(pytester: pytest.Pytester) -> None:
    source = """
    import pytest
    @pytest.mark.needs_device("qpu", reason="it is about quanta")
    def test_quanta(): pass
    @pytest.mark.needs_device("cpu", reason="it is about time")
    def test_time(): pass
    """
    result = run(pytester, source, "-rs", apart=True)
    result.assert_outcomes(passed=1, skipped=1)
    result.stdout.fnmatch_lines(["SKIPPED * needs a qpu, and this is *numpy:cpu:0*: it is about quanta"])


@pytest.mark.parametrize(
    ("keywords", "body", "outcomes"),
    [
        ("", "assert backend != 'numpy'", {"xfailed": 1, "passed": 1}),
        ("", "pass", {"failed": 1, "passed": 1}),
        (", strict=False", "pass", {"xpassed": 1, "passed": 1}),
        (", raises=ZeroDivisionError", "assert backend != 'numpy'", {"failed": 1, "passed": 1}),
        (", raises=AssertionError", "assert backend != 'numpy'", {"xfailed": 1, "passed": 1}),
    ],
)
@pytest.mark.parametrize("name", ["xfail_xp_backend", "xfail_xp_backends"])
def test_xfail(
    name: str, keywords: str, body: str, outcomes: dict[str, int], pytester: pytest.Pytester
) -> None:
    source = f"""
    import pytest
    @pytest.mark.{name}("numpy", reason="wrong there"{keywords})
    def test_it(backend): {body}
    """
    result = run(pytester, source, TWO, "-rx")
    result.assert_outcomes(**outcomes)
    if "xfailed" in outcomes:
        result.stdout.fnmatch_lines(["XFAIL *test_it[[]numpy[]] - numpy: wrong there"])


@pytest.mark.parametrize(
    ("marker", "sentence"),
    [
        (
            "skip_xp_backend('jax')",
            "skip_xp_backend needs a reason, as words; write @pytest.mark.skip_xp_backend('jax', reason='...').",
        ),
        ("skip_xp_backends('jax')", "skip_xp_backends needs a reason"),
        ("skip_xp_backends(np_only=True)", "skip_xp_backends needs a reason"),
        ("xfail_xp_backend('jax', reason='')", "xfail_xp_backend needs a reason, as words, got ''"),
        ("xfail_xp_backends('jax', reason=None)", "xfail_xp_backends needs a reason"),
        (
            "needs_device('gpu')",
            "needs_device needs a reason, as words; write @pytest.mark.needs_device('gpu'",
        ),
        ("needs_capability('float64')", "needs_capability needs a reason"),
        (
            "skip_xp_backend(reason='r')",
            "skip_xp_backend names no backend: write the names, or one of np_only=True",
        ),
        ("skip_xp_backend(1, reason='r')", "skip_xp_backend takes names of backends, such as"),
        (
            "skip_xp_backends('jax', cpu_only=True, reason='r')",
            "names backends and sets flags; do one of the two",
        ),
        (
            "skip_xp_backends('jax', exceptions=['numpy'], reason='r')",
            "takes exceptions only beside np_only=True",
        ),
        (
            "skip_xp_backend('jax', resaon='r', reason='r')",
            "knows no resaon; it takes reason, np_only, cpu_only, eager_only, exceptions.",
        ),
        ("skip_xp_backend('jax', reason='r', strict=True)", "skip_xp_backend knows no strict"),
        ("needs_device(reason='r')", "needs_device takes kinds of device, such as 'gpu' or 'tpu', got ()"),
        ("needs_capability(reason='r')", "needs_capability names no capability"),
        (
            "needs_capability('flaot64', reason='r')",
            "needs_capability knows no 'flaot64'; it takes 'in-place', 'jit', 'several devices', 'boolean indexing'",
        ),
        (
            "accel_supports(of=len)",
            "accel_supports got <built-in function len>, which declares nothing; decorate it",
        ),
        ("accel_supports()", "accel_supports names no function"),
        ("accel_supports(check='ignore')", "accel_supports takes 'skip' or 'raises' for check, got 'ignore'"),
    ],
)
def test_a_marker_that_is_not_written_right_is_refused_at_collection(
    marker: str, sentence: str, pytester: pytest.Pytester
) -> None:
    source = f"""
    import pytest
    @pytest.mark.{marker}
    def test_it(xp): pass
    """
    result = run(pytester, source, TWO)
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.assert_outcomes(errors=1)
    assert f"test_project.py::test_it: {marker.partition('(')[0]} " in said(result)
    assert sentence in said(result)
    assert "Traceback" not in said(result)


def test_what_is_wrong_in_several_files_is_all_said(pytester: pytest.Pytester) -> None:
    source = "import pytest\n@pytest.mark.needs_device('gpu')\ndef test_it(xp): pass"
    pytester.makepyfile(test_one=source, test_two=source)
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "--strict-markers")
    result.assert_outcomes(errors=2)


def test_the_markers_are_documented(pytester: pytest.Pytester) -> None:
    text = said(pytester.runpytest_inprocess("--markers"))
    for name in marks.READERS:
        assert f"@pytest.mark.{name}(" in text
    assert set(marks.READERS) == {line.partition("(")[0] for line in plugin.MARKERS}


# Declarations

DECLARED = """
import pytest, accel

@accel.supports(backends=accel.support.all_but(accounting="it calls a C library"))
def total(x):
    return accel.sum(x)

@accel.supports(devices=["gpu"], reason="it counts warps")
def warps(x):
    return 1
"""


def test_tests_of_a_function_run_where_it_is_supported(pytester: pytest.Pytester) -> None:
    source = (
        DECLARED
        + """
@pytest.mark.accel_supports(of=total)
def test_total(xp): assert total(accel.ones(3)) == 3

@pytest.mark.accel_supports(of=warps)
def test_warps(xp): assert warps(accel.ones(3)) == 1

@pytest.mark.accel_supports(of=[warps, total])
def test_both(xp): assert False
"""
    )
    result = run(pytester, source, TWO, "-v", "-rs")
    result.assert_outcomes(passed=2, skipped=4)
    text = result.stdout.str()
    assert "test_project.total supports all backends but accounting, because it calls a C library" in text
    assert "test_project.warps supports only the kind of device gpu, because it counts warps" in text


def test_tests_of_a_function_may_check_that_it_refuses(pytester: pytest.Pytester) -> None:
    source = (
        DECLARED
        + """
@pytest.mark.accel_supports(of=total, check="raises")
def test_total(xp): assert total(accel.ones(3)) == 3

@pytest.mark.accel_supports(of=total, check="raises")
def test_never_called(xp): pass

@pytest.mark.accel_supports(of=total, check="raises")
def test_fails_for_another_reason(xp): accel.ones(-1)
"""
    )
    result = run(pytester, source, TWO, "-v")
    outcomes = dict(re.findall(r"(test_\w+\[\w+)\S* (PASSED|FAILED)", result.stdout.str()))
    assert outcomes == {
        "test_total[numpy": "PASSED",
        "test_total[accounting": "PASSED",
        "test_never_called[numpy": "PASSED",
        "test_never_called[accounting": "FAILED",
        "test_fails_for_another_reason[numpy": "FAILED",
        "test_fails_for_another_reason[accounting": "FAILED",
    }
    assert "this test must raise UnsupportedError here, and did not: test_project.total supports" in said(
        result
    )


# Beside others, and in the way of nobody


def test_xdist(pytester: pytest.Pytester) -> None:
    result = run(pytester, FIXTURES, TWO, "-n", "2", apart=True)
    result.assert_outcomes(passed=15)
    result.stdout.fnmatch_lines(
        [
            "accel *: tests run on numpy, accounting-gpu:1",
            "*= accel: what really ran =*",
            "numpy: numpy:cpu:0 (*); numpy *: 7 passed; * s",
            "accounting-gpu:1: accounting:gpu:1 (*) [[]EMULATED[]]; numpy *: 7 passed; * s",
        ]
    )
    assert result.stdout.str().count("what really ran") == 1


def test_xdist_says_what_is_wrong(pytester: pytest.Pytester) -> None:
    source = "import pytest\n@pytest.mark.skip_xp_backend('jax')\ndef test_it(xp): pass"
    result = run(pytester, source, TWO, "-n", "2", apart=True)
    assert result.ret != pytest.ExitCode.OK
    assert "skip_xp_backend needs a reason" in said(result)
    result = run(pytester, source, "--accel-require=numpy:gpu", "-n", "2", apart=True)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "is required and cannot run" in said(result)


def test_without_the_plugin(pytester: pytest.Pytester) -> None:
    result = run(pytester, "def test_it(): pass", "-p", "no:accel", apart=True)
    result.assert_outcomes(passed=1)
    result = run(pytester, "def test_it(xp): pass", "-p", "no:accel", apart=True)
    result.assert_outcomes(errors=1)
    assert "fixture 'xp' not found" in said(result)


def test_a_project_that_does_not_use_it_pays_and_sees_nothing(pytester: pytest.Pytester) -> None:
    source = """
    import sys

    def test_it():
        mine = {name for name in sys.modules if name.partition(".")[0].startswith("accel")}
        assert mine == {"accel", "accel.testing", "accel.testing.plugin"}
        assert not {"array_api_strict", "cupy", "jax", "mpmath", "numpy"} & set(sys.modules)
    """
    result = run(pytester, source, apart=True)
    result.assert_outcomes(passed=1)
    assert "accel" not in re.sub(r"(?m)^plugins: .*", "", result.stdout.str())


def test_the_plugin_brings_pytest_alone(pytester: pytest.Pytester) -> None:
    code = (
        "import pytest, sys; before = set(sys.modules); import accel.testing.plugin; "
        "print(sorted(set(sys.modules) - before))"
    )
    done = pytester.run(sys.executable, "-c", code)
    assert done.stdout.str().strip() == "['accel', 'accel.testing', 'accel.testing.plugin']"


def test_collecting_loads_no_array_library(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import sys
        def pytest_collection_finish(session):
            assert len(session.items) == 3
            assert not {"cupy", "jax", "numpy"} & set(sys.modules)
        """
    )
    source = """
    import pytest
    @pytest.mark.skip_xp_backend("jax", reason="slow")
    @pytest.mark.needs_device("gpu", reason="it is about memory")
    def test_it(xp): pass
    """
    run(pytester, source, "--collect-only", "--accel-backends=cupy,jax,numpy", apart=True).assert_outcomes()
    assert run(pytester, source, "--collect-only", apart=True).ret == pytest.ExitCode.OK


def test_fixtures_of_a_project_go_first(pytester: pytest.Pytester) -> None:
    source = """
    import pytest
    @pytest.fixture(params=[1, 2])
    def xp(request): return request.param
    def test_it(xp): assert xp in (1, 2)
    @pytest.mark.parametrize("backend", ["mine"])
    def test_parameter(backend): assert backend == "mine"
    """
    result = run(pytester, source, TWO)
    result.assert_outcomes(passed=3)
    assert "what really ran" not in result.stdout.str()


def test_the_announced_names_are_those_of_the_entry_points() -> None:
    (point,) = [p for p in registry.distribution("numpy").entry_points if p.group == "pytest11"]  # type: ignore[union-attr]
    assert (point.name, point.value) == ("accel", "accel.testing.plugin")
    assert Path(plugin.__file__).parent.name == "plugin"
