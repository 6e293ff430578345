"""Linear algebra of CuPy (cuBLAS, cuSOLVER): no error that depends on the data, and one sign convention."""

from __future__ import annotations

from typing import Any, NamedTuple

import cupy as cp

from accel.errors import ShapeError

__all__ = [
    "cholesky",
    "cross",
    "det",
    "diagonal",
    "eig",
    "eigh",
    "eigvals",
    "eigvalsh",
    "inv",
    "matmul",
    "matrix_norm",
    "matrix_power",
    "matrix_rank",
    "matrix_transpose",
    "outer",
    "pinv",
    "qr",
    "slogdet",
    "solve",
    "svd",
    "svdvals",
    "tensordot",
    "trace",
    "vecdot",
    "vector_norm",
]


class EigResult(NamedTuple):
    eigenvalues: Any
    eigenvectors: Any


class EighResult(NamedTuple):
    eigenvalues: Any
    eigenvectors: Any


class QRResult(NamedTuple):
    Q: Any
    R: Any


class SlogdetResult(NamedTuple):
    sign: Any
    logabsdet: Any


class SVDResult(NamedTuple):
    U: Any
    S: Any
    Vh: Any


def cholesky(x: Any, /, *, upper: bool = False) -> Any:
    lower = cp.linalg.cholesky(x)
    return cp.matrix_transpose(lower).conj() if upper else lower


cross = cp.linalg.cross
det = cp.linalg.det


# CuPy takes the first two axes, the standard the last two.
def diagonal(x: Any, /, *, offset: int = 0) -> Any:
    return cp.diagonal(x, offset, axis1=-2, axis2=-1)


# CuPy gives a plain tuple, here and below.
def eig(x: Any, /) -> EigResult:
    return EigResult(*cp.linalg.eig(x))


def eigh(x: Any, /) -> EighResult:
    return EighResult(*cp.linalg.eigh(x))


eigvals = cp.linalg.eigvals
eigvalsh = cp.linalg.eigvalsh
inv = cp.linalg.inv
matmul = cp.matmul


# CuPy has none.
def matrix_norm(x: Any, /, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    return cp.linalg.norm(x, axis=(-2, -1), keepdims=keepdims, ord=ord)


matrix_power = cp.linalg.matrix_power


def matrix_rank(x: Any, /, *, rtol: Any = None) -> Any:
    values = svdvals(x)
    if rtol is None:
        rtol = max(x.shape[-2:]) * cp.finfo(values.dtype).eps
    cutoff = cp.max(values, axis=-1, keepdims=True) * cp.asarray(rtol)[..., None]
    return cp.sum(values > cutoff, axis=-1, dtype=cp.int64)


matrix_transpose = cp.matrix_transpose


# CuPy flattens.
def outer(x1: Any, x2: Any, /) -> Any:
    if x1.ndim != 1 or x2.ndim != 1:
        raise ShapeError(f"outer takes two vectors, got shapes {x1.shape} and {x2.shape}; write reshape(x, (-1,)).")
    return x1[:, None] * x2


def pinv(x: Any, /, *, rtol: Any = None) -> Any:
    if rtol is None:
        rtol = max(x.shape[-2:]) * cp.finfo(x.dtype).eps
    return cp.linalg.pinv(x, rcond=rtol)


def qr(x: Any, /, *, mode: str = "reduced") -> QRResult:
    return QRResult(*cp.linalg.qr(x, mode=mode))


def slogdet(x: Any, /) -> SlogdetResult:
    return SlogdetResult(*cp.linalg.slogdet(x))


# CuPy takes a b of more than one dimension only with the shape of a, and does not broadcast.
def solve(x1: Any, x2: Any, /) -> Any:
    if x2.ndim == 1:
        return cp.linalg.solve(x1, x2)
    stack = cp.broadcast_shapes(x1.shape[:-2], x2.shape[:-2])
    return cp.linalg.solve(
        cp.broadcast_to(x1, stack + x1.shape[-2:]), cp.broadcast_to(x2, stack + x2.shape[-2:])
    )


def svd(x: Any, /, *, full_matrices: bool = True) -> SVDResult:
    return SVDResult(*cp.linalg.svd(x, full_matrices=full_matrices))


# CuPy has none.
def svdvals(x: Any, /) -> Any:
    return cp.linalg.svd(x, compute_uv=False)


tensordot = cp.tensordot


# CuPy takes the first two axes, the standard the last two.
def trace(x: Any, /, *, offset: int = 0, dtype: Any = None) -> Any:
    return cp.sum(cp.diagonal(x, offset, axis1=-2, axis2=-1), axis=-1, dtype=dtype)


# CuPy has none.
def vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    if x1.shape[axis] != x2.shape[axis]:
        raise ShapeError(f"vecdot got lengths {x1.shape[axis]} and {x2.shape[axis]} along axis {axis}; they must be equal.")
    product = cp.conj(x1) * x2
    return cp.sum(product, axis=axis, dtype=product.dtype)


# CuPy has none; its norm knows two axes at most.
def vector_norm(x: Any, /, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Any:
    return cp.linalg.norm(x.reshape(-1), ord=ord)
