"""Convolutions as matrix products: the windows of a few rows are copied next to one another, as much as the cache holds."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import as_strided

from accel.nn.window import Windows, convolved, transposed
from accel_numpy._blocks import CACHE
from accel_numpy._summation import addition

__all__ = ["conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d"]

Array: TypeAlias = npt.NDArray[Any]
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
        self.room: Array | None = None
        self.layout: Any = None

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


def _under(region: Array, groups: int, block: Block, over: Windows) -> Array:
    """Show a region as (groups, channels, taps ..., images, windows ...)."""
    images, channels, *steps = region.strides
    share = region.shape[1] // groups
    return as_strided(
        region,
        (groups, share, *over.kernel, region.shape[0], *(high - low for low, high in block)),
        (
            channels * share,
            channels,
            *(step * apart for step, apart in zip(steps, over.dilation, strict=True)),
            images,
            *(step * apart for step, apart in zip(steps, over.stride, strict=True)),
        ),
        writeable=False,
    )


# The composition adds up a product for each tap, which goes through memory each time. The products are made as in im2col
# (K. Chellapilla, S. Puri, P. Simard, High performance convolutional neural networks for document processing, 2006), but in blocks.
def _convolution(x: Array, weight: Array, bias: Array | None, over: Windows, groups: int) -> Array:
    dtype = addition(x.dtype)
    count, made = x.shape[0], weight.shape[0]
    out = np.empty((count, made, *over.lengths), dtype=x.dtype)
    rows, windows = math.prod(weight.shape[1:]), math.prod(over.lengths)
    matrices = weight.reshape(groups, made // groups, rows).astype(dtype, copy=False)
    added = None if bias is None else bias.reshape(groups, -1, 1).astype(dtype, copy=False)
    if rows == weight.shape[1] and windows >= WIDE and x.dtype == dtype and x.shape[2:] == over.lengths:
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
    share = weight.shape[1]
    for first in range(0, count, images):
        here = slice(first, min(first + images, count))
        for group in range(0, groups, some):
            behind = min(group + some, groups)
            for block in cut:
                region = source.region(here, slice(group * share, behind * share), block)
                view = _under(region, behind - group, block, over)
                columns = room[: view.size].reshape(view.shape)
                columns[...] = view
                columns = columns.reshape(behind - group, rows, -1)
                inside = tuple(slice(low, high) for low, high in block)
                place = out[(here, slice(group * made // groups, behind * made // groups), *inside)]
                alone = place.shape[0] == 1 and dtype == x.dtype
                direct = place.reshape(behind - group, made // groups, -1) if alone else None
                found = np.matmul(matrices[group:behind], columns, out=direct)
                if added is not None:
                    found += added[group:behind]
                if direct is None:
                    shape = (behind - group, made // groups, *view.shape[2 + len(over.kernel) :])
                    found = np.moveaxis(found.reshape(shape), 2, 0)
                    place[...] = found.reshape(place.shape)
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


# The composition spreads the elements over zeros, with which it multiplies. Here the products are made of the elements alone, and
# those for each tap added where they belong.
def _transposition(x: Array, weight: Array, bias: Array | None, over: Windows, groups: int) -> Array:
    dtype = addition(x.dtype)
    count, share = x.shape[0], weight.shape[1]
    taps, places = math.prod(over.kernel), math.prod(over.lengths)
    shape = (count, groups * share, *over.spatial)
    out = np.empty(shape, dtype=x.dtype)
    matrices = np.ascontiguousarray(np.swapaxes(weight.reshape(groups, -1, share * taps), 1, 2), dtype=dtype)
    inside = [tuple(over.inside(axis, each) for axis, each in enumerate(tap)) for tap in over.taps()]
    most = _budget(share * taps, dtype.itemsize)
    images = max(1, min(count, most // places))
    cut = list(_blocks(over.lengths, most))
    for first in range(0, count, images):
        here = slice(first, min(first + images, count))
        to = out[here] if dtype == x.dtype else np.empty(out[here].shape, dtype=dtype)
        to[...] = 0 if bias is None else bias.reshape(-1, *(1,) * len(over.kernel))
        parts = to.reshape(len(to), groups, share, *over.spatial)
        for group in range(groups):
            channels = slice(group * x.shape[1] // groups, (group + 1) * x.shape[1] // groups)
            for block in cut:
                own = x[(here, channels, *(slice(low, high) for low, high in block))]
                lengths = own.shape[2:]
                own = own.reshape(len(own), own.shape[1], -1).astype(dtype, copy=False)
                products = np.matmul(matrices[group], own)
                products = products.reshape(len(own), share, taps, *lengths)
                for tap, pair in enumerate(inside):
                    fitting = [_common(*each, *limits) for each, limits in zip(pair, block, strict=True)]
                    if any(low.start == low.stop for low, _ in fitting):
                        continue
                    taken = products[(slice(None), slice(None), tap, *(low for low, _ in fitting))]
                    place = parts[(slice(None), group, slice(None), *(where for _, where in fitting))]
                    place += taken
        if to.dtype != out.dtype:
            out[here] = to
    return out


def _common(windows: slice, elements: slice, low: int, high: int) -> tuple[slice, slice]:
    """Cut what one tap of some windows lies on to the windows of a block, counted from its first."""
    start, stop = max(windows.start, low), min(windows.stop, high)
    if stop <= start:
        return slice(0, 0), slice(0, 0)
    step = elements.step or 1
    first = elements.start + (start - windows.start) * step
    return slice(start - low, stop - low), slice(first, first + (stop - start - 1) * step + 1, step)


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
