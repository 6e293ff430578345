"""Linear algebra: the ``linalg`` extension of the standard."""

from accel.spec.linalg import *  # noqa: F403 - the chapter's __all__ is the one list of these names
from accel.spec.linalg import __all__ as __all__
