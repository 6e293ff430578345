"""Plans on paper: known numbers of the literature, what fits and what does not, and the command line."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import gpt.plan as planning
import pytest
from gpt.config import Config
from gpt.footprint import MIXED, Division, footprint, share, total
from gpt.hardware import HARDWARE
from gpt.parameters import size
from gpt.plan import command, model_of, plan, quantity
from gpt.traffic import gathered, summed, traffic
from hypothesis import given
from hypothesis import strategies as st

from accel.errors import ArgumentError

GPT = Path(planning.__file__).parent


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("80GB", "B", 80e9),
        ("80 GB", "B", 80e9),
        ("32GiB", "B", 32 * 2**30),
        ("1.5TB", "B", 1.5e12),
        ("512kB", "B", 512e3),
        ("100B", "B", 100.0),
        ("175e9", "", 175e9),
        ("175B", "", 175e9),
        ("1.3T", "", 1.3e12),
        ("1024", "", 1024.0),
        ("1e7", "", 1e7),
    ],
)
def test_quantities(text: str, unit: str, value: float) -> None:
    assert quantity(text, unit) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize("unit", ["", "B"])
@pytest.mark.parametrize(
    "text", ["80XB", "", "GB", "-1GB", "0", "0GB", "1..2GB", "nan", "inf", "1e999", "80GB80", "80gb"]
)
def test_what_is_no_quantity(text: str, unit: str) -> None:
    with pytest.raises(ArgumentError, match=r"is no .* above 0; write one such as"):
        quantity(text, unit)


@pytest.mark.parametrize(
    ("parameters", "layers", "width", "heads"),
    [(175e9, 96, 12288, 96), (1e12, 176, 21504, 168), (1e13, 376, 47104, 368)],
)
def test_the_shapes_of_large_models(parameters: float, layers: int, width: int, heads: int) -> None:
    """GPT-3's own: T. B. Brown et al., NeurIPS 2020, table 2.1."""
    config = model_of(parameters)
    assert (config.layers, config.width, config.heads) == (layers, width, heads)
    assert total(config) == pytest.approx(parameters, rel=0.03)


@given(st.floats(min_value=1e8, max_value=1e14))
def test_models_have_about_the_parameters_asked_for(parameters: float) -> None:
    config = model_of(parameters)
    assert total(config) == pytest.approx(parameters, rel=0.25 if parameters < 1e9 else 0.07)


@pytest.mark.parametrize("style", ["gpt2", "llama"])
def test_parameters_are_counted_as_the_model_has_them(style: str) -> None:
    config = Config(style=style, layers=5, heads=8, kv_heads=4, width=64)
    assert total(config) == size(config) == share(config, 1)
    assert share(config, 1, 5) < share(config, 1)


def test_states_are_those_of_the_paper() -> None:
    """S. Rajbhandari et al., ZeRO, arXiv:1910.02054 (2020), figure 1: 7.5e9 parameters on 64 devices, in GB."""
    config = model_of(7.5e9)
    for stage, published in ((0, 120.0), (1, 31.4), (2, 16.6), (3, 1.9)):
        held = footprint(config, Division(64, stage=stage), 2048, MIXED)
        states = (held.weights + held.gradients + held.optimizer) / total(config) * 7.5
        assert states == pytest.approx(published, rel=0.02)


def test_a_ring() -> None:
    assert (gathered(1, 100.0), summed(1, 100.0)) == (0.0, 0.0)
    assert (gathered(4, 100.0), summed(4, 100.0)) == (75.0, 150.0)


def test_tensor_traffic_is_that_of_the_paper() -> None:
    """D. Narayanan et al., arXiv:2104.04473 (2021), section 3.2: 8 b s h (t - 1) / t numbers for each layer and part."""
    config = model_of(175e9)
    sent = traffic(config, Division(1, 8, 1, 96), 2048, MIXED, parts=1)
    assert sent.tensor == pytest.approx(8 * 2048 * config.width * 7 / 8 * 2)
    assert sent.pipeline == 2 * 2048 * config.width * 2


def test_gpt3() -> None:
    found = plan(175e9, 1024, 80e9)
    division = found.division
    assert division.devices <= 1024
    assert found.held.total <= 0.9 * 80e9
    assert found.batch % (division.data * division.micro) == 0
    assert found.config.layers % division.pipeline == found.config.heads % division.tensor == 0
    # D. Narayanan et al., section 5.1: 34 days for 300e9 tokens at 0.45 of the peak, every activation computed twice.
    days = 300e9 / found.tokens * found.bound / 86400
    assert 6 * 175e9 * 300e9 / (1024 * 312e12) / 86400 < days < 34
    assert found.bound < found.apart < 34 / days * found.bound


def test_more_devices_take_less_time_and_less_memory() -> None:
    few, many = plan(1e12, 1024, 80e9), plan(1e12, 8192, 80e9)
    assert many.apart < few.apart / 4
    for_all = footprint(few.config, replace(few.division, stage=0), 2048, MIXED, parts=few.parts)
    assert for_all.total >= few.held.total


@pytest.mark.parametrize(
    ("parameters", "devices"), [(1e13, 10_000_000), (1e13, 100_000), (1e12, 999_983), (125e6, 1), (1.3e9, 7)]
)
def test_from_one_device_to_ten_million(parameters: float, devices: int) -> None:
    found = plan(parameters, devices, 80e9)
    assert found.division.devices <= devices
    assert found.held.total <= 0.9 * 80e9
    assert "idle" in planning.table(found) or found.division.devices == devices


def test_what_does_not_fit_says_what_would() -> None:
    with pytest.raises(ArgumentError, match="do not fit on 8 devices of 80 GB") as found:
        plan(175e9, 8, 80e9)
    told = re.search(
        r"at least about (\d+) devices of 80 GB would do, or ([\d.]+) GB on each of 8", str(found.value)
    )
    assert told is not None
    enough, memory = int(told[1]), float(told[2]) * 1e9
    assert plan(175e9, enough, 80e9).held.total <= 0.9 * 80e9
    assert plan(175e9, 8, memory * 1.01).division.devices <= 8
    with pytest.raises(ArgumentError):
        plan(175e9, enough // 2, 80e9)
    with pytest.raises(ArgumentError):
        plan(175e9, 8, memory / 1.05)
    with pytest.raises(ArgumentError, match="no number of devices"):
        plan(1e13, 8, 1e6)


@pytest.mark.parametrize(
    ("words", "arguments"),
    [
        ("'80XB' is no size of memory", "--params 175e9 --devices 8 --memory 80XB"),
        ("--devices is '0', and has to be a whole number", "--params 175e9 --devices 0"),
        ("--devices is '-3', and has to be a whole number", "--params 175e9 --devices=-3"),
        ("--devices is '1.5', and has to be a whole number", "--params 175e9 --devices 1.5"),
        ("'many' is no number above 0", "--params many --devices 8"),
        ("parameters is 10, and has to be from", "--params 10 --devices 8 --layers 1 --width 64"),
        ("are too few: the embedding", "--params 1e6 --devices 8"),
        ("width has to be a multiple of heads", "--params 1e9 --devices 8 --width 1000 --heads 3"),
        ("do not fit on 1 device of 16 GB", "--params 175e9 --devices 1 --memory 16GB"),
        ("--batch is 'x', and has to be a whole number", "--params 1e9 --devices 1 --batch x"),
    ],
)
def test_one_sentence_for_what_is_wrong(words: str, arguments: str, capsys: Any) -> None:
    assert command(arguments.split()) == 2
    out, errors = capsys.readouterr()
    assert not out
    assert words in errors
    assert len(errors.strip().splitlines()) == 1


def test_the_table(capsys: Any) -> None:
    arguments = "--params 175e9 --devices 1024 --memory 80GB --hardware h100 --slow-link 100GB --tokens 300e9"
    assert command(arguments.split()) == 0
    out, _ = capsys.readouterr()
    for line in (
        r"^Model +174\.6e9 parameters +96 layers, width 12288, 96 heads, 51200 tokens$",
        r"^Devices +\d+ of 1024 +80 GB each",
        r"^  tensor +\d+ +share heads",
        r"^  together +[\d.]+ GB +\d+% of 80 GB$",
        r"^  at least +[\d.]+ s +[\d.]+e3 tokens/s at most",
        r"^  300e9 tokens +[\d.]+ days +at least; [\d.]+ days with nothing hidden$",
        r"^h100: 989 TFLOP/s, memory 3\.35 TB/s, links 450 GB/s among 8 devices and 100 GB/s beyond, each way\.$",
        r"^Source: NVIDIA H100 data sheet .*; slow as asked for\.$",
    ):
        assert re.search(line, out, re.MULTILINE), line


@pytest.mark.parametrize("name", HARDWARE)
def test_hardware_has_a_source_and_sense(name: str) -> None:
    each = HARDWARE[name]
    assert re.search(r"\(20\d\d\)", each.source)
    assert each.flops > each.bandwidth > each.fast >= each.slow > 0
    assert plan(175e9, 4096, hardware=each).hardware is each


def test_the_program_plans() -> None:
    arguments = ["plan", "--params", "175e9", "--devices", "1024", "--memory", "80GB"]
    done = subprocess.run([sys.executable, str(GPT), *arguments], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Model")
    done = subprocess.run(
        [sys.executable, str(GPT), *arguments[:-1], "80XB"], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
