"""PyTorch as a referee, in a process of its own: its libraries and an emulation of CUDA's do not go together in one."""

from __future__ import annotations

import pickle
import subprocess
import sys
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

__all__ = ["answers"]

WORKER = """
import pickle, sys
import numpy as np
import torch

torch.set_num_threads(1)

def put(x):
    return torch.from_numpy(x.copy()) if isinstance(x, np.ndarray) else x

found = []
for name, args, kwargs in pickle.load(sys.stdin.buffer):
    function = getattr(torch.nn.functional, name)
    found.append(function(*map(put, args), **{key: put(x) for key, x in kwargs.items()}).numpy())
pickle.dump(found, sys.stdout.buffer)
"""


def answers(calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]]) -> list[np.ndarray[Any, Any]]:
    """Give what functions of ``torch.nn.functional`` make of some arguments, and skip the test where there is no PyTorch.

    Parameters
    ----------
    calls : list of tuples
        Names of functions, and their arguments, with NumPy arrays for tensors.
    """
    if find_spec("torch") is None:
        pytest.skip("PyTorch is not installed")
    done = subprocess.run(
        [sys.executable, "-c", WORKER], input=pickle.dumps(calls), capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    found: list[np.ndarray[Any, Any]] = pickle.loads(done.stdout)
    return found
