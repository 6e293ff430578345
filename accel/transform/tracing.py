"""What a trace is, and whose line is to blame where a function cannot be traced."""

from __future__ import annotations

import linecache
import sys
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path
from types import TracebackType
from typing import Any

import accel.registry as registry
from accel.errors import AccelError, TraceError

__all__ = ["blame", "compiling"]

compiling: ContextVar[bool] = ContextVar("accel_compiling", default=False)
"""Whether a function made by `jit` is being traced, or run where there is no compiler: what it changes outside would be lost."""


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
        sentence = None if why is None else why(error)
        if sentence is not None:
            raise refusal(name, fn, sentence, error.__traceback__) from error


def refusal(name: str, fn: Callable[..., Any], why: str, trace: TracebackType | None) -> TraceError:
    """Make the error, with the innermost line that is neither accel's nor a library's."""
    called = getattr(fn, "__qualname__", type(fn).__qualname__)
    return TraceError(f"{name} cannot trace {called}: {_line(trace)}{why}")


def _line(trace: TracebackType | None) -> str:
    own = _libraries()
    found = None
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if not file.startswith(own) and not file.startswith("<"):
            found = file, trace.tb_lineno
        trace = trace.tb_next
    if found is None:
        return "it "
    file, number = found
    text = linecache.getline(file, number).strip()
    return f"line {number} of {Path(file).name}, `{text}`, "


def _libraries() -> tuple[str, ...]:
    """Give the folders whose lines are not the user's."""
    packages = {"accel", *registry.names()}
    packages |= {backend.namespace.__name__ for backend in registry.loaded()}
    packages |= {f"{name}lib" for name in registry.names()}
    files = (getattr(sys.modules.get(name), "__file__", None) for name in packages)
    return tuple(str(Path(file).parent) + "/" for file in files if file)
