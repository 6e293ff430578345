"""Extra: array functions that the standard leaves out and many libraries write by hand."""

from accel.extra import (
    contraction,
    counting,
    decomposition,
    error_function,
    gamma_function,
    rearrangement,
    reproducible,
    segments,
    selection,
    signal,
    special,
    statistics,
    updating,
)
from accel.extra.contraction import *  # noqa: F403
from accel.extra.counting import *  # noqa: F403
from accel.extra.decomposition import *  # noqa: F403
from accel.extra.error_function import *  # noqa: F403
from accel.extra.gamma_function import *  # noqa: F403
from accel.extra.rearrangement import *  # noqa: F403
from accel.extra.reproducible import *  # noqa: F403
from accel.extra.segments import *  # noqa: F403
from accel.extra.selection import *  # noqa: F403
from accel.extra.signal import *  # noqa: F403
from accel.extra.special import *  # noqa: F403
from accel.extra.statistics import *  # noqa: F403
from accel.extra.updating import *  # noqa: F403

_CHAPTERS = (
    contraction,
    counting,
    decomposition,
    error_function,
    gamma_function,
    rearrangement,
    reproducible,
    segments,
    selection,
    signal,
    special,
    statistics,
    updating,
)
__all__ = [name for chapter in _CHAPTERS for name in chapter.__all__]
"""The names of the chapters, each of which has the one list of its own."""
