"""Columns of the Fourier transforms."""

from __future__ import annotations

import math
from typing import Any

import hypothesis.strategies as st
import numpy as np
import numpy.typing as npt
from hypothesis.strategies import DrawFn

from accel.dispatch import Spec

from tests.agreement import within
from tests.cases import Case
from tests.columns.table import column
from tests.strategies import arrays, axes, axis, dtype_of, dtypes, shapes, tame

Array = npt.NDArray[Any]

REAL = ("float32", "float64")
COMPLEX = ("complex64", "complex128")
"""The transforms have no float16."""

FORWARD = ("fft", "fftn", "rfft", "rfftn", "hfft")
NORMS: tuple[dict[str, Any], ...] = ({}, {"norm": "backward"}, {"norm": "ortho"}, {"norm": "forward"})


def _bound(name: str) -> Any:
    """Work out 8 * eps * log2(n) * norm(x), times what the normalisation does to it."""

    def bound(case: Case, expected: Array) -> Any:
        x = case.args[0].astype(np.complex128)
        lengths = case.facts["lengths"]
        n = math.prod(lengths)
        way = case.kwargs.get("norm", "backward")
        direct = name in FORWARD
        scale = n**-0.5 if way == "ortho" else 1.0 if (way == "backward") == direct else 1 / n
        # A half spectrum stands for two halves.
        size = 2 * float(np.linalg.vector_norm(x))
        return 2 * 8 * float(np.finfo(expected.dtype).eps) * math.log2(2 * n) * size * scale

    return bound


@st.composite
def signal(draw: DrawFn, spec: Spec) -> Array:
    dtype = draw(dtypes(REAL if spec.dtypes == "real floating-point" else COMPLEX))
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
    return Case((x,), {**given, **draw(st.sampled_from(NORMS))}, {"lengths": [asked or own]})


@st.composite
def several_axes(draw: DrawFn, spec: Spec) -> Case:
    x = draw(signal(spec))
    chosen = draw(st.one_of(st.none(), st.lists(st.integers(0, x.ndim - 1), min_size=1, unique=True).map(tuple)))
    along = tuple(range(x.ndim)) if chosen is None else chosen
    lengths = [x.shape[a] for a in along]
    half = spec.name == "fft.irfftn"
    given: dict[str, Any] = {} if chosen is None else {"axes": chosen}
    if half and lengths[-1] < 2 or chosen is not None and draw(st.booleans()):
        given = {"axes": along, "s": tuple(draw(st.sampled_from([1, 2, 4, 5])) for _ in along)}
        lengths = list(given["s"])
    elif half:
        lengths[-1] = 2 * (lengths[-1] - 1)
    return Case((x,), {**given, **draw(st.sampled_from(NORMS))}, {"lengths": lengths})


for _name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft"):
    column(f"fft.{_name}", check=within(_bound(_name)))(lambda draw, spec: draw(one_axis(spec)))
for _name in ("fftn", "ifftn", "rfftn", "irfftn"):
    column(f"fft.{_name}", check=within(_bound(_name)))(lambda draw, spec: draw(several_axes(spec)))


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
    x = draw(arrays(dtype, draw(shapes())))
    asked = draw(axes(x.ndim).filter(lambda chosen: chosen != ()))
    return Case((x,), {} if asked is None else {"axes": asked})
