"""Gradients of the ops of the standard."""

from __future__ import annotations

from typing import Any

import numpy as np

import accel
from accel.testing.cases import Case
from accel.testing.gradients.table import (
    Array,
    Call,
    away,
    constant,
    imaginary,
    reals,
    smooth,
    spread,
    undefined,
)

Generator = np.random.Generator

# Creation, data types

undefined("arange empty eye full linspace ones zeros fft.fftfreq fft.rfftfreq", "takes no array")
undefined("from_dlpack", "imports memory, which no transformation can follow")
undefined("can_cast finfo iinfo isdtype result_type broadcast_shapes", "gives facts about dtypes and shapes")
constant("empty_like ones_like zeros_like", lambda g: Case((reals(g, 3),)), "looks at shape and dtype alone")
constant("full_like", lambda g: Case((reals(g, 3), 2.0)), "looks at shape and dtype alone")
smooth("asarray", lambda g: Case((reals(g, 3),)))
smooth(
    "astype",
    lambda g: Case((reals(g, 3), accel.float64)),
    lambda g: Case((reals(g, 3), accel.complex128)),
    note="between floating-point dtypes",
)
smooth("meshgrid", lambda g: Case((reals(g, 3), reals(g, 2))))
smooth("tril triu", lambda g: Case((reals(g, 3, 4),), {"k": 1}))

# Elementwise


def within(low: float, high: float, count: int = 8) -> Any:
    """Give the draws of real numbers all over an interval."""
    return lambda g: Case((spread(g, count, low=low, high=high),))


def off_axes(g: Generator) -> Case:
    """Draw complex numbers off both axes."""
    return Case((imaginary(g, 6),))


NEAR = Call(within(-1e-3, 1e-3, 3), size=2.0**-8)
"""About zero, where formulas change."""

smooth("abs", lambda g: Case((away(g, 6),)), off_axes)
smooth("sign", lambda g: Case((away(g, 6),)), off_axes, note="of real numbers it is constant")
smooth("positive negative square conj real imag", within(-3, 3), off_axes)
smooth("reciprocal", lambda g: Case((away(g, 8),)), off_axes)
smooth(
    "sqrt log log10 log2",
    within(0.3, 3),
    Call(within(1e3, 1e4)),
    Call(within(1e-3, 1e-2), size=2.0**-11),
    off_axes,
)
smooth("exp", within(-3, 3), within(80, 90), NEAR, off_axes)
smooth("expm1", within(-3, 3), within(20, 24), NEAR, off_axes)
smooth("log1p", within(-0.7, 3), within(1e3, 1e4), NEAR, off_axes)
smooth("sinh cosh", within(-4, 4), within(80, 90), within(700.5, 704), NEAR, off_axes)
smooth("tanh", within(-3, 3), within(20, 25), NEAR, off_axes)
smooth("sin cos", within(-4, 4), within(1e3, 1001), NEAR, off_axes)
smooth("tan", within(-1.2, 1.2), NEAR, off_axes)
smooth("asin acos", within(-0.8, 0.8), NEAR, off_axes)
smooth("asinh", within(-3, 3), within(1e3, 1e4), NEAR, off_axes)
smooth("atan", within(-4, 4), NEAR, off_axes)
smooth("atanh", Call(within(-0.8, 0.8), size=0.25), NEAR, off_axes)
smooth("acosh", within(1.3, 4), within(1e3, 1e4), off_axes)
smooth(
    "add subtract multiply",
    lambda g: Case((reals(g, 2, 3), reals(g, 3))),
    lambda g: Case((imaginary(g, 3), imaginary(g, 3))),
)
smooth(
    "divide",
    lambda g: Case((reals(g, 2, 3), away(g, 3))),
    lambda g: Case((reals(g, 3), away(g))),
    lambda g: Case((imaginary(g, 3), imaginary(g, 3))),
)
smooth("atan2", lambda g: Case((away(g, 8), away(g, 8))))
smooth("hypot", lambda g: Case((away(g, 8), away(g, 8))))
smooth(
    "logaddexp",
    lambda g: Case((spread(g, 8), spread(g, 8))),
    lambda g: Case((spread(g, 3, low=500, high=501), reals(g, 3))),
)
smooth(
    "pow",
    lambda g: Case((spread(g, 6, low=0.5, high=2), spread(g, 6))),
    lambda g: Case((away(g, 6), 3.0)),
    lambda g: Case((imaginary(g, 4), imaginary(g, 4))),
)
smooth("copysign", lambda g: Case((away(g, 8), away(g, 8))), note="in x2 it is constant")
smooth("maximum minimum", lambda g: Case((x := spread(g, 8), x + away(g, 8))))
smooth(
    "clip",
    lambda g: Case((spread(g, 8), np.asarray(-1.0), np.asarray(0.9))),
    lambda g: Case((reals(g, 8, low=-0.9, high=0.9), -1.0, 1.0)),
)
smooth(
    "remainder",
    lambda g: Case((spread(g, 8, low=0.1, high=0.9) + np.arange(8) - 4, np.asarray(1.0))),
    size=0.25,
)
constant(
    "floor_divide",
    lambda g: Case((spread(g, 8, low=0.3, high=0.7) + np.arange(8) - 4, np.asarray(1.0))),
    "jumps between whole numbers",
)
constant(
    "ceil floor round trunc",
    lambda g: Case((spread(g, 8, low=0.1, high=0.4) + np.arange(8) - 4,)),
    "jumps between whole numbers",
)
smooth("nextafter", lambda g: Case((reals(g, 8), reals(g, 8))), note="in x2 it is constant")
BOOLEANS = "gives booleans"
constant(
    "equal greater greater_equal less less_equal not_equal",
    lambda g: Case((reals(g, 3), reals(g, 3))),
    BOOLEANS,
)
constant("isfinite isinf isnan signbit logical_not all any", lambda g: Case((reals(g, 3),)), BOOLEANS)
constant("logical_and logical_or logical_xor isin", lambda g: Case((reals(g, 3), reals(g, 3))), BOOLEANS)
undefined(
    "bitwise_and bitwise_invert bitwise_left_shift bitwise_or bitwise_right_shift bitwise_xor",
    "of integers and booleans",
)

# Indexing, manipulation

AT = np.asarray([2, 0, 0])
smooth("take", lambda g: Case((reals(g, 3, 4), AT), {"axis": 1}))
smooth("take_along_axis", lambda g: Case((reals(g, 2, 3), np.asarray([[2, 0], [1, 1]]))))
smooth("broadcast_arrays", lambda g: Case((reals(g, 2, 1), reals(g, 3))))
smooth("broadcast_to", lambda g: Case((reals(g, 3), (2, 3))))
smooth("concat stack", lambda g: Case(([reals(g, 2, 3), reals(g, 2, 3)],), {"axis": 1}))
smooth("expand_dims", lambda g: Case((reals(g, 3), 1)))
smooth("flip", lambda g: Case((reals(g, 2, 3),), {"axis": 1}))
smooth("moveaxis", lambda g: Case((reals(g, 2, 3), 0, 1)))
smooth("permute_dims", lambda g: Case((reals(g, 2, 3), (1, 0))))
smooth("repeat", lambda g: Case((reals(g, 2, 3), 2), {"axis": 1}))
smooth("reshape", lambda g: Case((reals(g, 2, 3), (3, 2))))
smooth("roll", lambda g: Case((reals(g, 2, 3), 1), {"axis": 1}))
smooth("squeeze", lambda g: Case((reals(g, 1, 3), 0)))
smooth("tile", lambda g: Case((reals(g, 3), (2, 2))))
smooth("unstack", lambda g: Case((reals(g, 2, 3),)))

# Searching, sets, sorting

constant("argmax argmin argsort count_nonzero", lambda g: Case((spread(g, 3),)), "gives integers")
constant("searchsorted", lambda g: Case((np.sort(spread(g, 3)), reals(g, 2))), "gives integers")
undefined("nonzero", "gives integers; the shape of the result depends on values")
undefined(
    "unique_all unique_counts unique_inverse unique_values",
    "the shape of the result depends on values, so that none can be traced; those of accel.extra take a size",
)
smooth(
    "where", lambda g: Case((np.asarray([True, False, True]), reals(g, 3), reals(g, 3))), fixed=("condition",)
)
smooth("sort", lambda g: Case((spread(g, 2, 4),)), lambda g: Case((spread(g, 4),), {"descending": True}))

# Statistical, utility

smooth("cumulative_sum cumulative_prod", lambda g: Case((away(g, 2, 4),), {"axis": 1}))
smooth("max min", lambda g: Case((spread(g, 3, 4),), {"axis": 1}), lambda g: Case((spread(g, 2, 3),)))
smooth("mean sum prod", lambda g: Case((away(g, 3, 4),), {"axis": 1}), lambda g: Case((imaginary(g, 2, 3),)))
smooth(
    "std var",
    lambda g: Case((spread(g, 3, 4),), {"axis": 1, "correction": 1}),
    lambda g: Case((spread(g, 5),)),
)
smooth(
    "diff", lambda g: Case((reals(g, 2, 4),), {"n": 2, "prepend": reals(g, 2, 1), "append": reals(g, 2, 1)})
)

# Linear algebra


def regular(g: Generator, n: int = 3) -> Array:
    """Draw a matrix that is far from singular."""
    return np.asarray(reals(g, n, n, low=-1, high=1) + n * np.diag(g.choice([-1.0, 1.0], n)))


def definite(g: Generator, n: int = 3) -> Array:
    """Draw a positive definite matrix whose eigenvalues lie apart."""
    q = np.linalg.qr(reals(g, n, n))[0]
    x = q @ np.diag(np.arange(1.0, n + 1)) @ q.T
    return np.asarray((x + x.T) / 2)


def settled(g: Generator) -> Array:
    """Draw a symmetric matrix near one, so that no other entry of an eigenvector becomes the leading one, where the signs would jump."""
    x = definite(np.random.default_rng(2)) + 0.01 * reals(g, 3, 3)
    return np.asarray((x + x.T) / 2)


def tall(g: Generator) -> Array:
    """Draw a matrix of 4 rows and 3 columns whose singular values, 1, 2 and 3, lie apart."""
    q, p = np.linalg.qr(reals(g, 4, 3))[0], np.linalg.qr(reals(g, 3, 3))[0]
    return np.asarray(q @ np.diag([3.0, 2.0, 1.0]) @ p.T)


smooth(
    "matmul",
    lambda g: Case((reals(g, 2, 3), reals(g, 3, 2))),
    lambda g: Case((reals(g, 3), reals(g, 3))),
    lambda g: Case((imaginary(g, 2, 2), imaginary(g, 2, 2))),
)
smooth("matrix_transpose", lambda g: Case((reals(g, 2, 3),)))
smooth("tensordot", lambda g: Case((reals(g, 2, 3), reals(g, 3, 2)), {"axes": 1}))
smooth(
    "vecdot",
    lambda g: Case((reals(g, 2, 3), reals(g, 3))),
    lambda g: Case((imaginary(g, 3), imaginary(g, 3))),
)
smooth(
    "linalg.cholesky",
    lambda g: Case((definite(g),)),
    lambda g: Case((definite(g),), {"upper": True}),
    note="of the lower triangle, the one that is read",
)
smooth("linalg.cross", lambda g: Case((reals(g, 2, 3), reals(g, 3))))
smooth("linalg.det", lambda g: Case((regular(g),)), lambda g: Case((imaginary(g, 2, 2),)))
smooth(
    "linalg.slogdet linalg.inv",
    lambda g: Case((regular(g),)),
    lambda g: Case((np.stack([regular(g), regular(g)]),)),
)
smooth("linalg.diagonal linalg.trace", lambda g: Case((reals(g, 3, 4),), {"offset": 1}))
smooth(
    "linalg.eigh linalg.eigvalsh",
    lambda g: Case((settled(g),)),
    note="of the lower triangle; where eigenvalues coincide there is none",
    size=2.0**-4,
)
smooth(
    "linalg.eig linalg.eigvals",
    lambda g: Case((settled(g) + 0.02 * reals(g, 3, 3),)),
    size=2.0**-4,
    note="where eigenvalues coincide there is none",
)
smooth(
    "linalg.matrix_norm",
    *(lambda g, o=o: Case((tall(g),), {"ord": o}) for o in ("fro", "nuc", 2, -2)),
    lambda g: Case((spread(g, 2, 3, low=0.3, high=2),), {"ord": 1}),
    lambda g: Case((spread(g, 2, 3, low=0.3, high=2),), {"ord": float("inf")}),
    size=0.25,
)
smooth("linalg.matrix_power", lambda g: Case((regular(g), 3)), lambda g: Case((regular(g), -2)))
constant("linalg.matrix_rank", lambda g: Case((regular(g),)), "gives integers")
smooth("linalg.outer", lambda g: Case((reals(g, 2), reals(g, 3))))
smooth("linalg.pinv", lambda g: Case((tall(g),)))
smooth(
    "linalg.qr",
    lambda g: Case((tall(g),)),
    lambda g: Case((regular(g),), {"mode": "complete"}),
    note="of matrices with at least as many rows as columns; mode='complete' of square ones",
)
smooth(
    "linalg.solve", lambda g: Case((regular(g), reals(g, 3, 2))), lambda g: Case((regular(g), reals(g, 3)))
)
smooth(
    "linalg.svd",
    lambda g: Case((tall(g),), {"full_matrices": False}),
    lambda g: Case((settled(g),)),
    size=2.0**-4,
    note="with full_matrices=False, or of square matrices; where singular values coincide there is none",
)
smooth("linalg.svdvals", lambda g: Case((tall(g),)), size=0.25)
smooth(
    "linalg.vector_norm",
    *(
        lambda g, o=o: Case((away(g, 2, 3),), {"axis": 1, "ord": o})
        for o in (2, 1, 3, float("inf"), -float("inf"))
    ),
    lambda g: Case((imaginary(g, 3),)),
)

# Fourier transforms

smooth("fft.fft fft.ifft", lambda g: Case((imaginary(g, 2, 5),), {"n": 4}))
smooth("fft.fftn fft.ifftn", lambda g: Case((imaginary(g, 2, 3),)))
smooth("fft.rfft fft.ihfft", lambda g: Case((reals(g, 2, 5),)), lambda g: Case((reals(g, 2, 4),)))
smooth("fft.rfftn", lambda g: Case((reals(g, 2, 4),)))
smooth(
    "fft.irfft fft.hfft",
    lambda g: Case((imaginary(g, 2, 3),)),
    lambda g: Case((imaginary(g, 2, 3),), {"n": 5}),
)
smooth("fft.irfftn", lambda g: Case((imaginary(g, 2, 3),)))
smooth("fft.fftshift fft.ifftshift", lambda g: Case((reals(g, 5),)))
