"""Normalisation: PyTorch's functions agree within the bounds, means far from zero, gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import accel
import accel.nn
from accel.dispatch import specs
from accel.testing.cases import Case
from accel.testing.condition import allowed

DRAW = np.random.default_rng(7)


def _within(op: str, case: Case, torch_op: Any) -> None:
    """See that accel is within its bound of PyTorch in float64, and of PyTorch in the same dtype within twice that."""
    torch = pytest.importorskip("torch")
    got = getattr(accel.nn, op)(*case.args, **case.kwargs)
    bound = allowed(specs[f"nn.{op}"], case, got)
    for dtype, times in ((torch.float64, 1), (None, 2)):
        given = [torch.asarray(x).to(dtype or torch.asarray(x).dtype) for x in case.arrays()]
        off = np.abs(got.astype(np.float64) - torch_op(*given).numpy().astype(np.float64))
        assert np.all(off <= times * bound), f"{op}: {np.max(off / bound)} times the bound"


def _drawn(dtype: str, *shapes: tuple[int, ...]) -> list[Any]:
    return [DRAW.standard_normal(shape).astype(dtype) for shape in shapes]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(5, 7), (2, 3, 768), (3, 5000)])
def test_layer_norm_and_rms_norm_are_pytorchs(dtype: str, shape: tuple[int, ...]) -> None:
    torch = pytest.importorskip("torch")
    x, weight, bias = _drawn(dtype, shape, shape[-1:], shape[-1:])
    x += 3
    functional = torch.nn.functional
    _within(
        "layer_norm",
        Case((x, weight, bias)),
        lambda x, w, b: functional.layer_norm(x, shape[-1:], w, b, 1e-5),
    )
    _within("layer_norm", Case((x,)), lambda x: functional.layer_norm(x, shape[-1:], eps=1e-5))
    _within("rms_norm", Case((x, weight)), lambda x, w: functional.rms_norm(x, shape[-1:], w, 1e-6))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_layer_norm_along_several_axes_is_pytorchs(dtype: str) -> None:
    torch = pytest.importorskip("torch")
    x, weight, bias = _drawn(dtype, (4, 3, 5), (3, 5), (3, 5))
    _within(
        "layer_norm",
        Case((x, weight, bias), {"axis": (1, 2)}),
        lambda x, w, b: torch.nn.functional.layer_norm(x, (3, 5), w, b),
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(3, 6), (2, 6, 5), (2, 6, 17, 3)])
def test_groups_and_batches_are_pytorchs(dtype: str, shape: tuple[int, ...]) -> None:
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    x, weight, bias, mean = _drawn(dtype, shape, (6,), (6,), (6,))
    var = np.abs(mean) + 1
    for groups in (1, 3, 6):
        if x[0].size > groups:
            _within(
                "group_norm",
                Case((x, groups, weight, bias)),
                lambda x, w, b, n=groups: functional.group_norm(x, n, w, b),
            )
    _within("batch_norm", Case((x, mean, var, weight, bias)), functional.batch_norm)
    y, found, spread = accel.nn.batch_norm_train(x, weight, bias)
    bound = allowed(specs["nn.batch_norm_train"], Case((x, weight, bias)), y)
    given = [torch.asarray(a).double() for a in (x, weight, bias)]
    running = [torch.zeros(6, dtype=torch.float64), torch.zeros(6, dtype=torch.float64)]
    true = functional.batch_norm(given[0], *running, *given[1:], training=True, momentum=1.0).numpy()
    n = x.size // 6
    assert np.all(np.abs(y - true) <= bound)
    np.testing.assert_allclose(found, running[0].numpy(), rtol=0, atol=64 * np.finfo(dtype).eps)
    np.testing.assert_allclose(spread * (n / (n - 1)), running[1].numpy(), rtol=128 * np.finfo(dtype).eps)


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
