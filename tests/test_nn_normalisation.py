"""Normalisation: PyTorch's functions agree within the bounds, means far from zero, gradients."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import accel
import accel.nn
from accel.dispatch import specs
from accel.testing.cases import Case
from accel.testing.columns import table
from accel.testing.condition import allowed
from accel.testing.rows import Row
from tests.referee import answers

assert table, "the words of the bounds load with the columns"

DRAW = np.random.default_rng(7)


Judged = list[tuple[str, Case, Any, Any]]


def _drawn(dtype: str, *shapes: tuple[int, ...]) -> list[Any]:
    return [DRAW.standard_normal(shape).astype(dtype) for shape in shapes]


def _calls() -> Iterator[tuple[str, Case, str, tuple[Any, ...], dict[str, Any]]]:
    """Give names and arguments of ours, and of PyTorch's functions."""
    shape: tuple[int, ...]
    for dtype in ("float32", "float64"):
        for shape in ((5, 7), (2, 3, 768), (3, 5000)):
            x, weight, bias = _drawn(dtype, shape, shape[-1:], shape[-1:])
            x += 3
            yield (
                "layer_norm",
                Case((x, weight, bias)),
                "layer_norm",
                (x, shape[-1:], weight, bias),
                {"eps": 1e-5},
            )
            yield "layer_norm", Case((x,)), "layer_norm", (x, shape[-1:]), {"eps": 1e-5}
            yield "rms_norm", Case((x, weight)), "rms_norm", (x, shape[-1:], weight), {"eps": 1e-6}
        x, weight, bias = _drawn(dtype, (4, 3, 5), (3, 5), (3, 5))
        yield (
            "layer_norm",
            Case((x, weight, bias), {"axis": (1, 2)}),
            "layer_norm",
            (x, (3, 5), weight, bias),
            {},
        )
        for shape in ((3, 6), (2, 6, 5), (2, 6, 17, 3), (2, 6, 40, 50)):
            x, weight, bias, mean = _drawn(dtype, shape, (6,), (6,), (6,))
            var = np.abs(mean) + 1
            for groups in (1, 3, 6):
                if x[0].size > groups:
                    yield (
                        "group_norm",
                        Case((x, groups, weight, bias)),
                        "group_norm",
                        (x, groups, weight, bias),
                        {},
                    )
            known = (x, mean, var, weight, bias)
            yield "batch_norm", Case(known), "batch_norm", known, {}
            theirs = {"weight": weight, "bias": bias, "training": True}
            yield "batch_norm_train", Case((x, weight, bias)), "batch_norm", (x, None, None), theirs


def _wide(x: Any) -> Any:
    return x.astype(np.float64) if isinstance(x, np.ndarray) else x


@pytest.fixture(scope="module")
def judged() -> Judged:
    """Give the calls with PyTorch's results, in float64 and in the dtype itself."""
    calls = list(_calls())
    same = [(name, args, kwargs) for *_, name, args, kwargs in calls]
    wide = [(n, tuple(map(_wide, a)), {k: _wide(v) for k, v in kw.items()}) for n, a, kw in same]
    found = answers(wide + same)
    both = zip(calls, found[: len(calls)], found[len(calls) :], strict=True)
    return [(call[0], call[1], one, other) for call, one, other in both]


def test_pytorch_agrees(judged: Judged, plain_row: Row) -> None:
    for op, case, true, same in judged if plain_row.backend == "numpy" else judged[::5]:
        native = case.map(plain_row.put)
        got = getattr(accel.nn, op)(*native.args, **native.kwargs)
        got = np.asarray(accel.to_numpy(got[0] if op == "batch_norm_train" else got))
        bound = allowed(specs[f"nn.{op}"], case, got)
        assert np.all(np.abs(got - true) <= bound), f"{op} of {case.args[0].shape}"
        assert np.all(np.abs(got.astype(np.float64) - same) <= 2 * bound), f"{op} of {case.args[0].shape}"


@pytest.mark.parametrize("shape", [(3, 6), (500, 6), (2, 6, 5), (2, 6, 1700)])
def test_training_gives_mean_and_variance(plain_row: Row, shape: tuple[int, ...]) -> None:
    (x,) = _drawn("float32", shape)
    others = tuple(a for a in range(x.ndim) if a != 1)
    _, mean, var = (np.asarray(accel.to_numpy(a)) for a in accel.nn.batch_norm_train(plain_row.put(x + 1)))
    wide = (x + 1).astype(np.float64)
    np.testing.assert_allclose(mean, wide.mean(others), rtol=0, atol=64 * 2.0**-23)
    np.testing.assert_allclose(var, wide.var(others), rtol=128 * 2.0**-23)


@pytest.mark.parametrize("backend", ["numpy", "jax"])
def test_numbers_far_from_zero_keep_their_bound(backend: str) -> None:
    """Squares of the numbers themselves would lose all digits here."""
    x = (DRAW.standard_normal((4, 300)) + 10_000).astype(np.float32)
    wide = x.astype(np.float64)
    true = (wide - wide.mean(-1, keepdims=True)) / np.sqrt(wide.var(-1, keepdims=True) + 1e-5)
    got = accel.to_numpy(accel.nn.layer_norm(accel.to_device(x, backend)))
    case = Case((x,))
    assert np.all(np.abs(got - true) <= allowed(specs["nn.layer_norm"], case, got))
    assert np.max(np.abs(got - true)) < 0.01


def test_gradients_are_finite() -> None:
    """Also where all numbers are the same and the variance is zero."""
    jax = pytest.importorskip("jax")
    x = jax.numpy.asarray([[1.0, 1.0, 1.0], [0.0, 0.0, 0.0], [1e15, -1e15, 0.0]], dtype="float32")
    weight = jax.numpy.ones(3, dtype="float32")
    for f in (
        lambda x, w: accel.nn.layer_norm(x, w, w),
        accel.nn.rms_norm,
        lambda x, w: accel.nn.group_norm(x, 1, w),
        lambda x, w: accel.nn.batch_norm_train(x, w)[0],
        lambda x, w: accel.nn.batch_norm(x, w, w, w),
    ):
        for found in jax.grad(lambda x, w, f=f: (f(x, w) * x).sum(), (0, 1))(x, weight):
            assert bool(jax.numpy.all(jax.numpy.isfinite(found)))
