"""array-api-strict as a backend of accel: its own namespace, and three things that the standard has no words for."""

from __future__ import annotations

from typing import Any

from array_api_strict import *  # noqa: F403
from array_api_strict import __array_api_version__ as __array_api_version__
from array_api_strict import __array_namespace_info__ as __array_namespace_info__

from accel.errors import AccelError, MixedDevicesError

_CPU, *_VIRTUAL = __array_namespace_info__().devices()


class __accel__:  # noqa: N801
    """Those hooks of `accel.backend.Door` that are worth their lines here."""

    @staticmethod
    def describe(native: Any, /) -> tuple[str, int, str]:
        """Call the one device that can do everything a CPU, and the others virtual."""
        if native == _CPU:
            return "cpu", 0, "NumPy, strict about the standard"
        return "virtual", _VIRTUAL.index(native), str(native)

    @staticmethod
    def emulated(native: Any, /) -> bool:
        """Keep the virtual devices from being chosen where none is named."""
        return native in _VIRTUAL

    @staticmethod
    def translate(error: BaseException, /) -> AccelError | None:
        """Give the mistake that such a library is there to find the name that accel has for it."""
        if "different devices" in str(error) or "same device" in str(error):
            return MixedDevicesError(f"{error}; write accel.to_device(x, like=y) to bring them together.")
        return None
