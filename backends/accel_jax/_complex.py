"""Complex functions with C99's values at infinities, nan, signed zeros and branch cuts, as in the standard."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from accel_jax import _accurate

__all__ = [
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atanh",
    "cos",
    "cosh",
    "exp",
    "expm1",
    "log",
    "log10",
    "log1p",
    "log2",
    "sign",
    "sin",
    "sinh",
    "sqrt",
    "tan",
    "tanh",
]

Parts = tuple[Any, Any]


def _mended(
    native: Callable[[Any], Any],
    real: Callable[[Any], Any] | None = None,
    along: Callable[[Any, Any], Any] | None = None,
) -> Callable[[Callable[[Any, Any], Parts]], Callable[[Any], Any]]:
    """Make a function of a complex number from one of its parts; its derivative along a direction is the native one's, or is given."""

    def decorate(body: Callable[[Any, Any], Parts]) -> Callable[[Any], Any]:
        value = jax.custom_jvp(lambda z: lax.complex(*body(lax.real(z), lax.imag(z))))

        def derived(primals: Any, tangents: Any) -> Any:
            if along is not None:
                return value(*primals), along(*primals, *tangents)
            return value(*primals), jax.jvp(native, primals, tangents)[1]

        value.defjvp(derived)

        def call(x: Any, /) -> Any:
            if jnp.issubdtype(x.dtype, jnp.complexfloating):
                return value(x)
            return native(x) if real is None else real(x)

        call.__name__ = call.__qualname__ = native.__name__
        return call

    return decorate


def _parts(z: Any) -> Parts:
    return lax.real(z), lax.imag(z)


def _distance(x: Any, y: Any, excess: Any) -> Any:
    # log(hypot(x, y)); near the unit circle from what x * x + y * y exceeds 1 by, which the hypotenuse would
    # round away. JAX does so too, with a log1p that is 112 ulp off.
    near = jnp.abs(excess) < 0.5
    distance = jnp.where(near, 0.5 * _accurate.log1p(jnp.where(near, excess, 0.0)), jnp.log(jnp.hypot(x, y)))
    return jnp.where(jnp.isinf(x) | jnp.isinf(y), jnp.inf, distance)


# JAX loses digits near the unit circle and gives nan + nanj for a number with one infinite and one nan part.
def _log(x: Any, y: Any) -> Parts:
    a, b = jnp.maximum(jnp.abs(x), jnp.abs(y)), jnp.minimum(jnp.abs(x), jnp.abs(y))
    return _distance(x, y, (a - 1) * (a + 1) + b * b), jnp.atan2(y, x)


def _rebased(base: float) -> Callable[[Any, Any], Parts]:
    def rebased(x: Any, y: Any) -> Parts:
        u, v = _log(x, y)
        return u / base, v / base

    return rebased


# JAX gives nan + nanj for an infinite real part and an imaginary part that is not finite, and loses the sign of a
# zero imaginary part.
@_mended(jnp.exp, _accurate.exp)
def exp(x: Any, y: Any) -> Parts:
    u, v = _parts(jnp.exp(lax.complex(x, y)))
    lost = jnp.isinf(x) & ~jnp.isfinite(y)
    v = jnp.where(y == 0, y, jnp.where(lost, jnp.where(x < 0, 0.0, jnp.nan), v))
    return jnp.where(lost, jnp.where(x < 0, 0.0, jnp.inf), u), v


# As for exp; besides, JAX loses the imaginary part where it is small.
@_mended(jnp.expm1, _accurate.expm1)
def expm1(x: Any, y: Any) -> Parts:
    half = jnp.sin(y * 0.5)
    u = _accurate.expm1(x) * jnp.cos(y) - 2 * half * half
    _, v = _parts(jnp.exp(lax.complex(x, y)))
    lost = jnp.isinf(x) & ~jnp.isfinite(y)
    u = jnp.where(lost, jnp.where(x < 0, -1.0, jnp.inf), jnp.where(y == 0, _accurate.expm1(x), u))
    return jnp.where(u == 0, 0.0, u), jnp.where(y == 0, y, jnp.where(lost, jnp.where(x < 0, 0.0, jnp.nan), v))


log = _mended(jnp.log)(_log)
log10 = _mended(jnp.log10)(_rebased(math.log(10)))


# As for log.
@_mended(jnp.log1p, _accurate.log1p)
def log1p(x: Any, y: Any) -> Parts:
    return _distance(1 + x, y, x * (2 + x) + y * y), jnp.atan2(y, 1 + x)


log2 = _mended(jnp.log2)(_rebased(math.log(2)))


# JAX ignores the sign of a zero imaginary part, which tells the side of the branch cut, and loses infinities
# beside nan.
@_mended(jnp.sqrt)
def sqrt(x: Any, y: Any) -> Parts:
    u, v = _parts(jnp.sqrt(lax.complex(x, jnp.abs(y))))
    lost = jnp.isinf(x) & jnp.isnan(y)
    u = jnp.where(lost, jnp.where(x > 0, jnp.inf, jnp.nan), u)
    v = jnp.where(lost, jnp.where(x > 0, jnp.nan, jnp.inf), v)
    far = jnp.isinf(y)
    return jnp.where(far, jnp.inf, u), jnp.copysign(jnp.where(far, jnp.inf, v), y)


def _along_sign(z: Any, direction: Any) -> Any:
    """Give the part of a direction that turns z, over the magnitude; 0 where z is 0 and any direction turns it."""
    size = jnp.abs(jnp.where(z == 0, 1, z))
    unit = z / size
    return lax.complex(jnp.zeros_like(size), lax.imag(jnp.conj(unit) * direction) / size) * unit


# JAX keeps the signs of zero parts, and one part of an infinite number, where z / abs(z) has none; and to it all slopes are 0.
@_mended(jnp.sign, along=_along_sign)
def sign(x: Any, y: Any) -> Parts:
    u, v = _parts(jnp.sign(lax.complex(x, y)))
    zero = (x == 0) & (y == 0)
    far = jnp.isinf(x) | jnp.isinf(y)
    u, v = (jnp.where(far, jnp.nan, jnp.where(zero, 0.0, part)) for part in (u, v))
    return u, v


def _split(x: Any, y: Any) -> tuple[Any, Any, Any, Any, Any]:
    # Beyond the end of exp's range half of the exponent is kept for after the product with the sine or
    # cosine.
    a = jnp.abs(x)
    far = a > _accurate.end(x)
    root = jnp.exp(a * 0.5)
    return far, root, jnp.cos(y), jnp.sin(y), jnp.copysign(jnp.ones_like(x), x)


def _sinh(x: Any, y: Any) -> Parts:
    far, root, c, s, side = _split(x, y)
    u = jnp.where(far, side * ((0.5 * root) * c) * root, _accurate.sinh(x) * c)
    v = jnp.where(far, ((0.5 * root) * s) * root, _accurate.cosh(x) * s)
    u = jnp.where(((x == 0) | jnp.isinf(x)) & ~jnp.isfinite(y), x, u)
    return u, jnp.where(y == 0, y, v)


def _cosh(x: Any, y: Any) -> Parts:
    far, root, c, s, side = _split(x, y)
    u = jnp.where(far, ((0.5 * root) * c) * root, _accurate.cosh(x) * c)
    v = jnp.where(far, side * ((0.5 * root) * s) * root, _accurate.sinh(x) * s)
    u = jnp.where(jnp.isinf(x) & ~jnp.isfinite(y), jnp.inf, u)
    zero = jnp.copysign(jnp.zeros_like(x), x) * jnp.copysign(jnp.ones_like(y), y)
    return u, jnp.where((x == 0) | (y == 0), jnp.where(jnp.isnan(x) | jnp.isnan(y), 0.0, zero), v)


def _tanh(x: Any, y: Any) -> Parts:
    u, v = _parts(jnp.tanh(lax.complex(x, y)))
    one = jnp.copysign(jnp.ones_like(x), x)
    u = jnp.where((x == 0) & ~jnp.isfinite(y), x, jnp.where(jnp.isinf(x), one, u))
    return u, jnp.where(y == 0, y, jnp.where(jnp.isinf(x), jnp.copysign(jnp.zeros_like(y), y), v))


# The first quadrant serves for all four, since asinh is odd and keeps conjugates: so the signs of zeros tell
# the sides of a cut.
def _asinh(x: Any, y: Any) -> Parts:
    u, v = _parts(jnp.asinh(lax.complex(jnp.abs(x), jnp.abs(y))))
    return jnp.copysign(u, x), jnp.where(jnp.isnan(x) & (y == 0), y, jnp.copysign(v, y))


def _atanh(x: Any, y: Any) -> Parts:
    u, v = _parts(jnp.atanh(lax.complex(jnp.abs(x), jnp.abs(y))))
    lost = jnp.isnan(x) | jnp.isnan(y)
    u = jnp.where(lost, jnp.where((x == 0) | jnp.isinf(x) | jnp.isinf(y), 0.0, jnp.nan), u)
    v = jnp.where(lost, jnp.where(jnp.isinf(y), jnp.pi / 2, jnp.nan), v)
    return jnp.copysign(u, x), jnp.copysign(v, y)


def _circular(hyperbolic: Callable[[Any, Any], Parts]) -> Callable[[Any, Any], Parts]:
    # f(z) = -i g(iz) for the odd hyperbolic function g that belongs to f: the parts change places.
    def circular(x: Any, y: Any) -> Parts:
        v, u = hyperbolic(y, x)
        return u, v

    return circular


# JAX ignores signed zeros on the branch cut and gives nan for both parts where C99 has one.
@_mended(jnp.acos)
def acos(x: Any, y: Any) -> Parts:
    u, v = _parts(jnp.acos(lax.complex(x, jnp.abs(y))))
    return jnp.where((x == 0) & jnp.isnan(y), jnp.pi / 2, u), jnp.copysign(v, -y)


def _along_acosh(z: Any, direction: Any) -> Any:
    return direction / (jnp.sqrt(z - 1) * jnp.sqrt(z + 1))


# As for acos; and to the left of the imaginary axis JAX's slope, 1 / sqrt(z * z - 1), has the wrong sign.
@_mended(jnp.acosh, _accurate.acosh, along=_along_acosh)
def acosh(x: Any, y: Any) -> Parts:
    u, v = _parts(jnp.acosh(lax.complex(x, jnp.abs(y))))
    return u, jnp.copysign(jnp.where((x == 0) & jnp.isnan(y), jnp.pi / 2, v), y)


# As for acos.
asin = _mended(jnp.asin)(_circular(_asinh))
asinh = _mended(jnp.asinh)(_asinh)
atan = _mended(jnp.atan)(_circular(_atanh))
atanh = _mended(jnp.atanh, _accurate.atanh)(_atanh)


# JAX subtracts exponentials, which cancel near zero and overflow, and gives nan for both parts where C99 has
# one.
@_mended(jnp.cos)
def cos(x: Any, y: Any) -> Parts:
    u, v = _cosh(y, x)
    return u, -v


# As for cos.
cosh = _mended(jnp.cosh, _accurate.cosh)(_cosh)
sin = _mended(jnp.sin)(_circular(_sinh))
sinh = _mended(jnp.sinh, _accurate.sinh)(_sinh)
tan = _mended(jnp.tan)(_circular(_tanh))
tanh = _mended(jnp.tanh, _accurate.tanh)(_tanh)
