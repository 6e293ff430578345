"""What the standard leaves out on CuPy: the ops for which it has something better than their composition."""

from __future__ import annotations

from accel.composition import rest
from accel_cupy import _device
from accel_cupy.extra import _counting, _decomposition, _rearrangement, _segments, _special, _updating

# Every other op runs as accel composes it.
__getattr__ = rest("cupy", "extra")

# Contraction

# Counting

bincount = _counting.bincount
histogram = _counting.histogram

# Decomposition

cho_solve = _decomposition.cho_solve
lu_factor = _decomposition.lu_factor
lu_solve = _decomposition.lu_solve
solve_triangular = _decomposition.solve_triangular

# Rearrangement

sliding_window_view = _rearrangement.sliding_window_view

# Segments

segment_max = _segments.segment_max
segment_mean = _segments.segment_mean
segment_min = _segments.segment_min
segment_prod = _segments.segment_prod
segment_sum = _segments.segment_sum

# Selection

# Signal

# Special

betaln = _special.betaln
digamma = _special.digamma
erf = _special.erf
erfc = _special.erfc
erfinv = _special.erfinv
expit = _special.expit
gammaln = _special.gammaln
i0 = _special.i0
i1 = _special.i1
logit = _special.logit
softplus = _special.softplus
xlogy = _special.xlogy

# Statistics

# Updating

set_at = _updating.set_at
update_at = _updating.update_at

# With one GPU the namespace stays native.
if _device.several():
    _device.guard(globals())
