"""The markers: on which targets a test does not run, or is expected to fail, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Any

import pytest

import accel
import accel.registry as registry
import accel.support as support
from accel.errors import UnsupportedError
from accel.testing.plugin import capability, summary
from accel.testing.plugin.target import Target, canonical, enter
from accel.transfer import HOST

__all__ = ["prepare", "refused", "rules"]

_rules = pytest.StashKey[list["Rule"]]()
_refusal = pytest.StashKey[str]()


@dataclass(frozen=True)
class Refusal:
    """A test that passes only by being refused, and why."""

    reason: str


Verdict = pytest.MarkDecorator | Refusal | None


@dataclass(frozen=True)
class Rule:
    """What one marker says.

    Attributes
    ----------
    judge : callable
        Gives for a target the mark that the test gets there, or None. The target is None for a test that runs on no backend.
    by_name : bool
        Whether the backend's name is all that it looks at, so that nothing has to be loaded.
    """

    judge: Callable[[Target | None], Verdict]
    by_name: bool = False


def rules(item: pytest.Item) -> list[Rule]:
    """Read the markers of a test.

    Raises
    ------
    pytest.Collector.CollectError
        If one is not written as it has to be.
    """
    if _rules not in item.stash:
        item.stash[_rules] = [
            READERS[mark.name](mark, item) for mark in item.iter_markers() if mark.name in READERS
        ]
    return item.stash[_rules]


def prepare(item: pytest.Item, target: Target | None) -> None:
    """Skip or xfail a test as its markers say, else enter the scope of its target."""
    found = rules(item)
    if target is None:
        _apply(item, None, found)
        return
    summary.note(item, str(target))
    if _apply(item, target, [rule for rule in found if rule.by_name]):
        return
    obstacle = target.obstacle()
    if obstacle is not None:
        summary.note(item, str(target), obstacle=obstacle)
        pytest.skip(f"{target} was NOT run: {obstacle}")
    if not _apply(item, target, [rule for rule in found if not rule.by_name]):
        summary.note(item, str(target), device=target.describe())
        enter(item, target)


def _apply(item: pytest.Item, target: Target | None, found: Iterable[Rule]) -> bool:
    """Put the marks that the rules give on a test; tell whether it is skipped."""
    skipped = False
    for rule in found:
        mark = rule.judge(target)
        if mark is None:
            continue
        if isinstance(mark, Refusal):
            item.stash[_refusal] = mark.reason
        else:
            item.add_marker(mark)
            skipped |= mark.name == "skip"
    return skipped


@contextmanager
def refused(item: pytest.Item) -> Iterator[None]:
    """Let a test pass only by raising ``UnsupportedError``, if that is what its markers ask for on its target."""
    why = item.stash.get(_refusal, None)
    if why is None:
        yield
        return
    try:
        yield
    except UnsupportedError:
        return
    pytest.fail(f"this test must raise UnsupportedError here, and did not: {why}", pytrace=False)


# What a marker may say


def _wrong(item: pytest.Item, mark: pytest.Mark, sentence: str) -> pytest.Collector.CollectError:
    return pytest.Collector.CollectError(f"{item.nodeid.partition('[')[0]}: {mark.name} {sentence}")


def _reason(item: pytest.Item, mark: pytest.Mark, example: str) -> str:
    reason = mark.kwargs.get("reason")
    if not (isinstance(reason, str) and reason.strip()):
        given = "" if reason is None else f", got {reason!r}"
        raise _wrong(
            item,
            mark,
            f"needs a reason, as words{given}; write @pytest.mark.{mark.name}({example}, reason='...').",
        )
    return reason


def _keywords(item: pytest.Item, mark: pytest.Mark, *known: str) -> None:
    for key in mark.kwargs:
        if key not in known:
            raise _wrong(item, mark, f"knows no {key}; it takes {', '.join(known)}.")


@dataclass(frozen=True)
class Selector:
    """What a marker calls a backend, or some of its devices: ``"jax"``, ``"jax:gpu"``, ``"jax.numpy"``, a member of an enum."""

    backend: str
    place: str

    @classmethod
    def read(cls, what: Any) -> Selector | None:
        """Read what stands in a marker, or give None for what is no name."""
        if isinstance(what, Enum):
            what = what.value if isinstance(what.value, str) else what.name.lower()
        if not (isinstance(what, str) and what):
            return None
        name, _, place = what.partition(":")
        return cls(canonical(name.partition(".")[0]), place)

    def fits(self, target: Target) -> bool:
        """Tell whether a target is meant."""
        if self.backend != target.backend or not self.place:
            return self.backend == target.backend
        kind, _, index = self.place.partition(":")
        return kind in ("", target.device.kind) and index in ("", str(target.device.index))


FLAGS: dict[str, Callable[[Target], bool]] = {
    "np_only": lambda target: target.backend != HOST,
    "cpu_only": lambda target: target.device.kind != "cpu",
    "eager_only": lambda target: capability.lacks(target, "jit") is None,
}
"""SciPy's words -> the question whether a target is excluded by them."""


def _selector(mark: pytest.Mark, item: pytest.Item, what: object) -> Selector:
    selector = Selector.read(what)
    if selector is None:
        known = ", ".join(registry.names())
        raise _wrong(item, mark, f"takes names of backends, such as {known}, got {what!r}.")
    return selector


def _selection(mark: pytest.Mark, item: pytest.Item) -> tuple[Callable[[Target], bool], bool]:
    """Read which targets a marker is about: the question, and whether names answer it."""
    args = list(mark.args)
    condition = args.pop() if args and isinstance(args[-1], bool) else True
    flags = [flag for flag in FLAGS if mark.kwargs.get(flag)]
    if bool(args) is bool(flags):
        said = "names backends and sets flags; do one of the two" if args else "names no backend"
        raise _wrong(
            item, mark, f"{said}: write the names, or one of {', '.join(f'{f}=True' for f in FLAGS)}."
        )
    given = mark.kwargs.get("exceptions", ())
    names, exempt = (
        [_selector(mark, item, what) for what in several]
        for several in (args, [given] if isinstance(given, str) else given)
    )
    if exempt and not flags:
        raise _wrong(item, mark, f"takes exceptions only beside {' or '.join(f'{f}=True' for f in FLAGS)}.")

    def concerns(target: Target) -> bool:
        if not condition:
            return False
        if names:
            return any(selector.fits(target) for selector in names)
        return any(FLAGS[flag](target) for flag in flags) and not any(s.fits(target) for s in exempt)

    return concerns, all(not s.place for s in (*names, *exempt)) and set(flags) <= {"np_only"}


SELECTION = ("reason", *FLAGS, "exceptions")


def _skip(mark: pytest.Mark, item: pytest.Item) -> Rule:
    _keywords(item, mark, *SELECTION)
    reason = _reason(item, mark, "'jax'")
    concerns, by_name = _selection(mark, item)

    def judge(target: Target | None) -> Verdict:
        if target is None or not concerns(target):
            return None
        return pytest.mark.skip(reason=f"{target}: {reason}")

    return Rule(judge, by_name)


def _xfail(mark: pytest.Mark, item: pytest.Item) -> Rule:
    _keywords(item, mark, *SELECTION, "strict", "raises")
    reason = _reason(item, mark, "'jax'")
    concerns, _ = _selection(mark, item)
    strict, raises = mark.kwargs.get("strict", True), mark.kwargs.get("raises")

    def judge(target: Target | None) -> Verdict:
        if target is None or not concerns(target):
            return None
        return pytest.mark.xfail(reason=f"{target}: {reason}", strict=strict, raises=raises)

    return Rule(judge)


def _needs_device(mark: pytest.Mark, item: pytest.Item) -> Rule:
    _keywords(item, mark, "reason", "emulated")
    reason = _reason(item, mark, "'gpu'")
    kinds: tuple[str, ...] = mark.args
    if not kinds or not all(isinstance(kind, str) for kind in kinds):
        raise _wrong(item, mark, f"takes kinds of device, such as 'gpu' or 'tpu', got {kinds!r}.")
    emulated = mark.kwargs.get("emulated", True)
    wanted = f"a{'' if emulated else ' real'} {' or '.join(kinds)}"

    def serves(device: accel.Device) -> bool:
        return device.kind in kinds and (emulated or not device.emulated)

    def judge(target: Target | None) -> Verdict:
        here = accel.devices() if target is None else (target.device,)
        if any(map(serves, here)):
            return None
        found = ", ".join(f"{d} (emulated)" if d.emulated else str(d) for d in here)
        return pytest.mark.skip(reason=f"needs {wanted}, and this is {found}: {reason}")

    return Rule(judge)


def _needs_capability(mark: pytest.Mark, item: pytest.Item) -> Rule:
    _keywords(item, mark, "reason")
    reason = _reason(item, mark, "'float64'")
    if not mark.args:
        raise _wrong(item, mark, "names no capability; write one, such as 'float64' or 'in-place'.")
    for name in mark.args:
        if not capability.is_known(name):
            raise _wrong(item, mark, f"knows no {name!r}; it takes {capability.KNOWN}.")

    def judge(target: Target | None) -> Verdict:
        if target is None:
            return None
        for name in mark.args:
            lack = capability.lacks(target, name)
            if lack is not None:
                return pytest.mark.skip(reason=f"{target}: {lack}: {reason}")
        return None

    return Rule(judge)


def _supports(mark: pytest.Mark, item: pytest.Item) -> Rule:
    _keywords(item, mark, "of", "check")
    check = mark.kwargs.get("check", "skip")
    if check not in ("skip", "raises"):
        raise _wrong(item, mark, f"takes 'skip' or 'raises' for check, got {check!r}.")
    # Not as the argument alone: pytest would take the function for the test that is to be marked.
    of = mark.kwargs.get("of", ())
    functions = (of,) if callable(of) else tuple(of)
    declared = [found for found in map(support.of, functions) if found is not None]
    if len(declared) < len(functions):
        first = next(function for function in functions if support.of(function) is None)
        raise _wrong(
            item, mark, f"got {first!r}, which declares nothing; decorate it with @accel.supports(...)."
        )
    if not declared:
        raise _wrong(item, mark, "names no function; write the one that the test is about, of=function.")

    def judge(target: Target | None) -> Verdict:
        if target is None:
            return None
        for found in declared:
            why = found.excludes(target.device)
            if why is not None:
                return Refusal(why) if check == "raises" else pytest.mark.skip(reason=why)
        return None

    return Rule(judge)


READERS: dict[str, Callable[[pytest.Mark, pytest.Item], Rule]] = {
    "skip_xp_backend": _skip,
    "skip_xp_backends": _skip,
    "xfail_xp_backend": _xfail,
    "xfail_xp_backends": _xfail,
    "needs_device": _needs_device,
    "needs_capability": _needs_capability,
    "accel_supports": _supports,
}
