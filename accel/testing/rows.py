"""Rows of the matrix: the backends, and the virtual backends made of them, on which every op is run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from copy import copy
from functools import cache, lru_cache, reduce
from importlib.util import find_spec
from inspect import getdoc
from typing import Any

import numpy as np
import numpy.typing as npt

import accel
import accel.registry as registry
from accel.dispatch import Spec
from accel.dtype import DType
from accel.errors import ArgumentError, BackendUnavailableError
from accel.lending import loan
from accel.testing.cases import Case
from accel.transform.compilation import quiet

__all__ = ["REFERENCE", "Row", "activate", "obstacle", "rows", "usable"]

REFERENCE = "numpy"
"""The backend whose results the others are compared with."""

NOT_TRACED = {"can_cast", "finfo", "from_dlpack", "iinfo", "result_type"}
"""Ops without a traced form: those that give facts about dtypes or import memory."""


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

    where: accel.Device | None = None
    """The device of its backend that the row was moved to."""

    compiles = False
    """Whether results come out of a compiler, which makes arrays of Python numbers."""

    def __init__(self, name: str, backend: str) -> None:
        self.name = name
        self.backend = backend

    def __repr__(self) -> str:
        return self.name

    def describe(self) -> str:
        """Say in a sentence what the row stands for."""
        return " ".join((getdoc(type(self)) or "").partition("\n\n")[0].split())

    def asked(self, backends: Collection[str]) -> bool:
        """Tell whether the row belongs to a run of some backends."""
        return self.backend in backends

    @property
    def device(self) -> accel.Device:
        """The device of the row: the backend's second one where it has several, so that nothing lands on a default."""
        return self.where or usable(self.backend)[:2][-1]

    def on(self, device: accel.Device) -> Row:
        """Give the row on a certain device of its backend."""
        if device.backend != self.backend:
            raise ArgumentError(f"The row {self} runs on devices of {self.backend!r}, not on {device}.")
        moved = copy(self)
        moved.where = device
        return moved

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
        return self.run(dispatched(spec), args, kwargs)

    def run(self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Run any function on arguments whose arrays are the row's own."""
        with accel.use_device(self.device):
            return fn(*args, **kwargs)


class ReadOnly(Row):
    """Arrays that cannot be written to: whoever writes to an input fails."""

    def put(self, x: npt.NDArray[Any]) -> Any:
        copy = x.copy()
        copy.flags.writeable = False
        return accel.to_device(copy, self.device, copy=False)


class Strided(Row):
    """Arrays that are neither contiguous nor in order: views with negative and larger steps."""

    def put(self, x: npt.NDArray[Any]) -> Any:
        room: npt.NDArray[Any] = np.zeros(tuple(2 * n for n in x.shape), dtype=x.dtype, order="F")
        steps: Any = (*(slice(None, None, -2),) * x.ndim, ...)
        view: npt.NDArray[Any] = room[steps]
        view[...] = x
        return accel.to_device(view, self.device, copy=False)


class Composed(Row):
    """The bodies of the ops that the standard leaves out, also where the backend has something better."""

    def runs(self, spec: Spec) -> bool:
        return spec.composed

    def call(self, spec: Spec, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return self.run(spec.function, args, kwargs)


class Jit(Row):
    """The op traced and compiled by ``accel.jit``, in the scope that keeps 64-bit data."""

    reads_inputs_back = False
    compiles = True

    @property
    def device(self) -> accel.Device:
        return self.where or usable(self.backend)[0]

    def runs(self, spec: Spec) -> bool:
        return bool(spec.arrays and spec.compiles) and spec.name not in NOT_TRACED

    def takes(self, spec: Spec, case: Case) -> bool:
        if spec.name == "repeat":
            return not isinstance(case.args[1], np.ndarray)
        return bool(case.arrays()) and spec.traceable(case.kwargs)

    def run(self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return super().run(_compiled(fn), args, kwargs)


class Lent(Jit):
    """The op compiled by ``accel.jit`` for arrays that are lent to another backend's compiler, and come back."""

    nightly = True


# One compiled function for each op: what was compiled for a shape is met again.
@lru_cache(maxsize=16)
def _compiled(fn: Callable[..., Any]) -> Callable[..., Any]:
    return quiet(accel.jit(fn))


class Wide(Row):
    """Eager calls inside ``accel.x64()``, where no call has to enter the scope by itself."""

    reads_inputs_back = False
    nightly = True

    def run(self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        with accel.x64():
            return super().run(fn, args, kwargs)


NARROW = {
    "bool", "int8", "int16", "int32", "uint8", "uint16", "uint32", "float16", "bfloat16", "float32", "complex64"
}  # fmt: skip


class Narrow(Row):
    """A library that narrows by default as its users meet it: data of 32 bits at most, outside of ``accel.x64()``."""

    nightly = True

    def takes(self, spec: Spec, case: Case) -> bool:
        named = {x.name for x in (*case.args, *case.kwargs.values()) if isinstance(x, DType)}
        return named | {x.dtype.name for x in case.arrays()} <= NARROW


class Accounting(Row):
    """Arrays of two imitated GPUs, where an op that goes through the host by itself fails."""

    def asked(self, backends: Collection[str]) -> bool:
        # It computes with the reference backend.
        return bool({self.backend, REFERENCE} & set(backends))

    def call(self, spec: Spec, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        waits = spec.name == "repeat" or not spec.traceable(kwargs)
        with accel.transfers("log") as moved:
            result = super().call(spec, args, kwargs)
        hidden = [t for t in moved if t.kind == "implicit" or (t.kind == "synchronisation" and not waits)]
        assert not hidden, f"accel.{spec.name} makes transfers by itself:\n{moved}"
        return result


OPEN_IN_THE_STANDARD = {
    *(
        "astype",
        "bitwise_left_shift",
        "bitwise_right_shift",
        "clip",
        "floor_divide",
        "isin",
        "pow",
        "remainder",
    ),
    *(
        "linalg.eig",
        "linalg.eigh",
        "linalg.eigvals",
        "linalg.eigvalsh",
        "linalg.qr",
        "linalg.svd",
        "linalg.svdvals",
    ),
    *("can_cast", "finfo", "from_dlpack", "iinfo", "isdtype", "result_type"),
}
"""Ops to which accel gives more meaning than the standard asks for: of certain values, of signs and order, of dtypes and devices."""


class Strict(Row):
    """array-api-strict on its second device: a library without a word of code for accel, and data that are not on the host.

    It computes with NumPy's own functions and holds callers to the letter of the standard. So what accel promises beyond the standard
    is left out: some ops as a whole, and of the others the calls with dtypes that the standard does not bring together.
    """

    nightly = True

    def runs(self, spec: Spec) -> bool:
        return spec.name not in OPEN_IN_THE_STANDARD

    def takes(self, spec: Spec, case: Case) -> bool:
        from accel.testing.strategies import POOLS  # with Hypothesis, which rows alone do not need

        arrays = case.arrays()
        if not {x.dtype.name for x in arrays} <= set(POOLS[spec.dtypes]) - {"float16"}:
            return False
        if spec.composed or spec.name in ("repeat", "searchsorted", "take", "take_along_axis"):
            return True  # positions beside values
        together = arrays[spec.name == "where" :]
        kinds = {x.dtype.kind for x in together}
        if spec.name == "divide" and kinds & set("iu"):
            return False
        if (kinds & set("iu") and kinds & set("bfc")) or (
            "uint64" in {x.dtype.name for x in together} and "i" in kinds
        ):
            return False
        given = [*case.args, *case.kwargs.values()]
        return all(
            _goes_with(x.dtype, n) for x in together for n in given if type(n) in (bool, int, float, complex)
        )


def _goes_with(dtype: np.dtype[Any], number: complex) -> bool:
    """Tell whether the standard lets a Python number stand beside an array: one of its kind or a lower one, and in its range."""
    if isinstance(number, bool) or dtype.kind == "b":
        return isinstance(number, bool) == (dtype.kind == "b")
    if isinstance(number, int) and dtype.kind in "iu":
        return bool(np.iinfo(dtype).min <= number <= np.iinfo(dtype).max)
    return dtype.kind == "c" or (dtype.kind == "f" and not isinstance(number, complex))


def registry_owned(x: object) -> bool:
    """Tell whether an object is an array of some backend."""
    return registry.owner(type(x)) is not None


def _announce_accounting() -> None:
    from accel.testing import accounting

    accounting.install()


LIBRARY = "array_api_strict"


def _announce_strict() -> None:
    registry.announce("strict", LIBRARY, package=LIBRARY)


GUESTS: dict[str, tuple[type[Row], Callable[[], None]]] = {
    "accounting": (Accounting, _announce_accounting),
    "strict": (Strict, _announce_strict),
}
"""Backends that the kit brings, and announces when somebody asks for one -> their row, and what announces them."""


def activate(backend: str) -> None:
    """Announce a backend that the kit brings, until the process ends; any other, or one that is there already, is left as it is.

    Parameters
    ----------
    backend : str
        ``"accounting"``, or ``"strict"`` where array-api-strict is installed.
    """
    if backend in GUESTS and backend not in registry.names() and _absent(backend) is None:
        GUESTS[backend][1]()


def _absent(backend: str) -> str | None:
    """Give the reason why a backend of the kit cannot be announced, or None."""
    if backend != "strict":
        return None
    if LIBRARY in registry.names():
        return f"{LIBRARY} has a backend of its own here"
    return None if find_spec(LIBRARY) else f"{LIBRARY} is not installed"


def rows() -> tuple[Row, ...]:
    """List the rows of all backends, usable or not: of the announced ones, and of those that the kit brings."""
    found = [row for backend in registry.names() if backend not in GUESTS for row in _rows(backend)]
    return (*found, *(kind(name, name) for name, (kind, _) in GUESTS.items()))


def _rows(backend: str) -> Iterator[Row]:
    """List the rows of a backend, by what it says of itself."""
    if registry.kinds(backend) == ("cpu",):
        yield ReadOnly(f"{backend}-readonly", backend)
        yield Strided(f"{backend}-strided", backend)
        yield Composed(f"{backend}-composed", backend)
    if backend != REFERENCE:
        yield Row(backend, backend)
    if registry.failure(backend) is not None:
        return
    has = registry.load(backend).hook
    if has("jit") is not None:
        yield Jit(f"{backend}-jit", backend)
    elif _is_lent(backend):
        yield Lent(f"{backend}-lent", backend)
    if has("x64") is not None:
        yield Wide(f"{backend}-x64", backend)
        yield Narrow(f"{backend}-32bit", backend)


@cache
def _is_lent(backend: str) -> bool:
    """Tell whether a compiler sees the arrays of a backend that has none."""
    try:
        return bool(usable(backend)) and loan(registry.load(backend), usable(backend)[0]) is not None
    except BackendUnavailableError:
        return False


@cache
def usable(backend: str) -> tuple[accel.Device, ...]:
    """List the usable devices of a backend."""
    activate(backend)
    return accel.devices(backend)


def obstacle(backend: str) -> str | None:
    """Give the reason why a backend cannot run here, or None; one that the kit brings is there from then on."""
    activate(backend)
    if backend in GUESTS and backend not in registry.names():
        return _absent(backend)
    failure = registry.failure(backend)
    if failure is not None:
        return str(failure)
    return None if usable(backend) else f"{backend} has no usable device"
