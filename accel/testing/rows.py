"""Rows of the matrix: the backends, and the virtual backends made of them, on which every op is run."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, reduce
from typing import Any

import numpy as np
import numpy.typing as npt

import accel
import accel.registry as registry
from accel.dispatch import Spec
from accel.testing.cases import Case

__all__ = ["REFERENCE", "Row", "rows"]

REFERENCE = "numpy"
"""The backend whose results the others are compared with."""

DATA_DEPENDENT = {"nonzero", "unique_all", "unique_counts", "unique_inverse", "unique_values"}
"""Ops whose output shape depends on values, so that no compiler can trace them."""

NOT_TRACED = DATA_DEPENDENT | {"can_cast", "finfo", "from_dlpack", "iinfo", "result_type"}
"""Ops without a traced form: those above, and those that give facts about dtypes or import memory."""


def dispatched(spec: Spec) -> Callable[..., Any]:
    """Give the public function of an op."""
    space: Any = accel
    found: Callable[..., Any] = reduce(getattr, spec.name.split("."), space)
    return found


def bound(spec: Spec, backend: str) -> Callable[..., Any]:
    """Give an op as the namespace of one backend has it."""
    found: Callable[..., Any] = reduce(getattr, spec.name.split("."), accel.namespace(backend))
    return found


class Row:
    """One backend as accel's users meet it: the dispatched functions on its native arrays.

    Parameters
    ----------
    name : str
        What the row is called in reports.
    backend : str
        The backend it is made of.
    """

    reads_inputs_back = True
    """Whether inputs are looked at after the call, to see that nothing wrote to them."""

    nightly = False
    """Whether the row is for deep runs only."""

    def __init__(self, name: str, backend: str) -> None:
        self.name = name
        self.backend = backend

    def __repr__(self) -> str:
        return self.name

    @property
    def device(self) -> accel.Device:
        """The device of the row: the backend's second one where it has several, so that nothing lands on a default."""
        return usable(self.backend)[:2][-1]

    def runs(self, spec: Spec) -> bool:
        """Tell whether the row has a column of that spec."""
        return True

    def takes(self, spec: Spec, case: Case) -> bool:
        """Tell whether the row can run a case of that spec."""
        return True

    def put(self, x: npt.NDArray[Any]) -> Any:
        """Give the row's own array with the values of a NumPy array."""
        return accel.to_device(x, self.device, copy=True)

    def call(self, spec: Spec, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Run an op on arguments whose arrays are the row's own."""
        with accel.use_device(self.device):
            return dispatched(spec)(*args, **kwargs)


class ReadOnly(Row):
    """Arrays that cannot be written to: whoever writes to an input fails."""

    def put(self, x: npt.NDArray[Any]) -> Any:
        copy = x.copy()
        copy.flags.writeable = False
        return copy


class Strided(Row):
    """Arrays that are neither contiguous nor in order: views with negative and larger steps."""

    def put(self, x: npt.NDArray[Any]) -> Any:
        room: npt.NDArray[Any] = np.zeros(tuple(2 * n for n in x.shape), dtype=x.dtype, order="F")
        steps: Any = (*(slice(None, None, -2),) * x.ndim, ...)
        view: npt.NDArray[Any] = room[steps]
        view[...] = x
        return view


class Jit(Row):
    """The op traced and compiled, in the scope that keeps 64-bit data."""

    reads_inputs_back = False

    @property
    def device(self) -> accel.Device:
        return usable(self.backend)[0]

    def runs(self, spec: Spec) -> bool:
        return bool(spec.arrays) and spec.name not in NOT_TRACED

    def takes(self, spec: Spec, case: Case) -> bool:
        if spec.name == "repeat":
            return not isinstance(case.args[1], np.ndarray)
        return bool(case.arrays())

    def call(self, spec: Spec, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        import jax

        case = Case(args, kwargs)

        def traced(*arrays: Any) -> Any:
            fresh = iter(arrays)
            again = case.map(lambda _: next(fresh), registry_owned)
            return dispatched(spec)(*again.args, **again.kwargs)

        with accel.x64(), accel.use_device(self.device):
            return jax.jit(traced)(*case.arrays(registry_owned))


class Wide(Row):
    """Eager calls inside ``accel.x64()``, where no call has to enter the scope by itself."""

    reads_inputs_back = False
    nightly = True

    def call(self, spec: Spec, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        with accel.x64():
            return super().call(spec, args, kwargs)


def registry_owned(x: object) -> bool:
    """Tell whether an object is an array of some backend."""
    return registry.owner(type(x)) is not None


VIRTUAL = {
    "numpy": (("numpy-readonly", ReadOnly), ("numpy-strided", Strided)),
    "jax": (("jax", Row), ("jax-jit", Jit), ("jax-x64", Wide)),
}
"""Backend -> its rows; a backend that is not named here has one row of its own name."""


def rows() -> tuple[Row, ...]:
    """List the rows of all announced backends, usable or not."""
    return tuple(
        kind(name, backend)
        for backend in registry.names()
        for name, kind in VIRTUAL.get(backend, ((backend, Row),))
    )


@cache
def usable(backend: str) -> tuple[accel.Device, ...]:
    """List the usable devices of a backend."""
    return accel.devices(backend)


@cache
def obstacle(backend: str) -> str | None:
    """Give the reason why a backend cannot run here, or None."""
    failure = registry.failure(backend)
    if failure is not None:
        return str(failure)
    return None if usable(backend) else f"{backend} has no usable device"
