"""Random numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from workloads.workload import Functions, Workload

__all__ = ["WORKLOADS"]


@dataclass(frozen=True)
class _Sampling(Workload):
    count: int = 10_000_000

    @property
    def size(self) -> str:
        return f"{self.count:,} numbers of float32"

    def inputs(self, draw: np.random.Generator) -> tuple[Any, ...]:
        # The two words of a key.
        return (draw.integers(0, 2**32, 2, np.uint32),)

    def generators(self) -> dict[str, np.random.Generator]:
        """Give NumPy's generators: one like accel's, which counts, and the fastest."""
        return {
            "Generator(Philox)": np.random.Generator(np.random.Philox(1)),
            "Generator(SFC64)": np.random.Generator(np.random.SFC64(1)),
        }

    def apart(self, results: Any, mean: float, deviation: float) -> str | None:
        """Say what is wrong with numbers whose moments are known: these are off by 6 standard errors."""
        if results.shape != (self.count,) or results.dtype != np.float32:
            return f"shape {results.shape} of {results.dtype}"
        x = results.astype(np.float64)
        error = 6 / math.sqrt(self.count)
        if not (abs(x.mean() - mean) <= error * deviation and abs(x.std() / deviation - 1) <= error):
            return f"mean {x.mean():.4f} and standard deviation {x.std():.4f}"
        return None


@dataclass(frozen=True)
class Uniform(_Sampling):
    name = "uniform random numbers"
    bar = 2.0
    against = "Philox"

    def small(self) -> Workload:
        return Uniform(10_000)

    def reference(self, key: Any) -> Any:
        return None

    def wrong(self, results: Any, truth: Any) -> str | None:
        return self.apart(results, 0.5, math.sqrt(1 / 12))

    def accel(self, xp: Any) -> Callable[..., Any] | None:
        op = getattr(xp.random, "uniform", None)
        return op and (lambda key: op(key, (self.count,), np.float32))

    def numpy(self) -> Functions:
        def method(generator: np.random.Generator) -> Callable[..., Any]:
            return lambda key: generator.random(self.count, np.float32)

        return {f"NumPy, {name}": method(each) for name, each in self.generators().items()}

    def keras(self, ops: Any) -> Functions:
        import keras

        seed = keras.random.SeedGenerator(1)
        return {"": lambda key: keras.random.uniform((self.count,), dtype="float32", seed=seed)}

    def jax(self) -> Functions:
        import jax

        return {
            "jax.random": lambda key: jax.random.uniform(jax.random.wrap_key_data(key), (self.count,)),
        }

    def torch(self) -> Functions:
        import torch  # pyright: ignore[reportMissingImports]

        return {"": lambda key: torch.rand(self.count)}


@dataclass(frozen=True)
class Normal(_Sampling):
    name = "normal random numbers"
    bar = None
    against = "Philox"

    def small(self) -> Workload:
        return Normal(10_000)

    def reference(self, key: Any) -> Any:
        return None

    def wrong(self, results: Any, truth: Any) -> str | None:
        return self.apart(results, 0.0, 1.0)

    def accel(self, xp: Any) -> Callable[..., Any] | None:
        op = getattr(xp.random, "normal", None)
        return op and (lambda key: op(key, (self.count,), np.float32))

    def numpy(self) -> Functions:
        def method(generator: np.random.Generator) -> Callable[..., Any]:
            return lambda key: generator.standard_normal(self.count, np.float32)

        return {f"NumPy, {name}": method(each) for name, each in self.generators().items()}

    def keras(self, ops: Any) -> Functions:
        import keras

        seed = keras.random.SeedGenerator(1)
        return {"": lambda key: keras.random.normal((self.count,), dtype="float32", seed=seed)}

    def jax(self) -> Functions:
        import jax

        return {
            "jax.random": lambda key: jax.random.normal(jax.random.wrap_key_data(key), (self.count,)),
        }

    def torch(self) -> Functions:
        import torch  # pyright: ignore[reportMissingImports]

        return {"": lambda key: torch.randn(self.count)}


WORKLOADS = (Uniform(), Normal())
