"""Requirements: what an op asks of shapes, dtypes and numbers before any backend sees them.

For the ``requires`` of a spec. Each function takes arguments under the names that the caller wrote, passes over None, and raises one
sentence; the op's name is put in front of it. None looks at the values of an array.
"""

from __future__ import annotations

import operator
from typing import Any

import accel.registry as registry
from accel.dtype import bfloat16, float16, float32, float64, name_of
from accel.errors import ArgumentError, AxisError, DTypeError, ShapeError, UnsupportedError

__all__ = [
    "alike",
    "axes",
    "axis",
    "boolean",
    "broadcast",
    "choice",
    "dimensions",
    "filled",
    "flag",
    "floating",
    "floating_dtype",
    "inexact",
    "integral",
    "mutual",
    "number",
    "numeric",
    "ordered",
    "settled",
    "shaped",
    "size",
    "sizes",
]

FLOATS = frozenset(("bfloat16", "float16", "float32", "float64"))
INTEGERS = frozenset(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64))
COMPLEX = frozenset(("complex64", "complex128"))
BOOLEAN = frozenset(("bool",))


def _ask(arrays: dict[str, Any], known: frozenset[str], words: str) -> None:
    for name, x in arrays.items():
        dtype = getattr(x, "dtype", None)
        if dtype is not None and name_of(dtype) not in known:
            raise DTypeError(
                f"{name} is {name_of(dtype)}, and only {words} dtypes are taken; cast it with accel.astype({name}, ...)."
            )


def floating(**arrays: Any) -> None:
    """Refuse arrays of other than real floating-point dtypes; numbers and None may stand in their place."""
    _ask(arrays, FLOATS, "real floating-point")


def floating_dtype(**dtypes: Any) -> None:
    """Refuse what is no real floating-point dtype, of whichever library; None passes."""
    for name, dtype in dtypes.items():
        if dtype is not None and not any(known == dtype for known in (float32, float64, float16, bfloat16)):
            raise DTypeError(f"{name} is a real floating-point dtype, such as accel.float32, got {dtype!r}.")


def ordered(**arrays: Any) -> None:
    """Refuse complex and boolean arrays."""
    _ask(arrays, FLOATS | INTEGERS, "real-valued")


def numeric(**arrays: Any) -> None:
    """Refuse boolean arrays."""
    _ask(arrays, FLOATS | INTEGERS | COMPLEX, "numeric")


def integral(**arrays: Any) -> None:
    """Refuse arrays of other than integer dtypes."""
    _ask(arrays, INTEGERS, "integer")


def inexact(**arrays: Any) -> None:
    """Refuse integer and boolean arrays."""
    _ask(arrays, FLOATS | COMPLEX, "floating-point")


def boolean(**arrays: Any) -> None:
    """Refuse arrays of other than the boolean dtype."""
    _ask(arrays, BOOLEAN, "boolean")


def broadcast(shape: tuple[int, ...], /, **arrays: Any) -> None:
    """Refuse arrays whose shapes do not broadcast to a shape."""
    for name, x in arrays.items():
        own = () if x is None else tuple(x.shape)
        ends = zip(reversed(own), reversed(shape), strict=False)
        if len(own) > len(shape) or any(n not in (1, wanted) for n, wanted in ends):
            raise ShapeError(f"{name} has shape {own}, which does not broadcast to {tuple(shape)}.")


def mutual(**shapes: tuple[int, ...]) -> None:
    """Refuse shapes, apart from the axes that an op itself is about, that do not broadcast together."""
    for position in range(1, max(map(len, shapes.values())) + 1):
        lengths = {shape[-position] for shape in shapes.values() if len(shape) >= position} - {1}
        if len(lengths) > 1:
            got = " and ".join(f"{shape} of {name}" for name, shape in shapes.items())
            raise ShapeError(f"The other axes, {got}, do not broadcast together.")


def alike(**arrays: Any) -> None:
    """Refuse arrays of more than one dtype."""
    names = {name: name_of(x.dtype) for name, x in arrays.items() if x is not None}
    if len(set(names.values())) > 1:
        got = " and ".join(f"{name} is {dtype}" for name, dtype in names.items())
        first, *_, last = names
        raise DTypeError(
            f"{got}, and only arrays of one dtype are taken; write accel.astype({last}, {first}.dtype)."
        )


def dimensions(least: int, most: int | None = None, /, **arrays: Any) -> None:
    """Refuse arrays with fewer than ``least`` dimensions, or more than ``most``."""
    for name, x in arrays.items():
        if x is not None and not least <= x.ndim <= (x.ndim if most is None else most):
            wanted = (
                f"{least}" if most == least else f"{least} or more" if most is None else f"{least} to {most}"
            )
            raise ShapeError(f"{name} has shape {tuple(x.shape)}, and {wanted} dimensions are taken.")


def axis(x: Any, asked: Any, /, name: str = "x") -> int:
    """Give an axis of an array counted from the first, or refuse it."""
    try:
        found: int = operator.index(asked)
    except TypeError:
        raise ArgumentError(f"An axis is an int, got {asked!r}.") from None
    if not -x.ndim <= found < x.ndim:
        raise AxisError(f"axis {found} is out of range for {name} of {x.ndim} dimensions.")
    return int(found % x.ndim)


def axes(x: Any, asked: Any, /, name: str = "x") -> tuple[int, ...]:
    """Give the axes of an array counted from the first, all of them for None, or refuse them."""
    if asked is None:
        return tuple(range(x.ndim))
    found = tuple(axis(x, each, name) for each in (asked if isinstance(asked, tuple | list) else (asked,)))
    if len(set(found)) < len(found):
        raise ArgumentError(f"{asked} names one axis twice.")
    return found


def filled(x: Any, found: tuple[int, ...], /, name: str = "x") -> None:
    """Refuse an array with no elements along some axes, which are counted from the first."""
    for each in found:
        if x.shape[each] == 0:
            raise ShapeError(
                f"axis {each} of {name} has length 0, and needs an element at least; {name} has shape {tuple(x.shape)}."
            )


def shaped(x: Any, /, name: str = "x", **arrays: Any) -> None:
    """Refuse arrays of another shape than that of x."""
    for other, each in arrays.items():
        if each is not None and tuple(each.shape) != tuple(x.shape):
            raise ShapeError(
                f"{other} has shape {tuple(each.shape)}, and needs that of {name}, {tuple(x.shape)}; write "
                f"accel.broadcast_to({other}, {name}.shape)."
            )


def size(least: int = 0, /, **values: Any) -> None:
    """Refuse what is no int, or less than ``least``."""
    for name, value in values.items():
        if value is None:
            continue
        if isinstance(value, bool) or not hasattr(value, "__index__"):
            raise ArgumentError(f"{name} is an int, got {value!r}.")
        if value < least:
            raise ShapeError(f"{name} is at least {least}, got {value}.")


def sizes(count: int, least: int = 0, /, **values: Any) -> None:
    """Refuse what is neither one int nor ``count`` of them, or less than ``least``."""
    for name, value in values.items():
        several = value if isinstance(value, tuple | list) else (value,)
        if isinstance(value, tuple | list) and len(value) != count:
            raise ArgumentError(f"{name} is one int or {count} of them, got {value!r}.")
        for each in several:
            size(least, **{name: each})


def settled(name: str, value: Any, /, *arrays: Any) -> None:
    """Refuse arrays that are being traced where a value left out means that the shape of the result depends on theirs."""
    if value is not None:
        return
    for x in arrays:
        backend = registry.owner(type(x))
        if backend is not None and backend.traces(x):
            raise UnsupportedError(
                f"{name} is None, so the shape of the result depends on values, which a traced array has not got yet; write {name}=..."
            )


def number(low: float, high: float, /, *, closed: str = "both", **values: Any) -> None:
    """Refuse Python numbers outside of an interval, which is ``closed`` at "both" ends, "left", "right" or "neither"; arrays pass."""
    for name, value in values.items():
        if value is None or hasattr(value, "dtype"):
            continue
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ArgumentError(f"{name} is a number, got {value!r}.")
        above = low <= value if closed in ("both", "left") else low < value
        below = value <= high if closed in ("both", "right") else value < high
        if not (above and below):
            left, right = (
                "[" if closed in ("both", "left") else "(",
                "]" if closed in ("both", "right") else ")",
            )
            raise ArgumentError(f"{name} lies in {left}{low:g}, {high:g}{right}, got {value!r}.")


def choice(*known: str, **values: Any) -> None:
    """Refuse words other than the known ones."""
    for name, value in values.items():
        if value not in known:
            raise ArgumentError(f"{name} is one of {', '.join(map(repr, known))}, got {value!r}.")


def flag(**values: Any) -> None:
    """Refuse what is neither True nor False."""
    for name, value in values.items():
        if not isinstance(value, bool):
            raise ArgumentError(f"{name} is True or False, got {value!r}.")
