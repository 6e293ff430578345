"""Losses, block by block: of scores and differences there is never more than a block beside the arguments and the result."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from numpy.lib.array_utils import normalize_axis_index

from accel.dispatch import specs
from accel_numpy._blocks import scratch
from accel_numpy._summation import addition
from accel_numpy.nn._activation import BLOCK
from accel_numpy.nn._probability import added, largest, rooms, totals

__all__ = [
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "huber_loss",
    "kl_div",
    "mae_loss",
    "mse_loss",
]

Array: TypeAlias = npt.NDArray[Any]
Kernel: TypeAlias = Callable[[Array, Array, Array, Array], None]


def reduced(terms: Array, reduction: str, count: Any, shape: tuple[int, ...], dtype: Any) -> Array:
    """Give the terms, or their sum or mean."""
    if reduction == "none":
        return terms.reshape(shape).astype(dtype, copy=False)
    total = np.add.reduce(terms, axis=None)
    with np.errstate(all="ignore"):
        return np.asarray(total if reduction == "sum" else total / terms.dtype.type(count)).astype(dtype)


# The composition makes several arrays of the size of the scores. Weights beside probabilities or smoothing are left to it: in a sum of
# all classes a class without weight must not count, not even an infinity of it.
def cross_entropy(
    x: Any,
    target: Any,
    /,
    *,
    axis: int = -1,
    weight: Any = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    labelled = target.dtype.kind in "iu"
    if weight is not None and not (labelled and label_smoothing == 0):
        return specs["nn.cross_entropy"].function(
            x,
            target,
            axis=axis,
            weight=weight,
            ignore_index=ignore_index,
            reduction=reduction,
            label_smoothing=label_smoothing,
        )
    x = np.asarray(x)
    along = normalize_axis_index(axis, x.ndim)
    rest = (*x.shape[:along], *x.shape[along + 1 :])
    shape: tuple[int, ...] = math.prod(x.shape[:along]), x.shape[along], math.prod(x.shape[along + 1 :])
    shape = shape if shape[2] != 1 else shape[:2]
    lines, work = x.reshape(shape), addition(x.dtype)
    with np.errstate(all="ignore"):
        if not labelled:
            terms = _mixed(lines, target.reshape(shape), label_smoothing, work)
            return reduced(terms, reduction, terms.size, rest, x.dtype)
        labels = target.reshape(shape[0], 1, *shape[2:])
        counted = np.not_equal(labels, ignore_index)
        inside = np.logical_and(np.greater_equal(labels, 0), np.less(labels, shape[1]))
        places = np.where(np.logical_and(counted, inside), labels, 0)
        terms = _single(lines, places, label_smoothing, work)
        owned: Any = np.count_nonzero(counted)
        if weight is not None:
            shares = np.where(counted, weight.astype(work)[places], work.type(0))
            np.copyto(terms, 0, where=np.logical_and(np.isinf(terms), np.equal(shares, 0)))
            terms *= shares
            owned = np.add.reduce(shares, axis=None)
        terms[~inside] = np.nan
        terms[~counted] = 0
    return reduced(terms, reduction, owned, rest, x.dtype)


def _single(lines: Array, places: Array, smoothing: float, work: np.dtype[Any]) -> Array:
    """Give the loss of each row at the label that it has."""
    top, total = np.empty((2, *places.shape), dtype=work)
    spread = np.empty(places.shape, dtype=work) if smoothing else None
    for place, (room,) in rooms(lines.shape, work, True):
        at = place[0], slice(None), *place[2:]
        top[at], total[at] = _summed(lines[place], room, None if spread is None else spread[at])
    np.log(total, out=total)
    found = np.take_along_axis(lines, places, axis=1).astype(work)
    found -= top
    np.subtract(total, found, out=found)
    if spread is not None:
        classes = lines.shape[1]
        total *= classes
        total -= spread
        found = np.zeros_like(found) if smoothing == 1 else found * work.type(1 - smoothing)
        found += total * work.type(smoothing / classes)
    return found


def _summed(x: Array, room: Array, spread: Array | None) -> tuple[Array, Array]:
    """Give of some rows the largest score, and the sum of the exponentials of all less that one; and the sum of those differences."""
    if x.dtype != room.dtype:
        room[...] = x
        x = room
    top = largest(x)
    np.subtract(x, top, out=room)
    if spread is not None:
        spread[...] = added(room)
    return top, totals(np.exp(room, out=room))


def _mixed(lines: Array, wanted: Array, smoothing: float, work: np.dtype[Any]) -> Array:
    """Give the loss of each row for the probabilities that it has."""
    terms = np.empty((lines.shape[0], 1, *lines.shape[2:]), dtype=work)
    for place, (scores, room) in rooms(lines.shape, work, True, True):
        scores[...] = lines[place]
        scores -= largest(scores)
        total = totals(np.exp(scores, out=room))
        np.log(total, out=total)
        np.subtract(total, scores, out=scores)
        shares = room
        shares[...] = wanted[place]
        if smoothing:
            shares *= work.type(1 - smoothing)
            shares += work.type(smoothing / lines.shape[1])
        lost = np.isinf(scores)
        if lost.any():
            np.copyto(scores, 0, where=np.logical_and(lost, np.equal(shares, 0), out=lost))
        scores *= shares
        terms[place[0], :, *place[2:]] = added(scores)
    return terms


def _pairs(kernel: Kernel, x: Any, target: Any, reduction: str, rows: int, count: int | None = None) -> Array:
    """Run a kernel, which gets blocks of both arguments, scratch, and where to write the terms, and bring the terms together."""
    x, target = np.asarray(x), np.asarray(target)
    one, two = x.reshape(-1), target.reshape(-1)
    work = addition(x.dtype)
    wide = work == x.dtype
    step = BLOCK // work.itemsize
    room = scratch(rows + 3, min(x.size, step), work)
    out: Any = np.empty_like(one) if reduction == "none" else None
    sums = []
    with np.errstate(all="ignore"):
        for start in range(0, x.size, step):
            a, b = one[start : start + step], two[start : start + step]
            here = room[:, : a.size]
            if not wide:
                here[-2], here[-3] = a, b
                a, b = here[-2], here[-3]
            terms = here[-1] if out is None or not wide else out[start : start + step]
            kernel(a, b, here, terms)
            if out is None:
                sums.append(np.add.reduce(terms))
            elif not wide:
                out[start : start + step] = terms
        if out is not None:
            whole: Array = out.reshape(x.shape)
            return whole
        parts = np.asarray(sums, dtype=work)
        return reduced(parts, reduction, x.size if count is None else count, (), x.dtype)


def _squares(x: Array, target: Array, s: Array, out: Array) -> None:
    np.subtract(x, target, out=out)
    np.square(out, out=out)


def _magnitudes(x: Array, target: Array, s: Array, out: Array) -> None:
    np.subtract(x, target, out=out)
    np.abs(out, out=out)


def _bent(x: Array, target: Array, s: Array, out: Array, delta: float) -> None:
    near = s[0]
    _magnitudes(x, target, s, out)
    np.minimum(out, delta, out=near)
    out -= near
    out *= delta
    np.square(near, out=near)
    near *= 0.5
    out += near


def _divergence(x: Array, target: Array, s: Array, out: Array, logarithms: bool) -> None:
    shares = target
    if logarithms:
        shares = np.exp(target, out=s[0])
        np.subtract(target, x, out=out)
    else:
        np.log(target, out=out)
        out -= x
    out *= shares
    lost = np.isnan(out)
    if lost.any():
        # What has no share adds nothing, whatever its logarithm.
        lost &= np.equal(shares, 0) & ~np.isnan(x) & ~np.isnan(target)
        np.copyto(out, 0, where=lost)


def _certainty(x: Array, target: Array, s: Array, out: Array) -> None:
    rest, side = s[:2]
    np.abs(x, out=rest)
    np.negative(rest, out=rest)
    np.exp(rest, out=rest)
    np.log1p(rest, out=rest)
    np.maximum(x, 0, out=side)
    side += rest
    np.subtract(1, target, out=out)
    out *= side
    np.minimum(x, 0, out=side)
    np.subtract(rest, side, out=side)
    side *= target
    out += side
    lost = np.isnan(out)
    if lost.any():
        # What is certain and right adds nothing, though its other side is infinite.
        right = np.where(np.greater(x, 0), np.equal(target, 1), np.equal(target, 0))
        np.copyto(out, 0, where=lost & np.isinf(x) & right)


# The compositions make a new array for each step.
def mse_loss(x: Any, target: Any, /, *, reduction: str = "mean") -> Any:
    return _pairs(_squares, x, target, reduction, 0)


def mae_loss(x: Any, target: Any, /, *, reduction: str = "mean") -> Any:
    return _pairs(_magnitudes, x, target, reduction, 0)


def huber_loss(x: Any, target: Any, /, *, delta: float = 1.0, reduction: str = "mean") -> Any:
    return _pairs(partial(_bent, delta=delta), x, target, reduction, 1)


def kl_div(x: Any, target: Any, /, *, log_target: bool = False, reduction: str = "mean") -> Any:
    count = x.shape[0] if reduction == "batchmean" else None
    return _pairs(partial(_divergence, logarithms=log_target), x, target, reduction, 1, count)


# As the others. Weights are left to the composition.
def binary_cross_entropy_with_logits(
    x: Any, target: Any, /, *, weight: Any = None, pos_weight: Any = None, reduction: str = "mean"
) -> Any:
    if weight is None and pos_weight is None:
        return _pairs(_certainty, x, target, reduction, 2)
    whole = specs["nn.binary_cross_entropy_with_logits"].function
    return whole(x, target, weight=weight, pos_weight=pos_weight, reduction=reduction)
