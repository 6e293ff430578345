"""The contenders of `benchmarks/gpt_speed`: what is timed computes the same, and the page says what was measured."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from gpt.config import Config
from gpt_speed.page import placed, plot, text

from accel.testing.rows import obstacle

TINY = Config(layers=1, heads=2, width=32, context=24)


@pytest.fixture(scope="module")
def record() -> dict[str, Any]:
    if why := obstacle("jax"):
        pytest.skip(why)
    from gpt_speed.compiled import decoding, training
    from gpt_speed.latency import latency
    from gpt_speed.plain import decoding as plainly
    from gpt_speed.plain import footprint

    runs = [
        {**latency(TINY, "numpy", 20, cache), "backend": "numpy", "cache": cache} for cache in (True, False)
    ]
    return {
        "plain": {"tiny": plainly(TINY, 1, 20)},
        "footprint": {"tiny": {"accel": footprint(TINY, "accel", 2)["bytes"]}},
        "training": {"tiny": training(TINY, 2, 3)},
        "decoding": {"tiny": decoding(TINY, 1, 1, 20)},
        "latency": {"model": "tiny", "tokens": 20, "runs": runs},
    }


def test_contenders_compute_the_same(record: dict[str, Any]) -> None:
    assert record["plain"]["tiny"]["alike"] == 20
    assert record["decoding"]["tiny"]["alike"] == 20
    # Four losses, each after one step more: float32, and AdamW divides by roots of small numbers.
    assert record["training"]["tiny"]["apart"] < 1e-5


def test_as_many_programs_are_compiled_as_by_hand(record: dict[str, Any]) -> None:
    for part in ("training", "decoding"):
        programs = {name: each["programs"] for name, each in record[part]["tiny"]["contenders"].items()}
        assert programs == {"pure JAX": 1, "accel": 1}, part


def test_weights_of_few_bits_are_counted(record: dict[str, Any]) -> None:
    found = {name: each["weights"] for name, each in record["plain"]["tiny"]["contenders"].items()}
    assert found["accel, int4"] < found["accel, int8"] < found["accel"] == found["plain NumPy"]


def test_the_page_keeps_what_others_wrote(record: dict[str, Any], tmp_path: Path) -> None:
    page = tmp_path / "gpt.md"
    page.write_text("# GPT\n\nFirst.\n")
    placed(page, text(record, "the command", "picture.png"))
    page.write_text(page.read_text() + "\nLast.\n")
    placed(page, text(record, "another command", "picture.png"))
    found = page.read_text()
    assert found.startswith("# GPT\n\nFirst.\n")
    assert found.endswith("Last.\n")
    assert "another command" in found
    assert "the command" not in found
    assert found.count("| training | tiny |") == 1
    plot(record, tmp_path / "picture.png")
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")
