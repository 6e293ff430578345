"""Convolutions as matrix products: the windows of a few rows are copied next to one another, as much as the cache holds."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any, TypeAlias

import numpy as np
from numpy.lib.stride_tricks import as_strided

from accel.nn.window import Windows, convolved, transposed
from accel_numpy._blocks import CACHE
from accel_numpy._summation import addition

__all__ = ["conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d"]

Array: TypeAlias = Any
Block: TypeAlias = tuple[tuple[int, int], ...]
"""The first place along each axis, and the one behind the last."""

WIDE = 256
"""Columns that BLAS wants in a factor to be fast; where that is more than the cache holds, the cache gives way ..."""
ROOM = 4 * 1024 * 1024
"""... up to so many bytes."""


def _budget(rows: int, itemsize: int) -> int:
    """Give the number of columns of a factor with so many rows."""
    each = rows * itemsize
    return max(1, max(CACHE, min(WIDE * each, ROOM)) // each)


def _blocks(lengths: tuple[int, ...], most: int) -> Iterator[Block]:
    """Cut an array into runs of so many elements at most, each of which is connected."""
    sizes, left = [1] * len(lengths), most
    for axis in reversed(range(len(lengths))):
        sizes[axis] = max(1, min(lengths[axis], left))
        if sizes[axis] < lengths[axis]:
            # As even as can be: a short run costs as much of Python's time as a long one.
            sizes[axis] = -(-lengths[axis] // -(-lengths[axis] // sizes[axis]))
            break
        left //= sizes[axis]
    return product(
        *(
            [(low, min(low + step, n)) for low in range(0, n, step)]
            for n, step in zip(lengths, sizes, strict=True)
        )
    )


class _Source:
    """An array with the zeros around it, of which regions are asked for."""

    def __init__(self, x: Array, over: Windows, dtype: Any) -> None:
        self.x, self.over, self.dtype = x, over, dtype
        self.room: Array = None
        self.layout: Any = None
        self.shown: tuple[Any, Any] = None, None

    def region(self, images: slice, channels: slice, block: Block) -> Array:
        """Give the elements that lie under some windows."""
        inner: list[slice] = []
        outer: list[slice] = []
        shape = []
        for axis, (low, high) in enumerate(block):
            over = self.over
            first = low * over.stride[axis] - over.padding[axis][0]
            length = (high - low - 1) * over.stride[axis] + (over.kernel[axis] - 1) * over.dilation[axis] + 1
            start, stop = max(first, 0), min(first + length, over.spatial[axis])
            inner.append(slice(start, max(start, stop)))
            outer.append(slice(start - first, max(start, stop) - first))
            shape.append(length)
        found = self.x[(images, channels, *inner)]
        if found.shape[2:] == tuple(shape) and found.dtype == self.dtype:
            return found
        layout = (found.shape[:2], tuple(shape), tuple((s.start, s.stop) for s in outer))
        if self.room is None or layout != self.layout:
            # Zeros that are there from the last time stay.
            self.room, self.layout = np.zeros((*found.shape[:2], *shape), dtype=self.dtype), layout
        self.room[(slice(None), slice(None), *outer)] = found
        return self.room

    def under(self, images: slice, channels: slice, groups: int, block: Block) -> Array:
        """Show the elements under some windows as (groups, channels, taps ..., images, windows ...)."""
        region = self.region(images, channels, block)
        if region is self.shown[0]:
            return self.shown[1]
        first, second, *steps = region.strides
        share, over = region.shape[1] // groups, self.over
        view = as_strided(
            region,
            (groups, share, *over.kernel, region.shape[0], *(high - low for low, high in block)),
            (
                second * share,
                second,
                *(step * apart for step, apart in zip(steps, over.dilation, strict=True)),
                first,
                *(step * apart for step, apart in zip(steps, over.stride, strict=True)),
            ),
            writeable=False,
        )
        if region is self.room:
            self.shown = region, view
        return view


# The composition adds up a product for each tap, which goes through memory each time. The products are made as in im2col
# (K. Chellapilla, S. Puri, P. Simard, High performance convolutional neural networks for document processing, 2006), but in blocks.
def _convolution(
    x: Array, weight: Array, bias: Array | None, over: Windows, groups: int, out: Array | None = None
) -> Array:
    dtype = addition(x.dtype)
    count, made = x.shape[0], weight.shape[0]
    packed = out is None
    if out is None:
        out = np.empty((count, made, *over.lengths), dtype=x.dtype)
    share, rows, windows = weight.shape[1], math.prod(weight.shape[1:]), math.prod(over.lengths)
    matrices = weight.reshape(groups, made // groups, rows).astype(dtype, copy=False)
    added = None if bias is None else bias.reshape(groups, -1, 1).astype(dtype, copy=False)
    if packed and rows == share and windows >= WIDE and x.dtype == dtype and x.shape[2:] == over.lengths:
        # One tap that lies on each element: the array is the factor.
        parts = x.reshape(count, groups, rows, windows)
        to = out.reshape(count, groups, -1, windows)
        np.matmul(matrices, parts, out=to)
        if added is not None:
            to += added
        return out
    source, most = _Source(x, over, dtype), _budget(rows, dtype.itemsize)
    together = max(1, most // windows)
    some = min(groups, together)
    images = max(1, min(count, together // groups))
    whole = tuple((0, n) for n in over.lengths)
    cut = [whole] if windows <= most else list(_blocks(over.lengths, most))
    room = np.empty(some * rows * images * min(windows, most), dtype=dtype)
    small = images * x[0].nbytes <= ROOM if count else True
    every = slice(0, x.shape[1])
    shown: Array = None
    for first in range(0, count, images):
        here = slice(first, min(first + images, count))
        if small:
            shown = source.under(here, every, groups, whole)
        for group in range(0, groups, some):
            behind = min(group + some, groups)
            for block in cut:
                inside = tuple(slice(low, high) for low, high in block)
                if small:
                    view = shown[(slice(group, behind), ..., *inside)]
                else:
                    channels = slice(group * share, behind * share)
                    view = source.under(here, channels, behind - group, block)
                columns = room[: view.size].reshape(view.shape)
                columns[...] = view
                columns = columns.reshape(behind - group, rows, -1)
                place = out[(here, slice(group * made // groups, behind * made // groups), *inside)]
                shape = (behind - group, made // groups)
                alone = packed and place.shape[0] == 1 and dtype == x.dtype
                direct = place.reshape(*shape, -1, copy=False) if alone else None
                found = np.matmul(matrices[group:behind], columns, out=direct)
                if added is not None:
                    found += added[group:behind]
                if direct is None:
                    found = np.moveaxis(found.reshape(*shape, *view.shape[2 + len(over.kernel) :]), 2, 0)
                    place.reshape(found.shape, copy=False)[...] = found
    return out


def conv1d(
    x: Any,
    weight: Any,
    /,
    bias: Any = None,
    *,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Any:
    over = convolved(x.shape[2:], weight.shape[2:], stride=stride, padding=padding, dilation=dilation)
    return _convolution(x, weight, bias, over, groups)


conv2d = conv3d = conv1d


@dataclass(frozen=True)
class _Phase:
    """Those elements of the result, along one axis, that the same taps of the kernel come to lie on.

    Attributes
    ----------
    place : slice
        The elements.
    taps : slice
        The taps.
    dilation, before, count : int
        They make a convolution with a stride of 1: how far its taps lie apart, where the first lies before the axis, and how many
        windows there are.
    """

    place: slice
    taps: slice
    dilation: int
    before: int
    count: int


def _phases(over: Windows, axis: int) -> Iterator[_Phase]:
    step, apart = over.stride[axis], over.dilation[axis]
    before, length = over.padding[axis][0], over.spatial[axis]
    every = step // math.gcd(step, apart)
    for phase in range(min(step, length)):
        rest = (phase + before) % step
        first = next((tap for tap in range(every) if tap * apart % step == rest), over.kernel[axis])
        taps = len(range(first, over.kernel[axis], every))
        # Element ``phase`` gets the product of tap ``first`` with this element of the argument, and of later taps with earlier ones.
        at = (phase + before - first * apart) // step
        dilation = every * apart // step
        yield _Phase(
            slice(phase, None, step),
            slice(first, None, every),
            dilation,
            (taps - 1) * dilation - at,
            -(-(length - phase) // step),
        )


# The composition spreads the elements over zeros, with which it multiplies. Here each phase of the result is a convolution of its own.
def _transposition(x: Array, weight: Array, bias: Array | None, over: Windows, groups: int) -> Array:
    share = weight.shape[1]
    out: Array = np.empty((x.shape[0], groups * share, *over.spatial), dtype=x.dtype)
    turned = weight.reshape(groups, -1, share, *over.kernel).swapaxes(1, 2)
    turned = turned.reshape(groups * share, -1, *over.kernel)
    axes = range(len(over.kernel))
    for phases in product(*(_phases(over, axis) for axis in axes)):
        place = out[(..., *(each.place for each in phases))]
        kernel = turned[(..., *(each.taps for each in phases))]
        if not kernel.size:
            place[...] = 0 if bias is None else bias.reshape(-1, *(1,) * len(axes))
            continue
        windows = Windows(
            over.lengths,
            kernel.shape[2:],
            (1,) * len(axes),
            tuple(each.dilation for each in phases),
            tuple((each.before, 0) for each in phases),
            tuple(each.count for each in phases),
        )
        _convolution(x, np.flip(kernel, axis=tuple(range(2, kernel.ndim))), bias, windows, groups, place)
    return out


def conv_transpose1d(
    x: Any,
    weight: Any,
    /,
    bias: Any = None,
    *,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Any:
    over = transposed(
        x.shape[2:],
        weight.shape[2:],
        stride=stride,
        padding=padding,
        output_padding=output_padding,
        dilation=dilation,
    )
    return _transposition(x, weight, bias, over, groups)


conv_transpose2d = conv_transpose3d = conv_transpose1d
