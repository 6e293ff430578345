"""Shapes as the specs document them: what ``shape (..., M, K)`` in a docstring asks of an argument.

The docstring is the one place where an op's shapes are written; a failed call is compared with it.
"""

from __future__ import annotations

import re
from functools import cache
from inspect import cleandoc
from typing import TYPE_CHECKING, Any

from accel.errors import AccelError, AxisError, ShapeError

if TYPE_CHECKING:
    from accel.dispatch import Spec

__all__ = ["misfit"]

Pattern = tuple[str, ...]
"""Names of lengths, numbers, or ``...`` for any number of axes, as in ``("...", "M", "K")``."""

PARAMETER = re.compile(r"^(?P<names>[\w*, ]+) : array(?P<text>[^\n]*)$", re.MULTILINE)
SHAPE = re.compile(r"\(([^()]*)\)")


@cache
def documented(spec: Spec) -> dict[str, tuple[Pattern, ...]]:
    """Read the shapes that a spec documents for its array arguments; several where it names alternatives."""
    # Python 3.13 strips the indentation itself, earlier ones keep it.
    text = cleandoc(spec.function.__doc__ or "").partition("Returns\n")[0]
    found: dict[str, tuple[Pattern, ...]] = {}
    for match in PARAMETER.finditer(text):
        words = match["text"]
        if "at least one axis" in words:
            patterns: tuple[Pattern, ...] = (("...", "", "..."),)
        elif re.match(r", shapes? \(", words):
            patterns = tuple(tuple(re.findall(r"\.\.\.|\w+", shape)) for shape in SHAPE.findall(words))
        else:
            continue
        for name in match["names"].split(", "):
            found[name] = patterns
    return found


def misfit(spec: Spec, arrays: dict[str, Any]) -> AccelError | None:
    """Give the error for the first argument whose shape is not the documented one, or None if all fit.

    Parameters
    ----------
    spec : Spec
        The op that was called.
    arrays : dict of str to array
        Its array arguments by name.
    """
    lengths: dict[str, tuple[int, str]] = {}
    for name, x in arrays.items():
        shape = tuple(x.shape)
        patterns = documented(spec).get(name, ())
        if not patterns:
            continue
        if patterns == (("...", "", "..."),):
            if not shape:
                return AxisError(
                    f"accel.{spec.name} goes along an axis, and {name} is a 0-d array, which has none."
                )
            continue
        if not any(_fits(pattern, shape, lengths, name) for pattern in patterns):
            wanted = " or ".join(f"({', '.join(pattern)}{',' * (len(pattern) == 1)})" for pattern in patterns)
            known = [
                f"{letter} is {n} by {whose}" for letter, (n, whose) in lengths.items() if letter in wanted
            ]
            where = f", where {' and '.join(known)}" if known else ""
            return ShapeError(f"accel.{spec.name} takes {name} of shape {wanted}{where}; got shape {shape}.")
    return None


def _fits(pattern: Pattern, shape: tuple[int, ...], lengths: dict[str, tuple[int, str]], name: str) -> bool:
    """Tell whether a shape matches, and note the lengths that its letters stand for if it does."""
    named = tuple(part for part in pattern if part != "...")
    if "..." in pattern[1:]:  # the axis is wherever `axis` says
        return len(shape) >= len(named)
    if len(shape) < len(named) or (len(shape) > len(named) and "..." not in pattern):
        return False
    bound = dict(lengths)
    for letter, length in zip(named, shape[len(shape) - len(named) :], strict=True):
        if bound.setdefault(letter, (length, name))[0] != length:
            return False
    lengths.update(bound)
    return True
