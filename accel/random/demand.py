"""Demands: what the ops of random numbers ask of keys, shapes and dtypes, beside `accel.requirement`."""

from __future__ import annotations

import operator
from typing import Any

import accel.requirement as requirement
from accel.dtype import name_of
from accel.errors import ArgumentError, DTypeError, ShapeError

__all__ = ["extent", "floating", "integral", "lengths", "parameters", "secret", "unsigned"]

_FLOATS = ("float64", "float32", "float16", "bfloat16")
_SIGNED = ("int64", "int32", "int16", "int8")
_UNSIGNED = ("uint32", "uint64", "uint16", "uint8")


def secret(key: Any) -> None:
    """Refuse what is no key; one of a library's own kind of keys is that library's affair."""
    dtype = name_of(key.dtype)
    if dtype.startswith("key<"):
        return
    advice = "make one with accel.random.key(seed)."
    if dtype != "uint32":
        raise DTypeError(f"key is {dtype}, and a key is an array of two uint32; {advice}")
    shape = tuple(key.shape)
    if shape != (2,):
        if len(shape) > 1 and shape[-1] == 2:
            advice = f"that is several: take one, as in key[{', '.join('0' * (len(shape) - 1))}]."
        raise ShapeError(f"key has shape {shape}, and one key has shape (2,); {advice}")


def extent(**shapes: Any) -> None:
    """Refuse what is neither a length nor a tuple of lengths; None passes."""
    for what, value in shapes.items():
        if value is None:
            continue
        several = value if isinstance(value, tuple | list) else (value,)
        for each in several:
            if isinstance(each, bool) or not hasattr(each, "__index__"):
                raise ArgumentError(f"{what} is an int or a tuple of ints, got {value!r}.")
            if operator.index(each) < 0:
                raise ShapeError(f"{what} has no negative lengths, got {value!r}.")


def lengths(shape: Any) -> tuple[int, ...]:
    """Give a shape as a tuple."""
    return tuple(map(operator.index, shape if isinstance(shape, tuple | list) else (shape,)))


def _kind(dtype: Any, known: tuple[str, ...], words: str, example: str) -> None:
    if dtype is not None and name_of(dtype) not in known:
        raise DTypeError(
            f"dtype is {name_of(dtype)}, and only {words} dtypes are taken, such as accel.{example}."
        )


def floating(dtype: Any) -> None:
    """Refuse a dtype that is no real floating-point one."""
    _kind(dtype, _FLOATS, "real floating-point", "float32")


def integral(dtype: Any) -> None:
    """Refuse a dtype that is no integer one."""
    _kind(dtype, _SIGNED + _UNSIGNED, "integer", "int32")


def unsigned(dtype: Any) -> None:
    """Refuse a dtype that is no unsigned integer one."""
    _kind(dtype, _UNSIGNED, "unsigned integer", "uint32")


def parameters(shape: Any, /, **values: Any) -> None:
    """Refuse parameters of a distribution that do not broadcast to a shape, or together where that is None, or are no real numbers."""
    arrays = {what: value for what, value in values.items() if hasattr(value, "dtype")}
    for what, value in values.items():
        if what not in arrays and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise ArgumentError(f"{what} is a number or an array, got {value!r}.")
    requirement.ordered(**arrays)
    if shape is not None:
        requirement.broadcast(lengths(shape), **arrays)
    elif len(arrays) > 1:
        requirement.mutual(**{what: tuple(value.shape) for what, value in arrays.items()})
