"""Source: values and calls written as code that one can run, exact to the last bit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from types import FunctionType
from typing import Any

import numpy as np
import numpy.typing as npt

import accel
from accel.dispatch import specs
from accel.testing.cases import Case
from accel.testing.rows import REFERENCE, Row, rows
from accel.transform.tree import is_array

__all__ = ["program", "script", "source"]

Array = npt.NDArray[Any]

BUILTIN = {"bool", "float16", "float32", "float64", "complex64", "complex128"} | {
    f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)
}
"""Dtypes that NumPy knows by name."""


def source(value: Any) -> str:
    """Write a value as a Python expression.

    Parameters
    ----------
    value : array, number, str, bytes, None, slice, Ellipsis, dtype, function of a module, or tuples, lists and dicts of them
        Arrays of any backend.

    Returns
    -------
    str
        An expression over the names ``accel`` and ``numpy``. Evaluated, it gives the same bits again: also those of nan, -0.0 and
        the infinities. What is none of the above is written by its ``repr``.

    Examples
    --------
    >>> import numpy
    >>> source((numpy.asarray([1.0, -0.0, numpy.nan], dtype="float32"), 2))
    '(numpy.asarray([1.0, -0.0, numpy.nan], dtype="float32"), 2)'
    """
    if isinstance(value, np.ndarray):
        return _array(value)
    if isinstance(value, np.generic):
        return f"{_array(np.asarray(value))}[()]"
    if is_array(value):
        return f"accel.to_device({_array(np.asarray(accel.to_numpy(value)))}, {str(accel.device(value))!r})"
    if isinstance(value, tuple):
        fields = getattr(value, "_fields", None)
        if fields is not None:
            inside = ", ".join(f"{n}={source(v)}" for n, v in zip(fields, value, strict=True))
            return f"{type(value).__name__}({inside})"
        return _tuple([source(item) for item in value])
    if isinstance(value, list):
        return f"[{', '.join(map(source, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{source(k)}: {source(v)}' for k, v in value.items())}}}"
    if isinstance(value, slice):
        return f"slice({source(value.start)}, {source(value.stop)}, {source(value.step)})"
    if type(value) is float:
        return _float(value)
    if type(value) is complex:
        return f"complex({_float(value.real)}, {_float(value.imag)})"
    if isinstance(value, FunctionType) and "<" not in value.__qualname__:
        return f'__import__("importlib").import_module({value.__module__!r}).{value.__qualname__}'
    if isinstance(value, accel.Device):
        return repr(str(value))
    if isinstance(value, np.dtype):
        return f"numpy.dtype({_dtype(value)})"
    if isinstance(value, type) and issubclass(value, np.generic) and value.__module__ == "numpy":
        return f"numpy.{value.__name__}"
    return "..." if value is Ellipsis else repr(value)


def _float(x: float) -> str:
    if math.isfinite(x):
        return repr(x)
    if math.isnan(x):
        pattern = int(np.asarray(x).view(np.uint64))
        plain = pattern == int(np.asarray(math.nan).view(np.uint64))
        return "numpy.nan" if plain else f'numpy.asarray({pattern:#x}, dtype="uint64").view("float64").item()'
    return "numpy.inf" if x > 0 else "-numpy.inf"


def _dtype(dtype: np.dtype[Any]) -> str:
    if dtype.name in BUILTIN:
        return f'"{dtype.name if dtype.isnative else dtype.str}"'
    if hasattr(accel, dtype.name):
        return f'accel.namespace("numpy").{dtype.name}'
    return repr(dtype.str)


def _array(x: Array) -> str:
    dtype = _dtype(x.dtype)
    if x.size == 0:
        return f"numpy.empty({x.shape}, dtype={dtype})"
    text = f"numpy.asarray({_numbers(x.tolist())}, dtype={dtype})"
    again = eval(text, {"numpy": np, "accel": accel})
    if again.tobytes() == x.tobytes():
        return text
    # nan of another sign or payload cannot be written as a number.
    bits = f"uint{8 * (x.dtype.itemsize // (2 if x.dtype.kind == 'c' else 1))}"
    pattern: Array = np.ascontiguousarray(x).reshape(-1).view(bits)
    flat = f'numpy.asarray({pattern.tolist()}, dtype="{bits}").view({dtype})'
    return f"{flat}.reshape({x.shape})"


def _numbers(x: Any) -> str:
    if isinstance(x, list):
        return f"[{', '.join(map(_numbers, x))}]"
    if type(x) in (bool, int, str):
        return repr(x)
    if type(x) is complex:
        return f"complex({_numbers(x.real)}, {_numbers(x.imag)})"
    number = float(x)
    return "numpy.nan" if math.isnan(number) else _float(number)


def _placed(value: Any, put: str) -> str:
    """Write a value with a call around each array; ``{}`` in the call stands for the array."""
    if isinstance(value, np.ndarray):
        return put.format(_array(value))
    if isinstance(value, tuple) and not hasattr(value, "_fields"):
        return _tuple([_placed(item, put) for item in value])
    if isinstance(value, list):
        return f"[{', '.join(_placed(item, put) for item in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{source(k)}: {_placed(v, put)}' for k, v in value.items())}}}"
    return source(value)


def _tuple(items: list[str]) -> str:
    return f"({', '.join(items)}{',' if len(items) == 1 else ''})"


def program(
    values: dict[str, Any], calls: Sequence[tuple[Sequence[str], str]], *, before: Sequence[str] = ()
) -> str:
    """Write a program that makes calls on several backends and prints what each gives.

    Parameters
    ----------
    values : dict of str to value
        The arguments by the names that the calls use, with NumPy arrays where arrays stand.
    calls : sequence of (names, call)
        Names of backends, devices or virtual backends, and the expression to evaluate on each of them.
    before : sequence of str
        Lines that make known what the calls use.
    """
    virtual = {row.name for row in rows()} - set(accel.backends())
    lines: list[str] = []
    kit = False
    for names, call in calls:
        each = ", ".join(f'"{name}"' for name in names) + ("," if len(names) == 1 else "")
        if virtual.isdisjoint(names):
            on, head, put = "device", f"for device in ({each}):", "accel.to_device({}, device)"
            run = ["    with accel.use_device(device):", f"        result = {call}"]
        else:
            kit = True
            on, head, put = "row", f"for row in chosen(({each})):", "row.put({})"
            run = [f"    result = row.run(lambda {', '.join(values)}: {call}, {_tuple(list(values))}, {{}})"]
        body = [f"{name} = {_placed(value, put)}" for name, value in values.items()]
        body += [
            "try:",
            *run,
            "except Exception as error:",
            "    result = error",
            f'print({on}, repr(result), sep=": ")',
        ]
        lines += ["", head, *(f"    {line}" for line in body)]
    imports = ["import accel", "import numpy"] + ["from accel.testing.selection import chosen"] * kit
    # Annotations in the text of a function need not be known then.
    first = ["from __future__ import annotations", ""] * any(line.startswith("def ") for line in before)
    exactly = ['numpy.set_printoptions(floatmode="unique")']
    return "\n".join([*first, *imports, *before, "", *exactly, *lines, ""])


def script(op: str, case: Case, backend: str | Row) -> str:
    """Write a program that shows one call on a backend and on NumPy.

    Parameters
    ----------
    op : str
        Name of the op, such as ``"linalg.svd"``.
    case : Case
        The arguments.
    backend : str or Row
        Name of a backend, of a virtual backend or of a device; or a row.

    Returns
    -------
    str
        A whole program. It prints one line for each of the two: the result, or the error.

    Examples
    --------
    >>> import numpy
    >>> print(script("add", Case((numpy.asarray([1.5]), 2)), "jax"))
    import accel
    import numpy
    <BLANKLINE>
    numpy.set_printoptions(floatmode="unique")
    <BLANKLINE>
    for device in ("numpy", "jax"):
        x1 = accel.to_device(numpy.asarray([1.5], dtype="float64"), device)
        x2 = 2
        try:
            with accel.use_device(device):
                result = accel.add(x1, x2)
        except Exception as error:
            result = error
        print(device, repr(result), sep=": ")
    <BLANKLINE>
    """
    names = _argument_names(op, case)
    call = f"accel.{op}({', '.join([*names, *(f'{k}={k}' for k in case.kwargs)])})"
    values = {**dict(zip(names, case.args, strict=True)), **case.kwargs}
    name = backend if isinstance(backend, str) else backend.name
    return program(values, [(tuple(dict.fromkeys((REFERENCE, name))), call)])


def _argument_names(op: str, case: Case) -> list[str]:
    """Name the positional arguments as the spec does."""
    assert callable(accel.add), "the chapters load with the first op"
    names: list[str] = []
    for p in specs[op].parameters:
        if p.kind == "variadic":
            names += [f"{p.name}{n}" for n in range(len(case.args) - len(names))]
        elif p.kind == "positional":
            names.append(p.name)
    return names[: len(case.args)]
