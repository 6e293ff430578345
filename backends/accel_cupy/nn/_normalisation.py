"""Normalisation in three kernels: means, variances, and all the rest in one."""

from __future__ import annotations

import math
from typing import Any

import cupy as cp
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from accel_cupy import _statistical

__all__ = ["batch_norm", "batch_norm_train", "group_norm", "layer_norm", "rms_norm"]

_mean = cp.ReductionKernel(
    "T x, T n", "T y", "x", "a + b", "y = a / n", "0", "accel_nn_mean"
)  # n stands beside each x, and is the same for all
_variance = cp.ReductionKernel(
    "T x, T mean, T n", "T y", "(x - mean) * (x - mean)", "a + b", "y = a / n", "0", "accel_nn_variance"
)
_standardised = cp.ElementwiseKernel(
    "T x, T mean, T var, T weight, T bias, T eps",
    "T y",
    "y = (x - mean) / sqrt(var + eps) * weight + bias",
    "accel_nn_standardised",
)


def _working(dtype: Any) -> Any:
    return cp.dtype(cp.float32) if dtype.itemsize == 2 else dtype


def _promoted(*arrays: Any) -> tuple[Any, ...]:
    """Cast arrays to the dtype in which they are computed with, and give the one to which they promote last."""
    dtype = cp.result_type(*(x for x in arrays if x is not None))
    working = _working(dtype)
    return (*(None if x is None else x.astype(working, copy=False) for x in arrays), dtype)


def _total(kernel: Any, x: Any, *others: Any) -> Any:
    """Reduce along the last axis with a kernel whose last argument is the number of elements."""
    return kernel(x, *others, x.dtype.type(x.shape[-1]), axis=-1, keepdims=True)


def _factors(x: Any, axes: tuple[int, ...], *arrays: Any) -> list[Any]:
    """Put weight and bias, or 1 and 0 where there are none, in a shape that broadcasts against x."""
    shape = tuple(n if a in axes else 1 for a, n in enumerate(x.shape))
    return [
        x.dtype.type(default) if a is None else a.reshape(shape)
        for a, default in zip(arrays, (1, 0), strict=True)
    ]


def _moments(rows: Any) -> tuple[Any, Any]:
    mean = _total(_mean, rows)
    return mean, _total(_variance, rows, mean)


# The composition launches a kernel for each step.
def layer_norm(x: Any, /, weight: Any = None, bias: Any = None, *, axis: Any = -1, eps: float = 1e-5) -> Any:
    axes = tuple(sorted(normalize_axis_tuple(axis, x.ndim)))
    x, weight, bias, dtype = _promoted(x, weight, bias)
    if x.size == 0:
        return x.astype(dtype)
    rows, shape = _rows(x, axes)
    mean, var = (a.reshape(shape) for a in _moments(rows))
    y = _standardised(x, mean, var, *_factors(x, axes, weight, bias), x.dtype.type(eps))
    return y.astype(dtype, copy=False)


def _rows(x: Any, axes: tuple[int, ...]) -> tuple[Any, tuple[int, ...]]:
    """Give an array as rows along some axes, and the shape of what is left of it when they are reduced."""
    last = tuple(range(x.ndim - len(axes), x.ndim))
    moved = cp.ascontiguousarray(cp.moveaxis(x, axes, last))
    shape = tuple(1 if a in axes else n for a, n in enumerate(x.shape))
    return moved.reshape(-1, math.prod(x.shape[a] for a in axes)), shape


# As layer_norm.
def rms_norm(x: Any, /, weight: Any = None, *, axis: Any = -1, eps: float = 1e-6) -> Any:
    axes = tuple(sorted(normalize_axis_tuple(axis, x.ndim)))
    x, weight, dtype = _promoted(x, weight)
    if x.size == 0:
        return x.astype(dtype)
    rows, shape = _rows(x, axes)
    zero = x.dtype.type(0)
    square = _total(_variance, rows, zero).reshape(shape)
    y = _standardised(
        x, zero, square, _factors(x, axes, weight, None)[0], x.dtype.type(-0.0), x.dtype.type(eps)
    )
    return y.astype(dtype, copy=False)


# As layer_norm.
def group_norm(x: Any, num_groups: int, /, weight: Any = None, bias: Any = None, *, eps: float = 1e-5) -> Any:
    x, weight, bias, dtype = _promoted(x, weight, bias)
    if x.size == 0:
        return x.astype(dtype)
    size = math.prod(x.shape[2:])
    split = x.reshape(x.shape[0], num_groups, x.shape[1] // num_groups, size)
    rows = cp.ascontiguousarray(split).reshape(x.shape[0] * num_groups, -1)
    mean, var = (a.reshape(x.shape[0], num_groups, 1, 1) for a in _moments(rows))
    weight, bias = (None if a is None else a.reshape(split.shape[1:3]) for a in (weight, bias))
    y = _standardised(split, mean, var, *_factors(split, (1, 2), weight, bias), x.dtype.type(eps))
    return y.reshape(x.shape).astype(dtype, copy=False)


# As layer_norm.
def batch_norm(
    x: Any,
    mean: Any,
    var: Any,
    /,
    weight: Any = None,
    bias: Any = None,
    *,
    axis: int = 1,
    eps: float = 1e-5,
) -> Any:
    axes = (normalize_axis_index(axis, x.ndim),)
    x, mean, var, weight, bias, dtype = _promoted(x, mean, var, weight, bias)
    mean, var = _factors(x, axes, mean, var)
    y = _standardised(x, mean, var, *_factors(x, axes, weight, bias), x.dtype.type(eps))
    return y.astype(dtype, copy=False)


_square_apart = cp.ElementwiseKernel(
    "T x, T mean", "T y", "y = (x - mean) * (x - mean)", "accel_nn_square_apart"
)


# As layer_norm.
def batch_norm_train(
    x: Any, /, weight: Any = None, bias: Any = None, *, axis: int = 1, eps: float = 1e-5
) -> tuple[Any, Any, Any]:
    along = normalize_axis_index(axis, x.ndim)
    others = tuple(a for a in range(x.ndim) if a != along)
    x, weight, bias, dtype = _promoted(x, weight, bias)
    mean = _statistical.mean(x, axis=others, keepdims=True)
    var = _statistical.mean(_square_apart(x, mean), axis=others, keepdims=True)
    y = _standardised(x, mean, var, *_factors(x, (along,), weight, bias), x.dtype.type(eps))
    return y.astype(dtype, copy=False), mean.reshape(-1), var.reshape(-1)
