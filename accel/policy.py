"""Policies of the current thread or task: which dtypes are the default ones, and where 64-bit data keep their width."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar

import accel.registry as registry
from accel.dtype import DType, complex64, complex128, float32, float64, int32, int64
from accel.errors import ArgumentError

__all__ = ["default_dtypes", "x64"]

CHOICES = {"float": (float32, float64), "int": (int32, int64)}
KINDS = (bool, int, float, complex)
"""Python's scalars, each before the class that it is a subclass of."""

_float: ContextVar[DType] = ContextVar("accel_default_float", default=float64)
_int: ContextVar[DType] = ContextVar("accel_default_int", default=int64)


@contextmanager
def default_dtypes(*, float: DType | None = None, int: DType | None = None) -> Iterator[None]:
    """Make arrays with other default dtypes inside a ``with`` block.

    Concerns the creation functions where no dtype is asked for and none can be taken from an array. The choice belongs to the
    current thread or async task. Without it the defaults are float64 (complex128) and int64 on every backend.

    Parameters
    ----------
    float : accel.float32 or accel.float64, optional
        The default floating-point dtype; the default complex dtype goes with it. None leaves it.
    int : accel.int32 or accel.int64, optional
        The default integer dtype. None leaves it.

    Raises
    ------
    ArgumentError
        If another dtype is given.

    Examples
    --------
    >>> import accel
    >>> with accel.default_dtypes(float=accel.float32), accel.use_device("numpy"):
    ...     accel.zeros(2)
    array([0., 0.], dtype=float32)
    """
    for name, dtype in (("float", float), ("int", int)):
        if dtype is not None and not any(dtype == choice for choice in CHOICES[name]):
            known = " or ".join(map(repr, CHOICES[name]))
            raise ArgumentError(f"accel.default_dtypes takes {known} for {name}, got {dtype!r}.")
    tokens = []
    for variable, dtype, choices in ((_float, float, CHOICES["float"]), (_int, int, CHOICES["int"])):
        if dtype is not None:
            chosen = next(choice for choice in choices if dtype == choice)
            tokens.append((variable, variable.set(chosen)))
    try:
        yield
    finally:
        for variable, token in reversed(tokens):
            variable.reset(token)


def default_names() -> dict[str, DType]:
    """Give the default dtypes in force, by the standard's names for them."""
    wide = _float.get() is float64
    return {
        "real floating": _float.get(),
        "complex floating": complex128 if wide else complex64,
        "integral": _int.get(),
        "indexing": int64,
    }


def narrows() -> bool:
    """Tell whether the policy in force differs from the 64-bit defaults."""
    return _float.get() is not float64 or _int.get() is not int64


def default_for(classes: set[type]) -> DType | None:
    """Give the default dtype in force for Python scalars of some classes together, or None if these leave the dtype to the backend.

    Bools do, and whatever has a dtype of its own.
    """
    kinds = {next((kind for kind in KINDS if issubclass(cls, kind)), None) for cls in classes}
    if None in kinds or any(hasattr(cls, "dtype") for cls in classes) or kinds == {bool}:
        return None
    names = default_names()
    if complex in kinds:
        return names["complex floating"]
    return names["integral" if int in kinds and float not in kinds else "real floating"]


@contextmanager
def x64() -> Iterator[None]:
    """Keep 64-bit data 64 bits wide inside a ``with`` block, also under transformations and operators.

    Only a library that narrows by default (JAX) needs it: enter it around the outermost ``jax.jit``, ``jax.grad`` or ``jax.vmap``
    that works on 64-bit data, and around native operators on such arrays. accel's own functions called outside of any
    transformation do not need it. It belongs to the current thread; do not hold it across a ``yield`` or an ``await``. It covers the
    libraries that the program has imported by then.

    Examples
    --------
    >>> import accel
    >>> with accel.x64():
    ...     pass
    """
    with ExitStack() as scopes:
        for backend in registry.loaded():
            enter = backend.hook("x64")
            if enter is not None:
                scopes.enter_context(enter())
        yield
