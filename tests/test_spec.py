"""The specs: complete docstrings, the standard's signatures, and a binding in every backend."""

from __future__ import annotations

import doctest
import inspect
import re
from collections.abc import Callable
from functools import reduce
from typing import Any

import array_api_strict
import numpy as np
import pytest

import accel
import accel.dtype
import accel.extra
import accel.fft
import accel.linalg
import accel.nn
import accel.random
from accel.composition import PARTS
from accel.dispatch import Spec, specs
from accel.errors import UnsupportedError
from accel.testing.rows import Row, bound, dispatched

assert callable(accel.add), "the chapters load with the first op"

EDITION = "2025.12"


def _in(namespace: Any, name: str) -> Any:
    return reduce(getattr, name.split("."), namespace)


@pytest.fixture
def standard() -> Any:
    """The standard as array-api-strict has it, in the edition that accel follows."""
    before = array_api_strict.get_array_api_strict_flags()["api_version"]
    array_api_strict.set_array_api_strict_flags(api_version=EDITION)
    yield array_api_strict
    array_api_strict.set_array_api_strict_flags(api_version=before)


def _form(function: Callable[..., Any]) -> list[tuple[str, str, Any]]:
    """Give names, kinds and defaults of the parameters; array-api-strict's mark for "not given" counts as None."""
    shown = []
    for p in inspect.signature(function).parameters.values():
        default = None if type(p.default).__name__ == "Undef" else p.default
        shown.append((p.name, p.kind.name, default))
    return shown


STANDARD = [name for name, spec in specs.items() if not spec.composed]
OWN = [name for name, spec in specs.items() if spec.composed]


@pytest.mark.parametrize("op", STANDARD)
def test_signature_is_the_standards(op: str, standard: Any) -> None:
    """Each op has the parameters of the standard: names, kinds and defaults."""
    assert _form(dispatched(specs[op])) == _form(_in(standard, op))


def test_no_name_of_the_standard_is_missing(standard: Any) -> None:
    """There is every public name of array-api-strict but what only that library is about."""
    own = {
        "get_array_api_strict_flags",
        "reset_array_api_strict_flags",
        "set_array_api_strict_flags",
        "ArrayAPIStrictFlags",
    }
    own |= {"Device", "flags", "ArrayAPIStrictDeprecationWarning"}
    names = {name for name in array_api_strict.__all__ if not name.startswith("_")} - own
    assert names - {"linalg", "fft"} <= set(accel.__all__)
    for extension in ("linalg", "fft"):
        theirs = {name for name in getattr(standard, extension).__all__ if not name.startswith("_")}
        assert theirs <= set(getattr(accel, extension).__all__)


def _sections(spec: Spec) -> dict[str, str]:
    """Split a docstring at its underlined headings; what comes before the first stands under an empty name."""
    text = inspect.getdoc(spec.function) or ""
    pieces = re.split(r"^(\S[^\n]*)\n-{3,}\n", text, flags=re.MULTILINE)
    return {"": pieces[0].strip(), **dict(zip(pieces[1::2], pieces[2::2], strict=True))}


ORDER = ["", "Parameters", "Returns", "Raises", "See Also", "Notes", "References", "Examples"]


@pytest.mark.parametrize("op", specs)
def test_docstring_is_complete(op: str) -> None:
    """Each op says what it does, takes, gives and refuses, how exact it is, and shows it."""
    spec = specs[op]
    sections = _sections(spec)
    assert list(sections) == [name for name in ORDER if name in sections], (
        "sections are unknown or out of order"
    )
    missing = [
        name for name in ("", "Returns", "Raises", "Notes", "Examples") if not sections.get(name, "").strip()
    ]
    assert not missing, f"sections without a word: {missing}"
    first = sections[""].partition("\n")[0]
    assert first.endswith("."), f"the first line is no sentence: {first!r}"
    assert len(first) <= 100, f"the first line is long: {first!r}"
    described = re.findall(r"^(\*?\w+(?:, \*?\w+)*) :", sections.get("Parameters", ""), flags=re.MULTILINE)
    names = [name.strip().lstrip("*") for line in described for name in line.split(",")]
    assert names == [p.name for p in spec.parameters], (
        "the parameters described are not those of the signature"
    )
    assert "Accuracy:" in sections["Notes"], "the notes do not say how exact the op is"
    assert ">>> " in sections["Examples"], "the examples show no call"


@pytest.mark.parametrize("op", specs)
def test_raises_section_names_errors(op: str) -> None:
    """What an op says it raises is one of accel's errors or a built-in exception."""
    import builtins

    import accel.errors as errors

    raised = re.findall(r"^(\w+(?:, \w+)*)$", _sections(specs[op]).get("Raises", ""), flags=re.MULTILINE)
    names = [name for line in raised for name in line.split(", ")]
    assert names
    unknown = [name for name in names if not hasattr(errors, name) and not hasattr(builtins, name)]
    assert not unknown, f"no such errors: {unknown}"


@pytest.mark.parametrize("op", specs)
def test_examples_run(op: str) -> None:
    """The examples of a docstring give what they show."""
    function = dispatched(specs[op])
    found = doctest.DocTestParser().get_doctest(inspect.getdoc(function) or "", {}, op, None, None)
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    said: list[str] = []
    with np.printoptions(), accel.use_device("numpy"):
        runner.run(found, out=said.append)
    assert runner.failures == 0, "".join(said)


@pytest.mark.parametrize("op", OWN)
def test_what_the_standard_leaves_out_has_a_source(op: str) -> None:
    """Each op of accel's own says where its formula or its meaning comes from."""
    assert _sections(specs[op]).get("References", "").strip()


@pytest.mark.parametrize("part", PARTS)
def test_each_part_has_all_its_ops(part: str) -> None:
    """A sub-module lists each of its ops once, and what else it has is no op."""
    space = getattr(accel, part)
    assert len(set(space.__all__)) == len(space.__all__)
    assert {name for name in OWN if specs[name].part == part} <= {f"{part}.{name}" for name in space.__all__}


def test_every_backend_binds_every_spec(plain_row: Row) -> None:
    """A backend has each op, or says why it lacks it."""
    absent = []
    for spec in specs.values():
        try:
            found = bound(spec, plain_row.backend)
        except AttributeError:
            absent.append(spec.name)
            continue
        assert callable(found), f"{spec.name} of {plain_row} is {found!r}"
        reason = getattr(found, "__unsupported__", None)
        if reason is not None:
            assert reason.strip()
            with pytest.raises(UnsupportedError):
                found()
    assert not absent


def test_every_backend_has_the_constants_and_dtypes(plain_row: Row) -> None:
    """A backend has the standard's constants, and the dtypes under accel's names."""
    namespace = accel.namespace(plain_row.backend)
    for name in ("e", "inf", "nan", "newaxis", "pi"):
        mine, theirs = getattr(namespace, name), getattr(accel, name)
        assert mine is theirs or mine == theirs or (mine != mine and theirs != theirs), name
    for name in set(accel.dtype.__all__) - {"bfloat16"}:
        assert getattr(accel, name) == getattr(namespace, name), name
