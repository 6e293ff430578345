"""Policies of the current thread or task: the default dtypes, where 64-bit data keep their width, the precision of products."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar

import accel.registry as registry
from accel.dtype import DType, complex64, complex128, float32, float64, int32, int64
from accel.errors import ArgumentError

__all__ = ["default_dtypes", "matmul_precision", "x64"]

CHOICES = {"float": (float32, float64), "int": (int32, int64)}
KINDS = (bool, int, float, complex)
"""Python's scalars, each before the class that it is a subclass of."""

MODES = ("highest", "high", "default")
"""The precisions of matrix products, the best first."""

_float: ContextVar[DType] = ContextVar("accel_default_float", default=float64)
_int: ContextVar[DType] = ContextVar("accel_default_int", default=int64)
_mode: ContextVar[str] = ContextVar("accel_matmul_precision", default="highest")


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


@contextmanager
def matmul_precision(mode: str) -> Iterator[None]:
    """Let matrix products trade precision for speed inside a ``with`` block.

    Concerns products of float32 and complex64 on devices that have faster units for fewer bits: `matmul`, `tensordot`, `vecdot` and
    the functions of `accel.linalg` that are made of products. On other devices, and in other dtypes, the modes are one. The choice
    belongs to the current thread or async task. Without it the mode is ``"highest"`` on every backend, whatever the library's own
    default is.

    Parameters
    ----------
    mode : {'highest', 'high', 'default'}
        How the factors are read. ``"highest"``: in all their 24 bits. ``"high"``: TF32 (11 bits) on NVIDIA GPUs of compute capability
        8.0 and above, three bfloat16 passes on TPUs. ``"default"``: the same on GPUs, one bfloat16 pass (8 bits) on TPUs. Sums are
        float32 in each of them.

    Raises
    ------
    ArgumentError
        If the mode is none of the three.

    Notes
    -----
    NumPy computes in full precision in every mode. JAX may be more precise than asked for inside a factorisation. CuPy has one switch
    for the whole process; it is set for the length of each product and put back, and accel's own products wait for one another
    meanwhile, but a product that another thread makes with CuPy itself may run in the mode of this one.

    Compiled functions: ``jax.jit`` compiles once for each mode, provided that the program has imported JAX before it enters the
    block; the same scope then holds for JAX's own functions in the thread. So do not keep the block open across a ``yield`` or an
    ``await``, as with `accel.x64`; `accel.jit` has no such limits.

    Examples
    --------
    >>> import numpy, accel
    >>> x = numpy.ones((2, 2), dtype="float32")
    >>> with accel.matmul_precision("high"):
    ...     accel.matmul(x, x)
    array([[2., 2.],
           [2., 2.]], dtype=float32)
    """
    if mode not in MODES:
        known = ", ".join(map(repr, MODES))
        raise ArgumentError(f"accel.matmul_precision takes {known}, got {mode!r}.")
    token = _mode.set(mode)
    try:
        with ExitStack() as scopes:
            for backend in registry.loaded():
                enter = backend.hook("matmul_precision")
                if enter is not None:
                    scopes.enter_context(enter(mode))
            yield
    finally:
        _mode.reset(token)


matmul_mode: Callable[[], str] = _mode.get
"""Give the precision in force for matrix products, one of `MODES`."""


def in_force() -> tuple[object, ...]:
    """Give every policy of this context; a function that was compiled under others has to be compiled anew."""
    return _float.get(), _int.get(), _mode.get()
