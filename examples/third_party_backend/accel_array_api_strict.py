"""array-api-strict as a backend of accel: its own namespace, and three things that the standard has no words for."""

from __future__ import annotations

import builtins
from typing import Any

import array_api_strict
from array_api_strict import *  # noqa: F403
from array_api_strict import __array_api_version__ as __array_api_version__
from array_api_strict import __array_namespace_info__ as __array_namespace_info__

from accel.errors import AccelError, MixedDevicesError

_DEVICES: tuple[Any, ...] = __array_namespace_info__().devices()
_CPU, _VIRTUAL = _DEVICES[0], _DEVICES[1:]


# array-api-strict 2.6 takes an explicit device=None for its default device; the standard means the device of x.
def astype(  # type: ignore[no-redef]  # noqa: D103 - accel's spec says what it does
    x: Any, dtype: Any, /, *, copy: builtins.bool = True, device: Any = None
) -> Any:
    return array_api_strict.astype(x, dtype, copy=copy, device=x.device if device is None else device)


class __accel__:  # noqa: N801
    """The three hooks of `accel.backend.Door` that are worth their lines here."""

    @staticmethod
    def describe(native: Any, /) -> tuple[str, int, str]:
        """Call the one device that can do everything a CPU, and the others virtual."""
        if native == _CPU:
            return "cpu", 0, "NumPy, strict about the standard"
        return "virtual", _VIRTUAL.index(native), str(native)

    @staticmethod
    def emulated(native: Any, /) -> builtins.bool:
        """Keep the virtual devices from being chosen where none is named."""
        return native in _VIRTUAL

    @staticmethod
    def translate(error: BaseException, /) -> AccelError | None:
        """Recognise the mistake that such a library is there to find; accel then names the arrays and their devices."""
        mixed = "different devices" in str(error) or "same device" in str(error)
        return MixedDevicesError(str(error)) if mixed else None
