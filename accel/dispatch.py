"""A spec becomes a function that calls the owner of its arrays.

For each spec a small function of the same signature is generated, as `dataclasses` does for ``__init__``: fixed parameters and one
dictionary look-up by the classes of the array arguments are what keeps a call within a third of the native one.
"""

from __future__ import annotations

import linecache
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from numbers import Number
from types import FunctionType
from typing import Any, TypeVar, cast

import accel.checking as checking
import accel.creation as creation
import accel.policy as policy
import accel.registry as registry
from accel.composition import PARTS, composed
from accel.creation import native_device
from accel.diagnosis import fail
from accel.dtype import native, owner_of_dtype
from accel.errors import MixedBackendsError, UnknownArrayError, UnsupportedError
from accel.lending import among_constants, mixes

__all__ = ["Spec", "op", "specs"]

F = TypeVar("F", bound=Callable[..., Any])

SCALARS = (bool, int, float, complex)


@dataclass(frozen=True)
class Parameter:
    """One parameter of a spec, as its annotation describes it."""

    name: str
    annotation: str
    kind: str  # "positional", "keyword" or "variadic"

    @property
    def is_array(self) -> bool:
        """Whether the owner of this argument takes part in choosing the backend."""
        return re.search(r"\b(A|Array)\b", self.annotation) is not None

    @property
    def is_sequence(self) -> bool:
        """Whether the argument is several arrays."""
        return self.kind == "variadic" or "Sequence[A]" in self.annotation

    def takes_beside_arrays(self, cls: type) -> bool:
        """Whether an object of this class, which is no array, may stand here and follow the arrays."""
        if cls is type(None):
            return "None" in self.annotation
        return issubclass(cls, SCALARS) and re.search(r"\b(Scalar|int|float)\b", self.annotation) is not None

    @property
    def may_be_dtype(self) -> bool:
        """Whether one of accel's dtypes may stand here."""
        return "DTypeLike" in self.annotation

    @property
    def is_device(self) -> bool:
        """Whether a device may stand here."""
        return "DeviceLike" in self.annotation


@dataclass(frozen=True)
class Spec:
    """What the layer, the tests and the docs know about one op.

    Attributes
    ----------
    name : str
        Name within the namespace, with its sub-module: ``"add"``, ``"linalg.svd"``.
    chapter : str
        The file of `accel.spec` that holds it.
    dtypes : str
        The kind of dtypes for which the standard defines the array arguments.
    same : str
        ``"exact"``, ``"bounded"`` or ``"conditioned"``: how close the backends' results are.
    ulp : int
        For bounded ops, the largest distance from the true value, in units in the last place.
    ulp_of : str
        For bounded ops, the number whose last place that is.
    bound : str
        For conditioned ops, the largest distance from the true value, as a formula in the words of the docstring. ``y`` is the exact
        result, ``norm`` the root of the sum of squares in a matrix or vector, ``eps`` that of the dtype in which sums are made (float32
        for 16 bits, whose results are then rounded once more), and four times as much for complex numbers.
    checks : tuple of str
        What `accel.checked` looks at, by the names in `accel.checks`, in that order.
    requires : callable or None
        Called with the arguments before the backend is; raises for what every backend refuses alike and none would notice. It looks at
        shapes, dtypes and Python values, never at the values of an array.
    default : str
        What ``dtype=None`` stands for, by the names of `accel.policy.default_names`: ``"real floating"`` or ``"integral"``; empty where
        that is the backend's affair.
    compiles : bool or str
        Whether a compiler can trace the op. It cannot where the shape of a result depends on values; the name of a parameter means
        that it can only where an argument is given for that one, which settles the shape.
    parameters : tuple of Parameter
        In order.
    function : callable
        The function that was written in the chapter: signature and docstring, and in the parts of accel's own a body of other ops,
        which every backend runs that has nothing better.
    """

    name: str
    chapter: str
    dtypes: str
    same: str
    ulp: int
    ulp_of: str
    bound: str
    checks: tuple[str, ...]
    requires: Callable[..., None] | None
    default: str
    compiles: bool | str
    parameters: tuple[Parameter, ...]
    function: Callable[..., Any]

    @property
    def part(self) -> str:
        """The sub-module that has the op; empty for accel itself."""
        return self.name.rpartition(".")[0]

    @property
    def composed(self) -> bool:
        """Whether the op has a body of other ops: those that the standard leaves out have."""
        return self.part in PARTS

    @property
    def arrays(self) -> tuple[Parameter, ...]:
        """Parameters whose arguments choose the backend."""
        return tuple(p for p in self.parameters if p.is_array)

    def traceable(self, kwargs: dict[str, Any]) -> bool:
        """Tell whether a compiler can trace a call with these keyword arguments."""
        return kwargs.get(self.compiles) is not None if isinstance(self.compiles, str) else self.compiles


specs: dict[str, Spec] = {}
"""Every spec by name; filled by the chapters as they are imported."""


def op(
    *,
    dtypes: str,
    same: str,
    ulp: int = 4,
    ulp_of: str = "the result",
    bound: str = "",
    checks: tuple[str, ...] = (),
    requires: Callable[..., None] | None = None,
    default: str = "",
    compiles: bool | str = True,
) -> Callable[[F], F]:
    """Make the function under the decorator an op of accel.

    Parameters
    ----------
    dtypes, same, ulp, ulp_of, bound, checks, requires, default, compiles
        Facts about the op, as in `Spec`. The ops of the standard's chapters that compute are checked for nan, and those of several
        arrays for mixed kinds, besides; accel's own name every check that they want.

    Returns
    -------
    callable
        Decorator. The result has the signature and docstring of the function it decorates, and calls the backend.
    """

    def make(function: F) -> F:
        written = cast(FunctionType, function)
        # accel.spec.<chapter>, where some chapters are sub-modules, and accel.<part>.<chapter> for what the standard leaves out
        _, home, file = written.__module__.split(".")
        part = home if home in PARTS else file if file in EXTENSIONS else ""
        chapter = f"{home}.{file}" if home in PARTS else file
        name = f"{part}.{written.__name__}" if part else written.__name__
        parameters = _parameters(written)
        looked_at = checks
        if chapter in COMPUTING:
            several = sum(p.is_array for p in parameters) > 1
            looked_at = (*(("kinds",) if several else ()), *checks, "nan")
        spec = Spec(
            name,
            chapter,
            dtypes,
            same,
            ulp,
            ulp_of,
            bound,
            looked_at,
            requires,
            default,
            compiles,
            parameters,
            written,
        )
        specs[name] = spec
        return cast(F, _generate(spec, written))

    return make


EXTENSIONS = ("linalg", "fft")
"""Sub-modules of the standard."""
SUBMODULES = EXTENSIONS + PARTS
COMPUTING = ("elementwise", "fft", "linalg", "linear_algebra", "statistical")
"""Chapters whose ops compute with values rather than move them."""


def _parameters(written: FunctionType) -> tuple[Parameter, ...]:
    code = written.__code__
    first, last = code.co_argcount, code.co_argcount + code.co_kwonlyargcount
    kinds = ["positional"] * first + ["keyword"] * code.co_kwonlyargcount
    if code.co_flags & 0x04:  # *args
        kinds.insert(first, "variadic")
        order = (*code.co_varnames[:first], code.co_varnames[last], *code.co_varnames[first:last])
    else:
        order = code.co_varnames[:last]
    notes = written.__annotations__
    return tuple(Parameter(n, str(notes.get(n, "")), kind) for n, kind in zip(order, kinds, strict=True))


def _generate(spec: Spec, written: FunctionType) -> FunctionType:
    """Compile the dispatching function of a spec."""
    positional_only = written.__code__.co_posonlyargcount
    header, call = [], []
    for position, p in enumerate(spec.parameters):
        if p.kind == "keyword" and not any(q.kind != "positional" for q in spec.parameters[:position]):
            header.append("*")
        star = "*" if p.kind == "variadic" else ""
        header.append(star + p.name)
        call.append(f"{p.name}={p.name}" if p.kind == "keyword" else star + p.name)
        if position + 1 == positional_only:
            header.append("/")
    values = "(" + "".join(f"{p.name}, " for p in spec.parameters) + ")"
    lines = [f"def {written.__name__}({', '.join(header)}):", "    try:"]
    lines += [f"        {line}" for line in _choice(spec)]
    if spec.requires is not None:
        lines += [f"        requires({', '.join(call)})"]
    lines += [f"        return call({', '.join(call)})"]
    lines += ["    except Exception as error:", f"        fail(error, spec, {values})", "        raise", ""]
    filename = f"<accel.{spec.name}>"
    text = "\n".join(lines)
    linecache.cache[filename] = (len(text), None, text.splitlines(True), filename)
    scope: dict[str, Any] = {
        "adopt": creation.adopt,
        "convert": creation.convert,
        "create": creation.create,
        "default": _default_dtype,
        "fail": fail,
        "loose": _loose,
        "native": _native_dtype,
        "place": native_device,
        "relocate": creation.relocate,
        "requires": spec.requires,
        "settle": creation.settle,
        "spec": spec,
        "table": Table(spec),
    }
    exec(compile(text, filename, "exec"), scope)
    made = cast(FunctionType, scope[written.__name__])
    made.__defaults__, made.__kwdefaults__ = written.__defaults__, written.__kwdefaults__
    made.__doc__, made.__annotations__ = written.__doc__, written.__annotations__
    made.__module__ = f"accel.{spec.part}" if spec.part else "accel"
    made.__wrapped__ = written  # type: ignore[attr-defined]
    return made


def _choice(spec: Spec) -> list[str]:
    """Write the lines that set ``call`` to the backend's function and put accel's dtypes and devices into its terms."""
    arrays = spec.arrays
    if spec.name == "asarray":
        return ["call, dtype, device, obj, copy = convert(table, obj, dtype, device, copy)"]
    if spec.name == "from_dlpack":
        return ["call, device = adopt(table, x, device)"]
    if not arrays and any(p.is_device for p in spec.parameters):
        if not any(p.may_be_dtype for p in spec.parameters):
            return ["call, device = settle(table, device)"]
        return ["call, dtype, device = create(table, dtype, device)"]
    if any(p.may_be_dtype for p in arrays) or not arrays:
        names = ", ".join(p.name for p in spec.parameters)
        return [f"call, ({names},) = loose(spec, ({names},))"]
    if any(p.is_sequence for p in arrays):
        # A loop that stops at the first stranger is faster than building the set of classes for each call.
        several = arrays[0].name
        others = "".join(f", type({p.name})" for p in arrays[1:])
        if others:
            return [f"call = table[(*map(type, {several}){others},)]"]
        lines = [
            f"cls = type({several}[0])",
            f"for each in {several}:",
            "    if type(each) is not cls:",
            f"        call = table[frozenset(map(type, {several}))]",
            "        break",
            "else:",
            "    call = table[cls]",
        ]
    elif len(arrays) == 1:
        lines = [f"call = table[type({arrays[0].name})]"]
    else:
        key = ", ".join(f"type({p.name})" for p in arrays)
        lines = [f"call = table[{key}]"]
        if len(arrays) == 2:
            one, two = (p.name for p in arrays)
            lines = [
                f"cls = type({one})",
                f"call = table[cls] if cls is type({two}) else table[cls, type({two})]",
            ]
    lead = arrays[0].name
    for p in spec.parameters:
        if p.may_be_dtype or p.is_device:
            lines.append(f"if {p.name} is not None:")
            if p.is_device and spec.chapter == "data_type":
                lines.append(f"    call, {p.name} = relocate(call, {p.name}, {lead})")
            else:
                convert = "native" if p.may_be_dtype else "place"
                lines.append(f"    {p.name} = {convert}({p.name}, {lead})")
            if p.may_be_dtype and spec.default:
                lines += ["else:", f"    {p.name} = default({spec.default!r}, {lead})"]
    return lines


class Table(dict[Any, Callable[..., Any]]):
    """For one op: the classes of its arrays, or a backend's name -> that backend's function; filled as they arrive."""

    def __init__(self, spec: Spec) -> None:
        super().__init__()
        self.spec = spec
        checking.tables.append(self)

    def __missing__(self, key: str | type | tuple[type, ...] | frozenset[type]) -> Callable[..., Any]:
        arrays = self.spec.arrays
        if isinstance(key, tuple | frozenset) and (compiler := mixes(key)) is not None:
            # In a function that was lent to a compiler the lender's arrays are constants; elsewhere this is an error.
            return among_constants(self[compiler.name])
        if isinstance(key, str):
            backend = registry.load(key)
        elif isinstance(key, frozenset):
            ordered = sorted(key, key=lambda c: (c.__module__, c.__qualname__))
            backend = _common_owner(self.spec, [(arrays[0], cls) for cls in ordered])
        elif isinstance(key, tuple):
            backend = _common_owner(self.spec, list(zip(_each(arrays, len(key)), key, strict=True)))
        else:
            backend = _common_owner(self.spec, [(p, key) for p in arrays])
        while True:
            generation = checking.generation()
            function = self[key] = checking.guarded(self.spec, backend, _function(self.spec, backend))
            # Another thread may have entered or left checked mode, and cleared the table, before this function was in it.
            if checking.generation() == generation:
                return function


def _each(arrays: tuple[Parameter, ...], count: int) -> tuple[Parameter, ...]:
    """Give a parameter for each of so many arrays: the items of a sequence that stands before others have one each."""
    first, others = arrays[0], arrays[1:]
    if not first.is_sequence or not others:
        return arrays
    items = (replace(first, name=f"{first.name}[{i}]") for i in range(count - len(others)))
    return (*items, *others)


def _common_owner(spec: Spec, classes: list[tuple[Parameter, type]]) -> registry.Backend:
    """Find the one backend that owns the classes of some arguments; scalars and None follow the arrays."""
    owned = []
    for parameter, cls in classes:
        backend = registry.owner(cls)
        if backend is not None:
            owned.append((parameter.name, cls, backend))
        elif not parameter.takes_beside_arrays(cls) or len(classes) == 1:
            raise UnknownArrayError(_not_an_array(spec, parameter, cls))
    if not owned:
        got = " and ".join(f"{cls.__name__} in {parameter.name}" for parameter, cls in classes)
        raise UnknownArrayError(
            f"accel.{spec.name} needs an array to know where to compute, got {got}; "
            f"write accel.asarray({classes[0][0].name})."
        )
    first_name, first_class, first = owned[0]
    for name, cls, backend in owned:
        if backend is not first:
            move = f"accel.to_device({name}, like={first_name})"
            if name == first_name:
                move = f"[accel.to_device(a, like={name}[0]) for a in {name}]"
            for scalar, of in ((first_name, first_class), (name, cls)):
                if issubclass(of, Number):
                    move = f"{scalar}.item(), as Python numbers follow the array, or {move}"
            raise MixedBackendsError(
                f"accel.{spec.name} got arrays of two backends: {first_name} holds {first.name} ({first_class.__name__}), "
                f"{name} holds {backend.name} ({cls.__name__}), and accel never moves data by itself; write {move}."
            )
    return first


def _not_an_array(spec: Spec, parameter: Parameter, cls: type) -> str:
    known = ", ".join(registry.names()) or "none"
    name = parameter.name
    fix = f"[accel.asarray(a) for a in {name}]" if parameter.is_sequence else f"accel.asarray({name})"
    if cls.__module__ == "builtins":
        return f"accel.{spec.name} got {cls.__name__} in {name}, not an array; write {fix}."
    return (
        f"accel.{spec.name} got {cls.__module__}.{cls.__qualname__} in {name}, which no backend owns (known: {known}); "
        f"write {fix}, or install a backend that announces the package {cls.__module__.partition('.')[0]!r}."
    )


def _function(spec: Spec, backend: registry.Backend) -> Callable[..., Any]:
    """Look an op up in a backend's namespace."""
    found = backend.namespace
    for part in spec.name.split("."):
        found = getattr(found, part, None)
    if found is None and spec.composed:
        return composed(spec, backend)
    if found is None:

        def absent(*_args: object, **_kwargs: object) -> Any:
            raise UnsupportedError(
                f"The backend {backend.name!r} ({backend.namespace.__name__}) has no {spec.name}; move the data to one that has "
                f"it with accel.to_device(x, ...), or ask the backend's authors for it."
            )

        return absent
    return cast(Callable[..., Any], found)


def _in_common(spec: Spec, values: dict[str, Any]) -> registry.Backend | None:
    """Find the backend of the arrays and dtypes among some arguments, or None where there are none."""
    each = [
        (parameter, item)
        for parameter in spec.parameters
        for value in (values[parameter.name],)
        for item in (value if isinstance(value, tuple) else (value,))
    ]
    arrays = [(parameter, type(item)) for parameter, item in each if registry.owner(type(item)) is not None]
    if arrays:
        return _common_owner(spec, arrays)
    owners = (owner_of_dtype(item) for _, item in each if not isinstance(item, str))
    return next((backend for backend in owners if backend is not None), None)


def _loose(spec: Spec, values: tuple[Any, ...]) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """Choose the backend for an op without array arguments, or whose arguments may be dtypes instead."""
    named = {p.name: value for p, value in zip(spec.parameters, values, strict=True)}
    backend = _in_common(spec, named) or creation.default_backend()
    call = _function(spec, backend)

    def translate(value: Any) -> Any:
        return tuple(map(translate, value)) if isinstance(value, tuple) else native(value, backend)

    return call, tuple(map(translate, values))


def _native_dtype(dtype: Any, x: Any) -> Any:
    """Put one of accel's dtypes into the terms of an array's owner."""
    backend = registry.owner(type(x))
    return dtype if backend is None else native(dtype, backend)


def _default_dtype(kind: str, x: Any) -> Any:
    """Give the default dtype in force in the terms of an array's owner."""
    return _native_dtype(policy.default_names()[kind], x)
