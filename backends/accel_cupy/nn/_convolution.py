"""Convolutions as matrix products: one kernel copies the windows next to one another, with the zeros around the array."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import cupy as cp

from accel.nn.window import Windows, convolved, transposed
from accel_cupy._precision import precise

__all__ = ["conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d"]

ROOM = 64 * 1024 * 1024
"""Bytes that the windows of some images may take at a time; one image at least is there."""


def _declared(words: str, axes: int) -> str:
    return ", ".join(f"int64 {word}{axis}" for axis in range(axes) for word in words)


def _split(name: str, of: str, axes: int) -> str:
    """Write the lines that take an index apart, the last axis first; what is left stays in ``rest``."""
    return "".join(
        f"const ptrdiff_t {name}{axis} = rest % {of}{axis}; rest /= {of}{axis};\n"
        for axis in reversed(range(axes))
    )


def _joined(name: str, of: str, axes: int, first: str) -> str:
    """Write the expression for an index made of several."""
    for axis in range(axes):
        first = f"({first}) * {of}{axis} + {name}{axis}"
    return first


@lru_cache(maxsize=6)
def _gather(axes: int) -> Any:
    """Make the kernel that copies: from (images, channels, n ...) to (images, channels, k ..., m ...)."""
    places = "".join(
        f"const ptrdiff_t a{axis} = w{axis} * s{axis} - p{axis} + t{axis} * d{axis}; inside = inside && a{axis} >= 0 && a{axis} < n{axis};\n"
        for axis in range(axes)
    )
    return cp.ElementwiseKernel(
        f"raw T x, {_declared('nmkspd', axes)}",
        "S y",
        f"""
        ptrdiff_t rest = i;
        {_split("w", "m", axes)}{_split("t", "k", axes)}
        bool inside = true;
        {places}
        y = inside ? S(x[{_joined("a", "n", axes, "rest")}]) : S(0);
        """,
        f"accel_im2col_{axes}",
    )


@lru_cache(maxsize=6)
def _scatter(axes: int) -> Any:
    """Make the kernel that adds up, for each element of (images, channels, n ...), what belongs to it in (images, channels, k ..., m ...)."""
    before, after = "", ""
    for axis in range(axes):
        before += f"""
        for (ptrdiff_t t{axis} = 0; t{axis} < k{axis}; ++t{axis}) {{
            const ptrdiff_t o{axis} = a{axis} + p{axis} - t{axis} * d{axis}, w{axis} = o{axis} / s{axis};
            if (o{axis} < 0 || o{axis} % s{axis} || w{axis} >= m{axis}) continue;
        """
        after += "}"
    place = _joined("w", "m", axes, _joined("t", "k", axes, "rest"))
    return cp.ElementwiseKernel(
        f"raw S x, raw S bias, int64 channels, {_declared('nmkspd', axes)}",
        "T y",
        f"""
        ptrdiff_t rest = i;
        {_split("a", "n", axes)}
        S total = channels ? bias[rest % channels] : S(0);
        {before} total += x[{place}]; {after}
        y = T(total);
        """,
        f"accel_col2im_{axes}",
    )


def _numbers(over: Windows) -> list[int]:
    found: list[int] = []
    for axis in range(len(over.kernel)):
        found += [
            over.spatial[axis],
            over.lengths[axis],
            over.kernel[axis],
            over.stride[axis],
            over.padding[axis][0],
            over.dilation[axis],
        ]
    return found


def _working(dtype: Any) -> Any:
    return cp.dtype(cp.float32) if dtype.itemsize == 2 else dtype


# The composition makes a product for each tap and adds them up.
@precise
def _convolution(x: Any, weight: Any, bias: Any, over: Windows, groups: int) -> Any:
    dtype = _working(x.dtype)
    count, made, share = x.shape[0], weight.shape[0], weight.shape[1]
    rows, windows = math.prod(weight.shape[1:]), math.prod(over.lengths)
    matrices = weight.reshape(groups, made // groups, rows).astype(dtype, copy=False)
    out = cp.empty((count, made, *over.lengths), dtype=x.dtype)
    alone = rows == share and x.shape[2:] == over.lengths and set(over.stride) == {1}
    x = cp.ascontiguousarray(x)
    each = x.shape[1] * math.prod(over.kernel) * windows * dtype.itemsize
    step = max(1, ROOM // max(each, 1))
    for first in range(0, count, step):
        part = x[first : first + step]
        if alone:
            columns: Any = part.astype(dtype, copy=False)
        else:
            shape = (len(part), x.shape[1], *over.kernel, *over.lengths)
            columns = _gather(len(over.kernel))(part, *_numbers(over), cp.empty(shape, dtype=dtype))
        found: Any = cp.matmul(matrices, columns.reshape(len(part), groups, rows, windows))
        found = found.reshape(len(part), made, *over.lengths)
        if bias is not None:
            found += bias.reshape(-1, *(1,) * len(over.kernel)).astype(dtype, copy=False)
        out[first : first + step] = found
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


# The composition spreads the elements over zeros, with which it multiplies.
@precise
def _transposition(x: Any, weight: Any, bias: Any, over: Windows, groups: int) -> Any:
    dtype = _working(x.dtype)
    count, share = x.shape[0], weight.shape[1]
    rows, places = math.prod(weight.shape[1:]), math.prod(over.lengths)
    matrices = cp.swapaxes(weight.reshape(groups, -1, rows), 1, 2).astype(dtype, copy=False)
    out = cp.empty((count, groups * share, *over.spatial), dtype=x.dtype)
    added = cp.zeros(1, dtype=dtype) if bias is None else cp.ascontiguousarray(bias.astype(dtype, copy=False))
    step = max(1, ROOM // max(groups * rows * places * dtype.itemsize, 1))
    for first in range(0, count, step):
        part = x[first : first + step].astype(dtype, copy=False)
        columns = cp.matmul(matrices, part.reshape(len(part), groups, -1, places))
        channels = 0 if bias is None else len(bias)
        _scatter(len(over.kernel))(columns, added, channels, *_numbers(over), out[first : first + step])
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
