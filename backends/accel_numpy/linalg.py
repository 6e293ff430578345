"""The matrix functions of NumPy as the ``linalg`` extension of the Array API.

A matrix without an answer (singular, not positive definite, not finite) gets nan, the others of its stack get
theirs: an exception could not be raised under a compiler, nor on a GPU without waiting for it.
"""

from __future__ import annotations

import operator
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from numpy.linalg import LinAlgError

from accel.errors import DTypeError
from accel_numpy._bfloat16 import by_float32
from accel_numpy._signs import phase, unit
from accel_numpy._summation import summed

Array: TypeAlias = npt.NDArray[Any]


# NumPy raises for the whole stack if one matrix is not positive definite, and may fill only a part of it.
def cholesky(x: Array, /, *, upper: bool = False) -> Array:
    try:
        factor = np.linalg.cholesky(x, upper=upper)
    except LinAlgError:
        if not _square(x):
            raise
        if x.ndim == 2:
            return np.full(x.shape, np.nan, dtype=_inexact(x))
        return np.stack([cholesky(matrix, upper=upper) for matrix in x])
    broken = np.isnan(np.linalg.diagonal(factor)).any(axis=-1)
    if broken.any():
        factor[broken] = np.nan
    return factor


cross = np.linalg.cross


# NumPy takes a nan for a pivot of zero, so that det([[nan, 1], [1, 1]]) is 0, and warns of it.
def det(x: Array, /) -> Any:
    with np.errstate(invalid="ignore"):
        value = np.linalg.det(x)
    broken = np.isnan(x).any(axis=(-2, -1))
    return np.where(broken, np.nan, value) if broken.any() else value


diagonal = np.linalg.diagonal


# NumPy gives real results if all eigenvalues are real, raises for a nan, and leaves the phases to LAPACK.
def eig(x: Array, /) -> Any:
    regular, broken = _regular(x)
    result = np.linalg.eig(regular)
    dtype = np.result_type(result.eigenvalues, np.complex64)
    vectors = result.eigenvectors.astype(dtype, copy=False)
    return result._replace(
        eigenvalues=_without(broken, result.eigenvalues.astype(dtype, copy=False), 1),
        eigenvectors=_without(broken, vectors * np.conj(phase(vectors, axis=-2)), 2),
    )


# NumPy leaves the signs to LAPACK, and what comes of a nan.
def eigh(x: Array, /) -> Any:
    regular, broken = _regular(x)
    result = np.linalg.eigh(regular)
    vectors = result.eigenvectors
    return result._replace(
        eigenvalues=_without(broken, result.eigenvalues, 1),
        eigenvectors=_without(broken, vectors * np.conj(phase(vectors, axis=-2)), 2),
    )


# NumPy gives real results where all eigenvalues happen to be real, and raises for a nan.
def eigvals(x: Array, /) -> Array:
    regular, broken = _regular(x)
    values = np.linalg.eigvals(regular)
    return _without(broken, values.astype(np.result_type(values, np.complex64), copy=False), 1)


# NumPy leaves it to LAPACK what comes of a nan.
def eigvalsh(x: Array, /) -> Array:
    regular, broken = _regular(x)
    return _without(broken, np.linalg.eigvalsh(regular), 1)


# NumPy raises for the whole stack if one matrix is singular.
def inv(x: Array, /) -> Array:
    try:
        return np.linalg.inv(x)
    except LinAlgError:
        if not _square(x):
            raise
        if x.ndim == 2:
            return np.full(x.shape, np.nan, dtype=_inexact(x))
        return np.stack([inv(matrix) for matrix in x])


matmul = np.linalg.matmul


# NumPy raises for a nan in the norms that are made of singular values.
def matrix_norm(x: Array, /, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    if ord not in (2, -2, "nuc"):
        return np.linalg.matrix_norm(x, keepdims=keepdims, ord=ord)
    regular, broken = _regular(x)
    norm = np.linalg.matrix_norm(regular, keepdims=keepdims, ord=ord)
    return norm if broken is None else np.where(broken[..., None, None] if keepdims else broken, np.nan, norm)


# NumPy raises for a negative power of a singular matrix.
def matrix_power(x: Array, n: int, /) -> Array:
    return np.linalg.matrix_power(x, n) if n >= 0 else np.linalg.matrix_power(inv(x), -n)


# NumPy raises for a nan, and before 2.4 for a matrix without elements.
def matrix_rank(x: Array, /, *, rtol: Any = None) -> Any:
    values = svdvals(x)
    if rtol is None:
        rtol = max(x.shape[-2:]) * np.finfo(values.dtype).eps
    largest = np.max(values, axis=-1, keepdims=True, initial=0)
    return np.count_nonzero(values > largest * np.asarray(rtol)[..., None], axis=-1)


matrix_transpose = np.linalg.matrix_transpose
outer = np.linalg.outer


# NumPy's default cutoff is 1e-15 in every dtype, below the rounding of float32, and it raises for a nan.
def pinv(x: Array, /, *, rtol: Any = None) -> Array:
    regular, broken = _regular(x)
    if rtol is None:
        rtol = max(x.shape[-2:]) * np.finfo(_inexact(x)).eps
    return _without(broken, np.linalg.pinv(regular, rtol=rtol), 2)


# NumPy leaves the signs to LAPACK; here the diagonal of R is real and not negative.
def qr(x: Array, /, *, mode: Any = "reduced") -> Any:
    result = np.linalg.qr(x, mode=mode)
    signs = np.ones(result.Q.shape[:-2] + result.Q.shape[-1:], dtype=result.Q.dtype)
    pivots = np.linalg.diagonal(result.R)
    signs[..., : pivots.shape[-1]] = unit(pivots)
    return result._replace(
        Q=result.Q * signs[..., None, :], R=np.triu(result.R * np.conj(signs)[..., :, None])
    )


# NumPy takes a nan for a pivot of zero, as in `det`.
def slogdet(x: Array, /) -> Any:
    with np.errstate(invalid="ignore"):
        result = np.linalg.slogdet(x)
    broken = np.isnan(x).any(axis=(-2, -1))
    if not broken.any():
        return result
    return result._replace(
        sign=np.where(broken, np.nan, result.sign), logabsdet=np.where(broken, np.nan, result.logabsdet)
    )


# NumPy raises for the whole stack if one matrix is singular.
def solve(x1: Array, x2: Array, /) -> Array:
    try:
        return np.linalg.solve(x1, x2)
    except LinAlgError:
        if not _square(x1):
            raise
        columns = x2[:, None] if x2.ndim == 1 else x2
        stack = np.broadcast_shapes(x1.shape[:-2], columns.shape[:-2])
        matrices = np.broadcast_to(x1, stack + x1.shape[-2:])
        targets = np.broadcast_to(columns, stack + columns.shape[-2:])
        result = np.full(targets.shape, np.nan, dtype=np.result_type(_inexact(x1), _inexact(x2)))
        for index in np.ndindex(stack):
            try:
                result[index] = np.linalg.solve(matrices[index], targets[index])
            except LinAlgError:
                continue
        return result[..., 0] if x2.ndim == 1 else result


# NumPy raises for a nan and leaves the signs to LAPACK; here U sets them, and Vh for what U lacks.
def svd(x: Array, /, *, full_matrices: bool = True) -> Any:
    regular, broken = _regular(x)
    result = np.linalg.svd(regular, full_matrices=full_matrices)
    left, right = phase(result.U, axis=-2), np.conj(phase(result.Vh, axis=-1))
    shared = result.S.shape[-1]
    right[..., :shared, :] = np.swapaxes(left, -2, -1)[..., :shared, :]
    return result._replace(
        U=_without(broken, result.U * np.conj(left), 2),
        S=_without(broken, result.S, 1),
        Vh=_without(broken, result.Vh * right, 2),
    )


# NumPy raises for a nan.
def svdvals(x: Array, /) -> Array:
    regular, broken = _regular(x)
    return _without(broken, np.linalg.svdvals(regular), 1)


tensordot = np.linalg.tensordot


# NumPy drops imaginary parts.
def trace(x: Array, /, *, offset: int = 0, dtype: Any = None) -> Any:
    if dtype is not None and x.dtype.kind == "c" and np.dtype(dtype).kind not in "bc":
        raise DTypeError(
            f"The trace of a {x.dtype} matrix as {np.dtype(dtype)} would drop the imaginary part; "
            "take real(x) or imag(x) first."
        )
    return np.linalg.trace(x, offset=offset, dtype=dtype)


vecdot = np.linalg.vecdot


# NumPy cuts an axis of 0.5 to 0, reads one from a string, and adds one square after the other along all axes but the last.
@by_float32
def vector_norm(x: Array, /, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Any:
    along: Any = axis if axis is None or isinstance(axis, tuple) else operator.index(axis)
    if ord not in (1, 2) or x.dtype.kind not in "fc":
        return np.linalg.vector_norm(x, axis=along, keepdims=keepdims, ord=ord)
    if ord == 1:
        return summed(np.abs(x), along, keepdims)
    squares = np.square(x) if x.dtype.kind == "f" else np.square(np.real(x)) + np.square(np.imag(x))
    return np.sqrt(summed(squares, along, keepdims))


def _square(x: Array) -> bool:
    return x.ndim >= 2 and x.shape[-1] == x.shape[-2]


def _inexact(x: Array) -> np.dtype[Any]:
    return x.dtype if x.dtype.kind in "fc" else np.dtype(np.float64)


def _regular(x: Array) -> tuple[Array, Array | None]:
    """Give the stack with zeros for each matrix that is not finite, and the mask of those, or None."""
    finite = np.isfinite(x)
    if finite.all() or x.ndim < 2:
        return x, None
    whole = np.asarray(finite.all(axis=(-2, -1)))
    return np.where(whole[..., None, None], x, 0), ~whole


def _without(broken: Array | None, result: Array, axes: int) -> Array:
    """Put nan into what a stack's broken matrices have as results of so many axes."""
    if broken is None:
        return result
    return np.where(broken.reshape(broken.shape + (1,) * axes), np.nan, result)
