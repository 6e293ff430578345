"""Equivalence: whether a user's function gives the same on every backend and virtual backend, by examples that Hypothesis draws."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import hypothesis
import hypothesis.strategies as st
import numpy as np
from hypothesis import HealthCheck, Phase
from hypothesis.errors import HypothesisException
from hypothesis.strategies import SearchStrategy

import accel
import accel.registry as registry
from accel.errors import ArgumentError
from accel.testing.assertions import Facts, Limits, compare, limits
from accel.testing.definition import definition
from accel.testing.rows import REFERENCE, Row
from accel.testing.selection import chosen, skipped
from accel.testing.source import program
from accel.transform.compilation import quiet
from accel.transform.tree import is_array, leaves, mapped

__all__ = ["Equivalence", "equivalent"]


@dataclass(frozen=True)
class Equivalence:
    """What `equivalent` ran, to be printed.

    Attributes
    ----------
    ran : tuple of str
        The rows that were compared.
    reference : str
        What they were compared with.
    examples : int
        How many examples were drawn.
    refused : int
        For how many of these the function raised the same error everywhere.
    skipped : dict of str to str
        The rows that cannot run here, with the reason.
    """

    ran: tuple[str, ...]
    reference: str
    examples: int
    refused: int
    skipped: dict[str, str]

    def __str__(self) -> str:
        lines = [f"{self.examples} examples on {', '.join(self.ran)} agree with {self.reference}"]
        if self.refused:
            lines[0] += f"; {self.refused} of them were refused alike"
        return "\n".join([*lines, *(f"  {name} was NOT run: {why}" for name, why in self.skipped.items())])


@dataclass(frozen=True)
class Place:
    """A row, and the function as `accel.jit` compiled it, where that is to run on the row."""

    row: Row
    compiled: Callable[..., Any] | None = None

    def __str__(self) -> str:
        return f"{self.row.name} under accel.jit" if self.compiled else self.row.name


@dataclass(frozen=True)
class Outcome:
    """What a call gave: a result, or an error."""

    result: Any = None
    error: Exception | None = None


@dataclass
class Count:
    """How many examples there were, and how many were refused."""

    examples: int = 0
    refused: int = 0
    last: list[Exception] = field(default_factory=list)


def equivalent(
    fn: Callable[..., Any],
    /,
    *strategies: SearchStrategy[Any],
    backends: Sequence[str] | None = None,
    reference: str = REFERENCE,
    oracle: Callable[..., Any] | None = None,
    jit: bool = False,
    examples: int | None = None,
    seed: int | None = None,
    op: str | None = None,
    ulp: float | None = None,
    rtol: float | None = None,
    atol: Any = None,
    mode: str | None = None,
    **keyword_strategies: SearchStrategy[Any],
) -> Equivalence:
    """Assert that a function gives the same on every backend.

    Parameters
    ----------
    fn : callable
        A function of arrays, written for any backend.
    *strategies, **keyword_strategies : strategy
        For its arguments: NumPy arrays (see `accel.testing.strategies`), any other values, or tuples, lists and dicts of them. Each
        backend gets the same arrays as its own; everything else is passed as it is.
    backends : sequence of str, optional
        Names of backends (``"jax"``) and virtual backends (``"jax-jit"``, ``"numpy-readonly"``). By default all that can run here.
    reference : str
        The one whose results the others are compared with.
    oracle : callable, optional
        A function of the NumPy arrays that gives the true values, in any precision; then every backend is compared with it instead, and
        each may be off once, not twice. Its dtype does not count.
    jit : bool
        Also run the function under `accel.jit`, on the backends that compile.
    examples : int, optional
        How many examples to draw; by default as many as the profile of Hypothesis says.
    seed : int, optional
        Draw the same examples in each run, and keep none of them.
    op, ulp, rtol, atol, mode
        The tolerance, as in `assert_close`.

    Returns
    -------
    Equivalence
        What was run; it prints as a sentence, and says what could not be run.

    Raises
    ------
    AssertionError
        If a backend gives other values, another dtype, shape or structure, arrays of another backend or device, an error where the
        reference gives none, or another class of error; or if the function refuses every example. The message has the smallest
        example that was found as a program to run, and the error of the function as its cause.
    ArgumentError, BackendUnavailableError
        If a backend is named that there is not, or that cannot be used here.

    Notes
    -----
    It may stand in any test, or in none. The profile of `hypothesis.settings` holds, but for its deadline: compilers take their time
    at the first call. Parameters of ``fn`` that are called like one of the above cannot have a strategy by keyword.

    Examples
    --------
    >>> import accel
    >>> from accel.testing import equivalent, strategies as st
    >>> def rms(x):
    ...     return accel.sqrt(accel.mean(accel.square(x)))
    >>> print(equivalent(rms, st.arrays("float32", (3,), finite=True), backends=["numpy-readonly"], examples=10))
    10 examples on numpy-readonly agree with numpy
    """
    __tracebackhide__ = True
    judged = limits(op, ulp, rtol, atol, mode, sides=2 if oracle is None else 1)
    home = chosen((reference,))[0]
    places = _places(chosen(backends), home, oracle is not None, quiet(accel.jit(fn)) if jit else None)
    if not places:
        raise ArgumentError(
            f"equivalent has nothing to compare {reference} with; name another backend, or give an oracle."
        )
    count = Count()

    def example(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        count.examples += 1
        trial = Trial(fn, args, kwargs, home, oracle, judged)
        expected = trial.expected()
        for place in places:
            trial.run(place, expected)
        if expected.error is not None:
            count.refused += 1
            count.last[:] = [expected.error]

    # Hypothesis keeps failing examples by the name of the test.
    name = re.sub(r"\W+", "_", f"equivalent {getattr(fn, '__module__', '')} {_named(fn)}")
    example.__name__ = example.__qualname__ = name
    test = hypothesis.given(st.tuples(*strategies), st.fixed_dictionaries(keyword_strategies))(example)
    test = _settings(examples, seed)(test)
    if seed is not None:
        test = hypothesis.seed(seed)(test)
    try:
        test()
    except AssertionError as found:
        # The message has the example already, as a program.
        found.__notes__ = [note for note in getattr(found, "__notes__", ()) if name not in note]
        raise
    if count.refused == count.examples:
        error = count.last[0]
        raise AssertionError(
            f"{_named(fn)} raised {type(error).__name__} for each of {count.examples} examples, so nothing was compared: {error}"
        ) from error
    against = reference if oracle is None else f"the oracle {_named(oracle)}"
    return Equivalence(
        tuple(map(str, places)),
        against,
        count.examples,
        count.refused,
        {} if backends is not None else skipped(),
    )


def _named(fn: Callable[..., Any]) -> str:
    return str(getattr(fn, "__qualname__", repr(fn)))


def _settings(examples: int | None, seed: int | None) -> hypothesis.settings:
    """Give the settings of the profile in force, but for what compilers and repeated drawing need."""
    here = hypothesis.settings()
    changes: dict[str, Any] = {
        "deadline": None,
        "phases": tuple(phase for phase in here.phases if phase is not Phase.explain),
        "print_blob": False,
        "report_multiple_bugs": False,
        "suppress_health_check": (*here.suppress_health_check, HealthCheck.too_slow),
    }
    if examples is not None:
        changes["max_examples"] = examples
    if seed is not None:
        # A seed and derandomize exclude each other.
        changes |= {"database": None, "derandomize": False}
    return hypothesis.settings(here, **changes)


def _places(
    rows: tuple[Row, ...], home: Row, with_home: bool, compiled: Callable[..., Any] | None
) -> list[Place]:
    places = [Place(row) for row in rows if with_home or row.name != home.name]
    if compiled is not None:
        able = [
            row for row in rows if not row.compiles and registry.load(row.backend).hook("jit") is not None
        ]
        places += [Place(row, compiled) for row in able]
    return places


@dataclass(frozen=True)
class Trial:
    """One example on all backends."""

    fn: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    home: Row
    oracle: Callable[..., Any] | None
    limits: Limits

    def expected(self) -> Outcome:
        """Give what the others are compared with, with NumPy arrays in it."""
        if self.oracle is not None:
            args, kwargs = mapped(_copied, (self.args, self.kwargs))
            with np.errstate(all="ignore"):
                return Outcome(self.oracle(*args, **kwargs))
        found = self.outcome(Place(self.home))
        return found if found.error is not None else Outcome(mapped(_on_host, found.result))

    def outcome(self, place: Place) -> Outcome:
        """Call the function on a row's own arrays."""
        row = place.row
        args, kwargs = mapped(
            lambda x: row.put(x) if isinstance(x, np.ndarray) else x, (self.args, self.kwargs)
        )
        try:
            with np.errstate(all="ignore"):
                return Outcome(row.run(place.compiled or self.fn, args, kwargs))
        except HypothesisException:
            raise
        except Exception as error:
            return Outcome(error=error)

    def run(self, place: Place, expected: Outcome) -> None:
        """Compare a row with what is expected, and raise AssertionError with a program that shows the difference."""
        __tracebackhide__ = True
        got = self.outcome(place)
        if got.error is None and expected.error is None:
            said = self.difference(place, expected.result, got.result)
        elif type(got.error) is type(expected.error):
            said = None
        else:
            said = f"{_said(got)}, where {self.against} {_said(expected)}"
        if said is not None:
            raise AssertionError(self.report(place, said)) from (got.error or expected.error)

    @property
    def against(self) -> str:
        """What results are compared with."""
        return self.home.name if self.oracle is None else "the oracle"

    def difference(self, place: Place, expected: Any, got: Any) -> str | None:
        """Tell what differs between two results, or give None."""
        row = place.row
        with_oracle = self.oracle is not None
        compiled = place.compiled is not None or row.compiles
        facts = Facts(namespace=False, dtype=not with_oracle, device=False, numbers=with_oracle or compiled)
        try:
            compare(got, expected, facts, self.limits, "is not close to", ("the result", "the expected one"))
        except AssertionError as error:
            return str(error)
        for x in leaves(got):
            if is_array(x):
                owner = registry.owner(type(x))
                if owner is None or owner.name != row.backend:
                    return f"the result has an array of {owner and owner.name} in it, not of {row.backend}"
                if accel.device(x) != row.device:
                    return f"the result lies on {accel.device(x)}, the arguments on {row.device}"
        return None

    def report(self, place: Place, said: str) -> str:
        """Write what differs, and a program that shows it."""
        lines, name = definition(self.fn)
        values, call = _call(self.fn, self.args, self.kwargs)
        home, there = self.home.name, place.row.name
        if "lies on" in said:
            home, there = str(self.home.device), str(place.row.device)
        calls: list[tuple[tuple[str, ...], str]]
        calls = [((there,), f"{f'accel.jit({name})' if place.compiled else name}({call})")]
        if self.oracle is not None:
            # Both may have the same name.
            more, truth = definition(self.oracle, anonymous="oracle")
            lines = [*more, *([] if truth == "oracle" else [f"oracle = {truth}"]), *lines]
            calls.append(((REFERENCE,), f"oracle({call})"))
        elif place.compiled:
            calls.insert(0, ((home,), f"{name}({call})"))
        else:
            calls = [((home, there), f"{name}({call})")]
        code = program(values, calls, before=lines)
        return f"{_named(self.fn)} on {place}: {said}\n\nThis program shows it:\n\n{code}"


def _said(outcome: Outcome) -> str:
    if outcome.error is None:
        return f"gives {outcome.result!r}"
    return f"raises {type(outcome.error).__name__}: {outcome.error}"


def _call(
    fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[dict[str, Any], str]:
    """Name the arguments as the function does, and write the call."""
    try:
        parameters = list(inspect.signature(fn).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    taken = {
        "accel",
        "numpy",
        "row",
        "device",
        "result",
        "error",
        "chosen",
        getattr(fn, "__name__", "fn"),
        "fn",
    }
    values: dict[str, Any] = {}
    for position, value in enumerate(args):
        fits = position < len(parameters) and parameters[position].kind in (
            inspect.Parameter.POSITIONAL_ONLY,
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
        )
        name = parameters[position].name if fits else f"x{position}"
        values[f"{name}_" if name in taken else name] = value
    written = list(values)
    for name, value in kwargs.items():
        own = f"{name}_" if name in taken or name in values else name
        values[own] = value
        written.append(f"{name}={own}")
    return values, ", ".join(written)


def _copied(x: Any) -> Any:
    return x.copy() if isinstance(x, np.ndarray) else x


def _on_host(x: Any) -> Any:
    return np.asarray(accel.to_numpy(x)) if is_array(x) else x
