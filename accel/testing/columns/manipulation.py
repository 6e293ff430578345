"""Columns of the manipulation functions."""

from __future__ import annotations

import math
from typing import Any

import hypothesis.strategies as st
from hypothesis.strategies import DrawFn

from accel.dispatch import Spec
from accel.testing.cases import Case
from accel.testing.columns.table import column
from accel.testing.strategies import ANY, arrays, axes, axis, broadcastable, companions, dtypes, shapes


@column("broadcast_arrays")
def broadcast_arrays(draw: DrawFn, spec: Spec) -> Case:
    dtype = draw(dtypes(ANY))
    return Case(tuple(draw(arrays(dtype, shape)) for shape in draw(broadcastable(draw(st.integers(1, 3))))))


@column("broadcast_shapes")
def broadcast_shapes(draw: DrawFn, spec: Spec) -> Case:
    return Case(draw(broadcastable(draw(st.integers(1, 4)))))


@column("broadcast_to")
def broadcast_to(draw: DrawFn, spec: Spec) -> Case:
    shape = draw(shapes())
    small = tuple(1 if draw(st.booleans()) else n for n in shape)[draw(st.integers(0, len(shape))) :]
    return Case((draw(arrays(draw(dtypes(ANY)), small)), shape))


@column("concat")
def concat(draw: DrawFn, spec: Spec) -> Case:
    one, two = draw(companions(ANY))
    shape = draw(shapes(1))
    along = draw(axis(len(shape)))
    flat = draw(st.integers(0, 4)) == 4
    given = []
    for name in (one, two, one)[: draw(st.integers(1, 3))]:
        own = list(shape)
        own[along] = draw(st.integers(0, 3))
        given.append(draw(arrays(name, tuple(own))))
    asked: Any = None if flat else along
    return Case((given if draw(st.booleans()) else tuple(given),), {"axis": asked} if flat or along else {})


@column("expand_dims")
def expand_dims(draw: DrawFn, spec: Spec) -> Case:
    x = draw(arrays(draw(dtypes(ANY)), draw(shapes())))
    if draw(st.booleans()):
        return Case((x, draw(st.integers(-x.ndim - 1, x.ndim))))
    new = draw(st.integers(1, 2))
    chosen = draw(st.lists(st.integers(0, x.ndim + new - 1), min_size=new, max_size=new, unique=True))
    return Case((x,), {"axis": tuple(chosen)})


@column("flip")
def flip(draw: DrawFn, spec: Spec) -> Case:
    x = draw(arrays(draw(dtypes(ANY)), draw(shapes())))
    return Case((x,), {"axis": draw(axes(x.ndim))})


@column("moveaxis")
def moveaxis(draw: DrawFn, spec: Spec) -> Case:
    x = draw(arrays(draw(dtypes(ANY)), draw(shapes(1))))
    if draw(st.booleans()):
        return Case((x, draw(axis(x.ndim)), draw(axis(x.ndim))))
    count = draw(st.integers(0, x.ndim))
    source, target = (tuple(draw(st.permutations(range(x.ndim)))[:count]) for _ in range(2))
    return Case((x, tuple(a - x.ndim for a in source), target))


@column("permute_dims")
def permute_dims(draw: DrawFn, spec: Spec) -> Case:
    x = draw(arrays(draw(dtypes(ANY)), draw(shapes())))
    order = draw(st.permutations(range(x.ndim)))
    return Case((x, tuple(a - x.ndim if draw(st.booleans()) else a for a in order)))


@column("repeat")
def repeat(draw: DrawFn, spec: Spec) -> Case:
    x = draw(arrays(draw(dtypes(ANY)), draw(shapes())))
    along = None if x.ndim == 0 or draw(st.booleans()) else draw(axis(x.ndim))
    length = x.size if along is None else x.shape[along]
    repeats: Any = draw(st.integers(0, 3))
    if draw(st.booleans()) and x.ndim:
        repeats = draw(arrays("int64", draw(st.sampled_from([(length,), (1,)])), st.integers(0, 3)))
    return Case((x, repeats), {} if along is None else {"axis": along})


@column("reshape")
def reshape(draw: DrawFn, spec: Spec) -> Case:
    x = draw(arrays(draw(dtypes(ANY)), draw(shapes())))
    fitting = [
        s
        for s in ((), (1,), (-1,), (7, 1), (3, 2), (6,), (4, 3), (2, 2, 3), (12,), (0, 5), (2, -1))
        if _fits(s, x.size)
    ]
    return Case(
        (x, draw(st.sampled_from([x.shape, *fitting]))),
        draw(st.sampled_from([{}, {"copy": True}, {"copy": None}])),
    )


def _fits(shape: tuple[int, ...], size: int) -> bool:
    known = math.prod(n for n in shape if n >= 0)
    return size % known == 0 if known and -1 in shape else size == known


@column("roll")
def roll(draw: DrawFn, spec: Spec) -> Case:
    x = draw(arrays(draw(dtypes(ANY)), draw(shapes())))
    kind = draw(st.sampled_from(["flat", "one", "several"] if x.ndim else ["flat"]))
    shift = st.integers(-8, 8)
    if kind == "flat":
        return Case((x, draw(shift)))
    if kind == "one":
        return Case((x, draw(shift)), {"axis": draw(axis(x.ndim))})
    chosen = tuple(draw(st.lists(axis(x.ndim), min_size=1, max_size=3)))
    return Case((x, tuple(draw(shift) for _ in chosen)), {"axis": chosen})


@column("squeeze")
def squeeze(draw: DrawFn, spec: Spec) -> Case:
    x = draw(arrays(draw(dtypes(ANY)), draw(st.sampled_from([(1,), (3, 1), (1, 2, 1, 2), (1, 0), (1, 1)]))))
    ones = [a for a, n in enumerate(x.shape) if n == 1]
    chosen = draw(st.lists(st.sampled_from(ones), unique=True))
    if len(chosen) == 1 and draw(st.booleans()):
        return Case((x, chosen[0] - x.ndim))
    return Case((x, tuple(chosen)))


@column("stack")
def stack(draw: DrawFn, spec: Spec) -> Case:
    one, two = draw(companions(ANY))
    shape = draw(shapes(most=3))
    given = [draw(arrays(name, shape)) for name in (one, two, one)[: draw(st.integers(1, 3))]]
    asked = draw(st.integers(-len(shape) - 1, len(shape)))
    return Case((given if draw(st.booleans()) else tuple(given),), {"axis": asked} if asked else {})


@column("tile")
def tile(draw: DrawFn, spec: Spec) -> Case:
    x = draw(arrays(draw(dtypes(ANY)), draw(shapes())))
    return Case((x, tuple(draw(st.lists(st.integers(0, 2), max_size=4)))))


@column("unstack")
def unstack(draw: DrawFn, spec: Spec) -> Case:
    x = draw(arrays(draw(dtypes(ANY)), draw(shapes(1))))
    asked = draw(axis(x.ndim))
    return Case((x,), {"axis": asked} if asked else {})
