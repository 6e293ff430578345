"""The device an op runs on: the one asked for, or the one that holds its arrays.

CuPy launches on the *current* device and the current stream of that device, whatever the arrays say. With one GPU the two are
always the same and nothing here takes part. With several, `guard` wraps every public function so that it runs where its arrays
are and refuses arrays of two devices. Streams are left alone: work is queued on the stream that is current on that device, so it
follows what the caller queued there before, and nothing here waits for the host.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from operator import index
from typing import Any

import cupy as cp

from accel.errors import DeviceNotFoundError, MixedDevicesError

__all__ = ["guard", "native", "on"]

NOWHERE: AbstractContextManager[Any] = nullcontext()


def native(device: Any) -> Any:
    """Give the ``cupy.cuda.Device`` that is meant by one, by its number, or by None (the current one)."""
    if device is None:
        return cp.cuda.Device()
    if isinstance(device, cp.cuda.Device):
        return device
    count = cp.cuda.runtime.getDeviceCount()
    known = "0" if count == 1 else f"0 to {count - 1}"
    try:
        number = index(device)
    except TypeError:
        raise DeviceNotFoundError(
            f"{device!r} is no CuPy device; write cupy.cuda.Device({known}) or its number."
        ) from None
    if not 0 <= number < count:
        raise DeviceNotFoundError(f"There is no CuPy device {number}; known here: {known}.")
    return cp.cuda.Device(number)


def on(device: Any) -> AbstractContextManager[Any]:
    """Enter a device for the length of a ``with`` block; None stays where it is."""
    entered: AbstractContextManager[Any] = NOWHERE if device is None else native(device)
    return entered


def guard(namespace: dict[str, Any], names: Iterable[str]) -> None:
    """Wrap functions of a namespace so that each runs on the device of its arrays.

    Parameters
    ----------
    namespace : dict
        The ``globals()`` of a backend module; written to.
    names : iterable of str
        Which of its entries to wrap.
    """
    for name in names:
        namespace[name] = guarded(namespace[name])


def guarded(function: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap one function so that it runs on the device of its arrays.

    Raises
    ------
    MixedDevicesError
        When called with arrays of two devices.
    """

    @functools.wraps(function)
    def there(*args: Any, **kwargs: Any) -> Any:
        home = None
        for value in (*args, *kwargs.values()):
            for x in value if type(value) in (list, tuple) else (value,):
                if type(x) is not cp.ndarray:
                    continue
                if home is None:
                    home = x.device
                elif x.device != home:
                    raise MixedDevicesError(
                        f"{getattr(function, '__name__', 'This op')} got arrays on {home} and {x.device}; "
                        f"write accel.to_device(x, like=y) to bring them together."
                    )
        if home is None:
            return function(*args, **kwargs)
        with home:
            return function(*args, **kwargs)

    return there
