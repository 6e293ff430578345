"""The matrix: on every backend (rows), every op (columns) gives what it gives on the reference backend."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import DataObject

import accel
from accel.dispatch import specs
from accel.testing.agreement import placed, structure
from accel.testing.columns import table
from accel.testing.known import Deviation, deviations, known
from accel.testing.matrix import compare
from accel.testing.rows import Row, bound, dispatched, rows
from accel.testing.trial import SLOW_TO_DRAW
from tests.depth import examples


def test_agrees(row: Row, op: str) -> None:
    """Each op gives on each row what it gives on the reference, as closely as its spec promises."""
    spec = specs[op]

    @settings(max_examples=examples(row, op), suppress_health_check=SLOW_TO_DRAW)
    @given(data=st.data())
    def agrees(data: DataObject) -> None:
        case = data.draw(table[spec.name].cases)
        assume(row.takes(spec, case))
        assume(not any(deviation.covers(case) for deviation in known(row, spec.name)))
        compare(row, spec, case)

    agrees()


@pytest.mark.parametrize("deviation", deviations(), ids=str)
def test_known_deviation_is_still_there(deviation: Deviation, runnable: Any) -> None:
    """Each entry of ``tests/deviations`` is about a cell that fails; one that passes has to be taken out."""
    spec = specs[deviation.op]
    chosen = [
        r
        for r in rows()
        if deviation.backend == r.backend and deviation.row in ("", r.name) and not r.nightly
    ]
    for row in chosen:
        runnable(row)

    @given(data=st.data())
    @settings(suppress_health_check=SLOW_TO_DRAW, database=None, max_examples=200, print_blob=False)
    def some_case_fails(data: DataObject) -> None:
        case = data.draw(table[spec.name].cases.filter(deviation.covers))
        for row in chosen:
            if row.takes(spec, case):
                compare(row, spec, case)

    try:
        some_case_fails()
    except Unsatisfiable:
        pytest.fail(f"{deviation} is about cases that the column of {deviation.op} never draws")
    except Exception:
        return
    pytest.fail(f"{deviation} is mended: take the entry out of tests/deviations/{deviation.backend}.toml")


ALSO_BOUND = (
    "add",
    "astype",
    "clip",
    "concat",
    "exp",
    "linalg.qr",
    "pow",
    "sort",
    "sum",
    "unique_all",
    "where",
    "zeros",
)
"""Ops that stand for each way in which a call is dispatched."""


@pytest.mark.parametrize("name", ALSO_BOUND)
@given(data=st.data())
@settings(suppress_health_check=SLOW_TO_DRAW)
def test_bound_namespace_gives_the_same(plain_row: Row, name: str, data: DataObject) -> None:
    """An op of a backend's namespace gives the very result of the dispatched op."""
    spec, row = specs[name], plain_row
    case = data.draw(table[name].cases)
    native = case.map(row.put)
    namespace = accel.namespace(row.backend)

    def own(x: Any) -> Any:
        return getattr(namespace, x.name) if isinstance(x, type(accel.float32)) else x

    with np.errstate(all="ignore"), accel.use_device(row.device):
        expected = dispatched(spec)(*native.args, **native.kwargs)
        where = {"device": row.device.native} if not spec.arrays else {}
        args, kwargs = tuple(map(own, native.args)), {k: own(v) for k, v in native.kwargs.items()}
        got = bound(spec, row.backend)(*args, **kwargs, **where)
    _same_bits(_on_host(expected), structure(_on_host(expected), got))
    placed(got, row)


def _on_host(x: Any) -> Any:
    if isinstance(x, tuple):
        return type(x)(*map(_on_host, x)) if hasattr(x, "_fields") else tuple(map(_on_host, x))
    return np.asarray(accel.to_numpy(x))


def _same_bits(a: Any, b: Any) -> None:
    if isinstance(a, tuple):
        for one, two in zip(a, b, strict=True):
            _same_bits(one, two)
    else:
        np.testing.assert_array_equal(a, b, strict=True)


def test_every_spec_has_a_column() -> None:
    """No op is forgotten, and no column is left over."""
    assert set(table) == set(specs)
