"""The linear algebra extension of the standard.

A matrix that has no answer gets nan or infinities, as it does under a compiler; factorisations come with the
signs that every backend of accel gives them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from accel.errors import DTypeError, ShapeError
from accel_jax._accurate import root
from accel_jax._manipulation import promoted
from accel_jax._precision import precise
from accel_jax._promotion import FLOATS, NARROW, WIDE, cast, floating
from accel_jax._statistical import converted, total
from accel_jax._x64 import wide

_KEPT = FLOATS - WIDE


def _float(name: str, *arrays: Any, square: bool = False) -> tuple[Any, ...]:
    """Cast operands as NumPy does for LAPACK, which knows no floating-point numbers of 16 bits."""
    for x in arrays:
        if x.dtype in FLOATS and x.dtype.itemsize == 2:
            raise DTypeError(f"{name} is not defined for {x.dtype}; cast with astype to float32.")
    if square and (arrays[0].ndim < 2 or arrays[0].shape[-1] != arrays[0].shape[-2]):
        raise ShapeError(f"{name} takes square matrices; got the shape {arrays[0].shape}.")
    return promoted(*(cast(x, floating(name, x.dtype)) for x in arrays))


def _unit(z: Any) -> Any:
    """Give z / abs(z), and 1 where z is zero."""
    if not jnp.iscomplexobj(z):
        return jnp.where(z < 0, -jnp.ones_like(z), jnp.ones_like(z))
    size = jnp.where(z == 0, 1, jnp.abs(z))
    return jnp.where(z == 0, 1, z / size)


def _leading(vectors: Any, axis: int) -> Any:
    """Give the place of the leading entry of each vector along an axis: the first within 1 % of the largest."""
    size = jnp.abs(vectors)
    return jnp.argmax(size >= 0.99 * jnp.max(size, axis=axis, keepdims=True), axis=axis, keepdims=True)


def _phase(vectors: Any, axis: int) -> Any:
    """Give the unit number of the leading entry of each vector along an axis."""
    if vectors.size == 0:
        return jnp.ones_like(jnp.sum(vectors, axis=axis, keepdims=True))
    return _unit(jnp.take_along_axis(vectors, _leading(vectors, axis), axis=axis))


def _mirrored(x: Any) -> Any:
    """Give the Hermitian matrices that have these lower triangles."""
    below = jnp.tril(x, -1)
    middle = jnp.real(jnp.diagonal(x, axis1=-2, axis2=-1)).astype(x.dtype)
    return (
        below
        + jnp.conj(jnp.matrix_transpose(below))
        + middle[..., None] * jnp.eye(x.shape[-1], dtype=x.dtype)
    )


def _of_lower(native: Callable[..., Any]) -> Callable[[Any], Any]:
    """Make a function of the lower triangles of matrices, also to derivatives: those of JAX see both triangles."""
    native = partial(native, symmetrize_input=False)
    value = jax.custom_jvp(native)

    def derived(primals: Any, tangents: Any) -> Any:
        return jax.jvp(native, (_mirrored(*primals),), (_mirrored(*tangents),))

    value.defjvp(derived)
    return value


_cholesky, _eigh, _eigvalsh = map(_of_lower, (jnp.linalg.cholesky, jnp.linalg.eigh, jnp.linalg.eigvalsh))


# JAX takes the mean of both triangles; LAPACK, NumPy and CuPy read the lower one.
@precise(keeps=_KEPT, static=("upper",))
def cholesky(x: Any, /, *, upper: bool = False) -> Any:
    (x,) = _float("cholesky", x, square=True)
    # With upper=True JAX reads the upper triangle instead.
    factor = _cholesky(x)
    factor = jnp.where(jnp.isnan(factor).any(axis=(-2, -1), keepdims=True), jnp.nan, factor)
    return jnp.conj(jnp.matrix_transpose(factor)) if upper else factor


# jnp.linalg.cross promotes by JAX's table.
@wide(keeps=NARROW, static=("axis",))
def cross(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    return jnp.linalg.cross(*promoted(x1, x2), axis=axis)


@precise(keeps=_KEPT, static=())
def det(x: Any, /) -> Any:
    return jnp.linalg.det(*_float("det", x, square=True))


diagonal = wide(jnp.linalg.diagonal, keeps=NARROW)


@jax.custom_jvp
def _eig(x: Any) -> Any:
    values, vectors = found = jnp.linalg.eig(x)
    return type(found)(values, vectors * jnp.conj(_phase(vectors, axis=-2)))


def _turning(x: Any, direction: Any) -> tuple[Any, Any, Any]:
    """Give eigenvalues and eigenvectors, and along a direction of the matrix what the vectors make of it, in terms of themselves."""
    found = _eig(x)
    vectors = found[1]
    return found, vectors, jnp.linalg.solve(vectors, direction.astype(vectors.dtype) @ vectors)


# Perturbation theory leaves the change of each vector along itself open; that its length stays 1 and its leading entry real
# settles it. M. B. Giles, Collected matrix derivative results for forward and reverse mode algorithmic differentiation (2008), 3.1.
@_eig.defjvp
def _along_eig(primals: Any, tangents: Any) -> Any:
    found, vectors, parts = _turning(*primals, *tangents)
    values = found[0]
    if vectors.size == 0:
        return found, type(found)(jnp.zeros_like(values), jnp.zeros_like(vectors))
    own = jnp.eye(values.shape[-1], dtype=bool)
    gaps = jnp.where(own, 1, values[..., None, :] - values[..., :, None])
    change = vectors @ jnp.where(own, 0, parts / gaps)
    length = jnp.sum(jnp.conj(vectors) * change, axis=-2, keepdims=True)
    leading = _leading(vectors, -2)
    turn = lax.imag(jnp.take_along_axis(change, leading, -2))
    turn = turn / lax.real(jnp.take_along_axis(vectors, leading, -2))
    change = change - vectors * lax.complex(lax.real(length), turn)
    return found, type(found)(jnp.diagonal(parts, axis1=-2, axis2=-1), change)


# JAX leaves the phases to LAPACK, and has a derivative on request alone.
@precise(keeps=_KEPT, static=())
def eig(x: Any, /) -> Any:
    return _eig(*_float("eig", x, square=True))


def _broken(x: Any) -> Any:
    """Tell of which matrices the lower triangle holds nan or infinities."""
    return ~jnp.isfinite(jnp.tril(x)).all((-2, -1))


# As for cholesky the lower triangle alone counts; as for eig the phases are set. LAPACK makes numbers of some nan.
@precise(keeps=_KEPT, static=())
def eigh(x: Any, /) -> Any:
    (x,) = _float("eigh", x, square=True)
    values, vectors = found = _eigh(x)
    broken = _broken(x)[..., None]
    values = jnp.where(broken, jnp.nan, values)
    vectors = jnp.where(broken[..., None], jnp.nan, vectors)
    return type(found)(values, vectors * jnp.conj(_phase(vectors, axis=-2)))


@jax.custom_jvp
def _eigvals(x: Any) -> Any:
    return jnp.linalg.eigvals(x)


@_eigvals.defjvp
def _along_eigvals(primals: Any, tangents: Any) -> Any:
    # The values that come with the vectors: without them LAPACK may have another order.
    found, _, parts = _turning(*primals, *tangents)
    return found[0], jnp.diagonal(parts, axis1=-2, axis2=-1)


# As for eig.
@precise(keeps=_KEPT, static=())
def eigvals(x: Any, /) -> Any:
    return _eigvals(*_float("eigvals", x, square=True))


# As for eigh.
@precise(keeps=_KEPT, static=())
def eigvalsh(x: Any, /) -> Any:
    (x,) = _float("eigvalsh", x, square=True)
    return jnp.where(_broken(x)[..., None], jnp.nan, _eigvalsh(x))


@precise(keeps=_KEPT, static=())
def inv(x: Any, /) -> Any:
    return jnp.linalg.inv(*_float("inv", x, square=True))


# jnp.matmul promotes by JAX's table.
@precise(keeps=NARROW, static=())
def matmul(x1: Any, x2: Any, /) -> Any:
    return jnp.matmul(*promoted(x1, x2))


# JAX's slope at a matrix of zeros is nan.
@precise(keeps=_KEPT, static=("keepdims", "ord"))
def matrix_norm(x: Any, /, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    x = cast(x, floating("matrix_norm", x.dtype))
    if ord == "fro" and x.ndim >= 2:
        return root(jnp.sum(jnp.real(x * jnp.conj(x)), axis=(-2, -1), keepdims=keepdims))
    return jnp.linalg.matrix_norm(x, keepdims=keepdims, ord=ord)


# The inverse in jnp.linalg.matrix_power takes integers to float32.
@precise(keeps=_KEPT, static=("n",))
def _matrix_power(x: Any, /, *, n: int) -> Any:
    if x.ndim < 2 or x.shape[-1] != x.shape[-2]:
        raise ShapeError(f"matrix_power takes square matrices; got the shape {x.shape}.")
    return jnp.linalg.matrix_power(x if n >= 0 else jnp.linalg.inv(*_float("matrix_power", x)), abs(n))


def matrix_power(x: Any, n: int, /) -> Any:
    return _matrix_power(x, n=n)


def _cutoff(x: Any) -> float:
    """Give the standard's default tolerance for singular values."""
    largest: int = max(x.shape[-2:])
    return largest * float(np.finfo(x.dtype).eps)


def _matrix_rank(x: Any, /, *, rtol: Any) -> Any:
    (x,) = _float("matrix_rank", x)
    if x.ndim < 2:
        raise ShapeError(f"matrix_rank takes matrices; got the shape {x.shape}.")
    if x.size == 0:
        return jnp.zeros(x.shape[:-2], dtype=np.int64)
    values = jnp.linalg.svdvals(x)
    cutoff = jnp.asarray(_cutoff(x) if rtol is None else rtol, dtype=values.dtype)[..., None]
    rank = jnp.sum(values > jnp.max(values, axis=-1, keepdims=True) * cutoff, axis=-1)
    return lax.convert_element_type(rank, np.int64)


_matrix_rank_number = precise(_matrix_rank, static=("rtol",))
_matrix_rank_array = precise(_matrix_rank)


# JAX raises for the matrix without elements, and counts in int32.
def matrix_rank(x: Any, /, *, rtol: Any = None) -> Any:
    number = rtol is None or isinstance(rtol, (int, float))
    return (_matrix_rank_number if number else _matrix_rank_array)(x, rtol=rtol)


matrix_transpose = wide(jnp.matrix_transpose, keeps=NARROW)


# jnp.linalg.outer promotes by JAX's table.
@wide(keeps=NARROW, static=())
def outer(x1: Any, x2: Any, /) -> Any:
    return jnp.linalg.outer(*promoted(x1, x2))


def _pinv(x: Any, /, *, rtol: Any) -> Any:
    (x,) = _float("pinv", x)
    return jnp.linalg.pinv(x, rtol=_cutoff(x) if rtol is None else rtol)


_pinv_number = precise(_pinv, keeps=_KEPT, static=("rtol",))
_pinv_array = precise(_pinv, keeps=_KEPT)


# JAX drops singular values ten times larger than the standard's default does. Its derivative wants rtol
# untraced.
def pinv(x: Any, /, *, rtol: Any = None) -> Any:
    return (_pinv_number if rtol is None or isinstance(rtol, (int, float)) else _pinv_array)(x, rtol=rtol)


# JAX leaves the signs to LAPACK; here the diagonal of R is real and not negative.
@precise(keeps=_KEPT, static=("mode",))
def qr(x: Any, /, *, mode: str = "reduced") -> Any:
    (x,) = _float("qr", x)
    found: Any = jnp.linalg.qr(x, mode=mode)
    q, r = found
    pivots = _unit(jnp.diagonal(r, axis1=-2, axis2=-1))
    rest = jnp.ones((*q.shape[:-2], q.shape[-1] - pivots.shape[-1]), dtype=q.dtype)
    signs = jnp.concat([pivots, rest], axis=-1)
    return type(found)(q * signs[..., None, :], jnp.triu(r * jnp.conj(signs)[..., :, None]))


# JAX gives a sign to the determinant of a matrix with nan.
@precise(keeps=_KEPT, static=())
def slogdet(x: Any, /) -> Any:
    sign, logabsdet = found = jnp.linalg.slogdet(*_float("slogdet", x, square=True))
    return type(found)(jnp.where(jnp.isnan(logabsdet), jnp.nan, sign), logabsdet)


@precise(keeps=_KEPT, static=())
def solve(x1: Any, x2: Any, /) -> Any:
    return jnp.linalg.solve(*_float("solve", x1, x2, square=True))


# JAX leaves the signs to LAPACK; here U sets them, and Vh for what U lacks.
@precise(keeps=_KEPT, static=("full_matrices",))
def svd(x: Any, /, *, full_matrices: bool = True) -> Any:
    (x,) = _float("svd", x)
    found: Any = jnp.linalg.svd(x, full_matrices=full_matrices)
    u, s, vh = found
    left, right = _phase(u, axis=-2), jnp.conj(_phase(vh, axis=-1))
    shared = s.shape[-1]
    right = jnp.concat([jnp.matrix_transpose(left)[..., :shared, :], right[..., shared:, :]], axis=-2)
    return type(found)(u * jnp.conj(left), s, vh * right)


@precise(keeps=_KEPT, static=())
def svdvals(x: Any, /) -> Any:
    return jnp.linalg.svdvals(*_float("svdvals", x))


# As for matmul.
@precise(keeps=NARROW, static=("axes",))
def tensordot(x1: Any, x2: Any, /, *, axes: Any = 2) -> Any:
    x1, x2 = promoted(x1, x2)
    return jnp.tensordot(x1, x2, axes=axes)


# JAX sums small integers in 32 bits while 64-bit types are off.
@wide(keeps=_KEPT, static=("offset", "dtype"))
def trace(x: Any, /, *, offset: int = 0, dtype: Any = None) -> Any:
    wanted = total(x, dtype)
    return jnp.linalg.trace(converted(x, wanted), offset=offset, dtype=wanted)


# As for matmul.
@precise(keeps=NARROW, static=("axis",))
def vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    return jnp.linalg.vecdot(*promoted(x1, x2), axis=axis)


# As for matrix_norm.
@wide(keeps=_KEPT, static=("axis", "keepdims", "ord"))
def vector_norm(x: Any, /, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Any:
    x = cast(x, floating("vector_norm", x.dtype))
    if ord == 2:
        return root(jnp.sum(jnp.real(x * jnp.conj(x)), axis=axis, keepdims=keepdims))
    if ord in (0, 1, np.inf, -np.inf):
        return jnp.linalg.vector_norm(x, axis=axis, keepdims=keepdims, ord=ord)
    none = jnp.all(x == 0, axis=axis, keepdims=True)
    found = jnp.linalg.vector_norm(jnp.where(none, 1, x), axis=axis, keepdims=keepdims, ord=ord)
    return jnp.where(none if keepdims else none.reshape(found.shape), 0, found)
