"""Convolutions: PyTorch agrees, blocks of any size do, the transposed one is the transpose, and memory stays small."""

from __future__ import annotations

import random
import tracemalloc
from typing import Any

import accel_numpy.nn._convolution as native
import numpy as np
import pytest

import accel
import accel.nn as nn
from accel.dispatch import specs
from accel.testing.cases import Case
from accel.testing.columns import table
from accel.testing.condition import allowed
from accel.testing.rows import Row
from tests.referee import answers

assert table, "the columns bring the words of the formulas"

Call = tuple[str, tuple[Any, ...], dict[str, Any]]


def _calls(name: str, count: int) -> list[Call]:
    """Draw arguments with options of every kind."""
    draw, rng = random.Random(f"{name}{count}"), np.random.default_rng(count)
    inward = name == "conv_transpose"
    found: list[Call] = []
    while len(found) < 24:

        def each(*values: int) -> tuple[int, ...]:
            return tuple(draw.choice(values) for _ in range(count))

        groups = draw.choice([1, 1, 2, 3])
        channels, made = groups * draw.choice([1, 2]), groups * draw.choice([1, 3])
        spatial, kernel = each(5, 6, 8), each(1, 2, 3)
        options: dict[str, Any] = {"stride": each(1, 2, 3), "dilation": each(1, 2), "groups": groups}
        options["padding"] = draw.choice([0, 1, each(0, 1, 2)])
        if inward:
            limits = zip(options["stride"], options["dilation"], strict=True)
            options["output_padding"] = tuple(draw.randrange(max(pair)) for pair in limits)
        elif draw.random() < 0.2:
            options |= {"padding": draw.choice(["same", "valid"]), "stride": 1}
        shape = (channels, made // groups) if inward else (made, channels // groups)
        x = rng.standard_normal((draw.choice([1, 2, 5]), channels, *spatial)).astype(np.float32)
        weight = rng.standard_normal((*shape, *kernel)).astype(np.float32)
        bias = draw.choice([None, rng.standard_normal(made).astype(np.float32)])
        call = (f"{name}{count}d", (x, weight, bias), options)
        try:
            getattr(nn, call[0])(*call[1], **options)
        except accel.errors.ShapeError:
            continue  # the padding leaves nothing
        found.append(call)
    return found


def _wide(call: Call) -> Call:
    name, args, options = call
    return name, tuple(None if x is None else x.astype(np.float64) for x in args), options


@pytest.fixture(scope="module")
def judged() -> list[tuple[Call, np.ndarray[Any, Any]]]:
    calls = [call for name in ("conv", "conv_transpose") for n in (1, 2, 3) for call in _calls(name, n)]
    return list(zip(calls, answers([_wide(call) for call in calls]), strict=True))


def _agrees(call: Call, truth: np.ndarray[Any, Any], row: Row | None = None) -> None:
    name, args, options = call
    given = [None if x is None else x if row is None else row.put(x) for x in args]
    got = np.asarray(accel.to_numpy(getattr(nn, name)(*given, **options)))
    case = Case(args[:2], options if args[2] is None else {**options, "bias": args[2]})
    assert got.dtype == args[0].dtype
    assert got.shape == truth.shape
    # PyTorch makes roundings of its own where the dtypes are the same.
    sides = 2 if args[0].dtype == truth.dtype else 1
    off, most = np.abs(got - truth), sides * allowed(specs[f"nn.{name}"], case, got)
    assert np.all(off <= most), f"{name} with {options}: {np.max(off / most)} of the bound"


@pytest.mark.parametrize("cache", [None, 64, 4000])
def test_pytorch_agrees(judged: Any, cache: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of a column, of some rows or of several images give the same."""
    if cache is not None:
        for name, value in (("CACHE", cache), ("WIDE", 4), ("ROOM", cache)):
            monkeypatch.setattr(native, name, value)
    for call, truth in judged:
        _agrees(call, truth)
        if cache is None:
            _agrees(_wide(call), truth)


def test_pytorch_agrees_with_every_backend(judged: Any, other_row: Row) -> None:
    for call, truth in judged[::16]:
        _agrees(call, truth, other_row)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_transposed_is_the_transpose(plain_row: Row, count: int) -> None:
    """``vdot(conv(x), y)`` is ``vdot(x, conv_transpose(y))``."""
    rng = np.random.default_rng(count)
    options: dict[str, Any] = {"stride": 2, "padding": 1, "dilation": 2, "groups": 2}
    spatial = (7, 6, 8)[:count]
    x, weight = rng.standard_normal((2, 4, *spatial)), rng.standard_normal((6, 2, *(2, 3, 2)[:count]))
    conv, back = getattr(nn, f"conv{count}d"), getattr(nn, f"conv_transpose{count}d")
    there = np.asarray(accel.to_numpy(conv(plain_row.put(x), plain_row.put(weight), **options)))
    y = rng.standard_normal(there.shape)
    least = np.asarray(accel.to_numpy(back(plain_row.put(y), plain_row.put(weight), **options))).shape
    more = tuple(n - m for n, m in zip(x.shape[2:], least[2:], strict=True))
    again = back(plain_row.put(y), plain_row.put(weight), output_padding=more, **options)
    again = np.asarray(accel.to_numpy(again))
    assert again.shape == x.shape
    np.testing.assert_allclose(np.vdot(there, y), np.vdot(x, again), rtol=1e-12)


@pytest.mark.parametrize("groups", [1, 2])
def test_gradients_are_convolutions(groups: int) -> None:
    jax: Any = pytest.importorskip("jax")
    rng = np.random.default_rng(0)
    x, weight = rng.standard_normal((2, 4, 6, 5)), rng.standard_normal((4, 4 // groups, 3, 2))
    options: dict[str, Any] = {"stride": (2, 1), "padding": 1, "groups": groups}
    y = rng.standard_normal(nn.conv2d(x, weight, **options).shape)
    with accel.x64():
        put = jax.numpy.asarray

        def loss(x: Any, weight: Any) -> Any:
            return jax.numpy.vdot(nn.conv2d(x, weight, **options), put(y))

        by_x, by_weight = jax.grad(loss, argnums=(0, 1))(put(x), put(weight))
    more = tuple(
        n - m for n, m in zip(x.shape[2:], nn.conv_transpose2d(y, weight, **options).shape[2:], strict=True)
    )
    expected = nn.conv_transpose2d(y, weight, output_padding=more, **options)
    np.testing.assert_allclose(by_x, expected, atol=1e-12)
    step = 1e-3 * rng.standard_normal(weight.shape)
    # The map is linear in the weight, so that a difference is exact but for roundings.
    change = np.vdot(nn.conv2d(x, weight + step, **options) - nn.conv2d(x, weight, **options), y)
    np.testing.assert_allclose(np.vdot(by_weight, step), change, rtol=1e-9)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_gradients_in_16_bits(dtype: str) -> None:
    jax: Any = pytest.importorskip("jax")
    x, weight = jax.numpy.ones((1, 2, 4, 4), dtype), jax.numpy.ones((2, 2, 2, 2), dtype)
    for function in (nn.conv2d, nn.conv_transpose2d):
        slope = jax.grad(lambda w, f=function: jax.numpy.sum(f(x, w)))(weight)
        assert slope.dtype == weight.dtype
        assert bool(jax.numpy.all(jax.numpy.isfinite(slope)))


def _peak(function: Any, *args: Any, **kwargs: Any) -> int:
    """Give the bytes that a call needs beyond its result."""
    function(*args, **kwargs)
    tracemalloc.start()
    try:
        result = function(*args, **kwargs)
        return int(tracemalloc.get_traced_memory()[1] - result.nbytes)
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_memory_on_numpy(dtype: Any) -> None:
    x, weight = np.ones((4, 16, 160, 160), dtype), np.ones((8, 16, 3, 3), dtype)
    assert _peak(nn.conv2d, x, weight, padding=1) < 8 * 2**20
    assert _peak(nn.conv_transpose2d, x, weight.swapaxes(0, 1), stride=2) < 8 * 2**20
    assert _peak(nn.conv1d, np.ones((1, 4, 200_000), dtype), np.ones((2, 4, 31), dtype)) < 8 * 2**20


def test_arguments_are_not_written_to() -> None:
    x, weight = np.ones((1, 2, 4, 4)), np.ones((2, 2, 3, 3))
    for each in (x, weight):
        each.flags.writeable = False
    nn.conv2d(x, weight, padding="same")
    nn.conv_transpose2d(x, weight, stride=2)


@pytest.mark.parametrize(
    ("options", "shape"),
    [
        ({"padding": "same"}, (1, 1, 5, 6)),
        ({"padding": ((0, 1), (2, 0))}, (1, 1, 4, 7)),
        ({"padding": [1, [0, 2]], "stride": [2, 1]}, (1, 1, 3, 7)),
    ],
)
def test_padding_of_each_side(plain_row: Row, options: dict[str, Any], shape: tuple[int, ...]) -> None:
    x, weight = plain_row.put(np.ones((1, 1, 5, 6))), plain_row.put(np.ones((1, 1, 3, 2)))
    assert tuple(nn.conv2d(x, weight, **options).shape) == shape
