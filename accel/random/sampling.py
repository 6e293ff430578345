"""Sampling: arrays of random numbers from a key."""

from __future__ import annotations

import math
import operator
from typing import Any

import accel as xp
import accel.random.arithmetic as arithmetic
import accel.random.demand as demand
import accel.random.rejection as rejection
import accel.random.threefry as threefry
import accel.random.variate as variate
import accel.requirement as requirement
from accel.composition import kept
from accel.dispatch import op
from accel.dtype import name_of
from accel.errors import ArgumentError, ShapeError
from accel.policy import default_names
from accel.random.keys import split
from accel.random.rejection import computing, shape_of
from accel.typing import A, DTypeLike

__all__ = [
    "bernoulli",
    "beta",
    "bits",
    "categorical",
    "choice",
    "exponential",
    "gamma",
    "multivariate_normal",
    "normal",
    "permutation",
    "poisson",
    "randint",
    "truncated_normal",
    "uniform",
]


def _default(dtype: Any, kind: str) -> Any:
    """Give the dtype to draw in where the body is called as it is, without what the dispatching puts in place of None."""
    return default_names()[kind] if dtype is None else dtype


def _word(dtype: Any) -> Any:
    return xp.uint64 if name_of(dtype) == "float64" else xp.uint32


def _scalar(value: Any, dtype: Any, key: Any) -> Any:
    if hasattr(value, "dtype"):
        return xp.astype(value, dtype)
    return xp.full((), value, dtype=dtype, device=xp.device(key))


def _bits(key: Any, shape: Any = (), dtype: Any = None) -> None:
    demand.secret(key)
    demand.extent(shape=shape)
    demand.unsigned(dtype)


@op(dtypes="any", same="exact", requires=_bits, checks=("reuse",))
def bits(key: A, shape: int | tuple[int, ...] = (), dtype: DTypeLike | None = None) -> A:
    """Random bits, as unsigned integers.

    Parameters
    ----------
    key : array, shape (2,), uint32
        A key, as `accel.random.key`, `split` and `fold_in` make them. Draw from it once.
    shape : int or tuple of ints, default ()
        Shape of the result. The numbers do not depend on how a count of elements is cut into axes.
    dtype : dtype, optional
        Unsigned integer dtype of the result; None is uint32.

    Returns
    -------
    array, shape ``shape``, dtype ``dtype``, device of key
        All numbers of the dtype are equally likely.

    Raises
    ------
    UnknownArrayError
        ``key`` is not an array of a known backend; make one with `accel.random.key`.
    DTypeError, ShapeError
        ``key`` is no key or several, or a dtype or shape is not as said above.
    KeyReuseError
        Inside `accel.checked`: something was drawn from the key before.

    Notes
    -----
    Accuracy: exact, the same bits on every backend, in and out of compiled functions: those of ``jax.random.bits`` with
    ``jax_threefry_partitionable`` on, its default. Element i in row-major order depends on the key and i alone.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    References
    ----------
    J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, Parallel random numbers: as easy as 1, 2, 3, SC 2011.

    Examples
    --------
    >>> import numpy, accel
    >>> key = accel.random.key(0, device="numpy")
    >>> accel.random.bits(key, 3)
    array([4070199207, 4202968722, 1427181096], dtype=uint32)
    """
    whole, wanted = demand.lengths(shape), name_of(xp.uint32 if dtype is None else dtype)
    pair = threefry.counted(key, math.prod(whole))
    flat = threefry.wide(pair) if wanted == "uint64" else threefry.words(pair)
    drawn: A = xp.reshape(xp.astype(flat, getattr(xp, wanted), copy=False), whole)
    return drawn


_UNIFORM = {"bfloat16": (8, 7), "float16": (16, 10), "float32": (32, 23), "float64": (64, 52)}
"""Dtypes -> how many random bits there are for a number, and how many of them are used."""


def _uniform(key: Any, shape: Any = (), dtype: Any = None, minval: Any = 0.0, maxval: Any = 1.0) -> None:
    demand.secret(key)
    demand.extent(shape=shape)
    demand.floating(dtype)
    demand.parameters(shape, minval=minval, maxval=maxval)


@op(dtypes="any", same="exact", requires=_uniform, checks=("reuse",), default="real floating")
def uniform(
    key: A,
    shape: int | tuple[int, ...] = (),
    dtype: DTypeLike | None = None,
    minval: A | float = 0.0,
    maxval: A | float = 1.0,
) -> A:
    """Numbers that lie anywhere in an interval with the same probability.

    Parameters
    ----------
    key : array, shape (2,), uint32
        A key, as `accel.random.key`, `split` and `fold_in` make them. Draw from it once.
    shape : int or tuple of ints, default ()
        Shape of the result. The numbers do not depend on how a count of elements is cut into axes.
    dtype : dtype, optional
        Real floating-point dtype of the result; None is the default one (`accel.default_dtypes`).
    minval, maxval : array or float, default 0.0 and 1.0
        Ends of the interval, cast to the dtype; arrays broadcast to ``shape``. Where they are the wrong way round, the result is minval.

    Returns
    -------
    array, shape ``shape``, dtype ``dtype``, device of key
        Numbers in ``[minval, maxval)``; the last rounding may give maxval where the interval is not that from 0 to 1.

    Raises
    ------
    UnknownArrayError
        ``key`` is not an array of a known backend; make one with `accel.random.key`.
    DTypeError, ShapeError
        ``key`` is no key or several, or a dtype or shape is not as said above.
    KeyReuseError
        Inside `accel.checked`: something was drawn from the key before.

    Notes
    -----
    Accuracy: exact, the same bits on every backend, in and out of compiled functions: multiples of ``2**-52`` in float64, ``2**-23`` in
    float32, ``2**-10`` in float16 and ``2**-7`` in bfloat16, those of ``jax.random.uniform``. Another interval is ``u * (maxval - minval) +
    minval``, each step rounded (in float32 for 16 bits, and once more at the end), where JAX leaves open how often it rounds.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    References
    ----------
    J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, Parallel random numbers: as easy as 1, 2, 3, SC 2011.

    Examples
    --------
    >>> import numpy, accel
    >>> key = accel.random.key(0, device="numpy")
    >>> accel.random.uniform(key, 2)
    array([0.41845711, 0.21629545])
    """
    dtype = _default(dtype, "real floating")
    name, held = name_of(dtype), computing(dtype)
    size, used = _UNIFORM[name]
    word = bits(key, shape, getattr(xp, f"uint{size}"))
    u = xp.multiply(xp.astype(xp.bitwise_right_shift(word, size - used), held), 2.0**-used)
    plain = not hasattr(minval, "dtype") and not hasattr(maxval, "dtype")
    if not (plain and minval == 0.0 and maxval == 1.0):
        low, high = _scalar(minval, held, key), _scalar(maxval, held, key)
        u = xp.maximum(xp.add(kept(xp.multiply(u, xp.subtract(high, low))), low), low)
    return xp.astype(u, dtype, copy=False)


def _randint(key: Any, shape: Any, minval: Any, maxval: Any, dtype: Any = None) -> None:
    demand.secret(key)
    demand.extent(shape=shape)
    demand.integral(dtype)
    for what, value in (("minval", minval), ("maxval", maxval)):
        if hasattr(value, "dtype"):
            requirement.integral(**{what: value})
            requirement.broadcast(demand.lengths(shape), **{what: value})
        elif isinstance(value, bool) or not hasattr(value, "__index__"):
            raise ArgumentError(f"{what} is an int or an array of integers, got {value!r}.")


def _limits(name: str) -> tuple[int, int]:
    size = int(name.lstrip("uint"))
    return (0, 2**size - 1) if name[0] == "u" else (-(2 ** (size - 1)), 2 ** (size - 1) - 1)


def _clipped(value: Any, name: str, held: str, key: Any) -> Any:
    """Bring a bound into the range of one dtype, as numbers of another one."""
    low, high = _limits(name)
    if not hasattr(value, "dtype"):
        return xp.full(
            (1,), max(low, min(operator.index(value), high)), dtype=getattr(xp, held), device=xp.device(key)
        )
    least, most = _limits(name_of(value.dtype))
    within = xp.clip(value, max(low, least), min(high, most))
    return xp.astype(within, getattr(xp, held))


def _beyond(value: Any, most: int) -> Any:
    """Tell where a bound is larger than any number of a dtype."""
    if not hasattr(value, "dtype"):
        return operator.index(value) > most
    if _limits(name_of(value.dtype))[1] <= most:
        return False
    return xp.greater(value, most)


@op(dtypes="any", same="exact", requires=_randint, checks=("reuse",), default="integral")
def randint(
    key: A, shape: int | tuple[int, ...], minval: A | int, maxval: A | int, dtype: DTypeLike | None = None
) -> A:
    """Whole numbers from one to below another.

    Parameters
    ----------
    key : array, shape (2,), uint32
        A key, as `accel.random.key`, `split` and `fold_in` make them. Draw from it once.
    shape : int or tuple of ints
        Shape of the result. The numbers do not depend on how a count of elements is cut into axes.
    minval, maxval : array of integer dtype or int
        The least number, and the one after the largest; arrays broadcast to ``shape``. What the dtype cannot hold is brought into its
        range. Where maxval is not larger, the result is minval.
    dtype : dtype, optional
        Integer dtype of the result; None is the default one (`accel.default_dtypes`).

    Returns
    -------
    array, shape ``shape``, dtype ``dtype``, device of key
        Numbers in ``[minval, maxval)``.

    Raises
    ------
    UnknownArrayError
        ``key`` is not an array of a known backend; make one with `accel.random.key`.
    DTypeError, ShapeError
        ``key`` is no key or several, or a dtype or shape is not as said above.
    ArgumentError
        A bound is neither an int nor an array.
    KeyReuseError
        Inside `accel.checked`: something was drawn from the key before.

    Notes
    -----
    Accuracy: exact, the same bits on every backend, in and out of compiled functions: those of ``jax.random.randint``. Of twice the bits of
    the dtype (64 at least) the remainder is taken, so that the probabilities of two numbers differ by less than ``span / 2**64``, in
    64 bits ``span / 2**128``.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    References
    ----------
    J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, Parallel random numbers: as easy as 1, 2, 3, SC 2011.

    Examples
    --------
    >>> import numpy, accel
    >>> key = accel.random.key(0, device="numpy")
    >>> accel.random.randint(key, (4,), 0, 100)
    array([35, 11, 75, 17])
    """
    whole, wanted = demand.lengths(shape), name_of(_default(dtype, "integral"))
    count, held = math.prod(whole), wanted if wanted.endswith(("32", "64")) else "int32"
    size = 64 if held.endswith("64") else 32
    unsigned = getattr(xp, f"uint{size}")
    keys: Any = split(key)
    higher, lower = (xp.reshape(bits(keys[i], (count,), unsigned), whole or (1,)) for i in (0, 1))
    # Of fewer than 32 bits the range is the dtype's, and the arithmetic that of int32, which holds the number after the last.
    narrow = held != wanted
    least, most = _limits(wanted)
    low = _clipped(minval, wanted, held, key)
    if narrow:
        top: Any = maxval
        top = top if hasattr(maxval, "dtype") else min(operator.index(top), most + 1)
        high = xp.minimum(_clipped(top, "int32", held, key), most + 1)
        high = xp.maximum(high, least)
        beyond: Any = False
    else:
        high, beyond = _clipped(maxval, wanted, held, key), _beyond(maxval, most)
    empty = xp.less_equal(high, low)
    span = xp.subtract(xp.astype(high, unsigned), xp.astype(low, unsigned))
    span = xp.where(empty, 1, span)
    if beyond is not False:
        more = xp.logical_not(empty) if beyond is True else xp.logical_and(beyond, xp.logical_not(empty))
        span = xp.add(span, xp.astype(more, unsigned))
    # A span that wrapped around to zero is that of all numbers: nothing is to be taken off.
    all_of_them = xp.equal(span, 0)
    safe = xp.where(all_of_them, 1, span)
    factor = xp.remainder(xp.full_like(safe, 2 ** (size // 2)), safe)
    factor = xp.remainder(xp.multiply(factor, factor), safe)
    offset = xp.add(xp.multiply(xp.remainder(higher, safe), factor), xp.remainder(lower, safe))
    offset = xp.where(all_of_them, lower, xp.remainder(offset, safe))
    found = xp.add(xp.astype(low, unsigned), offset)
    drawn: A = xp.reshape(xp.astype(xp.astype(found, getattr(xp, held)), getattr(xp, wanted)), whole)
    return drawn


def _plain(key: Any, shape: Any = (), dtype: Any = None) -> None:
    demand.secret(key)
    demand.extent(shape=shape)
    demand.floating(dtype)


@op(dtypes="any", same="exact", requires=_plain, checks=("reuse",), default="real floating")
def normal(key: A, shape: int | tuple[int, ...] = (), dtype: DTypeLike | None = None) -> A:
    """Normal numbers of mean 0 and variance 1.

    Parameters
    ----------
    key : array, shape (2,), uint32
        A key, as `accel.random.key`, `split` and `fold_in` make them. Draw from it once.
    shape : int or tuple of ints, default ()
        Shape of the result. The numbers do not depend on how a count of elements is cut into axes.
    dtype : dtype, optional
        Real floating-point dtype of the result; None is the default one (`accel.default_dtypes`).

    Returns
    -------
    array, shape ``shape``, dtype ``dtype``, device of key
        Normal numbers, as far as 6.3 from 0 in float32 and 16 bits, 8.2 in float64.

    Raises
    ------
    UnknownArrayError
        ``key`` is not an array of a known backend; make one with `accel.random.key`.
    DTypeError, ShapeError
        ``key`` is no key or several, or a dtype or shape is not as said above.
    KeyReuseError
        Inside `accel.checked`: something was drawn from the key before.

    Notes
    -----
    Accuracy: exact, the same bits on every backend, in and out of compiled functions, since all is made of comparisons and exactly
    rounded steps; each is the normal quantile of the middle of one of ``2**32`` equal
    parts of the interval from 0 to 1 (``2**53`` in float64), within 8 units in the last place. ``jax.random.normal`` gives other numbers:
    what it is made of differs between devices. Those of 16 bits are those of float32, rounded; no step needs float64 but for float64.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    References
    ----------
    M. J. Wichura, Algorithm AS 241: the percentage points of the normal distribution, Applied Statistics 37 (1988).

    Examples
    --------
    >>> import numpy, accel
    >>> key = accel.random.key(0, device="numpy")
    >>> accel.random.normal(key, 2)
    array([-0.20584214, -0.78476578])
    """
    dtype = _default(dtype, "real floating")
    t = arithmetic.table(computing(dtype))
    drawn: A = xp.astype(variate.gauss(bits(key, shape, _word(dtype)), t), dtype, copy=False)
    return drawn


@op(dtypes="any", same="exact", requires=_plain, checks=("reuse",), default="real floating")
def exponential(key: A, shape: int | tuple[int, ...] = (), dtype: DTypeLike | None = None) -> A:
    """Exponential numbers of mean 1.

    Parameters
    ----------
    key : array, shape (2,), uint32
        A key, as `accel.random.key`, `split` and `fold_in` make them. Draw from it once.
    shape : int or tuple of ints, default ()
        Shape of the result. The numbers do not depend on how a count of elements is cut into axes.
    dtype : dtype, optional
        Real floating-point dtype of the result; None is the default one (`accel.default_dtypes`).

    Returns
    -------
    array, shape ``shape``, dtype ``dtype``, device of key
        Positive numbers, the largest 22.9 in float32 and 16 bits, 37.4 in float64.

    Raises
    ------
    UnknownArrayError
        ``key`` is not an array of a known backend; make one with `accel.random.key`.
    DTypeError, ShapeError
        ``key`` is no key or several, or a dtype or shape is not as said above.
    KeyReuseError
        Inside `accel.checked`: something was drawn from the key before.

    Notes
    -----
    Accuracy: exact, the same bits on every backend, in and out of compiled functions, since all is made of comparisons and exactly
    rounded steps; each is the negative logarithm of the middle of one of ``2**32`` equal
    parts of the interval from 0 to 1 (``2**53`` in float64), within 4 units in the last place. ``jax.random.exponential`` gives other
    numbers. Those of 16 bits are those of float32, rounded.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    References
    ----------
    L. Devroye, Non-Uniform Random Variate Generation, Springer 1986, chapter 2.

    Examples
    --------
    >>> import numpy, accel
    >>> key = accel.random.key(0, device="numpy")
    >>> accel.random.exponential(key, 2)
    array([0.87118088, 1.53110996])
    """
    dtype = _default(dtype, "real floating")
    t = arithmetic.table(computing(dtype))
    drawn: A = xp.astype(variate.waiting(bits(key, shape, _word(dtype)), t), dtype, copy=False)
    return drawn


def _truncated_normal(key: Any, lower: Any, upper: Any, shape: Any = None, dtype: Any = None) -> None:
    demand.secret(key)
    demand.extent(shape=shape)
    demand.floating(dtype)
    demand.parameters(shape, lower=lower, upper=upper)
    if not hasattr(lower, "dtype") and not hasattr(upper, "dtype") and not lower < upper:
        raise ArgumentError(f"lower is less than upper, got {lower!r} and {upper!r}.")


@op(dtypes="any", same="exact", requires=_truncated_normal, checks=("reuse",), default="real floating")
def truncated_normal(
    key: A,
    lower: A | float,
    upper: A | float,
    shape: int | tuple[int, ...] | None = None,
    dtype: DTypeLike | None = None,
) -> A:
    """Normal numbers of mean 0 and variance 1 that lie between two bounds.

    Parameters
    ----------
    key : array, shape (2,), uint32
        A key, as `accel.random.key`, `split` and `fold_in` make them. Draw from it once.
    lower, upper : array or float
        Bounds; infinite ones are none.
    shape : int or tuple of ints, optional
        Shape of the result; None is that of the parameters, which broadcast to it.
    dtype : dtype, optional
        Real floating-point dtype of the result; None is the default one (`accel.default_dtypes`).

    Returns
    -------
    array, shape ``shape``, dtype ``dtype``, device of key
        Numbers from ``lower`` to ``upper``.

    Raises
    ------
    UnknownArrayError
        ``key`` is not an array of a known backend; make one with `accel.random.key`.
    DTypeError, ShapeError
        ``key`` is no key or several, or a dtype or shape is not as said above.
    ArgumentError
        ``lower`` and ``upper`` are Python numbers, and lower is not the less.
    KeyReuseError
        Inside `accel.checked`: something was drawn from the key before.

    Notes
    -----
    Accuracy: exact, the same bits on every backend, in and out of compiled functions, since all is made of comparisons and exactly
    rounded steps; each is the normal quantile of a probability between those of
    the bounds. Beyond 37 from 0 in float64, and 13 in float32 and 16 bits, these probabilities are too small, and the result is the nearer
    bound. Where arrays have a lower bound above the upper one, it is the upper one.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    References
    ----------
    M. J. Wichura, Algorithm AS 241: the percentage points of the normal distribution, Applied Statistics 37 (1988).
    W. J. Cody, Rational Chebyshev approximations for the error function, Mathematics of Computation 23 (1969).

    Examples
    --------
    >>> import numpy, accel
    >>> key = accel.random.key(0, device="numpy")
    >>> accel.random.truncated_normal(key, 3.0, 4.0, (2,))
    array([3.24692647, 3.41680975])
    """
    dtype = _default(dtype, "real floating")
    held, whole = computing(dtype), shape_of(shape, lower, upper)
    t = arithmetic.table(held)
    first, last = (xp.broadcast_to(_scalar(each, held, key), whole) for each in (lower, upper))
    a, b = xp.clip(first, -100.0, 100.0), xp.clip(last, -100.0, 100.0)
    # On the right of 0 all is mirrored: only on the left are small probabilities told apart.
    turned = xp.greater(a, 0.0)
    a, b = xp.where(turned, xp.negative(b), a), xp.where(turned, xp.negative(a), b)
    below, beyond = (
        arithmetic.distribution(xp.minimum(a, 0.0)),
        arithmetic.distribution(xp.negative(xp.abs(b))),
    )
    left = xp.less_equal(b, 0.0)
    between = kept(
        xp.where(left, xp.subtract(beyond, below), xp.subtract(kept(xp.subtract(1.0, below)), beyond))
    )
    u, rest = variate.unit(bits(key, whole, _word(held)), t)
    p = xp.add(kept(xp.multiply(u, between)), below)
    q = xp.add(kept(xp.multiply(rest, between)), xp.where(left, xp.subtract(1.0, beyond), beyond))
    tail = xp.maximum(xp.minimum(p, q), 1e-300 if t.bits == 64 else 1e-37)
    size = arithmetic.quantile(tail, xp.subtract(0.5, tail))
    negative = xp.not_equal(xp.less(p, q), turned)
    found = xp.minimum(xp.maximum(xp.where(negative, xp.negative(size), size), first), last)
    drawn: A = xp.astype(found, dtype, copy=False)
    return drawn


def _gamma(key: Any, a: Any, shape: Any = None, dtype: Any = None) -> None:
    demand.secret(key)
    demand.extent(shape=shape)
    demand.floating(dtype)
    demand.parameters(shape, a=a)
    requirement.number(0.0, math.inf, closed="neither", a=a)


@op(dtypes="any", same="exact", requires=_gamma, checks=("reuse",), default="real floating")
def gamma(
    key: A, a: A | float, shape: int | tuple[int, ...] | None = None, dtype: DTypeLike | None = None
) -> A:
    """Gamma numbers of some shape parameter, and of scale 1.

    Parameters
    ----------
    key : array, shape (2,), uint32
        A key, as `accel.random.key`, `split` and `fold_in` make them. Draw from it once.
    a : array or float
        The shape parameter, which is the mean; above 0.
    shape : int or tuple of ints, optional
        Shape of the result; None is that of the parameters, which broadcast to it.
    dtype : dtype, optional
        Real floating-point dtype of the result; None is the default one (`accel.default_dtypes`).

    Returns
    -------
    array, shape ``shape``, dtype ``dtype``, device of key
        Numbers of 0 and more; nan where an element of ``a`` is not above 0.

    Raises
    ------
    UnknownArrayError
        ``key`` is not an array of a known backend; make one with `accel.random.key`.
    DTypeError, ShapeError
        ``key`` is no key or several, or a dtype or shape is not as said above.
    ArgumentError
        ``a`` is a Python number of 0 or less.
    KeyReuseError
        Inside `accel.checked`: something was drawn from the key before.

    Notes
    -----
    Accuracy: exact, the same bits on every backend, in and out of compiled functions, since all is made of comparisons and exactly
    rounded steps; numbers are proposed and accepted in up to 16 rounds, each of
    which has a key of its own. One of ``10**20`` numbers may be left with what the last round proposed. For an ``a`` beyond ``10**5`` the
    test in float32 is coarse; draw in float64.
    Cost: O(size), about 1.1 rounds on NumPy and CuPy, which go on with what waits and so wait for the device; on JAX as many rounds as the
    last element needs, about 6 for a million; safe under ``jax.jit``.

    References
    ----------
    G. Marsaglia, W. W. Tsang, A simple method for generating gamma variables, ACM Transactions on Mathematical Software 26 (2000).

    Examples
    --------
    >>> import numpy, accel
    >>> key = accel.random.key(0, device="numpy")
    >>> accel.random.gamma(key, 2.5, (2,))
    array([1.34864641, 1.67549766])
    """
    drawn: A = rejection.gamma(rejection.fixed, key, a, shape, _default(dtype, "real floating"))
    return drawn


def _beta(key: Any, a: Any, b: Any, shape: Any = None, dtype: Any = None) -> None:
    demand.secret(key)
    demand.extent(shape=shape)
    demand.floating(dtype)
    demand.parameters(shape, a=a, b=b)
    requirement.number(0.0, math.inf, closed="neither", a=a, b=b)


@op(dtypes="any", same="exact", requires=_beta, checks=("reuse",), default="real floating")
def beta(
    key: A,
    a: A | float,
    b: A | float,
    shape: int | tuple[int, ...] | None = None,
    dtype: DTypeLike | None = None,
) -> A:
    """Beta numbers.

    Parameters
    ----------
    key : array, shape (2,), uint32
        A key, as `accel.random.key`, `split` and `fold_in` make them. Draw from it once.
    a, b : array or float
        The parameters, above 0; the mean is ``a / (a + b)``.
    shape : int or tuple of ints, optional
        Shape of the result; None is that of the parameters, which broadcast to it.
    dtype : dtype, optional
        Real floating-point dtype of the result; None is the default one (`accel.default_dtypes`).

    Returns
    -------
    array, shape ``shape``, dtype ``dtype``, device of key
        Numbers from 0 to 1; nan where a parameter is not above 0.

    Raises
    ------
    UnknownArrayError
        ``key`` is not an array of a known backend; make one with `accel.random.key`.
    DTypeError, ShapeError
        ``key`` is no key or several, or a dtype or shape is not as said above.
    ArgumentError
        A parameter is a Python number of 0 or less.
    KeyReuseError
        Inside `accel.checked`: something was drawn from the key before.

    Notes
    -----
    Accuracy: exact, the same bits on every backend, in and out of compiled functions, since all is made of comparisons and exactly
    rounded steps; the share that one gamma number has of two, worked out from
    logarithms where a parameter is below 1.
    Cost: that of two draws of `gamma`; safe under ``jax.jit``.

    References
    ----------
    L. Devroye, Non-Uniform Random Variate Generation, Springer 1986, chapter 9.

    Examples
    --------
    >>> import numpy, accel
    >>> key = accel.random.key(0, device="numpy")
    >>> accel.random.beta(key, 2.0, 3.0, (2,))
    array([0.65567293, 0.72723135])
    """
    drawn: A = rejection.beta(rejection.fixed, key, a, b, shape, _default(dtype, "real floating"))
    return drawn


def _poisson(key: Any, lam: Any, shape: Any = None, dtype: Any = None) -> None:
    demand.secret(key)
    demand.extent(shape=shape)
    demand.integral(dtype)
    demand.parameters(shape, lam=lam)
    requirement.number(0.0, math.inf, closed="left", lam=lam)


@op(dtypes="any", same="exact", requires=_poisson, checks=("reuse",), default="integral")
def poisson(
    key: A, lam: A | float, shape: int | tuple[int, ...] | None = None, dtype: DTypeLike | None = None
) -> A:
    """Counts of events of which there are some number on average.

    Parameters
    ----------
    key : array, shape (2,), uint32
        A key, as `accel.random.key`, `split` and `fold_in` make them. Draw from it once.
    lam : array or float
        The average, 0 or more.
    shape : int or tuple of ints, optional
        Shape of the result; None is that of the parameters, which broadcast to it.
    dtype : dtype, optional
        Integer dtype of the result; None is the default one (`accel.default_dtypes`).

    Returns
    -------
    array, shape ``shape``, dtype ``dtype``, device of key
        Counts; -1 where an element of ``lam`` is negative or nan.

    Raises
    ------
    UnknownArrayError
        ``key`` is not an array of a known backend; make one with `accel.random.key`.
    DTypeError, ShapeError
        ``key`` is no key or several, or a dtype or shape is not as said above.
    ArgumentError
        ``lam`` is a Python number that is negative or infinite.
    KeyReuseError
        Inside `accel.checked`: something was drawn from the key before.

    Notes
    -----
    Accuracy: exact, the same bits on every backend, in and out of compiled functions, since all is made of comparisons and exactly
    rounded steps; below an average of 10 the probabilities are added up, from
    there on counts are proposed and accepted in up to 32 rounds, each of which has a key of its own. The arithmetic is float32 for
    ``lam`` of 32 bits and fewer, and for a Python number beside a result of these; else float64. In float32 averages beyond ``10**6``
    are coarse.
    Cost: O(size); 40 or 70 additions for each element, and about 1.3 rounds on NumPy and CuPy, which go on with what waits and so wait for
    the device, or on JAX as many as the last element needs, about 10 for a million; safe under ``jax.jit``.

    References
    ----------
    W. Hormann, The transformed rejection method for generating Poisson random variables, Insurance: Mathematics and Economics 12 (1993).
    L. Devroye, Non-Uniform Random Variate Generation, Springer 1986, chapter 10.

    Examples
    --------
    >>> import numpy, accel
    >>> key = accel.random.key(0, device="numpy")
    >>> accel.random.poisson(key, 4.0, (4,))
    array([8, 3, 5, 9])
    """
    drawn: A = rejection.poisson(rejection.fixed, key, lam, shape, _default(dtype, "integral"))
    return drawn


def _bernoulli(key: Any, p: Any = 0.5, shape: Any = None) -> None:
    demand.secret(key)
    demand.extent(shape=shape)
    demand.parameters(shape, p=p)
    requirement.floating(**({"p": p} if hasattr(p, "dtype") else {}))
    requirement.number(0.0, 1.0, p=p)


@op(dtypes="any", same="exact", requires=_bernoulli, checks=("reuse",))
def bernoulli(key: A, p: A | float = 0.5, shape: int | tuple[int, ...] | None = None) -> A:
    """Truth values that are True with some probability.

    Parameters
    ----------
    key : array, shape (2,), uint32
        A key, as `accel.random.key`, `split` and `fold_in` make them. Draw from it once.
    p : array of real floating-point dtype or float, default 0.5
        The probability, from 0 to 1.
    shape : int or tuple of ints, optional
        Shape of the result; None is that of the parameters, which broadcast to it.

    Returns
    -------
    array, shape ``shape``, bool, device of key
        True where a uniform number of the dtype of ``p``, float32 for a Python number, is less than ``p``; never where that is nan.

    Raises
    ------
    UnknownArrayError
        ``key`` is not an array of a known backend; make one with `accel.random.key`.
    DTypeError, ShapeError
        ``key`` is no key or several, or a dtype or shape is not as said above.
    ArgumentError
        ``p`` is a Python number outside of ``[0, 1]``.
    KeyReuseError
        Inside `accel.checked`: something was drawn from the key before.

    Notes
    -----
    Accuracy: exact, the same bits on every backend, in and out of compiled functions: those of ``jax.random.bernoulli``.
    Cost: O(size), no device synchronisation; safe under ``jax.jit``.

    References
    ----------
    J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, Parallel random numbers: as easy as 1, 2, 3, SC 2011.

    Examples
    --------
    >>> import numpy, accel
    >>> key = accel.random.key(0, device="numpy")
    >>> accel.random.bernoulli(key, 0.3, (4,))
    array([False, False, False, False])
    """
    held = getattr(p, "dtype", xp.float32)
    drawn: A = xp.less(uniform(key, shape_of(shape, p), held), _scalar(p, held, key))
    return drawn


def _categorical(key: Any, logits: Any, axis: Any = -1, shape: Any = None) -> None:
    demand.secret(key)
    requirement.floating(logits=logits)
    along = requirement.axis(logits, axis, "logits")
    requirement.filled(logits, (along,), "logits")
    demand.extent(shape=shape)
    rest = tuple(n for i, n in enumerate(logits.shape) if i != along)
    if shape is not None and demand.lengths(shape)[len(demand.lengths(shape)) - len(rest) :] != rest:
        raise ShapeError(
            f"shape ends with that of logits without axis {axis}, which is {rest}, got {shape!r}."
        )


@op(dtypes="any", same="exact", requires=_categorical, checks=("reuse",))
def categorical(key: A, logits: A, axis: int = -1, shape: int | tuple[int, ...] | None = None) -> A:
    """Categories, drawn with probabilities whose logarithms are given.

    Parameters
    ----------
    key : array, shape (2,), uint32
        A key, as `accel.random.key`, `split` and `fold_in` make them. Draw from it once.
    logits : array, real floating-point dtype
        Logarithms of the probabilities along ``axis``, or these up to a constant; -inf is never drawn.
    axis : int, default -1
        Along which the categories are.
    shape : int or tuple of ints, optional
        Shape of the result, which ends with that of ``logits`` without the axis; None is no more than that.

    Returns
    -------
    array, shape ``shape``, int64, device of key
        Numbers of categories; 0 where no category may be drawn.

    Raises
    ------
    UnknownArrayError
        ``key`` is not an array of a known backend; make one with `accel.random.key`.
    DTypeError, ShapeError
        ``key`` is no key or several, or a dtype or shape is not as said above.
    AxisError
        ``axis`` is outside ``[-N, N)`` for N axes of ``logits``.
    KeyReuseError
        Inside `accel.checked`: something was drawn from the key before.

    Notes
    -----
    Accuracy: exact, the same bits on every backend, in and out of compiled functions, since all is made of comparisons and exactly
    rounded steps; the place of the largest sum of a logit and the negative
    logarithm of an exponential number. ``jax.random.categorical`` gives other numbers.
    Cost: O(size * categories) time and memory, no device synchronisation; safe under ``jax.jit``. `choice` takes probabilities, and needs
    O(size * log(categories)) time for many draws of one distribution.

    References
    ----------
    C. J. Maddison, D. Tarlow, T. Minka, A* sampling, NeurIPS 2014 (the Gumbel-max trick).

    Examples
    --------
    >>> import numpy, accel
    >>> key = accel.random.key(0, device="numpy")
    >>> accel.random.categorical(key, numpy.log(numpy.asarray([0.1, 0.6, 0.3])), shape=(4,))
    array([2, 1, 1, 1])
    """
    along = operator.index(axis) % logits.ndim
    logits = xp.moveaxis(logits, along, -1)
    if name_of(logits.dtype).endswith("16"):
        logits = xp.astype(logits, xp.float32)
    t = arithmetic.table(logits.dtype)
    rest = tuple(logits.shape[:-1])
    whole = rest if shape is None else demand.lengths(shape)
    waited = variate.waiting(bits(key, (*whole, logits.shape[-1]), _word(logits.dtype)), t)
    drawn: A = xp.argmax(xp.subtract(logits, arithmetic.logarithm(waited)), axis=-1)
    return drawn


def _order(key: Any, shape: tuple[int, ...], axis: int) -> Any:
    """Give random orders of the places along an axis.

    The places are sorted by random words whose last bits are the places themselves: no two are equal, and so the order does not depend
    on how a library sorts.
    """
    count = shape[axis]
    low = max(count - 1, 0).bit_length()
    words = bits(key, shape, xp.uint64)
    words = xp.bitwise_left_shift(xp.bitwise_right_shift(words, low), low)
    places = xp.arange(count, dtype=xp.uint64, device=xp.device(key))
    places = xp.reshape(places, tuple(count if i == axis else 1 for i in range(len(shape))))
    words = xp.sort(xp.bitwise_or(words, places), axis=axis, stable=False)
    return xp.astype(xp.bitwise_and(words, 2**low - 1), xp.int64)


def _permutation(key: Any, x: Any, axis: Any = 0, independent: Any = False) -> None:
    demand.secret(key)
    if not hasattr(x, "dtype"):
        requirement.size(0, x=x)
        if axis not in (0, -1):
            raise ArgumentError(f"axis is 0 beside a number, got {axis!r}.")
        return
    requirement.axis(x, axis)


@op(dtypes="any", same="exact", requires=_permutation, checks=("reuse",))
def permutation(key: A, x: A | int, axis: int = 0, independent: bool = False) -> A:
    """Elements in a random order.

    Parameters
    ----------
    key : array, shape (2,), uint32
        A key, as `accel.random.key`, `split` and `fold_in` make them. Draw from it once.
    x : array or int
        What is put into an order; a number stands for the numbers from 0 to below it.
    axis : int, default 0
        Along which elements change places.
    independent : bool, default False
        Whether each vector along the axis gets an order of its own, rather than all the same.

    Returns
    -------
    array, shape of x, dtype of x (int64 for a number), device of key
        The elements. Never a view of ``x``.

    Raises
    ------
    UnknownArrayError
        ``key`` is not an array of a known backend; make one with `accel.random.key`.
    DTypeError, ShapeError
        ``key`` is no key or several, or a dtype or shape is not as said above.
    ArgumentError
        ``x`` is neither an array nor an int.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    KeyReuseError
        Inside `accel.checked`: something was drawn from the key before.

    Notes
    -----
    Accuracy: exact, the same order on every backend, in and out of compiled functions: that of 64 random bits for each element, the last of
    which are replaced by its place, so that no two are equal. ``jax.random.permutation`` gives other orders.
    Cost: one sort of 64-bit integers, no device synchronisation; safe under ``jax.jit`` with 64-bit types (`accel.x64`).

    References
    ----------
    D. E. Knuth, The Art of Computer Programming, volume 3: Sorting and Searching, 2nd edition, 1998.

    Examples
    --------
    >>> import numpy, accel
    >>> key = accel.random.key(0, device="numpy")
    >>> accel.random.permutation(key, 5)
    array([1, 0, 4, 3, 2])
    """
    data: Any = x
    if not hasattr(x, "dtype"):
        found: A = _order(key, (operator.index(data),), 0)
        return found
    along = operator.index(axis) % data.ndim
    if independent:
        each: A = xp.take_along_axis(data, _order(key, tuple(data.shape), along), axis=along)
        return each
    drawn: A = xp.take(data, _order(key, (data.shape[along],), 0), axis=along)
    return drawn


def _choice(key: Any, a: Any, shape: Any = (), replace: Any = True, p: Any = None, axis: Any = 0) -> None:
    demand.secret(key)
    demand.extent(shape=shape)
    if hasattr(a, "dtype"):
        count = a.shape[requirement.axis(a, axis, "a")]
    else:
        requirement.size(0, a=a)
        if axis not in (0, -1):
            raise ArgumentError(f"axis is 0 beside a number, got {axis!r}.")
        count = operator.index(a)
    draws = math.prod(demand.lengths(shape))
    if draws and not count:
        raise ShapeError(f"there is nothing to choose from, and shape {shape!r} asks for {draws}.")
    if not replace and draws > count:
        raise ShapeError(
            f"without replacement no more than the {count} elements can be chosen, and shape {shape!r} asks for {draws}."
        )
    if p is not None:
        requirement.floating(p=p)
        if tuple(p.shape) != (count,):
            raise ShapeError(f"p has shape {tuple(p.shape)}, and there are {count} elements to choose from.")


def _weighted(key: Any, p: Any, count: int) -> Any:
    """Draw places with probabilities in proportion to p.

    The weights become whole numbers, whose running sums have no rounding and so are the same in any order of summation.
    """
    p = xp.where(xp.greater(p, 0.0), p, 0.0)
    digits = 62 - max(p.shape[0] - 1, 0).bit_length()
    p = xp.astype(p, xp.float64)
    shares = arithmetic.quotient(p, xp.max(p))
    ends = xp.cumulative_sum(xp.astype(xp.multiply(shares, 2.0**digits), xp.int64), axis=0, dtype=xp.int64)
    total = xp.astype(ends[-1:], xp.uint64)
    # The upper 64 bits of the product of a word and the total, from products of 32 bits each.
    word = bits(key, (count,), xp.uint64)
    (high, low), (upper, lower) = (
        (xp.bitwise_right_shift(each, 32), xp.bitwise_and(each, 0xFFFFFFFF)) for each in (word, total)
    )
    carry = xp.add(xp.multiply(high, lower), xp.bitwise_right_shift(xp.multiply(low, lower), 32))
    across = xp.add(xp.multiply(low, upper), xp.bitwise_and(carry, 0xFFFFFFFF))
    found = xp.add(
        xp.multiply(high, upper),
        xp.add(xp.bitwise_right_shift(carry, 32), xp.bitwise_right_shift(across, 32)),
    )
    return xp.searchsorted(ends, xp.astype(found, xp.int64), side="right")


@op(dtypes="any", same="exact", requires=_choice, checks=("reuse",))
def choice(
    key: A,
    a: A | int,
    shape: int | tuple[int, ...] = (),
    replace: bool = True,
    p: A | None = None,
    axis: int = 0,
) -> A:
    """Elements chosen at random, with or without replacement.

    Parameters
    ----------
    key : array, shape (2,), uint32
        A key, as `accel.random.key`, `split` and `fold_in` make them. Draw from it once.
    a : array or int
        What is chosen from; a number stands for the numbers from 0 to below it.
    shape : int or tuple of ints, default ()
        How many are chosen, as a shape.
    replace : bool, default True
        Whether an element may be chosen again.
    p : array, shape (n,), real floating-point dtype, optional
        Probabilities of the n elements, or numbers in proportion to them; None makes them equal. An element of probability 0, or below, is
        not chosen, as long as there are others.
    axis : int, default 0
        Along which the elements are.

    Returns
    -------
    array, shape of a with ``shape`` in place of the axis, dtype of a (int64 for a number), device of key
        The elements.

    Raises
    ------
    UnknownArrayError
        ``key`` is not an array of a known backend; make one with `accel.random.key`.
    DTypeError, ShapeError
        ``key`` is no key or several, or a dtype or shape is not as said above.
    ArgumentError
        ``a`` is neither an array nor an int.
    AxisError
        ``axis`` is outside ``[-N, N)`` for an array of N axes.
    KeyReuseError
        Inside `accel.checked`: something was drawn from the key before.

    Notes
    -----
    Accuracy: exact, the same choice on every backend, in and out of compiled functions. With probabilities and replacement these are
    rounded to ``2**-62`` times n of the largest; without replacement the elements of the least exponential numbers divided by their
    probabilities are taken. ``jax.random.choice`` gives other elements.
    Cost: O(size) with equal probabilities, O(n + size * log(n)) with others, a sort of n numbers without replacement; no device
    synchronisation; safe under ``jax.jit`` with 64-bit types (`accel.x64`).

    References
    ----------
    P. S. Efraimidis, P. G. Spirakis, Weighted random sampling with a reservoir, Information Processing Letters 97 (2006).
    D. Lemire, Fast random integer generation in an interval, ACM Transactions on Modeling and Computer Simulation 29 (2019).

    Examples
    --------
    >>> import numpy, accel
    >>> key = accel.random.key(0, device="numpy")
    >>> accel.random.choice(key, numpy.asarray([10, 20, 30]), (4,), p=numpy.asarray([0.1, 0.6, 0.3]))
    array([20, 20, 30, 20])
    """
    data: Any = a
    whole, number = demand.lengths(shape), not hasattr(a, "dtype")
    along = 0 if number else operator.index(axis) % data.ndim
    size = operator.index(data) if number else data.shape[along]
    count = math.prod(whole)
    if count == 0:
        places: Any = xp.zeros((0,), dtype=xp.int64, device=xp.device(key))
    elif replace:
        places = randint(key, (count,), 0, size, xp.int64) if p is None else _weighted(key, p, count)
    elif p is None:
        places = _order(key, (size,), 0)[:count]
    else:
        held: Any = xp.astype(p, computing(p.dtype))
        waited = variate.waiting(bits(key, (size,), _word(held.dtype)), arithmetic.table(held.dtype))
        held = xp.where(xp.greater(held, 0.0), held, 0.0)
        never = xp.equal(held, 0.0)
        last = xp.where(never, xp.inf, arithmetic.quotient(waited, xp.where(never, 1.0, held)))
        places = xp.argsort(last, stable=True)[:count]
    if number:
        found: Any = places
    else:
        found = xp.take(data, places, axis=along)
        whole = (*data.shape[:along], *whole, *data.shape[along + 1 :])
    drawn: A = xp.reshape(found, whole)
    return drawn


def _multivariate_normal(
    key: Any, mean: Any, cov: Any, shape: Any = None, dtype: Any = None, method: Any = "cholesky"
) -> None:
    demand.secret(key)
    requirement.floating(mean=mean, cov=cov)
    requirement.dimensions(1, mean=mean)
    requirement.dimensions(2, cov=cov)
    count = mean.shape[-1]
    if tuple(cov.shape[-2:]) != (count, count):
        raise ShapeError(
            f"mean has {count} elements and cov has shape {tuple(cov.shape)}; it takes one that ends with {(count, count)}."
        )
    batch = {"mean": tuple(mean.shape[:-1]), "cov": tuple(cov.shape[:-2])}
    requirement.mutual(**batch)
    demand.extent(shape=shape)
    if shape is not None:
        for what, own in batch.items():
            ends = zip(reversed(own), reversed(demand.lengths(shape)), strict=False)
            if len(own) > len(demand.lengths(shape)) or any(n not in (1, wanted) for n, wanted in ends):
                raise ShapeError(
                    f"shape is one that the leading axes {own} of {what} broadcast to, got {shape!r}."
                )
    demand.floating(dtype)
    requirement.choice("cholesky", "eigh", method=method)


@op(
    dtypes="any",
    same="conditioned",
    requires=_multivariate_normal,
    checks=("reuse", "nan"),
    bound="(16 + 4 * n) * eps * condition * size",
)
def multivariate_normal(
    key: A,
    mean: A,
    cov: A,
    shape: int | tuple[int, ...] | None = None,
    dtype: DTypeLike | None = None,
    method: str = "cholesky",
) -> A:
    """Vectors of normal numbers with some means and covariances.

    Parameters
    ----------
    key : array, shape (2,), uint32
        A key, as `accel.random.key`, `split` and `fold_in` make them. Draw from it once.
    mean : array, shape (..., n), real floating-point dtype
        The means.
    cov : array, shape (..., n, n), real floating-point dtype
        The covariances: symmetric matrices without negative eigenvalues.
    shape : int or tuple of ints, optional
        Shape of the result without its last axis, to which the leading axes of ``mean`` and ``cov`` broadcast; None is no more than that.
    dtype : dtype, optional
        Real floating-point dtype of the result; None is that of ``mean`` and ``cov`` together.
    method : {'cholesky', 'eigh'}, default 'cholesky'
        What normal numbers are multiplied by: the factor of Cholesky, which takes positive definite matrices and gives nan or an error for
        others; or the symmetric root, which takes singular ones too, at several times the cost.

    Returns
    -------
    array, shape (*shape, n), dtype ``dtype``, device of key
        The vectors.

    Raises
    ------
    UnknownArrayError
        ``key`` is not an array of a known backend; make one with `accel.random.key`.
    DTypeError, ShapeError
        ``key`` is no key or several, or a dtype or shape is not as said above.
    ArgumentError
        ``method`` is neither of the two.
    KeyReuseError
        Inside `accel.checked`: something was drawn from the key before.

    Notes
    -----
    Accuracy: the normal numbers are the same bits on every backend; the vectors are within
    ``(16 + 4 * n) * eps * condition * size`` of the true ones, where ``condition`` is the ratio of the largest eigenvalue of ``cov`` to the
    least, and ``size`` the largest mean and the norm of the normal numbers times the root of that eigenvalue.
    Cost: O(n**3) for each matrix and O(n**2) for each vector, no device synchronisation; safe under ``jax.jit``.

    References
    ----------
    N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd edition, SIAM 2002, chapter 10.

    Examples
    --------
    >>> import numpy, accel
    >>> key = accel.random.key(0, device="numpy")
    >>> accel.random.multivariate_normal(key, numpy.zeros(2), numpy.asarray([[4.0, 1.0], [1.0, 2.0]])).shape
    (2,)
    """
    wanted = xp.result_type(mean, cov) if dtype is None else dtype
    held = computing(wanted)
    mean, cov = xp.astype(mean, held, copy=False), xp.astype(cov, held, copy=False)
    batch: Any = xp.broadcast_shapes(tuple(mean.shape[:-1]), tuple(cov.shape[:-2]))
    whole = batch if shape is None else demand.lengths(shape)
    z: Any = normal(key, (*whole, mean.shape[-1]), held)
    if method == "cholesky":
        factor = xp.linalg.cholesky(cov)
    else:
        values, vectors = xp.linalg.eigh(cov)
        roots: Any = xp.sqrt(xp.maximum(values, 0.0))
        factor = xp.matmul(xp.multiply(vectors, roots[..., None, :]), xp.matrix_transpose(vectors))
    moved: Any = xp.matmul(factor, z[..., None])
    found = xp.add(mean, moved[..., 0])
    drawn: A = xp.astype(found, wanted, copy=False)
    return drawn
