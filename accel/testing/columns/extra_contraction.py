"""Column of `accel.extra.contraction`."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn

from accel.dispatch import Spec
from accel.errors import ArgumentError, DTypeError, ShapeError
from accel.testing.cases import Case
from accel.testing.columns.linear_algebra import factors
from accel.testing.columns.table import column
from accel.testing.condition import Array, conditioned, wide
from accel.testing.strategies import INTEGER, NUMERIC, arrays, companions, tame

X = np.asarray([[0.5, -1.0, 3.0], [2.0, 0.0, 1.0]])

SUBSCRIPTS = (
    "ij,jk->ik",
    "ij,jk",
    "ij->ji",
    "ii->i",
    "ii",
    "iji->j",
    "ij->",
    "ij->j",
    "i,i->",
    "i,j->ji",
    "bij,bjk->bik",
    "bij,bkj->bki",
    "ij,ij->i",
    "ijk,kj->i",
    "bi,bj->bij",
    "ij,i->ij",
    "ij,kl->",
    "abc,cd,abe->de",
    "bij,bjk,bkl->bil",
    "ij,jk,kl,l->i",
    "i,i,i->i",
    "ab,bc,cd,de,ef->af",
    "iij,jk->ik",
    "...ij,...jk->...ik",
    "...i,i->...",
    "i...->...i",
    "...,...",
    "ijk,ijk->k",
    ",i->i",
)
LENGTHS = {"a": 2, "b": 3, "c": 1, "d": 2, "e": 3, "f": 2, "i": 2, "j": 3, "k": 2, "l": 4}


def _words(case: Case, y: Array) -> dict[str, Any]:
    subscripts, *operands = case.args
    whole = np.einsum(subscripts, *(np.ones(x.shape) for x in operands))
    return {
        "K": np.maximum(whole, 1),
        "einsum": np.einsum,
        "map": map,
        "n": len(operands),
        "operands": [np.abs(wide(x)) for x in operands],
        "subscripts": subscripts,
    }


@column(
    "extra.einsum",
    check=conditioned,
    words=_words,
    example=lambda: Case(("ij,kj->ik", X, X)),
    refuses=lambda: [
        ("two lengths of one letter", Case(("ij,jk->ik", X, X)), ShapeError),
        ("length 1 of a letter", Case(("ij,j->i", X, X[0, :1])), ShapeError),
        ("letters for other axes", Case(("i,j->ij", X, X)), ShapeError),
        ("too few letters for an ellipsis", Case(("...ijk->i", X)), ShapeError),
        ("ellipses that do not broadcast", Case(("...,...->...", X, X[:, :2])), ShapeError),
        ("too few operands", Case(("ij,jk->ik", X)), ArgumentError),
        ("too many operands", Case(("ij->ij", X, X)), ArgumentError),
        ("unknown letter in the result", Case(("ij->iz", X)), ArgumentError),
        ("letter twice in the result", Case(("ij->ii", X)), ArgumentError),
        ("digit", Case(("i1->i", X)), ArgumentError),
        ("two arrows", Case(("ij->i->j", X)), ArgumentError),
        ("ellipsis that is lost", Case(("...j->j", X)), ArgumentError),
        ("list for subscripts", Case((3, X)), ArgumentError),
        ("unknown order", Case(("ij->ji", X), {"optimize": "fast"}), ArgumentError),
        ("booleans", Case(("ij->ji", X > 0)), DTypeError),
    ],
)
def einsum(draw: DrawFn, spec: Spec) -> Case:
    subscripts = draw(st.sampled_from(SUBSCRIPTS))
    one, two = draw(companions((*NUMERIC,)))
    if draw(st.integers(0, 7)) == 7:
        one = two = "bfloat16"
    lengths = dict(LENGTHS)
    if draw(st.integers(0, 4)) == 4:
        lengths[draw(st.sampled_from("ij"))] = draw(st.sampled_from([0, 1]))
    dots = draw(st.sampled_from([((), ()), ((2,), ()), ((2, 1), (3,)), ((1,), (2,))]))
    operands = []
    for place, term in enumerate(subscripts.partition("->")[0].split(",")):
        before, _, after = term.partition("...")
        lead = dots[place % 2] if "..." in term else ()
        shape = (*(lengths[c] for c in before), *lead, *(lengths[c] for c in after))
        dtype = (one, two)[place % 2]
        most = 4 if subscripts.count(",") > 1 else 8
        values = factors(dtype) if dtype in INTEGER else tame(dtype, most=most)
        operands.append(draw(arrays(dtype, shape, values)))
    options: dict[str, Any] = draw(
        st.sampled_from([{}, {}, {"optimize": False}, {"optimize": "greedy"}, {"optimize": "optimal"}])
    )
    return Case((subscripts, *operands), options)
