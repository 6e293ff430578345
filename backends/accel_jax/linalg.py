"""The linear algebra extension of the standard."""

from __future__ import annotations

from functools import wraps
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from accel.errors import DTypeError

from accel_jax._manipulation import promoted
from accel_jax._promotion import FLOATS, KNOWN, NARROW, WIDE, floating
from accel_jax._statistical import _total
from accel_jax._x64 import wide

_KEPT = FLOATS - WIDE
_EXACT = lax.Precision.HIGHEST


def _float(name: str, *arrays: Any) -> tuple[Any, ...]:
    return tuple(lax.convert_element_type(x, floating(name, x.dtype)) for x in promoted(*arrays))


# JAX takes the mean of both triangles; LAPACK, NumPy and CuPy read the lower one.
@wide(keeps=_KEPT)
def cholesky(x: Any, /, *, upper: bool = False) -> Any:
    (x,) = _float("cholesky", x)
    return jnp.linalg.cholesky(x, upper=upper, symmetrize_input=False)


@wide(keeps=NARROW)
def cross(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    return jnp.linalg.cross(*promoted(x1, x2), axis=axis)


@wide(keeps=_KEPT)
def det(x: Any, /) -> Any:
    return jnp.linalg.det(*_float("det", x))


@wide(keeps=NARROW)
def diagonal(x: Any, /, *, offset: int = 0) -> Any:
    return jnp.linalg.diagonal(x, offset=offset)


@wide(keeps=_KEPT)
def eig(x: Any, /) -> Any:
    return jnp.linalg.eig(*_float("eig", x))


# As for cholesky: the lower triangle alone counts.
@wide(keeps=_KEPT)
def eigh(x: Any, /) -> Any:
    return jnp.linalg.eigh(*_float("eigh", x), symmetrize_input=False)


@wide(keeps=_KEPT)
def eigvals(x: Any, /) -> Any:
    return jnp.linalg.eigvals(*_float("eigvals", x))


@wide(keeps=_KEPT)
def eigvalsh(x: Any, /) -> Any:
    return jnp.linalg.eigvalsh(*_float("eigvalsh", x), symmetrize_input=False)


@wide(keeps=_KEPT)
def inv(x: Any, /) -> Any:
    return jnp.linalg.inv(*_float("inv", x))


# On a GPU or TPU JAX multiplies float32 in fewer bits unless it is told otherwise.
@wide(keeps=NARROW)
def matmul(x1: Any, x2: Any, /) -> Any:
    return jnp.matmul(*promoted(x1, x2), precision=_EXACT)


@wide(keeps=_KEPT)
def matrix_norm(x: Any, /, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    return jnp.linalg.matrix_norm(*_float("matrix_norm", x), keepdims=keepdims, ord=ord)


@wide(keeps=NARROW)
def matrix_power(x: Any, n: int, /) -> Any:
    return jnp.linalg.matrix_power(x, n)


@wide
def matrix_rank(x: Any, /, *, rtol: Any = None) -> Any:
    (x,) = _float("matrix_rank", x)
    return lax.convert_element_type(jnp.linalg.matrix_rank(x, rtol=rtol), np.int64)


@wide(keeps=NARROW)
def matrix_transpose(x: Any, /) -> Any:
    return jnp.matrix_transpose(x)


@wide(keeps=NARROW)
def outer(x1: Any, x2: Any, /) -> Any:
    return jnp.linalg.outer(*promoted(x1, x2))


# JAX drops singular values ten times larger than the standard's default.
@wide(keeps=_KEPT)
def pinv(x: Any, /, *, rtol: Any = None) -> Any:
    (x,) = _float("pinv", x)
    if rtol is None:
        rtol = max(x.shape[-2:], default=0) * float(jnp.finfo(x.dtype).eps)
    return jnp.linalg.pinv(x, rtol=rtol)


@wide(keeps=_KEPT)
def qr(x: Any, /, *, mode: str = "reduced") -> Any:
    return jnp.linalg.qr(*_float("qr", x), mode=mode)


@wide(keeps=_KEPT)
def slogdet(x: Any, /) -> Any:
    return jnp.linalg.slogdet(*_float("slogdet", x))


@wide(keeps=_KEPT)
def solve(x1: Any, x2: Any, /) -> Any:
    return jnp.linalg.solve(*_float("solve", x1, x2))


@wide(keeps=_KEPT)
def svd(x: Any, /, *, full_matrices: bool = True) -> Any:
    return jnp.linalg.svd(*_float("svd", x), full_matrices=full_matrices)


@wide(keeps=_KEPT)
def svdvals(x: Any, /) -> Any:
    return jnp.linalg.svdvals(*_float("svdvals", x))


@wide(keeps=NARROW)
def tensordot(x1: Any, x2: Any, /, *, axes: Any = 2) -> Any:
    return jnp.tensordot(*promoted(x1, x2), axes=axes, precision=_EXACT)


@wide(keeps=_KEPT)
def trace(x: Any, /, *, offset: int = 0, dtype: Any = None) -> Any:
    return jnp.linalg.trace(x, offset=offset, dtype=_total(x, dtype))


@wide(keeps=NARROW)
def vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    return jnp.linalg.vecdot(*promoted(x1, x2), axis=axis, precision=_EXACT)


@wide(keeps=_KEPT)
def vector_norm(x: Any, /, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Any:
    return jnp.linalg.vector_norm(*_float("vector_norm", x), axis=axis, keepdims=keepdims, ord=ord)
