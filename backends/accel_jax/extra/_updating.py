"""Updating on JAX: ``x.at`` of its own, compiled once for each form of an index."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from accel.extra.index import Item, items, lone_mask, shape_of
from accel.extra.updating import COMBINED, masked
from accel_jax._promotion import SCALARS, cast, opaque, scalar
from accel_jax._searching import nonzero
from accel_jax._x64 import wide
from accel_jax.extra._segments import product

__all__ = ["get_at", "set_at", "update_at"]


def get_at(x: Any, index: Any, /, *, fill_value: Any = None) -> Any:
    form, arrays = _taken_apart(index, x, masks=False)
    filler = () if fill_value is None else (_values(fill_value, x),)
    return _get(x, *filler, *arrays, form=form, filled=bool(filler))


def set_at(x: Any, index: Any, values: Any, /, *, copy: bool = True) -> Any:
    form, arrays = _taken_apart(index, x, masks=True)
    return _set(x, _values(values, x), *arrays, form=form)


def update_at(x: Any, index: Any, values: Any, /, *, by: str = "add", copy: bool = True) -> Any:
    form, arrays = _taken_apart(index, x, masks=True)
    return _update(x, _values(values, x), *arrays, form=form, by=by)


def _values(values: Any, x: Any) -> Any:
    if type(values) not in SCALARS:
        return values
    return scalar(bool(values) if x.dtype == bool else values, x.dtype)


ARRAY = "array"


def _taken_apart(index: Any, x: Any, *, masks: bool) -> tuple[tuple[Any, ...], list[Any]]:
    """Split an index into what is part of the compiled function and the arrays; masks may stay that need not be counted."""
    entries = index if isinstance(index, tuple) else (index,)
    if any(getattr(each, "dtype", None) == np.bool for each in entries):
        found = items(index, x)
        if not masks or lone_mask(found) is None:
            entries = tuple(part for item in found for part in _unmasked(item))
    form: list[Any] = []
    arrays: list[Any] = []
    for each in entries:
        if isinstance(each, slice):
            form.append((each.start, each.stop, each.step))
        elif each is None or each is Ellipsis:
            form.append(each)
        elif hasattr(each, "dtype"):
            form.append(ARRAY)
            arrays.append(each)
        else:
            form.append(each.__index__())
    return tuple(form), arrays


def _unmasked(item: Item) -> tuple[Any, ...]:
    return nonzero(item.what) if item.kind == "mask" else (item.what,)


def _index(form: tuple[Any, ...], arrays: tuple[Any, ...]) -> tuple[Any, ...]:
    fresh = iter(arrays)
    return tuple(
        next(fresh) if each == ARRAY else slice(*each) if isinstance(each, tuple) else each for each in form
    )


@wide(static=("form", "filled"))
def _get(*operands: Any, form: tuple[Any, ...], filled: bool) -> Any:
    x, *arrays = operands
    filler = cast(jnp.asarray(arrays[0]), x.dtype) if filled else jnp.zeros((), x.dtype)
    index = _index(form, tuple(arrays[filled:]))
    if 0 in x.shape:
        shape = shape_of(items(index, x), x.shape)
        assert shape is not None
        return jnp.broadcast_to(filler, shape)
    picked = x.at[index].get(mode="clip")
    if not filled or ARRAY not in form:
        return picked
    inside = jnp.ones(x.shape, dtype=bool).at[index].get(mode="fill", fill_value=False)
    return jnp.where(inside, picked, filler)


@wide(static=("form",))
def _set(x: Any, values: Any, /, *arrays: Any, form: tuple[Any, ...]) -> Any:
    index, values = _index(form, arrays), cast(jnp.asarray(values), x.dtype)
    found = items(index, x)
    mask = lone_mask(found)
    if mask is not None:
        marked, spread = masked(mask, values, x)
        return jnp.where(marked, spread, x)
    if 0 in x.shape:
        return x
    if all(item.kind != ARRAY or item.what.ndim == 0 for item in found):
        return x.at[index].set(values, mode="drop")
    # The CPU writes in order; other devices in none.
    return lax.platform_dependent(
        x,
        values,
        *arrays,
        cpu=lambda x, values, *arrays: x.at[_index(form, arrays)].set(values, mode="drop"),
        default=lambda x, values, *arrays: _last(x, _index(form, arrays), values),
    )


def _last(x: Any, index: Any, values: Any) -> Any:
    """Write the last value of each element, and no other."""
    flat = _flat(x, index)
    order = jnp.argsort(flat.reshape(-1), stable=True)
    sorted_ = flat.reshape(-1)[order]
    last = jnp.concat([sorted_[1:] != sorted_[:-1], jnp.ones(sorted_.shape[:1], bool)[:1]])
    values = jnp.broadcast_to(values, flat.shape).reshape(-1)[order]
    return x.reshape(-1).at[jnp.where(last, sorted_, x.size)].set(values, mode="drop").reshape(x.shape)


def _flat(x: Any, index: Any) -> Any:
    """Give the places of the elements of an index in x flattened, and the one behind the last for positions out of bounds."""
    return jnp.arange(x.size).reshape(x.shape).at[index].get(mode="fill", fill_value=x.size)


@wide(static=("form", "by"))
def _update(x: Any, values: Any, /, *arrays: Any, form: tuple[Any, ...], by: str) -> Any:
    dtype, values = x.dtype, cast(jnp.asarray(values), x.dtype)
    if dtype.itemsize == 2 and dtype.kind not in "iu":
        x, values = (lax.convert_element_type(each, np.float32) for each in (x, values))
    index = _index(form, arrays)
    mask = lone_mask(items(index, x))
    if mask is not None:
        marked, spread = masked(mask, values, x)
        out = jnp.where(marked, COMBINED[by][1](x, spread), x)
    elif 0 in x.shape:
        out = x
    elif by in ("divide", "multiply") and ARRAY in form:
        flat = _flat(x, index)
        spread = jnp.broadcast_to(values, flat.shape).reshape(-1)
        factors = product(spread, flat.reshape(-1), x.size).reshape(x.shape)
        out = x * factors if by == "multiply" else lax.div(x, opaque(factors))
    elif by == "divide":
        old = x[index]
        out = x.at[index].set(lax.div(old, opaque(jnp.broadcast_to(values, old.shape))))
    else:
        out = getattr(x.at[index], by)(values, mode="drop")
    return lax.convert_element_type(out, dtype)
