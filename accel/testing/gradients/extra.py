"""Gradients of the ops of `accel.extra`."""

from __future__ import annotations

from typing import Any

import numpy as np

import accel as xp
from accel.testing.cases import Case
from accel.testing.gradients.standard import Generator, definite, regular, tall
from accel.testing.gradients.table import (
    Array,
    Call,
    away,
    constant,
    imaginary,
    reals,
    smooth,
    spread,
)

IDS = np.asarray([1, 0, 1, 2, 2])

# Contraction, counting

smooth(
    "extra.einsum",
    lambda g: Case(("ij,kj,k->i", reals(g, 2, 3), reals(g, 4, 3), reals(g, 4))),
    lambda g: Case(("ii->i", reals(g, 3, 3))),
)
smooth("extra.bincount", lambda g: Case((IDS,), {"weights": reals(g, 5), "length": 4}), note="of the weights")
EDGES = np.asarray([-2.0, -0.5, 1.0, 2.0])
smooth(
    "extra.histogram",
    Call(lambda g: Case((reals(g, 5), 3), {"range": (-2.0, 2.0), "weights": reals(g, 5)}), fixed=("x",)),
    Call(
        lambda g: Case((reals(g, 5), EDGES), {"weights": reals(g, 5, low=0.5), "density": True}),
        fixed=("x", "bins"),
    ),
    note="of the weights; in x it is constant",
)
constant("extra.digitize", lambda g: Case((reals(g, 3), EDGES)), "gives integers")

# Decomposition


def triangular(g: Generator) -> Array:
    """Draw a lower triangular matrix that is far from singular."""
    return np.asarray(np.tril(regular(g)))


def factored(g: Generator) -> tuple[Array, Array]:
    """Draw the factors of a matrix, with rows that were exchanged."""
    return regular(g), np.asarray([1, 1, 2], dtype=np.int32)


smooth(
    "extra.solve_triangular",
    lambda g: Case((triangular(g), reals(g, 3, 2)), {"lower": True}),
    lambda g: Case((triangular(g).T, reals(g, 3)), {"trans": "T"}),
    lambda g: Case((triangular(g), reals(g, 3)), {"lower": True, "unit_diagonal": True}),
    note="of the triangle that is read",
)
smooth(
    "extra.cho_solve",
    lambda g: Case((np.linalg.cholesky(definite(g)), reals(g, 3, 2))),
    lambda g: Case((np.linalg.cholesky(definite(g)).T, reals(g, 3)), {"upper": True}),
    note="of the triangle that is read",
)
smooth("extra.lu_factor", lambda g: Case((regular(g),)), note="of the factors, while the pivots stay")
smooth(
    "extra.lu_solve",
    lambda g: Case((factored(g), reals(g, 3))),
    lambda g: Case((factored(g), reals(g, 3, 2)), {"trans": "T"}),
)
smooth(
    "extra.lstsq",
    lambda g: Case((tall(g), reals(g, 4, 2))),
    lambda g: Case((tall(g), reals(g, 4))),
    size=0.25,
    note="of matrices of full rank",
)
smooth(
    "extra.expm",
    lambda g: Case((reals(g, 3, 3, low=-0.5, high=0.5),)),
    lambda g: Case((reals(g, 3, 3, low=-4, high=4),)),
)

# Special functions

MASK = np.asarray([[True, False, True, True], [False, False, False, True], [True, True, True, True]])


def within(low: float, high: float, count: int = 8) -> Any:
    """Give the draws of numbers all over an interval."""
    return lambda g: Case((spread(g, count, low=low, high=high),))


NEAR = Call(within(-1e-3, 1e-3, 3), size=2.0**-8)
smooth("extra.erf", within(-3, 3), within(3, 5), NEAR)
smooth("extra.erfc", within(-3, 3), within(3, 6), within(20, 21), NEAR)
smooth("extra.erfinv", Call(within(-0.9, 0.9), size=0.25), NEAR, Call(within(0.995, 0.999, 3), size=2.0**-10))
smooth(
    "extra.gammaln", within(0.3, 3.3), within(3, 12), within(1e3, 1e4), Call(within(-2.8, -2.2, 4), size=0.25)
)
smooth(
    "extra.digamma", within(0.3, 3.3), within(3, 12), within(1e3, 1e4), Call(within(-2.8, -2.2, 4), size=0.25)
)
smooth(
    "extra.betaln",
    lambda g: Case((spread(g, 6, low=0.5, high=4), spread(g, 6, low=0.5, high=4))),
    lambda g: Case((spread(g, 4, low=20, high=40), spread(g, 4, low=0.5, high=40))),
)
smooth("extra.expit", within(-4, 4), within(30, 40), within(-40, -36), NEAR)
smooth("extra.logit", within(0.1, 0.9), size=0.125)
smooth("extra.softplus", within(-4, 4), within(30, 40), within(-40, -36), NEAR)
smooth("extra.i0 extra.i1", within(-4, 4), within(6, 12), within(-20, -16), NEAR)
smooth("extra.xlogy", lambda g: Case((away(g, 6), spread(g, 6, low=0.4, high=3))))
smooth(
    "extra.logsumexp",
    lambda g: Case((reals(g, 3, 4),), {"axis": 1}),
    Call(lambda g: Case((reals(g, 3, 4),), {"axis": 1, "where": MASK}), fixed=("where",)),
    lambda g: Case((reals(g, 2, 2, low=700, high=702),)),
)

# Rearrangement

smooth("extra.block_diag", lambda g: Case((reals(g, 2, 2), reals(g, 1, 3))))
smooth("extra.kron", lambda g: Case((reals(g, 2, 2), reals(g, 3))))
smooth(
    "extra.pad",
    lambda g: Case((reals(g, 2, 3), 1), {"constant_values": np.asarray(0.5)}),
    *(
        lambda g, m=mode: Case((reals(g, 2, 3), 1), {"mode": m})
        for mode in ("edge", "reflect", "symmetric", "wrap")
    ),
)
smooth("extra.sliding_window_view", lambda g: Case((reals(g, 4, 3), (2, 2))))

# Sums with the same bits everywhere

smooth(
    "extra.reproducible_sum", lambda g: Case((reals(g, 3, 5),), {"axis": 1}), lambda g: Case((reals(g, 7),))
)
smooth("extra.reproducible_vecdot", lambda g: Case((reals(g, 2, 5), reals(g, 5))))

# Segments

COUNT = {"num_segments": 3}
smooth("extra.segment_sum extra.segment_mean", lambda g: Case((reals(g, 5, 2), IDS), COUNT))
smooth(
    "extra.segment_max extra.segment_min",
    lambda g: Case((spread(g, 5, 2), IDS), COUNT),
    note="of a segment without elements there is none",
)
smooth("extra.segment_prod", lambda g: Case((away(g, 5, 2), IDS), COUNT))

# Selection

smooth(
    "extra.topk",
    lambda g: Case((spread(g, 2, 5), 2)),
    lambda g: Case((spread(g, 5, 2), 2), {"axis": 0, "largest": False}),
    note="of the values",
)
smooth("extra.partition", lambda g: Case((spread(g, 2, 5), 2)))
constant("extra.argpartition", lambda g: Case((spread(g, 5), 2)), "gives integers")
constant("extra.argwhere extra.nonzero", lambda g: Case((spread(g, 4),), {"size": 5}), "gives integers")
smooth(
    "extra.unique_values extra.unique_all extra.unique_counts extra.unique_inverse",
    lambda g: Case((spread(g, 4),), {"size": 5}),
    note="of the values, with a size",
)


def root(x: Any) -> Any:
    """Give a function for `apply_where`."""
    return xp.sqrt(x)


def ratio(x: Any, y: Any) -> Any:
    """Give a function of two arrays for `apply_where`."""
    return xp.divide(x, y)


def negative(x: Any) -> Any:
    """Give another function for `apply_where`."""
    return xp.negative(x)


HALF = np.asarray([True, False, True, False])


def half_positive(g: Generator) -> Array:
    """Draw numbers that are positive only where `HALF` is true."""
    return np.asarray(np.where(HALF, 1, -1) * spread(g, 4, low=0.5, high=2))


smooth(
    "extra.apply_where",
    lambda g: Case((HALF, half_positive(g), root), {"fill_value": reals(g)}),
    lambda g: Case((HALF, (half_positive(g),), root, negative)),
    lambda g: Case((HALF, (reals(g, 4), half_positive(g) * HALF), ratio), {"fill_value": 0.0}),
    note="an element that is not looked at has the derivative zero",
)

# Signals


def inside(g: Generator) -> Array:
    """Draw places between whole numbers from 0 to 4."""
    return np.asarray(g.permutation(np.arange(4) + g.uniform(0.3, 0.7, 4)))


smooth(
    "extra.interp",
    lambda g: Case((inside(g), np.arange(5) + reals(g, 5, low=-0.1, high=0.1), reals(g, 5))),
    lambda g: Case((inside(g) * 2 - 2, np.arange(5.0), reals(g, 5)), {"left": reals(g), "right": reals(g)}),
    lambda g: Case(
        (inside(g) * 1.5, np.arange(4) + reals(g, 4, low=-0.01, high=0.01) + 0.2, reals(g, 4)),
        {"period": 4.5},
    ),
    size=0.25,
)
smooth(
    "extra.convolve",
    lambda g: Case((reals(g, 6), reals(g, 3))),
    lambda g: Case((reals(g, 2, 6), reals(g, 3)), {"mode": "same"}),
    lambda g: Case((reals(g, 6), reals(g, 3)), {"method": "fft"}),
    lambda g: Case((imaginary(g, 4), imaginary(g, 2))),
)
smooth(
    "extra.correlate",
    lambda g: Case((reals(g, 6), reals(g, 3))),
    lambda g: Case((reals(g, 6), reals(g, 3)), {"method": "fft"}),
    lambda g: Case((imaginary(g, 4), imaginary(g, 2))),
)

# Statistics

WITH_NAN = np.asarray([[1.0, np.nan, 1.0, 1.0], [1.0, 1.0, 1.0, np.nan], [1.0, 1.0, 1.0, 1.0]])


def some_nan(g: Generator, nan: Array = WITH_NAN) -> Array:
    """Draw numbers, nan in some places."""
    return np.asarray(spread(g, 3, 4, low=0.3, high=2) * nan)


smooth(
    "extra.cov",
    lambda g: Case((reals(g, 2, 5),)),
    lambda g: Case((reals(g, 5), reals(g, 5)), {"aweights": reals(g, 5, low=0.5, high=2)}),
    Call(lambda g: Case((reals(g, 2, 5),), {"fweights": np.asarray([1, 2, 1, 1, 3])})),
)
smooth("extra.corrcoef", lambda g: Case((spread(g, 3, 5),)), lambda g: Case((spread(g, 5), spread(g, 5))))
smooth("extra.median", lambda g: Case((spread(g, 3, 4),), {"axis": 1}), lambda g: Case((spread(g, 3, 3),)))
smooth("extra.nanmedian", lambda g: Case((some_nan(g),), {"axis": 1}))


def quantiles(op_case: Any, top: float) -> list[Call]:
    """Give calls for quantiles and percentiles, of arrays and of shares."""
    share = np.asarray([0.4, 0.72]) * top
    return [
        Call(
            lambda g: Case((op_case(g), share + reals(g, 2, low=-0.02, high=0.02) * top), {"axis": 1}),
            size=2.0**-3,
        ),
        Call(lambda g: Case((op_case(g), share), {"axis": 1, "method": "nearest"}), fixed=("q",)),
    ]


smooth(
    "extra.quantile",
    *quantiles(lambda g: spread(g, 2, 4), 1),
    note="of x, and of q where the method is linear",
)
smooth(
    "extra.percentile",
    *quantiles(lambda g: spread(g, 2, 4), 100),
    note="of x, and of q where the method is linear",
)
smooth("extra.nanquantile", *quantiles(some_nan, 1), note="of x, and of q where the method is linear")
smooth(
    "extra.nansum extra.nanprod extra.nanmean extra.nanvar extra.nanstd extra.nanmin extra.nanmax",
    lambda g: Case((some_nan(g),), {"axis": 1}),
    lambda g: Case((some_nan(g),)),
    note="zero for nan",
)
constant("extra.nanargmin extra.nanargmax", lambda g: Case((some_nan(g),), {"axis": 1}), "gives integers")

# Updating

WHERE = (slice(None), np.asarray([2, 0]))
smooth(
    "extra.get_at",
    lambda g: Case((reals(g, 2, 3), WHERE)),
    lambda g: Case((reals(g, 4), np.asarray([0, 9])), {"fill_value": reals(g)}),
)
smooth("extra.set_at", lambda g: Case((reals(g, 2, 3), WHERE, reals(g, 2, 2))))
smooth(
    "extra.update_at",
    *(
        lambda g, b=by: Case(
            (away(g, 2, 3), (slice(None), np.asarray([2, 0, 2])), away(g, 2, 3, least=0.6)), {"by": b}
        )
        for by in ("add", "subtract", "multiply", "divide")
    ),
    *(
        lambda g, b=by: Case((x := spread(g, 2, 3), WHERE, x[:, [2, 0]] + away(g, 2, 2)), {"by": b})
        for by in ("max", "min")
    ),
    size=0.25,
)
