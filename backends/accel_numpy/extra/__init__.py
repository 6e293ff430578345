"""What the standard leaves out on NumPy: the ops for which it has something better than their composition."""

from __future__ import annotations

from accel.composition import rest
from accel_numpy.extra import _contraction, _rearrangement, _segments, _selection, _signal, _updating

# Every other op runs as accel composes it.
__getattr__ = rest("numpy", "extra")

# Contraction

einsum = _contraction.einsum

# Counting

# Decomposition

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

# Statistics

# Updating

get_at = _updating.get_at
set_at = _updating.set_at
update_at = _updating.update_at
