"""The testing kit: whether code gives the same results on every backend, for accel's own tests and for those of its users.

It needs the extra ``testing`` (``pip install 'accel-xp[testing]'``). Nothing is imported before it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from accel.testing import accounting as accounting
    from accel.testing import strategies as strategies
    from accel.testing.assertions import assert_close as assert_close
    from accel.testing.assertions import assert_raises_alike as assert_raises_alike
    from accel.testing.assertions import assert_same as assert_same
    from accel.testing.conformity import Report as Report
    from accel.testing.conformity import conformance as conformance
    from accel.testing.equivalence import Equivalence as Equivalence
    from accel.testing.equivalence import equivalent as equivalent

__all__ = [
    "Equivalence",
    "Report",
    "accounting",
    "assert_close",
    "assert_raises_alike",
    "assert_same",
    "conformance",
    "equivalent",
    "strategies",
]

_HOMES = {
    "Equivalence": "equivalence",
    "Report": "conformity",
    "accounting": "",
    "assert_close": "assertions",
    "assert_raises_alike": "assertions",
    "assert_same": "assertions",
    "conformance": "conformity",
    "equivalent": "equivalence",
    "strategies": "",
}
"""Public name -> the module that defines it; an empty string marks a sub-module."""


def __getattr__(name: str) -> Any:
    """Load a name at its first use and keep it."""
    if name not in _HOMES:
        raise AttributeError(f"module 'accel.testing' has no attribute {name!r}")
    home = _HOMES[name]
    module = import_module(f"accel.testing.{home or name}")
    value = globals()[name] = getattr(module, name) if home else module
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
