"""Data types by name: accel's own dtype objects, which any backend understands."""

from __future__ import annotations

from typing import Any

import accel.registry as registry

__all__ = [
    "bfloat16",
    "bool",
    "complex64",
    "complex128",
    "float16",
    "float32",
    "float64",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
]


KINDS = (
    "bool",
    "signed integer",
    "unsigned integer",
    "integral",
    "real floating",
    "complex floating",
    "numeric",
)
"""The standard's names for kinds of dtype."""


class DType:
    """A data type without a library.

    Equal to the dtype object of the same name of every backend. ``np.dtype`` and accel's object of one name are equal but hash
    differently, as ``np.dtype("float32")`` and ``np.float32`` do: look dtypes up with ``==`` or ``accel.isdtype``.

    Parameters
    ----------
    name : str
        The standard's name, such as ``"float32"``.
    """

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"accel.{self.name}"

    def __reduce__(self) -> str:
        return self.name

    def __eq__(self, other: object) -> Any:
        if isinstance(other, DType):
            return self is other
        backend = owner_of_dtype(other)
        return NotImplemented if backend is None else bool_(native(self, backend) == other)

    def __hash__(self) -> int:
        return hash(self.name)


bool_ = bool

bfloat16 = DType("bfloat16")
bool = DType("bool")
complex64 = DType("complex64")
complex128 = DType("complex128")
float16 = DType("float16")
float32 = DType("float32")
float64 = DType("float64")
int8 = DType("int8")
int16 = DType("int16")
int32 = DType("int32")
int64 = DType("int64")
uint8 = DType("uint8")
uint16 = DType("uint16")
uint32 = DType("uint32")
uint64 = DType("uint64")


def native(dtype: Any, backend: registry.Backend) -> Any:
    """Give a backend's own object for one of accel's dtypes; anything else is passed on as it is."""
    if type(dtype) is not DType:
        return dtype
    found = getattr(backend.namespace, dtype.name, None)
    if found is None:
        from accel.errors import DTypeError

        raise DTypeError(f"The backend {backend.name!r} has no dtype {dtype.name}; cast to one that it has.")
    return found


_names: dict[tuple[type, Any], str] = {}
"""Dtype objects -> their names, with their class, since dtypes of two libraries are not to be compared: some libraries make a name anew
for each question, which takes longer than what is done with it."""


def name_of(dtype: Any) -> str:
    """Give the name of a dtype, whichever library's it is."""
    key = type(dtype), dtype
    found = _names.get(key)
    if found is None:
        text = dtype.__name__ if isinstance(dtype, type) else str(getattr(dtype, "name", dtype))
        found = _names[key] = text.rpartition(".")[2]
    return found


def owner_of_dtype(dtype: object) -> registry.Backend | None:
    """Find the backend whose library defines a dtype object, or None for accel's own and for unknown ones."""
    return registry.owner_of_package(dtype if isinstance(dtype, type) else type(dtype))
