"""The matrix functions of CuPy (cuBLAS, cuSOLVER) as the ``linalg`` extension of the Array API.

A matrix that has no answer (singular, not positive definite, with a nan or an infinity in it) gets numbers that are not finite, the
others of its stack get theirs. Nothing here waits for the device, and factorisations come with the one sign convention of
``_signs.py``.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import cupy as cp

from accel.errors import ArgumentError, ShapeError, UnsupportedError
from accel_cupy import _device
from accel_cupy._precision import precise
from accel_cupy._signs import phase, unit
from accel_cupy._statistical import sum as sums
from accel_cupy._statistical import whole


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


# Without a wait CuPy does not tell that cuSOLVER gave up, and returns the half-made factor. The factor tells: a pivot that is not
# positive, or a row whose length is not that of the matrix.
def cholesky(x: Any, /, *, upper: bool = False) -> Any:
    lower = cp.linalg.cholesky(x)
    given = cp.diagonal(x, axis1=-2, axis2=-1).real
    squares = cp.sum(cp.square(lower.real) + cp.square(lower.imag), axis=-1)
    tolerance = 8 * (x.shape[-1] + 1) * float(cp.finfo(lower.dtype).eps)
    made = (cp.diagonal(lower, axis1=-2, axis2=-1).real > 0) & (cp.abs(squares - given) <= tolerance * given)
    lower = _without(~cp.all(made, axis=-1), lower, 2)
    return cp.matrix_transpose(lower).conj() if upper else lower


# CuPy does not broadcast.
def cross(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    if x1.shape[axis] != 3 or x2.shape[axis] != 3:
        raise ShapeError(
            f"cross takes vectors of 3 elements along axis {axis}, got shapes {x1.shape} and {x2.shape}."
        )
    return cp.linalg.cross(*cp.broadcast_arrays(x1, x2), axis=axis)


# What comes of a nan is left to the pivoting of cuSOLVER.
def det(x: Any, /) -> Any:
    return _without(_with_nan(x), cp.linalg.det(x), 0)


# CuPy has it outside linalg, for the first two axes.
def diagonal(x: Any, /, *, offset: int = 0) -> Any:
    return cp.diagonal(_matrices("diagonal", x), offset, axis1=-2, axis2=-1)


# CuPy leaves the phases to cuSOLVER, and what comes of a nan.
def eig(x: Any, /) -> EigResult:
    regular, broken = _regular("eig", x)
    values, vectors = _by_geev(cp.linalg.eig, regular)
    vectors = vectors * cp.conj(phase(vectors, axis=-2))
    return EigResult(_without(broken, values, 1), _without(broken, vectors, 2))


# As eig.
def eigh(x: Any, /) -> EighResult:
    regular, broken = _regular("eigh", x)
    values, vectors = cp.linalg.eigh(regular)
    vectors = vectors * cp.conj(phase(vectors, axis=-2))
    return EighResult(_without(broken, values, 1), _without(broken, vectors, 2))


# CuPy leaves it to cuSOLVER what comes of a nan.
def eigvals(x: Any, /) -> Any:
    regular, broken = _regular("eigvals", x)
    return _without(broken, _by_geev(cp.linalg.eigvals, regular), 1)


def _by_geev(function: Any, x: Any) -> Any:
    if x.size == 0:
        return function(x.astype(cp.result_type(x, cp.complex64), copy=False))
    try:
        return function(x)
    except (RuntimeError, NotImplementedError) as error:
        if "geev is not" not in str(error):
            raise
        raise UnsupportedError(
            "The eigenvalues of a general matrix need cuSOLVER's geev, which comes with CUDA 12.6 and is not in ROCm; install a newer "
            "CUDA (pip install 'cupy-cuda12x[ctk]'), move the matrix with accel.to_device(x, 'numpy'), or use eigh if it is symmetric."
        ) from error


# As eigvals.
def eigvalsh(x: Any, /) -> Any:
    regular, broken = _regular("eigvalsh", x)
    return _without(broken, cp.linalg.eigvalsh(regular), 1)


# CuPy inverts a stack with cuBLAS's getri, which leaves uninitialised memory for a singular matrix; solve divides by the zero pivot.
def inv(x: Any, /) -> Any:
    if x.ndim < 3:
        return cp.linalg.inv(x)
    return solve(x, cp.eye(x.shape[-1], x.shape[-2], dtype=x.dtype))


# CuPy multiplies in the precision that CUPY_TF32 says.
matmul = precise(cp.matmul)


# CuPy has none.
def matrix_norm(x: Any, /, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    spectral = ord in (2, -2, "nuc")
    regular, broken = _regular("matrix_norm", x) if spectral else (_matrices("matrix_norm", x), None)
    norm = cp.linalg.norm(regular, axis=(-2, -1), keepdims=keepdims, ord=ord)
    return norm if broken is None else _without(broken, norm, 2 * keepdims)


# By the inverse above.
@precise
def matrix_power(x: Any, n: int, /) -> Any:
    return cp.linalg.matrix_power(x, n) if n >= 0 else cp.linalg.matrix_power(inv(x), -n)


# CuPy takes an absolute tolerance, and no stacks.
def matrix_rank(x: Any, /, *, rtol: Any = None) -> Any:
    values = svdvals(x)
    if values.size == 0:
        return cp.zeros(values.shape[:-1], dtype=cp.int64)
    if rtol is None:
        rtol = max(x.shape[-2:]) * float(cp.finfo(values.dtype).eps)
    cutoff = cp.max(values, axis=-1, keepdims=True) * (
        rtol[..., None] if isinstance(rtol, cp.ndarray) else rtol
    )
    return cp.sum(values > cutoff, axis=-1, dtype=cp.int64)


matrix_transpose = cp.matrix_transpose


# CuPy has it outside linalg, and flattens.
def outer(x1: Any, x2: Any, /) -> Any:
    if x1.ndim != 1 or x2.ndim != 1:
        raise ShapeError(
            f"outer takes two vectors, got shapes {x1.shape} and {x2.shape}; write reshape(x, (-1,)) first."
        )
    return cp.multiply(x1[:, None], x2)


# CuPy's cutoff is 1e-15 in every dtype.
@precise
def pinv(x: Any, /, *, rtol: Any = None) -> Any:
    regular, broken = _regular("pinv", x)
    if rtol is None:
        rtol = max(x.shape[-2:]) * float(cp.finfo(_inexact(x)).eps)
    return _without(broken, cp.linalg.pinv(regular.astype(_inexact(x), copy=False), rcond=rtol), 2)


# CuPy leaves the signs to cuSOLVER; here the diagonal of R is real and not negative.
def qr(x: Any, /, *, mode: str = "reduced") -> QRResult:
    if mode not in ("reduced", "complete"):
        raise ArgumentError(f"qr got mode={mode!r}; write 'reduced' or 'complete'.")
    q, r = cp.linalg.qr(_matrices("qr", x), mode=mode)
    pivots = cp.diagonal(r, axis1=-2, axis2=-1)
    signs = cp.ones(q.shape[:-2] + q.shape[-1:], dtype=q.dtype)
    signs[..., : pivots.shape[-1]] = unit(pivots)
    return QRResult(q * signs[..., None, :], cp.triu(r * cp.conj(signs)[..., : r.shape[-2], None]))


# As det.
def slogdet(x: Any, /) -> SlogdetResult:
    broken = _with_nan(x)
    sign, logabsdet = cp.linalg.slogdet(x)
    return SlogdetResult(_without(broken, sign, 0), _without(broken, logabsdet, 0))


# CuPy broadcasts vectors only, and divides by zero where there is nothing to solve for.
def solve(x1: Any, x2: Any, /) -> Any:
    if x1.ndim < 2 or x2.ndim < 2:
        return cp.linalg.solve(x1, x2)
    stack = cp.broadcast_shapes(x1.shape[:-2], x2.shape[:-2])
    matrices, targets = cp.broadcast_to(x1, stack + x1.shape[-2:]), cp.broadcast_to(x2, stack + x2.shape[-2:])
    if targets.size == 0 and x1.shape[-1] == x1.shape[-2] == x2.shape[-2]:
        return cp.empty(targets.shape, dtype=cp.result_type(_inexact(x1), _inexact(x2)))
    return cp.linalg.solve(matrices, targets)


# CuPy leaves the signs to cuSOLVER, and what comes of a nan; here U sets them, and Vh for what U lacks.
def svd(x: Any, /, *, full_matrices: bool = True) -> SVDResult:
    regular, broken = _regular("svd", x)
    u, s, vh = cp.linalg.svd(regular, full_matrices=full_matrices)
    left, right = phase(u, axis=-2), cp.conj(phase(vh, axis=-1))
    shared = s.shape[-1]
    right[..., :shared, :] = cp.swapaxes(left, -2, -1)[..., :shared, :]
    return SVDResult(
        _without(broken, u * cp.conj(left), 2), _without(broken, s, 1), _without(broken, vh * right, 2)
    )


# CuPy has none.
def svdvals(x: Any, /) -> Any:
    regular, broken = _regular("svdvals", x)
    return _without(broken, cp.linalg.svd(regular, compute_uv=False), 1)


# As matmul.


# CuPy rounds each product of 16-bit numbers; here they are rounded once, after the products are added.
@precise
def tensordot(x1: Any, x2: Any, /, *, axes: Any = 2) -> Any:
    dtype = cp.result_type(x1, x2)
    if dtype.itemsize == 2 and dtype.kind not in "iu":
        return cp.tensordot(x1.astype(cp.float32), x2.astype(cp.float32), axes).astype(dtype)
    return cp.tensordot(x1, x2, axes)


# CuPy has it outside linalg, for the first two axes.
def trace(x: Any, /, *, offset: int = 0, dtype: Any = None) -> Any:
    return cp.trace(whole("trace", _matrices("trace", x), dtype), offset, axis1=-2, axis2=-1, dtype=dtype)


# CuPy has none.
@precise
def vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    x1, x2 = cp.moveaxis(x1, axis, -1), cp.moveaxis(x2, axis, -1)
    if x1.shape[-1] != x2.shape[-1]:
        raise ShapeError(
            f"vecdot got vectors of {x1.shape[-1]} and {x2.shape[-1]} elements; they must be as long as each other."
        )
    if x1.dtype.kind == "c":
        x1 = cp.conj(x1)
    if x1.ndim == x2.ndim == 1:
        return cp.matmul(x1, x2)
    dtype = cp.result_type(x1, x2)
    if dtype.kind == "b":
        return cp.any(cp.multiply(x1, x2), axis=-1)
    if dtype.itemsize == 2 and dtype.kind not in "iu":
        # As in tensordot.
        return sums(cp.multiply(x1.astype(cp.float32), x2.astype(cp.float32)), axis=-1).astype(dtype)
    return sums(cp.multiply(x1, x2), axis=-1, dtype=dtype)


# CuPy has none; its norm takes two axes at most.
def vector_norm(x: Any, /, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Any:
    if x.dtype.kind in "biu":
        x = x.astype(cp.float64)
    where: dict[str, Any] = {"axis": axis, "keepdims": keepdims}
    if ord == 2:
        return cp.sqrt(
            sums(cp.square(x.real) + cp.square(x.imag) if x.dtype.kind == "c" else cp.square(x), **where)
        )
    size = cp.abs(x)
    if ord == float("inf"):
        return cp.max(size, **where) if x.size else sums(size, **where)
    if ord == -float("inf"):
        return cp.min(size, **where)
    if ord == 0:
        return cp.sum(size != 0, dtype=size.dtype, **where)
    if ord == 1:
        return sums(size, **where)
    return cp.power(sums(cp.power(size, ord), **where), 1 / ord)


def _inexact(x: Any) -> Any:
    return x.dtype if x.dtype.kind in "fc" else cp.dtype(cp.float64)


def _with_nan(x: Any) -> Any:
    return cp.any(cp.isnan(x), axis=(-2, -1)) if x.ndim > 1 and x.dtype.kind in "fc" else None


def _matrices(name: str, x: Any) -> Any:
    if x.ndim < 2:
        raise ShapeError(f"{name} takes matrices (..., m, n), got shape {x.shape}.")
    return x


def _regular(name: str, x: Any) -> tuple[Any, Any]:
    """Give the stack with zeros for each matrix that is not finite, and the mask of those, or None if there can be none."""
    if _matrices(name, x).dtype.kind not in "fc":
        return x, None
    broken = ~cp.all(cp.isfinite(x), axis=(-2, -1))
    return cp.where(broken[..., None, None], 0, x), broken


def _without(broken: Any, result: Any, axes: int) -> Any:
    """Put nan into what a stack's broken matrices have as results of so many axes."""
    if broken is None:
        return result
    return cp.where(broken.reshape(broken.shape + (1,) * axes), cp.nan, result)


if _device.several():
    _device.guard(globals())
