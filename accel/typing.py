"""Types for the code of library authors: arrays, dtypes, devices and namespaces, without importing any library.

``A`` stands for one array class from the arguments to the result, so a type checker that sees a ``numpy.ndarray`` go in knows
that a ``numpy.ndarray`` comes out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol, TypeAlias, TypeVar, runtime_checkable

__all__ = ["A", "Array", "DTypeLike", "DeviceLike", "Index", "Namespace", "NestedSequence", "Scalar"]


@runtime_checkable
class Array(Protocol):
    """What accel asks of an array: the attributes that every library's array has."""

    @property
    def dtype(self) -> Any:
        """Dtype object of the array's own library."""
        ...

    @property
    def ndim(self) -> int:
        """Number of dimensions."""
        ...

    @property
    def shape(self) -> Any:
        """Lengths of the dimensions."""
        ...


A = TypeVar("A", bound=Array)
T_co = TypeVar("T_co", covariant=True)


class NestedSequence(Protocol[T_co]):
    """A sequence of items or of further such sequences, to any depth."""

    def __getitem__(self, index: int, /) -> T_co | NestedSequence[T_co]: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[T_co | NestedSequence[T_co]]: ...


class Namespace(Protocol):
    """An Array API namespace: the module that holds the functions for one kind of array."""

    __name__: str

    def __getattr__(self, name: str, /) -> Any: ...


Scalar: TypeAlias = bool | int | float | complex
DTypeLike: TypeAlias = Any
"""One of accel's dtypes (``accel.float32``) or a dtype object of the library that gets it."""

DeviceLike: TypeAlias = Any
"""A name (``"gpu:1"``), an ``accel.Device``, or a device object of the library itself."""

Index: TypeAlias = Any
