"""The libraries: how arrays come to each and from it, and which contenders it has for a workload."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from workloads.workload import Workload

__all__ = ["LIBRARIES", "Contender", "Library", "environment"]


@dataclass(frozen=True)
class Contender:
    """One way to do the work.

    Attributes
    ----------
    label : str
        What the page calls it.
    kind : str
        What it stands for in the ratios: "accel", "bound", "numpy", "keras", "eager", "jit", "torch".
    call : callable
        Takes the inputs, as `Library.put` gives them.
    """

    label: str
    kind: str
    call: Callable[..., Any]


class Library:
    """One library in a process of its own; NumPy here."""

    name = "NumPy"
    needs: tuple[str, ...] = ("numpy",)
    """Modules without which there is nothing to measure."""
    environ: Mapping[str, str] = MappingProxyType({})

    @classmethod
    def installed(cls) -> bool:
        """Whether this machine has it."""
        return all(importlib.util.find_spec(name) is not None for name in cls.needs)

    def contenders(self, workload: Workload) -> Iterator[Contender]:
        """Give its contenders, those of accel first."""
        import accel
        import accel.extra
        import accel.nn
        import accel.random

        if (written := workload.accel(accel)) is not None:
            bound = workload.accel(accel.namespace(np.ones(1, np.float32)))
            assert bound is not None
            yield Contender("accel on NumPy", "accel", written)
            yield Contender("accel on NumPy, bound namespace", "bound", bound)
        for label, call in workload.numpy().items():
            yield Contender(label, "numpy", call)
        if importlib.util.find_spec("scipy") is not None:
            for label, call in workload.scipy().items():
                yield Contender(label, "numpy", call)

    def put(self, x: Any) -> Any:
        """Make the library's own array."""
        return x

    def wait(self, out: Any) -> Any:
        """Wait for a result."""
        return out

    def host(self, out: Any) -> Any:
        """Bring results back."""
        return tuple(map(np.asarray, out)) if isinstance(out, tuple | list) else np.asarray(out)


class Jax(Library):
    name = "JAX"
    needs = ("jax",)

    def contenders(self, workload: Workload) -> Iterator[Contender]:
        import jax

        import accel
        import accel.extra
        import accel.nn
        import accel.random

        if (written := workload.accel(accel)) is not None:
            yield Contender("accel on JAX", "accel", written)
            yield Contender("accel on JAX, accel.jit", "bound", accel.jit(lambda *inputs: written(*inputs)))
        for label, call in workload.jax().items():
            yield Contender(label, "eager", call)
            yield Contender(f"{label}, jax.jit", "jit", jax.jit(call))

    def put(self, x: Any) -> Any:
        import jax.numpy as jnp

        if not isinstance(x, np.ndarray):
            return x
        return jnp.asarray(x, dtype=np.int32 if x.dtype == np.int64 else x.dtype)

    def wait(self, out: Any) -> Any:
        for each in out if isinstance(out, tuple | list) else (out,):
            each.block_until_ready()
        return out


class Keras(Library):
    name = "keras on NumPy"
    needs = ("keras", "jax")  # it imports JAX on its NumPy backend, too
    environ = MappingProxyType({"KERAS_BACKEND": "numpy"})

    def contenders(self, workload: Workload) -> Iterator[Contender]:
        from keras import ops

        for label, call in workload.keras(ops).items():
            yield Contender(", ".join(filter(None, (self.name, label))), "keras", call)


class KerasOnJax(Keras):
    name = "keras on JAX"
    needs = ("keras", "jax")
    environ = MappingProxyType({"KERAS_BACKEND": "jax"})
    put = Jax.put
    wait = Jax.wait


class Torch(Library):
    name = "PyTorch"
    needs = ("torch",)

    def __init__(self) -> None:
        import torch  # pyright: ignore[reportMissingImports]

        torch.set_grad_enabled(False)

    def contenders(self, workload: Workload) -> Iterator[Contender]:
        for label, call in workload.torch().items():
            yield Contender(", ".join(filter(None, (self.name, label))), "torch", call)

    def put(self, x: Any) -> Any:
        import torch  # pyright: ignore[reportMissingImports]

        return torch.from_numpy(x) if isinstance(x, np.ndarray) else x

    def host(self, out: Any) -> Any:
        return tuple(each.numpy() for each in out) if isinstance(out, tuple | list) else out.numpy()


LIBRARIES: dict[str, type[Library]] = {each.name: each for each in (Library, Jax, Keras, KerasOnJax, Torch)}


def environment(library: type[Library], threads: int) -> dict[str, str]:
    """Give the variables that a process of a library starts with, to compute with so many threads."""
    count = str(threads)
    return {
        **library.environ,
        "OMP_NUM_THREADS": count,
        "OPENBLAS_NUM_THREADS": count,
        "MKL_NUM_THREADS": count,
        # As XLA counts the processors of the machine.
        "NPROC": count,
        "PJRT_NPROC": count,
        "JAX_PLATFORMS": "cpu",
        "ACCEL_DEVICE": "numpy",
        "TF_CPP_MIN_LOG_LEVEL": "2",
    }
