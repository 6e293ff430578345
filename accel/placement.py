"""Devices: their names, which of them are really usable, which one is chosen, and why.

A name is ``[backend:]kind[:index]``, such as ``"gpu"``, ``"tpu:1"`` or ``"jax:cpu:3"``, or a backend alone (``"jax"``).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from threading import RLock, Thread
from types import TracebackType
from typing import Any

import accel.accounting as accounting
import accel.registry as registry
from accel.errors import BackendUnavailableError, DeviceNotFoundError, UnknownArrayError
from accel.registry import Backend

__all__ = ["Device", "Explanation", "device", "devices", "explain", "use_device"]

VARIABLE = "ACCEL_DEVICE"
AUTOMATIC_ORDER = ("tpu", "gpu", "cpu")
"""Kinds of device in the order in which one is chosen automatically; kinds not named here come before "cpu"."""

SEVERAL = -1
"""The index of the devices of an array that is spread over more than one of them."""

_scopes: ContextVar[tuple[Device, ...]] = ContextVar("accel_device", default=())
_lock = RLock()
_listed: dict[str, tuple[Device, ...]] = {}
_reasons: dict[str, str | None] = {}
_fixes: dict[str, str | None] = {}


class Device:
    """One device as one backend sees it.

    Equal to another ``Device`` of the same backend that stands for an equal native object, and to that native object.

    Attributes
    ----------
    backend : str
        Name of the backend.
    kind : str
        ``"cpu"``, ``"gpu"``, ``"tpu"``, or what the backend calls it.
    index : int
        Number among the backend's devices of that kind, or -1 for what is no single one of them.
    native : object
        The library's own device object.
    description : str
        What a person calls the device.
    emulated : bool
        Whether it only imitates its kind; such a device is never chosen automatically.
    """

    __slots__ = ("backend", "description", "emulated", "index", "kind", "native")

    def __init__(
        self, backend: str, kind: str, index: int, native: Any, description: str = "", emulated: bool = False
    ) -> None:
        self.backend = backend
        self.kind = kind
        self.index = index
        self.native = native
        self.description = description
        self.emulated = emulated

    def __str__(self) -> str:
        return f"{self.backend}:{self.kind}:{'*' if self.index == SEVERAL else self.index}"

    def __repr__(self) -> str:
        return f"<accel.Device {str(self)!r}>"

    def __eq__(self, other: object) -> Any:
        if isinstance(other, Device):
            return self.backend == other.backend and self.native == other.native
        return self.native == other

    def __hash__(self) -> int:
        try:
            return hash(self.native)
        except TypeError:  # CuPy's devices have no hash; nothing can be asked to match theirs, then
            return hash(str(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return resolve, (str(self),)


@dataclass(frozen=True)
class Explanation:
    """Which device accel chooses where none is named, and by which rule.

    Attributes
    ----------
    device : Device
        The chosen device.
    rule : str
        The rule that chose it, as a sentence.
    passed_over : tuple of str
        What the rule looked at first, each with the reason why it was not taken.
    """

    device: Device
    rule: str
    passed_over: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [f"{self.device} ({self.device.description}): {self.rule}"]
        return "\n".join(lines + [f"  not {reason}" for reason in self.passed_over])


def _forget(name: str) -> None:
    """Drop what is known of the devices of a backend that was withdrawn."""
    with _lock:
        _listed.pop(name, None)
        for known in (_reasons, _fixes):
            for device in [each for each in known if each.partition(":")[0] == name]:
                del known[device]
    _unscoped.cache_clear()


registry.withdrawals.append(_forget)


def listed(backend: Backend) -> tuple[Device, ...]:
    """List the devices a backend sees, usable or not."""
    if backend.name not in _listed:
        with _lock:
            if backend.name not in _listed:
                _listed[backend.name] = tuple(_list(backend))
    return _listed[backend.name]


def _list(backend: Backend) -> Iterator[Device]:
    find = backend.hook("devices") or backend.namespace.__array_namespace_info__().devices
    emulated = backend.hook("emulated") or (lambda native: False)
    for position, native in enumerate(find()):
        kind, index, description = _describe(backend, native, position)
        yield Device(backend.name, kind, index, native, description, bool(emulated(native)))


def _describe(backend: Backend, native: Any, position: int) -> tuple[str, int, str]:
    describe = backend.hook("describe")
    found: tuple[str, int, str] = ("cpu", position, str(native)) if describe is None else describe(native)
    return found


def unusable_because(device: Device) -> str | None:
    """Give the reason why a device cannot compute, or None for one that can.

    The answer comes from a real trial (allocate, compute, read back), made once for each device.
    """
    name = str(device)
    if name not in _reasons:
        # In a thread of its own, so that the trial is not traced by a compiler that is tracing the caller; without the lock, so that
        # a backend may itself ask for a device meanwhile. Two threads that ask at once both try, and keep one answer.
        answer: list[str | None] = []
        trial = Thread(
            target=lambda: answer.append(_probe(device)), name=f"accel trial of {name}", daemon=True
        )
        try:
            trial.start()
        except RuntimeError:  # there are Pythons without threads
            return _reasons.setdefault(name, _probe(device))
        trial.join()
        _reasons.setdefault(name, answer[0] if answer else "its trial ended without an answer")
    return _reasons[name]


def fix_for(device: Device) -> str | None:
    """Give what its backend says would make an unusable device work, or None where it says nothing."""
    return _fixes.get(str(device))


def explained(backend: Backend, error: Exception) -> tuple[str, str | None]:
    """Give (reason, what would help) for a failure of a library, in its backend's words where it has some."""
    explain = backend.hook("explain_failure")
    try:
        found = explain(error) if explain is not None else None
    except Exception:  # a fault of the hook must not hide the fault it was asked about
        found = None
    return found or (f"{type(error).__name__}: {error}", None)


def _probe(device: Device) -> str | None:
    backend = registry.load(device.backend)
    xp = backend.namespace
    try:
        with accounting.lifted():  # the trial moves data, and nobody asked for it
            x = xp.asarray([1, 2, 3], dtype=xp.int32, device=device.native)
            total = int(xp.max(xp.multiply(x, x)))
    except Exception as error:
        reason, _fixes[str(device)] = explained(backend, error)
        return reason
    return None if total == 9 else f"it computed 3 * 3 = {total}"


def devices(backend: str | None = None) -> tuple[Device, ...]:
    """List the devices that are really usable.

    Parameters
    ----------
    backend : str, optional
        Only the devices of this backend; by default those of every backend that can be loaded.

    Returns
    -------
    tuple of Device
        Ordered by backend name, then as the backend lists them. Each has passed a trial computation.

    Raises
    ------
    BackendUnavailableError
        If ``backend`` is named and cannot be loaded.
    """
    if backend is not None:
        chosen = [registry.load(backend)]
    else:
        chosen = [registry.load(name) for name in registry.names() if registry.failure(name) is None]
    return tuple(d for b in chosen for d in _listed_or_none(b) if unusable_because(d) is None)


def _listed_or_none(backend: Backend) -> tuple[Device, ...]:
    """List a backend's devices; a library that fails even at listing them has none."""
    try:
        return listed(backend)
    except Exception:
        return ()


def _candidates(kind: str) -> Iterator[str]:
    """Name the backends that may have a kind of device: those that prefer it first, among equals accel's own."""

    def position(name: str) -> int:
        kinds = registry.kinds(name)
        return 99 if kinds is None else kinds.index(kind)

    able = [n for n in registry.names() if registry.kinds(n) is None or kind in (registry.kinds(n) or ())]
    yield from sorted(able, key=lambda name: (position(name), not registry.is_own(name), name))


def resolve(what: Any) -> Device:
    """Find the device that a name or a native device object means.

    Parameters
    ----------
    what : str, Device, or native device object
        Names have the form ``[backend:]kind[:index]``, or are a backend alone.

    Raises
    ------
    DeviceNotFoundError
        If nothing usable has that name.
    BackendUnavailableError
        If the name begins with a backend that cannot be loaded.
    """
    if isinstance(what, Device):
        return what
    if not isinstance(what, str):
        for backend in registry.loaded():
            for found in _listed_or_none(backend):
                if type(found.native) is type(what) and found.native == what:
                    return found
        raise DeviceNotFoundError(
            f"{what!r} is no device of a loaded backend; write a name such as 'cpu', 'gpu:1' or 'jax:cpu:0'."
        )
    names, kind, index = _parse(what)
    reasons = []
    for name in names:
        try:
            picked = _pick(registry.load(name), kind, index)
        except BackendUnavailableError as error:
            if what.split(":")[0] == name:
                raise
            reasons.append(str(error))
            continue
        if isinstance(picked, Device):
            return picked
        reasons.append(picked)
    raise DeviceNotFoundError(f"There is no usable device {what!r}: {_sentence(reasons)} {_known()}")


def resolve_beside(what: Any, backend: Backend) -> Device:
    """Find a device for an array of a backend: a name without a backend means the array's own library where it has such a device.

    Raises
    ------
    DeviceNotFoundError, BackendUnavailableError
        As `resolve`.
    """
    if isinstance(what, str) and what.partition(":")[0] not in registry.names():
        try:
            return resolve(f"{backend.name}:{what}")
        except DeviceNotFoundError:
            pass
    return resolve(what)


def fits(name: str, device: Device) -> bool:
    """Tell whether a device has a name, as far as the name goes: ``"gpu"`` fits every GPU, ``"jax"`` every device of JAX."""
    backends, kind, index = _parse(name)
    return device.backend in backends and kind in (None, device.kind) and index in (None, device.index)


def _sentence(reasons: list[str]) -> str:
    return (
        "; ".join(r.rstrip(".") for r in reasons) + "." if reasons else "no backend has devices of that kind."
    )


def _known() -> str:
    return f"Usable here: {', '.join(map(str, devices())) or 'none'}."


def _parse(name: str) -> tuple[list[str], str | None, int | None]:
    """Split a device name into the backends to ask, the kind and the index."""
    head, *rest = name.split(":")
    backends: list[str]
    if head in registry.names():
        backends, parts = [head], rest
    else:
        backends, parts = [], [head, *rest]
    kind = parts[0] if parts else None
    number = parts[1] if len(parts) == 2 else None
    if len(parts) > 2 or kind == "" or (number is not None and not re.fullmatch("[0-9]{1,9}", number)):
        raise DeviceNotFoundError(
            f"{name!r} is no device name; write [backend:]kind[:index], such as 'cpu', 'gpu:1' or 'jax:cpu:0', "
            f"or a backend alone ({', '.join(registry.names())})."
        )
    return backends or list(_candidates(kind or "")), kind, None if number is None else int(number)


def _pick(backend: Backend, kind: str | None, index: int | None) -> Device | str:
    """Take the device of a backend that fits, or give the reason why none does."""
    try:
        seen = listed(backend)
    except Exception as error:
        return f"{backend.name} cannot list its devices ({explained(backend, error)[0]})"
    fitting = [d for d in seen if kind in (None, d.kind) and index in (None, d.index)]
    if not fitting:
        wanted = f"{kind}:{index}" if index is not None else kind
        return f"{backend.name} sees {', '.join(map(str, seen)) or 'no device'}, not {wanted}"
    reason = None
    for found in fitting:
        reason = unusable_because(found)
        if reason is None:
            return found
    return f"{fitting[-1]} failed its trial ({reason})"


def explain() -> Explanation:
    """Tell which device accel uses where neither an argument nor an array names one, and by which rule.

    Returns
    -------
    Explanation
        Device, rule, and what was passed over. Printing it gives a few lines to read.

    Raises
    ------
    DeviceNotFoundError
        If the environment variable ``ACCEL_DEVICE`` names a device that is not usable.
    """
    scopes = _scopes.get()
    if scopes:
        return Explanation(scopes[-1], "chosen by `with accel.use_device(...)`.")
    return _unscoped()


@cache
def _unscoped() -> Explanation:
    """Choose by the environment, else automatically: once, so that creating an array costs no search."""
    named = os.environ.get(VARIABLE)
    if not named:
        return _first_of_the_best_kind()
    try:
        return Explanation(resolve(named), f"chosen by the environment variable {VARIABLE}={named}.")
    except (DeviceNotFoundError, BackendUnavailableError) as error:
        raise type(error)(f"The environment variable {VARIABLE} is {named!r}. {error}") from error


def _first_of_the_best_kind() -> Explanation:
    passed_over: list[str] = []
    others = {k for n in registry.names() for k in registry.kinds(n) or () if k not in AUTOMATIC_ORDER}
    order = (*AUTOMATIC_ORDER[:-1], *sorted(others), AUTOMATIC_ORDER[-1])
    for kind in order:
        for name in _candidates(kind):
            failure = registry.failure(name)
            if failure is not None:
                passed_over.append(f"{name}:{kind}: {failure}")
                continue
            backend = registry.load(name)
            try:
                seen = listed(backend)
            except Exception as error:
                why = explained(backend, error)[0]
                passed_over.append(f"{name}:{kind}: it cannot list its devices ({why})")
                continue
            fitting = [d for d in seen if d.kind == kind]
            if not fitting and registry.kinds(name) is not None:
                passed_over.append(f"{name}:{kind}: {name} sees {', '.join(map(str, seen)) or 'no device'}")
            for found in fitting:
                reason = "it only emulates this kind of device" if found.emulated else unusable_because(found)
                if reason is None:
                    rule = f"automatic, the first usable device in the order {', '.join(order)}."
                    return Explanation(found, rule, tuple(dict.fromkeys(passed_over)))
                passed_over.append(f"{found}: {reason}")
    raise DeviceNotFoundError(f"No usable device was found: {_sentence(passed_over)}")


def default_device() -> Device:
    """Give the device on which arrays are created where neither an argument nor an array names one."""
    return scope() or _unscoped().device


def scope() -> Device | None:
    """Give the device of the innermost `use_device` around the caller, or None."""
    scopes = _scopes.get()
    return scopes[-1] if scopes else None


def device(x: Any, /) -> Device:
    """Give the device that holds an array, or that a name means.

    Parameters
    ----------
    x : array, str, or native device object
        An array of any backend, also one that is being traced by ``jax.jit``; or a device name.

    Returns
    -------
    Device
        Its ``native`` is the library's own device object. Its index is -1 where no single device has the array: spread over several,
        ``native`` is what the library takes to spread another in the same way; under ``jax.jit``, before any device is known,
        ``native`` is None, with which new arrays are made where the compiled function will run.

    Raises
    ------
    UnknownArrayError
        If ``x`` is neither an array of a known backend nor a device.
    DeviceNotFoundError
        If nothing usable has that name.

    Examples
    --------
    >>> import numpy, accel
    >>> accel.device(numpy.asarray([1.0]))
    <accel.Device 'numpy:cpu:0'>
    """
    if isinstance(x, str | Device):
        return resolve(x)
    backend = registry.owner(type(x))
    if backend is None:
        try:
            return resolve(x)
        except DeviceNotFoundError:
            raise UnknownArrayError(
                f"accel.device needs an array or a device name, got {type(x).__name__}."
            ) from None
    native = (backend.hook("device_of") or (lambda array: array.device))(x)
    for found in _listed_or_none(backend):
        if found.native == native:
            return found
    kind, _, description = _describe(backend, native, SEVERAL)
    return Device(backend.name, kind, SEVERAL, native, description)


class use_device:
    """Create arrays on one device inside a ``with`` block.

    The choice belongs to the current thread or async task and to what it calls; others never see it. An explicit ``device=``
    and the device of input arrays go before it.

    Parameters
    ----------
    device : str, Device, or native device object
        Looked up at once, so a name that means nothing fails here.

    Raises
    ------
    DeviceNotFoundError
        If nothing usable has that name.

    Examples
    --------
    >>> import accel
    >>> with accel.use_device("numpy"):
    ...     accel.zeros(2)
    array([0., 0.])
    """

    def __init__(self, device: Any, /) -> None:
        self.device = resolve(device)

    def __enter__(self) -> Device:
        _scopes.set((*_scopes.get(), self.device))
        return self.device

    def __exit__(
        self,
        error_class: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # Not simply the last one: scopes that were entered one by one can be left in another order.
        scopes = list(_scopes.get())
        for position in reversed(range(len(scopes))):
            if scopes[position] is self.device:
                del scopes[position]
                break
        _scopes.set(tuple(scopes))
