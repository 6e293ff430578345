"""Special functions on JAX: accel's own formulas compiled, each with its derivative.

jax.scipy.special has all of them, off by up to hundreds of thousands of ulp: erfc, erfinv and gammaln are XLA's, digamma loses its
digits about its root, logit about 1/2, and i1 is off by 12 ulp.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

import accel.extra.formula as formula
from accel_jax import _accurate
from accel_jax._elementwise import sloped
from accel_jax._kernel import binary
from accel_jax._promotion import FLOATS, WIDE
from accel_jax._x64 import wide

__all__ = [
    "betaln",
    "digamma",
    "erf",
    "erfc",
    "erfinv",
    "expit",
    "gammaln",
    "i0",
    "i1",
    "logistic",
    "logit",
    "logsumexp",
    "softplus",
    "xlogy",
]

_KEPT = FLOATS - WIDE
_FUNCTIONS = (
    *("abs", "clip", "copysign", "divide", "full_like", "isinf", "isnan", "log", "maximum", "minimum"),
    *("round", "sin", "sqrt", "where"),
)
_namespace = SimpleNamespace(
    **{name: getattr(jnp, name) for name in _FUNCTIONS},
    exp=_accurate.exp,
    log1p=_accurate.log1p,
)
"""What the formulas are made of: JAX's functions, and in place of two that are not near enough accel's."""


def _of(x: Any) -> Any:
    """Give 16-bit numbers in float32."""
    return lax.convert_element_type(x, np.float32) if x.dtype.itemsize == 2 else x


def _function(value: Callable[..., Any], slope: Callable[[Any, Any], Any], name: str) -> Any:
    """Make an op of one array of its value and its slope, which is told the result as well."""
    derived = jax.custom_jvp(value)
    derived.defjvp(lambda at, tangents: ((y := derived(*at)), slope(at[0], y) * tangents[0]))

    def call(x: Any, /) -> Any:
        return lax.convert_element_type(derived(_of(x)), x.dtype)

    call.__name__ = call.__qualname__ = name
    return derived, wide(call, keeps=_KEPT, static=())


def _formula(of: Callable[..., Any], slope: Callable[[Any, Any], Any]) -> Any:
    """Make an op of a formula and its slope."""

    def value(x: Any) -> Any:
        return of(_namespace, x)

    return _function(value, slope, of.__name__)


def _trigamma(x: Any) -> Any:
    """Give the slope of digamma; of negative numbers by reflection."""
    a = jnp.where(x < 0, 1 - x, x)
    found = jnp.where(a == jnp.inf, 0, jax.scipy.special.polygamma(1, a))
    sine = jnp.sin(math.pi * (x - jnp.round(x)))
    return jnp.where(x < 0, (math.pi / jnp.where(x < 0, sine, 1)) ** 2 - found, found)


# Of x**2 / 4: the series of the slope of i1, (2 k + 1) / (2 k! (k + 1)!); up to 1 its rest is below 2**-54.
_I1_SLOPE = tuple((2 * k + 1) / (2 * math.factorial(k) * math.factorial(k + 1)) for k in range(9))


def _i1_slope(x: Any, y: Any) -> Any:
    near = jnp.abs(x) < 1
    series = formula.polynomial(_I1_SLOPE, jnp.square(jnp.where(near, x, 0)) / 4)
    far = _i0(x) - y / jnp.where(near, 1, x)
    return jnp.where(jnp.isinf(y), jnp.abs(y), jnp.where(near, series, far))


# erf(x) / x - 1 of x**2 up to 1, within 0.03 * 2**-24; and the fourth root of erfc of x - 2 up to 4, where erf is 1, within 0.2.
_NEAR = (
    0.12837916612625122,
    -0.3761262595653534,
    0.1128358542919159,
    -0.026853810995817184,
    0.005188325420022011,
    -0.0008010174497030675,
    7.853798160795122e-05,
)
_FAR = (
    0.2615223228931427,
    -0.2888616919517517,
    0.09913945943117142,
    0.006901819258928299,
    -0.012249103747308254,
    0.0015316256321966648,
    0.0007725746836513281,
    -0.00017804483650252223,
    -2.2001679099048488e-05,
)


# lax.erf is off by up to 5.8 ulp in float32.
def _error_function(x: Any) -> Any:
    if x.dtype == np.float64:
        return lax.erf(x)
    a = jnp.abs(x)
    near = x + x * formula.polynomial(_NEAR, jnp.square(jnp.minimum(a, 1)))
    root = formula.polynomial(_FAR, jnp.minimum(a, 4) - 2)
    return jnp.where(a < 1, near, jnp.copysign(1 - jnp.square(jnp.square(root)), x))


_erf, erf = _function(_error_function, lambda x, y: (2 / math.sqrt(math.pi)) * jnp.exp(-x * x), "erf")
_erfc, erfc = _formula(formula.erfc, lambda x, y: (-2 / math.sqrt(math.pi)) * jnp.exp(-x * x))
_erfinv, erfinv = _formula(formula.erfinv, lambda x, y: (math.sqrt(math.pi) / 2) * jnp.exp(y * y))
_digamma, digamma = _formula(formula.digamma, lambda x, y: _trigamma(x))
_gammaln, gammaln = _formula(formula.gammaln, lambda x, y: _digamma(x))
_i1, i1 = _formula(formula.i1, _i1_slope)
_i0, i0 = _formula(formula.i0, lambda x, y: _i1(x))
_logit, logit = _formula(formula.logit, lambda x, y: 1 / (x * (1 - x)))


# JAX's slope is y * (1 - y), without a digit for large x; and in 16 bits it computes in 16 bits.
def _logistic_slope(x: Any, y: Any) -> Any:
    return y * logistic(-x)


logistic, expit = _function(lax.logistic, _logistic_slope, "expit")


def _smooth_maximum(x: Any) -> Any:
    return jnp.maximum(x, 0) + jnp.log1p(jnp.exp(-jnp.abs(x)))


# jax.nn.softplus computes in 16 bits where it is given 16.
_softplus, softplus = _function(_smooth_maximum, lambda x, y: logistic(x), "softplus")


def _pair(value: Callable[..., Any], slopes: Callable[..., Any], name: str) -> Any:
    """Make an op of two arrays, one of which may be a number, of its value and its slopes."""
    derived = sloped(value, lambda a, b, _: slopes(a, b))

    def call(a: Any, b: Any, /) -> Any:
        one, two = jnp.broadcast_arrays(_of(a), _of(b))
        return lax.convert_element_type(derived(one, two), a.dtype)

    call.__name__ = call.__qualname__ = name
    return binary(call, np.logaddexp)  # for the dtypes that it takes


def _betaln_slopes(a: Any, b: Any) -> Any:
    whole = _digamma(a + b)
    return _digamma(a) - whole, _digamma(b) - whole


def _xlogy(x: Any, y: Any) -> Any:
    none = (x == 0) & ~jnp.isnan(y)
    return jnp.where(none, 0, x * jnp.log(jnp.where(none, 1, y)))


def _xlogy_slopes(x: Any, y: Any) -> Any:
    # Where both are 0 the slopes are 0, as a product that is left out has none.
    none = (x == 0) & (y <= 0)
    safe = jnp.where(none, 1, y)
    return jnp.where(none, 0, jnp.log(safe)), x / safe


betaln = _pair(lambda a, b: formula.betaln(_namespace, a, b), _betaln_slopes, "betaln")
xlogy = _pair(_xlogy, _xlogy_slopes, "xlogy")


@partial(jax.custom_jvp, nondiff_argnums=(1,))
def _sum(x: Any, axis: Any) -> Any:
    shift = _shift(x, axis)
    return jnp.log(jnp.sum(jnp.exp(x - shift), axis=axis, keepdims=True)) + shift


def _shift(x: Any, axis: Any) -> Any:
    top = lax.stop_gradient(jnp.max(x, axis=axis, keepdims=True))
    return jnp.where(jnp.isfinite(top), top, 0)


@_sum.defjvp
def _along_sum(axis: Any, at: Any, tangents: Any) -> Any:
    (x,), (direction,) = at, tangents
    y = _sum(x, axis)
    # Not exp(x - y), in which the rounding of a large y would be seen.
    each = jnp.exp(x - _shift(x, axis))
    total = jnp.sum(each, axis=axis, keepdims=True)
    share = jnp.where(y == jnp.inf, x == jnp.inf, each / jnp.where(total == 0, 1, total))
    return y, jnp.sum(share * direction, axis=axis, keepdims=True)


# jax.nn.logsumexp adds 16 bits in 16 bits, and the slope of a sum of nothing is nan.
@wide(keeps=_KEPT, static=("axis", "keepdims"))
def _logsumexp(x: Any, where: Any = None, /, *, axis: Any = None, keepdims: bool = False) -> Any:
    a = _of(x)
    if where is not None:
        a = jnp.where(where, a, -jnp.inf)
    found = lax.convert_element_type(_sum(a, axis), x.dtype)
    return found if keepdims else jnp.squeeze(found, axis=axis)


def logsumexp(x: Any, /, *, axis: Any = None, keepdims: bool = False, where: Any = None) -> Any:
    if where is None:
        return _logsumexp(x, axis=axis, keepdims=keepdims)
    return _logsumexp(x, where, axis=axis, keepdims=keepdims)
