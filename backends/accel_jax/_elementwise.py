"""Elementwise functions whose native meaning is not ours, for operands that share a dtype already."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from accel.errors import DTypeError
from accel_jax import _complex
from accel_jax._promotion import INTEGERS, NARROW, opaque, result_type, scalar
from accel_jax._x64 import at_home, wide

__all__ = [
    "abs",
    "clip",
    "comparison",
    "divide",
    "floor_divide",
    "folded",
    "hypot",
    "logaddexp",
    "logical",
    "nextafter",
    "pow",
    "remainder",
    "sign",
    "truthful",
]


# lax.abs gives nan for a complex number with one infinite and one nan part; C99 and NumPy say inf.
def abs(x: Any, /) -> Any:
    if not jnp.iscomplexobj(x):
        return jnp.abs(x)
    return jnp.where(jnp.isinf(lax.real(x)) | jnp.isinf(lax.imag(x)), jnp.inf, jnp.abs(x))


# XLA divides by a broadcast value through its reciprocal, 1 ulp off and nan at the ends of the range, and so by a
# single number that is a constant; a barrier keeps both from its sight.
def divide(x1: Any, x2: Any, /) -> Any:
    if x1.shape == x2.shape and x1.ndim:
        return lax.div(x1, x2)
    shape = jnp.broadcast_shapes(x1.shape, x2.shape)
    x2 = jnp.broadcast_to(x2, shape)
    return lax.div(jnp.broadcast_to(x1, shape), opaque(x2))


# jnp.floor_divide gives -1 or the largest value for an integer divided by zero, where NumPy says 0; for
# floating-point it loses the sign of a zero result, divides through the reciprocal, and gives nan for an
# infinite operand, where the standard prefers floor(x1 / x2).
def floor_divide(x1: Any, x2: Any, /) -> Any:
    if x1.dtype in INTEGERS:
        zero = x2 == 0
        return jnp.where(zero, 0, jnp.floor_divide(x1, jnp.where(zero, 1, x2))).astype(x1.dtype)
    x1, x2 = jnp.broadcast_arrays(x1, x2)
    x2 = opaque(x2)
    mod = lax.rem(x1, x2)
    whole = lax.div(x1 - mod, x2)
    whole = jnp.where((mod != 0) & (jnp.signbit(mod) != jnp.signbit(x2)), whole - 1, whole)
    floor = jnp.floor(whole)
    floor = jnp.where(whole - floor > 0.5, floor + 1, floor)
    plain = lax.div(x1, x2)
    floor = jnp.where(whole == 0, jnp.copysign(jnp.zeros_like(plain), plain), floor)
    return jnp.where((x2 == 0) | jnp.isinf(x1) | jnp.isinf(x2), plain, floor)


# jnp.remainder does not give a zero result the sign of the divisor.
def remainder(x1: Any, x2: Any, /) -> Any:
    mod = jnp.remainder(x1, x2)
    if x1.dtype in INTEGERS:
        return mod
    return jnp.where(mod == 0, jnp.copysign(jnp.zeros_like(mod), x2), mod)


def _power(x1: Any, x2: Any) -> Any:
    # exp(x2 * log(x1)); for small whole exponents by multiplication, as in NumPy, and 0 to a power of
    # positive real part is 0.
    whole = (lax.imag(x2) == 0) & (lax.real(x2) == jnp.floor(lax.real(x2))) & (jnp.abs(lax.real(x2)) < 100)
    exponent = jnp.where(whole, lax.real(x2), 0).astype(np.int32)
    count, product, base = jnp.abs(exponent), jnp.ones_like(x1), x1
    for bit in range(7):
        product = jnp.where((count >> bit) & 1 == 1, product * base, product)
        base = base * base
    by_product = jnp.where(exponent < 0, lax.div(jnp.ones_like(product), product), product)
    general = _complex.exp(x2 * _complex.log(jnp.where(x1 == 0, 1, x1)))
    of_zero = jnp.where(lax.real(x2) > 0, 0, complex(np.nan, np.nan)).astype(x1.dtype)
    return jnp.where((x1 == 0) & (x2 != 0), of_zero, jnp.where(whole, by_product, general))


_complex_pow = jax.custom_jvp(_power)
_complex_pow.defjvp(
    lambda primals, tangents: (_complex_pow(*primals), jax.jvp(lax.pow, primals, tangents)[1])
)


@jax.custom_jvp
def _real_pow(x1: Any, x2: Any) -> Any:
    return lax.pow(x1, x2)


# Where both are 0 JAX's slope in x1 is nan, and not that of a constant. No slope is made in what is constant: that in the
# exponent is nan for negative numbers.
def _along_pow(primals: Any, tangents: Any) -> Any:
    x1, x2 = primals
    safe = jnp.where((x1 == 0) & (x2 == 0), 1, x1)
    constant = [isinstance(t, jax.custom_derivatives.SymbolicZero) for t in tangents]
    slope = jnp.zeros_like(x1)
    if not constant[0]:
        slope = jax.jvp(lambda x: lax.pow(x, x2), (safe,), tangents[:1])[1]
    if not constant[1]:
        slope = slope + jax.jvp(lambda x: lax.pow(safe, x), (x2,), tangents[1:])[1]
    return _real_pow(x1, x2), slope


_real_pow.defjvp(_along_pow, symbolic_zeros=True)


# jnp.pow looks at the low six bits of an integer exponent only, so 2**64 is 1; and a negative one is an error
# when it is a Python int. Here 1/x is taken as an integer: 0, 1 or -1.
def pow(x1: Any, x2: Any, /) -> Any:
    x1, x2 = jnp.broadcast_arrays(x1, x2)
    if x1.dtype not in INTEGERS:
        return _complex_pow(x1, x2) if jnp.iscomplexobj(x1) else _real_pow(x1, x2)
    one = jnp.ones_like(x1)

    def more(state: Any) -> Any:
        return jnp.any(state[2] > 0)

    def square_and_multiply(state: Any) -> Any:
        result, base, exponent = state
        odd = lax.bitwise_and(exponent, jnp.ones_like(exponent)) == 1
        return (
            jnp.where(odd, result * base, result),
            base * base,
            lax.shift_right_logical(exponent, jnp.ones_like(exponent)),
        )

    result, _, _ = lax.while_loop(more, square_and_multiply, (one, x1, jnp.maximum(x2, jnp.zeros_like(x2))))
    if np.issubdtype(x1.dtype, np.signedinteger):
        odd = lax.bitwise_and(x2, one) == 1
        inverse = jnp.where(x1 == 1, one, jnp.where(x1 == -1, jnp.where(odd, -one, one), jnp.zeros_like(one)))
        result = jnp.where(x2 < 0, inverse, result)
    return result


def sloped(value: Callable[..., Any], slopes: Callable[[Any, Any, Any], tuple[Any, Any]]) -> Any:
    """Give a function of two arrays slopes of one's own, made of both and of the value."""
    derived: Any = jax.custom_jvp(value)

    def along(primals: Any, tangents: Any) -> Any:
        x1, x2 = primals
        y = derived(x1, x2)
        first, second = slopes(x1, x2, y)
        return y, first * tangents[0] + second * tangents[1]

    derived.defjvp(along)
    return derived


def _logaddexp_slopes(x1: Any, x2: Any, y: Any) -> tuple[Any, Any]:
    first, second = (
        jnp.where(jnp.isinf(y), (x == y) & (y > 0), jnp.exp(x - jnp.where(jnp.isinf(y), 0, y)))
        for x in (x1, x2)
    )
    return first, second


# JAX's slopes are nan where both are -inf, the logarithm of a sum of nothing.
logaddexp = sloped(jnp.logaddexp, _logaddexp_slopes)


def _hypot_slopes(x1: Any, x2: Any, y: Any) -> tuple[Any, Any]:
    safe = jnp.where((y == 0) | jnp.isinf(y), 1, y)
    first, second = (
        jnp.where(jnp.isinf(y), jnp.where(jnp.isinf(x), jnp.sign(x), 0), x / safe) for x in (x1, x2)
    )
    return first, second


# The slope is nan where both are 0, from JAX 0.12 on; 0 is between those beside it.
hypot = sloped(jnp.hypot, _hypot_slopes)


# JAX has no derivative for the neighbour of a number, which moves with it.
@jax.custom_jvp
def nextafter(x1: Any, x2: Any, /) -> Any:
    return jnp.nextafter(x1, x2)


@nextafter.defjvp
def _along_nextafter(primals: Any, tangents: Any) -> Any:
    y = nextafter(*primals)
    return y, jnp.broadcast_to(tangents[0], y.shape)


# lax.sign keeps the sign of a zero; NumPy and the standard give 0.
def sign(x: Any, /) -> Any:
    if jnp.issubdtype(x.dtype, jnp.floating):
        return jnp.where(x == 0, jnp.zeros_like(x), lax.sign(x))
    return _complex.sign(x) if jnp.iscomplexobj(x) else lax.sign(x)


# Between int64 and uint64 jnp compares through float64; NumPy compares exactly.
def comparison(native: Callable[..., Any]) -> Callable[..., Any]:
    name = native.__name__

    def compare(x1: Any, x2: Any, /) -> Any:
        if x1.dtype == x2.dtype:
            return native(x1, x2)
        # Both mapped to uint64 lose nothing once the negative ones are known: those are below every unsigned
        # value.
        low1, low2 = (x < 0 if x.dtype == np.int64 else jnp.zeros(x.shape, dtype=bool) for x in (x1, x2))
        apart = native(jnp.where(low1, 0, 1), jnp.where(low2, 0, 1))
        same = native(lax.convert_element_type(x1, np.uint64), lax.convert_element_type(x2, np.uint64))
        return jnp.where(low1 == low2, same, apart)

    compare.__name__ = name
    return compare


_COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "equal": operator.eq,
    "not_equal": operator.ne,
    "less": operator.lt,
    "less_equal": operator.le,
    "greater": operator.gt,
    "greater_equal": operator.ge,
}


def folded(name: str, x1: Any, x2: Any) -> Any:
    """Compare an integer array with a Python integer that its dtype cannot hold: all elements agree."""
    x, value = (x2, x1) if type(x1) is int else (x1, x2)
    if type(value) is not int or x.dtype not in INTEGERS:
        return None
    bounds = np.iinfo(x.dtype)
    if bounds.min <= value <= bounds.max:
        return None
    return _full_like(x, _COMPARED[name](*((value, 0) if x is x2 else (0, value))), dtype=bool)


_full_like = at_home(jnp.full_like)


def logical(native: Callable[..., Any]) -> Callable[..., Any]:
    # For NumPy's meaning of numbers as truth, whatever their dtypes.
    def truth(*operands: Any) -> Any:
        return native(*(x if x.dtype == bool else x != 0 for x in operands))

    truth.__name__ = native.__name__
    return truth


def truthful(native: Callable[..., Any]) -> Callable[..., Any]:
    # A Python integer is true or false, whether or not the dtype beside it can hold it.
    def truth(x1: Any, x2: Any, /) -> Any:
        return native(bool(x1) if type(x1) is int else x1, bool(x2) if type(x2) is int else x2)

    truth.__name__ = truth.__qualname__ = native.__name__
    return truth


@wide(keeps=NARROW, static=())
def _clip(x: Any, low: Any, high: Any, /) -> Any:
    dtype = result_type(*(a for a in (x, low, high) if a is not None))
    x = lax.convert_element_type(x, dtype)
    if low is not None:
        x = jnp.maximum(x, lax.convert_element_type(low, dtype))
    if high is not None:
        x = jnp.minimum(x, lax.convert_element_type(high, dtype))
    return x


# jnp.clip wraps Python bounds that the dtype cannot hold; NumPy clips with them.
def clip(x: Any, /, min: Any = None, max: Any = None) -> Any:
    for bound in (x, min, max):
        if type(bound) is complex or np.dtype(getattr(bound, "dtype", float)).kind in "bc":
            raise DTypeError("clip is defined for real numbers; take real(x) or cast with astype first.")
    return _clip(x, _bound(x, min), _bound(x, max))


def _bound(x: Any, value: Any) -> Any:
    if type(value) is int and x.dtype in INTEGERS:
        limits = np.iinfo(x.dtype)
        value = limits.min if value < limits.min else limits.max if value > limits.max else value
    return scalar(value, result_type(x, value)) if type(value) in (bool, int, float) else value
