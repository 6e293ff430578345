"""Index: what stands in the brackets of ``x[...]``, taken apart into one item for each axis and into places in the memory of x."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import accel as xp
import accel.registry as registry
from accel.dtype import name_of
from accel.errors import (
    ArgumentError,
    DTypeError,
    MixedBackendsError,
    OutOfBoundsError,
    ShapeError,
    UnknownArrayError,
    UnsupportedError,
)
from accel.lending import mixes

__all__ = [
    "Item",
    "Places",
    "broadcasts",
    "items",
    "lone_mask",
    "places",
    "plain",
    "refuse_traced_masks",
    "shape_of",
]

WHOLE = slice(None)


@dataclass(frozen=True)
class Item:
    """What stands for some axes of an array.

    Attributes
    ----------
    what : None, int, slice or array
        None makes a new axis; an int is counted from the first; an array holds integers or is a mask.
    axis : int
        The first axis that it is about, or stands before.
    kind : str
        ``"new"``, ``"int"``, ``"slice"``, ``"array"`` or ``"mask"``.
    """

    what: Any
    axis: int
    kind: str

    @property
    def axes(self) -> int:
        """Number of axes of x that it is about."""
        return 0 if self.kind == "new" else len(self.what.shape) if self.kind == "mask" else 1


def items(index: Any, x: Any) -> tuple[Item, ...]:
    """Take an index apart, so that each axis of x is in one item, or refuse it."""
    entries = list(index) if isinstance(index, tuple) else [index]
    dots = [i for i, entry in enumerate(entries) if entry is Ellipsis]
    if len(dots) > 1:
        raise ArgumentError("an index has one ellipsis at most.")
    kinds = [_kind(entry, x) for entry in entries]
    named = sum(
        len(entry.shape) if kind == "mask" else kind in ("int", "slice", "array")
        for entry, kind in zip(entries, kinds, strict=True)
    )
    shape = tuple(x.shape)
    if named > len(shape):
        raise ShapeError(f"the index is about {named} axes, and x has shape {shape}.")
    at = dots[0] if dots else len(entries)
    entries[at : at + 1] = [WHOLE] * (len(shape) - named)
    kinds[at : at + 1] = ["slice"] * (len(shape) - named)
    found, axis = [], 0
    for entry, kind in zip(entries, kinds, strict=True):
        item = Item(_checked(entry, kind, shape, axis), axis, kind)
        found.append(item)
        axis += item.axes
    return tuple(found)


def _kind(entry: Any, x: Any) -> str:
    if entry is None or entry is Ellipsis:
        return "new"
    if isinstance(entry, slice):
        return "slice"
    backend = registry.owner(type(entry))
    if backend is None:
        if isinstance(entry, list):
            raise UnknownArrayError("the index holds a list; write accel.asarray(...) of it.")
        if isinstance(entry, bool) or not hasattr(entry, "__index__"):
            raise ArgumentError(
                f"an index is made of ints, slices, ..., None and arrays, got {type(entry).__name__} {entry!r}."
            )
        return "int"
    home = registry.owner(type(x))
    if home is not None and backend is not home and mixes((type(x), type(entry))) is None:
        raise MixedBackendsError(
            f"x holds {home.name}, the index holds {backend.name}, and accel never moves data by itself; "
            f"write accel.to_device(index, like=x)."
        )
    name = name_of(entry.dtype)
    if name == "bool":
        return "mask"
    if "int" not in name:
        raise DTypeError(
            f"the index holds an array of {name}; positions are integers, and masks are boolean."
        )
    return "array"


def _checked(entry: Any, kind: str, shape: tuple[int, ...], axis: int) -> Any:
    if kind == "slice":
        for bound in (entry.start, entry.stop, entry.step):
            if bound is not None and not hasattr(bound, "__index__"):
                raise ArgumentError(f"the bounds of a slice are ints, got {bound!r}.")
        if entry.step is not None and entry.step == 0:
            raise ArgumentError("the step of a slice cannot be 0.")
    elif kind == "int":
        length, entry = shape[axis], entry.__index__()
        if not -length <= entry < length:
            raise OutOfBoundsError(
                f"the index {entry} is out of bounds; axis {axis} of x has length {length} and takes {-length} to {length - 1}."
            )
        return entry % length
    elif kind == "mask":
        wanted = shape[axis : axis + len(entry.shape)]
        if tuple(entry.shape) != wanted:
            raise ShapeError(
                f"a mask of shape {tuple(entry.shape)} stands for axes of x of the lengths {wanted}; they must be the same."
            )
    return entry


def plain(found: tuple[Item, ...]) -> bool:
    """Tell whether an index picks each element once at most: it has no arrays of positions."""
    return all(item.kind != "array" for item in found)


def lone_mask(found: tuple[Item, ...]) -> Item | None:
    """Give the mask of an index that has one, and takes the other axes whole."""
    masks = [item for item in found if item.kind == "mask"]
    others = all(item.kind == "slice" and item.what == WHOLE for item in found if item.kind != "mask")
    return masks[0] if len(masks) == 1 and others else None


def refuse_traced_masks(found: tuple[Item, ...], why: str) -> None:
    """Refuse masks that are being traced."""
    for item in found:
        if item.kind == "mask":
            backend = registry.owner(type(item.what))
            if backend is not None and backend.traces(item.what):
                raise UnsupportedError(
                    f"{why}, and a traced mask has no values yet; write accel.where(mask, ...), or positions made by "
                    f"accel.extra.nonzero(mask, size=...)."
                )


def shape_of(found: tuple[Item, ...], shape: tuple[int, ...]) -> tuple[int, ...] | None:
    """Give the shape of ``x[index]``, or None where it depends on the values of a mask."""
    if any(item.kind == "mask" for item in found):
        return None
    return tuple(n for n, _ in _axes(found, shape))


def _axes(found: tuple[Item, ...], shape: tuple[int, ...]) -> list[tuple[int, list[Item]]]:
    """Give the axes of the result: the length of each, and the items that it is about."""
    arrays = [item for item in found if item.kind == "array"]
    together = [i for i, item in enumerate(found) if item.kind in ("array", "int")] if arrays else []
    spread = _broadcast([tuple(item.what.shape) for item in arrays])
    picked = [
        (n, [item for item in arrays if len(item.what.shape) >= back]) for back, n in _from_last(spread)
    ]
    out: list[tuple[int, list[Item]]] = []
    adjacent = bool(together) and together[-1] - together[0] + 1 == len(together)
    if together and not adjacent:
        out += picked
    for i, item in enumerate(found):
        if adjacent and i == together[0]:
            out += picked
        if item.kind == "slice":
            out.append((len(range(*item.what.indices(shape[item.axis]))), [item]))
        elif item.kind == "new":
            out.append((1, []))
    return out


def _from_last(shape: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """Give each length with its place counted from the last."""
    return ((len(shape) - i, n) for i, n in enumerate(shape))


def _broadcast(shapes: list[tuple[int, ...]]) -> tuple[int, ...]:
    count = max(map(len, shapes), default=0)
    out = []
    for place in range(count, 0, -1):
        lengths = {shape[-place] for shape in shapes if len(shape) >= place}
        several = lengths - {1}
        if len(several) > 1:
            raise ShapeError(
                f"the arrays of the index have shapes {', '.join(map(str, shapes))}, which do not broadcast together."
            )
        out.append(several.pop() if several else 1)
    return tuple(out)


def broadcasts(shape: tuple[int, ...], target: tuple[int, ...]) -> bool:
    """Tell whether an array of one shape can be spread over another."""
    return len(shape) <= len(target) and all(
        n in (1, target[-back]) for back, n in ((len(shape) - i, n) for i, n in enumerate(shape))
    )


@dataclass(frozen=True)
class Places:
    """Where the elements of ``x[index]`` stand in x flattened.

    Attributes
    ----------
    flat : array of int64
        The places, in the shape of ``x[index]``; some place where there is none.
    inside : array of bool or None
        Whether there is one; None means all are.
    """

    flat: Any
    inside: Any


def places(found: tuple[Item, ...], x: Any) -> Places:
    """Work out where the elements of ``x[index]`` stand."""
    shape, device = tuple(x.shape), xp.device(x)
    found = tuple(part for item in found for part in _unmasked(item))
    strides = [math.prod(shape[axis + 1 :]) for axis in range(len(shape))]
    axes = _axes(found, shape)
    ndim = len(axes)
    total = xp.full((1,) * ndim, 0, dtype=xp.int64, device=device)
    inside = None
    for item in found:
        if item.kind == "new":
            continue
        length, stride = shape[item.axis], strides[item.axis]
        if item.kind == "int":
            total = xp.add(total, item.what * stride)
            continue
        where = [i for i, (_, owners) in enumerate(axes) if any(owner is item for owner in owners)]
        if item.kind == "slice":
            start, _, step = item.what.indices(length)
            count = axes[where[0]][0]
            here = xp.multiply(xp.arange(count, dtype=xp.int64, device=device), step * stride)
            here = xp.add(here, start * stride)
        else:
            at = xp.astype(item.what, xp.int64, copy=False)
            at = xp.where(xp.less(at, 0), xp.add(at, length), at)
            known = xp.logical_and(xp.greater_equal(at, 0), xp.less(at, length))
            here = xp.multiply(xp.clip(at, 0, max(length - 1, 0)), stride)
            spread = _placed(tuple(item.what.shape), where, ndim)
            known = xp.reshape(known, spread)
            inside = known if inside is None else xp.logical_and(inside, known)
            total = xp.add(total, xp.reshape(here, spread))
            continue
        total = xp.add(total, xp.reshape(here, _placed((count,), where, ndim)))
    whole = tuple(n for n, _ in axes)
    flat = xp.broadcast_to(total, whole)
    return Places(flat, None if inside is None else xp.broadcast_to(inside, whole))


def _placed(shape: tuple[int, ...], where: list[int], ndim: int) -> tuple[int, ...]:
    """Give the shape in which an array's axes lie where they belong among those of the result."""
    lengths = dict(zip(where, shape, strict=True))
    return tuple(lengths.get(i, 1) for i in range(ndim))


def _unmasked(item: Item) -> Iterator[Item]:
    """Put the positions of the true elements in the place of a mask."""
    if item.kind != "mask":
        yield item
    elif not item.axes:
        raise ArgumentError("a mask of an index has an axis at least.")
    else:
        for i, at in enumerate(xp.nonzero(item.what)):
            yield Item(at, item.axis + i, "array")
