"""Updating on NumPy: its own assignment, to a copy."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from accel.extra.index import WHOLE, Item, items, lone_mask, places
from accel.extra.rearrangement import filling
from accel.extra.updating import masked
from accel_numpy._summation import addition
from accel_numpy.extra._segments import gathered

__all__ = ["get_at", "set_at", "update_at"]

Array: TypeAlias = npt.NDArray[Any]


# The composition looks for the place of each element.
def get_at(x: Array, index: Any, /, *, fill_value: Any = None) -> Array:
    try:
        return np.asarray(x[index])
    except IndexError:
        found = items(index, x)
        where = places(found, x)
    filler = x.dtype.type(0) if fill_value is None else filling(fill_value, x)
    if x.size == 0:
        return np.full(where.flat.shape, filler, dtype=x.dtype)
    picked = np.asarray(x.reshape(-1)[where.flat])
    if fill_value is not None:
        picked[~where.inside] = filler
    return picked


# The composition sorts. NumPy goes through the positions in the order of memory, which is that of the result for vectors alone.
def set_at(x: Array, index: Any, values: Any, /, *, copy: bool = True) -> Array:
    out = _room(x, copy)
    # What stands first is all that there is to ask where rows are written to a cache, once for each block of a model and token.
    new = values if type(values) is np.ndarray and values.dtype == x.dtype else _new(values, x)
    try:
        if (type(index) is tuple and PLAIN.issuperset(map(type, index))) or _in_order(index):
            out[index] = new
            return out
    except (IndexError, ValueError):
        out = _room(x, copy)
    found = items(index, x)
    mask = lone_mask(found)
    if mask is not None:
        marked, spread = masked(mask, new, x)
        np.copyto(out, spread, where=marked)
        return out
    flat, new = _flat(found, x, new)
    _vector(out)[flat] = new
    return out


# The composition sorts.
def update_at(x: Array, index: Any, values: Any, /, *, by: str = "add", copy: bool = True) -> Array:
    working = addition(x.dtype)
    out = _room(x, copy)
    new = _new(values, x)
    ufunc: Any = UFUNCS[by]
    found = items(index, x)
    mask = lone_mask(found)
    if working != x.dtype and by not in ("max", "min"):
        out[...] = update_at(x.astype(working), index, new.astype(working), by=by, copy=False)
    elif mask is not None:
        marked, spread = masked(mask, new, x)
        ufunc(out, spread, out=out, where=np.broadcast_to(marked, out.shape))
    elif all(item.kind in ("slice", "int", "new") for item in found):
        entries = index if isinstance(index, tuple) else (index,)
        view = out[entries if Ellipsis in entries else (*entries, ...)]
        ufunc(view, new, out=view)
    elif by == "divide":
        factors = np.ones_like(out)
        _gather(np.multiply, factors, found, new)
        np.divide(out, factors, out=out)
    else:
        _gather(ufunc, out, found, new)
    return out


def _gather(ufunc: Any, out: Array, found: tuple[Item, ...], values: Array) -> None:
    """Combine elements with values that may meet in one of them."""
    first, *others = found
    whole = all(item.kind == "slice" and item.what == WHOLE for item in others)
    if whole and first.kind == "array" and first.what.ndim == 1:
        rows, length = first.what, out.shape[0]
        if rows.size == 0 or (rows.min() >= -length and rows.max() < length):
            rows = np.where(rows < 0, rows + length, rows).astype(np.intp, copy=False)
            gathered(ufunc, out, rows, np.broadcast_to(values, rows.shape + out.shape[1:]))
            return
    flat, new = _flat(found, out, values)
    gathered(ufunc, _vector(out), flat, new)


PLAIN = frozenset((int, slice, type(Ellipsis), type(None)))
"""Classes of what an index may hold beside arrays."""

UFUNCS = {
    "add": np.add,
    "divide": np.divide,
    "max": np.maximum,
    "min": np.minimum,
    "multiply": np.multiply,
    "subtract": np.subtract,
}


def _new(values: Any, x: Array) -> Array:
    """Give values in the dtype of the array that they go to."""
    if isinstance(values, np.ndarray | np.generic):
        return np.asarray(values.astype(x.dtype, copy=False))
    return np.asarray(values, dtype=x.dtype)


def _room(x: Array, copy: bool) -> Array:
    """Give the array to write to: the one that was given, if that was allowed and can be done, or a copy in the order of the result."""
    if not copy:
        flags = x.flags
        if flags.writeable and flags.c_contiguous:
            return x
    return np.array(x, order="C")


def _vector(x: Array) -> Array:
    """Give the elements of a contiguous array as a vector that shares its memory."""
    return x.reshape(-1)


def _in_order(index: Any) -> bool:
    """Tell whether NumPy takes the positions of an index in row-major order: those of one vector, if there are any."""
    entries = index if type(index) is tuple else (index,)
    found = False
    for each in entries:
        if isinstance(each, np.ndarray):
            # NumPy would go backwards through a vector that lies backwards.
            if found or not (each.dtype.kind == "b" or (each.ndim <= 1 and each.flags.c_contiguous)):
                return False
            found = True
    return True


def _flat(found: tuple[Item, ...], x: Array, values: Array) -> tuple[Array, Array]:
    """Give positions in the array flattened, and the value for each of them; those out of bounds are left out."""
    where = places(found, x)
    flat, new = where.flat.reshape(-1), np.broadcast_to(values, where.flat.shape).reshape(-1)
    if math.prod(x.shape) == 0:
        return flat[:0], new[:0]
    if where.inside is None or where.inside.all():
        return flat, new
    inside = where.inside.reshape(-1)
    return flat[inside], new[inside]
