"""Transfers: which data move between devices, where in the program, and whether they may."""

from __future__ import annotations

import linecache
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import Any

import accel.registry as registry
from accel.dtype import name_of
from accel.errors import AccelError, ArgumentError, TransferError

__all__ = ["Record", "Transfer", "transfers"]

MODES = ("forbid", "log", "allow")

EXPLICIT, IMPLICIT, SYNCHRONISATION = KINDS = ("explicit", "implicit", "synchronisation")


@dataclass(frozen=True)
class Transfer:
    """One move of data.

    Attributes
    ----------
    kind : str
        ``"explicit"``: the program asked for it (`accel.to_numpy`, `accel.to_device`, ``accel.asarray(..., device=...)``).
        ``"implicit"``: a conversion made it (``float(x)``, ``numpy.asarray(x)``). ``"synchronisation"``: no data but the host had to
        wait for the device, to learn how large a result is.
    call : str
        What was called.
    dtype, shape, nbytes : str, tuple of int, int
        What was moved.
    source, target : str
        Names of the devices.
    file, line : str, int
        The line of the program, outside of accel and of the array libraries.
    """

    kind: str
    call: str
    dtype: str
    shape: tuple[int, ...]
    nbytes: int
    source: str
    target: str
    file: str
    line: int

    @property
    def where(self) -> str:
        """The line of the program, as ``file:line``; relative to the working directory if it lies below."""
        here = os.getcwd() + os.sep
        return f"{self.file.removeprefix(here)}:{self.line}"

    @property
    def code(self) -> str:
        """The source text of that line, empty where it is not to be had."""
        return linecache.getline(self.file, self.line).strip()

    def __str__(self) -> str:
        return f"{self.call} at {self.where}: {self.nbytes} bytes from {self.source} to {self.target}, {self.kind}"


class Record:
    """What was moved inside a ``with accel.transfers(...)`` block, in order; a sequence of `Transfer`."""

    def __init__(self) -> None:
        self.entries: list[Transfer] = []

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Iterator[Transfer]:
        return iter(tuple(self.entries))

    def __getitem__(self, position: int) -> Transfer:
        return self.entries[position]

    def __repr__(self) -> str:
        return f"<{len(self)} transfers, {self.nbytes} bytes>"

    @property
    def nbytes(self) -> int:
        """All bytes together."""
        return sum(entry.nbytes for entry in self)

    def of(self, *kinds: str) -> tuple[Transfer, ...]:
        """List the transfers of some kinds: ``record.of("implicit", "synchronisation")`` are the hidden ones."""
        return tuple(entry for entry in self if entry.kind in kinds)

    def __str__(self) -> str:
        heads = ("times", "bytes", "kind", "call", "dtype", "shape", "from", "to", "where", "")
        lines: list[tuple[str, ...]] = [heads]
        for entry, times in Counter(self).items():
            moved = (entry.kind, entry.call, entry.dtype, str(entry.shape), entry.source, entry.target)
            lines.append((str(times), f"{times * entry.nbytes:,}", *moved, entry.where, entry.code))
        widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
        shown = [
            "  ".join(
                text.rjust(width) if column < 2 else text.ljust(width)
                for column, (text, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        ]
        total = f"{len(self)} transfers, {self.nbytes:,} bytes"
        return "\n".join([total, *shown]) if len(self) else "no transfers"


@dataclass(frozen=True)
class _Scope:
    mode: str
    explicit: bool
    record: Record


_scopes: ContextVar[tuple[_Scope, ...]] = ContextVar("accel_transfers", default=())


@contextmanager
def transfers(mode: str, /, *, explicit: bool = False) -> Iterator[Record]:
    """Forbid, log or allow moves of data between host and device, and between devices, inside a ``with`` block.

    What is looked for are hidden moves, so ``"forbid"`` lets pass what the program asks for by name (`accel.to_numpy`,
    `accel.to_device`, `accel.asarray`, `accel.from_dlpack` and ``astype`` with a device), as ``jax.transfer_guard("disallow")`` does;
    ``explicit=True`` forbids these, too. A call that finds the data in place already moves nothing and is never forbidden.

    Parameters
    ----------
    mode : str
        ``"forbid"``: a move raises TransferError before anything is moved. ``"log"``: moves are noted. ``"allow"``: neither; for
        the one move that is meant inside a block that forbids or logs.
    explicit : bool, default False
        With ``"forbid"``: whether moves that the program asks for are forbidden as well.

    Returns
    -------
    context manager
        Gives a `Record`: a sequence of `Transfer`, whose ``str`` is a table. With ``"forbid"`` it holds the explicit moves that passed,
        with ``"allow"`` nothing.

    Raises
    ------
    ArgumentError
        If there is no such mode, or ``explicit`` is given with another than ``"forbid"``.
    TransferError
        Inside the block: what would move, from where to where, and at which line of the program.

    Notes
    -----
    The block belongs to the current thread or async task. The innermost one decides; each one that logs or forbids notes what
    was moved inside it, but for what an inner ``"allow"`` covers.

    Implicit moves are made by the arrays themselves, and what can be seen of them depends on the library:

    - the accounting backend of `accel.testing` shows all of them, on any machine;
    - JAX's own transfer guard is in force inside ``"forbid"`` for what leaves a device. It works on GPUs and TPUs; on the CPU JAX
      guards no move to the host. Moves to a device are left to the accounting backend, since JAX's guard takes its own
      scalars, slices and zeros (``x + 1``, ``x[0]``) for such;
    - CuPy refuses ``numpy.asarray(x)`` at all times; ``float(x)`` and ``x.item()`` cannot be seen there.

    Examples
    --------
    >>> import numpy, accel
    >>> with accel.transfers("log") as moved:
    ...     same = accel.to_numpy(numpy.asarray([1.0, 2.0]))  # it is there already
    >>> print(moved)
    no transfers
    """
    if mode not in MODES:
        raise ArgumentError(f"accel.transfers takes 'forbid', 'log' or 'allow', got {mode!r}.")
    if explicit and mode != "forbid":
        raise ArgumentError(f"accel.transfers takes explicit=True with 'forbid' alone, got {mode!r}.")
    scope = _Scope(mode, explicit, Record())
    around = () if mode == "allow" else _scopes.get()
    token = _scopes.set((*around, scope))
    try:
        with _native(mode, explicit=explicit):
            yield scope.record
    except AccelError:
        raise
    except Exception as error:
        _explain(error)
        raise
    finally:
        _scopes.reset(token)


@contextmanager
def _native(mode: str, *, explicit: bool) -> Iterator[None]:
    """Set the libraries' own guards."""
    with ExitStack() as guards:
        for backend in registry.loaded():
            enter = backend.hook("transfers")
            if enter is not None:
                guards.enter_context(enter("forbid" if mode == "forbid" else "allow", explicit=explicit))
        yield


def _explain(error: Exception) -> None:
    """Raise accel's error for the one of a library's own guard, or return to let it pass."""
    for backend in registry.loaded():
        translate = backend.hook("translate") if backend.hook("transfers") is not None else None
        translated = None if translate is None else translate(error)
        if isinstance(translated, TransferError):
            raise translated from error


# For those who move data


def watched() -> bool:
    """Tell whether anyone forbids or notes moves here; where not, nobody needs to work out what moves."""
    return bool(_scopes.get())


@contextmanager
def lifted() -> Iterator[None]:
    """Let pass, and note nowhere, what accel itself does to make a move that has been looked at already."""
    token = _scopes.set(())
    try:
        with _native("allow", explicit=False):
            yield
    finally:
        _scopes.reset(token)


def moved(call: str, x: Any, source: Any, target: Any, move: Callable[[], Any]) -> Any:
    """Make a move that the program asked for, if it may be made, and note it.

    Parameters
    ----------
    call : str
        What the program called.
    x : array or host object
        What is to be moved.
    source, target : Device or str
        From where to where; nothing is moved if they are equal.
    move : callable
        Makes the move and gives the array that results.
    """
    moves = source != target
    if moves:
        _check(EXPLICIT, call, _described(x), source, target)
    with lifted():
        result = move()
    if moves:
        _enter(EXPLICIT, call, x if _is_array(x) else result, source, target)
    return result


def moving(call: str, function: Callable[..., Any], x: Any, source: Any, target: Any) -> Callable[..., Any]:
    """Give a function that moves ``x`` as one that asks first, and notes it; see `moved`."""
    return lambda *args, **kwargs: moved(call, x, source, target, partial(function, *args, **kwargs))


def implicit(call: str, x: Any, source: Any, target: Any) -> None:
    """Note a move that a conversion is about to make, or raise TransferError where it may not."""
    if _scopes.get():
        _check(IMPLICIT, call, _described(x), source, target)
        _enter(IMPLICIT, call, x, source, target)


def synchronised(call: str, size: Any, source: Any, target: Any) -> None:
    """Note that the host is about to wait for a size, given as an array of it, or raise TransferError where it may not."""
    if _scopes.get():
        _check(SYNCHRONISATION, call, "", source, target)
        _enter(SYNCHRONISATION, call, size, source, target)


FIXES = {
    EXPLICIT: 'write `with accel.transfers("allow"):` around it if it is meant',
    IMPLICIT: "compute where the data are, or move them by name (accel.to_numpy, accel.to_device)",
    SYNCHRONISATION: 'keep the shape (accel.where), or write `with accel.transfers("allow"):` around it',
}


def _check(kind: str, call: str, data: str, source: Any, target: Any) -> None:
    scope = _scopes.get()[-1:]
    if not scope or scope[0].mode != "forbid" or (kind == EXPLICIT and not scope[0].explicit):
        return
    file, line = _caller()
    where = Transfer(kind, call, "", (), 0, "", "", file, line).where
    what = (
        f"would make {target} wait for {source}, since the shape of its result depends on values"
        if kind == SYNCHRONISATION
        else f"would move {data} from {source} to {target}"
    )
    raise TransferError(f'{call} {what}, inside accel.transfers("forbid") at {where}; {FIXES[kind]}.')


def _enter(kind: str, call: str, x: Any, source: Any, target: Any) -> None:
    dtype, shape = name_of(x.dtype), tuple(x.shape)
    entry = Transfer(
        kind, call, dtype, shape, prod(shape) * _itemsize(dtype), str(source), str(target), *_caller()
    )
    for scope in _scopes.get():
        if scope.mode != "allow":
            scope.record.entries.append(entry)


def _caller() -> tuple[str, int]:
    """Find the line of the program that is being run: the innermost outside of accel, the array libraries and Python itself."""
    inside = {"accel", *sys.stdlib_module_names}
    for backend in registry.loaded():
        inside |= {backend.name, backend.namespace.__name__.partition(".")[0]}
    frame: Any = sys._getframe(1)
    while frame is not None:
        file = frame.f_code.co_filename
        module = frame.f_globals.get("__name__") or ""
        # The generated functions have no module.
        if module.partition(".")[0] not in inside and not file.startswith("<accel."):
            return file, frame.f_lineno
        frame = frame.f_back
    return "<unknown>", 0


def _is_array(x: Any) -> bool:
    return hasattr(x, "dtype") and hasattr(x, "shape")


def _described(x: Any) -> str:
    if not _is_array(x):
        return f"a {type(x).__name__}" + (f" of {len(x)} items" if isinstance(x, list | tuple) else "")
    dtype, shape = name_of(x.dtype), tuple(x.shape)
    return f"an array of {dtype} and shape {shape}, {prod(shape) * _itemsize(dtype):,} bytes,"


def _itemsize(dtype: str) -> int:
    """Give the bytes of an element, which the name of a dtype tells in every library."""
    bits = re.search(r"\d+$", dtype)
    return int(bits[0]) // 8 if bits else 1
