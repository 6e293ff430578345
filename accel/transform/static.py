"""Values that are part of a compiled function."""

from __future__ import annotations

from typing import Any

from accel.errors import ArgumentError

__all__ = ["Static"]


class Static:
    """A value that is part of a compiled function: equal to another one only if no function could tell them apart.

    Parameters
    ----------
    value : hashable object
        ``1``, ``1.0`` and ``True`` differ here, and ``0.0`` from ``-0.0``; nan is equal to nan.
    """

    __slots__ = ("_hash", "_key", "value")

    def __init__(self, value: Any) -> None:
        self.value = value
        self._key = _key(value)
        try:
            self._hash = hash(self._key)
        except TypeError:
            cls = type(value)
            raise ArgumentError(
                f"accel.jit got {cls.__module__}.{cls.__qualname__} among the arguments, which is neither an array of the compiling "
                f"backend nor hashable; pass arrays, tuples, lists and dicts of arrays, or objects that do not change."
            ) from None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Static) and bool(self._key == other._key)

    def __hash__(self) -> int:
        return self._hash


def _key(value: Any) -> Any:
    if isinstance(value, tuple):
        return (type(value), *map(_key, value))
    if isinstance(value, slice):  # has no hash before Python 3.12
        return slice, _key(value.start), _key(value.stop), _key(value.step)
    if isinstance(value, complex):
        return type(value), value.real.hex(), value.imag.hex()
    return type(value), value.hex() if isinstance(value, float) else value
