"""Generated pages say what their sources say, and the README's words are true."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import accel

ROOT = Path(__file__).parents[1]


def test_deviations_page_is_up_to_date() -> None:
    made = subprocess.run([sys.executable, str(ROOT / "docs" / "make_deviations.py"), "--check"], check=False)
    assert made.returncode == 0, "run: python docs/make_deviations.py"


def test_bounds_page_is_up_to_date() -> None:
    made = subprocess.run([sys.executable, str(ROOT / "docs" / "make_bounds.py"), "--check"], check=False)
    assert made.returncode == 0, "run: python docs/make_bounds.py --measure"


def test_ops_page_is_up_to_date() -> None:
    made = subprocess.run([sys.executable, str(ROOT / "docs" / "make_ops.py"), "--check"], check=False)
    assert made.returncode == 0, "run: python docs/make_ops.py"


def test_gradients_page_is_up_to_date() -> None:
    made = subprocess.run([sys.executable, str(ROOT / "docs" / "make_gradients.py"), "--check"], check=False)
    assert made.returncode == 0, "run: python docs/make_gradients.py --measure"


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "examples/README.md", "backends/README.md"])
def test_links_lead_to_files(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / page).parent.joinpath(target).exists(), f"{page} links to {target}"


def test_names_in_the_readme_exist() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in set(re.findall(r"\baccel\.([a-z_0-9]+)", text)):
        assert hasattr(accel, name), f"the README names accel.{name}"


def test_readme_example_runs() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    first = re.findall(r"```python\n(.*?)```", text, re.S)[0]
    scope: dict[str, object] = {}
    exec(first, scope)
    result = scope["standardise"](accel.asarray([[1.0, 2.0], [3.0, 6.0]], device="numpy"))  # type: ignore[operator]
    assert result.tolist() == [[-1.0, -1.0], [1.0, 1.0]]


def test_readme_beyond_the_standard_runs() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (block,) = (each for each in re.findall(r"```python\n(.*?)```", text, re.S) if "accel.random" in each)
    scope: dict[str, object] = {"accel": accel}
    with accel.use_device("numpy"):
        exec(block, scope)
    assert scope["p"].shape == (32, 10)  # type: ignore[attr-defined]
