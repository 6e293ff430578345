"""What a check found: elements that are not as they should be, and the error that says so."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import accel.errors as errors
import accel.registry as registry
from accel.errors import AccelError, UnsupportedError

__all__ = ["Finding", "failure"]


@dataclass(frozen=True)
class Finding:
    """Elements at fault, if there are any.

    Attributes
    ----------
    error : type
        The error to raise.
    message : str
        Its sentence, with ``{index}`` and ``{value}`` of the first element at fault, ``{count}`` of them, ``{total}`` and the names in
        ``values`` in it.
    bad : array of bool
        Where something is wrong.
    values : dict of str to array or number
        What to tell about the first element at fault; arrays broadcast with ``bad``.
    """

    error: type[AccelError]
    message: str
    bad: Any
    values: dict[str, Any] = field(default_factory=dict)

    def settle(self, op: str, backend: registry.Backend) -> None:
        """Raise the error if an element is at fault in a call of ``op``, or hand the question to the compiler."""
        shape = tuple(self.bad.shape)
        if 0 in shape:
            return
        xp = backend.namespace
        failed = xp.any(self.bad)
        staged = backend.traces(failed)
        if not staged and not bool(failed):
            return
        message = "\n".join((self.error.__name__, ",".join(map(str, shape)), self.message))
        for name, value in self.values.items():
            if registry.owner(type(value)) is None:
                message = message.replace(f"{{{name}}}", _shown(value))
        if not staged:
            raise failure(message, self._facts(xp))
        carry = backend.hook("check")
        if carry is None or not carry(failed, message, lambda: self._facts(xp)):
            raise UnsupportedError(
                f"{op} inside accel.checked() met an array of {backend.name} that is being traced, whose values cannot be looked "
                f"at; make accel.jit the outermost transformation, which carries the checks out of the compiled function."
            )

    def _facts(self, xp: Any) -> dict[str, Any]:
        """Find the position of the first element at fault, how many there are, and the values there."""
        flat = xp.reshape(self.bad, (-1,))
        first = xp.argmax(xp.astype(flat, xp.uint8))
        facts = {"first": first, "count": xp.count_nonzero(flat)}
        for name, value in self.values.items():
            if registry.owner(type(value)) is not None:
                spread = xp.reshape(xp.broadcast_to(value, self.bad.shape), (-1,))
                facts[name] = xp.reshape(xp.take(spread, xp.reshape(first, (1,)), axis=0), ())
        return facts


def failure(message: str, facts: dict[str, Any]) -> AccelError:
    """Make the error of a `Finding` from the message that it gave the compiler, and the values of its facts."""
    name, shape, sentence = message.split("\n", 2)
    lengths = [int(n) for n in shape.split(",") if n]
    numbers = {key: _number(value) for key, value in facts.items()}
    first = numbers.pop("first")
    index = []
    for length in reversed(lengths):
        first, position = divmod(first, length)
        index.append(position)
    shown = {key: _shown(value) for key, value in numbers.items()}
    error: AccelError = getattr(errors, name)(
        sentence.format(index=tuple(reversed(index)), total=math.prod(lengths), **shown)
    )
    return error


def _number(x: Any) -> Any:
    """Give the Python number of an array without axes."""
    backend = registry.owner(type(x))
    if backend is None:
        return x
    kinds: dict[str, type] = {
        "bool": bool,
        "integral": int,
        "real floating": float,
        "complex floating": complex,
    }
    return next(number(x) for kind, number in kinds.items() if backend.namespace.isdtype(x.dtype, kind))


def _shown(value: Any) -> str:
    return repr(value).strip("()") if isinstance(value, complex) else repr(value)
