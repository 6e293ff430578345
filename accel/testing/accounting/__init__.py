"""The accounting backend: NumPy behind the face of two GPUs, on which every hidden move to the host and back is seen.

Its arrays (`Array`) compute with NumPy and claim to lie on one of two devices, ``accounting:gpu:0`` and ``accounting:gpu:1``. What a
real GPU punishes with a wait or a copy, they note or refuse, as `accel.transfers` says: conversions to Python numbers and NumPy
arrays, iteration, NumPy's functions, and ops whose result has a size that depends on values. Printing is free.

The backend is there after `install` alone, for tests that ask for it:

>>> import accel
>>> from accel.testing import accounting
>>> with accounting.install():
...     x = accel.asarray([1.0, 2.0], device="accounting:gpu:1")
...     with accel.transfers("log") as moved:
...         total = float(accel.sum(x))
>>> moved[0].call, moved[0].nbytes
('float(x)', 8)
"""

from __future__ import annotations

import accel.registry as registry
from accel.testing.accounting.array import Array, Device

__all__ = ["NAME", "Array", "Device", "install"]

NAME = "accounting"


def install() -> registry.announce:
    """Announce the backend, until the end of a ``with`` block or, without one, of the process.

    Returns
    -------
    accel.registry.announce
        A context manager; its method ``withdraw`` ends the announcement, too.
    """
    return registry.announce(NAME, f"{__name__}.namespace", package=__name__, kinds=("gpu",))
