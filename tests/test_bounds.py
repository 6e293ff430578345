"""The bounds of conditioned ops: each spec states one, and every backend keeps it on difficult data, against exact results."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

import accel
import accel.fft
import accel.linalg
from accel.dispatch import specs
from accel.testing import problems as stock
from accel.testing.cases import Case
from accel.testing.condition import (
    MEASURED_ROWS,
    WORDS,
    allowed,
    dtypes_of,
    factor,
    measure,
    measure_all,
    summing,
    terms,
)
from accel.testing.problems import OPS, Problem, context, leading, matrices, problems, signed
from accel.testing.rows import Row, rows

pytestmark = pytest.mark.thorough

assert callable(accel.sum), "the chapters load with the first op"

linalg: Any = accel.linalg

MILLION = 1_000_000
CONDITIONED = sorted(name for name, spec in specs.items() if spec.same == "conditioned")
SUMS = ("sum", "mean", "var", "std")
DEEP = settings.get_profile("nightly").max_examples <= settings().max_examples
ROWS = {str(row): row for row in rows() if str(row) in MEASURED_ROWS}


def plain(text: str | None) -> str:
    return re.sub(r"\s+", " ", text or "")


@pytest.mark.parametrize("name", CONDITIONED)
def test_the_bound_is_stated_in_the_docstring(name: str) -> None:
    spec = specs[name]
    assert spec.bound, f"{name} has no bound"
    assert name in WORDS, f"nothing says what the words of {spec.bound!r} are"
    if name != "linalg.matrix_rank":  # integers, off by none
        assert f"``{spec.bound}``" in plain(spec.function.__doc__)
        first, scale = terms(spec)
        assert f"{first} * eps * {scale}" == spec.bound
        # A factor that falls below 1 could not be kept by a single rounding.
        words = {"n": 1, "k": 1, "K": 1, "L": 1, "M": 1, "N": 1, "log2": math.log2}
        assert spec.composed or factor(spec, **words) >= 1


@pytest.mark.parametrize("name", sorted(specs))
def test_only_conditioned_ops_have_a_bound(name: str) -> None:
    assert bool(specs[name].bound) == (specs[name].same == "conditioned")


def test_every_bound_is_measured() -> None:
    # The components of a vector product are two rounded products each, and the matrix checks them; a rank is a whole number.
    standard = {name for name in CONDITIONED if not specs[name].composed}
    assert standard - set(OPS) == {"linalg.cross", "linalg.matrix_rank"}


def test_the_words_of_a_formula_mean_what_they_say() -> None:
    x = np.asarray([[1.0, -2.0], [3.0, 4.0]], dtype=np.float32)
    eps = 2.0**-23
    wanted = {
        "sum": (64 + 2 / 512) * eps * np.asarray([4.0, 6.0]),
        "mean": (64 + 2 / 512) * eps * np.asarray([2.0, 3.0]),
        "prod": 2 * eps * np.asarray([3.0, 8.0]),
    }
    results = {"sum": x.sum(0), "mean": x.mean(0), "prod": x.prod(0)}
    for name, bound in wanted.items():
        got = allowed(specs[name], Case((x,), {"axis": 0}), results[name])
        assert np.allclose(got, bound, rtol=1e-12)
    running = allowed(
        specs["cumulative_sum"], Case((x[1],), {"include_initial": True}), np.zeros(3, np.float32)
    )
    assert np.allclose(running, eps * np.asarray([0.0, (64 + 1 / 512) * 3, (64 + 2 / 512) * 7]))
    product = allowed(specs["matmul"], Case((x, x)), x @ x)
    assert np.allclose(product, 2 * eps * np.abs(x) @ np.abs(x))
    solution = allowed(
        specs["linalg.solve"], Case((np.diag([1.0, 1e-3]), np.ones(2))), np.asarray([1.0, 1e3])
    )
    assert np.isclose(solution, 8 * 2 * 2.0**-52 * 1e3 * math.hypot(1, 1e3))


def test_the_eps_of_a_formula() -> None:
    assert summing("float16") == summing("bfloat16") == summing("float32") == 2.0**-23
    assert summing("complex64") == 2.0**-21
    assert summing("complex128") == 2.0**-50


CHEAP = ("float16", "float32", "complex128")
CELLS = [
    (row, op, dtype)
    for op in OPS
    for dtype in dtypes_of(op)
    for row in ROWS.values()
    # Compiling takes most of the time, so in short runs a compiled row stands in for its eager twin or the other way about.
    if row.runs(specs[op])
    and (DEEP or (dtype in CHEAP and str(row) != ("jax" if not op.startswith("linalg.") else "jax-jit")))
]


def kept(row: Row, problem: Problem) -> None:
    found = measure(row, problem)
    assert found.error <= found.bound, (
        f"{problem.op} on {row}: {found.error:.4g} * eps * scale, where {found.bound:.4g} are allowed ({problem.data}, n = "
        f"{problem.n}, {found.dtype})"
    )


@pytest.mark.parametrize(("row", "name", "dtype"), CELLS, ids=[f"{r}-{o}-{d}" for r, o, d in CELLS])
def test_results_are_within_the_bound(
    row: Row, name: str, dtype: str, runnable: Callable[[Row], None]
) -> None:
    runnable(row)
    found = problems(name, dtype, 2000)
    # Of matrices every problem is a shape to compile for; one sort of data for each is enough for a short run.
    some = found if DEEP or not name.startswith(("linalg.", "fft.")) else found[:: 1 + len(found) // 6]
    for problem in some:
        kept(row, problem)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", SUMS)
@pytest.mark.parametrize("row", [*ROWS.values()], ids=str)
def test_a_million_numbers(row: Row, name: str, dtype: str, runnable: Callable[[Row], None]) -> None:
    runnable(row)
    if not DEEP and (name in ("std", "mean") or dtype == "float64"):
        pytest.skip("in deep runs only; sum and var are made of the same sums")
    for problem in problems(name, dtype, MILLION):
        kept(row, problem)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("row", [*ROWS.values()], ids=str)
def test_long_running_sums(row: Row, dtype: str, runnable: Callable[[Row], None]) -> None:
    runnable(row)
    if row.backend == "cupy" and row.device.emulated:
        pytest.skip("the CPU build of CuPy adds one number after the other; on a GPU CUB adds in blocks")
    for problem in problems("cumulative_sum", dtype, 100_000):
        kept(row, problem)


@given(
    shape=st.lists(st.sampled_from([1, 2, 3, 40, 130, 300]), min_size=1, max_size=3).map(tuple),
    order=st.randoms(use_true_random=False),
    data=st.data(),
)
@settings(max_examples=60)
def test_sums_of_numpy_in_any_layout(shape: tuple[int, ...], order: Any, data: st.DataObject) -> None:
    """No layout, order of axes or step makes a sum that is not pairwise or in blocks."""
    axes = list(range(len(shape)))
    order.shuffle(axes)
    steps = tuple(data.draw(st.sampled_from([1, 2, -1])) for _ in shape)
    room = np.full(tuple(n * abs(s) for n, s in zip(shape, steps, strict=True)), np.float32(0.1))
    x = room[tuple(slice(None, None, s) for s in steps)].transpose(axes)
    asked = data.draw(st.one_of(st.none(), st.sets(st.sampled_from(axes), min_size=1).map(tuple)))
    kept_axes = data.draw(st.booleans())
    got = accel.sum(x, axis=asked, keepdims=kept_axes)
    native = np.sum(x.astype(np.float64), axis=asked, keepdims=kept_axes)
    assert got.dtype == np.float32
    assert np.shape(got) == np.shape(native)
    case = Case((x,), {"axis": asked, "keepdims": kept_axes})
    assert np.all(np.abs(got - native) <= allowed(specs["sum"], case, np.asarray(got)))
    along = data.draw(st.sampled_from(axes))
    running = accel.cumulative_sum(x, axis=along)
    exact = np.cumsum(x.astype(np.float64), axis=along)
    assert np.all(
        np.abs(running - exact) <= allowed(specs["cumulative_sum"], Case((x,), {"axis": along}), running)
    )


@pytest.mark.parametrize("name", ["sum", "mean", "var", "std", "prod", "cumulative_sum", "cumulative_prod"])
def test_sixteen_bits_are_added_in_32(name: str, plain_row: Row) -> None:
    """Results of a dtype of 16 bits are those of float32, rounded once."""
    rng = np.random.default_rng(3)
    values = np.exp(rng.uniform(-1, 1, (3000, 4)) / 16) if "prod" in name else 3 + rng.random((3000, 4))
    if name == "cumulative_sum":
        values = values / 64
    kinds = ["float16", *(["bfloat16"] if hasattr(accel.namespace(plain_row.backend), "bfloat16") else [])]
    op = getattr(accel, name)
    for kind in kinds:
        x = accel.astype(plain_row.put(values.astype(np.float32)), getattr(accel, kind))
        wide = accel.astype(x, accel.float32)
        for axis in (0, 1):
            narrow = op(x, axis=axis)
            assert narrow.dtype == x.dtype
            once = accel.to_numpy(accel.astype(accel.astype(op(wide, axis=axis), x.dtype), accel.float32))
            found = accel.to_numpy(accel.astype(narrow, accel.float32))
            # What comes to lie between two neighbours may go either way.
            assert np.all(
                np.abs(found - once) <= (2.0**-7 if kind == "bfloat16" else 2.0**-10) * np.abs(once)
            )
            assert np.mean(found != once) < 0.02


def test_measure_all_gives_a_record_for_each_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    few = {name: OPS[name] for name in ("matmul", "linalg.trace")}
    monkeypatch.setattr("accel.testing.condition.OPS", few)
    found = measure_all(200)
    assert {record["op"] for record in found} == set(few)
    assert {"numpy-strided", "numpy-readonly"} <= {record["row"] for record in found}
    for record in found:
        assert set(record) == {"op", "dtype", "row", "data", "n", "error", "bound"}
        assert 0 <= record["error"] <= record["bound"]


# Factorisations, element by element


def columns_of(got: Any, stack: int) -> list[np.ndarray[Any, Any]]:
    x = np.asarray(accel.to_numpy(got))
    return [*x.reshape((stack, *x.shape[-2:]))]


def alike(truth: Any, mine: np.ndarray[Any, Any], rooms: list[float], what: str) -> int:
    """Compare the columns of a matrix with exact ones whose signs are set, and count those that the convention determines."""
    compared = 0
    for j, room in enumerate(rooms):
        if room > 0.05 or leading(truth, j) is None:
            continue
        compared += 1
        for i in range(truth.rows):
            apart = abs(complex(truth[i, j]) - complex(mine[i, j]))
            assert apart <= room, (
                f"{what}[{i}, {j}] is {mine[i, j]}, not {complex(truth[i, j])} (within {room:.3g})"
            )
    return compared


def gaps(values: list[Any]) -> list[float]:
    return [float(min(abs(v - w) for k, w in enumerate(values) if k != j)) for j, v in enumerate(values)]


KINDS = ["float32", "complex128"] if not DEEP else ["float32", "float64", "complex64", "complex128"]


@pytest.mark.parametrize("dtype", KINDS)
def test_eigh_compares_element_by_element(dtype: str, plain_row: Row) -> None:
    compared = 0
    spec = specs["linalg.eigh"]
    for data, x in matrices(dtype, hermitian=True):
        each = [*x.reshape((-1, *x.shape[-2:]))]
        found = linalg.eigh(plain_row.put(x))
        for a, mine in zip(each, columns_of(found.eigenvectors, len(each)), strict=True):
            solve = context.eighe if x.dtype.kind == "c" else context.eigsy
            values, vectors = solve(context.matrix(a.tolist()))
            off = float(allowed(spec, Case((a,)), np.real(a[0])))
            rooms = [2 * off / gap for gap in gaps([*values])]
            compared += alike(signed(vectors), mine, rooms, f"eigenvectors of {data}")
    assert compared > 10


@pytest.mark.parametrize("dtype", KINDS)
def test_svd_compares_element_by_element(dtype: str, plain_row: Row) -> None:
    compared = 0
    spec = specs["linalg.svd"]
    for data, x in matrices(dtype):
        each = [*x.reshape((-1, *x.shape[-2:]))]
        found = linalg.svd(plain_row.put(x), full_matrices=False)
        pairs = zip(columns_of(found.U, len(each)), columns_of(found.Vh, len(each)), strict=True)
        for a, (left, right) in zip(each, pairs, strict=True):
            u, s, v = context.svd(context.matrix(a.tolist()))
            turned = signed(u)
            off = float(allowed(spec, Case((a,)), np.real(a[0])))
            rooms = [3 * off / min(gap, float(s[j])) for j, gap in enumerate(gaps([*s]))]
            compared += alike(turned, left, rooms, f"U of {data}")
            # U sets the signs, and Vh follows.
            for j in range(v.rows):
                phase = context.fsum(turned[i, j] * context.conj(u[i, j]) for i in range(u.rows))
                for i in range(v.cols):
                    v[j, i] = v[j, i] * context.conj(phase)
            assert alike(turned, left, rooms, f"U of {data}") == sum(
                room <= 0.05 and leading(turned, j) is not None for j, room in enumerate(rooms)
            )
            for j, room in enumerate(rooms):
                if room <= 0.05 and leading(turned, j) is not None:
                    apart = max(abs(complex(v[j, i]) - complex(right[j, i])) for i in range(v.cols))
                    assert apart <= room, f"Vh[{j}] of {data} is off by {apart:.3g}, allowed are {room:.3g}"
    assert compared > 10


@pytest.mark.parametrize("dtype", KINDS)
def test_qr_compares_element_by_element(dtype: str, plain_row: Row) -> None:
    spec = specs["linalg.qr"]
    for data, x in stock._oblong(dtype):
        each = [*x.reshape((-1, *x.shape[-2:]))]
        found = linalg.qr(plain_row.put(x))
        pairs = zip(columns_of(found.Q, len(each)), columns_of(found.R, len(each)), strict=True)
        for a, (q, r) in zip(each, pairs, strict=True):
            true_q, true_r = stock.upper_factor(a)
            for truth, mine, what in ((true_q, q, "Q"), (true_r, r, "R")):
                y = np.asarray([complex(t) for t in truth]).reshape(mine.shape)
                y = y.astype(a.dtype) if a.dtype.kind == "c" else np.real(y).astype(a.dtype)
                off = stock._matrix_error(truth, mine)
                assert off <= allowed(spec, Case((a,)), y), f"{what} of {data} is off by {off:.3g}"
            assert np.all(np.real(np.diagonal(r)) >= 0)


@pytest.mark.parametrize("dtype", KINDS)
def test_eig_compares_element_by_element(dtype: str, plain_row: Row) -> None:
    compared = 0
    spec = specs["linalg.eig"]
    for problem in problems("linalg.eig", dtype, 5):
        x = problem.case.args[0]
        each = [*x.reshape((-1, *x.shape[-2:]))]
        found = linalg.eig(plain_row.put(x))
        all_values = np.asarray(accel.to_numpy(found.eigenvalues)).reshape(len(each), -1)
        for a, values, mine in zip(each, all_values, columns_of(found.eigenvectors, len(each)), strict=True):
            truths, vectors = context.eig(context.matrix(a.tolist()))
            for j in range(vectors.cols):
                length = context.sqrt(context.fsum(abs(vectors[i, j]) ** 2 for i in range(vectors.rows)))
                for i in range(vectors.rows):
                    vectors[i, j] = vectors[i, j] / length
            off = float(allowed(spec, Case((a,)), values))
            # The order is the backend's.
            order = [
                min(range(len(truths)), key=lambda k: abs(complex(truths[k]) - v)) for v in values.tolist()
            ]
            assert sorted(order) == list(range(len(order)))
            matched = context.matrix([[vectors[i, k] for k in order] for i in range(vectors.rows)])
            apart = gaps([truths[k] for k in order])
            # The condition of an eigenvector has that of the basis in it, once more than that of its value has.
            base = float(np.linalg.cond(np.linalg.eig(a).eigenvectors))
            compared += alike(signed(matched), mine, [2 * base * off / gap for gap in apart], "eigenvectors")
    assert compared > 10
