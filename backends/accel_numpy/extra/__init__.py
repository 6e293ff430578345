"""What the standard leaves out on NumPy: the ops for which it has something better than their composition."""

from __future__ import annotations

from accel.composition import rest
from accel_numpy.extra import (
    _contraction,
    _counting,
    _decomposition,
    _rearrangement,
    _segments,
    _selection,
    _signal,
    _special,
    _statistics,
    _updating,
)

# Every other op runs as accel composes it.
__getattr__ = rest("numpy", "extra")

# Contraction

einsum = _contraction.einsum

# Counting

bincount = _counting.bincount
digitize = _counting.digitize
histogram = _counting.histogram

# Decomposition

cho_solve = _decomposition.cho_solve
expm = _decomposition.expm
lu_factor = _decomposition.lu_factor
lu_solve = _decomposition.lu_solve
solve_triangular = _decomposition.solve_triangular

# Rearrangement

block_diag = _rearrangement.block_diag
pad = _rearrangement.pad
sliding_window_view = _rearrangement.sliding_window_view

# Segments

segment_max = _segments.segment_max
segment_mean = _segments.segment_mean
segment_min = _segments.segment_min
segment_prod = _segments.segment_prod
segment_sum = _segments.segment_sum

# Selection

apply_where = _selection.apply_where
argpartition = _selection.argpartition
argwhere = _selection.argwhere
nonzero = _selection.nonzero
partition = _selection.partition
topk = _selection.topk

# Signal

convolve = _signal.convolve
correlate = _signal.correlate
interp = _signal.interp

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
logsumexp = _special.logsumexp
softplus = _special.softplus
xlogy = _special.xlogy

# Statistics

median = _statistics.median
nanmax = _statistics.nanmax
nanmin = _statistics.nanmin
percentile = _statistics.percentile
quantile = _statistics.quantile

# Updating

get_at = _updating.get_at
set_at = _updating.set_at
update_at = _updating.update_at
