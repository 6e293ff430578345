"""Windows: where kernels lie on the spatial axes of an array, which come after those of the batch and the channels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from operator import index
from typing import Any

import accel as xp
import accel.requirement as requirement
from accel.errors import ArgumentError, ShapeError

__all__ = ["Windows", "convolved", "pooled", "several", "transposed"]

Pairs = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Windows:
    """Where the taps of a kernel lie; each attribute has an entry for each spatial axis.

    Attributes
    ----------
    spatial : tuple of int
        Lengths of the axes that the windows go over.
    kernel, stride, dilation : tuple of int
        Taps of a window, steps from one window to the next, and steps from one tap to the next.
    padding : tuple of pairs of int
        Elements that are thought before and after the axes, as many as the windows reach.
    lengths : tuple of int
        How many windows there are: the lengths of the axes of the result.
    counted : tuple of tuple of int
        For averages over windows: how many elements of each one lie on the axis, or on that and its padding.
    """

    spatial: tuple[int, ...]
    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    padding: Pairs
    lengths: tuple[int, ...]
    counted: tuple[tuple[int, ...], ...] = ()

    def taps(self) -> Iterator[tuple[int, ...]]:
        """Give the places in a kernel, the last axis fastest."""
        return product(*map(range, self.kernel))

    def along(self, axis: int, tap: int) -> slice:
        """Give what one tap of all windows lies on, along a padded axis."""
        start = tap * self.dilation[axis]
        return slice(start, start + (self.lengths[axis] - 1) * self.stride[axis] + 1, self.stride[axis])

    def under(self, tap: tuple[int, ...]) -> tuple[slice, ...]:
        """Give what one tap of all windows lies on, along all axes after padding."""
        return tuple(self.along(axis, each) for axis, each in enumerate(tap))

    def inside(self, axis: int, tap: int, first: int, behind: int) -> tuple[slice, slice]:
        """Give the windows of a run whose tap lies on an axis rather than on its padding, and the elements it lies on.

        The run goes from window ``first`` up to ``behind``, and windows are counted from its first.
        """
        step, start = self.stride[axis], tap * self.dilation[axis] - self.padding[axis][0]
        low = max(first, -(start // step))
        high = min(behind, (self.spatial[axis] - 1 - start) // step + 1)
        if high <= low:
            return slice(0, 0), slice(0, 0)
        start += low * step
        return slice(low - first, high - first), slice(start, start + (high - low - 1) * step + 1, step)

    def padded(self, x: Any, value: float) -> Any:
        """Put a value before and after the spatial axes of an array."""
        for axis, (before, after) in enumerate(self.padding, start=x.ndim - len(self.padding)):
            parts = [x]
            for at, count in ((0, before), (2, after)):
                if count:
                    shape = (*x.shape[:axis], count, *x.shape[axis + 1 :])
                    parts.insert(at, xp.full(shape, value, dtype=x.dtype, device=xp.device(x)))
            if len(parts) > 1:
                x = xp.concat(parts, axis=axis)
        return x


def several(count: int, value: Any) -> tuple[int, ...]:
    """Give so many numbers for one of them or all."""
    return tuple(map(index, value)) if isinstance(value, tuple) else (index(value),) * count


def _hashable(value: Any) -> Any:
    return tuple(map(_hashable, value)) if isinstance(value, list | tuple) else value


def _steps(count: int, **values: Any) -> None:
    requirement.sizes(count, 1, **values)


def _pairs(count: int, padding: Any) -> Pairs:
    """Read padding: one number, one for each axis, or a pair for each."""
    each = padding if isinstance(padding, tuple) else (padding,) * count
    if len(each) != count:
        raise ArgumentError(f"padding is one int, {count} of them or {count} pairs, got {padding!r}.")
    for one in each:
        if isinstance(one, tuple) and len(one) != 2:
            raise ArgumentError(f"padding is one int, {count} of them or {count} pairs, got {padding!r}.")
        requirement.sizes(2, 0, padding=one)
    both = (several(2, one) for one in each)
    return tuple((before, after) for before, after in both)


def _filled(spatial: tuple[int, ...]) -> None:
    for axis, length in enumerate(spatial, start=2):
        if length == 0:
            raise ShapeError(f"axis {axis} of x has length 0, and a window needs an element at least.")


def _fit(spatial: tuple[int, ...], reach: tuple[int, ...], padding: Pairs) -> None:
    """Refuse kernels that are larger than what they go over."""
    _filled(spatial)
    for axis, (length, wide, (before, after)) in enumerate(
        zip(spatial, reach, padding, strict=True), start=2
    ):
        if wide > length + before + after:
            raise ShapeError(
                f"The kernel reaches over {wide} elements of axis {axis}, where x has {length} and padding adds {before + after}; "
                f"pad more, or take a smaller kernel or dilation."
            )


def _reach(kernel: tuple[int, ...], dilation: tuple[int, ...]) -> tuple[int, ...]:
    return tuple((k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True))


def convolved(
    spatial: tuple[int, ...], kernel: tuple[int, ...], *, stride: Any, padding: Any, dilation: Any
) -> Windows:
    """Lay the windows of a convolution, or refuse them."""
    return _convolved(
        tuple(spatial), tuple(kernel), _hashable(stride), _hashable(padding), _hashable(dilation)
    )


@lru_cache(maxsize=512, typed=True)
def _convolved(
    spatial: tuple[int, ...], kernel: tuple[int, ...], stride: Any, padding: Any, dilation: Any
) -> Windows:
    count = len(spatial)
    _steps(count, stride=stride)
    _steps(count, dilation=dilation)
    strides, dilations = several(count, stride), several(count, dilation)
    reach = _reach(kernel, dilations)
    if isinstance(padding, str):
        requirement.choice("same", "valid", padding=padding)
        if padding == "same" and any(step > 1 for step in strides):
            raise ArgumentError(
                f"padding='same' keeps the lengths of the axes, which a stride of {stride} does not; give padding as pairs of ints."
            )
        # Of an odd number the larger half comes after.
        pads: Pairs = tuple(((wide - 1) // 2, wide // 2) if padding == "same" else (0, 0) for wide in reach)
    else:
        pads = _pairs(count, padding)
    _fit(spatial, reach, pads)
    lengths = tuple(
        (length + sum(pad) - wide) // step + 1
        for length, pad, wide, step in zip(spatial, pads, reach, strides, strict=True)
    )
    return Windows(spatial, kernel, strides, dilations, pads, lengths)


def transposed(
    spatial: tuple[int, ...],
    kernel: tuple[int, ...],
    *,
    stride: Any,
    padding: Any,
    output_padding: Any,
    dilation: Any,
) -> Windows:
    """Lay the windows of a transposed convolution, which go over the result, or refuse them.

    Their ``lengths`` are those of the argument and ``spatial`` those of the result.
    """
    return _transposed(
        tuple(spatial),
        tuple(kernel),
        _hashable(stride),
        _hashable(padding),
        _hashable(output_padding),
        _hashable(dilation),
    )


@lru_cache(maxsize=512, typed=True)
def _transposed(
    spatial: tuple[int, ...],
    kernel: tuple[int, ...],
    stride: Any,
    padding: Any,
    output_padding: Any,
    dilation: Any,
) -> Windows:
    count = len(spatial)
    _steps(count, stride=stride)
    _steps(count, dilation=dilation)
    requirement.sizes(count, 0, output_padding=output_padding)
    if isinstance(padding, str):
        raise ArgumentError(
            f"padding of a transposed convolution is one int, {count} of them or {count} pairs, got {padding!r}."
        )
    strides, dilations, pads = several(count, stride), several(count, dilation), _pairs(count, padding)
    more = several(count, output_padding)
    _filled(spatial)
    for extra, step, apart in zip(more, strides, dilations, strict=True):
        if extra >= max(step, apart):
            raise ArgumentError(
                f"output_padding is less than the stride or the dilation of its axis, got {extra} beside a stride of {step} "
                f"and a dilation of {apart}."
            )
    lengths = tuple(
        (length - 1) * step - sum(pad) + wide + extra
        for length, step, pad, wide, extra in zip(
            spatial, strides, pads, _reach(kernel, dilations), more, strict=True
        )
    )
    for axis, length in enumerate(lengths, start=2):
        if length < 1:
            raise ShapeError(
                f"padding takes away all {length + pads[axis - 2][0] + pads[axis - 2][1]} elements of axis {axis} of the result; pad less."
            )
    return Windows(lengths, kernel, strides, dilations, pads, spatial)


def pooled(
    spatial: tuple[int, ...],
    kernel_size: Any,
    *,
    stride: Any,
    padding: Any,
    dilation: Any = 1,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Windows:
    """Lay the windows of a pooling, or refuse them."""
    return _pooled(
        tuple(spatial),
        _hashable(kernel_size),
        _hashable(stride),
        _hashable(padding),
        _hashable(dilation),
        bool(ceil_mode),
        bool(count_include_pad),
    )


@lru_cache(maxsize=512, typed=True)
def _pooled(
    spatial: tuple[int, ...],
    kernel_size: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    ceil_mode: bool,
    include: bool,
) -> Windows:
    count = len(spatial)
    _steps(count, kernel_size=kernel_size)
    _steps(count, stride=kernel_size if stride is None else stride)
    _steps(count, dilation=dilation)
    requirement.sizes(count, 0, padding=padding)
    kernel, dilations = several(count, kernel_size), several(count, dilation)
    strides = kernel if stride is None else several(count, stride)
    reach = _reach(kernel, dilations)
    pads: Pairs = tuple((each, each) for each in several(count, padding))
    _fit(spatial, reach, pads)
    for wide, (pad, _) in zip(reach, pads, strict=True):
        if pad > wide // 2:
            raise ArgumentError(
                f"padding is at most half of what the kernel reaches over, which is {wide}, got {pad}; else a window would lie on nothing."
            )
    lengths, whole, counted = [], [], []
    for length, (pad, _), wide, step in zip(spatial, pads, reach, strides, strict=True):
        span = length + 2 * pad - wide
        found = (-(-span // step) if ceil_mode else span // step) + 1
        if ceil_mode and (found - 1) * step >= length + pad:
            found -= 1  # it would begin behind the axis
        lengths.append(found)
        starts = [at * step - pad for at in range(found)]
        whole.append((pad, max(pad, starts[-1] + wide - length)))
        low, high = (-pad, length + pad) if include else (0, length)
        counted.append(tuple(min(at + wide, high) - max(at, low) for at in starts))
    return Windows(spatial, kernel, strides, dilations, tuple(whole), tuple(lengths), tuple(counted))
