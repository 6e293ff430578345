"""A workload: inputs, the true result, and how each library computes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

__all__ = ["Functions", "Workload"]

Functions = Mapping[str, Callable[..., Any]]
"""What a contender is called -> the function of the workload's inputs."""


class Workload:
    """One computation at one size.

    Every method that gives functions gives them for inputs of that library, in the order of `inputs`; a library that cannot do the
    work, or an op that is not there, gives none.
    """

    name: str
    tolerance: float = 1e-5
    """Largest error, as a part of the largest number of the true result."""
    bar: float | None = 1.0
    """How many times the time of the best NumPy or SciPy contender accel on NumPy may take at most; None where nothing is promised."""
    against: str = ""
    """Which NumPy or SciPy contenders accel is measured against, by a part of their labels."""

    def small(self) -> Workload:
        """Give the same computation at a size that takes no time."""
        raise NotImplementedError

    @property
    def size(self) -> str:
        """What is computed, in a few words."""
        raise NotImplementedError

    def inputs(self, draw: np.random.Generator) -> tuple[Any, ...]:
        """Draw the inputs: NumPy arrays, and what is no array."""
        raise NotImplementedError

    def reference(self, *inputs: Any, **_kwargs: Any) -> Any:  # stands for any parameters
        """Compute the true result, or several, from the inputs in float64; nothing where `wrong` needs none."""
        raise NotImplementedError

    def accel(self, xp: Any) -> Callable[..., Any] | None:
        """Write it with accel's functions: the same code on every backend."""
        return None

    def numpy(self) -> Functions:
        """Write it with NumPy: as a competent person does, and tuned."""
        return {}

    def scipy(self) -> Functions:
        """Write it with SciPy."""
        return {}

    def keras(self, ops: Any) -> Functions:
        """Write it with `keras.ops`."""
        return {}

    def jax(self) -> Functions:
        """Write it with `jax.numpy` and `jax.nn`; each is timed as it is and under ``jax.jit``."""
        return {}

    def torch(self) -> Functions:
        """Write it with PyTorch."""
        return {}

    def wrong(self, results: Any, truth: Any) -> str | None:
        """Compare a contender's results with the truth; say what is wrong with them."""
        results, truth = (each if isinstance(each, tuple | list) else (each,) for each in (results, truth))
        if len(results) != len(truth):
            return f"{len(results)} results instead of {len(truth)}"
        for got, want in zip(results, truth, strict=True):
            if got.shape != want.shape:
                return f"shape {got.shape} instead of {want.shape}"
            scale = float(np.max(np.abs(want), initial=0.0)) or 1.0
            error = float(np.max(np.abs(got.astype(np.float64) - want), initial=0.0)) / scale
            if not error <= self.tolerance:
                return f"an error of {error:.1e} of the largest number, allowed are {self.tolerance:.0e}"
        return None
