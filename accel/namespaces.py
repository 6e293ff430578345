"""Namespaces: from arrays, a name or a device to the module that computes with them."""

from __future__ import annotations

from typing import Any

import accel.checking as checking
import accel.registry as registry
from accel.dispatch import SCALARS
from accel.errors import MixedBackendsError, UnknownArrayError
from accel.info import Info
from accel.placement import Device, default_device, resolve

__all__ = ["__array_namespace_info__", "namespace"]


def namespace(*what: Any) -> Any:
    """Give the namespace that computes with some arrays, for hot loops.

    Parameters
    ----------
    *what : arrays, or one backend name, device name or device
        Python scalars and None among arrays are passed over. Without arguments: the namespace of the default device.

    Returns
    -------
    module
        The backend's Array API namespace. Its functions are the library's own wherever these already mean the same. Inside
        `accel.checked` it is one of the same names whose functions check, for as long as the block lasts.

    Raises
    ------
    UnknownArrayError
        If no backend owns an argument.
    MixedBackendsError
        If the arrays belong to more than one backend.
    BackendUnavailableError, DeviceNotFoundError
        If what is named cannot be used here.

    Examples
    --------
    >>> import numpy, accel
    >>> xp = accel.namespace(numpy.asarray([1.0]))
    >>> xp.add is numpy.add
    True
    """
    if len(what) == 1 and isinstance(what[0], str) and what[0] in registry.names():
        return checking.namespace(registry.load(what[0]))
    if len(what) == 1 and isinstance(what[0], str | Device):
        return checking.namespace(registry.load(resolve(what[0]).backend))
    found: dict[str, registry.Backend] = {}
    for x in what:
        backend = registry.owner(type(x))
        if backend is not None:
            found[backend.name] = backend
        elif not (x is None or isinstance(x, SCALARS)):
            raise UnknownArrayError(
                f"accel.namespace takes arrays, a backend name or a device, got {type(x).__name__}; "
                f"the backends are: {', '.join(registry.names())}."
            )
    if len(found) > 1:
        raise MixedBackendsError(
            f"accel.namespace got arrays of {' and '.join(sorted(found))}; bring them together first with "
            "accel.to_device(y, like=x)."
        )
    if not found:
        return checking.namespace(registry.load(default_device().backend))
    return checking.namespace(next(iter(found.values())))


def __array_namespace_info__() -> Info:
    """Give the inspection object of the layer as a namespace."""
    return Info()
