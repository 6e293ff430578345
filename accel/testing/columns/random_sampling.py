"""Columns of `accel.random.sampling`."""

from __future__ import annotations

import math
from typing import Any

import hypothesis.strategies as st
import numpy as np
import numpy.typing as npt
from hypothesis.strategies import DrawFn, SearchStrategy

import accel
from accel.dispatch import Spec
from accel.errors import ArgumentError, AxisError, DTypeError, ShapeError
from accel.testing.cases import Case
from accel.testing.columns.random_keys import KEY, no_keys, secrets
from accel.testing.columns.table import Refusal, column
from accel.testing.condition import conditioned, wide
from accel.testing.strategies import UNSIGNED, arrays, dtype_of, dtypes, shapes

X = np.asarray([0.5, 2.0])
P = np.asarray([0.1, 0.6, 0.3])
MATRIX = np.asarray([[4.0, 1.0], [1.0, 2.0]])

FLOATS = ("float32", "float64", "float16", "bfloat16")


def _shapes() -> SearchStrategy[Any]:
    return st.sampled_from([(7,), (), (2, 3), (0,), 5])


def _no_shapes(*args: Any, **kwargs: Any) -> list[Refusal]:
    """List calls with wrong shapes behind the key."""
    return [
        ("negative length", Case((KEY, *args, (2, -1)), kwargs), ShapeError),
        ("negative number", Case((KEY, *args, -1), kwargs), ShapeError),
        ("half a length", Case((KEY, *args, (0.5,)), kwargs), ArgumentError),
    ]


def _parameter(draw: DrawFn, shape: Any, low: float, high: float) -> Any:
    """Draw a parameter of a distribution: a number, or an array that broadcasts to a shape."""
    values = st.floats(low, high, width=16, allow_nan=False)
    whole = (shape,) if isinstance(shape, int) else shape
    if draw(st.booleans()):
        return float(draw(values))
    kept = draw(st.sampled_from([whole, (), tuple(1 for _ in whole)]))
    return draw(arrays(draw(st.sampled_from(["float32", "float64", "float16"])), kept, values))


HEAVY: tuple[tuple[Any, str, str], ...] = (
    ((7,), "float64", "float64"),
    ((2, 3), "float32", "float32"),
    ((), "float32", "float16"),
    ((0,), "float64", "bfloat16"),
)
"""Shapes, dtypes of the parameters and of the result for what takes a compiler long: few, so that they are met again."""


def _heavy(draw: DrawFn, *limits: tuple[float, float]) -> tuple[Any, ...]:
    """Draw parameters between some limits, a shape and a dtype for what takes a compiler long."""
    shape, held, dtype = draw(st.sampled_from(HEAVY))
    numbers, given = draw(st.booleans()), []
    for low, high in limits:
        values = st.floats(low, high, width=16, allow_nan=False)
        given.append(
            float(draw(values))
            if numbers
            else draw(arrays(held, shape if len(shape) == 1 else shape[1:], values))
        )
    return (*given, shape, dtype_of(dtype))


@column(
    "random.bits",
    example=lambda: Case((KEY, (3,))),
    refuses=lambda: [
        *no_keys((3,)),
        *_no_shapes(),
        ("signed", Case((KEY, (3,), accel.int32)), DTypeError),
        ("floats", Case((KEY, (3,), accel.float32)), DTypeError),
    ],
)
def words(draw: DrawFn, spec: Spec) -> Case:
    more = draw(st.sampled_from([(), *((dtype_of(name),) for name in UNSIGNED)]))
    return Case((draw(secrets), draw(_shapes()), *more))


NO_FLOATS: list[tuple[str, Any]] = [
    ("integers", accel.int64),
    ("complex", accel.complex64),
    ("bool", accel.bool),
]


@column(
    "random.uniform",
    example=lambda: Case((KEY, (3,))),
    refuses=lambda: [
        *no_keys((3,)),
        *_no_shapes(),
        *((f"dtype {what}", Case((KEY, (3,), dtype)), DTypeError) for what, dtype in NO_FLOATS),
        ("bound of text", Case((KEY, (3,)), {"minval": "0"}), Exception),
        ("bound of more elements", Case((KEY, (3,)), {"maxval": X}), ShapeError),
        ("complex bound", Case((KEY, (2,)), {"maxval": X * 1j}), DTypeError),
    ],
)
def intervals(draw: DrawFn, spec: Spec) -> Case:
    shape = draw(_shapes())
    asked: dict[str, Any] = {"dtype": dtype_of(draw(st.sampled_from(FLOATS)))}
    if draw(st.booleans()):
        asked["minval"] = _parameter(draw, shape, -4.0, 1.0)
    if draw(st.booleans()):
        asked["maxval"] = _parameter(draw, shape, 0.5, 8.0)
    return Case((draw(secrets), shape), asked)


@column(
    "random.randint",
    example=lambda: Case((KEY, (3,), 0, 10)),
    refuses=lambda: [
        *no_keys((3,), 0, 10),
        ("negative length", Case((KEY, (-1,), 0, 10)), ShapeError),
        ("half a length", Case((KEY, 0.5, 0, 10)), ArgumentError),
        ("bound with a fraction", Case((KEY, (3,), 0, 0.5)), ArgumentError),
        ("bound of truth", Case((KEY, (3,), False, 3)), ArgumentError),
        ("bound of floats", Case((KEY, (2,), X, 3)), DTypeError),
        ("bound of more elements", Case((KEY, (3,), 0, np.asarray([1, 2]))), ShapeError),
        ("dtype of floats", Case((KEY, (3,), 0, 3, accel.float32)), DTypeError),
    ],
)
def ranges(draw: DrawFn, spec: Spec) -> Case:
    shape, name = draw(_shapes()), draw(dtypes("integer"))
    info = np.iinfo(name)
    ends = [int(info.min), int(info.max), int(info.max) + 1, 0, 1, 100, -7]
    low, high = (draw(st.sampled_from(ends)) for _ in range(2))
    given: list[Any] = []
    for end in (low, high):
        held = draw(st.sampled_from([name, "int64", "int32", "uint8"]))
        limits = np.iinfo(held)
        if draw(st.booleans()):
            whole = (shape,) if isinstance(shape, int) else shape
            end = min(max(end, int(limits.min)), int(limits.max))
            given.append(np.full(draw(st.sampled_from([whole, ()])), end, dtype=held))
        else:
            given.append(min(end, 2**63 - 1) if name == "uint64" and draw(st.booleans()) else end)
    return Case((draw(secrets), shape, *given, dtype_of(name)))


@column(
    "random.exponential",
    "random.normal",
    example=lambda: Case((KEY, (3,))),
    refuses=lambda: [
        *no_keys((3,)),
        *_no_shapes(),
        *((f"dtype {what}", Case((KEY, (3,), dtype)), DTypeError) for what, dtype in NO_FLOATS),
    ],
)
def standard(draw: DrawFn, spec: Spec) -> Case:
    return Case((draw(secrets), draw(_shapes()), dtype_of(draw(st.sampled_from(FLOATS)))))


@column(
    "random.truncated_normal",
    example=lambda: Case((KEY, -1.0, 2.0, (3,))),
    refuses=lambda: [
        *no_keys(-1.0, 2.0),
        *_no_shapes(-1.0, 2.0),
        ("bounds the wrong way round", Case((KEY, 2.0, 1.0)), ArgumentError),
        ("bounds of one number", Case((KEY, 1.0, 1.0)), ArgumentError),
        ("bounds that do not broadcast", Case((KEY, X, np.ones(3) * 9)), ShapeError),
        ("dtype of integers", Case((KEY, -1.0, 2.0, (3,), accel.int32)), DTypeError),
    ],
)
def between(draw: DrawFn, spec: Spec) -> Case:
    low, high, *rest = _heavy(draw, (-9.0, 8.0), (8.5, 12.0))
    side = draw(st.sampled_from(["both", "mirrored", "open"]))
    if side == "mirrored":
        low, high = -high, -low
    elif side == "open":
        low, high = -math.inf, low
    return Case(
        (draw(secrets), *(np.asarray(x) if isinstance(x, np.generic) else x for x in (low, high)), *rest)
    )


@column(
    "random.gamma",
    example=lambda: Case((KEY, 2.5, (3,))),
    refuses=lambda: [
        *no_keys(2.5),
        *_no_shapes(2.5),
        ("zero", Case((KEY, 0.0)), ArgumentError),
        ("negative", Case((KEY, -1.0)), ArgumentError),
        ("nan", Case((KEY, math.nan)), ArgumentError),
        ("parameter of more elements", Case((KEY, X, (3,))), ShapeError),
        ("dtype of integers", Case((KEY, 2.5, (3,), accel.int32)), DTypeError),
    ],
)
def gammas(draw: DrawFn, spec: Spec) -> Case:
    return Case((draw(secrets), *_heavy(draw, (2.0**-6, 2.0 ** draw(st.integers(0, 10))))))


@column(
    "random.beta",
    example=lambda: Case((KEY, 2.0, 3.0, (3,))),
    refuses=lambda: [
        *no_keys(2.0, 3.0),
        *_no_shapes(2.0, 3.0),
        ("zero", Case((KEY, 0.0, 1.0)), ArgumentError),
        ("negative", Case((KEY, 1.0, -1.0)), ArgumentError),
        ("parameters that do not broadcast", Case((KEY, X, np.ones(3))), ShapeError),
        ("dtype of integers", Case((KEY, 2.0, 3.0, (3,), accel.int32)), DTypeError),
    ],
)
def betas(draw: DrawFn, spec: Spec) -> Case:
    limit = (2.0**-4, 2.0 ** draw(st.integers(0, 6)))
    return Case((draw(secrets), *_heavy(draw, limit, limit)))


@column(
    "random.poisson",
    example=lambda: Case((KEY, 4.0, (3,))),
    refuses=lambda: [
        *no_keys(4.0),
        *_no_shapes(4.0),
        ("negative", Case((KEY, -1.0)), ArgumentError),
        ("infinite", Case((KEY, math.inf)), ArgumentError),
        ("parameter of more elements", Case((KEY, X, (3,))), ShapeError),
        ("dtype of floats", Case((KEY, 4.0, (3,), accel.float32)), DTypeError),
    ],
)
def counts(draw: DrawFn, spec: Spec) -> Case:
    *given, dtype = _heavy(draw, (0.0, 2.0 ** draw(st.integers(1, 12))))
    return Case((draw(secrets), *given, accel.int32 if dtype is accel.float32 else accel.int64))


@column(
    "random.bernoulli",
    example=lambda: Case((KEY, 0.3, (3,))),
    refuses=lambda: [
        *no_keys(0.3),
        *_no_shapes(0.3),
        ("above one", Case((KEY, 1.5)), ArgumentError),
        ("below zero", Case((KEY, -0.5)), ArgumentError),
        ("integers", Case((KEY, np.asarray([0, 1]))), DTypeError),
        ("probabilities of more elements", Case((KEY, X, (3,))), ShapeError),
    ],
)
def coins(draw: DrawFn, spec: Spec) -> Case:
    p, shape, _ = _heavy(draw, (0.0, 1.0))
    return Case((draw(secrets), p, shape))


@column(
    "random.categorical",
    example=lambda: Case((KEY, np.log(P))),
    refuses=lambda: [
        *no_keys(P),
        ("logits of integers", Case((KEY, np.asarray([1, 2]))), DTypeError),
        ("no categories", Case((KEY, P[:0])), ShapeError),
        ("no axis", Case((KEY, np.asarray(1.0))), AxisError),
        ("axis too large", Case((KEY, P), {"axis": 1}), AxisError),
        ("shape without the batch", Case((KEY, MATRIX), {"shape": (3,)}), ShapeError),
        ("negative length", Case((KEY, P), {"shape": (-1,)}), ShapeError),
    ],
)
def categories(draw: DrawFn, spec: Spec) -> Case:
    shape = draw(st.sampled_from([(3,), (2, 3), (3, 1, 2)]))
    values = st.one_of(st.floats(-8.0, 8.0, width=16), st.just(-math.inf))
    logits = draw(arrays(draw(st.sampled_from(["float32", "float64", "float16"])), shape, values))
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    rest = tuple(n for i, n in enumerate(shape) if i != axis % len(shape))
    asked: dict[str, Any] = {} if axis == -1 and draw(st.booleans()) else {"axis": axis}
    if draw(st.booleans()):
        asked["shape"] = (*draw(st.sampled_from([(), (4,), (0,)])), *rest)
    return Case((draw(secrets), logits), asked)


@column(
    "random.permutation",
    example=lambda: Case((KEY, 5)),
    refuses=lambda: [
        *no_keys(5),
        ("negative", Case((KEY, -1)), ShapeError),
        ("half", Case((KEY, 0.5)), Exception),
        ("no axis", Case((KEY, np.asarray(1.0))), AxisError),
        ("axis too large", Case((KEY, MATRIX), {"axis": 2}), AxisError),
        ("axis beside a number", Case((KEY, 3), {"axis": 1}), ArgumentError),
    ],
)
def orders(draw: DrawFn, spec: Spec) -> Case:
    if draw(st.booleans()):
        return Case((draw(secrets), draw(st.sampled_from([5, 0, 1, 2, 33]))))
    x = draw(arrays(draw(dtypes()), draw(shapes(1))))
    asked: dict[str, Any] = {"axis": draw(st.integers(-x.ndim, x.ndim - 1))}
    if draw(st.booleans()):
        asked["independent"] = True
    return Case((draw(secrets), x), asked)


@column(
    "random.choice",
    example=lambda: Case((KEY, 5, (3,))),
    refuses=lambda: [
        *no_keys(5),
        *_no_shapes(5),
        ("too many", Case((KEY, 3, (4,)), {"replace": False}), ShapeError),
        ("nothing to choose from", Case((KEY, 0, (4,))), ShapeError),
        ("half", Case((KEY, 0.5)), Exception),
        ("no axis", Case((KEY, np.asarray(1.0))), AxisError),
        ("axis too large", Case((KEY, MATRIX), {"axis": 2}), AxisError),
        ("probabilities of integers", Case((KEY, 2), {"p": np.asarray([1, 2])}), DTypeError),
        ("probabilities of other elements", Case((KEY, 2), {"p": P}), ShapeError),
    ],
)
def choices(draw: DrawFn, spec: Spec) -> Case:
    replace = draw(st.booleans())
    shape = draw(st.sampled_from([(2,), (), (1, 2), (0,), 2]))
    asked: dict[str, Any] = {} if replace and draw(st.booleans()) else {"replace": replace}
    if draw(st.booleans()):
        a, size = 4, 4
    else:
        a = draw(arrays(draw(dtypes()), draw(st.sampled_from([(4,), (2, 3), (3, 2)]))))
        asked["axis"] = draw(st.integers(-a.ndim, a.ndim - 1))
        size = a.shape[asked["axis"]]
    if draw(st.booleans()):
        values = st.one_of(st.floats(0.125, 1.0, width=16), st.just(0.0))
        p: npt.NDArray[Any] = draw(
            arrays(draw(st.sampled_from(["float32", "float64", "float16"])), (size,), values)
        )
        p[0] = 0.5
        asked["p"] = p
    return Case((draw(secrets), a, shape), asked)


def _multivariate(case: Case, y: npt.NDArray[Any]) -> dict[str, Any]:
    """Give the words of the formula: how far apart the eigenvalues are, and how long what is added is at most."""
    mean, cov = wide(case.args[1]), wide(case.args[2])
    n = mean.shape[-1]
    values = np.linalg.eigvalsh(cov)
    largest, least = values.max(axis=-1), values.min(axis=-1)
    # The normal numbers are no longer than what they became, divided by the least root.
    apart = np.linalg.norm(wide(y) - mean, axis=-1, keepdims=True)
    size = np.abs(mean).max(axis=-1, keepdims=True) + apart * np.sqrt(largest / least)[..., None]
    return {"condition": (largest / least)[..., None], "n": n, "size": size}


@column(
    "random.multivariate_normal",
    check=conditioned,
    words=_multivariate,
    example=lambda: Case((KEY, np.zeros(2), MATRIX)),
    refuses=lambda: [
        *no_keys(np.zeros(2), MATRIX),
        *(
            (what, Case((KEY, np.zeros(2), MATRIX, wrong)), error)
            for what, wrong, error in (("negative length", (-1,), ShapeError), ("half", 0.5, ArgumentError))
        ),
        ("means of integers", Case((KEY, np.asarray([0, 0]), MATRIX)), DTypeError),
        ("mean of no axis", Case((KEY, np.asarray(0.0), MATRIX)), ShapeError),
        ("covariances of another size", Case((KEY, np.zeros(3), MATRIX)), ShapeError),
        ("covariances that are not square", Case((KEY, np.zeros(2), MATRIX[:1])), ShapeError),
        ("shape without the batch", Case((KEY, np.zeros((3, 2)), MATRIX, (4,))), ShapeError),
        ("method", Case((KEY, np.zeros(2), MATRIX), {"method": "svd"}), ArgumentError),
        ("dtype of integers", Case((KEY, np.zeros(2), MATRIX), {"dtype": accel.int32}), DTypeError),
    ],
)
def vectors(draw: DrawFn, spec: Spec) -> Case:
    dtype, n = draw(dtypes("real floating-point")), draw(st.sampled_from([2, 1, 3]))
    batch = draw(st.sampled_from([(), (2,), (0,)]))
    entries = draw(arrays("float64", (*batch, n, n), st.integers(-4, 4).map(lambda x: x / 4)))
    cov = entries @ np.swapaxes(entries, -1, -2) + np.eye(n)
    mean = draw(arrays(dtype, draw(st.sampled_from([(n,), (*batch, n)])), st.integers(-8, 8).map(float)))
    asked: dict[str, Any] = (
        {} if draw(st.booleans()) else {"method": draw(st.sampled_from(["cholesky", "eigh"]))}
    )
    if draw(st.booleans()):
        asked["shape"] = (3, *batch)
    return Case((draw(secrets), mean, cov.astype(dtype)), asked)
