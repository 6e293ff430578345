"""What a call needs: how far the memory of the process rises above what it was before, at its highest."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

__all__ = ["ENVIRONMENT", "growth"]

ENVIRONMENT = {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536"}
"""With which glibc gives large blocks back at once, so that each call asks the system for them."""

PROCESS = Path("/proc/self")


def growth(call: Callable[[], Any]) -> float | None:
    """Weigh a call whose libraries are warm, its result included: the rise of the resident memory's high-water mark, in bytes.

    The kernel keeps that mark, so it counts what every library takes, and nothing that was taken and given back before. Elsewhere than
    on Linux it cannot be set back: None.
    """
    if not (PROCESS / "clear_refs").exists():
        return None
    for _ in range(2):
        call()
    rises = []
    for _ in range(3):
        time.sleep(0.05)  # XLA gives back in another thread, a little later
        ctypes.CDLL(None).malloc_trim(0)
        (PROCESS / "clear_refs").write_text("5")  # the high-water mark starts anew
        before = _status("VmRSS")
        result = call()
        rises.append(_status("VmHWM") - before)
        del result
    return median(rises)


def _status(key: str) -> float:
    for line in (PROCESS / "status").read_text().splitlines():
        if line.startswith(key):
            return 1024.0 * int(line.split()[1])
    raise KeyError(key)
