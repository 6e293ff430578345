"""The command line of the GPT example: each command on a small model, and one clear sentence for each kind of bad input."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from accel.testing.rows import Row, obstacle

pytest.importorskip("safetensors")
pytest.importorskip("matplotlib")
from gpt import checkpoint
from gpt.command import main, parser
from gpt.corpus import standard_library
from gpt.report import disagreements

EXAMPLES = Path(__file__).parents[1] / "examples"
NAME = "jax" if obstacle("jax") is None else "numpy"
SHAPE = ("--layers", 2, "--heads", 2, "--width", 32, "--context", 32)
TEXT = ("--packages", "json", "email", "--bytes", 200_000)
SMALL = (*SHAPE, *TEXT, "--batch", 4, "--rate", 3e-3, "--quiet")

pytestmark = pytest.mark.skipif(obstacle("jax") is not None, reason=f"gradients need JAX: {obstacle('jax')}")


def ran(*arguments: object) -> None:
    """Run a command, and insist that it succeeds."""
    assert main([str(a) for a in arguments]) == 0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model that was trained for 12 steps, and adapters of it."""
    where = tmp_path_factory.mktemp("gpt")
    model, adapters = where / "m.safetensors", where / "a.safetensors"
    ran("train", "--device", NAME, *SMALL, "--steps", 12, "--out", model)
    ran(
        "finetune",
        model,
        "--device",
        NAME,
        "--lora",
        2,
        "--steps",
        6,
        "--batch",
        4,
        "--quiet",
        "--out",
        adapters,
    )
    return where


def program(*arguments: object) -> list[str]:
    """Give a command as a process of its own."""
    return [sys.executable, str(EXAMPLES / "gpt"), *map(str, arguments)]


def refused(capsys: pytest.CaptureFixture[str], *arguments: object, status: int = 2) -> str:
    """Run a command that fails, and give the one line it says."""
    capsys.readouterr()
    try:
        found = main([str(a) for a in arguments])
    except SystemExit as ended:
        found = int(ended.code or 0)
    said = capsys.readouterr()
    assert found == status, said
    assert "Traceback" not in said.err
    return said.err.strip().splitlines()[-1]


def test_what_was_trained_is_written_with_its_curve(folder: Path) -> None:
    found = checkpoint.load(folder / "m.safetensors", "model")
    assert found.facts["step"] == 12
    assert found.facts["config"]["width"] == 32
    assert (folder / "m.png").read_bytes().startswith(b"\x89PNG")
    assert not list(folder.glob("*.part"))


def test_the_picture_of_the_loss_shows_something(folder: Path) -> None:
    from matplotlib.image import imread

    ink = (imread(folder / "m.png")[..., :3] < 0.9).max(axis=-1)
    assert 0.01 < ink.mean() < 0.4


def test_a_picture_of_the_users_is_not_replaced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture, out = tmp_path / "m.png", tmp_path / "m.safetensors"
    picture.write_bytes(b"mine")
    said = refused(capsys, "train", "--device", NAME, *SMALL, "--steps", 1, "--out", out)
    assert "m.png is there already; --overwrite replaces it, --curve names another place" in said
    assert picture.read_bytes() == b"mine"
    assert not out.exists()


@pytest.mark.parametrize("temperature", ["0", "0.8"])
def test_every_backend_writes_the_same_text(
    plain_row: Row, temperature: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = []
    how = ("--temperature", temperature, "--seed", 3, "--prompt", "import ", "--tokens", 20)
    for device in (plain_row.device, "numpy"):
        capsys.readouterr()
        ran("generate", folder / "m.safetensors", "--device", device, *how)
        said.append(capsys.readouterr().out)
    assert said[0] == said[1]
    assert said[0].startswith("import ")


def test_text_streams_to_a_terminal(folder: Path) -> None:
    how = ("--device", "numpy", "--prompt", "x = ", "--tokens", 20)
    command = program("generate", folder / "m.safetensors", *how)
    with subprocess.Popen(command, stdout=subprocess.PIPE, bufsize=0) as process:
        assert process.stdout is not None
        assert process.stdout.read(4) == b"x = "
        rest = process.stdout.read()
    assert process.returncode == 0
    assert len(rest) >= 10


def test_a_reader_who_leaves_is_no_error(folder: Path) -> None:
    command = program("generate", folder / "m.safetensors", "--device", "numpy", "--tokens", 20)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()
    assert process.returncode == 141
    assert said == b""


def test_adapters_generate_beside_their_model_and_merged(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, adapters, merged = folder / "m.safetensors", folder / "a.safetensors", tmp_path / "merged"
    ran("merge", model, adapters, "--out", merged)
    how = ("--device", "numpy", "--temperature", 0, "--tokens", 16)
    capsys.readouterr()
    ran("generate", model, "--adapters", adapters, *how)
    beside = capsys.readouterr().out
    ran("generate", merged, *how)
    assert capsys.readouterr().out == beside
    assert "holds adapters" in refused(capsys, "generate", adapters)
    assert "trained beside the model" in refused(capsys, "generate", merged, "--adapters", adapters)


@pytest.mark.thorough
def test_all_of_a_model_is_fine_tuned(folder: Path, tmp_path: Path) -> None:
    model, out = folder / "m.safetensors", tmp_path / "full.safetensors"
    (tmp_path / "mine.txt").write_text("To be, or not to be, that is the question. " * 20, encoding="utf-8")
    how = ("--device", NAME, "--steps", 4, "--batch", 4, "--quiet", "--text", tmp_path)
    ran("finetune", model, *how, "--out", out)
    before, after = (checkpoint.load(path, "model").arrays["params"] for path in (model, out))
    assert before.keys() == after.keys()
    assert all((before[name] != after[name]).any() for name in before if name.endswith(".weight"))


@pytest.mark.parametrize(("bits", "most"), [(8, 0.45), (4, 0.35)])
def test_quantised_models_say_the_loss_before_and_after(
    bits: int, most: float, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "q.safetensors"
    capsys.readouterr()
    how = ("--bits", bits, "--device", "numpy", "--packages", "json", "--bytes", 100_000)
    ran("quantise", folder / "m.safetensors", *how, "--out", out)
    loss, memory, saved = capsys.readouterr().out.strip().splitlines()
    before, after = (float(loss.split()[i]) for i in (1, 3))
    assert 2 < before < 6
    assert abs(after - before) < 0.1
    assert float(memory.split()[-1].strip("(x)")) < most
    assert str(out) in saved
    ran("generate", out, "--device", "numpy", "--tokens", 8)


@pytest.mark.thorough
def test_a_training_that_is_interrupted_goes_on_where_it_was(tmp_path: Path) -> None:
    out = tmp_path / "m.safetensors"
    how = ("--device", NAME, *SMALL, "--steps", 4000, "--save-every", 1, "--out", out)
    with subprocess.Popen(program("train", *how), stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and not (out.exists() and checkpoint.load(out).facts["step"] >= 2):
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=120)
    assert process.returncode == 130, said
    assert "interrupted at step" in said
    step = checkpoint.load(out).facts["step"]
    assert f"at step {step};" in said
    ran("train", "--device", NAME, *TEXT, "--out", out, "--resume", "--quiet", "--steps", step + 2)
    assert checkpoint.load(out).facts["step"] == step + 2


def test_bad_input_is_one_sentence(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = folder / "m.safetensors"
    new = tmp_path / "new.safetensors"
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(model.read_bytes()[:-100])
    before = model.read_bytes()

    def says(sentence: str, *arguments: object) -> None:
        assert sentence in refused(capsys, *arguments)

    says("there is no file", "generate", tmp_path / "nowhere")
    says("cut short or damaged", "generate", cut)
    says("cut short or damaged", "train", "--resume", "--out", cut, *SMALL)
    says("context of the model is 32", "generate", model, "--tokens", 33)
    says("context of the model is 32", "generate", model, "--prompt", "x" * 40)
    says("temperature", "generate", model, "--temperature", -1)
    says("top_p", "generate", model, "--top-p", 2)
    says("top_k", "generate", model, "--top-k", 0)
    says("--seed must be", "generate", model, "--seed", -1)
    says("abacus", "generate", model, "--device", "abacus")
    says("invalid choice", "quantise", model, "--bits", 3)
    says("invalid choice", "dance")
    says("is there already", "train", *SMALL, "--out", model)
    says("does not exist", "train", *SMALL, "--out", tmp_path / "no" / "m")
    resume = ("train", "--resume", "--out", model, *TEXT)
    says("its width is 32, and --width says 64", *resume, "--width", 64)
    says("its batch is 4, and --batch says 5", *resume, "--batch", 5)
    says("leave --preset", *resume, "--preset", "tiny")
    says("no package 'nosuch'", "train", "--packages", "nosuch", "--out", new)
    says("there is no file or folder", "train", "--text", tmp_path / "nothing", "--out", new)
    says("take one of them", "train", "--text", model, "--packages", "json", "--out", new)
    says("no text in UTF-8", "train", "--text", model, "--out", new)
    says("--vocabulary is for", "train", *SMALL, "--vocabulary", 300, "--out", new)
    says("cannot be read", "train", *SMALL, "--tokenizer", tmp_path / "t.json", "--out", new)
    says("need 257", "train", *SMALL, "--tokenizer", "bpe", "--vocabulary", 3, "--out", new)
    says("multiple of heads", "train", *SMALL, "--heads", 3, "--out", new)
    says("rate must be above 0", "train", *SMALL, "--rate", 0, "--out", new)
    says("steps must be 1 or more", "train", *SMALL, "--steps", 0, "--out", new)
    says("smaller --length", "train", *SMALL, "--length", 33, "--out", new)
    says("--save-every must be", "train", *SMALL, "--save-every", 0, "--out", new)
    says("the rank must be from 1 to 32", "finetune", model, "--lora", 33, "--out", new)
    says("got nose", "finetune", model, "--lora", 2, "--targets", "nose", "--out", new)
    says("holds model, and adapters is needed", "merge", model, model, "--out", new)
    says("holds adapters, and model is needed", "finetune", folder / "a.safetensors", "--out", new)
    says("--steps must be 2 or more", "report", "--steps", 1)
    assert model.read_bytes() == before


def test_a_tokenizer_that_does_not_fit_the_model_is_refused(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("tokenizers")
    from gpt.tokenizer import BPE

    found = checkpoint.load(folder / "m.safetensors")
    found.facts["tokenizer"] = BPE.train(standard_library(("json",)).documents, 300).to_json()
    path = tmp_path / "m.safetensors"
    checkpoint.save(path, found)
    assert "the tokenizer has 300 tokens and the model 257" in refused(capsys, "generate", path)


def test_a_model_of_another_shape_than_its_configuration_is_refused(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = checkpoint.load(folder / "m.safetensors")
    found.facts["config"]["layers"] = 3
    path = tmp_path / "m.safetensors"
    checkpoint.save(path, found)
    assert "The parameters lack" in refused(capsys, "generate", path)


@pytest.mark.thorough
def test_a_loss_that_is_nan_stops_with_a_sentence_and_status_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "m.safetensors"
    wild = ("--device", NAME, *SMALL, "--steps", 12, "--warmup", 0, "--rate", 1e30)
    said = refused(capsys, "train", *wild, "--out", path, status=1)
    assert "holds step 0" in said
    assert checkpoint.load(path).facts["step"] == 0


@pytest.mark.thorough
def test_a_learnt_tokenizer_goes_with_its_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("tokenizers")
    path = tmp_path / "m.safetensors"
    bpe = ("--tokenizer", "bpe", "--vocabulary", 300)
    ran("train", "--device", NAME, *SMALL, *bpe, "--layers", 1, "--steps", 2, "--out", path)
    found = checkpoint.load(path, "model")
    assert found.facts["config"]["vocabulary"] == 300
    capsys.readouterr()
    ran("generate", path, "--device", "numpy", "--prompt", "naïve €", "--tokens", 4)
    assert capsys.readouterr().out.startswith("naïve €")


def test_public_weights_on_the_disk_become_a_checkpoint(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("tokenizers")
    from gpt.tokenizer import BPE

    from tests import test_gpt_weights

    monkeypatch.setattr(test_gpt_weights, "VOCABULARY", 320)
    public = test_gpt_weights.written(tmp_path, test_gpt_weights.public_gpt2(), test_gpt_weights.FACTS)
    out = tmp_path / "m"
    assert "tokenizer.json cannot be read" in refused(capsys, "import", public, "--out", out)
    learnt = json.loads(BPE.train(standard_library(("json",)).documents, 300).to_json())["written"]
    (tmp_path / "tokenizer.json").write_text(learnt, encoding="utf-8")
    ran("import", public, "--out", out)
    assert "a context of 16 tokens" in capsys.readouterr().out
    ran("generate", out, "--device", "numpy", "--prompt", "def f", "--tokens", 5)
    assert capsys.readouterr().out.startswith("def f")
    assert "holds no training" in refused(capsys, "train", "--resume", "--out", out)
    ran("import", tmp_path, "--tokenizer", "bytes", "--out", tmp_path / "b")
    assert "neither wte.weight" in refused(capsys, "import", out, "--out", tmp_path / "c")


def test_without_jax_gradients_say_what_to_install(tmp_path: Path) -> None:
    code = "import sys; sys.modules['jax'] = None; from gpt.command import main; sys.exit(main(sys.argv[1:]))"
    command = ["train", "--device", "numpy", *map(str, SMALL), "--steps", "2", "--out", str(tmp_path / "m")]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(EXAMPLES), *sys.path])}
    done = subprocess.run([sys.executable, "-c", code, *command], capture_output=True, text=True, env=env)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "pip install 'accel-xp[jax]'" in done.stderr.strip().splitlines()[-1]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A quick report of one device."""
    where = tmp_path_factory.mktemp("report") / "r"
    where.mkdir()
    (where / f"{NAME}-of-mine.safetensors").write_text("not the report's", encoding="utf-8")
    env = {**os.environ, "XLA_FLAGS": ""}  # one device compiles faster than eight
    done = subprocess.run(
        program("report", "--quick", "--devices", NAME, "--out", where),
        capture_output=True,
        text=True,
        env=env,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return where


@pytest.mark.thorough
def test_a_report_replaces_no_files_but_its_own(report: Path) -> None:
    assert (report / f"{NAME}-of-mine.safetensors").read_text(encoding="utf-8") == "not the report's"


@pytest.mark.thorough
def test_the_report_is_written_with_its_pictures(report: Path) -> None:
    page = (report / "report.md").read_text(encoding="utf-8")
    for name in ("curves", "agreement", "speed", "memory"):
        assert f"({name}.png)" in page
        assert (report / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    found = json.loads((report / "report.json").read_text(encoding="utf-8"))
    assert found["complaints"] == []
    assert 0 < found["bound"] < 0.1
    (study,) = found["studies"]
    assert study["losses"][-1] < study["losses"][0] - 1
    assert study["tuning"]["after"] < study["tuning"]["before"]
    assert [q["bits"] for q in study["quantised"]] == [32, 8, 4]
    assert len(study["tokens"]) >= 50  # what the context of the tiny model leaves


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        ({"first_weights": "0"}, "first weights are not those"),
        ({"batches": "0"}, "batches are not those"),
        ({"losses": [9.0] * 40}, "losses are up to"),
        ({"losses": [float("nan")] * 40}, "losses are up to nan"),
        ({"tokens": [0] * 56, "gaps": [1.0] * 56}, "parts from .* after 0 tokens"),
    ],
)
def test_a_device_that_is_wrong_is_found_out(spoil: dict[str, Any], sentence: str, report: Path) -> None:
    found = json.loads((report / "report.json").read_text(encoding="utf-8"))
    (study,) = found["studies"]
    assert disagreements(study, study, found["bound"]) == []
    (said,) = disagreements({**study, **spoil}, study, found["bound"])
    assert re.search(sentence, said)


@pytest.mark.thorough
def test_texts_may_part_at_a_near_tie(report: Path) -> None:
    found = json.loads((report / "report.json").read_text(encoding="utf-8"))
    (study,) = found["studies"]
    other = {**study, "tokens": [*study["tokens"][:5], 0, *study["tokens"][6:]]}
    assert disagreements(other, study, found["bound"])
    other["gaps"] = [*study["gaps"][:5], found["bound"] / 2, *study["gaps"][6:]]
    assert disagreements(other, study, found["bound"]) == []


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["--help"])
    said = capsys.readouterr().out
    for name in ("train", "finetune", "import", "merge", "quantise", "generate", "plan", "report"):
        assert f"\n    {name} " in said
