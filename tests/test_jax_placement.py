"""Constants on a JAX device other than the first: made there, not made on the first one and moved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

import accel
from accel.dispatch import specs
from accel.errors import MixedDevicesError
from accel.testing.columns import table
from accel.testing.rows import Row, dispatched
from accel.testing.trial import SLOW_TO_DRAW
from tests.depth import examples
from tests.fresh import run

DEVICE = "jax:cpu:1"
JAX = Row("jax", "jax")


@pytest.fixture(autouse=True)
def guard(runnable: Callable[[Row], None]) -> Iterator[Callable[[], Any]]:
    """Give the scope in which JAX refuses to move data between devices, asked for or not."""
    runnable(JAX)
    import jax

    config: Any = jax.config
    assert config.jax_default_device is None
    yield lambda: jax.transfer_guard_device_to_device("disallow_explicit")
    assert config.jax_default_device is None


@pytest.mark.thorough
@pytest.mark.parametrize("name", sorted(specs))
def test_nothing_comes_from_the_first_device(name: str, guard: Callable[[], Any]) -> None:
    function = dispatched(specs[name])

    @settings(max_examples=min(examples(JAX, name), 3), suppress_health_check=SLOW_TO_DRAW)
    @given(table[name].cases)
    def check(case: Any) -> None:
        there = case.map(lambda x: accel.to_device(x, DEVICE))
        with guard(), accel.use_device(DEVICE), np.errstate(all="ignore"):
            function(*there.args, **there.kwargs)

    check()


def test_the_guard_sees_moves(guard: Callable[[], Any]) -> None:
    x = accel.ones(3, device="jax:cpu:0")
    with guard(), pytest.raises(Exception, match="device-to-device transfer"):
        accel.to_device(x, DEVICE)


MADE: dict[str, Callable[[Any, Any], Any]] = {
    "too large": lambda x, i: accel.equal(i, 300),
    "too small": lambda x, i: accel.less(-300, i),
    "in no element": lambda x, i: accel.isin(i, 300),
    "a number in no element": lambda x, i: accel.isin(300, i),
    "no indices": lambda x, i: accel.nonzero(x[:0])[0],
    "repeats": lambda x, i: accel.repeat(x, i),
    "like": lambda x, i: accel.full_like(x, 3),
    "like, elsewhere": lambda x, i: accel.zeros_like(accel.to_device(x, "jax:cpu:2"), device=DEVICE),
    "eye": lambda x, i: accel.eye(3, device=DEVICE),
}


@pytest.mark.parametrize("name", MADE)
def test_a_constant_belongs_to_the_device_of_its_operands(name: str, guard: Callable[[], Any]) -> None:
    x = accel.ones(2, dtype=accel.float32, device=DEVICE)
    i = accel.asarray([1, 2], dtype=accel.int8, device=DEVICE)
    if name == "like, elsewhere":
        y = MADE[name](x, i)
    else:
        with guard():
            y = MADE[name](x, i)
    assert str(accel.device(y)) == DEVICE
    # What is not bound to its device JAX moves to that of another operand, without a word.
    for other in ("jax:cpu:0", "jax:cpu:2"):
        with pytest.raises(MixedDevicesError):
            accel.concat([accel.reshape(y, (-1,)), accel.ones(1, dtype=y.dtype, device=other)])


def test_what_a_program_leaves_unbound_stays_so() -> None:
    import jax

    x = jax.numpy.ones((2, 2))
    assert not x.committed
    for y in (accel.take(x, accel.argmax(x, axis=0), axis=0), accel.nonzero(x)[0], accel.full_like(x, 3)):
        assert not y.committed


def test_a_default_device_of_the_program_does_not_count() -> None:
    code = """
        import jax, accel
        first, second = jax.devices()[:2]
        x = accel.ones(3, device="jax:cpu:0")
        jax.config.update("jax_default_device", second)
        with jax.transfer_guard_device_to_device("disallow_explicit"):
            made = accel.unique_counts(x).counts, accel.zeros_like(x), accel.zeros(2, device="jax:cpu:0")
        print(*(y.devices() == {first} for y in made), jax.config.jax_default_device is second)
    """
    assert run(code, XLA_FLAGS="--xla_force_host_platform_device_count=2") == "True True True True"
