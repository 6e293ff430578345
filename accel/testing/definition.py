"""Definition: the lines that make a user's function known to a program of its own."""

from __future__ import annotations

import ast
import inspect
import sys
import sysconfig
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from accel.dispatch import SUBMODULES
from accel.testing.source import source

__all__ = ["definition"]


def definition(
    fn: Callable[..., Any], *, anonymous: str = "fn", within: tuple[object, ...] = ()
) -> tuple[list[str], str]:
    """Write how a program gets at a function.

    Parameters
    ----------
    fn : callable
        The function.
    anonymous : str
        What to call it where it has no name of its own.
    within : tuple of callables
        Functions whose surroundings are being written; they are known already.

    Returns
    -------
    lines : list of str
        Imports, or the text of the function where it cannot be imported: a lambda, or a function inside another.
    name : str
        What it is called after those lines.
    """
    module, qualname = getattr(fn, "__module__", None), getattr(fn, "__qualname__", "")
    if module in ("accel", *(f"accel.{part}" for part in SUBMODULES)):
        return [], f"{module}.{qualname}"
    if module and qualname and "<" not in qualname and module != "__main__":
        return _imported(module, qualname), qualname
    written = inspect.unwrap(fn)
    if isinstance(written, FunctionType):
        text = _text(written)
        if text is not None:
            name = anonymous if written.__name__ == "<lambda>" else written.__name__
            lines = text if name == written.__name__ else f"{name} = ({text})"
            known = _surroundings(written, (*within, written)) if written not in within else []
            return [*known, "", *lines.splitlines()], name
    where = f" of {module}" if module else ""
    return [f"{anonymous} = ...  # {qualname or repr(fn)}{where}, which cannot be imported"], anonymous


def _imported(module: str, qualname: str) -> list[str]:
    folder = _folder(module)
    path = [] if folder is None else ["import sys", f"sys.path.insert(0, {folder!r})"]
    return [*path, f"from {module} import {qualname.partition('.')[0]}"]


def _folder(module: str) -> str | None:
    """Give the folder that a fresh interpreter has to look in for a module, or None if it looks there anyway."""
    file = getattr(sys.modules.get(module), "__file__", None)
    if file is None:
        return None
    path = Path(file).resolve()
    if path.name == "__init__.py":
        path = path.parent
    root = path.parents[module.count(".")]
    installed = {
        Path(sysconfig.get_path(kind)).resolve() for kind in ("stdlib", "platstdlib", "purelib", "platlib")
    }
    return None if any(root == place or place in root.parents for place in installed) else str(root)


def _text(fn: FunctionType) -> str | None:
    """Give the text of a function that stands somewhere inside a file."""
    try:
        lines, _ = inspect.findsource(fn)
        tree = ast.parse("".join(lines))
    except (OSError, TypeError, SyntaxError):
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == fn.__name__:
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            if first == fn.__code__.co_firstlineno:
                return textwrap.dedent("".join(lines[first - 1 : node.end_lineno]))
    # Of several lambdas around the code, the innermost one.
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Lambda) and _holds(node, fn.__code__)]
    texts = [ast.get_source_segment("".join(lines), node) for node in found]
    return min((text for text in texts if text is not None), key=len, default=None)


def _holds(node: ast.Lambda, code: CodeType) -> bool:
    """Tell whether some code lies inside the body of a lambda."""
    if node.lineno != code.co_firstlineno:
        return False
    body = node.body
    first, last = (body.lineno, body.col_offset), (body.end_lineno, body.end_col_offset)
    places = [
        ((line, column), (end_line, end_column))
        for line, end_line, column, end_column in code.co_positions()
        if None not in (line, end_line, column, end_column) and (line, column) != (end_line, end_column)
    ]
    return bool(places) and all(first <= start and end <= last for start, end in places)


def _names(code: CodeType) -> Iterator[str]:
    """Go through the global names that some code uses, also in functions inside it."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _names_before(fn: FunctionType) -> Iterator[str]:
    """Go through the names in the decorators and default values of a function."""
    (node,) = ast.parse(_text(fn) or "0").body
    if isinstance(node, ast.FunctionDef):
        for part in (*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)):
            yield from (name.id for name in ast.walk(part) if isinstance(name, ast.Name))


def _surroundings(fn: FunctionType, within: tuple[object, ...]) -> list[str]:
    """Write the lines that give a function the names that it takes from around it."""
    cells = dict(zip(fn.__code__.co_freevars, fn.__closure__ or (), strict=True))
    values: dict[str, Any] = {}
    for name in dict.fromkeys([*_names(fn.__code__), *_names_before(fn)]):
        if name in fn.__globals__:
            values[name] = fn.__globals__[name]
    for name, cell in cells.items():
        try:
            values[name] = cell.cell_contents
        except ValueError:
            continue
    lines: list[str] = []
    for name, value in values.items():
        if not (isinstance(value, FunctionType) and value in within):
            lines += [line for line in _bound(name, value, within) if line not in lines]
    return lines


def _bound(name: str, value: Any, within: tuple[object, ...]) -> list[str]:
    """Write how a name gets its value."""
    if isinstance(value, ModuleType):
        if name == value.__name__:
            return [] if name in ("accel", "numpy") else [f"import {name}"]
        return [f"import {value.__name__} as {name}"]
    if callable(value) and hasattr(value, "__qualname__"):
        lines, known = definition(value, anonymous=name, within=within)
        return [*lines, *([] if known == name else [f"{name} = {known}"])]
    return [f"{name} = {source(value)}"]
