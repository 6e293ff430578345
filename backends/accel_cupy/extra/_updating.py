"""Updating on CuPy: kernels that write to a copy. CuPy's own assignment leaves open which of several values stays."""

from __future__ import annotations

from typing import Any

import cupy as cp

from accel.extra.index import Item, items, lone_mask, places, plain
from accel.extra.rearrangement import filling
from accel.extra.updating import masked
from accel_cupy.extra._atomic import combine, working

__all__ = ["set_at", "update_at"]


# The composition looks for the place of each element. Of the values of one element the last is kept, the others go nowhere.
def set_at(x: Any, index: Any, values: Any, /, *, copy: bool = True) -> Any:
    out, new = _room(x, copy), filling(values, x)
    found = items(index, x)
    mask = lone_mask(found)
    if mask is not None:
        marked, spread = masked(mask, new, x)
        return _where(marked, spread, out)
    if plain(found) and not any(item.kind == "mask" for item in found):
        out[index] = new
        return out
    flat, new = _flat(found, x, new)
    if flat.size:
        order = cp.argsort(flat)
        flat, new = flat[order], new[order]
        last = cp.ones(flat.shape, dtype=bool)
        cp.not_equal(flat[1:], flat[:-1], out=last[:-1])
        _write(cp.where(last, flat, -1), new, out)
    return out


_write = cp.ElementwiseKernel(
    "int64 at, T value", "raw T out", "if (at >= 0) out[at] = value", "accel_written"
)


def _where(marked: Any, values: Any, out: Any) -> Any:
    cp.copyto(out, values, where=marked)
    return out


# The composition looks for the place of each element, and cupy.add.at knows few dtypes.
def update_at(x: Any, index: Any, values: Any, /, *, by: str = "add", copy: bool = True) -> Any:
    new, found = filling(values, x), items(index, x)
    mask = lone_mask(found)
    basic = mask is None and plain(found) and not any(item.kind == "mask" for item in found)
    dtype = working(x.dtype) if not basic or x.dtype.kind not in "iu" else x.dtype
    out = _room(x.astype(dtype), False) if dtype != x.dtype else _room(x, copy)
    new = new.astype(dtype, copy=False)
    if mask is not None:
        marked, spread = masked(mask, new, out)
        _where(marked, UFUNCS[by](out, spread), out)
    elif basic:
        entries = index if isinstance(index, tuple) else (index,)
        view = out[entries if Ellipsis in entries else (*entries, ...)]
        UFUNCS[by](view, new, out=view)
    else:
        flat, new = _flat(found, x, new)
        if by == "subtract":
            combine("add", out.reshape(-1), flat, cp.negative(new))
        elif by == "divide" or (by == "multiply" and dtype.kind == "c"):
            factors = _factors(out, flat, new)
            UFUNCS[by](out, factors, out=out)
        else:
            combine(by, out.reshape(-1), flat, new)
    if dtype == x.dtype:
        return out
    if copy:
        return out.astype(x.dtype)
    x[...] = out
    return x


UFUNCS = {
    "add": cp.add,
    "divide": cp.divide,
    "max": cp.maximum,
    "min": cp.minimum,
    "multiply": cp.multiply,
    "subtract": cp.subtract,
}


def _factors(out: Any, flat: Any, values: Any) -> Any:
    """Give the product of the values of each element."""
    if out.dtype.kind == "c":
        from accel_cupy.extra import segment_prod

        return segment_prod(values, flat, num_segments=out.size).reshape(out.shape)
    factors = cp.ones_like(out)
    combine("multiply", factors.reshape(-1), flat, values)
    return factors


def _room(x: Any, copy: bool) -> Any:
    """Give the array to write to: the one that was given, if that was allowed and can be done, or a copy in row-major order."""
    return x if not copy and x.flags.c_contiguous else cp.array(x, order="C")


def _flat(found: tuple[Item, ...], x: Any, values: Any) -> tuple[Any, Any]:
    """Give positions in the array flattened, -1 for those out of bounds, and the value for each of them."""
    where = places(found, x)
    flat = where.flat if where.inside is None else cp.where(where.inside, where.flat, -1)
    new = cp.broadcast_to(values, where.flat.shape).reshape(-1)
    if x.size == 0:
        return flat.reshape(-1)[:0], new[:0]
    return flat.reshape(-1), new
