"""Columns of the matrix: for each spec, how to draw arguments and how to compare results; one file per chapter."""

from __future__ import annotations

from importlib import import_module

from accel.testing.columns.table import Column, table

__all__ = ["CHAPTERS", "Column", "table"]

CHAPTERS = (
    "creation",
    "data_type",
    "elementwise",
    "extra_contraction",
    "extra_counting",
    "extra_decomposition",
    "extra_rearrangement",
    "extra_reproducible",
    "extra_segments",
    "extra_selection",
    "extra_signal",
    "extra_special",
    "extra_statistics",
    "extra_updating",
    "fft",
    "indexing",
    "linalg",
    "linear_algebra",
    "manipulation",
    "nn_activation",
    "nn_attention",
    "nn_convolution",
    "nn_layer",
    "nn_loss",
    "nn_normalisation",
    "nn_pooling",
    "nn_position",
    "nn_precision",
    "nn_probability",
    "nn_quantisation",
    "nn_resampling",
    "random_keys",
    "random_sampling",
    "searching",
    "sets",
    "sorting",
    "statistical",
    "utility",
)

for _chapter in CHAPTERS:
    import_module(f"accel.testing.columns.{_chapter}")
