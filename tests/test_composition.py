"""Composition: the ops that the standard leaves out, by their bodies and by what a backend puts in their place."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis.strategies import DataObject, data

import accel
import accel.registry as registry
from accel.composition import PARTS, kept
from accel.dispatch import specs
from accel.errors import ArgumentError, DTypeError, NaNError
from accel.testing.columns import table
from accel.testing.rows import Row, bound, dispatched
from accel.testing.trial import SLOW_TO_DRAW
from accel.transform.tree import leaves

OWN = [name for name, spec in specs.items() if spec.composed]
DEFINED_IN_THE_DTYPE = {"extra.histogram"}
"""Ops that compare with numbers made in the dtype itself, as the edges of bins are."""

ROUNDED = [
    name
    for name in OWN
    if specs[name].same == "conditioned" and specs[name].part != "random" and name not in DEFINED_IN_THE_DTYPE
]
"""Ops whose results hang on rounding by a formula of their own; random numbers of another dtype are others."""


def _widened(x: Any) -> Any:
    return (
        x.astype(np.float64) if x.dtype.kind == "f" else x.astype(np.complex128) if x.dtype.kind == "c" else x
    )


def _as(truth: Any, got: Any) -> Any:
    if isinstance(got, tuple):
        items = [_as(a, b) for a, b in zip(truth, got, strict=True)]
        return type(got)(*items) if hasattr(got, "_fields") else tuple(items)
    return np.asarray(truth).astype(got.dtype) if isinstance(got, np.ndarray | np.generic) else got


@pytest.mark.parametrize("op", ROUNDED)
@given(data=data())
@settings(suppress_health_check=SLOW_TO_DRAW)
def test_narrow_results_are_the_wide_ones_rounded(op: str, data: DataObject) -> None:
    """In 32 and 16 bits an op gives what its body gives in 64 bits, within its bound."""
    spec, column = specs[op], table[op]
    case = data.draw(column.cases)
    assume(any(x.dtype in ("float16", "float32", "complex64") for x in case.arrays()))
    assume(not any(x.dtype in ("float64", "complex128") for x in case.arrays()))
    assume(
        not any(
            value in (accel.float16, accel.float32)
            for value in case.kwargs.values()
            if isinstance(value, type(accel.float32))
        )
    )
    with np.errstate(all="ignore"), accel.use_device("numpy"):
        wide = case.map(_widened)
        truth = column.seen(spec.function(*wide.args, **wide.kwargs))
        got = column.seen(dispatched(spec)(*case.args, **case.kwargs))
        column.check(spec, case, _as(truth, got), got)


@pytest.mark.parametrize("op", OWN)
def test_the_example_of_each_op_runs_on_its_own(op: str) -> None:
    """What the columns show as a plain call is one, also of the namespace of a backend, and by its body."""
    spec = specs[op]
    example = table[op].example
    assert example is not None
    case = example()
    with accel.use_device("numpy"):
        results = [
            call(*case.args, **case.kwargs)
            for call in (dispatched(spec), bound(spec, "numpy"), spec.function)
        ]
    # A result without axes may be an array or an array scalar.
    owners = {registry.owner(type(leaf)) for result in results for leaf in leaves(result)}
    assert owners == {registry.load("numpy")}


@pytest.mark.parametrize("op", OWN)
def test_a_backends_own_line_takes_what_the_spec_takes(plain_row: Row, op: str) -> None:
    """Where a backend has something better, it has the parameters of the spec."""
    spec = specs[op]
    found = bound(spec, plain_row.backend)
    try:
        signature = inspect.signature(found)
    except ValueError:
        return  # a ufunc
    names = list(signature.parameters)
    if any(p.kind.name.startswith("VAR") for p in signature.parameters.values()):
        return
    assert [p.name for p in spec.parameters if p.kind == "keyword"] == [
        n for n in names if signature.parameters[n].kind.name == "KEYWORD_ONLY"
    ]
    assert len(names) == len(spec.parameters)


@pytest.mark.parametrize("part", PARTS)
def test_a_part_of_a_namespace_has_the_ops_and_no_others(plain_row: Row, part: str) -> None:
    space = getattr(accel.namespace(plain_row.backend), part)
    for op in OWN:
        if specs[op].part == part:
            name = op.rpartition(".")[2]
            assert getattr(space, name) is getattr(space, name)
    with pytest.raises(AttributeError, match="warp"):
        _ = space.warp
    with pytest.raises(AttributeError, match="warp"):
        _ = accel.namespace(plain_row.backend).warp


def test_an_op_is_asked_before_any_backend_sees_its_arguments(plain_row: Row) -> None:
    x = plain_row.put(np.asarray([1, 2]))
    with pytest.raises(
        DTypeError, match=r"^accel.nn.softmax: x is int64, and only real floating-point dtypes are taken; "
    ):
        accel.nn.softmax(x)
    with pytest.raises(ArgumentError, match="names one axis twice"):
        accel.nn.softmax(plain_row.put(np.ones((2, 2))), axis=(0, -2))


def test_checked_mode_names_the_op_that_was_called(plain_row: Row) -> None:
    """The checks are those of the op, not of the ops inside its body."""
    x = plain_row.put(np.asarray([np.inf, 0.0]))
    with pytest.raises(NaNError, match=r"^accel.nn.softmax"), accel.checked():
        accel.nn.softmax(x)
    assert np.isnan(accel.to_numpy(accel.nn.softmax(x))).any()


def test_a_library_without_a_word_for_accel_has_the_ops() -> None:
    strict = pytest.importorskip("array_api_strict")
    from accel.testing.rows import activate

    activate("strict")
    if "strict" not in registry.names():
        pytest.skip("array-api-strict has a backend of its own here")
    x = strict.asarray([[0.5, -1.0], [2.0, 0.0]])
    got = accel.nn.softmax(x, axis=0)
    assert type(got) is type(x)
    np.testing.assert_allclose(
        accel.to_numpy(got), accel.nn.softmax(np.asarray([[0.5, -1.0], [2.0, 0.0]]), axis=0), rtol=1e-15
    )


def test_kept_changes_no_bit(plain_row: Row) -> None:
    values = np.asarray([0.0, -0.0, 1.5, np.inf, -np.inf, 1e-300])
    got = np.asarray(accel.to_numpy(kept(plain_row.put(values))))
    assert got.tobytes() == values.tobytes()
    assert kept(1.5) == 1.5
