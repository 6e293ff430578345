"""Decompositions: XLA's triangular solver and LU, and an exponential that squares as often as it has to."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

import accel.extra.decomposition as decomposition
from accel_jax._manipulation import promoted
from accel_jax._precision import precise
from accel_jax._promotion import FLOATS, WIDE, cast, floating

_KEPT = FLOATS - WIDE


def _together(name: str, *arrays: Any) -> tuple[Any, ...]:
    return promoted(*(cast(x, floating(name, x.dtype)) for x in promoted(*arrays)))


def _triangular(a: Any, b: Any, lower: bool, trans: str, unit: bool) -> Any:
    stack = jnp.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    return lax.linalg.triangular_solve(
        jnp.broadcast_to(a, (*stack, *a.shape[-2:])),
        jnp.broadcast_to(b, (*stack, *b.shape[-2:])),
        left_side=True,
        lower=lower,
        transpose_a=trans != "N",
        conjugate_a=trans == "C",
        unit_diagonal=unit,
    )


def _columns(b: Any) -> Any:
    return b[:, None] if b.ndim == 1 else b


# The composition eliminates where there is nothing to eliminate.
@precise(keeps=_KEPT, static=("lower", "trans", "unit_diagonal"))
def solve_triangular(
    a: Any, b: Any, /, *, lower: bool = False, trans: str = "N", unit_diagonal: bool = False
) -> Any:
    a, b = _together("solve_triangular", a, b)
    y = _triangular(a, _columns(b), lower, trans, unit_diagonal)
    return y[..., 0] if b.ndim == 1 else y


# As solve_triangular.
@precise(keeps=_KEPT, static=("upper",))
def cho_solve(c: Any, b: Any, /, *, upper: bool = False) -> Any:
    c, b = _together("cho_solve", c, b)
    first, second = ("C", "N") if upper else ("N", "C")
    y = _triangular(c, _columns(b), not upper, first, False)
    y = _triangular(c, y, not upper, second, False)
    return y[..., 0] if b.ndim == 1 else y


# The composition passes over the whole matrix for each column.
@precise(keeps=_KEPT, static=())
def lu_factor(a: Any, /) -> Any:
    (a,) = _together("lu_factor", a)
    lu, pivots, _ = lax.linalg.lu(a)
    return lu, lax.convert_element_type(pivots, np.int32)


@precise(static=("trans",))
def _lu_solve(lu: Any, pivots: Any, b: Any, /, *, trans: str = "N") -> Any:
    lu, b = _together("lu_solve", lu, b)
    y = _columns(b)
    order = lax.linalg.lu_pivots_to_permutation(lax.convert_element_type(pivots, np.int32), lu.shape[-1])
    stack = jnp.broadcast_shapes(lu.shape[:-2], y.shape[:-2])
    y = jnp.broadcast_to(y, (*stack, *y.shape[-2:]))
    if trans == "N":
        y = jnp.take_along_axis(y, order[..., None], axis=-2)
        y = _triangular(lu, y, True, "N", True)
        y = _triangular(lu, y, False, "N", False)
    else:
        y = _triangular(lu, y, False, trans, False)
        y = _triangular(lu, y, True, trans, True)
        y = jnp.take_along_axis(y, jnp.argsort(order, axis=-1)[..., None], axis=-2)
    return y[..., 0] if b.ndim == 1 else y


# As lu_factor.
def lu_solve(lu_and_pivots: Any, b: Any, /, *, trans: str = "N") -> Any:
    lu, pivots = lu_and_pivots
    return _lu_solve(lu, pivots, b, trans=trans)


# The composition squares 32 times, whether a matrix needs it or not.
@precise(keeps=_KEPT, static=())
def expm(a: Any, /) -> Any:
    (a,) = _together("expm", a)
    if a.size == 0:
        return a
    kind = "float32" if a.dtype in (np.float32, np.complex64) else "float64"
    limit = decomposition.LIMIT[kind]
    real = np.dtype(kind)
    most = np.arange(decomposition.SQUARINGS)
    norm = jnp.max(jnp.sum(jnp.abs(lax.stop_gradient(a)), axis=-2), axis=-1)
    fine = norm <= real.type(limit * 2.0**decomposition.SQUARINGS)
    halvings = jnp.sum(norm[..., None] > (limit * 2.0**most).astype(real), axis=-1)
    halvings = jnp.where(fine, halvings, 0)
    scale = jnp.asarray((0.5 ** np.arange(decomposition.SQUARINGS + 1)).astype(real))[halvings]
    whole = fine[..., None, None]
    small = jnp.where(whole, a, 0) * lax.convert_element_type(scale, a.dtype)[..., None, None]
    times = halvings[..., None, None]
    last = jnp.max(halvings)

    def squared(y: Any, k: Any) -> tuple[Any, None]:
        def once(y: Any) -> Any:
            # What is done must not overflow where nobody looks: its derivative would be nan.
            part = jnp.where(times > k, y, 0)
            return jnp.where(times > k, part @ part, y)

        return lax.cond(k < last, once, lambda y: y, y), None

    y, _ = lax.scan(squared, decomposition.pade(small, decomposition.QUOTIENT[kind]), most.astype(np.int32))
    return jnp.where(whole, y, jnp.nan)
