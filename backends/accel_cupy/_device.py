"""The device an op runs on: the one asked for, or the one that holds its arrays.

CuPy launches on the *current* device and on the stream that is current there, whatever the arrays say. With one GPU the two are
always the same, and nothing here takes part. With several, `guard` wraps every public function so that it runs where its arrays are
and refuses arrays of two devices. Streams stay the caller's: work is queued on the current stream of that device, after what the
caller queued there before, and nothing here waits for the host. A `move` is ordered after the work on either side.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from operator import index
from typing import Any

import cupy as cp

from accel.errors import DeviceNotFoundError, MixedDevicesError

__all__ = ["guard", "guarded", "move", "native", "on", "several"]

HERE: AbstractContextManager[Any] = nullcontext()


def several() -> bool:
    """Tell whether there is more than one device; a machine without a driver has none."""
    try:
        return bool(cp.cuda.runtime.getDeviceCount() > 1)
    except cp.cuda.runtime.CUDARuntimeError:
        return False


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
            f"{device!r} is no CuPy device; write its number ({known}) or cupy.cuda.Device(number)."
        ) from None
    if not 0 <= number < count:
        raise DeviceNotFoundError(f"There is no CuPy device {number}; the numbers here are {known}.")
    return cp.cuda.Device(number)


def on(device: Any) -> AbstractContextManager[Any]:
    """Enter a device for the length of a ``with`` block; None stays where it is."""
    entered: AbstractContextManager[Any] = HERE if device is None else native(device)
    return entered


def move(x: Any, device: Any) -> Any:
    """Copy an array to a device, after all that was queued there and where it comes from, and before all that is queued later."""
    target = native(device)
    with x.device:
        whole = cp.ascontiguousarray(x).reshape(x.shape)
        source = cp.cuda.get_current_stream()
        made = source.record()
    with target:
        stream = cp.cuda.get_current_stream()
        stream.wait_event(made)
        moved = whole.copy()
        read = stream.record()
    with x.device:
        source.wait_event(read)
    return moved


def guard(namespace: dict[str, Any]) -> None:
    """Wrap the public functions of a namespace so that each runs on the device of its arrays.

    Parameters
    ----------
    namespace : dict
        The ``globals()`` of a backend module; written to.
    """
    for name, value in list(namespace.items()):
        if not name.startswith("_") and callable(value) and not isinstance(value, type):
            namespace[name] = guarded(value, name)


def guarded(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """Wrap one function so that it runs on the device of its arrays.

    Parameters
    ----------
    function : callable
        Takes CuPy arrays, or lists and tuples of them.
    name : str
        What the error calls it.

    Raises
    ------
    MixedDevicesError
        When called with arrays of two devices.
    """

    def there(*args: Any, **kwargs: Any) -> Any:
        homes = {x.device.id for x in _arrays((*args, *kwargs.values()))}
        if not homes:
            return function(*args, **kwargs)
        if len(homes) > 1:
            raise MixedDevicesError(
                f"{name} got arrays on the devices {', '.join(map(str, sorted(homes)))}; "
                f"write accel.to_device(y, like=x) to bring them together."
            )
        with cp.cuda.Device(homes.pop()):
            return function(*args, **kwargs)

    return functools.wraps(function)(there)


def _arrays(values: Any) -> Iterator[Any]:
    for value in values:
        if isinstance(value, cp.ndarray):
            yield value
        elif isinstance(value, list | tuple):
            yield from _arrays(value)
