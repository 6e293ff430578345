"""Mixed precision: casts of whole structures, and a loss scale that falls and rises, in and out of compiled functions."""

from __future__ import annotations

import doctest
import inspect
from typing import Any, NamedTuple

import numpy as np
import pytest

import accel
import accel.nn as nn
from accel.errors import AccelError, ArgumentError, DTypeError, ShapeError
from accel.testing.rows import Row

FUNCTIONS = (nn.cast_floating, nn.loss_scale, nn.scale_loss, nn.unscale_gradients, nn.update_loss_scale)


class Layer(NamedTuple):
    weight: Any
    steps: Any


def _state(row: Row, scale: float, steps: int = 0) -> nn.LossScale:
    return nn.LossScale(
        row.put(np.asarray(scale, dtype=np.float32)), row.put(np.asarray(steps, dtype=np.int32))
    )


def _numbers(state: nn.LossScale) -> tuple[float, int]:
    return float(accel.to_numpy(state.scale)), int(accel.to_numpy(state.steps))


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_examples_run(function: Any) -> None:
    found = doctest.DocTestParser().get_doctest(inspect.getdoc(function) or "", {}, "example", None, None)
    said: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    with accel.use_device("numpy"):
        runner.run(found, out=said.append)
    assert found.examples
    assert runner.failures == 0, "".join(said)


def test_casts_the_floating_arrays_of_a_structure(plain_row: Row) -> None:
    put = plain_row.put
    tree: dict[str, Any] = {
        "layers": [Layer(put(np.ones((2, 2), np.float32)), put(np.asarray([1]))), None],
        "rest": (put(np.asarray(0.1)), put(np.asarray([True])), 3, "name", put(np.asarray([1j]))),
    }
    found = nn.cast_floating(tree, accel.float16)
    assert isinstance(found["layers"][0], Layer)
    kinds = [x.dtype for x in (*found["layers"][0], *found["rest"][:2], found["rest"][4])]
    wanted = [accel.float16, tree["layers"][0].steps.dtype, accel.float16, accel.bool, accel.complex128]
    assert all(a == b for a, b in zip(wanted, kinds, strict=True))
    assert found["rest"][2:4] == (3, "name")
    assert found["layers"][1] is None
    assert tree["layers"][0].weight.dtype == accel.float32
    kept = put(np.ones(3, np.float16))
    assert nn.cast_floating([kept], accel.float16)[0] is kept


def test_scale_falls_and_rises(plain_row: Row) -> None:
    fine, broken = plain_row.put(np.asarray(True)), plain_row.put(np.asarray(False))
    state = _state(plain_row, 8.0)
    state = nn.update_loss_scale(state, fine, growth_interval=2)
    assert _numbers(state) == (8.0, 1)
    state = nn.update_loss_scale(state, fine, growth_interval=2)
    assert _numbers(state) == (16.0, 0)
    state = nn.update_loss_scale(
        nn.update_loss_scale(state, fine, growth_interval=2), broken, growth_interval=2
    )
    assert _numbers(state) == (8.0, 0)
    assert _numbers(nn.update_loss_scale(_state(plain_row, 1.0), broken)) == (1.0, 0)
    assert _numbers(nn.update_loss_scale(_state(plain_row, 2.0**127, 9), fine, growth_interval=1)) == (
        2.0**127,
        0,
    )
    assert state.scale.dtype == accel.float32
    assert state.steps.dtype == accel.int32


def test_gradients_come_back(plain_row: Row) -> None:
    state = _state(plain_row, 1024.0)
    small = 2.0**-20
    gradients = {
        "half": plain_row.put(np.asarray([1024 * small, 0.5], dtype=np.float16)),
        "wide": plain_row.put(np.asarray(3.0)),
        "count": plain_row.put(np.asarray([7])),
    }
    found, finite = nn.unscale_gradients(gradients, state)
    assert bool(accel.to_numpy(finite))
    assert found["half"].dtype == accel.float32
    np.testing.assert_array_equal(accel.to_numpy(found["half"]), np.asarray([small, 2.0**-11], np.float32))
    assert float(accel.to_numpy(found["wide"])) == 3.0 / 1024
    assert int(accel.to_numpy(found["count"])[0]) == 7
    loss = nn.scale_loss(plain_row.put(np.asarray(0.5, dtype=np.float32)), state)
    assert float(accel.to_numpy(loss)) == 512.0
    for wrong in (np.nan, np.inf, -np.inf):
        bad = [plain_row.put(np.asarray([1.0])), (plain_row.put(np.asarray([0.0, wrong])),)]
        assert not bool(accel.to_numpy(nn.unscale_gradients(bad, state)[1]))


def test_a_compiled_step(plain_row: Row) -> None:
    """A whole step under `accel.jit`: the state goes in and comes out as the tuple that it is."""

    @accel.jit
    def step(weight: Any, state: nn.LossScale, loss: Any) -> Any:
        gradients, finite = nn.unscale_gradients([nn.scale_loss(loss, state) * weight], state)
        moved = accel.where(finite, weight - gradients[0], weight)
        return moved, nn.update_loss_scale(state, finite, growth_interval=3)

    weight = plain_row.put(np.asarray([1.0, -2.0], dtype=np.float32))
    state = _state(plain_row, 4.0)
    for loss, wanted in ((0.5, (4.0, 1)), (np.inf, (2.0, 0)), (0.5, (2.0, 1))):
        weight, state = step(weight, state, plain_row.put(np.asarray(loss, dtype=np.float32)))
        assert isinstance(state, nn.LossScale)
        assert _numbers(state) == wanted
    np.testing.assert_array_equal(accel.to_numpy(weight), np.asarray([0.25, -0.5], np.float32))


def test_begins_where_it_is_asked_to(plain_row: Row) -> None:
    state = nn.loss_scale(device=plain_row.device)
    assert _numbers(state) == (2.0**15, 0)
    assert accel.device(state.scale) == accel.device(state.steps) == plain_row.device


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda row: nn.cast_floating([], accel.int32), DTypeError),
        (lambda row: nn.loss_scale(0.0), ArgumentError),
        (lambda row: nn.loss_scale(float("nan")), ArgumentError),
        (lambda row: nn.scale_loss(row.put(np.asarray(1)), _state(row, 2.0)), DTypeError),
        (lambda row: nn.unscale_gradients([row.put(np.asarray(1))], _state(row, 2.0)), ArgumentError),
        (lambda row: nn.update_loss_scale(_state(row, 2.0), True, growth_interval=0), ShapeError),
        (lambda row: nn.update_loss_scale(_state(row, 2.0), True, backoff_factor=1.0), ArgumentError),
        (lambda row: nn.update_loss_scale(_state(row, 2.0), True, growth_factor=0.5), ArgumentError),
    ],
)
def test_mistakes_are_refused(plain_row: Row, call: Any, error: type[AccelError]) -> None:
    with pytest.raises(error, match=r"^accel\.nn\.\w+: "):
        call(plain_row)
