"""What `import accel` costs over the start of an empty Python, side by side with the peers."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

STATEMENTS = {
    "empty Python": "pass",
    "accel": "import accel",
    "numpy": "import numpy",
    "array_api_compat.numpy": "import array_api_compat.numpy",
    "autoray": "import autoray",
    "keras.ops": "import os; os.environ['KERAS_BACKEND'] = 'numpy'; import keras.ops",
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_import(benchmark: Any, name: str) -> None:
    benchmark.group = "import"
    benchmark.name = name
    benchmark.extra_info["calls"] = 1
    command = [sys.executable, "-c", STATEMENTS[name]]
    rounds = 3 if name == "keras.ops" else 20
    benchmark.pedantic(
        subprocess.run, args=(command,), kwargs={"check": True}, rounds=rounds, warmup_rounds=1
    )
