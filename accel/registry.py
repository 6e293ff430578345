"""Array class -> backend: the only reader of entry points.

A backend is found by the root package of the class it owns, so that asking "whose array is this?" imports nothing but the answer.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from threading import RLock
from types import ModuleType
from typing import Any

from accel.errors import AccelError, ArgumentError, BackendUnavailableError

__all__ = ["Backend", "announce", "backends", "install_hint", "load", "loaded", "owner", "names"]

GROUP = "accel.backends"
KINDS_GROUP = "accel.kinds"
OWN = "accel-xp"
"""The distribution that accel itself belongs to: where two could serve equally well, its backends go first."""

_lock = RLock()
_entry_points: dict[str, metadata.EntryPoint] = {}
_kinds: dict[str, tuple[str, ...]] = {}
_loaded: dict[str, Backend] = {}
_failed: dict[str, str] = {}
_guests: dict[str, tuple[Guest, int]] = {}
"""Backends announced at run time -> what was announced, and how often. This and the first two dicts are replaced by every change and
never changed, as other threads may be reading them."""

_owners: dict[type, Backend] = {}
"""Array class -> backend, as it was found; a new dict after each announcement, so that none gets what was found before."""

_servers: dict[type, Backend] = {}
"""Any class -> the backend that serves its package; as the dict before."""

withdrawals: list[Callable[[str], None]] = []
"""Called with the name of a backend that was withdrawn, by whoever keeps something about backends."""


@dataclass(frozen=True)
class Guest:
    """What `announce` was told of a backend."""

    name: str
    module: str
    package: str
    kinds: tuple[str, ...] | None

    @property
    def point(self) -> metadata.EntryPoint:
        """The entry point that would announce it."""
        return metadata.EntryPoint(self.name, self.module, GROUP)

    def owns(self, cls: type) -> bool:
        """Tell whether a class is defined in the backend's package."""
        return f"{cls.__module__}.".startswith(f"{self.package}.")


class Backend:
    """A loaded backend: its name, its namespace and the hooks it offers.

    Parameters
    ----------
    name : str
        Root package of the array class that the backend owns; also the name of its entry point.
    namespace : module
        The Array API namespace.
    """

    __slots__ = ("door", "name", "namespace")

    def __init__(self, name: str, namespace: ModuleType) -> None:
        self.name = name
        self.namespace: Any = namespace
        self.door: Any = getattr(namespace, "__accel__", None)

    def __repr__(self) -> str:
        return f"<backend {self.name!r} from {self.namespace.__name__}>"

    def hook(self, name: str) -> Any:
        """Give a hook of the backend's door, or None where it has none of that name."""
        return getattr(self.door, name, None)

    def traces(self, x: Any) -> bool:
        """Tell whether an array only stands for values to come, in a function that is being compiled."""
        asked = self.hook("traced")
        return asked is not None and bool(asked(x))


def _read() -> None:
    """Read the entry points once; the first miss pays for it, not the import of accel."""
    with _lock:
        if _entry_points:
            return
        kinds = metadata.entry_points(group=KINDS_GROUP)
        for point in sorted(kinds, key=lambda e: (_is_own(e.dist), e.value)):
            _kinds[point.name] = tuple(point.value.split("."))
        for point in announced():
            # Every class has a base in `builtins`: whoever claimed a package of Python's own would get what others own.
            if point.name not in sys.stdlib_module_names:
                _entry_points.setdefault(point.name, point)


def announced() -> tuple[metadata.EntryPoint, ...]:
    """List every announcement of a backend; of several for one name the first is taken, in an order that does not vary."""
    points = [*metadata.entry_points(group=GROUP), *(guest.point for guest, _ in _guests.values())]
    return tuple(sorted(points, key=lambda e: (e.name, not _is_own(e.dist), e.value)))


class announce:
    """Announce a backend at run time, as an entry point would; for tests, and for backends that are not always wanted.

    Holds from the call to `withdraw`, or to the end of a ``with`` block, for the whole process. What is announced several times holds
    until it was withdrawn as often. A choice of the default device that was made before stays.

    Parameters
    ----------
    name : str
        What the backend is called.
    module : str
        Import path of its namespace; imported at the first use.
    package : str, optional
        The package, with dots if it lies in another, in which the backend's array class is defined; by default ``name``. Where two
        backends could own a class, the nearer of its bases decides, and then the longer path.
    kinds : sequence of str, optional
        The kinds of device that it may have, the preferred first; by default it does not say.

    Raises
    ------
    ArgumentError
        If a backend of that name is there, or the package is Python's own.

    Examples
    --------
    >>> import accel.registry as registry
    >>> with registry.announce("tiny", "tiny.array_api", kinds=["gpu"]):
    ...     "tiny" in registry.names()
    True
    >>> "tiny" in registry.names()
    False
    """

    def __init__(
        self, name: str, module: str, *, package: str | None = None, kinds: Sequence[str] | None = None
    ) -> None:
        global _entry_points, _guests, _kinds, _owners, _servers
        _read()
        self.name = name
        self._holds = True
        new = Guest(name, module, package or name, None if kinds is None else tuple(kinds))
        if new.package.partition(".")[0] in sys.stdlib_module_names:
            raise ArgumentError(
                f"A backend cannot own the classes of {new.package!r}, which is Python's own."
            )
        with _lock:
            held, times = _guests.get(name, (new, 0))
            if held != new or (not times and name in _entry_points):
                raise ArgumentError(
                    f"There is a backend {name!r} already ({_entry_points[name].value}); choose another name."
                )
            _guests = {**_guests, name: (new, times + 1)}
            _entry_points = dict(sorted({**_entry_points, name: new.point}.items()))
            if new.kinds is not None:
                _kinds = {**_kinds, name: new.kinds}
            _owners, _servers = {}, {}

    def withdraw(self) -> None:
        """Undo the announcement; a second time it does nothing."""
        global _entry_points, _guests, _kinds, _owners, _servers
        with _lock:
            if not self._holds:
                return
            self._holds = False
            guest, times = _guests[self.name]
            if times > 1:
                _guests = {**_guests, self.name: (guest, times - 1)}
                return
            _guests = {name: value for name, value in _guests.items() if name != self.name}
            _entry_points = {name: value for name, value in _entry_points.items() if name != self.name}
            _kinds = {name: value for name, value in _kinds.items() if name != self.name}
            _owners, _servers = {}, {}
            _loaded.pop(self.name, None)
            _failed.pop(self.name, None)
            for forget in withdrawals:
                forget(self.name)

    def __enter__(self) -> announce:
        return self

    def __exit__(self, *_error: object) -> None:
        self.withdraw()


@cache  # the answer is in a file, and each creation of an array on a device such as "cpu" asks
def is_own(name: str) -> bool:
    """Tell whether accel's own distribution announced a backend."""
    return _is_own(distribution(name))


def _is_own(dist: metadata.Distribution | None) -> bool:
    return dist is not None and dist.metadata["Name"] == OWN


def names() -> tuple[str, ...]:
    """List the announced backends, loaded or not, in alphabetical order."""
    _read()
    return tuple(_entry_points)


def kinds(name: str) -> tuple[str, ...] | None:
    """List the device kinds a backend says it may have, the preferred first, or None if it does not say."""
    _read()
    return _kinds.get(name)


def distribution(name: str) -> metadata.Distribution | None:
    """Give the installed distribution that announced a backend."""
    _read()
    return _entry_points[name].dist if name in _entry_points else None


def install_hint(name: str) -> str:
    """Give the command that installs what a backend needs, from the metadata of the distribution that announced it."""
    dist = distribution(name)
    if dist is None:
        return f"pip install {name}"
    extras = [
        e for e in dist.metadata.get_all("Provides-Extra") or [] if e == name or e.startswith(f"{name}-")
    ]
    project = dist.metadata["Name"]
    commands = [f"pip install '{project}[{extra}]'" for extra in extras]
    return " or ".join(commands) or f"pip install {project}"


def load(name: str) -> Backend:
    """Load a backend by name.

    Raises
    ------
    BackendUnavailableError
        If no backend has that name, or its library cannot be imported; the reason of the first attempt is kept.
    """
    backend = _loaded.get(name)
    if backend is not None:
        return backend
    _read()
    if name in _failed:
        # The sentence is kept and not the error, whose frames would keep the arrays of a caller alive.
        raise BackendUnavailableError(_failed[name])
    if name not in _entry_points:
        known = ", ".join(_entry_points) or "none"
        raise BackendUnavailableError(f"There is no backend {name!r}; the installed ones are: {known}.")
    point = _entry_points[name]
    try:
        # Without our lock: Python has its own for imports, and a module that calls accel while another thread imports it would wait
        # for ours while that thread waits for Python's.
        backend = Backend(name, point.load())
    except (Exception, SystemExit) as error:
        sentence = (
            f"The backend {name!r} ({point.value}) cannot be loaded: {type(error).__name__}: {error}. "
            f"To install what it needs: {install_hint(name)}. See also: python -m accel doctor."
        )
        raise BackendUnavailableError(_failed.setdefault(name, sentence)) from error
    return _loaded.setdefault(name, backend)


def loaded() -> tuple[Backend, ...]:
    """List the backends that are loaded, and load those whose library the program has already imported."""
    guests = _guests
    for name in names():
        library = guests[name][0].package if name in guests else name
        if name not in _loaded and name not in _failed and library in sys.modules:
            try:
                load(name)
            except BackendUnavailableError:
                continue
    return tuple(_loaded.values())


def backends() -> dict[str, bool]:
    """Tell which backends are announced, and whether each can be loaded here.

    Returns
    -------
    dict of str to bool
        Loads every backend that is not loaded yet, so the first call may take seconds.
    """
    return {name: failure(name) is None for name in names()}


def failure(name: str) -> AccelError | None:
    """Give the error that keeps a backend from loading, or None."""
    try:
        load(name)
    except BackendUnavailableError as error:
        return error
    return None


def owner(cls: type) -> Backend | None:
    """Find the backend that owns an array class.

    Parameters
    ----------
    cls : type
        The class of an object that may be an array.

    Returns
    -------
    Backend or None
        None for a class that is no array, or whose library no backend serves.
    """
    known = _owners
    found = known.get(cls)
    if found is None and hasattr(cls, "dtype") and hasattr(cls, "shape"):
        found = owner_of_package(cls)
        if found is not None:
            known[cls] = found
    return found


def owner_of_package(cls: type) -> Backend | None:
    """Find the backend that serves the package in which a class, or the nearest of its bases, is defined."""
    known = _servers
    found = known.get(cls)
    if found is None:
        found = _server(cls)
        if found is not None:
            known[cls] = found
    return found


def _server(cls: type) -> Backend | None:
    _read()
    for base in cls.__mro__:
        if _guests:
            owners = [(guest.package, name) for name, (guest, _) in _guests.items() if guest.owns(base)]
            if owners:
                return load(max(owners)[1])
        root = base.__module__.partition(".")[0]
        if root in _entry_points and root not in _guests:
            return load(root)
    return None
