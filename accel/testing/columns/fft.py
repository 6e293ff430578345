"""Columns of the Fourier transforms."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
import numpy.typing as npt
from hypothesis.strategies import DrawFn

from accel.dispatch import Spec
from accel.testing.cases import Case
from accel.testing.columns.table import column
from accel.testing.condition import allowed, points
from accel.testing.strategies import arrays, axes, axis, dtype_of, dtypes, shapes, tame

Array = npt.NDArray[Any]

REAL = ("float32", "float64")
COMPLEX = ("complex64", "complex128")
"""The transforms have no float16."""

NORMS: tuple[dict[str, Any], ...] = ({}, {"norm": "backward"}, {"norm": "ortho"}, {"norm": "forward"})


def _norms(spec: Spec, case: Case, expected: Array, got: Array) -> None:
    """Compare the norms of the transformed vectors: each side may be off by the bound of the spec."""
    _, along = points(spec.name, case, expected)
    off = np.abs(got.astype(np.complex128) - expected.astype(np.complex128))
    off = np.sqrt(np.sum(off**2, axis=along, keepdims=True))
    bound = 2 * allowed(spec, case, expected)
    assert np.all(off <= bound), (
        f"off by {np.max(off):.3g}, allowed are {bound!r}: {got!r}, where the reference has {expected!r}"
    )


@st.composite
def signal(draw: DrawFn, spec: Spec) -> Array:
    dtype = draw(dtypes(REAL if spec.dtypes == "real floating-point" else COMPLEX))
    if dtype in COMPLEX and draw(st.integers(0, 5)) == 5:
        dtype = draw(dtypes((*REAL, "int32")))  # taken as complex data
    return draw(arrays(dtype, draw(shapes(1, empty=False)), tame(dtype)))


@st.composite
def one_axis(draw: DrawFn, spec: Spec) -> Case:
    x = draw(signal(spec))
    along = draw(axis(x.ndim))
    name = spec.name.partition(".")[2]
    half = name in ("hfft", "irfft")
    own = 2 * (x.shape[along] - 1) if half else x.shape[along]
    asked = draw(st.sampled_from([None, 1, 2, 5, 8]))
    if asked is None and own < 1:
        asked = 3
    given: dict[str, Any] = {} if asked is None else {"n": asked}
    if along not in (-1, x.ndim - 1) or draw(st.booleans()):
        given["axis"] = along
    return Case((x,), {**given, **draw(st.sampled_from(NORMS))})


@st.composite
def several_axes(draw: DrawFn, spec: Spec) -> Case:
    x = draw(signal(spec))
    chosen = draw(
        st.one_of(st.none(), st.lists(st.integers(0, x.ndim - 1), min_size=1, unique=True).map(tuple))
    )
    along = tuple(range(x.ndim)) if chosen is None else chosen
    given: dict[str, Any] = {} if chosen is None else {"axes": chosen}
    too_short = spec.name == "fft.irfftn" and x.shape[along[-1]] < 2
    if too_short or (chosen is not None and draw(st.booleans())):
        given = {"axes": along, "s": tuple(draw(st.sampled_from([1, 2, 4, 5])) for _ in along)}
    return Case((x,), {**given, **draw(st.sampled_from(NORMS))})


for _name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft"):
    column(f"fft.{_name}", check=_norms)(lambda draw, spec: draw(one_axis(spec)))
for _name in ("fftn", "ifftn", "rfftn", "irfftn"):
    column(f"fft.{_name}", check=_norms)(lambda draw, spec: draw(several_axes(spec)))


@column("fft.fftfreq", "fft.rfftfreq")
def frequencies(draw: DrawFn, spec: Spec) -> Case:
    given: dict[str, Any] = {}
    if draw(st.booleans()):
        given["d"] = draw(st.sampled_from([1.0, 0.1, 2.5, -0.5, 1e-3]))
    if draw(st.booleans()):
        given["dtype"] = dtype_of(draw(dtypes(REAL)))
    return Case((draw(st.integers(1, 9)),), given)


@column("fft.fftshift", "fft.ifftshift")
def shift(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes((*REAL, *COMPLEX, "float16")))
    x = draw(arrays(dtype, draw(shapes(1))))
    asked = draw(axes(x.ndim).filter(lambda chosen: chosen != ()))
    return Case((x,), {} if asked is None else {"axes": asked})
