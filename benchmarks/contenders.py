"""The contenders: ways to call one op on one kind of array, as statements to be timed."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any

import numpy as np

import accel

os.environ.setdefault("KERAS_BACKEND", "numpy")

CALLS = 500
"""Calls in one timed round: enough that the clock costs nothing, few enough that a round fits between two interruptions."""


@dataclass(frozen=True)
class Contender:
    """A statement and the names it needs."""

    name: str
    statement: str
    scope: dict[str, Any] = field(repr=False)

    def compile(self) -> Callable[[], None]:
        """Make a function that executes the statement `CALLS` times, with nothing between the calls."""
        source = f"def timed():\n    for _ in repeat(None, CALLS):\n        {self.statement}\n"
        scope = {**self.scope, "repeat": repeat, "CALLS": CALLS}
        exec(compile(source, f"<{self.name}>", "exec"), scope)
        timed: Callable[[], None] = scope["timed"]
        return timed


OPS = {
    "add": "{f}(x, y)",
    "sum": "{f}(x)",
    "reshape": "{f}(x, (2, 2))",
    "matmul": "{f}(x, y)",
    "concat": "{f}([x, y])",
}
"""Op -> the call, in the form that every contender takes."""

NATIVE_NAMES = {"concat": "concatenate"}
"""Names that peers without the standard's spelling use."""


def contenders(op: str, x: Any, y: Any, native: Any, *, wide: bool = False) -> list[Contender]:
    """List the ways to call one op on ``x`` and ``y``; the first is the native one, to which the others are compared.

    Parameters
    ----------
    op : str
        A key of `OPS`.
    x, y : array, shape (4,)
        Arrays of one library.
    native : module
        That library's own namespace.
    wide : bool
        Whether the data need JAX's 64-bit scope, which the native contender then enters for each call as one would by hand.
    """
    old_name = NATIVE_NAMES.get(op, op)

    def call(name: str, function: Any) -> Contender:
        return Contender(name, OPS[op].format(f="f"), {"f": function, "x": x, "y": y})

    found = [call("native", getattr(native, op))]
    if wide:
        import jax

        inside = f"with enable_x64(True): {OPS[op].format(f='f')}"
        scope = {"f": getattr(native, op), "x": x, "y": y, "enable_x64": jax.enable_x64}
        found.append(Contender("native, in the 64-bit scope", inside, scope))
    found += [
        call("accel", getattr(accel, op)),
        call("accel, bound", getattr(accel.namespace(x), op)),
    ]
    import array_api_compat
    import autoray

    found.append(
        Contender(
            "array-api-compat",
            OPS[op].format(f=f"array_namespace(x).{op}"),
            {"array_namespace": array_api_compat.array_namespace, "x": x, "y": y},
        )
    )
    found.append(
        Contender(
            "autoray",
            OPS[op].format(f="do").replace("(", f"({old_name!r}, ", 1),
            {"do": functools.partial(autoray.do, like=x) if op == "concat" else autoray.do, "x": x, "y": y},
        )
    )
    if native is np:
        import keras

        found.append(call("keras.ops", getattr(keras.ops, old_name)))
    if op == "add":
        found += [
            call("plum", _plum(type(x), native.add)),
            call("singledispatch", _single(type(x), native.add)),
        ]
    return found


def _plum(cls: type, function: Any) -> Any:
    import plum

    dispatch = plum.Dispatcher()

    def add(x: Any, y: Any) -> Any:
        return function(x, y)

    add.__annotations__ = {"x": cls, "y": cls}
    return dispatch(add)


def _single(cls: type, function: Any) -> Any:
    @functools.singledispatch
    def add(x: Any, y: Any) -> Any:
        raise TypeError(type(x))

    add.register(cls, function)
    return add
