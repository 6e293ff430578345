"""Composition: how a backend gets the ops that the standard leaves out, where its library has nothing better.

Such an op is a spec with a body, written with accel's other ops, which is its meaning and its fallback. A backend that has something
better puts the same name in the same part of its namespace.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from importlib import import_module
from typing import TYPE_CHECKING, Any

import accel.checking as checking
import accel.registry as registry
from accel.dtype import name_of

if TYPE_CHECKING:
    from accel.dispatch import Spec

__all__ = ["PARTS", "composed", "kept", "parts", "rest", "together", "widened"]


PARTS = ("extra", "nn", "random")
"""Sub-modules of accel's own, with what the standard leaves out."""


def composed(spec: Spec, backend: registry.Backend) -> Callable[..., Any]:
    """Give the function that runs the body of a spec on a backend's arrays, compiled where the backend has a compiler.

    Parameters
    ----------
    spec : Spec
        Of an op that has a body.
    backend : Backend
        Whose arrays the function will get.
    """
    body = unchecked(spec.function)
    compile_with = backend.hook("jit")
    if compile_with is None or not spec.compiles:
        return body
    compiled: Callable[..., Any] = compile_with(body, checked=False)
    if spec.compiles is True:
        return compiled

    @wraps(body)
    def where_traceable(*args: Any, **kwargs: Any) -> Any:
        return (compiled if spec.traceable(kwargs) else body)(*args, **kwargs)

    return where_traceable


def unchecked(body: Callable[..., Any]) -> Callable[..., Any]:
    """Give a function made of accel's ops that looks at no values, also in checked mode.

    There the checks of the op that it stands for name it and its arguments; those of the ops inside would name what nobody wrote.

    Parameters
    ----------
    body : callable
        The function.
    """

    @wraps(body)
    def call(*args: Any, **kwargs: Any) -> Any:
        if not checking.active():
            return body(*args, **kwargs)
        with checking.suspended():
            return body(*args, **kwargs)

    return call


def parts(package: str) -> Callable[[str], Any]:
    """Give the ``__getattr__`` of a backend's namespace, which imports accel's own parts of it when somebody asks for one.

    Parameters
    ----------
    package : str
        Import name of the namespace.
    """

    def lookup(name: str) -> Any:
        if name in PARTS:
            return import_module(f"{package}.{name}")
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return lookup


def rest(backend: str, part: str) -> Callable[[str], Any]:
    """Give the ``__getattr__`` of a part of a backend's namespace, which finds the ops that the module does not define.

    Parameters
    ----------
    backend : str
        Name of the backend.
    part : str
        ``"extra"``, ``"nn"`` or ``"random"``.
    """
    found: dict[str, Callable[..., Any]] = {}

    def lookup(name: str) -> Any:
        from accel.dispatch import specs

        if name not in found:
            import_module(f"accel.{part}")
            spec = specs.get(f"{part}.{name}")
            if spec is None:
                raise AttributeError(f"accel.{part} has no op {name!r}")
            found[name] = composed(spec, registry.load(backend))
        return found[name]

    return lookup


def kept(x: Any) -> Any:
    """Give an array as it is, but hide from a compiler how it was made, so that the bits of each step are those of the step alone.

    Parameters
    ----------
    x : array, real floating-point dtype
        Typically a product that is to be rounded before something is added to it: a compiler may round the two only once.
    """
    backend = registry.owner(type(x))
    hide = None if backend is None else backend.hook("kept")
    return x if hide is None else hide(x)


def widened(x: Any) -> Any:
    """Give an array of 16-bit floats in float32, so that a body rounds to 16 bits once, at its end; any other as it is."""
    import accel as xp

    return xp.astype(x, xp.float32) if name_of(x.dtype) in ("float16", "bfloat16") else x


def together(*arrays: Any) -> tuple[Any, ...]:
    """Give floating-point arrays in the dtype to compute in, their common one or float32 for 16 bits, and that common dtype last.

    Parameters
    ----------
    *arrays : array or None
        None stays None.
    """
    import accel as xp

    dtype = xp.result_type(*(x for x in arrays if x is not None))
    name = name_of(dtype)
    wide = xp.float32 if name in ("bfloat16", "float16") else getattr(xp, name)
    return (*(None if x is None else xp.astype(x, wide, copy=False) for x in arrays), dtype)
