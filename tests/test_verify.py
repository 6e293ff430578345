"""``accel verify``: what it runs, keeps, says and gives as exit status, and the page that it writes."""

from __future__ import annotations

import copy
import json
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import accel.registry as registry
from accel.__main__ import main
from accel.testing.rows import obstacle
from accel.verify.chart import chart, short
from accel.verify.page import render, verdict
from accel.verify.progress import span
from tests.fresh import run

pytestmark = pytest.mark.thorough

EXAMPLE = Path(__file__).parents[1] / "examples" / "third_party_backend" / "accel_array_api_strict.py"
SMALL = ("verify", "--backend", "numpy", "--ops", "exp,add,sort", "--examples", "3", "--points", "60")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PARTS = ("conformance", "accuracy", "ledger")


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, Path]:
    """A small real run on NumPy: its exit status, and the folder of what it wrote."""
    folder = tmp_path_factory.mktemp("verify")
    status = main([*SMALL, "--json", str(folder / "out.json"), "--report", str(folder / "out.html")])
    return status, folder


@pytest.fixture(scope="module")
def record(done: tuple[int, Path]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((done[1] / "out.json").read_text())
    return found


def _planted(tmp_path: Path) -> Path:
    """Write a backend with a planted fault, and a program that runs the command with it."""
    (tmp_path / "accel_example.py").write_text(EXAMPLE.read_text())
    (tmp_path / "planted.py").write_text(
        "from accel_example import *\n"
        "from accel_example import __accel__, __array_api_version__, __array_namespace_info__\n"
        "import array_api_strict as _xp\n"
        "def exp(x, /):\n    return _xp.exp(x) * (1 + 1e-5)\n"
    )
    program = tmp_path / "program.py"
    program.write_text(
        "import sys, warnings\nwarnings.simplefilter('ignore')\n"
        "import accel.registry as registry\n"
        "registry.announce('planted', 'planted', package='array_api_strict', kinds=['cpu', 'virtual'])\n"
        "from accel.__main__ import main\nsys.exit(main(sys.argv[1:]))\n"
    )
    return program


def _call(program: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(program), *arguments], capture_output=True, text=True, timeout=300, check=False
    )


# The command

LENT = {"numpy-lent"} if obstacle("jax") is None else set()


def test_a_run_in_which_all_is_as_promised(done: tuple[int, Path], record: dict[str, Any]) -> None:
    assert done[0] == (1 if any(e["status"] == "failed" for part in PARTS for e in record[part]) else 0)
    assert record["schema"] == 1
    assert record["complete"] is True
    assert sum(len(record[part]) for part in PARTS) == record["planned"]
    assert record["asked"]["backends"] == ["numpy"]
    assert {row["row"] for row in record["rows"]} == {"numpy", "numpy-readonly", "numpy-strided"} | LENT
    assert {row["device"] for row in record["rows"]} == {"numpy:cpu:0"}
    assert {n["what"] for n in record["not_run"]} >= set(registry.names()) - {"numpy"} - {
        "strict",
        "accounting",
    }
    cells = {(e["row"], e["op"], e["part"]): e for e in record["conformance"]}
    assert cells["numpy on numpy:cpu:0", "add", "results"]["examples"] == 3
    assert ("numpy-strided on numpy:cpu:0", "add", "errors") not in cells
    measured = {(e["op"], e["dtype"]): e for e in record["accuracy"]}
    assert measured["exp", "float32"]["max_ulp"] <= measured["exp", "float32"]["promise"]
    assert measured["exp", "float32"]["points"] >= 60
    assert {op for op, _ in measured} == {"exp"}
    assert {e["op"] for e in record["ledger"]} <= {"exp", "add", "sort"}


def test_the_record_is_what_the_docstring_says(record: dict[str, Any]) -> None:
    """Every key is documented, and every documented one is there."""
    import accel.verify

    documented = set(re.findall(r'"(\w+)":', accel.verify.__doc__ or ""))
    lists = ("rows", "not_run", *PARTS, "deviations", "open")
    failing = {"case", "call", "message", "script"}
    used = {*record, *record["asked"], *record["accel"], *record["python"], *failing}
    used |= {key for name in lists for entry in record[name] for key in entry}
    assert used == documented


def test_the_summary_for_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "--backend", "numpy", "--ops", "floor", "--examples", "2"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith(f"Every promise is kept by all {3 + len(LENT)} rows.\n  numpy on numpy:cpu:0: ")
    assert re.search(r"^\d+ s, seed 0$", out, re.MULTILINE)
    assert err == "", "no bar where standard error is no terminal"


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("--backend", "nompy"), 2, "There is no backend 'nompy'; the announced ones are: "),
        (("--ops", "adds"), 2, "No op is called 'adds'; write a name such as 'add'"),
        (("--report", "/no/such/folder/out.html"), 2, "There is no folder /no/such/folder"),
        (("--resume", "/no/such/file"), 2, "/no/such/file cannot be gone on with: "),
        (("--device", "numpy:gpu"), 3, "There is no usable device 'numpy:gpu'"),
        (("--backend", "numpy", "--device", "tpu"), 3, "There is no usable device 'numpy:tpu'"),
    ],
)
def test_wrong_use_and_what_is_missing(
    arguments: tuple[str, ...], status: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", *arguments]) == status
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"accel verify: {said}")
    assert err.count("\n") == 1


@pytest.mark.parametrize("number", ["0", "-1", "many", "1e3"])
def test_a_count_that_is_none(number: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["verify", "--examples", number])
    assert left.value.code == 2
    assert f"'{number}' is no number of them" in capsys.readouterr().err


def test_a_named_backend_that_cannot_run(tmp_path: Path) -> None:
    program = _planted(tmp_path)
    (tmp_path / "planted.py").write_text("raise ImportError('the driver is too old')\n")
    done = _call(program, "verify", "--backend", "planted", "--backend", "numpy", "--ops", "add")
    assert done.returncode == 3
    assert done.stderr.startswith("accel verify: The backend 'planted' cannot run here: ")
    assert "the driver is too old" in done.stderr
    unnamed = _call(program, "verify", "--ops", "floor", "--device", "numpy", "--examples", "1")
    assert unnamed.returncode == 0, unnamed.stderr


@pytest.mark.parametrize("name", ["hypothesis", "mpmath", "pytest"])
def test_the_extra_is_named_where_it_is_missing(name: str) -> None:
    code = f"""
        import sys
        sys.modules[{name!r}] = None
        from accel.__main__ import main
        sys.stderr = sys.stdout
        print(main(["verify"]))
    """
    said, status = run(code).splitlines()
    assert said == (
        f"accel verify needs {name}, which this Python has not; write: pip install 'accel-xp[testing]'"
    )
    assert status == "3"


def test_other_commands_do_not_wait_for_it() -> None:
    code = """
        import sys, contextlib, io
        from accel.__main__ import main
        with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
            main(["--help"])
        heavy = {"numpy", "hypothesis", "mpmath", "pytest", "accel.testing", "accel.verify.command"} & set(sys.modules)
        print(sorted(heavy))
    """
    assert run(code) == "[]"


def test_a_planted_fault_fails_the_run(tmp_path: Path) -> None:
    program = _planted(tmp_path)
    page, kept = tmp_path / "out.html", tmp_path / "out.json"
    arguments = (
        "--backend",
        "planted",
        "--ops",
        "exp",
        "--examples",
        "20",
        "--points",
        "200",
        "--report",
        str(page),
    )
    done = _call(program, "verify", *arguments, "--json", str(kept))
    assert done.returncode == 1, done.stderr
    assert "failed: accel.exp, planted on planted:virtual:1 [EMULATED] (results): " in done.stderr
    record = json.loads(kept.read_text())
    emulated = {row["device"]: row["emulated"] for row in record["rows"]}
    assert emulated == {"planted:cpu:0": False, "planted:virtual:1": True}
    failing = [e for part in PARTS for e in record[part] if e["status"] == "failed"]
    assert {(e.get("part"), e.get("dtype")) for e in failing} >= {("results", None), (None, "float32")}
    _holds(page.read_text(), record)
    assert "EMULATED" in page.read_text()


def test_emulated_devices_run_only_when_they_are_asked_for(tmp_path: Path) -> None:
    program = _planted(tmp_path)
    code = """
        import sys, warnings
        warnings.simplefilter("ignore")
        import accel.registry as registry
        registry.announce("planted", "planted", package="array_api_strict", kinds=["cpu", "virtual"])
        from accel.verify.plan import place
        for arguments in (([], []), (["planted"], []), ([], ["planted:virtual"])):
            placed, not_run = place(*arguments, emulated=False)
            mine = sorted(str(p.device) for p in placed if p.row.name == "planted")
            print(mine, any("only imitates a virtual" in n["reason"] for n in not_run))
        print(sorted(str(p.device) for p in place([], [], emulated=True)[0] if p.row.name == "planted"))
    """
    assert program.exists()
    lines = run(code, path=tmp_path).splitlines()
    assert lines[0] == "['planted:cpu:0'] True"
    assert lines[1] == "['planted:cpu:0', 'planted:virtual:1'] False"
    assert lines[2] == "['planted:virtual:0'] False"
    assert lines[3] == "['planted:cpu:0', 'planted:virtual:1']"


# Sessions


def _same(one: dict[str, Any], other: dict[str, Any]) -> None:
    """See that two records say the same but for times."""
    for found in (one, other):
        for part in PARTS:
            for entry in found[part]:
                entry.pop("seconds")
    assert all(one[part] == other[part] for part in PARTS)


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_stopped_keeps_what_is_done_and_a_later_one_goes_on(
    sign: signal.Signals, tmp_path: Path
) -> None:
    whole, kept, page = tmp_path / "whole.json", tmp_path / "kept.json", tmp_path / "kept.html"
    ops = (
        "verify",
        "--backend",
        "numpy",
        "--ops",
        "exp,sum,sort",
        "--examples",
        "20",
        "--points",
        "40",
        "--seed",
        "5",
    )
    command = [sys.executable, "-m", "accel", *ops]
    with subprocess.Popen(
        [*command, "--json", str(kept), "--report", str(page)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        while process.poll() is None and not (kept.exists() and json.loads(kept.read_text())["conformance"]):
            pass
        process.send_signal(sign)
        out, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert "stopping after this step; once more to stop at once" in err
    stopped = json.loads(kept.read_text())
    made = sum(len(stopped[part]) for part in PARTS)
    assert stopped["complete"] is False
    assert 0 < made < stopped["planned"]
    assert f"the run was stopped after {made} of {stopped['planned']} steps" in out
    assert f"python -m accel verify --resume {kept}" in out
    assert "the run was stopped after" in page.read_text()
    if sign is not signal.SIGINT:
        return
    # What is there already is not done again: a mark in it survives.
    stopped["conformance"][0]["message"] = "left as it was"
    kept.write_text(json.dumps(stopped))
    resumed = subprocess.run(
        [sys.executable, "-m", "accel", "verify", "--resume", str(kept)], timeout=300, check=False
    )
    straight = subprocess.run([*command, "--json", str(whole)], timeout=300, check=False)
    assert resumed.returncode == straight.returncode
    one, other = json.loads(kept.read_text()), json.loads(whole.read_text())
    assert one["complete"] is True
    assert one["conformance"][0].pop("message") == "left as it was"
    other["conformance"][0].pop("message")
    assert one["asked"]["seed"] == 5
    _same(one, other)


def test_a_run_goes_on_only_with_what_it_began_with(
    done: tuple[int, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "out.json"
    shutil.copy(done[1] / "out.json", kept)
    assert main(["verify", "--resume", str(kept), "--seed", "9"]) == 2
    assert "was made with seed 0, and 9 cannot be mixed into it" in capsys.readouterr().err
    kept.write_text('{"schema": 99}')
    assert main(["verify", "--resume", str(kept)]) == 2
    assert "it is not what `accel verify --json` of this version writes" in capsys.readouterr().err


def test_a_run_that_is_done_is_not_done_again(
    done: tuple[int, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    kept = done[1] / "out.json"
    before = json.loads(kept.read_text())
    assert main(["verify", "--resume", str(kept)]) == done[0]
    after = json.loads(kept.read_text())
    assert {part: after[part] for part in PARTS} == {part: before[part] for part in PARTS}
    assert capsys.readouterr().err == ""


# The page


VOID = {"meta", "br", "link", "img", "hr", "input"}


class Reader(HTMLParser):
    """Reads a page, and notes what does not close and what it would load."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.loads: list[str] = []
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if len(given) != len(attrs):
            self.wrong.append(f"<{tag}> has an attribute twice")
        if tag in ("link", "img", "iframe", "object", "embed", "base") or "src" in given:
            self.loads.append(f"<{tag} {attrs}>")
        if tag == "a":
            self.targets.append(given["href"] or "")
        self.ids += [given["id"] or ""] if "id" in given else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> at {self.getpos()}")

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def _read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.wrong == []
    assert reader.open == []
    assert reader.loads == []
    assert re.search(r"url\(|@import", page) is None
    assert len(reader.ids) == len(set(reader.ids))
    inner = [target[1:] for target in reader.targets if target.startswith("#")]
    assert set(inner) <= set(reader.ids)
    return reader


def _holds(page: str, record: dict[str, Any]) -> None:
    """See that a page is whole and tells every failure with its program."""
    text = "".join(_read(page).text)
    assert verdict(record) in text
    for part in PARTS:
        for entry in record[part]:
            if entry["status"] == "failed":
                assert f"accel.{entry['op']}, {entry['row']}" in text
                for failure in [*entry.get("failures", ()), entry]:
                    assert (part == "ledger" and failure is entry) or failure["message"] in text
                    assert (failure.get("script") or "").strip() in text


def _many(record: dict[str, Any]) -> dict[str, Any]:
    """Give a record of the size of a whole run: four rows, dozens of ops, failures of every kind, and awkward names."""
    big = copy.deepcopy(record)
    row = big["rows"][0]
    names = ("numpy", "jax", "jax-jit", "cupy")
    big["rows"] = [
        row
        | {"id": f"{n} on {n}:gpu:0", "row": n, "backend": n, "device": f"{n}:gpu:0", "emulated": n == "cupy"}
        for n in names
    ]
    ids = [r["id"] for r in big["rows"]]
    measured = [e for e in record["accuracy"] if e["points"]]
    ops = [f"linalg.operation_{k}" if k % 5 == 0 else f"op{k}" for k in range(25)]
    sizes = (0.5, 0.9, 1.7, 2.6, 3.9, 4.1, 12345.6, "inf")
    big["accuracy"] = [
        {**e, "row": i, "op": op, "max_ulp": sizes[(k * 7 + n) % 8], "worst": [-1.7976931348623157e308, 0.1]}
        for n, i in enumerate(ids)
        for k, op in enumerate(ops)
        for e in measured
    ]
    for e in big["accuracy"]:
        if e["promise"] is not None and float(e["max_ulp"]) > e["promise"]:
            e |= {
                "status": "failed",
                "message": f"{e['op']}(0.1) is off " + "9" * 120,
                "script": "print(" + "1, " * 90 + ")",
            }
    cell = {**record["conformance"][0], "message": "", "call": None, "script": None}
    big["conformance"] = [
        {
            **cell,
            "row": i,
            "op": op,
            "part": part,
            "status": ("passed", "known", "unsupported", "not run", "passed")[k % 5],
        }
        for i in ids
        for k, op in enumerate(ops)
        for part in ("results", "errors")
    ]
    awkward = {
        "status": "failed",
        "message": "<b>1 & 2</b>\n  actual  " + "x" * 300,
        "call": "accel.op1()",
        "script": "x < 1 & y",
    }
    big["conformance"][3] |= awkward
    failures = [
        {"case": "inf <= x", "call": "op(inf)", "message": "it gave nan", "script": "op('<inf>')"}
    ] * 2
    big["ledger"] = [
        {
            "row": ids[0],
            "op": "op1",
            "status": "failed",
            "entries": 9,
            "message": "2 of 9",
            "failures": failures,
            "seconds": 0.1,
        }
    ]
    big["not_run"].append(
        {"what": "jax:gpu:1 to jax:gpu:7", "reason": "of one kind one is run; " + "and so on " * 30}
    )
    big["planned"] = sum(len(big[part]) for part in PARTS)
    return big


def test_the_page_of_a_run(done: tuple[int, Path], record: dict[str, Any]) -> None:
    page = (done[1] / "out.html").read_text()
    assert page == render(record)
    _holds(page, record)
    for word in ("numpy:cpu:0", record["processor"], record["accel"]["version"], "--seed 0"):
        assert word in page
    for other in record["not_run"]:
        assert other["what"] in page
    assert page.count('<figure class="chart"') > 0


def test_the_page_of_failures_of_every_kind(record: dict[str, Any]) -> None:
    big = _many(record)
    page = render(big)
    _holds(page, big)
    failing = sum(e["status"] == "failed" for part in PARTS for e in big[part])
    assert page.count('<article class="failure">') == failing
    assert page.index('id="failures"') < page.index('id="accuracy"')
    assert verdict(big).startswith(f"{failing} checks failed, in ")
    assert "∞" in page
    assert "<b>1 & 2</b>" not in page


def test_the_page_of_nothing(record: dict[str, Any]) -> None:
    empty = copy.deepcopy(record) | {"complete": False, **{part: [] for part in PARTS}}
    assert verdict(empty) == "Nothing has run."
    _holds(render(empty), empty)


def test_the_sentences() -> None:
    rows = [{"id": "numpy on numpy:cpu:0", "emulated": False}]
    entry = {"status": "passed", "op": "exp"}
    made: dict[str, Any] = {
        "rows": rows,
        "conformance": [entry],
        "accuracy": [],
        "ledger": [],
        "complete": True,
        "planned": 1,
    }
    assert verdict(made) == "Every promise is kept by numpy on numpy:cpu:0."
    assert verdict(made | {"complete": False, "planned": 4}) == (
        "No promise is broken by numpy on numpy:cpu:0, as far as it went: the run was stopped after 1 of 4 steps."
    )
    assert verdict(made | {"accuracy": [entry | {"status": "failed"}]}) == "1 check failed, in 1 op."
    emulated = [{"id": "a on a:gpu:0", "emulated": True}, *rows]
    assert verdict(made | {"rows": emulated}) == "Every promise is kept by all 2 rows, 1 of them emulated."
    assert [span(s) for s in (0.4, 59, 61, 3600, 7265)] == [
        "0 s",
        "59 s",
        "1 min 01 s",
        "1 h 00 min",
        "2 h 01 min",
    ]


def test_numbers_on_the_axes() -> None:
    told = {0.0: "0", -0.5: "−0.5", 1234.5: "1234", 12345.0: "1.2e4", 1e300: "1e300", -3e-5: "−3e−5"}
    assert {x: short(x) for x in told} == told
    assert short(float("inf")) == "∞"
    curve = [(float(n), float(n % 7)) for n in range(100)]
    drawn = chart([("a", curve, 0), ("b", [(x, 1e6) for x, _ in curve], 1)], 4.0, "two < curves")
    places = [float(y) for y in re.findall(r"[\d.]+,(-?[\d.]+)", drawn)]
    assert len(places) == 200
    assert 0 <= min(places) <= max(places) <= 176
    assert "two &lt; curves" in drawn
    for lines in ([("a", [(1.0, 0.5)], 0)], [("a", [(1.0, float("inf")), (2.0, 0.0)], 0)]):
        assert "nan" not in chart(lines, None, "few")


MEASURE = """
<script>
addEventListener("load", () => {
  for (const fold of document.querySelectorAll("details")) fold.open = true;
  const width = document.documentElement.clientWidth;
  const inside = (e) => e.closest(".scroll, pre, nav ul, .say.mono") && !e.matches(".scroll, pre, nav ul, .say.mono");
  const out = [...document.body.querySelectorAll("*")]
    .filter((e) => !inside(e) && e.getBoundingClientRect().right > width + 1)
    .map((e) => e.tagName + "." + e.getAttribute("class"));
  const covered = [...document.querySelectorAll(".tiles dd, .map td, figcaption")]
    .filter((e) => e.scrollWidth > e.clientWidth + 1 && !inside(e)).map((e) => e.tagName + ":" + e.textContent);
  parent.postMessage({ width, scroll: document.documentElement.scrollWidth, out, covered }, "*");
});
</script>
"""


def _laid_out(page: str, width: int, folder: Path) -> dict[str, Any]:
    """Open a page in a browser, in a window of a width, and say what sticks out of it."""
    (folder / "page.html").write_text(page.replace("</body>", MEASURE + "</body>"))
    (folder / "window.html").write_text(
        f'<body style="margin:0"><iframe src="page.html" style="border:0;width:{width}px;height:900px"></iframe>'
        '<script>addEventListener("message", (e) => { document.title = JSON.stringify(e.data); });</script></body>'
    )
    with tempfile.TemporaryDirectory() as profile:
        command = [
            str(CHROMIUM),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--hide-scrollbars",
        ]
        command += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
        command += [
            f"--user-data-dir={profile}",
            "--window-size=1400,1000",
            "--virtual-time-budget=10000",
            "--dump-dom",
        ]
        done = subprocess.run(
            [*command, (folder / "window.html").as_uri()],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    title = re.search(r"<title>(.*?)</title>", done.stdout, re.DOTALL)
    assert title is not None, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(title[1].replace("&quot;", '"').replace("&amp;", "&"))
    return found


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed to lay the page out")
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("kind", ["whole", "many"])
def test_nothing_sticks_out_of_the_window(
    width: int, kind: str, record: dict[str, Any], tmp_path: Path
) -> None:
    found = _laid_out(render(record if kind == "whole" else _many(record)), width, tmp_path)
    assert found["width"] == width
    assert found["scroll"] <= width
    assert found["out"] == []
    assert found["covered"] == []
