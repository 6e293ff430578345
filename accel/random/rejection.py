"""Rejection: numbers that are proposed until they are accepted, in rounds that each have a key of their own.

A round proposes for each element by its place alone, so that it does not matter whether rounds are made for all elements, for those that
wait, or until none waits: the numbers are the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import accel as xp
import accel.random as random
import accel.random.arithmetic as arithmetic
import accel.random.demand as demand
import accel.random.variate as variate
from accel.composition import kept
from accel.dtype import name_of
from accel.random.arithmetic import Table

__all__ = ["Loop", "Proposal", "beta", "fixed", "gamma", "poisson"]

Proposal: TypeAlias = Callable[..., tuple[Any, Any]]
"""Called with a function that gives the words of a key, the key of the round, and parameters for each element: values, and which are good."""

Loop: TypeAlias = Callable[..., Any]
"""Called with a proposal, a key, the number of rounds, a shape, the dtype of words, and the parameters, all of that shape."""


def fixed(
    proposal: Proposal, key: Any, rounds: int, shape: tuple[int, ...], word: Any, *parameters: Any
) -> Any:
    """Make all rounds for all elements; one that no round accepted keeps the last proposal."""

    def words(each: Any) -> Any:
        return random.bits(each, shape, word)

    value, done = proposal(words, random.fold_in(key, 0), *parameters)
    for number in range(1, rounds):
        again, good = proposal(words, random.fold_in(key, number), *parameters)
        value, done = xp.where(done, value, again), xp.logical_or(done, good)
    return value


def _whole(value: Any, shape: tuple[int, ...], dtype: Any, key: Any) -> Any:
    """Give a parameter for each element."""
    if not hasattr(value, "dtype"):
        return xp.full(shape, float(value), dtype=dtype, device=xp.device(key))
    return xp.broadcast_to(xp.astype(value, dtype), shape)


def _word(t: Table) -> Any:
    return xp.uint64 if t.bits == 64 else xp.uint32


GAMMA_ROUNDS = 16
"""A round accepts 95 of 100 or more; of 10**20 elements one is left."""


def _gamma_proposal(words: Any, key: Any, d: Any, c: Any) -> tuple[Any, Any]:
    t = arithmetic.table(d.dtype)
    keys = random.split(key)
    x, waited = variate.gauss(words(keys[0]), t), variate.waiting(words(keys[1]), t)
    y = xp.add(kept(xp.multiply(c, x)), 1.0)
    inside = xp.greater(y, 0.0)
    y = xp.where(inside, y, 1.0)
    v = kept(xp.multiply(xp.multiply(y, y), y))
    # log(u) < x * x / 2 + d * (1 - v + log(v)), where log(u) is a waiting time below zero.
    log = kept(xp.multiply(arithmetic.logarithm(y), 3.0))
    gain = kept(xp.multiply(d, xp.add(xp.subtract(1.0, v), log)))
    bound = xp.add(kept(xp.multiply(xp.multiply(x, 0.5), x)), gain)
    return kept(xp.multiply(d, v)), xp.logical_and(inside, xp.greater(xp.add(bound, waited), 0.0))


def _gamma(loop: Loop, key: Any, a: Any, shape: tuple[int, ...]) -> tuple[Any, Any]:
    """Give a gamma variable for a or a + 1, and what to take off its logarithm where it is the latter."""
    t = arithmetic.table(a.dtype)
    keys = random.split(key)
    good, small = xp.greater(a, 0.0), xp.less(a, 1.0)
    shaped = xp.where(good, xp.where(small, xp.add(a, 1.0), a), 1.0)
    d = xp.subtract(shaped, 1 / 3)
    c = arithmetic.reciprocal(kept(xp.sqrt(xp.multiply(d, 9.0))))
    value = loop(_gamma_proposal, keys[0], GAMMA_ROUNDS, shape, _word(t), d, c)
    waited = variate.waiting(random.bits(keys[1], shape, _word(t)), t)
    drop = xp.where(small, kept(arithmetic.quotient(waited, xp.where(good, a, 1.0))), 0.0)
    return xp.where(good, value, xp.nan), drop


def gamma(loop: Loop, key: Any, a: Any, shape: Any, dtype: Any) -> Any:
    """Draw gamma variables; the parameters are those of the op of that name."""
    whole = shape_of(shape, a)
    value, drop = _gamma(loop, key, _whole(a, whole, computing(dtype), key), whole)
    return xp.astype(xp.multiply(value, arithmetic.exponential(xp.negative(drop))), dtype, copy=False)


def beta(loop: Loop, key: Any, a: Any, b: Any, shape: Any, dtype: Any) -> Any:
    """Draw beta variables; the parameters are those of the op of that name."""
    whole, held, keys = shape_of(shape, a, b), computing(dtype), random.split(key)
    (x, less_x), (y, less_y) = (
        _gamma(loop, keys[i], _whole(each, whole, held, key), whole) for i, each in enumerate((a, b))
    )
    # Where both may be too small to be told from zero, their logarithms say how far apart they are.
    logs = (xp.subtract(arithmetic.logarithm(each), less) for each, less in ((x, less_x), (y, less_y)))
    apart = xp.subtract(*logs)
    small = arithmetic.exponential(xp.negative(xp.abs(apart)))
    share = xp.divide(xp.where(xp.less(apart, 0.0), small, 1.0), xp.add(small, 1.0))
    plain = xp.logical_and(xp.equal(less_x, 0.0), xp.equal(less_y, 0.0))
    return xp.astype(xp.where(plain, xp.divide(x, xp.add(x, y)), share), dtype, copy=False)


POISSON_ROUNDS = 32
"""A round accepts 3 of 4 or more; of 10**19 elements one is left."""
FEW = 10.0
"""Below this mean probabilities are added up, from this on numbers are proposed."""


def _poisson_proposal(words: Any, key: Any, lam: Any) -> tuple[Any, Any]:
    t = arithmetic.table(lam.dtype)
    keys = random.split(key)
    lower, side, middle = variate.halves(words(keys[0]), t)
    v, _ = variate.unit(words(keys[1]), t)
    b = kept(xp.add(kept(xp.multiply(xp.sqrt(lam), 2.53)), 0.931))
    a = xp.add(kept(xp.multiply(b, 0.02483)), -0.059)
    u = xp.where(lower, xp.negative(middle), middle)
    at = kept(xp.multiply(xp.add(xp.divide(xp.multiply(a, 2.0), side), b), u))
    k = xp.floor(xp.add(xp.add(at, lam), 0.43))
    quick = xp.subtract(0.9277, kept(arithmetic.quotient(3.6224, xp.subtract(b, 2.0))))
    early = xp.logical_and(xp.greater_equal(side, 0.07), xp.less_equal(v, quick))
    never = xp.logical_or(xp.less(k, 0.0), xp.logical_and(xp.less(side, 0.013), xp.greater(v, side)))
    inverse = xp.add(kept(arithmetic.quotient(1.1328, xp.subtract(b, 3.4))), 1.1239)
    under = xp.add(xp.divide(a, xp.multiply(side, side)), b)
    tried = arithmetic.logarithm(xp.divide(kept(xp.multiply(v, inverse)), under))
    good = xp.logical_or(early, xp.less_equal(tried, _log_poisson(k, lam)))
    return xp.maximum(k, 0.0), xp.logical_and(good, xp.logical_not(never))


def _log_poisson(k: Any, lam: Any) -> Any:
    """Give the logarithm of the probability of k, by Stirling's series around lam, in which little cancels."""
    n = xp.maximum(k, 1.0)
    apart = xp.subtract(n, lam)
    log = arithmetic.logarithm(arithmetic.quotient(n, lam), less=arithmetic.quotient(apart, lam))
    main = xp.subtract(kept(xp.multiply(n, log)), apart)
    root = kept(xp.multiply(arithmetic.logarithm(kept(xp.multiply(n, 6.283185307179586))), 0.5))
    z = xp.divide(1.0, n)
    square = kept(xp.multiply(z, z))
    rest = kept(xp.multiply(z, arithmetic.polynomial(square, (1 / 12, -1 / 360, 1 / 1260))))
    rest = xp.where(xp.less(n, 1.5), 0.08106146679532726, rest)
    return xp.where(xp.less(k, 0.5), xp.negative(lam), xp.negative(xp.add(xp.add(main, root), rest)))


def _few(word: Any, lam: Any) -> Any:
    """Count the probabilities of 0, 1, 2 ... that it takes to get beyond a number between 0 and 1."""
    t = arithmetic.table(lam.dtype)
    u, _ = variate.unit(word, t)
    p = arithmetic.exponential(xp.negative(lam))
    total, k = p, xp.zeros_like(lam)
    # What is left behind the last digit of the sum must not be counted.
    least = 2.0**-27 if t.bits == 32 else 2.0**-57
    for number in range(1, 40 if t.bits == 32 else 70):
        p = kept(xp.multiply(p, kept(xp.multiply(lam, 1.0 / number))))
        more = xp.logical_and(xp.greater(u, total), xp.greater(p, least))
        k = xp.where(more, float(number), k)
        total = xp.add(total, p)
    return k


def poisson(loop: Loop, key: Any, lam: Any, shape: Any, dtype: Any) -> Any:
    """Draw Poisson variables; the parameters are those of the op of that name."""
    whole = shape_of(shape, lam)
    if hasattr(lam, "dtype") and name_of(lam.dtype).endswith(("float16", "float32")):
        held: Any = xp.float32
    else:
        held = xp.float64 if hasattr(lam, "dtype") or name_of(dtype).endswith("64") else xp.float32
    lam = _whole(lam, whole, held, key)
    t = arithmetic.table(lam.dtype)
    keys = random.split(key)
    some = xp.greater_equal(lam, FEW)
    small = _few(
        random.bits(keys[0], whole, _word(t)), xp.where(xp.logical_or(some, xp.less(lam, 0.0)), 0.0, lam)
    )
    large = loop(_poisson_proposal, keys[1], POISSON_ROUNDS, whole, _word(t), xp.where(some, lam, FEW))
    return xp.astype(xp.where(xp.greater_equal(lam, 0.0), xp.where(some, large, small), -1.0), dtype)


def computing(dtype: Any) -> Any:
    """Give the dtype in which numbers of a dtype are made: 16 bits are rounded once, from float32."""
    return xp.float64 if name_of(dtype) == "float64" else xp.float32


def shape_of(shape: Any, *parameters: Any) -> tuple[int, ...]:
    """Give the shape of a draw: the one asked for, or that of the parameters."""
    if shape is not None:
        return demand.lengths(shape)
    shapes = [tuple(each.shape) for each in parameters if hasattr(each, "dtype")]
    whole: Any = xp.broadcast_shapes(*shapes) if shapes else ()
    return tuple(whole)
