"""Why a call failed: native errors of any backend become the same error of accel's, with one sentence that helps.

Nothing here runs unless a call has already failed, so checks that would be too dear beforehand cost nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import accel.registry as registry
from accel.errors import (
    AccelError,
    ArgumentError,
    AxisError,
    DeviceMemoryError,
    DTypeError,
    MixedDevicesError,
    PrecisionError,
    ShapeError,
    UnknownArrayError,
)
from accel.placement import device
from accel.shapes import misfit

if TYPE_CHECKING:
    from accel.dispatch import Spec

__all__ = ["fail"]

KINDS: dict[str, tuple[str, ...]] = {
    "numeric": ("numeric",),
    "real-valued": ("real floating", "integral"),
    "integer": ("integral",),
    "integer or boolean": ("integral", "bool"),
    "boolean": ("bool",),
    "floating-point": ("real floating", "complex floating"),
    "real floating-point": ("real floating",),
    "complex floating-point": ("complex floating",),
}
"""The dtype kinds of the specs in the words of ``isdtype``."""

ABOUT_ARGUMENTS = (ArgumentError, AxisError, DTypeError, ShapeError)
"""Errors for which every backend that raises them itself has its own words; those found here name the argument."""

BROADCASTING = ("elementwise", "where", "broadcast_arrays")
"""Chapters and ops whose array arguments are broadcast together."""


def fail(error: Exception, spec: Spec, values: tuple[Any, ...]) -> None:
    """Raise accel's error for a failed call, or return to let the native one pass.

    Parameters
    ----------
    error : Exception
        What the backend raised.
    spec : Spec
        The op that was called.
    values : tuple
        Its arguments, in the order of the spec's parameters.
    """
    if isinstance(error, Warning):
        return  # the user made an error of it
    if isinstance(
        error, OverflowError
    ):  # a number out of range: the one built-in error, the same on every backend
        raise _sentence(spec, error) from error
    if spec.name == "from_dlpack" and isinstance(error, AttributeError):
        return  # the standard itself asks for AttributeError where an object does not speak DLPack
    if isinstance(error, AccelError) and not isinstance(error, ABOUT_ARGUMENTS):
        raise _sentence(spec, error) from error
    if spec.composed and isinstance(error, ABOUT_ARGUMENTS):
        raise _sentence(spec, error) from error  # from its `requires`, which knows what each argument is for
    arrays = dict(_arrays(spec, values))
    backend = next((registry.owner(type(x)) for x in arrays.values()), None)
    translated = error if isinstance(error, AccelError) else _translated(error, backend)
    if translated is error and not isinstance(error, AccelError):
        return
    if isinstance(translated, MixedDevicesError):
        raise _devices(spec, arrays) or _sentence(spec, translated) from error
    if isinstance(translated, DeviceMemoryError | PrecisionError):
        raise _sentence(spec, translated) from error
    named = {p.name: value for p, value in zip(spec.parameters, values, strict=True)}
    checks = [_sequence, _sizes, _broadcasting, _shapes, _axis, _lengths]
    if isinstance(error, TypeError) or isinstance(translated, DTypeError):
        checks.append(_dtype)  # last: a library may well take the dtype and fail for another reason
    for check in checks:
        found = check(spec, named, arrays)
        if found is not None:
            raise found from error
    if translated is not None:
        raise _sentence(spec, translated) from error
    if isinstance(error, MemoryError):
        raise DeviceMemoryError(f"accel.{spec.name} ran out of memory: {error}") from error
    if isinstance(error, ValueError | TypeError | IndexError | AttributeError | ZeroDivisionError):
        place = "" if backend is None else f" on {backend.name}"
        message = str(error).strip().partition("\n")[0].rstrip(".")
        raise ArgumentError(f"accel.{spec.name}{place} cannot take these arguments: {message}.") from error


def _translated(error: Exception, backend: registry.Backend | None) -> Any:
    """Ask the backend of the arrays for its words; where there are no arrays, whoever made the error or knows a full device by it."""
    maker = backend or registry.owner_of_package(type(error))
    if maker is not None:
        translate = maker.hook("translate")
        return None if translate is None else translate(error)
    hooks = (each.hook("translate") for each in registry.loaded())
    answers = (translate(error) for translate in hooks if translate is not None)
    return next((answer for answer in answers if isinstance(answer, DeviceMemoryError)), None)


def _sentence(spec: Spec, error: Exception) -> Exception:
    """Say which op an error is about, and end it as a sentence."""
    text = str(error).strip()
    if text.startswith(f"{spec.name} "):
        text = f"accel.{text}"
    elif f"accel.{spec.name}" not in text:
        text = f"accel.{spec.name}: {text}"
    return type(error)(text if text.endswith((".", "?", "!")) else f"{text}.")


def _arrays(spec: Spec, values: tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
    """Name every array among the arguments."""
    for parameter, value in zip(spec.parameters, values, strict=True):
        if not parameter.is_array:
            continue
        if parameter.is_sequence and isinstance(value, list | tuple):
            for position, item in enumerate(value):
                if hasattr(item, "dtype") and not isinstance(item, type):
                    yield f"{parameter.name}[{position}]", item
        elif hasattr(value, "dtype") and hasattr(value, "shape") and not isinstance(value, type):
            yield parameter.name, value


def _sequence(spec: Spec, named: dict[str, Any], _arrays: dict[str, Any]) -> AccelError | None:
    for parameter in spec.arrays:
        value = named[parameter.name]
        if (
            parameter.is_sequence
            and not parameter.may_be_dtype
            and (not isinstance(value, list | tuple) or not value)
        ):
            got = type(value).__name__ if value or not isinstance(value, list | tuple) else "none"
            manner = "" if parameter.kind == "variadic" else ", as a list or tuple"
            return UnknownArrayError(
                f"accel.{spec.name} takes one or more arrays in {parameter.name}{manner}; got {got}."
            )
    return None


def _devices(spec: Spec, arrays: dict[str, Any]) -> AccelError | None:
    places = {name: device(x) for name, x in arrays.items()}
    for first, second in pairwise(places):
        if places[first] != places[second]:
            return MixedDevicesError(
                f"accel.{spec.name} got arrays on two devices: {first} is on {places[first]}, {second} on {places[second]}; "
                f"write accel.to_device({second}, like={first})."
            )
    return None


def _dtype(spec: Spec, _named: dict[str, Any], arrays: dict[str, Any]) -> AccelError | None:
    kinds = KINDS.get(spec.dtypes)
    if kinds is None:
        return None
    for name, x in arrays.items():
        backend = registry.owner(type(x))
        isdtype = None if backend is None else getattr(backend.namespace, "isdtype", None)
        if isdtype is not None and not isdtype(x.dtype, kinds):
            return DTypeError(
                f"accel.{spec.name} takes arrays of {spec.dtypes} dtype; {name} is {x.dtype}; "
                f"cast it with accel.astype({name}, ...)."
            )
    return None


def _broadcasting(spec: Spec, named: dict[str, Any], arrays: dict[str, Any]) -> AccelError | None:
    if spec.name == "broadcast_shapes":
        shapes = {f"shapes[{position}]": shape for position, shape in enumerate(named["shapes"])}
    elif spec.chapter in BROADCASTING or spec.name in BROADCASTING:
        shapes = {name: tuple(x.shape) for name, x in arrays.items()}
    else:
        return None
    if len(shapes) < 2 or not all(isinstance(shape, tuple) for shape in shapes.values()):
        return None
    for position in range(1, max(map(len, shapes.values())) + 1):
        lengths = {s[-position] for s in shapes.values() if len(s) >= position} - {1}
        if len(lengths) > 1:
            got = ", ".join(f"{name} has shape {shape}" for name, shape in shapes.items())
            return ShapeError(f"accel.{spec.name}: {got}; these do not broadcast together.")
    return None


def _shapes(spec: Spec, _named: dict[str, Any], arrays: dict[str, Any]) -> AccelError | None:
    return misfit(spec, arrays)


def _axis(spec: Spec, named: dict[str, Any], arrays: dict[str, Any]) -> AccelError | None:
    asked = named.get("axis", named.get("axes", named.get("source")))
    if not arrays:
        return None
    name, x = next(iter(arrays.items()))
    if asked is None:
        if spec.name.startswith("cumulative_") and len(x.shape) > 1:
            return AxisError(
                f"accel.{spec.name}: {name} has {len(x.shape)} dimensions; name the axis to go along."
            )
        return None
    several = isinstance(asked, tuple | list)
    added = {"expand_dims": len(asked) if several else 1, "stack": 1}.get(spec.name, 0)
    dims = len(x.shape) + added
    seen = set()
    for axis in asked if several else (asked,):
        if isinstance(axis, tuple | list):
            return _contracted(spec, asked, arrays)
        if not hasattr(axis, "__index__"):
            return ArgumentError(f"accel.{spec.name}: an axis is an int, got {axis!r}.")
        if spec.name == "tensordot":
            return None  # a number of axes there
        if not -dims <= axis < dims:
            return AxisError(
                f"accel.{spec.name}: axis {axis} is out of range for {name} of {len(x.shape)} dimensions."
            )
        if axis % dims in seen:
            return ArgumentError(f"accel.{spec.name}: {asked} names one axis twice.")
        seen.add(axis % dims)
    if spec.name == "permute_dims" and len(seen) != dims:
        return ArgumentError(f"accel.permute_dims: {asked} must name each of the {dims} axes of {name} once.")
    partner = named.get("shift", named.get("destination", named.get("s")))
    if several and isinstance(partner, tuple | list) and len(partner) != len(asked):
        return ArgumentError(f"accel.{spec.name}: {partner} and the axes {asked} differ in number.")
    return None


def _contracted(spec: Spec, axes: Any, arrays: dict[str, Any]) -> AccelError | None:
    for (name, x), mine in zip(arrays.items(), axes, strict=False):
        for axis in mine:
            if not -len(x.shape) <= axis < len(x.shape):
                return AxisError(
                    f"accel.{spec.name}: axis {axis} is out of range for {name} of {len(x.shape)} dimensions."
                )
    if len({len(mine) for mine in axes}) > 1:
        return ShapeError(f"accel.{spec.name}: the lists of axes {axes} differ in length.")
    return None


def _lengths(spec: Spec, named: dict[str, Any], arrays: dict[str, Any]) -> AccelError | None:
    shapes = {name: tuple(x.shape) for name, x in arrays.items()}
    got = ", ".join(f"{name} has shape {shape}" for name, shape in shapes.items())
    op, axis = spec.name.rpartition(".")[2], named.get("axis")
    if op == "stack" and len(set(shapes.values())) > 1:
        return ShapeError(f"accel.stack: {got}; these must be equal.")
    if op == "concat" and axis is not None:
        others = {(len(s), *s[: axis % len(s)], *s[axis % len(s) + 1 :]) for s in shapes.values() if s}
        if len(others) > 1:
            return ShapeError(f"accel.concat: {got}; these may differ along axis {axis} alone.")
    if op == "squeeze" and arrays:
        name, shape = next(iter(shapes.items()))
        for each in axis if isinstance(axis, tuple) else (axis,):
            if isinstance(each, int) and shape[each] != 1:
                return ShapeError(f"accel.squeeze: axis {each} of {name} has length {shape[each]}, not 1.")
    if op == "broadcast_to" and isinstance(named["shape"], tuple):
        return ShapeError(f"accel.broadcast_to: {got}, which does not broadcast to {named['shape']}.")
    if op == "reshape" and arrays:
        held, wanted = math.prod(next(iter(shapes.values()))), named["shape"]
        if isinstance(wanted, tuple | list) and list(wanted).count(-1) > 1:
            return ShapeError(f"accel.reshape: shape={wanted} leaves more than one length open.")
        if isinstance(wanted, tuple | list) and -1 not in wanted and math.prod(wanted) != held:
            return ShapeError(
                f"accel.reshape: {got} and {held} elements, and shape={wanted} has room for {math.prod(wanted)}."
            )
    return None


def _sizes(spec: Spec, named: dict[str, Any], _arrays: dict[str, Any]) -> AccelError | None:
    copies = named.get("repeats", named.get("repetitions"))
    for count in copies if isinstance(copies, tuple) else (copies,):
        if isinstance(count, int) and count < 0:
            return ShapeError(f"accel.{spec.name}: a number of copies cannot be negative, got {copies}.")
    for name in ("shape", "n_rows", "n_cols", "num"):
        asked = named.get(name)
        sizes = asked if isinstance(asked, tuple | list) else (asked,)
        if name == "shape" and spec.chapter == "manipulation":
            continue  # -1 stands for "what is left" there
        for size in sizes:
            if isinstance(size, int) and size < 0:
                return ShapeError(f"accel.{spec.name}: a size cannot be negative, got {name}={asked!r}.")
            if size is not None and not hasattr(size, "__index__"):
                return ArgumentError(f"accel.{spec.name}: a size is an int, got {name}={asked!r}.")
    return None
