"""What the standard leaves out on JAX: the ops for which it has something better than their composition."""

from __future__ import annotations

from accel.composition import rest
from accel_jax.extra import _contraction, _rearrangement, _segments, _selection, _updating

# Every other op runs as accel composes it.
__getattr__ = rest("jax", "extra")

# Contraction

einsum = _contraction.einsum

# Counting

# Decomposition

# Rearrangement

pad = _rearrangement.pad

# Segments

segment_max = _segments.segment_max
segment_mean = _segments.segment_mean
segment_min = _segments.segment_min
segment_prod = _segments.segment_prod
segment_sum = _segments.segment_sum

# Selection

apply_where = _selection.apply_where
topk = _selection.topk

# Signal

# Special

# Statistics

# Updating

get_at = _updating.get_at
set_at = _updating.set_at
update_at = _updating.update_at
