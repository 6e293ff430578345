"""Several processes, on one host or on many, whose devices make up one mesh.

Each process runs the same program. After `initialize`, `accel.mesh` lays out the devices of all of them, and `accel.shard`,
`accel.gather` and whatever computes with divided arrays must be called by every process, in the same order. Device names go on
meaning the devices of the process that asks.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from typing import Any

import accel.registry as registry
import accel.sharding as sharding
from accel.errors import (
    ArgumentError,
    BackendUnavailableError,
    MixedBackendsError,
    ShapeError,
    UnknownArrayError,
)
from accel.registry import Backend
from accel.sharding import Mesh

__all__ = ["from_parts", "initialize", "process_count", "process_index", "shutdown"]

_joined: list[Backend] = []
"""The backend whose processes were joined, if any."""


def initialize(
    coordinator_address: str | None = None,
    num_processes: int | None = None,
    process_id: int | None = None,
    *,
    local_device_ids: int | Sequence[int] | None = None,
    timeout: int = 300,
    heartbeat: int = 100,
) -> None:
    """Join this process with the others; to be called before anything is computed.

    Parameters
    ----------
    coordinator_address : str, optional
        Host and port at which process 0 can be reached, such as ``"10.0.0.1:1234"``. On TPU pods and under Slurm or Open MPI this
        and the next two are found out.
    num_processes : int, optional
        How many processes there are.
    process_id : int, optional
        Which of them this is, from 0.
    local_device_ids : int or sequence of int, optional
        Which GPUs of the host belong to this process; by default all, or the one that Slurm or Open MPI gave it.
    timeout : int
        How long to wait for the others, in seconds.
    heartbeat : int
        After how many seconds without a sign of life a process counts as dead; JAX's runtime then ends the others.

    Raises
    ------
    ArgumentError
        If the numbers do not fit, this was called before, or the devices are in use already.
    BackendUnavailableError
        If no backend can join processes, or process 0 cannot be reached in time.

    Notes
    -----
    It is JAX's (``jax.distributed.initialize``). Processes that compute on CPUs talk to each other by Gloo, GPUs by NCCL. Where process
    0 waits in vain for another one, JAX's runtime ends it with the words DEADLINE_EXCEEDED and the log of a crash: no error of
    Python's can be made of that.

    Examples
    --------
    >>> import accel
    >>> accel.distributed.initialize("10.0.0.1:1234", 16, 3)  # doctest: +SKIP
    """
    if num_processes is not None and (type(num_processes) is not int or num_processes < 1):
        raise ArgumentError(
            f"accel.distributed.initialize needs at least one process, got num_processes={num_processes!r}."
        )
    if process_id is not None and (
        type(process_id) is not int or not 0 <= process_id < (num_processes or process_id + 1)
    ):
        last = "" if num_processes is None else f" to {num_processes - 1}"
        raise ArgumentError(
            f"accel.distributed.initialize numbers the processes from 0{last}, got process_id={process_id!r}."
        )
    if coordinator_address is not None:
        _check_address(coordinator_address)
    if _joined:
        raise ArgumentError(
            "accel.distributed.initialize was called already; write accel.distributed.shutdown() first."
        )
    backend = _able()
    if coordinator_address is not None and process_id:
        timeout = _reach(coordinator_address, timeout)
    backend.hook("initialize")(
        coordinator_address=coordinator_address,
        num_processes=num_processes,
        process_id=process_id,
        local_device_ids=local_device_ids,
        timeout=timeout,
        heartbeat=heartbeat,
    )
    _joined.append(backend)


def _check_address(address: Any) -> None:
    host, _, port = address.rpartition(":") if isinstance(address, str) else ("", "", "")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise ArgumentError(
            f"accel.distributed.initialize takes host and port of process 0, such as '10.0.0.1:1234', got {address!r}."
        )


def _reach(address: str, timeout: int) -> int:
    """Wait until process 0 listens, and give the seconds that are left: JAX's runtime would end this process if it never did."""
    host, _, port = address.rpartition(":")
    end = time.monotonic() + timeout
    while True:
        try:
            socket.create_connection(
                (host.strip("[]"), int(port)), timeout=max(end - time.monotonic(), 0.1)
            ).close()
            return max(int(end - time.monotonic()), 1)
        except OSError as error:
            if time.monotonic() >= end:
                raise BackendUnavailableError(
                    f"accel.distributed.initialize found nobody at {address} within {timeout} s ({error}); see that process 0 runs there and "
                    f"can be reached."
                ) from error
        time.sleep(0.1)


def _able() -> Backend:
    """Find the backend that can join processes."""
    for name in registry.names():
        # Whoever serves CPUs, GPUs and TPUs is asked before a library is loaded that has one kind of device.
        if len(registry.kinds(name) or ()) != 1 and registry.failure(name) is None:
            backend = registry.load(name)
            if backend.hook("initialize") is not None:
                return backend
    raise BackendUnavailableError(
        "accel.distributed needs a backend that can join processes, and none is installed; pip install 'accel-xp[jax]'."
    )


def shutdown() -> None:
    """Part from the other processes; waits until all of them do. Does nothing where they were not joined."""
    while _joined:
        _joined.pop().hook("shutdown")()


def process_index() -> int:
    """Give the number of this process, from 0; 0 where no processes were joined."""
    return _process()[0]


def process_count() -> int:
    """Give the number of processes; 1 where none were joined."""
    return _process()[1]


def _process() -> tuple[int, int]:
    if not _joined:
        return 0, 1
    found: tuple[int, int] = _joined[0].hook("process")()
    return found


def from_parts(part: Any, spec: Any, *, mesh: Mesh | None = None) -> Any:
    """Make one array of the parts that the processes have, such as the part of a batch that each has read.

    Parameters
    ----------
    part : array
        The rows of this process, in the order of the processes: the part that its devices are to get.
    spec : tuple of (str, tuple of str, or None)
        As in `accel.shard`.
    mesh : Mesh, optional
        By default that of `accel.use_mesh`.

    Returns
    -------
    array, dtype of part
        The whole, divided as the spec says. In one process ``accel.shard(part, spec)``.

    Raises
    ------
    ArgumentError, ShapeError, MixedBackendsError, UnknownArrayError
        As `accel.shard`.

    Examples
    --------
    >>> import numpy, accel
    >>> mesh = accel.mesh(1, "data", devices="numpy")
    >>> accel.distributed.from_parts(numpy.asarray([1.0, 2.0]), ("data",), mesh=mesh)
    array([1., 2.])
    """
    call = "accel.distributed.from_parts"
    chosen = sharding.mesh_for(call, mesh)
    if process_count() == 1 or chosen.size == 1:
        return sharding.shard(part, spec, mesh=chosen)
    backend = registry.owner(type(part))
    if backend is None:
        raise UnknownArrayError(
            f"{call} takes an array, got {type(part).__name__}; write accel.asarray(part) first."
        )
    place = chosen.device(spec)
    if backend.name != chosen.backend:
        raise MixedBackendsError(
            f"{call} got an array of {backend.name} and a mesh of {chosen}, and accel never moves data by itself; write "
            f"accel.to_device(part, '{chosen.backend}')."
        )
    try:
        return backend.hook("from_parts")(part, device=place.native)
    except ValueError as error:
        raise ShapeError(
            f"{call} cannot make one array of parts of shape {tuple(part.shape)} by the spec {spec} on the mesh {chosen}: {error}"
        ) from error
