"""Arrays between backends and devices: explicit moves, without a copy where both sides see the memory."""

from __future__ import annotations

from functools import partial
from typing import Any

import accel.accounting as accounting
import accel.registry as registry
from accel.dtype import name_of
from accel.errors import AccelError, ArgumentError, DTypeError, TransferError, UnknownArrayError
from accel.placement import SEVERAL, Device, device, fits, resolve, resolve_beside

__all__ = ["to_device", "to_numpy"]

HOST = "numpy"
"""The exchange format of staged moves: the arrays of accel's one hard dependency. The only backend that core knows by name."""

ALLOW = "write copy=None to allow the copy."

REFUSALS = (BufferError, TypeError, ValueError, RuntimeError, NotImplementedError)
"""What libraries raise when they will not take an array by DLPack; a staged move follows."""


def to_device(x: Any, /, device: Any = None, *, like: Any = None, copy: bool | None = None) -> Any:
    """Give an array with the same values on another device or backend.

    Parameters
    ----------
    x : array
        Array of any backend.
    device : str, Device, or native device object, optional
        Where to. Exactly one of ``device`` and ``like`` is needed. A name that fits the device of ``x`` as far as it goes means
        "stay": ``"gpu"`` for an array on any GPU, ``"jax"`` for any array of JAX.
    like : array, optional
        The result has the backend and the device of this array.
    copy : bool, optional
        True: the result shares no memory with ``x``. False: never copy, raise if that is impossible. None: copy only where
        the two sides cannot share memory safely.

    Returns
    -------
    array, shape and dtype of x
        On the device asked for; ``x`` itself if it is there already and ``copy`` is not True. The result can share memory with
        ``x`` unless ``copy=True``; do not write to either then. The byte order is the machine's, except within NumPy.

    Raises
    ------
    UnknownArrayError
        If no backend owns ``x``.
    DeviceNotFoundError
        If nothing usable has that name.
    DTypeError
        If the other backend has no such dtype.
    TransferError
        If ``copy=False`` and the move needs a copy, or `accel.transfers` forbids it.

    Notes
    -----
    Between two backends on one kind of device the array goes by DLPack, which orders the streams; elsewhere it is staged through
    host memory. Values and dtype never change: 64-bit data stay 64 bits wide.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.to_device(numpy.asarray([1.0, 2.0]), "numpy")
    array([1., 2.])
    """
    source = registry.owner(type(x))
    if source is None:
        raise UnknownArrayError(
            f"accel.to_device moves arrays, got {type(x).__name__}; write accel.asarray(x, device=...)."
        )
    return move("accel.to_device", x, source, _target(x, device, like, source), copy)


def move(call: str, x: Any, source: registry.Backend, target: Device, copy: bool | None) -> Any:
    """Move an array to a device, for a call of the program that is to be named if the move is noted or forbidden."""
    if accounting.watched():
        return accounting.moved(call, x, device(x), target, partial(_move, x, source, target, copy))
    return _move(x, source, target, copy)


def _move(x: Any, source: registry.Backend, target: Device, copy: bool | None) -> Any:
    try:
        if target.backend == source.name:
            return _within(x, source, target, copy)
        return _across(x, source, target, copy)
    except Exception as error:
        _explain(error, x, source, target)
        raise


def _target(x: Any, asked: Any, like: Any, source: registry.Backend) -> Device:
    if (asked is None) == (like is None):
        raise ArgumentError("accel.to_device takes either a device or like=array, and needs one of them.")
    if like is not None:
        if registry.owner(type(like)) is None:
            raise UnknownArrayError(
                f"accel.to_device takes an array in like, got {type(like).__name__}; name a device in device."
            )
        return device(like)
    here = device(x)
    return here if isinstance(asked, str) and fits(asked, here) else resolve_beside(asked, source)


def _explain(error: Exception, x: Any, source: registry.Backend, target: Device) -> None:
    """Raise accel's error for what a library raised during a move, or return to let it pass."""
    if isinstance(error, AccelError):
        return
    for backend in (registry.load(target.backend), source):
        translate = backend.hook("translate")
        translated = None if translate is None else translate(error)
        if translated is error:
            return
        if translated is not None:
            raise translated from error
    reason = str(error).partition("\n")[0]
    raise TransferError(
        f"The array of {x.dtype} on {device(x)} cannot be moved to {target}: {reason}"
    ) from error


def _within(x: Any, backend: registry.Backend, target: Device, copy: bool | None) -> Any:
    """Move between two devices of one backend."""
    here = device(x)
    if here == target:
        return backend.namespace.asarray(x, copy=True) if copy else x
    if copy is False:
        raise TransferError(f"{here} and {target} do not share memory; {ALLOW}")
    put = backend.hook("put")
    if put is not None:
        return put(x, device=target.native, copy=copy)
    return x.to_device(target.native)


def _across(x: Any, source: registry.Backend, target: Device, copy: bool | None) -> Any:
    """Move between two backends."""
    backend = registry.load(target.backend)
    here = device(x)
    if copy is False and here.kind != target.kind:
        raise TransferError(f"{here} and {target} do not share memory; {ALLOW}")
    if here.kind == target.kind != "cpu" and not (here.emulated or target.emulated):
        try:
            return checked(x, backend.namespace.from_dlpack(x, device=target.native, copy=copy), target)
        except REFUSALS as error:
            if copy is False:
                raise TransferError(
                    f"{here} and {target} cannot share this array ({error}); {ALLOW}"
                ) from error
    host = to_numpy(x, copy=False if copy is False else None)
    if not host.dtype.isnative:
        if copy is False:
            raise TransferError(f"Only NumPy keeps the byte order {host.dtype.str}; {ALLOW}")
        host = host.astype(host.dtype.newbyteorder("="))
    receive = backend.hook("from_host") or backend.namespace.asarray
    try:
        made = receive(host, device=target.native, copy=copy)
    except (TypeError, ValueError) as error:
        if isinstance(error, AccelError) and not isinstance(error, DTypeError):
            raise
        if copy is False:
            raise TransferError(f"{target} cannot share this array ({error}); {ALLOW}") from error
        raise DTypeError(_no_such_dtype(x, target)) from error
    return checked(x, made, target)


def checked(x: Any, made: Any, target: Device) -> Any:
    """Pass what arrived on, unless the library put another dtype in the place of one it has not."""
    if name_of(made.dtype) != name_of(x.dtype):
        raise DTypeError(f"{_no_such_dtype(x, target)} It would have made {name_of(made.dtype)} of it.")
    return made


def _no_such_dtype(x: Any, target: Device) -> str:
    return f"{target} has no dtype {name_of(x.dtype)}; cast to one that it has with accel.astype first."


def to_numpy(x: Any, /, *, copy: bool | None = None) -> Any:
    """Give the values of an array as a ``numpy.ndarray``.

    Parameters
    ----------
    x : array
        Array of any backend.
    copy : bool, optional
        True: always new memory, which may be written to. False: never copy, raise if that is impossible. None: share memory
        where the host sees it; such a result can be read-only.

    Returns
    -------
    numpy.ndarray, shape and dtype of x
        Complete when the call returns: pending work on ``x`` is waited for.

    Raises
    ------
    UnknownArrayError
        If no backend owns ``x``.
    TransferError
        If ``copy=False`` and the array lies where the host cannot see it, or `accel.transfers` forbids the move.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.to_numpy(numpy.asarray([1.0, 2.0]))
    array([1., 2.])
    """
    source = registry.owner(type(x))
    if source is None:
        raise UnknownArrayError(
            f"accel.to_numpy takes an array, got {type(x).__name__}; write accel.asarray(x) first."
        )
    if accounting.watched():
        here, host = device(x), resolve(HOST)
        return accounting.moved(
            f"accel.{to_numpy.__name__}", x, here, host, partial(on_host, x, source, copy)
        )
    return on_host(x, source, copy)


def on_host(x: Any, source: registry.Backend, copy: bool | None) -> Any:
    host = registry.load(HOST)
    here = device(x)
    if copy is False and (here.kind != "cpu" or here.index == SEVERAL):
        raise TransferError(f"{here} and the host do not share memory; {ALLOW}")
    fetch = source.hook("to_host")
    try:
        if fetch is None:
            return host.namespace.from_dlpack(x, copy=copy)
        values = fetch(x)
        return values.copy("K") if copy else values
    except Exception as error:
        if copy is False and isinstance(error, REFUSALS) and not isinstance(error, AccelError):
            raise TransferError(f"NumPy cannot share this array ({error}); {ALLOW}") from error
        _explain(error, x, source, resolve(HOST))
        raise
