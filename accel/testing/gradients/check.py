"""Checks: derivatives against finite differences, backward against forward, dtypes, and vmap against a loop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from inspect import signature
from typing import Any

import numpy as np

import accel
from accel.dispatch import specs
from accel.testing.cases import Case
from accel.testing.gradients.table import Array, Call, table
from accel.testing.rows import dispatched
from accel.transform.tree import is_array, leaves, mapped

__all__ = ["Form", "Found", "check", "form"]

EPS = float(np.finfo(np.float64).eps)

STEP = 2.0**-5
"""The longest step of the finite differences along a direction of numbers up to 1; the others are its half and its quarter."""

TRIES = 4
"""How often the steps are made eight times shorter where finite differences do not settle: near a pole, a kink, or equal eigenvalues."""

NOISE = 64
"""How many eps of the largest result each result may be off. The measured noise of every op but two is below 16 of these."""

SETTLED = 1e-6
"""How near finite differences must come to an answer for a check by them to count, as a share of the largest slope or 1."""

TURNED = 1e4
"""How many eps of what is added up backward may differ from forward: both sum the same products in another order."""


class Form:
    """The calls of one form, as one function of the arrays in which derivatives are taken and of the other arrays.

    Parameters
    ----------
    name : str
        Name of the spec.
    number : int
        Which of the calls in the table.
    """

    def __init__(self, name: str, number: int) -> None:
        self.name = name
        self.call: Call = table[name].calls[number]
        self._spec = specs[name]
        self._op = dispatched(self._spec)
        self._like = self.case(0)
        self.wanted = self._wanted(self._like)
        self.derived = lru_cache(None)(self._compiled)
        self.many = accel.jit(accel.vmap(self.outputs, in_axes=(0, None)))

    @property
    def given(self) -> frozenset[str]:
        """Name the parameters that the calls give arrays."""
        bound = signature(self._spec.function).bind(*self._like.args, **self._like.kwargs).arguments
        return frozenset(n for n, v in bound.items() if any(isinstance(x, np.ndarray) for x in leaves(v)))

    def case(self, seed: int) -> Case:
        """Draw a call. Numbers are whole multiples of 2**-30, so that every step of the finite differences is exact."""
        drawn = self.call.draws(np.random.default_rng([seed, *self.name.encode()]))
        return drawn.map(lambda x: _rounded(x, 2.0**30) if x.dtype.kind in "fc" else x)

    def _wanted(self, case: Case) -> tuple[str, ...]:
        bound = signature(self._spec.function).bind(*case.args, **case.kwargs).arguments
        return tuple(
            name
            for name, value in bound.items()
            if name not in self.call.fixed and any(_inexact(x) for x in leaves(value))
        )

    def _changed(self, case: Case, wanted: Callable[[Any], Any], other: Callable[[Any], Any]) -> Case:
        bound = signature(self._spec.function).bind(*case.args, **case.kwargs)
        for name, value in bound.arguments.items():
            bound.arguments[name] = mapped(_changing(wanted if name in self.wanted else other, other), value)
        return Case(bound.args, bound.kwargs)

    def split(self, case: Case) -> tuple[list[Array], list[Array]]:
        """Part the arrays of a case into those in which derivatives are taken and the others."""
        xs: list[Array] = []
        rest: list[Array] = []
        self._changed(case, xs.append, rest.append)
        return xs, rest

    def outputs(self, xs: Any, rest: Any) -> list[Any]:
        """Give the results of a call that are no integers."""
        fresh, others = iter(xs), iter(rest)
        case = self._changed(self._like, lambda _: next(fresh), lambda _: next(others))
        found = [y for y in leaves(self._op(*case.args, **case.kwargs)) if is_array(y)]
        if table[self.name].kind == "constant":
            # What a user would make of integers to get a gradient.
            return [accel.astype(y, accel.float64) for y in found]
        return [y for y in found if accel.isdtype(y.dtype, ("real floating", "complex floating"))]

    def _compiled(self, orders: int) -> Callable[..., Any]:
        """Give the derivatives along directions, forward and backward, of the first order or of two."""

        def derived(xs: Any, rest: Any, vs: Any, cts: Any) -> Any:
            def first(xs: Any) -> Any:
                return self.outputs(xs, rest)

            def slope(xs: Any) -> Any:
                return accel.jvp(first, (xs,), (vs,))[1]

            _, forward = accel.jvp(first, (xs,), (vs,))
            (backward,) = accel.vjp(first, xs)[1](cts)
            if orders == 1:
                return forward, backward
            _, second = accel.jvp(slope, (xs,), (vs,))
            (mixed,) = accel.vjp(slope, xs)[1](cts)
            return forward, backward, second, mixed

        return accel.jit(derived)


@lru_cache(None)
def form(name: str, number: int) -> Form:
    """Give the form of some calls; it keeps what it compiles."""
    return Form(name, number)


@dataclass
class Found:
    """What checks have measured: the largest of several may be taken together by `more`.

    Attributes
    ----------
    error, second : float
        Distance of the first and of the second derivative from finite differences, as a share of the largest slope or value.
    turned : float
        Distance of backward from forward, in eps of what is added up.
    mapped : float
        Distance of vmap from a loop, in eps of the largest result.
    """

    error: float = 0.0
    second: float = 0.0
    turned: float = 0.0
    mapped: float = 0.0

    def more(self, other: Found) -> None:
        """Take the larger of each."""
        for name, value in vars(other).items():
            setattr(self, name, max(getattr(self, name), value))


def check(name: str, number: int, seed: int, *, orders: int = 1, vmapped: bool = False) -> Found:
    """Check the derivatives of one call on JAX.

    Parameters
    ----------
    name : str
        Name of a spec that the table has calls for.
    number, seed : int
        Which of its calls, and with which numbers.
    orders : int
        1, or 2 for the second derivative as well, where the table says that there is one.
    vmapped : bool
        Whether to compare ``accel.vmap`` with a loop, too.

    Returns
    -------
    Found
        What was measured.

    Raises
    ------
    AssertionError
        If something is not the derivative.
    """
    this, found = form(name, number), Found()
    orders = min(orders, this.call.orders)
    case = this.case(seed)
    what = f"{name}{case!r}"
    xs, rest = this.split(case)
    others = [_on_jax(x) for x in rest]
    g = np.random.default_rng(seed)
    vs = [_direction(g, x) for x in xs]
    plain = _host(this.outputs([_on_jax(x) for x in xs], others))
    cts = [_direction(g, y) for y in plain]
    derived = this.derived(orders)

    def derivatives(at: list[Array]) -> Any:
        found = derived([_on_jax(x) for x in at], others, [_on_jax(v) for v in vs], [_on_jax(c) for c in cts])
        return [_host(each) for each in found]

    forward, backward, *further = derivatives(xs)
    for x, slope in zip(xs, backward, strict=True):
        form_of = (
            f"the gradient of {what} is {slope.dtype} of shape {slope.shape} and not {x.dtype} of {x.shape}"
        )
        assert (x.dtype, x.shape) == (slope.dtype, slope.shape), form_of
    if table[name].kind == "constant":
        for slope in (*forward, *backward):
            assert (slope == 0).all(), f"{what} is constant, and its derivative is {slope}"
    found.turned = turned(what, forward, cts, backward, vs)
    step = STEP * this.call.size

    def outputs(at: list[Array]) -> list[Array]:
        return _host(this.outputs([_on_jax(x) for x in at], others))

    if table[name].kind == "smooth" and this.call.by == "differences":
        found.error = compared(what, forward, *settled(outputs, xs, vs, step, plain), plain)
        if orders == 2:
            second, mixed = further
            slopes = settled(lambda at: list(derivatives(at)[0]), xs, vs, step, forward)
            found.second = compared(f"the second derivative of {what}", second, *slopes, forward)
            found.turned = max(
                found.turned, turned(f"the second derivative of {what}", second, cts, mixed, vs, forward)
            )
    if vmapped:
        near = beside(xs, vs, step)
        at = [outputs(each) for each in near]
        stacked = [_on_jax(np.stack(each)) for each in zip(*near, strict=True)]
        for one, several in zip(_host(this.many(stacked, others)), zip(*at, strict=True), strict=True):
            size = float(np.max(np.abs(several), initial=0)) or 1.0
            found.mapped = max(
                found.mapped, float(np.max(np.abs(one - np.stack(several)), initial=0)) / size / EPS
            )
        assert found.mapped <= NOISE, (
            f"accel.vmap of {what} is off by {found.mapped} eps of the largest result"
        )
    return found


def beside(xs: list[Array], vs: list[Array], step: float) -> list[list[Array]]:
    """Give arguments at +h, -h, +h/2, -h/2, +h/4 and -h/4 along a direction."""
    return [[x + s * step / 2**i * v for x, v in zip(xs, vs, strict=True)] for i in range(3) for s in (1, -1)]


def settled(
    outputs: Callable[[list[Array]], list[Array]],
    xs: list[Array],
    vs: list[Array],
    step: float,
    values: list[Array],
) -> tuple[list[Array], list[float]]:
    """Give `differences` for the longest of some steps with which they come near enough to an answer."""
    tries = TRIES
    while True:
        slopes, bounds = differences([outputs(each) for each in beside(xs, vs, step)], step)
        sizes = [_size(slope, value) for slope, value in zip(slopes, values, strict=True)]
        tries -= 1
        if not tries or all(b <= SETTLED * max(size, 1) for b, size in zip(bounds, sizes, strict=True)):
            return slopes, bounds
        step /= 8


def _size(*arrays: Array) -> float:
    return max(float(np.max(np.abs(x), initial=0)) for x in arrays)


def differences(at: list[list[Array]], step: float) -> tuple[list[Array], list[float]]:
    """Give slopes from values at +h, -h, +h/2, -h/2, +h/4 and -h/4, and for each array of them how far they may be off.

    Two steps of Richardson's extrapolation take the powers h**2 and h**4 off the error. What is left is less than what the last step
    changed, and what the noise of the values makes.
    """
    slopes, bounds = [], []
    for values in zip(*at, strict=True):
        d = [(values[2 * i] - values[2 * i + 1]) / (2 * step / 2**i) for i in range(3)]
        coarse, fine = ((4 * d[i + 1] - d[i]) / 3 for i in range(2))
        best = (16 * fine - coarse) / 15
        noise = NOISE * EPS * float(np.max(np.abs(values), initial=0)) / (step / 4)
        slopes.append(best)
        bounds.append(float(np.max(np.abs(best - fine), initial=0)) + noise)
    return slopes, bounds


def compared(
    what: str, got: list[Array], slopes: list[Array], bounds: list[float], values: list[Array]
) -> float:
    """Compare derivatives with finite differences; give the largest distance as a share of the largest slope or value."""
    worst = 0.0
    for mine, theirs, bound, value in zip(got, slopes, bounds, values, strict=True):
        size = _size(theirs, value)
        assert np.isfinite(mine).all(), (
            f"{what}: the derivative is {mine}, and finite differences give {theirs}"
        )
        assert bound <= SETTLED * max(size, 1), (
            f"{what}: finite differences do not settle, {bound} in {theirs}"
        )
        off = float(np.max(np.abs(mine - theirs), initial=0))
        assert off <= bound, (
            f"{what}: the derivative is {mine}, and finite differences give {theirs}, to {bound}"
        )
        worst = max(worst, off / (size or 1))
    return worst


def turned(
    what: str, forward: list[Array], cts: list[Array], backward: list[Array], vs: list[Array], floor: Any = ()
) -> float:
    """Compare backward with forward, of which one is the other's transpose; give the distance in eps of what is added up."""
    one = [np.sum(c * f).real for c, f in zip(cts, forward, strict=True)]
    two = [np.sum(b * v).real for b, v in zip(backward, vs, strict=True)]
    pairs = [
        *zip(cts, forward, strict=True),
        *zip(backward, vs, strict=True),
        *((f, np.asarray(1.0)) for f in floor),
    ]
    size = float(sum(np.sum(np.abs(a * b)) for a, b in pairs))
    off = abs(float(sum(one)) - float(sum(two)))
    assert off <= TURNED * EPS * size, (
        f"{what}: along a direction it is {sum(one)} forward and {sum(two)} backward"
    )
    return off / (size or 1) / EPS


def _changing(inexact: Callable[[Any], Any], other: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def change(x: Any) -> Any:
        if not isinstance(x, np.ndarray):
            return x
        return inexact(x) if _inexact(x) else other(x)

    return change


def _inexact(x: Any) -> bool:
    return isinstance(x, np.ndarray) and x.dtype.kind in "fc"


def _on_jax(x: Array) -> Any:
    return accel.asarray(x, device="jax:cpu")


def _host(arrays: Any) -> list[Array]:
    return [np.asarray(accel.to_numpy(x)) for x in arrays]


def _rounded(x: Any, to: float) -> Array:
    return np.asarray(
        np.round(x.real * to) / to + (1j * np.round(x.imag * to) / to if x.dtype.kind == "c" else 0)
    )


def _direction(g: np.random.Generator, x: Array) -> Array:
    v = g.uniform(-1, 1, x.shape)
    if x.dtype.kind == "c":
        v = v + 1j * g.uniform(-1, 1, x.shape)
    return _rounded(np.asarray(v), 2.0**10).astype(x.dtype)
