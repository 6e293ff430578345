"""Resampling: arrays made larger or smaller along their spatial axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import accel as xp
import accel.nn.window as window
import accel.requirement as requirement
from accel.dispatch import op
from accel.dtype import name_of
from accel.errors import ArgumentError, ShapeError
from accel.typing import A

__all__ = ["interpolate"]

Lengths = tuple[tuple[int, float | None], ...]

LINEAR = {"linear": 1, "bilinear": 2, "trilinear": 3}
"""Modes that weigh neighbours -> the number of axes they are about."""


@dataclass(frozen=True)
class Sample:
    """What the elements along one axis of the result are made of.

    Attributes
    ----------
    lower, upper : tuple of int
        The neighbours on both sides of each sample, which may be one element.
    share : tuple of float
        How much of the upper one there is in it, from 0 to 1.
    """

    lower: tuple[int, ...]
    upper: tuple[int, ...]
    share: tuple[float, ...]


@lru_cache(maxsize=256)
def nearest(length: int, count: int, scale: float | None) -> tuple[int, ...]:
    """Give the element that each sample of an axis is."""
    step = Fraction(length, count) if scale is None else 1 / Fraction(scale)
    return tuple(min(math.floor(at * step), length - 1) for at in range(count))


@lru_cache(maxsize=256)
def linear(length: int, count: int, scale: float | None, align_corners: bool) -> Sample:
    """Give the neighbours of the samples of an axis and their shares, each rounded once from the exact one."""
    if align_corners:
        step, shift = Fraction(length - 1, max(count - 1, 1)), Fraction(0)
    else:
        step = Fraction(length, count) if scale is None else 1 / Fraction(scale)
        shift = (step - 1) / 2
    lower, upper, share = [], [], []
    for at in range(count):
        place = max(at * step + shift, Fraction(0))
        low = min(math.floor(place), length - 1)
        lower.append(low)
        upper.append(min(low + 1, length - 1))
        share.append(float(min(place - low, Fraction(1))))
    return Sample(tuple(lower), tuple(upper), tuple(share))


def lengths(spatial: Any, size: Any, scale_factor: Any) -> Lengths:
    """Give the length of each axis of the result, and the factor where one was given."""
    return _lengths(tuple(spatial), _hashable(size), _hashable(scale_factor))


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


@lru_cache(maxsize=512, typed=True)
def _lengths(spatial: tuple[int, ...], size: Any, scale_factor: Any) -> Lengths:
    count = len(spatial)
    if (size is None) == (scale_factor is None):
        raise ArgumentError("One of size and scale_factor is given, and the other left out.")
    if 0 in spatial:
        raise ShapeError(f"The axes behind the first two have an element at least, got lengths {spatial}.")
    if size is not None:
        requirement.sizes(count, 1, size=size)
        return tuple((n, None) for n in window.several(count, size))
    factors = scale_factor if isinstance(scale_factor, tuple) else (scale_factor,) * count
    if len(factors) != count:
        raise ArgumentError(f"scale_factor is one number or {count} of them, got {scale_factor!r}.")
    found = []
    for axis, (length, factor) in enumerate(zip(spatial, factors, strict=True), start=2):
        if hasattr(factor, "dtype"):
            raise ArgumentError("scale_factor is a Python number or a tuple of them, got an array.")
        requirement.number(0, 2.0**31, closed="right", scale_factor=factor)
        longer = math.floor(length * Fraction(factor))
        if longer < 1:
            raise ShapeError(
                f"scale_factor={scale_factor!r} leaves nothing of axis {axis}, which has length {length}."
            )
        found.append((longer, float(factor)))
    return tuple(found)


def _resizable(
    x: Any, *, size: Any = None, scale_factor: Any = None, mode: Any = "nearest", align_corners: Any = False
) -> None:
    requirement.floating(x=x)
    requirement.dimensions(3, 5, x=x)
    requirement.flag(align_corners=align_corners)
    requirement.choice("nearest", *LINEAR, mode=mode)
    count = x.ndim - 2
    if LINEAR.get(mode, count) != count:
        named = next(word for word, axes in LINEAR.items() if axes == count)
        raise ArgumentError(
            f"mode={mode!r} is about {LINEAR[mode]} axes behind the first two, and x has {count}; write {named!r}."
        )
    if align_corners and mode == "nearest":
        raise ArgumentError("align_corners is about the modes that weigh neighbours, not about 'nearest'.")
    lengths(x.shape[2:], size, scale_factor)


@op(
    dtypes="real floating-point",
    same="conditioned",
    bound="8 * eps * interpolate(abs(x))",
    requires=_resizable,
    checks=("nan",),
)
def interpolate(
    x: A,
    /,
    *,
    size: int | Sequence[int] | None = None,
    scale_factor: float | Sequence[float] | None = None,
    mode: str = "nearest",
    align_corners: bool = False,
) -> A:
    """Samples of an array at other places than its elements, to make its spatial axes longer or shorter.

    Parameters
    ----------
    x : array, shape (N, C, ...) with 1 to 3 spatial axes, real floating-point dtype
        N arrays of C channels.
    size : int or tuple of ints, optional
        Lengths of the spatial axes of the result.
    scale_factor : float or tuple of floats, optional
        What the lengths are multiplied by, instead of ``size``; the results are rounded down. An axis whose length stays is left as
        it is.
    mode : {"nearest", "linear", "bilinear", "trilinear"}, default "nearest"
        Whether a sample is the element at or before its place, or the mean of its neighbours along 1, 2 or 3 axes, weighed by how
        near they are.
    align_corners : bool, default False
        Whether the first and last samples of an axis are its first and last elements. Otherwise elements are taken as intervals of
        equal lengths, samples too, and the centres of samples are weighed; before the first centre lies the first element.

    Returns
    -------
    array, shape (N, C, ...), dtype of x, device of x
        The samples.

    Raises
    ------
    UnknownArrayError
        ``x`` is not an array of a known backend; lists are refused, see `accel.asarray`.
    DTypeError
        ``x`` is not of a real floating-point dtype.
    ShapeError
        ``x`` has not 3 to 5 dimensions or no element along a spatial axis, or the result would have none.
    ArgumentError
        ``mode`` is unknown or about another number of axes, ``align_corners`` does not go with it, or not just one of ``size`` and
        ``scale_factor`` is given, in as many numbers as there are axes.

    Notes
    -----
    Accuracy: "nearest" is exact; the others are within ``8 * eps * interpolate(abs(x))`` of the true result. 16-bit dtypes are
    computed in float32 and rounded once. There is no filter against aliasing where axes become shorter.
    Cost: O(size of the result), no device synchronisation; safe under ``jax.jit``.

    Settled by accel::

        nn.interpolate(floats([[[1.0, 3.0]]]), size=4) -> floats([[[1.0, 1.0, 3.0, 3.0]]])  # nearest repeats
        nn.interpolate(floats([[[1.0, 3.0]]]), size=4, mode="linear") -> floats([[[1.0, 1.5, 2.5, 3.0]]])  # centres
        nn.interpolate(floats([[[1.0, 3.0]]]), size=3, mode="linear", align_corners=True) -> floats([[[1.0, 2.0, 3.0]]])  # corners

    References
    ----------
    R. G. Keys, Cubic convolution interpolation for digital image processing, IEEE Trans. ASSP 29 (1981), whose section I has the
    nearest-neighbour and linear kernels.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.nn.interpolate(numpy.asarray([[[1.0, 2.0]]]), scale_factor=2, mode="linear")
    array([[[1.  , 1.25, 1.75, 2.  ]]])
    """
    wanted = lengths(x.shape[2:], size, scale_factor)
    dtype, place = x.dtype, xp.device(x)
    if mode != "nearest" and name_of(dtype) in ("float16", "bfloat16"):
        x = xp.astype(x, xp.float32)
    for axis, (count, scale) in enumerate(wanted, start=2):
        length = x.shape[axis]
        if count == length:
            continue
        if mode == "nearest":
            chosen = list(nearest(length, count, scale))
            x = xp.take(x, xp.asarray(chosen, dtype=xp.int32, device=place), axis=axis)
            continue
        sample = linear(length, count, scale, align_corners)
        lower, upper = (
            xp.take(x, xp.asarray(list(each), dtype=xp.int32, device=place), axis=axis)
            for each in (sample.lower, sample.upper)
        )
        shape = (-1, *(1,) * (x.ndim - axis - 1))
        above = xp.reshape(xp.asarray(list(sample.share), dtype=x.dtype, device=place), shape)
        x = xp.add(xp.multiply(lower, xp.subtract(1.0, above)), xp.multiply(upper, above))
    return xp.astype(x, dtype, copy=False)
