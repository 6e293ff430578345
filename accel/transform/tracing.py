"""What a trace is, and whose line is to blame where a function cannot be traced."""

from __future__ import annotations

import linecache
import sys
import warnings
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path
from types import CodeType, FrameType, TracebackType
from typing import Any

import accel.registry as registry
from accel.errors import AccelError, ArgumentError, MixedDevicesError, TraceError

__all__ = ["REASONS", "blame", "called", "callables", "compiling", "is_users", "refused_here", "warn"]

compiling: ContextVar[bool] = ContextVar("accel_compiling", default=False)
"""Whether a function made by `jit` is being traced, or run where there is no compiler: what it changes outside would be lost."""

REASONS = {
    "truth": "needs to know whether an array is true, and its values are there only when the program runs; "
    "write accel.where(condition, a, b) or accel.cond(condition, f, g, x).",
    "mask": "selects by a mask, and how much it selects is known only when the program runs; "
    "write accel.where(mask, x, 0), or accel.extra.nonzero(mask, size=n).",
    "index": "needs an array's value as a Python integer, which is there only when the program runs; "
    "write accel.take(x, i), or pass the number as one of Python's or in static_argnames.",
    "array": "makes a NumPy array of an array whose values are there only when the program runs; "
    "use accel's function in the place of NumPy's.",
    "value": "needs the value of an array, or a shape that depends on values, which is there only when the program runs; "
    "keep numbers as arrays, or pass them as Python's or in static_argnames.",
    "stranger": "uses an array of another trace, which was kept in a variable outside of it; return it from the function.",
    "change": "changes an array in place; write x = accel.extra.at(x)[i].set(y).",
}
"""Why a line cannot be traced, and what to write: the rest of a sentence that begins with the line."""


def callables(name: str, *fns: Any) -> None:
    """Refuse what cannot be called in the place of a function."""
    for fn in fns:
        if not callable(fn):
            raise ArgumentError(f"{name} takes a function, got {type(fn).__name__}.")


def called(fn: Callable[..., Any]) -> str:
    """Give the name of a function, for messages."""
    return getattr(fn, "__qualname__", type(fn).__qualname__)


def blame(name: str, fn: Callable[..., Any], error: BaseException) -> None:
    """Raise `TraceError` for what a compiler says of a function that it cannot trace, or return to let the error pass.

    Parameters
    ----------
    name : str
        The transform, as the program called it.
    fn : callable
        The function that was traced.
    error : exception
        What went through the transform.
    """
    if isinstance(error, AccelError):
        return
    for backend in registry.loaded():
        why = backend.hook("untraceable")
        reason = None if why is None else why(error)
        if reason is not None:
            line = _innermost(error.__traceback__)
            raise TraceError(f"{name} cannot trace {called(fn)}: {line}{REASONS[reason]}") from error
        translate = backend.hook("translate")
        found = None if translate is None else translate(error)
        if isinstance(found, MixedDevicesError):
            raise MixedDevicesError(f"{name}: {found}") from error


def refused_here(reason: str) -> TraceError:
    """Make the error for the line of the user's that is being run."""
    frame, _ = _users()
    if frame is None:
        return TraceError(f"accel.jit cannot trace this function: it {REASONS[reason]}")
    line = _line(frame.f_code.co_filename, frame.f_lineno)
    return TraceError(f"accel.jit cannot trace {frame.f_code.co_qualname}: {line}{REASONS[reason]}")


def warn(sentence: str, category: type[Warning]) -> None:
    """Warn of what happens at a line of the user's."""
    # Counted from here: the first is the caller of this function.
    warnings.warn(sentence, category, stacklevel=_users()[1])


def _users() -> tuple[FrameType | None, int]:
    """Give the innermost frame that is the user's, and how many are between it and the caller of this function."""
    frame: FrameType | None = sys._getframe(2)
    level = 2
    while frame is not None and not is_users(frame.f_code):
        frame, level = frame.f_back, level + 1
    return frame, level


def is_users(code: CodeType) -> bool:
    """Tell whether code is neither accel's nor that of a library that a backend serves."""
    file = code.co_filename
    return not file.startswith("<") and not file.startswith(_libraries())


def _innermost(trace: TracebackType | None) -> str:
    found = "it "
    while trace is not None:
        if is_users(trace.tb_frame.f_code):
            found = _line(trace.tb_frame.f_code.co_filename, trace.tb_lineno)
        trace = trace.tb_next
    return found


def _line(file: str, number: int) -> str:
    return f"line {number} of {Path(file).name}, `{linecache.getline(file, number).strip()}`, "


def _libraries() -> tuple[str, ...]:
    """Give the folders whose lines are not the user's."""
    packages = {"accel", *registry.names()}
    packages |= {backend.namespace.__name__ for backend in registry.loaded()}
    packages |= {f"{name}lib" for name in registry.names()}
    files = (getattr(sys.modules.get(name), "__file__", None) for name in packages)
    return tuple(str(Path(file).parent) + "/" for file in files if file)
