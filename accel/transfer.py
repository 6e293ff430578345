"""Arrays between backends and devices: explicit moves, without a copy where both sides see the memory."""

from __future__ import annotations

from typing import Any

import accel.registry as registry
from accel.errors import ArgumentError, DTypeError, TransferError, UnknownArrayError
from accel.placement import Device, device, resolve

__all__ = ["to_device", "to_numpy"]

HOST = "numpy"
"""The exchange format of staged moves: the arrays of accel's one hard dependency. The only backend that core knows by name."""

REFUSALS = (BufferError, TypeError, ValueError, RuntimeError, NotImplementedError)
"""What libraries raise when they will not take an array by DLPack; a staged move follows."""


def to_device(x: Any, /, device: Any = None, *, like: Any = None, copy: bool | None = None) -> Any:
    """Give an array with the same values on another device or backend.

    Parameters
    ----------
    x : array
        Array of any backend.
    device : str, Device, or native device object, optional
        Where to. Exactly one of ``device`` and ``like`` is needed.
    like : array, optional
        The result has the backend and the device of this array.
    copy : bool, optional
        True: the result shares no memory with ``x``. False: never copy, raise if that is impossible. None: copy only where
        the two sides cannot share memory safely.

    Returns
    -------
    array, shape and dtype of x
        On the device asked for. It can share memory with ``x`` unless ``copy=True``; do not write to either then.

    Raises
    ------
    UnknownArrayError
        If no backend owns ``x``.
    DeviceNotFoundError
        If nothing usable has that name.
    DTypeError
        If the other backend has no such dtype.
    TransferError
        If ``copy=False`` and the move needs a copy.

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
    target = _target(device, like, source)
    if target.backend == source.name:
        return _within(x, source, target, copy)
    return _across(x, source, target, copy)


def _target(asked: Any, like: Any, source: registry.Backend) -> Device:
    if (asked is None) == (like is None):
        raise ArgumentError("accel.to_device takes either a device or like=array, and needs one of them.")
    if like is not None:
        return device(like)
    if isinstance(asked, str) and ":" not in asked and asked not in registry.names():
        # "gpu" for an array that is on a GPU already means "stay", whichever backend a bare "gpu" would otherwise pick.
        here = [d for d in _own_devices(source) if d.kind == asked]
        if here:
            return here[0]
    return resolve(asked)


def _own_devices(backend: registry.Backend) -> tuple[Device, ...]:
    from accel.placement import listed

    return listed(backend)


def _within(x: Any, backend: registry.Backend, target: Device, copy: bool | None) -> Any:
    """Move between two devices of one backend."""
    if device(x) == target:
        return backend.namespace.asarray(x, copy=True) if copy else x
    if copy is False:
        raise TransferError(
            f"{device(x)} and {target} do not share memory; write copy=None to allow the copy."
        )
    put = backend.hook("put")
    if put is not None:
        return put(x, device=target.native, copy=copy)
    return x.to_device(target.native)


def _across(x: Any, source: registry.Backend, target: Device, copy: bool | None) -> Any:
    """Move between two backends."""
    backend = registry.load(target.backend)
    here = device(x)
    if here.kind == target.kind != "cpu":
        try:
            return backend.namespace.from_dlpack(x, device=target.native, copy=copy)
        except REFUSALS as error:
            if copy is False:
                raise TransferError(f"{here} and {target} cannot share this array: {error}") from error
    elif here.kind != target.kind and copy is False:
        raise TransferError(f"{here} and {target} do not share memory; write copy=None to allow the copy.")
    host = to_numpy(x, copy=False if copy is False else None)
    receive = backend.hook("from_host")
    try:
        if receive is not None:
            made = receive(host, device=target.native, copy=copy)
        else:
            made = backend.namespace.asarray(host, device=target.native, copy=copy)
    except TransferError:
        raise
    except (TypeError, ValueError) as error:
        if copy is False:
            raise TransferError(f"{target.backend} cannot share this array: {error}") from error
        raise DTypeError(f"{target.backend} cannot hold {x.dtype}: {error}") from error
    if str(made.dtype).rpartition(".")[2] != str(x.dtype).rpartition(".")[2]:
        raise TransferError(f"{target.backend} gave {made.dtype} for {x.dtype}; the values were not moved.")
    return made


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
        If ``copy=False`` and the array lies where the host cannot see it.

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
    host = registry.load(HOST)
    if copy is False and device(x).kind != "cpu":
        raise TransferError(
            f"{device(x)} and the host do not share memory; write copy=None to allow the copy."
        )
    fetch = source.hook("to_host")
    values = fetch(x) if fetch is not None else host.namespace.from_dlpack(x)
    return host.namespace.asarray(values, copy=copy)
