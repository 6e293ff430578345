"""Expressions of the ledger: calls and results as the docstrings write them, evaluated with a closed set of names."""

from __future__ import annotations

import ast
import builtins
import math
import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

import accel
import accel.dtype
import accel.errors as errors
from accel.dispatch import specs

__all__ = [
    "CLASSES",
    "DTYPES",
    "Either",
    "Expression",
    "NonFinite",
    "bindings",
    "error",
    "host_dtype",
    "parse",
]

Array: TypeAlias = npt.NDArray[Any]

SIGNED = ("int8", "int16", "int32", "int64")
UNSIGNED = ("uint8", "uint16", "uint32", "uint64")
REAL = ("float16", "bfloat16", "float32", "float64")
COMPLEX = ("complex64", "complex128")

DTYPES = ("bool", *SIGNED, *UNSIGNED, *REAL, *COMPLEX)

CLASSES: dict[str, tuple[str, ...]] = {
    "ints": SIGNED,
    "uints": UNSIGNED,
    "integers": SIGNED + UNSIGNED,
    "floats": REAL,
    "ieee": ("float16", "float32", "float64"),
    "complexes": COMPLEX,
    "numbers": SIGNED + UNSIGNED + REAL + COMPLEX,
}
"""Class of dtypes -> its members: a line that names one is about each of them."""

NUMBERS = {"e": math.e, "inf": math.inf, "nan": math.nan, "newaxis": None, "pi": math.pi}

OPERATORS: dict[type, Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.BitAnd: operator.and_,
    ast.Div: operator.truediv,
    ast.Eq: operator.eq,
    ast.FloorDiv: operator.floordiv,
    ast.Gt: operator.gt,
    ast.Invert: operator.invert,
    ast.LShift: operator.lshift,
    ast.Lt: operator.lt,
    ast.MatMult: operator.matmul,
    ast.Mod: operator.mod,
    ast.Mult: operator.mul,
    ast.Pow: operator.pow,
    ast.RShift: operator.rshift,
    ast.Sub: operator.sub,
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
}


@dataclass(frozen=True, eq=False)
class Either:
    """A result that is one of several."""

    choices: tuple[Any, ...]


@dataclass(frozen=True, eq=False)
class NonFinite:
    """A result that is infinite or nan where this array is, in any of its parts, and equal to it elsewhere."""

    like: Array


def error(name: str) -> type[Exception]:
    """Give the class of an error by its name: accel's, or a built-in one."""
    found = getattr(errors, name, None) or getattr(builtins, name, None)
    if not (isinstance(found, type) and issubclass(found, Exception)):
        raise ValueError(f"there is no error {name!r}")
    return found


def host_dtype(name: str) -> np.dtype[Any]:
    """Give NumPy's dtype of a name; bfloat16 is there where the package ml_dtypes is."""
    found: np.dtype[Any] = np.dtype(getattr(accel.namespace("numpy"), name))
    return found


@cache
def parse(text: str) -> ast.expr:
    """Read an expression."""
    return ast.parse(text, mode="eval").body


def bindings(*texts: str) -> Iterator[dict[str, str]]:
    """Give each choice of dtypes for the classes that some expressions name."""
    names = {node.id for text in texts for node in ast.walk(parse(text)) if isinstance(node, ast.Name)}
    classes = [name for name in CLASSES if name in names]
    for chosen in product(*(CLASSES[name] for name in classes)):
        yield dict(zip(classes, chosen, strict=True))


class Expression(ast.NodeVisitor):
    """Evaluates expressions: names of dtypes make arrays, names of ops call them.

    Parameters
    ----------
    bound : mapping
        Class of dtypes -> the one of them that it stands for.
    put : callable
        Makes what an array is from its NumPy form.
    call : callable, optional
        Runs an op: gets its name, positional and keyword arguments. Without it, ops cannot be called.
    """

    def __init__(
        self,
        bound: Mapping[str, str],
        put: Callable[[Array], Any],
        call: Callable[[str, tuple[Any, ...], dict[str, Any]], Any] | None = None,
    ) -> None:
        self._bound = bound
        self._put = put
        self._call = call
        self._dtype = next(iter(bound.values()), "")

    def evaluate(self, text: str) -> Any:
        """Give the value of an expression."""
        return self.visit(parse(text))

    def generic_visit(self, node: ast.AST) -> Any:
        """Refuse what the ledger does not write."""
        raise SyntaxError(f"the ledger does not know {ast.unparse(node)!r}")

    def visit_Constant(self, node: ast.Constant) -> Any:  # noqa: D102
        return node.value

    def visit_List(self, node: ast.List) -> Any:  # noqa: D102
        return [self.visit(item) for item in node.elts]

    def visit_Tuple(self, node: ast.Tuple) -> Any:  # noqa: D102
        return tuple(self.visit(item) for item in node.elts)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> Any:  # noqa: D102
        return OPERATORS[type(node.op)](self.visit(node.operand))

    def visit_BinOp(self, node: ast.BinOp) -> Any:  # noqa: D102
        return OPERATORS[type(node.op)](self.visit(node.left), self.visit(node.right))

    def visit_Compare(self, node: ast.Compare) -> Any:  # noqa: D102
        (op,), (right,) = node.ops, node.comparators
        return OPERATORS[type(op)](self.visit(node.left), self.visit(right))

    def visit_Subscript(self, node: ast.Subscript) -> Any:  # noqa: D102
        return self.visit(node.value)[self.visit(node.slice)]

    def visit_Slice(self, node: ast.Slice) -> Any:  # noqa: D102
        return slice(
            *(None if part is None else self.visit(part) for part in (node.lower, node.upper, node.step))
        )

    def visit_Attribute(self, node: ast.Attribute) -> Any:  # noqa: D102
        return getattr(self.visit(node.value), node.attr)

    def visit_Name(self, node: ast.Name) -> Any:  # noqa: D102
        name = self._bound.get(node.id, node.id)
        if name in NUMBERS:
            return NUMBERS[name]
        if name in DTYPES:
            return getattr(accel.dtype, name)
        return self._limit(name)

    def visit_Call(self, node: ast.Call) -> Any:  # noqa: D102
        name = ast.unparse(node.func)
        name = self._bound.get(name, name)
        if name in DTYPES:
            return self._put(self._array(name, node))
        args = tuple(self.visit(arg) for arg in node.args)
        kwargs = {str(keyword.arg): self.visit(keyword.value) for keyword in node.keywords}
        if name == "complex":
            return complex(*args)
        if name == "either":
            return Either(args)
        if name == "nonfinite":
            return NonFinite(*args)
        if name not in specs or self._call is None:
            raise NameError(f"the ledger knows no {name!r} here")
        return self._call(name, args, kwargs)

    def _array(self, dtype: str, node: ast.Call) -> Array:
        outside, self._dtype = self._dtype, dtype
        (value,) = (self.visit(arg) for arg in node.args)
        shape = {str(keyword.arg): self.visit(keyword.value) for keyword in node.keywords}.get("shape")
        self._dtype = outside
        with np.errstate(over="ignore"):
            array = np.asarray(value, dtype=host_dtype(dtype))
        if shape is None:
            return array
        return array.reshape(shape) if array.size == math.prod(shape) else np.full(shape, array)

    def _limit(self, name: str) -> Any:
        """Give a limit of the dtype whose array the name stands in, or else of the one that the line is about."""
        find = {
            "bits": lambda info: info.bits,
            "eps": lambda info: info.eps,
            "highest": lambda info: info.max,
            "lowest": lambda info: info.min,
            "tiny": lambda info: info.smallest_normal,
        }.get(name)
        if find is None or not self._dtype:
            raise NameError(f"the ledger knows no {name!r} here")
        space = accel.namespace("numpy")
        of = getattr(space, self._dtype)
        return find(space.iinfo(of) if "int" in self._dtype else space.finfo(of))
