"""Several processes, on one host or many, that compute as one."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from accel.errors import ArgumentError, BackendUnavailableError

__all__ = ["from_parts", "initialize", "process", "shutdown"]

_joined: Any = jax.make_array_from_process_local_data  # without types of their own
_shutdown: Any = jax.distributed.shutdown


def initialize(
    *,
    coordinator_address: str | None,
    num_processes: int | None,
    process_id: int | None,
    local_device_ids: Any,
    timeout: int,
    heartbeat: int,
) -> None:
    try:
        jax.distributed.initialize(
            coordinator_address,
            num_processes,
            process_id,
            local_device_ids,
            initialization_timeout=timeout,
            heartbeat_timeout_seconds=heartbeat,
        )
    except (RuntimeError, ValueError) as error:
        text = str(error).partition("\n")[0].rstrip(".")
        if "should only be called once" in text:
            raise ArgumentError(
                "accel.distributed.initialize was called already; write accel.distributed.shutdown() first."
            ) from error
        if "before any JAX" in text:
            raise ArgumentError(
                "accel.distributed.initialize must come before the first use of JAX's devices: move it to the start of the program."
            ) from error
        if isinstance(error, ValueError):
            raise ArgumentError(
                f"accel.distributed.initialize got too little to go by ({text}); write the address of process 0 with a free port, the "
                f"number of processes, and the number of this one."
            ) from error
        raise BackendUnavailableError(
            f"The {num_processes} processes did not find each other at {coordinator_address} within {timeout} s ({text}); see that each "
            f"of them runs and can reach that address."
        ) from error


def shutdown() -> None:
    _shutdown()


def process() -> tuple[int, int]:
    if not jax.distributed.is_initialized():
        return 0, 1
    return jax.process_index(), jax.process_count()


def from_parts(part: Any, /, *, device: Any) -> Any:
    return _joined(device, np.asarray(part))
