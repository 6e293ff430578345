"""Attention: PyTorch's function agrees within the bound, blocks join without a seam, memory grows with the length alone."""

from __future__ import annotations

import math
import tracemalloc
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import accel
import accel.nn
import accel.nn.attention as composition
from accel.dispatch import specs
from accel.testing.cases import Case
from accel.testing.columns import table
from accel.testing.condition import allowed
from accel.testing.rows import Row
from tests.referee import answers

assert table, "the words of the bounds load with the columns"

SPEC = specs["nn.scaled_dot_product_attention"]
DRAW = np.random.default_rng(10)
attention: Any = accel.nn.scaled_dot_product_attention


def _drawn(dtype: str, *shapes: tuple[int, ...]) -> list[Any]:
    return [DRAW.standard_normal(shape).astype(dtype) for shape in shapes]


def _defined(case: Case) -> Any:
    """Give the result in float64, by the definition."""
    query, key, value = (x.astype(np.float64) for x in case.args)
    times = query.shape[-3] // key.shape[-3]
    key, value = (np.repeat(x, times, axis=-3) for x in (key, value))
    scores = query @ np.matrix_transpose(key) / math.sqrt(query.shape[-1])
    apart = np.arange(key.shape[-2]) - np.arange(query.shape[-2])[:, None] - (key.shape[-2] - query.shape[-2])
    left, right = window if isinstance(window := case.kwargs.get("window"), tuple) else (window, window)
    if case.kwargs.get("causal"):
        right = 0
    seen = np.ones(apart.shape, dtype=bool)
    seen &= True if left is None else apart >= -left
    seen &= True if right is None else apart <= right
    mask = case.kwargs.get("mask")
    if mask is not None:
        scores = scores + (np.where(mask, 0, -np.inf) if mask.dtype == bool else mask)
    scores = np.where(seen, scores, -np.inf)
    top = np.max(scores, axis=-1, keepdims=True)
    weights = np.exp(scores - np.where(top == -np.inf, 0, top))
    total = np.sum(weights, axis=-1, keepdims=True)
    return weights @ value / np.where(total == 0, 1, total)


Judged = list[tuple[Case, Any, Any]]


def _calls() -> Iterator[tuple[Case, dict[str, Any]]]:
    """Give arguments of ours, and the options of PyTorch's function that mean the same."""
    for dtype in ("float32", "float64"):
        query, key, value = _drawn(dtype, (2, 4, 9, 8), (2, 4, 9, 8), (2, 4, 9, 5))
        yield Case((query, key, value)), {}
        yield Case((query, key, value), {"causal": True}), {"is_causal": True}
        yield Case((query, key[:, ::2], value[:, ::2])), {"enable_gqa": True}
        yield Case((query, key, value), {"scale": 0.3}), {"scale": 0.3}
        yield Case((query[..., :4, :], key, value)), {}
        added = DRAW.standard_normal((2, 1, 9, 9)).astype(dtype)
        for mask in (DRAW.random((9, 9)) > 0.3, added):
            yield Case((query, key, value), {"mask": mask}), {"attn_mask": mask}


def _wide(x: Any) -> Any:
    return x.astype(np.float64) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else x


@pytest.fixture(scope="module")
def judged() -> Judged:
    """Give the calls with PyTorch's results, in float64 and in the dtype itself."""
    calls = list(_calls())
    name = "scaled_dot_product_attention"
    same = [(name, case.args, options) for case, options in calls]
    wide = [(name, tuple(map(_wide, args)), {k: _wide(v) for k, v in o.items()}) for _, args, o in same]
    found = answers(wide + same)
    both = zip(calls, found[: len(calls)], found[len(calls) :], strict=True)
    return [(case, one, other) for (case, _), one, other in both]


def test_pytorch_agrees(judged: Judged, plain_row: Row) -> None:
    for case, true, same in judged:
        native = case.map(plain_row.put)
        got = np.asarray(accel.to_numpy(attention(*native.args, **native.kwargs)))
        bound = allowed(SPEC, case, got)
        assert np.all(np.abs(got - true) <= bound), case.kwargs
        assert np.all(np.abs(got.astype(np.float64) - same) <= 2 * bound), case.kwargs


CHOICES: tuple[dict[str, Any], ...] = (
    {},
    {"causal": True},
    {"window": 3},
    {"causal": True, "window": (5, 0)},
    {"mask": "bool"},
    {"mask": "bool", "causal": True},
    {"mask": "added", "window": (None, 2)},
    {"mask": "column"},
)


@pytest.mark.parametrize("shape", [(37, 37), (20, 45), (45, 20)])
@pytest.mark.parametrize("choice", CHOICES, ids=str)
@pytest.mark.parametrize("large", [False, True])
def test_blocks_join_without_a_seam(
    monkeypatch: pytest.MonkeyPatch, shape: tuple[int, int], choice: dict[str, Any], large: bool
) -> None:
    """Results are those of the definition where everything is cut into small blocks, with and without large scores."""
    import accel_numpy.nn._attention as on_numpy

    monkeypatch.setattr(composition, "SIZE", 8)
    monkeypatch.setattr(on_numpy, "LONG", 8)
    monkeypatch.setattr(on_numpy, "ROOM", 1024)
    length, keys = shape
    query, key, value = _drawn("float64", (2, 4, length, 6), (2, 2, keys, 6), (2, 2, keys, 3))
    query *= 100 if large else 1
    masks = {
        "bool": DRAW.random((2, 4, length, keys)) > 0.5,
        "added": DRAW.standard_normal((length, keys)),
        "column": DRAW.random((2, 1, length, 1)) > 0.5,
    }
    asked = {**choice, **({"mask": masks[choice["mask"]]} if "mask" in choice else {})}
    case = Case((query, key, value), asked)
    true = _defined(case)
    bound = allowed(SPEC, case, true)
    for function in (attention, SPEC.function):
        off = np.abs(function(*case.args, **asked) - true)
        assert np.all(off <= bound)


@pytest.mark.parametrize("choice", [CHOICES[0], CHOICES[3], CHOICES[5]], ids=str)
def test_blocks_on_jax(monkeypatch: pytest.MonkeyPatch, choice: dict[str, Any]) -> None:
    jax = pytest.importorskip("jax")
    import accel_jax.nn._attention as on_jax

    query, key, value = _drawn("float32", (1, 2, 45, 4), (1, 1, 45, 4), (1, 1, 45, 3))
    asked = {**choice, **({"mask": DRAW.random((45, 45)) > 0.5} if "mask" in choice else {})}
    case = Case((query, key, value), asked)
    native = case.map(jax.numpy.asarray)
    true = _defined(case)

    def total(*arrays: Any) -> Any:
        return (attention(*arrays, **native.kwargs) ** 2).sum()

    whole = jax.jit(jax.grad(total, (0, 1, 2)))(*native.args)
    jax.clear_caches()
    monkeypatch.setattr(on_jax, "most", lambda: 1600)
    got = np.asarray(jax.jit(lambda *a: attention(*a, **native.kwargs))(*native.args))
    assert np.all(np.abs(got - true) <= allowed(SPEC, case, got))
    for one, other in zip(whole, jax.jit(jax.grad(total, (0, 1, 2)))(*native.args), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)
    jax.clear_caches()


def test_heads_one_after_another_on_jax(monkeypatch: pytest.MonkeyPatch) -> None:
    jax = pytest.importorskip("jax")
    import accel_jax.nn._attention as on_jax

    case = Case(tuple(_drawn("float32", (3, 4, 9, 4), (3, 2, 8, 4), (3, 2, 8, 3))))
    native = case.map(jax.numpy.asarray).args

    def total(*arrays: Any) -> Any:
        return (attention(*arrays) ** 2).sum()

    whole = jax.grad(total, (0, 1, 2))(*native)
    jax.clear_caches()
    monkeypatch.setattr(on_jax, "most", lambda: 400)
    assert "scan" in str(jax.make_jaxpr(attention)(*native))
    got = np.asarray(attention(*native))
    assert np.all(np.abs(got - _defined(case)) <= allowed(SPEC, case, got))
    for one, other in zip(whole, jax.grad(total, (0, 1, 2))(*native), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)
    jax.clear_caches()


def _peak(length: int, heads: int = 2, features: int = 16) -> int:
    """Give the bytes that a call holds at most beside its arguments and its result."""
    query, key, value = _drawn("float32", *((heads, length, features),) * 3)
    attention(query[:, :8], key[:, :8], value[:, :8])
    tracemalloc.start()
    try:
        result = attention(query, key, value, causal=True)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return peak - int(result.nbytes)


def test_memory_does_not_grow_with_the_square_of_the_length() -> None:
    """The scores of 4096 queries and keys would take 64 MiB for each head."""
    peaks = [_peak(n) for n in (1024, 2048, 4096)]
    assert peaks[-1] < 4 * 2**20
    assert peaks[-1] < 2.5 * peaks[-2] < 6.25 * peaks[-3]


def test_nothing_overflows(plain_row: Row) -> None:
    """For the largest numbers there are, the weights are still defined and the means within the values."""
    for dtype in ("float16", "float32", "float64"):
        most = float(np.finfo(dtype).max)
        query = plain_row.put(np.full((1, 2, 4), most, dtype=dtype))
        key = plain_row.put(np.full((1, 3, 4), most, dtype=dtype) * np.asarray([[1], [-1], [0]], dtype=dtype))
        value = plain_row.put(np.asarray([[[most, 1.0], [-most, 2.0], [most, 3.0]]], dtype=dtype))
        got = accel.to_numpy(attention(query, key, value))
        np.testing.assert_array_equal(got, np.asarray([[[most, 1.0]] * 2], dtype=dtype))
        nothing = plain_row.put(np.zeros((1, 2, 4), dtype=dtype))
        same = accel.to_numpy(attention(nothing, key, plain_row.put(np.full((1, 3, 1), most, dtype=dtype))))
        assert np.all(np.isfinite(same))


def test_products_of_large_and_small_numbers_are_ordinary(plain_row: Row) -> None:
    query, key, value = _drawn("float32", (1, 5, 4), (1, 6, 4), (1, 6, 3))
    native = [plain_row.put(x) for x in (query * np.float32(2.0**90), key * np.float32(2.0**-90), value)]
    true = _defined(Case((query, key, value)))
    np.testing.assert_allclose(accel.to_numpy(attention(*native)), true, rtol=1e-5, atol=1e-6)


def test_one_query_whose_products_are_too_large_finds_its_key(plain_row: Row) -> None:
    """The largest product wins also where several leave the range, whatever an unseen key is, and in whichever head."""
    most = float(np.finfo("float32").max)
    query = np.asarray([[[most, 1.0]], [[1.0, 0.5]], [[0.0, 0.0]]], dtype=np.float32)
    key = np.asarray(
        [
            [[most / 3, 1.0], [most, 1.0], [most / 2, 0.0], [most / 4, 0.0]],
            [[1.0, 0.0], [2.0, 0.0], [3.0, 0.0], [np.inf, np.nan]],
            [[most, most], [-most, most], [0.0, 1.0], [most, most]],
        ],
        dtype=np.float32,
    )
    value = np.asarray([[[1.0], [2.0], [3.0], [4.0]]] * 3, dtype=np.float32)
    mask = np.asarray([[True, True, True, False]])
    got = accel.to_numpy(attention(*map(plain_row.put, (query, key, value)), mask=plain_row.put(mask)))
    weights = np.exp(np.asarray([1.0, 2.0, 3.0]) / np.sqrt(2.0))
    np.testing.assert_allclose(
        got[:, 0, 0], [2.0, (weights * [1.0, 2.0, 3.0]).sum() / weights.sum(), 2.0], rtol=1e-5
    )


def test_gradients_are_finite() -> None:
    """Also of queries that see no key, of large scores, and of numbers near the end of the range."""
    jax = pytest.importorskip("jax")
    query, key, value = (jax.numpy.asarray(x) for x in _drawn("float32", (2, 4, 3), (2, 4, 3), (2, 4, 2)))
    mask = jax.numpy.asarray([[True] * 4, [False] * 4, [False, True, True, False], [False] * 4])
    added = jax.numpy.where(mask, 0.5, -jax.numpy.inf)
    for asked in ({"mask": mask}, {"mask": added}, {"causal": True, "mask": mask}, {"window": 0}):
        for times in (1.0, 1e4, 1e30):
            found = jax.grad(lambda q, k, v, a=asked: attention(q, k, v, **a).sum(), (0, 1, 2))(
                query * times, key, value
            )
            assert all(bool(jax.numpy.all(jax.numpy.isfinite(x))) for x in found), (asked, times)


def test_where_lengths_differ_the_last_query_stands_beside_the_last_key() -> None:
    """Queries one by one, with the keys so far, give what all give at once: what a cache of keys needs."""
    query, key, value = _drawn("float64", (2, 7, 4), (2, 7, 4), (2, 7, 3))
    whole = attention(query, key, value, causal=True)
    for n in range(7):
        one = attention(query[:, n : n + 1], key[:, : n + 1], value[:, : n + 1], causal=True)
        np.testing.assert_allclose(one, whole[:, n : n + 1], rtol=1e-13)
