"""Loans: the arrays of a backend without a compiler, seen by a compiler on the same device, and what it made as the lender's again.

This is the one seam through which arrays pass between a lender and a compiler. On a host the compiler reads the caller's memory where the
alignment allows, on a GPU always, through DLPack; nothing of a loan outlives the call, so that the caller may write to its arrays
afterwards. Results take over the compiler's memory without a copy where nobody else holds it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache, wraps
from typing import Any

import accel.placement as placement
import accel.registry as registry
import accel.transfer as transfer
from accel.errors import AccelError, BackendUnavailableError, DTypeError
from accel.placement import Device, use_device

__all__ = ["Loan", "among_constants", "constant", "current", "lends", "loan", "mixes", "place"]

_current: ContextVar[Loan | None] = ContextVar("accel_loan", default=None)


def current() -> Loan | None:
    """Give the loan in which the caller is being traced, or None."""
    return _current.get()


def lends(backend: registry.Backend) -> bool:
    """Tell whether a backend lends its arrays to compilers: whether it can take over what they make."""
    return backend.hook("adopt") is not None


@dataclass(frozen=True)
class Loan:
    """An agreement between a lender and a compiler.

    Attributes
    ----------
    lender, compiler : Backend
        Whose the arrays are, and who computes with them.
    device : Device
        Where the arrays are.
    home : Device
        The compiler's device that sees the same memory.
    known : set of dtypes
        Those that the compiler is known to take.
    """

    lender: registry.Backend
    device: Device
    compiler: registry.Backend
    home: Device
    known: set[Any] = field(default_factory=set, compare=False, repr=False)

    @property
    def transforms(self) -> Any:
        """The compiler's transforms (`accel.backend.Transforms`)."""
        return self.compiler.hook("transforms")

    @property
    def host(self) -> Any:
        """The compiler's native device that sees the host's memory, or None where the arrays are elsewhere."""
        return self.home.native if self.home.kind == "cpu" else None

    def apart(self) -> AbstractContextManager[None]:
        """Give a block in which what is lent is computed at once, though it be in somebody's trace.

        Elsewhere it is no block at all: in one JAX 0.12 makes another program of a derivative, whose last bits differ.
        """
        return self.transforms.now() if self.transforms.recording() else nullcontext()

    def lend(self, values: Any, *, copy: bool = False) -> Any:
        """Give a container in which the lender's arrays are the compiler's; with ``copy`` they share no memory with those."""
        leaves, together, _ = self.transforms.flatten(values)
        places = [i for i, leaf in enumerate(leaves) if registry.owner(type(leaf)) is self.lender]
        if not places:
            return values
        made = self._borrowed([leaves[i] for i in places], copy)
        for i, y in zip(places, made, strict=True):
            leaves[i] = y
        return together(leaves)

    def show(self, values: Any) -> tuple[Any, list[Any]]:
        """Give a container as a program of the compiler takes it, and the arrays in it: on a host they need not be the compiler's."""
        if self.host is None:
            values = self.lend(values)
            return values, self.transforms.arrays(values)
        leaves, together, _ = self.transforms.flatten(values)
        seen = []
        for i, leaf in enumerate(leaves):
            if registry.owner(type(leaf)) is self.lender:
                leaves[i] = x = self._seen(leaf)
                if x.dtype not in self.known:
                    self._borrowed([leaf], False)
                    self.known.add(x.dtype)
                seen.append(x)
        return together(leaves), seen

    def give_back(self, values: Any, lent: list[Any] | None = None) -> Any:
        """Give a container in which the compiler's arrays are the lender's, complete and writable.

        Parameters
        ----------
        values : container of arrays
            What a transform gave.
        lent : list of arrays, optional
            What a program was given (see `show`), if nobody but the lender can hold what it gave otherwise; by default all is copied.
        """
        if lent is None or self.host is None:
            self.transforms.wait((values, lent))
        leaves, together, _ = self.transforms.flatten(values)
        others = [] if lent is None else list(lent)
        for i, x in enumerate(leaves):
            if registry.owner(type(x)) is self.compiler:
                # The host's array is there when the value is.
                source = x if self.host is None else self.compiler.hook("to_host")(x)
                copy = lent is None or self._is_among(source, others)
                leaves[i] = self.lender.hook("adopt")(source, device=self.device.native, copy=copy)
                others.append(source)
        return together(leaves)

    def _is_among(self, x: Any, others: list[Any]) -> bool:
        """Tell whether an array lies where another one does."""
        alike = [other for other in others if other.nbytes == x.nbytes]
        return bool(alike) and self._address(x) in map(self._address, alike)

    def _address(self, x: Any) -> int:
        own = registry.owner(type(x)) is self.compiler
        found: int = self.transforms.address(x) if own else x.__array_interface__["data"][0]
        return found

    def _borrowed(self, given: list[Any], copy: bool) -> list[Any]:
        """Give arrays of the compiler for those of the lender."""
        sources = [self._seen(x) for x in given]
        try:
            made = self.compiler.hook("borrow")(sources, device=self.home.native, copy=copy)
        except (TypeError, ValueError) as error:
            raise DTypeError(
                f"{self.home} cannot take arrays of {' and '.join(sorted({str(x.dtype) for x in given}))} ({error}); "
                f"call the function without accel.jit, or cast first."
            ) from error
        return [transfer.checked(x, y, self.home) for x, y in zip(given, made, strict=True)]

    def inside(self, fn: Callable[..., Any]) -> Callable[..., Any]:
        """Give a function that creates its arrays on the compiler's device, and takes the lender's for constants."""

        @wraps(fn)
        def traced(*args: Any, **kwargs: Any) -> Any:
            with self.scope():
                return fn(*args, **kwargs)

        return traced

    @contextmanager
    def scope(self) -> Iterator[None]:
        """Enter the loan."""
        token = _current.set(self)
        try:
            with use_device(self.home):
                yield
        finally:
            _current.reset(token)

    def _seen(self, x: Any) -> Any:
        """Give what the compiler can borrow of an array."""
        if self.home.kind != "cpu":
            return x
        source = self.lender.hook("to_host")(x)
        return source if source.dtype.isnative else source.astype(source.dtype.newbyteorder("="))


def constant(values: Any) -> Any:
    """Give a container in which arrays of the lender are constants of the function that is being traced."""
    active = _current.get()
    return values if active is None else active.lend(values, copy=True)


def place(x: Any) -> Device:
    """Give the device of an array; None stands for those on the default device."""
    return placement.default_device() if x is None else placement.device(x)


@lru_cache(maxsize=64)
def loan(lender: registry.Backend, device: Device) -> Loan:
    """Find a compiler for the arrays of a backend on one of its devices.

    Raises
    ------
    BackendUnavailableError
        If no backend here has transforms and sees the memory of the device. The message says what to install.
    """
    if not lends(lender):
        raise BackendUnavailableError(
            f"{lender.name} lends its arrays to no compiler: its backend lacks the hook `adopt`. Move them to one that has transforms "
            f"with accel.to_device(x, ...)."
        )
    # What imitates a GPU computes on the host, and there are its arrays.
    kind, index = ("cpu", 0) if device.emulated or device.kind == "cpu" else (device.kind, device.index)
    reasons = []
    for name in registry.names():
        # A backend is loaded to see what it offers: only if it says that it may have such a device.
        if name == lender.name or kind not in (registry.kinds(name) or ()):
            continue
        try:
            backend = registry.load(name)
            if backend.hook("transforms") is None:
                continue
            return Loan(lender, device, backend, placement.resolve(f"{name}:{kind}:{index}"))
        except AccelError as error:
            reasons.append(str(error))
    raise BackendUnavailableError(" ".join(reasons) or f"No backend compiles for {device}.")


def _forget(_name: str) -> None:
    loan.cache_clear()


registry.withdrawals.append(_forget)


def mixes(classes: Iterable[type]) -> registry.Backend | None:
    """Give the compiler where arrays of the lender stand beside its own, in a function that is being traced by it."""
    active = _current.get()
    if active is None:
        return None
    owners = {backend for cls in classes if (backend := registry.owner(cls)) is not None}
    return active.compiler if owners == {active.lender, active.compiler} else None


def among_constants(call: Callable[..., Any]) -> Callable[..., Any]:
    """Give a function of the compiler that takes arrays of the lender, too."""

    @wraps(call)
    def mixed(*args: Any, **kwargs: Any) -> Any:
        args, kwargs = constant((args, kwargs))
        return call(*args, **kwargs)

    return mixed
