"""Generators: random numbers under the method names of `numpy.random.Generator`, on any backend."""

from __future__ import annotations

import math
import operator
import os
from threading import Lock
from typing import Any, Self

import accel as xp
import accel.random.demand as demand
import accel.random.keys as keys
import accel.random.sampling as sampling
import accel.registry as registry
from accel.composition import kept, unchecked
from accel.errors import ArgumentError, UnsupportedError
from accel.transform import compiling
from accel.typing import DeviceLike, DTypeLike

__all__ = ["Generator", "default_rng"]

MOST = 2**32
"""Numbers that a key can be folded with."""


def default_rng(seed: Any = None, *, device: DeviceLike | None = None) -> Generator:
    """Make a generator of random numbers.

    Parameters
    ----------
    seed : int, key, Generator or None, default None
        An int of 64 bits, or a key as `accel.random.key` makes it, from which nothing else is to be drawn. A generator is given back as it
        is. None takes 64 bits from the operating system.
    device : device or None, default None
        Where the numbers are made: a name (``"gpu:1"``), an `accel.Device` or a native device object. None is that of the key, or the
        default device.

    Returns
    -------
    Generator

    Raises
    ------
    ArgumentError
        ``seed`` is none of these, or ``device`` is given beside a generator.

    Examples
    --------
    >>> import accel
    >>> rng = accel.random.default_rng(42, device="numpy")
    >>> rng.integers(0, 10, size=4)
    array([6, 6, 1, 6])
    """
    if isinstance(seed, Generator):
        if device is not None:
            raise ArgumentError(
                "accel.random.default_rng got a generator and a device; a generator stays where it is: write seed=rng.spawn(1)[0].key "
                "for another one, or leave out the device."
            )
        return seed
    if seed is None:
        seed = int.from_bytes(os.urandom(8), "little")
    if hasattr(seed, "dtype") and getattr(seed, "shape", ()) != ():
        demand.secret(seed)
        return Generator(seed if device is None else xp.to_device(seed, device))
    return Generator(keys.key(seed, device=device))


class Generator:
    """Draws random numbers, each time others, with the methods of `numpy.random.Generator`.

    Draw number n comes from the key ``fold_in(key, n)``, so that a generator of one seed gives the same numbers on every backend and
    device, in whatever shapes, and two draws never have a key in common, also where several threads draw.

    A generator changes with each draw, which a compiled function cannot do: it would give the numbers of the first call for ever. Inside
    a function made by `accel.jit` or ``jax.jit`` each method raises ``UnsupportedError``; pass a key as an argument there.

    Parameters
    ----------
    key : array, shape (2,), uint32
        The key, from which nothing else is to be drawn. See `default_rng` for other seeds.

    Notes
    -----
    ``size`` is an int, a tuple of ints, or None for the shape of the parameters, which is that of a single number where these are Python
    numbers. ``dtype`` is a dtype of the kind that the method draws; None is the default one (`accel.default_dtypes`). The results are
    arrays on the device of the key. `accel.checked` lets a generator draw: its keys are never used twice.

    Examples
    --------
    >>> import accel
    >>> rng = accel.random.default_rng(0, device="numpy")
    >>> rng.normal(10.0, 2.0, size=2)
    array([13.76005979,  9.03757005])
    """

    def __init__(self, key: Any) -> None:
        if registry.owner(type(key)) is None:
            raise ArgumentError(
                f"accel.random.Generator takes a key, got {key!r}; see accel.random.default_rng."
            )
        demand.secret(key)
        self._key = key
        self._count = 0
        self._lock = Lock()
        self._refuse(key)

    def __repr__(self) -> str:
        return f"<accel.random.Generator on {xp.device(self._key)}, {self._count} draws>"

    @property
    def key(self) -> Any:
        """The key that every draw comes from."""
        return self._key

    @property
    def state(self) -> dict[str, Any]:
        """The two words of the key and the number of draws so far; may be set. Reading it waits for the device."""
        words = xp.to_numpy(self._key).tolist()
        return {"key": (int(words[0]), int(words[1])), "count": self._count}

    @state.setter
    def state(self, state: dict[str, Any]) -> None:
        try:
            (high, low), count = map(operator.index, state["key"]), operator.index(state["count"])
            key = keys.key(high << 32 | low, device=xp.device(self._key))
        except (KeyError, TypeError, ValueError) as error:
            raise ArgumentError(
                f"the state of a generator is a dict of 'key', two words, and 'count', got {state!r}."
            ) from error
        with self._lock:
            self._key, self._count = key, count

    def __getstate__(self) -> dict[str, Any]:
        return {**self.state, "device": str(xp.device(self._key))}

    def __setstate__(self, state: dict[str, Any]) -> None:
        high, low = state["key"]
        self._key = keys.key(high << 32 | low, device=state["device"])
        self._count = state["count"]
        self._lock = Lock()

    def _refuse(self, drawn: Any) -> None:
        """Refuse to draw where a compiler is watching, which would take the numbers for constants."""
        backend = registry.owner(type(drawn))
        if compiling.get() or (backend is not None and backend.traces(drawn)):
            raise UnsupportedError(
                "a generator cannot draw inside a compiled function, which would give the same numbers at each call; pass a key as an "
                "argument, as in `f(x, accel.random.fold_in(key, step))`, and draw with accel.random.normal(key, ...)."
            )

    def _next(self, count: int = 1) -> Any:
        """Give the key of the next draw, or of several."""
        with self._lock:
            if self._count + count > MOST:
                raise UnsupportedError(
                    f"a generator makes {MOST} draws; go on with rng.spawn(1)[0], or a new seed."
                )
            drawn = keys.fold_in(self._key, self._count)
            self._refuse(drawn)
            self._count += count
            return drawn

    def spawn(self, n_children: int) -> list[Self]:
        """Make generators that are independent of this one and of one another."""
        demand.extent(n_children=n_children)
        several = _split(self._next(), operator.index(n_children))
        return [type(self)(several[i]) for i in range(operator.index(n_children))]

    def random(self, size: Any = None, dtype: DTypeLike | None = None) -> Any:
        """Draw numbers from ``[0, 1)``."""
        return _drawn(sampling.uniform, self._next(), _size(size), dtype)

    def uniform(
        self, low: Any = 0.0, high: Any = 1.0, size: Any = None, dtype: DTypeLike | None = None
    ) -> Any:
        """Draw numbers from ``[low, high)``."""
        return _drawn(sampling.uniform, self._next(), _size(size, low, high), dtype, low, high)

    def standard_normal(self, size: Any = None, dtype: DTypeLike | None = None) -> Any:
        """Draw normal numbers of mean 0 and variance 1."""
        return _drawn(sampling.normal, self._next(), _size(size), dtype)

    def normal(
        self, loc: Any = 0.0, scale: Any = 1.0, size: Any = None, dtype: DTypeLike | None = None
    ) -> Any:
        """Draw normal numbers of some mean and standard deviation."""
        _not_negative(scale=scale)
        drawn = _drawn(sampling.normal, self._next(), _size(size, loc, scale), dtype)
        return _moved(drawn, loc, scale)

    def standard_exponential(self, size: Any = None, dtype: DTypeLike | None = None) -> Any:
        """Draw exponential numbers of mean 1."""
        return _drawn(sampling.exponential, self._next(), _size(size), dtype)

    def exponential(self, scale: Any = 1.0, size: Any = None, dtype: DTypeLike | None = None) -> Any:
        """Draw exponential numbers of some mean."""
        _not_negative(scale=scale)
        return _moved(_drawn(sampling.exponential, self._next(), _size(size, scale), dtype), 0.0, scale)

    def standard_gamma(self, shape: Any, size: Any = None, dtype: DTypeLike | None = None) -> Any:
        """Draw gamma numbers of some shape parameter, and of scale 1."""
        return _drawn(sampling.gamma, self._next(), shape, _size(size, shape), dtype)

    def gamma(self, shape: Any, scale: Any = 1.0, size: Any = None, dtype: DTypeLike | None = None) -> Any:
        """Draw gamma numbers of some shape parameter and scale."""
        _not_negative(scale=scale)
        drawn = _drawn(sampling.gamma, self._next(), shape, _size(size, shape, scale), dtype)
        return _moved(drawn, 0.0, scale)

    def beta(self, a: Any, b: Any, size: Any = None, dtype: DTypeLike | None = None) -> Any:
        """Draw beta numbers."""
        return _drawn(sampling.beta, self._next(), a, b, _size(size, a, b), dtype)

    def poisson(self, lam: Any = 1.0, size: Any = None, dtype: DTypeLike | None = None) -> Any:
        """Draw counts of events of which there are ``lam`` on average."""
        return _drawn(sampling.poisson, self._next(), lam, _size(size, lam), dtype)

    def integers(
        self,
        low: Any,
        high: Any = None,
        size: Any = None,
        dtype: DTypeLike | None = None,
        endpoint: bool = False,
    ) -> Any:
        """Draw whole numbers from ``[low, high)``, or from ``[0, low)``; with ``endpoint`` the last one too."""
        if high is None:
            low, high = 0, low
        if endpoint:
            high = high + 1
        if not hasattr(low, "dtype") and not hasattr(high, "dtype") and not low < high:
            raise ArgumentError(f"low is less than high, got {low!r} and {high!r}.")
        return _drawn(sampling.randint, self._next(), _size(size, low, high), low, high, dtype)

    def choice(self, a: Any, size: Any = None, replace: bool = True, p: Any = None, axis: int = 0) -> Any:
        """Choose elements, with or without replacement."""
        return _drawn(sampling.choice, self._next(), a, _size(size), replace, p, axis)

    def permutation(self, x: Any, axis: int = 0) -> Any:
        """Give the elements, or the numbers from 0 to below x, in a random order."""
        return _drawn(sampling.permutation, self._next(), x, axis)

    def permuted(self, x: Any, axis: int | None = None) -> Any:
        """Give the elements with those of each vector along an axis in an order of its own, or all of them in one order."""
        if axis is None:
            shape = tuple(x.shape)
            flat = _drawn(sampling.permutation, self._next(), xp.reshape(x, (math.prod(shape),)))
            return xp.reshape(flat, shape)
        return _drawn(sampling.permutation, self._next(), x, axis, True)

    def shuffled(self, x: Any, axis: int = 0) -> Any:
        """As `permutation`: what is given stays as it is, since not every library can write to an array."""
        return self.permutation(x, axis)

    def multivariate_normal(
        self, mean: Any, cov: Any, size: Any = None, dtype: DTypeLike | None = None, method: str = "cholesky"
    ) -> Any:
        """Draw vectors of normal numbers with some means and covariances."""
        shape = None if size is None else demand.lengths(size)
        return _drawn(sampling.multivariate_normal, self._next(), mean, cov, shape, dtype, method)


@unchecked
def _drawn(op: Any, *arguments: Any) -> Any:
    """Draw; the keys are the generator's own affair, also in checked mode."""
    return op(*arguments)


@unchecked
def _split(key: Any, count: int) -> Any:
    return keys.split(key, count)


def _size(size: Any, *parameters: Any) -> tuple[int, ...]:
    """Give the shape of a draw, by default that of its parameters."""
    if size is None:
        shapes = [tuple(each.shape) for each in parameters if hasattr(each, "dtype")]
        whole: Any = xp.broadcast_shapes(*shapes) if shapes else ()
        return tuple(whole)
    demand.extent(size=size)
    return demand.lengths(size)


def _not_negative(**values: Any) -> None:
    for name, value in values.items():
        if not hasattr(value, "dtype") and not value >= 0:
            raise ArgumentError(f"{name} is not negative, got {value!r}.")


def _moved(drawn: Any, loc: Any, scale: Any) -> Any:
    """Stretch and move standard numbers, and round twice, in the dtype of the draw."""
    dtype = drawn.dtype
    scale, loc = (xp.astype(x, dtype) if hasattr(x, "dtype") else x for x in (scale, loc))
    if hasattr(scale, "dtype") or scale != 1.0:
        drawn = kept(xp.multiply(drawn, scale))
    return xp.add(drawn, loc) if hasattr(loc, "dtype") or loc != 0.0 else drawn
