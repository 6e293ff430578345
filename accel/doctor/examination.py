"""One examination: what this process finds when it loads a backend, lists its devices and tries each of them.

Each examination is a generator of records that grow, so that what is known survives a library that kills the process: a step gives what is
about to be done and the record so far, the last one gives the whole record.
"""

from __future__ import annotations

import importlib.util
import re
import sys
import time
from collections.abc import Callable, Iterator
from importlib import metadata
from typing import Any

import accel.placement as placement
import accel.registry as registry
from accel.errors import AccelError

__all__ = ["DEVICE_NAME", "Record", "Step", "blank", "blame", "examine", "plan"]

Record = dict[str, Any]
Step = tuple[str, Record]
"""What is about to be done ("" after the last step), and what is known so far."""

DEVICE_NAME = re.compile(r"\w+(:\w+)?(:\d+)?")


def plan(required: tuple[str, ...]) -> list[str]:
    """List the examinations to make, in order."""
    return [
        *(f"backend {name}" for name in registry.names()),
        "choice",
        *(f"required {name}" for name in required),
    ]


def blank(task: str) -> Record:
    """Give the record of an examination before anything is known, without loading a library."""
    what, _, name = task.partition(" ")
    if what == "choice":
        return dict.fromkeys(("device", "description", "rule", "reason", "fix"), None) | {"passed_over": []}
    if what == "required":
        return {"name": name, "usable": False, "device": None, "emulated": None, "reason": None}
    point = next(p for p in registry.announced() if p.name == name)
    return {
        "name": name,
        "module": point.value,
        "distribution": None if point.dist is None else point.dist.metadata["Name"],
        "distribution_version": None if point.dist is None else point.dist.version,
        "kinds": registry.kinds(name),
        "installed": _is_installed(name),
        "usable": False,
        "reason": None,
        "fix": None,
        "versions": {},
        "devices": [],
        "notes": [],
        "seconds": None,
    }


def _is_installed(package: str) -> bool:
    """Tell whether a library is there to be imported, without importing it."""
    try:
        spec = importlib.util.find_spec(package)
    except ValueError:  # it has been imported, and says nothing of where it came from
        return True
    return spec is not None and spec.origin is not None  # without an origin: a mere folder of that name


def blame(record: Record, reason: str) -> Record:
    """Complete the record of an examination that came to a sudden end."""
    for device in record.get("devices", ()):
        if device["usable"] is None:
            device["reason"] = reason
            device["usable"] = False
    if "devices" in record:
        record["usable"] = any(device["usable"] for device in record["devices"])
        record["versions"] = record["versions"] or _distributions_of(record["name"])
    record["reason"] = reason
    return record


def examine(task: str) -> Iterator[Step]:
    """Make one of the examinations of a `plan`."""
    what = task.partition(" ")[0]
    steps: dict[str, Callable[[Record], Iterator[Step]]] = {
        "backend": _backend,
        "choice": _choice,
        "required": _required,
    }
    yield from steps[what](blank(task))


def _backend(record: Record) -> Iterator[Step]:
    name = record["name"]
    began = time.perf_counter()
    yield f"importing {record['module']}", record
    try:
        backend = registry.load(name)
    except AccelError as error:
        cause = error.__cause__ or error
        record["reason"] = f"{type(cause).__name__}: {cause}"
        record["fix"] = _remedy(name, record["module"], cause)
        record["versions"] = _distributions_of(name)
        record["seconds"] = round(time.perf_counter() - began, 3)
        yield "", record
        return
    yield f"asking {name} for versions", record
    record["versions"] = _versions(backend)
    record["notes"] = _notes(backend)
    yield f"listing the devices of {name}", record
    try:
        devices = placement.listed(backend)
    except Exception as error:
        record["reason"], record["fix"] = placement.explained(backend, error)
        devices = ()
    else:
        if not devices:
            record["reason"] = f"{name} sees no device"
    for device in devices:
        found = {
            "name": str(device),
            "kind": device.kind,
            "index": device.index,
            "description": device.description,
            "emulated": device.emulated,
            "usable": None,
            "reason": None,
            "fix": None,
        }
        record["devices"].append(found)
        yield f"trying {device}", record
        found["reason"] = placement.unusable_because(device)
        found["usable"] = found["reason"] is None
        found["fix"] = placement.fix_for(device)
    record["usable"] = any(device["usable"] for device in record["devices"])
    if devices and not record["usable"]:
        first = record["devices"][0]
        record["reason"], record["fix"] = first["reason"], first["fix"]
    record["seconds"] = round(time.perf_counter() - began, 3)
    yield "", record


def _versions(backend: registry.Backend) -> dict[str, str]:
    """Give the versions a backend names, else those of the distributions that hold its library."""
    hook = backend.hook("versions")
    try:
        if hook is not None:
            return {str(key): str(value) for key, value in hook().items()}
    except Exception as error:
        return {backend.name: f"unknown ({type(error).__name__}: {error})"}
    found = getattr(sys.modules.get(backend.name), "__version__", None)
    return {} if found is None else {backend.name: str(found)}


def _notes(backend: registry.Backend) -> list[Record]:
    hook = backend.hook("notes")
    try:
        return [{"text": text, "fix": fix} for text, fix in hook()] if hook is not None else []
    except Exception as error:
        return [{"text": f"its notes cannot be read ({type(error).__name__}: {error})", "fix": None}]


def _remedy(name: str, module: str, error: BaseException) -> str:
    """Say what would make an import succeed: install the library or the backend, or other versions of what is installed."""
    dist = registry.distribution(name)
    project = name if dist is None else dist.metadata["Name"]
    if isinstance(error, ModuleNotFoundError) and error.name == module.partition(".")[0]:
        return f"pip install --force-reinstall {project}"
    present = _distributions_of(name)
    if not present:
        return registry.install_hint(name)
    fitting = [extra for extra, asked in _extras(name) if asked & present.keys()]
    return (
        " or ".join(f"pip install --upgrade '{extra}'" for extra in fitting)
        or f"pip install --upgrade {project}"
    )


def _distributions_of(package: str) -> dict[str, str]:
    """Find the installed distributions that hold a package, with their versions."""
    return {d: metadata.version(d) for d in metadata.packages_distributions().get(package, ())}


def _extras(name: str) -> Iterator[tuple[str, set[str]]]:
    """List the extras that serve a backend, as ``distribution[extra]``, with the distributions that each asks for."""
    dist = registry.distribution(name)
    if dist is None:
        return
    for extra in dist.metadata.get_all("Provides-Extra") or ():
        if extra == name or extra.startswith(f"{name}-"):
            marked = [
                line for line in dist.requires or () if re.search(rf"extra\s*==\s*['\"]{extra}['\"]", line)
            ]
            yield f"{dist.metadata['Name']}[{extra}]", {re.split(r"[^\w.-]", line)[0] for line in marked}


def _choice(record: Record) -> Iterator[Step]:
    yield "choosing the default device", record
    try:
        found = placement.explain()
    except AccelError as error:
        record["reason"] = str(error)
    else:
        record["device"] = str(found.device)
        record["description"] = found.device.description
        record["rule"] = found.rule
        record["passed_over"] = list(found.passed_over)
    yield "", record


def _required(record: Record) -> Iterator[Step]:
    yield f"looking for {record['name']}", record
    try:
        found = placement.resolve(record["name"])
    except AccelError as error:
        record["reason"] = str(error)
    else:
        record |= {"usable": True, "device": str(found), "emulated": found.emulated}
    yield "", record
