"""Gradients of the ops of `accel.nn`."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from accel.testing.cases import Case
from accel.testing.gradients.standard import Generator
from accel.testing.gradients.table import (
    Array,
    Call,
    away,
    reals,
    smooth,
    spread,
    undefined,
)


def within(low: float, high: float, count: int = 8) -> Any:
    """Give the draws of numbers all over an interval."""
    return lambda g: Case((spread(g, count, low=low, high=high),))


NEAR = Call(within(-1e-3, 1e-3, 3), size=2.0**-8)
FAR = (within(25, 30, 4), within(-40, -36, 4))


def broken(*bends: float) -> Any:
    """Give the draws of numbers of which none is near a bend."""
    ends = [-6.0, *bends, 8.0]

    def draws(g: Generator) -> Case:
        return Case((np.concatenate([g.uniform(a + 0.1, b - 0.1, 2) for a, b in pairwise(ends)]),))

    return draws


# Activation

smooth("nn.relu", broken(0), note="0 at 0")
smooth("nn.relu6", broken(0, 6), note="0 at 0 and at 6")
smooth("nn.leaky_relu", broken(0), note="the slope of negative numbers at 0")
smooth("nn.elu nn.selu nn.celu", broken(0), within(-4, -0.1), Call(broken(0)))
smooth(
    "nn.gelu",
    within(-4, 4),
    lambda g: Case((spread(g, 8, low=-4, high=4),), {"approximate": True}),
    within(25, 30, 4),
    within(-12, -10, 4),
    NEAR,
)
smooth("nn.silu nn.mish nn.sigmoid nn.log_sigmoid", within(-4, 4), *FAR, NEAR)
smooth("nn.hard_sigmoid", broken(-3, 3), note="0 at -3 and at 3")
smooth("nn.hard_silu", broken(-3, 3))
smooth("nn.hard_tanh", broken(-1, 1), note="0 at the ends")
smooth("nn.softsign", broken(0))
smooth("nn.glu", lambda g: Case((reals(g, 2, 6, low=-4, high=4),)))

# Attention

CAUSAL = {"causal": True}
SEEN = np.asarray([[True, False, True, True], [False, False, False, False], [True, True, True, True]])


def attended(g: Generator) -> tuple[Array, Array, Array]:
    """Draw queries of four heads, and keys and values of two."""
    return reals(g, 4, 3, 2), reals(g, 2, 4, 2), reals(g, 2, 4, 3)


smooth(
    "nn.scaled_dot_product_attention",
    lambda g: Case(attended(g), {"mask": reals(g, 3, 4)}),
    lambda g: Case(attended(g), CAUSAL),
    lambda g: Case(attended(g), {"window": 1}),
    lambda g: Case(attended(g), {"mask": SEEN}),
)

# Convolution


def convolved(ndim: int, transpose: bool = False) -> Any:
    """Give the draws of a convolution with stride, padding, dilation and two groups."""

    def draws(g: Generator) -> Case:
        lengths = (5, 4, 3)[:ndim]
        x, w = reals(g, 2, 4, *lengths), reals(g, 4, 2, *(2,) * ndim)
        options = {"stride": 2, "padding": 1, "groups": 2} | ({} if transpose else {"dilation": 2})
        return Case((x, w, reals(g, 4)), options)

    return draws


for _n in (1, 2, 3):
    smooth(f"nn.conv{_n}d", convolved(_n))
    smooth(f"nn.conv_transpose{_n}d", convolved(_n, transpose=True))

# Layer

smooth(
    "nn.dropout",
    lambda g: Case((reals(g, 3, 4), 0.5, np.asarray([0, 7], dtype=np.uint32))),
    note="of what is kept; the rate is a number",
)
smooth("nn.embedding", lambda g: Case((np.asarray([2, 0, 2]), reals(g, 3, 2))))
smooth("nn.linear", lambda g: Case((reals(g, 2, 3), reals(g, 4, 3), reals(g, 4))))
undefined("nn.one_hot", "takes integers")

# Loss

LABELS = np.asarray([2, 0, -100])


def shares(g: Generator, *shape: int) -> Array:
    """Draw rows of positive numbers that add up to 1."""
    x = reals(g, *shape, low=0.2, high=1)
    return np.asarray(x / x.sum(-1, keepdims=True))


def positive(g: Generator, *shape: int) -> Array:
    """Draw positive numbers."""
    return reals(g, *shape, low=0.3, high=2)


smooth(
    "nn.cross_entropy",
    lambda g: Case((reals(g, 3, 4), LABELS)),
    lambda g: Case((reals(g, 3, 4), LABELS), {"weight": positive(g, 4), "label_smoothing": 0.1}),
    lambda g: Case((reals(g, 3, 4), shares(g, 3, 4)), {"reduction": "none"}),
)
smooth("nn.nll_loss", lambda g: Case((reals(g, 3, 4), LABELS), {"weight": positive(g, 4)}))
smooth("nn.mse_loss", lambda g: Case((reals(g, 3, 4), reals(g, 3, 4))))
smooth("nn.mae_loss", lambda g: Case((x := reals(g, 3, 4), x + away(g, 3, 4))))
smooth(
    "nn.huber_loss",
    lambda g: Case(
        (x := reals(g, 6), x + g.permutation([-1.8, -0.6, 0.3, 0.6, 1.4, 2.0])), {"reduction": "sum"}
    ),
)
smooth(
    "nn.kl_div",
    Call(lambda g: Case((np.log(shares(g, 3, 4)), shares(g, 3, 4))), size=0.25),
    lambda g: Case((np.log(shares(g, 3, 4)), np.log(shares(g, 3, 4))), {"log_target": True}),
)
smooth(
    "nn.binary_cross_entropy_with_logits",
    lambda g: Case((away(g, 3, 4), reals(g, 3, 4, low=0.1, high=0.9))),
    lambda g: Case(
        (away(g, 3, 4), reals(g, 3, 4, low=0.1, high=0.9)),
        {"weight": positive(g, 4), "pos_weight": positive(g, 4)},
    ),
)

# Normalisation

smooth(
    "nn.batch_norm", lambda g: Case((reals(g, 4, 3), reals(g, 3), positive(g, 3), reals(g, 3), reals(g, 3)))
)
smooth("nn.batch_norm_train", lambda g: Case((spread(g, 4, 3), reals(g, 3), reals(g, 3))))
smooth("nn.group_norm", lambda g: Case((spread(g, 2, 4, 3), 2, reals(g, 4), reals(g, 4))))
smooth("nn.layer_norm", lambda g: Case((spread(g, 2, 5), reals(g, 5), reals(g, 5))))
smooth("nn.rms_norm", lambda g: Case((spread(g, 2, 5), reals(g, 5))))

# Pooling


def pooled(ndim: int, values: Callable[..., Array], *args: Any, **options: Any) -> Any:
    """Give the draws of a call of a pooling op."""
    shape = (2, 5, 4, 4)[: ndim + 1]
    return lambda g: Case((values(g, *shape)[None], *args), options)


def apart(g: Generator, *shape: int) -> Array:
    """Draw numbers of which no two are near each other."""
    return spread(g, *shape, low=-8, high=8)


for _n in (1, 2, 3):
    smooth(f"nn.max_pool{_n}d", pooled(_n, apart, 2, stride=1, padding=1))
    smooth(f"nn.avg_pool{_n}d", pooled(_n, reals, 2, stride=1, padding=1, count_include_pad=False))
    smooth(f"nn.adaptive_max_pool{_n}d", pooled(_n, apart, 2))
    smooth(f"nn.adaptive_avg_pool{_n}d", pooled(_n, reals, 2))

# Position, probability

smooth(
    "nn.rotary_embedding",
    lambda g: Case((reals(g, 2, 3, 4),)),
    Call(lambda g: Case((reals(g, 2, 3, 4), np.asarray([0, 5, 2])))),
    lambda g: Case((reals(g, 2, 3, 4),), {"cos": reals(g, 3, 2), "sin": reals(g, 3, 2), "interleaved": True}),
)
SCORES = (
    Call(lambda g: Case((reals(g, 3, 4, low=-4, high=4),))),
    Call(lambda g: Case((reals(g, 2, 3, 2),), {"axis": (0, 1)})),
)
smooth(
    "nn.softmax",
    *SCORES,
    lambda g: Case((reals(g, 3, 4),), {"where": SEEN}),
    note="0 for what does not count",
)
smooth("nn.log_softmax", *SCORES)

# Quantisation

QUARTERS = np.asarray([[1, -127, 3, 0], [0, 5, 0, 2]], dtype=np.int8)
SCALE = np.asarray([[0.5], [2.0]])
smooth(
    "nn.quantise_int8",
    lambda g: Case((away(g, 2, 4),)),
    note="of the scale; the values are integers",
)
smooth(
    "nn.quantise_int4",
    lambda g: Case((away(g, 2, 4),), {"group_size": 4}),
    note="of the scale; the values are integers",
)
smooth("nn.dequantise", lambda g: Case((QUARTERS, reals(g, 2, 1))), note="of the scale")
smooth(
    "nn.quantised_matmul",
    lambda g: Case((reals(g, 3, 4), QUARTERS, reals(g, 2, 1))),
    note="of x and the scale",
)

# Resampling

smooth(
    "nn.interpolate",
    lambda g: Case((reals(g, 1, 2, 4),), {"size": 7}),
    lambda g: Case((reals(g, 1, 1, 3, 4),), {"scale_factor": 1.5, "mode": "bilinear"}),
)
