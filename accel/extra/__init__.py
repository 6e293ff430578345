"""Extra: array functions that the standard leaves out and many libraries write by hand."""

from accel.extra import contraction
from accel.extra import counting
from accel.extra import decomposition
from accel.extra import rearrangement
from accel.extra import segments
from accel.extra import selection
from accel.extra import signal
from accel.extra import special
from accel.extra import statistics
from accel.extra import updating
from accel.extra.contraction import *  # noqa: F403
from accel.extra.counting import *  # noqa: F403
from accel.extra.decomposition import *  # noqa: F403
from accel.extra.rearrangement import *  # noqa: F403
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
    rearrangement,
    segments,
    selection,
    signal,
    special,
    statistics,
    updating,
)
__all__ = [name for chapter in _CHAPTERS for name in chapter.__all__]  # noqa: PLE0604
"""The names of the chapters, each of which has the one list of its own."""
