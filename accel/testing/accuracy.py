"""Accuracy: how far a row's results are from the true values, at worst and on average."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

import mpmath
import numpy as np
import numpy.typing as npt

import accel
import accel.extra
import accel.fft
import accel.nn
import accel.registry as registry
import accel.testing.domains as domains
from accel.dispatch import specs
from accel.testing.domains import BINARY, REAL, UNARY
from accel.testing.oracle import FORMATS, PARTS, error, error_of, exact, format_of
from accel.testing.rows import Row, dispatched, rows

Array: TypeAlias = npt.NDArray[Any]

assert callable(accel.add), "the chapters load with the first op"

__all__ = ["Accuracy", "cells", "measure"]


@dataclass(frozen=True)
class Accuracy:
    """How close one function of one row comes to the true values.

    Attributes
    ----------
    op, dtype, row : str
        What was measured: names of the function, of the dtype of its arguments, and of the row.
    points : int
        At how many points.
    max_ulp, mean_ulp : float
        Largest and mean error, as `accel.testing.oracle` defines it: in ulp, for complex dtypes in eps of the magnitude.
    promise : float or None
        The spec's bound of the error; None for complex dtypes, whose last digits are left open.
    worst : tuple of float or complex
        The arguments with the largest error.
    got : float or complex
        The result there.
    truth : str
        The true value there, to 25 digits.
    curve : tuple of (float, float)
        The worst argument and its error in each of up to 128 parts of the points, in the order of the first argument; the magnitude
        of that for complex dtypes.
    """

    op: str
    dtype: str
    row: str
    points: int
    max_ulp: float
    mean_ulp: float
    promise: float | None
    worst: tuple[complex, ...]
    got: complex
    truth: str
    curve: tuple[tuple[float, float], ...]

    @property
    def kept(self) -> bool:
        """Whether the promise is kept."""
        return self.promise is None or self.max_ulp <= self.promise


ANALYTIC = tuple(op for op in UNARY if op not in REAL)
"""Bounded functions of one argument that take complex ones, too."""

SERIES = ("fft.fftfreq", "fft.rfftfreq", "linspace")
"""Bounded functions that make arrays of numbers."""


def cells(*, complex: bool = False) -> tuple[tuple[str, str], ...]:
    """List what can be measured: the name of each bounded function, with each dtype of its arguments.

    Parameters
    ----------
    complex : bool, optional
        Whether to list the complex dtypes, too, for which there is no promise; without pow, whose complex error depends on the exponent.

    Returns
    -------
    tuple of (str, str)
        Names for `measure`; a backend may lack ``"bfloat16"``.
    """
    more = tuple(PARTS) if complex else ()
    pairs = [
        (op, dtype) for op in (*UNARY, *BINARY) for dtype in (*FORMATS, *(more if op in ANALYTIC else ()))
    ]
    return (*pairs, *((op, dtype) for op in SERIES for dtype in ("float32", "float64")))


def row_of(name: str) -> Row:
    """Give the row of a name; the name of a backend means the backend as it is."""
    for row in rows():
        if row.name == name:
            return row
    if name in registry.names():
        return Row(name, name)
    known = ", ".join(sorted({*registry.names(), *(row.name for row in rows())}))
    raise accel.AccelError(f"there is no row {name!r} to measure; known: {known}.")


def measure(op: str, dtype: str, row: Row | str, *, points: int = 20000, seed: int = 0) -> Accuracy:
    """Measure one function of one row over its whole domain.

    Parameters
    ----------
    op : str
        Name of a bounded function of real numbers.
    dtype : str
        Name of a floating-point dtype.
    row : Row or str
        Where; ``"jax"`` is JAX as it is, ``"jax-jit"`` compiled.
    points : int, optional
        At how many points. Functions of one argument take every number of a 16-bit dtype; complex dtypes, for which there is no fast
        oracle, a tenth.
    seed : int, optional
        What the points depend on.

    Returns
    -------
    Accuracy
        Errors, the worst argument, and the curve of the error over the domain.

    Raises
    ------
    AccelError
        There is no such row, or its backend cannot be used.

    Examples
    --------
    >>> from accel.testing.accuracy import measure
    >>> found = measure("sin", "float32", "numpy", points=2000)
    >>> found.max_ulp <= found.promise
    True
    """
    where = row_of(row) if isinstance(row, str) else row
    if op in SERIES:
        return _measure_series(op, dtype, where, points, seed)
    args = domains.points(op, dtype, points // 10 if dtype in PARTS else points, seed=seed)
    got = results(op, args, where)
    errors = error(op, dtype, args, got)
    order = np.argsort(errors)
    # The fast oracle's candidates for the worst, by mpmath.
    candidates = [
        (error_of(op, dtype, _at(args, index), got[index].item()), index) for index in order[-8:].tolist()
    ]
    most, index = max(candidates)
    worst = _at(args, index)
    with mpmath.workprec(200):
        truth = str(mpmath.nstr(exact(op, *worst), 25))
    promise = None if dtype in PARTS else float(specs[op].ulp)
    counted = errors[np.isfinite(errors)]
    return Accuracy(
        op, dtype, where.name, int(errors.size), most, float(np.mean(counted)) if counted.size else most, promise, worst,
        _number(got[index]), truth, _curve(args[0], errors),
    )  # fmt: skip


def results(op: str, args: tuple[Array, ...], row: Row) -> Array:
    """Call a function on a row, and give its results on the host."""
    if not row.runs(specs[op]):
        raise accel.UnsupportedError(f"the row {row.name} does not run {op}.")
    with np.errstate(all="ignore"):
        got = row.call(specs[op], tuple(row.put(x) for x in args), {})
    host: Array = np.asarray(accel.to_numpy(got))
    assert host.shape == args[0].shape, f"{op} gave shape {host.shape} for {args[0].shape}"
    assert host.dtype.name == _result(op, args[0].dtype.name), f"{op} gave {host.dtype} for {args[0].dtype}"
    return host


def _result(op: str, dtype: str) -> str:
    return PARTS.get(dtype, dtype) if op == "abs" else dtype


def _number(x: Any) -> complex:
    return complex(x) if np.asarray(x).dtype.kind == "c" else float(x)


def _at(args: tuple[Array, ...], index: int) -> tuple[complex, ...]:
    return tuple(_number(x[index]) for x in args)


def _curve(x: Array, errors: Array) -> tuple[tuple[float, float], ...]:
    place = np.abs(x).astype(np.float64) if x.dtype.kind == "c" else x.astype(np.float64)
    order = np.argsort(place, kind="stable")
    found = []
    for part in np.array_split(order, min(128, max(1, order.size))):
        if part.size:
            top = part[np.argmax(errors[part])]
            found.append((float(place[top]), float(errors[top])))
    return tuple(found)


def _calls(op: str, count: int, seed: int) -> Iterator[tuple[Any, ...]]:
    """Draw the arguments of a function that makes a series, until there are enough numbers."""
    rng = np.random.default_rng(seed)
    made = 0
    while made < count:
        size = int(rng.integers(1, 400))
        made += size
        if op == "linspace":
            exponent = rng.uniform(-20, 20)
            ends = rng.uniform(-1, 1, 2) * 2.0**exponent * [1, 2.0 ** rng.uniform(-8, 8)]
            yield (*(float(x) for x in ends), size)
        else:
            yield size, float(rng.choice([1.0, 0.1, 3.0, 1e-3, -0.7, 1 / 44100, rng.uniform(0.01, 100)]))


def _series_truth(op: str, args: tuple[Any, ...]) -> tuple[list[Fraction], Fraction]:
    """Give the exact numbers of a series, and what their ulp is that of at least."""
    if op == "linspace":
        start, stop, count = Fraction(args[0]), Fraction(args[1]), args[2]
        step = (stop - start) / (count - 1) if count > 1 else Fraction(0)
        return [start + k * step for k in range(count)], max(abs(start), abs(stop))
    count, spacing = args[0], Fraction(args[1])
    order = (
        range(count // 2 + 1)
        if op == "fft.rfftfreq"
        else [*range((count + 1) // 2), *range(-(count // 2), 0)]
    )
    return [k / (count * spacing) for k in order], Fraction(0)


def _measure_series(op: str, dtype: str, row: Row, count: int, seed: int) -> Accuracy:
    form = format_of(dtype)
    found: list[tuple[float, tuple[Any, ...], float, Fraction]] = []
    errors: list[float] = []
    with accel.use_device(row.device):
        for args in _calls(op, count, seed):
            given = {} if op == "linspace" else {"d": args[1]}
            made = dispatched(specs[op])(*args[: 3 - len(given) * 2], **given, dtype=getattr(accel, dtype))
            got = np.asarray(accel.to_numpy(made)).astype(np.float64).tolist()
            truth, least = _series_truth(op, args)
            here = [_ulps(form, a, least, b) for a, b in zip(truth, got, strict=True)]
            errors += here
            top = int(np.argmax(here))
            found.append((here[top], args, got[top], truth[top]))
    most, worst, there, value = max(found, key=lambda each: each[0])
    shown = str(mpmath.nstr(mpmath.mpf(value.numerator) / value.denominator, 25))
    curve = tuple(sorted((float(truth), apart) for apart, _, _, truth in found))
    mean, promise = float(np.mean(errors)), float(specs[op].ulp)
    return Accuracy(
        op, dtype, row.name, len(errors), most, mean, promise, worst, there, shown, curve
    )  # fmt: skip


def _ulps(form: Any, value: Fraction, least: Fraction, got: float) -> float:
    if not np.isfinite(got):
        return float("inf")
    size = max(abs(value), least)
    exponent = max(_exponent(size), form.low) if size else form.low
    return float(abs(Fraction(got) - value) / Fraction(2) ** (exponent - form.digits + 1))


def _exponent(x: Fraction) -> int:
    """Give the largest e with 2**e <= x."""
    guess = x.numerator.bit_length() - x.denominator.bit_length()
    return guess if x >= Fraction(2) ** guess else guess - 1
