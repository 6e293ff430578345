"""Random numbers: the same bits from the same key on every backend and device."""

from accel.random import generator, keys, sampling
from accel.random.generator import *  # noqa: F403
from accel.random.keys import *  # noqa: F403
from accel.random.sampling import *  # noqa: F403

_CHAPTERS = (
    keys,
    sampling,
    generator,
)
__all__ = [name for chapter in _CHAPTERS for name in chapter.__all__]
"""The names of the chapters, each of which has the one list of its own."""
