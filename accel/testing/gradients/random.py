"""Gradients of the ops of `accel.random`, in the parameters of their distributions."""

from __future__ import annotations

import numpy as np

from accel.testing.cases import Case
from accel.testing.gradients.standard import definite
from accel.testing.gradients.table import Call, constant, reals, smooth, spread, undefined

KEY = np.asarray([3, 141], dtype=np.uint32)

undefined("random.key random.split random.fold_in random.bits", "gives whole numbers")
undefined("random.normal random.exponential", "takes no numbers; scale what it gives")
undefined("random.randint", "takes and gives integers")
constant("random.poisson", lambda g: Case((KEY, np.asarray([3.0, 30.0]))), "gives integers")
constant("random.bernoulli", lambda g: Case((KEY, reals(g, 4, low=0.2, high=0.8))), "gives booleans")
constant("random.categorical", lambda g: Case((KEY, reals(g, 4))), "gives integers")
smooth(
    "random.uniform",
    lambda g: Case((KEY, (4,)), {"minval": reals(g, low=-1, high=0), "maxval": reals(g, low=1, high=2)}),
)
smooth(
    "random.truncated_normal",
    lambda g: Case((KEY, reals(g, 4, low=-2, high=-1), reals(g, 4, low=0, high=1))),
    orders=1,
    note="checked to the first order: the second takes a minute to compile",
)
smooth("random.permutation", lambda g: Case((KEY, reals(g, 4))))
smooth(
    "random.choice",
    lambda g: Case((KEY, reals(g, 4), (3,))),
    Call(lambda g: Case((KEY, reals(g, 4), (3,)), {"p": np.asarray([0.25, 0.5, 0.25, 0.0])}), fixed=("p",)),
    note="of the elements; in p it is constant",
)
smooth(
    "random.multivariate_normal",
    lambda g: Case((KEY, reals(g, 3), definite(g))),
    lambda g: Case((KEY, reals(g, 3), definite(g)), {"method": "eigh"}),
    size=0.25,
)
smooth(
    "random.gamma",
    lambda g: Case((KEY, spread(g, 6, low=0.5, high=4))),
    by="distribution",
    orders=1,
    note="at a fixed value of the distribution function; of the first order",
)
smooth(
    "random.beta",
    lambda g: Case((KEY, spread(g, 6, low=0.5, high=4), spread(g, 6, low=0.5, high=4))),
    by="distribution",
    orders=1,
    note="of the two gamma variables it is made of; of the first order",
)
