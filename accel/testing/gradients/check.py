"""Checks: derivatives against finite differences, forward against backward, dtypes, and vmap against a loop."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from inspect import signature
from typing import Any

import numpy as np

import accel
from accel.dispatch import Spec, specs
from accel.testing.cases import Case
from accel.testing.gradients.table import Array, Call, table
from accel.testing.rows import dispatched
from accel.testing.tree import leaves, mapped

import jax

EPS = float(np.finfo(np.float64).eps)
STEP = 2.0**-5
"""The longest step of the finite differences; the others are its half and its quarter."""


def differentiable(spec: Spec, call: Call, case: Case) -> tuple[str, ...]:
    """Name the parameters of a call in which derivatives are taken."""
    bound = signature(spec.function).bind(*case.args, **case.kwargs).arguments
    return tuple(
        name
        for name, value in bound.items()
        if name not in call.fixed and any(_inexact(x) for x in leaves(value))
    )


def _inexact(x: Any) -> bool:
    return isinstance(x, np.ndarray) and x.dtype.kind in "fc"


class Form:
    """The calls of one form, as one function of the arrays in which derivatives are taken and of the others."""

    def __init__(self, name: str, number: int) -> None:
        self.spec = specs[name]
        self.call = table[name].calls[number]
        self.fn = dispatched(self.spec)
        case = self.case(0)
        wanted = differentiable(self.spec, self.call, case)
        self.wanted = wanted
        self.derived = jax.jit(self._derived)
        self.many = jax.jit(jax.vmap(self._outputs, in_axes=(0, None)))

    def case(self, seed: int) -> Case:
        return self.call.draws(np.random.default_rng([seed, *self.spec.name.encode()]))

    def split(self, case: Case) -> tuple[list[Array], list[Array]]:
        """Part the arrays of a case into those in which derivatives are taken and the others."""
        xs: list[Array] = []
        rest: list[Array] = []
        self._walk(case, lambda x: xs.append(x), lambda x: rest.append(x))
        return xs, rest

    def _walk(self, case: Case, wanted: Any, other: Any) -> Case:
        bound = signature(self.spec.function).bind(*case.args, **case.kwargs)
        for name, value in bound.arguments.items():
            take = name in self.wanted

            def change(x: Any, take: bool = take) -> Any:
                if not isinstance(x, np.ndarray):
                    return x
                return (wanted if take and _inexact(x) else other)(x)

            bound.arguments[name] = mapped(change, value)
        return Case(bound.args, bound.kwargs)

    def _outputs(self, xs: Any, rest: Any) -> list[Any]:
        """Give the inexact results of a call."""
        fresh, others = iter(xs), iter(rest)
        case = self._walk(self.case(0), lambda _: next(fresh), lambda _: next(others))
        out = self.fn(*case.args, **case.kwargs)
        return [y for y in jax.tree.leaves(out) if np.dtype(y.dtype).kind in "fcV" and y.dtype != bool]

    def _derived(self, xs: Any, rest: Any, vs: Any, cts: Any) -> Any:
        f = lambda xs: self._outputs(xs, rest)
        y, forward = jax.jvp(f, (xs,), (vs,))
        _, back = jax.vjp(f, xs)
        (backward,) = back(cts)
        if self.call.orders < 2:
            return y, forward, backward, None, None
        # The second derivative along v, forward over forward and backward over forward.
        g = lambda xs: jax.jvp(f, (xs,), (vs,))[1]
        _, second = jax.jvp(g, (xs,), (vs,))
        _, back = jax.vjp(g, xs)
        (mixed,) = back(cts)
        return y, forward, backward, second, mixed


@lru_cache(None)
def form(name: str, number: int) -> Form:
    return Form(name, number)


@dataclass
class Found:
    error: float = 0.0
    second: float = 0.0
    transposed: float = 0.0
    vmapped: float = 0.0


def romberg(at: list[list[Array]], step: float) -> tuple[list[Array], list[Array]]:
    """Give the derivative from values at +h, -h, +h/2, -h/2, +h/4, -h/4, and a bound of its error."""
    best, bounds = [], []
    for values in zip(*at, strict=True):
        d = [(values[2 * i] - values[2 * i + 1]) / (2 * step / 2**i) for i in range(3)]
        first = [(4 * d[i + 1] - d[i]) / 3 for i in range(2)]
        second = (16 * first[1] - first[0]) / 15
        size = np.max([np.abs(v) for v in values], axis=0)
        size = np.max(size, initial=0)
        best.append(second)
        bounds.append(np.abs(second - first[1]) + 64 * EPS * size / (step / 4))
    return best, bounds


def check(name: str, number: int, seed: int) -> Found:
    """Check the derivatives of one call."""
    spec, entry = specs[name], table[name]
    this = form(name, number)
    found = Found()
    with accel.x64():
        case = this.case(seed)
        xs, rest = this.split(case)
        g = np.random.default_rng(seed + 1)
        vs = [_direction(g, x) for x in xs]
        y = [np.asarray(a) for a in this._outputs(list(map(jax.numpy.asarray, xs)), list(map(jax.numpy.asarray, rest)))]
        cts = [_direction(g, a) for a in y]
        _, forward, backward, second, mixed = jax.tree.map(np.asarray, this.derived(xs, rest, vs, cts))
        step = STEP * this.call.size
        shifts = [s * step / 2**i for i in range(3) for s in (1, -1)]
        near = [[x + s * v for x, v in zip(xs, vs, strict=True)] for s in shifts]
        jrest = list(map(jax.numpy.asarray, rest))
        at = [[np.asarray(a) for a in this._outputs(list(map(jax.numpy.asarray, n)), jrest)] for n in near]
        slope, bounds = romberg(at, step)
        what = f"{name}{case!r}"
        found.error = _compare(what, forward, slope, bounds)
        if this.call.orders > 1:
            ats = [jax.tree.map(np.asarray, this.derived(n, rest, vs, cts)[1]) for n in near]
            slope2, bounds2 = romberg(ats, step)
            found.second = _compare(f"second derivative of {what}", second, slope2, bounds2)
            found.transposed = max(found.transposed, _transposed(what, second, cts, mixed, vs))
        found.transposed = max(found.transposed, _transposed(what, forward, cts, backward, vs))
        for x, b in zip(xs, backward, strict=True):
            assert x.dtype == b.dtype and x.shape == b.shape, f"the gradient of {what} is {b.dtype}{b.shape}"
        stacked = [np.stack(a) for a in zip(*near, strict=True)]
        for one, two in zip(this.many(stacked, rest), map(np.stack, zip(*at, strict=True)), strict=True):
            one = np.asarray(one)
            size = np.max(np.abs(two), initial=0)
            gap = np.max(np.abs(one - two), initial=0) / (size or 1) / EPS
            found.vmapped = max(found.vmapped, float(gap))
    return found


def _direction(g: np.random.Generator, x: Array) -> Array:
    v = g.uniform(-1, 1, x.shape)
    if x.dtype.kind == "c":
        v = v + 1j * g.uniform(-1, 1, x.shape)
    return v.astype(x.dtype)


def _compare(what: str, got: list[Array], slope: list[Array], bounds: list[Array]) -> float:
    worst = 0.0
    for a, b, bound in zip(got, slope, bounds, strict=True):
        size = np.max(np.abs(b), initial=0)
        assert np.isfinite(b).all(), f"{what}: finite differences give {b}"
        assert np.isfinite(a).all(), f"{what}: not finite {a}, finite differences {b}"
        off = np.abs(a - b)
        assert (off <= bound).all(), f"{what}: got {a}, finite differences {b}, off {off.max()} bound {bound[off == off.max()]}"
        assert (bound <= 1e-6 * max(size, 1)).all(), f"{what}: finite differences do not settle {bound.max()} of {size}"
        worst = max(worst, float(off.max(initial=0) / (size or 1)))
    return worst


def _transposed(what: str, forward: Any, cts: Any, backward: Any, vs: Any) -> float:
    one = sum(float(np.sum(c * f).real) for c, f in zip(cts, forward, strict=True))
    two = sum(float(np.sum(b * v).real) for b, v in zip(backward, vs, strict=True))
    size = sum(float(np.sum(np.abs(c * f))) for c, f in zip(cts, forward, strict=True)) + sum(float(np.sum(np.abs(b * v))) for b, v in zip(backward, vs, strict=True))
    off = abs(one - two)
    assert off <= 1e4 * EPS * size + 1e-300, f"{what}: forward {one}, backward {two}"
    return off / (size or 1) / EPS
