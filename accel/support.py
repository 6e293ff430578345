"""Support: what a function is declared to run on, from which its check, its row in the docs and its tests follow."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from types import ModuleType
from typing import Any, ParamSpec, TypeVar

import accel.dtype as dtype
import accel.registry as registry
from accel.errors import ArgumentError, UnsupportedError
from accel.placement import Device, device, listed
from accel.transfer import HOST

__all__ = ["AllBut", "Choice", "Support", "all_but", "declared", "of", "supports", "table"]

P = ParamSpec("P")
R = TypeVar("R")

MARK = "__accel_support__"
"""The attribute by which a function carries its declaration."""

BACKENDS, DEVICES, DTYPES = (
    ("backend", "backends"),
    ("kind of device", "kinds of device"),
    ("dtype", "dtypes"),
)


@dataclass(frozen=True)
class AllBut:
    """Everything except some names; made by `all_but`."""

    reasons: dict[str, str]

    def __str__(self) -> str:
        return f"all but {_enumerated(self.reasons)}"


def all_but(*names: str, **reasons: str) -> AllBut:
    """Declare that a function supports everything except some backends, kinds of device or dtypes.

    Parameters
    ----------
    *names : str
        What is excluded, for the ``reason`` of the declaration.
    **reasons : str
        What is excluded, each with a reason of its own.

    Returns
    -------
    AllBut
        For an argument of `accel.supports`.

    Raises
    ------
    ArgumentError
        If nothing is excluded.

    Examples
    --------
    >>> from accel.support import all_but
    >>> print(all_but("tpu", cupy="cuSOLVER has no such routine"))
    all but tpu and cupy
    """
    if not (names or reasons):
        raise ArgumentError("all_but got no name to exclude; leave the argument out where all are supported.")
    return AllBut({**dict.fromkeys(names, ""), **reasons})


def _enumerated(names: Iterable[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


@dataclass(frozen=True)
class Choice:
    """The names that are supported: some of them, or all but some.

    Attributes
    ----------
    names : tuple of str
        The supported names, or the excluded ones.
    excluded : bool
        Which of the two.
    reasons : dict of str to str
        Excluded name -> a reason of its own, or an empty string.
    """

    names: tuple[str, ...] = ()
    excluded: bool = True
    reasons: dict[str, str] | None = None

    @property
    def everything(self) -> bool:
        """Whether nothing is excluded."""
        return self.excluded and not self.names

    def has(self, name: str) -> bool:
        """Tell whether a name is supported."""
        return (name in self.names) is not self.excluded

    def why(self, name: str) -> str:
        """Give the reason of its own for which a name is excluded, or an empty string."""
        return (self.reasons or {}).get(name, "")

    def __str__(self) -> str:
        if self.everything:
            return "all"
        return f"all but {_enumerated(self.names)}" if self.excluded else _enumerated(self.names)

    def said(self, noun: str, nouns: str) -> str:
        """Say what is supported, as the object of a sentence."""
        if self.excluded:
            return f"all {nouns} but {_enumerated(self.names)}"
        return f"only the {noun if len(self.names) == 1 else nouns} {_enumerated(self.names)}"


Named = Iterable[str] | AllBut | None
"""How a declaration names what it supports; None is everything."""


def _choice(what: Any) -> Choice:
    if isinstance(what, AllBut):
        return Choice(tuple(what.reasons), True, what.reasons)
    if what is None:
        return Choice()
    each = (what,) if isinstance(what, str | dtype.DType) else tuple(what)
    return Choice(tuple(n.name if isinstance(n, dtype.DType) else n for n in each), excluded=False)


@dataclass(frozen=True, eq=False)
class Support:
    """What a function is declared to run on.

    Attributes
    ----------
    function : callable
        The function as it was written.
    backends, devices, dtypes : Choice
        The names of backends, the kinds of device, and the dtypes or kinds of dtype that it supports.
    jit : bool
        Whether it can be compiled, mapped and differentiated: called on traced arrays.
    reason : str
        Why not everything is supported, as a clause that can follow "because".
    """

    function: Callable[..., Any]
    backends: Choice
    devices: Choice
    dtypes: Choice
    jit: bool
    reason: str

    @property
    def name(self) -> str:
        """The function's name within its module."""
        return self.function.__qualname__.rpartition("<locals>.")[2]

    @property
    def path(self) -> str:
        """The function's name with its module's."""
        module = self.function.__module__
        return self.name if module == "__main__" else f"{module}.{self.name}"

    @property
    def everything(self) -> bool:
        """Whether nothing is excluded."""
        return self.jit and all(c.everything for c in (self.backends, self.devices, self.dtypes))

    def excludes(self, where: Device) -> str | None:
        """Give the reason why the function does not run on a device, as a sentence without a full stop, or None if it does.

        Parameters
        ----------
        where : Device
            A device of any backend.
        """
        if not self.backends.has(where.backend):
            why = self.backends.why(where.backend) or self.reason
            return f"{self.path} supports {self.backends.said(*BACKENDS)}, because {why}"
        if not self.devices.has(where.kind):
            why = self.devices.why(where.kind) or self.reason
            return f"{self.path} supports {self.devices.said(*DEVICES)}, because {why}"
        return None


_declared: dict[tuple[str, str], Support] = {}
"""Every declaration by module and name."""


def supports(
    *,
    backends: Named = None,
    devices: Named = None,
    dtypes: Named | Iterable[Any] = None,
    jit: bool = True,
    reason: str = "",
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declare what a function of arrays supports, and have it refuse the rest.

    One declaration is what the run-time check, the table in the docs (`accel.support.table`) and the tests (the marker
    ``accel_supports`` of the pytest plugin) go by.

    Parameters
    ----------
    backends : iterable of str or ``all_but(...)``, optional
        Names of the backends that are supported; by default all. ``accel.support.all_but("cupy")`` excludes some.
    devices : iterable of str or ``all_but(...)``, optional
        Kinds of device, such as ``"cpu"``, ``"gpu"`` and ``"tpu"``; by default all.
    dtypes : iterable of dtype or str, or ``all_but(...)``, optional
        Dtypes (``accel.float32``, ``"float32"``) and the standard's kinds of them (``"real floating"``); by default all.
    jit : bool, default True
        False: the function looks at values, so that it cannot be called on arrays that are being traced.
    reason : str
        Why not everything is supported, as a clause that can follow "because". Needed unless each exclusion has its own.

    Returns
    -------
    callable
        Decorator. The function keeps its name, signature and docstring. It looks at the arrays among its arguments, also
        in lists, tuples and dicts, and at nothing else. Where nothing is excluded, it is the function itself.

    Raises
    ------
    ArgumentError
        If something is excluded without a reason, or a dtype has an unknown name.
    UnsupportedError
        By the function, when it is called with an array of what it does not support.

    Notes
    -----
    Cost: about 0.3 microseconds for a call with one array, of which a decorator that does nothing takes half; 0.4 more on JAX for
    ``jit=False``, 0.8 more for ``dtypes``.

    Examples
    --------
    >>> import numpy, accel
    >>> @accel.supports(backends=["numpy"], jit=False, reason="it walks along the array in Python")
    ... def longest_run(x):
    ...     best = run = 0
    ...     for value in x:
    ...         run = run + 1 if value else 0
    ...         best = max(best, run)
    ...     return best
    >>> longest_run(numpy.asarray([True, True, False]))
    2
    """
    named = {"backends": _choice(backends), "devices": _choice(devices), "dtypes": _choice(dtypes)}
    _validate(named, jit, reason)

    def declare(function: Callable[P, R]) -> Callable[P, R]:
        support = Support(function, **named, jit=bool(jit), reason=reason.strip().rstrip("."))
        _declared[function.__module__, function.__qualname__] = support
        decorated = function if support.everything else _checked(function, support)
        setattr(decorated, MARK, support)
        return decorated

    return declare


def _validate(named: dict[str, Choice], jit: Any, reason: Any) -> None:
    if not (isinstance(reason, str) and isinstance(jit, bool)):
        raise ArgumentError(
            f"accel.supports takes a bool for jit and words for reason, got {jit!r} and {reason!r}."
        )
    for parameter, choice in named.items():
        for name in choice.names:
            if not isinstance(name, str):
                raise ArgumentError(f"accel.supports takes names for {parameter}, got {name!r}.")
        if not (choice.names or choice.everything):
            raise ArgumentError(
                f"accel.supports got no name for {parameter}; leave it out where all are supported."
            )
    for name in named["dtypes"].names:
        if name not in (*dtype.__all__, *dtype.KINDS):
            known = ", ".join(map(repr, dtype.KINDS))
            raise ArgumentError(
                f"accel.supports knows no dtype {name!r}; write one such as 'float32', or a kind: {known}."
            )
    if reason.strip():
        return
    for parameter, choice in named.items():
        if not choice.everything and not all(choice.why(name) for name in choice.names):
            raise ArgumentError(
                f"accel.supports takes {parameter} ({choice}) without a reason; write reason='...', a clause that can follow 'because'."
            )
    if not jit:
        raise ArgumentError(
            "accel.supports takes jit=False without a reason; write reason='...', a clause that can follow 'because'."
        )


class _ExcludedError(Exception):
    """What the check of one array found: the array, what was got, what is supported, why, what to write."""

    def __init__(self, array: Any, got: str, supported: str, why: str, write: str) -> None:
        super().__init__(got)
        self.array, self.got, self.supported, self.why, self.write = array, got, supported, why, write


Question = Callable[[Any], None]


def _checked(function: Callable[P, R], support: Support) -> Callable[P, R]:
    """Make a function refuse arrays that its declaration excludes."""
    questions = _Questions(support)

    @wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            for x in args:
                question = questions[type(x)]
                if question is not None:
                    question(x)
            if kwargs:
                for x in kwargs.values():
                    question = questions[type(x)]
                    if question is not None:
                        question(x)
        except _ExcludedError as found:
            error = UnsupportedError(_sentence(support, found, args, kwargs))
        else:
            return function(*args, **kwargs)
        raise error

    return checked


def _sentence(support: Support, found: _ExcludedError, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    name = _parameter(support.function, found.array, args, kwargs)
    return (
        f"{support.path} got {found.got} in {name}, and supports {found.supported}, because {found.why or support.reason}; "
        f"{found.write.format(x=name)}."
    )


def _parameter(
    function: Callable[..., Any], array: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> str:
    """Find the parameter that an array was given for."""
    try:
        bound = inspect.signature(function).bind(*args, **kwargs).arguments
    except (
        TypeError,
        ValueError,
    ):  # a call that does not fit, or a built-in that says nothing of its signature
        bound = {**{f"argument {i + 1}": x for i, x in enumerate(args)}, **kwargs}
    return next((name for name, value in bound.items() if _holds(value, array)), "an argument")


def _holds(value: Any, array: Any) -> bool:
    if isinstance(value, dict):
        return any(_holds(item, array) for item in value.values())
    if isinstance(value, list | tuple):
        return any(_holds(item, array) for item in value)
    return value is array


class _Questions(dict[type, "Question | None"]):
    """Class of an argument -> what has to be asked of such an argument; None where the class says that all is well."""

    def __init__(self, support: Support) -> None:
        super().__init__()
        self.support = support

    def __missing__(self, cls: type) -> Question | None:
        question = self[cls] = self._question(cls)
        return question

    def _question(self, cls: type) -> Question | None:
        if issubclass(cls, dict):
            return lambda mapping: self._inside(mapping.values())
        if issubclass(cls, list | tuple):
            return self._inside
        backend = registry.owner(cls)
        if backend is None:
            return None
        if not self.support.backends.has(backend.name):
            return lambda x: self._refuse_backend(x, backend)
        # What is the same for all arrays of the class is not asked again for each.
        asked: list[Question] = []
        if not all(self.support.devices.has(found.kind) for found in listed(backend)):
            asked.append(self._ask_device)
        traced = backend.hook("traced")
        if not self.support.jit and traced is not None:
            asked.append(lambda x: self._refuse_traced(x, backend) if traced(x) else None)
        if not self.support.dtypes.everything:
            asked.append(_Dtypes(self.support, backend).ask)
        if len(asked) < 2:
            return asked[0] if asked else None

        def ask_all(x: Any) -> None:
            for question in asked:
                question(x)

        return ask_all

    def _inside(self, items: Iterable[Any]) -> None:
        for cls in set(map(type, items)):
            question = self[cls]
            if question is not None:
                for x in items:
                    if type(x) is cls:
                        question(x)

    def _refuse_backend(self, x: Any, backend: registry.Backend) -> None:
        choice = self.support.backends
        announced = (HOST, *registry.names()) if choice.excluded else choice.names
        target = next((name for name in announced if choice.has(name)), None)
        raise _ExcludedError(
            x,
            f"an array of {backend.name} ({type(x).__name__})",
            choice.said(*BACKENDS),
            choice.why(backend.name),
            f"write accel.to_device({{x}}, {target!r})" if target else "there is no other backend here",
        )

    def _ask_device(self, x: Any) -> None:
        choice = self.support.devices
        here = device(x)
        if choice.has(here.kind):
            return
        others = [f"{d.backend}:{d.kind}" for d in listed(registry.load(here.backend)) if choice.has(d.kind)]
        target = next((name for name in (*others, *choice.names) if others or choice.has(name)), None)
        raise _ExcludedError(
            x,
            f"an array on {here}",
            choice.said(*DEVICES),
            choice.why(here.kind),
            f"write accel.to_device({{x}}, {target!r})" if target else "move it to another device first",
        )

    def _refuse_traced(self, x: Any, backend: registry.Backend) -> None:
        raise _ExcludedError(
            x,
            f"an array that {backend.name} is tracing ({type(x).__name__})",
            "only arrays that have values",
            "",
            "call it outside of jit, vmap and grad",
        )


class _Dtypes:
    """The dtypes of one backend's arrays, each looked at once."""

    def __init__(self, support: Support, backend: registry.Backend) -> None:
        self.support = support
        self.backend = backend
        self.fine: set[Any] = set()

    def ask(self, x: Any) -> None:
        """Refuse an array of a dtype that the declaration excludes."""
        if x.dtype in self.fine:
            return
        choice = self.support.dtypes
        isdtype = self.backend.namespace.isdtype
        name = dtype.name_of(x.dtype)
        known = [n for n in choice.names if n == name or (n in dtype.KINDS and isdtype(x.dtype, n))]
        if bool(known) is not choice.excluded:
            self.fine.add(x.dtype)
            return
        single = next((n for n in choice.names if choice.has(n) and n in dtype.__all__), None)
        raise _ExcludedError(
            x,
            f"dtype {name}",
            choice.said(*DTYPES),
            choice.why(known[0]) if known else "",
            f"write accel.astype({{x}}, accel.{single})" if single else "cast it first with accel.astype",
        )


# What is declared


def of(function: Callable[..., Any]) -> Support | None:
    """Give the declaration of a function, or None if it has none.

    Parameters
    ----------
    function : callable
        As `accel.supports` gave it back, or a method, or what another decorator made of it with `functools.wraps`.
    """
    found = getattr(function, MARK, None)
    return found if isinstance(found, Support) else None


def declared(module: ModuleType | str | None = None) -> tuple[Support, ...]:
    """List the declarations that have been made, in order.

    Parameters
    ----------
    module : module or str, optional
        Only those of this module and of the modules in it. What is not imported yet has declared nothing.
    """
    name = module.__name__ if isinstance(module, ModuleType) else module
    return tuple(
        support
        for (home, _), support in _declared.items()
        if name is None or home == name or home.startswith(f"{name}.")
    )


def table(
    what: ModuleType | str | Iterable[Callable[..., Any]] | None = None,
    *,
    backends: Iterable[str] | None = None,
) -> str:
    """Write what functions support as a table in Markdown, for the docs.

    Parameters
    ----------
    what : module, its name, or functions; optional
        The functions, or the module whose declarations are meant, with the modules in it; by default all declarations.
    backends : iterable of str, optional
        The columns; by default the announced backends and those that the declarations name.

    Returns
    -------
    str
        One line for each function: for each backend the kinds of device it runs on, whether it can be compiled, its dtypes where they
        are restricted, and the reasons.

    Raises
    ------
    ArgumentError
        If a function declares nothing.

    Examples
    --------
    >>> import accel
    >>> @accel.supports(backends=["numpy"], reason="it calls a C library")
    ... def label(x): ...
    >>> print(accel.support.table([label], backends=["jax", "numpy"]))
    | function | jax | numpy | compiled | why |
    | --- | --- | --- | --- | --- |
    | `label` | no | cpu | yes | it calls a C library |
    """
    if what is None or isinstance(what, str | ModuleType):
        chosen = declared(what)
    else:
        chosen = tuple(map(_of_or_refuse, what))
    if backends is None:
        named = {name for support in chosen for name in support.backends.names}
        backends = sorted(named.union(registry.names()))
    columns = tuple(backends)
    restricted = any(not support.dtypes.everything for support in chosen)
    head = ["function", *columns, "compiled", *(["dtypes"] if restricted else []), "why"]
    lines = [head, ["---"] * len(head)]
    for support in chosen:
        cells = [f"`{support.name}`", *(_cell(support, name) for name in columns)]
        cells.append("yes" if support.jit else "no")
        lines.append([*cells, *([str(support.dtypes)] if restricted else []), _reasons(support)])
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def _of_or_refuse(function: Callable[..., Any]) -> Support:
    found = of(function)
    if found is None:
        raise ArgumentError(f"{function!r} declares nothing; decorate it with @accel.supports(...).")
    return found


def _cell(support: Support, backend: str) -> str:
    if not support.backends.has(backend):
        return "no"
    kinds = registry.kinds(backend)
    if kinds is None:
        return "yes" if support.devices.everything else str(support.devices)
    return ", ".join(filter(support.devices.has, sorted(kinds))) or "no"


def _reasons(support: Support) -> str:
    own = [
        f"{name}: {why}"
        for choice in (support.backends, support.devices, support.dtypes)
        for name, why in (choice.reasons or {}).items()
        if why
    ]
    return "; ".join([*own, *([support.reason] if support.reason else [])])
