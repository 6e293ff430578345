"""einsum beside NumPy's in float64, its plans, and its gradients."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import DataObject, DrawFn

import accel
from accel.errors import ArgumentError
from accel.extra import einsum
from accel.extra.plan import planned
from accel.testing.columns.extra_contraction import LENGTHS, SUBSCRIPTS
from accel.testing.rows import Row

RNG = np.random.default_rng(0)


def _operands(subscripts: str, lead: tuple[int, ...] = (2,)) -> list[Any]:
    found = []
    for term in subscripts.partition("->")[0].split(","):
        before, dots, after = term.partition("...")
        shape = (*(LENGTHS[c] for c in before), *(lead if dots else ()), *(LENGTHS[c] for c in after))
        found.append(RNG.standard_normal(shape))
    return found


@pytest.mark.parametrize("subscripts", SUBSCRIPTS)
@pytest.mark.parametrize("optimize", [True, False, "greedy", "optimal"])
def test_numpys_einsum(subscripts: str, optimize: Any) -> None:
    operands = _operands(subscripts)
    expected = np.einsum(subscripts, *operands)
    got = einsum(subscripts, *operands, optimize=optimize)
    assert np.shape(got) == np.shape(expected)
    np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-12)


@st.composite
def _random(draw: DrawFn) -> str:
    """Draw subscripts of several operands over few letters."""
    letters = "abcde"
    terms = [
        "".join(draw(st.lists(st.sampled_from(letters), max_size=3))) for _ in range(draw(st.integers(1, 5)))
    ]
    used = sorted(set("".join(terms)))
    out = draw(st.permutations(used))[: draw(st.integers(0, len(used)))]
    return ",".join(terms) + ("->" + "".join(out) if draw(st.booleans()) else "")


@given(data=st.data())
def test_any_subscripts(data: DataObject) -> None:
    subscripts = data.draw(_random())
    operands = _operands(subscripts)
    expected = np.einsum(subscripts, *operands)
    got = einsum(subscripts, *operands, optimize=data.draw(st.sampled_from([True, False, "greedy"])))
    assert np.shape(got) == np.shape(expected)
    np.testing.assert_allclose(got, expected, rtol=1e-10, atol=1e-10)


@given(data=st.data())
def test_any_subscripts_on_every_backend(plain_row: Row, data: DataObject) -> None:
    subscripts = data.draw(st.sampled_from(SUBSCRIPTS))
    operands = _operands(subscripts, (3, 1))
    expected = np.einsum(subscripts, *operands)
    put = [plain_row.put(x) for x in operands]
    got = plain_row.run(lambda: einsum(subscripts, *put), (), {})
    np.testing.assert_allclose(accel.to_numpy(got), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("searching", [True, "greedy"])
@pytest.mark.parametrize("installed", [True, False])
def test_many_operands(monkeypatch: pytest.MonkeyPatch, searching: Any, installed: bool) -> None:
    """A chain of twelve matrices is multiplied in an order with little work, whoever searches."""
    if installed:
        pytest.importorskip("opt_einsum")
    else:
        monkeypatch.setattr("accel.extra.plan.find_spec", lambda _: None)
    subscripts = ",".join(f"{a}{b}" for a, b in zip("abcdefghijkl", "bcdefghijklm", strict=True)) + "->am"
    operands = [RNG.standard_normal((4, 4)) for _ in range(12)]
    planned.cache_clear()
    plan = planned(subscripts, searching, ((4, 4),) * 12)
    planned.cache_clear()
    assert plan.work == 11 * 4**3
    np.testing.assert_allclose(
        einsum(subscripts, *operands, optimize=searching),
        np.linalg.multi_dot(operands),
        rtol=1e-10,
        atol=1e-10,
    )


def test_the_best_order_of_a_chain() -> None:
    """A vector at the end is multiplied first."""
    plan = planned("ij,jk,kl,l->i", True, ((50, 50), (50, 50), (50, 50), (50,)))
    assert plan.work == 3 * 50**2
    assert planned("ij,jk,kl,l->i", False, ((50, 50), (50, 50), (50, 50), (50,))).work > 2 * 50**3


def test_no_copy_of_operands_in_order() -> None:
    """A product of stacks of matrices is made of the operands as they are."""
    (pair,) = planned("bij,bjk->bik", True, ((5, 2, 3), (5, 3, 4))).pairs
    assert pair.orders == pair.shapes == (None, None)
    assert pair.shape is None


def test_errors_name_the_index() -> None:
    x = np.ones((2, 3))
    with pytest.raises(ArgumentError, match="the index 'z', which no operand has"):
        einsum("ij->iz", x)
    with pytest.raises(
        ValueError, match=r"index 'j' .* has length 3 in operands\[0\] and 2 in operands\[1\]"
    ):
        einsum("ij,jk->ik", x, x)
    with pytest.raises(ArgumentError, match="name 3 operands, and 2 are given"):
        einsum("ij,jk,kl->il", x, x)


def test_sixteen_bits_are_rounded_once() -> None:
    """Terms that float16 would lose one by one are in the sum."""
    x = np.full(4096, 0.25, dtype=np.float16)
    one = np.asarray([2048.0], dtype=np.float16)
    assert einsum("i,i,j->j", x, x, one).item() == float(np.float16(4096 / 16 * 2048)) or np.isinf(
        np.float16(524288)
    )
    assert einsum("i->", x).item() == 1024.0
    long = np.concatenate([[2048.0], np.full(2048, 0.5)]).astype(np.float16)
    assert einsum("i,i->", long, np.ones_like(long)).item() == 3072.0


def test_gradients() -> None:
    jax = pytest.importorskip("jax")
    jnp = jax.numpy
    a, b, c = (jnp.asarray(RNG.standard_normal(s), dtype="float32") for s in ((2, 3), (3, 4), (4,)))
    mine = jax.grad(lambda *xs: jnp.sum(einsum("ij,jk,k->i", *xs) ** 2), argnums=(0, 1, 2))(a, b, c)
    theirs = jax.grad(lambda a, b, c: jnp.sum(((a @ b) @ c) ** 2), argnums=(0, 1, 2))(a, b, c)
    for one, two in zip(mine, theirs, strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-4, atol=1e-5)
